#include <cpuid.h>
#include <immintrin.h>

#include <bit>
#include <utility>

#include "core/base/digest_lanes_kernels.h"

#define HANSA_LANES
#define HANSA_LANES_INLINE __attribute__((always_inline)) inline

namespace hansa::lanes {
namespace {

using Lane = std::uint32_t;

Lane add(Lane a, Lane b) {
    return a + b;
}
Lane xor2(Lane a, Lane b) {
    return a ^ b;
}
Lane xor3(Lane a, Lane b, Lane c) {
    return a ^ b ^ c;
}
Lane choose(Lane a, Lane b, Lane c) {
    return c ^ (a & (b ^ c));
}
Lane majority(Lane a, Lane b, Lane c) {
    return (a & b) | (c & (a | b));
}
template <int bits>
Lane rotate(Lane a) {
    return std::rotl(a, bits);
}
template <int bits>
Lane shift_right(Lane a) {
    return a >> bits;
}
Lane splat(std::uint32_t value) {
    return value;
}
void load_state(Lane (&s)[8], const std::uint32_t* state) {
    for (std::size_t i = 0; i < 8; ++i) s[i] = state[i];
}
void store_state(std::uint32_t* state, const Lane (&s)[8]) {
    for (std::size_t i = 0; i < 8; ++i) state[i] = s[i];
}
void load_block(Lane (&w)[16], const unsigned char* const* messages, std::size_t offset) {
    const unsigned char* at = messages[0] + offset;
    for (std::size_t i = 0; i < 16; ++i, at += 4) {
        w[i] = Lane{at[0]} << 24 | Lane{at[1]} << 16 | Lane{at[2]} << 8 | Lane{at[3]};
    }
}

#include "core/base/digest_lanes_rounds.h"

// --- SHA-256 by the processor's own instructions -----------------------------------------------

#define HANSA_SHA __attribute__((target("sha,sse4.1")))

#define HANSA_SHA_INLINE __attribute__((target("sha,sse4.1"), always_inline)) inline

/// Four rounds; the words of the round after next are made on the way.
template <unsigned four>
HANSA_SHA_INLINE void sha256_four(__m128i& abef, __m128i& cdgh, __m128i (&w)[4]) {
    __m128i &now = w[four & 3], &next = w[(four + 1) & 3], &last = w[(four + 3) & 3];
    __m128i sum = _mm_add_epi32(now, _mm_load_si128(reinterpret_cast<const __m128i*>(sha256_constants) + four));
    cdgh = _mm_sha256rnds2_epu32(cdgh, abef, sum);
    if constexpr (four >= 3 && four < 15) {
        next = _mm_add_epi32(next, _mm_alignr_epi8(now, last, 4));
        next = _mm_sha256msg2_epu32(next, now);
    }
    sum = _mm_shuffle_epi32(sum, 0x0E);
    abef = _mm_sha256rnds2_epu32(abef, cdgh, sum);
    if constexpr (four >= 1 && four < 13) last = _mm_sha256msg1_epu32(last, now);
}

template <unsigned... four>
HANSA_SHA_INLINE void sha256_fours(__m128i& abef, __m128i& cdgh, __m128i (&w)[4],
                                   std::integer_sequence<unsigned, four...>) {
    (sha256_four<four>(abef, cdgh, w), ...);
}

/// sha256rnds2 keeps the words as ABEF and CDGH.
HANSA_SHA void sha256_instructions(std::uint32_t* state, const unsigned char* const* messages, std::size_t blocks) {
    const __m128i turn = _mm_set_epi8(12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3);
    auto* kept = reinterpret_cast<__m128i*>(state);
    const __m128i cdab = _mm_shuffle_epi32(_mm_loadu_si128(kept), 0xB1);
    const __m128i efgh = _mm_shuffle_epi32(_mm_loadu_si128(kept + 1), 0x1B);
    __m128i abef = _mm_alignr_epi8(cdab, efgh, 8);
    __m128i cdgh = _mm_blend_epi16(efgh, cdab, 0xF0);
    const auto* at = reinterpret_cast<const __m128i*>(messages[0]);
    for (; blocks != 0; --blocks, at += 4) {
        const __m128i abef_before = abef, cdgh_before = cdgh;
        __m128i w[4];
        for (unsigned i = 0; i < 4; ++i) w[i] = _mm_shuffle_epi8(_mm_loadu_si128(at + i), turn);
        sha256_fours(abef, cdgh, w, Sixteen{});
        abef = _mm_add_epi32(abef, abef_before);
        cdgh = _mm_add_epi32(cdgh, cdgh_before);
    }
    const __m128i feba = _mm_shuffle_epi32(abef, 0x1B), dchg = _mm_shuffle_epi32(cdgh, 0xB1);
    _mm_storeu_si128(kept, _mm_blend_epi16(feba, dchg, 0xF0));
    _mm_storeu_si128(kept + 1, _mm_alignr_epi8(dchg, feba, 8));
}

/// Two messages side by side: one's rounds fill the wait for the other's.
template <unsigned... four>
HANSA_SHA_INLINE void sha256_fours_of_two(__m128i (&abef)[2], __m128i (&cdgh)[2], __m128i (&w)[2][4],
                                          std::integer_sequence<unsigned, four...>) {
    ((sha256_four<four>(abef[0], cdgh[0], w[0]), sha256_four<four>(abef[1], cdgh[1], w[1])), ...);
}

HANSA_SHA void sha256_pair(std::uint32_t* state, const unsigned char* const* messages, std::size_t blocks) {
    const __m128i turn = _mm_set_epi8(12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3);
    __m128i abef[2], cdgh[2];
    for (unsigned i = 0; i < 2; ++i) {
        const auto word = [&](unsigned number) { return static_cast<int>(state[number * 2 + i]); };
        abef[i] = _mm_set_epi32(word(0), word(1), word(4), word(5));
        cdgh[i] = _mm_set_epi32(word(2), word(3), word(6), word(7));
    }
    for (std::size_t offset = 0; offset < blocks * 64; offset += 64) {
        const __m128i abef_before[2] = {abef[0], abef[1]}, cdgh_before[2] = {cdgh[0], cdgh[1]};
        __m128i w[2][4];
        for (unsigned i = 0; i < 2; ++i) {
            const auto* at = reinterpret_cast<const __m128i*>(messages[i] + offset);
            for (unsigned k = 0; k < 4; ++k) w[i][k] = _mm_shuffle_epi8(_mm_loadu_si128(at + k), turn);
        }
        sha256_fours_of_two(abef, cdgh, w, Sixteen{});
        for (unsigned i = 0; i < 2; ++i) {
            abef[i] = _mm_add_epi32(abef[i], abef_before[i]);
            cdgh[i] = _mm_add_epi32(cdgh[i], cdgh_before[i]);
        }
    }
    for (unsigned i = 0; i < 2; ++i) {
        alignas(16) std::uint32_t low[4], high[4];
        _mm_store_si128(reinterpret_cast<__m128i*>(low), abef[i]);
        _mm_store_si128(reinterpret_cast<__m128i*>(high), cdgh[i]);
        const std::uint32_t words[8] = {low[3], low[2], high[3], high[2], low[1], low[0], high[1], high[0]};
        for (unsigned k = 0; k < 8; ++k) state[k * 2 + i] = words[k];
    }
}

}  // namespace

Kernels plain_kernels() {
    return {1, sm3_blocks, sha256_blocks};
}

Kernels pair_kernels() {
    return {2, nullptr, sha256_pair};
}

Kernels scalar_kernels() {
    return {1, sm3_blocks, has_sha_instructions() ? sha256_instructions : sha256_blocks};
}

bool has_avx2() {
    return __builtin_cpu_supports("avx2") != 0;
}

bool has_avx512() {
    return __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0;
}

bool has_sha_instructions() {
    // The compilers have no name for this one. Leaf 7, EBX bit 29.
    static const bool found = [] {
        unsigned a = 0, b = 0, c = 0, d = 0;
        return __builtin_cpu_supports("sse4.1") != 0 && __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 &&
               (b >> 29 & 1u) != 0;
    }();
    return found;
}

}  // namespace hansa::lanes
