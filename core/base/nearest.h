// The nearest known word to one that is not known, for messages that help.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace hansa {

/// The candidate with the fewest edits from `word`, or empty when none is within a third of its
/// length (two edits at least). Cost: |word| * sum of |candidates|.
std::string nearest(std::string_view word, std::span<const std::string_view> candidates);

/// "; did you mean 'x'?" or nothing.
std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace hansa
