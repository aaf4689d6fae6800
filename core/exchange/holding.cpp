// The stage hold: which deliveries wait until the documents that belong to theirs are there and agree.
#include "core/exchange/holding.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/exchange/match_desk.h"

namespace hansa::exchange {

void MatchCounts::add(std::string_view table, std::string_view word) {
    const std::lock_guard lock(mutex_);
    ++counts_[std::string(table)][std::string(word)];
}

std::map<std::string, std::map<std::string, std::uint64_t>> MatchCounts::all() const {
    const std::lock_guard lock(mutex_);
    return counts_;
}

std::string wait_name(std::string_view table, std::string_view message_id, std::size_t document) {
    return fmt::format("{} {}/{}", table, message_id, document);
}

std::string waiting_words(std::span<const Wait> waits) {
    std::string out;
    for (const Wait& wait : waits) out += (out.empty() ? "waits for " : ", ") + wait.table;
    return out;
}

namespace {

/// Answers are of a kind that no table has as its lead; what has no route is one of them.
bool holds(const Route* route, const std::string& table) {
    return route != nullptr && (!route->matching || std::ranges::find(*route->matching, table) != route->matching->end());
}

/// Which documents are the table's leads: by their format alone, unless the table asks what they say.
Result<std::vector<bool>> leads_of(Passage& passage, const matching::MatchTable& table) {
    const plugin::Format& format = *passage.format;
    const bool asks = std::ranges::any_of(table.parts, [&](const matching::Part& part) { return part.kind == format.kind && !part.when.empty(); });
    if (!asks) return std::vector<bool>(passage.facts.size(), table.part_of(format.kind, format.id) == 0);
    if (const auto made = need_documents(passage); !made) return made.error();
    std::vector<bool> out;
    for (const pivot::Document& document : passage.documents) out.push_back(table.part_of(document, format.id) == 0);
    return out;
}

}  // namespace

Result<void> hold(Passage& passage) {
    if (passage.with.matches == nullptr) return {};
    for (const std::string& name : passage.sender->matching) {
        // A table that no plugin brings any more after a reload stops the message: an unmatched one is no matched one.
        const auto table = passage.with.matches->book()->find(name);
        if (!table) return table.error();
        const auto leads = leads_of(passage, **table);
        if (!leads) return leads.error();
        bool any = false;
        for (Outgoing& outgoing : passage.outgoing) {
            if (!holds(outgoing.route, name)) continue;
            for (const std::size_t document : outgoing.documents) {
                if (document >= leads->size() || !(*leads)[document]) continue;
                any = true;
                outgoing.waits.push_back(wait_name(name, passage.id, document));
            }
        }
        const std::int64_t wait_s = passage.sender->matching_wait_s.value_or((*table)->wait.count());
        if (any) passage.waits.push_back({name, passage.received_ms + wait_s * 1'000});
    }
    return {};
}

}  // namespace hansa::exchange
