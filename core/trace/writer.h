// What is written to a store of events: new events, and the times of stages of what they changed.
//
// Internal to core/trace. The caller begins and commits. Threads: one at a time.
#pragma once

#include <set>
#include <span>

#include "core/trace/tracer.h"
#include "core/trace/walk.h"

namespace hansa::trace {

/// The earliest corridor that an event of the thing says, else one of what it lies in.
std::string corridor_of(const std::vector<Walk::Found>& events);
std::vector<Moment> moments_of(const std::vector<Walk::Found>& events);
std::int64_t day_of(std::int64_t ms);

class Writer {
public:
    Writer(Store& store, const TraceBook& book) : store_(store), book_(book) {}

    /// Arrivals at or below the position that is kept are left out. Returns how many events there were.
    Result<std::size_t> take(std::span<const Arrival> arrivals, std::int64_t position);
    /// Looks at things that changed, at most so many references; false: nothing is left.
    Result<bool> settle(std::size_t most);

private:
    Result<void> add(const Arrival& arrival, const Event& event);
    Result<void> soil(const std::vector<RefId>& same, const std::vector<RefId>& parts);
    Result<void> take_apart(RefId ref);
    Result<void> begin_again_if_changed();
    Result<bool> soil_older(std::size_t most);
    Result<void> settle_ref(const Store::Dirty& dirty, std::set<RefId>& done);
    Result<void> settle_thing(Walk& walk, std::int64_t depth, std::set<RefId>& done);
    Result<void> hand_down(const Walk& walk, std::int64_t depth);
    Result<void> soil_others(const Walk& walk, const std::vector<RefId>& refs, std::int64_t depth);
    Result<void> put_samples(const Walk& walk);

    Store& store_;
    const TraceBook& book_;
    bool handed_down_ = false;
};

}  // namespace hansa::trace
