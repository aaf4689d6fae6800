// Documents made from a grammar: valid ones by construction, and mutants that are not.
//
// The same grammar, options and seed give the same document on every machine. Values sit on the
// bounds of their facets as often as between them; every branch of a choice, every optional part
// and every count of repeats comes up as seeds go by. A mutant breaks exactly one facet or bound and
// says which one, so that a test can count what it hit.
//
//     schema::GenerateOptions options{.seed = 7, .items = 3};
//     schema::Element document = schema::generate(*grammar, options);
//     for (schema::Mutant& mutant : schema::mutants(*grammar, document, {.seed = 7})) refuse(mutant);
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/schema/grammar.h"
#include "core/schema/tree.h"

namespace hansa::schema {

/// A small random source with a fixed sequence for a seed (SplitMix64). One thread.
class Random {
public:
    explicit Random(std::uint64_t seed) : state_(seed) {}
    std::uint64_t next();
    /// 0 to bound - 1; 0 for a bound of 0.
    std::uint64_t below(std::uint64_t bound);
    /// True in `percent` of 100 calls.
    bool chance(unsigned percent) { return below(100) < percent; }

private:
    std::uint64_t state_;
};

/// A leaf that is about to get a value.
struct LeafPlace {
    std::string_view path;          ///< local names from the root, with places: "A/B[2]/@c"
    std::string_view pattern_path;  ///< the same without places: "A/B/@c", as mapping tables name it
    const SimpleType& type;
};

/// Gives the value of a leaf, or nothing for the generator's own. The value must fit the type; one
/// that does not is not used.
using ValueSource = std::function<std::optional<std::string>(const LeafPlace& place, Random& random)>;

struct GenerateOptions {
    std::uint64_t seed = 1;
    std::uint32_t items = 3;              ///< repeats at most, where the schema allows more
    unsigned optional_percent = 50;       ///< how often an optional part is there
    unsigned boundary_percent = 40;       ///< how often a value sits on a bound of its facets
    std::uint32_t length_max = 60;        ///< of values whose type sets no bound, in characters
    std::uint32_t depth_max = 24;         ///< below it only required parts are made
    std::uint32_t elements_max = 20'000;  ///< above it only required parts are made
    bool foreign_elements = true;         ///< fill lax and skip wildcards sometimes
    bool empty_values = false;            ///< free text may be empty where its type allows it
    bool non_ascii = true;                ///< free text holds characters of several scripts
    /// Every leaf that can hold free text of 4 characters or more gets a value that no other leaf has.
    bool sentinels = false;
    ValueSource value_source = {};
};

/// A document of the grammar's root. Namespaces stand in the names; render it with writer.h.
Element generate(const Grammar& grammar, const GenerateOptions& options = {});

/// Only one element, for parts of a document.
Element generate_element(const Grammar& grammar, const ElementDecl& element, const GenerateOptions& options);

/// A value of the type; nothing when no value could be found (contradicting facets).
std::optional<std::string> generate_value(const Grammar& grammar, const SimpleType& type, Random& random,
                                          const GenerateOptions& options = {});

/// Texts that the regular expression (XML Schema, appendix F) matches; nothing if it is none.
std::optional<std::string> sample_pattern(std::string_view pattern, Random& random, std::uint32_t repeats_max = 8);

/// What a mutant hits, e.g. "max_length" of "ItemType/quantity". A place is an element or attribute as
/// it is declared, named by its owner: however many paths lead there, it is one.
struct FacetHit {
    std::string facet;  ///< a facet, "min_occurs", "max_occurs", "required", "order", "unknown", "text", "type", ...
    std::string place;
    friend auto operator<=>(const FacetHit&, const FacetHit&) = default;
};

struct Mutant {
    FacetHit hit;
    std::string code;  ///< the code among those that the reference judge gives, e.g. "schema.length"
    Element document;
};

struct MutantOptions {
    std::uint64_t seed = 1;
    std::size_t mutants_max = 1'000;
    /// What was hit before; these are not made again. Nothing: make all that the document offers.
    const std::set<FacetHit>* already = nullptr;
};

/// Mutants of a valid document: one fault each. Not every document offers every fault; go on with
/// other documents until the coverage stands still.
std::vector<Mutant> mutants(const Grammar& grammar, const Element& document, const MutantOptions& options = {});

/// All facets and occurrence bounds that a mutant can hit, of what the root reaches by elements and
/// strict wildcards: the "of how many".
std::set<FacetHit> facets_of(const Grammar& grammar);

/// Small documents that together hold every element and attribute that is declared, and every branch
/// of each choice. They serve as ground for mutants, so that coverage does not wait for chance.
std::vector<Element> covering_documents(const Grammar& grammar, std::uint64_t seed, std::size_t documents_max = 2'000);

}  // namespace hansa::schema
