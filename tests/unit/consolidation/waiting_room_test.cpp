// Documents that wait for others: in which closing they end, each in one.
#include "core/consolidation/waiting_room.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <random>
#include <set>
#include <stdexcept>

#include "core/base/ids.h"
#include "core/consolidation/codes.h"
#include "tests/unit/consolidation/documents.h"

namespace hansa::consolidation::test {
namespace {

template <class T>
T must(Result<T> result) {
    if (!result) throw std::runtime_error(result.error().text());
    return *std::move(result);
}

class Rooms : public testing::Test {
protected:
    void SetUp() override { open(); }
    void TearDown() override {
        room_.reset();
        for (const char* tail : {"", "-wal", "-shm"}) std::filesystem::remove(file_.string() + tail);
    }
    void open() {
        room_.reset();
        room_ = must(WaitingRoom::open(file_));
    }
    std::vector<std::vector<std::int64_t>> closed() {
        std::vector<std::vector<std::int64_t>> out;
        for (const Closing& one : must(room_->closings(100))) {
            out.emplace_back();
            for (const Guest& guest : one.guests) out.back().push_back(guest.message);
        }
        return out;
    }

    const std::filesystem::path file_ = std::filesystem::path(testing::TempDir()) / ("hansa-room-" + random_uuid() + ".db");
    std::unique_ptr<WaitingRoom> room_;
};

/// Speaks of another guest.
Guest about(Guest guest, std::int64_t message, std::size_t document, bool takes_out) {
    guest.other_message = message;
    guest.other_document = document;
    guest.takes_out = takes_out;
    return guest;
}

TEST_F(Rooms, OneComesInsteadOfAnotherOrTakesItOutWhileThatWaits) {
    const std::vector<Guest> guests{{"r", "a", 1, 0, 100, 3}, {"r", "a", 1, 1, 100, 3}, about({"r", "b", 2, 0, 200, 3}, 1, 0, false), about({"r", "a", 3, 0, 200, 3}, 1, 1, true),
                                    about({"r", "a", 4, 0, 200, 3}, 1, 1, false), about({"s", "a", 5, 0, 200, 3}, 2, 0, true)};
    for (int times = 0; times < 2; ++times) {  // the same step again changes nothing
        ASSERT_TRUE(room_->arrive(guests, 5));
        const auto all = must(room_->closings(10));
        ASSERT_EQ(all.size(), 4U);
        const auto is = [&](std::size_t which, Ending ending, std::vector<std::pair<std::int64_t, std::size_t>> members) {
            EXPECT_EQ(all[which].ending, ending) << which;
            std::vector<std::pair<std::int64_t, std::size_t>> found;
            for (const Guest& guest : all[which].guests) found.emplace_back(guest.message, guest.document);
            EXPECT_EQ(found, members) << which;
        };
        is(0, Ending::replaced, {{1, 0}});
        is(1, Ending::taken_out, {{1, 1}, {3, 0}});
        is(2, Ending::late, {{4, 0}});
        is(3, Ending::late, {{5, 0}});
        open();
    }
    EXPECT_EQ(room_->waiting().value(), (std::map<std::string, std::uint64_t>{{"r", 1}}));
    ASSERT_TRUE(room_->expire(100));
    const auto all = must(room_->closings(10));
    ASSERT_EQ(all.size(), 5U) << "it waits no longer than what it came instead of";
    EXPECT_EQ(all[4].ending, Ending::together);
    EXPECT_EQ(all[4].guests.at(0).message, 2);
}

TEST_F(Rooms, AStoreOfTheVersionBeforeIsRaised) {
    ASSERT_TRUE(room_->arrive(std::vector<Guest>{{"r", "a", 1, 0, 100, 2}, {"r", "a", 2, 0, 100, 2}, {"r", "a", 3, 0, 100, 2}}, 3));
    room_.reset();
    {
        auto file = must(journal::Connection::open(file_.string(), {.read_only = false, .create = false}));
        ASSERT_TRUE(file->script("ALTER TABLE closing DROP COLUMN ending; PRAGMA user_version=1;"));
    }
    open();
    EXPECT_EQ(closed(), (std::vector<std::vector<std::int64_t>>{{1, 2}}));
    EXPECT_EQ(must(room_->closings(1)).at(0).ending, Ending::together);
    ASSERT_TRUE(room_->arrive(std::vector<Guest>{about({"r", "a", 4, 0, 100, 2}, 3, 0, true)}, 4));
    EXPECT_EQ(must(room_->closings(9)).at(1).ending, Ending::taken_out);
}

TEST_F(Rooms, AGroupClosesWhenItIsFullOrOver) {
    const std::vector<Guest> guests{{"r", "a", 1, 0, 100, 2}, {"r", "b", 2, 0, 50, 2}, {"r", "a", 3, 0, 200, 2}, {"s", "a", 4, 0, 300, 2}, {"r", "a", 5, 0, 400, 2}};
    ASSERT_TRUE(room_->arrive(guests, 5));
    EXPECT_EQ(closed(), (std::vector<std::vector<std::int64_t>>{{1, 3}}));
    EXPECT_EQ(room_->waiting().value(), (std::map<std::string, std::uint64_t>{{"r", 2}, {"s", 1}}));
    EXPECT_EQ(room_->position().value(), 5);
    ASSERT_TRUE(room_->expire(49));
    EXPECT_EQ(closed().size(), 1U);
    ASSERT_TRUE(room_->expire(50));
    EXPECT_EQ(closed(), (std::vector<std::vector<std::int64_t>>{{1, 3}, {2}}));
    const auto all = room_->closings(10).value();
    EXPECT_EQ(closing_name(all[0]), "r 1/0");
    open();
    EXPECT_EQ(room_->closings(10).value().size(), 2U) << "they stay until they are settled";
    ASSERT_TRUE(room_->settled(all[0].number));
    EXPECT_EQ(closed(), (std::vector<std::vector<std::int64_t>>{{2}}));
}

TEST_F(Rooms, AMessageIsDoneWhenNoneOfItsDocumentsIsLeft) {
    ASSERT_TRUE(room_->arrive(std::vector<Guest>{{"r", "a", 1, 0, 9, 1}, {"r", "b", 1, 1, 9, 2}}, 1));
    const auto first = room_->closings(10).value();
    ASSERT_EQ(first.size(), 1U);
    EXPECT_TRUE(room_->others_of(1, first[0].number).value());
    ASSERT_TRUE(room_->settled(first[0].number));
    ASSERT_TRUE(room_->expire(9));
    EXPECT_FALSE(room_->others_of(1, room_->closings(10).value().at(0).number).value());
}

TEST_F(Rooms, AGuestThatIsThereIsNotTakenTwice) {
    const std::vector<Guest> guest{{"r", "a", 1, 0, 9, 2}};
    ASSERT_TRUE(room_->arrive(guest, 1));
    ASSERT_TRUE(room_->arrive(guest, 1));
    EXPECT_TRUE(closed().empty());
    EXPECT_EQ(room_->waiting().value(), (std::map<std::string, std::uint64_t>{{"r", 1}}));
}

TEST_F(Rooms, AStoreOfAnotherVersionIsRefused) {
    room_.reset();
    {
        auto connection = must(journal::Connection::open(file_.string(), {}));
        ASSERT_TRUE(connection->script("PRAGMA user_version=99;"));
    }
    const auto opened = WaitingRoom::open(file_);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, codes::store_version);
}

/// Whatever comes, and wherever it is opened anew: each guest ends in one closing, with those of its group only.
TEST_F(Rooms, NobodyIsLostAndNobodyIsTwice) {
    std::mt19937_64 random(20261126);
    std::map<std::int64_t, std::string> group_of;
    std::set<std::int64_t> seen;
    std::int64_t now = 0, number = 0;
    for (int step = 0; step < 300; ++step) {
        std::vector<Guest> guests;
        for (std::uint64_t i = random() % 6; i > 0; --i) {
            const std::string group(1, static_cast<char>('a' + random() % 3));
            group_of[++number] = group;
            guests.push_back({"r", group, number, 0, now + static_cast<std::int64_t>(random() % 50), 1 + random() % 7});
        }
        ASSERT_TRUE(room_->arrive(guests, number));
        now += static_cast<std::int64_t>(random() % 10);
        ASSERT_TRUE(room_->expire(step + 1 == 300 ? now + 100 : now));
        if (random() % 10 == 0) open();
        for (const Closing& one : room_->closings(1 + random() % 5).value()) {
            for (const Guest& guest : one.guests) {
                EXPECT_TRUE(seen.insert(guest.message).second);
                EXPECT_EQ(group_of[guest.message], group_of[one.guests.front().message]);
            }
            ASSERT_TRUE(room_->settled(one.number));
        }
    }
    for (const Closing& one : room_->closings(10'000).value()) {
        for (const Guest& guest : one.guests) EXPECT_TRUE(seen.insert(guest.message).second);
    }
    EXPECT_EQ(seen.size(), group_of.size());
    EXPECT_TRUE(room_->waiting().value().empty());
}

TEST(GroupOf, IsTheSameForThoseThatGoTogether) {
    const ConsolidationTable table = table_of("wco", "parcels");
    const auto group = [&](const Parcel& parcel) {
        const pivot::Document made = document("declaration", lines_of(parcel));
        const House house{&made, {}, parcel.number};
        return group_of(house, table, "wco.declaration");
    };
    const auto first = group({.number = "P-1"}), second = group({.number = "P-2"}), other = group({.number = "P-3", .bill = "160-2"});
    ASSERT_TRUE(first && second && other);
    EXPECT_EQ(*first, *second);
    EXPECT_NE(*first, *other);
    EXPECT_EQ(group({.number = ""}).error().code, codes::key_missing);
}

}  // namespace
}  // namespace hansa::consolidation::test
