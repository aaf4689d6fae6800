// Patterns of tables: /[0-9A-Z]{10}/ and IM?.
//
// A small, linear regular language, since what is matched are foreign bytes: signs, classes
// [a-z0-9] and [^..], "." for any sign, \d, a backslash before a sign of the language, each followed by ?, *, +,
// {n}, {n,} or {n,m}. No groups, no alternatives. A pattern matches the whole text. Cost: length of
// the text times length of the pattern (bounded by pattern_positions_max).
#pragma once

#include <bitset>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace hansa::mapping {

/// A pattern as a table of states over bytes: one step a byte, no allocation.
struct MatchTable {
    std::vector<std::uint8_t> column;  ///< of each of 256 bytes
    std::size_t columns = 0;
    std::vector<std::uint16_t> next;  ///< by state x columns + column; state 0 is the start
    std::vector<bool> accepts;        ///< by state

    bool matches(std::string_view text) const {
        std::size_t state = 0;
        for (const char c : text) state = next[state * columns + column[static_cast<unsigned char>(c)]];
        return accepts[state];
    }
};

class Pattern {
public:
    static constexpr std::size_t pattern_positions_max = 1'000;

    /// What stands between the slashes. Errors: mapping.list-syntax
    static Result<Pattern> parse(std::string_view expression);
    /// A code with signs ? that stand for any one sign: "IM?".
    static Result<Pattern> from_wildcard(std::string_view code);

    bool matches(std::string_view text) const;
    /// The same as a table. Nothing: it would have more than `states_max` states.
    std::optional<MatchTable> table(std::size_t states_max = 2'000) const;
    const std::string& text() const { return text_; }
    /// A text that matches, made from `seed`; repeated parts take at most `repeat_max` over their least.
    std::string draw(std::uint64_t seed, std::size_t repeat_max = 3) const;

private:
    /// One sign's place: which bytes may stand there (bytes past ASCII: part of one "any" sign).
    struct Position {
        std::bitset<256> bytes;
        bool optional = false;  ///< may be left out
        bool repeats = false;   ///< may stand again
    };
    /// States are "before position i"; `skip` adds those behind positions that may be left out.
    void skip(std::vector<bool>& states) const;
    std::vector<bool> after(const std::vector<bool>& states, std::size_t byte) const;
    Result<void> add(const std::bitset<256>& bytes, std::size_t least, std::size_t most);
    std::vector<Position> positions_;
    std::string text_;
};

}  // namespace hansa::mapping
