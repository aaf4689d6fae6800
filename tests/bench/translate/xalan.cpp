// Xalan-C: the same stylesheets, over its own source tree.
#include <stdexcept>
#include <xalanc/XSLT/XSLTInputSource.hpp>
#include <xalanc/XSLT/XSLTResultTarget.hpp>
#include <xalanc/XalanTransformer/XalanCompiledStylesheet.hpp>
#include <xalanc/XalanTransformer/XalanParsedSource.hpp>
#include <xalanc/XalanTransformer/XalanTransformer.hpp>
#include <xercesc/util/BinMemInputStream.hpp>
#include <xercesc/util/PlatformUtils.hpp>

#include "tests/bench/translate/translators.h"

namespace hansa::bench {
namespace {

/// Started once, ended with the program: Xalan-C gives its tables of functions back only when it is told to.
struct Libraries {
    Libraries() {
        xercesc::XMLPlatformUtils::Initialize();
        xalanc::XalanTransformer::initialize();
    }
    ~Libraries() {
        xalanc::XalanTransformer::terminate();
        xercesc::XMLPlatformUtils::Terminate();
    }
    Libraries(const Libraries&) = delete;
    Libraries& operator=(const Libraries&) = delete;
};

void start_libraries() {
    static const Libraries once;
}

/// Xalan-C writes no line feed behind the XML declaration, which comes with the first bytes.
CallbackSizeType append(const char* bytes, CallbackSizeType size, void* to) {
    std::string& output = *static_cast<std::string*>(to);
    std::string_view rest(bytes, size);
    if (output.empty()) {
        const std::size_t end = rest.find("?>");
        if (rest.starts_with("<?xml") && end != rest.npos) {
            output.append(rest.substr(0, end + 2)) += '\n';
            rest.remove_prefix(end + 2);
        }
    }
    output += rest;
    return size;
}

/// A message where it lies.
class Message final : public xalanc::XSLTInputSource {
public:
    explicit Message(std::string_view bytes) : bytes_(bytes) {}
    xercesc::BinInputStream* makeStream() const override {
        return new xercesc::BinMemInputStream(reinterpret_cast<const XMLByte*>(bytes_.data()), bytes_.size(),
                                              xercesc::BinMemInputStream::BufOpt_Reference);
    }

private:
    std::string_view bytes_;
};

class Translator final : public Peer {
public:
    explicit Translator(const Task& task) {
        start_libraries();
        transformer_ = std::make_unique<xalanc::XalanTransformer>();
        const std::string file = stylesheet_of(task);
        if (transformer_->compileStylesheet(file.c_str(), stylesheet_) != 0)
            throw std::runtime_error("Xalan-C refuses " + file + ": " + transformer_->getLastError());
        transformer_->setStylesheetParam("date-format", ("'" + date_format(task) + "'").c_str());
    }
    ~Translator() override {
        if (stylesheet_ != nullptr) transformer_->destroyStylesheet(stylesheet_);
    }
    Translator(const Translator&) = delete;
    Translator& operator=(const Translator&) = delete;

    bool run(std::string_view message, std::string& output) override {
        output.clear();
        const xalanc::XalanParsedSource* source = nullptr;
        if (transformer_->parseSource(Message(message), source) != 0) return refuse(transformer_->getLastError());
        const int failed = transformer_->transform(*source, stylesheet_, &output, append, nullptr);
        transformer_->destroyParsedSource(source);
        return failed == 0 || refuse(transformer_->getLastError());
    }

private:
    std::unique_ptr<xalanc::XalanTransformer> transformer_;
    const xalanc::XalanCompiledStylesheet* stylesheet_ = nullptr;
};

}  // namespace

std::unique_ptr<Peer> xalan_translator(const Task& task) {
    return std::make_unique<Translator>(task);
}

}  // namespace hansa::bench
