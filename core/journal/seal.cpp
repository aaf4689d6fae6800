#include "core/journal/seal.h"

#include "core/base/digest.h"

namespace hansa::journal {

Seal& Seal::add(std::string_view field) {
    text_ += std::to_string(field.size());
    text_ += ':';
    text_ += field;
    return *this;
}

Seal& Seal::add(std::int64_t field) {
    return add(std::string_view(std::to_string(field)));
}

std::string Seal::finish() const {
    return digest(DigestAlgorithm::sha256, text_).substr(0, 16);
}

std::string seal_of(const Message& m) {
    return Seal("message")
        .add(m.id)
        .add(m.parent_id)
        .add(name(m.relation))
        .add(name(m.direction))
        .add(m.agency_from)
        .add(m.agency_to)
        .add(m.format)
        .add(m.kind)
        .add(m.purpose)
        .add(std::int64_t{m.test})
        .add(m.transport)
        .add(m.business_key)
        .add(m.idempotency_key)
        .add(m.digest)
        .add(m.plan)
        .add(m.received_ms)
        .finish();
}

std::string seal_of_state(std::string_view fixed, const Message& m, std::string_view last_event) {
    return Seal("message-state").add(fixed).add(name(m.state)).add(m.reason).add(m.changed_ms).add(last_event).finish();
}

std::string seal_of(std::string_view before, const Event& e) {
    return Seal("event")
        .add(before)
        .add(e.message_id)
        .add(e.at_ms)
        .add(name(e.state))
        .add(e.code)
        .add(e.detail)
        .finish();
}

std::string seal_of(const Delivery& d) {
    return Seal("delivery")
        .add(d.id)
        .add(d.message_id)
        .add(d.agency)
        .add(d.route)
        .add(d.transport)
        .add(d.address)
        .add(d.body_digest)
        .add(d.corridor)
        .finish();
}

std::string seal_of_state(std::string_view fixed, const Delivery& d, std::string_view last_event) {
    return Seal("delivery-state")
        .add(fixed)
        .add(name(d.state))
        .add(d.sequence)
        .add(d.due_ms)
        .add(std::int64_t{d.attempts})
        .add(d.token)
        .add(d.last_code)
        .add(d.last_detail)
        .add(d.receipt_digest)
        .add(last_event)
        .finish();
}

std::string seal_of(std::string_view before, const DeliveryEvent& e) {
    return Seal("delivery-event")
        .add(before)
        .add(e.delivery_id)
        .add(e.at_ms)
        .add(name(e.state))
        .add(std::int64_t{e.attempt})
        .add(e.code)
        .add(e.detail)
        .finish();
}

std::string seal_of(const BodyRef& a) {
    return Seal("attachment").add(a.message_id).add(name(a.kind)).add(a.name).add(a.digest).add(a.at_ms).finish();
}

std::string seal_of(const IdempotencyKey& k) {
    return Seal("key").add(k.agency).add(k.key).add(k.digest).add(k.message_id).finish();
}

std::string seal_of(const BusinessKey& k) {
    return Seal("business-key")
        .add(k.message_id)
        .add(k.agency)
        .add(k.family)
        .add(k.key)
        .add(std::int64_t{k.unique})
        .finish();
}

std::string seal_of(const Reference& r) {
    return Seal("reference").add(r.message_id).add(r.agency).add(r.scheme).add(r.value).finish();
}

std::string seal_of(const Alias& a) {
    return Seal("alias").add(a.agency_from).add(a.agency_to).add(a.alias).add(a.value).finish();
}

}  // namespace hansa::journal
