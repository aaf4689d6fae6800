#include "core/exchange/fate.h"

#include <algorithm>

#include "core/exchange/gathering.h"

namespace hansa::exchange {

using journal::State;

Result<std::vector<journal::Message>> made_of(journal::Journal& journal, const std::string& received) {
    auto out = journal.children(received);
    if (!out) return out.error();
    std::erase_if(*out, [](const journal::Message& child) { return child.direction != journal::Direction::out || child.relation == journal::Relation::answer; });
    const auto references = journal.references_of(received, gather_scheme);
    if (!references) return references.error();
    for (const journal::Reference& one : *references) {
        const auto name = split_name(one.value);
        if (!name) continue;
        const auto masters = journal.find_reference({}, house_scheme, house_name(received, name->second));
        if (!masters) return masters.error();
        for (const journal::Reference& master : *masters) {
            if (std::ranges::find(*out, master.message_id, &journal::Message::id) != out->end()) continue;
            auto message = journal.message(master.message_id);
            if (!message) return message.error();
            out->push_back(*std::move(message));
        }
    }
    return out;
}

Result<std::vector<std::string>> followers_of(journal::Journal& journal, const journal::Message& outgoing) {
    if (outgoing.parent_id.empty() || outgoing.relation == journal::Relation::answer) return std::vector<std::string>();
    auto out = messages_in(journal, outgoing.id);
    // What took a document out of a master stands in it no more.
    if (out && std::ranges::find(*out, outgoing.parent_id) == out->end()) out->push_back(outgoing.parent_id);
    return out;
}

Result<bool> was_buried(journal::Journal& journal, const journal::Message& outgoing) {
    if (outgoing.state != State::dead) return false;
    const auto deliveries = journal.deliveries_of(outgoing.id);
    if (!deliveries) return deliveries.error();
    return std::ranges::all_of(*deliveries, [](const journal::Delivery& one) { return one.attempts == 0; });
}

std::optional<State> rest_of(const std::vector<journal::Message>& made) {
    const journal::Message* last = nullptr;
    for (const journal::Message& one : made) {
        if (one.state != State::delivered && one.state != State::answered && one.state != State::dead) return std::nullopt;
        if (last == nullptr || one.changed_ms >= last->changed_ms) last = &one;
    }
    if (last == nullptr) return std::nullopt;
    return last->state == State::dead ? State::dead : State::delivered;
}

std::unique_lock<std::mutex> fates_of(const Surroundings& with) {
    return with.fates == nullptr ? std::unique_lock<std::mutex>() : std::unique_lock(*with.fates);
}

}  // namespace hansa::exchange
