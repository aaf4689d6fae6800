// Retention with a real journal: what is dropped, what stays provable, and what says so.
#include "core/exchange/retention.h"

#include <chrono>
#include <thread>

#include "core/exchange/evidence.h"
#include "core/exchange/kept_documents.h"
#include "core/journal/codes.h"
#include "tests/unit/exchange/two_agencies.h"

namespace hansa::exchange {
namespace {

constexpr std::int64_t later_ms = std::int64_t{1} << 50;

class Retained : public TwoAgencies {
protected:
    static RetentionSettings settings(std::vector<journal::BodyKind> kinds, std::string agency = {}) {
        RetentionSettings out;
        // Queued is no state at rest: no configuration can say it, and here nothing is delivered.
        out.rules = {{std::move(kinds), {journal::State::queued}, std::move(agency), 1}};
        out.pause_ms = 1;
        out.step_bodies = 1;
        return out;
    }
    journal::Dropped run(const RetentionSettings& with, std::int64_t now_ms = later_ms) {
        RetentionKeeper keeper(*journal_, counts_);
        keeper.set(with);
        return test::must(keeper.run_once(now_ms));
    }
    std::size_t kept(const std::string& message, journal::BodyKind kind) {
        std::size_t out = 0;
        for (const journal::BodyRef& body : test::must(journal_->bodies_of(message))) out += body.kind == kind && !body.dropped ? 1 : 0;
        return out;
    }
    std::shared_ptr<RetentionCounts> counts_ = std::make_shared<RetentionCounts>();
};

TEST_F(Retained, DropsWhatARuleNamesStepByStepAndNothingElse) {
    std::vector<std::string> ids;
    for (const char* reference : {"R-1", "R-2", "R-3"}) ids.push_back(accepted("north", declaration("xa", reference)).message_id);
    EXPECT_EQ(run({}).bodies, 0U) << "no rule, nothing dropped";
    EXPECT_EQ(run(settings({journal::BodyKind::received}), test::must(journal_->message(ids[0])).changed_ms + 1'000).bodies, 0U) << "not a day old";
    EXPECT_EQ(run(settings({journal::BodyKind::received}, "west")).bodies, 0U) << "another agency's";
    const journal::Dropped done = run(settings({journal::BodyKind::received}, "north"));
    EXPECT_EQ(done.bodies, 3U);
    EXPECT_EQ(counts_->bodies, 3U);
    EXPECT_EQ(counts_->bytes, done.bytes);
    EXPECT_GE(done.bytes, 3 * declaration("xa", "R-1").size());
    for (const std::string& id : ids) {
        EXPECT_EQ(kept(id, journal::BodyKind::received), 0U);
        EXPECT_EQ(kept(id, journal::BodyKind::receipt), 1U);
        EXPECT_EQ(test::must(journal_->message(id)).digest.size(), 64U);
    }
    EXPECT_EQ(run(settings({journal::BodyKind::received})).bodies, 0U);
    Diagnostics faults;
    ASSERT_TRUE(journal_->verify(faults));
    EXPECT_TRUE(faults.empty()) << faults.errors().front().text();
}

TEST_F(Retained, TheThreadBeginsAtOnceAndSeesOtherSettings) {
    const std::string id = accepted("north", declaration("xa", "R-1")).message_id;
    RetentionKeeper keeper(*journal_, counts_);
    keeper.start();
    RetentionSettings now = settings({journal::BodyKind::received});
    now.rules[0].after_days = 0;
    keeper.set(now);
    for (int i = 0; i < 500 && counts_->bodies == 0; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    keeper.stop();
    EXPECT_EQ(kept(id, journal::BodyKind::received), 0U);
}

TEST_F(Retained, EvidenceListsDigestsOfWhatIsGone) {
    const Acceptance sent = accepted("north", declaration("xa", "R-1"));
    ASSERT_GT(run(settings({})).bodies, 0U);
    const std::string evidence = test::must(make_evidence(*journal_, gateway_->surroundings(), sent.message_id));
    EXPECT_NE(evidence.find(sent.message_id + "/bodies.tsv"), std::string::npos);
    EXPECT_EQ(evidence.find("-received."), std::string::npos);
}

TEST_F(Retained, DocumentsThatAreGoneSaySo) {
    for (const bool fast : {false, true}) {
        if (fast) use_fast(registry_, 0);
        const std::string id = accepted("north", declaration("xa", fast ? "R-2" : "R-1")).message_id;
        ASSERT_GT(run(settings({fast ? journal::BodyKind::received : journal::BodyKind::pivot})).bodies, 0U);
        const auto documents = kept_documents(*journal_, gateway_->surroundings(), test::must(journal_->message(id)));
        ASSERT_FALSE(documents);
        EXPECT_EQ(documents.error().code, journal::codes::body_dropped) << documents.error().text();
    }
}

TEST_F(Retained, AnAnswerWhoseQuestionIsGoneIsToldSo) {
    accepted("north", declaration("xa", "R-1"));
    ASSERT_GT(run(settings({})).bodies, 0U);
    Diagnostics faults;
    const auto answer = gateway_->accept({.agency = "south", .bytes = "<Answer xmlns=\"urn:example:xb:answer:1\"><Number>A-1</Number><About>R-1</About></Answer>", .idempotency_key = {}, .format = {}, .test = true, .transport = "test"}, faults);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, journal::codes::body_dropped) << answer.error().text();
}

TEST_F(Retained, ARepetitionHasItsEffectOnceWithoutItsReceiptToo) {
    const std::string bytes = declaration("xa", "R-1");
    const Acceptance first = accepted("north", bytes);
    ASSERT_GT(run(settings({journal::BodyKind::receipt})).bodies, 0U);
    const Acceptance again = accepted("north", bytes);
    EXPECT_EQ(again.message_id, first.message_id);
    EXPECT_TRUE(again.repeated && again.receipt_dropped && again.receipt.empty());
}

}  // namespace
}  // namespace hansa::exchange
