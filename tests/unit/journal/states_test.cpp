#include "core/journal/states.h"

#include <gtest/gtest.h>

#include <set>

#include "core/journal/records.h"

namespace hansa::journal {
namespace {

TEST(JournalStates, EachHasAWordOfItsOwn) {
    std::set<std::string_view> words;
    for (const State state : all_states()) {
        EXPECT_EQ(state_named(name(state)), state);
        words.insert(name(state));
    }
    EXPECT_EQ(words.size(), all_states().size());
    EXPECT_FALSE(state_named("lost"));
    for (const auto state :
         {DeliveryState::pending, DeliveryState::in_flight, DeliveryState::delivered, DeliveryState::dead, DeliveryState::held}) {
        EXPECT_EQ(delivery_state_named(name(state)), state);
    }
    EXPECT_FALSE(delivery_state_named("in flight"));
    EXPECT_EQ(body_kind_named("memory"), BodyKind::memory);
    EXPECT_EQ(body_kind_named("compared"), BodyKind::compared);
    EXPECT_EQ(name(BodyKind::compared), "compared");
    EXPECT_FALSE(body_kind_named("attic"));
    EXPECT_EQ(relation_named("answer"), Relation::answer);
}

TEST(JournalStates, OnlyBeginningsBegin) {
    for (const State state : all_states()) {
        EXPECT_EQ(may_begin(state), state == State::received || state == State::translated) << name(state);
    }
}

// The way of a message as architecture.md tells it: nothing acts before acceptance, no is final.
TEST(JournalStates, TheWayGoesForward) {
    EXPECT_TRUE(is_final(State::refused));
    for (const State state : all_states()) {
        EXPECT_EQ(is_final(state), state == State::refused) << name(state);
        EXPECT_FALSE(may_follow(state, State::received)) << name(state);
        EXPECT_FALSE(may_follow(State::refused, state)) << name(state);
    }
    for (const State acting : {State::translated, State::queued, State::delivered, State::answered}) {
        EXPECT_FALSE(may_follow(State::received, acting)) << name(acting);
        EXPECT_FALSE(may_follow(State::held, acting)) << name(acting);
    }
    EXPECT_TRUE(may_follow(State::dead, State::queued));
    EXPECT_TRUE(may_follow(State::answered, State::answered));
    EXPECT_FALSE(may_follow(State::delivered, State::delivered));
}

TEST(JournalStates, ADeliveryIsClaimedBeforeItIsDone) {
    EXPECT_FALSE(may_follow(DeliveryState::pending, DeliveryState::delivered));
    EXPECT_TRUE(may_follow(DeliveryState::in_flight, DeliveryState::delivered));
    EXPECT_FALSE(may_follow(DeliveryState::delivered, DeliveryState::pending));
    EXPECT_TRUE(may_follow(DeliveryState::dead, DeliveryState::pending));
    EXPECT_FALSE(may_follow(DeliveryState::held, DeliveryState::in_flight));
    EXPECT_FALSE(may_follow(DeliveryState::pending, DeliveryState::held)) << "held from the beginning, or never";
}

}  // namespace
}  // namespace hansa::journal
