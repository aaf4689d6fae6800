#include "core/base/decimal.h"

#include <algorithm>
#include <boost/multiprecision/cpp_int.hpp>

#include "core/base/codes.h"

namespace hansa {
namespace {

__extension__ using Wide = __int128;
using Integer = boost::multiprecision::cpp_int;
constexpr int digits_max = 38;

Wide power_of_ten(int exponent) {
    Wide out = 1;
    for (int i = 0; i < exponent; ++i) out *= 10;
    return out;
}

Integer big(Wide value) {
    return Integer(value);
}

Integer scaled(Wide coefficient, int by) {
    return big(coefficient) * boost::multiprecision::pow(Integer(10), static_cast<unsigned>(by));
}

const Integer& limit() {
    static const Integer value = boost::multiprecision::pow(Integer(10), digits_max);
    return value;
}

Error overflow() {
    return Error{base::codes::decimal_overflow, "the result has more than 38 digits"};
}

/// Value of `number` x 10^-scale as a coefficient that fits, dropping zeros at the end if it must.
Result<std::pair<Wide, int>> fitted(Integer number, int scale) {
    while (scale > 0 && (abs(number) >= limit() || scale > digits_max) && number % 10 == 0) {
        number /= 10;
        --scale;
    }
    if (abs(number) >= limit() || scale > digits_max) return overflow();
    return std::pair{static_cast<Wide>(number), scale};
}

Integer divide_rounded(const Integer& numerator, const Integer& denominator, Rounding rounding) {
    Integer quotient = numerator / denominator;
    const Integer rest = abs(Integer(numerator % denominator));
    if (rest == 0 || rounding == Rounding::down) return quotient;
    const int sign = (numerator < 0) != (denominator < 0) ? -1 : 1;
    const Integer twice = rest * 2;
    const Integer size = abs(denominator);
    const bool away = rounding == Rounding::up || twice > size ||
                      (twice == size && (rounding == Rounding::half_up || quotient % 2 != 0));
    if (away) quotient += sign;
    return quotient;
}

std::string digits_of(Wide value) {
    std::string out;
    do {
        const int digit = static_cast<int>(value % 10);
        out.push_back(static_cast<char>('0' + (digit < 0 ? -digit : digit)));
        value /= 10;
    } while (value != 0);
    std::reverse(out.begin(), out.end());
    return out;
}

}  // namespace

Decimal Decimal::from_integer(std::int64_t value) {
    return Decimal(value, 0);
}

Result<Decimal> Decimal::parse(std::string_view text) {
    const Error bad{base::codes::bad_decimal, "'" + std::string(text.substr(0, 60)) + "' is not a decimal number"};
    std::size_t at = 0;
    const bool negative = !text.empty() && text[0] == '-';
    if (!text.empty() && (text[0] == '-' || text[0] == '+')) at = 1;
    Wide value = 0;
    int scale = 0, digits = 0, significant = 0;
    bool point = false;
    for (; at < text.size(); ++at) {
        const char c = text[at];
        if (c == '.' && !point) {
            point = true;
            continue;
        }
        if (c < '0' || c > '9') return bad;
        ++digits;
        if (significant > 0 || c != '0') ++significant;
        if (significant > digits_max || (point && scale >= digits_max)) {
            return Error{base::codes::decimal_overflow, "a number of more than 38 digits"};
        }
        value = value * 10 + (c - '0');
        if (point) ++scale;
    }
    if (digits == 0) return bad;
    return Decimal(negative ? -value : value, scale);
}

std::string Decimal::text() const {
    std::string digits = digits_of(coefficient_);
    const auto after = static_cast<std::size_t>(scale_);
    if (digits.size() <= after) digits.insert(0, after + 1 - digits.size(), '0');
    if (after > 0) digits.insert(digits.size() - after, ".");
    return coefficient_ < 0 ? "-" + digits : digits;
}

std::string Decimal::canonical() const {
    Decimal out = *this;
    while (out.scale_ > 0 && out.coefficient_ % 10 == 0) {
        out.coefficient_ /= 10;
        --out.scale_;
    }
    return out.text();
}

int Decimal::integer_digits() const {
    const Wide whole = coefficient_ / power_of_ten(scale_);
    return whole == 0 ? 0 : static_cast<int>(digits_of(whole).size());
}

int Decimal::fraction_digits() const {
    int scale = scale_;
    for (Wide value = coefficient_; scale > 0 && value % 10 == 0; value /= 10) --scale;
    return scale;
}

Result<Decimal> Decimal::plus(const Decimal& other) const {
    const int scale = std::max(scale_, other.scale_);
    const auto sum =
        fitted(scaled(coefficient_, scale - scale_) + scaled(other.coefficient_, scale - other.scale_), scale);
    if (!sum) return sum.error();
    return Decimal(sum->first, sum->second);
}

Result<Decimal> Decimal::minus(const Decimal& other) const {
    return plus(other.negated());
}

Result<Decimal> Decimal::times(const Decimal& other) const {
    const auto product = fitted(big(coefficient_) * big(other.coefficient_), scale_ + other.scale_);
    if (!product) return product.error();
    return Decimal(product->first, product->second);
}

Result<Decimal> Decimal::divided_by(const Decimal& other, int scale, Rounding rounding) const {
    if (other.is_zero()) return Error{base::codes::bad_decimal, "division by zero"};
    const int shift = scale + other.scale_ - scale_;
    const Integer numerator = shift >= 0 ? scaled(coefficient_, shift) : big(coefficient_);
    const Integer denominator = shift >= 0 ? big(other.coefficient_) : scaled(other.coefficient_, -shift);
    const auto quotient = fitted(divide_rounded(numerator, denominator, rounding), scale);
    if (!quotient) return quotient.error();
    return Decimal(quotient->first, quotient->second);
}

Result<Decimal> Decimal::rounded(int scale, Rounding rounding) const {
    if (scale >= scale_) {
        const auto wider = fitted(scaled(coefficient_, scale - scale_), scale);
        if (!wider) return wider.error();
        return Decimal(wider->first, wider->second);
    }
    return divided_by(from_integer(1), scale, rounding);
}

Decimal Decimal::negated() const {
    return Decimal(-coefficient_, scale_);
}

std::strong_ordering operator<=>(const Decimal& a, const Decimal& b) {
    const int scale = std::max(a.scale_, b.scale_);
    const int order =
        scaled(a.coefficient_, scale - a.scale_).compare(scaled(b.coefficient_, scale - b.scale_));
    return order < 0 ? std::strong_ordering::less
                     : order > 0 ? std::strong_ordering::greater : std::strong_ordering::equal;
}

}  // namespace hansa
