#include "core/journal/lookup.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>

#include "core/journal/bodies.h"
#include "core/journal/codes.h"
#include "core/journal/names.h"
#include "core/journal/seal.h"

namespace hansa::journal::lookup {
namespace {

constexpr std::int64_t rows_max = 10'000;
constexpr std::int64_t found_max = 100;
constexpr std::size_t page_max = 1'000;

/// A statement put together from fixed pieces; the values go beside it, never into it.
struct Statement {
    std::string sql;
    std::vector<Value> values;

    /// `condition` holds one "?" for the value.
    void where(std::string_view condition, Value value) {
        sql += " AND ";
        sql += condition;
        values.push_back(value);
    }
};

Result<std::int64_t> number_of_cursor(std::string_view cursor) {
    std::int64_t number = 0;
    const auto read = std::from_chars(cursor.data(), cursor.data() + cursor.size(), number);
    if (read.ec != std::errc() || read.ptr != cursor.data() + cursor.size() || number < 0) {
        return Error{codes::bad_record, "the cursor is not one of ours"};
    }
    return number;
}

Result<void> add_cursor(Statement& statement, std::string_view cursor, std::string_view condition) {
    if (cursor.empty()) return {};
    const auto number = number_of_cursor(cursor);
    if (!number) return number.error();
    statement.where(condition, *number);
    return {};
}

std::size_t page_size(std::size_t count_max) {
    return std::clamp<std::size_t>(count_max, 1, page_max);
}

Result<Statement> message_query(const Filter& filter, std::string_view agency_column) {
    Statement out{"SELECT " + message_columns + " FROM message m WHERE 1", {}};
    if (!agency_column.empty()) out.where(fmt::format("m.{} = ?", agency_column), std::string_view(filter.agency));
    if (filter.direction) out.where("m.direction = ?", name(*filter.direction));
    if (!filter.states.empty()) {
        out.sql += " AND m.state IN (";
        for (std::size_t i = 0; i < filter.states.size(); ++i) {
            out.sql += i == 0 ? "?" : ", ?";
            out.values.emplace_back(name(filter.states[i]));
        }
        out.sql += ")";
    }
    if (!filter.format.empty()) out.where("m.format = ?", std::string_view(filter.format));
    if (!filter.purpose.empty()) out.where("m.purpose = ?", std::string_view(filter.purpose));
    if (filter.test) out.where("m.test = ?", std::int64_t{*filter.test});
    if (!filter.parent_id.empty()) out.where("m.parent_id = ?", std::string_view(filter.parent_id));
    if (filter.since_ms != 0) out.where("m.received_ms >= ?", filter.since_ms);
    if (filter.until_ms != 0) out.where("m.received_ms < ?", filter.until_ms);
    if (auto done = add_cursor(out, filter.cursor, filter.oldest_first ? "m.number > ?" : "m.number < ?"); !done) {
        return done.error();
    }
    out.sql += filter.oldest_first ? " ORDER BY m.number LIMIT ?" : " ORDER BY m.number DESC LIMIT ?";
    out.values.emplace_back(static_cast<std::int64_t>(page_size(filter.count_max)));
    return out;
}

/// A row of a page, damaged or not: a damaged one takes its place in the count, so that the cursor
/// goes past it.
struct Found {
    std::int64_t number = 0;
    Result<MessageRow> row;
};

Result<void> add_found(Connection& store, const Filter& filter, std::string_view agency_column,
                       std::vector<Found>& out) {
    const auto statement = message_query(filter, agency_column);
    if (!statement) return statement.error();
    return store.query(statement->sql, statement->values, [&](const Row& row) {
        out.push_back({row.number(0), read_message(row)});
        return true;
    });
}

template <class Record>
struct Unsealed {
    std::vector<Record> records;
    std::optional<Error> fault;

    /// Keeps the record if its seal is the stored one; false ends the query.
    bool add(Record record, std::string_view stored, std::string_view what, std::string_view id) {
        if (seal_of(record) != stored) fault = damaged(what, id);
        if (!fault) records.push_back(std::move(record));
        return !fault;
    }
};

template <class Record>
Result<std::vector<Record>> list(const Result<void>& done, Unsealed<Record>& found) {
    if (!done) return done.error();
    if (found.fault) return *found.fault;
    return std::move(found.records);
}

Result<std::vector<BodyRef>> list_bodies(Connection& store, std::string_view sql, const std::vector<Value>& values) {
    Unsealed<BodyRef> found;
    auto done = store.query(sql, values, [&](const Row& row) {
        BodyRef ref{.message_id = row.text(0), .name = row.text(2), .digest = row.text(3), .at_ms = row.number(4)};
        const auto kind = body_kind_named(row.view(1));
        if (!kind) {
            found.fault = damaged("a body of message", ref.message_id);
            return false;
        }
        ref.kind = *kind;
        ref.size = static_cast<std::uint64_t>(row.number(6));
        ref.dropped = !row.is_null(7);
        const std::string id = ref.message_id;
        return found.add(std::move(ref), row.view(5), "a body of message", id);
    });
    return list(done, found);
}

/// Messages that have a reference, as an array of JSON for json_each().
Result<std::string> messages_with(Connection& store, std::string_view agency, std::string_view scheme,
                                  std::string_view value) {
    const auto found = find_references(store, agency, scheme, value, rows_max);
    if (!found) return found.error();
    std::vector<std::int64_t> numbers;
    for (const auto& one : *found) numbers.push_back(one.message);
    return fmt::format("[{}]", fmt::join(numbers, ","));
}

constexpr std::string_view body_columns =
    "m.id, a.kind, a.name, a.digest, a.at_ms, a.seal, b.size, b.dropped_ms FROM attachment a JOIN message m ON "
    "m.number = "
    "a.message JOIN body b ON b.digest = a.digest";

}  // namespace

Result<std::vector<Event>> history(Connection& store, std::string_view message_id) {
    const auto message = find_message(store, message_id);
    if (!message) return message.error();
    std::vector<Event> out;
    std::string seal = message->seal;
    bool whole = true;
    auto done = store.query(
        "SELECT number, at_ms, state, code, detail, seal FROM event WHERE message = ?1 ORDER BY number LIMIT ?2",
        {message->message.number, rows_max}, [&](const Row& row) {
            const auto state = state_named(row.view(2));
            Event event{.number = row.number(0), .message_id = message->message.id, .at_ms = row.number(1)};
            event.state = state.value_or(State::received);
            event.code = row.text(3);
            event.detail = row.text(4);
            seal = seal_of(seal, event);
            whole = state.has_value() && seal == row.view(5);
            out.push_back(std::move(event));
            return whole;
        });
    if (!done) return done.error();
    const bool cut = out.size() == static_cast<std::size_t>(rows_max);
    if (!whole || (!cut && seal != message->event_seal)) return damaged("the history of message", message_id);
    return out;
}

Result<std::vector<Message>> children(Connection& store, std::string_view message_id) {
    static const std::string sql =
        "SELECT " + message_columns + " FROM message m WHERE m.parent_id = ?1 ORDER BY m.number LIMIT ?2";
    return list_messages(store, sql, {message_id, rows_max});
}

Result<Page> search(Connection& store, const Filter& filter) {
    std::vector<Found> found;
    Result<void> done = {};
    if (filter.agency.empty()) {
        done = add_found(store, filter, "", found);
    } else {
        // Two walks along two indexes, merged: one OR would read and sort all of the agency's rows.
        done = add_found(store, filter, "agency_from", found);
        if (done) done = add_found(store, filter, "agency_to", found);
    }
    if (!done) return done.error();
    std::sort(found.begin(), found.end(), [&](const Found& a, const Found& b) {
        return filter.oldest_first ? a.number < b.number : a.number > b.number;
    });
    found.erase(
        std::unique(found.begin(), found.end(), [](const Found& a, const Found& b) { return a.number == b.number; }),
        found.end());
    const std::size_t size = page_size(filter.count_max);
    if (found.size() > size) found.erase(found.begin() + static_cast<std::ptrdiff_t>(size), found.end());
    Page page;
    if (!found.empty()) page.last_number = found.back().number;
    if (found.size() == size) page.next_cursor = std::to_string(page.last_number);
    for (Found& one : found) {
        if (one.row) {
            page.messages.push_back(std::move(one.row->message));
        } else {
            page.damaged.push_back(one.row.error());
        }
    }
    return page;
}

Result<std::vector<StateCount>> counts(Connection& store) {
    std::vector<StateCount> out;
    auto done = store.query("SELECT state, count(*) FROM message GROUP BY state", {}, [&](const Row& row) {
        if (const auto state = state_named(row.view(0)))
            out.push_back({*state, static_cast<std::uint64_t>(row.number(1))});
        return true;
    });
    if (!done) return done.error();
    std::sort(out.begin(), out.end(), [](const StateCount& a, const StateCount& b) { return a.state < b.state; });
    return out;
}

Result<std::vector<Message>> trace(Connection& store, std::string_view reference, std::size_t count_max) {
    // Up to the ancestors, down to what came of them. Whoever asks for one document of a batch
    // gets the batch, but not the batch's other documents: past a part, the way goes only up.
    static const std::string sql =
        "WITH RECURSIVE family(number, id, parent_id, relation, context) AS ("
        "  SELECT * FROM (SELECT m.number, m.id, m.parent_id, m.relation, 0 FROM message m WHERE m.id = ?1"
        "    UNION SELECT m.number, m.id, m.parent_id, m.relation, 0 FROM message m"
        "    WHERE m.number IN (SELECT value FROM json_each(?3)))"
        "  UNION SELECT p.number, p.id, p.parent_id, p.relation, max(f.context, f.relation = 'part')"
        "    FROM family f JOIN message p ON p.id = f.parent_id"
        "  UNION SELECT c.number, c.id, c.parent_id, c.relation, 0 FROM family f JOIN message c ON c.parent_id = f.id"
        "    WHERE f.context = 0"
        "  LIMIT 20000) "
        "SELECT " +
        message_columns + " FROM message m WHERE m.number IN (SELECT number FROM family) ORDER BY m.number LIMIT ?2";
    const auto count = static_cast<std::int64_t>(std::min<std::size_t>(count_max, rows_max));
    const auto named = messages_with(store, {}, {}, reference);
    if (!named) return named.error();
    auto out = list_messages(store, sql, {reference, count, std::string_view(*named)});
    if (out && out->empty()) return not_found("message or reference", reference);
    return out;
}

Result<DeliveryPage> deliveries(Connection& store, const DeliveryFilter& filter) {
    Statement statement{
        "SELECT " + delivery_columns + " FROM delivery d JOIN message m ON m.number = d.message WHERE 1", {}};
    if (!filter.agency.empty()) statement.where("d.agency = ?", std::string_view(filter.agency));
    if (!filter.corridor.empty()) statement.where("d.corridor = ?", std::string_view(filter.corridor));
    if (filter.state) statement.where("d.state = ?", name(*filter.state));
    if (auto done = add_cursor(statement, filter.cursor, "d.number < ?"); !done) return done.error();
    statement.sql += " ORDER BY d.number DESC LIMIT ?";
    const std::size_t size = page_size(filter.count_max);
    statement.values.emplace_back(static_cast<std::int64_t>(size));
    DeliveryPage page;
    std::int64_t last = 0;
    std::size_t rows = 0;
    auto done = store.query(statement.sql, statement.values, [&](const Row& row) {
        last = row.number(0);
        ++rows;
        auto read = read_delivery(row);
        if (read) {
            page.deliveries.push_back(std::move(read->delivery));
        } else {
            page.damaged.push_back(read.error());
        }
        return true;
    });
    if (!done) return done.error();
    if (rows == size) page.next_cursor = std::to_string(last);
    return page;
}

Result<std::vector<Delivery>> deliveries_of(Connection& store, std::string_view message_id) {
    static const std::string sql =
        "SELECT " + delivery_columns +
        " FROM message m JOIN delivery d ON d.message = m.number WHERE m.id = ?1 ORDER BY d.number LIMIT ?2";
    return list_deliveries(store, sql, {message_id, rows_max});
}

Result<std::vector<DeliveryEvent>> delivery_history(Connection& store, std::string_view delivery_id) {
    const auto delivery = find_delivery(store, delivery_id);
    if (!delivery) return delivery.error();
    std::vector<DeliveryEvent> out;
    std::string seal = delivery->seal;
    bool whole = true;
    auto done = store.query(
        "SELECT e.number, e.at_ms, e.state, e.attempt, e.code, e.detail, e.seal FROM delivery d JOIN delivery_event e "
        "ON "
        "e.delivery = d.number WHERE d.id = ?1 ORDER BY e.number LIMIT ?2",
        {delivery_id, rows_max}, [&](const Row& row) {
            const auto state = delivery_state_named(row.view(2));
            DeliveryEvent event{
                .number = row.number(0), .delivery_id = std::string(delivery_id), .at_ms = row.number(1)};
            event.state = state.value_or(DeliveryState::pending);
            event.attempt = static_cast<std::uint32_t>(row.number(3));
            event.code = row.text(4);
            event.detail = row.text(5);
            seal = seal_of(seal, event);
            whole = state.has_value() && seal == row.view(6);
            out.push_back(std::move(event));
            return whole;
        });
    if (!done) return done.error();
    const bool cut = out.size() == static_cast<std::size_t>(rows_max);
    if (!whole || (!cut && seal != delivery->event_seal)) return damaged("the history of delivery", delivery_id);
    return out;
}

Result<OutboxCount> outbox(Connection& store) {
    OutboxCount out;
    auto done = store.query("SELECT state, count(*), min(due_ms) FROM delivery WHERE open = 1 GROUP BY state", {},
                            [&](const Row& row) {
                                const auto count = static_cast<std::uint64_t>(row.number(1));
                                if (row.view(0) == name(DeliveryState::in_flight)) out.in_flight = count;
                                if (row.view(0) == name(DeliveryState::pending)) {
                                    out.pending = count;
                                    out.oldest_due_ms = row.number(2);
                                }
                                return true;
                            });
    if (!done) return done.error();
    const auto dead = store.number("SELECT count(*) FROM delivery WHERE state = 'dead'");
    if (!dead) return dead.error();
    out.dead = static_cast<std::uint64_t>(*dead);
    const auto held = store.number("SELECT count(*) FROM delivery WHERE state = 'held'");
    if (!held) return held.error();
    out.held = static_cast<std::uint64_t>(*held);
    return out;
}

Result<std::optional<IdempotencyKey>> key(Connection& store, std::string_view agency, std::string_view key) {
    Unsealed<IdempotencyKey> found;
    auto done = store.query(
        "SELECT i.agency, i.key, i.digest, m.id, i.seal FROM idempotency i JOIN message m ON m.number = i.message "
        "WHERE i.agency = ?1 AND i.key = ?2",
        {agency, key}, [&](const Row& row) {
            return found.add({row.text(0), row.text(1), row.text(2), row.text(3)}, row.view(4), "the key of message",
                             row.view(3));
        });
    auto rows = list(done, found);
    if (!rows) return rows.error();
    if (rows->empty()) return std::optional<IdempotencyKey>();
    return std::optional(std::move(rows->front()));
}

namespace {

template <class Name>
std::vector<Name> names_of(std::vector<NameFound<Name>>&& found) {
    // Lists are younger than their messages; the newest message comes first.
    std::ranges::stable_sort(found, std::greater(), &NameFound<Name>::message);
    std::vector<Name> out;
    for (NameFound<Name>& one : found) out.push_back(std::move(one.name));
    return out;
}

}  // namespace

Result<std::vector<BusinessKey>> business_key(Connection& store, std::string_view agency, std::string_view family,
                                              std::string_view key) {
    auto found = find_business_keys(store, agency, family, key, found_max);
    if (!found) return found.error();
    return names_of(std::move(*found));
}

Result<std::vector<Reference>> reference(Connection& store, std::string_view agency, std::string_view scheme,
                                         std::string_view value) {
    auto found = find_references(store, agency, scheme, value, found_max);
    if (!found) return found.error();
    return names_of(std::move(*found));
}

Result<std::vector<Reference>> references_of(Connection& store, std::string_view message_id, std::string_view scheme) {
    const auto number = store.number("SELECT number FROM message WHERE id = ?1", {message_id});
    if (!number) return number.error();
    return references_in(store, *number, scheme);
}

Result<std::optional<Alias>> alias(Connection& store, std::string_view agency_from, std::string_view agency_to,
                                   std::string_view alias, std::string_view value) {
    Unsealed<Alias> found;
    const std::string sql = fmt::format(
        "SELECT agency_from, agency_to, alias, value, seal FROM alias WHERE agency_from = ?1 AND agency_to = ?2 AND "
        "{} = ?3 ORDER BY alias LIMIT 1",
        value.empty() ? "alias" : "value");
    auto done = store.query(sql, {agency_from, agency_to, value.empty() ? alias : value}, [&](const Row& row) {
        return found.add({row.text(0), row.text(1), row.text(2), row.text(3)}, row.view(4), "alias", row.view(2));
    });
    auto rows = list(done, found);
    if (!rows) return rows.error();
    if (rows->empty()) return std::optional<Alias>();
    return std::optional(std::move(rows->front()));
}

Result<std::string> body(Connection& store, BodyFile& bodies, std::string_view digest) {
    static const std::string sql = fmt::format("SELECT {} FROM body WHERE digest = ?1", body_place_columns);
    Result<std::string> out = not_found("body", digest);
    const auto look = [&] {
        return store.query(sql, {digest}, [&](const Row& row) {
            out = body_of(row, bodies);
            return false;
        });
    };
    auto done = look();
    // Between the row and the file retention may have come: the row says so now.
    if (done && !out && out.error().code == codes::body_damaged) done = look();
    if (!done) return done.error();
    return out;
}

Result<std::vector<BodyRef>> bodies_of(Connection& store, std::string_view message_id) {
    static const std::string sql = fmt::format("SELECT {} WHERE m.id = ?1 ORDER BY a.number LIMIT ?2", body_columns);
    return list_bodies(store, sql, {message_id, rows_max});
}

Result<std::optional<BodyRef>> find_body(Connection& store, std::string_view agency, std::string_view scheme,
                                         std::string_view value, BodyKind kind) {
    static const std::string sql = fmt::format(
        "SELECT {} WHERE a.message IN (SELECT value FROM json_each(?1)) AND a.kind = ?2 ORDER BY a.number DESC LIMIT 1",
        body_columns);
    const auto messages = messages_with(store, agency, scheme, value);
    if (!messages) return messages.error();
    auto rows = list_bodies(store, sql, {std::string_view(*messages), name(kind)});
    if (!rows) return rows.error();
    if (rows->empty()) return std::optional<BodyRef>();
    return std::optional(std::move(rows->front()));
}

}  // namespace hansa::journal::lookup
