// What is asked of a store of events, as it is at one moment.
//
// Internal to core/trace. The caller begins and ends the reading. Threads: one at a time.
#pragma once

#include <set>
#include <vector>

#include "core/trace/tracer.h"
#include "core/trace/walk.h"

namespace hansa::trace {

class Reader {
public:
    Reader(Store& store, const Visible& visible) : store_(store), visible_(visible) {}

    /// Of the things that these references and events are of. Nothing that may be seen: `things` is 0.
    Result<Timeline> timeline(const TraceBook& book, const std::vector<RefId>& refs, const std::vector<EventId>& events);
    Result<RecallPage> recall(RefId mark, EventId after, std::size_t most);
    Result<std::vector<ReleaseTimes>> release_times(const ReleaseFilter& filter);

private:
    struct Collected;
    Result<void> add_thing(const TraceBook& book, Walk& walk, Collected& out);
    Result<void> add_parts(const Walk& walk, Collected& out);
    Result<std::vector<NamedReference>> names(const std::set<RefId>& refs);
    bool may_see(const EventRecord& event) const { return !visible_ || visible_(event.message_id, event.alone); }

    Store& store_;
    const Visible& visible_;
};

}  // namespace hansa::trace
