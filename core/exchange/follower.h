// The follower: one thread that reads the journal's accepted incoming messages in the journal's own order, and hands
// them with their pivot documents to services (matching, trace, ...).
//
// The order is that of journal::Message::number. The journal has one writer, which gives numbers as it commits, and a
// read sees all that was committed before it: what a watcher has not seen yet has a larger number than what it has.
// Each watcher keeps how far it has read, durable in the same step as what it made of the messages; the follower asks
// for that position when it begins, so that a restart neither skips a message nor hands one over twice. A watcher that
// fails is asked again later, from its position; the others go on.
//
// A message is handed over once, in the state that it has then: held ones too, never those that were refused before.
//
//     Follower follower([&] { return gateway.surroundings(); }, journal, {watcher}, {});
//     follower.start();      // no watcher: no thread
//     follower.wake();       // after each accept
//     follower.stop();       // before the journal closes
//
// Cost: a message's documents are made again from its bytes, the reference way, unless it keeps them; never for
// watchers that do not want them. Threads: all functions from any thread; watchers are called from one at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "core/exchange/gateway.h"
#include "core/pivot/document.h"

namespace hansa::exchange {

/// A message and its documents: none where no watcher wants them, where the message has none (a signal), or where they
/// are not kept any more (retention) or can no longer be read (its format is gone); the log says why.
struct Followed {
    journal::Message message;
    std::vector<pivot::Document> documents;
};

/// What the store cannot do now, and may do later: it is asked again, and nothing is decided.
bool is_passing(const Error& error);

/// Number of the last message of the journal, from which on a watcher with a new store reads; 0: none.
Result<std::int64_t> journal_end(journal::Journal& journal);

/// A service that reads along.
class Watcher {
public:
    virtual ~Watcher() = default;
    virtual std::string_view name() const = 0;
    /// Number of the last message that it has taken, as it is durable; 0: none.
    virtual Result<std::int64_t> position() = 0;
    /// Does it want the documents of this message? Without them it gets the message alone.
    virtual bool wants_documents(const journal::Message&) const { return true; }
    /// In order, each once. Durable with its new position, the number of the last one, when it returns.
    virtual Result<void> take(std::span<const Followed> messages) = 0;
    /// About once a second: waits that are over, forgetting.
    virtual Result<void> tick(std::int64_t now_ms) = 0;
};

struct FollowerLimits {
    std::size_t messages_max = 100;      ///< handed over in one step
    std::size_t documents_max = 1'000;   ///< ... unless one message alone has more
    std::uint32_t poll_ms = 1'000;       ///< how soon new messages are seen when nobody woke it; the pause after a failure
};

class Follower {
public:
    /// `surroundings` is asked at every step, so that a reload is seen at once.
    Follower(std::function<Surroundings()> surroundings, journal::Journal& journal,
             std::vector<std::shared_ptr<Watcher>> watchers, FollowerLimits limits = {});
    ~Follower();  ///< stop()

    void start();
    /// A message was recorded.
    void wake();
    /// Finishes the step under way and joins the thread.
    void stop();

    /// Other watchers from the next step on, after a reload; returns when the old ones are not called any more.
    void replace(std::vector<std::shared_ptr<Watcher>> watchers);

    /// Hands over all that there is, and ticks, on the calling thread; for tests and tools. Returns the messages handed
    /// over, to however many watchers.
    std::size_t run_once(std::int64_t now_ms);

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace hansa::exchange
