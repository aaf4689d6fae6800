#include "core/mapping/plan_number.h"

#include <array>
#include <utility>

namespace hansa::mapping::program {
namespace {

constexpr int digits_max = 18;

constexpr std::array<std::int64_t, digits_max + 1> powers = [] {
    std::array<std::int64_t, digits_max + 1> all{1};
    for (std::size_t i = 1; i < all.size(); ++i) all[i] = all[i - 1] * 10;
    return all;
}();

/// Within what 18 digits say; beyond it is Decimal's.
std::optional<SmallNumber> bounded(const SmallNumber& made) {
    if (made.digits >= powers[digits_max] || made.digits <= -powers[digits_max]) return std::nullopt;
    return made;
}

/// Both with the same digits behind the point. Nothing: that does not fit.
std::optional<std::pair<std::int64_t, std::int64_t>> aligned(const SmallNumber& a, const SmallNumber& b) {
    if (a.scale == b.scale) return std::pair{a.digits, b.digits};
    const bool first = a.scale < b.scale;
    const int shift = first ? b.scale - a.scale : a.scale - b.scale;
    if (shift > digits_max) return std::nullopt;
    std::int64_t moved = 0;
    if (__builtin_mul_overflow(first ? a.digits : b.digits, powers[static_cast<std::size_t>(shift)], &moved))
        return std::nullopt;
    return first ? std::pair{moved, b.digits} : std::pair{a.digits, moved};
}

}  // namespace

std::optional<SmallNumber> small_number(std::string_view text) {
    const bool negative = text.starts_with('-');
    if (negative) text.remove_prefix(1);
    if (text.empty() || text.size() > digits_max) return std::nullopt;
    SmallNumber made;
    std::size_t point = text.size();
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '.' && point == text.size()) {
            point = i;
            continue;
        }
        if (c < '0' || c > '9') return std::nullopt;
        made.digits = made.digits * 10 + (c - '0');
    }
    // A point at an end is for the long way.
    if (point == 0 || point + 1 == text.size()) return std::nullopt;
    if (point != text.size()) made.scale = static_cast<int>(text.size() - point - 1);
    if (negative) made.digits = -made.digits;
    return made;
}

std::optional<SmallNumber> plus(const SmallNumber& a, const SmallNumber& b) {
    const auto both = aligned(a, b);
    SmallNumber made{0, a.scale > b.scale ? a.scale : b.scale};
    if (!both || __builtin_add_overflow(both->first, both->second, &made.digits)) return std::nullopt;
    return bounded(made);
}

std::optional<SmallNumber> minus(const SmallNumber& a, const SmallNumber& b) {
    return plus(a, {-b.digits, b.scale});
}

std::optional<SmallNumber> times(const SmallNumber& a, const SmallNumber& b) {
    SmallNumber made{0, a.scale + b.scale};
    if (__builtin_mul_overflow(a.digits, b.digits, &made.digits)) return std::nullopt;
    return bounded(made);
}

std::optional<std::strong_ordering> compare_small(const SmallNumber& a, const SmallNumber& b) {
    const auto both = aligned(a, b);
    if (!both) return std::nullopt;
    return both->first <=> both->second;
}

std::string SmallNumber::canonical() const {
    if (digits == 0) return "0";
    const bool negative = digits < 0;
    std::string all = std::to_string(negative ? -digits : digits);
    const auto behind = static_cast<std::size_t>(scale);
    if (all.size() <= behind) all.insert(0, behind + 1 - all.size(), '0');
    if (behind != 0) {
        all.insert(all.size() - behind, ".");
        while (all.back() == '0') all.pop_back();
        if (all.back() == '.') all.pop_back();
    }
    return negative ? "-" + all : all;
}

}  // namespace hansa::mapping::program
