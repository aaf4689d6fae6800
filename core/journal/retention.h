// Dropping the bytes that retention no longer wants; digests and all other rows stay.
#pragma once

#include "core/journal/body_file.h"
#include "core/journal/journal.h"
#include "core/journal/sqlite.h"

namespace hansa::journal {

/// What a step would drop.
struct Droppable {
    std::vector<std::string> digests;
    Dropped counts;
};

/// Looks through kept bodies from the cursor on; reads only.
/// Errors: journal.bad-record (no states, cursor)
Result<Droppable> find_droppable(Connection& store, const Retention& retention);

/// Inside the writer's transaction: drops those of `found` that may still go. clear_holes() gives their room back.
Result<Dropped> drop_found(Connection& store, BodyFile& bodies, const Retention& retention, const Droppable& found);

}  // namespace hansa::journal
