#include "core/journal/schema.h"

#include <fmt/format.h>

#include "core/journal/codes.h"
#include "core/journal/names.h"

namespace hansa::journal {
namespace {

constexpr std::int64_t synchronous_full = 2;
constexpr std::int64_t page_bytes = 4'096;

// Words, not numbers, stand for states and kinds: the store explains itself to whoever opens it
// in ten years with a plain SQLite. `number` is the journal's own order in every table.
constexpr const char* tables = R"(
CREATE TABLE message(
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  parent_id TEXT REFERENCES message(id),
  relation TEXT NOT NULL, direction TEXT NOT NULL, agency_from TEXT NOT NULL, agency_to TEXT NOT NULL,
  format TEXT NOT NULL, kind TEXT NOT NULL, purpose TEXT NOT NULL, test INTEGER NOT NULL, transport TEXT NOT NULL,
  business_key TEXT NOT NULL, idempotency_key TEXT NOT NULL, digest TEXT NOT NULL, plan TEXT NOT NULL,
  received_ms INTEGER NOT NULL, seal BLOB NOT NULL,
  state TEXT NOT NULL, reason TEXT NOT NULL, changed_ms INTEGER NOT NULL,
  event_seal BLOB NOT NULL, state_seal BLOB NOT NULL);
CREATE INDEX message_parent ON message(parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX message_from ON message(agency_from);
CREATE INDEX message_to ON message(agency_to);
CREATE INDEX message_state ON message(state);
CREATE INDEX message_format ON message(format);

CREATE TABLE event(
  number INTEGER PRIMARY KEY,
  message INTEGER NOT NULL REFERENCES message(number),
  at_ms INTEGER NOT NULL, state TEXT NOT NULL, code TEXT NOT NULL, detail TEXT NOT NULL, seal BLOB NOT NULL);
CREATE INDEX event_message ON event(message);

CREATE TABLE body(
  number INTEGER PRIMARY KEY,
  digest TEXT NOT NULL UNIQUE,
  size INTEGER NOT NULL, at_ms INTEGER NOT NULL, dropped_ms INTEGER, bytes BLOB, place INTEGER);
CREATE INDEX body_kept ON body(at_ms) WHERE dropped_ms IS NULL;
CREATE INDEX body_place ON body(place) WHERE place IS NOT NULL;

CREATE TABLE attachment(
  number INTEGER PRIMARY KEY,
  message INTEGER NOT NULL REFERENCES message(number),
  kind TEXT NOT NULL, name TEXT NOT NULL, digest TEXT NOT NULL REFERENCES body(digest),
  at_ms INTEGER NOT NULL, seal BLOB NOT NULL);
CREATE INDEX attachment_message ON attachment(message);
CREATE INDEX attachment_digest ON attachment(digest);

CREATE TABLE delivery(
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  message INTEGER NOT NULL REFERENCES message(number),
  agency TEXT NOT NULL, route TEXT NOT NULL, transport TEXT NOT NULL, address TEXT NOT NULL,
  body_digest TEXT NOT NULL REFERENCES body(digest), corridor TEXT NOT NULL, seal BLOB NOT NULL,
  state TEXT NOT NULL, open INTEGER NOT NULL, sequence INTEGER NOT NULL, due_ms INTEGER NOT NULL,
  attempts INTEGER NOT NULL, token INTEGER NOT NULL, last_code TEXT NOT NULL, last_detail TEXT NOT NULL,
  receipt_digest TEXT REFERENCES body(digest), event_seal BLOB NOT NULL, state_seal BLOB NOT NULL);
CREATE INDEX delivery_head ON delivery(corridor, sequence) WHERE open = 1;
CREATE INDEX delivery_due ON delivery(corridor, due_ms) WHERE open = 1;
CREATE INDEX delivery_message ON delivery(message);
CREATE INDEX delivery_body ON delivery(body_digest);
CREATE INDEX delivery_state ON delivery(state);
CREATE INDEX delivery_agency ON delivery(agency);

CREATE TABLE corridor(name TEXT PRIMARY KEY, last_sequence INTEGER NOT NULL) WITHOUT ROWID;

CREATE TABLE delivery_event(
  number INTEGER PRIMARY KEY,
  delivery INTEGER NOT NULL REFERENCES delivery(number),
  at_ms INTEGER NOT NULL, state TEXT NOT NULL, attempt INTEGER NOT NULL, code TEXT NOT NULL, detail TEXT NOT NULL,
  seal BLOB NOT NULL);
CREATE INDEX delivery_event_delivery ON delivery_event(delivery);

CREATE TABLE idempotency(
  agency TEXT NOT NULL, key TEXT NOT NULL, digest TEXT NOT NULL,
  message INTEGER NOT NULL REFERENCES message(number), seal BLOB NOT NULL,
  PRIMARY KEY(agency, key)) WITHOUT ROWID;

CREATE TABLE alias(
  agency_from TEXT NOT NULL, agency_to TEXT NOT NULL, alias TEXT NOT NULL, value TEXT NOT NULL, seal BLOB NOT NULL,
  PRIMARY KEY(agency_from, agency_to, alias)) WITHOUT ROWID;
CREATE INDEX alias_value ON alias(agency_from, agency_to, value);
)";

// What was dropped from the file of bodies and is still there (body_file.h).
constexpr const char* hole_table =
    "CREATE TABLE hole(number INTEGER PRIMARY KEY, place INTEGER NOT NULL, size INTEGER NOT NULL);";

// names.h
constexpr const char* name_tables = R"(
CREATE TABLE names(
  number INTEGER PRIMARY KEY,
  message INTEGER NOT NULL REFERENCES message(number),
  list TEXT NOT NULL, seal BLOB NOT NULL);
CREATE INDEX names_message ON names(message);
)";

// What lies in them follows from the lists. `name_terms` keeps nothing, it shows what is in `name_index`.
constexpr const char* name_index_tables = R"(
CREATE TABLE business_key(mark INTEGER NOT NULL, message INTEGER NOT NULL, PRIMARY KEY(mark, message)) WITHOUT ROWID;
CREATE VIRTUAL TABLE name_index USING fts5(marks, content='', columnsize=0, detail=none, tokenize='ascii');
CREATE VIRTUAL TABLE name_terms USING fts5vocab(name_index, instance);
)";

// Append-only is a promise that the store itself keeps, whoever writes to it.
std::string guards_of(std::initializer_list<const char*> fixed, std::initializer_list<const char*> kept) {
    std::string out;
    for (const char* table : fixed) {
        out += fmt::format(
            "CREATE TRIGGER {0}_stays BEFORE UPDATE ON {0} BEGIN SELECT RAISE(ABORT, 'append-only'); END;\n", table);
    }
    for (const char* table : kept) {
        out += fmt::format(
            "CREATE TRIGGER {0}_kept BEFORE DELETE ON {0} BEGIN SELECT RAISE(ABORT, 'append-only'); END;\n", table);
    }
    return out;
}

std::string name_guards() {
    return guards_of({"names"}, {"names"});
}

constexpr const char* body_guard = R"(
CREATE TRIGGER body_bytes_stay BEFORE UPDATE OF bytes, place ON body
  WHEN coalesce(OLD.bytes, OLD.place) IS NOT NULL AND coalesce(NEW.bytes, NEW.place) IS NOT NULL
  BEGIN SELECT RAISE(ABORT, 'append-only'); END;
)";

std::string guards() {
    std::string out =
        guards_of({"event", "attachment", "delivery_event", "idempotency", "alias"},
                  {"message", "event", "body", "attachment", "delivery", "delivery_event", "idempotency", "alias"});
    out += name_guards();
    out += body_guard;
    out += R"(
CREATE TRIGGER message_stays BEFORE UPDATE OF id, parent_id, relation, direction, agency_from, agency_to, format, kind,
  purpose, test, transport, business_key, idempotency_key, digest, plan, received_ms, seal ON message
  BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER delivery_stays BEFORE UPDATE OF id, message, agency, route, transport, address, body_digest, corridor, seal
  ON delivery BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER body_stays BEFORE UPDATE OF digest, size ON body BEGIN SELECT RAISE(ABORT, 'append-only'); END;
)";
    return out;
}

Error unsafe(std::string_view what) {
    return Error{codes::unsafe_settings, std::string(what)};
}

}  // namespace

Result<void> set_durable(Connection& store, std::uint64_t store_bytes_max) {
    // The page size and the vacuum's way count only before the first page is written.
    if (auto done = store.script(fmt::format("PRAGMA page_size={}; PRAGMA auto_vacuum=INCREMENTAL;", page_bytes));
        !done) {
        return done.error();
    }
    const auto mode = store.text("PRAGMA journal_mode=WAL");
    if (!mode) return mode.error();
    if (*mode != "wal") return unsafe(fmt::format("journal_mode stays '{}'", *mode));
    auto done = store.script(
        "PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON;"
        "PRAGMA wal_autocheckpoint=16000; PRAGMA journal_size_limit=67108864; PRAGMA cache_size=-65536;"
        "PRAGMA temp_store=MEMORY;");
    if (!done) return done.error();
    const auto flush = store.number("PRAGMA synchronous");
    if (!flush) return flush.error();
    if (*flush != synchronous_full) return unsafe(fmt::format("synchronous stays {}", *flush));
    const auto keys = store.number("PRAGMA foreign_keys");
    if (!keys) return keys.error();
    if (*keys != 1) return unsafe("foreign_keys stays off");
    if (store_bytes_max != 0) {
        const auto pages = static_cast<std::int64_t>(store_bytes_max / static_cast<std::uint64_t>(page_bytes));
        return store.script(fmt::format("PRAGMA max_page_count={};", pages));
    }
    return {};
}

Result<void> set_reading(Connection& store) {
    return store.script(
        "PRAGMA query_only=ON; PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON; PRAGMA temp_store=MEMORY;");
}

Result<bool> is_empty(Connection& store) {
    const auto count = store.number("SELECT count(*) FROM sqlite_schema");
    if (!count) return count.error();
    return *count == 0;
}

Result<void> make_tables(Connection& store) {
    // One transaction: a crash in the middle leaves an empty file, which is made again.
    auto done = store.script(
        fmt::format("BEGIN IMMEDIATE; {} {} {} {} {} PRAGMA application_id={}; PRAGMA user_version={}; COMMIT;", tables,
                    hole_table, name_tables, name_index_tables, guards(), application_mark, schema_edition));
    if (!done) {
        const Error error = done.error();
        if (store.in_transaction()) (void)store.script("ROLLBACK;");
        return error;
    }
    return {};
}

Result<void> check_edition(Connection& store, bool read_only) {
    const auto mark = store.number("PRAGMA application_id");
    if (!mark) return mark.error();
    if (*mark != application_mark) return Error{codes::version, "the file is no journal of ours"};
    const auto edition = store.number("PRAGMA user_version");
    if (!edition) return edition.error();
    if (*edition < 1 || *edition > schema_edition) {
        return Error{codes::version,
                     fmt::format("the store is of edition {}, this program of {}", *edition, schema_edition)};
    }
    if (read_only && *edition != schema_edition) {
        return Error{codes::version,
                     fmt::format("the store is of edition {}; a gateway of this program raises it to {} when it starts",
                                 *edition, schema_edition)};
    }
    return {};
}

namespace {

/// Names get lists, bodies may lie outside of their row (edition 4).
Result<void> raise_to_4(Connection& store) {
    auto done = store.script(fmt::format(
        "ALTER TABLE reference RENAME TO old_reference; ALTER TABLE business_key RENAME TO old_business_key;"
        "DROP TRIGGER reference_stays; DROP TRIGGER reference_kept; DROP TRIGGER business_key_stays;"
        "DROP TRIGGER business_key_kept; {}",
        name_tables));
    if (done) done = gather_names(store);
    if (!done) return done;
    // The next step makes their index.
    return store.script(fmt::format(
        "DROP TABLE old_reference; DROP TABLE old_business_key; {} ALTER TABLE body ADD COLUMN place INTEGER;"
        "CREATE INDEX body_place ON body(place) WHERE place IS NOT NULL; DROP TRIGGER body_bytes_stay; {} {}",
        name_guards(), hole_table, body_guard));
}

/// The index of names is one of marks (edition 5).
Result<void> raise_to_5(Connection& store) {
    auto done = store.script(
        fmt::format("DROP TABLE IF EXISTS reference; DROP TABLE IF EXISTS business_key; {}", name_index_tables));
    if (!done) return done;
    return index_names(store);
}

}  // namespace

Result<void> raise_edition(Connection& store) {
    const auto edition = store.number("PRAGMA user_version");
    if (!edition) return edition.error();
    if (*edition == schema_edition) return {};
    return store.transaction([&]() -> Result<void> {
        Result<void> done;
        if (*edition < 2) {
            done = store.script(
                "DROP INDEX alias_value; CREATE INDEX alias_value ON alias(agency_from, agency_to, value);");
        }
        if (done && *edition < 4) done = raise_to_4(store);
        if (done && *edition < 5) done = raise_to_5(store);
        if (done) done = store.script(fmt::format("PRAGMA user_version={};", schema_edition));
        return done;
    });
}

}  // namespace hansa::journal
