// Events on disk: SQLite, found by their references.
//
// A reference has a short number of its own, so that what belongs to one thing lies close together; its text is kept for
// timelines, its issuer and every mark (seller, product, batch) only as a digest under the store's own key. Each event
// carries the numbers of its references; `link` leads from a reference to its events.
//
// Internal to core/trace. Threads: one at a time; a second Store may read the same file meanwhile.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/keyed_digest.h"
#include "core/journal/sqlite.h"
#include "core/trace/event.h"
#include "core/trace/stage_times.h"

namespace hansa::trace {

using EventId = std::int64_t;
using RefId = std::int64_t;

/// A reference that more events than this name on equal terms tells nothing apart: nobody goes through it.
inline constexpr std::int64_t worn_above = 200;

struct RefLink {
    RefId ref = 0;
    Relation relation{};
};

struct EventRecord {
    EventId id = 0;
    std::int64_t message = 0;  ///< the journal's number
    std::string message_id;
    std::uint8_t event = 0;
    std::int64_t at_ms = 0, day = 0;  ///< day: of its arrival, since 1970
    Precision precision{};
    Level level{};
    bool alone = false;  ///< its message has one document
    std::string row, format, agency, corridor;  ///< corridor: "CN>BY", or empty
    std::vector<RefLink> refs;   ///< same, whole and marks
    std::vector<RefId> parts;    ///< only where asked for
    bool has_parts = false;
};

struct RefRecord {
    RefId id = 0;
    std::uint8_t scheme = 0;
    std::string value;
    bool worn = false;
    std::int64_t uses = 0;  ///< events to which it is the same
};

struct Sample {
    std::string stage, corridor;
    std::int64_t day = 0, seconds = 0;
    friend bool operator==(const Sample&, const Sample&) = default;
};

/// Of the histogram, in order of stage, corridor, bucket.
struct StageCount {
    std::string stage, corridor;
    BucketCount count;
};

class Store {
public:
    /// Opens or makes it. Errors: trace.store-version, those of the journal's files
    static Result<std::unique_ptr<Store>> open(const std::filesystem::path& path, std::uint64_t memory_bytes);
    /// Of a store that is there.
    static Result<std::unique_ptr<Store>> open_to_read(const std::filesystem::path& path, std::uint64_t memory_bytes);

    /// Everything between both is durable together, or not there.
    Result<void> begin();
    Result<void> commit();
    void roll_back();
    /// What follows sees the file as it is now, until roll_back().
    Result<void> begin_reading();

    /// A number that is kept by name; 0 at first.
    Result<std::int64_t> kept(std::string_view name);
    Result<void> keep(std::string_view name, std::int64_t value);
    Result<std::string> kept_text(std::string_view name);
    Result<void> keep_text(std::string_view name, std::string_view value);

    Result<RefId> ref(const Reference& reference);
    Result<RefId> mark(const MarkKind& kind, std::string_view value);
    /// 0: none.
    Result<RefId> find_mark(const MarkKind& kind, std::string_view value);
    /// Of any issuer. `scheme`: nothing for each.
    Result<std::vector<RefId>> find(const Scheme* scheme, std::string_view value);
    Result<std::optional<RefRecord>> ref(RefId id);

    /// Fills in the id. `refs` and `parts` are linked. Returns those references that are worn from now on.
    Result<std::vector<RefId>> add(EventRecord& event);
    Result<std::optional<EventRecord>> event(EventId id, bool with_parts = false);
    Result<std::vector<EventId>> events_of_message(std::int64_t message, std::size_t most);
    /// Events to which the reference is this, with ids above `after`.
    Result<std::vector<EventId>> events(RefId ref, Relation relation, EventId after, std::size_t most);
    Result<std::vector<EventId>> events_after(EventId after, std::size_t most);

    /// References whose things must be looked at again; depth: how often the change was handed down.
    Result<void> soil(RefId ref, std::int64_t depth);
    struct Dirty {
        RefId ref = 0;
        std::int64_t depth = 0;
    };
    Result<std::vector<Dirty>> dirty(std::size_t most);
    Result<void> clean(RefId ref);
    Result<std::uint64_t> dirty_count();

    Result<std::vector<Sample>> samples(EventId event);
    /// Puts these in the place of what the event has, in the histogram too.
    Result<void> put_samples(EventId event, const std::vector<Sample>& samples);
    Result<void> forget_samples();
    Result<std::vector<StageCount>> histogram(std::int64_t from_day, std::int64_t to_day, std::string_view stage, std::string_view corridor);

    /// Drops events that arrived before the day, the oldest first; the histogram stays. Returns how many.
    Result<std::size_t> forget(std::int64_t before_day, std::size_t most);

    struct Counts {
        std::uint64_t events = 0, references = 0, waiting = 0;
    };
    Result<Counts> counts();

private:
    explicit Store(std::unique_ptr<journal::Connection> connection) : connection_(std::move(connection)) {}
    Result<void> prepare(std::uint64_t memory_bytes);
    Result<void> read_key();
    Result<std::int64_t> word(std::string_view text);
    Result<std::string> word_text(std::int64_t id);
    Result<RefId> ref(std::uint8_t scheme, std::string_view name, std::string_view digested, std::string_view kept, std::int64_t issuer, bool make);
    Result<void> link(RefId ref, Relation relation, EventId event);
    Result<void> count_sample(const Sample& sample, std::int64_t by);
    Result<void> drop(const EventRecord& event);

    std::unique_ptr<journal::Connection> connection_;
    std::optional<KeyedDigest> digest_;
    std::map<std::string, std::int64_t, std::less<>> words_;
    std::map<std::int64_t, std::string> texts_;
};

}  // namespace hansa::trace
