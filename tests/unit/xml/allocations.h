// How often this program has allocated: allocations.cpp replaces operator new to count.
#pragma once

#include <cstddef>

namespace hansa::test {

std::size_t allocations();

}  // namespace hansa::test
