// Where a plan writes its bytes: a buffer that only grows, with room behind what is written.
//
// The room makes short pieces cheap: a literal of up to 32 bytes is two stores, whatever its size. Texts are
// looked at and copied in one go, 16 bytes at a time; only a text with a sign to escape is gone through again.
// Whole documents that are known but for their texts: plan_pieces.h.
// Escaping is that of xml::append_escaped_text and xml::append_escaped_attribute.
//
// Source: Canonical XML 1.0, section 2.3. Threads: one. Errors: none; std::bad_alloc.
#pragma once

#include <emmintrin.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hansa::mapping::program {

/// Names and tags that are written again and again. A piece may be read `padding` bytes past its end.
class Literals {
public:
    static constexpr std::size_t padding = 64;
    struct Piece {
        std::uint32_t at = 0, size = 0;
    };

    Literals() { bytes_.resize(padding); }
    Piece add(std::string_view text) {
        const Piece made{static_cast<std::uint32_t>(bytes_.size() - padding), static_cast<std::uint32_t>(text.size())};
        bytes_.resize(bytes_.size() - padding);
        bytes_ += text;
        bytes_.resize(bytes_.size() + padding);
        return made;
    }
    const char* at(const Piece& piece) const { return bytes_.data() + piece.at; }
    const char* begin() const { return bytes_.data(); }

private:
    std::string bytes_;
};

/// What a text may not hold as it stands.
struct TextSigns {
    static __m128i among(__m128i signs) {
        const __m128i marks =
            _mm_or_si128(_mm_cmpeq_epi8(signs, _mm_set1_epi8('<')), _mm_cmpeq_epi8(signs, _mm_set1_epi8('>')));
        const __m128i others =
            _mm_or_si128(_mm_cmpeq_epi8(signs, _mm_set1_epi8('&')), _mm_cmpeq_epi8(signs, _mm_set1_epi8('\r')));
        return _mm_or_si128(marks, others);
    }
    static bool is(char c) { return c == '&' || c == '<' || c == '>' || c == '\r'; }
};

/// ... and the value of an attribute: more than need be, but few values hold any.
struct AttributeSigns {
    static __m128i among(__m128i signs) {
        const __m128i marks =
            _mm_or_si128(_mm_cmpeq_epi8(signs, _mm_set1_epi8('<')), _mm_cmpeq_epi8(signs, _mm_set1_epi8('"')));
        const __m128i blanks = _mm_cmpeq_epi8(_mm_min_epu8(signs, _mm_set1_epi8('\x1F')), signs);
        return _mm_or_si128(_mm_or_si128(marks, blanks), _mm_cmpeq_epi8(signs, _mm_set1_epi8('&')));
    }
    static bool is(char c) { return c == '&' || c == '<' || c == '"' || static_cast<unsigned char>(c) < ' '; }
};

/// Copies a text that holds none of the signs. False: it holds one, and what was copied means nothing.
/// Neither side is touched beyond `size`.
template <class Signs>
bool copy_plain(char* to, const char* from, std::size_t size) {
    constexpr std::size_t block = 16, half = 8, quarter = 4;
    if (size >= block) {
        __m128i seen = _mm_setzero_si128();
        const auto move = [&](std::size_t at) {
            const __m128i signs = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + at));
            seen = _mm_or_si128(seen, Signs::among(signs));
            _mm_storeu_si128(reinterpret_cast<__m128i*>(to + at), signs);
        };
        for (std::size_t at = 0; at + block < size; at += block) move(at);
        move(size - block);
        return _mm_movemask_epi8(seen) == 0;
    }
    if (size >= half) {
        const __m128i first = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(from));
        const __m128i last = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(from + size - half));
        _mm_storel_epi64(reinterpret_cast<__m128i*>(to), first);
        _mm_storel_epi64(reinterpret_cast<__m128i*>(to + size - half), last);
        return _mm_movemask_epi8(Signs::among(_mm_unpacklo_epi64(first, last))) == 0;
    }
    if (size >= quarter) {
        std::uint32_t first, last;
        std::memcpy(&first, from, quarter);
        std::memcpy(&last, from + size - quarter, quarter);
        std::memcpy(to, &first, quarter);
        std::memcpy(to + size - quarter, &last, quarter);
        const __m128i both =
            _mm_unpacklo_epi32(_mm_cvtsi32_si128(static_cast<int>(first)), _mm_cvtsi32_si128(static_cast<int>(last)));
        return _mm_movemask_epi8(Signs::among(_mm_unpacklo_epi64(both, both))) == 0;
    }
    for (std::size_t at = 0; at < size; ++at) {
        if (Signs::is(from[at])) return false;
        to[at] = from[at];
    }
    return true;
}

class OutBytes {
public:
    void clear() { size_ = 0; }
    std::size_t size() const { return size_; }
    /// Gives up what stands behind `size`.
    void shorten(std::size_t size) { size_ = std::min(size, size_); }
    std::string_view view() const { return {bytes_.get(), size_}; }
    void swap(OutBytes& other) {
        bytes_.swap(other.bytes_);
        std::swap(size_, other.size_);
        std::swap(room_, other.room_);
    }

    void append(std::string_view text) {
        reserve(text.size());
        std::copy(text.begin(), text.end(), bytes_.get() + size_);
        size_ += text.size();
    }
    void append(char sign) {
        reserve(1);
        bytes_[size_++] = sign;
    }
    void literal(const Literals& pool, const Literals::Piece& piece) {
        reserve(piece.size + Literals::padding);
        put(pool.at(piece), piece.size);
    }
    /// <name>text</name>, the text escaped.
    void element(const Literals& pool, const Literals::Piece& opening, std::string_view text,
                 const Literals::Piece& closing) {
        reserve(std::size_t{opening.size} + text.size() + closing.size + 2 * Literals::padding);
        put(pool.at(opening), opening.size);
        if (copy_plain<TextSigns>(bytes_.get() + size_, text.data(), text.size()))
            size_ += text.size();
        else
            escaped(text);
        reserve(closing.size + Literals::padding);
        put(pool.at(closing), closing.size);
    }
    void text(std::string_view text) {
        reserve(text.size());
        if (copy_plain<TextSigns>(bytes_.get() + size_, text.data(), text.size()))
            size_ += text.size();
        else
            escaped(text);
    }
    void attribute(std::string_view value);

    // --- for who writes many pieces ---

    /// The end, behind which `free` bytes may be written, `least` or more. What was written is told by end_at().
    char* room(std::size_t least, std::size_t& free) {
        reserve(least);
        free = room_ - size_;
        return bytes_.get() + size_;
    }
    void end_at(const char* end) { size_ = static_cast<std::size_t>(end - bytes_.get()); }

private:
    void reserve(std::size_t more) {
        if (room_ - size_ < more) grow(more);
    }
    void put(const char* from, std::size_t size) {
        char* const to = bytes_.get() + size_;
        constexpr std::size_t block = 16;
        const auto move = [&](std::size_t at) {
            _mm_storeu_si128(reinterpret_cast<__m128i*>(to + at),
                             _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + at)));
        };
        move(0);
        move(block);
        for (std::size_t at = 2 * block; at < size; at += 2 * block) {
            move(at);
            move(at + block);
        }
        size_ += size;
    }
    [[gnu::cold]] void grow(std::size_t more);
    [[gnu::cold]] void escaped(std::string_view text);

    std::unique_ptr<char[]> bytes_;
    std::size_t size_ = 0, room_ = 0;
    std::string spare_;
};

/// Two outputs in each other's place, until it is gone.
class Swapped {
public:
    Swapped(OutBytes& one, OutBytes& other) : one_(one), other_(other) { one_.swap(other_); }
    ~Swapped() { one_.swap(other_); }
    Swapped(const Swapped&) = delete;
    Swapped& operator=(const Swapped&) = delete;

private:
    OutBytes &one_, &other_;
};

}  // namespace hansa::mapping::program
