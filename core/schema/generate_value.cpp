// Values of simple types: on the bounds of their facets, and between them.

#include <algorithm>
#include <array>
#include <charconv>

#include "core/base/digest.h"
#include "core/schema/generator.h"
#include "core/schema/lexical.h"
#include "core/schema/pattern.h"

namespace hansa::schema {

namespace {

constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

template <std::size_t size>
std::string_view pick(const std::array<std::string_view, size>& list, Random& random) {
    return list[random.below(size)];
}

class ValueMaker {
public:
    ValueMaker(const Grammar& grammar, Random& random, const GenerateOptions& options)
        : grammar_(grammar), random_(random), options_(options) {}

    std::optional<std::string> make(const SimpleType& type) {
        for (int attempt = 0; attempt < 100; ++attempt) {
            std::string value = propose(type, attempt);
            if (grammar_.check_value(type, value)) return value;
        }
        return std::nullopt;
    }

private:
    std::string propose(const SimpleType& type, int attempt) {
        if (!type.enumeration.empty()) return type.enumeration[random_.below(type.enumeration.size())];
        // A date or a number that only a pattern narrows is sooner met by a date or a number.
        const bool typed = type.variety == Variety::atomic && primitive_of(type.built_in) != Primitive::text;
        if (!type.patterns.empty() && !(typed && attempt % 2 == 0)) {
            // The step with the longest pattern is mostly the one that narrows most.
            const auto& steps = type.patterns;
            const auto& step = steps[attempt % 3 == 2 ? random_.below(steps.size()) : 0];
            const std::string& pattern = step[random_.below(step.size())];
            // Open repeats end where the length facets want them, or near, or far away.
            const std::uint32_t wanted = type.length.value_or(type.min_length.value_or(type.max_length.value_or(8)));
            const std::array<std::uint32_t, 4> ends{8, std::min(wanted, 1'000u), 2, 30};
            const std::uint32_t repeats = ends[static_cast<std::size_t>(attempt / (typed ? 2 : 1)) % ends.size()];
            if (auto sample = sample_pattern(pattern, random_, repeats)) return *sample;
        }
        if (type.variety == Variety::list) return list(type);
        if (type.variety == Variety::union_) {
            if (type.members.empty()) return {};
            const Index member = type.members[random_.below(type.members.size())];
            return make(grammar_.tables().simple_types[member]).value_or("");
        }
        return atomic(type, attempt);
    }

    std::string atomic(const SimpleType& type, int attempt) {
        switch (primitive_of(type.built_in)) {
            case Primitive::text:
                return text(type);
            case Primitive::boolean:
                return random_.chance(50) ? "true" : random_.chance(80) ? "false" : "1";
            case Primitive::decimal:
                return decimal(type, attempt);
            case Primitive::floating:
                return floating(type, attempt);
            case Primitive::duration: {
                static constexpr std::array<std::string_view, 4> list{"P1D", "P1Y2M3DT4H5M6S", "PT0S", "PT36H"};
                return std::string(pick(list, random_));
            }
            case Primitive::moment:
                return moment(type, attempt);
            case Primitive::binary:
                return binary(type);
            case Primitive::name:
                return "Name" + std::to_string(random_.below(1'000));
            case Primitive::uri:
                return uri(type);
        }
        return {};
    }

    // --- text ---

    std::uint32_t wanted_length(const SimpleType& type, std::uint32_t least) {
        if (type.length) return *type.length;
        const std::uint32_t min = std::max(type.min_length.value_or(least), least);
        const std::uint32_t max = type.max_length.value_or(std::max(min, options_.length_max));
        if (max <= min) return min;
        if (random_.chance(options_.boundary_percent)) {
            // Very long values now and then only: they make documents large.
            const bool top = random_.chance(max > 600 ? 5 : 50);
            return top ? max : min;
        }
        const std::uint32_t span = std::min(max - min, std::max(options_.length_max, 1u));
        return min + static_cast<std::uint32_t>(random_.below(std::uint64_t{span} + 1));
    }

    std::string text(const SimpleType& type) {
        const std::uint32_t length = wanted_length(type, options_.empty_values ? 0 : 1);
        switch (type.built_in) {
            case BuiltIn::language:
                return random_.chance(50) ? "en" : "zh-CN";
            case BuiltIn::nmtoken:
            case BuiltIn::nmtokens:
            case BuiltIn::name:
            case BuiltIn::ncname:
            case BuiltIn::id:
            case BuiltIn::idref:
            case BuiltIn::idrefs:
            case BuiltIn::entity:
            case BuiltIn::entities:
                return name(std::max(length, 1u));
            default:
                return free_text(length);
        }
    }

    std::string name(std::uint32_t length) {
        std::string value;
        for (std::uint32_t i = 0; i < std::min(length, 30u); ++i) value += letters[random_.below(i == 0 ? 52 : 62)];
        return value;
    }

    /// No white space that normalisation would change, so that a value reads back as it was made.
    std::string free_text(std::uint32_t length) {
        static constexpr std::string_view signs = "&<>'\"-./,:;()+*%#@=_";
        static constexpr std::array<std::string_view, 10> wide{"\u4E2D", "\u56FD", "\u51FA", "\u0416", "\u044F",
                                                               "\u0451", "\u03A9", "\u00E9", "\u00DF", "\u0561"};
        const bool wild = random_.chance(40);
        std::string value;
        bool after_space = true;
        for (std::uint32_t i = 0; i < length; ++i) {
            const bool edge = i == 0 || i + 1 == length || after_space;
            after_space = false;
            if (!edge && random_.chance(8)) {
                value += ' ';
                after_space = true;
            } else if (wild && random_.chance(10)) {
                value += signs[random_.below(signs.size())];
            } else if (wild && options_.non_ascii && random_.chance(30)) {
                value += pick(wide, random_);
            } else {
                value += letters[random_.below(letters.size())];
            }
        }
        return value;
    }

    // --- numbers ---

    std::string digits(std::uint32_t count, bool all_nines) {
        std::string text;
        for (std::uint32_t i = 0; i < count; ++i) {
            const auto digit = static_cast<char>('0' + (all_nines ? 9 : random_.below(10)));
            text += i == 0 && digit == '0' ? '1' : digit;
        }
        return text;
    }

    static std::optional<std::int64_t> integer_bound(const std::optional<std::string>& bound, std::int64_t step) {
        if (!bound) return std::nullopt;
        std::int64_t value = 0;
        const char* end = bound->data() + std::min(bound->find('.'), bound->size());
        const auto parsed = std::from_chars(bound->data(), end, value);
        if (parsed.ec != std::errc{} || parsed.ptr != end || value > INT64_MAX / 4 || value < INT64_MIN / 4) {
            return std::nullopt;
        }
        return value + step;
    }

    /// A whole number between bounds that are there both.
    std::optional<std::string> bounded(const SimpleType& type) {
        const auto own = integer_bounds(type.built_in);
        const auto as_bound = [](std::string_view text) {
            return text.empty() ? std::nullopt : std::optional<std::string>(std::string(text));
        };
        auto low = integer_bound(type.min_inclusive, 0);
        if (!low) low = integer_bound(type.min_exclusive, 1);
        if (!low) low = integer_bound(as_bound(own.min), 0);
        auto high = integer_bound(type.max_inclusive, 0);
        if (!high) high = integer_bound(type.max_exclusive, -1);
        if (!high) high = integer_bound(as_bound(own.max), 0);
        if (!low || !high || *high < *low) return std::nullopt;
        if (random_.chance(options_.boundary_percent)) return std::to_string(random_.chance(50) ? *low : *high);
        const auto span = static_cast<std::uint64_t>(*high - *low) + 1;
        return std::to_string(*low + static_cast<std::int64_t>(random_.below(std::min<std::uint64_t>(span, 100'000))));
    }

    std::string decimal(const SimpleType& type, int attempt) {
        if (attempt % 2 == 0) {
            if (auto value = bounded(type)) return *value;
        }
        if (attempt >= 30) {
            for (const auto* bound : {&type.min_inclusive, &type.max_inclusive}) {
                if (*bound && random_.chance(50)) return **bound;
            }
        }
        const bool whole_only = is_integer(type.built_in);
        const std::uint32_t fraction_max =
            whole_only ? 0 : type.fraction_digits.value_or(std::min(4u, type.total_digits.value_or(4)));
        const std::uint32_t total = std::min(type.total_digits.value_or(9 + fraction_max), 36u);
        const std::uint32_t fraction_room = std::min(fraction_max, total);
        std::uint32_t whole = total - fraction_room;
        std::uint32_t fraction = fraction_room;
        const bool boundary = random_.chance(options_.boundary_percent);
        if (!boundary) {
            whole = static_cast<std::uint32_t>(random_.below(std::uint64_t{whole} + 1));
            fraction = static_cast<std::uint32_t>(random_.below(std::uint64_t{fraction} + 1));
        } else if (random_.chance(25)) {
            return decimal_zero(type);
        }
        if (attempt > 10) whole = std::min(whole, static_cast<std::uint32_t>(attempt / 10));
        std::string value = whole == 0 ? "0" : digits(whole, boundary);
        if (fraction > 0) value += "." + trailing(fraction, boundary);
        const bool may_be_negative = !type.min_inclusive && !type.min_exclusive;
        if ((may_be_negative && random_.chance(8)) || attempt % 7 == 6) value.insert(0, 1, '-');
        return value;
    }

    static std::string decimal_zero(const SimpleType& type) {
        if (type.min_inclusive) return *type.min_inclusive;
        return type.fraction_digits.value_or(0) > 0 ? "0." + std::string(*type.fraction_digits - 1, '0') + "1" : "0";
    }

    /// Digits after the point whose last is no zero, so that the count is meant.
    std::string trailing(std::uint32_t count, bool all_nines) {
        std::string text;
        for (std::uint32_t i = 0; i < count; ++i) {
            text += static_cast<char>('0' + (all_nines ? 9 : random_.below(10)));
        }
        if (text.back() == '0') text.back() = '5';
        return text;
    }

    std::string floating(const SimpleType& type, int attempt) {
        if (auto value = bounded(type)) return *value;
        if (attempt > 20 && type.min_inclusive) return *type.min_inclusive;
        static constexpr std::array<std::string_view, 4> list{"0", "1.5", "2.5E3", "100"};
        return std::string(pick(list, random_));
    }

    // --- moments ---

    static std::string padded(std::uint64_t value, std::size_t width) {
        std::string text = std::to_string(value);
        return text.size() < width ? std::string(width - text.size(), '0') + text : text;
    }

    std::string day() {
        static constexpr std::array<std::string_view, 5> bounds{"2000-02-29", "1999-12-31", "1970-01-01", "2099-12-31",
                                                                "2024-02-29"};
        if (random_.chance(options_.boundary_percent / 3)) return std::string(pick(bounds, random_));
        return padded(2000 + random_.below(40), 4) + "-" + padded(1 + random_.below(12), 2) + "-" +
               padded(1 + random_.below(28), 2);
    }

    std::string clock() {
        static constexpr std::array<std::string_view, 3> bounds{"00:00:00", "23:59:59", "12:00:00"};
        std::string text = random_.chance(options_.boundary_percent / 3)
                               ? std::string(pick(bounds, random_))
                               : padded(random_.below(24), 2) + ":" + padded(random_.below(60), 2) + ":" +
                                     padded(random_.below(60), 2);
        if (random_.chance(20)) text += "." + padded(1 + random_.below(999), 3);
        return text;
    }

    std::string zone() {
        static constexpr std::array<std::string_view, 8> zones{"",       "Z",      "+08:00", "+03:00",
                                                               "-03:30", "+14:00", "Z",      ""};
        return std::string(pick(zones, random_));
    }

    std::string moment(const SimpleType& type, int attempt) {
        if (attempt > 30) {
            if (type.min_inclusive && random_.chance(50)) return *type.min_inclusive;
            if (type.max_inclusive) return *type.max_inclusive;
        }
        const std::string date = day();
        switch (type.built_in) {
            case BuiltIn::date_time:
                return date + "T" + clock() + zone();
            case BuiltIn::time:
                return clock() + zone();
            case BuiltIn::date:
                return date + (random_.chance(80) ? "" : zone());
            case BuiltIn::g_year_month:
                return date.substr(0, 7);
            case BuiltIn::g_year:
                return date.substr(0, 4);
            case BuiltIn::g_month_day:
                return "-" + date.substr(4);
            case BuiltIn::g_day:
                return "---" + date.substr(8);
            default:
                return "--" + date.substr(5, 2);
        }
    }

    // --- others ---

    std::string binary(const SimpleType& type) {
        std::string octets;
        const std::uint32_t length = std::min(wanted_length(type, 1), 4'000u);
        for (std::uint32_t i = 0; i < length; ++i)
            octets += static_cast<char>(static_cast<unsigned char>(random_.below(256)));
        return type.built_in == BuiltIn::hex_binary ? to_hex(octets) : to_base64(octets);
    }

    std::string uri(const SimpleType& type) {
        const std::uint32_t length = std::max(wanted_length(type, 1), 1u);
        std::string value = "urn:x:" + name(6);
        while (value.size() < length) value += letters[random_.below(letters.size())];
        return length < value.size() ? name(length) : value;
    }

    std::string list(const SimpleType& type) {
        const SimpleType& item = grammar_.tables().simple_types[type.item_type];
        const std::uint32_t min = type.length.value_or(type.min_length.value_or(1));
        const std::uint32_t max = type.length.value_or(type.max_length.value_or(min + 2));
        const std::uint32_t count =
            min + static_cast<std::uint32_t>(random_.below(std::min(max - std::min(min, max), 3u) + 1));
        std::string value;
        for (std::uint32_t i = 0; i < count; ++i) value += (i == 0 ? "" : " ") + make(item).value_or("");
        return value;
    }

    const Grammar& grammar_;
    Random& random_;
    const GenerateOptions& options_;
};

}  // namespace

std::uint64_t Random::next() {
    state_ += 0x9E3779B97F4A7C15u;
    std::uint64_t value = state_;
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9u;
    value = (value ^ (value >> 27)) * 0x94D049BB133111EBu;
    return value ^ (value >> 31);
}

std::uint64_t Random::below(std::uint64_t bound) {
    return bound == 0 ? 0 : next() % bound;
}

std::optional<std::string> generate_value(const Grammar& grammar, const SimpleType& type, Random& random,
                                          const GenerateOptions& options) {
    return ValueMaker(grammar, random, options).make(type);
}

}  // namespace hansa::schema
