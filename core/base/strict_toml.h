// TOML files that people write: strict, so that a slip of the pen is a fault with its line.
//
// A Section is one table of a file. Each function asks for one key, reports what is missing or
// wrong to the Diagnostics and gives a harmless value, so that all faults of a file are found at
// once; `only` reports keys that nobody asked for, with the nearest known one.
//
// Includes toml++, which compiles slowly: for .cpp files of readers only.
// Errors: base.toml-syntax, -key-unknown, -key-missing, -value-wrong
#pragma once

#include <toml++/toml.h>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace hansa {

class TomlSection {
public:
    /// `title` is what messages call it: "[server]".
    TomlSection(const toml::table& table, std::string title, std::string file, Diagnostics& faults);

    Place place() const;
    void fault(Code code, std::string detail, const toml::node* at = nullptr) const;

    /// Every other key is a fault.
    void only(std::span<const std::string_view> known) const;

    bool has(std::string_view key) const;
    /// What stands under the key, to say of a fault where it is; nullptr: nothing.
    const toml::node* node(std::string_view key) const;
    std::string text(std::string_view key, std::string_view otherwise = {}) const;
    std::string text_needed(std::string_view key) const;
    /// One of `words`; the first one when the key is not there.
    std::string word(std::string_view key, std::span<const std::string_view> words) const;
    bool flag(std::string_view key, bool otherwise) const;
    std::int64_t number(std::string_view key, std::int64_t least, std::int64_t most, std::int64_t otherwise) const;
    /// A part of a whole: 0 to 1.
    double share(std::string_view key, double otherwise) const;
    std::vector<std::string> texts(std::string_view key) const;
    /// The table [key], if there.
    std::optional<TomlSection> section(std::string_view key) const;
    /// Each table [[key]].
    std::vector<TomlSection> sections(std::string_view key) const;
    /// All keys with text values, for tables whose keys are data.
    std::vector<std::pair<std::string, std::string>> pairs() const;
    /// All keys whose values are tables, for tables whose keys are data.
    std::vector<std::pair<std::string, TomlSection>> named_sections() const;

private:
    const toml::table* table_;
    std::string title_;
    std::string file_;
    Diagnostics* faults_;
};

/// Errors: base.toml-syntax with line and column
Result<toml::table> parse_toml(std::string_view text, std::string_view file);

}  // namespace hansa
