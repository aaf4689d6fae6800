// Transactions of a Connection: what the stores of the journal and of the services stand on.
#include "core/journal/sqlite.h"
#include "tests/unit/journal/store.h"

namespace hansa::journal::test {
namespace {

class Transaction : public testing::Test {
protected:
    void SetUp() override {
        store_ = open();
        ASSERT_TRUE(store_->script("CREATE TABLE kept(value INTEGER PRIMARY KEY) STRICT;"));
    }
    std::unique_ptr<Connection> open() {
        auto opened = Connection::open(folder_.file().string(), {.read_only = false, .create = true, .busy_timeout_ms = 1});
        EXPECT_TRUE(opened) << opened.error().text();
        return std::move(*opened);
    }
    Result<void> keep(std::int64_t value) { return store_->run("INSERT INTO kept VALUES(?)", {value}); }
    std::int64_t kept() { return store_->number("SELECT count(*) FROM kept").value(); }

    Folder folder_;
    std::unique_ptr<Connection> store_;
};

TEST_F(Transaction, IsThereWholeOnceItIsCommitted) {
    ASSERT_TRUE(store_->begin());
    EXPECT_TRUE(store_->in_transaction());
    ASSERT_TRUE(keep(1));
    ASSERT_TRUE(keep(2));
    ASSERT_TRUE(store_->commit());
    EXPECT_FALSE(store_->in_transaction());
    EXPECT_EQ(kept(), 2);
}

TEST_F(Transaction, LeavesNothingOnceItIsRolledBack) {
    ASSERT_TRUE(store_->begin());
    ASSERT_TRUE(keep(1));
    store_->roll_back();
    store_->roll_back();  // there is none any more
    EXPECT_FALSE(store_->in_transaction());
    EXPECT_EQ(kept(), 0);
}

TEST_F(Transaction, OfWorkThatFailsIsRolledBack) {
    const auto done = store_->transaction([&]() -> Result<void> {
        if (auto first = keep(1); !first) return first;
        return keep(1);
    });
    EXPECT_FALSE(done);
    EXPECT_FALSE(store_->in_transaction());
    EXPECT_EQ(kept(), 0);
    ASSERT_TRUE(store_->transaction([&] { return keep(1); }));
    EXPECT_EQ(kept(), 1);
}

TEST_F(Transaction, ThatCannotBeCommittedIsRolledBack) {
    // A reference that is looked at only when all is done.
    ASSERT_TRUE(store_->script("PRAGMA foreign_keys=ON; CREATE TABLE part(of INTEGER REFERENCES kept(value) DEFERRABLE INITIALLY DEFERRED) STRICT;"));
    ASSERT_TRUE(store_->begin());
    ASSERT_TRUE(store_->run("INSERT INTO part VALUES(7)"));
    EXPECT_FALSE(store_->commit());
    EXPECT_FALSE(store_->in_transaction());
    EXPECT_EQ(store_->number("SELECT count(*) FROM part").value(), 0);
}

TEST_F(Transaction, TakesTheTurnToWriteAtOnce) {
    ASSERT_TRUE(store_->begin());
    const auto second = open();
    const auto begun = second->begin();
    ASSERT_FALSE(begun);
    EXPECT_EQ(begun.error().code, codes::locked);
    store_->roll_back();
    EXPECT_TRUE(second->begin());
}

TEST_F(Transaction, OfReadingSeesOneState) {
    ASSERT_TRUE(store_->script("PRAGMA journal_mode=WAL;"));
    const auto second = open();
    ASSERT_TRUE(second->begin_reading());
    EXPECT_EQ(second->number("SELECT count(*) FROM kept").value(), 0);
    ASSERT_TRUE(keep(1));
    EXPECT_EQ(second->number("SELECT count(*) FROM kept").value(), 0);
    second->roll_back();
    EXPECT_EQ(second->number("SELECT count(*) FROM kept").value(), 1);
}

}  // namespace
}  // namespace hansa::journal::test
