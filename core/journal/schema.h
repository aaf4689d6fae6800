// The tables of the store, and the settings without which it would not be durable.
#pragma once

#include "core/journal/sqlite.h"

namespace hansa::journal {

/// Grows with every change of the tables. A store of a later edition is not touched; one of an earlier
/// is raised when it is opened for writing.
/// 2: one value may have several aliases (one a length), which edition 1 forbade by an index.
/// 3: a delivery may be held, which earlier programs would take for a damaged row.
/// 4: names are sealed as lists (names.h), and large bodies lie in a file of their own (body_file.h).
/// 5: the index of names is one of marks (names.h).
inline constexpr int schema_edition = 5;

/// Marks the file as ours (SQLite's application_id): the letters "Hnsa".
inline constexpr int application_mark = 0x486E7361;

/// Sets what must be set and reads it back. Errors: journal.unsafe-settings
Result<void> set_durable(Connection& store, std::uint64_t store_bytes_max);

/// Settings of a connection that only reads.
Result<void> set_reading(Connection& store);

/// Makes the tables of an empty file.
Result<void> make_tables(Connection& store);

/// Whether this program knows the store: of its own edition, or of an earlier one that it can raise, which takes a writer.
/// Errors: journal.version, .corrupt
Result<void> check_edition(Connection& store, bool read_only = false);

/// Raises a store that passed check_edition() to this program's edition, in one transaction.
Result<void> raise_edition(Connection& store);

/// Whether nothing was ever written to it.
Result<bool> is_empty(Connection& store);

}  // namespace hansa::journal
