#include "core/trace/reader.h"

#include <algorithm>
#include <tuple>

#include "core/trace/writer.h"

namespace hansa::trace {
namespace {

constexpr std::size_t things_max = 100, parts_max = 100;

TimelineEvent event_of(const EventRecord& event, bool own) {
    TimelineEvent out;
    if (const EventName* name = event_numbered(event.event)) {
        out.event = name->name;
        out.text = name->text;
    }
    out.at_ms = event.at_ms;
    out.precision = event.precision;
    out.level = event.level;
    out.own = own;
    out.message = event.message_id;
    out.format = event.format;
    out.agency = event.agency;
    out.row = event.row;
    return out;
}

bool has_mark(const EventRecord& event, RefId mark) {
    return std::ranges::any_of(event.refs, [&](const RefLink& link) { return link.relation == Relation::mark && link.ref == mark; });
}

}  // namespace

struct Reader::Collected {
    Timeline out;
    std::vector<std::pair<EventRecord, bool>> events;
    std::set<EventId> told;
    std::set<RefId> walked, own, parts;
};

Result<std::vector<NamedReference>> Reader::names(const std::set<RefId>& refs) {
    std::vector<std::pair<std::uint8_t, std::string>> found;
    for (const RefId ref : refs) {
        auto record = store_.ref(ref);
        if (!record) return record.error();
        if (*record) found.emplace_back((*record)->scheme, std::move((*record)->value));
    }
    // Two of one value differ in their issuers, who are not told.
    std::ranges::sort(found);
    found.erase(std::unique(found.begin(), found.end()), found.end());
    std::vector<NamedReference> out;
    for (auto& [number, value] : found) {
        if (const Scheme* scheme = scheme_numbered(number)) out.push_back({std::string(scheme->name), std::move(value)});
    }
    return out;
}

/// What lies in the thing: parts that its events name, and what names the thing as its whole.
Result<void> Reader::add_parts(const Walk& walk, Collected& out) {
    const auto add = [&](RefId ref) {
        if (out.parts.size() < parts_max && !walk.refs().contains(ref)) out.parts.insert(ref);
    };
    for (const Walk::Found& found : walk.events()) {
        if (!found.event.has_parts || !may_see(found.event) || out.parts.size() == parts_max) continue;
        const auto event = store_.event(found.event.id, true);
        if (!event) return event.error();
        if (*event) std::ranges::for_each((*event)->parts, add);
    }
    for (const RefId ref : walk.refs()) {
        const auto events = store_.events(ref, Relation::whole, 0, parts_max);
        if (!events) return events.error();
        for (const EventId id : *events) {
            const auto event = store_.event(id);
            if (!event) return event.error();
            if (!*event || !may_see(**event)) continue;
            for (const RefLink& link : (*event)->refs) {
                if (link.relation == Relation::same) add(link.ref);
            }
        }
    }
    return {};
}

Result<void> Reader::add_thing(const TraceBook& book, Walk& walk, Collected& out) {
    if (const auto closed = walk.close(); !closed) return closed;
    out.walked.insert(walk.refs().begin(), walk.refs().end());
    const std::size_t parts_before = out.parts.size();
    if (const auto added = add_parts(walk, out); !added) return added;
    if (const auto climbed = walk.climb(); !climbed) return climbed;
    std::vector<Walk::Found> seen = walk.events();
    std::erase_if(seen, [&](const Walk::Found& found) { return !may_see(found.event); });
    if (seen.empty() && out.parts.size() == parts_before) return {};
    Timeline& line = out.out;
    ++line.things;
    line.complete = line.complete && walk.complete();
    const std::vector<Moment> moments = moments_of(seen);
    for (const Stage* stage : book.stages()) {
        const auto time = measure(*stage, moments);
        if (time) line.stages.push_back({stage->id, stage->text, std::string(stage->from->name), std::string(stage->to->name), time->from_ms, time->to_ms});
    }
    if (line.corridor.empty()) line.corridor = corridor_of(seen);
    for (Walk::Found& found : seen) {
        for (const RefLink& link : found.event.refs) {
            if (found.own && link.relation == Relation::same) out.own.insert(link.ref);
        }
        if (out.told.insert(found.event.id).second) out.events.emplace_back(std::move(found.event), found.own);
    }
    return {};
}

Result<Timeline> Reader::timeline(const TraceBook& book, const std::vector<RefId>& refs, const std::vector<EventId>& events) {
    Collected all;
    for (const RefId ref : refs) {
        if (all.walked.contains(ref) || all.out.things == things_max) continue;
        Walk walk(store_);
        if (const auto started = walk.start_at(ref); !started) return started.error();
        if (const auto added = add_thing(book, walk, all); !added) return added.error();
    }
    for (const EventId event : events) {
        if (all.told.contains(event) || all.out.things == things_max) continue;
        Walk walk(store_);
        if (const auto started = walk.start_at_event(event); !started) return started.error();
        if (const auto added = add_thing(book, walk, all); !added) return added.error();
    }
    if (all.out.things == things_max) all.out.complete = false;
    std::ranges::sort(all.events, [](const auto& a, const auto& b) { return before(a.first, b.first); });
    for (const auto& [event, own] : all.events) all.out.events.push_back(event_of(event, own));
    std::ranges::stable_sort(all.out.stages, {}, [](const TimelineStage& stage) { return std::tie(stage.from_ms, stage.to_ms, stage.stage); });
    auto own = names(all.own), parts = names(all.parts);
    if (!own || !parts) return own ? parts.error() : own.error();
    all.out.references = *std::move(own);
    all.out.parts = *std::move(parts);
    return std::move(all.out);
}

Result<RecallPage> Reader::recall(RefId mark, EventId after, std::size_t most) {
    RecallPage out;
    const auto ids = store_.events(mark, Relation::mark, after, most);
    if (!ids) return ids.error();
    for (const EventId id : *ids) {
        Walk walk(store_);
        if (const auto started = walk.start_at_event(id); !started) return started.error();
        if (const auto closed = walk.close(); !closed) return closed.error();
        const auto& events = walk.events();
        // Order and list of one parcel both name its seller: the parcel is told once, at the first of them.
        if (std::ranges::any_of(events, [&](const Walk::Found& found) { return found.event.id < id && has_mark(found.event, mark); })) continue;
        const auto self = std::ranges::find(events, id, [](const Walk::Found& found) { return found.event.id; });
        if (self == events.end() || !may_see(self->event)) continue;
        std::set<RefId> own;
        for (const Walk::Found& found : events) {
            for (const RefLink& link : found.event.refs) {
                if (link.relation == Relation::same && may_see(found.event)) own.insert(link.ref);
            }
        }
        auto named = names(own);
        if (!named) return named.error();
        const EventName* name = event_numbered(self->event.event);
        out.items.push_back({*std::move(named), self->event.message_id, self->event.format, std::string(name == nullptr ? "" : name->name), self->event.at_ms});
    }
    if (ids->size() == most) out.next = ids->back();
    return out;
}

Result<std::vector<ReleaseTimes>> Reader::release_times(const ReleaseFilter& filter) {
    const auto counts = store_.histogram(filter.from_day, filter.to_day, filter.stage, filter.corridor);
    if (!counts) return counts.error();
    std::vector<ReleaseTimes> out;
    for (auto at = counts->begin(); at != counts->end();) {
        const auto end = std::find_if(at, counts->end(), [&](const StageCount& one) { return one.stage != at->stage || one.corridor != at->corridor; });
        std::vector<BucketCount> buckets;
        ReleaseTimes times{at->stage, at->corridor, 0, 0, 0};
        for (; at != end; ++at) {
            buckets.push_back(at->count);
            times.count += at->count.count;
        }
        times.median_s = percentile(buckets, 0.5);
        times.p90_s = percentile(buckets, 0.9);
        out.push_back(std::move(times));
    }
    return out;
}

}  // namespace hansa::trace
