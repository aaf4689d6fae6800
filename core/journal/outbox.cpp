#include "core/journal/outbox.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/journal/codes.h"
#include "core/journal/group.h"
#include "core/journal/seal.h"

namespace hansa::journal {
namespace {

constexpr std::size_t claims_max = 1'000;

/// Writes the row's moving part and its event. `row.delivery` is already what it shall become.
Result<void> record(Connection& store, DeliveryRow& row, std::int64_t at_ms, std::string_view code,
                    std::string_view detail) {
    const Delivery& d = row.delivery;
    const DeliveryEvent event{.delivery_id = d.id,
                              .at_ms = at_ms,
                              .state = d.state,
                              .attempt = d.attempts,
                              .code = std::string(code),
                              .detail = std::string(detail)};
    row.event_seal = seal_of(row.event_seal, event);
    auto done = store.run(
        "INSERT INTO delivery_event(delivery, at_ms, state, attempt, code, detail, seal) "
        "VALUES((SELECT number FROM delivery WHERE id = ?1), ?2, ?3, ?4, ?5, ?6, ?7)",
        {std::string_view(d.id), at_ms, name(d.state), std::int64_t{d.attempts}, code, detail, Blob{row.event_seal}});
    if (!done) return done.error();
    const bool open = d.state == DeliveryState::pending || d.state == DeliveryState::in_flight;
    const std::string state_seal = seal_of_state(row.seal, d, row.event_seal);
    done = store.run(
        "UPDATE delivery SET state = ?2, open = ?3, sequence = ?4, due_ms = ?5, attempts = ?6, token = ?7, last_code = "
        "?8, "
        "last_detail = ?9, receipt_digest = nullif(?10, ''), event_seal = ?11, state_seal = ?12 WHERE id = ?1",
        {std::string_view(d.id), name(d.state), std::int64_t{open}, d.sequence, d.due_ms, std::int64_t{d.attempts},
         d.token, std::string_view(d.last_code), std::string_view(d.last_detail), std::string_view(d.receipt_digest),
         Blob{row.event_seal}, Blob{state_seal}});
    if (!done && done.error().code == codes::not_found) return not_found("receipt", d.receipt_digest);
    return done;
}

/// The corridor's next place. Its own counter, not the clock: a clock that jumps changes no order.
Result<std::int64_t> next_sequence(Connection& store, std::string_view corridor) {
    return store.number(
        "INSERT INTO corridor(name, last_sequence) VALUES(?1, 1) ON CONFLICT(name) DO UPDATE SET last_sequence = "
        "last_sequence + 1 RETURNING last_sequence",
        {corridor});
}

struct Head {
    std::string id;
    std::string corridor;
    std::int64_t due_ms = 0;
};

Result<void> add_heads(Connection& store, std::string_view sql, const ClaimRequest& request, std::vector<Head>& heads) {
    const auto count = static_cast<std::int64_t>(std::min(request.count_max, claims_max));
    return store.query(sql, {request.now_ms, count}, [&](const Row& row) {
        heads.push_back({row.text(0), row.text(1), row.number(2)});
        return true;
    });
}

/// What is due and stands first: heads of corridors (found by jumping from corridor to corridor in
/// the index, so that a long queue costs no more than a short one), and all that is in no order.
Result<std::vector<Head>> find_heads(Connection& store, const ClaimRequest& request) {
    std::vector<Head> heads;
    auto done =
        add_heads(store,
                  "WITH RECURSIVE c(name) AS ("
                  "  SELECT min(corridor) FROM delivery WHERE open = 1 AND corridor > ''"
                  "  UNION ALL"
                  "  SELECT (SELECT min(corridor) FROM delivery WHERE open = 1 AND corridor > c.name) FROM c"
                  "  WHERE c.name IS NOT NULL)"
                  "SELECT d.id, d.corridor, d.due_ms FROM c JOIN delivery d ON d.number = (SELECT h.number FROM "
                  "delivery h WHERE h.open = 1 AND h.corridor = c.name ORDER BY h.sequence LIMIT 1) "
                  "WHERE c.name IS NOT NULL AND d.due_ms <= ?1 ORDER BY d.due_ms, d.number LIMIT ?2",
                  request, heads);
    if (!done) return done.error();
    done = add_heads(store,
                     "SELECT id, corridor, due_ms FROM delivery WHERE open = 1 AND corridor = '' AND due_ms <= ?1 "
                     "ORDER BY due_ms LIMIT ?2",
                     request, heads);
    if (!done) return done.error();
    std::stable_sort(heads.begin(), heads.end(), [](const Head& a, const Head& b) { return a.due_ms < b.due_ms; });
    return heads;
}

/// The head and those behind it that are due without a gap.
Result<std::vector<std::string>> run_of(Connection& store, const Head& head, const ClaimRequest& request) {
    std::vector<std::string> ids;
    if (head.corridor.empty() || request.corridor_run_max <= 1) {
        ids.push_back(head.id);
        return ids;
    }
    auto done = store.query(
        "SELECT id, due_ms FROM delivery WHERE open = 1 AND corridor = ?1 ORDER BY sequence LIMIT ?2",
        {std::string_view(head.corridor), static_cast<std::int64_t>(std::min(request.corridor_run_max, claims_max))},
        [&](const Row& row) {
            if (row.number(1) > request.now_ms) return false;
            ids.push_back(row.text(0));
            return true;
        });
    if (!done) return done.error();
    return ids;
}

/// A row that is not what was written is never sent. Its fields cannot be sealed anew, so only the
/// state is set; every later read of it says record-damaged.
Result<void> bury_damaged(Connection& store, std::string_view id) {
    return store.run("UPDATE delivery SET state = 'dead', open = 0, last_code = 'journal.record-damaged' WHERE id = ?1",
                     {id});
}

Result<void> claim(Connection& store, std::string_view id, const ClaimRequest& request, std::vector<Delivery>& out) {
    auto row = find_delivery(store, id);
    if (!row && row.error().code == codes::record_damaged) return bury_damaged(store, id);
    if (!row) return row.error();
    Delivery& d = row->delivery;
    d.state = DeliveryState::in_flight;
    d.token += 1;
    d.attempts += 1;
    d.due_ms = request.now_ms + request.lease_ms;
    if (auto done = record(store, *row, request.now_ms, "", ""); !done) return done.error();
    out.push_back(d);
    return {};
}

/// Puts one dead delivery at the end of its corridor.
Result<void> put_back(Connection& store, std::string_view id, std::int64_t at_ms) {
    auto row = find_delivery(store, id);
    if (!row) return row.error();
    Delivery& d = row->delivery;
    const auto sequence = next_sequence(store, d.corridor);
    if (!sequence) return sequence.error();
    d.state = DeliveryState::pending;
    d.sequence = *sequence;
    d.due_ms = at_ms;
    return record(store, *row, at_ms, "", "replayed");
}

Result<std::vector<std::string>> ids_of(Connection& store, std::string_view sql, std::initializer_list<Value> values) {
    std::vector<std::string> ids;
    auto done = store.query(sql, values, [&](const Row& row) {
        ids.push_back(row.text(0));
        return true;
    });
    if (!done) return done.error();
    return ids;
}

/// The dead deliveries that an id means, and the message they belong to.
struct Dead {
    std::string message_id;
    std::vector<std::string> deliveries;
};

Result<Dead> find_dead(Connection& store, std::string_view id) {
    auto delivery = find_delivery(store, id);
    if (delivery) {
        if (delivery->delivery.state != DeliveryState::dead) {
            return Error{codes::illegal_transition,
                         fmt::format("delivery {} is {}, not dead", id, name(delivery->delivery.state))};
        }
        return Dead{delivery->delivery.message_id, {std::string(id)}};
    }
    if (delivery.error().code != codes::not_found) return delivery.error();
    auto message = find_message(store, id);
    if (!message && message.error().code == codes::not_found) return not_found("message or delivery", id);
    if (!message) return message.error();
    auto ids = ids_of(store, "SELECT id FROM delivery WHERE message = ?1 AND state = 'dead' ORDER BY sequence, number",
                      {message->message.number});
    if (!ids) return ids.error();
    return Dead{std::string(id), std::move(*ids)};
}

}  // namespace

Result<void> add_delivery(Connection& store, const Delivery& given, std::int64_t message_number, std::int64_t at_ms) {
    DeliveryRow row;
    Delivery& d = row.delivery;
    d = given;
    d.attempts = 0;
    d.token = 0;
    d.receipt_digest.clear();
    const bool held = d.state == DeliveryState::held;
    if (!held) {
        d.last_code.clear();
        d.last_detail.clear();
    }
    const auto sequence = next_sequence(store, d.corridor);
    if (!sequence) return sequence.error();
    d.sequence = *sequence;
    row.seal = seal_of(d);
    row.event_seal = row.seal;
    auto done = store.run(
        "INSERT INTO delivery(id, message, agency, route, transport, address, body_digest, corridor, seal, state, "
        "open, "
        "sequence, due_ms, attempts, token, last_code, last_detail, event_seal, state_seal) VALUES(?1, ?2, ?3, ?4, ?5, "
        "?6, ?7, "
        "?8, ?9, ?12, ?13, ?10, ?11, 0, 0, '', '', ?9, ?9)",
        {std::string_view(d.id), message_number, std::string_view(d.agency), std::string_view(d.route),
         std::string_view(d.transport), std::string_view(d.address), std::string_view(d.body_digest),
         std::string_view(d.corridor), Blob{row.seal}, d.sequence, d.due_ms, name(d.state), std::int64_t{!held}});
    if (!done && done.error().code == codes::not_found) return not_found("body", d.body_digest);
    if (!done && done.error().code == codes::already_recorded) {
        return Error{codes::already_recorded, fmt::format("delivery {}", d.id)};
    }
    if (!done) return done.error();
    return record(store, row, at_ms, d.last_code, d.last_detail);
}

Result<void> apply_release(Connection& store, const Release& release, std::int64_t at_ms) {
    auto row = find_delivery(store, release.delivery_id);
    if (!row) return row.error();
    Delivery& d = row->delivery;
    const DeliveryState to = release.let_go ? DeliveryState::pending : DeliveryState::dead;
    if (d.state != DeliveryState::held) {
        return Error{codes::illegal_transition,
                     fmt::format("delivery {} is {}, not held, to become {}", d.id, name(d.state), name(to))};
    }
    if (release.let_go) {
        // Those that went while it was held are before it now.
        const auto sequence = next_sequence(store, d.corridor);
        if (!sequence) return sequence.error();
        d.sequence = *sequence;
    }
    d.state = to;
    d.due_ms = at_ms;
    d.last_code = release.code;
    d.last_detail = release.detail;
    return record(store, *row, at_ms, release.code, release.detail);
}

Result<void> apply_outcome(Connection& store, const Outcome& outcome, std::int64_t at_ms) {
    auto row = find_delivery(store, outcome.delivery_id);
    if (!row) return row.error();
    Delivery& d = row->delivery;
    if (d.token != outcome.token) {
        return Error{codes::stale_claim,
                     fmt::format("delivery {} was claimed {} times, this is claim {}", d.id, d.token, outcome.token)};
    }
    DeliveryState to = DeliveryState::pending;
    if (outcome.kind == Outcome::Kind::delivered) to = DeliveryState::delivered;
    if (outcome.kind == Outcome::Kind::dead) to = DeliveryState::dead;
    if (d.state != DeliveryState::in_flight || !may_follow(d.state, to)) {
        return Error{codes::illegal_transition,
                     fmt::format("delivery {} is {}, not to become {}", d.id, name(d.state), name(to))};
    }
    d.state = to;
    d.last_code = outcome.code;
    d.last_detail = outcome.detail;
    d.due_ms = outcome.kind == Outcome::Kind::retry ? outcome.due_ms : at_ms;
    if (outcome.kind == Outcome::Kind::released && d.attempts > 0) d.attempts -= 1;
    if (!outcome.receipt_digest.empty()) d.receipt_digest = outcome.receipt_digest;
    return record(store, *row, at_ms, outcome.code, outcome.detail);
}

Result<std::vector<Delivery>> claim_due(Connection& store, const ClaimRequest& request) {
    const auto heads = find_heads(store, request);
    if (!heads) return heads.error();
    std::vector<Delivery> out;
    for (const Head& head : *heads) {
        if (out.size() >= std::min(request.count_max, claims_max)) break;
        const auto ids = run_of(store, head, request);
        if (!ids) return ids.error();
        for (const std::string& id : *ids) {
            if (out.size() >= std::min(request.count_max, claims_max)) break;
            if (auto done = claim(store, id, request, out); !done) return done.error();
        }
    }
    return out;
}

Result<void> return_claims(Connection& store) {
    const auto ids = ids_of(store, "SELECT id FROM delivery WHERE open = 1 AND state = 'in-flight'", {});
    if (!ids) return ids.error();
    for (const std::string& id : *ids) {
        auto row = find_delivery(store, id);
        if (!row && row.error().code == codes::record_damaged) continue;  // claim_due buries it
        if (!row) return row.error();
        // The journal has no clock: due at once, and the event bears the time of the lease's end.
        const std::int64_t at_ms = row->delivery.due_ms;
        row->delivery.state = DeliveryState::pending;
        row->delivery.due_ms = 0;
        if (auto done = record(store, *row, at_ms, "", "the gateway was restarted"); !done) return done.error();
    }
    return {};
}

Result<std::size_t> replay(Connection& store, std::string_view id, std::int64_t at_ms,
                           const std::vector<std::string>& followers) {
    const auto dead = find_dead(store, id);
    if (!dead) return dead.error();
    auto message = find_message(store, dead->message_id);
    if (!message) return message.error();
    const State state = message->message.state;
    const bool stuck = state == State::dead || state == State::failed;
    if (dead->deliveries.empty() && !stuck) {
        return Error{codes::illegal_transition,
                     fmt::format("message {} is {} and has no dead delivery", id, name(state))};
    }
    for (const std::string& delivery : dead->deliveries) {
        if (auto done = put_back(store, delivery, at_ms); !done) return done.error();
    }
    if (stuck) {
        const State to = dead->deliveries.empty() ? State::accepted : State::queued;
        if (auto done = move_message(store, *message, to, at_ms, "", "replayed"); !done) return done.error();
    }
    for (const std::string& follower : followers) {
        auto row = find_message(store, follower);
        if (!row) return row.error();
        if (row->message.state != State::dead || follower == dead->message_id) continue;
        if (auto done = move_message(store, *row, State::queued, at_ms, "", "replayed"); !done) return done.error();
    }
    return dead->deliveries.size();
}

}  // namespace hansa::journal
