// A journal as most services have it: SQLite, write-ahead log, full synchronisation, one transaction a
// message.
#include <sqlite3.h>

#include <stdexcept>

#include "tests/bench/peers.h"

namespace hansa::bench {
namespace {

class Sqlite final : public Peer {
public:
    explicit Sqlite(const Task& task) {
        const std::string file =
            task.folder + "/peer-" + std::to_string(reinterpret_cast<std::uintptr_t>(this)) + ".db";
        if (sqlite3_open(file.c_str(), &store_) != SQLITE_OK) throw std::runtime_error("no store");
        do_or_throw("PRAGMA journal_mode=WAL");
        do_or_throw("PRAGMA synchronous=FULL");
        do_or_throw(
            "CREATE TABLE message (id INTEGER PRIMARY KEY, format TEXT, received INTEGER, state TEXT, bytes BLOB)");
        if (sqlite3_prepare_v2(store_,
                               "INSERT INTO message (format, received, state, bytes) VALUES (?, ?, 'received', ?)", -1,
                               &insert_, nullptr) != SQLITE_OK)
            throw std::runtime_error(sqlite3_errmsg(store_));
        format_ = task.from;
    }
    ~Sqlite() override {
        sqlite3_finalize(insert_);
        sqlite3_close(store_);
    }
    Sqlite(const Sqlite&) = delete;
    Sqlite& operator=(const Sqlite&) = delete;

    bool run(std::string_view message, std::string& output) override {
        sqlite3_bind_text(insert_, 1, format_.data(), static_cast<int>(format_.size()), SQLITE_STATIC);
        sqlite3_bind_int64(insert_, 2, ++time_);
        sqlite3_bind_blob(insert_, 3, message.data(), static_cast<int>(message.size()), SQLITE_STATIC);
        const bool good = sqlite3_step(insert_) == SQLITE_DONE;
        sqlite3_reset(insert_);
        output = "durable";
        return good || refuse(sqlite3_errmsg(store_));
    }

private:
    void do_or_throw(const char* words) {
        if (sqlite3_exec(store_, words, nullptr, nullptr, nullptr) != SQLITE_OK)
            throw std::runtime_error(sqlite3_errmsg(store_));
    }
    sqlite3* store_ = nullptr;
    sqlite3_stmt* insert_ = nullptr;
    std::string format_;
    std::int64_t time_ = 1'780'000'000'000;
};

}  // namespace

std::unique_ptr<Peer> sqlite_journal(const Task& task) {
    return std::make_unique<Sqlite>(task);
}

}  // namespace hansa::bench
