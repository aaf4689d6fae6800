// A line of tests at work: does it hold at a place of a document? Internal to core/rules.
#pragma once

#include <string>

#include "core/rules/rule.h"

namespace hansa::rules {

enum class Answer { undecided, yes, no };

/// Why a clause does not hold: the first of its tests that says no.
struct Fault {
    Value value;  ///< of the place that fails
    std::string expected;
    const Test* test = nullptr;
};

/// `every`: of several values that a place leads to each must pass (`check`); else one is enough (`when`), or for
/// negations all. `fault` is filled where the answer is no. `before`: where right sides are asked; nothing: at `ground`, too.
Answer ask_clause(const Clause& clause, const Ground& ground, bool every, Fault& fault, const Ground* before = nullptr);

}  // namespace hansa::rules
