#include "core/exchange/gather_watcher.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/log.h"
#include "core/base/time.h"
#include "core/exchange/gathering.h"
#include "core/exchange/waiting_counts.h"

namespace hansa::exchange {
namespace {

constexpr std::size_t step_max = 10;  ///< closings
constexpr std::int64_t no_closing = -1;

}  // namespace

GatherWatcher::GatherWatcher(std::unique_ptr<consolidation::WaitingRoom> room, Surrounding with)
    : room_(std::move(room)), with_(std::move(with)), settling_(with_.journal, with_.surroundings, *room_) {}

Result<std::shared_ptr<GatherWatcher>> GatherWatcher::open(const std::filesystem::path& file, Surrounding with) {
    auto room = consolidation::WaitingRoom::open(file);
    if (!room) return room.error();
    std::shared_ptr<GatherWatcher> out(new GatherWatcher(*std::move(room), std::move(with)));
    if (auto begun = out->begin(); !begun) return begun.error();
    return out;
}

/// A store that has read nothing begins at the journal's end.
Result<void> GatherWatcher::begin() {
    const auto begun = room_->has_position();
    if (!begun) return begun.error();
    if (*begun) return {};
    const auto end = journal_end(with_.journal);
    if (!end) return end.error();
    return room_->arrive({}, *end);
}

Result<std::int64_t> GatherWatcher::position() {
    return room_->position();
}

Result<bool> GatherWatcher::holds(const journal::Message& message) const {
    const auto gathered = is_gathered(with_.journal, message.id);
    if (!gathered || !*gathered) return gathered;
    const auto position = room_->position();
    if (!position) return position.error();
    return *position < message.number ? Result<bool>(true) : room_->others_of(message.number, no_closing);
}

/// What is held for a match alone is not read. Where the journal cannot say it, the documents are asked for.
bool GatherWatcher::wants_documents(const journal::Message& message) const {
    if (message.state != journal::State::held) return false;
    const auto directory = with_.surroundings().directory;
    const bool gathers = std::ranges::any_of(directory->routes, [&](const Route& route) { return route.consolidate && route.from == message.agency_from; });
    if (!gathers) return false;
    const auto gathered = is_gathered(with_.journal, message.id);
    return !gathered || *gathered;
}

/// Whom the document of the name `own` changes or takes out.
Result<void> GatherWatcher::name_other(const std::vector<journal::Reference>& references, std::string_view own, consolidation::Guest& guest) const {
    for (const journal::Reference& one : references) {
        if (one.scheme != instead_scheme && one.scheme != takes_out_scheme) continue;
        const auto names = split_other(one.value);
        const auto other = names && names->first == own ? split_name(names->second) : std::nullopt;
        if (!other) continue;
        const auto message = with_.journal.message(other->first);
        if (!message) return message.error();
        guest.other_message = message->number;
        guest.other_document = other->second;
        guest.takes_out = one.scheme == takes_out_scheme;
    }
    return {};
}

/// Documents whose route or table is gone close alone, and are refused then.
Result<void> GatherWatcher::add_guests(const Followed& one, const Surroundings& with, std::vector<consolidation::Guest>& out) const {
    const auto references = with_.journal.references_of(one.message.id);
    if (!references) return references.error();
    for (const journal::Reference& reference : *references) {
        const auto name = reference.scheme == gather_scheme ? split_name(reference.value) : std::nullopt;
        if (!name) continue;
        consolidation::Guest guest{name->first, {}, one.message.number, name->second, one.message.received_ms / 1'000, 1};
        if (auto done = name_other(*references, reference.value, guest); !done) return done;
        const auto route = std::ranges::find(with.directory->routes, name->first, &Route::name);
        if (route != with.directory->routes.end() && route->consolidate && name->second < one.documents.size()) {
            const auto table = table_of(with, route->consolidate->table);
            const pivot::Document original = as_original(one.documents[name->second]);
            const consolidation::House house{&original, one.message.format, {}};
            const auto group = table ? consolidation::group_of(house, **table, route->to_format) : Result<std::string>(table.error());
            if (group) {
                guest.group = *group;
                guest.due_s += route->consolidate->wait_s;
                guest.most = route->consolidate->documents_max;
            }
        }
        out.push_back(std::move(guest));
    }
    return {};
}

Result<void> GatherWatcher::take(std::span<const Followed> messages) {
    const std::int64_t now_ms = milliseconds_since_epoch(now_utc());
    // What a process before this one has left open comes first.
    if (auto done = settle(now_ms); !done) return done;
    const Surroundings with = with_.surroundings();
    std::vector<consolidation::Guest> guests;
    for (const Followed& one : messages) {
        if (one.message.state != journal::State::held) continue;
        if (auto done = add_guests(one, with, guests); !done) return done;
    }
    if (auto done = room_->arrive(guests, messages.back().message.number); !done) return done;
    untold_ = untold_ || !guests.empty();
    with_.between("gathered");
    if (auto done = settle(now_ms); !done) return done;
    return tell();
}

/// How many documents wait, by route.
Result<void> GatherWatcher::tell() {
    const auto counts = with_.surroundings().waiting;
    if (counts == nullptr || !untold_) return {};
    const auto waiting = room_->waiting();
    if (!waiting) return waiting.error();
    counts->set_all("consolidation", *waiting);
    untold_ = false;
    return {};
}

Result<void> GatherWatcher::settle(std::int64_t now_ms) {
    for (;;) {
        const auto closings = room_->closings(step_max);
        if (!closings) return closings.error();
        if (closings->empty()) return {};
        untold_ = true;
        for (const consolidation::Closing& closing : *closings) {
            if (auto done = settling_.settle(closing, now_ms); !done) return done;
            with_.between("recorded");
            if (auto done = room_->settled(closing.number); !done) return done;
            log::info(fmt::format("consolidation, route {}: {} documents have closed", closing.room, closing.guests.size()));
        }
        with_.released();
    }
}

Result<void> GatherWatcher::tick(std::int64_t now_ms) {
    if (auto done = room_->expire(now_ms / 1'000); !done) return done;
    if (auto done = settle(now_ms); !done) return done;
    return tell();
}

}  // namespace hansa::exchange
