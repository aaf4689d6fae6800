// The stage check: the numbered rules that the configuration of the sending agency and of the document's routes switches
// on, asked of each document. The fast way asks the tapes; where these do not say that all is kept, the documents are made.
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "core/base/log.h"
#include "core/exchange/history.h"
#include "core/exchange/passage.h"
#include "core/exchange/rule_desk.h"

namespace hansa::exchange {
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

using Sets = std::vector<std::string>;

/// Do all documents keep their rules, as far as the tapes tell? Nothing: the fast way has not read the message.
std::optional<bool> clean_on_tapes(Passage& passage, const std::vector<Sets>& sets, std::string_view today) {
    const bool read = passage.fast != nullptr && !passage.parts.empty() && (!passage.has_documents || passage.watched) &&
                      std::ranges::all_of(passage.parts, [](const Part& part) { return part.read.valid(); });
    const auto paths = read ? passage.fast->fast().paths(*passage.format) : nullptr;
    if (paths == nullptr) return std::nullopt;
    std::vector<const schema::Tape*> tapes;
    for (const Part& part : passage.parts) tapes.push_back(&part.read.tape());
    mapping::Context context = context_of(passage, *passage.sender, *passage.format, passage.id);
    context.alias_of = [&](std::string_view alias) { return value_behind(passage, alias); };
    const History history(passage);
    rules::TapeAsk how{.context = context, .day = rules::day_of(today)};
    how.first = [&](const rules::Rule&, const std::vector<std::string>& keys) { return history.none_before(keys); };
    // Documents that are asked for the same sets are asked together.
    std::vector<bool> done(sets.size(), false);
    for (std::size_t i = 0; i < sets.size(); ++i) {
        if (done[i] || sets[i].empty()) continue;
        how.chosen.assign(sets.size(), false);
        for (std::size_t k = i; k < sets.size(); ++k) {
            if (sets[k] == sets[i]) how.chosen[k] = done[k] = true;
        }
        std::string why;
        if (passage.with.rules->clean({*passage.format, paths, tapes, sets[i], how}, why)) continue;
        leave(passage, why);
        return false;
    }
    return true;
}

}  // namespace

Result<void> check(Passage& passage) {
    if (passage.with.rules == nullptr) return {};
    std::vector<Sets> sets;
    std::vector<std::vector<const rules::Rule*>> rules;
    for (std::size_t i = 0; i < passage.facts.size(); ++i) {
        sets.push_back(sets_for(*passage.sender, routes_of(passage, i)));
        auto asked = passage.with.rules->book().rules_of(sets.back());
        if (!asked) return asked.error();
        rules.push_back(*std::move(asked));
    }
    if (std::ranges::all_of(rules, [](const auto& asked) { return asked.empty(); })) return {};
    const std::string today = format_iso(passage.received);
    const std::optional<bool> clean = clean_on_tapes(passage, sets, today);
    if (clean == true && !passage.has_documents) return {};
    if (const auto made = need_documents(passage); !made) return made;
    std::optional<Error> first;
    History history(passage);
    bool found_any = false;
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
        if (clean == true && !found.findings.empty() && !found_any)
            note_difference(passage, "the fast way finds all rules kept; the reference: " + found.findings.front().error().text());
        found_any = found_any || !found.findings.empty();
    }
    if (clean == true) note_compared(passage);
    if (first) return *first;
    return {};
}

}  // namespace hansa::exchange
