// integer, decimal, money, measure, fixed, scale, implied.
#include <fmt/format.h>

#include <algorithm>

#include "core/mapping/conversion_code.h"

namespace hansa::mapping {
namespace {

Result<Decimal> parse_number(const std::string& text, std::string_view domain) {
    const auto number = Decimal::parse(text);
    if (!number) return outside(text, domain);
    return *number;
}

/// 10 to the power n as a factor or divisor, exactly.
Result<Decimal> shifted(const Decimal& number, int by) {
    if (by == 0) return number;
    const auto power = Decimal::parse("1" + std::string(static_cast<std::size_t>(std::abs(by)), '0'));
    if (!power) return power.error();
    if (by > 0) return number.times(*power);
    return number.divided_by(*power, number.scale() - by);
}

class Number : public OneToOne {
public:
    bool whole = false;
    std::optional<int> digits;  ///< after the point, on the national side
    bool noise = false;
    bool padded = false;  ///< written with exactly `digits` of them
    int power = 0;        ///< pivot = national x 10^power

    std::string domain() const override {
        if (whole) return "a whole number";
        if (digits)
            return fmt::format("a decimal with at most {} digits after the point{}", *digits,
                               noise ? ", or within 1e-6 of one" : "");
        return "a decimal";
    }

    ConversionRecipe recipe() const override {
        return {.kind = ConversionRecipe::Kind::number,
                .whole = whole,
                .noise = noise,
                .padded = padded,
                .digits = digits,
                .power = power};
    }

protected:
    Result<PivotValue> read(const std::string& text, const ConversionContext&, Notes& notes) const override {
        auto number = parse_number(text, domain());
        if (!number) return number.error();
        if (whole && number->fraction_digits() > 0) return outside(text, domain());
        if (digits && number->fraction_digits() > *digits) {
            number = without_noise(*number, text, notes);
            if (!number) return number.error();
        }
        const auto scaled = shifted(*number, power);
        if (!scaled) return scaled.error();
        return PivotValue{scaled->canonical(), {}, 0};
    }

    Result<std::string> write(const PivotValue& value, const ConversionContext&, const Target& target,
                              Notes& notes) const override {
        const auto number = parse_number(value.text, domain());
        if (!number) return number.error();
        const auto scaled = shifted(*number, -power);
        if (!scaled) return scaled.error();
        Target bound = target;
        const int fraction = whole ? 0 : digits.value_or(38);
        bound.fraction_digits = std::min(bound.fraction_digits.value_or(fraction), fraction);
        if (padded) bound.length_max = bound.length_min = std::nullopt;  // asked with the zeros
        auto text = written_number(*scaled, bound, !whole, notes);
        if (!text || !padded) return text;
        *text = with_zeros(*text, static_cast<std::size_t>(*digits));
        if (auto good = fits(*text, target); !good) return good.error();
        return text;
    }

    std::optional<std::string> draw_one(std::mt19937_64& random, const ConversionContext&,
                                        const Target& target) const override {
        if (!padded) return draw_number(random, target, whole ? 0 : digits.value_or(6));
        // Small enough that the zeros find room, and that the pattern of most types takes it.
        Target bound = target;
        bound.total_digits = std::min(bound.total_digits.value_or(*digits + 6), *digits + 6);
        const auto drawn = draw_number(random, bound, *digits);
        if (!drawn) return std::nullopt;
        std::string text = with_zeros(*drawn, static_cast<std::size_t>(*digits));
        if (!fits(text, target)) return std::nullopt;
        return text;
    }

private:
    /// A canonical number with as many digits behind the point as are asked for.
    static std::string with_zeros(std::string text, std::size_t fraction) {
        const std::size_t point = text.find('.');
        const std::size_t there = point == text.npos ? 0 : text.size() - point - 1;
        if (there == 0) text += '.';
        return text.append(fraction - there, '0');
    }

    Result<Decimal> without_noise(const Decimal& number, const std::string& text, Notes& notes) const {
        const auto near = number.rounded(*digits);
        if (!near) return near.error();
        const auto rest = number.minus(*near);
        if (!rest) return rest.error();
        const Decimal bound = Decimal::parse("0.000001").value();
        if (!noise || *rest > bound || *rest < bound.negated()) return outside(text, domain());
        notes.push_back({ConversionNote::Kind::rounded, text, near->canonical(),
                         fmt::format("binary noise behind {} digits", *digits)});
        return *near;
    }
};

bool take_word(std::vector<Argument>& arguments, std::string_view word) {
    const auto found = std::find_if(arguments.begin(), arguments.end(),
                                    [&](const Argument& each) { return !each.quoted && each.text == word; });
    if (found == arguments.end()) return false;
    arguments.erase(found);
    return true;
}

/// A small whole number, perhaps negative; nothing else may be left behind it.
Result<std::optional<int>> take_count(std::vector<Argument>& arguments, int least, int most) {
    if (arguments.empty()) return std::optional<int>();
    const auto number = Decimal::parse(arguments[0].text);
    if (arguments.size() > 1 || !number || number->fraction_digits() > 0 || *number < Decimal::from_integer(least) ||
        *number > Decimal::from_integer(most)) {
        return wrong_arguments(
            fmt::format("'{}': expected a number from {} to {}", arguments.back().text, least, most));
    }
    return std::optional<int>(std::stoi(number->canonical()));
}

MadeConversion make_number(const ConversionRequest& request) {
    if (!request.arguments.empty()) return wrong_arguments("it takes no arguments");
    return std::make_shared<Number>();
}

MadeConversion make_integer(const ConversionRequest& request) {
    if (!request.arguments.empty()) return wrong_arguments("it takes no arguments");
    auto made = std::make_shared<Number>();
    made->whole = true;
    return made;
}

MadeConversion make_money(const ConversionRequest& request) {
    auto arguments = request.arguments;
    auto made = std::make_shared<Number>();
    made->zero_empty = take_word(arguments, "zero-empty");
    made->noise = take_word(arguments, "noise");
    const auto digits = take_count(arguments, 0, 18);
    if (!digits) return digits.error();
    made->digits = *digits;
    if (made->noise && !made->digits) return wrong_arguments("noise needs the number of digits: money 2 noise");
    return made;
}

MadeConversion make_measure(const ConversionRequest& request) {
    auto arguments = request.arguments;
    auto made = std::make_shared<Number>();
    made->zero_empty = take_word(arguments, "zero-empty");
    if (!arguments.empty())
        return wrong_arguments(fmt::format("'{}': expected zero-empty or nothing", arguments[0].text));
    return made;
}

MadeConversion make_fixed(const ConversionRequest& request) {
    auto arguments = request.arguments;
    auto made = std::make_shared<Number>();
    made->zero_empty = take_word(arguments, "zero-empty");
    const auto digits = take_count(arguments, 1, 18);
    if (!digits) return digits.error();
    if (!*digits) return wrong_arguments("expected how many digits stand behind the point: fixed 3");
    made->digits = *digits;
    made->padded = true;
    return made;
}

MadeConversion make_scale(const ConversionRequest& request) {
    auto arguments = request.arguments;
    const auto power = take_count(arguments, -18, 18);
    if (!power) return power.error();
    if (!*power) return wrong_arguments("expected a power of ten: scale -2");
    auto made = std::make_shared<Number>();
    made->power = **power;
    return made;
}

/// A number whose unit the format does not write.
class Implied final : public ConversionCode {
public:
    std::string unit;

    std::string domain() const override { return fmt::format("a decimal in {}", unit); }
    ConversionRecipe recipe() const override { return {.kind = ConversionRecipe::Kind::implied, .text = unit}; }

    Result<ToPivot> to_pivot(std::span<const NationalValue> national, const ConversionContext&) const override {
        if (national.empty()) return ToPivot{};
        const auto number = parse_number(national.front().text, domain());
        if (!number) return number.error();
        return ToPivot{{{number->canonical(), {}, 0}, {unit, {}, 1}}, {}};
    }

    Result<FromPivot> from_pivot(std::span<const PivotValue> values, const ConversionContext&,
                                 std::span<const Target> targets) const override {
        FromPivot out;
        if (values.empty()) return out;
        if (values.size() != 2 || values[1].slot != 1 || values[1].text != unit || !values[1].list.empty()) {
            return outside(values.size() == 2 ? values[1].text : std::string_view("no unit"),
                           fmt::format("the unit {}", unit));
        }
        const auto number = parse_number(values[0].text, domain());
        if (!number) return number.error();
        auto text = written_number(*number, target_of(targets, 0), true, out.notes);
        if (!text) return text.error();
        out.values.push_back({std::move(*text), 0});
        return out;
    }

    std::optional<std::vector<NationalValue>> draw(std::mt19937_64& random, const ConversionContext&,
                                                   std::span<const Target> targets) const override {
        auto text = draw_number(random, target_of(targets, 0), 6);
        if (!text) return std::nullopt;
        return std::vector<NationalValue>{{std::move(*text), 0}};
    }
};

MadeConversion make_implied(const ConversionRequest& request) {
    if (request.arguments.size() != 1) return wrong_arguments("expected one unit: implied \"KGM\"");
    auto made = std::make_shared<Implied>();
    made->unit = request.arguments[0].text;
    made->pivot_count = 2;
    return made;
}

constexpr ConversionName names[] = {
    {"integer", make_integer, "integer"},
    {"decimal", make_number, "decimal"},
    {"money", make_money, "money [digits] [noise] [zero-empty]"},
    {"measure", make_measure, "measure [zero-empty]"},
    {"fixed", make_fixed, "fixed DIGITS [zero-empty]"},
    {"scale", make_scale, "scale POWER-OF-TEN"},
    {"implied", make_implied, "implied \"UNIT\""},
};

}  // namespace

std::span<const ConversionName> number_conversions() {
    return names;
}

Result<std::string> written_number(const Decimal& number, const Target& target, bool may_round,
                                   std::vector<ConversionNote>& notes) {
    const std::string exact = number.canonical();
    int fraction = std::min(number.fraction_digits(), target.fraction_digits.value_or(number.fraction_digits()));
    Decimal written = number;
    while (true) {
        if (fraction < number.fraction_digits()) {
            const auto rounded = number.rounded(fraction);
            if (!rounded) return rounded.error();
            written = *rounded;
        }
        const int digits = written.integer_digits() + written.fraction_digits();
        if (!target.total_digits || digits <= *target.total_digits || fraction == 0) break;
        fraction = std::max(0, std::min(fraction - 1, *target.total_digits - written.integer_digits()));
    }
    const std::string text = written.canonical();
    const bool lost = written != number;
    const bool too_wide =
        target.total_digits && written.integer_digits() + written.fraction_digits() > *target.total_digits;
    if (too_wide || (lost && (!may_round || written.is_zero()))) {
        return Error{codes::unfit, fmt::format("'{}' does not fit {} digits, {} of them after the point", exact,
                                               target.total_digits.value_or(38), target.fraction_digits.value_or(38))};
    }
    if (auto good = fits(text, target); !good) return good.error();
    if (lost) notes.push_back({ConversionNote::Kind::rounded, exact, text, "the target takes fewer digits"});
    return text;
}

std::optional<std::string> draw_number(std::mt19937_64& random, const Target& target, int fraction_max) {
    const int total = std::min(target.total_digits.value_or(12), 30);
    const int width = static_cast<int>(std::min<std::size_t>(target.length_max.value_or(40), 40));
    int fraction = std::min({target.fraction_digits.value_or(fraction_max), fraction_max, total - 1});
    fraction = fraction > 0 ? static_cast<int>(random() % static_cast<std::size_t>(fraction + 1)) : 0;
    const int whole_max = std::min(total - fraction, width - (fraction > 0 ? fraction + 1 : 0));
    if (whole_max < 1) return std::nullopt;
    const int whole = 1 + static_cast<int>(random() % static_cast<std::size_t>(whole_max));
    std::string out(1, static_cast<char>('1' + random() % 9));
    for (int i = 1; i < whole; ++i) out += static_cast<char>('0' + random() % 10);
    if (fraction > 0) {
        out += '.';
        for (int i = 1; i < fraction; ++i) out += static_cast<char>('0' + random() % 10);
        out += static_cast<char>('1' + random() % 9);
    }
    return out;
}

}  // namespace hansa::mapping
