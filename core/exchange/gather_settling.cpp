#include "core/exchange/gather_settling.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <vector>

#include "core/base/digest.h"
#include "core/base/log.h"
#include "core/base/time.h"
#include "core/exchange/balance_desk.h"
#include "core/exchange/codes.h"
#include "core/exchange/fate.h"
#include "core/exchange/follower.h"
#include "core/exchange/gathering.h"
#include "core/exchange/kept_documents.h"
#include "core/exchange/mastering.h"
#include "core/exchange/own_answer.h"
#include "core/journal/codes.h"

namespace hansa::exchange {
namespace {

using consolidation::Closing;
using consolidation::ConsolidationTable;
using journal::Group;
using journal::State;

/// Whose keys these are in the journal; no agency has such an id.
constexpr std::string_view key_owner = "consolidation:";

const Route* route_named(const Directory& directory, std::string_view name) {
    const auto found = std::ranges::find(directory.routes, name, &Route::name);
    return found == directory.routes.end() || !found->consolidate ? nullptr : &*found;
}

}  // namespace

/// The group of one closing as it grows.
struct GatherSettling::Work {
    struct House {
        journal::Message message;
        std::size_t number = 0;  ///< in its message
        pivot::Document document;
        std::optional<Error> refused = {};
    };
    struct Unreadable {
        journal::Message message;
        Error error;
    };

    journal::Journal& journal;
    Surroundings with;
    consolidation::WaitingRoom& room;
    const Closing& closing;
    Group group = {};
    std::vector<House> houses = {};
    std::map<std::string, Unreadable> unreadable = {};
    std::set<std::string> went_out = {};  ///< received messages
    std::unique_lock<std::mutex> fates = {};  ///< from where messages are moved until the journal has it

    Result<void> read();
    Result<void> all(std::int64_t now_ms, const std::optional<Error>& trouble);
    Result<void> done_with(std::int64_t now_ms);
    Result<std::string_view> said_of(const journal::Message& message);
    Result<void> again(std::int64_t now_ms);
    Result<void> make_masters(const Route& route, const ConsolidationTable& table);
    Result<void> send(const Route& route, const ConsolidationTable& table, const consolidation::Master& master, const std::vector<std::size_t>& of);
    void answer(House& house);
    Result<void> move(const journal::Message& message, const std::optional<Error>& why, std::string_view answer = {});
};

Result<void> GatherSettling::Work::read() {
    std::map<std::int64_t, std::pair<journal::Message, std::vector<pivot::Document>>> known;
    for (const consolidation::Guest& guest : closing.guests) {
        if (!known.contains(guest.message)) {
            auto message = message_numbered(journal, guest.message);
            if (!message && message.error().code == codes::question_unknown) {
                log::error(fmt::format("{}: {}", consolidation::closing_name(closing), message.error().text()));
                continue;
            }
            if (!message) return message.error();
            auto documents = kept_documents(journal, with, *message);
            if (!documents && is_passing(documents.error())) return documents.error();
            if (!documents) unreadable.try_emplace(message->id, Unreadable{*message, documents.error()});
            known.emplace(guest.message, std::pair(*std::move(message), documents ? *std::move(documents) : std::vector<pivot::Document>()));
        }
        const auto& [message, documents] = known.at(guest.message);
        if (guest.document < documents.size()) houses.push_back({message, guest.document, as_original(documents[guest.document])});
        else unreadable.try_emplace(message.id, Unreadable{message, Error{codes::question_unknown, fmt::format("message {} has no document {}", message.id, guest.document + 1)}});
    }
    return {};
}

/// One master, with who is in it.
Result<void> GatherSettling::Work::send(const Route& route, const ConsolidationTable& table, const consolidation::Master& master, const std::vector<std::size_t>& of) {
    const House& first = houses[of.front()];
    std::vector<Standing> standing;
    for (const std::size_t one : of) standing.push_back({houses[one].message.id, houses[one].number, houses[one].message.format, houses[one].document});
    MasterOrder order{route, table, master.document, master.reference, first.message.id, first.message.format, fmt::format("{} {}", consolidation::closing_name(closing), master.reference),
                      first.message.test, group.at_ms, {}, {}};
    for (const Standing& one : standing) order.houses.push_back(&one);
    if (const auto added = add_master(journal, with, order, group); !added) return added.error();
    for (const std::size_t one : of) went_out.insert(houses[one].message.id);
    return {};
}

Result<void> GatherSettling::Work::make_masters(const Route& route, const ConsolidationTable& table) {
    std::vector<consolidation::House> given;
    for (const House& house : houses) given.push_back({&house.document, house.message.format, house_name(house.message.id, house.number)});
    const std::string issued = issue_time(group.at_ms);
    const auto made = consolidation::consolidate(given, table, {.format = route.to_format, .reference = {}, .issued = issued});
    for (const consolidation::Refusal& one : made.refusals) houses[one.house].refused = one.error;
    for (const consolidation::Master& master : made.masters) {
        std::vector<std::size_t> of;
        for (const consolidation::Part& part : master.parts) of.push_back(part.house);
        const auto sent = send(route, table, master, of);
        if (sent) continue;
        if (is_passing(sent.error())) return sent.error();
        for (const std::size_t one : of) houses[one].refused = sent.error();
    }
    return {};
}

void GatherSettling::Work::answer(House& house) {
    const Error& why = *house.refused;
    const std::string name = fmt::format("{}{}", key_owner, house_name(house.message.id, house.number));
    const std::string place = why.place.path.empty() ? std::string() : fmt::format("Declaration/{}", why.place.path);
    const OwnAnswer own{house.message, house.document, name, {{fmt::format("{}: {}", why.code.name(), why.detail), place}}, {}, {}, group.at_ms};
    const auto answered = add_own_answer(journal, with, own, group);
    if (!answered) log::warning(fmt::format("message {} cannot go out with others, and its sender gets no answer: {}", house.message.id, answered.error().text()));
}

/// When nothing of it waits any more: it goes on with what goes out now, or stands where what went out before has come to.
Result<void> GatherSettling::Work::move(const journal::Message& message, const std::optional<Error>& why, std::string_view answer) {
    const auto others = room.others_of(message.number, closing.number);
    if (!others) return others.error();
    const auto now = journal.message(message.id);
    if (!now) return now.error();
    if (*others || now->state != State::held) return {};
    const auto made = made_of(journal, message.id);
    if (!made) return made.error();
    std::vector<journal::Message> sent;
    for (const journal::Message& one : *made) {
        // What a match still holds moves it later, and what it has buried went nowhere.
        if (one.state == State::translated) return {};
        const auto buried = was_buried(journal, one);
        if (!buried) return buried.error();
        if (!*buried) sent.push_back(one);
    }
    const bool goes_out = went_out.contains(message.id);
    // What a regulator is told is no delivery of a document.
    const bool went_out_before = std::ranges::any_of(sent, [](const journal::Message& one) { return one.format != regulator_copy_format; });
    if (!goes_out && !went_out_before && !answer.empty()) {
        for (const State state : {State::accepted, State::answered}) group.transitions.push_back({message.id, state, {}, std::string(answer)});
        return {};
    }
    if (!goes_out && !went_out_before) {
        group.transitions.push_back({message.id, State::refused, why ? std::string(why->code.name()) : std::string(), why ? why->text() : std::string()});
        return {};
    }
    for (const State state : {State::accepted, State::translated, State::queued}) group.transitions.push_back({message.id, state, {}, {}});
    // Then no delivery comes that would move it.
    const auto rest = goes_out ? std::nullopt : rest_of(sent);
    if (rest) group.transitions.push_back({message.id, *rest, {}, {}});
    return {};
}

/// What is said of a message of the closing, none of which goes out. No document says so: the states that authorities have are
/// about what has reached them.
Result<std::string_view> GatherSettling::Work::said_of(const journal::Message& message) {
    if (closing.ending == consolidation::Ending::replaced) return "a change took its place before it went out";
    const auto references = journal.references_of(message.id);
    if (!references) return references.error();
    const bool takes_out = std::ranges::any_of(*references, [](const journal::Reference& one) { return one.scheme == takes_out_scheme; });
    return takes_out ? "it took out what it cancels, which had not gone out" : "taken out before it went out";
}

/// Documents that go nowhere, since another goes instead or nobody does.
Result<void> GatherSettling::Work::done_with(std::int64_t now_ms) {
    group.at_ms = now_ms;
    const std::string name = consolidation::closing_name(closing);
    fates = fates_of(with);
    std::string first;
    for (const consolidation::Guest& guest : closing.guests) {
        const auto message = message_numbered(journal, guest.message);
        if (!message && message.error().code == codes::question_unknown) continue;
        if (!message) return message.error();
        if (first.empty()) first = message->id;
        const auto words = said_of(*message);
        if (!words) return words.error();
        if (const auto moved = move(*message, std::nullopt, *words); !moved) return moved;
    }
    if (!first.empty()) group.keys.push_back({std::string(key_owner), name, sha256_hex(name), first});
    return {};
}

/// The journal has it since before the process was killed: who has looked meanwhile has taken its documents for waiting ones.
Result<void> GatherSettling::Work::again(std::int64_t now_ms) {
    group.at_ms = now_ms;
    fates = fates_of(with);
    std::set<std::string> seen;
    for (const consolidation::Guest& guest : closing.guests) {
        const auto message = message_numbered(journal, guest.message);
        if (!message && message.error().code == codes::question_unknown) continue;
        if (!message) return message.error();
        if (!seen.insert(message->id).second) continue;
        if (const auto moved = move(*message, std::nullopt); !moved) return moved;
    }
    if (group.transitions.empty()) return {};
    const auto done = journal.commit(std::move(group));
    return done ? Result<void>() : done.error();
}

/// `trouble`: nobody goes out, for this reason.
Result<void> GatherSettling::Work::all(std::int64_t now_ms, const std::optional<Error>& trouble) {
    group.at_ms = now_ms;
    const std::string name = consolidation::closing_name(closing);
    if (const auto done = read(); !done) return done;
    const Route* route = route_named(*with.directory, closing.room);
    const auto table = route == nullptr ? Result<const ConsolidationTable*>(Error{codes::no_route, fmt::format("route '{}' gathers no documents any more", closing.room)})
                                        : table_of(with, route->consolidate->table);
    if (trouble || !table) {
        for (House& house : houses) house.refused = trouble ? *trouble : table.error();
    } else if (const auto made = make_masters(*route, **table); !made) {
        return made;
    }
    std::map<std::string, std::pair<journal::Message, std::optional<Error>>> messages;
    for (House& house : houses) {
        auto& [message, why] = messages.try_emplace(house.message.id, house.message, std::nullopt).first->second;
        if (!house.refused) continue;
        why = house.refused;
        answer(house);
    }
    for (const auto& [id, one] : unreadable) {
        log::warning(fmt::format("message {} cannot go out with others: {}", id, one.error.text()));
        messages.try_emplace(id, one.message, one.error);
    }
    fates = fates_of(with);
    for (const auto& [id, one] : messages) {
        if (const auto moved = move(one.first, one.second); !moved) return moved;
    }
    if (messages.empty()) return {};
    group.keys.push_back({std::string(key_owner), name, sha256_hex(name), messages.begin()->first});
    return {};
}

/// Documents that went out with nobody are refused: what they have taken of balances is free. Done again, it does nothing. A change that
/// came too late leaves what it would have changed as it has gone out; one that had taken a waiting one's place stands for that, too.
Result<void> GatherSettling::take_back(const Closing& closing) {
    const auto balances = surroundings_().balances;
    if (balances == nullptr || (closing.ending != consolidation::Ending::together && closing.ending != consolidation::Ending::late)) return {};
    for (const consolidation::Guest& guest : closing.guests) {
        const auto message = message_numbered(journal_, guest.message);
        if (!message && message.error().code == codes::question_unknown) continue;
        if (!message) return message.error();
        const auto masters = journal_.find_reference({}, house_scheme, house_name(message->id, guest.document));
        if (!masters) return masters.error();
        if (!masters->empty()) continue;
        balances->accounts()->take_back(message->id, guest.document, closing.ending == consolidation::Ending::late ? balances::Base::counts_again : balances::Base::stays_free);
    }
    return {};
}

Result<void> GatherSettling::settle(const Closing& closing, std::int64_t now_ms) {
    const std::string name = consolidation::closing_name(closing);
    const auto known = journal_.find_key(key_owner, name);
    if (!known) return known.error();
    if (known->has_value()) {
        if (const auto moved = Work{journal_, surroundings_(), room_, closing}.again(now_ms); !moved) return moved;
        return take_back(closing);
    }
    const bool goes_nowhere = closing.ending == consolidation::Ending::replaced || closing.ending == consolidation::Ending::taken_out;
    std::optional<Error> trouble;
    if (closing.ending == consolidation::Ending::late) trouble = Error{codes::gone_out, "while this was on its way"};
    for (int attempt = 0;; ++attempt) {
        Work work{journal_, surroundings_(), room_, closing};
        if (const auto made = goes_nowhere ? work.done_with(now_ms) : work.all(now_ms, trouble); !made) return made;
        if (work.group.keys.empty()) return {};
        const auto done = journal_.commit(std::move(work.group));
        if (done) return take_back(closing);
        log::error(fmt::format("consolidation, {}: {}", name, done.error().text()));
        if (is_passing(done.error()) || attempt > 0) return done.error();
        // What the journal does not take is refused, and its senders are told.
        trouble = done.error();
    }
}

}  // namespace hansa::exchange
