// Parse only: rapidxml and pugixml, which write into their input, and expat with namespaces.
#include <cstring>
#include <deque>
#include <stdexcept>

#include "tests/bench/peers.h"

#ifdef HANSA_PEER_RAPIDXML
#include <rapidxml/rapidxml.hpp>
#endif
#ifdef HANSA_PEER_PUGIXML
#include <pugixml.hpp>
#endif
#ifdef HANSA_PEER_EXPAT
#include <expat.h>
#endif

namespace hansa::bench {
namespace {

// For those of the parsers that are here and know no namespaces.
[[maybe_unused]] bool declares_namespace(std::string_view name) {
    return name == "xmlns" || name.starts_with("xmlns:");
}

/// Copies that a parser may write into, made before the clock runs; taken in order.
class Copies {
public:
    void make(std::span<const std::string_view> messages) {
        next_ = 0;
        if (all_.size() < messages.size()) all_.resize(messages.size());
        for (std::size_t i = 0; i < messages.size(); ++i) all_[i].assign(messages[i]);
    }
    std::string& take() { return all_[next_++]; }

private:
    std::deque<std::string> all_;
    std::size_t next_ = 0;
};

#ifdef HANSA_PEER_RAPIDXML
class Rapidxml final : public Peer {
public:
    void prepare(std::span<const std::string_view> messages) override { copies_.make(messages); }
    bool run(std::string_view, std::string&) override { return parse(copies_.take()); }
    bool check(std::string_view message, std::string& output) override {
        std::string copy(message);
        if (!parse(copy)) return false;
        Tally tally;
        walk(*document_.first_node(), tally);
        output = tally.text();
        return true;
    }

private:
    bool parse(std::string& text) {
        try {
            document_.clear();
            document_.parse<0>(text.data());
            return true;
        } catch (const std::exception& trouble) {
            return refuse(trouble.what());
        }
    }
    static void walk(const rapidxml::xml_node<>& node, Tally& tally) {
        if (node.type() != rapidxml::node_element) {
            tally.add_text({node.value(), node.value_size()});
            return;
        }
        ++tally.elements;
        for (auto* attribute = node.first_attribute(); attribute != nullptr; attribute = attribute->next_attribute()) {
            if (declares_namespace({attribute->name(), attribute->name_size()})) continue;
            ++tally.attributes;
            tally.add_text({attribute->value(), attribute->value_size()});
        }
        for (auto* child = node.first_node(); child != nullptr; child = child->next_sibling()) walk(*child, tally);
    }

    rapidxml::xml_document<> document_;
    Copies copies_;
};
#endif

#ifdef HANSA_PEER_PUGIXML
class Pugixml final : public Peer {
public:
    void prepare(std::span<const std::string_view> messages) override { copies_.make(messages); }
    bool run(std::string_view, std::string&) override { return parse(copies_.take()); }
    bool check(std::string_view message, std::string& output) override {
        std::string copy(message);
        if (!parse(copy)) return false;
        Tally tally;
        walk(document_.document_element(), tally);
        output = tally.text();
        return true;
    }

private:
    bool parse(std::string& text) {
        const auto result =
            document_.load_buffer_inplace(text.data(), text.size(), pugi::parse_default, pugi::encoding_utf8);
        return result || refuse(result.description());
    }
    static void walk(const pugi::xml_node& node, Tally& tally) {
        if (node.type() != pugi::node_element) {
            tally.add_text(node.value());
            return;
        }
        ++tally.elements;
        for (const pugi::xml_attribute& attribute : node.attributes()) {
            if (declares_namespace(attribute.name())) continue;
            ++tally.attributes;
            tally.add_text(attribute.value());
        }
        for (const pugi::xml_node& child : node.children()) walk(child, tally);
    }

    pugi::xml_document document_;
    Copies copies_;
};
#endif

#ifdef HANSA_PEER_EXPAT
class Expat final : public Peer {
public:
    Expat() : parser_(XML_ParserCreateNS("UTF-8", '|')) {
        if (parser_ == nullptr) throw std::runtime_error("no parser");
    }
    ~Expat() override { XML_ParserFree(parser_); }
    Expat(const Expat&) = delete;
    Expat& operator=(const Expat&) = delete;

    bool run(std::string_view message, std::string&) override {
        elements_ = text_ = 0;
        return parse(
            message, [](void* self, const XML_Char*, const XML_Char**) { ++static_cast<Expat*>(self)->elements_; },
            [](void* self, const XML_Char*, int size) {
                static_cast<Expat*>(self)->text_ += static_cast<std::size_t>(size);
            });
    }
    bool check(std::string_view message, std::string& output) override {
        tally_ = {};
        const bool good = parse(
            message,
            [](void* self, const XML_Char*, const XML_Char** attributes) {
                Tally& tally = static_cast<Expat*>(self)->tally_;
                ++tally.elements;
                for (; *attributes != nullptr; attributes += 2) {
                    ++tally.attributes;
                    tally.add_text(attributes[1]);
                }
            },
            [](void* self, const XML_Char* text, int size) {
                static_cast<Expat*>(self)->tally_.add_text({text, static_cast<std::size_t>(size)});
            });
        output = tally_.text();
        return good;
    }

private:
    bool parse(std::string_view message, XML_StartElementHandler start, XML_CharacterDataHandler text) {
        XML_ParserReset(parser_, "UTF-8");
        XML_SetUserData(parser_, this);
        XML_SetElementHandler(parser_, start, [](void*, const XML_Char*) {});
        XML_SetCharacterDataHandler(parser_, text);
        return XML_Parse(parser_, message.data(), static_cast<int>(message.size()), 1) == XML_STATUS_OK ||
               refuse(XML_ErrorString(XML_GetErrorCode(parser_)));
    }

    XML_Parser parser_;
    std::size_t elements_ = 0, text_ = 0;
    Tally tally_;
};
#endif

}  // namespace

std::unique_ptr<Peer> rapidxml_parser(const Task&) {
#ifdef HANSA_PEER_RAPIDXML
    return std::make_unique<Rapidxml>();
#else
    throw std::runtime_error("built without rapidxml");
#endif
}

std::unique_ptr<Peer> pugixml_parser(const Task&) {
#ifdef HANSA_PEER_PUGIXML
    return std::make_unique<Pugixml>();
#else
    throw std::runtime_error("built without pugixml");
#endif
}

std::unique_ptr<Peer> expat_parser(const Task&) {
#ifdef HANSA_PEER_EXPAT
    return std::make_unique<Expat>();
#else
    throw std::runtime_error("built without expat");
#endif
}

}  // namespace hansa::bench
