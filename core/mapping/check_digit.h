// Identifiers that check themselves: one sign of them follows from the others by a table of weights.
//
// Each place of the identifier has a weight; the value of the sign there times its weight is summed, and the
// remainder of the sum by the number of signs in `by_remainder` says which sign must stand at the place of the
// check digit. A post item (S10), whose check digit is 11 less the remainder, 10 and 11 being 0 and 5:
//
//     const CheckDigit s10{.weights = {0, 0, 8, 6, 4, 2, 3, 5, 9, 7, 0, 0, 0}, .place = 10, .by_remainder =
//     "50987654321"}; s10.of("EB000717595HK")  -> '5'
//
// Immutable once made: any number of threads may use one. Cost: one step a sign, nothing is allocated.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hansa::mapping {

struct CheckDigit {
    static constexpr std::size_t places_max = 64;
    static constexpr std::uint32_t weight_max = 9'999;

    std::vector<std::uint32_t> weights;  ///< a place each; 0: the sign there does not count
    std::size_t place = 0;               ///< where the check digit stands; its weight is 0
    std::string by_remainder;            ///< ASCII; as many signs as the sum is divided by
    std::string values = "0123456789";   ///< ASCII; a sign's value is its place here

    /// The sign that must stand at `place`. Nothing: the text is not as long as it must be, or a sign that
    /// counts has no value.
    std::optional<char> of(std::string_view identifier) const;
    /// Is the identifier right?
    bool holds(std::string_view identifier) const;

    /// Weights as a table writes them, a place each: "0 0 8 6 4 2 3 5 9 7 = 0 0", "=" being the check digit's.
    /// Nothing: they are not written so, or there are more than places_max.
    static std::optional<CheckDigit> parse(std::string_view weights, std::string by_remainder,
                                           std::string values = "0123456789");
};

}  // namespace hansa::mapping
