// The source side of a plan: a table run over the places of its format instead of over a document.
// Internal to plan*.cpp.
#pragma once

#include <functional>

#include "core/base/result.h"
#include "core/mapping/plan_program.h"

namespace hansa::mapping::program {

/// Nothing: a shape without a scheme, or one whose table would be too large.
std::shared_ptr<const SchemeTable> scheme_table(const CodeList& list);

/// Which steps of a group wait for which slots.
Triggers triggers_of(const SourceProgram& program, Id group);

/// Errors: mapping.plan-unsupported with the row's place
Result<SourceProgram> compile_source(const Mapping& mapping, const schema::PathTable& paths, const Settings& settings);

}  // namespace hansa::mapping::program
