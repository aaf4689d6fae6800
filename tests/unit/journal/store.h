// A journal in a folder of its own, and small groups to put into it.
#pragma once

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <filesystem>
#include <fstream>

#include "core/base/digest.h"
#include "core/base/ids.h"
#include "core/journal/codes.h"
#include "core/journal/journal.h"

namespace hansa::journal::test {

inline constexpr std::int64_t noon = 1'700'000'000'000;

/// A folder that goes away with its test.
class Folder {
public:
    Folder() : path_(std::filesystem::temp_directory_path() / ("hansa-journal-" + random_uuid())) {
        std::filesystem::create_directories(path_);
    }
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    std::filesystem::path file(const char* name = "journal.db") const { return path_ / name; }

private:
    std::filesystem::path path_;
};

/// The store's file under the hands of someone else.
class Raw {
public:
    explicit Raw(const std::filesystem::path& path) {
        if (sqlite3_open(path.c_str(), &handle_) != SQLITE_OK) throw std::runtime_error("no store");
    }
    ~Raw() { sqlite3_close(handle_); }
    Raw(const Raw&) = delete;
    Raw& operator=(const Raw&) = delete;
    bool run(const std::string& sql) {
        const bool done = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK;
        words_ = done ? "" : sqlite3_errmsg(handle_);
        return done;
    }
    const std::string& words() const { return words_; }
    std::string text(const std::string& sql) {
        sqlite3_stmt* statement = nullptr;
        std::string out;
        if (sqlite3_prepare_v2(handle_, sql.c_str(), -1, &statement, nullptr) == SQLITE_OK &&
            sqlite3_step(statement) == SQLITE_ROW) {
            const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement, 0));
            if (bytes != nullptr) out.assign(bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement, 0)));
        }
        sqlite3_finalize(statement);
        return out;
    }

private:
    sqlite3* handle_ = nullptr;
    std::string words_;
};

class JournalStore : public ::testing::Test {
protected:
    void SetUp() override { reopen(); }

    void reopen(const SqliteOptions& options = {}) {
        journal_.reset();
        auto opened = open_sqlite(folder_.file(), options);
        ASSERT_TRUE(opened) << opened.error().text();
        journal_ = std::move(*opened);
    }

    /// A received message with a body of its own.
    static Group received(const std::string& id, std::string bytes = "<order/>") {
        Group group{.at_ms = noon};
        group.messages.push_back({.id = id,
                                  .agency_from = "north",
                                  .agency_to = "south",
                                  .format = "a.order",
                                  .kind = "order",
                                  .purpose = "copy",
                                  .received_ms = noon});
        group.bodies.push_back({.message_id = id, .kind = BodyKind::received, .bytes = std::move(bytes)});
        return group;
    }

    std::string commit_received(std::string bytes = "<order/>") {
        std::string id = message_id();
        const auto done = journal_->commit(received(id, std::move(bytes)));
        EXPECT_TRUE(done) << done.error().text();
        return id;
    }

    /// The code of a commit, or "" when it went well.
    std::string_view code_of(Group group) {
        const auto done = journal_->commit(std::move(group));
        return done ? std::string_view() : done.error().code.name();
    }

    std::string_view move(const std::string& id, std::vector<State> states) {
        Group group{.at_ms = noon};
        for (const State state : states) group.transitions.push_back({.message_id = id, .to = state});
        return code_of(std::move(group));
    }

    /// A message in state queued with one delivery; returns the delivery's id.
    std::string queue(const std::string& corridor, std::int64_t due_ms = noon) {
        const std::string id = message_id(), delivery = message_id();
        Group group = received(id, "body of " + id);
        group.transitions = {{.message_id = id, .to = State::accepted}, {.message_id = id, .to = State::queued}};
        group.deliveries.push_back({.id = delivery,
                                    .message_id = id,
                                    .agency = "south",
                                    .route = "north-south",
                                    .transport = "http",
                                    .address = "http://127.0.0.1:1/in",
                                    .body_digest = sha256_hex("body of " + id),
                                    .corridor = corridor,
                                    .due_ms = due_ms});
        EXPECT_EQ(code_of(std::move(group)), "");
        return delivery;
    }

    std::vector<Delivery> claim(std::int64_t now_ms, std::size_t count = 16, std::size_t run = 1) {
        auto out =
            journal_->claim_due({.now_ms = now_ms, .count_max = count, .lease_ms = 1'000, .corridor_run_max = run});
        EXPECT_TRUE(out) << out.error().text();
        return out ? std::move(*out) : std::vector<Delivery>();
    }

    void expect_clean() {
        Diagnostics faults;
        const auto report = journal_->verify(faults);
        ASSERT_TRUE(report) << report.error().text();
        EXPECT_TRUE(faults.empty()) << faults.errors().front().text();
    }

    /// Codes that verify() finds, each once, in order.
    std::vector<std::string_view> faults() {
        Diagnostics found;
        const auto report = journal_->verify(found);
        EXPECT_TRUE(report);
        std::vector<std::string_view> out;
        for (const Error& error : found.errors()) {
            if (out.empty() || out.back() != error.code.name()) out.push_back(error.code.name());
        }
        return out;
    }

    Folder folder_;
    std::unique_ptr<Journal> journal_;
};

}  // namespace hansa::journal::test
