// The generated page of formats: the conformance matrix, sources and doubts, the e-commerce data set, round trips.
#pragma once

#include <string>

#include "core/plugin/registry.h"

namespace hansa::cli {

/// Markdown, the same for the same tables. Loads every mapping: about a second.
std::string format_page(const plugin::Registry& registry);

}  // namespace hansa::cli
