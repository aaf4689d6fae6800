// Random parcels in random containers: what the store says is what a plain join says, in whatever order messages came.
//
//   HANSA_SEED=7 HANSA_ROUNDS=200 test-trace-join
#include <cmath>
#include <cstdlib>
#include <map>
#include <random>
#include <set>

#include "core/base/time.h"
#include "core/trace/store.h"
#include "core/trace/walk.h"
#include "tests/support/results.h"
#include "tests/unit/trace/support.h"

namespace hansa::trace::test {
namespace {

std::uint64_t number_from(const char* name, std::uint64_t otherwise) {
    const char* text = std::getenv(name);
    return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

/// An event as the plain join knows it.
struct Plain {
    Event event;
    std::int64_t message = 0;
    std::size_t index = 0;
};

using Key = std::tuple<std::string, std::string>;  // scheme, value
Key key_of(const Reference& reference) {
    return {std::string(reference.scheme->name), reference.value};
}

/// The plain join: everything is looked at again until nothing more is found.
class PlainJoin {
public:
    PlainJoin(const TraceBook& book, const std::vector<Sent>& messages) : book_(book) {
        for (const Sent& sent : messages) {
            for (Event& event : events_of(book, "xx.any", sent.document, sent.received_ms)) all_.push_back({std::move(event), sent.number, all_.size()});
        }
        for (const Plain& one : all_) {
            for (const Reference& reference : one.event.references) uses_[key_of(reference)] += reference.relation == Relation::same ? 1 : 0;
        }
    }

    struct Thing {
        std::set<std::size_t> own, all;
        std::set<Key> refs;
    };

    Thing thing_at(const Key& start) const {
        Thing out;
        out.refs = {start};
        grow(out);
        return out;
    }
    Thing thing_of(const Plain& event) const {
        Thing out;
        out.own = {event.index};
        for (const Reference& reference : event.event.references) {
            if (reference.relation == Relation::same) out.refs.insert(key_of(reference));
        }
        grow(out);
        return out;
    }

    const std::vector<Plain>& events() const { return all_; }

    std::vector<std::string> told(const Thing& thing) const {
        std::vector<const Plain*> sorted;
        for (const std::size_t index : thing.all) sorted.push_back(&all_[index]);
        std::ranges::sort(sorted, [](const Plain* a, const Plain* b) {
            return std::tuple(a->event.at_ms, a->event.row->event->number, a->event.row->id, a->message) <
                   std::tuple(b->event.at_ms, b->event.row->event->number, b->event.row->id, b->message);
        });
        std::vector<std::string> out;
        for (const Plain* one : sorted)
            out.push_back(std::string(one->event.row->event->name) + " " + std::to_string(one->message) + (thing.own.contains(one->index) ? "" : " above"));
        return out;
    }

    std::vector<Moment> moments(const Thing& thing) const {
        std::vector<Moment> out;
        for (const std::size_t index : thing.all) {
            const Event& event = all_[index].event;
            out.push_back({static_cast<std::int64_t>(index), event.row->event->number, event.at_ms, event.precision, thing.own.contains(index)});
        }
        return out;
    }

    /// Seconds of each stage, of every thing once.
    std::map<std::string, std::vector<std::int64_t>> stage_times() const {
        std::map<std::string, std::vector<std::int64_t>> out;
        std::set<std::size_t> done;
        for (const Plain& one : all_) {
            if (done.contains(one.index)) continue;
            const Thing thing = thing_of(one);
            done.insert(thing.own.begin(), thing.own.end());
            const std::vector<Moment> seen = moments(thing);
            for (const Stage* stage : book_.stages()) {
                const auto time = measure(*stage, seen);
                if (time && time->own) out[stage->id].push_back(time->seconds());
            }
        }
        return out;
    }

private:
    bool worn(const Key& key) const {
        const auto found = uses_.find(key);
        return found != uses_.end() && found->second > worn_above;
    }

    void grow(Thing& thing) const {
        for (bool more = true; more;) {
            more = false;
            for (const Plain& one : all_) {
                const bool named = thing.own.contains(one.index) || std::ranges::any_of(one.event.references, [&](const Reference& reference) {
                                       return reference.relation == Relation::same && thing.refs.contains(key_of(reference)) && !worn(key_of(reference));
                                   });
                if (!named) continue;
                more = thing.own.insert(one.index).second || more;
                for (const Reference& reference : one.event.references) {
                    if (reference.relation == Relation::same) more = thing.refs.insert(key_of(reference)).second || more;
                }
            }
        }
        // Up: through wholes of what is there, to what names it as same or part.
        thing.all = thing.own;
        std::set<Key> upper;
        for (bool more = true; more;) {
            more = false;
            for (const Plain& one : all_) {
                const bool named = std::ranges::any_of(one.event.references, [&](const Reference& reference) {
                    const Key key = key_of(reference);
                    if (worn(key)) return false;
                    if (reference.relation == Relation::part) return thing.refs.contains(key) || upper.contains(key);
                    return reference.relation == Relation::same && upper.contains(key);
                });
                if (!named && !thing.all.contains(one.index)) continue;
                more = thing.all.insert(one.index).second || more;
                const bool own = thing.own.contains(one.index);
                for (const Reference& reference : one.event.references) {
                    const bool up = reference.relation == Relation::whole || (!own && reference.relation == Relation::same);
                    if (up && !thing.refs.contains(key_of(reference))) more = upper.insert(key_of(reference)).second || more;
                }
            }
        }
    }

    const TraceBook& book_;
    std::vector<Plain> all_;
    std::map<Key, std::int64_t> uses_;
};

class Maker {
public:
    explicit Maker(std::uint64_t seed) : random_(seed) {}

    std::vector<Sent> messages() {
        std::vector<pivot::Document> out;
        const std::size_t parcels = 1 + pick(12), masters = 1 + pick(3);
        for (std::size_t i = 0; i < parcels; ++i) {
            const std::string number = std::to_string(i), order_number = "O-" + std::to_string(pick(4) == 0 ? pick(parcels) : i), master = "M-" + std::to_string(pick(masters));
            if (pick(5) != 0) out.push_back(order(order_number, time(), "S-" + std::to_string(pick(3)), {}, "P-" + std::to_string(pick(8) == 0 ? 0 : i)));
            if (pick(3) != 0) out.push_back(payment("P-" + number, time()));
            if (pick(4) != 0) out.push_back(waybill("L-" + number, pick(5) == 0 ? "" : master, time()));
            if (pick(6) != 0) out.push_back(list("N-" + number, order_number, "L-" + number, time()));
            for (std::size_t k = pick(3); k > 0; --k) out.push_back(released("N-" + number, time()));
            if (pick(2) != 0) out.push_back(delivered("L-" + number, time()));
        }
        for (std::size_t i = 0; i < masters; ++i) {
            for (std::size_t k = pick(3); k > 0; --k) {
                std::vector<std::string> inside;
                for (std::size_t n = pick(5); n > 0; --n) inside.push_back("L-" + std::to_string(pick(parcels + 1)));
                if (inside.empty()) inside.push_back("L-x");
                out.push_back(arrived("M-" + std::to_string(i), inside, time(), pick(2) == 0 ? "" : "MSCU" + std::to_string(pick(2))));
            }
            if (pick(2) != 0) out.push_back(document("document lpco\nID MSCU" + std::to_string(pick(2)) + "\n"));
        }
        std::vector<Sent> numbered;
        for (pivot::Document& one : out) numbered.push_back({static_cast<std::int64_t>(numbered.size()) + 1, std::move(one), 1'793'577'600'000 + static_cast<std::int64_t>(pick(900'000)) * 1'000});
        return numbered;
    }

    /// The same messages as they might have come: their numbers are those of another order.
    std::vector<Sent> shuffled(std::vector<Sent> messages, std::map<std::int64_t, std::int64_t>& first_number) {
        std::ranges::shuffle(messages, random_);
        for (std::size_t i = 0; i < messages.size(); ++i) {
            first_number[static_cast<std::int64_t>(i) + 1] = messages[i].number;
            messages[i].number = static_cast<std::int64_t>(i) + 1;
        }
        return messages;
    }

    std::size_t pick(std::size_t below) { return std::uniform_int_distribution<std::size_t>(0, below - 1)(random_); }

private:
    /// In November 2026; now and then a day alone, and often the same.
    std::string time() {
        const auto two = [](std::size_t number) { return (number < 10 ? "0" : "") + std::to_string(number); };
        const std::string day = "2026-11-" + two(1 + pick(9));
        if (pick(12) == 0) return day;
        return day + "T" + two(pick(24)) + ":" + two(pick(4) * 15) + ":00" + (pick(2) == 0 ? "Z" : "+08:00");
    }
    std::mt19937_64 random_;
};

/// In steps, each with a restart in between; now and then a step comes twice.
void hand_over(const Scratch& scratch, const TraceBook& book, const std::vector<Sent>& messages, Maker& maker) {
    std::unique_ptr<Tracer> tracer = scratch.open();
    for (std::size_t at = 0; at < messages.size();) {
        const std::size_t count = std::min(messages.size() - at, 1 + maker.pick(9));
        const std::vector<Sent> step(messages.begin() + static_cast<std::ptrdiff_t>(at), messages.begin() + static_cast<std::ptrdiff_t>(at + count));
        ASSERT_TRUE(take(*tracer, book, step));
        if (maker.pick(3) == 0) tracer = nullptr, tracer = scratch.open();
        if (maker.pick(4) == 0) {
            ASSERT_TRUE(take(*tracer, book, step));
        }
        if (maker.pick(2) == 0) {
            ASSERT_TRUE(tracer->settle(book, 1 + maker.pick(5)));
        }
        at += count;
    }
    settle(*tracer, book, 3);
}

std::vector<std::string> told(const Timeline& line, std::map<std::int64_t, std::int64_t>& numbers) {
    std::vector<std::string> out;
    for (const TimelineEvent& event : line.events)
        out.push_back(event.event + " " + std::to_string(numbers[std::strtoll(event.message.substr(3).c_str(), nullptr, 10)]) + (event.own ? "" : " above"));
    return out;
}

TEST(TraceJoin, IsThatOfAPlainJoinInAnyOrder) {
    const std::uint64_t seed = number_from("HANSA_SEED", 20261126), rounds = number_from("HANSA_ROUNDS", 40);
    hansa::test::SuiteResult result("trace", seed);
    const auto book = book_of();
    for (std::uint64_t round = 0; round < rounds; ++round) {
        SCOPED_TRACE("HANSA_SEED=" + std::to_string(seed + round) + " HANSA_ROUNDS=1");
        Maker maker(seed + round);
        const std::vector<Sent> messages = maker.messages();
        std::map<std::int64_t, std::int64_t> numbers;
        const std::vector<Sent> came = maker.shuffled(messages, numbers);
        const Scratch own("join-" + std::to_string(round));
        hand_over(own, *book, came, maker);
        if (HasFatalFailure()) return;
        const auto tracer = own.open();
        const PlainJoin plain(*book, messages);
        std::set<Key> references;
        for (const Plain& one : plain.events()) {
            for (const Reference& reference : one.event.references) references.insert(key_of(reference));
        }
        for (const Key& key : references) {
            const auto& [scheme, value] = key;
            const PlainJoin::Thing thing = plain.thing_at(key);
            const auto line = tracer->timeline(*book, value, scheme);
            std::vector<std::string> wanted = plain.told(thing), found = line ? told(*line, numbers) : std::vector<std::string>{};
            // At one time, the order of messages decides, and that is another one here.
            std::ranges::sort(wanted);
            std::ranges::sort(found);
            if (wanted == found) result.pass("timelines");
            else result.fail("timelines");
            ASSERT_EQ(found, wanted) << scheme << " " << value;
            if (!line) continue;
            ASSERT_TRUE(std::ranges::is_sorted(line->events, {}, &TimelineEvent::at_ms));
            std::vector<std::pair<std::string, std::int64_t>> stages, measured;
            for (const TimelineStage& stage : line->stages) stages.emplace_back(stage.stage, stage.to_ms - stage.from_ms);
            for (const Stage* stage : book->stages()) {
                if (const auto time = measure(*stage, plain.moments(thing))) measured.emplace_back(stage->id, time->to_ms - time->from_ms);
            }
            std::ranges::sort(stages);
            std::ranges::sort(measured);
            ASSERT_EQ(stages, measured) << scheme << " " << value;
        }
        // All corridors together: the plain join has one list a stage.
        std::map<std::string, std::uint64_t> counted;
        const auto times = tracer->release_times({.from_day = 0, .to_day = 100'000, .stage = {}, .corridor = {}});
        ASSERT_TRUE(times);
        for (const ReleaseTimes& one : *times) counted[one.stage] += one.count;
        const auto wanted = plain.stage_times();
        std::map<std::string, std::uint64_t> sizes;
        for (const auto& [stage, seconds] : wanted) sizes[stage] = seconds.size();
        if (counted == sizes) result.pass("stage-times");
        else result.fail("stage-times");
        ASSERT_EQ(counted, sizes);
    }
    result.publish();
}

/// One corridor: percentiles against a sorted list.
TEST(TraceJoin, PercentilesAreThoseOfSortedLists) {
    const std::uint64_t seed = number_from("HANSA_SEED", 20261126);
    std::mt19937_64 random(seed);
    const auto book = book_of();
    const Scratch scratch("percentiles");
    const auto tracer = scratch.open();
    std::vector<Sent> messages;
    std::vector<std::int64_t> seconds;
    for (int i = 0; i < 500; ++i) {
        const std::string number = std::to_string(i);
        const auto minutes = static_cast<std::int64_t>(random() % (random() % 5 == 0 ? 20'000 : 600));
        seconds.push_back(minutes * 60);
        messages.push_back({2 * i + 1, list("N-" + number, "O-" + number, "L-" + number, "2026-11-02T00:00:00Z")});
        DateTime at = parse_iso("2026-11-02T00:00:00Z").value();
        at.day += static_cast<int>(minutes / 1'440);
        at.hour = static_cast<int>(minutes / 60 % 24);
        at.minute = static_cast<int>(minutes % 60);
        messages.push_back({2 * i + 2, released("N-" + number, format_iso(at))});
    }
    ASSERT_TRUE(take(*tracer, *book, messages));
    settle(*tracer, *book);
    const auto times = tracer->release_times({.from_day = 0, .to_day = 100'000, .stage = "clearance", .corridor = {}}).value();
    ASSERT_EQ(times.size(), 1U);
    ASSERT_EQ(times[0].count, seconds.size());
    std::ranges::sort(seconds);
    const std::int64_t median = seconds[249], p90 = seconds[449];
    EXPECT_LE(std::abs(times[0].median_s - median) * 256, median);
    EXPECT_LE(std::abs(times[0].p90_s - p90) * 256, p90);
}

}  // namespace
}  // namespace hansa::trace::test
