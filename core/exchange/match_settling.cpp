#include "core/exchange/match_settling.h"

#include <fmt/format.h>

#include <algorithm>
#include <future>
#include <iterator>
#include <map>
#include <set>

#include "core/base/digest.h"
#include "core/base/log.h"
#include "core/exchange/balance_desk.h"
#include "core/exchange/codes.h"
#include "core/exchange/fate.h"
#include "core/exchange/gathering.h"
#include "core/exchange/holding.h"
#include "core/exchange/kept_documents.h"
#include "core/exchange/own_answer.h"
#include "core/journal/codes.h"
#include "core/matching/codes.h"

namespace hansa::exchange {
namespace {

using journal::DeliveryState;
using journal::Group;
using journal::State;
using matching::End;
using matching::Ending;
using matching::Number;

/// Whose keys these are in the journal; no agency has such an id.
constexpr std::string_view key_owner = "matching:";
constexpr unsigned document_bits = 20;  ///< more documents than a group of the journal has room for

std::string key_of(End end, std::string_view name) {
    return fmt::format("{} {}", matching::end_name(end), name);
}

std::size_t document_of(Number number) {
    return static_cast<std::size_t>(number & ((Number{1} << document_bits) - 1));
}

/// `GoodsShipment/GovernmentAgencyGoodsItem[SequenceNumeric=2]/Commodity` without what tells members apart.
std::string without_choices(std::string_view path) {
    std::string out;
    bool inside = false;
    for (const char c : path) {
        if (c == '[') inside = true;
        if (!inside) out += c;
        if (c == ']') inside = false;
    }
    return out;
}

/// Why a document is refused, for the journal and for its sender.
struct Refusal {
    std::string code, detail;
    std::vector<Reason> reasons;
    std::string status;
};

Refusal refusal_of(const Error& error) {
    return {std::string(error.code.name()), error.detail, {{error.detail}}, {}};
}

}  // namespace

Number document_number(std::int64_t message_number, std::size_t document) {
    return static_cast<Number>(message_number) << document_bits | static_cast<Number>(document);
}

/// The group of one ending as it grows.
struct MatchSettling::Work {
    MatchSettling& home;
    journal::Journal& journal;
    const Ending& ending;
    journal::Message message;  ///< of the ending's document
    Group group = {};
    std::set<std::string> let_go = {}, buried = {};     ///< outgoing messages, in this group
    std::string other = {};  ///< the other received message that the ending speaks of
    std::map<std::string, journal::Message> parents = {};  ///< received ones whose deliveries are concerned

    std::string name() const { return wait_name(home.table_.id, message.id, document_of(ending.document)); }
    Result<std::vector<journal::Message>> held(const std::string& name);
    Result<bool> is_open(const journal::Message& outgoing, const std::string& now_good);
    Result<void> release(const std::string& name);
    Result<void> bury(const std::string& name, const std::string& code, const std::string& detail);
    Result<void> pass_on(const std::string& name, const std::string& to);
    Result<void> withdraw();
    Result<void> refuse(const Refusal& why);
    Result<std::optional<State>> goes_to(const std::string& id) const;
    bool is_master(const journal::Message& outgoing) const;
    Result<void> move_parents(const std::string& code, const std::string& detail);
    Result<Refusal> why_refused();
    Result<void> all();
};

/// Outgoing messages that are held by this name, in the order in which they were made.
Result<std::vector<journal::Message>> MatchSettling::Work::held(const std::string& name) {
    const auto references = journal.find_reference({}, wait_scheme, name);
    if (!references) return references.error();
    std::vector<journal::Message> out;
    for (const journal::Reference& reference : *references) {
        auto outgoing = journal.message(reference.message_id);
        if (!outgoing) return outgoing.error();
        const auto deliveries = journal.deliveries_of(outgoing->id);
        if (!deliveries) return deliveries.error();
        if (std::ranges::none_of(*deliveries, [](const journal::Delivery& one) { return one.state == DeliveryState::held; })) continue;
        if (!parents.contains(outgoing->parent_id)) {
            auto parent = journal.message(outgoing->parent_id);
            if (!parent) return parent.error();
            parents.emplace(outgoing->parent_id, *std::move(parent));
        }
        out.push_back(*std::move(outgoing));
    }
    std::ranges::sort(out, {}, &journal::Message::number);
    return out;
}

/// Does it wait for another document, or another table?
Result<bool> MatchSettling::Work::is_open(const journal::Message& outgoing, const std::string& now_good) {
    const auto references = journal.references_of(outgoing.id, wait_scheme);
    if (!references) return references.error();
    for (const journal::Reference& reference : *references) {
        if (reference.value == now_good) continue;
        bool good = false;
        for (const End end : {End::matched, End::replaced, End::withdrawn}) {
            const auto key = journal.find_key(key_owner, key_of(end, reference.value));
            if (!key) return key.error();
            good = good || key->has_value();
        }
        if (!good) return true;
    }
    return false;
}

Result<void> MatchSettling::Work::release(const std::string& name) {
    const auto outgoing = held(name);
    if (!outgoing) return outgoing.error();
    for (const journal::Message& one : *outgoing) {
        const auto open = is_open(one, name);
        if (!open) return open.error();
        if (*open) continue;
        const auto deliveries = journal.deliveries_of(one.id);
        if (!deliveries) return deliveries.error();
        for (const journal::Delivery& delivery : *deliveries) {
            if (delivery.state == DeliveryState::held) group.releases.push_back({delivery.id, true, {}, fmt::format("matched by {}", home.table_.id)});
        }
        group.transitions.push_back({one.id, State::queued, {}, fmt::format("matched by {}", home.table_.id)});
        let_go.insert(one.id);
    }
    return {};
}

Result<void> MatchSettling::Work::bury(const std::string& name, const std::string& code, const std::string& detail) {
    const auto outgoing = held(name);
    if (!outgoing) return outgoing.error();
    for (const journal::Message& one : *outgoing) {
        if (!buried.insert(one.id).second) continue;
        const auto deliveries = journal.deliveries_of(one.id);
        if (!deliveries) return deliveries.error();
        for (const journal::Delivery& delivery : *deliveries) {
            if (delivery.state == DeliveryState::held) group.releases.push_back({delivery.id, false, code, detail});
        }
        group.transitions.push_back({one.id, State::dead, code, detail});
    }
    return {};
}

/// What waits for `name` waits for `to`, too; `name` itself is no longer open when this is recorded.
Result<void> MatchSettling::Work::pass_on(const std::string& name, const std::string& to) {
    const auto outgoing = held(name);
    if (!outgoing) return outgoing.error();
    for (const journal::Message& one : *outgoing) group.references.push_back({one.id, {}, std::string(wait_scheme), to});
    parents.clear();  // they wait on
    return {};
}

Result<void> MatchSettling::Work::withdraw() {
    const auto withdrawn = home.message_of(ending.other.value_or(0));
    if (!withdrawn) return withdrawn.error();
    other = withdrawn->id;
    const std::string theirs = wait_name(home.table_.id, other, document_of(*ending.other));
    const auto outgoing = held(theirs);
    if (!outgoing) return outgoing.error();
    if (outgoing->empty()) {
        if (auto done = release(name()); !done) return done;
        return move_parents({}, {});
    }
    const std::string code(matching::codes::withdrawn.name()), detail = fmt::format("{}: withdrawn by {}", home.table_.id, message.id);
    for (const std::string& one : {theirs, name()}) {
        if (auto done = bury(one, code, detail); !done) return done;
    }
    return move_parents(code, detail);
}

/// Where a received message comes to with what this group does to its own outgoing ones. Nothing: one of those is still held.
Result<std::optional<State>> MatchSettling::Work::goes_to(const std::string& id) const {
    const auto made = made_of(journal, id);
    if (!made) return made.error();
    bool queued = false, done = false, lost = false;
    for (const journal::Message& one : *made) {
        // What a regulator is told is no delivery of the document.
        if (one.format == regulator_copy_format || buried.contains(one.id)) continue;
        if (let_go.contains(one.id) || one.state == State::queued) queued = true;
        else if (one.state == State::translated) return std::optional<State>();
        else if (one.state == State::delivered || one.state == State::answered) done = true;
        else if (one.parent_id != id || is_master(one)) lost = true;
    }
    return std::optional(queued ? State::queued : done ? State::delivered : lost ? State::dead : State::refused);
}

bool MatchSettling::Work::is_master(const journal::Message& outgoing) const {
    const auto houses = messages_in(journal, outgoing.id);
    return houses && !houses->empty();
}

/// Received messages none of whose documents is held any more.
Result<void> MatchSettling::Work::move_parents(const std::string& code, const std::string& detail) {
    for (const auto& [id, parent] : parents) {
        if (parent.state != State::held) continue;
        const auto to = goes_to(id);
        if (!to) return to.error();
        if (!*to) continue;
        const auto elsewhere = home.held_elsewhere_ ? home.held_elsewhere_(parent) : Result<bool>(false);
        if (!elsewhere) return elsewhere.error();
        if (*elsewhere) continue;
        if (**to == State::refused) {
            group.transitions.push_back({id, State::refused, code, detail});
            continue;
        }
        group.transitions.push_back({id, State::accepted, {}, detail});
        for (const State state : {State::translated, State::queued}) group.transitions.push_back({id, state, {}, {}});
        if (**to != State::queued) group.transitions.push_back({id, **to, {}, {}});
    }
    return {};
}

Result<Refusal> MatchSettling::Work::why_refused() {
    namespace codes = matching::codes;
    const matching::MatchTable& table = home.table_;
    const std::string& lead = table.parts.front().name;
    if (ending.end == End::expired) {
        Refusal out = refusal_of({codes::part_missing, fmt::format("{}: {}", table.id, fmt::join(ending.missing, ", "))});
        out.reasons = {{fmt::format("{} of this {} did not arrive in time: {}", ending.missing.size() == 1 ? "a document" : "documents", lead, fmt::join(ending.missing, ", "))}};
        return out;
    }
    if (ending.end == End::unfit) return Refusal{ending.code, ending.detail, {{fmt::format("{}: {}", ending.code, ending.detail)}}, {}};
    Refusal out;
    for (const std::string& part : ending.taken) {
        const Error error{codes::part_used, fmt::format("the {} of this {} was matched with another one", part, lead)};
        if (out.code.empty()) out = refusal_of(error);
        else out.reasons.push_back({error.detail});
    }
    const auto found = home.findings(ending);
    if (!found) return found.error();
    for (const matching::Finding& finding : *found) {
        const matching::Agreement& agreement = *finding.agreement;
        if (agreement.severity != rules::Severity::refuse) continue;
        const Error error = finding.error(table);
        if (out.code.empty()) out = refusal_of(error), out.reasons.clear();
        if (out.status.empty()) out.status = agreement.fails;
        const std::string& path = agreement.first == 0 ? finding.first_path : agreement.second == 0 ? finding.second_path : std::string();
        out.reasons.push_back({error.detail, path.empty() ? path : fmt::format("Declaration/{}", without_choices(path))});
    }
    return out;
}

Result<void> MatchSettling::Work::refuse(const Refusal& why) {
    if (auto done = bury(name(), why.code, why.detail); !done) return done;
    if (auto done = move_parents(why.code, why.detail); !done) return done;
    const auto question = home.document(ending.document);
    Result<void> answered = question ? Result<void>() : question.error();
    if (question) {
        OwnAnswer answer{message, *question, {}, why.reasons, why.status, why.status.empty() ? std::string() : home.table_.answers, group.at_ms};
        const std::string key = key_of(ending.end, name());
        answer.name = key;
        answered = add_own_answer(journal, home.surroundings_(), answer, group);
    }
    if (!answered) log::warning(fmt::format("message {} is refused by {}, and its sender gets no answer: {}", message.id, home.table_.id, answered.error().text()));
    return {};
}

Result<void> MatchSettling::Work::all() {
    group.keys.push_back({std::string(key_owner), key_of(ending.end, name()), sha256_hex(name()), message.id});
    switch (ending.end) {
    case End::matched: {
        if (auto done = release(name()); !done) return done;
        return move_parents({}, ending.agreements.empty() ? std::string() : fmt::format("{} warns: {}", home.table_.id, fmt::join(ending.agreements, ", ")));
    }
    case End::replaced: {
        const auto now = home.message_of(ending.other.value_or(0));
        if (!now) return now.error();
        other = now->id;
        return pass_on(name(), wait_name(home.table_.id, other, document_of(*ending.other)));
    }
    case End::withdrawn: return withdraw();
    case End::refused:
    case End::expired:
    case End::unfit: break;
    }
    const auto why = why_refused();
    if (!why) return why.error();
    return refuse(*why);
}

Result<journal::Message> MatchSettling::message_of(Number number) const {
    return message_numbered(journal_, static_cast<std::int64_t>(number >> document_bits));
}

Result<pivot::Document> MatchSettling::document(Number number) const {
    const auto message = message_of(number);
    if (!message) return message.error();
    auto documents = kept_documents(journal_, surroundings_(), *message);
    if (!documents) return documents.error();
    if (document_of(number) >= documents->size()) return Error{codes::question_unknown, fmt::format("message {} has no document {}", message->id, document_of(number) + 1)};
    return std::move((*documents)[document_of(number)]);
}

/// Where the documents are gone or the table has changed, the ids of what did not hold are still known.
Result<std::vector<matching::Finding>> MatchSettling::findings(const Ending& ending) const {
    std::map<Number, Result<pivot::Document>> documents;
    const std::size_t last = table_.parts.size() - 1;
    const auto at = [&](std::size_t part, std::size_t which) -> const Result<pivot::Document>& {
        const Number number = part == 0 ? ending.document : ending.parts.at(part - 1 + (part == last ? which : 0));
        return documents.try_emplace(number, document(number)).first->second;
    };
    std::vector<matching::Finding> out;
    for (const std::string& id : ending.agreements) {
        for (const matching::Agreement& agreement : table_.agreements) {
            if (agreement.id != id) continue;
            std::vector<matching::Finding> found;
            const bool several = table_.parts[last].several && (agreement.first == last || agreement.second == last);
            const std::size_t there = ending.parts.size() < last ? 0 : several ? ending.parts.size() - last + 1 : 1;
            for (std::size_t which = 0; which < there; ++which) {
                const auto &first = at(agreement.first, which), &second = at(agreement.second, which);
                if (first && second) std::ranges::move(compare(agreement, *first, *second), std::back_inserter(found));
            }
            if (found.empty()) found.push_back({&agreement, {}, {}, {}, {}, false});
            out.insert(out.end(), found.begin(), found.end());
        }
    }
    return out;
}

namespace {

/// What is gone from the journal, or was changed by somebody faster, has nothing that could follow any more.
bool is_void(const Error& error) {
    return error.code == codes::question_unknown || error.code == journal::codes::body_dropped || error.code == journal::codes::illegal_transition || error.code == journal::codes::not_found;
}

}  // namespace

/// What a refused document has taken of balances is free, and that of those whose place it had taken while they were held; what had gone
/// out before it counts again.
void MatchSettling::take_back(Accounts& accounts, const std::string& message, std::size_t document) const {
    const std::string own = wait_name(table_.id, message, document);
    std::set<std::string, std::greater<>> names{own};  // the newest first
    const auto outgoing = journal_.find_reference({}, wait_scheme, own);
    if (!outgoing) log::error(fmt::format("what was held for message {} is not known: {}", message, outgoing.error().text()));
    for (const journal::Reference& one : outgoing ? *outgoing : std::vector<journal::Reference>()) {
        const auto references = journal_.references_of(one.message_id, wait_scheme);
        if (!references) continue;
        for (const journal::Reference& other : *references) {
            if (!other.value.starts_with(table_.id + " ") || names.contains(other.value)) continue;
            const auto replaced = journal_.find_key(key_owner, key_of(End::replaced, other.value));
            if (replaced && *replaced) names.insert(other.value);
        }
    }
    for (const std::string& name : names) {
        const auto both = split_name(std::string_view(name).substr(table_.id.size() + 1));
        if (both) accounts.take_back(both->first, both->second, balances::Base::counts_again);
    }
}

Result<void> MatchSettling::settle(std::span<const Ending> endings, std::int64_t now_ms) {
    // A delivery that ends meanwhile would find its received message held, and leave it to who finds the delivery queued.
    const auto fates = fates_of(surroundings_());
    // Groups that wait at the same time share a flush. One that speaks of a message of another one waits for it.
    struct UnderWay {
        std::string name;
        std::future<Result<journal::Committed>> future;
        std::string refused;  ///< message of a document that this refuses
        std::size_t document = 0;
    };
    std::vector<UnderWay> under_way;
    const auto balances = surroundings_().balances;
    std::set<std::string> concerned;
    std::optional<Error> first;
    const auto finish = [&] {
        for (auto& [name, future, refused, document] : under_way) {
            const auto done = future.get();
            // Where the process was killed in between, the ending comes again, and the journal knows it.
            if (done && !refused.empty() && balances != nullptr) take_back(*balances->accounts(), refused, document);
            if (done) continue;
            if (is_void(done.error())) log::error(fmt::format("{}: {}", name, done.error().text()));
            else if (!first) first = done.error();
        }
        under_way.clear();
        concerned.clear();
    };
    for (const Ending& ending : endings) {
        for (int attempt = 0;; ++attempt) {
            auto message = message_of(ending.document);
            if (!message && is_void(message.error())) {
                log::error(fmt::format("{}: an ending of a document that is gone: {}", table_.id, message.error().text()));
                break;
            }
            if (!message) return finish(), message.error();
            Work work{*this, journal_, ending, *std::move(message)};
            work.group.at_ms = now_ms;
            if (const auto made = work.all(); !made) {
                if (!is_void(made.error())) return finish(), made.error();
                log::error(fmt::format("{}: {}", work.name(), made.error().text()));
                break;
            }
            std::set<std::string> own{work.message.id, work.other};
            own.erase(std::string());
            for (const journal::Transition& step : work.group.transitions) own.insert(step.message_id);
            for (const journal::Reference& reference : work.group.references) own.insert(reference.message_id);
            for (const auto& [id, parent] : work.parents) own.insert(id);
            const bool shared = std::ranges::any_of(own, [&](const std::string& id) { return concerned.contains(id); });
            if (shared && attempt == 0) {
                finish();
                continue;
            }
            concerned.merge(own);
            const bool refuses = ending.end == End::refused || ending.end == End::expired || ending.end == End::unfit;
            under_way.push_back({work.name(), journal_.submit(std::move(work.group)), refuses ? work.message.id : std::string(), document_of(ending.document)});
            break;
        }
    }
    finish();
    if (first) return *first;
    return {};
}

Result<void> MatchSettling::settle_unreadable(const journal::Message& message, std::int64_t now_ms) {
    for (std::size_t document = 0;; ++document) {
        const auto held = settle_held(message, document, {codes::question_unknown, "its documents can no longer be read"}, now_ms);
        if (!held) return held.error();
        if (!*held) return {};
    }
}

Result<void> MatchSettling::settle_foreign(const journal::Message& message, std::size_t document, std::int64_t now_ms) {
    const auto held = settle_held(message, document, {matching::codes::part_unknown, fmt::format("{} has no such lead any more", table_.id)}, now_ms);
    if (!held) return held.error();
    return {};
}

/// False: nothing was held for it.
Result<bool> MatchSettling::settle_held(const journal::Message& message, std::size_t document, const Error& why, std::int64_t now_ms) {
    const auto references = journal_.find_reference({}, wait_scheme, wait_name(table_.id, message.id, document));
    if (!references) return references.error();
    if (references->empty()) return false;
    Ending ending;
    ending.end = End::unfit;
    ending.document = document_number(message.number, document);
    ending.code = why.code.name();
    ending.detail = why.detail;
    if (const auto done = settle({&ending, 1}, now_ms); !done) return done.error();
    return true;
}

}  // namespace hansa::exchange
