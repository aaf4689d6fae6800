// What the journal keeps: messages, their events, bodies, deliveries, keys and references.
//
// Texts are UTF-8 without NUL, at most `text_bytes_max` long; `detail` texts that are longer or
// not UTF-8 are cut and mended instead, so that a report of trouble is never trouble itself.
// Times are milliseconds since 1970, UTC, and come from the caller's clock: the journal has none,
// and orders by its own counter, so that a clock that jumps changes no order.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/journal/states.h"

namespace hansa::journal {

inline constexpr std::size_t id_characters = 26;      ///< hansa::message_id()
inline constexpr std::size_t digest_characters = 64;  ///< hansa::sha256_hex()
inline constexpr std::size_t text_bytes_max = 2'000;
inline constexpr std::size_t group_records_max = 20'000;  ///< all vectors of a Group together

enum class Direction { in, out };

/// What a message is to its parent.
enum class Relation {
    none,
    translation,  ///< the parent's content in another format
    part,         ///< one document of the parent's batch
    answer,       ///< says something about the parent
    correction,   ///< amends or cancels the parent
    resend        ///< a new attempt at the parent, asked for by a person
};

enum class BodyKind {
    received,      ///< the bytes exactly as they came
    verified,      ///< the part that the signature covers
    pivot,         ///< the document in the union's own words
    sent,          ///< the bytes for the other side
    signature,     ///< a signature that stands beside its bytes
    receipt,       ///< from us or from the receiver
    ledger,        ///< what the translation lost or made up
    verification,  ///< report on the signature, its chain, its stamps
    memory,        ///< what the way back needs and the target has no room for
    compared       ///< what the fast way made, where the reference made something else
};

std::string_view name(Direction direction);
std::string_view name(Relation relation);
std::string_view name(BodyKind kind);
std::optional<BodyKind> body_kind_named(std::string_view word);
std::optional<Relation> relation_named(std::string_view word);

/// Everything but `state`, `reason`, `changed_ms` and `number` is fixed once recorded.
struct Message {
    std::string id;         ///< 26 characters
    std::string parent_id;  ///< empty: none
    Relation relation = Relation::none;
    Direction direction = Direction::in;
    std::string agency_from;
    std::string agency_to;  ///< empty: not known yet (a batch that will be split)
    std::string format;     ///< empty: not recognised
    std::string kind;       ///< of the pivot; empty: not known
    std::string purpose;
    bool test = false;
    std::string transport;        ///< how it came or goes: http, file, ...
    std::string business_key;     ///< to show; uniqueness is BusinessKey's job
    std::string idempotency_key;  ///< to show; the check is IdempotencyKey's job
    std::string digest;           ///< SHA-256, hex, of the received bytes; empty: taken from the body
    std::string plan;             ///< identity of the plan that made it; empty: none
    std::int64_t received_ms = 0;

    State state = State::received;  ///< recorded: may_begin(state). Read: the state now
    std::string reason;             ///< code of the last event, empty for none
    std::int64_t changed_ms = 0;    ///< filled by reads
    std::int64_t number = 0;        ///< filled by reads: the journal's own order
};

/// One row of a message's history. Rows are added, never changed: each carries a seal over itself
/// and the seal before it, so that a changed, missing or added row shows.
struct Event {
    std::int64_t number = 0;  ///< grows over the whole journal
    std::string message_id;
    std::int64_t at_ms = 0;
    State state = State::received;
    std::string code;    ///< an error code, or empty
    std::string detail;  ///< one sentence; never the content of a person's fields
};

/// Bytes to keep, and what they are to a message. Equal bytes are kept once.
struct NewBody {
    std::string message_id;
    BodyKind kind = BodyKind::received;
    std::string bytes;
    std::string name;    ///< to tell several of one kind apart, e.g. the receipt of which agency
    std::string digest;  ///< set, with no bytes: names bytes that the journal has already
};

struct BodyRef {
    std::string message_id;
    BodyKind kind = BodyKind::received;
    std::string name;
    std::string digest;
    std::uint64_t size = 0;  ///< bytes
    bool dropped = false;    ///< by retention: the digest stays, the bytes are gone
    std::int64_t at_ms = 0;
};

/// A step of a message's life.
struct Transition {
    std::string message_id;
    State to = State::accepted;
    std::string code;
    std::string detail;
};

/// A line of the outbox.
struct Delivery {
    std::string id;  ///< 26 characters; the same over all attempts: the receiver's idempotency key
    std::string message_id;
    std::string agency;  ///< to whom
    std::string route;
    std::string transport;
    std::string address;
    std::string body_digest;  ///< must be in the journal
    std::string corridor;     ///< unit of order; empty: in no order
    std::int64_t due_ms = 0;  ///< first attempt; read: next attempt, or the end of the lease
    DeliveryState state = DeliveryState::pending;  ///< recorded: pending or held. Read: the state now

    // Filled by reads; a held one is recorded with code and detail.
    std::int64_t sequence = 0;  ///< place in the corridor
    std::uint32_t attempts = 0;
    std::int64_t token = 0;  ///< of the newest claim
    std::string last_code;
    std::string last_detail;
    std::string receipt_digest;
};

/// How an attempt ended. `token` is the claim's: an outcome of an older claim is refused.
struct Outcome {
    enum class Kind {
        delivered,  ///< the receiver has it
        retry,      ///< not now; again at `due_ms`
        dead,       ///< never; a person may replay it
        released    ///< not tried; gives the claim back, counts no attempt
    };
    std::string delivery_id;
    std::int64_t token = 0;
    Kind kind = Kind::delivered;
    std::int64_t due_ms = 0;
    std::string code;
    std::string detail;
    std::string receipt_digest;  ///< of a receipt in this group or in the journal; may be empty
};

/// What becomes of a delivery that was held.
struct Release {
    std::string delivery_id;
    bool let_go = true;  ///< to the end of its corridor, due now; else it is dead
    std::string code;
    std::string detail;
};

/// One row of a delivery's history; never changed.
struct DeliveryEvent {
    std::int64_t number = 0;
    std::string delivery_id;
    std::int64_t at_ms = 0;
    DeliveryState state = DeliveryState::pending;
    std::uint32_t attempt = 0;
    std::string code;
    std::string detail;
};

/// The sender's own key of a request: same key and digest is a repetition, same key and other
/// digest a conflict.
struct IdempotencyKey {
    std::string agency;
    std::string key;
    std::string digest;
    std::string message_id;
};

/// What the trade calls the document (an order number, a declaration number).
struct BusinessKey {
    std::string message_id;
    std::string agency;
    std::string family;  ///< of formats, so that two editions share their keys
    std::string key;
    bool unique = true;  ///< refuse the group while another message that was not refused has it
};

/// A name under which a message is found: LRN, MRN, a message's GUID, a parcel's number.
struct Reference {
    std::string message_id;
    std::string agency;  ///< whose numbering it is; empty: everyone's
    std::string scheme;
    std::string value;
};

/// A short name that stands for one too long for the receiver.
struct Alias {
    std::string agency_from;
    std::string agency_to;
    std::string alias;
    std::string value;
};

/// All or nothing. Applied in the order: keys, messages, bodies, transitions, deliveries,
/// outcomes, releases, business keys, references, aliases; each vector from its first to its last.
struct Group {
    std::int64_t at_ms = 0;  ///< the time of every row
    std::vector<IdempotencyKey> keys;
    std::vector<Message> messages;
    std::vector<NewBody> bodies;
    std::vector<Transition> transitions;
    std::vector<Delivery> deliveries;
    std::vector<Outcome> outcomes;
    std::vector<Release> releases;
    std::vector<BusinessKey> business_keys;
    std::vector<Reference> references;
    std::vector<Alias> aliases;
};

}  // namespace hansa::journal
