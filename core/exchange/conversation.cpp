#include "core/exchange/conversation.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/base/digest.h"
#include "core/base/ids.h"
#include "core/base/log.h"
#include "core/envelope/envelope.h"
#include "core/exchange/codes.h"
#include "core/exchange/receipt.h"
#include "core/mapping/mapping.h"

namespace hansa::exchange {
namespace {

using envelope::Frame;
using envelope::Headers;
using envelope::Signal;

std::string value_of(const Headers& headers, std::string_view key) {
    const auto found = headers.find(key);
    return found == headers.end() ? std::string() : found->second;
}

/// An id of the frame's own shape, the same for the same name.
std::string made_id(const Frame& frame, std::string_view name) {
    return frame.rules.id_prefix.empty() ? std::string(name) : frame.rules.id_prefix + uuid5("hansa", name);
}

std::string with_last_part(std::string_view action, std::string_view last) {
    const std::size_t slash = action.rfind('/');
    return std::string(action.substr(0, slash == action.npos ? 0 : slash + 1)) + std::string(last);
}

/// Back to where a message came from, in its conversation.
Headers back(const Headers& question) {
    Headers out;
    out["Receiver/ID"] = value_of(question, "Sender/ID");
    out["Sender/ID"] = value_of(question, "Receiver/ID");
    out["RelatesToID"] = value_of(question, "MessageID");
    for (const char* same : {"ConversationID", "ProcedureID"}) out[same] = value_of(question, same);
    std::erase_if(out, [](const auto& header) { return header.second.empty(); });
    return out;
}

/// Everything of the frame that names the message, but what only an answer says.
void take_named(Headers& out, const std::map<std::string, std::string, std::less<>>& from) {
    for (const auto& [path, value] : from) {
        if (!path.starts_with("Answer/")) out[path] = value;
    }
}

const Frame* conversation_of(const Passage& passage) {
    return passage.frame != nullptr && passage.frame->rules.conversation ? passage.frame : nullptr;
}

/// The signal that the frame's action names, or nullptr.
const Signal* signal_of(const Passage& passage) {
    const Frame* frame = conversation_of(passage);
    if (frame == nullptr) return nullptr;
    const std::string action = value_of(passage.frame_headers, "ActionID");
    const auto& rules = frame->rules;
    for (const Signal* one : {&rules.received, &rules.accepted, &rules.refused, &rules.failed}) {
        if (!one->action.empty() && envelope::last_part(action) == envelope::last_part(one->action)) return one;
    }
    return nullptr;
}

std::optional<std::string> body_of(journal::Journal& journal, const std::string& message, journal::BodyKind kind) {
    const auto bodies = journal.bodies_of(message);
    if (!bodies) return std::nullopt;
    for (const journal::BodyRef& body : *bodies) {
        if (body.kind != kind || body.dropped) continue;
        auto bytes = journal.read_body(body.digest);
        if (bytes) return *std::move(bytes);
    }
    return std::nullopt;
}

// --- writing a signal --------------------------------------------------------------------------

pivot::Node leaf(std::string name, std::string value) {
    return {.name = std::move(name), .value = std::move(value), .list = {}, .attributes = {}, .children = {}};
}
pivot::Node node(std::string name) {
    return leaf(std::move(name), {});
}

/// A response in the pivot's words: received (02) or rejected (03) with the faults. RES, function codes.
pivot::Document response(const Passage& passage, const std::string& id, const Error* why) {
    pivot::Document out{.kind = pivot::Kind::response, .root = node("Response"), .memory = {}, .annex = {}};
    auto& root = out.root.children;
    root.push_back(leaf("FunctionCode", why == nullptr ? "02" : "03"));
    root.push_back(leaf("FunctionalReferenceID", uuid5("hansa", id)));
    root.push_back(leaf("IssueDateTime", format_iso(passage.received)));
    std::vector<Error> faults = passage.faults.errors();
    if (why != nullptr && faults.empty()) faults.push_back(*why);
    constexpr std::size_t faults_max = 20;
    for (std::size_t i = 0; why != nullptr && i < std::min(faults.size(), faults_max); ++i) {
        pivot::Node error = node("Error");
        // What went wrong inside of the gateway is for its log.
        const bool inside = faults[i].code.row().http_status == 500;
        error.children.push_back(leaf("Description", inside ? std::string(faults[i].code.name()) : faults[i].text()));
        root.push_back(std::move(error));
    }
    if (!passage.facts.empty() && !passage.facts.front().own_reference.empty()) {
        pivot::Node about = node("Declaration");
        about.children.push_back(leaf("FunctionalReferenceID", passage.facts.front().own_reference));
        root.push_back(std::move(about));
    }
    return out;
}

Result<std::string> signal_bytes(Passage& passage, const Signal& signal, const std::string& id, const Error* why) {
    const Frame& frame = *passage.frame;
    const plugin::Registry& registry = *passage.with.registry;
    const plugin::Format* format = registry.find(signal.format);
    if (format == nullptr) return Error{codes::format_needed, fmt::format("'{}' for a signal", signal.format)};
    const pivot::Document document = response(passage, id, why);
    mapping::Context context = context_of(passage, *passage.sender, *format, id);
    Diagnostics faults;
    auto written = write_message(registry, *format, std::span(&document, 1), context, faults);
    if (!written) return written.error();
    Headers headers = back(passage.frame_headers);
    headers["MessageID"] = made_id(frame, id);
    const std::string& action = signal.action;
    headers["ActionID"] =
        action.find('/') != action.npos ? action : with_last_part(value_of(passage.frame_headers, "ActionID"), action);
    return envelope::put_in(frame, written->messages.front().bytes, headers, passage.digest);
}

/// A fault of the wrapping, as against one of the document.
bool is_of_frame(const Passage& passage, const Error& why) {
    return passage.parts.empty() && why.code.name().starts_with("envelope.");
}

}  // namespace

Headers frame_headers(const Surroundings& with, std::string_view bytes) {
    const auto layers = envelope::unwrap(bytes, {}, *with.frames);
    if (!layers) return {};
    const auto layer = std::ranges::find(layers->wrappers, envelope::LayerKind::frame, &envelope::Layer::kind);
    return layer == layers->wrappers.end() ? Headers{} : layer->headers;
}

Result<Headers> headers_for(const Passage& passage, const Frame& frame, const Agency& receiver, const Route* route,
                            std::string_view id, const journal::Message* answered) {
    Headers said;
    const plugin::Format* format = passage.with.registry->find(frame.format);
    if (format != nullptr) said = context_of(passage, receiver, *format, id).envelope;
    Headers out;
    take_named(out, said);
    if (route != nullptr) take_named(out, route->envelope);
    out.try_emplace("MessageID", made_id(frame, id));
    if (!frame.rules.conversation) return out;
    Headers question;
    if (answered != nullptr) {
        const auto bytes = body_of(passage.journal, answered->id, journal::BodyKind::received);
        if (bytes) question = frame_headers(passage.with, *bytes);
    }
    for (auto& [path, value] : back(question)) out[path] = value;
    const std::string action = value_of(said, "Answer/ActionID");
    if (!question.empty() && !action.empty())
        out["ActionID"] =
            action.find('/') != action.npos ? action : with_last_part(value_of(question, "ActionID"), action);
    out.try_emplace("ConversationID", made_id(frame, fmt::format("{}/conversation", id)));
    out.try_emplace("ProcedureID", made_id(frame, fmt::format("{}/procedure", id)));
    return out;
}

std::optional<std::string> notice_of(const Passage& passage) {
    const Signal* signal = signal_of(passage);
    if (signal == nullptr) return std::nullopt;
    const auto& rules = passage.frame->rules;
    if (signal == &rules.received) return signal->action + ": received, the wait goes on";
    if (signal == &rules.accepted) return signal->action + ": accepted for processing";
    return std::nullopt;
}

Result<void> check_action(const Passage& passage) {
    const Frame* frame = conversation_of(passage);
    if (frame == nullptr || frame->rules.signal_prefix.empty() || signal_of(passage) != nullptr) return {};
    const std::string action = value_of(passage.frame_headers, "ActionID");
    if (!envelope::last_part(action).starts_with(frame->rules.signal_prefix)) return {};
    return Error{codes::signal_unknown, fmt::format("'{}' of {}", action, frame->format)};
}

bool is_signal(const Passage& passage) {
    return signal_of(passage) != nullptr;
}

Result<std::optional<journal::Message>> named_by_frame(Passage& passage) {
    if (conversation_of(passage) == nullptr) return std::nullopt;
    const std::string relates = value_of(passage.frame_headers, "RelatesToID");
    if (relates.empty()) return std::nullopt;
    const auto found = passage.journal.find_reference(passage.sender->id, "ENVELOPE", relates);
    if (!found) return found.error();
    for (const journal::Reference& reference : *found) {
        auto sent = passage.journal.message(reference.message_id);
        if (!sent || sent->direction != journal::Direction::out || sent->agency_to != passage.sender->id) continue;
        const auto bytes = body_of(passage.journal, sent->id, journal::BodyKind::sent);
        const std::string conversation = bytes ? value_of(frame_headers(passage.with, *bytes), "ConversationID") : "";
        const std::string here = value_of(passage.frame_headers, "ConversationID");
        if (!conversation.empty() && conversation != here)
            return Error{codes::correlation_differs,
                         fmt::format("the conversation is '{}', that of '{}' was '{}'", here, relates, conversation)};
        return *std::move(sent);
    }
    return Error{codes::question_unknown, fmt::format("no message '{}' was sent to '{}'", relates, passage.sender->id)};
}

Result<void> check_document_correlation(Passage& passage, const journal::Message& sent, const Facts& answer) {
    if (answer.references.empty()) return {};
    const auto known = passage.journal.references_of(sent.id);
    if (!known) return known.error();
    for (const auto& [scheme, value] : answer.references) {
        if (std::ranges::find(*known, value, &journal::Reference::value) != known->end()) return {};
    }
    return Error{
        codes::correlation_differs,
        fmt::format("the answer's document names {} '{}', which does not stand in the message that its frame names",
                    answer.references.front().first, answer.references.front().second)};
}

Result<Acceptance> record_notice(Passage& passage, const std::string& what) {
    auto sent = named_by_frame(passage);
    if (!sent) return sent.error();
    if (!*sent) return Error{codes::question_unknown, "the signal names no message"};
    const Signal* signal = signal_of(passage);
    passage.format = passage.with.registry->find(signal->format.empty() ? passage.frame->format : signal->format);
    if (passage.format == nullptr) return Error{codes::format_needed, fmt::format("'{}' for a signal", signal->format)};
    auto receipt = make_receipt(passage);
    if (!receipt) return receipt.error();
    journal::Group group;
    group.at_ms = passage.received_ms;
    const std::string& key = passage.submission.idempotency_key;
    group.keys.push_back({passage.sender->id, key.empty() ? passage.digest : key, passage.digest, passage.id});
    journal::Message message;
    message.id = passage.id;
    message.parent_id = (*sent)->id;
    message.relation = journal::Relation::answer;
    message.direction = journal::Direction::in;
    message.agency_from = passage.sender->id;
    message.test = passage.submission.test;
    message.transport = passage.submission.transport;
    message.idempotency_key = key;
    message.digest = passage.digest;
    message.received_ms = passage.received_ms;
    message.format = passage.format->id;
    message.kind = pivot::kind_name(passage.format->kind);
    group.messages.push_back(std::move(message));
    group.bodies.push_back({passage.id, journal::BodyKind::received, passage.submission.bytes, {}, {}});
    group.bodies.push_back({passage.id, journal::BodyKind::receipt, *receipt, {}, {}});
    group.transitions.push_back({passage.id, journal::State::accepted, {}, what});
    const auto done = passage.journal.commit(std::move(group));
    if (!done) return done.error();
    if (done->earlier_message_id) return earlier_answer(passage.journal, *done->earlier_message_id);
    Acceptance out;
    out.message_id = passage.id;
    out.format = passage.format->id;
    out.receipt = *std::move(receipt);
    return out;
}

std::optional<journal::IdempotencyKey> document_key(const Passage& passage) {
    if (passage.frame == nullptr || !passage.frame->rules.repeated_by_document || passage.facts.empty())
        return std::nullopt;
    const std::string& name = passage.facts.front().own_reference;
    if (name.empty()) return std::nullopt;
    std::string octets;
    for (const Part& part : passage.parts) octets += part.octets();
    return journal::IdempotencyKey{
        passage.sender->id,
        fmt::format("document {}{} {}", passage.submission.test ? "test." : "", passage.format->id, name),
        sha256_hex(octets), passage.id};
}

Result<std::optional<Acceptance>> repeated_document(Passage& passage) {
    const auto key = document_key(passage);
    if (!key) return std::nullopt;
    const auto found = passage.journal.find_key(key->agency, key->key);
    if (!found) return found.error();
    if (!*found) return std::nullopt;
    if ((*found)->digest != key->digest)
        return Error{codes::duplicate_document,
                     fmt::format("'{}' was sent before with another content", passage.facts.front().own_reference)};
    auto out = earlier_answer(passage.journal, (*found)->message_id);
    if (!out) return out.error();
    journal::Group group;
    group.at_ms = passage.received_ms;
    const std::string earlier = out->message_id;
    std::swap(passage.id, out->message_id);
    add_signal(passage, nullptr, group);
    std::swap(passage.id, out->message_id);
    if (!group.messages.empty()) {
        if (const auto done = passage.journal.commit(std::move(group)); !done) return done.error();
    }
    return *std::move(out);
}

void add_signal(Passage& passage, const Error* why, journal::Group& into) {
    const Frame* frame = conversation_of(passage);
    if (frame == nullptr || passage.sender == nullptr || !passage.sender->address || is_signal(passage)) return;
    if (passage.format != nullptr && passage.format->kind == pivot::Kind::response) return;
    const auto& rules = frame->rules;
    const Signal& signal = why == nullptr ? rules.accepted : is_of_frame(passage, *why) ? rules.failed : rules.refused;
    if (signal.format.empty() || value_of(passage.frame_headers, "Sender/ID").empty()) return;
    const std::string id = message_id();
    auto bytes = signal_bytes(passage, signal, id, why);
    if (!bytes) {
        log::error(fmt::format("message {}: its sender gets no signal: {}", passage.id, bytes.error().text()));
        return;
    }
    journal::Message message;
    message.id = id;
    message.parent_id = passage.id;
    message.relation = journal::Relation::answer;
    message.direction = journal::Direction::out;
    message.agency_from = message.agency_to = passage.sender->id;
    message.format = signal.format;
    message.kind = pivot::kind_name(pivot::Kind::response);
    message.purpose = purpose_name(Purpose::answer);
    message.test = passage.submission.test;
    message.received_ms = passage.received_ms;
    message.state = journal::State::translated;
    message.digest = sha256_hex(*bytes);
    journal::Delivery delivery;
    delivery.id = message_id();
    delivery.message_id = id;
    delivery.agency = passage.sender->id;
    delivery.route = "signal";
    delivery.address = passage.sender->address->url;
    delivery.transport = delivery.address.substr(0, delivery.address.find(':'));
    delivery.body_digest = message.digest;
    delivery.corridor = fmt::format("signal>{}", passage.sender->id);
    delivery.due_ms = passage.received_ms;
    into.messages.push_back(std::move(message));
    into.bodies.push_back({id, journal::BodyKind::sent, *std::move(bytes), {}, {}});
    into.transitions.push_back({id, journal::State::queued, {}, signal.action});
    into.deliveries.push_back(std::move(delivery));
}

}  // namespace hansa::exchange
