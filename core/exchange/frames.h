// The frames of authorities that the loaded formats describe: those of the kind `envelope` that have a table.
//
// Cost: a walk over the formats and over the table of each frame: once for a registry, not for each message. A frame's
// schema is compiled when a message comes in it or goes out in it.
#pragma once

#include <vector>

#include "core/envelope/frame.h"
#include "core/plugin/registry.h"

namespace hansa::exchange {

/// They use the registry, which must outlive them.
std::vector<envelope::Frame> frames_of(const plugin::Registry& registry);

}  // namespace hansa::exchange
