// The rules of the pivot's table for one value: what pivot::check asks of it. Internal to plan*.cpp.
#pragma once

#include <string_view>

#include "core/pivot/table.h"

namespace hansa::mapping::program {

/// Would pivot::check take the value at this field?
bool value_fits(const pivot::Field& field, std::string_view text, std::string_view list);
/// ... the attribute of this name?
bool attribute_fits(const pivot::Field& field, std::string_view name, std::string_view text, std::string_view list);

}  // namespace hansa::mapping::program
