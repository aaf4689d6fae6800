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
    const consolidation::House house{&document, passage.format->id, "the document"};
    const std::string issued = issue_time(passage.received_ms);
    const auto made = consolidation::consolidate({&house, 1}, table, {.format = format->id, .reference = {}, .issued = issued});
    if (!made.refusals.empty()) return made.refusals.front().error;
    const auto written = write_message(*passage.with.registry, *format, {&made.masters.front().document, 1}, context_of(passage, *receiver, *format, message_id()), passage.faults);
    if (!written) return written.error();
    return {};
}

}  // namespace

Result<void> gather(Passage& passage, const Route& route, std::span<const std::size_t> documents) {
    const auto table = table_of(passage.with, route.consolidate->table);
    if (!table) return table.error();
    if (const auto made = need_documents(passage); !made) return made;
    for (const std::size_t number : documents) {
        const std::string& function = passage.facts[number].function;
        if (!function.empty() && function != "9") return Error{codes::original_only, fmt::format("route '{}' gathers by {}", route.name, (*table)->id)};
        if (const auto fits = try_alone(passage, route, **table, passage.documents[number]); !fits) return fits;
        passage.gathered.push_back({&route, number});
    }
    passage.waits.push_back({(*table)->id, passage.received_ms + route.consolidate->wait_s * 1'000, true});
    return {};
}

Result<std::vector<std::string>> messages_in(journal::Journal& journal, std::string_view outgoing_id) {
    const auto references = journal.references_of(outgoing_id);
    if (!references) return references.error();
    std::vector<std::string> out;
    for (const journal::Reference& one : *references) {
        const auto name = one.scheme == house_scheme ? split_name(one.value) : std::nullopt;
        if (name && std::ranges::find(out, name->first) == out.end()) out.push_back(name->first);
    }
    return out;
}

}  // namespace hansa::exchange
