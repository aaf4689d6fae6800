// The outbox: threads that carry recorded messages to their receivers.
//
// At-least-once attempts, exactly-once effect: every attempt of a delivery bears the same id, by
// which the receiver tells a repetition. One corridor keeps its order: a delivery that waits holds
// those behind it. A partner that cannot be reached is tried again with growing pauses; one that
// refuses makes a dead letter, which a person can replay. What was in flight when the process
// died is pending again after the start.
//
// Sends only bytes whose digest the journal has just checked.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "core/exchange/gateway.h"
#include "core/exchange/transport.h"

namespace hansa::exchange {

struct OutboxLimits {
    std::uint32_t threads = 4;
    std::uint32_t attempts_max = 20;
    std::uint32_t pause_first_ms = 500;    ///< doubled after every failed attempt
    std::uint32_t pause_max_ms = 300'000;
    std::uint32_t poll_ms = 200;           ///< how soon new work is seen when nobody woke the threads
    std::int64_t lease_ms = 120'000;
};

class Outbox {
public:
    /// `surroundings` is asked at every delivery, so that a reload is seen at once.
    Outbox(std::function<Surroundings()> surroundings, journal::Journal& journal,
           std::vector<std::shared_ptr<Transport>> transports, OutboxLimits limits);
    ~Outbox();  ///< stop()

    void start();
    /// New work was recorded.
    void wake();
    /// Finishes the attempts under way and joins the threads.
    void stop();

    /// Carries all that is due now on the calling thread; for tests and tools. Returns attempts made.
    std::size_t run_once(std::int64_t now_ms);

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// Puts dead letters back: those of an outgoing message, or of all that was made of a received one, what its documents went out in
/// with others among it. Received messages that were dead with them are `queued` again, in the same step. Returns how many
/// deliveries were put back; 0: none was dead. Errors: those of the journal
Result<std::size_t> replay(journal::Journal& journal, const Surroundings& with, std::string_view id, std::int64_t at_ms);

}  // namespace hansa::exchange
