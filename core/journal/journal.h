// The journal: the durable, append-only record of every message and its state.
//
// What was committed survives the process, the machine and the power; nothing is acknowledged
// before. A commit takes a group of records and is all or nothing. Groups that wait at the same
// time share one transaction and one flush of the disk.
//
//     auto store = journal::open_sqlite("journal.db", {}).value();
//     journal::Group group{.at_ms = now, .keys = {...}, .messages = {...}, .bodies = {...}};
//     auto done = store->commit(std::move(group));
//     if (!done) return done.error();                 // nothing was recorded
//     if (done->earlier_message_id) ...               // a repetition: give the earlier answer
//     // only now may a 202 leave
//
// Threads: every function may be called from any thread at any time. Reads see all that was
// committed before they began. The object must outlive its callers.
//
// Every function can also fail with what the store itself meets: journal.disk-full, .read-only,
// .io-failed, .corrupt, .locked, .stopped. After such an error the next call tries afresh: when the
// space is back there is nothing to do by hand.
#pragma once

#include <filesystem>
#include <future>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/base/result.h"
#include "core/base/sink.h"
#include "core/journal/records.h"

namespace hansa::journal {

struct Committed {
    /// Set: an idempotency key of the group was used before for the same bytes, by this message.
    /// NOTHING of the group was recorded; the earlier message's answer is the answer.
    std::optional<std::string> earlier_message_id;
};

/// Which messages. Empty fields do not narrow. Newest first unless told otherwise.
struct Filter {
    std::string agency;  ///< as sender or as receiver
    std::optional<Direction> direction;
    std::vector<State> states;
    std::string format;
    std::string purpose;
    std::optional<bool> test;
    std::string parent_id;
    std::int64_t since_ms = 0;  ///< received at or after
    std::int64_t until_ms = 0;  ///< received before; 0: no end
    bool oldest_first = false;
    std::string cursor;           ///< from the page before
    std::size_t count_max = 100;  ///< at most 1,000
};

struct Page {
    std::vector<Message> messages;
    std::vector<Error> damaged;    ///< rows left out because their seal is broken
    std::string next_cursor;       ///< empty: this was the last page
    std::int64_t last_number = 0;  ///< of the last row, damaged or not: a cursor for what comes later; 0: no row
};

struct DeliveryFilter {
    std::string agency;
    std::string corridor;
    std::optional<DeliveryState> state;
    std::string cursor;
    std::size_t count_max = 100;  ///< at most 1,000
};

struct DeliveryPage {
    std::vector<Delivery> deliveries;
    std::vector<Error> damaged;
    std::string next_cursor;
};

struct ClaimRequest {
    std::int64_t now_ms = 0;
    std::size_t count_max = 16;
    std::int64_t lease_ms = 60'000;  ///< a claim that was not reported by then may be given again
    /// Up to so many in a row of one corridor; the worker sends them in order and releases the
    /// rest when one fails.
    std::size_t corridor_run_max = 1;
};

struct StateCount {
    State state = State::received;
    std::uint64_t count = 0;
};

/// From the last real work, not from a probe.
struct Health {
    bool last_commit_ok = true;
    std::string last_error;          ///< code of the last failed commit, empty for none
    std::uint64_t groups = 0;        ///< durable since open
    std::uint64_t transactions = 0;  ///< flushes that made them durable
    std::uint64_t waiting = 0;       ///< groups now
    std::uint64_t last_commit_us = 0;
};

struct OutboxCount {
    std::uint64_t pending = 0, in_flight = 0, dead = 0, held = 0;
    std::int64_t oldest_due_ms = 0;  ///< of the pending; 0: none
};

struct VerifyReport {
    std::uint64_t messages = 0, events = 0, bodies = 0, body_bytes = 0, deliveries = 0, references = 0;
    std::uint64_t faults = 0;
};

/// Which bodies retention may drop: those of messages at rest (`states`) unchanged since `before_ms`,
/// where no open delivery needs them. Digests, events and references always stay.
struct Retention {
    std::int64_t at_ms = 0;  ///< now
    std::int64_t before_ms = 0;
    std::vector<State> states;          ///< required
    std::vector<BodyKind> kinds;        ///< only bodies that are nothing else anywhere; empty: every kind
    std::string agency;                 ///< sender or receiver; empty: all
    std::size_t count_max = 1'000;      ///< dropped in one small durable step, at most 10,000
    std::size_t looked_at_max = 5'000;  ///< kept bodies that one step looks at, without the writer
    std::string cursor;                 ///< from the step before; empty: from the oldest
};

/// What one step of retention did, or, where it was only asked, would do.
struct Dropped {
    std::size_t bodies = 0;
    std::uint64_t bytes = 0;
    std::string next_cursor;  ///< empty: all was looked at
};

class Journal {
public:
    virtual ~Journal() = default;

    /// Waits until the group is durable. Errors (nothing recorded): journal.already-recorded,
    /// .key-conflict, .business-duplicate, .alias-conflict, .illegal-transition, .stale-claim,
    /// .not-found, .bad-record, .too-large, .too-busy
    Result<Committed> commit(Group group);

    /// The same without waiting, for a thread that has more to do; the future is always set.
    virtual std::future<Result<Committed>> submit(Group group) = 0;

    // --- outbox -------------------------------------------------------------------------------

    /// Gives out what is due, each with a token and a lease, durably. In a corridor only the head
    /// is given (and what follows it without a gap, up to `corridor_run_max`): a head that waits
    /// holds those behind it. After a restart nothing is in flight. Rows whose seal is broken are
    /// not given: they become dead with journal.record-damaged. A worker must send only what
    /// read_body() gives.
    virtual Result<std::vector<Delivery>> claim_due(const ClaimRequest& request) = 0;

    /// Single outcomes; a Group with more (receipt, transition) does the same in one step.
    /// Errors: journal.stale-claim, .not-found
    Result<void> mark_delivered(const Delivery& claim, std::int64_t at_ms);
    Result<void> mark_failed(const Delivery& claim, std::int64_t at_ms, std::int64_t due_ms, std::string code,
                             std::string detail);
    Result<void> bury(const Delivery& claim, std::int64_t at_ms, std::string code, std::string detail);

    /// Puts the dead deliveries of a message, or one dead delivery, back at the end of their
    /// corridors, and a dead or failed message to `queued`. Returns how many deliveries were put
    /// back; a dead or failed message without dead deliveries goes to `accepted` and
    /// returns 0. `followers`: messages that stand where this one does; those of them that are dead go to `queued` in
    /// the same step. Errors: journal.not-found, .illegal-transition (nothing there is dead)
    virtual Result<std::size_t> replay(std::string_view id, std::int64_t at_ms,
                                       const std::vector<std::string>& followers) = 0;
    Result<std::size_t> replay(std::string_view id, std::int64_t at_ms) { return replay(id, at_ms, {}); }

    virtual Result<DeliveryPage> deliveries(const DeliveryFilter& filter) = 0;
    virtual Result<std::vector<Delivery>> deliveries_of(std::string_view message_id) = 0;
    virtual Result<std::vector<DeliveryEvent>> delivery_history(std::string_view delivery_id) = 0;
    virtual Result<OutboxCount> outbox() = 0;

    // --- messages -----------------------------------------------------------------------------

    /// Errors: journal.not-found
    virtual Result<Message> message(std::string_view id) = 0;
    /// Oldest first, at most 10,000 rows. Errors: journal.not-found, .record-damaged
    virtual Result<std::vector<Event>> history(std::string_view message_id) = 0;
    /// Messages whose parent this is, oldest first, at most 10,000.
    virtual Result<std::vector<Message>> children(std::string_view message_id) = 0;
    /// Errors: journal.bad-record (cursor)
    virtual Result<Page> search(const Filter& filter) = 0;
    virtual Result<std::vector<StateCount>> counts() = 0;

    /// All that belongs to a message id or a reference of any scheme: the messages that have it,
    /// their ancestors, and all that came of those. In the journal's order, at most `count_max`.
    /// Errors: journal.not-found
    virtual Result<std::vector<Message>> trace(std::string_view reference, std::size_t count_max = 1'000) = 0;

    // --- keys, references, aliases --------------------------------------------------------------

    virtual Result<std::optional<IdempotencyKey>> find_key(std::string_view agency, std::string_view key) = 0;
    /// Newest first, at most 100.
    virtual Result<std::vector<BusinessKey>> find_business_key(std::string_view agency, std::string_view family,
                                                               std::string_view key) = 0;
    /// Newest first, at most 100. An empty agency or scheme of the question does not narrow; a
    /// reference recorded without agency is found under each.
    virtual Result<std::vector<Reference>> find_reference(std::string_view agency, std::string_view scheme,
                                                          std::string_view value) = 0;
    /// All of a message, of one scheme if one is named, in the order they were recorded; none of a message that is not
    /// there. Errors: journal.record-damaged
    virtual Result<std::vector<Reference>> references_of(std::string_view message_id, std::string_view scheme = {}) = 0;
    virtual Result<std::optional<Alias>> find_alias(std::string_view agency_from, std::string_view agency_to,
                                                    std::string_view alias) = 0;
    /// A value has an alias for each length that it had to be shortened to; the first of them by its letters.
    virtual Result<std::optional<Alias>> find_alias_of(std::string_view agency_from, std::string_view agency_to,
                                                       std::string_view value) = 0;

    // --- bodies -------------------------------------------------------------------------------

    /// The bytes, after their digest was checked.
    /// Errors: journal.not-found, .body-damaged, .body-dropped
    virtual Result<std::string> read_body(std::string_view digest) = 0;
    /// In the order they were added.
    virtual Result<std::vector<BodyRef>> bodies_of(std::string_view message_id) = 0;
    /// The newest body of this kind of a message that has the reference: the memory for the way
    /// back. Nothing: there is none.
    virtual Result<std::optional<BodyRef>> find_body(std::string_view agency, std::string_view scheme,
                                                     std::string_view value, BodyKind kind) = 0;

    // --- the store itself ---------------------------------------------------------------------

    /// Reads everything once: structure, seals, digests, dangling names. Faults are added with the
    /// id of their record; the result is an error only when the reading itself cannot go on.
    virtual Result<VerifyReport> verify(Diagnostics& faults) = 0;

    /// One JSON object a line: every row of every table with its seals, in the journal's order;
    /// bytes in base 64 if asked (without them the lines cannot be imported).
    virtual Result<void> export_lines(Sink& out, bool with_bodies) = 0;

    /// Drops bytes that retention no longer wants, in one small durable step. What to drop is looked for beside the
    /// writer, which then only looks again at what was found: commits wait for `count_max` bodies at most.
    /// Errors: journal.bad-record (no states, cursor)
    virtual Result<Dropped> drop_step(const Retention& retention) = 0;
    /// The same without dropping anything; also where the store was opened to be read.
    virtual Result<Dropped> droppable(const Retention& retention) = 0;
    /// Steps from the oldest body until `count_max` are dropped or all were looked at. Returns how many.
    Result<std::size_t> drop_bodies(Retention retention);

    /// Gives free pages back to the file system and empties the write-ahead log.
    virtual Result<void> compact() = 0;

    virtual Health health() const = 0;

    /// Makes durable what waits, then takes no more: commits are refused with journal.stopped,
    /// reads go on. The destructor does the same.
    virtual void close() = 0;
};

struct SqliteOptions {
    bool read_only = false;         ///< beside a running gateway: reads work, commits are refused
    std::uint32_t readers_max = 4;  ///< read connections, made when needed
    std::uint32_t busy_timeout_ms = 5'000;
    std::uint64_t body_bytes_max = std::uint64_t{256} << 20;
    std::uint64_t group_bytes_max = std::uint64_t{512} << 20;
    std::uint32_t waiting_max = 10'000;  ///< groups; more are refused with journal.too-busy
    std::uint32_t groups_per_transaction_max = 500;
    std::uint64_t store_bytes_max = 0;  ///< 0: as the disk allows; more is journal.disk-full
    std::string vfs;                    ///< SQLite's name of another file layer; empty: its own
};

/// Opens or makes the store. One process writes at a time (a lock file beside the store says so);
/// what was in flight when the last one ended is pending again.
/// Errors: journal.cannot-open, .locked, .version, .unsafe-settings, .corrupt, .read-only, .disk-full
Result<std::unique_ptr<Journal>> open_sqlite(const std::filesystem::path& path, const SqliteOptions& options);

/// Makes a new store from exported lines, seals included, and verifies it: all or nothing.
/// Errors: journal.already-recorded (the store has rows), .bad-record (with the line's number), the
/// first fault that verify() found, and those of open_sqlite()
Result<VerifyReport> import_sqlite(const std::filesystem::path& path, std::istream& lines,
                                   const SqliteOptions& options);

}  // namespace hansa::journal
