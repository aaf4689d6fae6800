// A batch whose documents are messages of their own.
#include "core/exchange/batches.h"

#include <nlohmann/json.hpp>

#include "core/envelope/envelope.h"
#include "tests/unit/exchange/two_agencies.h"

namespace hansa::exchange {
namespace {

class BatchesApart : public TwoAgencies {
protected:
    void SetUp() override {
        TwoAgencies::SetUp();
        take_apart(true);
        bad_.replace(bad_.find("OUT"), 3, "AWAY");
    }

    void take_apart(bool apart) {
        auto changed = std::make_shared<Directory>(*directory());
        changed->agencies.front().batches_apart = apart;
        gateway_->reload(Surroundings{changed, registry_, keys_});
    }

    static std::string batch(const std::vector<std::string>& documents) { return test::must(envelope::wrap_batch(documents, "xa.declaration")); }
    static Submission sent(std::string bytes, std::string key = {}) {
        return {.agency = "north", .bytes = std::move(bytes), .idempotency_key = std::move(key), .format = {}, .test = true, .transport = "test"};
    }
    std::vector<PartAnswer> answers(const Submission& submission) {
        const auto documents = apart_documents(*gateway_, submission);
        if (!documents) throw std::runtime_error("it does not go apart");
        return accept_apart(*gateway_, submission, *documents);
    }

    const std::string good_ = declaration("xa", "R-1"), other_ = declaration("xa", "R-3");
    std::string bad_ = declaration("xa", "R-2");
};

TEST_F(BatchesApart, WhatIsRefusedDoesNotStopTheOthers) {
    const auto parts = answers(sent(batch({good_, bad_, other_})));
    ASSERT_EQ(parts.size(), 3U);
    ASSERT_TRUE(parts[0].answer);
    ASSERT_FALSE(parts[1].answer);
    ASSERT_TRUE(parts[2].answer);
    EXPECT_EQ(parts[1].answer.error().code.name(), "mapping.code-unknown");
    EXPECT_EQ(parts[0].answer->sent_ids.size(), 1U);
    EXPECT_EQ(parts[2].answer->sent_ids.size(), 1U);
    EXPECT_TRUE(any_accepted(parts));
    EXPECT_FALSE(all_accepted(parts));
    EXPECT_FALSE(own_trouble(parts));
    // Each is a message of the journal, the refused one as refused.
    journal::Filter filter;
    filter.states = {journal::State::refused};
    EXPECT_EQ(test::must(journal_->search(filter)).messages.size(), 1U);
}

TEST_F(BatchesApart, TheMendedBatchGivesTheOthersTheirAnswersAgain) {
    const auto first = answers(sent(batch({good_, bad_}), "key"));
    const auto again = answers(sent(batch({good_, other_}), "key"));
    ASSERT_TRUE(first[0].answer && again[0].answer && again[1].answer);
    EXPECT_TRUE(again[0].answer->repeated);
    EXPECT_EQ(again[0].answer->message_id, first[0].answer->message_id);
    EXPECT_FALSE(again[1].answer->repeated);
}

TEST_F(BatchesApart, OthersStayWhole) {
    EXPECT_FALSE(apart_documents(*gateway_, sent(good_)));
    EXPECT_FALSE(apart_documents(*gateway_, sent("<b:batch xmlns:b=\"urn:hansa:batch:1\" count=\"2\">")));
    take_apart(false);
    EXPECT_FALSE(apart_documents(*gateway_, sent(batch({good_, other_}))));
}

TEST_F(BatchesApart, AnswersSayWhatBecameOfEach) {
    const auto parts = answers(sent(batch({good_, bad_})));
    const auto json = nlohmann::json::parse(answers_json(parts, [](const PartAnswer& part) { return "{\"code\": \"" + std::string(part.answer.error().code.name()) + "\"}"; }));
    ASSERT_EQ(json["documents"].size(), 2U);
    EXPECT_EQ(json["documents"][0]["message"], parts[0].answer->message_id);
    EXPECT_EQ(json["documents"][0]["receipt"], parts[0].answer->receipt);
    EXPECT_EQ(json["documents"][1]["document"], 2);
    EXPECT_EQ(json["documents"][1]["problem"]["code"], "mapping.code-unknown");
}

}  // namespace
}  // namespace hansa::exchange
