// Decimals of up to 18 digits in one word: what the rules of most documents need.
//
// Everything else (longer numbers, other spellings, products that do not fit) is for Decimal (base/decimal.h), of
// which these are an exact part. Threads: pure. Cost: 20 to 60 instructions.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hansa::mapping::program {

struct SmallNumber {
    std::int64_t digits = 0;
    int scale = 0;  ///< of them behind the point

    /// As Decimal::canonical().
    std::string canonical() const;
};

/// Nothing: not a number of up to 18 digits in the plain form [-]12[.50].
std::optional<SmallNumber> small_number(std::string_view text);
/// Nothing: the result does not fit.
std::optional<SmallNumber> plus(const SmallNumber& a, const SmallNumber& b);
std::optional<SmallNumber> minus(const SmallNumber& a, const SmallNumber& b);
std::optional<SmallNumber> times(const SmallNumber& a, const SmallNumber& b);
std::optional<std::strong_ordering> compare_small(const SmallNumber& a, const SmallNumber& b);

}  // namespace hansa::mapping::program
