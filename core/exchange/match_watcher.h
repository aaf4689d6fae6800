// The watcher of one table of matches: joins the documents of agencies that name it, as they are accepted.
//
//     auto watcher = MatchWatcher::open({.folder = "/var/lib/hansa/matching", .table = "cn.import"}, {...});
//
// It holds the table's store (core/matching) and keeps its place in the journal there, in the same step as what it has
// joined. What is decided lies in that store until the journal has what follows (match_settling.h): a process that is
// killed in between goes on there. Test messages and production have a store of their own each.
//
// A new store begins at the journal's end: what was accepted before the table was switched on is not matched.
//
// Threads: see follower.h.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "core/exchange/follower.h"
#include "core/exchange/match_desk.h"
#include "core/exchange/match_settling.h"

namespace hansa::exchange {

struct MatchStore {
    std::filesystem::path folder;  ///< made where it is not there
    std::string table;
    bool test = false;
    std::uint64_t memory_bytes = matching::Matcher::Options{}.memory_bytes;
};

class MatchWatcher final : public Watcher {
public:
    struct Surrounding {
        std::function<Surroundings()> surroundings;
        journal::Journal& journal;
        std::function<void()> released = [] {};  ///< deliveries or answers are due
        /// For tests of faults: called between the steps, "joined" and "recorded".
        std::function<void(std::string_view)> between = [](std::string_view) {};
        HeldElsewhere held_elsewhere = {};
    };

    /// Errors: matching.table-unknown, .store-version, journal.*
    static Result<std::shared_ptr<MatchWatcher>> open(const MatchStore& store, const MatchDesk& desk, Surrounding with);

    std::string_view name() const override { return name_; }
    Result<std::int64_t> position() override;
    bool wants_documents(const journal::Message& message) const override;
    Result<void> take(std::span<const Followed> messages) override;
    Result<void> tick(std::int64_t now_ms) override;

private:
    MatchWatcher(const MatchStore& store, const MatchDesk& desk, const matching::MatchTable& table, Surrounding with);
    Result<void> begin();
    Result<void> settle(std::int64_t now_ms);
    void tell() const;
    const Agency* sender_of(const Directory& directory, const journal::Message& message) const;

    std::string name_;
    bool test_;
    std::shared_ptr<const matching::MatchBook> book_;  ///< keeps the table
    std::shared_ptr<MatchCounts> counts_;
    const matching::MatchTable& table_;
    Surrounding with_;
    MatchSettling settling_;
    std::unique_ptr<matching::Matcher> matcher_;
    std::int64_t forgotten_day_ = 0;
};

/// Watchers of all tables that agencies name, or for which there is a store in the folder, twice each (production, test). A table whose store cannot be opened, or that
/// no plugin brings, is a log line: messages that it would hold are refused, or wait until it is there again.
std::vector<std::shared_ptr<Watcher>> match_watchers(const std::filesystem::path& folder, const Directory& directory,
                                                     const MatchDesk& desk, const MatchWatcher::Surrounding& with);

}  // namespace hansa::exchange
