// Retention: which bodies of the journal are dropped when, and the thread that drops them.
//
//     RetentionKeeper keeper(journal, counts);
//     keeper.set({.rules = {...}});   // at start and at each reload; a run begins at once
//     keeper.start();                 // no rules: the thread sleeps
//     keeper.stop();                  // before the journal closes
//
// A run applies each rule in small durable steps. Between two of them it rests as long as the step took, and at least
// `pause_ms`: commits never wait for more than one step. A run that was cut off is done again by the next one.
// Digests, events, references and the order of everything stay; what is gone says journal.body-dropped.
//
// Threads: all functions from any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/journal/journal.h"

namespace hansa::exchange {

struct RetentionRule {
    std::vector<journal::BodyKind> kinds = {};  ///< empty: every kind
    std::vector<journal::State> states = {};    ///< at rest: is_at_rest()
    std::string agency = {};                    ///< as sender or receiver; empty: all
    std::uint32_t after_days = 0;               ///< since the message's last change; its bodies are as old, too

    friend bool operator==(const RetentionRule&, const RetentionRule&) = default;
};

struct RetentionSettings {
    std::vector<RetentionRule> rules = {};  ///< none: nothing is dropped
    std::uint32_t every_s = 86'400;         ///< from the end of a run to the next
    std::uint32_t pause_ms = 100;
    std::uint32_t step_bodies = 200;

    friend bool operator==(const RetentionSettings&, const RetentionSettings&) = default;
};

/// Nothing is done with such a message any more unless somebody asks for it: refused, accepted (it needs no delivery),
/// delivered, answered, failed, dead.
bool is_at_rest(journal::State state);

/// What a rule asks of the journal at this time.
journal::Retention retention_of(const RetentionRule& rule, std::int64_t now_ms);

/// Since the start of the process.
struct RetentionCounts {
    std::atomic<std::uint64_t> bodies = 0, bytes = 0, runs = 0, failed = 0;
};

class RetentionKeeper {
public:
    RetentionKeeper(journal::Journal& journal, std::shared_ptr<RetentionCounts> counts);
    ~RetentionKeeper();  ///< stop()

    /// Other settings: a run under way ends with its step and begins anew.
    void set(RetentionSettings settings);
    void start();
    /// Finishes the step under way and joins the thread.
    void stop();

    /// One whole run on the calling thread; for tests.
    /// Errors: those of the journal; what was dropped before stays dropped
    Result<journal::Dropped> run_once(std::int64_t now_ms);

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace hansa::exchange
