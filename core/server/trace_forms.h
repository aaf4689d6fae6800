// Timelines, stage times and recalls as JSON and CSV: the shapes of docs/api.md.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>

#include "core/trace/tracer.h"

namespace hansa::server {

/// "2026-11-26T08:15:30.904Z"; of a day the day alone.
std::string time_text(std::int64_t at_ms, trace::Precision precision = trace::Precision::moment);
/// Adds timeline, stages, references, parts, corridor, things, complete.
void add_timeline(nlohmann::ordered_json& out, const trace::Timeline& line);
std::string release_times_json(std::span<const trace::ReleaseTimes> times, std::string_view from, std::string_view to);
/// RFC 4180, with a first row of names.
std::string release_times_csv(std::span<const trace::ReleaseTimes> times);
std::string recall_json(std::string_view question, const trace::RecallPage& page);

}  // namespace hansa::server
