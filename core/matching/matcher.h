// Documents that belong together, joined as they arrive, in any order.
//
//     auto matcher = Matcher::open("cn.import.db", table, {.documents = [&](Number number) { return kept(number); }}).value();
//     for (const Outcome& outcome : matcher->arrive(arrivals).value()) {
//         for (const Verdict& verdict : outcome.verdicts) answer(verdict.lead, verdict.findings);
//     }
//     for (const Expired& late : matcher->expire(now, 100).value()) refuse(late.lead, late.missing);
//
// A part waits for its lead, and a lead for its parts: until all are there, or its wait is over. When all are there, what
// they say is compared (match_table.h) and the lead gets its verdict; a part serves one lead, unless its table says
// `shared`. Where a part is `chained`, a lead that was matched is such a part for others, and they are decided then; one that waits, was
// refused or came too late is none. A change takes the place
// of what it changes as long as no lead was matched with it, a withdrawal takes it away.
//
// What arrive() returned is durable. The caller's position is kept in the same step, so that a caller that reads a journal
// neither skips nor repeats a document after a crash.
//
// Cost: a document is one or a few lookups by key, whatever is open. Disk: Store. Memory: `memory_bytes`.
// Threads: one at a time.
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

#include "core/matching/agreement.h"
#include "core/matching/ending.h"
#include "core/matching/match_table.h"

namespace hansa::matching {

struct Arrival {
    Number number = 0;
    std::string_view format;                   ///< id
    const pivot::Document* document = nullptr; ///< must live during the call
    std::int64_t at_s = 0;                     ///< of its arrival, seconds since 1970
    std::optional<std::int64_t> wait_s = {};   ///< of a lead: instead of the table's
};

enum class Standing {
    foreign,    ///< the table has no part for it
    kept,       ///< a part that waits for its lead
    replaced,   ///< a change: the new one stands for the old
    withdrawn,  ///< and what it withdrew is gone
    waiting,    ///< a lead without all of its parts
    decided,    ///< a lead with its verdict
    refused,    ///< see `refusal`; nothing was kept of it
};
std::string_view standing_name(Standing standing);

/// What became of a lead that had all of its parts.
struct Verdict {
    Number lead = 0;
    std::vector<Number> parts;       ///< in the table's order
    std::vector<Finding> findings;
    std::vector<std::size_t> taken;  ///< parts that another lead was matched with before
    bool refused() const;
    /// One for each finding and each part that is taken.
    std::vector<Error> errors(const MatchTable& table) const;
};

struct Outcome {
    Standing standing = Standing::foreign;
    std::optional<Error> refusal;      ///< matching.part-double, -part-used, -part-unknown, -key-missing
    std::vector<std::size_t> missing;  ///< of a lead that waits: parts
    std::int64_t until_s = 0;          ///< and how long
    std::optional<Number> replaced;    ///< the lead that this one changes or withdraws
    std::vector<Verdict> verdicts;     ///< of this lead, or of those that waited for this part
};

/// A lead whose wait is over.
struct Expired {
    Number lead = 0;
    std::vector<std::size_t> missing;
    /// matching.part-missing, with the parts by name
    Error error(const MatchTable& table) const;
};

struct MatchCounts {
    std::uint64_t parts = 0, waiting = 0, decided = 0;
};

class Matcher {
public:
    struct Options {
        /// Gives a document again, to name the fields that differ; an error where it is no longer kept.
        std::function<Result<pivot::Document>(Number)> documents;
        std::optional<std::int64_t> wait_s;  ///< instead of the table's
        /// Most inner pages of ten million open orders stay in it; leaves are hit by chance, however many are kept. More is not better: as
        /// long as the file is smaller than a gigabyte SQLite looks through all pages that it keeps at each commit.
        std::uint64_t memory_bytes = std::uint64_t{64} << 20;
        bool keep_endings = false;  ///< what is decided lies in the store until it is settled (ending.h)
    };

    /// Opens or makes the store. The table must outlive it. Errors: matching.store-version, journal.*
    static Result<std::unique_ptr<Matcher>> open(const std::filesystem::path& path, const MatchTable& table, Options options);
    ~Matcher();

    /// In the order given, as one step; `position` is kept with it. Errors: journal.* (nothing was kept)
    Result<std::vector<Outcome>> arrive(std::span<const Arrival> arrivals, std::optional<std::int64_t> position = std::nullopt);
    /// Ends the wait of those leads whose time is over, the oldest first, at most so many. Their parts stay.
    Result<std::vector<Expired>> expire(std::int64_t now_s, std::size_t most);
    /// Drops what is older than the table keeps it, at most so many; returns how many. Reads the whole store: once a day.
    Result<std::size_t> forget(std::int64_t now_s, std::size_t most);

    /// With Options::keep_endings: what is decided and not settled, the oldest first. An effect that is repeated because
    /// settled() was not reached must be harmless. Errors: matching.store-version, journal.*
    Result<std::vector<Ending>> endings(std::size_t most);
    Result<void> settled(std::span<const Ending> endings);

    Result<std::int64_t> position();
    /// Was a position ever kept? A caller that is new begins where it likes.
    Result<bool> has_position();
    Result<MatchCounts> counts();  ///< reads the whole store
    std::uint64_t waiting() const;  ///< leads that wait; known, not asked

private:
    struct State;
    explicit Matcher(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace hansa::matching
