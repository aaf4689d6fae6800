// Simple types as small programs: is this text a value of the type?
//
// Grammar::check_value says why a value is wrong and takes its time; a program says at once that one
// is right. It knows the forms that messages are full of: free text with bounds of length, codes by a
// table or by a pattern's table, numbers by their digits, dates. What it does not know, and what it
// finds wrong, goes to check_value, so the verdict is always the same.
//
// Source: XML Schema 1.0 Part 2, sections 3 and 4.3.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/schema/grammar.h"
#include "core/schema/pattern.h"

namespace hansa::schema {

/// A small set of texts: one multiplication and mostly one comparison.
class TextSet {
public:
    TextSet() = default;
    explicit TextSet(const std::vector<std::string>& texts);
    bool has(std::string_view text) const;

private:
    std::vector<std::string> slots_;
    std::vector<bool> taken_;
    std::size_t mask_ = 0;
};

/// Immutable once made; any number of threads.
struct TypeProgram {
    enum class Form : std::uint8_t {
        free,       ///< any characters, as many as min_chars and max_chars say
        collapsed,  ///< the same without blanks at the ends or two in a row
        decimal,    ///< digits with a sign and a point
        integer,    ///< digits with a sign
        boolean,
        date,
        date_time,
        lexical,  ///< what is_lexical says, nothing else counts
        any_of,   ///< a union: what one of its members takes
        none,     ///< only check_value knows
    };
    Form form = Form::none;
    bool is_plain = false;  ///< free or collapsed, nothing but the bounds of length counts
    BuiltIn built_in = BuiltIn::any_simple;
    /// An integer with bounds, its built-in type's own included; a decimal that is not below zero.
    bool is_bounded = false;
    bool is_id = false, is_idref = false;
    std::uint32_t min_chars = 0, max_chars = 0xFFFFFFFFu;
    std::uint32_t total_digits = 0xFFFFFFFFu, fraction_digits = 0xFFFFFFFFu;
    std::int64_t min = INT64_MIN, max = INT64_MAX;  ///< of an integer
    Index type = no_index;
    std::vector<PatternTable> patterns;  ///< all must match
    std::vector<TextSet> enumeration;    ///< none, or one
    std::vector<TypeProgram> members;    ///< of a union
};

/// The program of one type; `type` stays no_index.
TypeProgram program_of(const SimpleType& type);

/// Programs of all simple types of a grammar, by their numbers.
class TypePrograms {
public:
    explicit TypePrograms(const Grammar& grammar);

    const TypeProgram& operator[](Index type) const { return programs_[type]; }

    /// Is the text, as it stands in the document, a value of the type? `chars`: its characters.
    bool accepts(const TypeProgram& program, std::string_view text, std::size_t chars) const {
        if (program.is_plain && program.form == TypeProgram::Form::free) {
            return chars >= program.min_chars && chars <= program.max_chars;
        }
        return accepts_value(program, text, chars);
    }
    /// The same, for a program that is not plain.
    bool accepts_value(const TypeProgram& program, std::string_view text, std::size_t chars) const {
        return accepts_at_once(program, text, chars) || accepts_after_all(program, text);
    }

    /// True: the text is a value of the program's type. False: it is wrong, or the program cannot tell.
    static bool accepts_at_once(const TypeProgram& program, std::string_view text, std::size_t chars);

private:
    bool accepts_after_all(const TypeProgram& program, std::string_view text) const;

    Grammar grammar_;
    std::vector<TypeProgram> programs_;
};

}  // namespace hansa::schema
