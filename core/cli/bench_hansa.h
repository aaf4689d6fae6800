// Hansa's own contenders: the fast way, and the reference way that judges it.
//
// Both go through the public headers that the gateway uses. What the fast way does not do (yet, or
// for a pair or a message) is done by the reference way there too, so that a figure is never of
// something that a message would not get.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/cli/bench_case.h"
#include "core/cli/bench_peer.h"
#include "core/plugin/registry.h"

namespace hansa::bench {

/// What tables call $received in every translation of the bench, so that outputs repeat.
inline constexpr std::string_view received_time = "2026-11-05T09:30:12Z";

/// The fast way of a case, or nothing where it has none; `words` says why.
std::unique_ptr<Peer> fast_contender(const plugin::Registry& registry, const Case& one, std::string& words);

/// The reference way of a case; every case has one.
std::unique_ptr<Peer> reference_contender(const plugin::Registry& registry, const Case& one);

/// Verify, read, translate, sign, all on the reference way; also for what the fast way leaves to it.
std::unique_ptr<Peer> reference_pipeline(const plugin::Registry& registry, const Case& one);

/// A pipeline with the gateway's journal behind it: both messages are durable before run() returns.
std::unique_ptr<Peer> durable_contender(const Case& one, std::unique_ptr<Peer> pipeline);

/// Signed with the enveloped profile of that algorithm and the run's key.
/// Errors: trust.*, cli.bench-case
Result<std::string> sign_for_bench(const plugin::Registry& registry, std::string_view message, Algorithm algorithm);

/// A message, or a hansa.batch of messages, into one message or a hansa.batch.
/// Errors: those of exchange::translate and envelope
Result<std::string> translate_by_reference(const plugin::Registry& registry, const plugin::Format& from,
                                           const plugin::Format& to, std::string_view message);

/// Is it valid, and signed by the run's key as the algorithm's profile wants? Errors: trust.*
Result<void> verify_for_bench(const plugin::Registry& registry, std::string_view message, Algorithm algorithm);

/// A signed document without its ds:Signature, for comparing what was signed. Empty: there is none.
std::string without_signature(std::string_view message);

}  // namespace hansa::bench
