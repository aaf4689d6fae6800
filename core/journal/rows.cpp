#include "core/journal/rows.h"

#include <fmt/format.h>

#include "core/journal/codes.h"
#include "core/journal/seal.h"

namespace hansa::journal {

const std::string message_columns =
    "m.number, m.id, ifnull(m.parent_id, ''), m.relation, m.direction, m.agency_from, m.agency_to, m.format, m.kind, "
    "m.purpose, m.test, m.transport, m.business_key, m.idempotency_key, m.digest, m.plan, m.received_ms, m.state, "
    "m.reason, m.changed_ms, m.seal, m.event_seal, m.state_seal";

const std::string delivery_columns =
    "d.number, d.id, m.id, d.agency, d.route, d.transport, d.address, d.body_digest, d.corridor, d.state, d.sequence, "
    "d.due_ms, d.attempts, d.token, d.last_code, d.last_detail, ifnull(d.receipt_digest, ''), d.seal, d.event_seal, "
    "d.state_seal, d.open";

Error damaged(std::string_view what, std::string_view id) {
    return Error{codes::record_damaged, fmt::format("{} {} does not fit its seal", what, id.substr(0, 80))};
}

Error not_found(std::string_view what, std::string_view id) {
    return Error{codes::not_found, fmt::format("no {} '{}'", what, id.substr(0, 80))};
}

Result<MessageRow> read_message(const Row& row) {
    MessageRow out;
    Message& m = out.message;
    m.number = row.number(0);
    m.id = row.text(1);
    m.parent_id = row.text(2);
    const auto relation = relation_named(row.view(3));
    const auto state = state_named(row.view(17));
    if (!relation || !state) return damaged("message", m.id);
    m.relation = *relation;
    m.direction = row.view(4) == "in" ? Direction::in : Direction::out;
    m.agency_from = row.text(5);
    m.agency_to = row.text(6);
    m.format = row.text(7);
    m.kind = row.text(8);
    m.purpose = row.text(9);
    m.test = row.number(10) != 0;
    m.transport = row.text(11);
    m.business_key = row.text(12);
    m.idempotency_key = row.text(13);
    m.digest = row.text(14);
    m.plan = row.text(15);
    m.received_ms = row.number(16);
    m.state = *state;
    m.reason = row.text(18);
    m.changed_ms = row.number(19);
    out.seal = row.text(20);
    out.event_seal = row.text(21);
    if (seal_of(m) != out.seal || seal_of_state(out.seal, m, out.event_seal) != row.view(22)) {
        return damaged("message", m.id);
    }
    return out;
}

Result<DeliveryRow> read_delivery(const Row& row) {
    DeliveryRow out;
    Delivery& d = out.delivery;
    d.id = row.text(1);
    d.message_id = row.text(2);
    d.agency = row.text(3);
    d.route = row.text(4);
    d.transport = row.text(5);
    d.address = row.text(6);
    d.body_digest = row.text(7);
    d.corridor = row.text(8);
    const auto state = delivery_state_named(row.view(9));
    if (!state) return damaged("delivery", d.id);
    d.state = *state;
    d.sequence = row.number(10);
    d.due_ms = row.number(11);
    d.attempts = static_cast<std::uint32_t>(row.number(12));
    d.token = row.number(13);
    d.last_code = row.text(14);
    d.last_detail = row.text(15);
    d.receipt_digest = row.text(16);
    out.seal = row.text(17);
    out.event_seal = row.text(18);
    const bool open = d.state == DeliveryState::pending || d.state == DeliveryState::in_flight;
    if (seal_of(d) != out.seal || seal_of_state(out.seal, d, out.event_seal) != row.view(19) ||
        open != (row.number(20) != 0)) {
        return damaged("delivery", d.id);
    }
    return out;
}

Result<MessageRow> find_message(Connection& store, std::string_view id) {
    static const std::string sql = "SELECT " + message_columns + " FROM message m WHERE m.id = ?1";
    Result<MessageRow> out = not_found("message", id);
    auto done = store.query(sql, {id}, [&](const Row& row) {
        out = read_message(row);
        return false;
    });
    if (!done) return done.error();
    return out;
}

Result<DeliveryRow> find_delivery(Connection& store, std::string_view id) {
    static const std::string sql =
        "SELECT " + delivery_columns + " FROM delivery d JOIN message m ON m.number = d.message WHERE d.id = ?1";
    Result<DeliveryRow> out = not_found("delivery", id);
    auto done = store.query(sql, {id}, [&](const Row& row) {
        out = read_delivery(row);
        return false;
    });
    if (!done) return done.error();
    return out;
}

Result<std::vector<Message>> list_messages(Connection& store, std::string_view sql, const std::vector<Value>& values) {
    std::vector<Message> out;
    std::optional<Error> fault;
    auto done = store.query(sql, values, [&](const Row& row) {
        auto read = read_message(row);
        if (!read) fault = read.error();
        if (read) out.push_back(std::move(read->message));
        return !fault;
    });
    if (!done) return done.error();
    if (fault) return *fault;
    return out;
}

Result<std::vector<Delivery>> list_deliveries(Connection& store, std::string_view sql,
                                              const std::vector<Value>& values) {
    std::vector<Delivery> out;
    std::optional<Error> fault;
    auto done = store.query(sql, values, [&](const Row& row) {
        auto read = read_delivery(row);
        if (!read) fault = read.error();
        if (read) out.push_back(std::move(read->delivery));
        return !fault;
    });
    if (!done) return done.error();
    if (fault) return *fault;
    return out;
}

}  // namespace hansa::journal
