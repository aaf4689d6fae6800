#include "core/xml/tag_marks.h"

#include <array>
#include <bit>

#include "core/xml/lanes_x86.h"

namespace hansa::xml {
namespace {

/// How deep the lowest of eight tags leads, in order from the lowest bit: a start tag is one up, an end tag one down.
constexpr std::array<std::int8_t, 256> lowest_of = [] {
    std::array<std::int8_t, 256> out{};
    for (unsigned turns = 0; turns < out.size(); ++turns) {
        int depth = 0, lowest = 0;
        for (unsigned i = 0; i < 8; ++i) {
            depth += (turns >> i & 1) != 0 ? 1 : -1;
            lowest = depth < lowest ? depth : lowest;
        }
        out[turns] = static_cast<std::int8_t>(lowest);
    }
    return out;
}();

inline std::uint64_t gathered_slowly(std::uint64_t bits, std::uint64_t mask) {
    std::uint64_t out = 0;
    for (unsigned i = 0; mask != 0; mask &= mask - 1, ++i) {
        out |= std::uint64_t{(bits & mask & (0 - mask)) != 0} << i;
    }
    return out;
}

}  // namespace
}  // namespace hansa::xml

namespace hansa::xml::scalar_marks {
namespace {
using Lanes = lanes::Scalar;
inline std::uint64_t gathered(std::uint64_t bits, std::uint64_t mask) {
    return gathered_slowly(bits, mask);
}
#include "core/xml/where_body.h"

#include "core/xml/tag_marks_body.h"
}  // namespace
}  // namespace hansa::xml::scalar_marks

namespace hansa::xml::sse2_marks {
namespace {
using Lanes = lanes::Sse2;
inline std::uint64_t gathered(std::uint64_t bits, std::uint64_t mask) {
    return gathered_slowly(bits, mask);
}
#include "core/xml/where_body.h"

#include "core/xml/tag_marks_body.h"
}  // namespace
}  // namespace hansa::xml::sse2_marks

HANSA_LANES_BEGIN(AVX2)
namespace hansa::xml::avx2_marks {
namespace {
using Lanes = lanes::Avx2;
inline std::uint64_t gathered(std::uint64_t bits, std::uint64_t mask) {
    return _pext_u64(bits, mask);
}
#include "core/xml/where_body.h"

#include "core/xml/tag_marks_body.h"
}  // namespace
}  // namespace hansa::xml::avx2_marks
HANSA_LANES_END

HANSA_LANES_BEGIN(AVX512)
namespace hansa::xml::avx512_marks {
namespace {
using Lanes = lanes::Avx512;
inline std::uint64_t gathered(std::uint64_t bits, std::uint64_t mask) {
    return _pext_u64(bits, mask);
}
#include "core/xml/where_body.h"

#include "core/xml/tag_marks_body.h"
}  // namespace
}  // namespace hansa::xml::avx512_marks
HANSA_LANES_END

namespace hansa::xml {

std::size_t pass_usual(const char* at, std::size_t blocks, TagWalk& walk, lanes::Level level) {
    switch (level) {
        case lanes::Level::scalar:
            return scalar_marks::pass(at, blocks, walk);
        case lanes::Level::sse2:
            return sse2_marks::pass(at, blocks, walk);
        case lanes::Level::avx2:
            return avx2_marks::pass(at, blocks, walk);
        case lanes::Level::avx512:
            break;
    }
    return avx512_marks::pass(at, blocks, walk);
}

TagMarks mark_tags(const char* at, TagWalk& walk, lanes::Level level) {
    switch (level) {
        case lanes::Level::scalar:
            return scalar_marks::mark(at, walk);
        case lanes::Level::sse2:
            return sse2_marks::mark(at, walk);
        case lanes::Level::avx2:
            return avx2_marks::mark(at, walk);
        case lanes::Level::avx512:
            break;
    }
    return avx512_marks::mark(at, walk);
}

}  // namespace hansa::xml
