// The tables of the store, and the settings without which it would not be durable.
#pragma once

#include "core/journal/sqlite.h"

namespace hansa::journal {

/// Grows with every change of the tables. A store of another edition is not touched.
inline constexpr int schema_edition = 1;

/// Marks the file as ours (SQLite's application_id): the letters "Hnsa".
inline constexpr int application_mark = 0x486E7361;

/// Sets what must be set and reads it back. Errors: journal.unsafe-settings
Result<void> set_durable(Connection& store, std::uint64_t store_bytes_max);

/// Settings of a connection that only reads.
Result<void> set_reading(Connection& store);

/// Makes the tables of an empty file.
Result<void> make_tables(Connection& store);

/// Errors: journal.version, .corrupt
Result<void> check_edition(Connection& store);

/// Whether nothing was ever written to it.
Result<bool> is_empty(Connection& store);

}  // namespace hansa::journal
