#include "core/balances/store.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/balances/codes.h"
#include "core/journal/store_file.h"

namespace hansa::balances {
namespace {

using journal::Blob;
using SqlRow = journal::Row;
using journal::Value;

constexpr std::int64_t store_version = 3;  // 1 had persons under the store's own key, 2 no state `lapsed`
constexpr std::array<std::string_view, 5> states{"pending", "accepted", "confirmed", "undone", "lapsed"};

constexpr const char* tables = R"(
CREATE TABLE meta(name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE account(id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, book TEXT NOT NULL, name TEXT NOT NULL, period TEXT NOT NULL,
  test INTEGER NOT NULL, open INTEGER NOT NULL, since TEXT NOT NULL, until TEXT NOT NULL);
CREATE INDEX account_name ON account(book, name);
CREATE TABLE line(id INTEGER PRIMARY KEY, account INTEGER NOT NULL, item TEXT NOT NULL, unit TEXT NOT NULL, quantity TEXT NOT NULL,
  currency TEXT NOT NULL, value TEXT NOT NULL, UNIQUE(account, item));
CREATE TABLE document(id INTEGER PRIMARY KEY, message TEXT NOT NULL, number INTEGER NOT NULL, book TEXT NOT NULL, place INTEGER NOT NULL,
  act INTEGER NOT NULL, state INTEGER NOT NULL, target INTEGER NOT NULL, waits INTEGER NOT NULL, confirms INTEGER NOT NULL,
  undoes INTEGER NOT NULL, since TEXT NOT NULL, until TEXT NOT NULL, at INTEGER NOT NULL, UNIQUE(message, number, book, place));
CREATE INDEX document_target ON document(target) WHERE target<>0;
CREATE INDEX document_pending ON document(message) WHERE state=0;
CREATE TABLE name(key BLOB NOT NULL, document INTEGER NOT NULL, PRIMARY KEY(key, document)) WITHOUT ROWID;
CREATE INDEX name_document ON name(document);
CREATE TABLE movement(id INTEGER PRIMARY KEY, document INTEGER NOT NULL, line INTEGER NOT NULL, of INTEGER NOT NULL, place TEXT NOT NULL,
  quantity TEXT NOT NULL, value TEXT NOT NULL, counted_quantity TEXT NOT NULL, counted_value TEXT NOT NULL,
  back_quantity TEXT NOT NULL, back_value TEXT NOT NULL);
CREATE INDEX movement_document ON movement(document);
CREATE INDEX movement_line ON movement(line);
)";

constexpr std::string_view account_columns = "SELECT id, book, name, period, test, open, since, until FROM account ";
constexpr std::string_view line_columns = "SELECT id, account, item, unit, quantity, currency, value FROM line ";
constexpr std::string_view document_columns =
    "SELECT id, message, number, book, place, act, state, target, waits, confirms, undoes, since, until, at FROM document ";
constexpr std::string_view movement_columns =
    "SELECT id, document, line, of, place, quantity, value, counted_quantity, counted_value, back_quantity, back_value FROM movement ";

/// What we wrote ourselves; damage of the file is SQLite's to tell.
Decimal decimal(const SqlRow& row, int column) {
    const auto value = Decimal::parse(row.view(column));
    return value ? *value : Decimal();
}

AccountRow account_row(const SqlRow& row) {
    return {row.number(0), row.text(1), row.text(2), row.text(3), row.number(4) != 0, row.number(5) != 0, row.text(6), row.text(7)};
}

LineRow line_row(const SqlRow& row) {
    return {row.number(0), row.number(1), row.text(2), {row.text(3), row.text(5), decimal(row, 4), decimal(row, 6)}};
}

DocumentRow document_row(const SqlRow& row, int at = 0) {
    DocumentRow out;
    out.id = row.number(at);
    out.message = row.text(at + 1);
    out.number = row.number(at + 2);
    out.table = row.text(at + 3);
    out.row = row.number(at + 4);
    out.act = static_cast<Act>(row.number(at + 5));
    out.state = static_cast<State>(row.number(at + 6));
    out.target = row.number(at + 7);
    out.waits = row.number(at + 8) != 0;
    out.confirms = row.number(at + 9) != 0;
    out.undoes = row.number(at + 10) != 0;
    out.from = row.text(at + 11);
    out.until = row.text(at + 12);
    out.at_ms = row.number(at + 13);
    return out;
}

MovementRow movement_row(const SqlRow& row) {
    MovementRow out;
    out.id = row.number(0);
    out.document = row.number(1);
    out.line = row.number(2);
    out.of = row.number(3);
    out.row = row.text(4);
    out.quantity = decimal(row, 5);
    out.value = decimal(row, 6);
    out.counted_quantity = decimal(row, 7);
    out.counted_value = decimal(row, 8);
    out.back_quantity = decimal(row, 9);
    out.back_value = decimal(row, 10);
    return out;
}

}  // namespace

std::string_view state_name(State state) {
    return states[static_cast<std::size_t>(state)];
}

Result<std::unique_ptr<Store>> Store::open(const std::filesystem::path& path, bool read_only, std::uint64_t memory_bytes) {
    auto connection = journal::Connection::open(path.string(), {.read_only = read_only, .create = !read_only});
    if (!connection) return connection.error();
    std::unique_ptr<Store> store(new Store(*std::move(connection), path));
    if (auto ready = store->prepare(read_only, memory_bytes); !ready) return ready.error();
    return store;
}

Result<void> Store::prepare(bool read_only, std::uint64_t memory_bytes) {
    const auto version = journal::begin_store(
        *connection_, {.version = store_version, .oldest = 1, .wrong_version = codes::store_version, .read_only = read_only, .memory_bytes = memory_bytes});
    if (!version) return version.error();
    if (*version == 0) return make();
    if (auto done = take_key(); !done) return done;
    if (*version != store_version && !read_only) {
        if (auto raised = raise(*version); !raised) return raised;
    }
    const auto older = connection_->number("SELECT count(*) FROM meta WHERE name='older-persons'");
    if (!older) return older.error();
    older_persons_ = *older != 0 || *version == 1;
    return {};
}

Result<void> Store::make() {
    // The key is durable before the store that cannot be used without it.
    const std::filesystem::path file = key_path(path_);
    if (auto made = make_key_file(file); !made) return made;
    auto key = read_key_file(file, {});
    if (!key) return key.error();
    key_.emplace(*std::move(key));
    return connection_->transaction([&]() -> Result<void> {
        if (auto made = connection_->script(fmt::format("{} PRAGMA user_version={};", tables, store_version)); !made) return made;
        const std::string mark = key_->fingerprint();
        return connection_->run("INSERT INTO meta VALUES('key', ?)", {std::string_view(mark)});
    });
}

Result<void> Store::take_key() {
    const auto mark = connection_->text("SELECT value FROM meta WHERE name='key'");
    if (!mark) return mark.error();
    auto key = read_key_file(key_path(path_), *mark);
    if (!key) return key.error();
    key_.emplace(*std::move(key));
    return {};
}

/// Persons of edition 1 stay under the store's own key until they are met again.
Result<void> Store::raise(std::int64_t version) {
    const std::string_view persons = version == 1 ? "INSERT OR IGNORE INTO meta VALUES('older-persons', 1);" : "";
    return connection_->script(fmt::format("BEGIN IMMEDIATE; {} PRAGMA user_version={}; COMMIT;", persons, store_version));
}

std::string Store::key_of(const std::vector<std::string>& texts) {
    return key_->of(texts);
}

/// Nothing: it is not there, and is not to be made.
Result<Keyed*> Store::key_of_authority(const std::string& authority, bool make) {
    const auto known = persons_.find(authority);
    if (known != persons_.end()) return &known->second;
    const std::string name = "key " + authority;
    const auto file = key_path(path_, authority);
    if (!file) return file.error();
    const auto mark = connection_->text("SELECT ifnull((SELECT value FROM meta WHERE name=?), '')", {std::string_view(name)});
    if (!mark) return mark.error();
    if (mark->empty() && !make) return nullptr;
    if (mark->empty()) {
        if (auto made = make_key_file(*file); !made) return made.error();
    }
    auto key = read_key_file(*file, *mark);
    if (!key) return key.error();
    if (mark->empty()) {
        // Taken back with the step that it belongs to: it is asked for again then.
        const std::string fresh = key->fingerprint();
        if (auto kept = connection_->run("INSERT INTO meta VALUES(?, ?)", {std::string_view(name), std::string_view(fresh)}); !kept) return kept.error();
        fresh_persons_.push_back(authority);
    }
    return &persons_.emplace(authority, *std::move(key)).first->second;
}

Result<std::optional<AccountRow>> Store::person(const std::string& authority, const std::vector<std::string>& texts) {
    const auto key = key_of_authority(authority, false);
    if (!key) return key.error();
    if (*key != nullptr) {
        auto found = account((*key)->of(texts));
        if (!found || *found) return found;
    }
    return older_persons_ ? account(key_of(texts)) : Result<std::optional<AccountRow>>(std::optional<AccountRow>());
}

Result<Id> Store::person_or_new(const std::string& authority, const std::vector<std::string>& texts, const AccountRow& row) {
    const auto key = key_of_authority(authority, true);
    if (!key) return key.error();
    const std::string digest = (*key)->of(texts);
    const auto known = account(digest);
    if (!known) return known.error();
    if (*known) return (*known)->id;
    const auto older = older_persons_ ? account(key_of(texts)) : Result<std::optional<AccountRow>>(std::optional<AccountRow>());
    if (!older) return older.error();
    if (!*older) return add_account(digest, row);
    if (auto done = connection_->run("UPDATE account SET key=? WHERE id=?", {Blob{digest}, (*older)->id}); !done) return done.error();
    return (*older)->id;
}

Result<void> Store::begin() {
    return connection_->begin();
}

Result<void> Store::commit() {
    const auto done = connection_->commit();
    if (done) fresh_persons_.clear();
    return done;
}

void Store::roll_back() {
    for (const std::string& authority : fresh_persons_) persons_.erase(authority);
    fresh_persons_.clear();
    connection_->roll_back();
}

Result<std::optional<AccountRow>> Store::account(std::string_view key) {
    std::optional<AccountRow> out;
    const auto done = connection_->query(std::string(account_columns) + "WHERE key=?", {Blob{key}}, [&](const SqlRow& row) {
        out = account_row(row);
        return false;
    });
    if (!done) return done.error();
    return out;
}

Result<Id> Store::add_account(std::string_view key, const AccountRow& row) {
    const auto done = connection_->run("INSERT INTO account(key, book, name, period, test, open, since, until) VALUES(?, ?, ?, ?, ?, ?, ?, ?)",
                                       {Blob{key}, std::string_view(row.table), std::string_view(row.name), std::string_view(row.period), std::int64_t{row.test},
                                        std::int64_t{row.open}, std::string_view(row.from), std::string_view(row.until)});
    if (!done) return done.error();
    return connection_->last_row();
}

Result<void> Store::open_account(Id account, const std::string& from, const std::string& until) {
    return connection_->run("UPDATE account SET open=1, since=CASE WHEN ?1='' THEN since ELSE ?1 END, until=CASE WHEN ?2='' THEN until ELSE ?2 END WHERE id=?3",
                            {std::string_view(from), std::string_view(until), account});
}

Result<std::optional<LineRow>> Store::line(Id account, std::string_view item) {
    std::optional<LineRow> out;
    const auto done = connection_->query(std::string(line_columns) + "WHERE account=? AND item=?", {account, item}, [&](const SqlRow& row) {
        out = line_row(row);
        return false;
    });
    if (!done) return done.error();
    return out;
}

Result<LineRow> Store::line(Id id) {
    LineRow out;
    const auto done = connection_->query(std::string(line_columns) + "WHERE id=?", {id}, [&](const SqlRow& row) {
        out = line_row(row);
        return false;
    });
    if (!done) return done.error();
    return out;
}

Result<Id> Store::add_line(const LineRow& row) {
    const std::string quantity = row.held.quantity.canonical(), value = row.held.value.canonical();
    const auto done = connection_->run("INSERT INTO line(account, item, unit, quantity, currency, value) VALUES(?, ?, ?, ?, ?, ?)",
                                       {row.account, std::string_view(row.item), std::string_view(row.held.unit), std::string_view(quantity),
                                        std::string_view(row.held.currency), std::string_view(value)});
    if (!done) return done.error();
    return connection_->last_row();
}

Result<void> Store::set_line(const LineRow& row) {
    const std::string quantity = row.held.quantity.canonical(), value = row.held.value.canonical();
    return connection_->run("UPDATE line SET unit=?, quantity=?, currency=?, value=? WHERE id=?",
                            {std::string_view(row.held.unit), std::string_view(quantity), std::string_view(row.held.currency), std::string_view(value), row.id});
}

Result<std::vector<DocumentRow>> Store::documents(std::string_view where, std::initializer_list<Value> values) {
    std::vector<DocumentRow> out;
    const auto done = connection_->query(std::string(document_columns) + std::string(where), values, [&](const SqlRow& row) {
        out.push_back(document_row(row));
        return true;
    });
    if (!done) return done.error();
    return out;
}

Result<std::optional<DocumentRow>> Store::document(std::string_view message, std::int64_t number, std::string_view table, std::int64_t row) {
    auto found = documents("WHERE message=? AND number=? AND book=? AND place=?", {message, number, table, row});
    if (!found) return found.error();
    if (found->empty()) return std::optional<DocumentRow>();
    return std::optional(std::move(found->front()));
}

Result<DocumentRow> Store::document(Id id) {
    auto found = documents("WHERE id=?", {id});
    if (!found) return found.error();
    if (found->empty()) return Error{codes::not_held, fmt::format("document {}", id)};
    return std::move(found->front());
}

Result<std::vector<DocumentRow>> Store::documents_of(std::string_view message) {
    return documents("WHERE message=? ORDER BY id", {message});
}

Result<std::vector<DocumentRow>> Store::named(std::string_view key) {
    return documents("WHERE id IN (SELECT document FROM name WHERE key=?) AND state<>3 ORDER BY id DESC", {Blob{key}});
}

Result<bool> Store::has_name(Id document, std::string_view key) {
    const auto count = connection_->number("SELECT count(*) FROM name WHERE key=? AND document=?", {Blob{key}, document});
    if (!count) return count.error();
    return *count != 0;
}

Result<std::vector<DocumentRow>> Store::speak_of(Id target) {
    return documents("WHERE target=? AND target<>0 ORDER BY id", {target});
}

Result<std::vector<std::string>> Store::pending_messages() {
    std::vector<std::string> out;
    const auto done = connection_->query("SELECT DISTINCT message FROM document WHERE state=0 ORDER BY message", {}, [&](const SqlRow& row) {
        out.push_back(row.text(0));
        return true;
    });
    if (!done) return done.error();
    return out;
}

Result<Id> Store::add_document(const DocumentRow& row) {
    const auto done = connection_->run(
        "INSERT INTO document(message, number, book, place, act, state, target, waits, confirms, undoes, since, until, at) "
        "VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        {std::string_view(row.message), row.number, std::string_view(row.table), row.row, static_cast<std::int64_t>(row.act), static_cast<std::int64_t>(row.state),
         row.target, std::int64_t{row.waits}, std::int64_t{row.confirms}, std::int64_t{row.undoes}, std::string_view(row.from), std::string_view(row.until), row.at_ms});
    if (!done) return done.error();
    return connection_->last_row();
}

Result<void> Store::set_state(Id document, State state) {
    return connection_->run("UPDATE document SET state=? WHERE id=?", {static_cast<std::int64_t>(state), document});
}

Result<void> Store::set_target(Id document, Id target) {
    return connection_->run("UPDATE document SET target=? WHERE id=?", {target, document});
}

Result<void> Store::add_name(std::string_view key, Id document) {
    return connection_->run("INSERT OR IGNORE INTO name VALUES(?, ?)", {Blob{key}, document});
}

Result<void> Store::drop_document(Id document) {
    for (const std::string_view sql : {"DELETE FROM movement WHERE document=?", "DELETE FROM name WHERE document=?", "DELETE FROM document WHERE id=?"}) {
        if (auto done = connection_->run(sql, {document}); !done) return done;
    }
    return {};
}

Result<std::vector<MovementRow>> Store::movements(Id document) {
    std::vector<MovementRow> out;
    const auto done = connection_->query(std::string(movement_columns) + "WHERE document=? ORDER BY id", {document}, [&](const SqlRow& row) {
        out.push_back(movement_row(row));
        return true;
    });
    if (!done) return done.error();
    return out;
}

Result<MovementRow> Store::movement(Id id) {
    MovementRow out;
    const auto done = connection_->query(std::string(movement_columns) + "WHERE id=?", {id}, [&](const SqlRow& row) {
        out = movement_row(row);
        return false;
    });
    if (!done) return done.error();
    return out;
}

Result<void> Store::add_movement(const MovementRow& row) {
    const std::array<std::string, 6> numbers{row.quantity.canonical(), row.value.canonical(), row.counted_quantity.canonical(),
                                             row.counted_value.canonical(), row.back_quantity.canonical(), row.back_value.canonical()};
    return connection_->run(
        "INSERT INTO movement(document, line, of, place, quantity, value, counted_quantity, counted_value, back_quantity, back_value) "
        "VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        {row.document, row.line, row.of, std::string_view(row.row), std::string_view(numbers[0]), std::string_view(numbers[1]), std::string_view(numbers[2]),
         std::string_view(numbers[3]), std::string_view(numbers[4]), std::string_view(numbers[5])});
}

Result<void> Store::set_movement(const MovementRow& row) {
    const std::array<std::string, 4> numbers{row.counted_quantity.canonical(), row.counted_value.canonical(), row.back_quantity.canonical(), row.back_value.canonical()};
    return connection_->run("UPDATE movement SET counted_quantity=?, counted_value=?, back_quantity=?, back_value=? WHERE id=?",
                            {std::string_view(numbers[0]), std::string_view(numbers[1]), std::string_view(numbers[2]), std::string_view(numbers[3]), row.id});
}

Result<bool> Store::was_added_to(Id line) {
    const auto found = connection_->number("SELECT EXISTS(SELECT 1 FROM movement m JOIN document d ON d.id=m.document WHERE m.line=? AND d.act=?)",
                                           {line, static_cast<std::int64_t>(Act::add)});
    if (!found) return found.error();
    return *found != 0;
}

Result<std::vector<AccountRow>> Store::accounts(std::string_view table, std::string_view name, Id after, std::size_t most) {
    std::vector<AccountRow> out;
    const auto done = connection_->query(std::string(account_columns) + "WHERE (?='' OR book=?) AND (?='' OR name=?) AND id>? ORDER BY id LIMIT ?",
                                         {table, table, name, name, after, static_cast<std::int64_t>(most)}, [&](const SqlRow& row) {
                                             out.push_back(account_row(row));
                                             return true;
                                         });
    if (!done) return done.error();
    return out;
}

Result<std::vector<LineRow>> Store::lines(Id account) {
    std::vector<LineRow> out;
    const auto done = connection_->query(std::string(line_columns) + "WHERE account=? ORDER BY item", {account}, [&](const SqlRow& row) {
        out.push_back(line_row(row));
        return true;
    });
    if (!done) return done.error();
    return out;
}

Result<void> Store::history(Id line, const std::function<void(const MovementRow&, const DocumentRow&)>& each) {
    std::vector<MovementRow> found;
    const auto done = connection_->query(std::string(movement_columns) + "WHERE line=? ORDER BY id", {line}, [&](const SqlRow& row) {
        found.push_back(movement_row(row));
        return true;
    });
    if (!done) return done;
    for (const MovementRow& movement : found) {
        const auto document = this->document(movement.document);
        if (!document) return document.error();
        each(movement, *document);
    }
    return {};
}

}  // namespace hansa::balances
