// A code list compiled: both directions by table. For fast_*.cpp, fused_*.cpp and the plan.
//
// Gives what CodeList gives, or nothing where that gives an error. Rows with a validity are asked
// for the document's day at every lookup; others never.
// Threads: immutable once made. Cost: 40 to 100 instructions a lookup, plus one for each byte of a
// code that only a pattern or "*" takes.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/mapping/code_list_row.h"
#include "core/mapping/fast_code_table.h"
#include "core/mapping/fast_conversion.h"

namespace hansa::mapping {

class FastCodeList {
public:
    static constexpr std::uint32_t no_row = CodeTable::none;

    /// Nothing: a pattern's table would be too large, or the list has more than columns_max columns.
    static std::shared_ptr<const FastCodeList> of(const CodeList& list);

    const std::string& id() const { return id_; }
    /// Do rows hold for a time only?
    bool dated() const { return dated_; }

    /// The values of a code in the first `columns` columns. False: the list has an error for it.
    bool to_standard(std::string_view national, std::string_view date, std::size_t columns, PivotSlots& out) const;
    /// The one value of a code where it has just one, in the first column.
    bool to_standard(std::string_view national, std::string_view date, FastPivot& out) const;

    struct Found {
        std::string_view national;
        std::uint32_t row = no_row;  ///< of a code that is written out in the list; else no_row
        std::size_t taken = 0;       ///< of the values; the later ones were passed over
    };
    bool to_national(const FastPivot& value, std::string_view date, Found& out) const;
    /// Slots of `values` must rise. False: the list has an error for it.
    bool to_national(std::span<const FastPivot> values, std::string_view date, Found& out) const;

    /// National code of a row, and how many rows there are.
    const std::string& national(std::uint32_t row) const { return rows_[row].national; }
    /// Is the code written out, not a pattern?
    bool written_out(std::uint32_t row) const { return rows_[row].pattern == no_row; }
    std::size_t row_count() const { return row_count_; }

    /// Lists of shapes: the scheme of a number; empty: it fits none.
    std::string_view scheme_of(std::string_view number) const;

private:
    static constexpr std::size_t columns_max = 8;
    struct Row {
        std::string national, scheme;
        std::string valid_from, valid_to;
        std::vector<Standard> standards;
        std::uint32_t pattern = no_row;  ///< of patterns_
        bool dated = false;

        bool holds_on(std::string_view date) const {
            return !dated || date.empty() ||
                   ((valid_from.empty() || valid_from <= date) && (valid_to.empty() || date <= valid_to));
        }
    };
    /// Rows that one key leads to, in the order of the list.
    struct Chain {
        std::uint32_t first = 0, count = 0;  ///< of members_
    };
    /// What a chain of one row for all time says in the first column; no text: look at the rows.
    struct Answer {
        std::string_view text, list;
    };
    /// What a chain of rows for all time writes for one value; no row: look at the rows.
    struct Back {
        std::uint32_t row = no_row;
    };

    /// Codes of the standard, codes of this list, and rows whose pattern says what is this list's own.
    struct Column {
        CodeTable standard, own;
        std::vector<Chain> standard_chains, own_chains;
        std::vector<Back> standard_back, own_back;
        std::vector<std::uint32_t> own_patterns;
    };

    void settle();
    Back back_of(const Chain& chain, std::size_t slot) const;
    const Row* row_of(std::string_view national, std::string_view date) const;
    bool is_others(const Row* row) const { return has_others_ && row == &rows_.back(); }
    bool looks_alike(std::string_view national) const;
    bool value_of(const Row& row, std::size_t slot, std::string_view national, FastPivot& out) const;
    bool says(const Row& row, const FastPivot& value) const;
    bool national_of(const Row& row, std::span<const FastPivot> values, std::string_view& out) const;
    bool national_for(std::span<const FastPivot> values, std::string_view date, bool& expired, Found& out) const;
    bool other_for(std::span<const FastPivot> values, Found& out) const;

    std::string id_;
    std::vector<Row> rows_;  ///< in the order of the list; behind them that of "*", if has_others_
    std::size_t row_count_ = 0, columns_ = 0;
    bool has_others_ = false, dated_ = false;
    std::vector<MatchTable> patterns_;
    std::vector<std::uint32_t> pattern_rows_;
    CodeTable by_national_, by_skeleton_;
    std::vector<Chain> national_chains_;
    std::vector<Answer> answers_;  ///< by chain
    std::vector<Column> by_column_;
    std::vector<std::uint32_t> members_;
};

}  // namespace hansa::mapping
