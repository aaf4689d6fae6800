// Mutants of documents of every pair of formats through reader and plan and through the reference, made with a seed:
// what the fuzz target checks, on every run. And what it found once (found/plan, named PAIR.WHAT.xml).
//
//     HANSA_SEED=7 HANSA_MUTANTS=5000 build/release/tests/test-plan-mutants      5,000 a pair
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "tests/fuzz/plan_agreement.h"
#include "tests/fuzz/tree_mutator.h"
#include "tests/support/corpus.h"
#include "tests/support/results.h"

namespace hansa::test {
namespace {

TEST(PlanMutants, BothWaysAgree) {
    const std::uint64_t seed = number_from("HANSA_SEED", 20'261'126);
    PlanPairs pairs;
    // Pairs grow with the square of the formats; the day does not.
    const std::uint64_t wanted =
        number_from("HANSA_MUTANTS", std::max<std::uint64_t>(25, 60'000 / std::max<std::size_t>(pairs.size(), 1)));
    SuiteResult result("plan-mutants", seed);
    schema::Random random(seed);
    for (std::size_t pair = 0; pair < pairs.size(); ++pair) {
        if (const std::string why = pairs.unsupported(pair); !why.empty()) {
            result.skip("no plan: " + why);
            continue;
        }
        std::string base, donor;
        for (std::uint64_t i = 0; i < wanted; ++i) {
            constexpr std::uint64_t mutants_of_one = 25;
            if (i % mutants_of_one == 0) {
                donor = base;
                base = pairs.draw(pair, random.next());
                if (donor.empty()) donor = base;
            }
            if (base.empty()) {
                result.skip("no document in the table's domain");
                continue;
            }
            const std::string document =
                i % mutants_of_one == 0 ? base : mutated_document(pairs.grammar(pair), base, donor, random);
            const std::size_t fast_before = pairs.counts().fast;
            const std::string difference = pairs.disagreement(pair, document);
            // What a plan did is changed further.
            if (pairs.counts().fast != fast_before && document.size() < 60'000) base = document;
            if (difference.empty()) {
                result.pass(pairs.name(pair));
                continue;
            }
            result.fail(pairs.name(pair));
            if (result.failed() > 12) continue;
            ADD_FAILURE() << "HANSA_SEED=" << seed << ", " << pairs.name(pair) << ", mutant " << i << ": " << difference
                          << "\n"
                          << document.substr(0, 20'000);
        }
    }
    const PlanPairs::Counts& counts = pairs.counts();
    std::cout << "seed " << seed << ": " << counts.fast << " by plans, " << counts.refused << " refused by both, "
              << counts.declined << " declined\n";
    for (const auto& [why, count] : counts.why) std::cout << "    " << count << " " << why << "\n";
    // Mutants that are nearly all refused, or left to the reference, would show little. Of all pairs most have a target
    // that cannot say what a drawn document says.
    EXPECT_GT(counts.fast * 40, counts.refused + counts.declined);
    result.publish();
}

TEST(PlanMutants, WhatFuzzingFoundAgrees) {
    PlanPairs pairs;
    std::size_t files = 0;
    const auto folder = source_dir() / "tests/fuzz/found/plan";
    if (!std::filesystem::exists(folder)) GTEST_SKIP() << "fuzzing has found nothing in plans";
    for (const auto& file : std::filesystem::directory_iterator(folder)) {
        const std::string name = file.path().filename().string();
        std::size_t pair = 0;
        while (pair < pairs.size() && !name.starts_with(pairs.name(pair) + ".")) ++pair;
        ASSERT_LT(pair, pairs.size()) << name << " names no pair of formats";
        EXPECT_EQ(pairs.disagreement(pair, slurp(file.path())), "") << name;
        ++files;
    }
    EXPECT_GT(files, 0u);
}

}  // namespace
}  // namespace hansa::test
