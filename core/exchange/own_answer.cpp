#include "core/exchange/own_answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "core/base/digest.h"
#include "core/base/ids.h"
#include "core/exchange/completion.h"
#include "core/exchange/kept_documents.h"
#include "core/exchange/passage.h"
#include "core/exchange/pivot_store.h"
#include "core/pivot/pointer.h"

namespace hansa::exchange {
namespace {

pivot::Node leaf(std::string name, std::string value, std::string list = {}) {
    return {.name = std::move(name), .value = std::move(value), .list = std::move(list), .attributes = {}, .children = {}};
}
pivot::Node node(std::string name) {
    return leaf(std::move(name), {});
}

constexpr std::size_t description_bytes_max = 900;  ///< the smallest place for reasons that formats have: 1000, of letters

std::string cut(std::string text) {
    if (text.size() <= description_bytes_max) return text;
    text.resize(description_bytes_max);
    while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xC0) == 0x80) text.pop_back();
    return text + "...";
}

/// As a path and, where the WCO's classes reach, as pointers: formats have one or the other.
void add_place(pivot::Node& error, const std::string& place) {
    const auto pointers = place.empty() ? Result<std::vector<pivot::Pointer>>(std::vector<pivot::Pointer>()) : pivot::nearest_pointers_of(place);
    if (!pointers || pointers->empty()) return;
    error.children.push_back(leaf("Place", place));
    pivot::add_pointers(error);
}

/// All reasons in one sentence come first, for formats that have room for one.
std::vector<Reason> with_sum(const std::vector<Reason>& reasons) {
    if (reasons.size() == 1) return reasons;
    std::vector<Reason> out{reasons.front()};
    for (std::size_t i = 1; i < reasons.size(); ++i) out.front().text += "; " + reasons[i].text;
    out.insert(out.end(), reasons.begin() + 1, reasons.end());
    return out;
}

void add_to(journal::Group& group, const Passage& passage, const OwnAnswer& answer, const Outgoing& outgoing) {
    const std::string& agency = answer.received.agency_from;
    journal::Message message;
    message.id = outgoing.id;
    message.parent_id = answer.received.id;
    message.relation = journal::Relation::answer;
    message.direction = journal::Direction::out;
    message.agency_from = message.agency_to = agency;
    message.format = outgoing.format->id;
    message.kind = pivot::kind_name(outgoing.format->kind);
    message.purpose = purpose_name(Purpose::answer);
    message.test = answer.received.test;
    message.plan = outgoing.plan;
    message.received_ms = answer.at_ms;
    message.state = journal::State::translated;
    message.digest = sha256_hex(outgoing.bytes);
    journal::Delivery delivery;
    delivery.id = message_id();
    delivery.message_id = outgoing.id;
    delivery.agency = agency;
    delivery.route = "answer";
    delivery.address = outgoing.receiver->address ? outgoing.receiver->address->url : "none:";
    delivery.transport = delivery.address.substr(0, delivery.address.find(':'));
    delivery.body_digest = message.digest;
    delivery.corridor = fmt::format("answer>{}", agency);
    delivery.due_ms = answer.at_ms;
    group.messages.push_back(std::move(message));
    group.bodies.push_back({outgoing.id, journal::BodyKind::sent, outgoing.bytes, {}, {}});
    group.bodies.push_back({outgoing.id, journal::BodyKind::pivot, documents_to_json(passage.documents), {}, {}});
    group.bodies.push_back({outgoing.id, journal::BodyKind::ledger, outgoing.ledger.json(outgoing.format->id, outgoing.format->id), {}, {}});
    group.transitions.push_back({outgoing.id, journal::State::queued, {}, "the gateway's own answer"});
    group.deliveries.push_back(std::move(delivery));
    std::ranges::copy(outgoing.references, std::back_inserter(group.references));
}

}  // namespace

pivot::Document refusal_document(const OwnAnswer& answer) {
    pivot::Document out{.kind = pivot::Kind::response, .root = node("Response"), .memory = {}, .annex = {}};
    auto& root = out.root.children;
    root.push_back(leaf("FunctionCode", "03"));
    root.push_back(leaf("FunctionalReferenceID", uuid5("hansa", answer.name)));
    root.push_back(leaf("IssueDateTime", format_iso(moment_of(answer.at_ms))));
    for (const Reason& reason : with_sum(answer.reasons)) {
        pivot::Node error = node("Error");
        error.children.push_back(leaf("Description", cut(reason.text)));
        add_place(error, reason.place);
        root.push_back(std::move(error));
    }
    if (!answer.status.empty()) {
        pivot::Node status = node("Status");
        status.children.push_back(leaf("NameCode", answer.status, answer.status_list));
        root.push_back(std::move(status));
    }
    return out;
}

namespace {

Result<void> add_as_said(journal::Journal& journal, const Surroundings& with, const OwnAnswer& answer, journal::Group& into) {
    Submission submission;
    submission.agency = answer.received.agency_from;
    submission.test = answer.received.test;
    Diagnostics faults;
    Passage passage{submission, with, journal, faults};
    passage.id = answer.received.id;
    passage.digest = sha256_hex(answer.name);
    passage.received_ms = answer.at_ms;
    passage.received = moment_of(answer.at_ms);
    passage.sender = with.directory->agency(answer.received.agency_from);
    passage.has_documents = true;
    passage.documents.push_back(refusal_document(answer));
    passage.leaves.emplace_back();
    complete_answer(passage.documents.front(), answer.question);
    const Question question{{}, answer.received, answer.question};
    if (const auto rendered = render_own_answer(passage, question); !rendered) return rendered.error();
    for (const Outgoing& outgoing : passage.outgoing) add_to(into, passage, answer, outgoing);
    return {};
}

}  // namespace

Result<void> add_own_answer(journal::Journal& journal, const Surroundings& with, const OwnAnswer& answer, journal::Group& into) {
    const auto added = add_as_said(journal, with, answer, into);
    if (added || std::ranges::all_of(answer.reasons, [](const Reason& reason) { return reason.place.empty(); })) return added;
    // A place is a help; an answer without it is better than none.
    OwnAnswer without = answer;
    for (Reason& reason : without.reasons) reason.place.clear();
    return add_as_said(journal, with, without, into);
}

}  // namespace hansa::exchange
