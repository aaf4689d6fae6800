// What rows name, for the loader alone: words for faults, and marks in the shape.
#pragma once

#include <string>
#include <string_view>

#include "core/mapping/model.h"

namespace hansa::mapping {

/// They stand in two cases of one chain.
bool exclusive(const Row& a, const Row& b);

/// "; the nearest is '...'", or nothing.
std::string nearest_child(const Shape& shape, std::string_view name);
std::string shape_name(const Shape& shape);
std::string selector_text(const PivotStep& step);

/// The places of a selector are named by it.
void mark_keys(Shape& shape, const NationalStep& step, const Row& row);

}  // namespace hansa::mapping
