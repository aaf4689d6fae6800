// Interchanges of one UN/EDIFACT message type as trees, and back (edifact_table.h says how the tree looks).
#pragma once

#include <memory>

#include "core/syntax/edifact_table.h"

namespace hansa::syntax::edifact {

std::shared_ptr<const Syntax> make(Table table);

/// The tree of an interchange; segments stand in the order of the table.
/// Errors: those of read_interchange(); syntax.message-unknown, -segment-unexpected, -segment-missing,
/// -element-unexpected
Result<Document> read(const Table& table, std::string_view bytes, const Limits& limits);

/// Version 4 of the syntax, without a service string. What names messages and is not in the tree is made: a running
/// number for a message, and for the interchange fourteen digits that repeat for the same content. An interchange that
/// says no time gets `prepared`, or the first minute of 1970.
/// Errors: syntax.unwritable
Result<std::string> write(const Table& table, const schema::Element& root, std::string_view prepared);

}  // namespace hansa::syntax::edifact
