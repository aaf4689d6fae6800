// The gateway's timelines: a store (core/trace) that reads along in the journal, and the tables that it reads by.
//
//     auto desk = TraceDesk::open({.store = "trace/trace.db"}, book).value();
//     Follower follower(..., {std::make_shared<TraceWatcher>(desk, surroundings, journal)});
//     desk->tracer().timeline(*desk->book(), "O-1");
//
// Test messages tell of nothing. A reload gives the desk other tables; what was recorded stays as it is.
//
// Threads: any; the watcher as the follower calls it.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>

#include "core/exchange/follower.h"
#include "core/trace/tracer.h"

namespace hansa::exchange {

struct TraceSettings {
    bool enabled = false;
    std::filesystem::path store;          ///< the file; its folder is made
    std::uint32_t retention_days = 730;   ///< of events, from their arrival; 0: for ever

    friend bool operator==(const TraceSettings&, const TraceSettings&) = default;
};

class TraceDesk {
public:
    /// Errors: trace.store-version, journal.*
    static Result<std::shared_ptr<TraceDesk>> open(const TraceSettings& settings, std::shared_ptr<const trace::TraceBook> book);

    const TraceSettings& settings() const { return settings_; }
    trace::Tracer& tracer() const { return *tracer_; }
    std::shared_ptr<const trace::TraceBook> book() const;
    /// Later questions and messages use the new tables.
    void set_book(std::shared_ptr<const trace::TraceBook> book);

private:
    TraceDesk(TraceSettings settings, std::unique_ptr<trace::Tracer> tracer) : settings_(std::move(settings)), tracer_(std::move(tracer)) {}

    TraceSettings settings_;
    std::unique_ptr<trace::Tracer> tracer_;
    mutable std::mutex mutex_;
    std::shared_ptr<const trace::TraceBook> book_;
};

/// Reads what is switched on by agency and route (switched.h).
class TraceWatcher final : public Watcher {
public:
    TraceWatcher(std::shared_ptr<TraceDesk> desk, std::function<Surroundings()> surroundings, journal::Journal& journal)
        : desk_(std::move(desk)), surroundings_(std::move(surroundings)), journal_(journal) {}
    std::string_view name() const override { return "trace"; }
    Result<std::int64_t> position() override { return desk_->tracer().position(); }
    bool wants_documents(const journal::Message& message) const override;
    Result<void> take(std::span<const Followed> messages) override;
    /// Measures stages of what changed, for a part of a second; once an hour forgets what is old.
    Result<void> tick(std::int64_t now_ms) override;

private:
    std::shared_ptr<TraceDesk> desk_;
    std::function<Surroundings()> surroundings_;
    journal::Journal& journal_;
    std::int64_t forget_at_ms_ = 0;
};

}  // namespace hansa::exchange
