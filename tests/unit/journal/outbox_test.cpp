#include "tests/unit/journal/store.h"

namespace hansa::journal::test {
namespace {

TEST_F(JournalStore, ACorridorsHeadHoldsThoseBehindIt) {
    const std::string first = queue("n>s"), second = queue("n>s"), other = queue("n>e");
    auto claims = claim(noon);
    ASSERT_EQ(claims.size(), 2u);
    EXPECT_EQ(claims[0].id, first);
    EXPECT_EQ(claims[1].id, other);
    EXPECT_EQ(claims[0].attempts, 1u);
    EXPECT_EQ(claims[0].address, "http://127.0.0.1:1/in");
    EXPECT_TRUE(claim(noon).empty());  // in flight
    ASSERT_TRUE(journal_->mark_failed(claims[0], noon, noon + 5'000, "http.refused", "connection refused"));
    EXPECT_TRUE(claim(noon + 100).empty());  // the head waits, so the second waits
    claims = claim(noon + 5'000, 1);
    ASSERT_EQ(claims.size(), 1u);
    EXPECT_EQ(claims[0].id, other) << "the lease of the other corridor ended first";
    claims = claim(noon + 5'000);
    ASSERT_EQ(claims.size(), 1u);
    EXPECT_EQ(claims[0].id, first);
    EXPECT_EQ(claims[0].attempts, 2u);
    EXPECT_EQ(claims[0].last_code, "http.refused");
    ASSERT_TRUE(journal_->mark_delivered(claims[0], noon + 5'001));
    claims = claim(noon + 5'002);
    ASSERT_EQ(claims.size(), 1u);
    EXPECT_EQ(claims[0].id, second);
    expect_clean();
}

TEST_F(JournalStore, NotDueIsNotGiven) {
    queue("c", noon + 10);
    queue("", noon + 20);
    EXPECT_TRUE(claim(noon + 9).empty());
    EXPECT_EQ(claim(noon + 10).size(), 1u);
    EXPECT_EQ(claim(noon + 20).size(), 1u);
}

TEST_F(JournalStore, WithoutACorridorThereIsNoOrder) {
    for (int i = 0; i < 5; ++i) queue("");
    EXPECT_EQ(claim(noon, 3).size(), 3u);
    EXPECT_EQ(claim(noon, 3).size(), 2u);
}

TEST_F(JournalStore, ARunIsUnbrokenAndCanBeGivenBack) {
    std::vector<std::string> ids;
    for (const std::int64_t due : {noon, noon, noon + 50, noon}) ids.push_back(queue("c", due));
    auto claims = claim(noon, 16, 10);
    ASSERT_EQ(claims.size(), 2u);
    Group group{.at_ms = noon};
    group.outcomes = {
        {.delivery_id = ids[0], .token = claims[0].token, .kind = Outcome::Kind::retry, .due_ms = noon + 10},
        {.delivery_id = ids[1], .token = claims[1].token, .kind = Outcome::Kind::released}};
    ASSERT_EQ(code_of(group), "");
    EXPECT_TRUE(claim(noon + 5, 16, 10).empty());
    claims = claim(noon + 60, 3, 10);
    ASSERT_EQ(claims.size(), 3u);
    EXPECT_EQ(claims[0].id, ids[0]);
    EXPECT_EQ(claims[0].attempts, 2u);
    EXPECT_EQ(claims[1].id, ids[1]);
    EXPECT_EQ(claims[1].attempts, 1u);  // what was not tried was no attempt
    EXPECT_EQ(claims[2].id, ids[2]);
}

// F12: duplicate workers.
TEST_F(JournalStore, AnOldClaimChangesNothing) {
    queue("c");
    const Delivery slow = claim(noon).at(0);
    EXPECT_TRUE(claim(noon + 999).empty());
    const Delivery quick = claim(noon + 1'000).at(0);  // the lease ended
    EXPECT_GT(quick.token, slow.token);
    EXPECT_EQ(journal_->mark_delivered(slow, noon).error().code.name(), "journal.stale-claim");
    EXPECT_TRUE(journal_->mark_delivered(quick, noon));
    EXPECT_EQ(journal_->mark_delivered(quick, noon).error().code.name(), "journal.illegal-transition");
    Delivery nobody;
    nobody.id = message_id();
    EXPECT_EQ(journal_->mark_delivered(nobody, noon).error().code.name(), "journal.not-found");
}

TEST_F(JournalStore, AReceiptComesWithItsDelivery) {
    const std::string id = queue("c");
    const Delivery claimed = claim(noon).at(0);
    Group group{.at_ms = noon + 1};
    group.bodies.push_back(
        {.message_id = claimed.message_id, .kind = BodyKind::receipt, .bytes = "<ok/>", .name = "south"});
    group.outcomes.push_back({.delivery_id = id, .token = claimed.token, .receipt_digest = sha256_hex("<ok/>")});
    group.transitions.push_back({.message_id = claimed.message_id, .to = State::delivered});
    ASSERT_EQ(code_of(group), "");
    const auto rows = journal_->deliveries_of(claimed.message_id).value();
    ASSERT_EQ(rows.size(), 1u);
    EXPECT_EQ(rows[0].state, DeliveryState::delivered);
    EXPECT_EQ(journal_->read_body(rows[0].receipt_digest).value(), "<ok/>");
    const auto history = journal_->delivery_history(id).value();
    ASSERT_EQ(history.size(), 3u);
    EXPECT_EQ(history[0].state, DeliveryState::pending);
    EXPECT_EQ(history[1].state, DeliveryState::in_flight);
    EXPECT_EQ(history[1].attempt, 1u);
    EXPECT_EQ(history[2].state, DeliveryState::delivered);
    EXPECT_EQ(journal_->delivery_history(message_id()).error().code.name(), "journal.not-found");

    queue("d");
    const Delivery next = claim(noon).at(0);
    Group wrong{.at_ms = noon};
    wrong.outcomes.push_back({.delivery_id = next.id, .token = next.token, .receipt_digest = sha256_hex("never came")});
    EXPECT_EQ(code_of(wrong), "journal.not-found");
}

TEST_F(JournalStore, TheDeadCanBeReplayed) {
    const std::string first = queue("c"), second = queue("c");
    const Delivery claimed = claim(noon).at(0);
    ASSERT_TRUE(journal_->bury(claimed, noon, "http.gone", "410"));
    ASSERT_EQ(move(claimed.message_id, {State::dead}), "");
    EXPECT_EQ(journal_->outbox().value().dead, 1u);
    EXPECT_EQ(journal_->deliveries({.state = DeliveryState::dead}).value().deliveries.at(0).last_code, "http.gone");
    EXPECT_EQ(journal_->replay(second, noon).error().code.name(), "journal.illegal-transition");
    EXPECT_EQ(journal_->replay(message_id(), noon).error().code.name(), "journal.not-found");

    EXPECT_EQ(journal_->replay(claimed.message_id, noon + 1).value(), 1u);
    EXPECT_EQ(journal_->message(claimed.message_id).value().state, State::queued);
    auto claims = claim(noon + 1);
    ASSERT_EQ(claims.size(), 1u);
    EXPECT_EQ(claims[0].id, second) << "a replay goes to the end";
    ASSERT_TRUE(journal_->mark_delivered(claims[0], noon + 1));
    claims = claim(noon + 2);
    ASSERT_EQ(claims.size(), 1u);
    EXPECT_EQ(claims[0].id, first) << "the same id: the receiver's idempotency key";
    ASSERT_TRUE(journal_->bury(claims[0], noon, "http.gone", ""));
    EXPECT_EQ(journal_->replay(first, noon + 3).value(), 1u);  // by the delivery's own id
    EXPECT_EQ(journal_->replay(claimed.message_id, noon).error().code.name(), "journal.illegal-transition");

    // Messages that stand where it does go with it, where they are dead, too.
    const std::string follower = commit_received(), alive = commit_received();
    ASSERT_EQ(move(follower, {State::accepted, State::dead}), "");
    const Delivery again = claim(noon + 4).at(0);
    ASSERT_TRUE(journal_->bury(again, noon, "http.gone", ""));
    EXPECT_EQ(journal_->replay(again.message_id, noon + 5, {message_id()}).error().code.name(), "journal.not-found");
    EXPECT_EQ(journal_->deliveries_of(again.message_id).value().at(0).state, DeliveryState::dead) << "all or nothing";
    EXPECT_EQ(journal_->replay(again.message_id, noon + 5, {follower, alive}).value(), 1u);
    EXPECT_EQ(journal_->message(follower).value().state, State::queued);
    EXPECT_EQ(journal_->message(alive).value().state, State::received);

    const std::string stuck = commit_received();
    ASSERT_EQ(move(stuck, {State::failed, State::dead}), "");
    EXPECT_EQ(journal_->replay(stuck, noon).value(), 0u);
    EXPECT_EQ(journal_->message(stuck).value().state, State::accepted);
    expect_clean();
}

TEST_F(JournalStore, ARestartGivesBackWhatWasInFlight) {
    const std::string id = queue("c");
    const Delivery before = claim(noon).at(0);
    EXPECT_EQ(journal_->outbox().value().in_flight, 1u);
    reopen();
    EXPECT_EQ(journal_->outbox().value().pending, 1u);
    EXPECT_EQ(journal_->outbox().value().in_flight, 0u);
    EXPECT_EQ(journal_->mark_delivered(before, noon).error().code.name(), "journal.illegal-transition");
    const Delivery after = claim(noon).at(0);
    EXPECT_EQ(after.id, id);
    EXPECT_GT(after.token, before.token);
    EXPECT_EQ(after.attempts, 2u);
    expect_clean();
}

// F9: a clock that goes back an hour changes no order.
TEST_F(JournalStore, OrderIsCountedNotTimed) {
    const std::string first = queue("c", noon), second = queue("c", noon - 3'600'000);
    EXPECT_EQ(claim(noon - 1).size(), 0u);
    EXPECT_EQ(claim(noon).at(0).id, first);
    EXPECT_EQ(journal_->deliveries({.corridor = "c"}).value().deliveries.at(0).id, second);
}

TEST_F(JournalStore, FairToAllCorridors) {
    for (const char* corridor : {"a", "b", "c", "d"}) queue(corridor, noon - (corridor[0] - 'a'));
    const auto claims = claim(noon, 2);
    ASSERT_EQ(claims.size(), 2u);
    EXPECT_EQ(claims[0].corridor, "d");  // has waited longest
    EXPECT_EQ(claims[1].corridor, "c");
}

// F5 and row 24: nothing is sent that is not what was recorded.
TEST_F(JournalStore, ADamagedDeliveryIsBuriedNotSent) {
    const std::string id = queue("c"), behind = queue("c");
    {
        Raw raw(folder_.file());
        ASSERT_TRUE(raw.run(
            "DROP TRIGGER delivery_stays; UPDATE delivery SET address = 'http://elsewhere/' WHERE id = '" + id + "'"));
    }
    EXPECT_TRUE(claim(noon).empty());
    EXPECT_EQ(journal_->outbox().value().dead, 1u);
    EXPECT_EQ(claim(noon).at(0).id, behind);
    EXPECT_EQ(journal_->deliveries({}).value().damaged.size(), 1u);
    EXPECT_EQ(faults(), std::vector<std::string_view>{"journal.record-damaged"});
}

TEST_F(JournalStore, ListsDeliveriesByPages) {
    for (int i = 0; i < 5; ++i) queue("c");
    DeliveryFilter filter{.agency = "south", .count_max = 2};
    std::size_t count = 0;
    do {
        const auto page = journal_->deliveries(filter).value();
        count += page.deliveries.size();
        filter.cursor = page.next_cursor;
    } while (!filter.cursor.empty());
    EXPECT_EQ(count, 5u);
    EXPECT_EQ(journal_->deliveries({.cursor = "x"}).error().code.name(), "journal.bad-record");
    EXPECT_TRUE(journal_->deliveries({.agency = "west"}).value().deliveries.empty());
}

}  // namespace
}  // namespace hansa::journal::test
