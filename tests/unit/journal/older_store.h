// Stores as earlier editions of the journal left them.
#pragma once

#include "core/base/digest.h"
#include "core/journal/seal.h"
#include "tests/unit/journal/store.h"

namespace hansa::journal::test {

inline std::string hex_of(std::string_view seal) {
    return "x'" + to_hex(seal) + "'";
}

/// Makes a store of the fourth edition of one of now: the index of names had a row for each. What it held is not
/// needed for what comes after it.
inline void make_edition_4(const std::filesystem::path& path) {
    std::string sql =
        "DROP TABLE name_terms; DROP TABLE name_index; DROP TABLE business_key;"
        "CREATE TABLE business_key(key TEXT NOT NULL, family TEXT NOT NULL, agency TEXT NOT NULL,"
        "  message INTEGER NOT NULL, is_unique INTEGER NOT NULL, PRIMARY KEY(key, family, agency, message, is_unique))"
        "  WITHOUT ROWID;"
        "CREATE TABLE reference(value TEXT NOT NULL, scheme TEXT NOT NULL, agency TEXT NOT NULL,"
        "  message INTEGER NOT NULL, PRIMARY KEY(value, scheme, agency, message)) WITHOUT ROWID;";
    for (const char* table : {"reference", "business_key"}) {
        for (const auto& [name, event] : {std::pair{"_stays", "UPDATE"}, {"_kept", "DELETE"}}) {
            sql += std::string("CREATE TRIGGER ") + table + name + " BEFORE " + event + " ON " + table +
                   " BEGIN SELECT RAISE(ABORT, 'append-only'); END;";
        }
    }
    Raw raw(path);
    ASSERT_TRUE(raw.run(sql + "PRAGMA user_version = 4;")) << raw.words();
}

/// Makes a store of the third edition of one of now: names were rows with a seal each.
inline void make_edition_3(const std::filesystem::path& path, const std::vector<Reference>& references,
                           const std::vector<BusinessKey>& keys) {
    Raw raw(path);
    std::string sql =
        "DROP TABLE names; DROP TABLE name_terms; DROP TABLE name_index; DROP TABLE business_key; DROP TABLE hole; DROP TRIGGER "
        "body_bytes_stay;"
        "DROP INDEX body_place; ALTER TABLE body DROP COLUMN place;"
        "CREATE TABLE business_key(number INTEGER PRIMARY KEY, message INTEGER NOT NULL REFERENCES message(number),"
        "  agency TEXT NOT NULL, family TEXT NOT NULL, key TEXT NOT NULL, is_unique INTEGER NOT NULL, seal BLOB NOT "
        "NULL);"
        "CREATE INDEX business_key_key ON business_key(agency, family, key);"
        "CREATE TABLE reference(number INTEGER PRIMARY KEY, message INTEGER NOT NULL REFERENCES message(number),"
        "  agency TEXT NOT NULL, scheme TEXT NOT NULL, value TEXT NOT NULL, seal BLOB NOT NULL);"
        "CREATE UNIQUE INDEX reference_value ON reference(value, scheme, agency, message);"
        "CREATE INDEX reference_message ON reference(message);"
        "CREATE TRIGGER body_bytes_stay BEFORE UPDATE OF bytes ON body WHEN OLD.bytes IS NOT NULL AND NEW.bytes IS NOT "
        "NULL"
        "  BEGIN SELECT RAISE(ABORT, 'append-only'); END;";
    for (const char* table : {"reference", "business_key"}) {
        for (const auto& [name, event] : {std::pair{"_stays", "UPDATE"}, {"_kept", "DELETE"}}) {
            sql += std::string("CREATE TRIGGER ") + table + name + " BEFORE " + event + " ON " + table +
                   " BEGIN SELECT RAISE(ABORT, 'append-only'); END;";
        }
    }
    const auto number = [](const std::string& id) { return "(SELECT number FROM message WHERE id = '" + id + "')"; };
    for (const Reference& r : references) {
        sql += "INSERT INTO reference(message, agency, scheme, value, seal) VALUES(" + number(r.message_id) + ", '" +
               r.agency + "', '" + r.scheme + "', '" + r.value + "', " + hex_of(seal_of(r)) + ");";
    }
    for (const BusinessKey& k : keys) {
        sql += "INSERT INTO business_key(message, agency, family, key, is_unique, seal) VALUES(" +
               number(k.message_id) + ", '" + k.agency + "', '" + k.family + "', '" + k.key + "', " +
               (k.unique ? "1" : "0") + ", " + hex_of(seal_of(k)) + ");";
    }
    ASSERT_TRUE(raw.run(sql + "PRAGMA user_version = 3;")) << raw.words();
}

}  // namespace hansa::journal::test
