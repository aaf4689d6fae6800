#include "core/journal/verify.h"

#include <fmt/format.h>

#include "core/journal/bodies.h"
#include "core/journal/codes.h"
#include "core/journal/names.h"
#include "core/journal/rows.h"
#include "core/journal/seal.h"

namespace hansa::journal {
namespace {

class Verify {
public:
    Verify(Connection& store, BodyFile& bodies, Diagnostics& faults)
        : store_(store), bodies_(bodies), faults_(faults) {}
    Result<VerifyReport> all();

private:
    void structure();
    void links();
    void messages();
    void events();
    void bodies();
    void attachments();
    void deliveries();
    void delivery_events();
    void names();
    void corridors();

    /// A table that cannot be read to its end is a fault, not the end of the others' check.
    void each(std::string_view table, std::string_view sql, const OnRow& on_row) {
        auto done = store_.query(sql, {}, on_row);
        if (!done) add(done.error().code, fmt::format("{}: {}", table, done.error().detail));
    }
    void add(Code code, std::string detail) {
        faults_.add(code, std::move(detail));
        ++report_.faults;
    }
    template <class Record>
    bool sealed(const Record& record, std::string_view seal, std::string_view what, std::string_view id) {
        if (seal_of(record) != seal) add(codes::record_damaged, fmt::format("{} {}", what, id));
        return true;
    }

    Connection& store_;
    BodyFile& bodies_;
    Diagnostics& faults_;
    VerifyReport report_;
};

void Verify::structure() {
    each("structure", "PRAGMA integrity_check(100)", [&](const Row& row) {
        if (row.view(0) != "ok") add(codes::corrupt, row.text(0).substr(0, 300));
        return true;
    });
}

void Verify::links() {
    each("links", "PRAGMA foreign_key_check", [&](const Row& row) {
        add(codes::dangling,
            fmt::format("row {} of {} names a row of {} that is not there", row.number(1), row.view(0), row.view(2)));
        return faults_.count() < 100'000;
    });
}

void Verify::messages() {
    each("message", "SELECT " + message_columns + " FROM message m ORDER BY m.number", [&](const Row& row) {
        ++report_.messages;
        if (auto read = read_message(row); !read) add(read.error().code, read.error().detail);
        return true;
    });
}

/// Follows each message's chain; its last link must be the one that the message row holds.
void Verify::events() {
    std::int64_t current = 0;
    std::string chain, end;
    bool whole = true;
    Event event;
    const auto close = [&] {
        if (current != 0 && (!whole || chain != end))
            add(codes::record_damaged, fmt::format("the history of message {}", event.message_id));
    };
    each("event",
         "SELECT m.number, m.id, m.seal, m.event_seal, m.state, e.at_ms, e.state, e.code, e.detail, e.seal FROM "
         "message m "
         "LEFT JOIN event e ON e.message = m.number ORDER BY m.number, e.number",
         [&](const Row& row) {
             if (row.number(0) != current) {
                 close();
                 current = row.number(0);
                 chain = row.text(2);
                 end = row.text(3);
                 whole = true;
                 event.message_id = row.text(1);
             }
             if (row.is_null(9)) return true;  // no event at all: the chain's end differs
             ++report_.events;
             const auto state = state_named(row.view(6));
             event.at_ms = row.number(5);
             event.state = state.value_or(State::received);
             event.code = row.text(7);
             event.detail = row.text(8);
             chain = state ? seal_of(chain, event) : std::string();
             whole = whole && chain == row.view(9);
             return true;
         });
    close();
}

void Verify::bodies() {
    const std::string sql = fmt::format("SELECT {} FROM body ORDER BY number", body_place_columns);
    each("body", sql, [&](const Row& row) {
        ++report_.bodies;
        const auto bytes = body_of(row, bodies_);
        if (bytes) report_.body_bytes += bytes->size();
        const bool dropped = !bytes && bytes.error().code == codes::body_dropped;
        if (dropped && !(row.is_null(2) && row.is_null(3))) {
            add(codes::body_damaged, fmt::format("body {} is marked as dropped", row.view(0)));
        }
        if (!bytes && !dropped) add(bytes.error().code, bytes.error().detail);
        return true;
    });
}

void Verify::attachments() {
    each("attachment",
         "SELECT m.id, a.kind, a.name, a.digest, a.at_ms, a.seal FROM attachment a JOIN message m ON m.number = "
         "a.message",
         [&](const Row& row) {
             const auto kind = body_kind_named(row.view(1));
             const BodyRef ref{.message_id = row.text(0),
                               .kind = kind.value_or(BodyKind::received),
                               .name = row.text(2),
                               .digest = row.text(3),
                               .at_ms = row.number(4)};
             return sealed(ref, kind ? row.view(5) : std::string_view(), "a body of message", ref.message_id);
         });
}

void Verify::deliveries() {
    each("delivery",
         "SELECT " + delivery_columns + " FROM delivery d JOIN message m ON m.number = d.message ORDER BY d.number",
         [&](const Row& row) {
             ++report_.deliveries;
             if (auto read = read_delivery(row); !read) add(read.error().code, read.error().detail);
             return true;
         });
}

void Verify::delivery_events() {
    std::int64_t current = 0;
    std::string chain, end;
    bool whole = true;
    DeliveryEvent event;
    const auto close = [&] {
        if (current != 0 && (!whole || chain != end))
            add(codes::record_damaged, fmt::format("the history of delivery {}", event.delivery_id));
    };
    each("delivery_event",
         "SELECT d.number, d.id, d.seal, d.event_seal, e.at_ms, e.state, e.attempt, e.code, e.detail, e.seal FROM "
         "delivery d "
         "LEFT JOIN delivery_event e ON e.delivery = d.number ORDER BY d.number, e.number",
         [&](const Row& row) {
             if (row.number(0) != current) {
                 close();
                 current = row.number(0);
                 chain = row.text(2);
                 end = row.text(3);
                 whole = true;
                 event.delivery_id = row.text(1);
             }
             if (row.is_null(9)) return true;
             const auto state = delivery_state_named(row.view(5));
             event.at_ms = row.number(4);
             event.state = state.value_or(DeliveryState::pending);
             event.attempt = static_cast<std::uint32_t>(row.number(6));
             event.code = row.text(7);
             event.detail = row.text(8);
             chain = state ? seal_of(chain, event) : std::string();
             whole = whole && chain == row.view(9);
             return true;
         });
    close();
}

void Verify::names() {
    each("idempotency",
         "SELECT i.agency, i.key, i.digest, m.id, i.seal FROM idempotency i JOIN message m ON m.number = i.message",
         [&](const Row& row) {
             const IdempotencyKey key{row.text(0), row.text(1), row.text(2), row.text(3)};
             return sealed(key, row.view(4), "the key of message", key.message_id);
         });
    const auto references =
        verify_names(store_, [&](std::string what) { add(codes::record_damaged, std::move(what)); });
    if (references) report_.references = *references;
    if (!references) add(references.error().code, fmt::format("names: {}", references.error().detail));
    each("alias", "SELECT agency_from, agency_to, alias, value, seal FROM alias", [&](const Row& row) {
        return sealed(Alias{row.text(0), row.text(1), row.text(2), row.text(3)}, row.view(4), "alias", row.view(2));
    });
}

void Verify::corridors() {
    each("corridor",
         "SELECT d.corridor, max(d.sequence), count(*) - count(DISTINCT d.sequence), c.last_sequence FROM delivery d "
         "LEFT JOIN "
         "corridor c ON c.name = d.corridor GROUP BY d.corridor",
         [&](const Row& row) {
             if (row.is_null(3) || row.number(1) > row.number(3) || row.number(2) != 0) {
                 add(codes::record_damaged, fmt::format("the order of corridor '{}'", row.view(0)));
             }
             return true;
         });
}

Result<VerifyReport> Verify::all() {
    structure();
    links();
    messages();
    events();
    bodies();
    attachments();
    deliveries();
    delivery_events();
    names();
    corridors();
    return report_;
}

}  // namespace

Result<VerifyReport> verify(Connection& store, BodyFile& bodies, Diagnostics& faults) {
    return Verify(store, bodies, faults).all();
}

}  // namespace hansa::journal
