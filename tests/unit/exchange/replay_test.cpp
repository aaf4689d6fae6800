// How attempts end: dead letters that a person puts back, and answers that are faster than receipts.
#include "tests/unit/exchange/gathers.h"

namespace hansa::exchange {
namespace {

class Replayed : public TwoAgencies {
protected:
    void SetUp() override {
        TwoAgencies::SetUp();
        directory_ = std::make_shared<Directory>(*directory());
        for (Agency& agency : directory_->agencies) agency.address = Address{.url = "http://there", .token_file = {}, .certificate_file = {}, .key_file = {}, .trust_file = {}};
        gateway_->reload(Surroundings{directory_, registry_, keys_});
    }
    std::size_t deliver(std::shared_ptr<Transport> transport) {
        Outbox outbox([this] { return gateway_->surroundings(); }, *journal_, {std::move(transport)}, {});
        return outbox.run_once(std::int64_t{1} << 50);
    }
    std::size_t put_back(const std::string& id) { return test::must(replay(*journal_, gateway_->surroundings(), id, 1)); }
    State state(const std::string& id) { return test::must(journal_->message(id)).state; }

    std::shared_ptr<Directory> directory_;
};

TEST_F(Replayed, AReceivedMessageIsUnderWayAgainWithItsDeadLetter) {
    for (const bool by_received : {false, true}) {
        const Acceptance sent = accepted("north", declaration("xa", by_received ? "R-2" : "R-1"));
        EXPECT_EQ(deliver(std::make_shared<Refuser>()), 1U);
        ASSERT_EQ(state(sent.message_id), State::dead);
        EXPECT_EQ(put_back(by_received ? sent.message_id : sent.sent_ids.at(0)), 1U);
        EXPECT_EQ(state(sent.sent_ids.at(0)), State::queued);
        EXPECT_EQ(state(sent.message_id), State::queued);
        EXPECT_EQ(put_back(sent.message_id), 0U) << "nothing is dead any more";
        EXPECT_EQ(deliver(std::make_shared<Taker>()), 1U);
        EXPECT_EQ(state(sent.sent_ids.at(0)), State::delivered);
        EXPECT_EQ(state(sent.message_id), State::delivered);
    }
    EXPECT_FALSE(replay(*journal_, gateway_->surroundings(), message_id(), 1)) << "there is none of that id";
}

TEST_F(Replayed, OneThatDiesAgainIsDeadAgain) {
    const Acceptance sent = accepted("north", declaration("xa", "R-1"));
    deliver(std::make_shared<Refuser>());
    ASSERT_EQ(put_back(sent.message_id), 1U);
    deliver(std::make_shared<Refuser>());
    EXPECT_EQ(state(sent.message_id), State::dead);
    EXPECT_EQ(put_back(sent.message_id), 1U);
    Diagnostics faults;
    ASSERT_TRUE(journal_->verify(faults));
    EXPECT_TRUE(faults.empty()) << faults.errors().front().text();
}

TEST_F(Replayed, WhatWasDeliveredMeanwhileStaysSo) {
    Route second = directory_->routes.front();
    second.name = "north-south-too";
    directory_->routes.push_back(second);
    const Acceptance sent = accepted("north", declaration("xa", "R-1"));
    ASSERT_EQ(sent.sent_ids.size(), 2U);
    deliver(std::make_shared<Refuser>());
    ASSERT_EQ(state(sent.message_id), State::dead);
    EXPECT_EQ(put_back(sent.sent_ids[1]), 1U);
    EXPECT_EQ(state(sent.message_id), State::queued);
    deliver(std::make_shared<Taker>());
    EXPECT_EQ(state(sent.message_id), State::delivered);
    EXPECT_EQ(state(sent.sent_ids[0]), State::dead);
    EXPECT_EQ(put_back(sent.message_id), 1U) << "the other one";
    EXPECT_EQ(state(sent.message_id), State::delivered);
    deliver(std::make_shared<Taker>());
    EXPECT_EQ(state(sent.sent_ids[0]), State::delivered);
    EXPECT_EQ(state(sent.message_id), State::delivered);
}

/// Answers what it is given before it says that it has taken it.
class Answers final : public Transport {
public:
    Answers(std::function<void()> answer, Result<Delivered> then) : answer_(std::move(answer)), then_(std::move(then)) {}
    bool serves(std::string_view url) const override { return url.starts_with("http"); }
    Result<Delivered> deliver(const Attempt& attempt) override {
        if (attempt.format == "xb.declaration") std::exchange(answer_, [] {})();
        return then_;
    }

private:
    std::function<void()> answer_;
    Result<Delivered> then_;
};

TEST_F(Replayed, AnAnswerMayOvertakeTheReceipt) {
    const std::vector<std::pair<Result<Delivered>, journal::DeliveryState>> ends{{Delivered{"<taken/>", "taken"}, journal::DeliveryState::delivered}, {Error{codes::partner_refused, "no"}, journal::DeliveryState::dead}};
    int number = 0;
    for (const auto& [then, state_then] : ends) {
        const std::string reference = "R-" + std::to_string(++number);
        const Acceptance sent = accepted("north", declaration("xa", reference)), next = accepted("north", declaration("xa", reference + "-NEXT"));
        deliver(std::make_shared<Answers>([&] { accepted("south", "<Answer xmlns=\"urn:example:xb:answer:1\"><Number>A-" + reference + "</Number><About>" + reference + "</About></Answer>"); }, then));
        const auto delivery = test::must(journal_->deliveries_of(sent.sent_ids.at(0))).at(0);
        EXPECT_EQ(delivery.state, state_then) << "and is not sent again";
        EXPECT_EQ(delivery.attempts, 1U);
        for (const std::string& id : {sent.message_id, sent.sent_ids.at(0)}) EXPECT_EQ(state(id), State::answered);
        EXPECT_EQ(test::must(journal_->deliveries_of(next.sent_ids.at(0))).at(0).state, state_then) << "nor does it keep the next one waiting";
    }
}

TEST_F(Gathers, AllWhoWentOutAsOneAreUnderWayAgainWithIt) {
    const std::vector<std::string> ids{send("R-1"), send("R-2"), send("R-3")};
    follow();
    ASSERT_EQ(masters().size(), 1U);
    for (const std::string& by : {masters()[0].id, ids[1]}) {
        EXPECT_EQ(deliver(std::make_shared<Refuser>()), 1U);
        for (const std::string& id : ids) ASSERT_EQ(state(id), State::dead);
        EXPECT_EQ(test::must(replay(*journal_, gateway_->surroundings(), by, 1)), 1U);
        for (const std::string& id : ids) EXPECT_EQ(state(id), State::queued);
    }
    EXPECT_EQ(deliver(), 1U);
    for (const std::string& id : ids) EXPECT_EQ(state(id), State::delivered);
    expect_clean();
}

}  // namespace
}  // namespace hansa::exchange
