// Deliveries that are held until a service lets them go.
#include "tests/unit/journal/older_store.h"
#include "tests/unit/journal/store.h"

namespace hansa::journal::test {
namespace {

class HeldDeliveries : public JournalStore {
protected:
    /// A message that waits, with one held delivery; returns the delivery's id.
    std::string hold(const std::string& corridor, std::string detail = "a document is missing") {
        const std::string id = message_id(), delivery = message_id();
        Group group = received(id, "body of " + id);
        group.transitions = {{.message_id = id, .to = State::held}};
        group.deliveries.push_back({.id = delivery,
                                    .message_id = id,
                                    .agency = "south",
                                    .route = "north-south",
                                    .transport = "http",
                                    .address = "http://127.0.0.1:1/in",
                                    .body_digest = sha256_hex("body of " + id),
                                    .corridor = corridor,
                                    .due_ms = noon,
                                    .state = DeliveryState::held,
                                    .last_code = "matching.waits",
                                    .last_detail = std::move(detail)});
        EXPECT_EQ(code_of(std::move(group)), "");
        return delivery;
    }
    std::string_view release(const std::string& delivery, bool let_go) {
        Group group{.at_ms = noon + 10};
        group.releases.push_back({.delivery_id = delivery, .let_go = let_go, .code = "", .detail = "matched"});
        return code_of(std::move(group));
    }
};

TEST_F(HeldDeliveries, KeepNobodyElseWaitingAndGoLastWhenTheyAreLetGo) {
    const std::string held = hold("c"), second = queue("c"), third = queue("c", noon + 1);
    EXPECT_EQ(journal_->outbox().value().held, 1u);
    auto claims = claim(noon);
    ASSERT_EQ(claims.size(), 1u);
    EXPECT_EQ(claims[0].id, second);
    ASSERT_TRUE(journal_->mark_delivered(claims[0], noon));
    EXPECT_TRUE(claim(noon).empty());
    ASSERT_EQ(release(held, true), "");
    EXPECT_EQ(journal_->outbox().value().held, 0u);
    claims = claim(noon + 20, 16, 10);
    ASSERT_EQ(claims.size(), 2u);
    EXPECT_EQ(claims[0].id, third);
    EXPECT_EQ(claims[1].id, held);
    const auto history = journal_->delivery_history(held).value();
    ASSERT_EQ(history.size(), 3u);
    EXPECT_EQ(history[0].state, DeliveryState::held);
    EXPECT_EQ(history[0].code, "matching.waits");
    EXPECT_EQ(history[0].detail, "a document is missing");
    EXPECT_EQ(history[1].state, DeliveryState::pending);
    EXPECT_EQ(history[1].detail, "matched");
    expect_clean();
}

TEST_F(HeldDeliveries, AreLetGoOrBuriedOnce) {
    const std::string one = hold("c"), other = hold("c");
    ASSERT_EQ(release(one, true), "");
    EXPECT_EQ(release(one, true), "journal.illegal-transition");
    EXPECT_EQ(release(one, false), "journal.illegal-transition");
    ASSERT_EQ(release(other, false), "");
    EXPECT_EQ(release(other, true), "journal.illegal-transition");
    EXPECT_EQ(release(message_id(), true), "journal.not-found");
    EXPECT_EQ(journal_->outbox().value().dead, 1u);
    ASSERT_TRUE(journal_->replay(other, noon + 20)) << "a person may overrule";
    EXPECT_EQ(claim(noon + 20, 16, 10).size(), 2u);
    expect_clean();
}

TEST_F(HeldDeliveries, OutliveARestartAndRetention) {
    const std::string held = hold("c");
    reopen();
    DeliveryFilter filter;
    filter.state = DeliveryState::held;
    const auto page = journal_->deliveries(filter).value();
    ASSERT_EQ(page.deliveries.size(), 1u);
    EXPECT_EQ(page.deliveries[0].last_detail, "a document is missing");
    EXPECT_EQ(journal_->drop_bodies({.at_ms = noon + 100, .before_ms = noon + 100, .states = {State::held}}).value(), 0u);
    EXPECT_EQ(journal_->read_body(page.deliveries[0].body_digest).value().substr(0, 7), "body of");
    ASSERT_EQ(release(held, true), "");
    EXPECT_EQ(claim(noon + 20).size(), 1u);
}

TEST_F(HeldDeliveries, ADeliveryBeginsPendingOrHeld) {
    const std::string id = message_id();
    Group group = received(id, "body");
    group.deliveries.push_back({.id = message_id(), .message_id = id, .agency = "south", .transport = "http", .body_digest = sha256_hex("body"), .state = DeliveryState::delivered});
    EXPECT_EQ(code_of(std::move(group)), "journal.bad-record");
}

TEST_F(HeldDeliveries, AStoreOfTheSecondEditionIsRaised) {
    queue("c");
    journal_.reset();
    make_edition_3(folder_.file(), {}, {});
    ASSERT_TRUE(Raw(folder_.file()).run("PRAGMA user_version = 2"));
    reopen();
    EXPECT_EQ(Raw(folder_.file()).text("PRAGMA user_version"), "5");
    hold("c");
    expect_clean();
}

}  // namespace
}  // namespace hansa::journal::test
