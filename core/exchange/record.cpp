// The stage record: everything that became of a message as one group of the journal, or nothing.
#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "core/base/digest.h"
#include "core/base/ids.h"
#include "core/base/log.h"
#include "core/exchange/codes.h"
#include "core/exchange/conversation.h"
#include "core/exchange/gathering.h"
#include "core/exchange/holding.h"
#include "core/exchange/kept_documents.h"
#include "core/exchange/passage.h"
#include "core/exchange/pivot_store.h"
#include "core/exchange/receipt.h"
#include "core/exchange/verification_report.h"
#include "core/journal/codes.h"
#include "core/mapping/mapping.h"

namespace hansa::exchange {
namespace {

using journal::BodyKind;
using journal::Group;
using journal::State;

journal::Message incoming(const Passage& passage) {
    journal::Message out;
    out.id = passage.id;
    out.direction = journal::Direction::in;
    out.agency_from = passage.submission.agency;
    out.test = passage.submission.test;
    out.transport = passage.submission.transport;
    out.idempotency_key = passage.submission.idempotency_key;
    out.digest = passage.digest;
    out.received_ms = passage.received_ms;
    if (passage.format != nullptr) {
        out.format = passage.format->id;
        out.kind = pivot::kind_name(passage.format->kind);
    }
    if (!passage.base_id.empty()) {
        out.parent_id = passage.base_id;
        out.relation = journal::Relation::correction;
    } else if (!passage.questions.empty() && passage.questions.front()) {
        out.parent_id = passage.questions.front()->sent.id;
        out.relation = journal::Relation::answer;
    }
    return out;
}

void add_body(Group& group, const std::string& message_id, BodyKind kind, std::string bytes, std::string name = {}) {
    journal::NewBody body;
    body.message_id = message_id;
    body.kind = kind;
    body.bytes = std::move(bytes);
    body.name = std::move(name);
    group.bodies.push_back(std::move(body));
}

/// How the trade calls a document: the references of its table, else its own reference.
std::string business_key(const Passage& passage, std::size_t number) {
    std::string out;
    const Facts& facts = passage.facts[number];
    for (const std::string& part : facts.names) out += (out.empty() ? "" : "+") + part;
    return out.empty() ? facts.own_reference : out;
}

std::vector<std::size_t> all_of(std::size_t count) {
    std::vector<std::size_t> out(count);
    std::iota(out.begin(), out.end(), std::size_t{0});
    return out;
}

/// The documents, or, where nobody needed them, how they are made again (kept_documents.h).
std::string pivot_body(const Passage& passage, const std::vector<std::size_t>& numbers) {
    if (!passage.has_documents) return recipe_json({passage.id, passage.format->mapping->digest(), numbers});
    std::vector<pivot::Document> documents;
    for (const std::size_t number : numbers) documents.push_back(passage.documents[number]);
    return documents_to_json(documents);
}

void add_incoming(Group& group, const Passage& passage) {
    journal::Message message = incoming(passage);
    const bool fresh = passage.base_id.empty() && passage.format->kind != pivot::Kind::response;
    for (std::size_t i = 0; i < passage.facts.size(); ++i) {
        const std::string key = business_key(passage, i);
        if (i == 0) message.business_key = key;
        if (!key.empty()) {
            group.business_keys.push_back({passage.id, passage.sender->id, fmt::format("{}{}", passage.submission.test ? "test." : "", message.kind), key, fresh});
        }
        for (const auto& [scheme, value] : passage.facts[i].references) {
            group.references.push_back({passage.id, passage.sender->id, scheme, value});
        }
    }
    group.messages.push_back(std::move(message));
    add_body(group, passage.id, BodyKind::received, passage.submission.bytes);
    add_body(group, passage.id, BodyKind::pivot, pivot_body(passage, all_of(passage.facts.size())));
    for (const Gathered& one : passage.gathered) {
        const std::string own = gather_name(one.route->name, one.document);
        group.references.push_back({passage.id, {}, std::string(gather_scheme), own});
        if (!one.other.empty()) group.references.push_back({passage.id, {}, std::string(one.takes_out ? takes_out_scheme : instead_scheme), other_name(own, one.other)});
    }
    for (const trust::Verification& found : passage.verifications) {
        add_body(group, passage.id, BodyKind::verification, verification_json(found));
    }
    const bool differed = !passage.difference.empty();
    const std::string code = differed ? std::string(codes::engines_differ.name()) : std::string();
    if (!passage.waits.empty()) {
        group.transitions.push_back({passage.id, State::held, code, differed ? passage.difference : waiting_words(passage.waits)});
        return;
    }
    group.transitions.push_back({passage.id, State::accepted, code, passage.difference});
    for (const State state : {State::translated, State::queued}) group.transitions.push_back({passage.id, state, {}, {}});
}

journal::Delivery delivery_of(const Passage& passage, const journal::Message& message, const Agency& receiver, std::string route) {
    journal::Delivery out;
    out.id = message_id();
    out.message_id = message.id;
    out.agency = receiver.id;
    out.route = std::move(route);
    // An agency without an address has messages that wait as dead letters until it gets one.
    out.address = receiver.address ? receiver.address->url : "none:";
    out.transport = out.address.substr(0, out.address.find(':'));
    out.body_digest = message.digest;
    out.corridor = fmt::format("{}>{}>{}", passage.sender->id, receiver.id, message.kind);
    out.due_ms = passage.received_ms;
    return out;
}

/// What is made of the message for a receiver.
journal::Message message_to(const Passage& passage, const std::string& id, const Agency& receiver, std::string_view bytes) {
    journal::Message message;
    message.id = id;
    message.parent_id = passage.id;
    message.relation = journal::Relation::translation;
    message.direction = journal::Direction::out;
    message.agency_from = passage.sender->id;
    message.agency_to = receiver.id;
    message.test = passage.submission.test;
    message.received_ms = passage.received_ms;
    message.state = State::translated;
    message.digest = sha256_hex(bytes);
    return message;
}

}  // namespace

void add_outgoing(Group& group, const Passage& passage, const Outgoing& outgoing) {
    journal::Message message = message_to(passage, outgoing.id, *outgoing.receiver, outgoing.bytes);
    message.format = outgoing.format->id;
    message.kind = pivot::kind_name(outgoing.format->kind);
    message.purpose = purpose_name(outgoing.purpose);
    message.plan = outgoing.plan;
    add_body(group, outgoing.id, BodyKind::sent, outgoing.bytes);
    add_body(group, outgoing.id, BodyKind::pivot, pivot_body(passage, outgoing.documents));
    add_body(group, outgoing.id, BodyKind::ledger, outgoing.ledger.json(passage.format->id, outgoing.format->id));
    journal::Delivery delivery = delivery_of(passage, message, *outgoing.receiver, outgoing.route == nullptr ? "answer" : outgoing.route->name);
    group.messages.push_back(std::move(message));
    if (!outgoing.waits.empty()) {
        delivery.state = journal::DeliveryState::held;
        delivery.last_detail = waiting_words(passage.waits);
        for (const std::string& name : outgoing.waits) group.references.push_back({outgoing.id, {}, std::string(wait_scheme), name});
        if (!outgoing.difference.empty()) add_body(group, outgoing.id, BodyKind::compared, outgoing.other);
    } else if (outgoing.difference.empty()) {
        group.transitions.push_back({outgoing.id, State::queued, {}, {}});
    } else {
        add_body(group, outgoing.id, BodyKind::compared, outgoing.other);
        group.transitions.push_back({outgoing.id, State::queued, std::string(codes::engines_differ.name()), outgoing.difference});
    }
    group.deliveries.push_back(std::move(delivery));
    std::ranges::copy(outgoing.references, std::back_inserter(group.references));
    for (const mapping::Alias& alias : outgoing.aliases) {
        group.aliases.push_back({passage.sender->id, outgoing.receiver->id, alias.alias, alias.value});
    }
}

namespace {

void add_copy(Group& group, const Passage& passage, const RegulatorCopy& copy) {
    journal::Message message = message_to(passage, copy.id, *copy.receiver, copy.bytes);
    message.format = regulator_copy_format;
    message.kind = pivot::kind_name(passage.format->kind);
    message.purpose = purpose_name(Purpose::copy);
    message.plan = copy.rows;
    add_body(group, copy.id, BodyKind::sent, copy.bytes);
    group.transitions.push_back({copy.id, State::queued, {}, {}});
    group.deliveries.push_back(delivery_of(passage, message, *copy.receiver, "regulator." + copy.role));
    group.messages.push_back(std::move(message));
}

/// The question's own messages learn that they were answered.
void add_answered(Group& group, const Passage& passage) {
    std::vector<std::string> done;
    for (const auto& question : passage.questions) {
        if (!question) continue;
        for (const journal::Message* message : {&question->sent, &question->received}) {
            if (std::ranges::find(done, message->id) != done.end() || !journal::may_follow(message->state, State::answered)) continue;
            group.transitions.push_back({message->id, State::answered, {}, fmt::format("by {}", passage.id)});
            done.push_back(message->id);
        }
    }
}

Error in_our_words(const Error& error) {
    if (error.code == journal::codes::key_conflict) return Error{codes::duplicate_key, error.detail};
    if (error.code == journal::codes::business_duplicate) return Error{codes::duplicate_document, error.detail};
    return error;
}

}  // namespace

/// The answer that the same bytes got before.
Result<Acceptance> earlier_answer(journal::Journal& journal, const std::string& id) {
    Acceptance out;
    out.message_id = id;
    out.repeated = true;
    auto bodies = journal.bodies_of(id);
    if (!bodies) return bodies.error();
    for (const journal::BodyRef& body : *bodies) {
        if (body.kind != BodyKind::receipt || !body.name.empty()) continue;
        auto receipt = journal.read_body(body.digest);
        // The message had its effect, whatever retention took since.
        out.receipt_dropped = !receipt && receipt.error().code == journal::codes::body_dropped;
        if (!receipt && !out.receipt_dropped) return receipt.error();
        if (receipt) out.receipt = *std::move(receipt);
    }
    auto children = journal.children(id);
    if (!children) return children.error();
    for (const journal::Message& child : *children) {
        const bool signal = child.relation == journal::Relation::answer;
        if (child.direction == journal::Direction::out && !signal) out.sent_ids.push_back(child.id);
    }
    return out;
}

namespace {

template <class Row>
void move_behind(std::vector<Row>& from, std::vector<Row>& into) {
    std::ranges::move(from, std::back_inserter(into));
    from.clear();
}

/// Masters that documents of the message change: messages, with all that belongs to them.
void add_extra(Group& group, Group& extra) {
    move_behind(extra.messages, group.messages);
    move_behind(extra.bodies, group.bodies);
    move_behind(extra.transitions, group.transitions);
    move_behind(extra.deliveries, group.deliveries);
    move_behind(extra.references, group.references);
    move_behind(extra.aliases, group.aliases);
}

}  // namespace

Result<Acceptance> record(Passage& passage) {
    auto receipt = make_receipt(passage);
    if (!receipt) return receipt.error();
    Group group;
    group.at_ms = passage.received_ms;
    const std::string& key = passage.submission.idempotency_key;
    group.keys.push_back({passage.sender->id, key.empty() ? passage.digest : key, passage.digest, passage.id});
    add_incoming(group, passage);
    Acceptance out;
    out.message_id = passage.id;
    out.format = passage.format->id;
    for (const Outgoing& outgoing : passage.outgoing) {
        add_outgoing(group, passage, outgoing);
        out.sent_ids.push_back(outgoing.id);
    }
    for (const RegulatorCopy& copy : passage.copies) {
        add_copy(group, passage, copy);
        out.sent_ids.push_back(copy.id);
    }
    for (const Outgoing& master : passage.masters) out.sent_ids.push_back(master.id);
    add_extra(group, passage.extra);
    if (auto same = document_key(passage)) group.keys.push_back(*std::move(same));
    add_answered(group, passage);
    add_signal(passage, nullptr, group);
    add_body(group, passage.id, BodyKind::receipt, *receipt);
    out.receipt = *std::move(receipt);
    const auto done = passage.journal.commit(std::move(group));
    if (!done) return in_our_words(done.error());
    if (done->earlier_message_id) return earlier_answer(passage.journal, *done->earlier_message_id);
    return out;
}

Result<Acceptance> repeat(Passage& passage) {
    const std::string& key = passage.submission.idempotency_key;
    const auto found = passage.journal.find_key(passage.submission.agency, key.empty() ? passage.digest : key);
    if (!found) return found.error();
    if (!*found) return Error{codes::not_found, "the earlier answer is gone"};
    return earlier_answer(passage.journal, (*found)->message_id);
}

void record_refusal(Passage& passage, const Error& why) {
    if (passage.sender == nullptr) return;
    Group group;
    group.at_ms = passage.received_ms;
    passage.base_id.clear();
    passage.questions.clear();
    group.messages.push_back(incoming(passage));
    // What is over the agency's limit is named by its digest only, and what was not read by nothing.
    if (!passage.digest.empty() && passage.submission.bytes.size() <= passage.sender->message_bytes_max) {
        add_body(group, passage.id, BodyKind::received, passage.submission.bytes);
    }
    const std::string differed = passage.difference.empty() ? "" : fmt::format(" ({}: {})", codes::engines_differ.name(), passage.difference);
    group.transitions.push_back({passage.id, State::refused, std::string(why.code.name()), why.text() + differed});
    add_signal(passage, &why, group);
    const auto done = passage.journal.commit(std::move(group));
    if (!done) log::error(fmt::format("the refusal of {} could not be recorded: {}", passage.id, done.error().text()));
}

}  // namespace hansa::exchange
