// How the stores of services begin: an SQLite file of their own beside the journal, durable at each commit, with a version,
// and perhaps secret keys in its table `meta`.
//
//     auto version = begin_store(*connection, {.version = 2, .oldest = 1, .wrong_version = codes::store_version});
//     if (*version == 0) ... make the tables, make_key(*connection, "key") and PRAGMA user_version, in one transaction
//     auto key = read_key(*connection, "key", codes::store_version);
//
// Threads: as Connection.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/keyed_digest.h"
#include "core/journal/sqlite.h"

namespace hansa::journal {

struct StoreFile {
    std::int64_t version = 1;  ///< that this program writes
    std::int64_t oldest = 0;   ///< that it can raise to it; 0: none but its own
    Code wrong_version;        ///< what it says of others
    bool read_only = false;    ///< then a new file is a wrong one
    std::uint64_t memory_bytes = 0;  ///< of pages; 0: SQLite's own bound
    std::int64_t page_bytes = 0;     ///< of a new file; 0: SQLite's own size
    std::int64_t log_bytes_max = 0;  ///< before it is put into the file; 0: SQLite's own bound
};

/// Sets the file up, and says its version: 0 where it is new and empty. Errors: `wrong_version`, those of storage_error()
Result<std::int64_t> begin_store(Connection& connection, const StoreFile& file);

/// Puts fresh random bytes into `meta`.
Result<void> make_key(Connection& connection, std::string_view name);
/// Errors: `missing`
Result<DigestKey> read_key(Connection& connection, std::string_view name, Code missing);

}  // namespace hansa::journal
