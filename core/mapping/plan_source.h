// The source side of a plan: a table run over the places of its format instead of over a document.
// Internal to plan*.cpp.
#pragma once

#include <functional>

#include "core/base/result.h"
#include "core/mapping/plan_program.h"

namespace hansa::mapping::program {

/// Errors: mapping.plan-unsupported with the row's place
Result<SourceProgram> compile_source(const Mapping& mapping, const schema::PathTable& paths, const Settings& settings);

}  // namespace hansa::mapping::program
