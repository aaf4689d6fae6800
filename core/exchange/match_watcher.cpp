#include "core/exchange/match_watcher.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/base/log.h"
#include "core/base/time.h"
#include "core/exchange/waiting_counts.h"

namespace hansa::exchange {
namespace {

constexpr std::size_t step_max = 100;       ///< endings, or waits that are over, in one step
constexpr std::size_t forget_max = 10'000;  ///< rows, in one step
constexpr std::int64_t day_ms = 86'400'000;

}  // namespace

MatchWatcher::MatchWatcher(const MatchStore& store, const MatchDesk& desk, const matching::MatchTable& table, Surrounding with)
    : name_(fmt::format("matching {}{}", store.table, store.test ? ", tests" : "")),
      test_(store.test),
      book_(desk.book()),
      counts_(desk.counts()),
      table_(table),
      with_(std::move(with)),
      settling_(with_.journal, with_.surroundings, table_, with_.held_elsewhere) {}

Result<std::shared_ptr<MatchWatcher>> MatchWatcher::open(const MatchStore& store, const MatchDesk& desk, Surrounding with) {
    const auto table = desk.book()->find(store.table);
    if (!table) return table.error();
    std::error_code trouble;
    std::filesystem::create_directories(store.folder, trouble);
    std::shared_ptr<MatchWatcher> out(new MatchWatcher(store, desk, **table, std::move(with)));
    matching::Matcher::Options options;
    options.documents = [watcher = out.get()](matching::Number number) { return watcher->settling_.document(number); };
    options.memory_bytes = store.memory_bytes;
    options.keep_endings = true;
    auto matcher = matching::Matcher::open(store.folder / fmt::format("{}{}.db", store.table, store.test ? ".test" : ""), **table, std::move(options));
    if (!matcher) return matcher.error();
    out->matcher_ = *std::move(matcher);
    if (auto begun = out->begin(); !begun) return begun.error();
    return out;
}

/// A store that has read nothing begins at the journal's end.
Result<void> MatchWatcher::begin() {
    const auto begun = matcher_->has_position();
    if (!begun) return begun.error();
    if (*begun) return {};
    const auto end = journal_end(with_.journal);
    if (!end) return end.error();
    const auto kept = matcher_->arrive({}, *end);
    if (!kept) return kept.error();
    return {};
}

Result<std::int64_t> MatchWatcher::position() {
    return matcher_->position();
}

/// The agency, where its documents take part.
const Agency* MatchWatcher::sender_of(const Directory& directory, const journal::Message& message) const {
    const Agency* agency = message.test == test_ ? directory.agency(message.agency_from) : nullptr;
    return agency != nullptr && std::ranges::find(agency->matching, table_.id) != agency->matching.end() ? agency : nullptr;
}

bool MatchWatcher::wants_documents(const journal::Message& message) const {
    const auto kind = pivot::kind_from_name(message.kind);
    return kind && table_.part_of(*kind, message.format) && sender_of(*with_.surroundings().directory, message) != nullptr;
}

Result<void> MatchWatcher::take(std::span<const Followed> messages) {
    const std::int64_t now_ms = milliseconds_since_epoch(now_utc());
    // What a process before this one has left open comes first.
    if (auto done = settle(now_ms); !done) return done;
    const auto directory = with_.surroundings().directory;
    std::vector<matching::Arrival> arrivals;
    for (const Followed& one : messages) {
        if (!wants_documents(one.message)) continue;
        if (one.documents.empty() && one.message.state == journal::State::held) {
            if (auto done = settling_.settle_unreadable(one.message, now_ms); !done) return done;
        }
        const Agency* sender = sender_of(*directory, one.message);
        for (std::size_t i = 0; i < one.documents.size(); ++i) {
            // What is held for a table that was changed since, and has no such lead now, would wait for ever.
            if (one.message.state == journal::State::held && table_.part_of(one.documents[i], one.message.format) != 0) {
                if (auto done = settling_.settle_foreign(one.message, i, now_ms); !done) return done;
            }
            arrivals.push_back({document_number(one.message.number, i), one.message.format, &one.documents[i], one.message.received_ms / 1'000,
                                sender == nullptr ? std::nullopt : sender->matching_wait_s});
        }
    }
    const auto outcomes = matcher_->arrive(arrivals, messages.back().message.number);
    if (!outcomes) return outcomes.error();
    for (const matching::Outcome& outcome : *outcomes) counts_->add(table_.id, matching::standing_name(outcome.standing));
    with_.between("joined");
    auto done = settle(now_ms);
    tell();
    return done;
}

/// How many leads wait: of tests under a name of their own, as their store has.
void MatchWatcher::tell() const {
    const auto counts = with_.surroundings().waiting;
    if (counts != nullptr) counts->set("matching", table_.id + (test_ ? ".test" : ""), matcher_->waiting());
}

Result<void> MatchWatcher::settle(std::int64_t now_ms) {
    for (;;) {
        const auto endings = matcher_->endings(step_max);
        if (!endings) return endings.error();
        if (endings->empty()) return {};
        if (auto done = settling_.settle(*endings, now_ms); !done) return done;
        with_.between("recorded");
        if (auto done = matcher_->settled(*endings); !done) return done;
        for (const matching::Ending& ending : *endings) {
            counts_->add(table_.id, matching::end_name(ending.end));
            if (ending.code.empty() && ending.agreements.empty()) continue;
            log::info(fmt::format("{}: document {} {} {}{}", name_, ending.document, matching::end_name(ending.end), ending.code, fmt::join(ending.agreements, " ")));
        }
        with_.released();
    }
}

Result<void> MatchWatcher::tick(std::int64_t now_ms) {
    for (;;) {
        const auto expired = matcher_->expire(now_ms / 1'000, step_max);
        if (!expired) return expired.error();
        if (auto done = settle(now_ms); !done) return done;
        if (expired->size() < step_max) break;
    }
    tell();
    if (now_ms / day_ms == forgotten_day_) return {};
    for (std::size_t dropped = forget_max; dropped >= forget_max;) {
        const auto count = matcher_->forget(now_ms / 1'000, forget_max);
        if (!count) return count.error();
        dropped = *count;
    }
    forgotten_day_ = now_ms / day_ms;
    return {};
}

std::vector<std::shared_ptr<Watcher>> match_watchers(const std::filesystem::path& folder, const Directory& directory, const MatchDesk& desk,
                                                     const MatchWatcher::Surrounding& with) {
    std::set<std::string> tables;
    for (const Agency& agency : directory.agencies) tables.insert(agency.matching.begin(), agency.matching.end());
    // What waits under a table that nobody names any more is still to be decided.
    std::error_code trouble;
    for (const auto& entry : std::filesystem::directory_iterator(folder, trouble)) {
        const std::string name = entry.path().filename().string();
        if (name.ends_with(".test.db")) tables.insert(name.substr(0, name.size() - 8));
    }
    std::vector<std::shared_ptr<Watcher>> out;
    for (const std::string& table : tables) {
        for (const bool test : {false, true}) {
            constexpr std::uint64_t small = std::uint64_t{8} << 20;
            MatchStore store{.folder = folder, .table = table, .test = test};
            if (test) store.memory_bytes = small;
            auto watcher = MatchWatcher::open(store, desk, with);
            if (watcher) out.push_back(*std::move(watcher));
            else log::error(fmt::format("matching {}: {}", table, watcher.error().text()));
        }
    }
    return out;
}

}  // namespace hansa::exchange
