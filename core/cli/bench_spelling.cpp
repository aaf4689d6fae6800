#include "core/cli/bench_spelling.h"

#include <fmt/format.h>

#include "core/xml/characters.h"

namespace hansa::bench {
namespace {

using schema::Element;
using schema::Random;

void escape(std::string& out, std::string_view text, char quote) {
    for (const char c : text) {
        if (c == '<')
            out += "&lt;";
        else if (c == '&')
            out += "&amp;";
        else if (c == '>')
            out += "&gt;";
        else if (quote != 0 && c == quote)
            out += quote == '"' ? "&quot;" : "&apos;";
        else
            out += c;
    }
}

/// Bytes that say the same in ways that machines seldom write.
class GeneralWriter {
public:
    GeneralWriter(Random& random, const Prefixes& prefixes) : random_(random) {
        std::size_t number = 0;
        for (const auto& [uri, prefix] : prefixes) prefixes_.emplace(uri, fmt::format("q{}", ++number));
    }

    std::string write(const Element& root) {
        out_ = "<?xml version='1.0' encoding='UTF-8'?>\n<!-- made by another program -->\n";
        element(root, true);
        out_ += "\n";
        return std::move(out_);
    }

private:
    std::string tag(const schema::Name& name) const {
        const auto found = prefixes_.find(name.ns);
        return found == prefixes_.end() ? name.local : found->second + ":" + name.local;
    }

    void element(const Element& one, bool root) {
        const std::string name = tag(one.name);
        out_ += '<' + name;
        if (root) {
            for (const auto& [uri, prefix] : prefixes_) out_ += fmt::format("\n  xmlns:{}='{}'", prefix, uri);
        }
        for (auto attribute = one.attributes.rbegin(); attribute != one.attributes.rend(); ++attribute) {
            out_ += random_.chance(20) ? "\n " : " ";
            out_ += tag(attribute->name) + "='";
            escape(out_, attribute->value, '\'');
            out_ += '\'';
        }
        if (one.children.empty() && one.text.empty() && random_.chance(50)) {
            out_ += "/>";
            return;
        }
        out_ += '>';
        if (!one.children.empty() && random_.chance(12)) out_ += "<!-- checked -->";
        text(one.text);
        for (const Element& child : one.children) element(child, false);
        out_ += "</" + name + (random_.chance(10) ? " >" : ">");
    }

    void text(std::string_view value) {
        if (value.empty()) return;
        const auto way = random_.below(10);
        if (way == 0 && value.find("]]>") == value.npos) {
            out_ += fmt::format("<![CDATA[{}]]>", value);
            return;
        }
        if (way == 1) {
            const auto lead = static_cast<unsigned char>(value.front());
            if (lead < 0x80) {
                out_ += fmt::format("&#x{:X};", lead);
                value.remove_prefix(1);
            }
        }
        if (way == 2 && value.size() > 4 && static_cast<unsigned char>(value[1]) < 0x80 &&
            static_cast<unsigned char>(value[0]) < 0x80) {
            escape(out_, value.substr(0, 1), 0);
            out_ += "<!-- . -->";
            value.remove_prefix(1);
        }
        escape(out_, value, 0);
    }

    Random& random_;
    Prefixes prefixes_;
    std::string out_;
};

/// Each of its kind as densely as it can be.
class StrangeWriter {
public:
    StrangeWriter(const Prefixes& prefixes, Shape shape) : prefixes_(prefixes), shape_(shape) {
        for (const auto& [uri, prefix] : prefixes_)
            declarations_ += prefix.empty() ? fmt::format(" xmlns=\"{}\"", uri) : fmt::format(" xmlns:{}=\"{}\"", prefix, uri);
    }

    std::string write(const Element& root) {
        out_ = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
        element(root, true);
        return std::move(out_);
    }

private:
    std::string tag(const schema::Name& name) const {
        const auto found = prefixes_.find(name.ns);
        return found == prefixes_.end() || found->second.empty() ? name.local : found->second + ":" + name.local;
    }

    void element(const Element& one, bool is_root) {
        const std::string name = tag(one.name);
        if (shape_ == Shape::comments && !is_root) out_ += "<!--c-->";
        out_ += '<' + name;
        if (is_root || shape_ == Shape::namespaces) out_ += declarations_;
        for (const schema::Attribute& attribute : one.attributes) {
            out_ += ' ' + tag(attribute.name) + "=\"";
            escape(out_, attribute.value, '"');
            out_ += '"';
        }
        out_ += '>';
        if (one.children.empty()) text(one.text);
        for (const Element& child : one.children) element(child, false);
        out_ += "</" + name + '>';
    }

    void text(std::string_view value) {
        if (shape_ == Shape::sections && value.find("]]>") == value.npos) {
            out_ += fmt::format("<![CDATA[{}]]>", value);
        } else if (shape_ == Shape::references) {
            for (std::size_t at = 0; at < value.size();) {
                const xml::Decoded one = xml::decode_utf8(value, at);
                out_ += fmt::format("&#{};", static_cast<std::uint32_t>(one.value));
                at += one.bytes;
            }
        } else {
            escape(out_, value, 0);
        }
    }

    const Prefixes& prefixes_;
    Shape shape_;
    std::string declarations_, out_;
};

}  // namespace

std::string write_generally(const Element& root, const Prefixes& prefixes, Random& random) {
    return GeneralWriter(random, prefixes).write(root);
}

std::string write_strangely(const Element& root, const Prefixes& prefixes, Shape shape) {
    return StrangeWriter(prefixes, shape).write(root);
}

std::string break_message(std::string message, Shape shape) {
    constexpr std::size_t longer_than_any = 5'000;
    const std::size_t near_end = message.size() / 10 * 9;
    const std::size_t here = message.find("</", near_end);
    if (shape == Shape::cut) message.resize(near_end);
    if (here == message.npos) return message;
    if (shape == Shape::misfit) message.insert(here, "<odd></odd>");
    if (shape == Shape::value) message.insert(here, longer_than_any, 'x');
    return message;
}

}  // namespace hansa::bench
