// Expressions of `=`, `derive`, `check`, `when` and of defaults: parsed here, evaluated over a
// national tree and a pivot tree by evaluate.h.
//
//     count(Inventory/InventoryList)    price * qty    first(/Item[1]/Code, 1)    name(country, Code)
//
// Signs stand between white space, since names may hold '-' and paths '/'. Functions: value, count,
// sum, product, first, name, code, ceil, floor, round, min, max, published (a list's published id).
#pragma once

#include "core/mapping/model.h"
#include "core/mapping/table_text.h"

namespace hansa::mapping {

/// Errors: mapping.syntax at the sign that was not expected.
Result<Expression> parse_expression(LineReader& line, const std::string& file);

/// `PATH = "x" | "y"`, `PATH != "x"`, `PATH present`, `PATH absent`.
Result<Condition> parse_condition(LineReader& line, const std::string& file);

Result<NationalPath> parse_national_path(std::string_view text, const Place& where);
Result<PivotTerm> parse_pivot_term(std::string_view text, const Place& where);

}  // namespace hansa::mapping
