#include "core/exchange/kept_documents.h"

#include <fmt/chrono.h>

#include <algorithm>
#include <ctime>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>

#include "core/base/codes.h"
#include "core/base/time.h"
#include "core/envelope/envelope.h"
#include "core/exchange/codes.h"
#include "core/exchange/passage.h"
#include "core/exchange/pivot_store.h"
#include "core/journal/codes.h"
#include "core/mapping/mapping.h"

namespace hansa::exchange {
namespace {

using Json = nlohmann::ordered_json;
constexpr std::string_view recipe_start = "{\"read_again\":";

/// Errors: journal.body-dropped, exchange.question-unknown (the message never had one)
Result<std::string> body_of(journal::Journal& journal, std::string_view message_id, journal::BodyKind kind) {
    const auto bodies = journal.bodies_of(message_id);
    if (!bodies) return bodies.error();
    const journal::BodyRef* dropped = nullptr;
    for (const journal::BodyRef& body : *bodies) {
        if (body.kind != kind) continue;
        if (!body.dropped) return journal.read_body(body.digest);
        dropped = &body;
    }
    if (dropped == nullptr) return Error{codes::question_unknown, fmt::format("message {} has no body '{}'", message_id, journal::name(kind))};
    return Error{journal::codes::body_dropped, fmt::format("'{}' of message {}, digest {}", journal::name(kind), message_id, dropped->digest)};
}

std::optional<Recipe> recipe_of(std::string_view body) {
    if (!body.starts_with(recipe_start)) return std::nullopt;
    try {
        const Json json = Json::parse(body).at("read_again");
        return Recipe{json.at("message"), json.at("tables"), json.at("documents").get<std::vector<std::size_t>>()};
    } catch (const std::exception&) {
        return std::nullopt;
    }
}

/// Its signature was verified when it came; what is read are the bytes that it covered.
Result<std::vector<pivot::Document>> read_again(journal::Journal& journal, const Surroundings& with, const Recipe& recipe) {
    const auto message = journal.message(recipe.message_id);
    if (!message) return message.error();
    const auto bytes = body_of(journal, recipe.message_id, journal::BodyKind::received);
    if (!bytes) return bytes.error();
    const std::span<const envelope::Frame> frames = with.frames == nullptr ? std::span<const envelope::Frame>() : std::span(*with.frames);
    auto layers = envelope::unwrap(*bytes, {}, frames);
    if (!layers) return layers.error();
    Submission submission;
    submission.agency = message->agency_from;
    Diagnostics faults;
    Passage passage{submission, with, journal, faults};
    passage.id = message->id;
    passage.digest = message->digest;
    passage.received_ms = message->received_ms;
    passage.received = moment_of(message->received_ms);
    passage.sender = with.directory->agency(message->agency_from);
    passage.format = with.registry->find(message->format);
    if (passage.sender == nullptr || passage.format == nullptr || !passage.format->mapping)
        return Error{codes::question_unknown, "its sender or its format is gone"};
    for (envelope::Document& document : layers->documents) {
        passage.parts.emplace_back();
        passage.parts.back().bytes = std::move(document.bytes);
    }
    if (const auto made = need_documents(passage); !made) return made.error();
    std::vector<pivot::Document> out;
    for (const std::size_t number : recipe.documents) {
        if (number < passage.documents.size()) out.push_back(std::move(passage.documents[number]));
    }
    if (out.empty()) return Error{base::codes::internal, "stored documents: none"};
    return out;
}

}  // namespace

DateTime moment_of(std::int64_t milliseconds) {
    const std::time_t second = milliseconds / 1000;
    return parse_iso(fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}+00:00", fmt::gmtime(second), milliseconds % 1000)).value();
}

Result<journal::Message> message_numbered(journal::Journal& journal, std::int64_t number) {
    journal::Filter filter;
    filter.oldest_first = true;
    filter.cursor = std::to_string(std::max<std::int64_t>(number - 1, 0));
    filter.count_max = 1;
    const auto page = journal.search(filter);
    if (!page) return page.error();
    if (page->messages.empty() || page->messages.front().number != number) return Error{codes::question_unknown, fmt::format("no message {} in the journal", number)};
    return page->messages.front();
}

std::string recipe_json(const Recipe& recipe) {
    const Json json{{"read_again", {{"message", recipe.message_id}, {"tables", recipe.tables}, {"documents", recipe.documents}}}};
    return json.dump();
}

Result<std::vector<pivot::Document>> kept_documents(journal::Journal& journal, const Surroundings& with, const journal::Message& message) {
    const auto body = body_of(journal, message.id, journal::BodyKind::pivot);
    if (!body) return body.error();
    const auto recipe = recipe_of(*body);
    return recipe ? read_again(journal, with, *recipe) : documents_from_json(*body);
}

std::string evidence_of_pivot(journal::Journal& journal, const Surroundings& with, std::string body) {
    const auto recipe = recipe_of(body);
    if (!recipe) return body;
    const auto message = journal.message(recipe->message_id);
    const plugin::Format* format = message ? with.registry->find(message->format) : nullptr;
    if (format == nullptr || !format->mapping || format->mapping->digest() != recipe->tables) return body;
    const auto documents = read_again(journal, with, *recipe);
    return documents ? documents_to_json(*documents) : body;
}

}  // namespace hansa::exchange
