#include "core/mapping/plan_pieces.h"

#include <algorithm>
#include <cstring>

#include "core/xml/lanes_x86.h"

namespace hansa::mapping::program {
namespace {

constexpr std::size_t block = 64;
static_assert(Literals::padding >= block);

}  // namespace

namespace sse2_pieces {
namespace {
inline void copy_block(char* to, const char* from) {
    std::memcpy(to, from, block);
}
inline bool copy_text(char* to, const char* from, unsigned count, bool attribute) {
    return attribute ? copy_plain<AttributeSigns>(to, from, count) : copy_plain<TextSigns>(to, from, count);
}
#include "core/mapping/plan_pieces_body.h"
}  // namespace
}  // namespace sse2_pieces

}  // namespace hansa::mapping::program

HANSA_LANES_BEGIN(AVX512)
namespace hansa::mapping::program::avx512_pieces {
namespace {
inline void copy_block(char* to, const char* from) {
    _mm512_storeu_si512(to, _mm512_loadu_si512(from));
}
/// What a mask leaves out is not read.
inline bool copy_text(char* to, const char* from, unsigned count, bool attribute) {
    const xml::lanes::detail::Nibbles& stops =
        attribute ? xml::lanes::detail::value_stop_set : xml::lanes::detail::text_stop_set;
    const __m512i bytes = _mm512_maskz_loadu_epi8(xml::lanes::low(count), from);
    _mm512_storeu_si512(to, bytes);
    return xml::lanes::Avx512::in_set(bytes, stops) == 0;
}
#include "core/mapping/plan_pieces_body.h"
}  // namespace
}  // namespace hansa::mapping::program::avx512_pieces
HANSA_LANES_END

namespace hansa::mapping::program {

bool write_pieces(const Course& course, const OtherTexts& other, OutBytes& out, xml::lanes::Level level) {
    const auto write = level == xml::lanes::Level::avx512 ? avx512_pieces::write : sse2_pieces::write;
    return write(course, other, out);
}

}  // namespace hansa::mapping::program
