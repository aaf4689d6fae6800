// What the API asks of the gateway's timelines (exchange/trace_desk.h). Internal to core/server.
#pragma once

#include "core/exchange/trace_desk.h"
#include "core/server/api.h"

namespace hansa::server {

/// The timeline of a reference, or of the journal's message of this id. `visible`: whether who asks may know of a message.
/// Errors: trace.not-found, trace.scheme-unknown, journal.*
Result<trace::Timeline> timeline_of(const exchange::TraceDesk& desk, journal::Journal& journal, const std::string& reference, const std::string& scheme,
                                    const trace::Visible& visible);
/// GET /v1/statistics/release-times
Answer release_times(const exchange::TraceDesk& desk, const Request& request);
/// GET /v1/recalls
Answer recall(const exchange::TraceDesk& desk, const Request& request);

}  // namespace hansa::server
