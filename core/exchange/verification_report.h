// A verification as JSON: what `hansa verify --json` prints and the evidence keeps.
#pragma once

#include <string>

#include "core/trust/verify.h"

namespace hansa::exchange {

/// {"valid": true, "covered": [{"id", "path", "whole_document"}], "signer": {...}, "chain": [...],
///  "timestamps": [], "errors": [{"code", "message"}]}
std::string verification_json(const trust::Verification& found);

}  // namespace hansa::exchange
