// Random documents in random spellings: namespaces declared here and there, attributes in any order and quotes,
// references, CDATA, comments, instructions, line ends. Well-formed, and the same for the same random state.
#pragma once

#include <random>
#include <string>
#include <vector>

namespace hansa::test {

class SpelledDocument {
public:
    explicit SpelledDocument(std::mt19937_64& random) : random_(random) {}

    std::string make() {
        out_.clear();
        scopes_ = {{{"xml", "http://www.w3.org/XML/1998/namespace"}}};
        elements_ = 0;
        if (one_of(3)) out_ += one_of(2) ? "<?xml version=\"1.0\" encoding=\"UTF-8\"?>" : "<?xml version='1.0'?>\n";
        misc();
        element(0);
        misc();
        return out_;
    }

private:
    using Scope = std::vector<std::pair<std::string, std::string>>;  ///< prefix, URI; innermost last

    bool one_of(unsigned n) { return random_() % n == 0; }
    template <class List>
    const auto& pick(const List& list) {
        return list[random_() % list.size()];
    }

    void space() {
        static const std::vector<std::string> kinds{" ", "  ", "\n", "\t", " \r\n ", "\r"};
        out_ += one_of(3) ? pick(kinds) : " ";
    }
    void perhaps_space() {
        if (one_of(6)) space();
    }

    void misc() {
        while (one_of(3)) {
            if (one_of(2)) comment();
            if (one_of(3)) out_ += "<?go now  or\r\nlater?>";
            if (one_of(3)) out_ += "<?stop?>";
            if (one_of(2)) out_ += "\n";
        }
    }
    void comment() {
        static const std::vector<std::string> kinds{"<!---->", "<!-- a & b < c > \"d\" -->", "<!--\r\nx\r-->"};
        out_ += pick(kinds);
    }

    /// URI of a prefix in scope; nullptr: not declared.
    const std::string* meaning(const std::string& prefix) const {
        for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
            for (const auto& [known, uri] : *scope) {
                if (known == prefix) return &uri;
            }
        }
        return nullptr;
    }

    void element(unsigned depth) {
        static const std::vector<std::string> uris{"urn:a", "urn:b:c", "http://www.w3.org/2000/09/xmldsig#",
                                                   "http://example.org/x/y"};
        static const std::vector<std::string> prefixes{"", "p", "q", "ds", "a-b"};
        static const std::vector<std::string> locals{"a", "b", "Content", "x.y", "\xE8\x8C\xB6"};
        ++elements_;
        Scope own;
        std::vector<std::string> written;
        for (const std::string& prefix : prefixes) {
            if (!one_of(depth == 0 ? 2 : 5)) continue;
            const std::string uri = prefix.empty() && one_of(3) ? "" : pick(uris);
            own.emplace_back(prefix, uri);
            written.push_back((prefix.empty() ? "xmlns" : "xmlns:" + prefix) + equals() + quoted_plain(uri));
        }
        scopes_.push_back(own);
        std::vector<std::string> usable;
        for (const std::string& prefix : prefixes) {
            if (prefix.empty() || meaning(prefix) != nullptr) usable.push_back(prefix);
        }
        const std::string prefix = pick(usable);
        const std::string name = (prefix.empty() ? "" : prefix + ":") + pick(locals);
        attributes(usable, written);
        std::shuffle(written.begin(), written.end(), random_);
        out_ += "<" + name;
        for (const std::string& one : written) {
            space();
            out_ += one;
        }
        perhaps_space();
        const bool empty = one_of(4);
        if (empty && one_of(2)) {
            out_ += "/>";
        } else {
            out_ += ">";
            if (!empty) content(depth);
            out_ += "</" + name;
            perhaps_space();
            out_ += ">";
        }
        scopes_.pop_back();
    }

    std::string equals() { return one_of(8) ? " = " : "="; }
    std::string quoted_plain(const std::string& text) {
        const char quote = one_of(2) ? '\'' : '"';
        return quote + text + quote;
    }

    void attributes(const std::vector<std::string>& usable, std::vector<std::string>& written) {
        static const std::vector<std::string> locals{"b", "Id", "z", "name", "\xC3\xA9"};
        std::vector<std::string> taken;  // "uri local"
        for (const std::string& local : locals) {
            if (!one_of(4)) continue;
            const std::string prefix = pick(usable);
            const std::string ns = prefix.empty() ? "" : *meaning(prefix);
            if (!prefix.empty() && ns.empty()) continue;
            const std::string key = ns + " " + local;
            if (std::find(taken.begin(), taken.end(), key) != taken.end()) continue;
            taken.push_back(key);
            written.push_back((prefix.empty() ? "" : prefix + ":") + local + equals() + value());
        }
        static const std::vector<std::string> inherited{"xml:lang='en'", "xml:space=\"preserve\"", "xml:lang=\"de\"",
                                                        "xml:base='http://example.org/'"};
        if (one_of(8)) written.push_back(pick(inherited));
    }

    std::string value() {
        static const std::vector<std::string> pieces{"v",      "1 2",    "&amp;", "&lt;", "&#10;",
                                                     "&#xD;",  "&#9;",   "\n",    "\r\n", "\xE8\x8C\xB6",
                                                     "&quot;", "&apos;", ">",     "&gt;", "&#x8336;"};
        const bool single = one_of(2);
        std::string out;
        while (!one_of(3)) out += one_of(9) ? (single ? "\"" : "'") : pick(pieces);
        return (single ? "'" : "\"") + out + (single ? "'" : "\"");
    }

    /// "]]>" must not come about.
    void piece(const std::string& text) {
        if (!(out_.ends_with("]") && text.starts_with(">"))) out_ += text;
    }

    void content(unsigned depth) {
        static const std::vector<std::string> pieces{"text",
                                                     " ",
                                                     "\n  ",
                                                     "&amp;",
                                                     "&lt;",
                                                     "&gt;",
                                                     ">",
                                                     "\r\n",
                                                     "\r",
                                                     "&#13;",
                                                     "<![CDATA[<raw> & ]] ]]>",
                                                     "<![CDATA[]]>",
                                                     "]",
                                                     "\"",
                                                     "\xE8\x8C\xB6",
                                                     "&#x1F600;",
                                                     "<?in side?>",
                                                     "&quot;"};
        while (!one_of(4)) {
            if (depth < 6 && elements_ < 60 && one_of(2))
                element(depth + 1);
            else if (one_of(8))
                comment();
            else
                piece(pick(pieces));
        }
    }

    std::mt19937_64& random_;
    std::string out_;
    std::vector<Scope> scopes_;
    unsigned elements_ = 0;
};

}  // namespace hansa::test
