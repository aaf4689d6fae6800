// Tokens as one line a token, so that a test is a pair of texts.
#pragma once

#include <string>
#include <string_view>

#include "core/xml/scanner.h"

namespace hansa::test {

inline std::string visible(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '\n')
            out += "\\n";
        else if (c == '\t')
            out += "\\t";
        else if (c == '\r')
            out += "\\r";
        else
            out += c;
    }
    return out;
}

inline std::string expanded(std::string_view ns, std::string_view prefix, std::string_view local) {
    std::string out;
    if (!ns.empty()) out += "{" + std::string(ns) + "}";
    if (!prefix.empty()) out += std::string(prefix) + ":";
    return out + std::string(local);
}

/// <{ns}p:name +p=uri @{ns}p:name=value>  </p:name>  "text"  _"white space"  #comment  ?target|data
inline std::string dump(const xml::Token& token) {
    std::string out;
    switch (token.kind) {
        case xml::TokenKind::start_element:
            out = "<" + expanded(token.ns, token.prefix, token.local);
            for (const auto& made : token.declarations)
                out += " +" + std::string(made.prefix) + "=" + visible(made.uri);
            for (const auto& a : token.attributes)
                out += " @" + expanded(a.ns, a.prefix, a.local) + "=" + visible(a.value);
            return out + (token.empty_tag ? "/>" : ">");
        case xml::TokenKind::end_element:
            return "</" + expanded(token.ns, token.prefix, token.local) + ">";
        case xml::TokenKind::text:
            return (token.white_space ? "_\"" : "\"") + visible(token.text) + "\"";
        case xml::TokenKind::comment:
            return "#" + visible(token.text);
        case xml::TokenKind::instruction:
            return "?" + std::string(token.local) + "|" + visible(token.text);
        case xml::TokenKind::end_of_document:
            return "end";
    }
    return out;
}

/// The dumps of all tokens with a space between, or of those before an error, and the error's code.
inline std::string dump(std::string_view text, const xml::Limits& limits = {}) {
    xml::Scanner scanner(text, limits);
    std::string out;
    for (;;) {
        const auto kind = scanner.next();
        if (!kind) return out + std::string(kind.error().code.name());
        if (*kind == xml::TokenKind::end_of_document) break;
        out += dump(scanner.token()) + " ";
    }
    if (!out.empty()) out.pop_back();
    return out;
}

}  // namespace hansa::test
