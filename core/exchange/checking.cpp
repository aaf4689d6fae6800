// The stage check: the numbered rules that the sending agency's configuration switches on, asked of each document.
#include <fmt/format.h>

#include "core/base/log.h"
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

}  // namespace

Result<void> check(Passage& passage) {
    if (passage.with.rules == nullptr || passage.sender->rules.empty()) return {};
    const auto rules = passage.with.rules->book().rules_of(passage.sender->rules);
    if (!rules) return rules.error();
    // Rules ask for any field: the fast way's few facts are not enough.
    if (const auto made = need_documents(passage); !made) return made;
    const std::string today = format_iso(passage.received);
    std::optional<Error> first;
    for (std::size_t i = 0; i < passage.documents.size(); ++i) {
        rules::CheckOptions how;
        how.format = passage.format->id;
        how.base = passage.format->base;
        how.day = rules::day_of(today);
        rules::Checked found = rules::check(passage.documents[i], *rules, how);
        if (i < passage.leaves.size()) rules::place_findings(found.findings, passage.leaves[i]);
        for (const rules::Finding& finding : found.findings) take(passage, i, finding, first);
    }
    if (first) return *first;
    return {};
}

}  // namespace hansa::exchange
