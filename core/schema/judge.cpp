#include "core/schema/judge.h"

#include <xercesc/framework/MemBufInputSource.hpp>
#include <xercesc/framework/XMLValidityCodes.hpp>
#include <xercesc/sax/SAXException.hpp>
#include <xercesc/util/OutOfMemoryException.hpp>
#include <xercesc/util/XMLExceptMsgs.hpp>
#include <xercesc/util/XMLUni.hpp>

#include "core/schema/codes.h"
#include "core/schema/xerces.h"

namespace hansa::schema::bridge {

namespace {

using xercesc::XMLExcepts;
using xercesc::XMLUni;
using xercesc::XMLValid;

/// Complaints about structure.
Code code_of_validity(unsigned number) {
    switch (number) {
        case XMLValid::ElementNotDefined:
        case XMLValid::GrammarNotFound:
            return codes::element_undeclared;
        case XMLValid::AttNotDefined:
        case XMLValid::AttNotDefinedForElement:
        case XMLValid::ProhibitedAttributePresent:
        case XMLValid::AttributeNotQualified:
        case XMLValid::AttributeNotUnQualified:
            return codes::attribute_unexpected;
        case XMLValid::RequiredAttrNotProvided:
            return codes::attribute_missing;
        case XMLValid::ElementNotValidForContent:
        case XMLValid::SimpleTypeHasChild:
        case XMLValid::ElementNotQualified:
        case XMLValid::ElementNotUnQualified:
        case XMLValid::ElemNoSubforBlock:
            return codes::element_unexpected;
        case XMLValid::EmptyNotValidForContent:
        case XMLValid::NotEnoughElemsForCM:
            return codes::element_missing;
        case XMLValid::NoCharDataInCM:
        case XMLValid::NonWSContent:
        case XMLValid::EmptyElemHasContent:
            return codes::text_unexpected;
        case XMLValid::DoesNotMatchEnumList:
            return codes::enumeration;
        case XMLValid::NotSameAsFixedValue:
        case XMLValid::FixedDifferentFromActual:
            return codes::fixed;
        case XMLValid::NillNotAllowed:
        case XMLValid::NilAttrNotEmpty:
            return codes::nil;
        case XMLValid::NoAbstractInXsiType:
        case XMLValid::BadXsiType:
        case XMLValid::NonDerivedXsiType:
        case XMLValid::TypeNoSubforBlock:
            return codes::type_name;
        case XMLValid::NoDirectUseAbstractElement:
        case XMLValid::NoUseAbstractType:
            return codes::abstract;
        case XMLValid::ReusedIDValue:
        case XMLValid::IDNotDeclared:
            return codes::identity;
        case XMLValid::InvalidEmptyAttValue:
        case XMLValid::DatatypeError:
        case XMLValid::DatatypeValidationFailure:
            return codes::type;
        default:
            break;
    }
    const bool identity = number >= XMLValid::IC_FieldMultipleMatch && number <= XMLValid::IC_KeyNotFound;
    return identity ? codes::identity : codes::invalid;
}

/// Complaints about a value.
Code code_of_value(unsigned number) {
    switch (number) {
        case XMLExcepts::VALUE_NotMatch_Pattern:
            return codes::pattern;
        case XMLExcepts::VALUE_GT_maxLen:
        case XMLExcepts::VALUE_LT_minLen:
        case XMLExcepts::VALUE_NE_Len:
            return codes::length;
        case XMLExcepts::VALUE_NotIn_Enumeration:
            return codes::enumeration;
        case XMLExcepts::VALUE_exceed_totalDigit:
        case XMLExcepts::VALUE_exceed_fractDigit:
            return codes::digits;
        case XMLExcepts::VALUE_exceed_maxIncl:
        case XMLExcepts::VALUE_exceed_maxExcl:
        case XMLExcepts::VALUE_exceed_minIncl:
        case XMLExcepts::VALUE_exceed_minExcl:
            return codes::range;
        case XMLExcepts::VALUE_ID_Not_Unique:
            return codes::identity;
        default:
            return codes::type;
    }
}

/// The first name between quotes, without its prefix or "{namespace}", in which quotes may stand.
std::string quoted_name(const std::string& words) {
    const std::size_t start = words.find('\'');
    if (start == std::string::npos) return {};
    const std::size_t brace = words.compare(start + 1, 1, "{") == 0 ? words.find('}', start) : std::string::npos;
    const std::size_t end = words.find('\'', brace == std::string::npos ? start + 1 : brace);
    std::string name = words.substr(start + 1, end == std::string::npos ? end : end - start - 1);
    if (name.starts_with('{')) return name.substr(name.rfind('}') + 1);
    const std::size_t colon = name.rfind(':');
    return colon == std::string::npos ? name : name.substr(colon + 1);
}

bool same(const XMLCh* a, const XMLCh* b) {
    return xercesc::XMLString::equals(a, b);
}

}  // namespace

xercesc::InputSource* Judge::Nothing::resolveEntity(xercesc::XMLResourceIdentifier*) {
    static constexpr XMLByte empty[1] = {0};
    return new xercesc::MemBufInputSource(empty, 0, "nothing");  // Xerces takes it over
}

Judge::Judge(xercesc::XMLGrammarPool& pool) : SAX2XMLReaderImpl(xercesc::XMLPlatformUtils::fgMemoryManager, &pool) {
    setFeature(XMLUni::fgSAX2CoreNameSpaces, true);
    setFeature(XMLUni::fgSAX2CoreValidation, true);
    setFeature(XMLUni::fgXercesDynamic, false);
    setFeature(XMLUni::fgXercesSchema, true);
    setFeature(XMLUni::fgXercesUseCachedGrammarInParse, true);
    setFeature(XMLUni::fgXercesLoadSchema, false);
    setFeature(XMLUni::fgXercesLoadExternalDTD, false);
    setFeature(XMLUni::fgXercesDisableDefaultEntityResolution, true);
    setFeature(XMLUni::fgXercesContinueAfterFatalError, false);
    setFeature(XMLUni::fgXercesCalculateSrcOfs, true);
    security_.setEntityExpansionLimit(0);
    setProperty(XMLUni::fgXercesSecurityManager, &security_);
    setXMLEntityResolver(&nothing_);
    setErrorHandler(&listener_);
}

std::vector<Complaint> Judge::judge(std::string_view text) {
    complaints_.clear();
    try {
        xercesc::MemBufInputSource source(reinterpret_cast<const XMLByte*>(text.data()), text.size(), "document");
        source.setCopyBufToStream(false);
        source.setEncoding(XMLUni::fgUTF8EncodingString);
        parse(source);
    } catch (const xercesc::OutOfMemoryException&) {
        complaints_.push_back({codes::invalid, {}, 0, false});
    } catch (const xercesc::XMLException&) {
        complaints_.push_back({codes::invalid, {}, 0, false});
    } catch (const xercesc::SAXException&) {
        complaints_.push_back({codes::invalid, {}, 0, false});
    }
    return std::move(complaints_);
}

void Judge::error(unsigned int number, const XMLCh* domain, xercesc::XMLErrorReporter::ErrTypes severity,
                  const XMLCh* words, const XMLCh*, const XMLCh*, XMLFileLoc, XMLFileLoc) {
    constexpr std::size_t complaints_max = 10'000;
    if (severity == xercesc::XMLErrorReporter::ErrType_Warning || complaints_.size() >= complaints_max) return;
    Complaint complaint;
    complaint.code = codes::invalid;
    if (same(domain, XMLUni::fgValidityDomain)) {
        complaint.code = code_of_validity(number);
        complaint.of_value = complaint.code == codes::type || complaint.code == codes::fixed;
        complaint.misnamed = number == XMLValid::ElementNotQualified || number == XMLValid::ElementNotUnQualified;
    } else if (same(domain, XMLUni::fgExceptDomain)) {
        complaint.code = code_of_value(number);
        complaint.of_value = true;
    }
    complaint.quoted = quoted_name(utf8(words));
    complaint.offset = getSrcOffset();
    complaints_.push_back(std::move(complaint));
}

}  // namespace hansa::schema::bridge
