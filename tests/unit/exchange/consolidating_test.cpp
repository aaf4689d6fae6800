// Documents of a route that gathers, through the gateway: they wait, go out as one, and each sender is answered of its own.
#include <unistd.h>

#include <csignal>

#include "core/balances/book.h"
#include "core/exchange/balance_desk.h"
#include "tests/unit/exchange/gathers.h"

namespace hansa::exchange {
namespace {

TEST_F(Gathers, EnoughOfThemGoOutAsOne) {
    const Acceptance first = accepted("north", declaration("xa", "R-1"));
    EXPECT_NE(first.receipt.find("<waits consolidation=\"xa.parcels\""), std::string::npos) << first.receipt;
    EXPECT_TRUE(first.sent_ids.empty());
    const std::string second = send("R-2", "Coffee");
    follow();
    EXPECT_EQ(state(first.message_id), State::held);
    EXPECT_TRUE(masters().empty());
    const std::string third = send("R-3", "Cocoa");
    follow();
    ASSERT_EQ(masters().size(), 1U);
    const journal::Message master = masters().front();
    EXPECT_EQ(master.agency_to, "south");
    EXPECT_EQ(master.state, State::queued);
    const std::string text = sent_bytes(master.id);
    for (const char* part : {"<Description>Tea<", "<Description>Coffee<", "<Description>Cocoa<", "<Number>3<"}) EXPECT_NE(text.find(part), std::string::npos) << text;
    EXPECT_EQ(test::must(messages_in(*journal_, master.id)), (std::vector{first.message_id, second, third}));
    for (const std::string& id : {first.message_id, second, third}) EXPECT_EQ(state(id), State::queued);
    EXPECT_GT(released_, 0);
    // Each is traceable alone.
    const auto trace = test::must(journal_->trace("R-2"));
    EXPECT_TRUE(std::ranges::any_of(trace, [&](const journal::Message& one) { return one.id == master.id; }));
    EXPECT_TRUE(std::ranges::any_of(trace, [&](const journal::Message& one) { return one.id == second; }));
    // All of them follow their master.
    EXPECT_EQ(deliver(), 1U);
    for (const std::string& id : {first.message_id, second, third, master.id}) EXPECT_EQ(state(id), State::delivered);
    follow();
    EXPECT_EQ(masters().size(), 1U);
    expect_clean();
}

TEST_F(Gathers, ItIsKnownHowManyWait) {
    using Names = WaitingCounts::Names;
    follow();
    EXPECT_EQ(waiting_->all()["consolidation"], Names());
    send("R-1");
    follow();
    EXPECT_EQ(waiting_->all()["consolidation"], (Names{{"north-south", 1}}));
    waiting_ = std::make_shared<WaitingCounts>();
    restart();
    follow();
    EXPECT_EQ(waiting_->all()["consolidation"], (Names{{"north-south", 1}})) << "a new process tells it before the next message";
    send("R-2");
    send("R-3");
    follow();
    EXPECT_EQ(waiting_->all()["consolidation"], (Names{{"north-south", 0}}));
    send("R-4");
    follow();
    follow(much_later);
    EXPECT_EQ(waiting_->all()["consolidation"], (Names{{"north-south", 0}})) << "the wait is over";
}

TEST_F(Gathers, OnlyWhatIsGatheredIsReadAgain) {
    const auto wants = [&](const std::string& id) { return watcher_->wants_documents(test::must(journal_->message(id))); };
    const std::string gathered = send("R-1");
    EXPECT_TRUE(wants(gathered));
    // Held for something else, as by a match.
    journal::Message other = test::must(journal_->message(gathered));
    other.id = message_id();
    other.state = State::received;
    other.idempotency_key.clear();
    journal::Group group{.at_ms = 1};
    group.messages.push_back(other);
    group.transitions.push_back({other.id, State::held, {}, {}});
    ASSERT_TRUE(journal_->commit(std::move(group)));
    EXPECT_FALSE(wants(other.id));
    follow();
    EXPECT_EQ(state(other.id), State::held) << "and is left alone";
    EXPECT_EQ(state(gathered), State::held);
    send("R-2");
    send("R-3");
    follow();
    EXPECT_FALSE(wants(gathered)) << "it has gone out";
}

TEST_F(Gathers, AWaitThatIsOverSendsWhatIsThere) {
    const std::string first = send("R-1");
    send("R-2");
    follow();
    const std::int64_t received = test::must(journal_->message(first)).received_ms;
    follow(received + 599'000);
    EXPECT_TRUE(masters().empty());
    follow(received + 601'000);
    ASSERT_EQ(masters().size(), 1U);
    EXPECT_EQ(test::must(messages_in(*journal_, masters()[0].id)).size(), 2U);
    EXPECT_EQ(state(first), State::queued);
}

TEST_F(Gathers, GroupsOfTheTableAreApart) {
    std::string inward = declaration("xa", "R-9");
    inward.replace(inward.find("OUT"), 3, "IN");
    send("R-1");
    accepted("north", inward);
    send("R-2");
    follow();
    EXPECT_TRUE(masters().empty()) << "three are there, and two of one group";
    send("R-3");
    follow();
    ASSERT_EQ(masters().size(), 1U);
    EXPECT_EQ(sent_bytes(masters()[0].id).find("<Direction>IN<"), std::string::npos);
}

TEST_F(Gathers, TheAnswerComesBackToEachOfItsOwnItems) {
    const std::vector<std::string> ids{send("R-1"), send("R-2"), send("R-3")};
    follow();
    ASSERT_EQ(masters().size(), 1U);
    EXPECT_EQ(deliver(), 1U);
    const std::string answer = south_says(element(sent_bytes(masters()[0].id), "Reference"), "03",
                                          "<Fault><Why>forbidden goods</Why><Where>Declaration/GoodsShipment/GovernmentAgencyGoodsItem[2]/Commodity/Description</Where></Fault>");
    const auto all = told(answer);
    ASSERT_EQ(all.size(), 3U) << "an answer each";
    std::map<std::string, std::string> by_reference;
    for (const std::string& one : all) by_reference[element(one, "About")] = one;
    ASSERT_EQ(by_reference.size(), 3U);
    // A refusal of one item does not stop the others.
    EXPECT_EQ(element(by_reference.at("R-1"), "Kind"), "02");
    EXPECT_EQ(element(by_reference.at("R-2"), "Kind"), "03");
    EXPECT_EQ(element(by_reference.at("R-2"), "Where"), "Declaration/GoodsShipment/GovernmentAgencyGoodsItem[1]/Commodity/Description") << "its own first item";
    EXPECT_EQ(by_reference.at("R-1").find("forbidden"), std::string::npos);
    EXPECT_EQ(by_reference.at("R-3").find("Fault"), std::string::npos);
    for (const std::string& id : ids) EXPECT_EQ(state(id), State::answered);
    EXPECT_EQ(state(masters()[0].id), State::answered);
    // A later one, on the whole.
    EXPECT_EQ(told(south_says(element(sent_bytes(masters()[0].id), "Reference"), "11")).size(), 3U);
    expect_clean();
}

TEST_F(Gathers, TheRouteSaysWhatARefusalAtOneItemMeans) {
    directory_->routes.front().consolidate->refusal_of_items = false;
    for (const char* reference : {"R-1", "R-2", "R-3"}) send(reference);
    follow();
    ASSERT_EQ(masters().size(), 1U);
    const auto fault = [](const std::string& why) { return "<Fault><Why>" + why + "</Why><Where>Declaration/GoodsShipment/GovernmentAgencyGoodsItem[2]/Commodity/Description</Where></Fault>"; };
    const std::string about = element(sent_bytes(masters()[0].id), "Reference");
    for (const std::string& one : told(south_says(about, "03", fault("forbidden goods")))) EXPECT_EQ(element(one, "Kind"), "03") << "all, though the table says otherwise";
    directory_->routes.front().consolidate->refusal_of_items = true;
    std::size_t refused = 0;
    for (const std::string& one : told(south_says(about, "03", fault("still forbidden")))) refused += element(one, "Kind") == "03" ? 1U : 0U;
    EXPECT_EQ(refused, 1U);
}

TEST_F(Gathers, WhoCannotGoWithTheOthersIsRefusedAloneAndAnswered) {
    directory_->routes.front().consolidate->documents_max = 2;
    const std::string first = send("R-1");
    const std::string batch = test::must(envelope::wrap_batch(std::vector{declaration("xa", "R-2"), declaration("xa", "R-2")}, "xa.declaration"));
    const std::string twice = accepted("north", batch).message_id;
    follow();
    // R-1 and R-2 have gone out; the second R-2 waits for the next.
    ASSERT_EQ(masters().size(), 1U);
    EXPECT_EQ(state(first), State::queued);
    EXPECT_EQ(state(twice), State::held);
    follow(much_later);
    EXPECT_EQ(masters().size(), 2U);
    EXPECT_EQ(state(twice), State::queued);
    const std::string other = accepted("north", test::must(envelope::wrap_batch(std::vector{declaration("xa", "R-7"), declaration("xa", "R-7")}, "xa.declaration"))).message_id;
    follow();
    ASSERT_EQ(masters().size(), 3U);
    EXPECT_EQ(test::must(messages_in(*journal_, masters()[2].id)).size(), 1U);
    const auto said = told(other);
    ASSERT_EQ(said.size(), 1U);
    EXPECT_NE(said[0].find("consolidation.identity-double"), std::string::npos) << said[0];
    EXPECT_EQ(state(other), State::queued);
    expect_clean();
}

TEST_F(Gathers, WhatCanGoWithNobodyIsRefusedAtTheDoor) {
    std::string text = declaration("xa", "R-1");
    std::string items;
    for (int i = 1; i <= 10; ++i) items += "<Item><Number>" + std::to_string(i) + "</Number><Description>Tea</Description><GrossMass>2.5</GrossMass></Item>";
    text.replace(text.find("<Item>"), text.find("</Item>") + 7 - text.find("<Item>"), items);
    EXPECT_EQ(refused(text), "consolidation.too-many-items");
    directory_->routes.front().consolidate->table = "xa.pears";
    EXPECT_EQ(refused(declaration("xa", "R-1")), "consolidation.table-unknown");
}

TEST_F(Gathers, ARouteThatGathersNoMoreAnswersWhoWaits) {
    const std::string first = send("R-1");
    follow();
    directory_->routes.front().consolidate.reset();
    follow(much_later);
    EXPECT_EQ(state(first), State::refused);
    EXPECT_EQ(reason(first), "exchange.no-route");
    EXPECT_EQ(told(first).size(), 1U);
    send("R-1");
    expect_clean();
}

TEST_F(Gathers, AMessageWhoseLastDocumentIsRefusedIsAsItsOthersAre) {
    directory_->routes.front().consolidate->documents_max = 2;
    struct Case {
        std::string name;
        std::shared_ptr<Transport> transport;  ///< of the master that goes out; none: it is under way when the rest is refused
        State then;
    };
    const std::vector<Case> cases{{"1", std::make_shared<Taker>(), State::delivered}, {"2", std::make_shared<Refuser>(), State::dead}, {"3", nullptr, State::queued}};
    for (const Case& one : cases) {
        const std::string both = send_both_ways("R-" + one.name, "S-" + one.name);
        send("T-" + one.name);
        follow();
        ASSERT_EQ(state(both), State::held) << "one of its documents has gone out, the other waits";
        if (one.transport) {
            ASSERT_GE(deliver(one.transport), 1U);
        }
        ASSERT_EQ(state(both), State::held);
        const auto gathers = std::exchange(directory_->routes.front().consolidate, std::nullopt);
        follow(much_later);
        directory_->routes.front().consolidate = gathers;
        EXPECT_EQ(told(both).size(), 1U) << "the refused one is answered";
        EXPECT_EQ(state(both), one.then) << "nothing of it comes any more: " << one.name;
    }
    EXPECT_GE(deliver(), 1U);
    for (const journal::Message& master : masters()) {
        for (const std::string& id : test::must(messages_in(*journal_, master.id))) EXPECT_EQ(state(id), master.state);
    }
    expect_clean();
}

TEST_F(Gathers, AMessageInTwoMastersIsDeliveredWithTheLastOfThem) {
    directory_->routes.front().consolidate->documents_max = 2;
    const std::string inward = accepted("north", inwards("R-1")).message_id, outward = send("R-2");
    const std::string both = send_both_ways("R-3", "R-4");
    follow();
    ASSERT_EQ(masters().size(), 2U);
    // Neither master hangs under it.
    for (const journal::Message& master : masters()) EXPECT_NE(master.parent_id, both);
    ASSERT_EQ(state(both), State::queued);
    EXPECT_EQ(deliver(std::make_shared<TakesSome>(1), milliseconds_since_epoch(now_utc())), 2U) << "the second is tried again later";
    const bool inward_first = masters()[0].state == State::delivered ? masters()[0].parent_id == inward : masters()[1].parent_id == inward;
    EXPECT_EQ(state(inward), inward_first ? State::delivered : State::queued);
    EXPECT_EQ(state(outward), inward_first ? State::queued : State::delivered);
    EXPECT_EQ(state(both), State::queued) << "half of it is not there";
    deliver();
    for (const std::string& id : {inward, outward, both}) EXPECT_EQ(state(id), State::delivered);
    expect_clean();
}

TEST_F(Gathers, AMessageThatCanNoLongerBeReadIsNotHeldForEver) {
    const std::string first = send("R-1");
    ASSERT_GT(test::must(journal_->drop_bodies({.at_ms = std::int64_t{1} << 50, .before_ms = std::int64_t{1} << 50, .states = {State::held}, .kinds = {journal::BodyKind::pivot}})), 0U);
    follow();
    EXPECT_EQ(state(first), State::refused);
    expect_clean();
}

TEST_F(Gathers, ARestartChangesNothing) {
    const std::string first = send("R-1");
    follow();
    restart();
    send("R-2");
    send("R-3");
    restart();
    follow();
    EXPECT_EQ(state(first), State::queued);
    restart();
    follow();
    EXPECT_EQ(masters().size(), 1U);
    expect_clean();
}

TEST_F(GathersChanges, AChangeTakesThePlaceOfWhatStillWaits) {
    for (const std::string function : {"4", "5"}) {
        const std::string reference = "R-" + function;
        const std::string first = send("9", reference), change = send(function, reference, "Coffee");
        EXPECT_EQ(test::must(journal_->message(change)).parent_id, first);
        follow();
        EXPECT_EQ(state(first), State::answered);
        EXPECT_EQ(test::must(journal_->history(first)).back().detail, "a change took its place before it went out");
        EXPECT_EQ(state(change), State::held);
        const std::string second = send("9", "S-" + function, "Cocoa");
        restart();
        follow();
        const std::size_t before = masters().size();
        const std::string third = send("9", "T-" + function, "Rice");
        follow();
        ASSERT_EQ(masters().size(), before + 1);
        const journal::Message master = masters().back();
        EXPECT_EQ(names(master.id), sorted({change, second, third}));
        const std::string text = sent_bytes(master.id);
        EXPECT_NE(text.find("<Description>Coffee<"), std::string::npos) << text;
        EXPECT_EQ(text.find("<Description>Tea<"), std::string::npos) << text;
        EXPECT_EQ(text.find("<Function>" + function), std::string::npos) << "the receiver was told nothing before: " << text;
        // The answer speaks of the change.
        deliver();
        EXPECT_EQ(state(change), State::delivered);
        const std::vector<std::string> all = told(south_says(element(text, "Reference"), "11"));
        EXPECT_EQ(all.size(), 3U);
        EXPECT_TRUE(std::ranges::any_of(all, [&](const std::string& one) { return element(one, "About") == reference; }));
        EXPECT_EQ(state(change), State::answered);
    }
    expect_clean();
}

TEST_F(GathersChanges, AChangeOfAChangeAndOneIntoAnotherGroup) {
    const std::string first = send("9", "R-1"), second = send("4", "R-1", "Coffee"), third = send("4", "R-1", "Cocoa");
    std::string inward = text_of("4", "R-1", "Rice");
    inward.replace(inward.find("OUT"), 3, "IN");
    const std::string fourth = accepted("north", inward).message_id;
    follow();
    for (const std::string& id : {first, second, third}) EXPECT_EQ(state(id), State::answered);
    EXPECT_EQ(state(fourth), State::held);
    EXPECT_EQ(waiting_->all()["consolidation"], (WaitingCounts::Names{{"north-south", 1}}));
    // Its wait began with the first.
    follow(test::must(journal_->message(first)).received_ms + 601'000);
    ASSERT_EQ(masters().size(), 1U);
    EXPECT_EQ(names(masters()[0].id), std::vector{fourth});
    EXPECT_NE(sent_bytes(masters()[0].id).find("<Direction>IN<"), std::string::npos);
    expect_clean();
}

TEST_F(GathersChanges, ACancellationTakesOutWhatStillWaits) {
    const std::string first = send("9", "R-1"), second = send("9", "R-2"), gone = send("1", "R-1");
    follow();
    EXPECT_EQ(state(first), State::answered);
    EXPECT_EQ(state(gone), State::answered);
    // The only word of it that the sender can have: GET /v1/messages/{id}.
    EXPECT_EQ(test::must(journal_->history(first)).back().detail, "taken out before it went out");
    EXPECT_EQ(test::must(journal_->history(gone)).back().detail, "it took out what it cancels, which had not gone out");
    EXPECT_EQ(state(second), State::held);
    EXPECT_EQ(refused(text_of("4", "R-1")), "exchange.gone-out") << "nothing is there any more to be changed";
    follow(much_later);
    ASSERT_EQ(masters().size(), 1U);
    EXPECT_EQ(names(masters()[0].id), std::vector{second});
    EXPECT_EQ(refused(text_of("9", "R-1", "Rice")), "exchange.duplicate-document") << "as after any cancellation";
    expect_clean();
}

TEST_F(GathersChanges, OneDocumentOfAMessageIsTakenOut) {
    const std::string both = accepted("north", test::must(envelope::wrap_batch(std::vector{text_of("9", "R-1"), text_of("9", "R-2")}, "xa.declaration"))).message_id;
    const std::string gone = send("3", "R-2");
    follow();
    EXPECT_EQ(state(both), State::held);
    EXPECT_EQ(state(gone), State::answered);
    follow(much_later);
    ASSERT_EQ(masters().size(), 1U);
    const auto references = test::must(journal_->references_of(masters()[0].id));
    EXPECT_EQ(std::ranges::count(references, house_scheme, &journal::Reference::scheme), 1) << "one of the two";
    EXPECT_TRUE(std::ranges::any_of(references, [&](const journal::Reference& one) { return one.value == house_name(both, 0); }));
    EXPECT_EQ(state(both), State::queued);
    expect_clean();
}

TEST_F(GathersChanges, WhatHasGoneOutIsNotChanged) {
    send("9", "R-1"), send("9", "R-2"), send("9", "R-3");
    follow();
    ASSERT_EQ(masters().size(), 1U);
    EXPECT_EQ(refused(text_of("4", "R-1")), "exchange.gone-out");
    EXPECT_EQ(refused(text_of("1", "R-2")), "exchange.gone-out");
    EXPECT_EQ(refused(text_of("4", "R-8")), "exchange.base-unknown");
}

TEST_F(GathersChanges, WhatGoesOutMeanwhileIsNotChangedAndItsSenderIsTold) {
    // All of them are at the door before the follower sees one.
    const std::string first = send("9", "R-1");
    send("9", "R-2"), send("9", "R-3");
    const std::string change = send("4", "R-1", "Coffee"), gone = send("1", "R-2");
    follow();
    ASSERT_EQ(masters().size(), 1U);
    EXPECT_EQ(sent_bytes(masters()[0].id).find("Coffee"), std::string::npos);
    EXPECT_EQ(state(first), State::queued);
    for (const std::string& id : {change, gone}) {
        EXPECT_EQ(state(id), State::refused);
        EXPECT_EQ(reason(id), "exchange.gone-out");
        ASSERT_EQ(told(id).size(), 1U);
        EXPECT_NE(told(id)[0].find("exchange.gone-out"), std::string::npos);
    }
    expect_clean();
}

TEST_F(GathersChanges, AChangeOfAPartIsNotGathered) {
    send("9", "R-1");
    EXPECT_EQ(refused(text_of("2", "R-1")), "exchange.original-only");
    replace_in(folder_ / "plugins/xa/consolidation/parcels.consolidation", "  anew      xa.declaration\n", "");
    registry_ = loaded();
    reload();
    EXPECT_EQ(refused(text_of("4", "R-1")), "exchange.original-only") << "the table does not say that it is the whole document";
    directory_->routes.front().name = "another";
    EXPECT_EQ(refused(text_of("5", "R-1")), "exchange.original-only") << "it waits for a route that is not asked";
}

/// What is declared to go out is taken from a stock.
template <class Base>
class WithStock : public Base {
protected:
    void SetUp() override {
        Base::SetUp();
        fs::create_directories(this->folder_ / "plugins/xa/balances");
        ASSERT_TRUE(write_file_atomically(this->folder_ / "plugins/xa/balances/stock.balance", R"(balance xa.stock
  text     "Goods in store"
  source   "law"
  severity refuse
  add      declaration xa.declaration
    source   "law"
    when     /DirectionCode = "I"
    each     GoodsShipment/GovernmentAgencyGoodsItem
    account  "store"
    item     "goods"
    quantity Commodity/GoodsMeasure/GrossMassMeasure
    known-by FunctionalReferenceID
  take     declaration xa.declaration
    source   "law"
    when     /DirectionCode = "E"
    when     /FunctionCode = "9" | "4"
    each     GoodsShipment/GovernmentAgencyGoodsItem
    account  "store"
    item     "goods"
    quantity Commodity/GoodsMeasure/GrossMassMeasure
    row      SequenceNumeric
    known-by FunctionalReferenceID
    changes  FunctionCode = "4"
  release  declaration xa.declaration
    source   "law"
    when     FunctionCode = "1"
    of       FunctionalReferenceID = FunctionalReferenceID
)"));
        this->registry_ = this->loaded();
        this->directory_->agencies.front().balances = {"xa.stock"};
        accounts_ = std::make_shared<Accounts>(test::must(balances::Ledger::open(this->folder_ / "balances.db", {})));
        stock();
    }
    void stock() {
        Diagnostics faults;
        Surroundings with = this->gateway_->surroundings();
        with.directory = this->directory_;
        with.registry = this->registry_;
        with.balances = std::make_shared<const BalanceDesk>(balances::BalanceBook::load(*this->registry_, faults), accounts_);
        ASSERT_TRUE(faults.empty()) << faults.errors().front().text();
        this->gateway_->reload(with);
    }
    std::string held() { return accounts_->ledger().accounts("xa.stock", "store").value().front().lines.front().held.quantity.canonical(); }

    std::shared_ptr<Accounts> accounts_;
};
class GathersStock : public WithStock<Gathers> {};
class GathersChangedStock : public WithStock<GathersChanges> {};

TEST_F(GathersChangedStock, WhatComesTooLateLeavesBookedWhatHasGoneOut) {
    directory_->routes.front().consolidate = Gathering{"xa.parcels", 2, 600};
    for (const char* store : {"S-1", "S-2"}) {
        std::string text = text_of("9", store);
        accepted("north", text.replace(text.find("OUT"), 3, "IN"));
    }
    follow();
    EXPECT_EQ(held(), "5");
    // All of them are at the door before the follower sees one.
    send("9", "R-1"), send("9", "R-2");
    EXPECT_EQ(held(), "0");
    std::string smaller = text_of("4", "R-1");
    const std::string change = accepted("north", smaller.replace(smaller.find("2.5"), 3, "1")).message_id, gone = send("1", "R-2");
    EXPECT_EQ(held(), "4");
    follow();
    for (const std::string& id : {change, gone}) EXPECT_EQ(reason(id), "exchange.gone-out");
    EXPECT_EQ(held(), "0") << "both have gone out as they were";
    // In time, they hold.
    for (const char* store : {"S-3", "S-4"}) {
        std::string text = text_of("9", store);
        accepted("north", text.replace(text.find("OUT"), 3, "IN"));
    }
    send("9", "R-3");
    smaller = text_of("4", "R-3");
    accepted("north", smaller.replace(smaller.find("2.5"), 3, "1"));
    follow();
    EXPECT_EQ(held(), "4");
    // A change that took the other's place, and then can go out with nobody: neither holds.
    directory_->routes.front().consolidate.reset();
    follow(much_later);
    EXPECT_EQ(held(), "5");
    expect_clean();
}

TEST_F(GathersStock, WhatIsRefusedLaterHasTakenNothing) {
    const Gathering two{"xa.parcels", 2, 600};
    directory_->routes.front().consolidate = two;
    for (const char* store : {"S-1", "S-2"}) accepted("north", inwards(store));
    follow();
    EXPECT_EQ(held(), "5");
    const std::string first = send("R-1");
    EXPECT_EQ(held(), "2.5");
    directory_->routes.front().consolidate.reset();
    follow(much_later);
    EXPECT_EQ(state(first), State::refused);
    EXPECT_EQ(held(), "5") << "what came in has gone out with others and stays";
    // The same number may come anew.
    directory_->routes.front().consolidate = two;
    std::string again = declaration("xa", "R-1");
    again.replace(again.find("urgent"), 6, "at last");
    const std::string second = accepted("north", again).message_id;
    EXPECT_EQ(held(), "2.5");
    const std::string third = send("R-2");
    follow();
    for (const std::string& id : {second, third}) EXPECT_EQ(state(id), State::queued);
    EXPECT_EQ(held(), "0");
    follow(much_later);
    EXPECT_EQ(held(), "0");
    expect_clean();
}

/// Kills the process between the store's commit and the journal's, or behind both; then goes on.
class GathersFault : public Gathers, public testing::WithParamInterface<const char*> {};

TEST_P(GathersFault, AKilledProcessNeitherDoublesNorLoses) {
    const std::string point = GetParam();
    const std::vector<std::string> ids{send("R-1"), send("R-2"), send("R-3")};
    watcher_.reset();
    killed([&] {
        reload();
        open([&](std::string_view at) {
            if (at == point) ::kill(::getpid(), SIGKILL);
        });
        follow();
    });
    restart();
    EXPECT_EQ(masters().size(), point == "recorded" ? 1U : 0U);
    // What was open is finished at the next tick, without a new message.
    follow();
    follow();
    ASSERT_EQ(masters().size(), 1U);
    EXPECT_EQ(test::must(messages_in(*journal_, masters()[0].id)), ids);
    for (const std::string& id : ids) EXPECT_EQ(state(id), State::queued);
    expect_clean();
}

class GathersChangesFault : public GathersChanges, public testing::WithParamInterface<const char*> {};

TEST_P(GathersChangesFault, AKilledProcessChangesOnce) {
    const std::string point = GetParam();
    const std::string first = send("9", "R-1"), second = send("9", "R-2"), change = send("4", "R-1", "Coffee"), gone = send("1", "R-2");
    watcher_.reset();
    killed([&] {
        reload();
        open([&](std::string_view at) {
            if (at == point) ::kill(::getpid(), SIGKILL);
        });
        follow();
    });
    restart();
    follow();
    follow();
    for (const std::string& id : {first, second, gone}) EXPECT_EQ(state(id), State::answered);
    EXPECT_EQ(state(change), State::held);
    follow(much_later);
    ASSERT_EQ(masters().size(), 1U);
    EXPECT_EQ(names(masters()[0].id), std::vector{change});
    expect_clean();
}

INSTANTIATE_TEST_SUITE_P(Points, GathersChangesFault, testing::Values("gathered", "recorded"), [](const auto& one) { return std::string(one.param); });

INSTANTIATE_TEST_SUITE_P(Points, GathersFault, testing::Values("gathered", "recorded"), [](const auto& one) { return std::string(one.param); });

}  // namespace
}  // namespace hansa::exchange
