// The character classes of XML, and UTF-8 read strictly.
//
// Sources: XML 1.0, fifth edition, productions 2 (Char), 3 (S), 4 and 4a (NameStartChar, NameChar);
//          The Unicode Standard, table 3-7 (well-formed UTF-8 byte sequences).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace hansa::xml {

/// One code point and the bytes it takes; no bytes: the sequence is not UTF-8.
struct Decoded {
    char32_t value = 0;
    std::size_t bytes = 0;
};

/// Reads the code point at `at`, which must be inside `text`. Overlong forms, surrogates and what lies
/// above U+10FFFF are not UTF-8.
Decoded decode_utf8(std::string_view text, std::size_t at);
void append_utf8(std::string& out, char32_t value);

bool is_xml_char(char32_t c);
bool is_name_start(char32_t c);  ///< the colon included, as in production 4
bool is_name_char(char32_t c);

constexpr bool is_space(char c) {
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}
constexpr bool is_ascii(char c) {
    return static_cast<unsigned char>(c) < 0x80;
}

/// What a byte below 0x80 may be, for loops that go a byte at a time. Bytes from 0x80 have no class.
enum ByteClass : std::uint8_t {
    name_start_byte = 1,
    name_byte = 2,
    text_byte = 4,   ///< character data as it stands: not < & ] CR nor a control
    value_byte = 8,  ///< an attribute value as it stands: not < & " ' nor white space but the space
    raw_byte = 16,   ///< comments, CDATA, instructions: not - ] ? CR nor a control
};

namespace detail {
constexpr std::uint8_t classes_of(unsigned c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':';
    const bool more = letter || (c >= '0' && c <= '9') || c == '-' || c == '.';
    const bool printable = c >= 0x20 || c == '\t' || c == '\n';
    unsigned out = 0;
    if (letter) out |= name_start_byte;
    if (more) out |= name_byte;
    if (printable && c != '<' && c != '&' && c != ']') out |= text_byte;
    if (c >= 0x20 && c != '<' && c != '&' && c != '"' && c != '\'') out |= value_byte;
    if (printable && c != '-' && c != ']' && c != '?') out |= raw_byte;
    return static_cast<std::uint8_t>(out);
}
constexpr std::array<std::uint8_t, 256> all_classes() {
    std::array<std::uint8_t, 256> out{};
    for (unsigned c = 0; c < 0x80; ++c) out[c] = classes_of(c);
    return out;
}
inline constexpr std::array<std::uint8_t, 256> byte_classes = all_classes();
}  // namespace detail

constexpr bool has_class(char c, ByteClass wanted) {
    return (detail::byte_classes[static_cast<unsigned char>(c)] & wanted) != 0;
}

/// True when every byte sequence is a character that XML 1.0 allows, in UTF-8.
bool is_xml_text(std::string_view text);

/// True for a name without a colon, in UTF-8 (production 4 of Namespaces in XML).
bool is_ncname(std::string_view name);

}  // namespace hansa::xml
