// g++ 12 warns of the undefined registers that its own header makes on purpose.
#pragma GCC diagnostic ignored "-Wuninitialized"
#include <immintrin.h>

#include <utility>

#include "core/base/digest_lanes_kernels.h"

#define HANSA_LANES __attribute__((target("avx512f,avx512bw")))
#define HANSA_LANES_INLINE __attribute__((target("avx512f,avx512bw"), always_inline)) inline

namespace hansa::lanes {
namespace {

using Lane = __m512i;
constexpr std::size_t lanes = 16;

// The third operand's bit patterns of vpternlog: what the eight combinations of three bits give.
HANSA_LANES_INLINE Lane add(Lane a, Lane b) {
    return _mm512_add_epi32(a, b);
}
HANSA_LANES_INLINE Lane xor2(Lane a, Lane b) {
    return _mm512_xor_si512(a, b);
}
HANSA_LANES_INLINE Lane xor3(Lane a, Lane b, Lane c) {
    return _mm512_ternarylogic_epi32(a, b, c, 0x96);
}
HANSA_LANES_INLINE Lane choose(Lane a, Lane b, Lane c) {
    return _mm512_ternarylogic_epi32(a, b, c, 0xCA);
}
HANSA_LANES_INLINE Lane majority(Lane a, Lane b, Lane c) {
    return _mm512_ternarylogic_epi32(a, b, c, 0xE8);
}
template <int bits>
HANSA_LANES_INLINE Lane rotate(Lane a) {
    return _mm512_rol_epi32(a, bits);
}
template <int bits>
HANSA_LANES_INLINE Lane shift_right(Lane a) {
    return _mm512_srli_epi32(a, bits);
}
HANSA_LANES_INLINE Lane splat(std::uint32_t value) {
    return _mm512_set1_epi32(static_cast<int>(value));
}
HANSA_LANES_INLINE void load_state(Lane (&s)[8], const std::uint32_t* state) {
    for (std::size_t i = 0; i < 8; ++i) s[i] = _mm512_load_si512(state + i * lanes);
}
HANSA_LANES_INLINE void store_state(std::uint32_t* state, const Lane (&s)[8]) {
    for (std::size_t i = 0; i < 8; ++i) _mm512_store_si512(state + i * lanes, s[i]);
}

/// 16 rows of 16 words become 16 columns: pairs, fours, and then the 128-bit quarters are sorted.
HANSA_LANES_INLINE void load_block(Lane (&w)[16], const unsigned char* const* messages, std::size_t offset) {
    Lane pairs[16], fours[16];
    for (unsigned i = 0; i < 16; i += 2) {
        const Lane even = _mm512_loadu_si512(messages[i] + offset), odd = _mm512_loadu_si512(messages[i + 1] + offset);
        pairs[i] = _mm512_unpacklo_epi32(even, odd);
        pairs[i + 1] = _mm512_unpackhi_epi32(even, odd);
    }
    for (unsigned i = 0; i < 16; i += 4) {
        fours[i] = _mm512_unpacklo_epi64(pairs[i], pairs[i + 2]);
        fours[i + 1] = _mm512_unpackhi_epi64(pairs[i], pairs[i + 2]);
        fours[i + 2] = _mm512_unpacklo_epi64(pairs[i + 1], pairs[i + 3]);
        fours[i + 3] = _mm512_unpackhi_epi64(pairs[i + 1], pairs[i + 3]);
    }
    const Lane turn = _mm512_broadcast_i32x4(_mm_set_epi8(12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3));
    for (unsigned i = 0; i < 4; ++i) {
        const Lane first_even = _mm512_shuffle_i32x4(fours[i], fours[i + 4], 0x88);
        const Lane first_odd = _mm512_shuffle_i32x4(fours[i], fours[i + 4], 0xDD);
        const Lane last_even = _mm512_shuffle_i32x4(fours[i + 8], fours[i + 12], 0x88);
        const Lane last_odd = _mm512_shuffle_i32x4(fours[i + 8], fours[i + 12], 0xDD);
        w[i] = _mm512_shuffle_epi8(_mm512_shuffle_i32x4(first_even, last_even, 0x88), turn);
        w[i + 4] = _mm512_shuffle_epi8(_mm512_shuffle_i32x4(first_odd, last_odd, 0x88), turn);
        w[i + 8] = _mm512_shuffle_epi8(_mm512_shuffle_i32x4(first_even, last_even, 0xDD), turn);
        w[i + 12] = _mm512_shuffle_epi8(_mm512_shuffle_i32x4(first_odd, last_odd, 0xDD), turn);
    }
}

#include "core/base/digest_lanes_rounds.h"

}  // namespace

Kernels avx512_kernels() {
    return {lanes, sm3_blocks, sha256_blocks};
}

}  // namespace hansa::lanes
