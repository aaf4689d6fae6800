// The inside of the scanner: what its two sources (scanner.cpp: documents and elements;
// scanner_text.cpp: characters, texts, names) share.
#pragma once

#include <algorithm>
#include <charconv>
#include <string>
#include <vector>

#include "core/xml/characters.h"
#include "core/xml/namespaces.h"
#include "core/xml/scanner.h"
#include "core/xml/text_run.h"

namespace hansa::xml {

inline std::string hex_of(char32_t value) {
    char digits[8];
    const auto end = std::to_chars(digits, digits + sizeof digits, static_cast<unsigned>(value), 16).ptr;
    return "U+" + std::string(digits, end);
}

/// A name for a message: long ones are cut, since messages are read by people.
inline std::string quoted(std::string_view name) {
    constexpr std::size_t shown_max = 80;
    std::size_t cut = std::min(name.size(), shown_max);
    while (cut < name.size() && cut > 0 && (static_cast<unsigned char>(name[cut]) & 0xC0u) == 0x80u) --cut;
    return "'" + std::string(name.substr(0, cut)) + (cut < name.size() ? "...'" : "'");
}

inline bool equals_ignoring_case(std::string_view a, std::string_view upper) {
    const auto raised = [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; };
    return std::equal(a.begin(), a.end(), upper.begin(), upper.end(), [&](char x, char y) { return raised(x) == y; });
}

/// The parser's functions return false after fail(), which keeps the error; `at` then means nothing.
struct Scanner::Impl {
    enum class Stage { start, prolog, content, epilog };

    struct RawAttribute {
        QName name;
        std::size_t offset;
        TextRun value;
    };
    struct Open {
        QName name;
        std::string_view ns;
        std::size_t offset;
        std::size_t bindings_before;
    };

    Impl(std::string_view text_, const Limits& limits_, DeclaredEncoding declared_)
        : text(text_), limits(limits_), declared(declared_) {}

    bool step();
    bool begin();
    bool xml_declaration();
    bool pseudo_attribute(std::string_view& value);
    bool check_version(std::string_view version, std::size_t offset);
    bool check_encoding(std::string_view name, std::size_t offset);
    bool outside_root();
    bool markup(std::size_t from);
    bool start_tag();
    bool attribute();
    bool declare_namespaces();
    bool resolve_names();
    bool check_unique();
    bool end_tag();
    bool empty_end();
    bool text_token();
    bool cdata(TextRun& run);
    bool comment();
    bool instruction();
    bool raw_text(std::string_view terminator, TextRun& run, std::string_view what);
    bool attribute_value(TextRun& value);
    bool reference(TextRun& run);
    bool character_reference(TextRun& run);
    bool name(std::string_view& out);
    bool qname(QName& out);
    bool other_character(std::string_view what);
    bool skip_run(ByteClass wanted, std::string_view what);
    bool within(std::size_t size, std::size_t max, std::size_t offset, std::string_view limit);
    void close_ended();
    bool doctype(std::size_t from);
    bool other_entity(std::size_t from, std::string_view entity, TextRun& run);

    bool fail(Code code, std::size_t offset, std::string detail);
    /// A character that cannot stand here, or the end of the input.
    bool unexpected(std::string_view wanted);

    bool at_end() const { return at >= text.size(); }
    bool looking_at(std::string_view literal) const { return text.substr(at, literal.size()) == literal; }
    /// The input ends inside of what could have become the literal.
    bool cut_off(std::string_view literal) const {
        return text.size() - at < literal.size() && literal.starts_with(text.substr(at));
    }
    bool expect(std::string_view literal, std::string_view wanted) {
        if (cut_off(literal)) at = text.size();
        if (!looking_at(literal)) return unexpected(wanted);
        at += literal.size();
        return true;
    }
    bool take(char c) {
        if (at_end() || text[at] != c) return false;
        ++at;
        return true;
    }
    bool skip_space() {
        const std::size_t from = at;
        while (!at_end() && is_space(text[at])) ++at;
        return at != from;
    }
    void set_token(TokenKind kind, std::size_t from) {
        token = Token{};
        token.kind = kind;
        token.offset = from;
        token.end = at;
    }

    std::string_view text;
    Limits limits;
    DeclaredEncoding declared;
    std::size_t at = 0;
    Stage stage = Stage::start;
    bool ascii_only = false;
    std::string_view encoding;
    Token token;
    std::optional<Error> error;

    std::vector<Open> open;
    bool end_is_due = false;    ///< the start token of an empty tag was given
    bool close_is_due = false;  ///< an end token was given; its element closes at the next step
    NamespaceScope scope;
    std::string scratch;
    std::vector<RawAttribute> raw;
    std::vector<AttributeToken> attributes;
    std::vector<NamespaceDeclaration> declarations;
    std::vector<std::size_t> order;  ///< of attributes, for the check of uniqueness

#ifdef HANSA_XML_TEST_READS_DOCTYPE
    // Only in the test's own build, which must reach what stands behind a DOCTYPE.
    // See tests/conformance/xmlconf/doctype_scanner.cpp.
    struct Subset* subset = nullptr;
#endif
};

}  // namespace hansa::xml
