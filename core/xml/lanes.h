// What the fast readers ask of many bytes at once: where a text, a value or a name ends, and whether bytes
// are characters that XML allows, in UTF-8.
//
// Each level (scalar, SSE2, AVX2, AVX-512) is one struct with the same functions and the same answers;
// the scalar one is the twin that the others are tested against. A mask has bit i for byte i; bits from
// `width` on are zero. A function reads exactly `width` bytes (text_block and characters_good: 64); the
// caller makes sure that they are there.
//
// Loops that use a level are written once, as a body that knows `Lanes` only by that name, and are compiled once
// a level, each in a namespace of its own, so that these functions are inlined into them (a template does
// not do: it cannot carry the target of its parameter):
//
//     #include "core/xml/lanes_x86.h"  // and all other headers
//     HANSA_LANES_BEGIN(AVX2)
//     namespace hansa::xml::avx2 {
//     using Lanes = lanes::Avx2;
//     #include "core/xml/fast_scanner_body.h"
//     }
//     HANSA_LANES_END
//
// Which level runs is chosen at run time: best_level(). The build itself stays baseline x86-64.
//
// Sources: XML 1.0, fifth edition, productions 2 (Char), 4a (NameChar), 10 (AttValue), 14 (CharData);
//          J. Keiser, D. Lemire, "Validating UTF-8 in less than one instruction per byte" (2020): the three
//          tables of characters_end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/xml/characters.h"

namespace hansa::xml::lanes {

enum class Level : std::uint8_t { scalar, sse2, avx2, avx512 };

/// True when this machine has the instructions of the level.
bool supported(Level level);

/// The highest supported level. Asked once, then remembered; any thread.
Level best_level();

std::string_view name_of(Level level);

/// The end of the whole XML characters in text[from, to): `to`, or where a character begins that is not
/// UTF-8, not allowed in XML, or cut off by `to`. `from` is the begin of a character. Every level gives the
/// same answer; it reads no byte outside of the range.
///
/// Cost: 10 to 40 GB/s with AVX2 and more, a byte at a time where a fault is.
std::size_t characters_end(std::string_view text, std::size_t from, std::size_t to, Level level);
inline std::size_t characters_end(std::string_view text, std::size_t from, std::size_t to) {
    return characters_end(text, from, to, best_level());
}

/// Of 64 bytes: where a text stops, and what the text up to there holds. Code points up to bit n are
/// popcount(~tails & low(n)). No `controls` and no `beyond` below n: the text is good; else ask
/// characters_good for the first n bytes.
struct TextBlock {
    std::uint64_t stops;     ///< < & > CR: all that character data may not be or that a reader changes
    std::uint64_t controls;  ///< below 0x20, but not tab, line feed or CR: no XML characters
    std::uint64_t beyond;    ///< from 0x80: not ASCII
    std::uint64_t tails;     ///< 0x80 to 0xBF: every other byte begins a code point
};

/// The lowest n bits, n up to 64.
constexpr std::uint64_t low(unsigned n) {
    return n >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << n) - 1;
}

constexpr bool is_text_stop(char c) {
    return c == '<' || c == '&' || c == '>' || c == '\r';
}
/// What ends or changes an attribute value: both quotation marks, since a mask does not know which one is open.
constexpr bool is_value_stop(char c) {
    return c == '<' || c == '&' || c == '"' || c == '\'' || c == '\t' || c == '\n' || c == '\r';
}
/// ASCII that no name holds. Bytes from 0x80 may belong to a name.
constexpr bool is_name_stop(char c) {
    return is_ascii(c) && !has_class(c, name_byte);
}

/// A byte at a time; says what the others must answer.
struct Scalar {
    static constexpr unsigned width = 16;
    using Mask = std::uint32_t;

    template <class Test>
    static Mask where(const char* at, Test test) {
        Mask out = 0;
        for (unsigned i = 0; i < width; ++i) out |= static_cast<Mask>(test(at[i])) << i;
        return out;
    }
    static Mask text_stops(const char* at) { return where(at, is_text_stop); }
    static Mask value_stops(const char* at) { return where(at, is_value_stop); }
    static Mask name_stops(const char* at) { return where(at, is_name_stop); }
    static Mask not_space(const char* at) {
        return where(at, [](char c) { return !is_space(c); });
    }
    /// White space that a reader may have to change, CR, counts as something else.
    static Mask not_blank(const char* at) {
        return where(at, [](char c) { return c != ' ' && c != '\t' && c != '\n'; });
    }
    /// Bytes that are `a` or `b`.
    static Mask either(const char* at, char a, char b) {
        return where(at, [a, b](char c) { return c == a || c == b; });
    }
    /// The first `count` bytes agree; `count` up to `width`, and `width` bytes are read of both.
    static bool same(const char* a, const char* b, unsigned count) {
        return std::string_view(a, count) == std::string_view(b, count);
    }
    static TextBlock text_block(const char* at);
    /// The first `count` of 64 bytes are whole XML characters.
    static bool characters_good(const char* at, unsigned count);
    static std::size_t characters_end(std::string_view text, std::size_t from, std::size_t to);
};

}  // namespace hansa::xml::lanes
