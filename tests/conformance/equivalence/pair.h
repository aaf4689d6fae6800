// One of our schemas beside the official one, both judged by Xerces-C.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/schema/generator.h"
#include "core/schema/grammar.h"
#include "core/schema/validator.h"

namespace hansa::test {

/// A row group of schemas/official.tsv: all roots that share our file and the official ones.
struct PairSource {
    std::string ours;                   ///< relative to schemas/
    std::vector<std::string> official;  ///< relative to the corpus
    std::vector<schema::Name> roots;
};

/// Rows of schemas/official.tsv, grouped.
std::vector<PairSource> read_pairs(const std::filesystem::path& table);

/// What was compared, and where the two disagreed.
struct Counts {
    std::uint64_t samples = 0, samples_valid = 0;
    std::uint64_t from_ours = 0, from_official = 0;
    std::uint64_t mutants_of_ours = 0, mutants_of_official = 0;
    std::uint64_t facets_hit_ours = 0, facets_ours = 0;
    std::uint64_t facets_hit_official = 0, facets_official = 0;
    std::uint64_t agreed = 0;
    std::vector<std::string> differences;  ///< one line each
    std::vector<std::string> not_hit;      ///< facets and bounds that no mutant hit
};

class Pair {
public:
    static Result<Pair> load(const PairSource& source, const std::filesystem::path& schemas,
                             const std::filesystem::path& corpus);

    /// The same verdict of both? `expected` 1: both must accept, 0: both must refuse, -1: either.
    bool compare(const std::string& what, const std::string& bytes, int expected, Counts& counts) const;

    /// Documents and mutants of both grammars of every root.
    void run_generated(std::uint64_t seed, std::uint64_t documents, Counts& counts) const;

    bool has_root(const schema::Name& name) const;
    const PairSource& source() const { return source_; }

private:
    struct Root {
        schema::Grammar ours, official;
    };
    Pair(PairSource source, schema::Validator ours, schema::Validator official)
        : source_(std::move(source)), ours_(std::move(ours)), official_(std::move(official)) {}
    std::uint64_t mutate(const schema::Grammar& grammar, const schema::Element& ground, bool of_ours,
                         std::uint64_t seed, std::set<schema::FacetHit>& done, std::set<std::string>& hit,
                         Counts& counts) const;
    void run_mutants(const schema::Grammar& grammar, bool of_ours, std::uint64_t seed, std::set<std::string>& all,
                     std::set<std::string>& hit, Counts& counts) const;

    PairSource source_;
    schema::Validator ours_, official_;
    std::vector<Root> roots_;
};

}  // namespace hansa::test
