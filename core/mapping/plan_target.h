// The target side of a plan: a table run over what the source side can give. Internal to plan*.cpp.
#pragma once

#include "core/base/result.h"
#include "core/mapping/plan_program.h"

namespace hansa::mapping::program {

/// `settings`: the agency's, under which demanded places are filled. `source` is kept by pointer.
/// Errors: mapping.plan-unsupported with the row's place
Result<TargetProgram> compile_target(const Mapping& mapping, const SourceProgram& source, const Settings& settings);

/// Order, names and fillings of the output, once all rows are known.
void settle_output(TargetProgram& program);

}  // namespace hansa::mapping::program
