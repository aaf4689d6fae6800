// What is read from the journal. Every function takes a connection that only reads.
#pragma once

#include "core/journal/body_file.h"
#include "core/journal/journal.h"
#include "core/journal/rows.h"

namespace hansa::journal::lookup {

Result<std::vector<Event>> history(Connection& store, std::string_view message_id);
Result<std::vector<Message>> children(Connection& store, std::string_view message_id);
Result<Page> search(Connection& store, const Filter& filter);
Result<std::vector<StateCount>> counts(Connection& store);
Result<std::vector<Message>> trace(Connection& store, std::string_view reference, std::size_t count_max);

Result<DeliveryPage> deliveries(Connection& store, const DeliveryFilter& filter);
Result<std::vector<Delivery>> deliveries_of(Connection& store, std::string_view message_id);
Result<std::vector<DeliveryEvent>> delivery_history(Connection& store, std::string_view delivery_id);
Result<OutboxCount> outbox(Connection& store);

Result<std::optional<IdempotencyKey>> key(Connection& store, std::string_view agency, std::string_view key);
Result<std::vector<BusinessKey>> business_key(Connection& store, std::string_view agency, std::string_view family,
                                              std::string_view key);
Result<std::vector<Reference>> reference(Connection& store, std::string_view agency, std::string_view scheme,
                                         std::string_view value);
Result<std::vector<Reference>> references_of(Connection& store, std::string_view message_id, std::string_view scheme);
/// One of `alias` and `value` is given, the other empty.
Result<std::optional<Alias>> alias(Connection& store, std::string_view agency_from, std::string_view agency_to,
                                   std::string_view alias, std::string_view value);

Result<std::string> body(Connection& store, BodyFile& bodies, std::string_view digest);
Result<std::vector<BodyRef>> bodies_of(Connection& store, std::string_view message_id);
Result<std::optional<BodyRef>> find_body(Connection& store, std::string_view agency, std::string_view scheme,
                                         std::string_view value, BodyKind kind);

}  // namespace hansa::journal::lookup
