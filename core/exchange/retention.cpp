#include "core/exchange/retention.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "core/base/log.h"
#include "core/base/time.h"

namespace hansa::exchange {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::int64_t day_ms = 86'400'000;
constexpr std::uint32_t retry_s = 60;  ///< after a run that failed

}  // namespace

bool is_at_rest(journal::State state) {
    using journal::State;
    return state == State::refused || state == State::accepted || state == State::delivered || state == State::answered || state == State::failed || state == State::dead;
}

journal::Retention retention_of(const RetentionRule& rule, std::int64_t now_ms) {
    journal::Retention out;
    out.at_ms = now_ms;
    out.before_ms = now_ms - rule.after_days * day_ms;
    out.states = rule.states;
    out.kinds = rule.kinds;
    out.agency = rule.agency;
    return out;
}

struct RetentionKeeper::State {
    journal::Journal& journal;
    std::shared_ptr<RetentionCounts> counts;
    std::mutex mutex = {};  ///< never held during a step
    std::condition_variable woken = {};
    std::thread thread = {};
    RetentionSettings settings = {};
    std::uint64_t edition = 0;  ///< of the settings
    bool stopping = false;

    bool changed(std::uint64_t seen) const { return stopping || edition != seen; }
    bool rest(milliseconds time, std::uint64_t seen);
    Result<void> apply(const RetentionRule& rule, const RetentionSettings& with, std::int64_t now_ms, std::uint64_t seen, journal::Dropped& out);
    Result<journal::Dropped> run(std::int64_t now_ms, bool& cut_off);
    void work();
};

/// False: there is something else to do than to go on.
bool RetentionKeeper::State::rest(milliseconds time, std::uint64_t seen) {
    std::unique_lock lock(mutex);
    return !woken.wait_for(lock, time, [&] { return changed(seen); });
}

Result<void> RetentionKeeper::State::apply(const RetentionRule& rule, const RetentionSettings& with, std::int64_t now_ms, std::uint64_t seen, journal::Dropped& out) {
    journal::Retention step = retention_of(rule, now_ms);
    step.count_max = with.step_bodies;
    for (;;) {
        const auto begun = Clock::now();
        const auto done = journal.drop_step(step);
        if (!done) return done.error();
        out.bodies += done->bodies;
        out.bytes += done->bytes;
        counts->bodies += done->bodies;
        counts->bytes += done->bytes;
        step.cursor = done->next_cursor;
        if (step.cursor.empty()) return {};
        const auto took = std::chrono::duration_cast<milliseconds>(Clock::now() - begun);
        if (!rest(std::max(took, milliseconds(with.pause_ms)), seen)) return {};
    }
}

Result<journal::Dropped> RetentionKeeper::State::run(std::int64_t now_ms, bool& cut_off) {
    std::unique_lock lock(mutex);
    const RetentionSettings with = settings;
    const std::uint64_t seen = edition;
    lock.unlock();
    journal::Dropped out;
    Result<void> done;
    for (const RetentionRule& rule : with.rules) {
        done = apply(rule, with, now_ms, seen, out);
        lock.lock();
        cut_off = changed(seen);
        lock.unlock();
        if (!done || cut_off) break;
    }
    if (out.bodies != 0) log::info(fmt::format("retention: {} bodies dropped, {} bytes", out.bodies, out.bytes));
    if (!with.rules.empty()) ++counts->runs;
    if (done) return out;
    ++counts->failed;
    return done.error();
}

void RetentionKeeper::State::work() {
    std::unique_lock lock(mutex);
    while (!stopping) {
        const std::uint64_t seen = edition;
        if (settings.rules.empty()) {
            woken.wait(lock, [&] { return changed(seen); });
            continue;
        }
        lock.unlock();
        bool cut_off = false;
        const auto done = run(milliseconds_since_epoch(now_utc()), cut_off);
        if (!done) log::error("retention: " + done.error().text());
        lock.lock();
        if (cut_off) continue;
        const std::uint32_t wait_s = done ? settings.every_s : std::min(settings.every_s, retry_s);
        woken.wait_for(lock, std::chrono::seconds(wait_s), [&] { return changed(seen); });
    }
}

RetentionKeeper::RetentionKeeper(journal::Journal& journal, std::shared_ptr<RetentionCounts> counts) : state_(new State{journal, std::move(counts)}) {}

RetentionKeeper::~RetentionKeeper() {
    stop();
}

void RetentionKeeper::set(RetentionSettings settings) {
    const std::lock_guard lock(state_->mutex);
    if (state_->settings == settings) return;
    state_->settings = std::move(settings);
    ++state_->edition;
    state_->woken.notify_all();
}

void RetentionKeeper::start() {
    const std::lock_guard lock(state_->mutex);
    if (!state_->stopping && !state_->thread.joinable()) state_->thread = std::thread([state = state_.get()] { state->work(); });
}

void RetentionKeeper::stop() {
    {
        const std::lock_guard lock(state_->mutex);
        state_->stopping = true;
        state_->woken.notify_all();
    }
    if (state_->thread.joinable()) state_->thread.join();
}

Result<journal::Dropped> RetentionKeeper::run_once(std::int64_t now_ms) {
    bool cut_off = false;
    return state_->run(now_ms, cut_off);
}

}  // namespace hansa::exchange
