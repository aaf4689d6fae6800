// What the tests of fast and fused conversions share: lists, types, surroundings, and the comparison of a twin
// with its reference.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "core/mapping/fast_conversion.h"
#include "core/schema/grammar.h"

namespace hansa::mapping::peers {

/// Types that the tests write to, by name: "free", "to35", "1to6", "digits10.2", "nonnegative", ...
struct Types {
    Types();
    const schema::SimpleType* operator[](const std::string& name) const;
    std::vector<std::string> names;
    std::unique_ptr<schema::Grammar> grammar;
};

const Types& types();

/// Target and type of a place, as the engine derives one from the other.
FastTarget target(const std::string& type_name);

/// A few lists with everything a list can say: "unit", "status", "shapes", "dated", "open", ...
const CodeLists& lists();
/// Every list of every plugin, by "folder/name".
const CodeLists& plugin_lists();

/// Texts in blocks of just their size, so that a sanitizer sees a step past their end.
class Exact {
public:
    std::string_view copy(std::string_view text);

private:
    std::vector<std::vector<char>> blocks_;
};

/// One conversion in its surroundings, both ways.
class Peer {
public:
    Peer(const std::string& text, std::size_t national, std::size_t pivot, std::vector<FastTarget> targets = {},
         std::string zone = "+08:00", const CodeLists& lists = peers::lists(), std::vector<bool> optional = {});

    /// A conversion of a real table. `context` and what it refers to must outlive the peer.
    Peer(std::string text, const Conversion& conversion, const ConversionContext& context,
         const schema::Grammar& grammar, std::vector<FastTarget> targets);

    /// Compares; every difference is a failure of the test. Counted: what the reference takes, and what
    /// of that the twin declined.
    void to_pivot(const std::vector<NationalValue>& national);
    void from_pivot(const std::vector<PivotValue>& values);
    /// A national text both ways: its values are written again.
    void there_and_back(const std::vector<NationalValue>& national);

    const Conversion& conversion() const { return *conversion_; }
    /// Nothing, where a real table has a conversion without one.
    const FastConversion& twin() const { return twin_; }
    ConversionContext& context() { return context_; }
    const std::vector<FastTarget>& targets() const { return targets_; }
    std::vector<Target> bounds() const;
    std::string show() const;

    struct Counts {
        std::size_t compared = 0, taken = 0, declined = 0;
    };
    Counts counts;
    /// While true, what is compared counts as a value of the domain.
    bool in_domain = true;

private:
    void compile();

    std::string text_;
    std::optional<Conversion> conversion_;
    ConversionContext context_;
    const schema::Grammar* grammar_;
    std::map<std::string, std::string, std::less<>> settings_;
    std::vector<FastTarget> targets_;
    std::string zone_;
    FastConversion twin_;
    Scratch scratch_{256};
};

/// What the reference writes and the schema takes, or nothing.
std::optional<FromPivot> written(const Conversion& conversion, const std::vector<PivotValue>& values,
                                 const ConversionContext& context, const std::vector<FastTarget>& targets,
                                 const schema::Grammar& grammar = *types().grammar);

/// Texts that conversions stumble over: blanks, signs, zeros, exponents, long digits, other scripts, dates
/// that are none.
const std::vector<std::string>& hostile();

/// How often the program has asked for memory so far (allocations.cpp).
std::size_t allocations();

bool is_utf8(std::string_view text);

/// One or a few random changes: a sign lost, doubled, replaced, swapped.
std::string mutated(std::string text, std::mt19937_64& random);

}  // namespace hansa::mapping::peers
