// Messages that the translations of the benchmark are compared on.
//
// Documents are drawn from the grammar (or, where a target demands too much for that, made of a realistic
// message) inside of the table's domain (tests/property/domain.h); then values that
// the pivot or the target would refuse are drawn again, and texts and numbers made worse than any
// realistic message has them: as long as the schema admits, with & and <, of several scripts, with superfluous
// zeros, of more digits than the target takes. Golden examples of the plugin and messages of the demonstration come
// beside them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/plugin/registry.h"
#include "tests/property/domain.h"

namespace hansa::test {

struct TranslationInput {
    std::string name;  ///< "seed 17" or the file
    std::string bytes;
    std::string expected;  ///< what the product makes of it
    std::map<std::string, std::string> settings;
};

class TranslationInputs {
public:
    TranslationInputs(const plugin::Registry& registry, std::string from, std::string to);

    /// Nothing: refused, and counted under its reason.
    std::optional<TranslationInput> drawn(std::uint64_t seed);
    /// The plugin's examples and the demonstration's messages that both sides take.
    std::vector<TranslationInput> golden();

    /// Formats that hold one document come and go in a hansa.batch, too: neighbours of `all` by twos to fours.
    void add_batches(std::vector<TranslationInput>& all) const;

    /// What `hansa bench` measures with: 1, 12 and 110 documents (more than a list message of China holds) in each of
    /// its three spellings.
    void add_bench_messages(std::vector<TranslationInput>& all) const;

    const std::map<std::string, std::size_t>& refused() const { return refused_; }

private:
    std::optional<schema::Element> start(std::uint64_t seed);
    const schema::Grammar& domain_grammar() const;
    std::optional<TranslationInput> translated(std::string name, std::string bytes,
                                               std::map<std::string, std::string> settings);

    const plugin::Registry& registry_;
    std::string from_, to_;
    Domain domain_;
    std::map<std::string, std::size_t> refused_;
};

}  // namespace hansa::test
