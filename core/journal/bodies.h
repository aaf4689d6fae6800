// Where the bytes of a body lie: in its row, or, above a page, in the file of bodies (body_file.h).
//
// Equal bytes are kept once, under their digest; what is given out has that digest, wherever it lay.
//
// Threads: as Connection.
#pragma once

#include "core/journal/body_file.h"
#include "core/journal/records.h"
#include "core/journal/sqlite.h"

namespace hansa::journal {

/// Inside the writer's transaction. Bytes that are kept already, and good, stay as they are.
Result<void> keep_bytes(Connection& store, BodyFile& file, std::string_view digest, std::string_view bytes,
                        std::int64_t at_ms);

/// The columns that body_of() reads, in this order, of a row of `body`.
inline constexpr std::string_view body_place_columns = "digest, size, bytes, place, dropped_ms";

/// The bytes of the row that a query stands on, with their digest checked.
/// Errors: journal.body-damaged, .body-dropped
Result<std::string> body_of(const Row& row, BodyFile& file);

/// Takes the bytes of a body away, inside the writer's transaction. What lay in the file becomes a hole to be cleared.
Result<void> drop_bytes(Connection& store, BodyFile& file, std::string_view digest, std::int64_t at_ms);

/// Clears what the holes name, and forgets them, where no reader holds the file; else a later one does. Runs after the
/// transaction that made them is durable; one that was cut off is done again.
Result<void> clear_holes(Connection& store, BodyFile& file);

/// Sets the file's end to behind the last body that is kept or hole that is to be cleared, and cuts what nobody owns.
/// Errors: journal.bodies-missing
Result<void> find_end(Connection& store, BodyFile& file);

}  // namespace hansa::journal
