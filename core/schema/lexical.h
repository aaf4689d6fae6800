// Built-in simple types: their lexical forms, and how their values compare.
//
// Source: XML Schema 1.0 Part 2, section 3.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "core/schema/grammar.h"

namespace hansa::schema {

/// Is the text (white space already normalised) a lexical form of the built-in type? Lists (NMTOKENS,
/// IDREFS, ENTITIES) are judged here too; bounds of integer types are not, see integer_bounds.
bool is_lexical(BuiltIn type, std::string_view text);

/// Whole and part digits of a decimal's value: no zeros in front, none behind the point's end.
struct DigitCount {
    std::uint32_t whole = 0, fraction = 0;
};
DigitCount count_digits(std::string_view decimal);

/// Compares two lexical forms by value. Nothing: they do not compare (not of an ordered type, NaN,
/// moments of which only one has a zone and that lie within 14 hours).
std::optional<std::strong_ordering> compare_values(BuiltIn type, std::string_view left, std::string_view right);

/// Octets of a binary value.
std::size_t count_octets(BuiltIn type, std::string_view text);

/// Lower and upper bound that the built-in integer type itself sets ("" is none).
struct IntegerBounds {
    std::string_view min, max;
};
IntegerBounds integer_bounds(BuiltIn type);
/// xs:integer and what descends from it.
bool is_integer(BuiltIn type);

}  // namespace hansa::schema
