// A document read by the scanner and written by the writer: its canonical form without a tree.
#pragma once

#include <string>
#include <string_view>

#include "core/xml/scanner.h"
#include "core/xml/writer.h"

namespace hansa::test {

/// What the scanner says, said to the writer.
inline void copy_token(const xml::Token& token, xml::Writer& writer) {
    switch (token.kind) {
        case xml::TokenKind::start_element:
            for (const auto& made : token.declarations) writer.declare(made.prefix, made.uri);
            writer.start(token.ns, token.local, token.prefix);
            for (const auto& a : token.attributes) writer.attribute(a.ns, a.local, a.value, a.prefix);
            break;
        case xml::TokenKind::end_element:
            writer.end();
            break;
        case xml::TokenKind::text:
            writer.text(token.text);
            break;
        case xml::TokenKind::instruction:
            writer.instruction(token.local, token.text);
            break;
        case xml::TokenKind::comment:
        case xml::TokenKind::end_of_document:
            break;
    }
}

/// Errors: the scanner's
inline Result<std::string> written_again(std::string_view text, const xml::Limits& limits = {}) {
    xml::Segments segments;
    xml::Writer writer(segments);
    xml::Scanner scanner(text, limits);
    for (;;) {
        const auto kind = scanner.next();
        if (!kind) return kind.error();
        if (*kind == xml::TokenKind::end_of_document) break;
        copy_token(scanner.token(), writer);
    }
    writer.finish();
    return segments.text(xml::Which::canonical);
}

}  // namespace hansa::test
