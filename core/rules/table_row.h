// What tables of rules and taxes have in common: lines set into each other, and how one of their lines is read.
// Internal to core/rules.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/mapping/table_text.h"
#include "core/rules/rule.h"

namespace hansa::rules {

using Lists = std::map<std::string, std::set<std::string, std::less<>>, std::less<>>;

/// Reads the lines of one table; every fault goes to the diagnostics with its line.
class RowReader {
public:
    /// `names`: those that formulas may ask for with the(); it may grow while the table is read. Nothing: none may.
    RowReader(const std::string& file, Diagnostics& faults, const Names* names = nullptr) : file_(file), faults_(faults), names_(names) {}

    const std::string& file() const { return file_; }
    Place place(const mapping::TextNode& node) const { return {.file = file_, .line = node.line, .column = node.column}; }
    void fault(Code code, std::string detail, const mapping::TextNode& node);
    void fault(const Error& error);
    bool failed() const { return first_.has_value(); }
    const Error& first() const { return *first_; }

    /// The texts in quotes behind the line's first word; a fault when there are not `count`.
    std::vector<std::string> quoted(const mapping::TextNode& node, std::size_t count);
    /// The words behind the first one.
    std::vector<std::string> words(const mapping::TextNode& node);
    /// One day behind the first word; empty with a fault.
    std::string day(const mapping::TextNode& node);
    void check_days(const Days& days, const mapping::TextNode& node);

    /// Its first word.
    static std::string_view keyword(const mapping::TextNode& node);

    /// `list NAME "CODE"...`
    void read_list(const mapping::TextNode& node);
    /// `order NAME "CODE CODE"...`
    void read_order(const mapping::TextNode& node);
    std::optional<Clause> clause(const mapping::TextNode& node, const pivot::Field& scope);
    std::optional<Formula> formula(const mapping::TextNode& node, const pivot::Field& scope);
    std::optional<mapping::PivotTerm> path(const mapping::TextNode& node, const pivot::Field& scope);
    /// `severity refuse`, `severity warn`
    Severity severity(const mapping::TextNode& node);
    /// `over KIND [FORMAT...]`
    std::optional<pivot::Kind> over(const mapping::TextNode& node, std::vector<std::string>& formats);

private:
    Result<Test> test(mapping::LineReader& line, const pivot::Field& scope);
    Result<void> predicate(mapping::LineReader& line, const pivot::Field& scope, Test& out);
    Result<void> comparison(mapping::LineReader& line, const pivot::Field& scope, Test& out);
    Result<void> not_before(mapping::LineReader& line, const pivot::Field& scope, Test& out);
    mapping::LineReader behind_keyword(const mapping::TextNode& node) const;

    const std::string& file_;
    Diagnostics& faults_;
    const Names* names_;
    std::optional<Error> first_;
    Lists lists_;
    std::map<std::string, Order, std::less<>> orders_;
};

/// Rows of one id whose days meet. `Row` has id, days and place.
template <class Row>
void check_overlaps(const std::vector<Row>& rows, Diagnostics& faults, Code code) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
        for (std::size_t k = 0; k < i; ++k) {
            if (rows[i].id != rows[k].id || !rows[i].days.meet(rows[k].days)) continue;
            faults.add(code, "'" + rows[i].id + "' " + rows[i].days.text() + " and line " + std::to_string(rows[k].place.line) + ", " + rows[k].days.text(), rows[i].place);
        }
    }
}

}  // namespace hansa::rules
