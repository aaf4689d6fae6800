// The scanner, compiled a second time so that it reads past a DOCTYPE. Only in this test.
//
// The product refuses every DOCTYPE, and most cases of the suite have one: refusing them all would prove
// nothing about the rules behind it. This build reads the internal subset, checks its grammar, and
// expands internal entities; it opens no file, so external entities and subsets are passed over, as
// XML 1.0, section 5.1 lets a processor that does not validate.
#pragma once

#include <string_view>

#include "core/base/result.h"

namespace hansa::test {

/// What the scanner says of the bytes once the DOCTYPE is out of its way.
Result<void> scan_past_doctype(std::string_view bytes);

}  // namespace hansa::test
