// The stage relate: what a document speaks of. A new one stands for itself; a change or a
// cancellation needs the document that it changes; an answer needs its question.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/base/ids.h"
#include "core/exchange/codes.h"
#include "core/exchange/conversation.h"
#include "core/exchange/kept_documents.h"
#include "core/exchange/passage.h"
#include "core/exchange/scattering.h"
#include "core/mapping/mapping.h"
#include "core/pivot/table.h"

namespace hansa::exchange {
namespace {

using pivot::Node;

/// UN/EDIFACT 1225: an absent function is an original.
bool is_new(const Facts& facts) {
    return facts.function.empty() || facts.function == "9";
}

/// Answers name their question; what an answer leaves out about it is taken from the question.
constexpr std::array<std::string_view, 8> told_by_question{"ID", "DeclarationOfficeID", "Declarant", "Exporter", "AdditionalDocument",
                                                           "AdditionalInformation", "GoodsShipment/UCR", "GoodsShipment/Seller"};

Node& child_named(Node& parent, std::string_view name) {
    const auto found = std::ranges::find_if(parent.children, [&](const Node& child) { return child.name == name; });
    if (found != parent.children.end()) return *found;
    parent.children.push_back(Node{.name = std::string(name)});
    return parent.children.back();
}

bool has_child(const Node& parent, std::string_view name) {
    return std::ranges::any_of(parent.children, [&](const Node& child) { return child.name == name; });
}

/// Keeps of a question's node what the answer's table has a place for.
std::optional<Node> fitting(const Node& from, const pivot::Field& field) {
    if (!field.is_group()) return from;
    Node out{.name = from.name, .value = {}, .list = {}, .attributes = from.attributes, .children = {}};
    for (const Node& child : from.children) {
        const pivot::Field* place = field.child(child.name);
        if (place == nullptr) continue;
        if (auto kept = fitting(child, *place)) out.children.push_back(*std::move(kept));
    }
    if (out.children.empty()) return std::nullopt;
    return out;
}

void copy_where_silent(Node& answer, const Node& question, const pivot::Field& field, std::string_view path) {
    const std::size_t slash = path.find('/');
    const std::string_view name = path.substr(0, slash);
    const pivot::Field* place = field.child(name);
    if (place == nullptr) return;
    if (slash != path.npos) {
        const auto below = std::ranges::find_if(question.children, [&](const Node& child) { return child.name == name; });
        if (below != question.children.end()) copy_where_silent(child_named(answer, name), *below, *place, path.substr(slash + 1));
        return;
    }
    if (has_child(answer, name)) return;
    for (const Node& child : question.children) {
        if (child.name != name) continue;
        if (auto kept = fitting(child, *place)) answer.children.push_back(*std::move(kept));
    }
}

void remove_empty_groups(Node& node, const pivot::Field& field) {
    std::erase_if(node.children, [&](Node& child) {
        const pivot::Field* place = field.child(child.name);
        if (place == nullptr || !place->is_group()) return false;
        remove_empty_groups(child, *place);
        return child.children.empty();
    });
}

/// The question's document whose reference the answer names; the first one if none does.
pivot::Document pick(std::vector<pivot::Document> documents, const std::string& reference) {
    for (pivot::Document& document : documents) {
        const Facts facts = facts_of(document, {}, {});
        if (std::ranges::any_of(facts.references, [&](const auto& name) { return name.second == reference; })) return std::move(document);
    }
    return std::move(documents.front());
}

Result<Question> question_of(Passage& passage, journal::Message sent, const std::string& reference) {
    auto received = passage.journal.message(sent.parent_id);
    if (!received) return received.error();
    auto documents = kept_documents(passage.journal, passage.with, sent);
    if (!documents) return documents.error();
    return Question{std::move(sent), *std::move(received), pick(*std::move(documents), reference)};
}

Result<Question> question_at(Passage& passage, const journal::Reference& reference) {
    auto sent = passage.journal.message(reference.message_id);
    if (!sent) return sent.error();
    return question_of(passage, *std::move(sent), reference.value);
}

Result<Question> find_question(Passage& passage, const Facts& answer) {
    auto by_frame = named_by_frame(passage);
    if (!by_frame) return by_frame.error();
    if (*by_frame) {
        if (const auto same = check_document_correlation(passage, **by_frame, answer); !same) return same.error();
        return question_of(passage, **std::move(by_frame), answer.references.empty() ? "" : answer.references.front().second);
    }
    std::string named;
    for (const auto& [scheme, value] : answer.references) {
        named += fmt::format("{}{} '{}'", named.empty() ? "" : ", ", scheme, value);
        // By any reference that stands in the document: where a receiver's answer has 35 characters
        // and a document's id 36, it names the declarant's own number.
        auto found = passage.journal.find_reference(passage.sender->id, {}, value);
        if (!found) return found.error();
        for (const journal::Reference& reference : *found) {
            const auto message = passage.journal.message(reference.message_id);
            if (message && message->direction == journal::Direction::out && message->agency_to == passage.sender->id) {
                return question_at(passage, reference);
            }
        }
    }
    return Error{codes::question_unknown, named.empty() ? "the answer names no reference" : named};
}

}  // namespace

Result<std::string> find_base(Passage& passage, const Facts& document) {
    const std::string &reference = document.own_reference, &number = document.number;
    for (const auto& [scheme, value] : {std::pair<std::string_view, std::string>{"LRN", reference}, {"MRN", number}}) {
        if (value.empty()) continue;
        auto found = passage.journal.find_reference(passage.sender->id, scheme, value);
        if (!found) return found.error();
        for (const journal::Reference& one : *found) {
            const auto message = passage.journal.message(one.message_id);
            if (message && message->direction == journal::Direction::in && message->agency_from == passage.sender->id &&
                message->state != journal::State::refused) {
                return one.message_id;
            }
        }
    }
    return Error{codes::base_unknown, fmt::format("reference '{}'", reference.empty() ? number : reference)};
}

void complete_answer(pivot::Document& answer, const pivot::Document& question) {
    const pivot::Field* field = pivot::find(pivot::Kind::response, "Declaration");
    if (field == nullptr) return;
    Node& about = child_named(answer.root, "Declaration");
    const std::string reference = field_of(question.root, "FunctionalReferenceID");
    if (!reference.empty()) child_named(about, "FunctionalReferenceID").value = reference;
    for (const std::string_view path : told_by_question) copy_where_silent(about, question.root, *field, path);
    copy_where_silent(about, question.root, *field, "GoodsShipment/TradeParty");
    remove_empty_groups(about, *field);
}

std::string value_behind(Passage& passage, std::string_view alias) {
    // An alias is made from the text's own digest: whoever's message brought it, the same text stands behind it.
    for (const Agency& other : passage.with.directory->agencies) {
        const auto found = passage.journal.find_alias(other.id, passage.sender->id, alias);
        if (found && *found) return (*found)->value;
    }
    return {};
}

mapping::Context context_of(const Passage& passage, const Agency& agency, const plugin::Format& format, std::string_view message_id) {
    mapping::Context context;
    context.settings = agency.settings;
    context.received = format_iso(passage.received);
    context.message_digest = passage.digest;
    const auto values = agency.envelope.find(format.id);
    if (values != agency.envelope.end()) context.envelope = values->second;
    const std::map<std::string, std::string, std::less<>> variables{
        {"$message-id", std::string(message_id)},
        {"$uuid", uuid5("hansa", fmt::format("{}/{}", passage.digest, format.id))},
        {"$received", context.received},
        {"$sender", passage.sender == nullptr ? "" : passage.sender->id},
        {"$receiver", agency.id}};
    for (auto& [path, value] : context.envelope) {
        const auto variable = variables.find(value);
        if (variable != variables.end()) value = variable->second;
    }
    return context;
}

Result<void> relate(Passage& passage) {
    passage.questions.resize(passage.facts.size());
    for (std::size_t i = 0; i < passage.facts.size(); ++i) {
        Facts& facts = passage.facts[i];
        if (passage.format->kind == pivot::Kind::response) {
            auto question = find_question(passage, facts);
            if (!question) return question.error();
            complete_answer(passage.documents[i], question->document);
            facts = facts_of(passage.documents[i], std::move(facts.names), passage.asked);
            passage.questions[i] = *std::move(question);
        } else if (!is_new(facts)) {
            auto base = find_base(passage, facts);
            if (!base) return base.error();
            passage.base_id = *std::move(base);
        }
    }
    return passage.format->kind == pivot::Kind::response ? scatter(passage) : Result<void>();
}

}  // namespace hansa::exchange
