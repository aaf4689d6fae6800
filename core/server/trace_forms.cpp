#include "core/server/trace_forms.h"

#include <fmt/chrono.h>

#include <ctime>
#include <nlohmann/json.hpp>

namespace hansa::server {
namespace {

using Json = nlohmann::ordered_json;

Json references_json(std::span<const trace::NamedReference> references) {
    Json out = Json::array();
    for (const trace::NamedReference& one : references) out.push_back({{"scheme", one.scheme}, {"value", one.value}});
    return out;
}

Json event_json(const trace::TimelineEvent& event) {
    return {{"event", event.event}, {"text", event.text}, {"at", time_text(event.at_ms, event.precision)}, {"precision", trace::precision_name(event.precision)},
            {"level", trace::level_name(event.level)}, {"own", event.own}, {"message", event.message}, {"format", event.format}, {"agency", event.agency}, {"row", event.row}};
}

std::pair<std::string, std::string> ends_of(const std::string& corridor) {
    const std::size_t sign = corridor.find('>');
    if (sign == corridor.npos) return {};
    return {corridor.substr(0, sign), corridor.substr(sign + 1)};
}

std::string cell(const std::string& text) {
    if (text.find_first_of(",\"\r\n") == text.npos) return text;
    std::string out = "\"";
    for (const char sign : text) out += sign == '"' ? std::string("\"\"") : std::string(1, sign);
    return out + '"';
}

std::string dumped(const Json& json) {
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string time_text(std::int64_t at_ms, trace::Precision precision) {
    const std::int64_t second = at_ms / 1'000 - (at_ms % 1'000 < 0 ? 1 : 0);
    const std::tm time = fmt::gmtime(static_cast<std::time_t>(second));
    if (precision == trace::Precision::day) return fmt::format("{:%Y-%m-%d}", time);
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", time, at_ms - second * 1'000);
}

void add_timeline(Json& out, const trace::Timeline& line) {
    out["timeline"] = Json::array();
    for (const trace::TimelineEvent& event : line.events) out["timeline"].push_back(event_json(event));
    out["stages"] = Json::array();
    for (const trace::TimelineStage& stage : line.stages) {
        const std::int64_t seconds = (stage.to_ms - stage.from_ms) / 1'000;
        out["stages"].push_back({{"stage", stage.stage}, {"text", stage.text}, {"from", stage.from}, {"to", stage.to}, {"from_at", time_text(stage.from_ms)},
                                 {"to_at", time_text(stage.to_ms)}, {"seconds", seconds}, {"duration", trace::duration_text(seconds)}});
    }
    out["references"] = references_json(line.references);
    out["parts"] = references_json(line.parts);
    out["corridor"] = line.corridor;
    out["things"] = line.things;
    out["complete"] = line.complete;
}

std::string release_times_json(std::span<const trace::ReleaseTimes> times, std::string_view from, std::string_view to) {
    Json out = {{"from", from}, {"to", to}, {"within", 1.0 / 256}, {"stages", Json::array()}};
    for (const trace::ReleaseTimes& one : times) {
        const auto [start, end] = ends_of(one.corridor);
        out["stages"].push_back({{"stage", one.stage}, {"corridor_from", start}, {"corridor_to", end}, {"count", one.count}, {"median_seconds", one.median_s},
                                 {"p90_seconds", one.p90_s}, {"median", trace::duration_text(one.median_s)}, {"p90", trace::duration_text(one.p90_s)}});
    }
    return dumped(out);
}

std::string release_times_csv(std::span<const trace::ReleaseTimes> times) {
    std::string out = "stage,corridor_from,corridor_to,count,median_seconds,p90_seconds\r\n";
    for (const trace::ReleaseTimes& one : times) {
        const auto [start, end] = ends_of(one.corridor);
        out += fmt::format("{},{},{},{},{},{}\r\n", cell(one.stage), cell(start), cell(end), one.count, one.median_s, one.p90_s);
    }
    return out;
}

std::string recall_json(std::string_view question, const trace::RecallPage& page) {
    Json out = {{"question", question}, {"items", Json::array()}};
    for (const trace::RecallItem& item : page.items) {
        out["items"].push_back({{"references", references_json(item.references)}, {"event", item.event}, {"at", time_text(item.at_ms)}, {"message", item.message}, {"format", item.format}});
    }
    if (page.next != 0) out["next_cursor"] = std::to_string(page.next);
    return dumped(out);
}

}  // namespace hansa::server
