// The predicted path at each level of lanes.h.
#include <bit>

#include "core/schema/reader_core.h"
#include "core/xml/lanes_x86.h"

namespace hansa::schema::scalar {
using Lanes = xml::lanes::Scalar;
using TagLanes = xml::lanes::Scalar;
#include "core/schema/predicted_body.h"
PathEnd predicted(FastReader::Core& core) {
    return run(core, xml::lanes::Level::scalar);
}
}  // namespace hansa::schema::scalar

namespace hansa::schema::sse2 {
using Lanes = xml::lanes::Sse2;
using TagLanes = xml::lanes::Sse2;
#include "core/schema/predicted_body.h"
PathEnd predicted(FastReader::Core& core) {
    return run(core, xml::lanes::Level::sse2);
}
}  // namespace hansa::schema::sse2

HANSA_LANES_BEGIN(AVX2)
namespace hansa::schema::avx2 {
using Lanes = xml::lanes::Avx2;
using TagLanes = xml::lanes::Avx2;
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
