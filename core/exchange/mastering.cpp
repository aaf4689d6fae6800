#include "core/exchange/mastering.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "core/base/digest.h"
#include "core/exchange/codes.h"
#include "core/exchange/fate.h"
#include "core/exchange/follower.h"
#include "core/exchange/kept_documents.h"

namespace hansa::exchange {
namespace {

using journal::State;

void set_function(pivot::Document& document, std::string_view function) {
    for (pivot::Node& child : document.root.children) {
        if (child.name == "FunctionCode") child.value = function;
    }
}

}  // namespace

Result<std::vector<Outgoing>> add_master(journal::Journal& journal, const Surroundings& with, const MasterOrder& order, journal::Group& into) {
    Submission submission;
    submission.agency = order.route.from;
    submission.test = order.test;
    Diagnostics faults;
    Passage passage{submission, with, journal, faults};
    passage.id = order.parent;
    passage.digest = sha256_hex(order.name);
    passage.received_ms = order.at_ms;
    passage.received = moment_of(order.at_ms);
    passage.sender = with.directory->agency(order.route.from);
    passage.format = with.registry->find(order.format);
    if (passage.sender == nullptr || passage.format == nullptr || !passage.format->mapping) return Error{codes::no_route, "its sender or its format is gone"};
    passage.has_documents = true;
    passage.documents.push_back(order.document);
    passage.leaves.emplace_back();
    if (const auto rendered = render_for_route(passage, order.route); !rendered) return rendered.error();
    for (const Outgoing& outgoing : passage.outgoing) {
        add_outgoing(into, passage, outgoing);
        into.messages.back().business_key = order.reference;
        into.references.push_back({outgoing.id, {}, std::string(table_scheme), order.table.id});
        for (const Standing* one : order.houses) {
            into.references.push_back({outgoing.id, {}, std::string(house_scheme), house_name(one->message, one->number)});
            // Whoever looks for a parcel by its sender's own number finds what it went out in.
            for (const auto& [scheme, value] : facts_of(one->document, {}, {}).references) into.references.push_back({outgoing.id, order.route.from, scheme, value});
        }
        for (const Standing* one : order.taken_out) into.references.push_back({outgoing.id, {}, std::string(takes_out_scheme), house_name(one->message, one->number)});
    }
    return std::move(passage.outgoing);
}

Result<std::string> master_of(journal::Journal& journal, const Route& route, std::string_view house) {
    const auto masters = journal.find_reference({}, house_scheme, house);
    if (!masters) return masters.error();
    for (const journal::Reference& one : *masters) {  // the newest first
        const auto deliveries = journal.deliveries_of(one.message_id);
        if (!deliveries) return deliveries.error();
        if (std::ranges::find(*deliveries, route.name, &journal::Delivery::route) != deliveries->end()) return one.message_id;
    }
    return std::string();
}

/// What stands in the master that its receiver has.
Result<Amendments::Master*> Amendments::known(const std::string& id) {
    if (const auto found = masters_.find(id); found != masters_.end()) return &found->second;
    const auto gone = [&](const Error& why) { return is_passing(why) ? why : Error{codes::gone_out, fmt::format("message {}, which can no longer be read: {}", id, why.text())}; };
    auto sent = passage_.journal.message(id);
    if (!sent) return sent.error();
    if (sent->state == State::dead || sent->state == State::failed) return Error{codes::gone_out, fmt::format("message {}, which its receiver has not got: it waits as a dead letter", id)};
    auto own = kept_documents(passage_.journal, passage_.with, *sent);
    if (!own || own->empty()) return gone(own ? Error{codes::question_unknown, "it is empty"} : own.error());
    const auto references = passage_.journal.references_of(id, house_scheme);
    if (!references) return references.error();
    Master out{*std::move(sent), std::move(own->front()), {}, {}};
    std::map<std::string, std::pair<std::string, std::vector<pivot::Document>>> read;
    for (const journal::Reference& one : *references) {
        const auto name = split_name(one.value);
        if (!name) continue;
        if (!read.contains(name->first)) {
            const auto message = passage_.journal.message(name->first);
            if (!message) return message.error();
            auto documents = kept_documents(passage_.journal, passage_.with, *message);
            if (!documents) return gone(documents.error());
            read.emplace(name->first, std::pair(message->format, *std::move(documents)));
        }
        const auto& [format, documents] = read.at(name->first);
        if (name->second >= documents.size()) return gone(Error{codes::question_unknown, fmt::format("message {} has no document {}", name->first, name->second + 1)});
        out.houses.push_back({name->first, name->second, format, as_original(documents[name->second])});
    }
    return &masters_.emplace(id, std::move(out)).first->second;
}

Result<void> Amendments::add(const std::string& master, const std::string& house, std::size_t number, bool takes_out) {
    const auto known = this->known(master);
    if (!known) return known.error();
    std::vector<Standing>& houses = (*known)->houses;
    const auto place = std::ranges::find_if(houses, [&](const Standing& one) { return house_name(one.message, one.number) == house; });
    if (place == houses.end()) return Error{codes::gone_out, fmt::format("message {}, in which it stands no more", master)};
    Standing own{passage_.id, number, passage_.format->id, as_original(passage_.documents[number])};
    if (takes_out) {
        houses.erase(place);
        (*known)->taken_out.push_back(std::move(own));
    } else {
        *place = std::move(own);
    }
    return {};
}

/// Under its own reference.
Result<pivot::Document> Amendments::made_again(const Master& master) const {
    std::vector<consolidation::House> given;
    for (const Standing& one : master.houses) given.push_back({&one.document, one.format, house_name(one.message, one.number)});
    const std::string issued = issue_time(passage_.received_ms), reference = consolidation::text_at(master.document.root, table_.reference);
    auto made = consolidation::consolidate(given, table_, {.format = route_.to_format, .reference = reference, .issued = issued});
    if (!made.refusals.empty()) return made.refusals.front().error;
    if (made.masters.size() != 1) return Error{codes::gone_out, fmt::format("message {}: with the change it would be {} masters", master.sent.id, made.masters.size())};
    return std::move(made.masters.front().document);
}

Result<void> Amendments::send(const Master& master) {
    const bool empty = master.houses.empty();
    auto document = empty ? Result<pivot::Document>(master.document) : made_again(master);
    if (!document) return document.error();
    MasterOrder order{route_, table_, *document, consolidation::text_at(master.document.root, table_.reference), passage_.id, passage_.format->id, {}, passage_.submission.test, passage_.received_ms, {}, {}};
    for (const Standing& one : master.houses) order.houses.push_back(&one);
    // Who empties it is answered like one that stands in it: nobody else is left.
    for (const Standing& one : master.taken_out) (empty ? order.houses : order.taken_out).push_back(&one);
    std::optional<Error> first;
    for (const std::string_view function : empty ? std::vector<std::string_view>{"1", "3"} : std::vector<std::string_view>{"4", "5"}) {
        set_function(*document, function);
        order.name = fmt::format("{} {} {}", passage_.digest, master.sent.id, function);
        auto added = add_master(passage_.journal, passage_.with, order, passage_.extra);
        if (added) {
            std::ranges::move(*added, std::back_inserter(passage_.masters));
            return {};
        }
        if (is_passing(added.error())) return added.error();
        if (!first) first = added.error();
    }
    return Error{codes::gone_out, fmt::format("message {}, and its receiver's format has no such change: {}: {}", master.sent.id, first->code.name(), first->detail)};
}

Result<void> Amendments::finish() {
    for (const auto& [id, master] : masters_) {
        if (const auto sent = send(master); !sent) return sent;
    }
    return {};
}

}  // namespace hansa::exchange
