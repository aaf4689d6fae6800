// What proves an exchange, in one ASiC-E container: bytes as received, verification reports, pivot
// documents, loss ledgers, sent bytes, receipts, history; signed by the gateway.
#pragma once

#include <string>
#include <string_view>

#include "core/exchange/gateway.h"

namespace hansa::exchange {

/// Profile of the evidence's own signature.
inline constexpr std::string_view evidence_profile = "asice.ecdsa-p256-sha256";

/// The container for a message and all that was made of it.
/// Errors: exchange.not-found, exchange.no-signer, journal.*, trust.container-*
Result<std::string> make_evidence(journal::Journal& journal, const Surroundings& with, std::string_view message_id);

}  // namespace hansa::exchange
