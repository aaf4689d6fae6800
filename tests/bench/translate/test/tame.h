// Values that fit both the source's table and the target, in place of those that only the source's schema
// knows. One function a source format.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/schema/tree.h"

namespace hansa::test {

/// True when the format is known. cn.ceb621: the drawn elements stay, with other values. eaeu.goods-declaration,
/// asycuda.sad: `document` is a whole message, whose optional parts go and whose items are multiplied; the order of
/// children is the caller's to mend.
bool tame(std::string_view format, schema::Element& document, std::uint64_t seed);

}  // namespace hansa::test
