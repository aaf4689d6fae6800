// The outbox's side of the store. Every function runs inside the writer's transaction.
#pragma once

#include "core/journal/journal.h"
#include "core/journal/rows.h"

namespace hansa::journal {

/// Errors: journal.not-found (body), .already-recorded
Result<void> add_delivery(Connection& store, const Delivery& delivery, std::int64_t message_number, std::int64_t at_ms);

/// Errors: journal.not-found, .stale-claim, .illegal-transition
Result<void> apply_outcome(Connection& store, const Outcome& outcome, std::int64_t at_ms);

/// Errors: journal.not-found, .illegal-transition
Result<void> apply_release(Connection& store, const Release& release, std::int64_t at_ms);

Result<std::vector<Delivery>> claim_due(Connection& store, const ClaimRequest& request);

/// After a restart nothing is in flight.
Result<void> return_claims(Connection& store);

Result<std::size_t> replay(Connection& store, std::string_view id, std::int64_t at_ms,
                           const std::vector<std::string>& followers);

}  // namespace hansa::journal
