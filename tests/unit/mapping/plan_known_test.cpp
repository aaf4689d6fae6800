// Texts that are known: told apart exactly, kept within bounds, and right on each document's day.
#include "core/mapping/plan_known.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/mapping/plan.h"
#include "core/mapping/translate.h"
#include "core/schema/writer.h"
#include "tests/support/tree_tape.h"
#include "tests/unit/mapping/small.h"

namespace hansa::mapping {
namespace {

using program::DayKey;
using program::KnownTexts;
using program::Made;
using program::TextKey;

/// Texts of every length that can be known, which differ in one byte each.
TEST(KnownTexts, AreToldApartByEveryByte) {
    for (std::size_t size = 0; size <= TextKey::text_max; ++size) {
        bool stale = false;
        KnownTexts known(1, stale);
        std::string text(size, 'a');
        for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + i % 26);
        const std::vector<Made> result{{"made of it", "list"}};
        ASSERT_EQ(known.find(text, {}), program::nothing);
        known.keep(text, {}, result);
        const auto at = known.find(text, {});
        ASSERT_NE(at, program::nothing) << size;
        EXPECT_EQ(known.results(at)->text, "made of it");
        EXPECT_EQ(known.results(at)->list, "list");
        EXPECT_EQ(known.find(text, DayKey::of("2026-11-26")), program::nothing) << size;
        EXPECT_TRUE(program::same_short(text.data(), std::string(text).data(), size));
        for (std::size_t i = 0; i < size; ++i) {
            std::string other = text;
            other[i] = static_cast<char>(other[i] ^ 0x40);
            EXPECT_EQ(known.find(other, {}), program::nothing) << size << " " << i;
            EXPECT_FALSE(program::same_short(text.data(), other.data(), size)) << size << " " << i;
        }
        if (size < TextKey::text_max) {
            EXPECT_EQ(known.find(text + "a", {}), program::nothing) << size;
        }
    }
}

TEST(KnownTexts, DaysAreToldApart) {
    bool stale = false;
    KnownTexts known(1, stale);
    known.keep("142", DayKey::of("2026-11-26"), std::vector<Made>{{"today", {}}});
    known.keep("142", DayKey::of("2026-12-26"), std::vector<Made>{{"later", {}}});
    ASSERT_NE(known.find("142", DayKey::of("2026-11-26")), program::nothing);
    EXPECT_EQ(known.results(known.find("142", DayKey::of("2026-11-26")))->text, "today");
    EXPECT_EQ(known.find("142", DayKey::of("2026-11-27")), program::nothing);
}

TEST(KnownTexts, WhatNeverComesBackIsLeftAloneAndGivenUp) {
    bool stale = false;
    KnownTexts known(1, stale);
    std::size_t asked = 0, kept = 0;
    for (int i = 0; i < 1000; ++i) {
        if (!known.asks()) continue;
        ++asked;
        const std::string text = "number " + std::to_string(i);
        if (known.find(text, {}) != program::nothing) continue;
        known.keep(text, {}, std::vector<Made>{{text, {}}});
        if (known.find(text, {}) != program::nothing) ++kept;
    }
    EXPECT_LT(asked, 100u);
    EXPECT_LE(kept, KnownTexts::texts_max);
    ASSERT_TRUE(stale);
    ASSERT_NE(known.find("number 0", {}), program::nothing);
    known.tidy();
    EXPECT_EQ(known.find("number 0", {}), program::nothing);
}

TEST(KnownTexts, LongResultsAreNotKept) {
    bool stale = false;
    KnownTexts known(1, stale);
    const std::string text(KnownTexts::result_bytes_max + 1, 'x');
    known.keep("a", {}, std::vector<Made>{{text, {}}});
    EXPECT_EQ(known.find("a", {}), program::nothing);
}

/// One code, documents of two days between which the list has changed: what is known of the one is not said of the
/// other, however often each was met.
TEST(KnownTexts, ACodeIsReadByItsDocumentsDay) {
    const auto source =
        test::loaded({.tree = "Doc\n  Day\n  K",
                      .rows = "in Doc <-> document\n  Day <-> IssueDateTime date yyyyMMdd\n  K <-> TypeCode code k\n",
                      .head = "use codes/k\n",
                      .lists = {{"k",
                                 "columns national standard valid-from valid-to\n"
                                 "A X - 2020-12-31\nA Y 2021-01-01 -\n"}},
                      .format = "xx.test"});
    const auto target = test::loaded({.tree = "Doc\n  T",
                                      .rows = "in Doc <-> document\n  T <-> TypeCode\n",
                                      .head = {},
                                      .lists = {},
                                      .format = "yy.test"});
    Diagnostics faults;
    const auto paths = paths_of(*source);
    const auto plan = Plan::compile({source, paths, {}}, {target, {}}, {}, faults);
    ASSERT_TRUE(plan.has_value()) << plan.error().text();
    PlanRun run(**plan);
    run.learn(1);
    for (int i = 0; i < 40; ++i) {
        const bool old = i % 3 == 0;
        const schema::Element tree =
            test::element(old ? "<Doc><Day>20191123</Day><K>A</K></Doc>" : "<Doc><Day>20261123</Day><K>A</K></Doc>");
        schema::Tape tape;
        hansa::test::fill_tape(tree, *paths, tape);
        run.begin({}, {});
        ASSERT_EQ(run.message(tape), Fast::done) << run.why();
        Diagnostics refused;
        const auto reference = translate(*source, *target, tree, {}, {}, refused);
        ASSERT_TRUE(reference.has_value()) << reference.error().text();
        ASSERT_EQ(run.bytes(0), schema::write_tree(reference->writing.messages[0])) << i;
        EXPECT_NE(run.bytes(0).find(old ? ">X<" : ">Y<"), std::string_view::npos) << run.bytes(0);
    }
    EXPECT_GT(run.courses().gone, 30u);
}

}  // namespace
}  // namespace hansa::mapping
