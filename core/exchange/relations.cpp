// The stage relate: what a document speaks of. A new one stands for itself; a change or a
// cancellation needs the document that it changes; an answer needs its question.
#include <fmt/format.h>

#include <algorithm>

#include "core/base/ids.h"
#include "core/exchange/codes.h"
#include "core/exchange/completion.h"
#include "core/exchange/conversation.h"
#include "core/exchange/kept_documents.h"
#include "core/exchange/passage.h"
#include "core/exchange/scattering.h"
#include "core/mapping/mapping.h"

namespace hansa::exchange {
namespace {

/// UN/EDIFACT 1225: an absent function is an original.
bool is_new(const Facts& facts) {
    return facts.function.empty() || facts.function == "9";
}

Result<Question> question_of(Passage& passage, journal::Message sent, const std::string& reference) {
    auto received = passage.journal.message(sent.parent_id);
    if (!received) return received.error();
    auto documents = kept_documents(passage.journal, passage.with, sent);
    if (!documents) return documents.error();
    return Question{std::move(sent), *std::move(received), question_named(*std::move(documents), reference)};
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
