// Timelines of parcels, declarations and containers, joined by their references; how long stages took; recalls.
//
//     auto tracer = Tracer::open("trace.db", {}).value();
//     tracer->take(*book, arrivals, last_number);                  // durable with the position
//     while (tracer->settle(*book, 500).value()) {}                // stage times of what changed
//     Timeline line = tracer->timeline(*book, "EMS7700512BY").value();
//     auto times = tracer->release_times({.from_day = ..., .to_day = ...}).value();
//
// take() is given messages in the journal's order; those at or below the position are left out, so that a restart
// neither skips nor repeats one. What is known is a function of the set of messages alone, not of their order, once
// settle() has said that nothing is left.
//
// Of persons nothing is kept: marks and issuers as digests under the store's own key, and references are numbers of
// orders, payments, documents, containers.
//
// Cost: a timeline is a few lookups an event, whatever the store holds; stage times read one row for each bucket that
// is in use a day. Disk: some 165 bytes an event, and a log of 128 MB. Memory: `memory_bytes` twice.
// Threads: take, settle and forget exclude each other; questions may be asked from any thread meanwhile.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/trace/event.h"
#include "core/trace/stage_times.h"

namespace hansa::trace {

struct Arrival {
    std::int64_t number = 0;  ///< the journal's, rising
    std::string_view id, format, agency;
    std::int64_t received_ms = 0;
    std::span<const pivot::Document> documents;
    bool among_others = false;  ///< the message has more documents than these
};

struct NamedReference {
    std::string scheme, value;
    friend bool operator==(const NamedReference&, const NamedReference&) = default;
};

struct TimelineEvent {
    std::string event, text;  ///< of the vocabulary
    std::int64_t at_ms = 0;
    Precision precision{};
    Level level{};
    bool own = false;  ///< of what was asked for; else of what it lies in
    std::string message, format, agency, row;
    friend bool operator==(const TimelineEvent&, const TimelineEvent&) = default;
};

struct TimelineStage {
    std::string stage, text, from, to;
    std::int64_t from_ms = 0, to_ms = 0;
    friend bool operator==(const TimelineStage&, const TimelineStage&) = default;
};

struct Timeline {
    std::vector<TimelineEvent> events;       ///< by time
    std::vector<TimelineStage> stages;       ///< of each thing, by stage
    std::vector<NamedReference> references;  ///< by which it is known
    std::vector<NamedReference> parts;       ///< what lies in it: the first hundred
    std::string corridor;                    ///< "CN>BY"; empty: nothing says it
    std::size_t things = 0;                  ///< more than one: the same text names several
    bool complete = true;                    ///< false: bounds were met
};

/// Whether who asks may know of a message's event; `alone`: the message has no other document.
using Visible = std::function<bool(const std::string& message_id, bool alone)>;

struct RecallItem {
    std::vector<NamedReference> references;
    std::string message, format, event;
    std::int64_t at_ms = 0;
};

struct RecallPage {
    std::vector<RecallItem> items;
    std::int64_t next = 0;  ///< 0: this was the last page
};

struct ReleaseTimes {
    std::string stage, corridor;
    std::uint64_t count = 0;
    std::int64_t median_s = 0, p90_s = 0;  ///< within 1/256
    friend bool operator==(const ReleaseTimes&, const ReleaseTimes&) = default;
};

struct ReleaseFilter {
    std::int64_t from_day = 0, to_day = 0;  ///< days since 1970 (UTC) on which the stage ended, both counted
    std::string stage, corridor;            ///< empty: all
};

struct TraceCounts {
    std::uint64_t events = 0, references = 0, waiting = 0;  ///< waiting: things to be looked at again
};

class Tracer {
public:
    struct Options {
        std::uint64_t memory_bytes = std::uint64_t{64} << 20;
    };
    /// Errors: trace.store-version, journal.*
    static Result<std::unique_ptr<Tracer>> open(const std::filesystem::path& path, Options options);
    ~Tracer();

    /// Returns how many events were kept. Errors: journal.* (nothing was kept)
    Result<std::size_t> take(const TraceBook& book, std::span<const Arrival> arrivals, std::int64_t position);
    /// Measures stages of what changed, a bounded step; false: nothing is left. Errors: journal.*
    Result<bool> settle(const TraceBook& book, std::size_t most);
    /// Drops events that arrived before the day, the oldest first. Stage times that were counted stay.
    Result<std::size_t> forget(std::int64_t before_ms, std::size_t most);
    Result<std::int64_t> position();
    Result<TraceCounts> counts();

    /// `scheme`: empty for any. Errors: trace.not-found, trace.scheme-unknown, journal.*
    Result<Timeline> timeline(const TraceBook& book, std::string_view reference, std::string_view scheme = {}, const Visible& visible = {});
    /// Of a message, by the journal's number.
    Result<Timeline> timeline_of_message(const TraceBook& book, std::int64_t number, const Visible& visible = {});
    /// Things with a mark, in order of their first message. `question`: "seller=4401960045"; `after`: `next` of the page before.
    /// Errors: trace.bad-question, journal.*
    Result<RecallPage> recall(std::string_view question, std::int64_t after, std::size_t most);
    Result<std::vector<ReleaseTimes>> release_times(const ReleaseFilter& filter);

private:
    struct State;
    explicit Tracer(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace hansa::trace
