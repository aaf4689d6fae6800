// The tables of matches that agencies have switched on, and what became of the documents that take part.
//
// A desk holds the tables of all plugins (core/matching) and counts; the stage hold() asks it which deliveries wait, a
// MatchWatcher joins what has arrived. A reload makes a new desk, which takes the counts over.
//
// Threads: any.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "core/matching/book.h"

namespace hansa::exchange {

/// Documents by table and by what became of them (matching::Standing, matching::End). Bounded by tables and words.
class MatchCounts {
public:
    void add(std::string_view table, std::string_view word);
    std::map<std::string, std::map<std::string, std::uint64_t>> all() const;

private:
    mutable std::mutex mutex_;
    std::map<std::string, std::map<std::string, std::uint64_t>> counts_;
};

class MatchDesk {
public:
    explicit MatchDesk(std::shared_ptr<const matching::MatchBook> book, std::shared_ptr<MatchCounts> counts = std::make_shared<MatchCounts>())
        : book_(std::move(book)), counts_(std::move(counts)) {}
    const std::shared_ptr<const matching::MatchBook>& book() const { return book_; }
    const std::shared_ptr<MatchCounts>& counts() const { return counts_; }

private:
    std::shared_ptr<const matching::MatchBook> book_;
    std::shared_ptr<MatchCounts> counts_;
};

}  // namespace hansa::exchange
