// Expressions of `=`, `derive`, `check`, `when` and of defaults: parsed here, evaluated over a
// national tree and a pivot tree by evaluate.h.
//
//     count(Inventory/InventoryList)    price * qty    first(/Item[1]/Code, 1)    name(country, Code)
//
// Signs stand between white space, since names may hold '-' and paths '/'. Functions: value, count,
// sum, product, first, name, code, ceil, floor, round, min, max, place, published (a list's published id).
#pragma once

#include <span>

#include "core/mapping/model.h"
#include "core/mapping/table_text.h"

namespace hansa::mapping {

/// Has the function a list's name as its first part?
constexpr bool asks_list(std::string_view function) {
    return function == "name" || function == "code" || function == "place" || function == "published";
}

/// `more`: functions that the caller knows beside those above. Paths come out as national ones; who means places of the
/// pivot reads their text again with parse_pivot_term().
/// Errors: mapping.syntax at the sign that was not expected.
Result<Expression> parse_expression(LineReader& line, const std::string& file, std::span<const std::string_view> more = {});

/// `PATH = "x" | "y"`, `PATH != "x"`, `PATH present`, `PATH absent`.
Result<Condition> parse_condition(LineReader& line, const std::string& file);

Result<NationalPath> parse_national_path(std::string_view text, const Place& where);
Result<PivotTerm> parse_pivot_term(std::string_view text, const Place& where);

}  // namespace hansa::mapping
