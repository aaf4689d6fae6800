// JSON documents as trees, and back. The schema says nearly all: objects are elements, members their children, a member
// that may stand several times is a list, and the type of a leaf says whether it is text, a number, or true or false.
//
//     members  cnpjDeclarante manifestos     # of the outermost object: a document that has all of them is the format's
//
// null and an empty list say nothing and are absent elements. Numbers keep the digits they are written with.
#pragma once

#include <memory>

#include "core/syntax/syntax.h"

namespace hansa::syntax::json {

/// Errors: syntax.table-invalid
Result<std::shared_ptr<const Syntax>> make(const Source& source, Diagnostics& faults);

}  // namespace hansa::syntax::json
