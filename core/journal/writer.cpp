#include "core/journal/writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "core/base/log.h"
#include "core/journal/codes.h"

namespace hansa::journal {
namespace {

std::uint64_t micros_since(std::chrono::steady_clock::time_point begin) {
    const auto span = std::chrono::steady_clock::now() - begin;
    return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(span).count());
}

/// Ends a transaction that failed. SQLite may have ended it already (a full disk).
void roll_back(Connection& store) {
    if (!store.in_transaction()) return;
    if (auto done = store.run("ROLLBACK"); !done) log::error(done.error().text());
}

}  // namespace

Writer::Writer(std::unique_ptr<Connection> store, std::unique_ptr<BodyFile> bodies, std::uint32_t waiting_max,
               std::uint32_t jobs_per_transaction_max)
    : store_(std::move(store)),
      bodies_(std::move(bodies)),
      waiting_max_(waiting_max),
      jobs_max_(std::max(1u, jobs_per_transaction_max)) {
    thread_ = std::thread([this] { loop(); });
}

void Writer::close() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void Writer::submit(Job job) {
    std::optional<Error> refused;
    {
        const std::lock_guard lock(mutex_);
        if (stopping_) {
            refused = Error{codes::stopped, "the journal is being closed"};
        } else if (waiting_.size() >= waiting_max_) {
            refused =
                Error{codes::too_busy, fmt::format("{} groups wait; waiting_max is {}", waiting_.size(), waiting_max_)};
        } else {
            waiting_.push_back(std::move(job));
        }
    }
    if (refused) {
        job.done(*refused);
        return;
    }
    wake_.notify_one();
}

Result<void> Writer::run(std::function<Result<void>(Connection&, BodyFile&)> work, bool in_transaction) {
    std::promise<Result<void>> promise;
    auto result = promise.get_future();
    submit({std::move(work), [&](Result<void> done) { promise.set_value(std::move(done)); }, in_transaction});
    return result.get();
}

Health Writer::health() const {
    const std::lock_guard lock(mutex_);
    Health out = health_;
    out.waiting = waiting_.size();
    return out;
}

void Writer::loop() {
    for (;;) {
        std::deque<Job> batch;
        {
            std::unique_lock lock(mutex_);
            wake_.wait(lock, [&] { return stopping_ || !waiting_.empty(); });
            if (waiting_.empty()) return;
            // A job that cannot run in a transaction (compacting) goes alone.
            do {
                batch.push_back(std::move(waiting_.front()));
                waiting_.pop_front();
            } while (batch.back().in_transaction && !waiting_.empty() && waiting_.front().in_transaction &&
                     batch.size() < jobs_max_);
        }
        run_batch(batch);
    }
}

void Writer::run_batch(std::deque<Job>& batch) {
    const auto begin = std::chrono::steady_clock::now();
    std::vector<Result<void>> results(batch.size());
    if (!batch.front().in_transaction) {
        results.front() = guarded(batch.front());
        batch.front().done(std::move(results.front()));
        return;
    }
    auto durable = transact(batch, results);
    if (!durable && batch.size() > 1) {
        for (std::size_t i = 0; i < batch.size(); ++i) {
            std::deque<Job> alone;
            alone.push_back(std::move(batch[i]));
            run_batch(alone);
        }
        return;
    }
    count(durable, batch.size(), micros_since(begin));
    for (std::size_t i = 0; i < batch.size(); ++i) batch[i].done(durable ? std::move(results[i]) : durable);
}

/// The error is the store's; results of single jobs are in `results`.
Result<void> Writer::transact(std::deque<Job>& batch, std::vector<Result<void>>& results) {
    auto done = store_->run("BEGIN IMMEDIATE");
    if (!done) return done;
    const std::int64_t begin = bodies_->end();
    for (std::size_t i = 0; i < batch.size() && done; ++i) {
        done = store_->run("SAVEPOINT job");
        if (!done) break;
        const std::int64_t before = bodies_->end();
        results[i] = guarded(batch[i]);
        if (!results[i] && (is_storage_error(results[i].error().code) || !store_->in_transaction())) {
            done = results[i];
            break;
        }
        if (!results[i]) {
            bodies_->back_to(before);
            done = store_->run("ROLLBACK TO job");
        }
        if (done) done = store_->run("RELEASE job");
    }
    if (done) done = bodies_->sync();
    if (done) done = store_->run("COMMIT");
    if (!done) {
        bodies_->back_to(begin);
        roll_back(*store_);
    }
    return done;
}

/// Nothing thrown ends the thread: what waits behind would wait for ever.
Result<void> Writer::guarded(Job& job) {
    try {
        return job.work(*store_, *bodies_);
    } catch (const std::exception& thrown) {
        log::error(fmt::format("journal: {}", thrown.what()));
        return Error{codes::io_failed, thrown.what()};
    }
}

void Writer::count(const Result<void>& result, std::size_t groups, std::uint64_t micros) {
    const std::lock_guard lock(mutex_);
    health_.last_commit_ok = static_cast<bool>(result);
    health_.last_error = result ? std::string() : std::string(result.error().code.name());
    health_.last_commit_us = micros;
    if (!result) return;
    health_.groups += groups;
    health_.transactions += 1;
}

}  // namespace hansa::journal
