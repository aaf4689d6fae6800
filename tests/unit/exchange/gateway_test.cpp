// The way of a message through the gateway, with two small countries and a journal: what is kept of it.
#include "core/exchange/gateway.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/envelope/envelope.h"
#include "tests/unit/exchange/two_agencies.h"

namespace hansa::exchange {
namespace {

/// The text that stands for the long reference in what south gets.
std::string alias_in(journal::Journal& journal) {
    const auto found = test::must(journal.find_alias_of("north", "south", long_reference));
    return found ? found->alias : std::string();
}

TEST_F(TwoAgencies, TheLedgerInTheJournalNamesLineAndColumn) {
    const Acceptance done = accepted("north", declaration("xa", "R-1"));
    ASSERT_EQ(done.sent_ids.size(), 1u);
    const auto ledger = nlohmann::json::parse(body(done.sent_ids[0], journal::BodyKind::ledger));
    ASSERT_EQ(ledger["entries"].size(), 1u) << ledger.dump(2);
    EXPECT_EQ(ledger["entries"][0]["path"], "/Declaration/Remark");
    EXPECT_EQ(ledger["entries"][0]["line"], 6);
    EXPECT_EQ(ledger["entries"][0]["column"], 3);
}

TEST_F(TwoAgencies, ARefusedBatchNamesTheDocument) {
    const std::string good = declaration("xa", "R-1");
    std::string bad = declaration("xa", "R-2");
    bad.replace(bad.find("OUT"), 3, "AWAY");
    const std::string batch = test::must(envelope::wrap_batch(std::vector{good, bad}, "xa.declaration"));
    Diagnostics faults;
    const auto refused = gateway_->accept(
        {.agency = "north", .bytes = batch, .idempotency_key = {}, .format = {}, .test = true, .transport = "test"},
        faults);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code.name(), "mapping.code-unknown");
    EXPECT_TRUE(refused.error().detail.starts_with("document 2 of 2: ")) << refused.error().text();
    EXPECT_EQ(refused.error().place.line, 3u);  // of the document, which lost its XML declaration in the batch
    // Nothing of it was accepted: the good one may come again.
    EXPECT_EQ(accepted("north", good).sent_ids.size(), 1u);
}

TEST_F(TwoAgencies, AnAliasIsPutBackWhenItsReceiverSaysIt) {
    accepted("north", declaration("xa", long_reference));
    const std::string alias = alias_in(*journal_);
    ASSERT_FALSE(alias.empty());
    // South speaks of the same thing in a declaration of its own.
    const Acceptance done = accepted("south", declaration("xb", alias));
    const std::string pivot = body(done.sent_ids.at(0), journal::BodyKind::pivot);
    EXPECT_NE(pivot.find(long_reference), std::string::npos) << pivot;
    EXPECT_EQ(pivot.find(alias), std::string::npos) << pivot;
}

TEST_F(TwoAgencies, AnAliasThatNobodyGaveIsTheSendersOwnText) {
    accepted("north", declaration("xa", long_reference));
    const std::string alias = alias_in(*journal_);
    // North was never given it: from north it means itself.
    const Acceptance done = accepted("north", declaration("xa", alias));
    EXPECT_NE(body(done.sent_ids.at(0), journal::BodyKind::pivot).find(alias), std::string::npos);
    const Acceptance other = accepted("south", declaration("xb", "AAAAAAAAAAAAAAAAAAAA"));
    EXPECT_NE(body(other.sent_ids.at(0), journal::BodyKind::pivot).find("AAAAAAAAAAAAAAAAAAAA"), std::string::npos);
}

TEST_F(TwoAgencies, AnAnswerToAnAliasFindsItsQuestion) {
    const Acceptance question = accepted("north", declaration("xa", long_reference));
    const Acceptance answer =
        accepted("south", "<Answer xmlns=\"urn:example:xb:answer:1\"><Number>A-1</Number><About>" +
                              alias_in(*journal_) + "</About></Answer>");
    ASSERT_EQ(answer.sent_ids.size(), 1u);
    EXPECT_EQ(test::must(journal_->message(answer.sent_ids[0])).agency_to, "north");
    EXPECT_EQ(test::must(journal_->message(answer.message_id)).parent_id, question.sent_ids.at(0));
    EXPECT_NE(body(answer.message_id, journal::BodyKind::pivot).find(long_reference), std::string::npos);
}

}  // namespace
}  // namespace hansa::exchange
