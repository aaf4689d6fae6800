// A received message that a match holds for one receiver, and that waits to go out with others to another: nobody moves it
// while the other still holds it, and it comes to rest with what both have made of it.
#include <unistd.h>

#include <csignal>

#include "core/exchange/match_watcher.h"
#include "tests/unit/exchange/gathers.h"

namespace hansa::exchange {
namespace {

class HeldByTwo : public Gathers {
protected:
    void SetUp() override {
        Gathers::SetUp();
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
)"));
        registry_ = loaded();
        for (Agency& agency : directory_->agencies) agency.matching = {"xa.pair"};
        // One route gathers and waits for no match, the other waits for the match alone.
        Route held = directory_->routes.front();
        held.name = "north-south-held";
        held.consolidate.reset();
        directory_->routes.push_back(held);
        directory_->routes.front().consolidate->documents_max = 2;
        directory_->routes.front().matching = std::vector<std::string>();
        reload();
        open_match();
    }
    void TearDown() override {
        match_.reset();
        Gathers::TearDown();
    }
    void add_services(Surroundings& with) override {
        Diagnostics faults;
        desk_ = std::make_shared<const MatchDesk>(matching::MatchBook::load(*registry_, faults));
        with.matches = desk_;
    }
    void open_match() {
        match_.reset();
        match_ = test::must(MatchWatcher::open({.folder = folder_ / "matching", .table = "xa.pair", .test = true}, *desk_,
                                               {[this] { return gateway_->surroundings(); }, *journal_, [] {}, [](std::string_view) {},
                                                [this](const journal::Message& message) { return watcher_->holds(message); }}));
    }
    void follow_match() {
        Follower follower([this] { return gateway_->surroundings(); }, *journal_, {match_});
        follower.run_once(0);
    }
    /// In the daemon's order.
    void follow_both(std::int64_t now_ms = 0) {
        Follower follower([this] { return gateway_->surroundings(); }, *journal_, {match_, watcher_});
        follower.run_once(now_ms);
    }
    std::string agreed(const std::string& reference) { return accepted("south", declaration("xb", reference)).message_id; }
    std::string disputed(const std::string& reference) {
        std::string text = declaration("xb", reference);
        text.replace(text.find("Tea"), 3, "Gunpowder");
        return accepted("south", text).message_id;
    }
    /// Another one to go out with; its match never comes.
    std::string companion(const std::string& reference) { return send(reference); }
    std::vector<journal::Message> own(const std::string& id) {
        std::vector<journal::Message> out;
        for (journal::Message& child : test::must(journal_->children(id))) {
            if (child.relation == journal::Relation::translation && test::must(messages_in(*journal_, child.id)).empty()) out.push_back(std::move(child));
        }
        return out;
    }

    std::shared_ptr<const MatchDesk> desk_;
    std::shared_ptr<MatchWatcher> match_;
};

TEST_F(HeldByTwo, AMatchLeavesItHeldWhileItWaitsForOthers) {
    for (const bool seen_by_both : {true, false}) {
        const std::string name = seen_by_both ? "R-1" : "R-3";
        const std::string lead = send(name);
        ASSERT_EQ(state(lead), State::held);
        agreed(name);
        seen_by_both ? follow_both() : follow_match();
        ASSERT_EQ(own(lead).size(), 1U);
        EXPECT_EQ(own(lead)[0].state, State::queued) << "this one waits for nothing else";
        EXPECT_EQ(state(lead), State::held);
        deliver();
        EXPECT_EQ(own(lead)[0].state, State::delivered);
        EXPECT_EQ(state(lead), State::held) << "half of it is not there";
        const std::size_t before = masters().size();
        companion(seen_by_both ? "R-2" : "R-4");
        follow_both();
        ASSERT_EQ(masters().size(), before + 1);
        EXPECT_EQ(state(lead), State::queued);
        deliver();
        EXPECT_EQ(state(lead), State::delivered);
    }
    expect_clean();
}

TEST_F(HeldByTwo, AMatchThatFailsDoesNotFreeTheNumberOfWhatStillGoesOut) {
    const std::string lead = send("R-1");
    disputed("R-1");
    follow_both();
    EXPECT_EQ(own(lead)[0].state, State::dead);
    EXPECT_EQ(state(lead), State::held);
    EXPECT_EQ(told(lead).size(), 1U) << "of the match";
    companion("R-2");
    follow_both();
    ASSERT_EQ(masters().size(), 1U);
    EXPECT_EQ(state(lead), State::queued);
    deliver();
    EXPECT_EQ(state(lead), State::delivered);
    expect_clean();
}

TEST_F(HeldByTwo, WhatHasGoneOutWithOthersIsNotRefusedAsAWhole) {
    struct Case {
        std::string first, second;
        std::shared_ptr<Transport> transport;  ///< of the master, before the match fails; none: it is under way
        State then;
    };
    const std::vector<Case> cases{{"R-1", "R-2", nullptr, State::queued}, {"R-3", "R-4", std::make_shared<Taker>(), State::delivered}, {"R-5", "R-6", std::make_shared<Refuser>(), State::dead}};
    for (const Case& one : cases) {
        const std::string companion_first = companion(one.first), lead = send(one.second);
        follow_both();
        ASSERT_EQ(state(lead), State::held) << "its match is not there";
        if (one.transport) {
            ASSERT_EQ(deliver(one.transport), 1U);
        }
        disputed(one.second);
        follow_both();
        EXPECT_EQ(own(lead)[0].state, State::dead);
        EXPECT_EQ(state(lead), one.then) << one.second;
        EXPECT_EQ(state(companion_first), State::held);
        deliver();
    }
    expect_clean();
}

TEST_F(HeldByTwo, WhereNothingGoesOutItIsRefused) {
    const std::string lead = send("R-1");
    disputed("R-1");
    follow_both();
    ASSERT_EQ(state(lead), State::held);
    directory_->routes.front().consolidate.reset();
    follow_both(much_later);
    EXPECT_EQ(state(lead), State::refused);
    EXPECT_EQ(told(lead).size(), 2U);
    expect_clean();
}

TEST_F(HeldByTwo, AKilledProcessLeavesNobodyHeldForEver) {
    const std::string lead = send("R-1");
    companion("R-2");
    follow_match();
    watcher_.reset();
    match_.reset();
    killed([&] {
        reload();
        open([&](std::string_view at) {
            if (at == "recorded") ::kill(::getpid(), SIGKILL);
        });
        follow();
    });
    restart();
    open_match();
    ASSERT_EQ(masters().size(), 1U);
    ASSERT_EQ(state(lead), State::held);
    // The match is asked before what the other has recorded is struck off.
    agreed("R-1");
    follow_match();
    EXPECT_EQ(own(lead)[0].state, State::queued);
    follow_both();
    EXPECT_EQ(state(lead), State::queued);
    deliver();
    EXPECT_EQ(state(lead), State::delivered);
    expect_clean();
}

}  // namespace
}  // namespace hansa::exchange
