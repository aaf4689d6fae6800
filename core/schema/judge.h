// One Xerces-C parser that validates against a locked pool and keeps what it finds raw.
#pragma once

#include <string>
#include <string_view>
#include <vector>
#include <xercesc/parsers/SAX2XMLReaderImpl.hpp>
#include <xercesc/sax2/DefaultHandler.hpp>
#include <xercesc/util/SecurityManager.hpp>
#include <xercesc/util/XMLEntityResolver.hpp>

#include "core/base/code.h"

namespace hansa::schema::bridge {

/// One complaint of Xerces, already in our codes. Its words are used only to find a name in them,
/// since they quote values of the document.
struct Complaint {
    Code code;
    std::string quoted;        ///< the first name that the words quote, without prefix
    std::uint64_t offset = 0;  ///< how far Xerces had read, in bytes
    bool of_value = false;     ///< about a value, of an attribute or of an element
    bool misnamed = false;     ///< about the tag read last: its name is declared there, in another namespace
};

/// Not thread-safe; may be used again and again.
class Judge final : public xercesc::SAX2XMLReaderImpl {
public:
    explicit Judge(xercesc::XMLGrammarPool& pool);
    ~Judge() override = default;

    /// The text is UTF-8 that our scanner has accepted.
    std::vector<Complaint> judge(std::string_view text);

    void error(unsigned int number, const XMLCh* domain, xercesc::XMLErrorReporter::ErrTypes severity,
               const XMLCh* words, const XMLCh* system_id, const XMLCh* public_id, XMLFileLoc line,
               XMLFileLoc column) override;

private:
    /// Nothing outside of the document exists.
    class Nothing final : public xercesc::XMLEntityResolver {
    public:
        xercesc::InputSource* resolveEntity(xercesc::XMLResourceIdentifier* identifier) override;
    };
    Nothing nothing_;
    xercesc::DefaultHandler listener_;  ///< without one, Xerces reports nothing to anybody
    xercesc::SecurityManager security_;
    std::vector<Complaint> complaints_;
};

}  // namespace hansa::schema::bridge
