// The levels of lanes.h that have vectors: SSE2, AVX2, AVX-512. What each function means stands there.
//
// A set of bytes with different low nibbles is found by one shuffle: it fetches, for each byte, the
// member of the set with this low nibble; where that is the byte itself, it is in the set. Bytes from
// 0x80 fetch zero and so are in no set.
#pragma once

#include <immintrin.h>

#include "core/xml/lanes.h"

#define HANSA_TARGET_AVX2 "avx2,bmi,bmi2,lzcnt,popcnt"
#define HANSA_TARGET_AVX512 "avx2,bmi,bmi2,lzcnt,popcnt,avx512f,avx512bw,avx512vl,avx512dq,avx512vbmi,avx512vbmi2"

// What stands between BEGIN and END is compiled for the level's instructions. Include other headers before: they
// belong to everybody.
#define HANSA_LANES_DO(pragma) _Pragma(#pragma)
#ifdef __clang__
#define HANSA_LANES_BEGIN(level) \
    HANSA_LANES_DO(clang attribute push(__attribute__((target(HANSA_TARGET_##level))), apply_to = function))
#define HANSA_LANES_END HANSA_LANES_DO(clang attribute pop)
#else
#define HANSA_LANES_TARGET(list) HANSA_LANES_DO(GCC target(list))
#define HANSA_LANES_BEGIN(level) HANSA_LANES_DO(GCC push_options) HANSA_LANES_TARGET(HANSA_TARGET_##level)
#define HANSA_LANES_END HANSA_LANES_DO(GCC pop_options)
#endif

namespace hansa::xml::lanes {

/// Part of every x86-64.
struct Sse2 {
    static constexpr unsigned width = 16;
    using Mask = std::uint32_t;

    static __m128i load(const char* at) {
        return _mm_loadu_si128(static_cast<const __m128i*>(static_cast<const void*>(at)));
    }
    static Mask mask(__m128i found) { return static_cast<Mask>(_mm_movemask_epi8(found)); }
    static __m128i is(__m128i bytes, char c) { return _mm_cmpeq_epi8(bytes, _mm_set1_epi8(c)); }
    /// first <= byte <= first + more, as unsigned.
    static __m128i between(__m128i bytes, char first, char more) {
        const __m128i from = _mm_sub_epi8(bytes, _mm_set1_epi8(first));
        return _mm_cmpeq_epi8(_mm_min_epu8(from, _mm_set1_epi8(more)), from);
    }
    static __m128i any(__m128i a, __m128i b) { return _mm_or_si128(a, b); }

    static __m128i text_stop_bytes(__m128i v) { return any(any(is(v, '<'), is(v, '&')), any(is(v, '>'), is(v, '\r'))); }
    static __m128i spaces(__m128i v) { return any(any(is(v, ' '), is(v, '\t')), any(is(v, '\n'), is(v, '\r'))); }

    static Mask text_stops(const char* at) { return mask(text_stop_bytes(load(at))); }
    static Mask value_stops(const char* at) {
        const __m128i v = load(at);
        const __m128i marks = any(any(is(v, '<'), is(v, '&')), any(is(v, '"'), is(v, '\'')));
        return mask(any(marks, any(any(is(v, '\t'), is(v, '\n')), is(v, '\r'))));
    }
    static Mask name_stops(const char* at) {
        const __m128i v = load(at);
        const __m128i letters = between(_mm_or_si128(v, _mm_set1_epi8(0x20)), 'a', 'z' - 'a');
        const __m128i digits = between(v, '0', ':' - '0');
        const __m128i signs = any(any(is(v, '-'), is(v, '.')), is(v, '_'));
        return ~(mask(any(any(letters, digits), signs)) | mask(v)) & 0xFFFFu;
    }
    static Mask not_space(const char* at) { return ~mask(spaces(load(at))) & 0xFFFFu; }
    static Mask not_blank(const char* at) {
        const __m128i v = load(at);
        return ~mask(any(any(is(v, ' '), is(v, '\t')), is(v, '\n'))) & 0xFFFFu;
    }
    static Mask either(const char* at, char a, char b) {
        const __m128i v = load(at);
        return mask(any(is(v, a), is(v, b)));
    }
    static bool same(const char* a, const char* b, unsigned count) {
        const Mask differ = ~mask(_mm_cmpeq_epi8(load(a), load(b)));
        return (differ & static_cast<Mask>(low(count))) == 0;
    }
    static TextBlock text_block(const char* at) {
        TextBlock out{};
        for (unsigned i = 0; i < 64; i += width) {
            const __m128i v = load(at + i);
            const __m128i controls = _mm_andnot_si128(spaces(v), between(v, 0, 0x1F));
            out.stops |= std::uint64_t{mask(text_stop_bytes(v))} << i;
            out.controls |= std::uint64_t{mask(controls)} << i;
            out.beyond |= std::uint64_t{mask(v)} << i;
            out.tails |= std::uint64_t{mask(_mm_cmplt_epi8(v, _mm_set1_epi8(static_cast<char>(0xC0))))} << i;
        }
        return out;
    }
    static bool characters_good(const char* at, unsigned count) { return Scalar::characters_good(at, count); }
    static std::size_t characters_end(std::string_view text, std::size_t from, std::size_t to);
};

namespace detail {

constexpr char nowhere = static_cast<char>(0x80);  ///< no byte below 0x80 is it

/// Sixteen entries, one a low nibble: the member of the set with this low nibble, or one that never fits.
struct Nibbles {
    alignas(16) char of[16];
};
constexpr Nibbles set_of(std::string_view members) {
    Nibbles out{};
    for (char& entry : out.of) entry = nowhere;
    for (const char c : members) out.of[static_cast<unsigned char>(c) & 15u] = c;
    return out;
}
inline constexpr Nibbles text_stop_set = set_of("<&>\r");
inline constexpr Nibbles value_stop_set = set_of("<&\"'\t\n\r");
inline constexpr Nibbles space_set = set_of(" \t\n\r");
inline constexpr Nibbles blank_set = set_of(" \t\n");

/// ASCII in no name, by rows (high nibble) and columns (low nibble) that share a bit.
struct NameTables {
    Nibbles column{}, row{};
};
constexpr NameTables name_tables() {
    NameTables out;
    constexpr char row_bits[16] = {1, 1, 2, 4, 8, 16, 8, 4};
    for (unsigned i = 0; i < 16; ++i) {
        const unsigned bits = 1u | (i == 13 || i == 14 ? 0u : 2u) | (i >= 11 ? 4u : 0u) | (i == 0 ? 8u : 0u) |
                              (i >= 11 && i <= 14 ? 16u : 0u);
        out.column.of[i] = static_cast<char>(bits);
        out.row.of[i] = row_bits[i];
    }
    return out;
}
inline constexpr NameTables name_stop_tables = name_tables();

/// What two neighbouring bytes can do wrong; the paper's eight faults, a bit each.
enum : unsigned {
    too_short = 1,    ///< a lead without its tail
    too_long = 2,     ///< a tail behind ASCII
    overlong_3 = 4,   ///< E0 80..9F
    too_large = 8,    ///< F4 90 and more, F5 and more
    surrogate = 16,   ///< ED A0..BF
    overlong_2 = 32,  ///< C0, C1
    overlong_4 = 64,  ///< F0 80..8F; with F5 and more: too large
    two_tails = 128,  ///< right only as third or fourth byte
    carry = too_short | too_long | two_tails,
};
struct Utf8Tables {
    Nibbles first_high{}, first_low{}, second_high{};
};
constexpr Utf8Tables utf8_tables() {
    Utf8Tables out;
    for (unsigned i = 0; i < 16; ++i) {
        unsigned high = too_long;
        if (i >= 8 && i < 12) high = two_tails;
        if (i == 12) high = too_short | overlong_2;
        if (i == 13) high = too_short;
        if (i == 14) high = too_short | overlong_3 | surrogate;
        if (i == 15) high = too_short | too_large | overlong_4;
        unsigned low_nibble = carry;
        if (i == 0) low_nibble |= overlong_3 | overlong_2 | overlong_4;
        if (i == 1) low_nibble |= overlong_2;
        if (i >= 4) low_nibble |= too_large;
        if (i >= 5) low_nibble |= overlong_4;
        if (i == 13) low_nibble |= surrogate;

        unsigned second = too_short;
        if (i >= 8 && i < 12) second = too_long | overlong_2 | two_tails;
        if (i == 8) second |= overlong_3 | overlong_4;
        if (i == 9) second |= overlong_3 | too_large;
        if (i == 10 || i == 11) second |= surrogate | too_large;
        out.first_high.of[i] = static_cast<char>(static_cast<unsigned char>(high));
        out.first_low.of[i] = static_cast<char>(static_cast<unsigned char>(low_nibble));
        out.second_high.of[i] = static_cast<char>(static_cast<unsigned char>(second));
    }
    return out;
}
inline constexpr Utf8Tables utf8_fault_tables = utf8_tables();

}  // namespace detail

#define HANSA_LANE [[gnu::target(HANSA_TARGET_AVX2), gnu::always_inline]] static inline

struct Avx2 {
    static constexpr unsigned width = 32;
    using Mask = std::uint32_t;

    HANSA_LANE __m256i load(const char* at) {
        return _mm256_loadu_si256(static_cast<const __m256i*>(static_cast<const void*>(at)));
    }
    HANSA_LANE __m256i table(const detail::Nibbles& nibbles) {
        return _mm256_broadcastsi128_si256(
            _mm_load_si128(static_cast<const __m128i*>(static_cast<const void*>(nibbles.of))));
    }
    HANSA_LANE Mask mask(__m256i found) { return static_cast<Mask>(_mm256_movemask_epi8(found)); }
    HANSA_LANE bool none(__m256i found) { return _mm256_testz_si256(found, found) != 0; }
    HANSA_LANE __m256i in_set(__m256i bytes, const detail::Nibbles& set) {
        return _mm256_cmpeq_epi8(_mm256_shuffle_epi8(table(set), bytes), bytes);
    }
    HANSA_LANE __m256i high_nibbles(__m256i bytes) {
        return _mm256_and_si256(_mm256_srli_epi16(bytes, 4), _mm256_set1_epi8(15));
    }

    HANSA_LANE Mask text_stops(const char* at) { return mask(in_set(load(at), detail::text_stop_set)); }
    HANSA_LANE Mask value_stops(const char* at) { return mask(in_set(load(at), detail::value_stop_set)); }
    HANSA_LANE Mask name_stops(const char* at) {
        const __m256i v = load(at);
        const __m256i column = _mm256_shuffle_epi8(table(detail::name_stop_tables.column), v);
        const __m256i row = _mm256_shuffle_epi8(table(detail::name_stop_tables.row), high_nibbles(v));
        return ~mask(_mm256_cmpeq_epi8(_mm256_and_si256(column, row), _mm256_setzero_si256()));
    }
    HANSA_LANE Mask not_space(const char* at) { return ~mask(in_set(load(at), detail::space_set)); }
    HANSA_LANE Mask not_blank(const char* at) { return ~mask(in_set(load(at), detail::blank_set)); }
    HANSA_LANE Mask either(const char* at, char a, char b) {
        const __m256i v = load(at);
        return mask(
            _mm256_or_si256(_mm256_cmpeq_epi8(v, _mm256_set1_epi8(a)), _mm256_cmpeq_epi8(v, _mm256_set1_epi8(b))));
    }
    HANSA_LANE bool same(const char* a, const char* b, unsigned count) {
        const Mask differ = ~mask(_mm256_cmpeq_epi8(load(a), load(b)));
        return _bzhi_u32(differ, count) == 0;
    }

    HANSA_LANE __m256i control_bytes(__m256i v) {
        const __m256i below = _mm256_cmpeq_epi8(_mm256_min_epu8(v, _mm256_set1_epi8(0x1F)), v);
        return _mm256_andnot_si256(in_set(v, detail::space_set), below);
    }
    HANSA_LANE TextBlock text_block(const char* at) {
        TextBlock out{};
        for (unsigned i = 0; i < 64; i += width) {
            const __m256i v = load(at + i);
            out.stops |= std::uint64_t{mask(in_set(v, detail::text_stop_set))} << i;
            out.controls |= std::uint64_t{mask(control_bytes(v))} << i;
            out.beyond |= std::uint64_t{mask(v)} << i;
            out.tails |= std::uint64_t{mask(_mm256_cmpgt_epi8(_mm256_set1_epi8(static_cast<char>(0xC0)), v))} << i;
        }
        return out;
    }

    /// The bytes one, two, three places earlier.
    template <int places>
    HANSA_LANE __m256i earlier(__m256i v, __m256i before) {
        return _mm256_alignr_epi8(v, _mm256_permute2x128_si256(before, v, 0x21), 16 - places);
    }
    /// Not zero where these bytes, behind those before, are not UTF-8. A character that goes on behind the last byte
    /// is not seen here.
    HANSA_LANE __m256i faults(__m256i v, __m256i before) {
        const __m256i one = earlier<1>(v, before);
        const __m256i two = earlier<2>(v, before);
        const __m256i three = earlier<3>(v, before);
        const detail::Utf8Tables& tables = detail::utf8_fault_tables;
        const __m256i low_nibble = _mm256_and_si256(one, _mm256_set1_epi8(15));
        const __m256i pair =
            _mm256_and_si256(_mm256_and_si256(_mm256_shuffle_epi8(table(tables.first_high), high_nibbles(one)),
                                              _mm256_shuffle_epi8(table(tables.first_low), low_nibble)),
                             _mm256_shuffle_epi8(table(tables.second_high), high_nibbles(v)));
        // A third or fourth byte stands exactly where two tails follow one another.
        const __m256i third = _mm256_subs_epu8(two, _mm256_set1_epi8(0xE0 - 0x80));
        const __m256i fourth = _mm256_subs_epu8(three, _mm256_set1_epi8(0xF0 - 0x80));
        const __m256i wanted =
            _mm256_and_si256(_mm256_or_si256(third, fourth), _mm256_set1_epi8(static_cast<char>(0x80)));
        return _mm256_xor_si256(pair, wanted);
    }
    /// Not zero at the end of U+FFFE and U+FFFF (EF BF BE, EF BF BF).
    HANSA_LANE __m256i not_characters(__m256i v, __m256i before) {
        const __m256i from_be = _mm256_cmpeq_epi8(_mm256_max_epu8(v, _mm256_set1_epi8(static_cast<char>(0xBE))), v);
        const __m256i ef = _mm256_cmpeq_epi8(earlier<2>(v, before), _mm256_set1_epi8(static_cast<char>(0xEF)));
        const __m256i bf = _mm256_cmpeq_epi8(earlier<1>(v, before), _mm256_set1_epi8(static_cast<char>(0xBF)));
        return _mm256_and_si256(_mm256_and_si256(ef, bf), from_be);
    }
    HANSA_LANE __m256i all_faults(__m256i v, __m256i before) {
        return _mm256_or_si256(_mm256_or_si256(faults(v, before), not_characters(v, before)), control_bytes(v));
    }
    /// Bytes kept below `count`, spaces from there on.
    HANSA_LANE __m256i first_bytes(__m256i v, int count) {
        const __m256i index = _mm256_setr_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20,
                                               21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31);
        const __m256i kept = _mm256_cmpgt_epi8(_mm256_set1_epi8(static_cast<char>(count)), index);
        return _mm256_blendv_epi8(_mm256_set1_epi8(' '), v, kept);
    }
    HANSA_LANE bool characters_good(const char* at, unsigned count) {
        const int bytes = static_cast<int>(count);
        const __m256i first = first_bytes(load(at), bytes);
        const __m256i space = _mm256_set1_epi8(' ');
        __m256i wrong = all_faults(first, space);
        if (count >= width) {
            const __m256i second = first_bytes(load(at + width), bytes - static_cast<int>(width));
            wrong = _mm256_or_si256(wrong, all_faults(second, first));
            // What is cut off by the end of the 64 bytes.
            if (count == 64) wrong = _mm256_or_si256(wrong, all_faults(space, second));
        }
        return none(wrong);
    }
    static std::size_t characters_end(std::string_view text, std::size_t from, std::size_t to);
};

#undef HANSA_LANE
#define HANSA_LANE [[gnu::target(HANSA_TARGET_AVX512), gnu::always_inline]] static inline

struct Avx512 {
    static constexpr unsigned width = 64;
    using Mask = std::uint64_t;

    HANSA_LANE __m512i load(const char* at) { return _mm512_loadu_si512(at); }
    HANSA_LANE __m512i table(const detail::Nibbles& nibbles) {
        return _mm512_maskz_broadcast_i32x4(
            0xFFFF, _mm_load_si128(static_cast<const __m128i*>(static_cast<const void*>(nibbles.of))));
    }
    HANSA_LANE Mask in_set(__m512i bytes, const detail::Nibbles& set) {
        return _mm512_cmpeq_epi8_mask(_mm512_shuffle_epi8(table(set), bytes), bytes);
    }
    HANSA_LANE __m512i high_nibbles(__m512i bytes) {
        return _mm512_and_si512(_mm512_srli_epi16(bytes, 4), _mm512_set1_epi8(15));
    }

    HANSA_LANE Mask text_stops(const char* at) { return in_set(load(at), detail::text_stop_set); }
    HANSA_LANE Mask value_stops(const char* at) { return in_set(load(at), detail::value_stop_set); }
    HANSA_LANE Mask name_stops(const char* at) {
        const __m512i v = load(at);
        const __m512i column = _mm512_shuffle_epi8(table(detail::name_stop_tables.column), v);
        const __m512i row = _mm512_shuffle_epi8(table(detail::name_stop_tables.row), high_nibbles(v));
        return _mm512_test_epi8_mask(column, row);
    }
    HANSA_LANE Mask not_space(const char* at) { return ~in_set(load(at), detail::space_set); }
    HANSA_LANE Mask not_blank(const char* at) { return ~in_set(load(at), detail::blank_set); }
    HANSA_LANE Mask either(const char* at, char a, char b) {
        const __m512i v = load(at);
        return _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8(a)) | _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8(b));
    }
    HANSA_LANE bool same(const char* a, const char* b, unsigned count) {
        return _bzhi_u64(_mm512_cmpneq_epi8_mask(load(a), load(b)), count) == 0;
    }

    HANSA_LANE Mask controls(__m512i v) {
        return _mm512_cmplt_epu8_mask(v, _mm512_set1_epi8(0x20)) & ~in_set(v, detail::space_set);
    }
    HANSA_LANE TextBlock text_block(const char* at) {
        const __m512i v = load(at);
        return {in_set(v, detail::text_stop_set), controls(v), _mm512_movepi8_mask(v),
                _mm512_cmplt_epi8_mask(v, _mm512_set1_epi8(static_cast<char>(0xC0)))};
    }

    template <int places>
    HANSA_LANE __m512i earlier(__m512i v, __m512i before) {
        // The 16 bytes before each 16 bytes, then as with shorter vectors.
        const __m512i shifted = _mm512_maskz_alignr_epi64(0xFF, v, before, 6);
        return _mm512_alignr_epi8(v, shifted, 16 - places);
    }
    HANSA_LANE __m512i faults(__m512i v, __m512i before) {
        const __m512i one = earlier<1>(v, before);
        const __m512i two = earlier<2>(v, before);
        const __m512i three = earlier<3>(v, before);
        const detail::Utf8Tables& tables = detail::utf8_fault_tables;
        const __m512i low_nibble = _mm512_and_si512(one, _mm512_set1_epi8(15));
        const __m512i pair =
            _mm512_and_si512(_mm512_and_si512(_mm512_shuffle_epi8(table(tables.first_high), high_nibbles(one)),
                                              _mm512_shuffle_epi8(table(tables.first_low), low_nibble)),
                             _mm512_shuffle_epi8(table(tables.second_high), high_nibbles(v)));
        const __m512i third = _mm512_subs_epu8(two, _mm512_set1_epi8(0xE0 - 0x80));
        const __m512i fourth = _mm512_subs_epu8(three, _mm512_set1_epi8(0xF0 - 0x80));
        const __m512i wanted =
            _mm512_and_si512(_mm512_or_si512(third, fourth), _mm512_set1_epi8(static_cast<char>(0x80)));
        return _mm512_xor_si512(pair, wanted);
    }
    HANSA_LANE Mask not_characters(__m512i v, __m512i before) {
        return _mm512_cmpge_epu8_mask(v, _mm512_set1_epi8(static_cast<char>(0xBE))) &
               _mm512_cmpeq_epi8_mask(earlier<2>(v, before), _mm512_set1_epi8(static_cast<char>(0xEF))) &
               _mm512_cmpeq_epi8_mask(earlier<1>(v, before), _mm512_set1_epi8(static_cast<char>(0xBF)));
    }
    HANSA_LANE bool any_fault(__m512i v, __m512i before) {
        const __m512i wrong = faults(v, before);
        return (_mm512_test_epi8_mask(wrong, wrong) | not_characters(v, before) | controls(v)) != 0;
    }
    HANSA_LANE bool characters_good(const char* at, unsigned count) {
        const __m512i space = _mm512_set1_epi8(' ');
        const __m512i v = _mm512_mask_mov_epi8(space, low(count), load(at));
        return !any_fault(v, space) && (count < 64 || !any_fault(space, v));
    }
    static std::size_t characters_end(std::string_view text, std::size_t from, std::size_t to);
};

#undef HANSA_LANE

}  // namespace hansa::xml::lanes
