// Help for those who mistyped a word.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/pivot/table.h"

namespace hansa::plugin {

/// "; did you mean 'x'?", or nothing when no known word is near.
inline std::string did_you_mean(std::string_view word, std::span<const std::string_view> known) {
    const auto found = pivot::nearest_name(word, known);
    return found ? "; did you mean '" + std::string(*found) + "'?" : std::string();
}

}  // namespace hansa::plugin
