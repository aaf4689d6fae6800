#include "core/mapping/code_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <unordered_map>

#include "core/base/time.h"
#include "core/mapping/code_list_row.h"
#include "core/mapping/code_list_text.h"
#include "core/mapping/codes.h"

namespace hansa::mapping {

struct CodeList::Table {
    std::string id, published_id;
    std::vector<std::string> standard_columns, name_columns;
    bool schemes = false;
    std::vector<CodeListRow> rows;
    std::unordered_map<std::string, std::vector<std::size_t>> by_national;
    std::unordered_map<std::string, std::size_t> by_skeleton;  ///< how a code looks on paper: the first such row
    std::optional<CodeListRow> others;                         ///< "*"
};

namespace {

using list_text::Cell;

bool overlap(const CodeListRow& a, const CodeListRow& b) {
    const bool a_first = a.valid_to.empty() || b.valid_from.empty() || b.valid_from <= a.valid_to;
    const bool b_first = b.valid_to.empty() || a.valid_from.empty() || a.valid_from <= b.valid_to;
    return a_first && b_first;
}

}  // namespace

/// Builds a table line by line; every fault has its place.
class ListParser {
public:
    ListParser(const std::string& file, Diagnostics& faults) : file_(file), faults_(faults) {}

    std::vector<std::string> columns{"national", "standard", "name", "note"};
    std::vector<CodeListRow> rows;
    std::optional<CodeListRow> others;
    std::string published_id;
    std::optional<Error> first;

    void line(std::string_view text, std::uint32_t number) {
        line_ = number;
        std::vector<Cell> cells;
        if (const auto wrong = list_text::cells_of(text, cells)) return fault(wrong->first, wrong->second);
        if (cells.empty()) return;
        const bool word = !cells[0].quoted;
        if (word && cells[0].text == "list" && cells.size() == 2 && rows.empty() && !others) {
            published_id = cells[1].text;
        } else if (word && cells[0].text == "columns") {
            set_columns(cells);
        } else {
            row(cells);
        }
    }

    /// One pair of a short list.
    void row(const std::vector<Cell>& cells) {
        if (cells.size() < 2) return fault(cells[0].column, "expected a national code and what it stands for");
        if (cells.size() > columns.size())
            return fault(cells[columns.size()].column,
                         fmt::format("a {}th cell, the list has {} columns: texts with spaces stand in quotes",
                                     columns.size() + 1, columns.size()));
        CodeListRow row;
        row.line = line_;
        for (std::size_t i = 0; i < cells.size(); ++i) {
            if (!cell(columns[i], cells[i], row)) return;
        }
        if (!cells[0].quoted && cells[0].text == "*")
            return fault(cells[0].column, "a star for all other codes stands in quotes: \"*\"");
        if (cells[0].quoted && row.national == "*" && !row.pattern) {
            return star(std::move(row), cells);
        }
        rows.push_back(std::move(row));
    }

    void fault(std::uint32_t column, std::string detail, Code code = codes::list_syntax) {
        Error error{code, std::move(detail), Place{.file = file_, .line = line_, .column = column}};
        if (!first) first = error;
        faults_.add(std::move(error));
    }

    void set_line(std::uint32_t line) { line_ = line; }

private:
    void set_columns(const std::vector<Cell>& cells) {
        if (!rows.empty() || others) return fault(cells[0].column, "columns stand before the first row");
        columns.clear();
        for (std::size_t i = 1; i < cells.size(); ++i) {
            if (std::find(columns.begin(), columns.end(), cells[i].text) != columns.end()) {
                return fault(cells[i].column, fmt::format("column '{}' stands twice", cells[i].text));
            }
            columns.push_back(cells[i].text);
        }
        if (columns.size() < 2 || (columns[0] != "national" && columns[0] != "pattern")) {
            columns = {"national", "standard", "name", "note"};
            fault(cells[0].column, "expected: columns national STANDARD ... or columns pattern scheme ...");
        }
    }

    void star(CodeListRow row, const std::vector<Cell>& cells) {
        const bool good = std::all_of(row.standards.begin(), row.standards.end(), [](const Standard& s) {
            return s.kind == Standard::Kind::own || s.kind == Standard::Kind::same || s.kind == Standard::Kind::none;
        });
        if (!good || row.standards.empty()) return fault(cells[1].column, "\"*\" says own or same");
        if (others) return fault(cells[0].column, "\"*\" stands twice");
        others = std::move(row);
    }

    bool cell(const std::string& column, const Cell& cell, CodeListRow& row) {
        if (column == "national" || column == "pattern") return national(cell, row, column == "pattern");
        if (column == "scheme") {
            row.scheme = cell.text;
        } else if (column == "valid-from" || column == "valid-to") {
            return day(cell, column == "valid-from" ? row.valid_from : row.valid_to);
        } else if (column == "name" || column.substr(0, 5) == "name-") {
            row.names.push_back(cell.text);
        } else if (column != "note") {
            row.standards.push_back(standard(cell));
        }
        return true;
    }

    bool national(const Cell& cell, CodeListRow& row, bool must_be_pattern) {
        row.national = cell.text;
        if (cell.text.empty()) return fault(cell.column, "the national code is empty"), false;
        const bool wildcard = !cell.quoted && !cell.pattern && cell.text.find('?') != std::string::npos;
        if (must_be_pattern && !cell.pattern) return fault(cell.column, "expected a pattern between slashes"), false;
        if (!cell.pattern && !wildcard) return true;
        auto pattern = wildcard ? Pattern::from_wildcard(cell.text) : Pattern::parse(cell.text);
        if (!pattern) return fault(cell.column, pattern.error().detail), false;
        row.pattern = std::move(*pattern);
        return true;
    }

    static Standard standard(const Cell& cell) {
        Standard out;
        out.text = cell.text;
        out.preferred = cell.marked;
        out.kind = Standard::Kind::code;
        if (!cell.quoted && cell.text == "own") out.kind = Standard::Kind::own;
        if (!cell.quoted && cell.text == "same") out.kind = Standard::Kind::same;
        if (cell.text.empty() || (!cell.quoted && cell.text == "-")) out.kind = Standard::Kind::none;
        return out;
    }

    bool day(const Cell& cell, std::string& out) {
        if (cell.text.empty() || cell.text == "-") return true;
        const auto parsed = parse_iso(cell.text);
        if (!parsed || parsed->has_time)
            return fault(cell.column, fmt::format("'{}' is no day; expected 2026-11-23", cell.text)), false;
        out = cell.text;
        return true;
    }

    const std::string& file_;
    Diagnostics& faults_;
    std::uint32_t line_ = 0;
};

namespace {

/// Rows that say the same thing twice: one national code with two meanings, or several national
/// codes for one standard code of which not exactly one is marked.
void check_ambiguity(ListParser& parser) {
    std::unordered_map<std::string, std::vector<const CodeListRow*>> national, standard;
    for (const CodeListRow& row : parser.rows) {
        if (row.pattern) continue;
        for (const CodeListRow* other : national[row.national]) {
            if (!overlap(row, *other)) continue;
            parser.set_line(row.line);
            parser.fault(1, fmt::format("{} stands in line {} already", show_code(row.national), other->line),
                         codes::list_ambiguous);
        }
        national[row.national].push_back(&row);
        if (!row.standards.empty() && row.standards[0].kind == Standard::Kind::code)
            standard[row.standards[0].text].push_back(&row);
    }
    for (const auto& [code, rows] : standard) {
        for (std::size_t i = 0; i < rows.size(); ++i) {
            std::size_t together = 0, marked = 0;
            for (const CodeListRow* other : rows) {
                if (!overlap(*rows[i], *other)) continue;
                ++together;
                marked += other->standards[0].preferred ? 1U : 0U;
            }
            if (together == 1 || marked == 1) continue;
            parser.set_line(rows[i]->line);
            parser.fault(1,
                         fmt::format("{} national codes stand for '{}', and {} of them are marked !; mark one",
                                     together, code, marked),
                         codes::list_ambiguous);
            break;
        }
    }
}

}  // namespace

Result<CodeList> CodeList::parse(std::string_view text, const std::string& file, std::string id, Diagnostics& faults,
                                 const CodeListLimits& limits) {
    ListParser parser(file, faults);
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    if (text.substr(0, 3) == byte_order_mark) text.remove_prefix(3);
    std::uint32_t number = 0;
    while (!text.empty()) {
        std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        parser.set_line(++number);
        if (line.size() > limits.line_bytes_max || parser.rows.size() >= limits.rows_max) {
            parser.fault(
                1, fmt::format("a list holds {} rows of {} bytes at most", limits.rows_max, limits.line_bytes_max));
            break;
        }
        if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
        parser.line(line, number);
    }
    return finish(parser, std::move(id));
}

Result<CodeList> CodeList::parse_short(std::string_view pairs, const Place& where, std::string id,
                                       Diagnostics& faults) {
    ListParser parser(where.file, faults);
    parser.set_line(where.line);
    parser.columns = {"national", "standard"};
    std::vector<Cell> cells;
    if (const auto wrong = list_text::cells_of(pairs, cells, true)) {
        parser.fault(where.column + wrong->first - 1, wrong->second);
        return *parser.first;
    }
    std::vector<Cell> pair;
    for (Cell& cell : cells) {
        cell.column += where.column > 0 ? where.column - 1 : 0;
        if (!cell.comma) {
            pair.push_back(std::move(cell));
            continue;
        }
        if (pair.empty()) parser.fault(cell.column, "expected a code before the comma");
        if (!pair.empty()) parser.row(pair);
        pair.clear();
    }
    if (!pair.empty()) parser.row(pair);
    if (parser.rows.empty() && !parser.first)
        parser.fault(where.column, "expected pairs: NATIONAL STANDARD, NATIONAL STANDARD");
    return finish(parser, std::move(id));
}

Result<CodeList> CodeList::finish(ListParser& parser, std::string id) {
    auto table = std::make_shared<Table>();
    table->id = std::move(id);
    table->published_id = parser.published_id;
    for (const std::string& column : parser.columns) {
        const bool name = column == "name" || column.substr(0, 5) == "name-";
        if (name) table->name_columns.push_back(column);
        if (column == "scheme") table->schemes = true;
        const bool other = name || column == "national" || column == "pattern" || column == "scheme" ||
                           column == "note" || column.substr(0, 6) == "valid-";
        if (!other) table->standard_columns.push_back(column);
    }
    if (!table->schemes) check_ambiguity(parser);
    if (parser.first) return *parser.first;
    table->rows = std::move(parser.rows);
    table->others = std::move(parser.others);
    for (std::size_t i = 0; i < table->rows.size(); ++i) {
        if (table->rows[i].pattern) continue;
        table->by_national[table->rows[i].national].push_back(i);
        table->by_skeleton.try_emplace(list_text::skeleton(table->rows[i].national), i);
    }
    return CodeList(std::move(table));
}

const std::string& CodeList::id() const {
    return table_->id;
}

const std::string& CodeList::published_id() const {
    return table_->published_id;
}

const std::vector<std::string>& CodeList::standard_columns() const {
    return table_->standard_columns;
}

bool CodeList::open() const {
    return table_->others.has_value();
}

std::span<const CodeListRow> CodeList::rows() const {
    return table_->rows;
}

const CodeListRow* CodeList::others() const {
    return table_->others ? &*table_->others : nullptr;
}

namespace {

std::vector<PivotValue> values_of(const CodeListRow& row, std::string_view national, const std::string& id) {
    std::vector<PivotValue> out;
    for (std::size_t slot = 0; slot < row.standards.size(); ++slot) {
        const Standard& standard = row.standards[slot];
        switch (standard.kind) {
            case Standard::Kind::none:
                break;
            case Standard::Kind::code:
                out.push_back({standard.text, {}, slot});
                break;
            case Standard::Kind::same:
                out.push_back({std::string(national), {}, slot});
                break;
            case Standard::Kind::own:
                out.push_back({std::string(national), id, slot});
                break;
        }
    }
    return out;
}

}  // namespace

const CodeListRow* CodeList::row_of(std::string_view national, std::string_view date, bool& expired) const {
    expired = false;
    if (const auto found = table_->by_national.find(std::string(national)); found != table_->by_national.end()) {
        for (const std::size_t i : found->second) {
            if (table_->rows[i].holds_on(date)) return &table_->rows[i];
        }
        expired = true;
        return nullptr;
    }
    for (const CodeListRow& row : table_->rows) {
        if (!row.pattern || !row.pattern->matches(national)) continue;
        if (row.holds_on(date)) return &row;
        expired = true;
    }
    if (expired) return nullptr;
    return table_->others && !national.empty() ? &*table_->others : nullptr;
}

Result<std::vector<PivotValue>> CodeList::to_standard(std::string_view national, std::string_view date) const {
    bool expired = false;
    const CodeListRow* row = row_of(national, date, expired);
    if (row && row == (table_->others ? &*table_->others : nullptr)) {
        // An open list still refuses what only looks like one of its codes.
        if (const CodeListRow* like = look_alike(national)) return unknown(national, like);
    }
    if (row) return values_of(*row, national, table_->id);
    if (expired) {
        return Error{codes::code_expired,
                     fmt::format("{} of {} is not valid on {}", show_code(national), table_->id, date)};
    }
    return unknown(national, look_alike(national));
}

Error CodeList::unknown(std::string_view national, const CodeListRow* like) const {
    if (like) {
        return Error{codes::code_unknown, fmt::format("{} is not in {}; {} looks like it", show_code(national, true),
                                                      table_->id, show_code(like->national, true))};
    }
    return Error{codes::code_unknown, fmt::format("{} is not in {}", show_code(national), table_->id)};
}

const CodeListRow* CodeList::look_alike(std::string_view national) const {
    const auto found = table_->by_skeleton.find(list_text::skeleton(national));
    if (found == table_->by_skeleton.end() || table_->rows[found->second].national == national) return nullptr;
    return &table_->rows[found->second];
}

namespace {

/// Does the row say this value in this column, for the national code `national`?
bool says(const CodeListRow& row, const PivotValue& value, const std::string& id) {
    const Standard& standard = row.standards[value.slot];
    switch (standard.kind) {
        case Standard::Kind::code:
            return value.list.empty() && standard.text == value.text;
        case Standard::Kind::same:
            return value.list.empty() && row.national == value.text;
        case Standard::Kind::own:
            return value.list == id && (row.pattern ? row.pattern->matches(value.text) : row.national == value.text);
        case Standard::Kind::none:
            return false;
    }
    return false;
}

/// The national code that a row writes for the values: a pattern row knows only what is its own.
std::optional<std::string> national_of(const CodeListRow& row, std::span<const PivotValue> values,
                                       const std::string& id) {
    if (!row.pattern) return row.national;
    for (const PivotValue& value : values) {
        if (value.list == id && row.pattern->matches(value.text)) return value.text;
    }
    return std::nullopt;
}

}  // namespace

Result<std::string> CodeList::to_national(std::span<const PivotValue> values, std::string_view date,
                                          std::vector<std::size_t>* passed_over) const {
    if (values.empty()) return Error{codes::code_unknown, fmt::format("no value for {}", table_->id)};
    for (const PivotValue& value : values) {
        if (value.slot >= table_->standard_columns.size())
            return Error{codes::code_unknown, fmt::format("{} has no column {}", table_->id, value.slot + 1)};
    }
    // All values, then ever fewer of the later ones: the first column decides.
    for (std::size_t count = values.size(); count > 0; --count) {
        const auto taken = values.subspan(0, count);
        bool expired = false;
        auto found = national_for(taken, date, expired);
        if (!found && expired)
            return Error{codes::code_expired, fmt::format("no code of {} for {} is valid on {}", table_->id,
                                                          show_code(values[0].text), date)};
        if (!found) continue;
        for (std::size_t i = count; passed_over && i < values.size(); ++i) passed_over->push_back(values[i].slot);
        return *found;
    }
    const PivotValue& value = values.front();
    if (!value.list.empty() && value.list != table_->id) {
        return Error{codes::code_foreign,
                     fmt::format("{} belongs to {}, not to {}", show_code(value.text), value.list, table_->id)};
    }
    return Error{codes::code_unknown, fmt::format("no code of {} stands for {}", table_->id, show_code(value.text))};
}

std::optional<std::string> CodeList::national_for(std::span<const PivotValue> values, std::string_view date,
                                                  bool& expired) const {
    std::optional<std::string> best;
    bool best_marked = false;
    for (const CodeListRow& row : table_->rows) {
        if (row.standards.size() < table_->standard_columns.size() && row.standards.size() <= values.back().slot)
            continue;
        if (!std::all_of(values.begin(), values.end(),
                         [&](const PivotValue& value) { return says(row, value, table_->id); }))
            continue;
        if (!row.holds_on(date)) {
            expired = true;
            continue;
        }
        const auto national = national_of(row, values, table_->id);
        const bool marked = row.standards[values.front().slot].preferred;
        if (!national || (best && (best_marked || !marked))) continue;
        best = national;
        best_marked = marked;
    }
    if (best || !table_->others) return best;
    return other_for(values);
}

/// A value that only "*" takes: it must not read back as one of the codes that are listed.
std::optional<std::string> CodeList::other_for(std::span<const PivotValue> values) const {
    const std::string& national = values.front().text;
    bool expired = false;
    if (national.empty() || row_of(national, {}, expired) != &*table_->others || look_alike(national))
        return std::nullopt;
    const auto back = values_of(*table_->others, national, table_->id);
    const bool same = std::all_of(values.begin(), values.end(), [&](const PivotValue& value) {
        return std::find(back.begin(), back.end(), value) != back.end();
    });
    return same ? std::optional<std::string>(national) : std::nullopt;
}

std::string CodeList::name(std::string_view national, std::string_view language) const {
    bool expired = false;
    const CodeListRow* row = row_of(national, {}, expired);
    if (!row || row->names.empty()) return {};
    if (language.empty()) return row->names.front();
    for (std::size_t i = 0; i < table_->name_columns.size() && i < row->names.size(); ++i) {
        if (table_->name_columns[i] == fmt::format("name-{}", language)) return row->names[i];
    }
    return {};
}

Result<std::string> CodeList::scheme_of(std::string_view number) const {
    for (const CodeListRow& row : table_->rows) {
        if (row.pattern && row.pattern->matches(number)) return row.scheme;
    }
    return Error{codes::scheme_unknown,
                 fmt::format("a number of {} bytes fits no shape of {}", number.size(), table_->id)};
}

std::vector<std::string> CodeList::schemes() const {
    std::vector<std::string> out;
    for (const CodeListRow& row : table_->rows) {
        if (!row.scheme.empty() && std::find(out.begin(), out.end(), row.scheme) == out.end())
            out.push_back(row.scheme);
    }
    return out;
}

bool CodeList::scheme_fits(std::string_view scheme, std::string_view number) const {
    const auto found = scheme_of(number);
    return found && *found == scheme;
}

std::string CodeList::draw_number(std::string_view scheme, std::uint64_t seed) const {
    constexpr std::uint64_t tries = 64;
    for (const CodeListRow& row : table_->rows) {
        if (!row.pattern || row.scheme != scheme) continue;
        for (std::uint64_t i = 0; i < tries; ++i) {
            std::string number = row.pattern->draw(seed + i * 7'919);
            if (scheme_fits(scheme, number)) return number;
        }
    }
    return {};
}

std::vector<std::string> CodeList::nationals() const {
    std::vector<std::string> out;
    for (const CodeListRow& row : table_->rows) {
        if (!row.pattern) out.push_back(row.national);
    }
    return out;
}

}  // namespace hansa::mapping
