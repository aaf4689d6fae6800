#include "tests/bench/libxml2.h"

#include <libxml/c14n.h>
#include <openssl/evp.h>

#include <filesystem>
#include <stdexcept>

#include "tests/bench/peers.h"

namespace hansa::bench {
namespace {

constexpr int parse_options = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_COMPACT;

struct Counts {
    std::size_t elements = 0, text = 0;
};

xmlSAXHandler handler(startElementNsSAX2Func start, charactersSAXFunc text) {
    xmlSAXHandler out{};
    out.initialized = XML_SAX2_MAGIC;
    out.startElementNs = start;
    out.characters = text;
    out.ignorableWhitespace = text;
    out.cdataBlock = text;
    return out;
}

class Sax final : public Peer {
public:
    bool run(std::string_view message, std::string&) override {
        static xmlSAXHandler counting =
            handler([](void* user, const xmlChar*, const xmlChar*, const xmlChar*, int, const xmlChar**, int, int,
                       const xmlChar**) { ++static_cast<Counts*>(user)->elements; },
                    [](void* user, const xmlChar*, int size) {
                        static_cast<Counts*>(user)->text += static_cast<std::size_t>(size);
                    });
        Counts counts;
        return parse(counting, &counts, message);
    }
    bool check(std::string_view message, std::string& output) override {
        static xmlSAXHandler tallying = handler(
            [](void* user, const xmlChar*, const xmlChar*, const xmlChar*, int, const xmlChar**, int count, int,
               const xmlChar** attributes) {
                Tally& tally = *static_cast<Tally*>(user);
                ++tally.elements;
                tally.attributes += static_cast<std::size_t>(count);
                for (int i = 0; i < count; ++i)
                    tally.add_text({reinterpret_cast<const char*>(attributes[5 * i + 3]),
                                    static_cast<std::size_t>(attributes[5 * i + 4] - attributes[5 * i + 3])});
            },
            [](void* user, const xmlChar* text, int size) {
                static_cast<Tally*>(user)->add_text(
                    {reinterpret_cast<const char*>(text), static_cast<std::size_t>(size)});
            });
        Tally tally;
        const bool good = parse(tallying, &tally, message);
        output = tally.text();
        return good;
    }

private:
    bool parse(xmlSAXHandler& how, void* user, std::string_view message) {
        return xmlSAXUserParseMemory(&how, user, message.data(), static_cast<int>(message.size())) == 0 ||
               refuse("not well-formed");
    }
};

void walk(const xmlNode* node, Tally& tally) {
    for (; node != nullptr; node = node->next) {
        if (node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE)
            tally.add_text(reinterpret_cast<const char*>(node->content));
        if (node->type != XML_ELEMENT_NODE) continue;
        ++tally.elements;
        for (const xmlAttr* attribute = node->properties; attribute != nullptr; attribute = attribute->next) {
            ++tally.attributes;
            for (const xmlNode* text = attribute->children; text != nullptr; text = text->next)
                tally.add_text(reinterpret_cast<const char*>(text->content));
        }
        walk(node->children, tally);
    }
}

class Tree final : public Peer {
public:
    bool run(std::string_view message, std::string&) override {
        return parse_tree(parser_.get(), message) != nullptr || refuse("not well-formed");
    }
    bool check(std::string_view message, std::string& output) override {
        const Document document = parse_tree(parser_.get(), message);
        if (!document) return refuse("not well-formed");
        Tally tally;
        walk(xmlDocGetRootElement(document.get()), tally);
        output = tally.text();
        return true;
    }

private:
    Parser parser_ = new_parser();
};

class StreamValidator final : public Peer {
public:
    explicit StreamValidator(const Task& task) : schema_(task) {}
    bool run(std::string_view message, std::string& output) override {
        output = "valid";
        return schema_.valid_stream(message) || refuse(schema_.trouble());
    }

private:
    CompiledSchema schema_;
};

class TreeValidator final : public Peer {
public:
    explicit TreeValidator(const Task& task) : schema_(task) {}
    bool run(std::string_view message, std::string& output) override {
        const Document document = parse_tree(parser_.get(), message);
        if (!document) return refuse("not well-formed");
        output = "valid";
        return schema_.valid(document.get()) || refuse(schema_.trouble());
    }

private:
    CompiledSchema schema_;
    Parser parser_ = new_parser();
};

class Digester final : public Peer {
public:
    bool run(std::string_view message, std::string& output) override {
        const Document document = parse_tree(parser_.get(), message);
        if (!document) return refuse("not well-formed");
        xmlChar* octets = nullptr;
        const int size = xmlC14NDocDumpMemory(document.get(), nullptr, XML_C14N_1_0, nullptr, 0, &octets);
        if (size < 0) return refuse("no canonical form");
        unsigned char digest[EVP_MAX_MD_SIZE];
        unsigned digest_size = 0;
        EVP_Digest(octets, static_cast<std::size_t>(size), digest, &digest_size, EVP_sha256(), nullptr);
        xmlFree(octets);
        output.clear();
        for (unsigned i = 0; i < digest_size; ++i) {
            constexpr char hex[] = "0123456789abcdef";
            output += hex[digest[i] >> 4];
            output += hex[digest[i] & 15];
        }
        return true;
    }

private:
    Parser parser_ = new_parser();
};

}  // namespace

Parser new_parser() {
    Parser out(xmlNewParserCtxt());
    if (!out) throw std::runtime_error("no parser");
    return out;
}

Document parse_tree(xmlParserCtxt* context, std::string_view message) {
    return Document(
        xmlCtxtReadMemory(context, message.data(), static_cast<int>(message.size()), nullptr, nullptr, parse_options));
}

std::string target_namespace(const std::string& file) {
    const Document document(xmlReadFile(file.c_str(), nullptr, parse_options));
    if (!document) throw std::runtime_error(file + " cannot be read");
    xmlChar* value =
        xmlGetNoNsProp(xmlDocGetRootElement(document.get()), reinterpret_cast<const xmlChar*>("targetNamespace"));
    const std::string out = value == nullptr ? std::string() : reinterpret_cast<const char*>(value);
    xmlFree(value);
    return out;
}

std::string importing_schema(const Task& task) {
    const std::string batch = std::filesystem::path(task.source_schema).parent_path().parent_path() / "hansa/batch.xsd";
    const std::string own = target_namespace(task.source_schema);
    return "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" targetNamespace=\"urn:hansa:bench\">"
           "<xs:import namespace=\"urn:hansa:batch:1\" schemaLocation=\"" +
           batch +
           "\"/>"
           "<xs:import" +
           (own.empty() ? std::string() : " namespace=\"" + own + "\"") + " schemaLocation=\"" + task.source_schema +
           "\"/></xs:schema>";
}

CompiledSchema::CompiledSchema(const Task& task) {
    const std::string text = importing_schema(task);
    xmlSchemaParserCtxt* parser = xmlSchemaNewMemParserCtxt(text.data(), static_cast<int>(text.size()));
    xmlSchemaSetParserStructuredErrors(parser, reinterpret_cast<xmlStructuredErrorFunc>(&CompiledSchema::keep), this);
    schema_ = xmlSchemaParse(parser);
    xmlSchemaFreeParserCtxt(parser);
    if (schema_ == nullptr) throw std::runtime_error("libxml2 refuses the schema: " + trouble_);
    context_ = xmlSchemaNewValidCtxt(schema_);
    xmlSchemaSetValidStructuredErrors(context_, reinterpret_cast<xmlStructuredErrorFunc>(&CompiledSchema::keep), this);
}

CompiledSchema::~CompiledSchema() {
    xmlSchemaFreeValidCtxt(context_);
    xmlSchemaFree(schema_);
}

void CompiledSchema::keep(void* self, const xmlError* error) {
    auto* own = static_cast<CompiledSchema*>(self);
    if (own->trouble_.empty() && error != nullptr && error->message != nullptr) own->trouble_ = error->message;
}

bool CompiledSchema::valid(xmlDoc* document) {
    trouble_.clear();
    return xmlSchemaValidateDoc(context_, document) == 0;
}

bool CompiledSchema::valid_stream(std::string_view message) {
    trouble_.clear();
    xmlParserInputBuffer* input =
        xmlParserInputBufferCreateMem(message.data(), static_cast<int>(message.size()), XML_CHAR_ENCODING_NONE);
    return xmlSchemaValidateStream(context_, input, XML_CHAR_ENCODING_NONE, nullptr, nullptr) == 0;
}

std::unique_ptr<Peer> libxml2_parser(const Task&) {
    return std::make_unique<Sax>();
}
std::unique_ptr<Peer> libxml2_tree_parser(const Task&) {
    return std::make_unique<Tree>();
}
std::unique_ptr<Peer> libxml2_validator(const Task& task) {
    return std::make_unique<StreamValidator>(task);
}
std::unique_ptr<Peer> libxml2_tree_validator(const Task& task) {
    return std::make_unique<TreeValidator>(task);
}
std::unique_ptr<Peer> libxml2_digester(const Task&) {
    return std::make_unique<Digester>();
}

}  // namespace hansa::bench
