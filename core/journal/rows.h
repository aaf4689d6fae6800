// Rows of the tables as records, with their seals checked: what was not written is not given out.
#pragma once

#include <functional>

#include "core/journal/records.h"
#include "core/journal/sqlite.h"

namespace hansa::journal {

/// A message row as it stands, with the seals that chain its events.
struct MessageRow {
    Message message;
    std::string seal, event_seal;
};

struct DeliveryRow {
    Delivery delivery;
    std::string seal, event_seal;
};

/// What a SELECT must list, in this order, for the readers below. `m` is message, `d` is delivery.
extern const std::string message_columns;   // SELECT ... FROM message m
extern const std::string delivery_columns;  // SELECT ... FROM delivery d JOIN message m ON m.number = d.message

/// Errors: journal.record-damaged
Result<MessageRow> read_message(const Row& row);
Result<DeliveryRow> read_delivery(const Row& row);

/// The row by its id. Errors: journal.not-found, .record-damaged
Result<MessageRow> find_message(Connection& store, std::string_view id);
Result<DeliveryRow> find_delivery(Connection& store, std::string_view id);

/// Reads every row of a query; stops at the first damaged one.
Result<std::vector<Message>> list_messages(Connection& store, std::string_view sql, const std::vector<Value>& values);
Result<std::vector<Delivery>> list_deliveries(Connection& store, std::string_view sql,
                                              const std::vector<Value>& values);

Error damaged(std::string_view what, std::string_view id);
Error not_found(std::string_view what, std::string_view id);

}  // namespace hansa::journal
