// Accounts and movements on disk: SQLite, rows found by 128-bit keyed digests.
//
//     account     who holds: a table's account, perhaps for a year; of persons no name
//     line        what is held of one item of it: a quantity, a value, or both
//     document    what one document did, and how far that is: pending, accepted, confirmed, undone
//     movement    one change of one line by one document, as asked for, and as it counts now
//
// The digest key lies in a file of its own beside the store (mode 600), so that a copy of the store tells nobody's
// identity. What a step changes is durable when it was committed, all or nothing. A lookup is one walk down a tree.
//
// Internal to core/balances. Threads: one at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/balances/balance_table.h"
#include "core/base/decimal.h"
#include "core/base/keyed_digest.h"
#include "core/journal/sqlite.h"

namespace hansa::balances {

using Id = std::int64_t;

enum class State { pending, accepted, confirmed, undone };
std::string_view state_name(State state);

struct AccountRow {
    Id id = 0;
    std::string table, name;  ///< of a person: no name
    std::string period;       ///< the year, or empty
    bool test = false;
    bool open = false;        ///< something was added, or the law opens it
    std::string from, until;  ///< days, both counted; empty: no bound
};

/// Both measures of a line or movement. `unit` or `currency` empty: it has no such measure.
struct Measures {
    std::string unit, currency;
    Decimal quantity, value;
};

struct LineRow {
    Id id = 0, account = 0;
    std::string item;
    Measures held;
};

struct DocumentRow {
    Id id = 0;
    std::string message;  ///< the journal's id, or what else the caller calls it
    std::int64_t number = 0, row = 0;  ///< in the message; of the table's row
    std::string table;
    Act act = Act::take;
    State state = State::pending;
    Id target = 0;             ///< document that it changes, gives back, releases, answers; 0: none
    bool waits = false;        ///< counts when confirmed
    bool confirms = false, undoes = false;
    std::string from, until;   ///< of accounts that it opens
    std::int64_t at_ms = 0;
};

struct MovementRow {
    Id id = 0, document = 0, line = 0;
    Id of = 0;        ///< movement that it gives back of; 0: none
    std::string row;  ///< by which a return names it
    Decimal quantity, value;                    ///< asked for
    Decimal counted_quantity, counted_value;    ///< in the line now: with its sign
    Decimal back_quantity, back_value;          ///< given back of it, or about to be
};

class Store {
public:
    /// Makes store and key file where neither is there. Errors: balances.store-version, -key-file, base.file-*, those of the journal's files
    static Result<std::unique_ptr<Store>> open(const std::filesystem::path& path, bool read_only, std::uint64_t memory_bytes);
    static std::filesystem::path key_path(const std::filesystem::path& path);

    /// 16 bytes of keyed digest of texts.
    std::string key_of(const std::vector<std::string>& texts);

    Result<void> begin();
    Result<void> commit();
    void roll_back();

    Result<std::optional<AccountRow>> account(std::string_view key);
    Result<Id> add_account(std::string_view key, const AccountRow& row);
    Result<void> open_account(Id account, const std::string& from, const std::string& until);
    Result<std::optional<LineRow>> line(Id account, std::string_view item);
    Result<LineRow> line(Id id);
    Result<Id> add_line(const LineRow& row);
    Result<void> set_line(const LineRow& row);

    Result<std::optional<DocumentRow>> document(std::string_view message, std::int64_t number, std::string_view table, std::int64_t row);
    Result<DocumentRow> document(Id id);
    Result<std::vector<DocumentRow>> documents_of(std::string_view message);
    /// Documents that have the name, the newest first; not those undone.
    Result<std::vector<DocumentRow>> named(std::string_view key);
    Result<bool> has_name(Id document, std::string_view key);
    /// Documents that speak of it, in their order.
    Result<std::vector<DocumentRow>> speak_of(Id target);
    /// Messages that have pending documents.
    Result<std::vector<std::string>> pending_messages();
    Result<Id> add_document(const DocumentRow& row);
    Result<void> set_state(Id document, State state);
    Result<void> add_name(std::string_view key, Id document);
    /// With its names and movements.
    Result<void> drop_document(Id document);

    Result<std::vector<MovementRow>> movements(Id document);
    Result<MovementRow> movement(Id id);
    Result<void> add_movement(const MovementRow& row);
    Result<void> set_movement(const MovementRow& row);

    /// For people. `after`: id of the last one seen.
    Result<std::vector<AccountRow>> accounts(std::string_view table, std::string_view name, Id after, std::size_t most);
    Result<std::vector<LineRow>> lines(Id account);
    /// Movements of a line with their documents, the oldest first.
    Result<void> history(Id line, const std::function<void(const MovementRow&, const DocumentRow&)>& each);

private:
    explicit Store(std::unique_ptr<journal::Connection> connection) : connection_(std::move(connection)), first_(key_), second_(key_) {}
    Result<void> prepare(const std::filesystem::path& path, bool read_only, std::uint64_t memory_bytes);
    Result<void> take_key(const std::filesystem::path& path, bool fresh);
    Result<std::vector<DocumentRow>> documents(std::string_view where, std::initializer_list<journal::Value> values);

    std::unique_ptr<journal::Connection> connection_;
    DigestKey key_{};
    KeyedDigest first_, second_;
};

}  // namespace hansa::balances
