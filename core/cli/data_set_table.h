// reference_data_set.tsv as it stands in this folder; its definition is made by CMake.
#pragma once

#include <string_view>

namespace hansa::cli {
std::string_view data_set_table();
}  // namespace hansa::cli
