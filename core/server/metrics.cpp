#include "core/server/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace hansa::server {

struct Metrics::State {
    prometheus::Registry registry;
    prometheus::Family<prometheus::Counter>& answers = prometheus::BuildCounter()
                                                           .Name("hansa_http_answers_total")
                                                           .Help("Answers by call and status")
                                                           .Register(registry);
    prometheus::Family<prometheus::Histogram>& seconds = prometheus::BuildHistogram()
                                                             .Name("hansa_http_seconds")
                                                             .Help("Time to the answer by call")
                                                             .Register(registry);
    prometheus::Family<prometheus::Counter>& accepted = prometheus::BuildCounter()
                                                            .Name("hansa_messages_accepted_total")
                                                            .Help("Messages accepted by agency and format")
                                                            .Register(registry);
    prometheus::Family<prometheus::Counter>& refused = prometheus::BuildCounter()
                                                           .Name("hansa_messages_refused_total")
                                                           .Help("Messages refused by agency and code")
                                                           .Register(registry);
    prometheus::Family<prometheus::Gauge>& states =
        prometheus::BuildGauge().Name("hansa_messages").Help("Messages in the journal by state").Register(registry);
    prometheus::Family<prometheus::Gauge>& outbox =
        prometheus::BuildGauge().Name("hansa_deliveries").Help("Deliveries by state").Register(registry);
};

Metrics::Metrics() : state_(std::make_unique<State>()) {}
Metrics::~Metrics() = default;

void Metrics::answered(std::string_view call, int status, double seconds) {
    state_->answers.Add({{"call", std::string(call)}, {"status", std::to_string(status)}}).Increment();
    const prometheus::Histogram::BucketBoundaries bounds{0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10};
    state_->seconds.Add({{"call", std::string(call)}}, bounds).Observe(seconds);
}

void Metrics::accepted(std::string_view agency, std::string_view format) {
    state_->accepted.Add({{"agency", std::string(agency)}, {"format", std::string(format)}}).Increment();
}

void Metrics::refused(std::string_view agency, std::string_view code) {
    state_->refused.Add({{"agency", std::string(agency)}, {"code", std::string(code)}}).Increment();
}

std::string Metrics::text(journal::Journal& journal) {
    if (const auto counts = journal.counts()) {
        for (const journal::StateCount& count : *counts) {
            state_->states.Add({{"state", std::string(journal::name(count.state))}}).Set(static_cast<double>(count.count));
        }
    }
    if (const auto outbox = journal.outbox()) {
        state_->outbox.Add({{"state", "pending"}}).Set(static_cast<double>(outbox->pending));
        state_->outbox.Add({{"state", "in_flight"}}).Set(static_cast<double>(outbox->in_flight));
        state_->outbox.Add({{"state", "dead"}}).Set(static_cast<double>(outbox->dead));
    }
    return prometheus::TextSerializer().Serialize(state_->registry.Collect());
}

}  // namespace hansa::server
