// The text of code lists: cells of a line, and letters that look alike. For code_list.cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hansa::mapping::list_text {

struct Cell {
    std::string text;
    std::uint32_t column = 1;
    bool quoted = false;
    bool pattern = false;  ///< stood between slashes
    bool marked = false;   ///< had a ! behind it
    bool comma = false;    ///< is a comma between the pairs of a short list
};

/// Takes a line apart. What is wrong comes back with its column.
std::optional<std::pair<std::uint32_t, std::string>> cells_of(std::string_view line, std::vector<Cell>& out,
                                                              bool commas = false);

/// The text with every letter replaced by the Latin one or digit that looks like it: two codes with one skeleton
/// cannot be told apart on paper. Letters of other scripts that serve in codes, and full-width Latin.
std::string skeleton(std::string_view text);

}  // namespace hansa::mapping::list_text
