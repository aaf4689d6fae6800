// A pull scanner: untrusted bytes to tokens, one at a time, no tree.
//
// Everything that makes a document well-formed is checked, namespaces included, and nothing is
// mended. DTDs and entities do not exist: a DOCTYPE is refused before its content is looked at, and so is
// every entity but the five that XML itself knows. The scanner opens nothing.
//
//     xml::Scanner scanner(text);
//     for (;;) {
//         auto kind = scanner.next();
//         if (!kind) return kind.error();  // with line and column
//         if (*kind == xml::TokenKind::end_of_document) break;
//         use(scanner.token());
//     }
//
// Sources: Extensible Markup Language (XML) 1.0, fifth edition; Namespaces in XML 1.0, third edition.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "core/base/result.h"
#include "core/xml/line_index.h"
#include "core/xml/token.h"

namespace hansa::xml {

/// What one document may ask for. A text of 10 MB is also the most that libxml2 takes.
struct Limits {
    std::size_t document_bytes_max = 64u << 20;
    std::size_t depth_max = 64;                ///< elements open at the same time; the root is 1
    std::size_t attributes_max = 256;          ///< of one element, namespace declarations included
    std::size_t namespaces_in_scope_max = 64;  ///< declarations on one path from the root
    std::size_t name_bytes_max = 1'000;        ///< with prefix
    std::size_t text_bytes_max = 10'000'000;   ///< one text, comment, instruction or attribute value
};

/// What the scanner makes of the encoding that the XML declaration names.
enum class DeclaredEncoding {
    binding,    ///< anything but UTF-8 and US-ASCII is refused: the bytes would be misread
    converted,  ///< the text was made UTF-8 by to_utf8 (encoding.h); the name is history
};

/// Reads one document. The text must outlive the scanner. Movable; one thread at a time.
class Scanner {
public:
    explicit Scanner(std::string_view text, const Limits& limits = {},
                     DeclaredEncoding declared = DeclaredEncoding::binding);
    Scanner(Scanner&&) noexcept;
    Scanner& operator=(Scanner&&) noexcept;
    ~Scanner();

    /// Goes to the next token. After an error every call gives the same error.
    ///
    /// Errors: xml.not-xml            there is no element at all, or something else stands before it
    ///         xml.not-well-formed    a rule of XML 1.0 is broken
    ///         xml.truncated          the document ends while something is still open
    ///         xml.namespace-wrong    a rule of Namespaces in XML is broken
    ///         xml.attribute-twice    one element has two attributes of one name or expanded name
    ///         xml.encoding-broken    bytes that are not UTF-8
    ///         xml.encoding-refused   UTF-16, or a declared encoding that is binding and not UTF-8
    ///         xml.version-refused    XML 1.1 or any other version but 1.0
    ///         xml.doctype-refused, xml.entity-refused
    ///         xml.too-large, xml.too-deep, xml.too-many, xml.name-too-long, xml.text-too-long
    ///                                a limit; the message names it
    Result<TokenKind> next();

    /// What next() went to.
    const Token& token() const;

    /// How many elements are open; the element of a start token counts, that of an end token too.
    std::size_t depth() const;

    /// The namespace that a prefix means at the current token (for QNames in values): empty is the
    /// default one. Nothing when the prefix is not declared.
    std::optional<std::string_view> namespace_of(std::string_view prefix) const;

    /// The name in the XML declaration, or empty. Known once next() was called.
    std::string_view declared_encoding() const;

    struct Impl;  ///< scanner_impl.h, for the scanner's own sources

private:
    std::unique_ptr<Impl> impl_;
};

/// Scans a whole document in any encoding that encoding.h knows, and says only whether it is well-formed.
/// Errors: those of Scanner::next and to_utf8
Result<void> scan_well_formed(std::string_view bytes, const Limits& limits = {});

}  // namespace hansa::xml
