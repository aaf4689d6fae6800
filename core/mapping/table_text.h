// The text of a table as lines set into each other by indentation, and a reader for one line.
//
// A comment starts at a '#' that stands first or after white space, outside of quotes and brackets.
// A line belongs to the nearest line above it that starts further left. Tabs do not indent.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace hansa::mapping {

struct TextNode {
    std::uint32_t line = 0;    ///< from 1; 0: the file itself
    std::uint32_t column = 0;  ///< of the first sign, from 1, in bytes
    std::string text;          ///< without comment and outer white space
    std::vector<TextNode> children;
};

struct TextLimits {
    std::size_t text_bytes_max = 4'000'000;
    std::size_t line_bytes_max = 4'096;
    std::size_t depth_max = 48;
};

/// Errors: mapping.syntax (a tab before the first sign, an indentation that matches no line above),
/// mapping.limit
Result<TextNode> parse_text(std::string_view text, const std::string& file, const TextLimits& limits,
                            Diagnostics& faults);

/// Reads one line from left to right. The text must outlive it.
class LineReader {
public:
    LineReader(std::string_view text, std::uint32_t line, std::uint32_t column)
        : text_(text), line_(line), column_(column) {}

    void skip_space();
    bool at_end();
    /// Column (from 1) of what comes next.
    std::uint32_t column();
    std::uint32_t line() const { return line_; }
    /// What is left, from the next sign on.
    std::string_view rest();
    char peek();
    /// Takes `sign` if it comes next.
    bool take(std::string_view sign);
    /// Takes `word` if it comes next and a space, a comma or the end follows.
    bool take_word(std::string_view word);
    /// Up to white space or comma, brackets, parentheses and quotes inside of them kept whole.
    std::string_view token();
    /// "..." with \" and \\ inside; nothing when none comes next or it does not end.
    std::optional<std::string> quoted();
    std::optional<std::uint32_t> number();
    void set(std::size_t position) { position_ = position; }
    std::size_t position() const { return position_; }

private:
    std::string_view text_;
    std::uint32_t line_, column_;
    std::size_t position_ = 0;
};

}  // namespace hansa::mapping
