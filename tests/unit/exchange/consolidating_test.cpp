// Documents of a route that gathers, through the gateway: they wait, go out as one, and each sender is answered of its own.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <utility>

#include "core/base/time.h"
#include "core/balances/book.h"
#include "core/consolidation/book.h"
#include "core/envelope/envelope.h"
#include "core/exchange/balance_desk.h"
#include "core/exchange/codes.h"
#include "core/exchange/gather_watcher.h"
#include "core/exchange/gathering.h"
#include "core/exchange/outbox.h"
#include "core/exchange/waiting_counts.h"
#include "tests/unit/exchange/two_agencies.h"

namespace hansa::exchange {
namespace {

using journal::State;

/// Says that it has taken what it is given.
class Taker final : public Transport {
public:
    bool serves(std::string_view url) const override { return url.starts_with("http"); }
    Result<Delivered> deliver(const Attempt&) override { return Delivered{{}, "taken"}; }
};

/// Takes so many, and cannot be reached for the rest.
class TakesSome final : public Transport {
public:
    explicit TakesSome(int takes) : takes_(takes) {}
    bool serves(std::string_view url) const override { return url.starts_with("http"); }
    Result<Delivered> deliver(const Attempt&) override {
        if (takes_-- > 0) return Delivered{{}, "taken"};
        return Error{codes::partner_unreachable, "closed"};
    }

private:
    int takes_;
};

/// Wants none of what it is given.
class Refuser final : public Transport {
public:
    bool serves(std::string_view url) const override { return url.starts_with("http"); }
    Result<Delivered> deliver(const Attempt&) override { return Error{codes::partner_refused, "no"}; }
};

constexpr std::int64_t much_later = 4'000'000'000'000;

/// North's declarations of one direction go to south as one; south says of each item how it fares.
class Gathers : public TwoAgencies {
protected:
    void SetUp() override {
        TwoAgencies::SetUp();
        fs::create_directories(folder_ / "plugins/xa/consolidation");
        ASSERT_TRUE(write_file_atomically(folder_ / "plugins/xa/consolidation/parcels.consolidation", R"(consolidation xa.parcels
  text      "Parcels as one declaration"
  source    "A treaty"
  house     declaration xa.declaration
  master    declaration
  limit     9
  by        DirectionCode
  mixed     02
  refusal   items
  reference FunctionalReferenceID
  issued    IssueDateTime
  equal     FunctionCode
  equal     DirectionCode
  items     GoodsShipment/GovernmentAgencyGoodsItem
    identity FunctionalReferenceID = PreviousDocument[TypeCode=703]/ID
    number   SequenceNumeric = PreviousDocument[TypeCode=703]/LineNumeric
)"));
        add_item_answer("xa");
        add_item_answer("xb");
        registry_ = loaded();
        directory_ = std::make_shared<Directory>(*directory());
        for (Agency& agency : directory_->agencies) {
            agency.answer_format = "xa.items";
            agency.address = Address{.url = "http://there", .token_file = {}, .certificate_file = {}, .key_file = {}, .trust_file = {}};
        }
        directory_->routes.front().consolidate = Gathering{"xa.parcels", 3, 600};
        reload();
        open();
    }
    void TearDown() override {
        watcher_.reset();
        TwoAgencies::TearDown();
    }

    /// A verdict on the whole, and on items by their numbers.
    void add_item_answer(const std::string& code) {
        const fs::path plugin = folder_ / "plugins" / code / "plugin.toml";
        ASSERT_TRUE(write_file_atomically(plugin, test::slurp(plugin) + "\n[[format]]\nid = \"" + code + ".items\"\ntitle = \"Answer\"\nedition = \"1\"\nroot = \"{urn:example:" + code +
                                                      ":items:1}Items\"\nschema = \"" + code + "/items.xsd\"\nmapping = \"mappings/items.map\"\nkind = \"response\"\ncertainty = \"facts only\"\nsignature = "
                                                      "\"asice.ecdsa-p256-sha256\"\n"));
        ASSERT_TRUE(write_file_atomically(folder_ / "schemas" / code / "items.xsd", R"(<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"
  targetNamespace="urn:example:)" + code + R"(:items:1" elementFormDefault="qualified">
  <xs:element name="Items"><xs:complexType><xs:sequence>
    <xs:element name="Kind" type="xs:token"/>
    <xs:element name="About" type="xs:token"/>
    <xs:element name="Fault" minOccurs="0" maxOccurs="99"><xs:complexType><xs:sequence>
      <xs:element name="Why" type="xs:token"/>
      <xs:element name="Where" type="xs:token" minOccurs="0"/>
    </xs:sequence></xs:complexType></xs:element>
  </xs:sequence></xs:complexType></xs:element>
</xs:schema>
)"));
        const std::string alias = code == "xb" ? "     alias" : "";
        ASSERT_TRUE(write_file_atomically(folder_ / "plugins" / code / "mappings/items.map", "format   " + code + ".items\npivot    response\nschema   " + code + R"(/items#Items
empty    absent
zone     required

in Items <-> document
  Kind                                 <-> FunctionCode
  About                                <-> Declaration/FunctionalReferenceID)" + alias + R"(
  each Fault                           <-> Error
    Why                                <-> Description
    Where                              <-> Place
)"));
    }

    void reload() {
        Diagnostics faults;
        Surroundings with{directory_, registry_, keys_};
        with.consolidations = consolidation::ConsolidationBook::load(*registry_, faults);
        ASSERT_TRUE(faults.empty()) << faults.errors().front().text();
        with.waiting = waiting_;
        gateway_->reload(with);
    }
    void open(std::function<void(std::string_view)> between = [](std::string_view) {}) {
        watcher_.reset();
        watcher_ = test::must(GatherWatcher::open(folder_ / "consolidation.db", {[this] { return gateway_->surroundings(); }, *journal_, [this] { ++released_; }, std::move(between)}));
    }
    void follow(std::int64_t now_ms = milliseconds_since_epoch(now_utc())) {
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
    std::size_t deliver(std::shared_ptr<Transport> transport = std::make_shared<Taker>(), std::int64_t now_ms = std::int64_t{1} << 50) {
        Outbox outbox([this] { return gateway_->surroundings(); }, *journal_, {std::move(transport)}, {});
        return outbox.run_once(now_ms);
    }
    /// One message of two documents that go out in two masters.
    std::string send_both_ways(const std::string& outward, const std::string& inward) {
        return accepted("north", test::must(envelope::wrap_batch(std::vector{declaration("xa", outward), inwards(inward)}, "xa.declaration"))).message_id;
    }
    std::string inwards(const std::string& reference) {
        std::string text = declaration("xa", reference);
        return text.replace(text.find("OUT"), 3, "IN");
    }

    std::string send(const std::string& reference, const std::string& goods = "Tea") {
        std::string text = declaration("xa", reference);
        text.replace(text.find("Tea"), 3, goods);
        return accepted("north", text).message_id;
    }
    std::string refused(const std::string& text) {
        Diagnostics faults;
        const auto done = gateway_->accept({.agency = "north", .bytes = text, .idempotency_key = {}, .format = {}, .test = true, .transport = "test"}, faults);
        return done ? std::string() : std::string(done.error().code.name());
    }
    State state(const std::string& id) { return test::must(journal_->message(id)).state; }
    std::string reason(const std::string& id) { return test::must(journal_->message(id)).reason; }
    std::vector<journal::Message> masters() {
        journal::Filter filter;
        filter.direction = journal::Direction::out;
        filter.oldest_first = true;
        std::vector<journal::Message> out;
        for (const journal::Message& one : test::must(journal_->search(filter)).messages) {
            if (!test::must(messages_in(*journal_, one.id)).empty()) out.push_back(one);
        }
        return out;
    }
    std::string sent_bytes(const std::string& id) { return test::must(envelope::unwrap(body(id, journal::BodyKind::sent))).documents.at(0).bytes; }
    static std::string element(const std::string& text, const std::string& name) {
        const std::size_t from = text.find("<" + name + ">") + name.size() + 2;
        return text.substr(from, text.find("</" + name + ">") - from);
    }
    std::string south_says(const std::string& about, const std::string& kind, const std::string& faults = {}) {
        const std::string text = "<Items xmlns=\"urn:example:xb:items:1\"><Kind>" + kind + "</Kind><About>" + about + "</About>" + faults + "</Items>";
        return accepted("south", text).message_id;
    }
    /// What north got as answers, in the order in which it was made.
    std::vector<std::string> told(const std::string& parent) {
        std::vector<std::string> out;
        for (const journal::Message& child : test::must(journal_->children(parent))) {
            if (child.direction == journal::Direction::out && child.agency_to == "north") out.push_back(sent_bytes(child.id));
        }
        return out;
    }
    void expect_clean() {
        Diagnostics faults;
        ASSERT_TRUE(journal_->verify(faults));
        EXPECT_TRUE(faults.empty()) << faults.errors().front().text();
    }

    std::shared_ptr<Directory> directory_;
    std::shared_ptr<GatherWatcher> watcher_;
    std::shared_ptr<WaitingCounts> waiting_ = std::make_shared<WaitingCounts>();
    int released_ = 0;
};

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

/// Declarations say what they are for.
class GathersChanges : public Gathers {
protected:
    void SetUp() override {
        Gathers::SetUp();
        replace_in(folder_ / "schemas/xa/declaration.xsd", "<xs:element name=\"Reference\"", "<xs:element name=\"Function\" type=\"xs:token\" minOccurs=\"0\"/><xs:element name=\"Reference\"");
        replace_in(folder_ / "plugins/xa/mappings/declaration.map", "\"9\"      ", "Function ");
        replace_in(folder_ / "plugins/xa/consolidation/parcels.consolidation", "  refusal   items\n", "  refusal   items\n  anew      xa.declaration\n");
        registry_ = loaded();
        reload();
    }
    static std::string text_of(const std::string& function, const std::string& reference, const std::string& goods = "Tea") {
        std::string text = declaration("xa", reference);
        text.replace(text.find("Tea"), 3, goods);
        return text.insert(text.find("  <Reference>"), "  <Function>" + function + "</Function>\n");
    }
    std::string send(const std::string& function, const std::string& reference, const std::string& goods = "Tea") { return accepted("north", text_of(function, reference, goods)).message_id; }
    std::vector<std::string> names(const std::string& master) {
        std::vector<std::string> out = test::must(messages_in(*journal_, master));
        std::ranges::sort(out);
        return out;
    }
    static std::vector<std::string> sorted(std::vector<std::string> ids) {
        std::ranges::sort(ids);
        return ids;
    }
};

TEST_F(GathersChanges, AChangeTakesThePlaceOfWhatStillWaits) {
    for (const std::string function : {"4", "5"}) {
        const std::string reference = "R-" + function;
        const std::string first = send("9", reference), change = send(function, reference, "Coffee");
        EXPECT_EQ(test::must(journal_->message(change)).parent_id, first);
        follow();
        EXPECT_EQ(state(first), State::answered);
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
class GathersStock : public Gathers {
protected:
    void SetUp() override {
        Gathers::SetUp();
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
    item     Commodity/Description
    quantity Commodity/GoodsMeasure/GrossMassMeasure
    known-by FunctionalReferenceID
  take     declaration xa.declaration
    source   "law"
    when     /DirectionCode = "E"
    each     GoodsShipment/GovernmentAgencyGoodsItem
    account  "store"
    item     Commodity/Description
    quantity Commodity/GoodsMeasure/GrossMassMeasure
    row      SequenceNumeric
    known-by FunctionalReferenceID
)"));
        registry_ = loaded();
        directory_->agencies.front().balances = {"xa.stock"};
        accounts_ = std::make_shared<Accounts>(test::must(balances::Ledger::open(folder_ / "balances.db", {})));
        stock();
    }
    void stock() {
        Diagnostics faults;
        Surroundings with = gateway_->surroundings();
        with.directory = directory_;
        with.registry = registry_;
        with.balances = std::make_shared<const BalanceDesk>(balances::BalanceBook::load(*registry_, faults), accounts_);
        ASSERT_TRUE(faults.empty()) << faults.errors().front().text();
        gateway_->reload(with);
    }
    std::string held() { return accounts_->ledger().accounts("xa.stock", "store").value().front().lines.front().held.quantity.canonical(); }

    std::shared_ptr<Accounts> accounts_;
};

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
