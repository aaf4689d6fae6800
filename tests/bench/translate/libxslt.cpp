// libxslt: a stylesheet compiled once, applied to a libxml2 tree, the result written as bytes.
#include <libxml/parser.h>
#include <libxml/xmlIO.h>
#include <libxslt/security.h>
#include <libxslt/transform.h>
#include <libxslt/xsltInternals.h>
#include <libxslt/xsltutils.h>

#include <stdexcept>

#include "tests/bench/translate/translators.h"

namespace hansa::bench {
namespace {

constexpr int parse_options = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_COMPACT;

struct Free {
    void operator()(xmlDoc* one) const { xmlFreeDoc(one); }
    void operator()(xmlParserCtxt* one) const { xmlFreeParserCtxt(one); }
    void operator()(xsltStylesheet* one) const { xsltFreeStylesheet(one); }
    void operator()(xsltTransformContext* one) const { xsltFreeTransformContext(one); }
    void operator()(xsltSecurityPrefs* one) const { xsltFreeSecurityPrefs(one); }
};

int append(void* to, const char* bytes, int size) {
    static_cast<std::string*>(to)->append(bytes, static_cast<std::size_t>(size));
    return size;
}

class Translation final : public XsltTranslation {
public:
    explicit Translation(const Task& task)
        : preferences_(xsltNewSecurityPrefs()), date_format_("'" + date_format(task) + "'") {
        const std::string file = stylesheet_of(task);
        stylesheet_.reset(xsltParseStylesheetFile(reinterpret_cast<const xmlChar*>(file.c_str())));
        if (!stylesheet_) throw std::runtime_error("libxslt refuses " + file);
        // Nothing is read or written beside the message.
        for (const xsltSecurityOption option :
             {XSLT_SECPREF_READ_FILE, XSLT_SECPREF_WRITE_FILE, XSLT_SECPREF_CREATE_DIRECTORY, XSLT_SECPREF_READ_NETWORK,
              XSLT_SECPREF_WRITE_NETWORK})
            xsltSetSecurityPrefs(preferences_.get(), option, xsltSecurityForbid);
    }

    xmlDoc* apply(xmlDoc* source, std::string_view) override {
        const char* parameters[] = {"date-format", date_format_.c_str(), nullptr};
        const std::unique_ptr<xsltTransformContext, Free> context(xsltNewTransformContext(stylesheet_.get(), source));
        xsltSetCtxtSecurityPrefs(preferences_.get(), context.get());
        xmlDoc* result =
            xsltApplyStylesheetUser(stylesheet_.get(), source, parameters, nullptr, nullptr, context.get());
        if (result != nullptr && context->state == XSLT_STATE_OK) return result;
        xmlFreeDoc(result);
        trouble_ = "libxslt gives no result";
        return nullptr;
    }

    bool serialise(xmlDoc* result, std::string& output) override {
        output.clear();
        xmlOutputBuffer* buffer = xmlOutputBufferCreateIO(append, nullptr, &output, nullptr);
        const int written = xsltSaveResultTo(buffer, result, stylesheet_.get());
        const int closed = xmlOutputBufferClose(buffer);
        if (written >= 0 && closed >= 0) return true;
        trouble_ = "the result cannot be written";
        return false;
    }

    std::string_view trouble() const override { return trouble_; }

private:
    std::unique_ptr<xsltStylesheet, Free> stylesheet_;
    std::unique_ptr<xsltSecurityPrefs, Free> preferences_;
    std::string date_format_, trouble_;
};

class Translator final : public Peer {
public:
    explicit Translator(const Task& task) : translation_(task), parser_(xmlNewParserCtxt()) {}

    bool run(std::string_view message, std::string& output) override {
        const std::unique_ptr<xmlDoc, Free> source(xmlCtxtReadMemory(
            parser_.get(), message.data(), static_cast<int>(message.size()), nullptr, nullptr, parse_options));
        if (!source) return refuse("not well-formed");
        const std::unique_ptr<xmlDoc, Free> result(translation_.apply(source.get(), message));
        if (!result || !translation_.serialise(result.get(), output))
            return refuse(std::string(translation_.trouble()));
        return true;
    }

private:
    Translation translation_;
    std::unique_ptr<xmlParserCtxt, Free> parser_;
};

}  // namespace

std::unique_ptr<XsltTranslation> xslt_translation(const Task& task) {
    return std::make_unique<Translation>(task);
}

std::unique_ptr<Peer> libxslt_translator(const Task& task) {
    return std::make_unique<Translator>(task);
}

}  // namespace hansa::bench
