// Numbers of the parts of a plan's program. Internal to plan*.cpp.
#pragma once

#include <cstdint>

namespace hansa::mapping::program {

using Id = std::uint32_t;
inline constexpr Id nothing = 0xFFFFFFFFu;

}  // namespace hansa::mapping::program
