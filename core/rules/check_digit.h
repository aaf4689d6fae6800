// Check digits of numbers that customs documents carry.
//
// Sources: ISO 7064 (MOD 11-2) with GB 11643 for a citizen's number of 18 signs, whose signs 7 to 14 are a
// day; UPU S10 for postal items; ISO 6346 for containers; GS1 General Specifications for bar codes of 8, 12, 13 or
// 14 digits; the 44-digit access key of an invoice (modulus 11, weights 2 to 9 from the right).
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace hansa::rules {

struct CheckDigit {
    std::string_view name;                 ///< as tables write it: "s10"
    bool (*holds)(std::string_view text);  ///< false too for a text of another shape
};

std::span<const CheckDigit> check_digits();
/// nullptr: no scheme of this name.
const CheckDigit* check_digit(std::string_view name);

}  // namespace hansa::rules
