#include "core/balances/balance_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "core/balances/codes.h"
#include "core/base/nearest.h"
#include "core/pivot/table.h"
#include "core/rules/codes.h"
#include "core/rules/table_row.h"

namespace hansa::balances {
namespace {

using mapping::LineReader;
using mapping::TextNode;
using rules::RowReader;

constexpr std::array<std::string_view, 5> acts{"add", "take", "give", "release", "answer"};
constexpr std::array<std::string_view, 13> table_words{"text", "source", "note", "fails", "severity", "limit", "yearly", "person", "add", "take", "give", "release", "answer"};

/// Lines that a row of an act may have.
const std::vector<std::string_view>& words_of(Act act) {
    static const std::array<std::vector<std::string_view>, 5> all{{
        {"source", "note", "when", "each", "account", "item", "row", "quantity", "value", "from", "until", "known-by", "counts"},
        {"source", "note", "when", "each", "account", "item", "row", "quantity", "value", "known-by", "changes", "unknown"},
        {"source", "note", "when", "each", "row", "quantity", "value", "known-by", "of", "counts", "unknown"},
        {"source", "note", "when", "known-by", "of", "counts", "unknown"},
        {"source", "note", "when", "of", "confirms", "undoes", "learns"},
    }};
    return all[static_cast<std::size_t>(act)];
}

class TableReader {
public:
    TableReader(const std::string& file, Diagnostics& faults) : rows_(file, faults) {}

    void read(const TextNode& node, BalanceTable& table) {
        const auto words = rows_.words(node);
        if (words.size() != 1) return fault("a table has one name: balance xx.stock", node);
        table.id = words[0];
        table.place = rows_.place(node);
        bool severe = false;
        for (const TextNode& line : node.children) {
            severe = severe || RowReader::keyword(line) == "severity";
            read_head(line, table);
        }
        for (const TextNode& line : node.children) {
            const auto act = std::ranges::find(acts, RowReader::keyword(line));
            if (act != acts.end()) read_row(line, static_cast<Act>(act - acts.begin()), table);
        }
        if (!severe) rows_.fault(rules::codes::severity_unknown, "the table has no `severity`", node);
        if (table.text.empty()) fault("the table has no `text` for people", node);
        if (table.source.empty()) rows_.fault(rules::codes::source_missing, fmt::format("'{}'", table.id), node);
        check_whole(table, node);
    }

    void fault(std::string detail, const TextNode& node) { rows_.fault(codes::syntax, std::move(detail), node); }
    bool failed() const { return rows_.failed(); }
    const Error& first() const { return rows_.first(); }

private:
    void read_head(const TextNode& line, BalanceTable& table) {
        const std::string_view word = RowReader::keyword(line);
        if (word == "text") table.text = rows_.quoted(line, 1)[0];
        else if (word == "source") table.source = rows_.quoted(line, 1)[0];
        else if (word == "note") table.note = rows_.quoted(line, 1)[0];
        else if (word == "fails") table.fails = rows_.quoted(line, 1)[0];
        else if (word == "severity") table.severity = rows_.severity(line);
        else if (word == "yearly") table.yearly = alone(line);
        else if (word == "person") table.person = alone(line);
        else if (word == "limit") read_limit(line, table);
        else if (std::ranges::find(acts, word) == acts.end())
            fault(fmt::format("no line of a table of balances is called '{}'{}", word, did_you_mean(word, table_words)), line);
    }

    bool alone(const TextNode& line) {
        if (!rows_.words(line).empty()) fault(fmt::format("'{}' stands alone", RowReader::keyword(line)), line);
        return true;
    }

    void read_limit(const TextNode& line, BalanceTable& table) {
        const auto words = rows_.words(line);
        if (words.size() != 2) return fault("expected a limit of taxes and the figure of what was taken before: limit xx.year xx.bought-this-year", line);
        table.limit = words[0];
        table.given = words[1];
    }

    void read_row(const TextNode& node, Act act, BalanceTable& table) {
        Row row;
        row.act = act;
        row.place = rows_.place(node);
        const auto kind = rows_.over(node, row.formats);
        if (!kind) return;
        row.kind = *kind;
        const pivot::Field& root = pivot::root(row.kind);
        const pivot::Field* scope = &root;
        for (const TextNode& line : node.children) {
            if (RowReader::keyword(line) != "each" || !allowed(act, "each")) continue;
            row.each = rows_.path(line, root);
            if (!row.each) return;
            if (!row.each->field->is_group()) return fault("`each` names a class", line);
            scope = row.each->field;
        }
        for (const TextNode& line : node.children) read_line(line, root, *scope, row);
        check_row(row, table, node);
        table.rows.push_back(std::move(row));
    }

    static bool allowed(Act act, std::string_view word) { return std::ranges::find(words_of(act), word) != words_of(act).end(); }

    void read_line(const TextNode& line, const pivot::Field& root, const pivot::Field& scope, Row& row) {
        const std::string_view word = RowReader::keyword(line);
        if (!allowed(row.act, word))
            return fault(fmt::format("no line of `{}` is called '{}'{}", act_name(row.act), word, did_you_mean(word, words_of(row.act))), line);
        if (word == "source") row.source = rows_.quoted(line, 1)[0];
        else if (word == "note") row.note = rows_.quoted(line, 1)[0];
        else if (word == "when") add_clause(line, scope, row.when);
        else if (word == "changes") add_clause(line, root, row.changes);
        else if (word == "confirms") add_clause(line, root, row.confirms);
        else if (word == "undoes") add_clause(line, root, row.undoes);
        else if (word == "account") add_formula(line, scope, row.account);
        else if (word == "item") row.item = rows_.formula(line, scope);
        else if (word == "row") row.row = rows_.formula(line, scope);
        else if (word == "from") row.from = day_place(line, scope);
        else if (word == "until") row.until = day_place(line, scope);
        else if (word == "quantity") row.quantity = amount(line, scope);
        else if (word == "value") row.value = amount(line, scope);
        else if (word == "known-by") add_name(line, root, row.known_by);
        else if (word == "of") row.of = naming(line, root);
        else if (word == "learns") {
            if (auto found = naming(line, root)) row.learns.push_back(*std::move(found));
        } else if (word == "counts") row.counts_confirmed = one_of(line, "accepted", "confirmed");
        else if (word == "unknown") row.unknown_passes = one_of(line, "refuse", "pass");
    }

    /// The second of two words?
    bool one_of(const TextNode& line, std::string_view first, std::string_view second) {
        const auto words = rows_.words(line);
        if (words.size() == 1 && (words[0] == first || words[0] == second)) return words[0] == second;
        fault(fmt::format("'{}' is {} or {}", RowReader::keyword(line), first, second), line);
        return false;
    }

    void add_clause(const TextNode& line, const pivot::Field& scope, std::vector<rules::Clause>& out) {
        if (auto clause = rows_.clause(line, scope)) out.push_back(*std::move(clause));
    }

    void add_formula(const TextNode& line, const pivot::Field& scope, std::vector<rules::Formula>& out) {
        if (auto formula = rows_.formula(line, scope)) out.push_back(*std::move(formula));
    }

    std::optional<rules::Formula> day_place(const TextNode& line, const pivot::Field& scope) {
        auto formula = rows_.formula(line, scope);
        if (formula && formula->sort != rules::Sort::date) fault(fmt::format("'{}' is no day", formula->text), line);
        return formula;
    }

    void add_name(const TextNode& line, const pivot::Field& root, std::vector<KnownBy>& out) {
        auto formula = rows_.formula(line, root);
        if (!formula) return;
        std::string name = formula->text;
        out.push_back({*std::move(formula), std::move(name)});
    }

    LineReader behind_keyword(const TextNode& node) {
        LineReader line(node.text, node.line, node.column);
        line.set(RowReader::keyword(node).size());
        return line;
    }

    /// `PLACE = NAME`
    std::optional<KnownBy> naming(const TextNode& node, const pivot::Field& root) {
        LineReader line = behind_keyword(node);
        auto formula = rules::parse_formula(line, rows_.file(), root);
        if (!formula) {
            rows_.fault(formula.error());
            return std::nullopt;
        }
        std::string name = line.take("=") ? std::string(line.token()) : std::string();
        if (!name.empty() && line.at_end()) return KnownBy{*std::move(formula), std::move(name)};
        fault(fmt::format("expected a place here and the `known-by` there: {} AmendedDeclaration/ID = ID", RowReader::keyword(node)), node);
        return std::nullopt;
    }

    /// `PLACE`, `PLACE bare`, `PLACE UNIT`, `NUMBER UNIT`
    std::optional<Amount> amount(const TextNode& node, const pivot::Field& scope) {
        LineReader line = behind_keyword(node);
        auto formula = rules::parse_formula(line, rows_.file(), scope);
        if (!formula) {
            rows_.fault(formula.error());
            return std::nullopt;
        }
        Amount out;
        out.formula = *std::move(formula);
        const std::string rest(line.rest());
        const bool place = out.formula.expression.kind == mapping::Expression::Kind::pivot && out.formula.sort == rules::Sort::number;
        const bool written = out.formula.literal && out.formula.sort == rules::Sort::number;
        if ((written || (place && rest != "bare")) && !rest.empty() && rest.find(' ') == rest.npos) {
            out.unit = rest;
            return out;
        }
        if (place && (rest.empty() || rest == "bare")) {
            out.bare = !rest.empty();
            return out;
        }
        fault(fmt::format("'{}' is a place that holds a number, perhaps with a unit, or a number and its unit: 1 H87", RowReader::keyword(node)), node);
        return std::nullopt;
    }

    void check_row(const Row& row, const BalanceTable& table, const TextNode& node) {
        const bool moves = row.act == Act::add || row.act == Act::take;
        if (row.source.empty()) rows_.fault(rules::codes::source_missing, fmt::format("`{}`", node.text), node);
        if (moves && row.account.empty()) fault("the row has no `account`", node);
        if (!table.limit.empty()) {
            if (row.act == Act::add || row.act == Act::give) fault(fmt::format("`{}` has no place beside `limit`: accounts open by themselves", act_name(row.act)), node);
            if (row.quantity || row.value || row.each) fault("beside `limit` the amount is that of the limit: no `each`, `quantity` or `value`", node);
        } else if ((moves || row.act == Act::give) && !row.quantity && !row.value) {
            fault("the row has neither `quantity` nor `value`", node);
        }
        if (row.act != Act::add && row.act != Act::take && !row.of) fault("the row has no `of`: which document it speaks of", node);
        if (row.act == Act::give && !row.row) fault("the row has no `row`: which movement comes back", node);
        if (row.act == Act::answer && row.confirms.empty() && row.undoes.empty() && row.learns.empty()) fault("the answer does nothing", node);
        if (!row.changes.empty() && row.known_by.empty()) fault("what `changes` finds the earlier one by `known-by`", node);
    }

    void check_whole(const BalanceTable& table, const TextNode& node) {
        std::set<std::string, std::less<>> names;
        bool takes = false;
        for (const Row& row : table.rows) {
            takes = takes || row.act == Act::take;
            for (const KnownBy& known : row.known_by) names.insert(known.name);
        }
        for (const Row& row : table.rows) {
            std::vector<const KnownBy*> used;
            if (row.of) used.push_back(&*row.of);
            for (const KnownBy& learnt : row.learns) used.push_back(&learnt);
            for (const KnownBy* one : used) {
                if (names.contains(one->name)) continue;
                const std::vector<std::string_view> known(names.begin(), names.end());
                rows_.fault({codes::syntax, fmt::format("no row is `known-by {}`{}", one->name, did_you_mean(one->name, known)), row.place});
            }
        }
        if (!takes) fault("no row takes: a balance that nobody uses", node);
        if (table.yearly && table.limit.empty()) fault("`yearly` is for limits", node);
    }

    RowReader rows_;
};

}  // namespace

std::string_view act_name(Act act) {
    return acts[static_cast<std::size_t>(act)];
}

bool Row::is_for(pivot::Kind document, std::string_view format) const {
    return kind == document && (formats.empty() || std::ranges::find(formats, format) != formats.end());
}

bool BalanceTable::is_for(pivot::Kind document, std::string_view format) const {
    return std::ranges::any_of(rows, [&](const Row& row) { return row.is_for(document, format); });
}

Result<BalanceTable> parse_balance(std::string_view text, const std::string& file, Diagnostics& faults) {
    const auto tree = mapping::parse_text(text, file, {}, faults);
    if (!tree) return tree.error();
    BalanceTable table;
    table.file = file;
    TableReader reader(file, faults);
    if (tree->children.size() != 1 || RowReader::keyword(tree->children.front()) != "balance")
        reader.fault("a file holds one table: balance NAME", tree->children.empty() ? *tree : tree->children.back());
    else
        reader.read(tree->children.front(), table);
    if (reader.failed()) return reader.first();
    return table;
}

}  // namespace hansa::balances
