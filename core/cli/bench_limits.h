// What the machine allows: bare memcpy, SHA-256, one signature made and one verified, fdatasync.
//
// They stand beside the contenders, with the names that interfaces give them, and are no contenders:
// they make no output that could be compared.
#pragma once

#include <vector>

#include "core/cli/bench_case.h"
#include "core/cli/bench_measure.h"

namespace hansa::bench {

/// Those that mean something for the case.
std::vector<Contender> limits_of(const Case& one);

}  // namespace hansa::bench
