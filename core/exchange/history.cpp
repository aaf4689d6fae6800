#include "core/exchange/history.h"

#include <algorithm>
#include <set>

#include "core/exchange/follower.h"
#include "core/exchange/kept_documents.h"
#include "core/rules/check.h"

namespace hansa::exchange {
namespace {

bool came_before(const journal::Message& message, const Passage& passage) {
    return message.direction == journal::Direction::in && message.agency_from == passage.sender->id && message.format == passage.format->id && message.test == passage.submission.test &&
           message.state != journal::State::received && message.state != journal::State::refused;
}

}  // namespace

const std::vector<pivot::Document>& History::documents_of(const journal::Message& message) {
    const auto [place, fresh] = kept_.try_emplace(message.id);
    if (!fresh) return place->second;
    auto documents = kept_documents(passage_.journal, passage_.with, message);
    if (documents) place->second = *std::move(documents);
    else if (is_passing(documents.error())) trouble_ = documents.error();
    return place->second;
}

bool History::none_before(const std::vector<std::string>& keys) const {
    const auto named = passage_.journal.find_reference(passage_.sender->id, {}, keys.front());
    if (!named) return false;
    return std::ranges::none_of(*named, [&](const journal::Reference& reference) {
        const auto message = passage_.journal.message(reference.message_id);
        return !message || came_before(*message, passage_);
    });
}

const pivot::Document* History::before(const rules::Rule& rule, const pivot::Document& document) {
    const auto keys = rules::keys_of(rule, document);
    if (keys.empty() || trouble_) return nullptr;
    const auto named = passage_.journal.find_reference(passage_.sender->id, {}, keys.front());
    if (!named) {
        trouble_ = named.error();
        return nullptr;
    }
    std::set<std::string> seen;
    for (const journal::Reference& reference : *named) {  // the newest first
        if (!seen.insert(reference.message_id).second) continue;
        const auto message = passage_.journal.message(reference.message_id);
        if (!message || !came_before(*message, passage_)) continue;
        const auto& documents = documents_of(*message);
        const auto found = std::find_if(documents.rbegin(), documents.rend(), [&](const pivot::Document& other) { return rules::keys_of(rule, other) == keys; });
        if (found != documents.rend()) return &*found;
    }
    return nullptr;
}

}  // namespace hansa::exchange
