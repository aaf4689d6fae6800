// Accounts and movements on disk: SQLite, rows found by 128-bit keyed digests.
//
//     account     who holds: a table's account, perhaps for a year; of persons no name
//     line        what is held of one item of it: a quantity, a value, or both
//     document    what one document did, and how far that is: pending, accepted, confirmed, undone, or lapsed with its base
//     movement    one change of one line by one document, as asked for, and as it counts now
//
// The digest keys lie in files beside the store (keys.h), so that a copy of the store tells nobody's identity. In a store
// of edition 1 persons stood under the store's own key; since only digests are there, they are found by that one still, and
// put under their authority's when something is booked for them. Edition 2 knew nothing that lapsed. What a step changes is durable when it was committed, all or nothing. A lookup is one walk down a tree.
//
// Internal to core/balances. Threads: one at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/balances/balance_table.h"
#include "core/balances/keys.h"
#include "core/base/decimal.h"
#include "core/journal/sqlite.h"

namespace hansa::balances {

using Id = std::int64_t;

/// lapsed: what came back of a document that was undone, undone with it; it counts again when that one does.
enum class State { pending, accepted, confirmed, undone, lapsed };
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

    /// Under the store's own key: for what is no person.
    std::string key_of(const std::vector<std::string>& texts);

    Result<void> begin();
    Result<void> commit();
    void roll_back();

    Result<std::optional<AccountRow>> account(std::string_view key);
    Result<Id> add_account(std::string_view key, const AccountRow& row);
    /// A person's account in a table of an authority. Errors: balances.key-file
    Result<std::optional<AccountRow>> person(const std::string& authority, const std::vector<std::string>& texts);
    /// ... which is made where it is not there, and with the first one the authority's key. Inside of a step. Errors: balances.key-file, base.file-unwritable
    Result<Id> person_or_new(const std::string& authority, const std::vector<std::string>& texts, const AccountRow& row);
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
    Result<void> set_target(Id document, Id target);
    Result<void> add_name(std::string_view key, Id document);
    /// With its names and movements.
    Result<void> drop_document(Id document);

    Result<std::vector<MovementRow>> movements(Id document);
    Result<MovementRow> movement(Id id);
    Result<void> add_movement(const MovementRow& row);
    Result<void> set_movement(const MovementRow& row);
    /// Was anything ever put there? Cost: linear in the line's movements.
    Result<bool> was_added_to(Id line);

    /// For people. `after`: id of the last one seen.
    Result<std::vector<AccountRow>> accounts(std::string_view table, std::string_view name, Id after, std::size_t most);
    Result<std::vector<LineRow>> lines(Id account);
    /// Movements of a line with their documents, the oldest first.
    Result<void> history(Id line, const std::function<void(const MovementRow&, const DocumentRow&)>& each);

private:
    Store(std::unique_ptr<journal::Connection> connection, std::filesystem::path path) : connection_(std::move(connection)), path_(std::move(path)) {}
    Result<void> prepare(bool read_only, std::uint64_t memory_bytes);
    Result<void> make();
    Result<void> raise(std::int64_t version);
    Result<void> take_key();
    Result<Keyed*> key_of_authority(const std::string& authority, bool make);
    Result<std::vector<DocumentRow>> documents(std::string_view where, std::initializer_list<journal::Value> values);

    std::unique_ptr<journal::Connection> connection_;
    std::filesystem::path path_;
    std::optional<Keyed> key_;               ///< the store's own
    std::map<std::string, Keyed> persons_;   ///< by authority
    std::vector<std::string> fresh_persons_; ///< made in the step under way
    bool older_persons_ = false;             ///< persons of edition 1 may be there
};

}  // namespace hansa::balances
