// Pivot documents with their memory and annex as JSON: how they lie in the journal and the evidence.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/pivot/document.h"

namespace hansa::exchange {

/// {"documents": [{"kind": ..., "root": {...}, "memory": [...], "annex": [...]}]}
std::string documents_to_json(std::span<const pivot::Document> documents);

/// Errors: base.internal (the journal's checksum held, so it was written wrong)
Result<std::vector<pivot::Document>> documents_from_json(std::string_view text);

}  // namespace hansa::exchange
