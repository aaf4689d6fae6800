// Dropping the bytes that retention no longer wants; digests and all other rows stay.
#pragma once

#include "core/journal/body_file.h"
#include "core/journal/journal.h"
#include "core/journal/sqlite.h"

namespace hansa::journal {

/// One step inside the writer's transaction; returns how many bodies lost their bytes.
/// clear_holes() gives their room back.
Result<std::size_t> drop_bodies(Connection& store, BodyFile& bodies, const Retention& retention);

}  // namespace hansa::journal
