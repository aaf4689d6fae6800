// Values against simple types: white space, patterns, lexical form, facets, in that order.

#include <algorithm>

#include "core/schema/codes.h"
#include "core/schema/grammar.h"
#include "core/schema/grammar_data.h"
#include "core/schema/lexical.h"
#include "core/schema/pattern.h"

namespace hansa::schema {

namespace {

constexpr std::string_view blanks = " \t\n\r";

/// A value for a message: short, and nothing for text that may name a person.
std::string type_words(const SimpleType& type) {
    std::string words(name_of(type.built_in));
    if (!type.name.local.empty()) words = type.name.local + " (" + words + ")";
    return words;
}

Error refuse(Code code, const SimpleType& type, const std::string& rule) {
    return {code, rule + " of type " + type_words(type)};
}

std::size_t length_of(const SimpleType& type, std::string_view text) {
    const bool list = type.variety == Variety::list || type.built_in == BuiltIn::nmtokens ||
                      type.built_in == BuiltIn::idrefs || type.built_in == BuiltIn::entities;
    if (list) {
        const auto spaces = static_cast<std::size_t>(std::count(text.begin(), text.end(), ' '));
        return text.empty() ? 0 : spaces + 1;
    }
    if (primitive_of(type.built_in) == Primitive::binary) return count_octets(type.built_in, text);
    return count_characters(text);
}

Result<void> check_length(const SimpleType& type, std::string_view text) {
    if (!type.length && !type.min_length && !type.max_length) return {};
    if (primitive_of(type.built_in) == Primitive::name) return {};  // lengths of QNames mean nothing
    const std::size_t length = length_of(type, text);
    const std::string is = "length " + std::to_string(length) + " ";
    if (type.max_length && length > *type.max_length) {
        return refuse(codes::length, type, is + "is above maxLength " + std::to_string(*type.max_length));
    }
    if (type.min_length && length < *type.min_length) {
        return refuse(codes::length, type, is + "is below minLength " + std::to_string(*type.min_length));
    }
    if (type.length && length != *type.length) {
        return refuse(codes::length, type, is + "is not the length " + std::to_string(*type.length));
    }
    return {};
}

Result<void> check_range(const SimpleType& type, std::string_view text) {
    const auto against = [&](const std::optional<std::string>& bound) {
        return bound ? compare_values(type.built_in, text, *bound) : std::nullopt;
    };
    if (is_integer(type.built_in)) {
        const IntegerBounds own = integer_bounds(type.built_in);
        const bool below =
            !own.min.empty() && compare_values(type.built_in, text, own.min) == std::strong_ordering::less;
        const bool above =
            !own.max.empty() && compare_values(type.built_in, text, own.max) == std::strong_ordering::greater;
        if (below || above) return refuse(codes::range, type, "value is outside of the built-in bounds");
    }
    const auto min = against(type.min_inclusive);
    if (min && *min < 0) return refuse(codes::range, type, "value is below minInclusive " + *type.min_inclusive);
    const auto above = against(type.min_exclusive);
    if (above && *above <= 0)
        return refuse(codes::range, type, "value is not above minExclusive " + *type.min_exclusive);
    const auto max = against(type.max_inclusive);
    if (max && *max > 0) return refuse(codes::range, type, "value is above maxInclusive " + *type.max_inclusive);
    const auto below = against(type.max_exclusive);
    if (below && *below >= 0)
        return refuse(codes::range, type, "value is not below maxExclusive " + *type.max_exclusive);
    return {};
}

/// A number may be shown: unlike a text it is nobody's name or address.
std::string shown(std::string_view number) { return "'" + std::string(number.substr(0, 40)) + "': "; }

Result<void> check_digits(const SimpleType& type, std::string_view text) {
    if (!type.total_digits && !type.fraction_digits) return {};
    const DigitCount digits = count_digits(text);
    if (type.fraction_digits && digits.fraction > *type.fraction_digits) {
        return refuse(codes::digits, type,
                      shown(text) + std::to_string(digits.fraction) + " digits after the point are above fractionDigits " +
                          std::to_string(*type.fraction_digits));
    }
    if (type.total_digits && digits.whole + digits.fraction > *type.total_digits) {
        return refuse(codes::digits, type,
                      shown(text) + std::to_string(digits.whole + digits.fraction) + " digits are above totalDigits " +
                          std::to_string(*type.total_digits));
    }
    return {};
}

Result<void> check_enumeration(const SimpleType& type, std::string_view text) {
    const auto equal = [&](const std::string& value) {
        if (value == text) return true;
        return compare_values(type.built_in, text, value) == std::strong_ordering::equal;
    };
    if (type.enumeration.empty() || std::any_of(type.enumeration.begin(), type.enumeration.end(), equal)) return {};
    return refuse(codes::enumeration, type,
                  "value is none of the " + std::to_string(type.enumeration.size()) + " values");
}

Result<void> check_patterns(const SimpleType& type, const CompiledPatterns& patterns, std::string_view text) {
    for (std::size_t step = 0; step < type.patterns.size(); ++step) {
        const auto fits = [&](const Pattern& pattern) { return pattern.matches(text); };
        const bool good =
            patterns.usable && std::any_of(patterns.steps[step].begin(), patterns.steps[step].end(), fits);
        if (!good) return refuse(codes::pattern, type, "value does not match '" + type.patterns[step].front() + "'");
    }
    return {};
}

}  // namespace

void compile_patterns(const SimpleType& type, CompiledPatterns& into) {
    for (const std::vector<std::string>& step : type.patterns) {
        std::vector<Pattern> compiled;
        for (const std::string& expression : step) {
            auto pattern = Pattern::compile(expression);
            if (pattern) {
                compiled.push_back(std::move(*pattern));
            } else {
                into.usable = false;
            }
        }
        into.steps.push_back(std::move(compiled));
    }
}

std::string Grammar::normalised(const SimpleType& type, std::string_view text) {
    if (type.whitespace == Whitespace::preserve) return std::string(text);
    std::string out;
    out.reserve(text.size());
    bool pending = false;
    for (const char c : text) {
        const bool blank = blanks.find(c) != std::string_view::npos;
        if (type.whitespace == Whitespace::replace) {
            out += blank ? ' ' : c;
        } else if (blank) {
            pending = !out.empty();
        } else {
            if (pending) out += ' ';
            pending = false;
            out += c;
        }
    }
    return out;
}

Result<void> Grammar::check_value(const SimpleType& type, std::string_view raw) const {
    const std::string text = normalised(type, raw);
    const auto& known = data_->tables.simple_types;
    if (!type.patterns.empty()) {
        const bool ours = !known.empty() && &type >= known.data() && &type < known.data() + known.size();
        CompiledPatterns own;
        CompiledPatterns& patterns = ours ? data_->patterns[static_cast<std::size_t>(&type - known.data())] : own;
        std::call_once(patterns.once, [&] { compile_patterns(type, patterns); });
        if (auto good = check_patterns(type, patterns, text); !good) return good;
    }
    if (type.variety == Variety::list) {
        for (std::size_t at = 0; at < text.size();) {
            const std::size_t end = std::min(text.find(' ', at), text.size());
            const std::string_view item = std::string_view(text).substr(at, end - at);
            if (auto good = check_value(known[type.item_type], item); !good) return good;
            at = end + 1;
        }
    } else if (type.variety == Variety::union_) {
        const auto fits = [&](Index member) { return check_value(known[member], raw).has_value(); };
        if (std::none_of(type.members.begin(), type.members.end(), fits)) {
            return refuse(codes::type, type, "value is of no member type");
        }
    } else if (!is_lexical(type.built_in, text)) {
        return refuse(codes::type, type, "value is none");
    }
    if (auto good = check_length(type, text); !good) return good;
    if (auto good = check_range(type, text); !good) return good;
    if (auto good = check_digits(type, text); !good) return good;
    return check_enumeration(type, text);
}

std::optional<std::uint32_t> Grammar::max_length(const SimpleType& type) {
    if (type.length) return type.length;
    if (type.max_length) return type.max_length;
    if (type.enumeration.empty()) return std::nullopt;
    std::size_t longest = 0;
    for (const std::string& value : type.enumeration) longest = std::max(longest, count_characters(value));
    return static_cast<std::uint32_t>(longest);
}

Digits Grammar::digits(const SimpleType& type) {
    Digits digits{type.total_digits, type.fraction_digits};
    if (is_integer(type.built_in)) digits.fraction = 0;
    return digits;
}

}  // namespace hansa::schema
