// Documents that belong together, through the gateway: what is held, let go, buried and answered, each once.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "core/balances/book.h"
#include "core/envelope/envelope.h"
#include "core/exchange/balance_desk.h"
#include "core/exchange/match_watcher.h"
#include "core/exchange/waiting_counts.h"
#include "tests/unit/exchange/two_agencies.h"

namespace hansa::exchange {
namespace {

using journal::DeliveryState;
using journal::State;

/// North declares what south has to declare, too: the same number, the same goods.
class Matched : public TwoAgencies {
protected:
    void SetUp() override {
        TwoAgencies::SetUp();
        fs::create_directories(folder_ / "plugins/xa/matching");
        ASSERT_TRUE(write_file_atomically(folder_ / "plugins/xa/matching/pair.match", R"(match xa.pair
  text    "A declaration with that of the other side"
  source  "A treaty"
  wait    72 hours
  keep    10 days
  lead    export  declaration xa.declaration
    known-by  FunctionalReferenceID
  part    import  declaration xb.declaration
    joined    FunctionalReferenceID

  agree xa.1  export import
    text      "Both name the same goods"
    severity  refuse
    source    "A treaty"
    same      GoodsShipment/GovernmentAgencyGoodsItem/Commodity/Description
  agree xa.2  export import
    text      "Both have the same day"
    severity  warn
    source    "A habit"
    same      IssueDateTime
)"));
        const fs::path plugin = folder_ / "plugins/xa/plugin.toml";
        ASSERT_TRUE(write_file_atomically(plugin, test::slurp(plugin) + R"(
[[format]]
id        = "xa.answer"
title     = "Answer"
edition   = "1"
root      = "{urn:example:xa:answer:1}Answer"
schema    = "xa/answer.xsd"
mapping   = "mappings/answer.map"
kind      = "response"
certainty = "facts only"
signature = "asice.ecdsa-p256-sha256"
)"));
        ASSERT_TRUE(write_file_atomically(folder_ / "schemas/xa/answer.xsd", R"(<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"
  targetNamespace="urn:example:xa:answer:1" elementFormDefault="qualified">
  <xs:element name="Answer"><xs:complexType><xs:sequence>
    <xs:element name="About" type="xs:token"/>
    <xs:element name="Why" type="xs:token"/>
  </xs:sequence></xs:complexType></xs:element>
</xs:schema>
)"));
        ASSERT_TRUE(write_file_atomically(folder_ / "plugins/xa/mappings/answer.map", R"(format   xa.answer
pivot    response
schema   xa/answer#Answer
empty    absent
zone     required

in Answer <-> document
  "03"                                 <-> FunctionCode
  About                                <-> Declaration/FunctionalReferenceID
  Why                                  <-> Error[1]/Description
)"));
        edit_tables();
        registry_ = loaded();
        directory_ = std::make_shared<Directory>(*directory());
        for (Agency& agency : directory_->agencies) {
            agency.matching = {"xa.pair"};
            agency.answer_format = "xa.answer";
        }
        reload();
        open();
    }
    void TearDown() override {
        watcher_.reset();
        TwoAgencies::TearDown();
    }

    virtual void edit_tables() {}
    virtual std::string lead_text(const std::string& reference) { return declaration("xa", reference); }
    void reload() {
        Diagnostics faults;
        desk_ = std::make_shared<const MatchDesk>(matching::MatchBook::load(*registry_, faults));
        ASSERT_TRUE(faults.empty()) << faults.errors().front().text();
        Surroundings with{directory_, registry_, keys_};
        with.matches = desk_;
        with.waiting = waiting_;
        gateway_->reload(with);
    }
    void open(std::function<void(std::string_view)> between = [](std::string_view) {}) {
        watcher_.reset();
        watcher_ = test::must(MatchWatcher::open({.folder = folder_ / "matching", .table = "xa.pair", .test = true}, *desk_,
                                                 {[this] { return gateway_->surroundings(); }, *journal_, [this] { ++released_; }, std::move(between)}));
    }
    void follow(std::int64_t now_ms = 0) {
        Follower follower([this] { return gateway_->surroundings(); }, *journal_, {watcher_});
        follower.run_once(now_ms);
    }
    /// Another process on the same files.
    void restart() {
        watcher_.reset();
        open_gateway();
        reload();
        open();
    }

    static std::string with_goods(std::string text, const std::string& goods) {
        text.replace(text.find("Tea"), 3, goods);
        return text;
    }
    std::string send_lead(const std::string& reference) {
        const Acceptance done = accepted("north", lead_text(reference));
        EXPECT_NE(done.receipt.find("<waits match=\"xa.pair\""), std::string::npos) << done.receipt;
        return done.message_id;
    }
    State state(const std::string& id) { return test::must(journal_->message(id)).state; }
    std::string reason(const std::string& id) { return test::must(journal_->message(id)).reason; }
    std::vector<journal::Message> outgoing(const std::string& id, journal::Relation relation = journal::Relation::translation) {
        std::vector<journal::Message> out;
        for (journal::Message& child : test::must(journal_->children(id))) {
            if (child.relation == relation && child.direction == journal::Direction::out) out.push_back(std::move(child));
        }
        return out;
    }
    DeliveryState delivery(const std::string& id) { return test::must(journal_->deliveries_of(outgoing(id).at(0).id)).at(0).state; }
    std::vector<std::string> answers(const std::string& id) {
        std::vector<std::string> out;
        for (const journal::Message& one : outgoing(id, journal::Relation::answer)) out.push_back(test::must(envelope::unwrap(body(one.id, journal::BodyKind::sent))).documents.at(0).bytes);
        return out;
    }
    void expect_clean() {
        Diagnostics faults;
        ASSERT_TRUE(journal_->verify(faults));
        EXPECT_TRUE(faults.empty()) << faults.errors().front().text();
    }

    std::shared_ptr<Directory> directory_;
    std::shared_ptr<const MatchDesk> desk_;
    std::shared_ptr<MatchWatcher> watcher_;
    std::shared_ptr<WaitingCounts> waiting_ = std::make_shared<WaitingCounts>();
    int released_ = 0;
};

TEST_F(Matched, ALeadIsHeldUntilItsPartIsThere) {
    const std::string lead = send_lead("R-1");
    EXPECT_EQ(state(lead), State::held);
    EXPECT_EQ(delivery(lead), DeliveryState::held);
    EXPECT_EQ(test::must(journal_->outbox()).held, 1U);
    follow();
    EXPECT_EQ(state(lead), State::held);
    EXPECT_EQ(waiting_->all()["matching"], (WaitingCounts::Names{{"xa.pair.test", 1}}));
    const std::string part = accepted("south", declaration("xb", "R-1")).message_id;
    EXPECT_EQ(state(part), State::queued) << "a part waits for nobody";
    follow();
    EXPECT_EQ(waiting_->all()["matching"], (WaitingCounts::Names{{"xa.pair.test", 0}}));
    EXPECT_EQ(state(lead), State::queued);
    EXPECT_EQ(delivery(lead), DeliveryState::pending);
    EXPECT_EQ(state(outgoing(lead).at(0).id), State::queued);
    EXPECT_TRUE(answers(lead).empty());
    EXPECT_GT(released_, 0);
    EXPECT_EQ(desk_->counts()->all().at("xa.pair").at("matched"), 1U);
    expect_clean();
}

TEST_F(Matched, WhatIsRefusedHasBookedNothing) {
    fs::create_directories(folder_ / "plugins/xa/balances");
    ASSERT_TRUE(write_file_atomically(folder_ / "plugins/xa/balances/stock.balance", R"(balance xa.stock
  text     "Goods in store"
  source   "law"
  severity refuse
  add      declaration xa.declaration
    source   "law"
    when     /DirectionCode = "E"
    each     GoodsShipment/GovernmentAgencyGoodsItem
    account  "store"
    quantity Commodity/GoodsMeasure/GrossMassMeasure
    known-by FunctionalReferenceID
  take     declaration xa.declaration
    source   "law"
    when     /DirectionCode = "I"
    each     GoodsShipment/GovernmentAgencyGoodsItem
    account  "store"
    quantity Commodity/GoodsMeasure/GrossMassMeasure
    row      SequenceNumeric
    known-by FunctionalReferenceID
)"));
    registry_ = loaded();
    directory_->agencies.front().balances = {"xa.stock"};
    const auto accounts = std::make_shared<Accounts>(test::must(balances::Ledger::open(folder_ / "balances.db", {})));
    Diagnostics faults;
    Surroundings with = gateway_->surroundings();
    with.registry = registry_;
    with.balances = std::make_shared<const BalanceDesk>(balances::BalanceBook::load(*registry_, faults), accounts);
    ASSERT_TRUE(faults.empty()) << faults.errors().front().text();
    gateway_->reload(with);
    const auto held = [&] { return accounts->ledger().accounts("xa.stock", "store").value().at(0).lines.at(0).held.quantity.canonical(); };
    accepted("south", with_goods(declaration("xb", "R-1"), "Gunpowder"));
    const std::string lead = send_lead("R-1");
    EXPECT_EQ(held(), "2.5");
    follow();
    EXPECT_EQ(state(lead), State::refused);
    EXPECT_EQ(held(), "0");
    const std::string better = accepted("north", with_goods(declaration("xa", "R-1"), "Gunpowder")).message_id;
    follow();
    EXPECT_EQ(state(better), State::queued);
    EXPECT_EQ(held(), "2.5");
}

TEST_F(Matched, ThePartMayComeFirst) {
    accepted("south", declaration("xb", "R-1"));
    const std::string lead = send_lead("R-1");
    follow();
    EXPECT_EQ(delivery(lead), DeliveryState::pending);
}

TEST_F(Matched, WhatDiffersIsBuriedAndAnsweredInTheSendersOwnFormat) {
    accepted("south", with_goods(declaration("xb", "R-1"), "Gunpowder"));
    const std::string lead = send_lead("R-1");
    follow();
    EXPECT_EQ(state(lead), State::refused);
    EXPECT_EQ(reason(lead), "matching.disagree");
    EXPECT_EQ(delivery(lead), DeliveryState::dead);
    EXPECT_EQ(state(outgoing(lead).at(0).id), State::dead);
    const auto said = answers(lead);
    ASSERT_EQ(said.size(), 1U);
    EXPECT_NE(said[0].find("<About>R-1</About>"), std::string::npos) << said[0];
    EXPECT_NE(said[0].find("GoodsShipment/GovernmentAgencyGoodsItem/Commodity/Description of export and import"), std::string::npos) << said[0];
    EXPECT_EQ(said[0].find("Gunpowder"), std::string::npos) << "what the other one said is not told";
    // The number is free for a better one.
    accepted("north", with_goods(declaration("xa", "R-1"), "Gunpowder"));
    follow();
    EXPECT_EQ(answers(lead).size(), 1U);
    expect_clean();
}

TEST_F(Matched, AWaitThatIsOverNamesWhatIsMissing) {
    directory_->agencies[0].matching_wait_s = 60;
    const std::string lead = send_lead("R-1");
    follow();
    EXPECT_EQ(state(lead), State::held);
    const std::int64_t received = test::must(journal_->message(lead)).received_ms;
    follow(received + 59'000);
    EXPECT_EQ(state(lead), State::held);
    follow(received + 61'000);
    EXPECT_EQ(state(lead), State::refused);
    EXPECT_EQ(reason(lead), "matching.part-missing");
    ASSERT_EQ(answers(lead).size(), 1U);
    EXPECT_NE(answers(lead)[0].find("did not arrive in time: import"), std::string::npos) << answers(lead)[0];
    accepted("south", declaration("xb", "R-1"));
    follow(received + 70'000);
    EXPECT_EQ(delivery(lead), DeliveryState::dead) << "too late";
}

TEST_F(Matched, AWarningLetsItGoAndStandsInItsHistory) {
    std::string other = declaration("xb", "R-1");
    other.replace(other.find("2026-01-31"), 10, "2026-02-01");
    accepted("south", other);
    const std::string lead = send_lead("R-1");
    follow();
    EXPECT_EQ(delivery(lead), DeliveryState::pending);
    bool told = false;
    for (const journal::Event& event : test::must(journal_->history(lead))) told = told || event.detail.find("xa.2") != std::string::npos;
    EXPECT_TRUE(told);
}

TEST_F(Matched, AHeldDeliveryKeepsNoOtherWaiting) {
    const std::string lead = send_lead("R-1");
    accepted("south", declaration("xb", "R-2"));
    const std::string other = send_lead("R-2");
    follow();
    EXPECT_EQ(delivery(lead), DeliveryState::held);
    const auto claimed = test::must(journal_->claim_due({.now_ms = std::int64_t{1} << 50, .count_max = 16}));
    std::vector<std::string> messages;
    for (const journal::Delivery& one : claimed) messages.push_back(one.message_id);
    EXPECT_NE(std::ranges::find(messages, outgoing(other).at(0).id), messages.end());
    EXPECT_EQ(std::ranges::find(messages, outgoing(lead).at(0).id), messages.end());
}

TEST_F(Matched, ARouteMaySayThatNothingHoldsIt) {
    directory_->routes.push_back(directory_->routes.front());
    directory_->routes.back().name = "statistics";
    directory_->routes.back().matching = std::vector<std::string>{};
    const std::string lead = send_lead("R-1");
    const auto all = outgoing(lead);
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(test::must(journal_->deliveries_of(all[0].id)).at(0).state, DeliveryState::held);
    EXPECT_EQ(test::must(journal_->deliveries_of(all[1].id)).at(0).state, DeliveryState::pending);
    follow();
    accepted("south", declaration("xb", "R-1"));
    follow();
    EXPECT_EQ(state(lead), State::queued);
    EXPECT_EQ(test::must(journal_->deliveries_of(all[0].id)).at(0).state, DeliveryState::pending);
}

TEST_F(Matched, ATableThatNoPluginBringsStopsTheMessage) {
    directory_->agencies[0].matching = {"xa.pears"};
    Diagnostics faults;
    const auto refused = gateway_->accept({.agency = "north", .bytes = declaration("xa", "R-1"), .idempotency_key = {}, .format = {}, .test = true, .transport = "test"}, faults);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code.name(), "matching.table-unknown");
}

TEST_F(Matched, EachDocumentOfABatchWaitsForItsOwn) {
    const std::string batch = test::must(envelope::wrap_batch(std::vector{declaration("xa", "R-1"), declaration("xa", "R-2"), declaration("xa", "R-3")}, "xa.declaration"));
    const std::string lead = accepted("north", batch).message_id;
    follow();
    accepted("south", declaration("xb", "R-2"));
    follow();
    EXPECT_EQ(state(lead), State::held);
    const auto all = outgoing(lead);
    ASSERT_EQ(all.size(), 3U);
    EXPECT_EQ(state(all[1].id), State::queued);
    EXPECT_EQ(state(all[0].id), State::translated);
    accepted("south", with_goods(declaration("xb", "R-1"), "Gunpowder"));
    follow();
    EXPECT_EQ(state(all[0].id), State::dead);
    EXPECT_EQ(state(lead), State::held);
    accepted("south", declaration("xb", "R-3"));
    follow();
    EXPECT_EQ(state(all[2].id), State::queued);
    EXPECT_EQ(state(lead), State::queued);
    EXPECT_EQ(answers(lead).size(), 1U);
    expect_clean();
}

TEST_F(Matched, TwoDocumentsOfOneBatchMayEndInOneStep) {
    accepted("south", declaration("xb", "R-1"));
    accepted("south", with_goods(declaration("xb", "R-2"), "Gunpowder"));
    const std::string lead = accepted("north", test::must(envelope::wrap_batch(std::vector{declaration("xa", "R-1"), declaration("xa", "R-2")}, "xa.declaration"))).message_id;
    follow();
    EXPECT_EQ(state(lead), State::queued);
    const auto all = outgoing(lead);
    EXPECT_EQ(state(all.at(0).id), State::queued);
    EXPECT_EQ(state(all.at(1).id), State::dead);
    EXPECT_EQ(answers(lead).size(), 1U);
    expect_clean();
}

TEST_F(Matched, ARestartBetweenThePartsChangesNothing) {
    const std::string lead = send_lead("R-1");
    follow();
    restart();
    accepted("south", declaration("xb", "R-1"));
    restart();
    follow();
    EXPECT_EQ(delivery(lead), DeliveryState::pending);
    restart();
    follow();
    EXPECT_EQ(desk_->counts()->all().size(), 0U) << "nothing comes twice";
    expect_clean();
}

TEST_F(Matched, WhatCameBeforeTheTableWasSwitchedOnIsNotMatched) {
    directory_->agencies[0].matching.clear();
    const std::string early = accepted("north", declaration("xa", "R-1")).message_id;
    EXPECT_EQ(state(early), State::queued);
    watcher_.reset();
    fs::remove_all(folder_ / "matching");
    directory_->agencies[0].matching = {"xa.pair"};
    open();
    follow();
    EXPECT_TRUE(desk_->counts()->all().empty());
}

TEST_F(Matched, AMessageThatCanNoLongerBeReadIsNotHeldForEver) {
    const std::string lead = send_lead("R-1");
    ASSERT_GT(test::must(journal_->drop_bodies({.at_ms = std::int64_t{1} << 50, .before_ms = std::int64_t{1} << 50, .states = {State::held, State::translated}, .kinds = {journal::BodyKind::pivot}})), 0U);
    follow();
    EXPECT_EQ(state(lead), State::refused);
    EXPECT_EQ(delivery(lead), DeliveryState::dead);
    expect_clean();
}

/// North may change and withdraw what it said, and south reads north's format.
class MatchedChanges : public Matched {
protected:
    void edit_tables() override {
        replace_in(folder_ / "schemas/xa/declaration.xsd", "<xs:element name=\"Reference\"", "<xs:element name=\"Function\" type=\"xs:token\" minOccurs=\"0\"/><xs:element name=\"Reference\"");
        replace_in(folder_ / "plugins/xa/mappings/declaration.map", "\"9\"      ", "Function ");
    }
    void SetUp() override {
        Matched::SetUp();
        directory_->routes.front().to_format = "xa.declaration";
    }
    std::string lead_text(const std::string& reference) override { return with_function(declaration("xa", reference), "9"); }
    static std::string with_function(std::string text, const std::string& function) {
        return text.insert(text.find("  <Reference>"), "  <Function>" + function + "</Function>\n");
    }
};

TEST_F(MatchedChanges, AChangeThatIsRefusedLeavesBookedWhatHasGoneOutAndNoMore) {
    fs::create_directories(folder_ / "plugins/xa/balances");
    ASSERT_TRUE(write_file_atomically(folder_ / "plugins/xa/balances/stock.balance", R"(balance xa.stock
  text     "Goods in store"
  source   "law"
  severity refuse
  add      declaration xa.declaration
    source   "law"
    when     /DirectionCode = "I"
    each     GoodsShipment/GovernmentAgencyGoodsItem
    account  "store"
    quantity Commodity/GoodsMeasure/GrossMassMeasure
    known-by FunctionalReferenceID
  take     declaration xa.declaration
    source   "law"
    when     /DirectionCode = "E"
    each     GoodsShipment/GovernmentAgencyGoodsItem
    account  "store"
    quantity Commodity/GoodsMeasure/GrossMassMeasure
    row      SequenceNumeric
    known-by FunctionalReferenceID
    changes  FunctionCode = "4"
)"));
    registry_ = loaded();
    directory_->agencies.front().balances = {"xa.stock"};
    const auto accounts = std::make_shared<Accounts>(test::must(balances::Ledger::open(folder_ / "balances.db", {})));
    Diagnostics faults;
    Surroundings with = gateway_->surroundings();
    with.registry = registry_;
    with.balances = std::make_shared<const BalanceDesk>(balances::BalanceBook::load(*registry_, faults), accounts);
    ASSERT_TRUE(faults.empty()) << faults.errors().front().text();
    gateway_->reload(with);
    const auto held = [&] { return accounts->ledger().accounts("xa.stock", "store").value().at(0).lines.at(0).held.quantity.canonical(); };
    const auto mass = [](std::string text, const std::string& kilograms) { return text.replace(text.find("2.5"), 3, kilograms); };
    std::string inward = mass(lead_text("S-1"), "10");
    accepted("north", inward.replace(inward.find("OUT"), 3, "IN"));
    // Neither has gone out: nothing of either holds.
    const std::string first = send_lead("R-1");
    follow();
    const std::string change = accepted("north", mass(with_function(declaration("xa", "R-1"), "4"), "1")).message_id;
    EXPECT_EQ(held(), "9");
    accepted("south", with_goods(declaration("xb", "R-1"), "Gunpowder"));
    follow();
    for (const std::string& id : {first, change}) EXPECT_EQ(state(id), State::refused);
    EXPECT_EQ(held(), "10");
    // The first one has gone out, and goes on to hold.
    const std::string second = send_lead("R-2");
    accepted("south", declaration("xb", "R-2"));
    follow();
    EXPECT_EQ(state(second), State::queued);
    EXPECT_EQ(held(), "7.5");
    const std::string late = accepted("north", mass(with_goods(with_function(declaration("xa", "R-2"), "4"), "Gunpowder"), "1")).message_id;
    EXPECT_EQ(held(), "9");
    follow();
    EXPECT_EQ(state(late), State::refused);
    EXPECT_EQ(held(), "7.5");
    follow();
    EXPECT_EQ(held(), "7.5");
    expect_clean();
}

TEST_F(MatchedChanges, AChangeTakesThePlaceOfWhatWaitsAndBothGoOutInTheirOrder) {
    const std::string first = send_lead("R-1");
    follow();
    const std::string change = accepted("north", with_function(with_goods(declaration("xa", "R-1"), "Coffee"), "4")).message_id;
    follow();
    EXPECT_EQ(state(first), State::held);
    EXPECT_EQ(state(change), State::held);
    restart();
    accepted("south", with_goods(declaration("xb", "R-1"), "Coffee"));
    follow();
    EXPECT_EQ(state(first), State::queued);
    EXPECT_EQ(state(change), State::queued);
    const auto one = test::must(journal_->deliveries_of(outgoing(first).at(0).id)).at(0), other = test::must(journal_->deliveries_of(outgoing(change).at(0).id)).at(0);
    EXPECT_EQ(one.corridor, other.corridor);
    EXPECT_LT(one.sequence, other.sequence);
    EXPECT_TRUE(answers(first).empty() && answers(change).empty());
    expect_clean();
}

TEST_F(MatchedChanges, AChangeThatDiffersTakesWhatItChangedWithIt) {
    const std::string first = send_lead("R-1");
    const std::string change = accepted("north", with_function(with_goods(declaration("xa", "R-1"), "Coffee"), "4")).message_id;
    accepted("south", declaration("xb", "R-1"));
    follow();
    EXPECT_EQ(state(first), State::refused);
    EXPECT_EQ(state(change), State::refused);
    EXPECT_EQ(answers(change).size(), 1U);
    EXPECT_TRUE(answers(first).empty());
    expect_clean();
}

TEST_F(MatchedChanges, WhatIsWithdrawnWhileItWaitsNeverGoesOut) {
    const std::string first = send_lead("R-1");
    const std::string withdrawal = accepted("north", with_function(declaration("xa", "R-1"), "3")).message_id;
    follow();
    for (const std::string& id : {first, withdrawal}) {
        EXPECT_EQ(state(id), State::refused);
        EXPECT_EQ(reason(id), "matching.withdrawn");
        EXPECT_EQ(delivery(id), DeliveryState::dead);
    }
    accepted("south", with_goods(declaration("xb", "R-1"), "Coffee"));
    const std::string again = accepted("north", with_goods(lead_text("R-1"), "Coffee")).message_id;
    follow();
    EXPECT_EQ(state(again), State::queued);
    expect_clean();
}

TEST_F(MatchedChanges, WhatHasGoneOutIsWithdrawnAtItsReceiver) {
    const std::string first = send_lead("R-1");
    accepted("south", declaration("xb", "R-1"));
    follow();
    ASSERT_EQ(state(first), State::queued);
    const std::string withdrawal = accepted("north", with_function(declaration("xa", "R-1"), "3")).message_id;
    EXPECT_EQ(state(withdrawal), State::held);
    follow();
    EXPECT_EQ(state(withdrawal), State::queued);
    EXPECT_EQ(delivery(withdrawal), DeliveryState::pending);
    expect_clean();
}

/// Kills the process at a point between the matcher's commit and the journal's, or behind both; then goes on.
class MatchedFault : public Matched, public testing::WithParamInterface<std::tuple<const char*, bool>> {};

TEST_P(MatchedFault, AKilledProcessGoesOnWithoutDoingAnythingTwice) {
    const auto [point, good] = GetParam();
    accepted("south", good ? declaration("xb", "R-1") : with_goods(declaration("xb", "R-1"), "Gunpowder"));
    const std::string lead = send_lead("R-1");
    watcher_.reset();
    killed([&] {
        reload();
        open([&](std::string_view at) {
            if (at == point) ::kill(::getpid(), SIGKILL);
        });
        follow();
    });
    restart();
    const bool recorded = std::string_view(point) == "recorded";
    EXPECT_EQ(state(lead) == State::held, !recorded);
    // What was open is finished at the next tick, without a new message.
    follow();
    follow();
    EXPECT_EQ(state(lead), good ? State::queued : State::refused);
    EXPECT_EQ(delivery(lead), good ? DeliveryState::pending : DeliveryState::dead);
    EXPECT_EQ(answers(lead).size(), good ? 0U : 1U);
    EXPECT_EQ(test::must(journal_->delivery_history(test::must(journal_->deliveries_of(outgoing(lead).at(0).id)).at(0).id)).size(), 2U);
    expect_clean();
}

INSTANTIATE_TEST_SUITE_P(Points, MatchedFault, testing::Combine(testing::Values("joined", "recorded"), testing::Bool()),
                         [](const auto& one) { return std::string(std::get<0>(one.param)) + (std::get<1>(one.param) ? "Good" : "Refused"); });

}  // namespace
}  // namespace hansa::exchange
