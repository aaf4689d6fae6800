// Exact decimals for money, masses, quantities and rates: never a binary fraction.
//
// A Decimal is a signed coefficient of up to 38 digits and a scale (digits after the point), as
// java.math.BigDecimal has it. 9, 9.0 and 9.00 are equal in value and differ in scale.
// Source of the lexical form: XML Schema 1.0 Part 2, section 3.2.3 (decimal).
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace hansa {

enum class Rounding { half_up, half_even, down, up };

class Decimal {
public:
    Decimal() = default;
    static Decimal from_integer(std::int64_t value);

    /// Optional sign, digits, at most one dot, at least one digit. Scale is the digits written.
    /// Errors: base.bad-decimal, base.decimal-overflow (more than 38 significant digits)
    static Result<Decimal> parse(std::string_view text);

    /// Plain digits with exactly `scale()` digits after the point: parse(text()) is *this.
    std::string text() const;

    /// The shortest form of the value: no zeros at the end, no point without digits; zero is "0".
    std::string canonical() const;

    int scale() const { return scale_; }
    bool is_zero() const { return coefficient_ == 0; }
    bool is_negative() const { return coefficient_ < 0; }
    /// Digits of the integer part and of the fraction, after canonical form; zero has 0 and 0.
    int integer_digits() const;
    int fraction_digits() const;

    /// Errors: base.decimal-overflow
    Result<Decimal> plus(const Decimal& other) const;
    Result<Decimal> minus(const Decimal& other) const;
    Result<Decimal> times(const Decimal& other) const;
    /// Quotient rounded to `scale` digits after the point. A zero divisor is base.bad-decimal.
    Result<Decimal> divided_by(const Decimal& other, int scale, Rounding rounding = Rounding::half_up) const;
    Result<Decimal> rounded(int scale, Rounding rounding = Rounding::half_up) const;
    Decimal negated() const;

    /// By value: 9 == 9.0.
    friend std::strong_ordering operator<=>(const Decimal& a, const Decimal& b);
    friend bool operator==(const Decimal& a, const Decimal& b) { return (a <=> b) == 0; }

private:
    __extension__ using Wide = __int128;
    Decimal(Wide coefficient, int scale) : coefficient_(coefficient), scale_(scale) {}
    Wide coefficient_ = 0;
    int scale_ = 0;
};

}  // namespace hansa
