// Rules at work on one document.
//
//     Checked found = check(document, rules, {.format = "cn.ceb621"});
//     for (const Finding& finding : found.findings) say(finding.error());
//
// A rule is asked when its kind, formats and days fit the document; a document is judged by its own date.
// Threads: any. Cost: linear in the rules of the document's kind and in what their paths lead to.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/mapping/translate.h"
#include "core/pivot/document.h"
#include "core/rules/rule.h"

namespace hansa::rules {

/// A rule that does not hold at one place.
struct Finding {
    const Rule* rule = nullptr;  ///< lives in the RuleBook
    std::string path;            ///< in the pivot document: GoodsShipment/GovernmentAgencyGoodsItem[2]/Commodity/Name
    std::string value;           ///< what stands there; empty: nothing
    std::string clause;          ///< the line of the rule, as written
    std::string expected;        ///< what a comparison asked for; empty where nothing can be named
    bool personal = false;       ///< a free text or number of somebody: kept out of logs and error texts
    std::vector<std::string> full;  ///< the place as SourceLeaf::fed writes it, from the root to the place itself
    Place source;                   ///< the sender's own element, once place_findings() has looked for it

    /// rules.refused or rules.warned with "cn.1: text (path = value, expected ...)"
    Error error() const;
};

enum class Outcome {
    not_applicable,  ///< its kind, days or `when` do not fit
    undecided,       ///< what it asks for is not there
    holds,
    broken,
};

struct Verdict {
    const Rule* rule = nullptr;
    Outcome outcome = Outcome::not_applicable;
};

struct CheckOptions {
    std::string_view format;  ///< id, for rules over certain formats; empty: those do not apply
    std::string_view base;    ///< of a profile: rules over its base hold for it, too
    std::string_view day;     ///< of a document that has no date of its own: "2026-11-26"
    bool verdicts = false;    ///< list every rule's outcome, too
    std::size_t findings_max = 1'000;
    /// Rules of history: the last one that came before the document and says the same at the rule's keys (keys_of); it must
    /// live until check() returns. Nothing: none is known.
    std::function<const pivot::Document*(const Rule&)> before = {};
};

/// What a document says at the keys of a rule of history, in their order; empty: at one of them it says nothing.
std::vector<std::string> keys_of(const Rule& rule, const pivot::Document& document);

struct Checked {
    std::vector<Finding> findings;
    std::vector<Verdict> verdicts;
    bool refused() const;
};

Checked check(const pivot::Document& document, std::span<const Rule* const> rules, const CheckOptions& options);

/// The day by which a document is judged: it was accepted, else issued, else it happened; else `otherwise`.
std::string_view document_day(const pivot::Document& document, std::string_view otherwise);

/// Gives findings the elements of the sender's document that fed their places: path, line, column.
void place_findings(std::span<Finding> findings, std::span<const mapping::SourceLeaf> leaves);

}  // namespace hansa::rules
