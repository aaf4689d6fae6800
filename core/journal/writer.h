// The one thread that writes: jobs that wait at the same time share one transaction and one flush.
//
// A job that fails by its own fault is undone alone (a savepoint); the others stay. When the store
// itself fails, nothing of the transaction was kept: each job is then tried once more by itself, so
// that one group that does not fit on the disk takes no other down with it. Answers are given only
// after the transaction is durable, errors too: a conflict with what was rolled back is none.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "core/journal/body_file.h"
#include "core/journal/journal.h"
#include "core/journal/sqlite.h"

namespace hansa::journal {

class Writer {
public:
    /// `work` may run more than once; only its last run counts. `done` is called once, on the
    /// writer's thread, with that run's result.
    struct Job {
        std::function<Result<void>(Connection&, BodyFile&)> work;
        std::function<void(Result<void>)> done;
        bool in_transaction = true;
    };

    /// What jobs add to the file of bodies is on the disk before their transaction, and gone with what is undone.
    Writer(std::unique_ptr<Connection> store, std::unique_ptr<BodyFile> bodies, std::uint32_t waiting_max,
           std::uint32_t jobs_per_transaction_max);
    ~Writer() { close(); }
    /// Finishes what waits, then ends the thread; later jobs are refused. From one thread.
    void close();
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    /// A job that is refused (journal.too-busy, .stopped) is told so at once, on this thread.
    void submit(Job job);

    /// Waits for the work's result.
    Result<void> run(std::function<Result<void>(Connection&, BodyFile&)> work, bool in_transaction = true);

    Health health() const;

private:
    void loop();
    void run_batch(std::deque<Job>& batch);
    Result<void> transact(std::deque<Job>& batch, std::vector<Result<void>>& results);
    Result<void> guarded(Job& job);
    void count(const Result<void>& result, std::size_t groups, std::uint64_t micros);

    std::unique_ptr<Connection> store_;
    std::unique_ptr<BodyFile> bodies_;
    const std::uint32_t waiting_max_;
    const std::uint32_t jobs_max_;
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Job> waiting_;
    bool stopping_ = false;
    Health health_;
    std::thread thread_;
};

}  // namespace hansa::journal
