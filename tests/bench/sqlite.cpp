// A journal as most services have it: SQLite, write-ahead log, full synchronisation, one transaction a
// message.
#include <sqlite3.h>

#include <mutex>
#include <stdexcept>

#include "tests/bench/peers.h"

namespace hansa::bench {
namespace {

class Sqlite final : public DurableStore {
public:
    explicit Sqlite(const Task& task) : format_(task.from) {
        const std::string file =
            task.folder + "/peer-" + std::to_string(reinterpret_cast<std::uintptr_t>(this)) + ".db";
        if (sqlite3_open(file.c_str(), &store_) != SQLITE_OK) throw std::runtime_error("no store");
        do_or_throw("PRAGMA journal_mode=WAL");
        do_or_throw("PRAGMA synchronous=FULL");
        do_or_throw(
            "CREATE TABLE message (id INTEGER PRIMARY KEY, format TEXT, received INTEGER, state TEXT, bytes BLOB, sent "
            "BLOB)");
        if (sqlite3_prepare_v2(
                store_, "INSERT INTO message (format, received, state, bytes, sent) VALUES (?, ?, 'received', ?, ?)",
                -1, &insert_, nullptr) != SQLITE_OK)
            throw std::runtime_error(sqlite3_errmsg(store_));
        if (sqlite3_prepare_v2(store_, "UPDATE message SET state = 'delivered' WHERE id = ?", -1, &update_, nullptr) !=
            SQLITE_OK)
            throw std::runtime_error(sqlite3_errmsg(store_));
    }
    ~Sqlite() override {
        sqlite3_finalize(insert_);
        sqlite3_finalize(update_);
        sqlite3_close(store_);
    }
    Sqlite(const Sqlite&) = delete;
    Sqlite& operator=(const Sqlite&) = delete;

    std::int64_t keep(std::string_view received, std::string_view sent) override {
        const std::lock_guard lock(mutex_);
        sqlite3_bind_text(insert_, 1, format_.data(), static_cast<int>(format_.size()), SQLITE_STATIC);
        sqlite3_bind_int64(insert_, 2, ++time_);
        sqlite3_bind_blob(insert_, 3, received.data(), static_cast<int>(received.size()), SQLITE_STATIC);
        sqlite3_bind_blob(insert_, 4, sent.data(), static_cast<int>(sent.size()), SQLITE_STATIC);
        const bool good = sqlite3_step(insert_) == SQLITE_DONE;
        sqlite3_reset(insert_);
        return good ? sqlite3_last_insert_rowid(store_) : 0;
    }
    bool delivered(std::int64_t number) override {
        const std::lock_guard lock(mutex_);
        sqlite3_bind_int64(update_, 1, number);
        const bool good = sqlite3_step(update_) == SQLITE_DONE;
        sqlite3_reset(update_);
        return good;
    }
    const char* trouble() const override { return sqlite3_errmsg(store_); }

private:
    void do_or_throw(const char* words) {
        if (sqlite3_exec(store_, words, nullptr, nullptr, nullptr) != SQLITE_OK)
            throw std::runtime_error(sqlite3_errmsg(store_));
    }
    sqlite3* store_ = nullptr;
    sqlite3_stmt *insert_ = nullptr, *update_ = nullptr;
    std::mutex mutex_;
    std::string format_;
    std::int64_t time_ = 1'780'000'000'000;
};

class Journal final : public Peer {
public:
    explicit Journal(const Task& task) : store_(task) {}
    bool run(std::string_view message, std::string& output) override {
        output = "durable";
        return store_.keep(message, {}) != 0 || refuse(store_.trouble());
    }

private:
    Sqlite store_;
};

class Durable final : public Peer {
public:
    Durable(const Task& task, std::unique_ptr<Peer> pipeline) : pipeline_(std::move(pipeline)), store_(task) {}
    bool run(std::string_view message, std::string& output) override {
        if (!pipeline_->run(message, output)) return refuse(std::string(pipeline_->trouble()));
        return store_.keep(message, output) != 0 || refuse(store_.trouble());
    }
    bool verifies(std::string_view message) override {
        return pipeline_->verifies(message) || refuse(std::string(pipeline_->trouble()));
    }

private:
    std::unique_ptr<Peer> pipeline_;
    Sqlite store_;
};

}  // namespace

std::unique_ptr<Peer> with_sqlite(const Task& task, std::unique_ptr<Peer> pipeline) {
    return std::make_unique<Durable>(task, std::move(pipeline));
}
std::unique_ptr<DurableStore> durable_store(const Task& task) {
    return std::make_unique<Sqlite>(task);
}
std::unique_ptr<Peer> sqlite_journal(const Task& task) {
    return std::make_unique<Journal>(task);
}

}  // namespace hansa::bench
