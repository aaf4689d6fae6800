#include "core/matching/store.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/journal/store_file.h"
#include "core/matching/codes.h"

namespace hansa::matching {
namespace {

using journal::Blob;
using journal::Row;
using journal::Value;

constexpr std::int64_t store_version = 2;
constexpr std::int64_t editions_max = 127;
// Keys are digests, so that each row that is written lies in another page: the log grows by a page a row, and the file
// once more when the log is put into it. Small pages make both small, and a long log puts a page into the file once for
// many rows.
constexpr std::int64_t page_bytes = 1'024, log_bytes_max = std::int64_t{128} << 20;

// `facts` and `keys` are bytes. A lead that waits stands in `awaited` under each of its parts, and in `due`.
constexpr const char* tables = R"(
CREATE TABLE meta(name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE part(key INTEGER PRIMARY KEY, document INTEGER NOT NULL, day INTEGER NOT NULL, lead INTEGER, facts BLOB NOT NULL);
CREATE TABLE lead(key INTEGER PRIMARY KEY, document INTEGER NOT NULL, day INTEGER NOT NULL, due INTEGER, keys BLOB NOT NULL,
  facts BLOB NOT NULL);
CREATE TABLE awaited(part INTEGER NOT NULL, lead INTEGER NOT NULL, PRIMARY KEY(part, lead)) WITHOUT ROWID;
CREATE TABLE due(at INTEGER NOT NULL, lead INTEGER NOT NULL, PRIMARY KEY(at, lead)) WITHOUT ROWID;
)";

// Rows are never given a number again.
constexpr const char* tables_of_2 = "CREATE TABLE ending(number INTEGER PRIMARY KEY AUTOINCREMENT, text TEXT NOT NULL);";

/// SQLite's integers are signed; the bits are what counts.
std::int64_t stored(Key key) {
    return static_cast<std::int64_t>(key);
}
Key loaded(std::int64_t key) {
    return static_cast<Key>(key);
}

std::string bytes_of(const std::vector<Key>& keys) {
    std::string out;
    for (const Key key : keys) {
        for (int shift = 0; shift < 64; shift += 8) out += static_cast<char>(static_cast<unsigned char>(key >> shift));
    }
    return out;
}

std::vector<Key> keys_of(std::string_view bytes) {
    std::vector<Key> out;
    for (; bytes.size() >= 8; bytes.remove_prefix(8)) {
        Key key = 0;
        for (std::size_t i = 8; i-- > 0;) key = key << 8 | static_cast<unsigned char>(bytes[i]);
        out.push_back(key);
    }
    return out;
}

}  // namespace

Result<std::unique_ptr<Store>> Store::open(const std::filesystem::path& path, const std::string& identity, std::uint64_t memory_bytes) {
    auto connection = journal::Connection::open(path.string(), {.read_only = false, .create = true});
    if (!connection) return connection.error();
    std::unique_ptr<Store> store(new Store(*std::move(connection)));
    if (auto ready = store->prepare(identity, memory_bytes); !ready) return ready.error();
    return store;
}

Result<void> Store::prepare(const std::string& identity, std::uint64_t memory_bytes) {
    const auto version = journal::begin_store(
        *connection_, {.version = store_version, .oldest = 1, .wrong_version = codes::store_version, .memory_bytes = memory_bytes, .page_bytes = page_bytes, .log_bytes_max = log_bytes_max});
    if (!version) return version.error();
    if (auto begun = begin(); !begun) return begun.error();
    if (*version == 0) {
        if (auto made = connection_->script(tables); !made) return made.error();
        if (auto kept = journal::make_key(*connection_, "key"); !kept) return kept.error();
    }
    if (*version < 2) {
        if (auto made = connection_->script(fmt::format("{} PRAGMA user_version={};", tables_of_2, store_version)); !made) return made.error();
    }
    const auto key = journal::read_key(*connection_, "key", codes::store_version);
    if (!key) return key.error();
    key_ = *key;
    const std::string name = "edition " + identity;
    auto number = connection_->number("SELECT ifnull(max(value), 0) FROM meta WHERE name=?", {std::string_view(name)});
    if (!number) return number.error();
    if (*number == 0) {
        number = connection_->number("SELECT ifnull(max(value), 0) + 1 FROM meta WHERE name LIKE 'edition %'");
        if (!number) return number.error();
        if (*number > editions_max) return Error{codes::store_version, fmt::format("more than {} editions of its table", editions_max)};
        if (auto kept = connection_->run("INSERT INTO meta VALUES(?, ?)", {std::string_view(name), *number}); !kept) return kept.error();
    }
    edition_ = static_cast<char>(*number);
    const auto waiting = connection_->number("SELECT count(*) FROM due");
    if (!waiting) return waiting.error();
    waiting_ = *waiting;
    return commit();
}

Result<void> Store::begin() {
    change_ = 0;
    return connection_->begin();
}

Result<void> Store::commit() {
    auto done = connection_->commit();
    if (done) waiting_ += change_;
    return done;
}

void Store::roll_back() {
    connection_->roll_back();
}

Result<std::optional<PartRow>> Store::part(Key key) {
    std::optional<PartRow> out;
    const auto done = connection_->query("SELECT document, day, lead, facts FROM part WHERE key=?", {stored(key)}, [&](const Row& row) {
        out = PartRow{loaded(row.number(0)), row.number(1), row.is_null(2) ? std::nullopt : std::optional(loaded(row.number(2))), row.text(3)};
        return false;
    });
    if (!done) return done.error();
    return out;
}

Result<void> Store::put_part(Key key, const PartRow& row) {
    const Value lead = row.lead ? Value(stored(*row.lead)) : Value(nullptr);
    return connection_->run("INSERT OR REPLACE INTO part VALUES(?, ?, ?, ?, ?)", {stored(key), stored(row.document), row.day, lead, Blob{row.facts}});
}

Result<void> Store::drop_part(Key key) {
    return connection_->run("DELETE FROM part WHERE key=?", {stored(key)});
}

Result<void> Store::set_lead(Key part, std::optional<Key> lead) {
    const Value value = lead ? Value(stored(*lead)) : Value(nullptr);
    return connection_->run("UPDATE part SET lead=? WHERE key=?", {value, stored(part)});
}

Result<std::optional<LeadRow>> Store::lead(Key key) {
    std::optional<LeadRow> out;
    const auto done = connection_->query("SELECT document, day, due, keys, facts FROM lead WHERE key=?", {stored(key)}, [&](const Row& row) {
        out = LeadRow{loaded(row.number(0)), row.number(1), row.is_null(2) ? std::nullopt : std::optional(row.number(2)), keys_of(row.view(3)), row.text(4)};
        return false;
    });
    if (!done) return done.error();
    return out;
}

Result<void> Store::unlist(Key key, const LeadRow& row) {
    if (!row.due_s) return {};
    for (const Key part : row.keys) {
        if (auto done = connection_->run("DELETE FROM awaited WHERE part=? AND lead=?", {stored(part), stored(key)}); !done) return done;
    }
    --change_;
    return connection_->run("DELETE FROM due WHERE at=? AND lead=?", {*row.due_s, stored(key)});
}

Result<void> Store::put_lead(Key key, const LeadRow& row) {
    if (auto dropped = drop_lead(key); !dropped) return dropped;
    const Value due = row.due_s ? Value(*row.due_s) : Value(nullptr);
    const std::string keys = bytes_of(row.keys);
    auto done = connection_->run("INSERT INTO lead VALUES(?, ?, ?, ?, ?, ?)", {stored(key), stored(row.document), row.day, due, Blob{keys}, Blob{row.facts}});
    if (!done || !row.due_s) return done;
    for (const Key part : row.keys) {
        done = connection_->run("INSERT OR IGNORE INTO awaited VALUES(?, ?)", {stored(part), stored(key)});
        if (!done) return done;
    }
    ++change_;
    return connection_->run("INSERT INTO due VALUES(?, ?)", {*row.due_s, stored(key)});
}

Result<void> Store::drop_lead(Key key) {
    const auto row = lead(key);
    if (!row) return row.error();
    if (!*row) return {};
    if (auto done = unlist(key, **row); !done) return done;
    return connection_->run("DELETE FROM lead WHERE key=?", {stored(key)});
}

Result<std::vector<Key>> Store::leads_of(Key part) {
    std::vector<Key> out;
    const auto done = connection_->query("SELECT lead FROM awaited WHERE part=?", {stored(part)}, [&](const Row& row) {
        out.push_back(loaded(row.number(0)));
        return true;
    });
    if (!done) return done.error();
    return out;
}

Result<std::vector<Key>> Store::due(std::int64_t at_s, std::size_t most) {
    std::vector<Key> out;
    const auto done = connection_->query("SELECT lead FROM due WHERE at<=? ORDER BY at LIMIT ?", {at_s, static_cast<std::int64_t>(most)}, [&](const Row& row) {
        out.push_back(loaded(row.number(0)));
        return true;
    });
    if (!done) return done.error();
    return out;
}

Result<void> Store::add_ending(std::string_view text) {
    return connection_->run("INSERT INTO ending(text) VALUES(?)", {text});
}

Result<std::vector<std::pair<std::int64_t, std::string>>> Store::endings(std::size_t most) {
    std::vector<std::pair<std::int64_t, std::string>> out;
    const auto done = connection_->query("SELECT number, text FROM ending ORDER BY number LIMIT ?", {static_cast<std::int64_t>(most)}, [&](const Row& row) {
        out.emplace_back(row.number(0), row.text(1));
        return true;
    });
    if (!done) return done.error();
    return out;
}

Result<void> Store::drop_ending(std::int64_t row) {
    return connection_->run("DELETE FROM ending WHERE number=?", {row});
}

Result<std::size_t> Store::forget(std::int64_t before_day, std::size_t most) {
    std::size_t dropped = 0;
    for (const std::string_view sql : {"DELETE FROM part WHERE key IN (SELECT key FROM part WHERE day<? LIMIT ?)",
                                       "DELETE FROM lead WHERE key IN (SELECT key FROM lead WHERE day<? AND due IS NULL LIMIT ?)"}) {
        if (auto done = connection_->run(sql, {before_day, static_cast<std::int64_t>(most)}); !done) return done.error();
        dropped += static_cast<std::size_t>(connection_->changed_rows());
    }
    return dropped;
}

Result<std::int64_t> Store::position() {
    return connection_->number("SELECT ifnull(max(value), 0) FROM meta WHERE name='position'");
}

Result<bool> Store::has_position() {
    const auto rows = connection_->number("SELECT count(*) FROM meta WHERE name='position'");
    if (!rows) return rows.error();
    return *rows != 0;
}

Result<void> Store::set_position(std::int64_t position) {
    return connection_->run("INSERT OR REPLACE INTO meta VALUES('position', ?)", {position});
}

Result<Store::Counts> Store::counts() {
    Counts out;
    for (const auto& [sql, count] : {std::pair{"SELECT count(*) FROM part", &out.parts}, std::pair{"SELECT count(*) FROM lead WHERE due IS NOT NULL", &out.waiting},
                                     std::pair{"SELECT count(*) FROM lead WHERE due IS NULL", &out.decided}}) {
        const auto number = connection_->number(sql);
        if (!number) return number.error();
        *count = static_cast<std::uint64_t>(*number);
    }
    return out;
}

}  // namespace hansa::matching
