// What belongs to one thing, and what it lies in.
//
// A thing is what events tell of: a parcel, a container. Events that name one reference as "the same" are of one thing,
// and so are their other references of that sort. From a thing the walk goes up: to events that name it as a part, and
// through references in which it lies; never down again. References that are worn (store.h) are not gone through.
//
// Internal to core/trace. Cost: a few lookups an event. Threads: one at a time, as its Store.
#pragma once

#include <cstdint>
#include <set>
#include <vector>

#include "core/trace/store.h"

namespace hansa::trace {

/// Events in one walk; more are left out, and `complete` says so.
inline constexpr std::size_t walk_events_max = 2'000;
/// A container serves again: what is told of it longer before or after the thing belongs to another journey.
inline constexpr std::int64_t journey_ms_max = std::int64_t{120} * 24 * 3'600 * 1'000;

class Walk {
public:
    explicit Walk(Store& store) : store_(store) {}

    Result<void> start_at(RefId ref);
    Result<void> start_at_event(EventId event);
    /// All of the thing.
    Result<void> close();
    /// And what it lies in. After close().
    Result<void> climb();

    struct Found {
        EventRecord event;
        bool own = false;
    };
    const std::vector<Found>& events() const { return events_; }
    const std::set<RefId>& refs() const { return own_refs_; }  ///< of the thing
    bool complete() const { return complete_; }

private:
    Result<bool> worn(RefId ref);
    Result<void> take_event(EventId id, bool own);
    Result<void> take_events(RefId ref, Relation relation, bool own);

    Store& store_;
    std::vector<Found> events_;
    std::set<EventId> seen_events_;
    std::set<RefId> own_refs_, upper_refs_;
    std::vector<RefId> queue_;
    bool complete_ = true;
};

/// The order of a timeline: by time; at one time as things mostly happen. Says the same whatever came first.
bool before(const EventRecord& a, const EventRecord& b);

}  // namespace hansa::trace
