// The schema's verdict on a document that is not XML.
//
// The reference judge reads XML, so the tree is written as XML for it; what it says of a path is said of the place in
// the sender's bytes.
//
// Cost: the tree is written and validated as any XML document of its size.
#pragma once

#include "core/base/result.h"
#include "core/schema/validator.h"
#include "core/syntax/syntax.h"

namespace hansa::syntax {

/// Every fault goes to `faults`, with line and column of Document::text; the result is the first one.
/// Errors: schema.* as Validator::validate
Result<void> validate(const schema::Validator& judge, const Document& document, Diagnostics& faults);

}  // namespace hansa::syntax
