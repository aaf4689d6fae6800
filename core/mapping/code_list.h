// Code lists: national codes beside the standard's, read in both directions.
//
// A list is a text file, one code a line, columns by white space, texts with spaces in quotes:
//
//     list 2021                                   # the id under which an authority publishes it
//     columns national standard name-en valid-from valid-to note
//     "*"  own                                    # other codes travel with this list's id ("*" same: they are the
//     standard's own) 007  H87!  "piece"                          # ! : the one to take on the way back 011  H87
//     "piece, the other word" 120  own   "box"                            # this country's own: (cn.unit, 120)
//     /-[0-9]+/  03  own                          # a pattern (conversion_pattern.h); "IM?" : ? is any sign
//
// Without a `columns` line the columns are: national standard name note. Every column that is not
// national, pattern, scheme, name[-LANGUAGE], valid-from, valid-to or note is a standard column: a list may
// have several (function status), one value of the pivot each. A list with the columns `pattern
// scheme` tells the scheme of a number by its shape: `[@schemeID in firm-id]`.
// Marks [?] and comments after # are for people.
//
// Dates: rows with valid-from or valid-to hold only for documents of their time (both days count).
// A code that differs from a listed one by look-alike letters of another script is refused with the
// code points of both.
//
// Immutable once parsed: any number of threads may use one list. Lookups are a hash or a short scan.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace hansa::mapping {

/// A value of the pivot as conversions make and take it.
struct PivotValue {
    std::string text;
    std::string list;      ///< of a code: the authority's list; empty: the standard's own
    std::size_t slot = 0;  ///< which place of the row's right side, from 0; several values of one slot are a list

    friend bool operator==(const PivotValue&, const PivotValue&) = default;
};

/// What a list's bytes may ask for.
struct CodeListLimits {
    std::size_t rows_max = 200'000;
    std::size_t line_bytes_max = 4'096;
};

class ListParser;    // code_list.cpp
struct CodeListRow;  // code_list_row.h

class CodeList {
public:
    /// `id` is how codes of this list travel: authority.name, as in "cn.unit". Every fault goes to
    /// `faults` with file, line and column and what was expected; the result is the first.
    /// Errors: mapping.list-syntax, mapping.list-ambiguous
    static Result<CodeList> parse(std::string_view text, const std::string& file, std::string id, Diagnostics& faults,
                                  const CodeListLimits& limits = {});

    /// A short list in a table: `list direction  E E, I I` (what stands after the name).
    static Result<CodeList> parse_short(std::string_view pairs, const Place& where, std::string id,
                                        Diagnostics& faults);

    const std::string& id() const;
    /// The id that the authority publishes it under (`list 2021`), or nothing.
    const std::string& published_id() const;
    /// Names of the standard columns in order; one for most lists.
    const std::vector<std::string>& standard_columns() const;

    /// The standard's codes of a national one, one value a standard column (slot = column). A column
    /// that is empty or "-" gives no value. `date` is the document's day (ISO), empty: any.
    /// Errors: mapping.code-unknown, mapping.code-expired
    Result<std::vector<PivotValue>> to_standard(std::string_view national, std::string_view date = {}) const;

    /// The national code of standard values. A value of this list's own stands for itself; one of
    /// another authority's list is not taken. In a list of several columns the first decides: a later
    /// value that no row has, or that is foreign, is passed over and its slot put into `passed_over`.
    /// Errors: mapping.code-unknown, mapping.code-foreign, mapping.code-expired
    Result<std::string> to_national(std::span<const PivotValue> values, std::string_view date = {},
                                    std::vector<std::size_t>* passed_over = nullptr) const;

    /// Name of a national code in a language ("en", "hy"), or in the list's first one; empty: none.
    std::string name(std::string_view national, std::string_view language = {}) const;

    /// Lists of shapes: the scheme whose pattern the number fits, in the order of the file.
    /// Errors: mapping.scheme-unknown
    Result<std::string> scheme_of(std::string_view number) const;
    /// Their schemes, in the order in which they are looked for on the way back.
    std::vector<std::string> schemes() const;
    /// May a number of this scheme be written? True when its shape is the scheme's.
    bool scheme_fits(std::string_view scheme, std::string_view number) const;

    /// Every national code that is written out (no patterns), for generators.
    std::vector<std::string> nationals() const;
    /// True when codes that are not listed are taken ("*" same, "*" own).
    bool open() const;

    /// The rows in the order of the file, and the one of "*" (nothing: there is none). They live as long
    /// as any copy of the list.
    std::span<const CodeListRow> rows() const;
    const CodeListRow* others() const;

    /// A number that fits a scheme's shape and no earlier one, or a code that a pattern takes, for generators.
    std::string draw_number(std::string_view scheme, std::uint64_t seed) const;

private:
    struct Table;
    explicit CodeList(std::shared_ptr<const Table> table) : table_(std::move(table)) {}
    static Result<CodeList> finish(ListParser& parser, std::string id);
    const CodeListRow* row_of(std::string_view national, std::string_view date, bool& expired) const;
    const CodeListRow* look_alike(std::string_view national) const;
    Error unknown(std::string_view national, const CodeListRow* like) const;
    std::optional<std::string> national_for(std::span<const PivotValue> values, std::string_view date,
                                            bool& expired) const;
    std::optional<std::string> other_for(std::span<const PivotValue> values) const;
    std::shared_ptr<const Table> table_;
};

/// Lists by the name that a table uses for them: "unit", "customs-office".
using CodeLists = std::map<std::string, CodeList, std::less<>>;

/// "'ИM' (U+0418 U+004D)": a value with its code points where it has letters outside ASCII, or when
/// `always`. Cut after 40 characters.
std::string show_code(std::string_view text, bool always = false);

}  // namespace hansa::mapping
