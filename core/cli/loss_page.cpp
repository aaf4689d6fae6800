// The page docs/losses.md: what `hansa coverage --markdown` prints.
#include "core/cli/loss_page.h"

#include <fmt/format.h>

#include <map>
#include <vector>

#include "core/mapping/coverage.h"

namespace hansa::cli {
namespace {

using Formats = std::vector<const plugin::Format*>;

bool is_compared(const plugin::Format& from, const plugin::Format& to) {
    return from.id != to.id && !mapping::are_far_answers(*from.mapping, *to.mapping);
}

std::string row_of(const plugin::Format& from, const Formats& formats) {
    std::string words;
    for (const plugin::Format* to : formats) {
        if (!is_compared(from, *to)) continue;
        const mapping::PairCoverage pair = mapping::coverage(*from.mapping, *to->mapping);
        const std::string asks = pair.never_given.empty() ? "" : fmt::format(", asks {} more", pair.never_given.size());
        words += fmt::format("{}`{}` {} of {}{}", words.empty() ? "" : "; ", to->id, pair.taken, pair.given, asks);
    }
    return words.empty() ? "" : fmt::format("| `{}` | {} |\n", from.id, words);
}

}  // namespace

std::string loss_page(const plugin::Registry& registry) {
    std::map<pivot::Kind, Formats> by_kind;
    for (const plugin::Format& format : registry.formats()) {
        if (format.mapping && format.base.empty()) by_kind[format.kind].push_back(&format);
    }
    std::string page =
        "# What every pair loses\n\nMade by `hansa coverage --markdown` from the plugins' tables. For each two formats of a kind: of "
        "the places in the pivot that the first one's table feeds, how many the second one's table takes. What is not taken is named "
        "in the ledger of each message and kept in memory and annex, so that it comes home; `asks N more` counts elements that the "
        "second one's schema demands and the first one never gives: such a translation is a draft until somebody fills them. "
        "`hansa coverage --pair A B` names each place. Answers are compared with the Data Model's alone, by which they travel. A profile loses what its base loses.\n";
    for (const auto& [kind, formats] : by_kind) {
        std::string rows;
        for (const plugin::Format* from : formats) rows += row_of(*from, formats);
        if (rows.empty()) continue;
        page += fmt::format("\n## {}\n\n| from | taken by |\n| --- | --- |\n{}", pivot::kind_name(kind), rows);
    }
    return page;
}

}  // namespace hansa::cli
