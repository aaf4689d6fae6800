// Values that fit both the source's table and the target, in place of those that only the source's schema
// knows. One function a source format.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/schema/tree.h"

namespace hansa::test {

/// True when the format is known. Elements that were drawn keep their number and order.
bool tame(std::string_view format, schema::Element& document, std::uint64_t seed);

}  // namespace hansa::test
