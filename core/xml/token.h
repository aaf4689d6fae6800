// What the scanner says about a document, one piece at a time.
//
// All views lie in the scanned text, or in the scanner where the text does not stand there as it
// reads (references, line ends, several CDATA sections). They are good until the next call of
// Scanner::next(); a namespace URI as long as its element is open. Copy what must live longer.
//
// Offsets count bytes of the scanned (UTF-8) text from 0, a byte order mark included.
//
// Sources: Extensible Markup Language (XML) 1.0, fifth edition; Namespaces in XML 1.0, third edition.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace hansa::xml {

enum class TokenKind : std::uint8_t {
    start_element,  ///< <a> or <a/>
    end_element,    ///< </a>; <a/> gives both tokens
    text,           ///< character data between two other tokens, CDATA and references included; never empty
    comment,
    instruction,      ///< <?target data?>
    end_of_document,  ///< the last token, again at every further call
};

/// xmlns="uri" (empty prefix) or xmlns:prefix="uri"; an empty uri takes the default namespace away.
struct NamespaceDeclaration {
    std::string_view prefix;
    std::string_view uri;
};

/// An attribute that declares no namespace. Without a prefix it is in no namespace.
struct AttributeToken {
    std::string_view ns;
    std::string_view local;
    std::string_view prefix;
    std::string_view value;    ///< references replaced; each white space character is a space
    std::uint64_t offset = 0;  ///< of the name's first byte
};

/// Which members mean something is said by the kind; the others are empty.
struct Token {
    TokenKind kind = TokenKind::end_of_document;
    std::uint64_t offset = 0;  ///< of the '<', or of the first byte of a text
    std::uint64_t end = 0;     ///< behind the last byte
    // start_element, end_element (for <a/> the end has the place of the whole tag)
    std::string_view ns;
    std::string_view local;  ///< of an instruction: its target
    std::string_view prefix;
    bool empty_tag = false;  ///< <a/>
    // start_element, in the order of the document
    std::span<const AttributeToken> attributes;
    std::span<const NamespaceDeclaration> declarations;
    // text, comment, instruction (its data); line ends are \n
    std::string_view text;
    bool white_space = false;  ///< a text of nothing but spaces, tabs and line ends
};

}  // namespace hansa::xml
