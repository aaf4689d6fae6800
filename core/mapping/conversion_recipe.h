// What a conversion does, as plain data: what its compiled twin is made from.
//
// A Conversion is an algorithm behind a name; a recipe is its kind and its arguments as they were
// understood, so that nobody parses the table's text twice. Which members count is said by the kind.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/mapping/check_digit.h"
#include "core/mapping/conversion.h"

namespace hansa::mapping {

struct ConversionRecipe {
    enum class Kind : std::uint8_t {
        text,          ///< also `constant`
        alias,         ///< length: the longest that is no alias, 0 for the target's
        prefix,        ///< text
        words,         ///< pairs: national and pivot; `boolean`, `indicator`
        number,        ///< whole, noise, padded, digits, power
        implied,       ///< text: the unit
        time,          ///< forms: one; its pattern may be a $setting
        coded_time,    ///< forms, each with its code
        xsd_day,       ///< `date` without a pattern
        xsd_moment,    ///< `datetime`
        day_in_text,   ///< `date PATTERN iso`; forms: one
        code,          ///< text: the list, or a $setting that names it
        country,       ///< text: alpha2, alpha3, numeric
        currency,      ///< text: alpha, numeric
        unit,          ///< `rec20`
        pointer,       ///< nothing else
        place,         ///< text: the list
        lines,         ///< text: the separator
        gather,        ///< text: the separator
        parts,         ///< length; named: each piece is an element of its own
        join,          ///< text: the separator; inner, optional
        digits,        ///< sizes, turned
        name_address,  ///< nothing else
        check_digit,   ///< text: the pattern; checks: one
    };

    /// A written form of a date: its code beside it, its pattern, the first year that two digits stand for.
    struct Form {
        std::string code, pattern;
        int century_start = 2000;
    };

    Kind kind = Kind::text;
    std::string text = {};
    bool whole = false, noise = false, padded = false, named = false, turned = false;
    std::optional<int> digits = std::nullopt;  ///< after the point, on the national side
    int power = 0;                             ///< pivot = national x 10^power
    std::size_t length = 0;
    std::vector<std::size_t> sizes = {};  ///< any_count: the rest
    std::vector<std::pair<std::string, std::string>> pairs = {};
    std::vector<Form> forms = {};
    std::vector<Conversion> inner = {};
    std::vector<CheckDigit> checks = {};
    std::vector<bool> optional = {};
};

}  // namespace hansa::mapping
