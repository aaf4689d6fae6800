// A group on its way into the store: checked and digested by the caller's thread, applied by the writer's.
#pragma once

#include "core/journal/body_file.h"
#include "core/journal/journal.h"
#include "core/journal/rows.h"

namespace hansa::journal {

/// Checks every field, mends the details, computes the bodies' digests. Needs no store, so that the
/// one writer does not do the work of many. `bytes` becomes the group's size.
/// Errors: journal.bad-record, .too-large
Result<void> prepare(Group& group, const SqliteOptions& options, std::uint64_t& bytes);

/// Applies a prepared group inside the caller's transaction. Errors: those of Journal::commit
Result<Committed> apply(Connection& store, BodyFile& bodies, const Group& group);

/// Moves a message on: event, chain and current state. Errors: journal.illegal-transition
Result<void> move_message(Connection& store, MessageRow& row, State to, std::int64_t at_ms, std::string_view code,
                          std::string_view detail);

/// Text that can always be recorded: valid UTF-8, no NUL, at most text_bytes_max.
std::string mended(std::string_view text);
bool is_recordable(std::string_view text);

}  // namespace hansa::journal
