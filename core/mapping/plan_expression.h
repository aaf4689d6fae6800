// Values of a plan's expressions once their parts are texts: as evaluate.h gives them, without a tree.
//
// Threads: pure. Errors: no value.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/mapping/conversion.h"
#include "core/mapping/evaluate.h"

namespace hansa::mapping::program {

/// Asks a code list, whose name is the first part.
bool names_list(const Expression& e);
/// sum, min and max: over all texts of the parts.
bool folds(const Expression& e);
std::optional<std::string> folded(std::string_view what, const std::vector<std::string>& all);
/// Calls and signs that look at values only are the reference's own: their parts become literals.
std::optional<std::string> over_literals(const Expression& e, std::span<const std::optional<std::string>> parts,
                                         const ConversionContext& context);

}  // namespace hansa::mapping::program
