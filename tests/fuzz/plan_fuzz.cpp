// Fuzz target: reader and plan against the reference translation.
//
// The input's first byte chooses the pair of formats, the rest is a document. Nearly all changes are made to the
// document's tree and know its grammar (tree_mutator.h), so that most inputs are valid and reach the plan; a document
// that is none is replaced by one from the source table's domain, so that no seeds are needed.
//
//     FUZZ_PAIR=cn.ceb621--wco.declaration: that pair only
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <vector>

#include "tests/fuzz/plan_agreement.h"
#include "tests/fuzz/tree_mutator.h"

namespace {

using namespace hansa;

test::PlanPairs& pairs() {
    static test::PlanPairs all;
    return all;
}

std::size_t pair_of(std::uint8_t choice) {
    static const char* const only = std::getenv("FUZZ_PAIR");
    static const std::size_t named = only == nullptr ? pairs().size() : pairs().find(only);
    if (named < pairs().size()) return named;
    // A pair without a plan gives its turn to the next one that has one.
    static std::vector<std::size_t> turn(pairs().size(), pairs().size());
    const std::size_t chosen = choice % pairs().size();
    std::size_t& found = turn[chosen];
    for (std::size_t i = 0; found == pairs().size(); ++i) {
        const std::size_t next = (chosen + i) % pairs().size();
        if (i == pairs().size() || pairs().unsupported(next).empty()) found = next;
    }
    return found;
}

struct AtEnd {
    ~AtEnd() {
        const auto& counts = pairs().counts();
        std::cerr << "plans: " << counts.fast << " fast, " << counts.refused << " refused by both, " << counts.declined
                  << " declined\n";
        for (const auto& [why, count] : counts.why) std::cerr << "  " << count << " " << why << "\n";
    }
};

}  // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t size_max,
                                               unsigned int seed) {
    schema::Random random(seed);
    std::string document;
    std::uint8_t choice = size == 0 ? static_cast<std::uint8_t>(random.below(256)) : data[0];
    if (random.chance(1)) choice = static_cast<std::uint8_t>(random.below(256));
    const std::size_t pair = pair_of(choice);
    const bool is_document = size > 20 && data[1] == '<' && choice == data[0];
    if (is_document) {
        const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
        const std::string donor = pairs().draw(pair, random.below(64));
        document = test::mutated_document(pairs().grammar(pair), bytes, donor, random);
    } else {
        document = pairs().draw(pair, random.next());
    }
    if (document.size() + 1 > size_max) return size;
    data[0] = choice;
    std::memcpy(data + 1, document.data(), document.size());
    return document.size() + 1;
}

/// Tables, schemas and examples are read before the first input's time is taken.
extern "C" int LLVMFuzzerInitialize(int* /*count*/, char*** /*arguments*/) {
    pairs();
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const AtEnd at_end;
    if (size < 2) return 0;
    const std::size_t pair = pair_of(data[0]);
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    const std::string difference = pairs().disagreement(pair, bytes);
    if (difference.empty()) return 0;
    std::fprintf(stderr, "%s: %s\n%.*s\n", pairs().name(pair).c_str(), difference.c_str(),
                 static_cast<int>(bytes.size()), bytes.data());
    std::abort();
}
