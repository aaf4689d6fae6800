// Answers of many documents gathered to one, and the answer of one scattered to many.
//
//     const auto all = gather(master, parts, answers, table);      // one answer, a verdict for each of the master's items
//     const auto each = scatter(answer, parts, table);             // an answer for each house, of its own items
//
// A gathered answer has for each item of the master exactly one Status with its place and pointers (NameCode: the item's own state,
// else the kind of its part's answer), for each part one ParcelDecision with its identity, the kind of its answer and the
// authority's own state, and every reason at the item that it is about; reasons of a whole part stand at its first item. It is
// refused where all parts are, accepted where all are; where they fare differently its kind is the table's `mixed`, and
// the items tell. So a refusal of one item never stops the others.
//
// In a scattered answer a house finds what concerns it: a decision on it by name, states and reasons at its own items,
// and those that are about the whole. With `refusal items` a house at none of whose items an error points is not refused
// by errors at others.
//
// Kinds of answers are those of RES (FunctionCode); a part's stands in its ParcelDecision under the list res.function,
// its state as ReasonCode.
// Threads: any. Cost: linear in items and answers.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/consolidation/consolidate.h"

namespace hansa::consolidation {

/// What became of one item of a master.
struct ItemVerdict {
    std::uint32_t item = 0;  ///< from 1
    std::string identity;    ///< of its part
    std::string function;    ///< kind of answer; empty: none yet
    std::string status;      ///< the state that the authority named, with its list; empty: none
    std::vector<std::string> reasons;
};

struct Gathered {
    pivot::Document response;
    std::vector<ItemVerdict> items;  ///< one for each item of the master, in order
};

/// Answers find their part by FunctionalReferenceID, ID or identity of what they answer.
/// `partial`: parts without an answer leave their items without a verdict; else they are an error.
/// Errors: consolidation.answer-unknown, -answer-double, -answer-missing, -foreign (no response)
Result<Gathered> gather(const pivot::Document& master, std::span<const Part> parts, std::span<const pivot::Document> answers, const ConsolidationTable& table,
                        bool partial = false);

/// One answer for each part, in their order. Errors: consolidation.foreign (no response)
Result<std::vector<pivot::Document>> scatter(const pivot::Document& answer, std::span<const Part> parts, const ConsolidationTable& table);

}  // namespace hansa::consolidation
