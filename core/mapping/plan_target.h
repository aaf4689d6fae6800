// The target side of a plan: a table run over what the source side can give. Internal to plan*.cpp.
#pragma once

#include <optional>
#include <vector>

#include "core/base/result.h"
#include "core/mapping/plan_program.h"

namespace hansa::mapping::program {

/// `settings`: the agency's, under which demanded places are filled. `source` is kept by pointer.
/// Errors: mapping.plan-unsupported with the row's place
Result<TargetProgram> compile_target(const Mapping& mapping, const SourceProgram& source, const Settings& settings);

/// Every place of a node and what is below it in the same frame.
void places_below(const TemplateNode& node, std::vector<Place>& places);

/// The same, with the places of lists inside. `groups`: of the source.
Standing standing_of(const TemplateNode& node, const std::vector<Group>& groups);

/// The groups from one down to another that lies in it, without the first; nothing: it does not.
std::optional<std::vector<Id>> loops_between(const std::vector<Group>& groups, Id outer, Id inner);

/// Order, names and fillings of the output, once all rows are known.
void settle_output(TargetProgram& program);

}  // namespace hansa::mapping::program
