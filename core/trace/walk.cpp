#include "core/trace/walk.h"

#include <algorithm>
#include <limits>
#include <tuple>

namespace hansa::trace {

Result<bool> Walk::worn(RefId ref) {
    const auto record = store_.ref(ref);
    if (!record) return record.error();
    return *record && (*record)->worn;
}

Result<void> Walk::take_event(EventId id, bool own) {
    if (seen_events_.contains(id)) return {};
    if (events_.size() == walk_events_max) {
        complete_ = false;
        return {};
    }
    auto record = store_.event(id);
    if (!record) return record.error();
    if (!*record) return {};
    seen_events_.insert(id);
    for (const RefLink& link : (*record)->refs) {
        if (link.relation == Relation::mark || (own && link.relation == Relation::whole)) continue;
        std::set<RefId>& refs = own ? own_refs_ : upper_refs_;
        if (!own && own_refs_.contains(link.ref)) continue;
        if (refs.insert(link.ref).second) queue_.push_back(link.ref);
    }
    events_.push_back({**std::move(record), own});
    return {};
}

Result<void> Walk::take_events(RefId ref, Relation relation, bool own) {
    const auto ids = store_.events(ref, relation, 0, walk_events_max);
    if (!ids) return ids.error();
    for (const EventId id : *ids) {
        if (const auto taken = take_event(id, own); !taken) return taken;
    }
    return {};
}

Result<void> Walk::start_at(RefId ref) {
    own_refs_.insert(ref);
    const auto is_worn = worn(ref);
    if (!is_worn) return is_worn.error();
    if (!*is_worn) {
        queue_.push_back(ref);
        return {};
    }
    // Who asks for it by name sees what names it, and nothing of what each of those is joined with.
    const auto done = take_events(ref, Relation::same, true);
    queue_.clear();
    complete_ = false;
    return done;
}

Result<void> Walk::start_at_event(EventId event) {
    return take_event(event, true);
}

Result<void> Walk::close() {
    while (!queue_.empty()) {
        const RefId ref = queue_.back();
        queue_.pop_back();
        const auto is_worn = worn(ref);
        if (!is_worn) return is_worn.error();
        if (*is_worn) continue;
        if (const auto taken = take_events(ref, Relation::same, true); !taken) return taken;
    }
    return {};
}

Result<void> Walk::climb() {
    const auto pushed = [&](RefId ref) {
        if (!own_refs_.contains(ref) && upper_refs_.insert(ref).second) queue_.push_back(ref);
    };
    for (const Found& found : events_) {
        for (const RefLink& link : found.event.refs) {
            if (link.relation == Relation::whole) pushed(link.ref);
        }
    }
    std::int64_t first = std::numeric_limits<std::int64_t>::max(), last = std::numeric_limits<std::int64_t>::min();
    for (const Found& found : events_) {
        first = std::min(first, found.event.at_ms);
        last = std::max(last, found.event.at_ms);
    }
    const bool bounded = !events_.empty();
    for (const RefId ref : own_refs_) {
        const auto is_worn = worn(ref);
        if (!is_worn) return is_worn.error();
        if (*is_worn) continue;
        if (const auto taken = take_events(ref, Relation::part, false); !taken) return taken;
    }
    while (!queue_.empty()) {
        const RefId ref = queue_.back();
        queue_.pop_back();
        const auto is_worn = worn(ref);
        if (!is_worn) return is_worn.error();
        if (*is_worn) continue;
        for (const Relation relation : {Relation::same, Relation::part}) {
            if (const auto taken = take_events(ref, relation, false); !taken) return taken;
        }
    }
    if (!bounded) return {};
    std::erase_if(events_, [&](const Found& found) {
        const std::int64_t at = found.event.at_ms;
        return !found.own && found.event.level == Level::container && (at < first - journey_ms_max || at > last + journey_ms_max);
    });
    return {};
}

bool before(const EventRecord& a, const EventRecord& b) {
    return std::tie(a.at_ms, a.event, a.row, a.message, a.id) < std::tie(b.at_ms, b.event, b.row, b.message, b.id);
}

}  // namespace hansa::trace
