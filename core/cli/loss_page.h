// The generated page of losses: of what one format gives, how much each other format of its kind takes.
#pragma once

#include <string>

#include "core/plugin/registry.h"

namespace hansa::cli {

/// Markdown, the same for the same tables. Loads every mapping and compares every two of a kind: some seconds for a hundred.
/// Answers are compared with the Data Model's alone: they are as many pairs as the square of their number.
std::string loss_page(const plugin::Registry& registry);

}  // namespace hansa::cli
