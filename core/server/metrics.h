// What the gateway counts, as Prometheus text.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/exchange/engines.h"
#include "core/exchange/match_desk.h"
#include "core/exchange/retention.h"
#include "core/exchange/rule_desk.h"
#include "core/exchange/trace_desk.h"
#include "core/exchange/waiting_counts.h"
#include "core/journal/journal.h"

namespace hansa::server {

/// Thread-safe.
class Metrics {
public:
    Metrics();
    ~Metrics();
    void answered(std::string_view call, int status, double seconds);
    void accepted(std::string_view agency, std::string_view format);
    void refused(std::string_view agency, std::string_view code);
    /// The text, with the journal's state of now, and what the engines have done since the last reload.
    std::string text(journal::Journal& journal, const exchange::Surroundings& with = {});

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace hansa::server
