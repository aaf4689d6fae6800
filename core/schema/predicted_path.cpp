// The predicted path at each level of lanes.h.
#include <bit>
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
inline ValueEnds value_ends(const char* at) {
    const xml::lanes::TextBlock block = Lanes::text_block(at);
    return {block.stops | block.controls, block.beyond};
}
#include "core/schema/predicted_body.h"
PathEnd predicted(FastReader::Core& core) {
    return run(core, xml::lanes::Level::scalar);
}
}  // namespace hansa::schema::scalar

namespace hansa::schema::sse2 {
using Lanes = xml::lanes::Sse2;
using TagLanes = xml::lanes::Sse2;
inline ValueEnds value_ends(const char* at) {
    const xml::lanes::TextBlock block = Lanes::text_block(at);
    return {block.stops | block.controls, block.beyond};
}
#include "core/schema/predicted_body.h"
PathEnd predicted(FastReader::Core& core) {
    return run(core, xml::lanes::Level::sse2);
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
#include "core/schema/predicted_body.h"
PathEnd predicted(FastReader::Core& core) {
    return run(core, xml::lanes::Level::avx2);
}
}  // namespace hansa::schema::avx2
HANSA_LANES_END

HANSA_LANES_BEGIN(AVX512)
namespace hansa::schema::avx512 {
using Lanes = xml::lanes::Avx512;
using TagLanes = xml::lanes::Avx2;
inline ValueEnds value_ends(const char* at) {
    const __m512i v = Lanes::load(at);
    const std::uint64_t below = _mm512_cmplt_epu8_mask(v, _mm512_set1_epi8(0x20));
    return {Lanes::in_set(v, xml::lanes::detail::text_stop_set) | below, _mm512_movepi8_mask(v)};
}
#include "core/schema/predicted_body.h"
PathEnd predicted(FastReader::Core& core) {
    return run(core, xml::lanes::Level::avx512);
}
}  // namespace hansa::schema::avx512
HANSA_LANES_END

namespace hansa::schema {

PredictedPath predicted_path(xml::lanes::Level level) {
    switch (level) {
        case xml::lanes::Level::sse2:
            return sse2::predicted;
        case xml::lanes::Level::avx2:
            return avx2::predicted;
        case xml::lanes::Level::avx512:
            return avx512::predicted;
        case xml::lanes::Level::scalar:
            break;
    }
    return scalar::predicted;
}

}  // namespace hansa::schema
