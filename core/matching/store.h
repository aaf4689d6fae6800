// The open matches of one table on disk: SQLite, rows found by 64-bit keyed digests.
//
// A part costs its facts (6 bytes an agreement, 4 a fact that may be absent) and about 25 bytes; a lookup is one walk
// down a tree. Memory is the page cache's bound, whatever lies on the disk. What a step changes is durable when its
// Step was committed, all or nothing.
//
// Internal to core/matching. Threads: one at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/keyed_digest.h"
#include "core/journal/sqlite.h"

namespace hansa::matching {

using Key = std::uint64_t;
using Number = std::uint64_t;  ///< ending.h

struct PartRow {
    Number document = 0;
    std::int64_t day = 0;     ///< since 1970, of its arrival
    std::optional<Key> lead;  ///< that it was matched with
    std::string facts;        ///< the edition's byte, then the digests
};

struct LeadRow {
    Number document = 0;
    std::int64_t day = 0;
    std::optional<std::int64_t> due_s;  ///< end of its wait; nothing: it is decided
    std::vector<Key> keys;              ///< of its parts
    std::string facts;
};

class Store {
public:
    /// `identity` of the table and of how its facts are written gives the edition of facts that are written from now on. Errors:
    /// matching.store-version, those of the journal's files
    static Result<std::unique_ptr<Store>> open(const std::filesystem::path& path, const std::string& identity, std::uint64_t memory_bytes);

    const DigestKey& digest_key() const { return key_; }
    /// First byte of facts; those with another one were computed by another table.
    char edition() const { return edition_; }

    /// Everything between both is durable together, or not there.
    Result<void> begin();
    Result<void> commit();
    void roll_back();

    Result<std::optional<PartRow>> part(Key key);
    Result<void> put_part(Key key, const PartRow& row);
    Result<void> drop_part(Key key);
    /// `lead`: nothing frees it.
    Result<void> set_lead(Key part, std::optional<Key> lead);

    Result<std::optional<LeadRow>> lead(Key key);
    /// Replaces what lies there; a lead with `due_s` is awaited by all of its parts.
    Result<void> put_lead(Key key, const LeadRow& row);
    Result<void> drop_lead(Key key);
    /// Leads that wait and name this part.
    Result<std::vector<Key>> leads_of(Key part);
    /// Leads whose wait ended by then, the oldest first.
    Result<std::vector<Key>> due(std::int64_t at_s, std::size_t most);

    /// What was decided and is not yet dealt with, by the number of its row; the oldest first.
    Result<void> add_ending(std::string_view text);
    Result<std::vector<std::pair<std::int64_t, std::string>>> endings(std::size_t most);
    Result<void> drop_ending(std::int64_t row);

    /// Drops parts that arrived before this day, and decided leads; returns how many.
    Result<std::size_t> forget(std::int64_t before_day, std::size_t most);

    /// A number that the caller keeps with its steps, such as how far it has read; 0 at first.
    Result<std::int64_t> position();
    Result<bool> has_position();  ///< was one set?
    Result<void> set_position(std::int64_t position);

    struct Counts {
        std::uint64_t parts = 0, waiting = 0, decided = 0;
    };
    /// Cost: reads the whole store.
    Result<Counts> counts();
    /// Leads that wait; known, not asked.
    std::uint64_t waiting() const { return static_cast<std::uint64_t>(waiting_); }

private:
    explicit Store(std::unique_ptr<journal::Connection> connection) : connection_(std::move(connection)) {}
    Result<void> prepare(const std::string& identity, std::uint64_t memory_bytes);
    Result<void> unlist(Key key, const LeadRow& row);

    std::unique_ptr<journal::Connection> connection_;
    DigestKey key_{};
    char edition_ = 0;
    std::int64_t waiting_ = 0, change_ = 0;  ///< leads that wait, and by how many the step under way changes it
};

}  // namespace hansa::matching
