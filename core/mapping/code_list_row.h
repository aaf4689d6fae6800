// The rows of a code list, for what is compiled from one. For code_list.cpp and fast_*.cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/mapping/conversion_pattern.h"

namespace hansa::mapping {

/// What one row says for one standard column.
struct Standard {
    enum class Kind { none, code, own, same };
    Kind kind = Kind::none;
    std::string text;
    bool preferred = false;
};

struct CodeListRow {
    std::string national;
    std::optional<Pattern> pattern;
    std::vector<Standard> standards;
    std::string scheme;
    std::string valid_from, valid_to;  ///< ISO days; empty: no bound
    std::vector<std::string> names;
    std::uint32_t line = 0;

    bool holds_on(std::string_view date) const {
        return date.empty() || ((valid_from.empty() || valid_from <= date) && (valid_to.empty() || date <= valid_to));
    }
};

}  // namespace hansa::mapping
