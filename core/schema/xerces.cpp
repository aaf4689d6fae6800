#include "core/schema/xerces.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <xercesc/framework/MemBufInputSource.hpp>
#include <xercesc/framework/psvi/XSModel.hpp>
#include <xercesc/framework/psvi/XSNamedMap.hpp>
#include <xercesc/framework/psvi/XSObject.hpp>
#include <xercesc/parsers/SAX2XMLReaderImpl.hpp>
#include <xercesc/sax/ErrorHandler.hpp>
#include <xercesc/sax/SAXParseException.hpp>
#include <xercesc/util/OutOfMemoryException.hpp>
#include <xercesc/util/PlatformUtils.hpp>
#include <xercesc/util/XMLResourceIdentifier.hpp>
#include <xercesc/util/XMLUni.hpp>

#include "core/base/codes.h"
#include "core/base/file.h"
#include "core/schema/codes.h"
#include "core/schema/pattern.h"

namespace hansa::schema::bridge {

namespace {

constexpr std::uint64_t schema_bytes_max = 32u << 20;

/// Xerces-C refuses the pattern [-], which is legal: the hyphen is escaped where it stands alone.
std::string with_escaped_hyphens(std::string text) {
    for (std::size_t at = text.find("[-]"); at != std::string::npos; at = text.find("[-]", at + 3)) {
        if (at == 0 || text[at - 1] != '\\') text.insert(at + 1, 1, '\\');
    }
    return text;
}

/// The W3C's own schema for signatures carries a DOCTYPE. Its declarations are of no use to a schema
/// processor, so it is taken out; a schema that needs entities then fails as not well-formed.
std::string without_doctype(std::string text) {
    const std::size_t start = text.find("<!DOCTYPE");
    if (start == std::string::npos || text.find('<', text.find("?>") + 1) > start) return text;
    int brackets = 0;
    for (std::size_t at = start; at < text.size(); ++at) {
        if (text[at] == '[') ++brackets;
        if (text[at] == ']') --brackets;
        if (text[at] == '>' && brackets == 0) return text.erase(start, at + 1 - start);
    }
    return text;
}

class Texts {
public:
    explicit Texts(const XsdSource& source) : source_(source) {
        namespace fs = std::filesystem;
        top_ = fs::path(source.file).lexically_normal().parent_path().parent_path();
    }

    std::optional<std::string> read(const std::string& location) const {
        if (source_.resolve) return source_.resolve(location);
        const auto inside = std::filesystem::path(location).lexically_relative(top_.empty() ? "." : top_);
        if (!top_.empty() && (inside.empty() || *inside.begin() == "..")) return std::nullopt;
        auto text = read_file(location, schema_bytes_max);
        if (!text) return std::nullopt;
        return std::move(*text);
    }

private:
    const XsdSource& source_;
    std::filesystem::path top_;
};

/// An input source that owns its bytes.
class OwnedSource final : public xercesc::MemBufInputSource {
public:
    OwnedSource(std::unique_ptr<std::string> text, const std::string& name)
        : MemBufInputSource(reinterpret_cast<const XMLByte*>(text->data()), text->size(), utf16(name).c_str()),
          text_(std::move(text)) {
        setCopyBufToStream(false);
    }

private:
    std::unique_ptr<std::string> text_;
};

class SchemaLoader final : public xercesc::XMLEntityResolver, public xercesc::ErrorHandler {
public:
    explicit SchemaLoader(const XsdSource& source) : texts_(source) {}

    std::unique_ptr<OwnedSource> open(const std::string& location) {
        auto text = texts_.read(location);
        if (!text) {
            missing_.push_back(location);
            return nullptr;
        }
        auto owned = std::make_unique<std::string>(with_escaped_hyphens(without_doctype(std::move(*text))));
        return std::make_unique<OwnedSource>(std::move(owned), location);
    }

    /// Called for each include and import. Never null, which would let Xerces open files itself.
    xercesc::InputSource* resolveEntity(xercesc::XMLResourceIdentifier* identifier) override {
        const std::string base = utf8(identifier->getBaseURI());
        const std::string wanted = utf8(identifier->getSchemaLocation() != nullptr ? identifier->getSchemaLocation()
                                                                                   : identifier->getSystemId());
        const std::string location = resolved_location(base, wanted);
        if (auto found = open(location)) return found.release();
        return std::make_unique<OwnedSource>(std::make_unique<std::string>(), location).release();
    }

    void warning(const xercesc::SAXParseException&) override {}
    void error(const xercesc::SAXParseException& fault) override { keep(fault); }
    void fatalError(const xercesc::SAXParseException& fault) override { keep(fault); }
    void resetErrors() override {}

    std::optional<Error> failure() const {
        if (!missing_.empty()) {
            return Error{base::codes::file_unreadable, "the schema '" + missing_.front() + "' is not there"};
        }
        return first_;
    }

    void keep(std::string words) {
        if (!first_) first_ = Error{codes::grammar_invalid, std::move(words)};
    }

private:
    void keep(const xercesc::SAXParseException& fault) {
        if (first_) return;
        first_ = Error{codes::grammar_invalid, utf8(fault.getMessage())};
        first_->place.file = utf8(fault.getSystemId());
        first_->place.line = static_cast<std::uint32_t>(fault.getLineNumber());
        first_->place.column = static_cast<std::uint32_t>(fault.getColumnNumber());
    }

    Texts texts_;
    std::vector<std::string> missing_;
    std::optional<Error> first_;
};

/// Loads all into the pool; what goes wrong is with the loader.
void load_into(xercesc::XMLGrammarPoolImpl& pool, SchemaLoader& loader, const OwnedSource& main) {
    using xercesc::XMLUni;
    xercesc::SAX2XMLReaderImpl parser(xercesc::XMLPlatformUtils::fgMemoryManager, &pool);
    parser.setFeature(XMLUni::fgSAX2CoreNameSpaces, true);
    parser.setFeature(XMLUni::fgXercesSchema, true);
    parser.setFeature(XMLUni::fgXercesSchemaFullChecking, true);
    parser.setFeature(XMLUni::fgXercesLoadExternalDTD, false);
    parser.setFeature(XMLUni::fgXercesDisableDefaultEntityResolution, true);
    parser.setErrorHandler(&loader);
    parser.setXMLEntityResolver(&loader);
    if (parser.loadGrammar(main, xercesc::Grammar::SchemaGrammarType, true) == nullptr) loader.keep("no schema");
}

}  // namespace

void start() {
    static std::once_flag once;
    std::call_once(once, [] {
        // Xerces has no switch against DTDs in its interface; documents with one are refused before it
        // sees them, and this makes sure once more.
        ::setenv("XERCES_DISABLE_DTD", "1", 1);
        xercesc::XMLPlatformUtils::Initialize();
    });
}

std::string utf8(const XMLCh* text) {
    std::string out;
    for (; text != nullptr && *text != 0; ++text) {
        std::uint32_t c = *text;
        if (c >= 0xD800 && c < 0xDC00 && text[1] >= 0xDC00 && text[1] < 0xE000) {
            c = 0x10000 + ((c - 0xD800) << 10) + (static_cast<std::uint32_t>(*++text) - 0xDC00);
        }
        append_code_point(out, c);
    }
    return out;
}

std::basic_string<XMLCh> utf16(std::string_view text) {
    std::basic_string<XMLCh> out;
    for (std::size_t at = 0; at < text.size();) {
        std::uint32_t c = next_code_point(text, at);
        if (c > 0x10FFFF) c = 0xFFFD;
        if (c >= 0x10000) {
            out += static_cast<XMLCh>(0xD800 + ((c - 0x10000) >> 10));
            c = 0xDC00 + ((c - 0x10000) & 0x3FF);
        }
        out += static_cast<XMLCh>(c);
    }
    return out;
}

std::string resolved_location(const std::string& file, const std::string& location) {
    namespace fs = std::filesystem;
    std::string wanted = location;
    if (wanted.find("://") != std::string::npos) wanted = wanted.substr(wanted.rfind('/') + 1);
    return (fs::path(file).parent_path() / fs::path(wanted)).lexically_normal().generic_string();
}

Result<LoadedSchemas> load_schemas(const XsdSource& source) {
    start();
    SchemaLoader loader(source);
    LoadedSchemas loaded;
    try {
        loaded.pool = std::make_unique<xercesc::XMLGrammarPoolImpl>(xercesc::XMLPlatformUtils::fgMemoryManager);
        const std::string main_name = std::filesystem::path(source.file).lexically_normal().generic_string();
        const auto main = loader.open(main_name);
        if (!main) return *loader.failure();
        load_into(*loaded.pool, loader, *main);
        if (auto failed = loader.failure()) return *failed;
        loaded.pool->lockPool();
        bool changed = false;
        loaded.model = loaded.pool->getXSModel(changed);
    } catch (const xercesc::OutOfMemoryException&) {
        return Error{codes::grammar_invalid, "out of memory"};
    } catch (const xercesc::XMLException& fault) {
        return Error{codes::grammar_invalid, utf8(fault.getMessage())};
    } catch (const xercesc::SAXException& fault) {
        return Error{codes::grammar_invalid, utf8(fault.getMessage())};
    }
    if (loaded.model == nullptr) return Error{codes::grammar_invalid, "no schema"};
    return loaded;
}

}  // namespace hansa::schema::bridge
