#include "core/trace/tracer.h"

#include <fstream>

#include "core/journal/sqlite.h"
#include "core/trace/codes.h"
#include "core/trace/store.h"
#include "tests/unit/trace/support.h"

namespace hansa::trace::test {
namespace {

using Names = std::vector<std::string>;

class TracerTest : public testing::Test {
protected:
    void SetUp() override { open(); }
    void open() {
        tracer_.reset();
        tracer_ = scratch_.open();
    }
    void send(std::vector<Sent> messages) {
        const auto done = take(*tracer_, *book_, messages);
        ASSERT_TRUE(done) << done.error().text();
        settle(*tracer_, *book_);
    }
    Timeline line(const std::string& reference, const std::string& scheme = {}) {
        auto found = tracer_->timeline(*book_, reference, scheme);
        EXPECT_TRUE(found) << (found ? "" : found.error().text());
        return found ? *std::move(found) : Timeline{};
    }
    std::vector<ReleaseTimes> times() {
        const auto found = tracer_->release_times({.from_day = 0, .to_day = 100'000, .stage = {}, .corridor = {}});
        EXPECT_TRUE(found);
        return found ? *found : std::vector<ReleaseTimes>{};
    }
    /// Two parcels under one master bill, in one container.
    std::vector<Sent> two_parcels() {
        return {{1, order("O-1", "2026-11-01T08:00:00+08:00", "S-1", "961900", "P-1")},
                {2, payment("P-1", "2026-11-01T08:05:00+08:00")},
                {3, waybill("L-1", "M-1", "2026-11-02T08:00:00+08:00")},
                {4, waybill("L-2", "M-1", "2026-11-02T09:00:00+08:00")},
                {5, list("N-1", "O-1", "L-1", "2026-11-03T08:00:00+08:00", "S-1")},
                {6, arrived("M-1", {"L-1", "L-2", "L-3"}, "2026-11-04T00:00:00Z", "MSCU1234565")},
                {7, released("N-1", "2026-11-04T06:00:00Z")},
                {8, delivered("L-1", "2026-11-05T06:00:00Z")}};
    }

    Scratch scratch_{"tracer"};
    std::shared_ptr<const TraceBook> book_ = book_of();
    std::unique_ptr<Tracer> tracer_;
};

TEST_F(TracerTest, MessagesThatNeverNameEachOtherAreOneTimeline) {
    send(two_parcels());
    const Names wanted{"order-made", "paid", "waybill-made", "lodged", "arrived", "released", "delivered"};
    for (const char* reference : {"O-1", "P-1", "L-1", "N-1"}) {
        const Timeline found = line(reference);
        EXPECT_EQ(names(found), wanted) << reference;
        EXPECT_EQ(found.references, (std::vector<NamedReference>{{"order", "O-1"}, {"payment", "P-1"}, {"waybill", "L-1"}, {"lrn", "N-1"}})) << reference;
        EXPECT_EQ(found.things, 1U);
        EXPECT_TRUE(found.complete);
        EXPECT_EQ(found.corridor, "CN>BY");
        ASSERT_EQ(found.stages.size(), 3U);
        EXPECT_EQ(found.stages[0].stage, "clearance");
        EXPECT_EQ(found.stages[0].to_ms - found.stages[0].from_ms, 30 * 3'600 * 1'000);
        EXPECT_FALSE(found.events[4].own);
        EXPECT_EQ(found.events[4].level, Level::consignment);
    }
}

TEST_F(TracerTest, AParcelShowsItsContainerAndNoNeighbour) {
    send(two_parcels());
    EXPECT_EQ(names(line("L-2")), (Names{"waybill-made", "arrived"}));
    EXPECT_EQ(names(line("L-3")), (Names{"arrived"}));
    const Timeline master = line("M-1");
    EXPECT_EQ(names(master), (Names{"arrived"}));
    EXPECT_EQ(master.parts, (std::vector<NamedReference>{{"waybill", "L-1"}, {"waybill", "L-2"}, {"waybill", "L-3"}}));
    EXPECT_EQ(names(line("MSCU1234565", "container")), Names{});
    EXPECT_EQ(line("MSCU1234565").parts, (std::vector<NamedReference>{{"master", "M-1"}}));
}

TEST_F(TracerTest, WhatHappensToAContainerShowsWithItsParcels) {
    send(two_parcels());
    send({{20, document("document lpco\nID MSCU1234565\n"), 1'793'700'000'000}});
    const Timeline found = line("L-2");
    EXPECT_EQ(names(found), (Names{"waybill-made", "loaded", "arrived"}));
    EXPECT_EQ(found.events[1].precision, Precision::arrival);
    // A container serves again, years later.
    send({{21, document("document lpco\nID MSCU1234565\n"), 1'893'700'000'000}});
    EXPECT_EQ(names(line("L-2")), (Names{"waybill-made", "loaded", "arrived"}));
    EXPECT_EQ(names(line("MSCU1234565")), (Names{"loaded", "loaded"}));
}

TEST_F(TracerTest, StageTimesAreCountedOnceAParcel) {
    send(two_parcels());
    const std::vector<ReleaseTimes> wanted{{"clearance", "CN>BY", 1, seconds_of(bucket_of(108'000)), seconds_of(bucket_of(108'000))},
                                           {"landing", "CN>BY", 1, seconds_of(bucket_of(21'600)), seconds_of(bucket_of(21'600))},
                                           {"last-mile", "CN>BY", 1, seconds_of(bucket_of(86'400)), seconds_of(bucket_of(86'400))}};
    EXPECT_EQ(times(), wanted);
    // The release is told again: the first one counts.
    send({{9, released("N-1", "2026-11-04T09:00:00Z")}});
    EXPECT_EQ(times(), wanted);
    // An earlier one arrives late, and takes the place of what was counted.
    send({{10, released("N-1", "2026-11-04T03:00:00Z")}});
    EXPECT_EQ(times()[1], (ReleaseTimes{"landing", "CN>BY", 1, seconds_of(bucket_of(10'800)), seconds_of(bucket_of(10'800))}));
    const auto day = [&](std::int64_t from, std::int64_t to) { return tracer_->release_times({.from_day = from, .to_day = to, .stage = "landing", .corridor = "CN>BY"}).value(); };
    EXPECT_EQ(day(20'761, 20'761).size(), 1U);  // 2026-11-04
    EXPECT_TRUE(day(20'760, 20'760).empty());
    EXPECT_TRUE(tracer_->release_times({.from_day = 0, .to_day = 100'000, .stage = "landing", .corridor = "CN>KZ"})->empty());
}

TEST_F(TracerTest, AnArrivalThatComesLateIsMeasuredForEachParcel) {
    std::vector<Sent> messages;
    std::vector<std::string> waybills;
    for (int i = 0; i < 300; ++i) {
        const std::string number = std::to_string(i);
        waybills.push_back("L-" + number);
        messages.push_back({i * 2 + 1, list("N-" + number, "O-" + number, "L-" + number, "2026-11-03T08:00:00+08:00")});
        messages.push_back({i * 2 + 2, released("N-" + number, "2026-11-04T06:00:00Z")});
    }
    send(messages);
    EXPECT_EQ(times().size(), 1U);
    send({{1'000, arrived("M-1", waybills, "2026-11-04T00:00:00Z")}});
    ASSERT_EQ(times().size(), 2U);
    EXPECT_EQ(times()[1].count, 300U);
}

TEST_F(TracerTest, ARepeatedOrPartlyTakenRunChangesNothing) {
    const auto messages = two_parcels();
    ASSERT_TRUE(take(*tracer_, *book_, {messages.begin(), messages.begin() + 4}));
    EXPECT_EQ(tracer_->position().value(), 4);
    open();
    send(messages);
    send(messages);
    EXPECT_EQ(names(line("O-1")).size(), 7U);
    EXPECT_EQ(tracer_->counts()->events, 8U);
    EXPECT_EQ(tracer_->counts()->waiting, 0U);
    EXPECT_EQ(times()[0].count, 1U);
}

TEST_F(TracerTest, EqualNumbersOfDifferentIssuersAreDifferent) {
    std::string text = small;
    const std::string join = "join     order GoodsShipment/UCR/TraderAssignedReferenceID\n    join     payment";
    text.replace(text.find(join), join.size(), "join     order GoodsShipment/UCR/TraderAssignedReferenceID within GoodsShipment/Seller/ID\n    join     payment");
    book_ = book_of(text);
    send({{1, order("1", "2026-11-01T08:00:00Z", "SHOP-A", {}, "P-A")}, {2, order("1", "2026-11-01T09:00:00Z", "SHOP-B", {}, "P-B")}});
    EXPECT_EQ(line("P-A").events.size(), 1U);
    const Timeline both = line("1");
    EXPECT_EQ(both.events.size(), 2U);
    EXPECT_EQ(both.things, 2U);
}

TEST_F(TracerTest, AReferenceThatEverybodyNamesJoinsNobody) {
    std::vector<Sent> messages;
    for (int i = 0; i < worn_above; ++i) {
        messages.push_back({2 * i + 1, list("N-" + std::to_string(i), "SAME", "L-" + std::to_string(i), "2026-11-03T08:00:00Z")});
        messages.push_back({2 * i + 2, released("N-" + std::to_string(i), "2026-11-03T09:00:00Z")});
    }
    send(messages);
    EXPECT_EQ(line("L-7").events.size(), 2 * static_cast<std::size_t>(worn_above));
    EXPECT_EQ(times()[0].count, 1U) << "two hundred lists of one order are one thing so far";
    send({{10'000, list("N-LAST", "SAME", "L-LAST", "2026-11-03T08:00:00Z")}});
    EXPECT_EQ(names(line("L-7")), (Names{"lodged", "released"}));
    EXPECT_EQ(times()[0].count, static_cast<std::uint64_t>(worn_above)) << "taken apart, each is measured";
    const Timeline asked = line("SAME");
    EXPECT_EQ(asked.events.size(), static_cast<std::size_t>(worn_above) + 1);
    EXPECT_FALSE(asked.complete);
}

TEST_F(TracerTest, PlaceholdersJoinNobody) {
    send({{1, list("N-1", "0000000000", "L-1", "2026-11-03T08:00:00Z")}, {2, list("N-2", "0000000000", "L-2", "2026-11-03T08:00:00Z")}});
    EXPECT_EQ(line("L-1").events.size(), 1U);
    EXPECT_EQ(tracer_->timeline(*book_, "0000000000").error().code, codes::not_found);
}

TEST_F(TracerTest, ARecallFindsEachParcelOnce) {
    send(two_parcels());
    send({{9, order("O-2", "2026-11-06T08:00:00Z", "S-1")}, {10, order("O-3", "2026-11-06T08:00:00Z", "S-2", "961900")}});
    const RecallPage seller = tracer_->recall("seller=S-1", 0, 100).value();
    ASSERT_EQ(seller.items.size(), 2U) << "the order and the list of one parcel are one";
    EXPECT_EQ(seller.items[0].references.size(), 4U);
    EXPECT_EQ(seller.items[1].references, (std::vector<NamedReference>{{"order", "O-2"}}));
    EXPECT_EQ(seller.next, 0);
    Names found;
    RecallPage page;
    std::size_t pages = 0;
    do {
        page = tracer_->recall("product=961900", page.next, 1).value();
        for (const RecallItem& item : page.items) found.push_back(item.references[0].value);
    } while (page.next != 0 && ++pages < 10);
    EXPECT_EQ(found, (Names{"O-1", "O-3"}));
    EXPECT_TRUE(tracer_->recall("batch=none", 0, 10)->items.empty());
    for (const char* bad : {"", "seller", "seller=", "=x", "person=1", "SELLER=S-1"})
        EXPECT_EQ(tracer_->recall(bad, 0, 10).error().code, codes::bad_question) << bad;
    EXPECT_EQ(tracer_->recall("seller=" + std::string(101, 'x'), 0, 10).error().code, codes::bad_question);
}

TEST_F(TracerTest, SellersAndIssuersAreNotInTheFile) {
    std::string text = small;
    const std::string join = "join     order GoodsShipment/UCR/TraderAssignedReferenceID\n    join     payment";
    text.replace(text.find(join), join.size(), "join     order GoodsShipment/UCR/TraderAssignedReferenceID within GoodsShipment/Seller/ID\n    join     payment");
    book_ = book_of(text);
    send({{1, order("O-CLEAR", "2026-11-01T08:00:00Z", "310101199001011234", "PRODUCT-SECRET")}});
    tracer_.reset();
    std::string bytes;
    for (const char* tail : {"", "-wal"}) {
        std::ifstream file(scratch_.path().string() + tail, std::ios::binary);
        bytes.append(std::istreambuf_iterator<char>(file), {});
    }
    EXPECT_NE(bytes.find("O-CLEAR"), std::string::npos);
    EXPECT_EQ(bytes.find("310101199001011234"), std::string::npos);
    EXPECT_EQ(bytes.find("PRODUCT-SECRET"), std::string::npos);
}

TEST_F(TracerTest, WhoMayNotSeeAMessageDoesNotSeeItsEvent) {
    send(two_parcels());
    const auto may = [](const std::string& id, bool alone) {
            EXPECT_TRUE(alone);
            return id.back() != '7' && id.back() != '1'; };
    const auto found = tracer_->timeline(*book_, "L-1", {}, may);
    ASSERT_TRUE(found);
    EXPECT_EQ(names(*found), (Names{"paid", "waybill-made", "lodged", "arrived", "delivered"}));
    EXPECT_TRUE(found->stages.empty());
    EXPECT_EQ(tracer_->timeline(*book_, "L-1", {}, [](const std::string&, bool) { return false; }).error().code, codes::not_found);
}

TEST_F(TracerTest, QuestionsThatNobodyCanAnswer) {
    send(two_parcels());
    EXPECT_EQ(tracer_->timeline(*book_, "nothing").error().code, codes::not_found);
    EXPECT_EQ(tracer_->timeline(*book_, "O-1", "waybill").error().code, codes::not_found);
    EXPECT_EQ(tracer_->timeline(*book_, "O-1", "ordre").error().code, codes::scheme_unknown);
    EXPECT_EQ(tracer_->timeline_of_message(*book_, 99).error().code, codes::not_found);
    EXPECT_EQ(names(*tracer_->timeline_of_message(*book_, 8)).size(), 7U);
}

TEST_F(TracerTest, OtherStagesAreMeasuredAgain) {
    send(two_parcels());
    book_ = book_of(small + "  stage whole order-made delivered\n    text \"whole\"\n    source \"somebody\"\n");
    settle(*tracer_, *book_, 2);
    EXPECT_EQ(times().size(), 4U);
    EXPECT_EQ(times()[3].stage, "whole");
    EXPECT_EQ(times()[0].count, 1U);
}

TEST_F(TracerTest, OldEventsAreForgottenAndTimesStay) {
    send(two_parcels());
    send({{30, order("O-9", "2026-12-01T08:00:00Z"), 1'798'000'000'000}});
    EXPECT_EQ(tracer_->forget(1'797'000'000'000, 3).value(), 3U);
    EXPECT_EQ(tracer_->forget(1'797'000'000'000, 100).value(), 5U);
    EXPECT_EQ(tracer_->forget(1'797'000'000'000, 100).value(), 0U);
    EXPECT_EQ(tracer_->timeline(*book_, "L-1").error().code, codes::not_found);
    EXPECT_EQ(line("O-9").events.size(), 1U);
    EXPECT_EQ(times().size(), 3U);
    settle(*tracer_, *book_);
    EXPECT_EQ(times().size(), 3U);
}

TEST_F(TracerTest, AStoreOfAnotherEditionIsRefused) {
    tracer_.reset();
    {
        auto raw = journal::Connection::open(scratch_.path().string(), {.read_only = false});
        ASSERT_TRUE(raw && (*raw)->script("PRAGMA user_version=99;"));
    }
    EXPECT_EQ(Tracer::open(scratch_.path(), {}).error().code, codes::store_version);
}

}  // namespace
}  // namespace hansa::trace::test
