// Regular expressions of XML Schema: match in linear time, and sample.
//
// Xerces-C stays the judge of what a pattern means; this one serves check_value and the generator,
// which must not need Xerces. A pattern becomes an automaton without back-tracking, so that no
// pattern and no text makes matching slow.
//
// Source: XML Schema 1.0 Part 2, appendix F.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hansa::schema {

class Random;

/// A pattern as a table: one step a character, no sets, no lists. State 0 is the start, `dead` matches
/// nothing any more.
struct PatternTable {
    static constexpr std::uint16_t dead = 0xFFFF;
    std::uint16_t classes = 0;                                    ///< kinds of characters that the pattern tells apart
    std::array<std::uint16_t, 128> ascii{};                       ///< the class of each
    std::vector<std::pair<std::uint32_t, std::uint16_t>> others;  ///< from this code point on: the class
    std::vector<std::uint16_t> next;                              ///< [state * classes + class]
    std::vector<bool> accepts;                                    ///< by state

    /// As Pattern::matches. Text that is not UTF-8 does not match.
    bool matches(std::string_view text) const;
};

/// Immutable once made; threads may share one.
class Pattern {
public:
    /// Nothing: not a regular expression, or one whose automaton would pass 200,000 states.
    static std::optional<Pattern> compile(std::string_view expression);

    /// The whole text must match. Text that is not UTF-8 does not.
    bool matches(std::string_view text) const;

    /// The same pattern as a table; nothing: it would have more than `entries_max` entries.
    std::optional<PatternTable> table(std::size_t entries_max) const;

    /// A text that matches. Repeats without an upper bound, or far apart, end at `repeats_max` more
    /// than their minimum.
    std::string sample(Random& random, std::uint32_t repeats_max) const;

private:
    struct Automaton;
    explicit Pattern(std::shared_ptr<const Automaton> automaton) : automaton_(std::move(automaton)) {}
    std::shared_ptr<const Automaton> automaton_;
};

/// The next code point of UTF-8 text at `at`, which moves on; 0xFFFFFFFF for a bad sequence.
std::uint32_t next_code_point(std::string_view text, std::size_t& at);
void append_code_point(std::string& text, std::uint32_t code_point);
/// Characters of UTF-8 text (bytes that do not continue one).
std::size_t count_characters(std::string_view text);

}  // namespace hansa::schema
