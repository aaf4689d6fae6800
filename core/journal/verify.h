// The whole store at once: is it sound, and how it goes out to lines of text and comes back.
#pragma once

#include <iosfwd>

#include "core/journal/body_file.h"
#include "core/journal/journal.h"
#include "core/journal/sqlite.h"

namespace hansa::journal {

/// Inside one read transaction: what is committed meanwhile is not seen.
Result<VerifyReport> verify(Connection& store, BodyFile& bodies, Diagnostics& faults);

/// A body that cannot be given out whole goes without its bytes.
Result<void> export_lines(Connection& store, BodyFile& bodies, Sink& out, bool with_bodies);

/// Into a store without rows, inside the caller's transaction. Errors: journal.bad-record with the line
Result<void> import_lines(Connection& store, std::istream& lines);

}  // namespace hansa::journal
