// A whole gateway as a contender: a message comes in over HTTP with TLS and is counted when what was made of it lies
// at its receiver.
//
// The pieces are the daemon's own: HTTP server, API, gateway, SQLite journal (durable before the answer), outbox,
// delivery into a folder by renaming. Sender and receiver stand in the same process and machine, so their share of the
// work counts too. Both sides sign with the case's profile (bench_registry.h).
// Messages are made anew, not timed: a gateway takes each document once.
//
// Threads: one client; the gateway has its own.
#pragma once

#include <memory>

#include "core/cli/bench_case.h"
#include "core/cli/bench_peer.h"
#include "core/plugin/registry.h"

namespace hansa::bench {

/// `engine_is_fast`: else the reference way alone. `words`: why there is none.
std::unique_ptr<Peer> gateway_contender(const plugin::Registry& registry, const Case& one, bool engine_is_fast,
                                        std::string& words);

}  // namespace hansa::bench
