// Faults F1 and F8: the power goes, the disk is full, the disk fails.
#include <signal.h>
#include <sys/resource.h>

#include <set>
#include <thread>

#include "tests/fault/journal/cut_vfs.h"
#include "tests/support/results.h"
#include "tests/unit/journal/store.h"

namespace hansa::journal::test {
namespace {

Group order(const std::string& id, std::size_t bytes = 0) {
    Group group{.at_ms = noon};
    group.messages.push_back({.id = id, .agency_from = "north", .received_ms = noon});
    group.bodies.push_back({.message_id = id, .bytes = "<order>" + id + std::string(bytes, 'x')});
    group.transitions.push_back({.message_id = id, .to = State::accepted});
    return group;
}

/// Ids whose commit has returned.
class Acknowledged {
public:
    void add(const std::string& id) {
        const std::lock_guard lock(mutex_);
        ids_.insert(id);
    }
    std::set<std::string> now() const {
        const std::lock_guard lock(mutex_);
        return ids_;
    }

private:
    mutable std::mutex mutex_;
    std::set<std::string> ids_;
};

/// How many of the acknowledged are not there, or not whole.
std::size_t lost_after(const std::filesystem::path& path, const std::set<std::string>& acknowledged) {
    auto store = open_sqlite(path, {});
    EXPECT_TRUE(store) << store.error().text();
    if (!store) return acknowledged.size();
    std::size_t lost = 0;
    for (const std::string& id : acknowledged) {
        const auto message = (*store)->message(id);
        const bool whole = message && message->state == State::accepted && (*store)->read_body(message->digest);
        lost += whole ? 0u : 1u;
    }
    Diagnostics faults;
    EXPECT_TRUE((*store)->verify(faults));
    EXPECT_TRUE(faults.empty()) << faults.errors().front().text();
    return lost;
}

TEST(JournalFault, PowerCutsLoseNothingAcknowledged) {
    constexpr int stores = 20, cuts = 10;
    const unsigned seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    hansa::test::SuiteResult result("fault-journal-power", seed);
    std::size_t seen = 0;
    for (int round = 0; round < stores; ++round) {
        CutVfs disk("hansa-cut");
        const Folder folder;
        auto store = open_sqlite(folder.file(), {.vfs = disk.name()}).value();
        Acknowledged acknowledged;
        std::atomic<bool> going{true};
        std::vector<std::thread> workers;
        for (unsigned t = 0; t < 3; ++t) {
            workers.emplace_back([&, t] {
                for (std::size_t i = 0; going; ++i) {
                    const std::string id = message_id();
                    if (store->commit(order(id, i * 97 % 6'000))) acknowledged.add(id);
                    if (t == 0 && i % 20 == 19 && !store->compact()) ADD_FAILURE() << "compact";
                }
            });
        }
        for (int cut = 0; cut < cuts; ++cut) {
            std::this_thread::sleep_for(std::chrono::microseconds(random() % 8'000));
            const Folder after;
            const auto before = acknowledged.now();
            disk.cut(after.file(".").parent_path(), random, std::array{0.0, 0.5, 0.9, 1.0}[random() % 4]);
            const std::size_t lost = lost_after(after.file(), before);
            EXPECT_EQ(lost, 0u) << "store " << round << ", cut " << cut;
            lost == 0 ? result.pass("cut") : result.fail("cut");
            seen += before.size();
        }
        going = false;
        for (std::thread& worker : workers) worker.join();
    }
    EXPECT_GT(seen, 1'000u) << "the cuts came before the work";
    result.publish();
}

// The injector itself must be able to find a loss: without the flush the same cut loses.
TEST(JournalFault, ACutWithoutAFlushIsALoss) {
    CutVfs disk("hansa-unflushed");
    const Folder folder, after;
    std::set<std::string> said;
    {
        sqlite3* handle = nullptr;
        ASSERT_EQ(sqlite3_open_v2(folder.file("plain.db").c_str(), &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
                                  disk.name().c_str()),
                  SQLITE_OK);
        const char* sql =
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; CREATE TABLE t(a); INSERT INTO t VALUES(1), (2);";
        ASSERT_EQ(sqlite3_exec(handle, sql, nullptr, nullptr, nullptr), SQLITE_OK);
        std::mt19937 random(1);
        disk.cut(after.file(".").parent_path(), random, 0.0);
        sqlite3_close(handle);
    }
    EXPECT_EQ(Raw(after.file("plain.db")).text("SELECT '' || count(*) FROM t"), "");
}

class FailingDisk : public ::testing::TestWithParam<std::pair<int, const char*>> {};

TEST_P(FailingDisk, IsAnHonestErrorAndPasses) {
    CutVfs disk("hansa-failing");
    const Folder folder;
    auto store = open_sqlite(folder.file(), {.vfs = disk.name()}).value();
    const std::string before = message_id(), during = message_id(), after = message_id();
    ASSERT_TRUE(store->commit(order(before)));
    const auto [error, code] = GetParam();
    const bool sync = error == SQLITE_IOERR_FSYNC;
    (sync ? disk.sync_error : disk.write_error) = error;
    for (int i = 0; i < 3; ++i) {
        const auto refused = store->commit(order(during, 10'000));
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code.name(), code);
        EXPECT_FALSE(store->health().last_commit_ok);
        EXPECT_TRUE(store->message(before)) << "reads go on";
    }
    disk.write_error = SQLITE_OK;
    disk.sync_error = SQLITE_OK;
    EXPECT_TRUE(store->commit(order(after)));
    EXPECT_FALSE(store->message(during));
    EXPECT_TRUE(store->commit(order(during)));
    std::mt19937 random(7);
    const Folder cut;
    disk.cut(cut.file(".").parent_path(), random, 0.0);
    EXPECT_EQ(lost_after(cut.file(), {before, after, during}), 0u);
}

INSTANTIATE_TEST_SUITE_P(Disk, FailingDisk,
                         ::testing::Values(std::pair{SQLITE_FULL, "journal.disk-full"},
                                           std::pair{SQLITE_IOERR_WRITE, "journal.io-failed"},
                                           std::pair{SQLITE_IOERR_FSYNC, "journal.io-failed"},
                                           std::pair{SQLITE_READONLY, "journal.read-only"}));

// The system's own refusal: no file may grow past a limit, as with a quota.
TEST(JournalFault, AFileLimitIsAnHonestErrorAndPasses) {
    const Folder folder;
    auto store = open_sqlite(folder.file(), {}).value();
    ASSERT_TRUE(store->commit(order(message_id())));
    rlimit old{};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &old), 0);
    auto* handler = ::signal(SIGXFSZ, SIG_IGN);
    rlimit small = old;
    small.rlim_cur = 2'000'000;
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
    const auto refused = store->commit(order(message_id(), 5'000'000));
    const auto fits = store->commit(order(message_id(), 10));
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &old), 0);
    ::signal(SIGXFSZ, handler);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code.name(), "journal.io-failed");
    EXPECT_TRUE(fits) << fits.error().text();
    const auto again = store->commit(order(message_id(), 5'000'000));
    EXPECT_TRUE(again) << again.error().text();
    Diagnostics faults;
    ASSERT_TRUE(store->verify(faults));
    EXPECT_TRUE(faults.empty());
}

}  // namespace
}  // namespace hansa::journal::test
