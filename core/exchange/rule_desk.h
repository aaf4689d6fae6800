// The rules that agencies have switched on, and what they found.
//
// A desk holds the tables of all plugins (core/rules) and counts findings; the stage check asks it for the sets that the
// sending agency's configuration names. A reload makes a new desk, which takes the counts over.
//
// On the fast way it asks the compiled reader's tapes (core/rules/tape_rules.h), by programs that are made once for a
// format, its sender's settings and the sets, and kept as long as the desk.
//
// Threads: any.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <span>
#include <string>
#include <vector>

#include "core/exchange/directory.h"
#include "core/exchange/pool.h"
#include "core/rules/book.h"
#include "core/rules/check.h"
#include "core/rules/tape_rules.h"

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

/// Sets that are asked of a document: those of its sender, then those of the routes that take it, each once.
std::vector<std::string> sets_for(const Agency& sender, std::span<const Route* const> routes);

/// Documents of one message, as tapes.
struct TapeQuestion {
    const plugin::Format& format;
    std::shared_ptr<const schema::PathTable> paths;  ///< of the tapes
    std::span<const schema::Tape* const> tapes;
    std::span<const std::string> sets;
    const rules::TapeAsk& how;
};

class RuleDesk {
public:
    explicit RuleDesk(std::shared_ptr<const rules::RuleBook> book, std::shared_ptr<RuleCounts> counts = std::make_shared<RuleCounts>())
        : book_(std::move(book)), counts_(std::move(counts)) {}
    const rules::RuleBook& book() const { return *book_; }
    const std::shared_ptr<RuleCounts>& counts() const { return counts_; }

    /// Do all documents that are asked surely keep the sets' rules? False: `why` says in a fixed phrase, or with a row's place,
    /// what the reference must look at. It counts for messages that the reference reads without a fault.
    bool clean(const TapeQuestion& asked, std::string& why) const;
    /// Makes the program that clean() runs, off the message path. The rules that it leaves to the reference, if they apply.
    /// Errors: rules.set-unknown, mapping.plan-unsupported: all of them
    Result<std::vector<rules::UntoldRule>> prepare(const plugin::Format& format, std::shared_ptr<const schema::PathTable> paths,
                                                   const mapping::Settings& settings, std::span<const std::string> sets) const;

private:
    struct Program {
        std::once_flag made;
        std::shared_ptr<const rules::TapeRules> rules;
        std::optional<Error> unsupported;
        Pool<rules::TapeRulesRun> runs;
    };
    Program& program(const plugin::Format& format, const std::shared_ptr<const schema::PathTable>& paths, const mapping::Settings& settings,
                     std::span<const std::string> sets) const;

    mutable std::shared_mutex mutex_;
    mutable std::map<std::string, std::unique_ptr<Program>> programs_;
    std::shared_ptr<const rules::RuleBook> book_;
    std::shared_ptr<RuleCounts> counts_;
};

}  // namespace hansa::exchange
