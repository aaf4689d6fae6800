// What becomes of a received message by what was made of it.
//
// A received message is delivered, or dead, when the last of what was made of it is: its own outgoing messages, and the
// masters (gathering.h) that its documents stand in, which may hang under somebody else's. Who moves it reads how far
// those are and commits under one lock (Surroundings::fates): otherwise one who sees the last delivery and one who sees
// the last document closed could each leave it to the other, and it would stay `queued` for ever.
//
// Internal to the exchange. Cost: two lookups in the journal, and one for each of its documents that goes out with others.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/exchange/gateway.h"

namespace hansa::exchange {

/// Outgoing messages that carry documents of a received one, answers left out. Errors: journal.*
Result<std::vector<journal::Message>> made_of(journal::Journal& journal, const std::string& received);

/// Received messages that stand where an outgoing one does: its parent, and those whose documents it carries as one; of an answer none.
Result<std::vector<std::string>> followers_of(journal::Journal& journal, const journal::Message& outgoing);

/// Is an outgoing message dead without an attempt: buried while it was held, so that nobody can have got it?
Result<bool> was_buried(journal::Journal& journal, const journal::Message& outgoing);

/// The state of the last of them to change, where all of them are at rest; nothing: one is still to come, or there is none.
std::optional<journal::State> rest_of(const std::vector<journal::Message>& made);

/// Held from reading what was made until the commit that moves messages by it; no lock without a gateway around.
std::unique_lock<std::mutex> fates_of(const Surroundings& with);

}  // namespace hansa::exchange
