#include "core/exchange/scattering.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "core/consolidation/answers.h"
#include "core/exchange/codes.h"
#include "core/exchange/completion.h"
#include "core/exchange/gathering.h"
#include "core/exchange/kept_documents.h"

namespace hansa::exchange {
namespace {

/// A document that stands in a master.
struct House {
    journal::Message received;
    pivot::Document document;
};

struct MasterNames {
    std::string table;
    std::vector<std::pair<std::string, std::size_t>> houses, taken_out;
};

/// Nothing in it: the message is no master.
Result<MasterNames> names_of(journal::Journal& journal, const journal::Message& sent) {
    const auto references = journal.references_of(sent.id);
    if (!references) return references.error();
    MasterNames out;
    for (const journal::Reference& one : *references) {
        if (one.scheme == table_scheme) out.table = one.value;
        auto name = one.scheme == house_scheme ? split_name(one.value) : std::nullopt;
        if (name) out.houses.push_back(*std::move(name));
        auto left = one.scheme == takes_out_scheme ? split_name(one.value) : std::nullopt;
        if (left) out.taken_out.push_back(*std::move(left));
    }
    return out;
}

/// By the numbers that their items are known by.
Result<std::map<std::string, House>> houses_of(Passage& passage, const MasterNames& names, const consolidation::ConsolidationTable& table) {
    std::map<std::string, House> out;
    std::map<std::string, std::pair<journal::Message, std::vector<pivot::Document>>> read;
    for (const auto& [id, number] : names.houses) {
        auto found = read.find(id);
        if (found == read.end()) {
            auto message = passage.journal.message(id);
            if (!message) return message.error();
            auto documents = kept_documents(passage.journal, passage.with, *message);
            if (!documents) return documents.error();
            found = read.emplace(id, std::pair(*std::move(message), *std::move(documents))).first;
        }
        const auto& [message, documents] = found->second;
        if (number >= documents.size()) return Error{codes::question_unknown, fmt::format("message {} has no document {}", id, number + 1)};
        out.emplace(consolidation::text_at(documents[number].root, table.identity.first), House{message, documents[number]});
    }
    return out;
}

/// The receiver's law may be another than the table's: the route says it.
Result<consolidation::ConsolidationTable> table_for(const Passage& passage, const journal::Message& sent, const std::string& name) {
    const auto table = table_of(passage.with, name);
    if (!table) return table.error();
    const auto deliveries = passage.journal.deliveries_of(sent.id);
    if (!deliveries) return deliveries.error();
    consolidation::ConsolidationTable out = **table;
    for (const journal::Delivery& delivery : *deliveries) {
        const auto route = std::ranges::find(passage.with.directory->routes, delivery.route, &Route::name);
        if (route != passage.with.directory->routes.end() && route->consolidate) out.refusal_of_items = route->consolidate->refusal_of_items.value_or(out.refusal_of_items);
    }
    return out;
}

struct Told {
    std::vector<pivot::Document> documents;
    std::vector<Question> questions;
};

/// By whose cancellation a document left the master: they have no item in it, and are told what becomes of the whole.
Result<void> tell_who_left(Passage& passage, const pivot::Document& answer, const MasterNames& names, const Question& question, Told& out) {
    for (const auto& [id, number] : names.taken_out) {
        const auto message = passage.journal.message(id);
        if (!message) return message.error();
        const auto documents = kept_documents(passage.journal, passage.with, *message);
        if (!documents) return documents.error();
        if (number >= documents->size()) return Error{codes::question_unknown, fmt::format("message {} has no document {}", id, number + 1)};
        pivot::Document own = answer;
        // Items are others': what is said of them is not told.
        std::erase_if(own.root.children, [](const pivot::Node& child) {
            const auto at_item = [](const pivot::Node& part) { return part.name == "Pointer" || part.name == "Place"; };
            return child.name == "Declaration" || child.name == "ParcelDecision" || std::ranges::any_of(child.children, at_item);
        });
        complete_answer(own, (*documents)[number]);
        out.documents.push_back(std::move(own));
        out.questions.push_back({question.sent, *message, (*documents)[number]});
    }
    return {};
}

/// Nothing in it: the question is no master.
Result<Told> told_by(Passage& passage, const pivot::Document& answer, const Question& question) {
    Told out;
    const auto names = names_of(passage.journal, question.sent);
    if (!names) return names.error();
    if (names->houses.empty()) return out;
    const auto table = table_for(passage, question.sent, names->table);
    if (!table) return table.error();
    auto houses = houses_of(passage, *names, *table);
    if (!houses) return houses.error();
    const auto parts = consolidation::take_apart(question.document, *table);
    if (!parts) return parts.error();
    auto answers = consolidation::scatter(answer, *parts, *table);
    if (!answers) return answers.error();
    for (std::size_t i = 0; i < parts->size(); ++i) {
        const auto house = houses->find((*parts)[i].identity);
        if (house == houses->end()) return Error{codes::question_unknown, fmt::format("nobody sent '{}'", (*parts)[i].identity)};
        complete_answer((*answers)[i], house->second.document);
        out.documents.push_back(std::move((*answers)[i]));
        out.questions.push_back({question.sent, house->second.received, house->second.document});
    }
    if (const auto told = tell_who_left(passage, answer, *names, question, out); !told) return told.error();
    return out;
}

}  // namespace

Result<void> scatter(Passage& passage) {
    std::vector<Told> told;
    for (std::size_t i = 0; i < passage.documents.size(); ++i) {
        auto one = passage.questions[i] ? told_by(passage, passage.documents[i], *passage.questions[i]) : Result<Told>(Told());
        if (!one) return one.error();
        passage.scattered = passage.scattered || !one->documents.empty();
        told.push_back(*std::move(one));
    }
    if (!passage.scattered) return {};
    std::vector<pivot::Document> documents;
    std::vector<Facts> facts;
    std::vector<std::vector<mapping::SourceLeaf>> leaves;
    std::vector<std::optional<Question>> questions;
    for (std::size_t i = 0; i < told.size(); ++i) {
        if (told[i].documents.empty()) {
            documents.push_back(std::move(passage.documents[i]));
            facts.push_back(std::move(passage.facts[i]));
            leaves.push_back(std::move(passage.leaves[i]));
            questions.push_back(std::move(passage.questions[i]));
            continue;
        }
        for (std::size_t k = 0; k < told[i].documents.size(); ++k) {
            facts.push_back(facts_of(told[i].documents[k], {}, passage.asked));
            if (k == 0) std::ranges::move(passage.facts[i].references, std::back_inserter(facts.back().references));
            documents.push_back(std::move(told[i].documents[k]));
            questions.emplace_back(std::move(told[i].questions[k]));
            // Its items have other numbers than those of the answer that was read.
            leaves.emplace_back();
        }
    }
    passage.documents = std::move(documents);
    passage.facts = std::move(facts);
    passage.leaves = std::move(leaves);
    passage.questions = std::move(questions);
    // What reading lost, it lost of the whole.
    for (mapping::LossEntry& entry : passage.reading_ledger.entries) entry.document = mapping::LossEntry::no_document;
    return {};
}

}  // namespace hansa::exchange
