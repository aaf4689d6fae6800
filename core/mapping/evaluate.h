// Values of expressions over a national tree and, where a place of the pivot is named, a pivot tree.
//
// A value that is absent makes sums and products absent too, so that a rule over parts that are not
// there neither fails nor writes anything; count and sum of nothing are 0.
#pragma once

#include <compare>
#include <optional>
#include <string>

#include "core/mapping/conversion.h"
#include "core/mapping/model.h"
#include "core/mapping/trees.h"

namespace hansa::mapping {

struct Evaluation {
    NationalNode* group = nullptr;     ///< where national paths start
    NationalNode* document = nullptr;  ///< where "/..." starts
    PivotNode* pivot = nullptr;        ///< the group's class, or nothing
    PivotNode* pivot_root = nullptr;
    const ConversionContext* context = nullptr;
};

std::optional<std::string> evaluate(const Expression& expression, const Evaluation& on);

/// Does the condition hold?
bool holds(const Condition& condition, const Evaluation& on);

/// Is a comparison true of two values in this order?
bool is_so(std::strong_ordering order, std::string_view sign);

/// Is the comparison of a `check` true? True too when a side is absent. `noise`: within 1e-6.
bool compare(std::string_view left, std::string_view sign, std::string_view right, bool noise);

/// Equal as texts, or as decimals.
bool same_value(std::string_view a, std::string_view b);

/// Does the pivot say a row's constant at the place? A code is text: 3 is not 03, which is what comes back.
bool is_constant(const PivotTerm& place, std::string_view said, std::string_view constant);

}  // namespace hansa::mapping
