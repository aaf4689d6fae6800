// Xerces-C: SAX2, with and without schemas from a cached and locked grammar pool.
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <xercesc/framework/MemBufInputSource.hpp>
#include <xercesc/framework/XMLGrammarPoolImpl.hpp>
#include <xercesc/sax2/Attributes.hpp>
#include <xercesc/sax2/DefaultHandler.hpp>
#include <xercesc/sax2/SAX2XMLReader.hpp>
#include <xercesc/sax2/XMLReaderFactory.hpp>
#include <xercesc/util/PlatformUtils.hpp>
#include <xercesc/util/TransService.hpp>
#include <xercesc/util/XMLUni.hpp>

#include "tests/bench/peers.h"

namespace hansa::bench {
namespace {

namespace xc = xercesc;

std::string utf8(const XMLCh* text, XMLSize_t size) {
    const std::basic_string<XMLCh> copy(text, size);
    const xc::TranscodeToStr made(copy.c_str(), copy.size(), "UTF-8");
    return {reinterpret_cast<const char*>(made.str()), made.length()};
}
std::string utf8(const XMLCh* text) {
    return utf8(text, xc::XMLString::stringLen(text));
}

/// Counts what it sees; keeps the first fault.
class Handler : public xc::DefaultHandler {
public:
    void startElement(const XMLCh*, const XMLCh*, const XMLCh*, const xc::Attributes& attributes) override {
        ++tally.elements;
        if (!careful) return;
        for (XMLSize_t i = 0; i < attributes.getLength(); ++i) {
            ++tally.attributes;
            tally.add_text(utf8(attributes.getValue(i)));
        }
    }
    void characters(const XMLCh* text, const XMLSize_t size) override {
        if (careful)
            tally.add_text(utf8(text, size));
        else
            units += size;
    }
    void error(const xc::SAXParseException& what) override { keep(what); }
    void fatalError(const xc::SAXParseException& what) override { keep(what); }

    Tally tally;
    std::size_t units = 0;
    bool careful = false;
    std::string fault;

private:
    void keep(const xc::SAXParseException& what) {
        if (fault.empty()) fault = utf8(what.getMessage());
    }
};

void start_library() {
    static const bool once = (xc::XMLPlatformUtils::Initialize(), true);
    (void)once;
}

std::string read_text(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    if (!in) throw std::runtime_error(file.string() + " cannot be read");
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

class XercesReader : public Peer {
public:
    explicit XercesReader(xc::XMLGrammarPool* pool) {
        start_library();
        reader_.reset(xc::XMLReaderFactory::createXMLReader(xc::XMLPlatformUtils::fgMemoryManager, pool));
        reader_->setFeature(xc::XMLUni::fgSAX2CoreNameSpaces, true);
        reader_->setFeature(xc::XMLUni::fgSAX2CoreValidation, pool != nullptr);
        reader_->setFeature(xc::XMLUni::fgXercesSchema, pool != nullptr);
        reader_->setFeature(xc::XMLUni::fgXercesDynamic, false);
        reader_->setFeature(xc::XMLUni::fgXercesLoadExternalDTD, false);
        if (pool != nullptr) {
            reader_->setFeature(xc::XMLUni::fgXercesUseCachedGrammarInParse, true);
            reader_->setFeature(xc::XMLUni::fgXercesLoadSchema, false);
        }
        reader_->setContentHandler(&handler_);
        reader_->setErrorHandler(&handler_);
    }

protected:
    bool parse(std::string_view message, bool careful) {
        handler_.tally = {};
        handler_.fault.clear();
        handler_.careful = careful;
        try {
            const xc::MemBufInputSource source(reinterpret_cast<const XMLByte*>(message.data()), message.size(),
                                               "message");
            reader_->parse(source);
        } catch (const xc::XMLException& trouble) {
            return refuse(utf8(trouble.getMessage()));
        } catch (const xc::SAXException& trouble) {
            return refuse(utf8(trouble.getMessage()));
        }
        return handler_.fault.empty() || refuse(handler_.fault);
    }

    Handler handler_;
    std::unique_ptr<xc::SAX2XMLReader> reader_;
};

class Parser final : public XercesReader {
public:
    Parser() : XercesReader(nullptr) {}
    bool run(std::string_view message, std::string&) override { return parse(message, false); }
    bool check(std::string_view message, std::string& output) override {
        const bool good = parse(message, true);
        output = handler_.tally.text();
        return good;
    }
};

/// The grammar pool of a task, once.
struct Pool {
    explicit Pool(const Task& task) {
        start_library();
        pool = std::make_unique<xc::XMLGrammarPoolImpl>(xc::XMLPlatformUtils::fgMemoryManager);
        load(std::filesystem::path(task.source_schema).parent_path().parent_path() / "hansa/batch.xsd");
        load(task.source_schema);
        pool->lockPool();
    }

    void load(const std::filesystem::path& file) {
        Handler handler;
        const std::unique_ptr<xc::SAX2XMLReader> loader(
            xc::XMLReaderFactory::createXMLReader(xc::XMLPlatformUtils::fgMemoryManager, pool.get()));
        loader->setErrorHandler(&handler);
        loader->setFeature(xc::XMLUni::fgXercesSchema, true);
        // Xerces-C takes no pattern "[-]"; the other spelling means the same.
        std::string text = read_text(file);
        for (std::size_t at = 0; (at = text.find("[-]", at)) != text.npos; at += 4) text.replace(at, 3, "[\\-]");
        const xc::MemBufInputSource source(reinterpret_cast<const XMLByte*>(text.data()), text.size(), file.c_str());
        const xc::Grammar* made = loader->loadGrammar(source, xc::Grammar::SchemaGrammarType, true);
        if (made == nullptr || !handler.fault.empty())
            throw std::runtime_error("Xerces-C refuses " + file.string() + ": " + handler.fault);
    }

    std::unique_ptr<xc::XMLGrammarPoolImpl> pool;
};

class Validator final : private Pool, public XercesReader {
public:
    explicit Validator(const Task& task) : Pool(task), XercesReader(pool.get()) {}
    bool run(std::string_view message, std::string& output) override {
        output = "valid";
        return parse(message, false);
    }
};

}  // namespace

std::unique_ptr<Peer> xerces_parser(const Task&) {
    return std::make_unique<Parser>();
}
std::unique_ptr<Peer> xerces_validator(const Task& task) {
    return std::make_unique<Validator>(task);
}

}  // namespace hansa::bench
