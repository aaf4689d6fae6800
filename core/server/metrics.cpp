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
    prometheus::Family<prometheus::Gauge>& fast_way = prometheus::BuildGauge()
                                                          .Name("hansa_fast_way_messages")
                                                          .Help("What the fast way made of messages since the last reload, and why it left some")
                                                          .Register(registry);
    prometheus::Family<prometheus::Gauge>& signatures = prometheus::BuildGauge()
                                                            .Name("hansa_fast_way_signatures")
                                                            .Help("Signatures that the fast way made or verified, and those it left to the reference")
                                                            .Register(registry);
    prometheus::Family<prometheus::Gauge>& shadow = prometheus::BuildGauge()
                                                        .Name("hansa_shadow_messages")
                                                        .Help("Messages that both engines did, and those in which they differed")
                                                        .Register(registry);
    prometheus::Family<prometheus::Gauge>& findings = prometheus::BuildGauge()
                                                          .Name("hansa_rule_findings")
                                                          .Help("Places where a numbered rule did not hold, by rule and severity")
                                                          .Register(registry);
    prometheus::Family<prometheus::Gauge>& matched = prometheus::BuildGauge()
                                                         .Name("hansa_matching_documents")
                                                         .Help("Documents that took part in a match since the start, by table and by what became of them")
                                                         .Register(registry);
    prometheus::Family<prometheus::Gauge>& waiting =
        prometheus::BuildGauge()
            .Name("hansa_waiting_documents")
            .Help("Documents that wait now: for what belongs to them (matching, by table), or for others that they go out with (consolidation, by route)")
            .Register(registry);
    prometheus::Family<prometheus::Gauge>& retention = prometheus::BuildGauge()
                                                           .Name("hansa_retention")
                                                           .Help("Retention since the start: bodies dropped, their bytes, runs, runs that failed")
                                                           .Register(registry);
    prometheus::Family<prometheus::Gauge>& traced = prometheus::BuildGauge()
                                                        .Name("hansa_trace")
                                                        .Help("The store of timelines: events, references, references whose stages wait to be measured, number of the last message")
                                                        .Register(registry);
    prometheus::Family<prometheus::Gauge>& outbox =
        prometheus::BuildGauge().Name("hansa_deliveries").Help("Deliveries by state").Register(registry);

    void show(const exchange::TraceDesk& desk) {
        const auto counts = desk.tracer().counts();
        const auto position = desk.tracer().position();
        if (!counts || !position) return;
        traced.Add({{"what", "events"}}).Set(static_cast<double>(counts->events));
        traced.Add({{"what", "references"}}).Set(static_cast<double>(counts->references));
        traced.Add({{"what", "waiting"}}).Set(static_cast<double>(counts->waiting));
        traced.Add({{"what", "position"}}).Set(static_cast<double>(*position));
    }

    void show(const exchange::SignatureCounts& counts) {
        const auto set = [&](const char* work, const char* outcome, std::string_view why, std::uint64_t count) {
            prometheus::Labels labels{{"work", work}, {"outcome", outcome}};
            if (!why.empty()) labels.emplace("why", why);
            signatures.Add(labels).Set(static_cast<double>(count));
        };
        set("verify", "done", {}, counts.verified);
        set("verify", "differed", {}, counts.verify_differed);
        set("sign", "done", {}, counts.made);
        set("sign", "left", {}, counts.make_left);
        for (std::size_t i = 0; i < trust::left_reasons; ++i) {
            if (counts.verify_left[i] != 0) set("verify", "left", trust::name_of(static_cast<trust::LeftBecause>(i)), counts.verify_left[i]);
        }
    }

    void show(const exchange::RuleCounts& counts) {
        for (const auto& [rule, count] : counts.all())
            findings.Add({{"rule", rule}, {"severity", std::string(rules::severity_name(count.severity))}}).Set(static_cast<double>(count.findings));
    }

    void show(const exchange::MatchCounts& counts) {
        for (const auto& [table, words] : counts.all()) {
            for (const auto& [word, count] : words) matched.Add({{"table", table}, {"outcome", word}}).Set(static_cast<double>(count));
        }
    }

    void show(const exchange::WaitingCounts& counts) {
        for (const auto& [service, names] : counts.all()) {
            for (const auto& [of, count] : names) waiting.Add({{"service", service}, {"of", of}}).Set(static_cast<double>(count));
        }
    }

    void show(const exchange::RetentionCounts& counts) {
        retention.Add({{"what", "bodies"}}).Set(static_cast<double>(counts.bodies));
        retention.Add({{"what", "bytes"}}).Set(static_cast<double>(counts.bytes));
        retention.Add({{"what", "runs"}}).Set(static_cast<double>(counts.runs));
        retention.Add({{"what", "failed"}}).Set(static_cast<double>(counts.failed));
    }

    void show(const exchange::Engines& engines) {
        const exchange::FastCounts counts = engines.fast().counts();
        fast_way.Add({{"outcome", "done"}}).Set(static_cast<double>(counts.done));
        fast_way.Add({{"outcome", "invalid"}}).Set(static_cast<double>(counts.invalid));
        for (const auto& [why, count] : counts.declined)
            fast_way.Add({{"outcome", "declined"}, {"why", why}}).Set(static_cast<double>(count));
        show(engines.signatures().counts());
        shadow.Add({{"outcome", "compared"}}).Set(static_cast<double>(engines.counts()->compared));
        shadow.Add({{"outcome", "differed"}}).Set(static_cast<double>(engines.counts()->differed));
    }
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

std::string Metrics::text(journal::Journal& journal, const exchange::Surroundings& with) {
    if (with.rules != nullptr) state_->show(*with.rules->counts());
    if (with.matches != nullptr) state_->show(*with.matches->counts());
    if (with.dropped != nullptr) state_->show(*with.dropped);
    if (with.waiting != nullptr) state_->show(*with.waiting);
    if (with.engines != nullptr) state_->show(*with.engines);
    if (with.trace != nullptr) state_->show(*with.trace);
    if (const auto counts = journal.counts()) {
        for (const journal::StateCount& count : *counts) {
            state_->states.Add({{"state", std::string(journal::name(count.state))}}).Set(static_cast<double>(count.count));
        }
    }
    if (const auto outbox = journal.outbox()) {
        state_->outbox.Add({{"state", "pending"}}).Set(static_cast<double>(outbox->pending));
        state_->outbox.Add({{"state", "in_flight"}}).Set(static_cast<double>(outbox->in_flight));
        state_->outbox.Add({{"state", "dead"}}).Set(static_cast<double>(outbox->dead));
        state_->outbox.Add({{"state", "held"}}).Set(static_cast<double>(outbox->held));
    }
    return prometheus::TextSerializer().Serialize(state_->registry.Collect());
}

}  // namespace hansa::server
