#include "core/journal/group.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "core/base/digest.h"
#include "core/journal/bodies.h"
#include "core/journal/codes.h"
#include "core/journal/names.h"
#include "core/journal/outbox.h"
#include "core/journal/seal.h"

namespace hansa::journal {
namespace {

/// Length of the UTF-8 sequence that begins here, 0 if none does (RFC 3629, section 4).
std::size_t sequence_length(std::string_view text) {
    const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
    const auto follows = [&](std::size_t i, unsigned low = 0x80, unsigned high = 0xBF) {
        return byte(i) >= low && byte(i) <= high;
    };
    const unsigned first = byte(0);
    if (first < 0x80) return 1;
    if (first >= 0xC2 && first <= 0xDF) return follows(1) ? 2 : 0;
    if (first >= 0xE0 && first <= 0xEF) {
        const unsigned low = first == 0xE0 ? 0xA0 : 0x80;
        const unsigned high = first == 0xED ? 0x9F : 0xBF;
        return follows(1, low, high) && follows(2) ? 3 : 0;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        const unsigned low = first == 0xF0 ? 0x90 : 0x80;
        const unsigned high = first == 0xF4 ? 0x8F : 0xBF;
        return follows(1, low, high) && follows(2) && follows(3) ? 4 : 0;
    }
    return 0;
}

bool is_of(std::string_view text, std::size_t length, std::string_view alphabet) {
    return text.size() == length && text.find_first_not_of(alphabet) == std::string_view::npos;
}

/// Collects the first fault of a group's fields.
class Check {
public:
    Check& id(std::string_view what, std::string_view value, bool required = true) {
        if (value.empty() && !required) return *this;
        return demand(is_of(value, id_characters, "0123456789ABCDEFGHJKMNPQRSTVWXYZ"), what,
                      "is not an id of 26 characters");
    }
    Check& digest(std::string_view what, std::string_view value, bool required = true) {
        if (value.empty() && !required) return *this;
        return demand(is_of(value, digest_characters, "0123456789abcdef"), what, "is not a SHA-256 in hexadecimal");
    }
    Check& text(std::string_view what, std::string_view value, bool required = false) {
        demand(!required || !value.empty(), what, "is missing");
        return demand(is_recordable(value), what, "is too long, not UTF-8, or holds a NUL");
    }
    Check& demand(bool holds, std::string_view what, std::string_view fault) {
        if (!holds && !error_) error_ = Error{codes::bad_record, fmt::format("{} {}", what, fault)};
        return *this;
    }
    Result<void> result() const {
        if (error_) return *error_;
        return {};
    }

private:
    std::optional<Error> error_;
};

void check_messages(Check& check, const Group& group) {
    for (const Message& m : group.messages) {
        check.id("message id", m.id).id("parent id", m.parent_id, false).digest("message digest", m.digest, false);
        check.text("agency_from", m.agency_from).text("agency_to", m.agency_to).text("format", m.format);
        check.text("kind", m.kind).text("purpose", m.purpose).text("transport", m.transport).text("plan", m.plan);
        check.text("business key", m.business_key).text("idempotency key", m.idempotency_key).text("reason", m.reason);
        check.demand(may_begin(m.state), "first state", "must be received or translated");
        check.demand(m.parent_id.empty() == (m.relation == Relation::none), "relation",
                     "and parent id belong together");
        check.demand(m.id != m.parent_id, "parent id", "is the message's own");
    }
    for (const Transition& t : group.transitions) check.id("message id", t.message_id).text("code", t.code);
}

void check_bodies(Check& check, const Group& group) {
    for (const NewBody& b : group.bodies) {
        check.id("body's message id", b.message_id).text("body name", b.name).digest("body digest", b.digest, false);
    }
}

void check_outbox(Check& check, const Group& group) {
    for (const Delivery& d : group.deliveries) {
        check.id("delivery id", d.id)
            .id("delivery's message id", d.message_id)
            .digest("delivery's body", d.body_digest);
        check.text("delivery's agency", d.agency, true).text("route", d.route).text("transport", d.transport, true);
        check.text("address", d.address).text("corridor", d.corridor).text("code", d.last_code);
        check.demand(d.state == DeliveryState::pending || d.state == DeliveryState::held, "first state of a delivery",
                     "must be pending or held");
    }
    for (const Outcome& o : group.outcomes) {
        check.id("delivery id", o.delivery_id).text("code", o.code).digest("receipt", o.receipt_digest, false);
    }
    for (const Release& r : group.releases) check.id("delivery id", r.delivery_id).text("code", r.code);
}

void check_names(Check& check, const Group& group) {
    for (const IdempotencyKey& k : group.keys) {
        check.text("key's agency", k.agency, true).text("key", k.key, true).digest("key's digest", k.digest);
        check.id("key's message id", k.message_id);
    }
    for (const BusinessKey& k : group.business_keys) {
        check.id("business key's message id", k.message_id).text("agency", k.agency).text("family", k.family, true);
        check.text("business key", k.key, true);
    }
    for (const Reference& r : group.references) {
        check.id("reference's message id", r.message_id).text("agency", r.agency).text("scheme", r.scheme, true);
        check.text("reference", r.value, true);
    }
    for (const Alias& a : group.aliases) {
        check.text("agency_from", a.agency_from).text("agency_to", a.agency_to).text("alias", a.alias, true);
        check.text("value", a.value, true);
    }
}

std::size_t records_of(const Group& g) {
    return g.keys.size() + g.messages.size() + g.bodies.size() + g.transitions.size() + g.deliveries.size() +
           g.outcomes.size() + g.releases.size() + g.business_keys.size() + g.references.size() + g.aliases.size();
}

Result<void> digest_bodies(Group& group, const SqliteOptions& options, std::uint64_t& bytes) {
    for (NewBody& body : group.bodies) {
        if (body.bytes.size() > options.body_bytes_max) {
            return Error{codes::too_large, fmt::format("a body of {} bytes; body_bytes_max is {}", body.bytes.size(),
                                                       options.body_bytes_max)};
        }
        bytes += body.bytes.size();
    }
    if (bytes > options.group_bytes_max) {
        return Error{codes::too_large,
                     fmt::format("bodies of {} bytes; group_bytes_max is {}", bytes, options.group_bytes_max)};
    }
    for (NewBody& body : group.bodies) {
        if (body.bytes.empty() && !body.digest.empty()) continue;
        std::string own = sha256_hex(body.bytes);
        if (!body.digest.empty() && body.digest != own) {
            return Error{codes::bad_record,
                         fmt::format("a body of message {} has another digest than was given", body.message_id)};
        }
        body.digest = std::move(own);
    }
    return {};
}

/// A message without a digest is named by the bytes that came with it.
Result<void> name_messages(Group& group) {
    for (Message& message : group.messages) {
        const auto received = std::find_if(group.bodies.begin(), group.bodies.end(), [&](const NewBody& body) {
            return body.kind == BodyKind::received && body.message_id == message.id;
        });
        if (received == group.bodies.end()) continue;
        if (!message.digest.empty() && message.digest != received->digest) {
            return Error{codes::bad_record,
                         fmt::format("message {} has not the digest of its received body", message.id)};
        }
        message.digest = received->digest;
    }
    return {};
}

/// One group inside one transaction; remembers the messages it touched.
class Apply {
public:
    Apply(Connection& store, BodyFile& bodies, const Group& group) : store_(store), bodies_(bodies), group_(group) {}

    /// A key that is known decides before anything is written. Set: the earlier message.
    Result<std::optional<std::string>> known_key();
    Result<void> all();

private:
    Result<void> add_message(const Message& given);
    Result<void> add_key(const IdempotencyKey& key);
    Result<void> add_body(const NewBody& body);
    Result<void> move(const Transition& step);
    Result<void> add(const Delivery& delivery);
    Result<void> add_names();
    Result<void> add(const Alias& alias);
    Result<MessageRow*> row_of(std::string_view id);

    template <class Record, class Step>
    Result<void> each(const std::vector<Record>& records, Step step) {
        for (const Record& record : records) {
            if (auto done = step(record); !done) return done.error();
        }
        return {};
    }

    Connection& store_;
    BodyFile& bodies_;
    const Group& group_;
    std::map<std::string, MessageRow, std::less<>> rows_;
};

Result<std::optional<std::string>> Apply::known_key() {
    for (const IdempotencyKey& key : group_.keys) {
        std::optional<std::string> digest, message;
        auto done = store_.query(
            "SELECT i.digest, m.id FROM idempotency i JOIN message m ON m.number = i.message WHERE i.agency = ?1 AND "
            "i.key = ?2",
            {std::string_view(key.agency), std::string_view(key.key)}, [&](const Row& row) {
                digest = row.text(0);
                message = row.text(1);
                return false;
            });
        if (!done) return done.error();
        if (!digest) continue;
        if (*digest == key.digest) return message;
        return Error{codes::key_conflict,
                     fmt::format("key '{}' of {} belongs to message {}", key.key, key.agency, *message)};
    }
    return std::optional<std::string>();
}

Result<MessageRow*> Apply::row_of(std::string_view id) {
    if (const auto known = rows_.find(id); known != rows_.end()) return &known->second;
    auto found = find_message(store_, id);
    if (!found) return found.error();
    return &rows_.emplace(std::string(id), std::move(*found)).first->second;
}

Result<void> Apply::add_message(const Message& given) {
    MessageRow row{.message = given};
    Message& m = row.message;
    m.changed_ms = group_.at_ms;
    row.seal = seal_of(m);
    const Event first{.message_id = m.id, .at_ms = group_.at_ms, .state = m.state, .code = m.reason};
    row.event_seal = seal_of(row.seal, first);
    const std::string state_seal = seal_of_state(row.seal, m, row.event_seal);
    auto done = store_.run(
        "INSERT INTO message(id, parent_id, relation, direction, agency_from, agency_to, format, kind, purpose, test, "
        "transport, business_key, idempotency_key, digest, plan, received_ms, seal, state, reason, changed_ms, "
        "event_seal, "
        "state_seal) VALUES(?1, nullif(?2, ''), ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, "
        "?18, ?19, "
        "?20, ?21, ?22)",
        {std::string_view(m.id),
         std::string_view(m.parent_id),
         name(m.relation),
         name(m.direction),
         std::string_view(m.agency_from),
         std::string_view(m.agency_to),
         std::string_view(m.format),
         std::string_view(m.kind),
         std::string_view(m.purpose),
         std::int64_t{m.test},
         std::string_view(m.transport),
         std::string_view(m.business_key),
         std::string_view(m.idempotency_key),
         std::string_view(m.digest),
         std::string_view(m.plan),
         m.received_ms,
         Blob{row.seal},
         name(m.state),
         std::string_view(m.reason),
         m.changed_ms,
         Blob{row.event_seal},
         Blob{state_seal}});
    if (!done && done.error().code == codes::not_found) return not_found("parent message", m.parent_id);
    if (!done && done.error().code == codes::already_recorded) {
        return Error{codes::already_recorded, fmt::format("message {}", m.id)};
    }
    if (!done) return done.error();
    m.number = store_.last_row();
    done = store_.run("INSERT INTO event(message, at_ms, state, code, detail, seal) VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
                      {m.number, first.at_ms, name(first.state), std::string_view(first.code),
                       std::string_view(first.detail), Blob{row.event_seal}});
    if (!done) return done.error();
    rows_.insert_or_assign(given.id, std::move(row));
    return {};
}

Result<void> Apply::add_key(const IdempotencyKey& key) {
    const auto row = row_of(key.message_id);
    if (!row) return row.error();
    const std::string seal = seal_of(key);
    auto done = store_.run("INSERT INTO idempotency(agency, key, digest, message, seal) VALUES(?1, ?2, ?3, ?4, ?5)",
                           {std::string_view(key.agency), std::string_view(key.key), std::string_view(key.digest),
                            (*row)->message.number, Blob{seal}});
    // known_key() found nothing, so the group itself names the key twice.
    if (!done && done.error().code == codes::already_recorded) {
        return Error{codes::key_conflict, fmt::format("key '{}' stands twice in one group", key.key)};
    }
    return done;
}

Result<void> Apply::add_body(const NewBody& body) {
    const auto row = row_of(body.message_id);
    if (!row) return row.error();
    static const std::string digest_of_nothing = sha256_hex("");
    const bool only_named = body.bytes.empty() && body.digest != digest_of_nothing;
    BodyRef attachment{.message_id = body.message_id, .kind = body.kind, .name = body.name, .at_ms = group_.at_ms};
    attachment.digest = body.digest;
    if (!only_named) {
        if (auto kept = keep_bytes(store_, bodies_, body.digest, body.bytes, group_.at_ms); !kept) return kept;
    }
    const std::string seal = seal_of(attachment);
    auto done =
        store_.run("INSERT INTO attachment(message, kind, name, digest, at_ms, seal) VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
                   {(*row)->message.number, name(body.kind), std::string_view(body.name),
                    std::string_view(attachment.digest), group_.at_ms, Blob{seal}});
    if (!done && done.error().code == codes::not_found) return not_found("body", attachment.digest);
    return done;
}

Result<void> Apply::move(const Transition& step) {
    const auto row = row_of(step.message_id);
    if (!row) return row.error();
    return move_message(store_, **row, step.to, group_.at_ms, step.code, step.detail);
}

Result<void> Apply::add(const Delivery& delivery) {
    const auto row = row_of(delivery.message_id);
    if (!row) return row.error();
    return add_delivery(store_, delivery, (*row)->message.number, group_.at_ms);
}

/// The names of each message become one list.
Result<void> Apply::add_names() {
    struct Named {
        std::int64_t message = 0;
        NameList list;
    };
    std::map<std::string_view, Named> named;
    const auto add_name = [&](const auto& name) -> Result<void> {
        const auto [place, fresh] = named.try_emplace(name.message_id);
        if (fresh) {
            const auto row = row_of(name.message_id);
            if (!row) return row.error();
            place->second.message = (*row)->message.number;
        }
        place->second.list.add(name);
        return {};
    };
    auto done = each(group_.business_keys, add_name);
    if (done) done = each(group_.references, add_name);
    for (const auto& [id, one] : named) {
        if (done) done = one.list.keep(store_, id, one.message);
    }
    return done;
}

Result<void> Apply::add(const Alias& alias) {
    const auto conflict = store_.number(
        "SELECT count(*) FROM alias WHERE agency_from = ?1 AND agency_to = ?2 AND "
        "alias = ?3 AND value <> ?4",
        {std::string_view(alias.agency_from), std::string_view(alias.agency_to), std::string_view(alias.alias),
         std::string_view(alias.value)});
    if (!conflict) return conflict.error();
    if (*conflict != 0)
        return Error{codes::alias_conflict, fmt::format("alias '{}' for '{}'", alias.alias, alias.value)};
    const std::string seal = seal_of(alias);
    return store_.run(
        "INSERT INTO alias(agency_from, agency_to, alias, value, seal) VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT DO "
        "NOTHING",
        {std::string_view(alias.agency_from), std::string_view(alias.agency_to), std::string_view(alias.alias),
         std::string_view(alias.value), Blob{seal}});
}

Result<void> Apply::all() {
    const auto add_one = [&](const auto& record) { return add(record); };
    Result<void> done = each(group_.messages, [&](const Message& m) { return add_message(m); });
    if (done) done = each(group_.keys, [&](const IdempotencyKey& k) { return add_key(k); });
    if (done) done = each(group_.bodies, [&](const NewBody& b) { return add_body(b); });
    if (done) done = each(group_.transitions, [&](const Transition& t) { return move(t); });
    if (done) done = each(group_.deliveries, add_one);
    if (done) done = each(group_.outcomes, [&](const Outcome& o) { return apply_outcome(store_, o, group_.at_ms); });
    if (done) done = each(group_.releases, [&](const Release& r) { return apply_release(store_, r, group_.at_ms); });
    if (done) done = add_names();
    if (done) done = each(group_.aliases, add_one);
    return done;
}

}  // namespace

bool is_recordable(std::string_view text) {
    if (text.size() > text_bytes_max) return false;
    while (!text.empty()) {
        const std::size_t length = sequence_length(text);
        if (length == 0 || text.front() == '\0') return false;
        text.remove_prefix(length);
    }
    return true;
}

std::string mended(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const std::size_t length = text.front() == '\0' ? 0 : sequence_length(text);
        const std::string_view piece = length == 0 ? std::string_view("?") : text.substr(0, length);
        if (out.size() + piece.size() > text_bytes_max) break;
        out += piece;
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return out;
}

Result<void> prepare(Group& group, const SqliteOptions& options, std::uint64_t& bytes) {
    if (records_of(group) > group_records_max) {
        return Error{codes::too_large,
                     fmt::format("{} records; group_records_max is {}", records_of(group), group_records_max)};
    }
    bytes = 0;
    if (auto done = digest_bodies(group, options, bytes); !done) return done.error();
    Check check;
    check_messages(check, group);
    check_bodies(check, group);
    check_outbox(check, group);
    check_names(check, group);
    if (auto done = check.result(); !done) return done.error();
    for (Transition& step : group.transitions) step.detail = mended(step.detail);
    for (Outcome& outcome : group.outcomes) outcome.detail = mended(outcome.detail);
    for (Release& release : group.releases) release.detail = mended(release.detail);
    for (Delivery& delivery : group.deliveries) delivery.last_detail = mended(delivery.last_detail);
    return name_messages(group);
}

Result<Committed> apply(Connection& store, BodyFile& bodies, const Group& group) {
    Apply work(store, bodies, group);
    auto earlier = work.known_key();
    if (!earlier) return earlier.error();
    if (*earlier) return Committed{.earlier_message_id = std::move(*earlier)};
    if (auto done = work.all(); !done) return done.error();
    return Committed{};
}

Result<void> move_message(Connection& store, MessageRow& row, State to, std::int64_t at_ms, std::string_view code,
                          std::string_view detail) {
    Message& m = row.message;
    if (!may_follow(m.state, to)) {
        return Error{codes::illegal_transition,
                     fmt::format("message {} is {}, not to become {}", m.id, name(m.state), name(to))};
    }
    const Event event{
        .message_id = m.id, .at_ms = at_ms, .state = to, .code = std::string(code), .detail = std::string(detail)};
    row.event_seal = seal_of(row.event_seal, event);
    auto done = store.run("INSERT INTO event(message, at_ms, state, code, detail, seal) VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
                          {m.number, at_ms, name(to), std::string_view(event.code), std::string_view(event.detail),
                           Blob{row.event_seal}});
    if (!done) return done.error();
    m.state = to;
    m.reason = event.code;
    m.changed_ms = at_ms;
    const std::string state_seal = seal_of_state(row.seal, m, row.event_seal);
    return store.run(
        "UPDATE message SET state = ?2, reason = ?3, changed_ms = ?4, event_seal = ?5, state_seal = ?6 WHERE number = "
        "?1",
        {m.number, name(to), std::string_view(m.reason), at_ms, Blob{row.event_seal}, Blob{state_seal}});
}

}  // namespace hansa::journal
