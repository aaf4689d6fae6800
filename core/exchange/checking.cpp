// The stage check: the numbered rules that the configuration of the sending agency and of the document's routes switches
// on, asked of each document.
#include <fmt/format.h>

#include <algorithm>

#include "core/base/log.h"
#include "core/exchange/history.h"
#include "core/exchange/passage.h"
#include "core/exchange/rule_desk.h"

namespace hansa::exchange {

void RuleCounts::add(const rules::Finding& finding) {
    const std::lock_guard lock(mutex_);
    Count& count = counts_[finding.rule->id];
    count.severity = finding.rule->severity;
    ++count.findings;
}

std::map<std::string, RuleCounts::Count> RuleCounts::all() const {
    const std::lock_guard lock(mutex_);
    return counts_;
}

namespace {

/// What a document's findings mean: refusals go to the faults, warnings to the receipt.
void take(Passage& passage, std::size_t number, const rules::Finding& finding, std::optional<Error>& first) {
    passage.with.rules->counts()->add(finding);
    Error error = finding.error();
    if (passage.documents.size() > 1) error.detail = fmt::format("document {} of {}: {}", number + 1, passage.documents.size(), error.detail);
    if (finding.rule->severity == rules::Severity::warn) {
        passage.rule_warnings.push_back({finding.rule->id, number, finding.source.path, error.detail});
        return;
    }
    if (!first) first = error;
    passage.faults.add(std::move(error));
}

/// Sets that are asked of a document: those of its sender, then those of its routes, each once.
std::vector<std::string> sets_for(const Passage& passage, std::size_t document) {
    std::vector<std::string> out = passage.sender->rules;
    for (const Route* route : routes_of(passage, document)) {
        std::ranges::copy_if(route->rules, std::back_inserter(out), [&](const std::string& set) { return std::ranges::find(out, set) == out.end(); });
    }
    return out;
}

}  // namespace

Result<void> check(Passage& passage) {
    if (passage.with.rules == nullptr) return {};
    std::vector<std::vector<const rules::Rule*>> rules;
    for (std::size_t i = 0; i < passage.facts.size(); ++i) {
        auto asked = passage.with.rules->book().rules_of(sets_for(passage, i));
        if (!asked) return asked.error();
        rules.push_back(*std::move(asked));
    }
    if (std::ranges::all_of(rules, [](const auto& asked) { return asked.empty(); })) return {};
    // Rules ask for any field: the fast way's few facts are not enough.
    if (const auto made = need_documents(passage); !made) return made;
    const std::string today = format_iso(passage.received);
    std::optional<Error> first;
    History history(passage);
    for (std::size_t i = 0; i < passage.documents.size(); ++i) {
        rules::CheckOptions how;
        how.before = [&](const rules::Rule& rule) { return history.before(rule, passage.documents[i]); };
        how.format = passage.format->id;
        how.base = passage.format->base;
        how.day = rules::day_of(today);
        rules::Checked found = rules::check(passage.documents[i], rules[i], how);
        if (history.trouble()) return *history.trouble();
        if (i < passage.leaves.size()) rules::place_findings(found.findings, passage.leaves[i]);
        for (const rules::Finding& finding : found.findings) take(passage, i, finding, first);
    }
    if (first) return *first;
    return {};
}

}  // namespace hansa::exchange
