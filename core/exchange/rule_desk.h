// The rules that agencies have switched on, and what they found.
//
// A desk holds the tables of all plugins (core/rules) and counts findings; the stage check asks it for the sets that the
// sending agency's configuration names. A reload makes a new desk, which takes the counts over.
//
// Threads: any.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "core/rules/book.h"
#include "core/rules/check.h"

namespace hansa::exchange {

/// Findings by rule. Bounded by the rules that tables have.
class RuleCounts {
public:
    void add(const rules::Finding& finding);
    struct Count {
        rules::Severity severity = rules::Severity::refuse;
        std::uint64_t findings = 0;
    };
    std::map<std::string, Count> all() const;

private:
    mutable std::mutex mutex_;
    std::map<std::string, Count> counts_;
};

class RuleDesk {
public:
    explicit RuleDesk(std::shared_ptr<const rules::RuleBook> book, std::shared_ptr<RuleCounts> counts = std::make_shared<RuleCounts>())
        : book_(std::move(book)), counts_(std::move(counts)) {}
    const rules::RuleBook& book() const { return *book_; }
    const std::shared_ptr<RuleCounts>& counts() const { return counts_; }

private:
    std::shared_ptr<const rules::RuleBook> book_;
    std::shared_ptr<RuleCounts> counts_;
};

}  // namespace hansa::exchange
