// Bytes of a repertoire to UTF-8. For edifact_text.cpp.
#pragma once

#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/syntax/edifact_text.h"

namespace hansa::syntax::edifact {

bool level_known(std::string_view level);

/// Line breaks and service characters pass; other control characters do not. The level must be known.
/// Errors: syntax.charset, with line and column
Result<std::string> decode(std::string_view level, std::string_view bytes, const ServiceCharacters& service);

}  // namespace hansa::syntax::edifact
