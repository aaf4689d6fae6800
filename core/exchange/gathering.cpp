// The stage gather: which documents go out with others, and whether they can.
#include "core/exchange/gathering.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <ctime>

#include "core/base/ids.h"
#include "core/consolidation/book.h"
#include "core/consolidation/codes.h"
#include "core/exchange/codes.h"
#include "core/exchange/fate.h"
#include "core/exchange/follower.h"
#include "core/exchange/kept_documents.h"
#include "core/exchange/mastering.h"
#include "core/exchange/translation.h"

namespace hansa::exchange {

std::string gather_name(std::string_view route, std::size_t document) {
    return fmt::format("{}/{}", route, document);
}

std::string house_name(std::string_view message_id, std::size_t document) {
    return fmt::format("{}/{}", message_id, document);
}

std::optional<std::pair<std::string, std::size_t>> split_name(std::string_view name) {
    const std::size_t slash = name.rfind('/');
    if (slash == name.npos) return std::nullopt;
    const std::string_view digits = name.substr(slash + 1);
    std::size_t number = 0;
    const auto [end, wrong] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (wrong != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
    return std::pair(std::string(name.substr(0, slash)), number);
}

std::string other_name(std::string_view own, std::string_view other) {
    return fmt::format("{} {}", own, other);
}

std::optional<std::pair<std::string, std::string>> split_other(std::string_view value) {
    const std::size_t space = value.rfind(' ');
    if (space == value.npos) return std::nullopt;
    return std::pair(std::string(value.substr(0, space)), std::string(value.substr(space + 1)));
}

pivot::Document as_original(pivot::Document document) {
    for (pivot::Node& child : document.root.children) {
        if (child.name == "FunctionCode") child.value = "9";
    }
    return document;
}

std::string issue_time(std::int64_t at_ms) {
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}Z", fmt::gmtime(static_cast<std::time_t>(at_ms / 1'000)));
}

Result<const consolidation::ConsolidationTable*> table_of(const Surroundings& with, std::string_view table) {
    if (with.consolidations == nullptr) return Error{consolidation::codes::table_unknown, fmt::format("'{}'", table)};
    return with.consolidations->find(table);
}

namespace {

/// A document that cannot be a master by itself cannot be one with others.
Result<void> try_alone(Passage& passage, const Route& route, const consolidation::ConsolidationTable& table, const pivot::Document& document) {
    const Agency* receiver = passage.with.directory->agency(route.to);
    const plugin::Format* format = passage.with.registry->find(route.to_format);
    if (receiver == nullptr || format == nullptr) return Error{codes::no_route, fmt::format("route '{}' leads to an agency or a format that is not there", route.name)};
    const pivot::Document original = as_original(document);
    const consolidation::House house{&original, passage.format->id, "the document"};
    const std::string issued = issue_time(passage.received_ms);
    const auto made = consolidation::consolidate({&house, 1}, table, {.format = format->id, .reference = {}, .issued = issued});
    if (!made.refusals.empty()) return made.refusals.front().error;
    const auto written = write_message(*passage.with.registry, *format, {&made.masters.front().document, 1}, context_of(passage, *receiver, *format, message_id()), passage.faults);
    if (!written) return written.error();
    return {};
}

/// Which of the documents a change speaks of, by its own reference or the number that customs gave.
std::optional<std::size_t> document_of(std::span<const pivot::Document> documents, const Facts& change) {
    for (std::size_t i = 0; i < documents.size(); ++i) {
        const std::string reference = field_of(documents[i].root, "FunctionalReferenceID"), number = field_of(documents[i].root, "ID");
        if (!change.own_reference.empty() ? reference == change.own_reference : !change.number.empty() && number == change.number) return i;
    }
    return std::nullopt;
}

/// The document that a change speaks of.
struct Other {
    std::string name;    ///< its house_name
    std::string master;  ///< that it has gone out in; empty: it waits
};

Result<Other> other_of(Passage& passage, const Route& route, const Facts& change) {
    const auto id = find_base(passage, change);
    if (!id) return id.error();
    const auto message = passage.journal.message(*id);
    if (!message) return message.error();
    const Error gone{codes::gone_out, fmt::format("message {}", *id)};
    const auto documents = kept_documents(passage.journal, passage.with, *message);
    if (!documents && (message->state == journal::State::held || is_passing(documents.error()))) return documents.error();
    if (!documents) return gone;
    const auto document = document_of(*documents, change);
    if (document) {
        std::string name = house_name(*id, *document);
        auto master = master_of(passage.journal, route, name);
        if (!master) return master.error();
        if (!master->empty()) return Other{std::move(name), *std::move(master)};
    }
    if (message->state != journal::State::held) return gone;
    const auto references = passage.journal.references_of(*id, gather_scheme);
    if (!references) return references.error();
    const bool gathered = document && std::ranges::any_of(*references, [&](const journal::Reference& one) { return one.value == gather_name(route.name, *document); });
    if (!gathered) return Error{codes::original_only, fmt::format("message {} waits for another route than '{}'", *id, route.name)};
    return Other{house_name(*id, *document), {}};
}

enum class Act { goes, replaces, takes_out };

/// Nothing: it changes a part.
std::optional<Act> act_of(std::string_view function, const plugin::Format& format, const consolidation::ConsolidationTable& table) {
    if (function.empty() || function == "9") return Act::goes;
    if (function == "1" || function == "3") return Act::takes_out;
    const bool whole = function == "5" || (function == "4" && std::ranges::find(table.anew, format.id) != table.anew.end());
    return whole ? std::optional(Act::replaces) : std::nullopt;
}

}  // namespace

Result<void> gather(Passage& passage, const Route& route, std::span<const std::size_t> documents) {
    const auto table = table_of(passage.with, route.consolidate->table);
    if (!table) return table.error();
    if (const auto made = need_documents(passage); !made) return made;
    Amendments amendments(passage, route, **table);
    bool waits = false;
    for (const std::size_t number : documents) {
        const auto act = act_of(passage.facts[number].function, *passage.format, **table);
        if (!act) return Error{codes::original_only, fmt::format("route '{}' gathers by {}", route.name, (*table)->id)};
        Gathered one{&route, number};
        if (*act != Act::takes_out) {
            if (const auto fits = try_alone(passage, route, **table, passage.documents[number]); !fits) return fits;
        }
        if (*act != Act::goes) {
            if (!passage.fates.owns_lock()) passage.fates = fates_of(passage.with);
            auto other = other_of(passage, route, passage.facts[number]);
            if (!other) return other.error();
            one.takes_out = *act == Act::takes_out;
            if (!other->master.empty()) {
                if (const auto added = amendments.add(other->master, other->name, number, one.takes_out); !added) return added;
                continue;
            }
            one.other = std::move(other->name);
        }
        waits = true;
        passage.gathered.push_back(std::move(one));
    }
    if (const auto sent = amendments.finish(); !sent) return sent;
    if (waits) passage.waits.push_back({(*table)->id, passage.received_ms + route.consolidate->wait_s * 1'000, true});
    return {};
}

Result<bool> is_gathered(journal::Journal& journal, std::string_view message_id) {
    const auto references = journal.references_of(message_id, gather_scheme);
    if (!references) return references.error();
    return !references->empty();
}

Result<std::vector<std::string>> messages_in(journal::Journal& journal, std::string_view outgoing_id) {
    const auto references = journal.references_of(outgoing_id, house_scheme);
    if (!references) return references.error();
    std::vector<std::string> out;
    for (const journal::Reference& one : *references) {
        const auto name = split_name(one.value);
        if (name && std::ranges::find(out, name->first) == out.end()) out.push_back(name->first);
    }
    return out;
}

}  // namespace hansa::exchange
