#include "core/trace/writer.h"

#include <algorithm>

namespace hansa::trace {
namespace {

constexpr std::int64_t day_ms = 86'400'000;
/// How often a change is handed down, from a ship to its containers to their parcels: a bound where tables go in a ring.
constexpr std::int64_t depth_max = 6;
constexpr std::size_t page = 1'000;

std::vector<RefId> same_of(const EventRecord& event) {
    std::vector<RefId> out;
    for (const RefLink& link : event.refs) {
        if (link.relation == Relation::same) out.push_back(link.ref);
    }
    return out;
}

}  // namespace

std::int64_t day_of(std::int64_t ms) {
    return ms / day_ms - (ms % day_ms < 0 ? 1 : 0);
}

std::vector<Moment> moments_of(const std::vector<Walk::Found>& events) {
    std::vector<Moment> out;
    for (const auto& [event, own] : events) out.push_back({event.id, event.event, event.at_ms, event.precision, own});
    return out;
}

std::string corridor_of(const std::vector<Walk::Found>& events) {
    const Walk::Found* best = nullptr;
    for (const Walk::Found& found : events) {
        if (found.event.corridor.empty()) continue;
        if (best == nullptr || found.own > best->own || (found.own == best->own && before(found.event, best->event))) best = &found;
    }
    return best == nullptr ? std::string() : best->event.corridor;
}

Result<std::size_t> Writer::take(std::span<const Arrival> arrivals, std::int64_t position) {
    const auto done = store_.kept("position");
    if (!done) return done.error();
    std::size_t count = 0;
    for (const Arrival& arrival : arrivals) {
        if (arrival.number <= *done) continue;
        for (const pivot::Document& document : arrival.documents) {
            for (const Event& event : events_of(book_, arrival.format, document, arrival.received_ms)) {
                if (const auto added = add(arrival, event); !added) return added.error();
                ++count;
            }
        }
    }
    if (position > *done) {
        if (const auto kept = store_.keep("position", position); !kept) return kept.error();
    }
    return count;
}

/// Stages have changed: all is measured again, bit by bit.
Result<void> Writer::begin_again_if_changed() {
    const auto before = store_.kept_text("stages");
    if (!before) return before.error();
    if (*before == book_.stages_identity()) return {};
    if (const auto done = store_.forget_samples(); !done) return done;
    if (const auto done = store_.keep_text("stages", book_.stages_identity()); !done) return done;
    return store_.keep("again", before->empty() ? 0 : 1);
}

/// Nothing is left: false.
Result<bool> Writer::settle(std::size_t most) {
    if (const auto ready = begin_again_if_changed(); !ready) return ready.error();
    const auto again = soil_older(most);
    if (!again) return again.error();
    const auto dirty = store_.dirty(most);
    if (!dirty) return dirty.error();
    std::set<RefId> done;
    for (const Store::Dirty& one : *dirty) {
        if (!done.contains(one.ref)) {
            if (const auto settled = settle_ref(one, done); !settled) return settled.error();
        }
        if (const auto cleaned = store_.clean(one.ref); !cleaned) return cleaned.error();
    }
    return *again || dirty->size() == most || handed_down_;
}

Result<void> Writer::add(const Arrival& arrival, const Event& event) {
    EventRecord record;
    record.message = arrival.number;
    record.message_id = arrival.id;
    record.event = event.row->event->number;
    record.at_ms = event.at_ms;
    record.day = day_of(arrival.received_ms);
    record.precision = event.precision;
    record.level = event.row->level;
    record.alone = arrival.documents.size() == 1 && !arrival.among_others;
    record.row = event.row->id;
    record.format = arrival.format;
    record.agency = arrival.agency;
    if (!event.corridor_from.empty()) record.corridor = event.corridor_from + ">" + event.corridor_to;
    std::vector<RefId> same;
    for (const Reference& reference : event.references) {
        const auto id = store_.ref(reference);
        if (!id) return id.error();
        if (reference.relation == Relation::part) record.parts.push_back(*id);
        else record.refs.push_back({*id, reference.relation});
        if (reference.relation == Relation::same) same.push_back(*id);
    }
    for (const Marked& mark : event.marks) {
        const auto id = store_.mark(*mark.kind, mark.value);
        if (!id) return id.error();
        record.refs.push_back({*id, Relation::mark});
    }
    const auto worn = store_.add(record);
    if (!worn) return worn.error();
    for (const RefId ref : *worn) {
        if (const auto done = take_apart(ref); !done) return done;
    }
    const bool joins = same.size() > 1 || !record.parts.empty() || same.size() < event.references.size();
    if (!joins && !book_.measured(*event.row->event) && record.corridor.empty()) return {};
    return soil(same, record.parts);
}

/// One reference of the thing is enough; where it has none of its own, each part.
Result<void> Writer::soil(const std::vector<RefId>& same, const std::vector<RefId>& parts) {
    for (const RefId ref : same) {
        const auto record = store_.ref(ref);
        if (!record) return record.error();
        if (*record && !(*record)->worn) return store_.soil(ref, 0);
    }
    for (const RefId part : parts) {
        if (const auto done = store_.soil(part, 0); !done) return done;
    }
    return {};
}

/// A reference is worn from now on: what it joined is several things.
Result<void> Writer::take_apart(RefId ref) {
    const auto events = store_.events(ref, Relation::same, 0, static_cast<std::size_t>(worn_above) + 1);
    if (!events) return events.error();
    for (const EventId id : *events) {
        const auto event = store_.event(id);
        if (!event) return event.error();
        if (!*event) continue;
        for (const RefLink& link : (*event)->refs) {
            if (link.relation != Relation::same) continue;
            if (const auto done = store_.soil(link.ref, 0); !done) return done;
        }
    }
    return {};
}

Result<bool> Writer::soil_older(std::size_t most) {
    const auto from = store_.kept("again");
    if (!from) return from.error();
    if (*from == 0) return false;
    const auto events = store_.events_after(*from - 1, most);
    if (!events) return events.error();
    for (const EventId id : *events) {
        const auto event = store_.event(id, true);
        if (!event) return event.error();
        if (!*event) continue;
        if (const auto done = soil(same_of(**event), (*event)->parts); !done) return done.error();
    }
    const std::int64_t next = events->empty() ? 0 : events->back() + 1;
    if (const auto kept = store_.keep("again", next); !kept) return kept.error();
    return next != 0;
}

Result<void> Writer::settle_ref(const Store::Dirty& dirty, std::set<RefId>& done) {
    const auto record = store_.ref(dirty.ref);
    if (!record) return record.error();
    if (!*record) return {};
    if (!(*record)->worn) {
        Walk walk(store_);
        if (const auto started = walk.start_at(dirty.ref); !started) return started;
        return settle_thing(walk, dirty.depth, done);
    }
    // What it held together stands alone now.
    const auto events = store_.events(dirty.ref, Relation::same, 0, static_cast<std::size_t>(worn_above) + 1);
    if (!events) return events.error();
    for (const EventId id : *events) {
        Walk walk(store_);
        if (const auto started = walk.start_at_event(id); !started) return started;
        if (const auto settled = settle_thing(walk, dirty.depth, done); !settled) return settled;
    }
    done.insert(dirty.ref);
    return {};
}

Result<void> Writer::settle_thing(Walk& walk, std::int64_t depth, std::set<RefId>& done) {
    if (const auto closed = walk.close(); !closed) return closed;
    // Before the walk goes up: what hangs below the thing itself.
    if (depth < depth_max) {
        if (const auto handed = hand_down(walk, depth + 1); !handed) return handed;
    }
    if (const auto climbed = walk.climb(); !climbed) return climbed;
    done.insert(walk.refs().begin(), walk.refs().end());
    return put_samples(walk);
}

Result<void> Writer::soil_others(const Walk& walk, const std::vector<RefId>& refs, std::int64_t depth) {
    for (const RefId ref : refs) {
        if (walk.refs().contains(ref)) continue;
        if (const auto soiled = store_.soil(ref, depth); !soiled) return soiled;
        handed_down_ = true;
    }
    return {};
}

/// What lies in the thing is measured by its events, too.
Result<void> Writer::hand_down(const Walk& walk, std::int64_t depth) {
    for (const Walk::Found& found : walk.events()) {
        if (!found.event.has_parts) continue;
        const auto event = store_.event(found.event.id, true);
        if (!event) return event.error();
        if (!*event) continue;
        if (const auto soiled = soil_others(walk, (*event)->parts, depth); !soiled) return soiled;
    }
    for (const RefId ref : walk.refs()) {
        EventId after = 0;
        std::size_t seen = 0;
        do {
            const auto events = store_.events(ref, Relation::whole, after, page);
            if (!events) return events.error();
            for (const EventId id : *events) {
                const auto event = store_.event(id);
                if (!event) return event.error();
                std::vector<RefId> same = *event ? same_of(**event) : std::vector<RefId>();
                if (same.size() > 1) same.resize(1);
                if (const auto soiled = soil_others(walk, same, depth); !soiled) return soiled;
                after = id;
            }
            seen = events->size();
        } while (seen == page);
    }
    return {};
}

Result<void> Writer::put_samples(const Walk& walk) {
    const std::vector<Moment> moments = moments_of(walk.events());
    const std::string corridor = corridor_of(walk.events());
    std::vector<Sample> samples;
    for (const Stage* stage : book_.stages()) {
        const auto time = walk.complete() ? measure(*stage, moments) : std::nullopt;
        if (time && time->own) samples.push_back({stage->id, corridor, day_of(time->to_ms), time->seconds()});
    }
    // The thing's samples stand at its first event.
    EventId first = 0;
    for (const auto& [event, own] : walk.events()) {
        if (own && (first == 0 || event.id < first)) first = event.id;
    }
    for (const auto& [event, own] : walk.events()) {
        if (!own) continue;
        if (const auto put = store_.put_samples(event.id, event.id == first ? samples : std::vector<Sample>()); !put) return put;
    }
    return {};
}

}  // namespace hansa::trace
