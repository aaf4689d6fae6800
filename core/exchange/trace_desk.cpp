#include "core/exchange/trace_desk.h"

#include <chrono>
#include <list>

#include "core/exchange/switched.h"
#include "core/pivot/table.h"

namespace hansa::exchange {
namespace {

constexpr std::int64_t day_ms = 86'400'000, hour_ms = 3'600'000;
constexpr std::size_t things_a_step = 500, events_a_step = 2'000;
constexpr std::chrono::milliseconds tick_ms_max{300};

}  // namespace

Result<std::shared_ptr<TraceDesk>> TraceDesk::open(const TraceSettings& settings, std::shared_ptr<const trace::TraceBook> book) {
    std::error_code ignored;
    std::filesystem::create_directories(settings.store.parent_path(), ignored);
    auto tracer = trace::Tracer::open(settings.store, {});
    if (!tracer) return tracer.error();
    std::shared_ptr<TraceDesk> desk(new TraceDesk(settings, *std::move(tracer)));
    desk->set_book(std::move(book));
    return desk;
}

std::shared_ptr<const trace::TraceBook> TraceDesk::book() const {
    const std::lock_guard lock(mutex_);
    return book_;
}

void TraceDesk::set_book(std::shared_ptr<const trace::TraceBook> book) {
    const std::lock_guard lock(mutex_);
    book_ = std::move(book);
}

bool TraceWatcher::wants_documents(const journal::Message& message) const {
    const auto kind = pivot::kind_from_name(message.kind);
    if (message.test || !kind || desk_->book()->rows_of(*kind, message.format).empty()) return false;
    const auto directory = surroundings_().directory;
    const auto on = Switched(*directory, journal_, tracing).may_be(message);
    return !on || *on;  // where the journal cannot say it, take() asks again
}

Result<void> TraceWatcher::take(std::span<const Followed> messages) {
    if (messages.empty()) return {};
    const auto directory = surroundings_().directory;
    const Switched traced(*directory, journal_, tracing);
    std::vector<trace::Arrival> arrivals;
    std::list<std::vector<pivot::Document>> some;  // arrivals name what lies in it
    for (const Followed& one : messages) {
        if (one.message.test) continue;
        std::vector<std::size_t> meant;
        for (std::size_t i = 0; i < one.documents.size(); ++i) {
            const auto on = traced.is(one.message, one.documents[i]);
            if (!on) return on.error();
            if (*on) meant.push_back(i);
        }
        trace::Arrival arrival{one.message.number, one.message.id, one.message.format, one.message.agency_from, one.message.received_ms, one.documents};
        if (meant.size() != one.documents.size()) {
            some.emplace_back();
            for (const std::size_t i : meant) some.back().push_back(one.documents[i]);
            arrival.documents = some.back();
            arrival.among_others = true;
        }
        arrivals.push_back(arrival);
    }
    const auto taken = desk_->tracer().take(*desk_->book(), arrivals, messages.back().message.number);
    if (!taken) return taken.error();
    return {};
}

Result<void> TraceWatcher::tick(std::int64_t now_ms) {
    const auto start = std::chrono::steady_clock::now();
    const auto in_time = [&] { return std::chrono::steady_clock::now() - start < tick_ms_max; };
    bool more = true;
    while (more && in_time()) {
        const auto settled = desk_->tracer().settle(*desk_->book(), things_a_step);
        if (!settled) return settled.error();
        more = *settled;
    }
    const std::int64_t days = desk_->settings().retention_days;
    if (days == 0 || now_ms < forget_at_ms_) return {};
    bool old = true;
    while (old && in_time()) {
        const auto forgotten = desk_->tracer().forget(now_ms - days * day_ms, events_a_step);
        if (!forgotten) return forgotten.error();
        old = *forgotten == events_a_step;
    }
    if (!old) forget_at_ms_ = now_ms + hour_ms;
    return {};
}

}  // namespace hansa::exchange
