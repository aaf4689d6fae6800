// Law 8: what A gives and B never takes, and what B demands and A never gives, for every pair of
// formats of a kind, is a reviewed file: a lost party shows in its diff. Left out are two answers of which neither is the WCO's:
// there are as many as the square of all messages, and most answer different questions. Where a gateway does turn one into the
// other, tests/golden/pairs shows what becomes of it.
//
//   UPDATE=1 test-pairs      rewrites tests/property/pairs/
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "core/mapping/coverage.h"
#include "tests/property/formats.h"
#include "tests/support/corpus.h"
#include "tests/support/results.h"

namespace hansa::test {
namespace {

bool is_reviewed(const Subject& from, const Subject& to) {
    return from.kind == to.kind && from.id != to.id && !mapping::are_far_answers(*from.mapping, *to.mapping);
}

TEST(Pairs, WhatNeverMeetsIsReviewed) {
    Diagnostics faults;
    const std::vector<Subject> all = subjects(faults);
    const bool update = std::getenv("UPDATE") != nullptr;
    const std::filesystem::path folder = source_dir() / "tests/property/pairs";
    SuiteResult result("pairs");
    for (const Subject& from : all) {
        for (const Subject& to : all) {
            if (!is_reviewed(from, to)) continue;
            const std::string pair = from.id + "--" + to.id;
            const mapping::PairCoverage coverage = mapping::coverage(*from.mapping, *to.mapping);
            const std::filesystem::path file = folder / (pair + ".txt");
            if (update) {
                std::filesystem::create_directories(folder);
                std::ofstream(file) << coverage.text();
            }
            const std::string reviewed = std::filesystem::exists(file) ? slurp(file) : std::string();
            const bool same = reviewed == coverage.text();
            same ? result.pass(pair) : result.fail(pair);
            EXPECT_EQ(coverage.text(), reviewed) << pair << ": review the difference, then UPDATE=1";
            std::cout << pair << ": " << coverage.taken << " of " << coverage.given << " pivot places that " << from.id
                      << " gives are taken; " << coverage.never_given.size() << " demanded places are never given\n";
        }
    }
    result.publish();
}

}  // namespace
}  // namespace hansa::test
