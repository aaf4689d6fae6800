// Twins of integer, decimal, money, measure, fixed, scale, implied.
#include <emmintrin.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "core/mapping/fast_number.h"

namespace hansa::mapping {
namespace {

using Kind = ConversionRecipe::Kind;
using Rounded = ConversionNote::Kind;

constexpr std::size_t digits_room = 96;

bool is_digit(char c) {
    return static_cast<unsigned char>(c - '0') < 10;
}

/// The number cut to `fraction` digits, a half and more away from zero. Digits come from `room`.
Digits rounded(const Digits& number, std::size_t fraction, std::array<char, digits_room>& room) {
    const bool up = number.fraction[fraction] >= '5';
    // One digit in front, for the carry.
    room[0] = '0';
    char* end = std::copy(number.whole.begin(), number.whole.end(), room.data() + 1);
    end = std::copy_n(number.fraction.begin(), fraction, end);
    if (up) {
        char* at = end;
        while (*--at == '9') *at = '0';
        ++*at;
    }
    const std::size_t whole = number.whole.size() + 1;
    Digits out;
    out.negative = number.negative;
    out.whole = {room.data(), whole};
    out.whole.remove_prefix(std::min(out.whole.find_first_not_of('0'), whole));
    out.fraction = {room.data() + whole, fraction};
    out.fraction = out.fraction.substr(0, out.fraction.find_last_not_of('0') + 1);
    if (out.whole.empty() && out.fraction.empty()) out.negative = false;
    return out;
}

/// The number times 10 to the power `by`.
Digits shifted(const Digits& number, int by, std::array<char, digits_room>& room) {
    const auto steps = static_cast<std::size_t>(std::abs(by));
    char* end = room.data();
    std::size_t whole = number.whole.size();
    if (by < 0 && whole < steps) end = std::fill_n(end, steps - whole, '0');
    end = std::copy(number.whole.begin(), number.whole.end(), end);
    end = std::copy(number.fraction.begin(), number.fraction.end(), end);
    if (by > 0 && number.fraction.size() < steps) end = std::fill_n(end, steps - number.fraction.size(), '0');
    whole = by > 0 ? whole + steps : whole - std::min(whole, steps);
    const auto size = static_cast<std::size_t>(end - room.data());
    Digits out;
    out.negative = number.negative;
    out.whole = {room.data(), whole};
    out.whole.remove_prefix(std::min(out.whole.find_first_not_of('0'), whole));
    out.fraction = {room.data() + whole, size - whole};
    out.fraction = out.fraction.substr(0, out.fraction.find_last_not_of('0') + 1);
    return out;
}

}  // namespace

ShortDigits short_digits(std::string_view text) {
    constexpr std::size_t short_bytes = 16;
    const std::size_t size = text.size();
    const char* const at = text.data();
    if (size - 1 >= short_bytes) return {};
    std::uint64_t low = 0, high = 0;
    if (size >= 8) {
        std::memcpy(&low, at, 8);
        if (size > 8) {
            std::memcpy(&high, at + size - 8, 8);
            high >>= 8 * (short_bytes - size);
        }
    } else if (size >= 4) {
        std::uint32_t front, back;
        std::memcpy(&front, at, 4);
        std::memcpy(&back, at + size - 4, 4);
        low = front | (std::uint64_t{back} << (8 * (size - 4)));
    } else {
        const auto byte = [&](std::size_t i) { return std::uint32_t{static_cast<unsigned char>(at[i])} << (8 * i); };
        low = byte(0) | byte(size / 2) | byte(size - 1);
    }
    const __m128i signs = _mm_set_epi64x(static_cast<long long>(high), static_cast<long long>(low));
    const __m128i values = _mm_sub_epi8(signs, _mm_set1_epi8('0'));
    const auto mask = [](__m128i bytes) { return static_cast<unsigned>(_mm_movemask_epi8(bytes)); };
    const unsigned zeros = mask(_mm_cmpeq_epi8(values, _mm_setzero_si128()));
    const unsigned digits = mask(_mm_cmpeq_epi8(_mm_min_epu8(values, _mm_set1_epi8(9)), values));
    const unsigned start = *at == '-' ? 1 : 0;
    // What is no digit, from behind the sign on; past the end nothing is.
    const unsigned others = ~digits & ((1U << size) - 1) & ~start;
    unsigned point = static_cast<unsigned>(size), fraction = 0, last = point;
    if (others != 0) {
        // One point and digits behind it; zeros at the end do not count.
        point = static_cast<unsigned>(std::countr_zero(others));
        if ((others & (others - 1)) != 0 || at[point] != '.' || point + 1 == size) return {};
        const unsigned counting = digits & ~zeros & ~((2U << point) - 1);
        last = counting == 0 ? point : static_cast<unsigned>(std::bit_width(counting));
        if (counting != 0) fraction = last - point - 1;
    }
    const unsigned whole = point - start;
    const auto made = [&](unsigned counted, bool good) {
        const auto byte = [](unsigned number) { return static_cast<std::uint8_t>(number); };
        return ShortDigits{byte(counted), byte(fraction), byte(last), good};
    };
    if (((zeros >> start) & 1) == 0) return made(whole, whole != 0);
    // A zero in front stands alone, and has a sign only with digits behind the point.
    return made(0, whole == 1 && (start == 0 || fraction != 0));
}

bool take_digits(std::string_view text, Digits& out) {
    if (text.size() > number_bytes_max || text.empty()) return false;
    const char* at = text.data();
    const char* const end = at + text.size();
    bool negative = *at == '-';
    const char* shown = at;  // where the canonical form begins
    if (negative || *at == '+') ++at;
    if (!negative) shown = at;
    const char* const start = at;
    while (at != end && *at == '0') ++at;
    const char* const whole = at;
    while (at != end && is_digit(*at)) ++at;
    const char* const point = at;
    const char* last = at;  // behind the last digit that counts
    if (at != end) {
        if (*at != '.') return false;
        ++at;
        for (; at != end; ++at) {
            if (!is_digit(*at)) return false;
            if (*at != '0') last = at + 1;
        }
        // A point alone is no number.
        if (point == start && point + 1 == end) return false;
    } else if (point == start) {
        return false;
    }
    out.whole = {whole, static_cast<std::size_t>(point - whole)};
    out.fraction =
        last == point ? std::string_view() : std::string_view(point + 1, static_cast<std::size_t>(last - point - 1));
    out.text = {};
    if (point == whole && last == point) negative = false;
    out.negative = negative;
    if (point != whole) {
        // Digits from the first that counts on; a sign must stand right before them.
        if (!negative) shown = whole;
        if (!negative || start == whole) out.text = {shown, static_cast<std::size_t>(last - shown)};
    } else if (whole != start) {
        // Zeros only before the point: the last of them begins the form.
        if (!negative) shown = whole - 1;
        if (!negative || whole - start == 1) out.text = {shown, static_cast<std::size_t>(last - shown)};
    }
    return true;
}

std::string_view canonical(const Digits& digits, Scratch& scratch) {
    if (!digits.text.empty()) return digits.text;
    char* at = scratch.room(digits.whole.size() + digits.fraction.size() + 3);
    if (digits.negative) *at++ = '-';
    if (digits.whole.empty()) *at++ = '0';
    at = std::copy(digits.whole.begin(), digits.whole.end(), at);
    if (!digits.fraction.empty()) *at++ = '.';
    at = std::copy(digits.fraction.begin(), digits.fraction.end(), at);
    return scratch.keep(at);
}

FastNumber::FastNumber(const FastRequest& request)
    : whole_(request.recipe.whole),
      noise_(request.recipe.noise),
      digits_(request.recipe.digits),
      power_(request.recipe.power),
      padding_(request.recipe.padded ? static_cast<std::size_t>(*request.recipe.digits) : 0),
      place_(request.targets.empty() ? FastTarget{} : request.targets[0], request.context.grammar) {
    const Target& bounds = place_.bounds();
    fraction_max_ = static_cast<std::size_t>(whole_ ? 0 : digits_.value_or(38));
    if (bounds.fraction_digits)
        fraction_max_ = std::min(fraction_max_, static_cast<std::size_t>(*bounds.fraction_digits));
    if (bounds.total_digits) total_max_ = static_cast<std::size_t>(*bounds.total_digits);
    const schema::SimpleType* type = place_.type();
    const bool number = type && type->variety == schema::Variety::atomic &&
                        schema::primitive_of(type->built_in) == schema::Primitive::decimal;
    const schema::Digits of_type = number ? schema::Grammar::digits(*type) : schema::Digits{};
    const bool same_digits =
        number && of_type.total.value_or(38) >= total_max_ && of_type.fraction.value_or(38) >= fraction_max_;
    // Zeros behind the digits that count are the type's to judge.
    type_is_bounds_ =
        !type || (same_digits && padding_ == 0 && type->patterns.empty() && type->enumeration.empty() &&
                  !type->length && !type->min_length && !type->max_length && !type->min_inclusive &&
                  !type->max_inclusive && !type->min_exclusive && !type->max_exclusive &&
                  (type->built_in == schema::BuiltIn::decimal || type->built_in == schema::BuiltIn::integer));
    read_fraction_max_ = static_cast<std::size_t>(whole_ ? 0 : digits_.value_or(38));
    if (digits_) noise_reason_ = fmt::format("binary noise behind {} digits", *digits_);
}

Fast FastNumber::read_digits(std::string_view national, FastRun& run, Digits& digits) const {
    if (!take_digits(national, digits)) return Fast::declined;
    if (whole_ && !digits.fraction.empty()) return Fast::declined;
    if (!digits_ || digits.fraction.size() <= static_cast<std::size_t>(*digits_)) return Fast::done;
    if (!noise_) return Fast::declined;
    // Within 1e-6 of the rounded number: the digits behind begin with zeros, or with nines.
    constexpr std::size_t bound_digits = 6;
    const auto kept = static_cast<std::size_t>(*digits_);
    const std::string_view rest = digits.fraction.substr(kept);
    const std::size_t asked = kept < bound_digits ? bound_digits - kept : 0;
    const char sign = rest.front() >= '5' ? '9' : '0';
    const bool near = rest.size() > asked && rest.substr(0, asked).find_first_not_of(sign) == rest.npos;
    if (!near || !note(run, Rounded::rounded, noise_reason_)) return Fast::declined;
    std::array<char, digits_room> room;
    const Digits less = rounded(digits, kept, room);
    if (!take_digits(canonical(less, run.scratch), digits)) return Fast::declined;
    return Fast::done;
}

Fast FastNumber::read(std::string_view national, FastRun& run, FastPivot& out) const {
    if (const ShortDigits seen = short_digits(national); seen.good && power_ == 0 && reads(seen)) {
        out = {seen.of(national), {}, 0};
        return Fast::done;
    }
    Digits digits;
    if (read_digits(national, run, digits) == Fast::declined) return Fast::declined;
    out.list = {};
    out.slot = 0;
    if (power_ == 0) {
        out.text = canonical(digits, run.scratch);
        return Fast::done;
    }
    std::array<char, digits_room> room;
    out.text = canonical(shifted(digits, power_, room), run.scratch);
    return out.text.size() <= number_bytes_max ? Fast::done : Fast::declined;
}

Fast FastNumber::write(const FastPivot& value, FastRun& run, std::string_view& out) const {
    if (const ShortDigits seen = short_digits(value.text); seen.good && plain() && writes(seen)) {
        out = seen.of(value.text);
        return takes(out) ? Fast::done : Fast::declined;
    }
    Digits digits;
    if (!take_digits(value.text, digits)) return Fast::declined;
    if (power_ == 0) return write_digits(digits, run, out);
    std::array<char, digits_room> room;
    digits = shifted(digits, -power_, room);
    if (digits.whole.size() + digits.fraction.size() > number_bytes_max) return Fast::declined;
    return write_digits(digits, run, out);
}

std::string_view FastNumber::padded(std::string_view text, Scratch& scratch) const {
    const std::size_t point = text.find('.');
    const std::size_t there = point == text.npos ? 0 : text.size() - point - 1;
    char* at = scratch.room(text.size() + padding_ + 1);
    at = std::copy(text.begin(), text.end(), at);
    if (there == 0) *at++ = '.';
    return scratch.keep(std::fill_n(at, padding_ - there, '0'));
}

Fast FastNumber::write_digits(const Digits& digits, FastRun& run, std::string_view& out) const {
    if (digits.fraction.size() <= fraction_max_ && digits.whole.size() + digits.fraction.size() <= total_max_) {
        out = canonical(digits, run.scratch);
    } else {
        // As few digits behind the point are given up as will do.
        std::array<char, digits_room> room;
        Digits less = digits;
        std::size_t fraction = std::min(digits.fraction.size(), fraction_max_);
        while (true) {
            if (fraction < digits.fraction.size()) less = rounded(digits, fraction, room);
            if (less.whole.size() + less.fraction.size() <= total_max_ || fraction == 0) break;
            const std::size_t left = total_max_ - std::min(total_max_, less.whole.size());
            fraction = std::min(fraction - 1, left);
        }
        if (less.whole.size() + less.fraction.size() > total_max_ || whole_) return Fast::declined;
        if (less.whole.empty() && less.fraction.empty()) return Fast::declined;
        if (!note(run, Rounded::rounded, "the target takes fewer digits")) return Fast::declined;
        out = canonical(less, run.scratch);
    }
    if (padding_ != 0) out = padded(out, run.scratch);
    return takes(out) ? Fast::done : Fast::declined;
}

namespace {

/// A number whose unit the format does not write.
class FastImplied final : public FastCode {
public:
    FastImplied(const FastRequest& request, std::shared_ptr<const FastNumber> number)
        : number_(std::move(number)), unit_(request.recipe.text) {}

    Fast to_pivot(std::span<const FastText> national, FastRun& run, PivotSlots& out) const override {
        if (national.empty()) return Fast::done;
        FastPivot value;
        if (number_->read(national.front().text, run, value) == Fast::declined) return Fast::declined;
        return out.add(value) && out.add({unit_, {}, 1}) ? Fast::done : Fast::declined;
    }

    Fast from_pivot(std::span<const FastPivot> values, FastRun& run, TextSlots& out) const override {
        if (values.empty()) return Fast::done;
        if (values.size() != 2 || values[1].slot != 1 || values[1].text != unit_ || !values[1].list.empty())
            return Fast::declined;
        FastText text;
        if (number_->write(values[0], run, text.text) == Fast::declined || !out.add(text)) return Fast::declined;
        return Fast::done;
    }

private:
    std::shared_ptr<const FastNumber> number_;
    std::string unit_;
};

}  // namespace

FastMade fast_number(const FastRequest& request) {
    auto number = std::make_shared<FastNumber>(request);
    if (request.recipe.kind == Kind::implied) return std::make_shared<FastImplied>(request, std::move(number));
    return number;
}

}  // namespace hansa::mapping
