// A registry whose two formats of a case are signed with the case's profile, whatever profile they have of their own.
//
// What a gateway costs under RSA or ECDSA is asked of formats too that their authorities sign with SM2 or in a
// container: contenders that know neither can then be put beside it. A single document keeps its receiver's own profile.
//
// Lifetime: borrows the registry and the case. Threads: as the registry's.
#pragma once

#include <memory>

#include "core/cli/bench_case.h"
#include "core/plugin/registry.h"

namespace hansa::bench {

std::shared_ptr<const plugin::Registry> signed_as(const plugin::Registry& registry, const Case& one);

}  // namespace hansa::bench
