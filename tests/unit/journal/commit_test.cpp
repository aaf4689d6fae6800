#include <thread>

#include "tests/unit/journal/store.h"

namespace hansa::journal::test {
namespace {

TEST_F(JournalStore, KeepsAMessageOverARestart) {
    const std::string parent = commit_received("parent");
    Group group{.at_ms = noon + 5};
    const Message given{.id = message_id(),
                        .parent_id = parent,
                        .relation = Relation::translation,
                        .direction = Direction::out,
                        .agency_from = "north",
                        .agency_to = "south",
                        .format = "b.order",
                        .kind = "order",
                        .purpose = "draft-import",
                        .test = true,
                        .transport = "http",
                        .business_key = "N\xC2\xB0 1",
                        .idempotency_key = "k1",
                        .plan = "plan-7",
                        .received_ms = noon + 1,
                        .state = State::translated,
                        .reason = "note"};
    group.messages.push_back(given);
    group.bodies.push_back({.message_id = given.id, .kind = BodyKind::received, .bytes = std::string("a\0b", 3)});
    ASSERT_EQ(code_of(group), "");
    reopen();
    const Message read = journal_->message(given.id).value();
    EXPECT_EQ(read.parent_id, parent);
    EXPECT_EQ(read.relation, Relation::translation);
    EXPECT_EQ(read.direction, Direction::out);
    EXPECT_EQ(read.agency_from + read.agency_to + read.format + read.kind, "northsouthb.orderorder");
    EXPECT_EQ(read.purpose + read.transport + read.business_key + read.idempotency_key,
              "draft-importhttpN\xC2\xB0 1k1");
    EXPECT_TRUE(read.test);
    EXPECT_EQ(read.plan, "plan-7");
    EXPECT_EQ(read.received_ms, noon + 1);
    EXPECT_EQ(read.changed_ms, noon + 5);
    EXPECT_EQ(read.state, State::translated);
    EXPECT_EQ(read.reason, "note");
    EXPECT_EQ(read.digest, sha256_hex(std::string_view("a\0b", 3)));
    EXPECT_EQ(journal_->read_body(read.digest).value(), std::string("a\0b", 3));
    EXPECT_EQ(journal_->children(parent).value().at(0).id, given.id);
    expect_clean();
}

TEST_F(JournalStore, EveryChangeIsARowOfHistory) {
    const std::string id = commit_received();
    Group group{.at_ms = noon + 1};
    group.transitions = {{.message_id = id, .to = State::held, .code = "trust.stale", .detail = "no answer yet"},
                         {.message_id = id, .to = State::accepted}};
    ASSERT_EQ(code_of(group), "");
    const auto history = journal_->history(id).value();
    ASSERT_EQ(history.size(), 3u);
    EXPECT_EQ(history[0].state, State::received);
    EXPECT_EQ(history[1].state, State::held);
    EXPECT_EQ(history[1].code, "trust.stale");
    EXPECT_EQ(history[1].detail, "no answer yet");
    EXPECT_EQ(history[1].at_ms, noon + 1);
    EXPECT_EQ(history[2].state, State::accepted);
    EXPECT_LT(history[1].number, history[2].number);
    EXPECT_EQ(journal_->message(id).value().state, State::accepted);
    EXPECT_EQ(journal_->message(id).value().reason, "");
}

TEST_F(JournalStore, RefusesWhatTheTableOfStatesRefuses) {
    const std::string id = commit_received();
    EXPECT_EQ(move(id, {State::queued}), "journal.illegal-transition");
    EXPECT_EQ(move(id, {State::refused}), "");
    EXPECT_EQ(move(id, {State::accepted}), "journal.illegal-transition");
    EXPECT_EQ(move(message_id(), {State::accepted}), "journal.not-found");
    Group group = received(message_id());
    group.messages[0].state = State::accepted;
    EXPECT_EQ(code_of(group), "journal.bad-record");
}

TEST_F(JournalStore, AGroupIsAllOrNothing) {
    const std::string id = commit_received();
    const std::string fresh = message_id();
    Group group = received(fresh, "new bytes");
    group.references.push_back({.message_id = fresh, .scheme = "lrn", .value = "L1"});
    group.transitions = {{.message_id = id, .to = State::accepted}, {.message_id = id, .to = State::delivered}};
    EXPECT_EQ(code_of(group), "journal.illegal-transition");
    EXPECT_EQ(journal_->message(fresh).error().code.name(), "journal.not-found");
    EXPECT_EQ(journal_->read_body(sha256_hex("new bytes")).error().code.name(), "journal.not-found");
    EXPECT_TRUE(journal_->find_reference("", "lrn", "L1").value().empty());
    EXPECT_EQ(journal_->message(id).value().state, State::received);
    expect_clean();
}

TEST_F(JournalStore, RecordsOnce) {
    const std::string id = commit_received();
    EXPECT_EQ(code_of(received(id)), "journal.already-recorded");
    const std::string delivery = queue("c");
    Group group = received(message_id());
    group.deliveries.push_back({.id = delivery,
                                .message_id = group.messages[0].id,
                                .agency = "south",
                                .transport = "file",
                                .body_digest = sha256_hex("<order/>")});
    EXPECT_EQ(code_of(group), "journal.already-recorded");
}

TEST_F(JournalStore, ARepetitionGetsTheEarlierAnswer) {
    const std::string first = message_id();
    Group group = received(first);
    group.keys.push_back({"north", "key-1", sha256_hex("<order/>"), first});
    ASSERT_FALSE(journal_->commit(group).value().earlier_message_id);

    const std::string second = message_id();
    Group again = received(second);
    again.keys.push_back({"north", "key-1", sha256_hex("<order/>"), second});
    EXPECT_EQ(journal_->commit(again).value().earlier_message_id, first);
    EXPECT_EQ(journal_->message(second).error().code.name(), "journal.not-found");

    Group other = received(second, "<other/>");
    other.keys.push_back({"north", "key-1", sha256_hex("<other/>"), second});
    EXPECT_EQ(code_of(other), "journal.key-conflict");
    other.keys[0].agency = "east";  // a key is its agency's own
    EXPECT_EQ(code_of(other), "");

    Group twice = received(message_id());
    twice.keys.assign(2, {"north", "key-2", sha256_hex("<order/>"), twice.messages[0].id});
    EXPECT_EQ(code_of(twice), "journal.key-conflict");

    const auto found = journal_->find_key("north", "key-1").value();
    ASSERT_TRUE(found);
    EXPECT_EQ(found->message_id, first);
    EXPECT_EQ(found->digest, sha256_hex("<order/>"));
    EXPECT_FALSE(journal_->find_key("north", "key-9").value());
}

TEST_F(JournalStore, ABusinessKeyIsHeldUntilItsMessageIsRefused) {
    const auto with_key = [&](const std::string& id, bool unique) {
        Group group = received(id);
        group.business_keys.push_back(
            {.message_id = id, .agency = "north", .family = "order", .key = "O-1", .unique = unique});
        return group;
    };
    const std::string first = message_id(), third = message_id();
    EXPECT_EQ(code_of(with_key(first, true)), "");
    const auto refused = journal_->commit(with_key(message_id(), true));
    EXPECT_EQ(refused.error().code.name(), "journal.business-duplicate");
    EXPECT_NE(refused.error().detail.find(first), std::string::npos);
    EXPECT_EQ(code_of(with_key(message_id(), false)), "");  // a correction
    EXPECT_EQ(move(first, {State::refused}), "");
    EXPECT_EQ(code_of(with_key(third, true)), "");
    const auto found = journal_->find_business_key("north", "order", "O-1").value();
    ASSERT_EQ(found.size(), 3u);
    EXPECT_EQ(found.front().message_id, third);
    EXPECT_TRUE(journal_->find_business_key("north", "waybill", "O-1").value().empty());
}

TEST_F(JournalStore, RefusesRecordsThatLackTheirForm) {
    const std::string id = commit_received();
    const auto refused = [&](auto spoil) {
        Group group = received(message_id());
        spoil(group);
        EXPECT_EQ(code_of(group), "journal.bad-record");
    };
    refused([](Group& g) { g.messages[0].id = "short"; });
    refused([](Group& g) { g.messages[0].id = std::string(26, 'u'); });
    refused([&](Group& g) { g.messages[0].parent_id = id; });  // no relation
    refused([](Group& g) { g.messages[0].relation = Relation::answer; });
    refused([](Group& g) { g.messages[0].format = std::string("a\0b", 3); });
    refused([](Group& g) { g.messages[0].format = "\xC0\x80"; });
    refused([](Group& g) { g.messages[0].format = "\xED\xA0\x80"; });
    refused([](Group& g) { g.messages[0].format = std::string(text_bytes_max + 1, 'x'); });
    refused([](Group& g) { g.messages[0].digest = sha256_hex("other"); });
    refused([](Group& g) { g.bodies[0].digest = sha256_hex("other"); });
    refused([](Group& g) { g.bodies[0].message_id = ""; });
    refused([](Group& g) { g.references.push_back({.message_id = g.messages[0].id, .scheme = "", .value = "v"}); });
    refused([](Group& g) { g.references.push_back({.message_id = g.messages[0].id, .scheme = "s", .value = ""}); });
    refused([](Group& g) { g.keys.push_back({"a", "k", "ABC", g.messages[0].id}); });
    refused([](Group& g) { g.aliases.push_back({"a", "b", "", "v"}); });
    refused([](Group& g) { g.deliveries.push_back({.id = message_id(), .message_id = g.messages[0].id}); });
    refused([](Group& g) { g.outcomes.push_back({.delivery_id = "x"}); });
}

TEST_F(JournalStore, ReportsOfTroubleAreMendedNotRefused) {
    const std::string id = commit_received();
    Group group{.at_ms = noon};
    group.transitions.push_back(
        {.message_id = id, .to = State::failed, .detail = std::string("bad \xFF\0 byte \xE4\xB8\xAD", 15)});
    group.transitions.push_back({.message_id = id, .to = State::dead, .detail = std::string(5'000, 'x')});
    ASSERT_EQ(code_of(group), "");
    const auto history = journal_->history(id).value();
    EXPECT_EQ(history[1].detail, "bad ?? byte \xE4\xB8\xAD");
    EXPECT_EQ(history[2].detail.size(), text_bytes_max);
}

TEST_F(JournalStore, NamesOnlyWhatIsThere) {
    Group group = received(message_id());
    group.messages[0].parent_id = message_id();
    group.messages[0].relation = Relation::answer;
    EXPECT_EQ(code_of(group), "journal.not-found");
    Group body = received(message_id());
    body.bodies.push_back({.message_id = body.messages[0].id, .kind = BodyKind::sent, .digest = sha256_hex("nowhere")});
    EXPECT_EQ(code_of(body), "journal.not-found");
    Group delivery = received(message_id());
    delivery.deliveries.push_back({.id = message_id(),
                                   .message_id = delivery.messages[0].id,
                                   .agency = "south",
                                   .transport = "file",
                                   .body_digest = sha256_hex("nowhere")});
    EXPECT_EQ(code_of(delivery), "journal.not-found");
    EXPECT_EQ(journal_->history(message_id()).error().code.name(), "journal.not-found");
}

TEST_F(JournalStore, HasLimitsWithNames) {
    reopen({.body_bytes_max = 100, .group_bytes_max = 150});
    EXPECT_EQ(code_of(received(message_id(), std::string(101, 'x'))), "journal.too-large");
    Group group = received(message_id(), std::string(80, 'x'));
    group.bodies.push_back(
        {.message_id = group.messages[0].id, .kind = BodyKind::pivot, .bytes = std::string(80, 'y')});
    EXPECT_EQ(code_of(group), "journal.too-large");
    Group many{.at_ms = noon};
    many.references.resize(group_records_max + 1);
    EXPECT_EQ(code_of(many), "journal.too-large");
}

// Row 25 of the fault list: the answer is the contract. Whoever asks sees what was answered.
TEST_F(JournalStore, EightThreadsShareFlushes) {
    constexpr std::size_t threads = 8, each = 60;
    std::vector<std::vector<std::string>> done(threads);
    std::vector<std::thread> workers;
    for (std::size_t t = 0; t < threads; ++t) {
        workers.emplace_back([&, t] {
            for (std::size_t i = 0; i < each; ++i) {
                const std::string id = message_id();
                Group group = received(id, "bytes " + id);
                group.references.push_back({.message_id = id, .scheme = "n", .value = std::to_string(t * each + i)});
                if (i % 10 == 9)
                    group.transitions.push_back({.message_id = id, .to = State::delivered});  // refused alone
                const auto result = journal_->commit(std::move(group));
                if (i % 10 == 9) {
                    EXPECT_EQ(result.error().code.name(), "journal.illegal-transition");
                    continue;
                }
                ASSERT_TRUE(result) << result.error().text();
                EXPECT_EQ(journal_->message(id).value().id, id);
                done[t].push_back(id);
            }
        });
    }
    for (std::thread& worker : workers) worker.join();
    const Health health = journal_->health();
    EXPECT_EQ(health.groups, threads * each);
    EXPECT_LT(health.transactions, health.groups);
    EXPECT_TRUE(health.last_commit_ok);
    reopen();
    std::size_t count = 0;
    for (const auto& ids : done) {
        for (const std::string& id : ids) count += journal_->read_body(sha256_hex("bytes " + id)) ? 1u : 0u;
    }
    EXPECT_EQ(count, threads * each * 9 / 10);
    expect_clean();
}

TEST_F(JournalStore, OneKeyFromManyThreadsIsOneMessage) {
    std::vector<std::thread> workers;
    std::atomic<int> fresh{0}, repeated{0};
    for (int t = 0; t < 8; ++t) {
        workers.emplace_back([&] {
            const std::string id = message_id();
            Group group = received(id);
            group.keys.push_back({"north", "same", sha256_hex("<order/>"), id});
            const auto done = journal_->commit(std::move(group));
            ASSERT_TRUE(done);
            ++(done->earlier_message_id ? repeated : fresh);
        });
    }
    for (std::thread& worker : workers) worker.join();
    EXPECT_EQ(fresh, 1);
    EXPECT_EQ(repeated, 7);
}

TEST_F(JournalStore, GroupsWithoutWaitingAreSetToo) {
    std::vector<std::future<Result<Committed>>> waiting;
    for (int i = 0; i < 50; ++i) waiting.push_back(journal_->submit(received(message_id(), std::to_string(i))));
    for (auto& one : waiting) EXPECT_TRUE(one.get());
    EXPECT_EQ(journal_->counts().value().at(0).count, 50u);
}

}  // namespace
}  // namespace hansa::journal::test
