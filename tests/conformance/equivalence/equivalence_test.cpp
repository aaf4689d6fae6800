// Our schemas and the official ones accept and refuse the same, judged by Xerces-C with both.
//
// Ground: every sample of the corpus family, documents generated from our grammar and from the
// official one (ours alone cannot show what we left out), and mutants that break one facet or
// occurrence bound each. Rows: schemas/official.tsv. The counts go to results/equivalence.json.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <future>
#include <iostream>

#include "core/schema/reader.h"
#include "core/schema/writer.h"
#include "tests/conformance/equivalence/pair.h"
#include "tests/conformance/equivalence/wco_recipe.h"
#include "tests/support/corpus.h"
#include "tests/support/results.h"

namespace hansa::test {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t seed = 20'261'123;
constexpr std::uint64_t documents = 1'000;

/// The corpus family that holds the samples of a pair: the first folder of its official file.
std::string family_of(const PairSource& source) {
    return source.official.front().substr(0, source.official.front().find('/'));
}

std::vector<fs::path> samples_of(const fs::path& family) {
    std::vector<fs::path> files;
    for (const auto& entry : fs::recursive_directory_iterator(family)) {
        if (entry.is_regular_file() && entry.path().extension() == ".xml") files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    return files;
}

/// A root that no row names is refused by both, and is judged with the first row of its family.
bool is_judged_by(const Pair& pair, const std::vector<PairSource>& all, const schema::Name& root) {
    if (pair.has_root(root)) return true;
    const std::string family = family_of(pair.source());
    for (const PairSource& source : all) {
        if (std::find(source.roots.begin(), source.roots.end(), root) != source.roots.end()) return false;
    }
    const auto first =
        std::find_if(all.begin(), all.end(), [&](const auto& source) { return family_of(source) == family; });
    return first->ours == pair.source().ours && first->roots == pair.source().roots;
}

void run_samples(const Pair& pair, const std::vector<PairSource>& all, const fs::path& corpus, Counts& counts) {
    for (const fs::path& file : samples_of(corpus / family_of(pair.source()))) {
        std::string bytes = slurp(file);
        auto tree = schema::read_tree(bytes);
        if (!tree) continue;  // not XML for our scanner: no schema is asked
        if (file.parent_path().filename() == "res-nons") {
            put_namespaces(*tree);
            bytes = schema::write_tree(*tree);
        }
        if (!is_judged_by(pair, all, tree->name)) continue;
        ++counts.samples;
        if (pair.compare(file.filename().string(), bytes, -1, counts)) {
            Counts ignored;
            if (pair.compare(file.filename().string(), bytes, 1, ignored)) ++counts.samples_valid;
        }
    }
}

Counts run(const PairSource& source, const std::vector<PairSource>& all, const fs::path& corpus) {
    Counts counts;
    const auto pair = Pair::load(source, source_dir() / "schemas", corpus);
    if (!pair) {
        counts.differences.push_back("cannot be loaded: " + pair.error().text());
        return counts;
    }
    run_samples(*pair, all, corpus, counts);
    pair->run_generated(seed, documents, counts);
    return counts;
}

std::string label(const PairSource& source) {
    return source.roots.size() == 1 ? source.ours + "#" + source.roots.front().local : source.ours;
}

void print(const std::string& name, const Counts& counts) {
    std::cout << name << ": samples " << counts.samples << " (valid for both " << counts.samples_valid
              << "), generated from ours " << counts.from_ours << ", from the official " << counts.from_official
              << ", mutants " << counts.mutants_of_ours << " + " << counts.mutants_of_official
              << ", facets and bounds hit " << counts.facets_hit_ours << " of " << counts.facets_ours << " (official "
              << counts.facets_hit_official << " of " << counts.facets_official << "), differences "
              << counts.differences.size() << '\n';
    for (std::size_t i = 0; i < std::min<std::size_t>(counts.differences.size(), 12); ++i) {
        std::cout << "  " << counts.differences[i] << '\n';
    }
    for (std::size_t i = 0; i < std::min<std::size_t>(counts.not_hit.size(), 12); ++i) {
        std::cout << "  not hit: " << counts.not_hit[i] << '\n';
    }
}

TEST(Equivalence, OursAndTheOfficialSchemasAcceptAndRefuseTheSame) {
    const auto corpus_dir = corpus();
    SuiteResult result("equivalence", seed);
    if (!corpus_dir) {
        result.skip("no corpus");
        result.publish();
        GTEST_SKIP() << "no corpus";
    }
    const std::vector<PairSource> pairs = read_pairs(source_dir() / "schemas" / "official.tsv");
    ASSERT_FALSE(pairs.empty());
    const char* only = std::getenv("HANSA_EQUIVALENCE_ONLY");  // part of our file's name, while working on one
    std::vector<std::pair<std::string, std::future<Counts>>> running;
    const auto finish = [&] {
        auto& [name, future] = running.front();
        const Counts counts = future.get();
        print(name, counts);
        result.pass(name, counts.agreed);
        result.fail(name, counts.differences.size());
        EXPECT_EQ(counts.differences.size(), 0u) << name;
        EXPECT_GE(counts.from_ours, documents) << name;
        EXPECT_GE(counts.from_official, documents) << name;
        EXPECT_GE(counts.mutants_of_ours + counts.mutants_of_official, documents) << name;
        EXPECT_TRUE(counts.not_hit.empty()) << name;
        running.erase(running.begin());
    };
    for (const PairSource& source : pairs) {
        if (only != nullptr && source.ours.find(only) == std::string::npos) continue;
        if (running.size() == 2) finish();
        running.emplace_back(label(source), std::async(std::launch::async, run, source, pairs, *corpus_dir));
    }
    while (!running.empty()) finish();
    result.publish();
}

}  // namespace
}  // namespace hansa::test
