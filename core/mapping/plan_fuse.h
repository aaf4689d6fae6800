// Values that go from one text of the source to one text of the target, and that nobody else asks for.
// Internal to plan*.cpp.
#pragma once

#include "core/mapping/plan_program.h"

namespace hansa::mapping::program {

/// Finds the parts of rows whose value of the pivot has one writer and one reader, and no rule, guard or selector that
/// looks at it: they get a fused conversion, and the value is never made.
/// Cost: linear in the rows of both sides.
void fuse(SourceProgram& source, TargetProgram& target);

}  // namespace hansa::mapping::program
