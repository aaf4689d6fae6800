#include <immintrin.h>

#include <utility>

#include "core/base/digest_lanes_kernels.h"

#define HANSA_LANES __attribute__((target("avx2")))
#define HANSA_LANES_INLINE __attribute__((target("avx2"), always_inline)) inline

namespace hansa::lanes {
namespace {

using Lane = __m256i;
constexpr std::size_t lanes = 8;

HANSA_LANES_INLINE Lane add(Lane a, Lane b) {
    return _mm256_add_epi32(a, b);
}
HANSA_LANES_INLINE Lane xor2(Lane a, Lane b) {
    return _mm256_xor_si256(a, b);
}
HANSA_LANES_INLINE Lane xor3(Lane a, Lane b, Lane c) {
    return xor2(xor2(a, b), c);
}
HANSA_LANES_INLINE Lane choose(Lane a, Lane b, Lane c) {
    return xor2(c, _mm256_and_si256(a, xor2(b, c)));
}
HANSA_LANES_INLINE Lane majority(Lane a, Lane b, Lane c) {
    return _mm256_or_si256(_mm256_and_si256(a, b), _mm256_and_si256(c, _mm256_or_si256(a, b)));
}
template <int bits>
HANSA_LANES_INLINE Lane rotate(Lane a) {
    return _mm256_or_si256(_mm256_slli_epi32(a, bits), _mm256_srli_epi32(a, 32 - bits));
}
template <int bits>
HANSA_LANES_INLINE Lane shift_right(Lane a) {
    return _mm256_srli_epi32(a, bits);
}
HANSA_LANES_INLINE Lane splat(std::uint32_t value) {
    return _mm256_set1_epi32(static_cast<int>(value));
}
HANSA_LANES_INLINE void load_state(Lane (&s)[8], const std::uint32_t* state) {
    for (std::size_t i = 0; i < 8; ++i) s[i] = _mm256_load_si256(reinterpret_cast<const Lane*>(state + i * lanes));
}
HANSA_LANES_INLINE void store_state(std::uint32_t* state, const Lane (&s)[8]) {
    for (std::size_t i = 0; i < 8; ++i) _mm256_store_si256(reinterpret_cast<Lane*>(state + i * lanes), s[i]);
}

/// 8 rows of 8 words become 8 columns.
HANSA_LANES_INLINE void load_half(Lane* w, const unsigned char* const* messages, std::size_t offset) {
    Lane pairs[8], fours[8];
    for (unsigned i = 0; i < 8; i += 2) {
        const Lane even = _mm256_loadu_si256(reinterpret_cast<const Lane*>(messages[i] + offset));
        const Lane odd = _mm256_loadu_si256(reinterpret_cast<const Lane*>(messages[i + 1] + offset));
        pairs[i] = _mm256_unpacklo_epi32(even, odd);
        pairs[i + 1] = _mm256_unpackhi_epi32(even, odd);
    }
    for (unsigned i = 0; i < 8; i += 4) {
        fours[i] = _mm256_unpacklo_epi64(pairs[i], pairs[i + 2]);
        fours[i + 1] = _mm256_unpackhi_epi64(pairs[i], pairs[i + 2]);
        fours[i + 2] = _mm256_unpacklo_epi64(pairs[i + 1], pairs[i + 3]);
        fours[i + 3] = _mm256_unpackhi_epi64(pairs[i + 1], pairs[i + 3]);
    }
    const Lane turn = _mm256_broadcastsi128_si256(_mm_set_epi8(12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3));
    for (unsigned i = 0; i < 4; ++i) {
        w[i] = _mm256_shuffle_epi8(_mm256_permute2x128_si256(fours[i], fours[i + 4], 0x20), turn);
        w[i + 4] = _mm256_shuffle_epi8(_mm256_permute2x128_si256(fours[i], fours[i + 4], 0x31), turn);
    }
}

HANSA_LANES_INLINE void load_block(Lane (&w)[16], const unsigned char* const* messages, std::size_t offset) {
    load_half(w, messages, offset);
    load_half(w + 8, messages, offset + 32);
}

#include "core/base/digest_lanes_rounds.h"

}  // namespace

Kernels avx2_kernels() {
    return {lanes, sm3_blocks, sha256_blocks};
}

}  // namespace hansa::lanes
