#include "tests/differential/respell.h"

#include <algorithm>
#include <map>
#include <vector>

namespace hansa::test {

namespace {

using schema::Element;
using schema::ElementDecl;

class Writer {
public:
    Writer(const schema::Grammar& grammar, const Respelling& how, schema::Random& random)
        : grammar_(grammar), how_(how), random_(random) {}

    std::string document(const Element& root) {
        out_ = random_.chance(50) ? "<?xml version=\"1.0\" encoding=\"UTF-8\"?>" : "";
        if (how_.comments) out_ += "\n<!-- first --><?app data?>\n";
        element(root, grammar_.global(root.name.local, root.name.ns), 0, {});
        if (how_.comments) out_ += "<!-- last -->\n";
        return out_;
    }

private:
    using Scope = std::map<std::string, std::string>;  ///< prefix to namespace

    std::string space() { return how_.tags && random_.chance(30) ? random_.chance(50) ? "  " : "\n\t" : " "; }
    std::string maybe_space() { return how_.tags && random_.chance(20) ? " " : ""; }

    std::string prefix_for(const std::string& ns, Scope& scope, std::string& declarations, bool attribute) {
        if (ns.empty()) {
            const auto standard = scope.find("");
            if (!attribute && standard != scope.end() && !standard->second.empty()) {
                scope[""] = "";
                declarations += space() + "xmlns=\"\"";
            }
            return {};
        }
        if (ns == "http://www.w3.org/XML/1998/namespace") return "xml:";
        for (const auto& [prefix, uri] : scope) {
            if (uri == ns && (!prefix.empty() || !attribute) && !(how_.prefixes && random_.chance(2)))
                return prefix.empty() ? "" : prefix + ":";
        }
        std::string prefix;
        if (attribute || (how_.prefixes ? random_.chance(60) : scope.contains(""))) {
            prefix = how_.prefixes
                         ? std::string(1, static_cast<char>('a' + random_.below(26))) + std::to_string(random_.below(9))
                         : "n" + std::to_string(scope.size());
            if (scope.contains(prefix)) prefix += "x" + std::to_string(scope.size());
        }
        if (prefix.empty() && declarations.find("xmlns=") != std::string::npos)
            prefix = "d" + std::to_string(scope.size());
        scope[prefix] = ns;
        declarations += space() + "xmlns" + (prefix.empty() ? "" : ":" + prefix) + "=\"" + escaped(ns, true) + "\"";
        return prefix.empty() ? "" : prefix + ":";
    }

    void element(const Element& element, const ElementDecl* declaration, int depth, Scope scope) {
        std::string declarations;
        const std::string name = prefix_for(element.name.ns, scope, declarations, false) + element.name.local;
        std::vector<std::string> attributes;
        for (const schema::Attribute& attribute : element.attributes) {
            const char quote = how_.tags && random_.chance(40) ? '\'' : '"';
            attributes.push_back(prefix_for(attribute.name.ns, scope, declarations, true) + attribute.name.local +
                                 maybe_space() + "=" + maybe_space() + quote + escaped(attribute.value, true) + quote);
        }
        if (how_.tags) {
            for (std::size_t i = attributes.size(); i > 1; --i)
                std::swap(attributes[i - 1], attributes[random_.below(i)]);
        }
        out_ += "<" + name;
        const bool last = how_.tags && random_.chance(50);
        if (!last) out_ += declarations;
        for (const std::string& attribute : attributes) out_ += space() + attribute;
        if (last) out_ += declarations;
        out_ += maybe_space();
        if (element.children.empty() && element.text.empty() && how_.tags && random_.chance(50)) {
            out_ += "/>";
            return;
        }
        out_ += ">";
        const schema::Content content =
            declaration != nullptr ? grammar_.content(*declaration) : schema::Content::mixed;
        if (element.children.empty()) {
            out_ += text(element.text, content != schema::Content::empty);
        } else {
            if (!element.text.empty()) out_ += text(element.text, false);
            for (const Element& child : element.children) {
                if (content == schema::Content::elements) between(depth + 1);
                const schema::Child* known =
                    declaration != nullptr ? grammar_.child(*declaration, child.name.local, child.name.ns) : nullptr;
                this->element(child, known != nullptr ? known->element : nullptr, depth + 1, scope);
            }
            if (content == schema::Content::elements) between(depth);
        }
        out_ += "</" + name + maybe_space() + ">";
    }

    void between(int depth) {
        if (how_.indent) out_ += "\n" + std::string(static_cast<std::size_t>(depth) * 2, ' ');
        if (how_.comments && random_.chance(10)) out_ += random_.chance(50) ? "<!-- a < b & c -->" : "<?app x?>";
        if (how_.indent && random_.chance(5)) out_ += "\r\n\t";
    }

    std::string text(const std::string& value, bool split) {
        if (!split) return escaped(value, false);
        std::string out;
        for (std::size_t at = 0; at < value.size();) {
            std::size_t size = std::min<std::size_t>(value.size() - at, 1 + random_.below(24));
            while (at + size < value.size() && (static_cast<unsigned char>(value[at + size]) & 0xC0) == 0x80) ++size;
            const std::string piece = value.substr(at, size);
            const bool section = how_.sections && random_.chance(20) && piece.find("]]>") == std::string::npos;
            out += section ? "<![CDATA[" + piece + "]]>" : escaped(piece, false);
            if (how_.comments && random_.chance(5)) out += "<!--c-->";
            at += size;
        }
        return out;
    }

    std::string escaped(const std::string& value, bool attribute) {
        std::string out;
        for (std::size_t i = 0; i < value.size(); ++i) {
            const char c = value[i];
            if (c == '<')
                out += "&lt;";
            else if (c == '&')
                out += "&amp;";
            else if (c == '>')
                out +=
                    random_.chance(50) && how_.references && out.find("]]") == std::string::npos && !attribute && i != 0
                        ? ">"
                        : "&gt;";
            else if (c == '"')
                out += "&quot;";
            else if (c == '\'')
                out += attribute ? "&#39;" : "'";
            else if (c == '\r' || (attribute && (c == '\n' || c == '\t')))
                out += "&#" + std::to_string(static_cast<int>(c)) + ";";
            else if (how_.references && c > ' ' && random_.chance(5))
                out += random_.chance(50) ? "&#" + std::to_string(static_cast<int>(c)) + ";" : "&#x" + hex(c) + ";";
            else
                out += c;
        }
        return out;
    }
    static std::string hex(char c) {
        constexpr std::string_view digits = "0123456789abcdef";
        return {digits[static_cast<unsigned char>(c) >> 4], digits[static_cast<unsigned char>(c) & 15]};
    }

    const schema::Grammar& grammar_;
    Respelling how_;
    schema::Random& random_;
    std::string out_;
};

}  // namespace

std::string respell(const schema::Grammar& grammar, const Element& document, const Respelling& how,
                    schema::Random& random) {
    return Writer(grammar, how, random).document(document);
}

Respelling any_respelling(schema::Random& random) {
    return {.comments = random.chance(50),
            .references = random.chance(50),
            .sections = random.chance(50),
            .indent = random.chance(50),
            .tags = random.chance(50),
            .prefixes = random.chance(50)};
}

}  // namespace hansa::test
