#include "core/xml/characters.h"

#include <algorithm>
#include <span>

namespace hansa::xml {
namespace {

struct Range {
    char32_t first, last;
};

/// Production 4 beyond ASCII.
constexpr std::array<Range, 12> name_start_ranges{{{0xC0, 0xD6},
                                                   {0xD8, 0xF6},
                                                   {0xF8, 0x2FF},
                                                   {0x370, 0x37D},
                                                   {0x37F, 0x1FFF},
                                                   {0x200C, 0x200D},
                                                   {0x2070, 0x218F},
                                                   {0x2C00, 0x2FEF},
                                                   {0x3001, 0xD7FF},
                                                   {0xF900, 0xFDCF},
                                                   {0xFDF0, 0xFFFD},
                                                   {0x10000, 0xEFFFF}}};

/// What production 4a adds to it.
constexpr std::array<Range, 3> name_more_ranges{{{0xB7, 0xB7}, {0x300, 0x36F}, {0x203F, 0x2040}}};

bool in_ranges(std::span<const Range> ranges, char32_t c) {
    return std::any_of(ranges.begin(), ranges.end(), [c](Range r) { return c >= r.first && c <= r.last; });
}

bool is_tail(unsigned char c) {
    return (c & 0xC0u) == 0x80u;
}

}  // namespace

Decoded decode_utf8(std::string_view text, std::size_t at) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
    const unsigned char lead = byte(0);
    const std::size_t left = text.size() - at;
    if (lead < 0x80) return {lead, 1};
    if (lead < 0xC2 || lead > 0xF4) return {};
    const std::size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (left < length) return {};
    for (std::size_t i = 1; i < length; ++i) {
        if (!is_tail(byte(i))) return {};
    }
    // The second byte's narrower range shuts out overlong forms, surrogates and what is too high.
    const unsigned char second = byte(1);
    if ((lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) || (lead == 0xF0 && second < 0x90) ||
        (lead == 0xF4 && second > 0x8F)) {
        return {};
    }
    char32_t value = lead & (0xFFu >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) value = (value << 6) | (byte(i) & 0x3Fu);
    return {value, length};
}

void append_utf8(std::string& out, char32_t value) {
    const auto put = [&out](char32_t byte) { out += static_cast<char>(static_cast<unsigned char>(byte)); };
    if (value < 0x80) return put(value);
    if (value < 0x800) {
        put(0xC0 | (value >> 6));
        return put(0x80 | (value & 0x3F));
    }
    if (value < 0x10000) {
        put(0xE0 | (value >> 12));
    } else {
        put(0xF0 | (value >> 18));
        put(0x80 | ((value >> 12) & 0x3F));
    }
    put(0x80 | ((value >> 6) & 0x3F));
    put(0x80 | (value & 0x3F));
}

bool is_xml_char(char32_t c) {
    if (c < 0x20) return c == '\t' || c == '\n' || c == '\r';
    return c <= 0xD7FF || (c >= 0xE000 && c <= 0xFFFD) || (c >= 0x10000 && c <= 0x10FFFF);
}

bool is_name_start(char32_t c) {
    if (c < 0x80) return has_class(static_cast<char>(c), name_start_byte);
    return in_ranges(name_start_ranges, c);
}

bool is_name_char(char32_t c) {
    if (c < 0x80) return has_class(static_cast<char>(c), name_byte);
    return in_ranges(name_start_ranges, c) || in_ranges(name_more_ranges, c);
}

bool is_xml_text(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        if (has_class(text[at], text_byte)) {
            ++at;
            continue;
        }
        const Decoded c = decode_utf8(text, at);
        if (c.bytes == 0 || !is_xml_char(c.value)) return false;
        at += c.bytes;
    }
    return true;
}

bool is_ncname(std::string_view name) {
    for (std::size_t at = 0; at < name.size();) {
        const Decoded c = decode_utf8(name, at);
        if (c.bytes == 0 || c.value == ':') return false;
        if (at == 0 ? !is_name_start(c.value) : !is_name_char(c.value)) return false;
        at += c.bytes;
    }
    return !name.empty();
}

}  // namespace hansa::xml
