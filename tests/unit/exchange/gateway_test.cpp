// The way of a message through the gateway, with two small countries and a journal: what is kept of it.
#include "core/exchange/gateway.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/envelope/envelope.h"
#include "core/exchange/rule_desk.h"
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

/// North's format has a profile that only a reference tells, and its list knows other directions.
class Members : public TwoAgencies {
protected:
    void SetUp() override {
        TwoAgencies::SetUp();
        fs::create_directories(folder_ / "plugins/aa/codes");
        ASSERT_TRUE(write_file_atomically(folder_ / "plugins/aa/plugin.toml",
                                          "plugin = \"aa\"\nversion = \"1\"\n[authority]\nname = \"Aa\"\ncountry = \"AA\"\n"
                                          "[[format]]\nid = \"aa.declaration\"\nbase = \"xa.declaration\"\ntitle = \"Aa\"\ncertainty = \"facts only\"\n"
                                          "mark = \"Reference=A-\"\ncodes = [\"direction\"]\n"));
        ASSERT_TRUE(write_file_atomically(folder_ / "plugins/aa/codes/direction.codes", "columns national standard\nAWAY E\nOUT I\n"));
        registry_ = loaded();
    }
    /// The format that a message of north is taken for, or the error's code.
    std::string taken_for(std::vector<std::string> formats, std::string authority, std::string bytes, std::string said = {}) {
        auto changed = std::make_shared<Directory>(*directory());
        changed->agencies.front().formats = std::move(formats);
        changed->agencies.front().authority = std::move(authority);
        gateway_->reload(Surroundings{changed, registry_, keys_});
        Diagnostics faults;
        const auto done = gateway_->accept({.agency = "north", .bytes = std::move(bytes), .idempotency_key = {}, .format = std::move(said), .test = true, .transport = "test"}, faults);
        return done ? done->format : std::string(done.error().code.name());
    }
};

TEST_F(Members, AMessageIsOfTheProfileThatItsSenderMaySend) {
    EXPECT_EQ(taken_for({"aa.declaration"}, "xa", declaration("xa", "R-1")), "aa.declaration");
    EXPECT_EQ(taken_for({"xa.declaration"}, "aa", declaration("xa", "A-2")), "xa.declaration");
    EXPECT_EQ(taken_for({}, "aa", declaration("xa", "R-3")), "aa.declaration") << "whose agency it is";
    EXPECT_EQ(taken_for({}, "zz", declaration("xa", "A-4")), "aa.declaration") << "the mark";
    EXPECT_EQ(taken_for({}, "zz", declaration("xa", "R-5")), "xa.declaration");
    EXPECT_EQ(taken_for({}, "zz", declaration("xa", "R-6"), "aa.declaration"), "aa.declaration") << "what the sender says";
    EXPECT_EQ(taken_for({"xb.declaration"}, "aa", declaration("xa", "R-7")), "exchange.format-not-allowed");
}

TEST_F(Members, DocumentsThatOnlyAMarkTellsApartAreThoseOfTheBase) {
    const std::string both = test::must(envelope::wrap_batch(std::vector{declaration("xa", "A-1"), declaration("xa", "R-2")}, "xa.declaration"));
    EXPECT_EQ(taken_for({}, "zz", both), "xa.declaration");
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

/// A country whose rules ask for short references, and warn of a function.
class Ruled : public TwoAgencies {
protected:
    void SetUp() override {
        TwoAgencies::SetUp();
        fs::create_directories(folder_ / "plugins/xa/rules");
        ASSERT_TRUE(write_file_atomically(folder_ / "plugins/xa/rules/xa.rules",
                                          "rules xa\n"
                                          "rule xa.1\n  text \"References begin with R.\"\n  over declaration\n  severity refuse\n  source \"a law\"\n"
                                          "  check FunctionalReferenceID matches /R.*/\n"
                                          "rule xa.2\n  text \"References end in 1.\"\n  over declaration\n  severity warn\n  source \"a law\"\n"
                                          "  check last(FunctionalReferenceID, 1) = \"1\"\n"));
        auto changed = std::make_shared<Directory>(*directory());
        changed->agencies.front().rules = {"xa"};
        Diagnostics faults;
        desk_ = std::make_shared<const RuleDesk>(rules::RuleBook::load(*loaded(), faults));
        ASSERT_TRUE(faults.empty()) << faults.errors().front().text();
        gateway_->reload(Surroundings{changed, registry_, keys_, nullptr, desk_});
    }
    std::shared_ptr<const RuleDesk> desk_;
};

TEST_F(Ruled, AMessageThatBreaksARuleIsRefusedWithItsOwnElement) {
    Diagnostics faults;
    const auto refused = gateway_->accept({.agency = "north", .bytes = declaration("xa", "Q-1"), .idempotency_key = {}, .format = {}, .test = true, .transport = "test"}, faults);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code.name(), "rules.refused");
    EXPECT_EQ(refused.error().detail, "xa.1: References begin with R. (FunctionalReferenceID)") << "a reference is nobody else's business";
    EXPECT_NE(refused.error().place.line, 0U);
    EXPECT_TRUE(refused.error().place.path.starts_with("/Declaration/")) << refused.error().place.path;
    EXPECT_EQ(faults.count(), 1U);
    const auto counts = desk_->counts()->all();
    EXPECT_EQ(counts.at("xa.1").findings, 1U);
    const auto found = journal_->search(journal::Filter{});
    ASSERT_TRUE(found) << found.error().text();
    ASSERT_EQ(found->messages.size(), 1U);
    EXPECT_EQ(found->messages.front().state, journal::State::refused);
    EXPECT_EQ(test::must(journal_->history(found->messages.front().id)).back().code, "rules.refused");
}

TEST_F(Ruled, AWarningGoesAlongInTheReceipt) {
    const Acceptance done = accepted("north", declaration("xa", "R-2"));
    EXPECT_EQ(done.sent_ids.size(), 1U);
    EXPECT_NE(done.receipt.find("<warning"), std::string::npos) << done.receipt;
    EXPECT_NE(done.receipt.find("rule=\"xa.2\""), std::string::npos);
    EXPECT_EQ(desk_->counts()->all().at("xa.2").severity, rules::Severity::warn);
    EXPECT_EQ(accepted("north", declaration("xa", "R-1")).receipt.find("<warning"), std::string::npos);
}

TEST_F(Ruled, TheFastWayAsksThemToo) {
    use_fast(registry_, 0);
    auto with = gateway_->surroundings();
    auto changed = std::make_shared<Directory>(*directory());
    changed->agencies.front().rules = {"xa"};
    with.directory = changed;
    with.rules = desk_;
    gateway_->reload(with);
    Diagnostics faults;
    const auto refused = gateway_->accept({.agency = "north", .bytes = declaration("xa", "Q-1"), .idempotency_key = {}, .format = {}, .test = true, .transport = "test"}, faults);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code.name(), "rules.refused");
    EXPECT_NE(accepted("north", declaration("xa", "R-2")).receipt.find("rule=\"xa.2\""), std::string::npos);
    // A set that no plugin brings any more after a reload stops the message: an unasked rule is no kept one.
    changed->agencies.front().rules = {"xz"};
    const auto unknown = gateway_->accept({.agency = "north", .bytes = declaration("xa", "R-3"), .idempotency_key = {}, .format = {}, .test = true, .transport = "test"}, faults);
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().code.name(), "rules.set-unknown");
}

TEST_F(Ruled, AMessageThatKeepsThemTakesTheFastWay) {
    const auto use = [&](const std::shared_ptr<const Engines>& engines) {
        auto with = gateway_->surroundings();
        auto changed = std::make_shared<Directory>(*directory());
        changed->agencies.front().rules = {"xa"};
        with.directory = changed;
        with.rules = desk_;
        gateway_->reload(with);
        return engines;
    };
    auto engines = use(use_fast(registry_, 0));
    const Acceptance kept = accepted("north", declaration("xa", "R-1"));
    EXPECT_EQ(engines->fast().counts().done, 1U);
    EXPECT_TRUE(engines->fast().counts().declined.empty()) << engines->fast().counts().declined.begin()->first;
    EXPECT_TRUE(body(kept.message_id, journal::BodyKind::pivot).starts_with("{\"read_again\":")) << "no pivot document was made";
    // What the tapes find is left to the reference, which words it; the metric says why.
    EXPECT_NE(accepted("north", declaration("xa", "R-2")).receipt.find("rule=\"xa.2\""), std::string::npos);
    EXPECT_EQ(engines->fast().counts().declined.at("a numbered rule that does not hold"), 1U);
    // Of a batch every document is asked.
    const auto batch = [&](const char* a, const char* b) { return test::must(envelope::wrap_batch(std::vector{declaration("xa", a), declaration("xa", b)}, "xa.declaration")); };
    EXPECT_EQ(accepted("north", batch("R-11", "R-21")).receipt.find("<warning"), std::string::npos);
    EXPECT_EQ(engines->fast().counts().declined.at("a numbered rule that does not hold"), 1U);
    EXPECT_NE(accepted("north", batch("R-31", "R-42")).receipt.find("document=\"2\""), std::string::npos);
    EXPECT_EQ(engines->fast().counts().declined.at("a numbered rule that does not hold"), 2U);
    // Both ways are compared where the reference watches.
    engines = use(use_fast(registry_, 1));
    accepted("north", declaration("xa", "R-51"));
    accepted("north", declaration("xa", "R-52"));
    EXPECT_EQ(engines->counts()->compared, 2U);
    EXPECT_EQ(engines->counts()->differed, 0U);
}

TEST_F(Ruled, TheReferencesFindingCountsWhereOnlyTheTapesAreClean) {
    auto changed = std::make_shared<Directory>(*directory());
    changed->agencies.front().rules = {"xa"};
    const auto engines = std::make_shared<const Engines>(registry_, EngineSettings{.fast = true, .shadow = 1});
    // The tapes are asked by a table that somebody has changed since: references stand in another field.
    replace_in(folder_ / "plugins/xa/mappings/declaration.map", "<-> FunctionalReferenceID\n", "<-> ID\n");
    const auto other = loaded();
    const auto made = desk_->prepare(*other->find("xa.declaration"), engines->fast().paths(*registry_->find("xa.declaration")), {}, changed->agencies.front().rules);
    ASSERT_TRUE(made) << made.error().text();
    gateway_->reload(Surroundings{changed, registry_, keys_, engines, desk_});
    Diagnostics faults;
    const auto refused = gateway_->accept({.agency = "north", .bytes = declaration("xa", "Q-1"), .idempotency_key = {}, .format = {}, .test = true, .transport = "test"}, faults);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code.name(), "rules.refused");
    EXPECT_EQ(engines->counts()->compared, 1U);
    EXPECT_EQ(engines->counts()->differed, 1U);
}

TEST_F(Ruled, ProgramsForTapesAreMadeAheadAndSayWhatTheyLeave) {
    const auto engines = use_fast(registry_, 0);
    const plugin::Format& format = *registry_->find("xa.declaration");
    const auto left = desk_->prepare(format, engines->fast().paths(format), {}, std::vector<std::string>{"xa"});
    ASSERT_TRUE(left) << left.error().text();
    EXPECT_TRUE(left->empty());
    const auto unknown = desk_->prepare(format, engines->fast().paths(format), {}, std::vector<std::string>{"xz"});
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().code.name(), "rules.set-unknown");
}

TEST_F(Ruled, ARouteMayAskForRulesOfItsOwn) {
    auto changed = std::make_shared<Directory>(*directory());
    changed->routes[1].rules = {"xa"};
    changed->routes[1].when_field = "DirectionCode";
    changed->routes[1].when_value = "I";
    changed->routes.push_back(changed->routes[1]);
    changed->routes[2].name = "other";
    changed->routes[2].rules.clear();
    changed->routes[2].when_value = "E";
    auto with = gateway_->surroundings();
    with.directory = changed;
    gateway_->reload(with);
    // No route with rules takes these.
    accepted("north", declaration("xa", "Q-1"));
    accepted("south", declaration("xb", "Q-2"));
    EXPECT_TRUE(desk_->counts()->all().empty());
    std::string inward = declaration("xb", "Q-3");
    inward.replace(inward.find("OUT"), 3, "IN");
    Diagnostics faults;
    const auto refused = gateway_->accept({.agency = "south", .bytes = inward, .idempotency_key = {}, .format = {}, .test = true, .transport = "test"}, faults);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code.name(), "rules.refused");
}

TEST_F(Ruled, AnAgencyWithoutRulesIsNotAsked) {
    EXPECT_EQ(accepted("south", declaration("xb", "Q-7")).receipt.find("<warning"), std::string::npos);
    EXPECT_TRUE(desk_->counts()->all().empty());
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
