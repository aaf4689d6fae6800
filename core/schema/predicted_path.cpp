// The predicted path at each level of lanes.h. Of 64 bytes each level says in masks, bit i for byte i: where a byte
// stands (places_of), where a value ends or is not printed ASCII (not_plain), where digits are (digits), where two
// texts differ (differences); lowest_bit() is that of a mask, or 64; outer_words() puts two words at the ends of four,
// between them zeros. Values of less than `short_bytes` that are not all ASCII have their characters counted by half as
// wide vectors (short_characters; 0: they hold something else).
#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstring>

#include "core/schema/reader_core.h"
#include "core/xml/lanes_x86.h"

namespace hansa::schema {

/// Of 64 bytes: those that end a value or that it may not hold, tabs and line ends among them (the general
/// path looks again), and those from 0x80.
struct ValueEnds {
    std::uint64_t ends, beyond;
};

}  // namespace hansa::schema

namespace hansa::schema::scalar {
using Lanes = xml::lanes::Scalar;
using TagLanes = xml::lanes::Scalar;
template <class Test>
inline std::uint64_t where(Test test) {
    std::uint64_t out = 0;
    for (unsigned i = 0; i < 64; ++i) out |= std::uint64_t{test(i)} << i;
    return out;
}
inline ValueEnds value_ends(const char* at) {
    const xml::lanes::TextBlock block = Lanes::text_block(at);
    return {block.stops | where([at](unsigned i) { return static_cast<unsigned char>(at[i]) < 0x20; }), block.beyond};
}
inline std::uint64_t not_plain(const char* at) {
    return Lanes::text_block(at).stops | where([at](unsigned i) { return static_cast<signed char>(at[i]) < 0x20; });
}
constexpr std::size_t short_bytes = 0;
inline std::size_t short_characters(const char*, unsigned) {
    return 0;
}
inline std::uint64_t places_of(const char* at, char c) {
    return where([at, c](unsigned i) { return at[i] == c; });
}
inline std::uint64_t digits(const char* at) {
    return where([at](unsigned i) { return at[i] >= '0' && at[i] <= '9'; });
}
inline std::uint64_t differences(const char* a, const char* b) {
    return where([a, b](unsigned i) { return a[i] != b[i]; });
}
inline std::size_t lowest_bit(std::uint64_t mask) {
    return static_cast<std::size_t>(std::countr_zero(mask));
}
inline __m128i outer_words(std::uint32_t first, std::uint32_t last) {
    return _mm_set_epi32(static_cast<int>(last), 0, 0, static_cast<int>(first));
}
#include "core/schema/predicted_leaves.h"

#include "core/schema/predicted_crossing.h"

#include "core/schema/predicted_tags.h"

#include "core/schema/predicted_body.h"
PathEnd predicted(FastReader::Core& core) {
    return run(core, xml::lanes::Level::scalar);
}
const char* passed(const char* at, const char* end, char stop, std::size_t& chars) {
    return pass_text(at, end, stop, chars, xml::lanes::Level::scalar);
}
}  // namespace hansa::schema::scalar

namespace hansa::schema::sse2 {
using Lanes = xml::lanes::Sse2;
using TagLanes = xml::lanes::Sse2;
template <class Test>
inline std::uint64_t where(Test test) {
    std::uint64_t out = 0;
    for (unsigned i = 0; i < 64; i += Lanes::width) out |= std::uint64_t{Lanes::mask(test(i))} << i;
    return out;
}
inline ValueEnds value_ends(const char* at) {
    const xml::lanes::TextBlock block = Lanes::text_block(at);
    return {block.stops | where([at](unsigned i) { return Lanes::between(Lanes::load(at + i), '\0', 0x1F); }),
            block.beyond};
}
inline std::uint64_t not_plain(const char* at) {
    return Lanes::text_block(at).stops |
           where([at](unsigned i) { return _mm_cmplt_epi8(Lanes::load(at + i), _mm_set1_epi8(0x20)); });
}
using scalar::short_bytes;
using scalar::short_characters;
inline std::uint64_t places_of(const char* at, char c) {
    return where([at, c](unsigned i) { return Lanes::is(Lanes::load(at + i), c); });
}
inline std::uint64_t digits(const char* at) {
    return where([at](unsigned i) { return Lanes::between(Lanes::load(at + i), '0', 9); });
}
inline std::uint64_t differences(const char* a, const char* b) {
    return ~where([a, b](unsigned i) { return _mm_cmpeq_epi8(Lanes::load(a + i), Lanes::load(b + i)); });
}
using scalar::lowest_bit;
using scalar::outer_words;
#include "core/schema/predicted_leaves.h"

#include "core/schema/predicted_crossing.h"

#include "core/schema/predicted_tags.h"

#include "core/schema/predicted_body.h"
PathEnd predicted(FastReader::Core& core) {
    return run(core, xml::lanes::Level::sse2);
}
const char* passed(const char* at, const char* end, char stop, std::size_t& chars) {
    return pass_text(at, end, stop, chars, xml::lanes::Level::sse2);
}
}  // namespace hansa::schema::sse2

HANSA_LANES_BEGIN(AVX2)
namespace hansa::schema::avx2 {
using Lanes = xml::lanes::Avx2;
using TagLanes = xml::lanes::Avx2;
inline ValueEnds value_ends(const char* at) {
    const auto half = [](__m256i v) {
        const __m256i below = _mm256_cmpeq_epi8(_mm256_min_epu8(v, _mm256_set1_epi8(0x1F)), v);
        return std::uint64_t{Lanes::mask(_mm256_or_si256(Lanes::in_set(v, xml::lanes::detail::text_stop_set), below))};
    };
    const __m256i first = Lanes::load(at);
    const __m256i second = Lanes::load(at + 32);
    return {half(first) | half(second) << 32, Lanes::mask(first) | std::uint64_t{Lanes::mask(second)} << 32};
}
inline std::uint64_t not_plain(const char* at) {
    const auto half = [](__m256i v) {
        const __m256i odd = _mm256_cmpgt_epi8(_mm256_set1_epi8(0x20), v);
        return std::uint64_t{Lanes::mask(_mm256_or_si256(Lanes::in_set(v, xml::lanes::detail::text_stop_set), odd))};
    };
    return half(Lanes::load(at)) | half(Lanes::load(at + 32)) << 32;
}
inline std::uint64_t joined(__m256i first, __m256i second) {
    return Lanes::mask(first) | std::uint64_t{Lanes::mask(second)} << 32;
}
constexpr std::size_t short_bytes = 32;
[[gnu::always_inline]] inline std::size_t short_characters(const char* at, unsigned size) {
    if (!TagLanes::characters_good(at, size)) return 0;
    const __m256i tails = _mm256_cmpgt_epi8(_mm256_set1_epi8(static_cast<char>(0xC0)), TagLanes::load(at));
    return static_cast<std::size_t>(std::popcount(~TagLanes::mask(tails) & xml::lanes::low(size)));
}
inline std::uint64_t places_of(const char* at, char c) {
    const __m256i wanted = _mm256_set1_epi8(c);
    return joined(_mm256_cmpeq_epi8(Lanes::load(at), wanted), _mm256_cmpeq_epi8(Lanes::load(at + 32), wanted));
}
inline std::uint64_t digits(const char* at) {
    const __m256i zero = _mm256_set1_epi8('0');
    const __m256i nine = _mm256_set1_epi8(9);
    const __m256i first = _mm256_sub_epi8(Lanes::load(at), zero);
    const __m256i second = _mm256_sub_epi8(Lanes::load(at + 32), zero);
    return joined(_mm256_cmpeq_epi8(_mm256_min_epu8(first, nine), first),
                  _mm256_cmpeq_epi8(_mm256_min_epu8(second, nine), second));
}
inline std::uint64_t differences(const char* a, const char* b) {
    return ~joined(_mm256_cmpeq_epi8(Lanes::load(a), Lanes::load(b)),
                   _mm256_cmpeq_epi8(Lanes::load(a + 32), Lanes::load(b + 32)));
}
inline std::size_t lowest_bit(std::uint64_t mask) {
    return _tzcnt_u64(mask);
}
inline __m128i outer_words(std::uint32_t first, std::uint32_t last) {
    return _mm_insert_epi32(_mm_cvtsi32_si128(static_cast<int>(first)), static_cast<int>(last), 3);
}
#include "core/schema/predicted_leaves.h"

#include "core/schema/predicted_crossing.h"

#include "core/schema/predicted_tags.h"

#include "core/schema/predicted_body.h"
PathEnd predicted(FastReader::Core& core) {
    return run(core, xml::lanes::Level::avx2);
}
const char* passed(const char* at, const char* end, char stop, std::size_t& chars) {
    return pass_text(at, end, stop, chars, xml::lanes::Level::avx2);
}
}  // namespace hansa::schema::avx2
HANSA_LANES_END

HANSA_LANES_BEGIN(AVX512)
namespace hansa::schema::avx512 {
using Lanes = xml::lanes::Avx512;
using TagLanes = xml::lanes::Avx2;
inline ValueEnds value_ends(const char* at) {
    const __m512i v = Lanes::load(at);
    const __mmask64 below = _mm512_cmplt_epu8_mask(v, _mm512_set1_epi8(0x20));
    return {_kor_mask64(Lanes::in_set(v, xml::lanes::detail::text_stop_set), below), _mm512_movepi8_mask(v)};
}
inline std::uint64_t not_plain(const char* at) {
    const __m512i v = Lanes::load(at);
    const __mmask64 odd = _mm512_cmplt_epi8_mask(v, _mm512_set1_epi8(0x20));
    return _kor_mask64(Lanes::in_set(v, xml::lanes::detail::text_stop_set), odd);
}
using avx2::short_bytes;
using avx2::short_characters;
inline std::uint64_t places_of(const char* at, char c) {
    return _mm512_cmpeq_epi8_mask(Lanes::load(at), _mm512_set1_epi8(c));
}
inline std::uint64_t digits(const char* at) {
    return _mm512_cmplt_epu8_mask(_mm512_sub_epi8(Lanes::load(at), _mm512_set1_epi8('0')), _mm512_set1_epi8(10));
}
inline std::uint64_t differences(const char* a, const char* b) {
    return _mm512_cmpneq_epi8_mask(Lanes::load(a), Lanes::load(b));
}
using avx2::lowest_bit;
using avx2::outer_words;
#include "core/schema/predicted_leaves.h"

#include "core/schema/predicted_crossing.h"

#include "core/schema/predicted_tags.h"

#include "core/schema/predicted_body.h"
PathEnd predicted(FastReader::Core& core) {
    return run(core, xml::lanes::Level::avx512);
}
const char* passed(const char* at, const char* end, char stop, std::size_t& chars) {
    return pass_text(at, end, stop, chars, xml::lanes::Level::avx512);
}
}  // namespace hansa::schema::avx512
HANSA_LANES_END

namespace hansa::schema {

LevelPaths paths_of(xml::lanes::Level level) {
    switch (level) {
        case xml::lanes::Level::sse2:
            return {sse2::predicted, sse2::passed};
        case xml::lanes::Level::avx2:
            return {avx2::predicted, avx2::passed};
        case xml::lanes::Level::avx512:
            return {avx512::predicted, avx512::passed};
        case xml::lanes::Level::scalar:
            break;
    }
    return {scalar::predicted, scalar::passed};
}

}  // namespace hansa::schema
