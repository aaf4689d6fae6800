#include "core/server/trace_calls.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "core/base/time.h"
#include "core/server/codes.h"
#include "core/server/trace_forms.h"
#include "core/trace/codes.h"

namespace hansa::server {
namespace {

constexpr std::int64_t day_ms = 86'400'000;
constexpr std::int64_t period_days = 30;
constexpr std::size_t page_max = 1'000, page_default = 100;

std::string value_of(const std::map<std::string, std::string, std::less<>>& map, std::string_view key) {
    const auto found = map.find(key);
    return found == map.end() ? std::string() : found->second;
}

Answer bad(std::string detail) {
    return problem(Error{codes::bad_parameter, std::move(detail)});
}

/// A parameter that nobody knows is a slip of the pen, and would else be left out in silence.
std::optional<Answer> unknown_parameter(const Request& request, std::initializer_list<std::string_view> known) {
    for (const auto& [name, value] : request.query) {
        if (std::ranges::find(known, name) == known.end()) return bad(fmt::format("there is no parameter '{}'", name));
    }
    return std::nullopt;
}

/// Days since 1970 of "2026-11-26"; nothing: it is no day.
std::optional<std::int64_t> day_number(const std::string& text) {
    const auto day = parse_iso(text);
    if (!day || day->has_time) return std::nullopt;
    return milliseconds_since_epoch(*day) / day_ms;
}

std::string day_text(std::int64_t day) {
    return time_text(day * day_ms, trace::Precision::day);
}

bool wants_csv(const Request& request) {
    const std::string format = value_of(request.query, "format");
    return format.empty() ? value_of(request.headers, "accept").find("text/csv") != std::string::npos : format == "csv";
}

std::optional<std::size_t> number_of(const std::string& text) {
    std::size_t out = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (fault != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return out;
}

}  // namespace

Result<trace::Timeline> timeline_of(const exchange::TraceDesk& desk, journal::Journal& journal, const std::string& reference, const std::string& scheme,
                                    const trace::Visible& visible) {
    const auto book = desk.book();
    auto line = desk.tracer().timeline(*book, reference, scheme, visible);
    if (line || line.error().code != trace::codes::not_found || !scheme.empty()) return line;
    // A message's id is no reference of the trade: its own events say what it is of.
    auto message = journal.message(reference);
    if (message && message->direction == journal::Direction::out && !message->parent_id.empty()) message = journal.message(message->parent_id);
    if (!message) return line;
    return desk.tracer().timeline_of_message(*book, message->number, visible);
}

Answer release_times(const exchange::TraceDesk& desk, const Request& request) {
    if (auto wrong = unknown_parameter(request, {"from", "to", "stage", "corridor", "format"})) return *std::move(wrong);
    const std::string format = value_of(request.query, "format");
    if (!format.empty() && format != "csv" && format != "json") return bad(fmt::format("format '{}' is neither json nor csv", format));
    const std::string from = value_of(request.query, "from"), to = value_of(request.query, "to");
    trace::ReleaseFilter filter;
    const auto last = to.empty() ? std::optional(milliseconds_since_epoch(now_utc()) / day_ms) : day_number(to);
    if (!last) return bad(fmt::format("to '{}' is no day", to));
    const auto first = from.empty() ? std::optional(*last - period_days) : day_number(from);
    if (!first) return bad(fmt::format("from '{}' is no day", from));
    if (*first > *last) return bad("the period ends before it begins");
    filter.from_day = *first;
    filter.to_day = *last;
    filter.corridor = value_of(request.query, "corridor");
    if (!filter.corridor.empty() && filter.corridor.find('>') == std::string::npos) return bad(fmt::format("corridor '{}' is not of the form CN>BY", filter.corridor));
    filter.stage = value_of(request.query, "stage");
    const auto book = desk.book();
    const auto stages = book->stages();
    if (!filter.stage.empty() && std::ranges::none_of(stages, [&](const trace::Stage* stage) { return stage->id == filter.stage; }))
        return bad(fmt::format("no table has a stage '{}'", filter.stage));
    const auto times = desk.tracer().release_times(filter);
    if (!times) return problem(times.error());
    if (wants_csv(request)) return Answer{200, "text/csv; charset=utf-8; header=present", {}, release_times_csv(*times)};
    return Answer{200, "application/json", {}, release_times_json(*times, day_text(filter.from_day), day_text(filter.to_day))};
}

Answer recall(const exchange::TraceDesk& desk, const Request& request) {
    if (auto wrong = unknown_parameter(request, {"seller", "product", "batch", "cursor", "count"})) return *std::move(wrong);
    std::string question;
    for (const trace::MarkKind& kind : trace::mark_kinds()) {
        const auto asked = request.query.find(kind.name);
        if (asked == request.query.end()) continue;
        if (!question.empty()) return bad("one of seller, product and batch is asked for at a time");
        question = fmt::format("{}={}", kind.name, asked->second);
    }
    const std::string cursor = value_of(request.query, "cursor"), count = value_of(request.query, "count");
    const auto after = cursor.empty() ? std::optional<std::size_t>(0) : number_of(cursor);
    if (!after || *after > static_cast<std::size_t>(INT64_MAX)) return bad(fmt::format("cursor '{}' is none that was given", cursor));
    const auto most = count.empty() ? std::optional(page_default) : number_of(count);
    if (!most || *most == 0 || *most > page_max) return bad(fmt::format("count is 1 to {}", page_max));
    const auto page = desk.tracer().recall(question, static_cast<std::int64_t>(*after), *most);
    if (!page) return problem(page.error());
    return Answer{200, "application/json", {}, recall_json(question, *page)};
}

}  // namespace hansa::server
