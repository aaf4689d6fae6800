#include "core/consolidation/consolidation_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "core/base/nearest.h"
#include "core/consolidation/codes.h"
#include "core/mapping/table_text.h"
#include "core/rules/codes.h"
#include "core/rules/table_row.h"

namespace hansa::consolidation {
namespace {

using mapping::LineReader;
using mapping::TextNode;
using pivot::Field;
using rules::RowReader;

constexpr std::array<std::string_view, 21> table_words{"text", "source", "note", "house", "master", "limit", "by", "by-any", "by-presence", "mixed",
                                                       "refusal", "anew", "fixed", "reference", "issued", "equal", "sum", "count", "items", "members", "apart"};
constexpr std::array<std::string_view, 3> item_words{"identity", "number", "keep"};

/// May values of one stand at the other?
bool fits(const Field& from, const Field& to) {
    if (from.is_group() || to.is_group()) return from.is_group() && to.is_group() && from.class_name == to.class_name;
    return from.is_number() == to.is_number() && (from.form == pivot::Form::date_time) == (to.form == pivot::Form::date_time);
}

class TableReader {
public:
    TableReader(const std::string& file, Diagnostics& faults) : rows_(file, faults) {}

    void read(const TextNode& node, ConsolidationTable& table) {
        const auto words = rows_.words(node);
        if (words.size() != 1) return fault("a table has one name: consolidation xx.master", node);
        table.id = words[0];
        const TextNode *house = child(node, "house"), *master = child(node, "master");
        if (house == nullptr || master == nullptr) return fault("the table needs `house` and `master`", node);
        sort(*house, table.house);
        sort(*master, table.master);
        if (failed()) return;
        // Lines below speak of items: their class is known first.
        for (const TextNode& line : node.children) {
            if (RowReader::keyword(line) == "items" || RowReader::keyword(line) == "members") read_list(line, table);
        }
        if (table.list.field == nullptr) return fault("the table needs `items` or `members`", node);
        for (const TextNode& line : node.children) read_line(line, table);
        if (table.text.empty()) fault("the table has no `text` for people", node);
        if (table.source.empty()) rows_.fault(rules::codes::source_missing, fmt::format("'{}'", table.id), node);
        if (table.reference.field == nullptr) fault("the table needs `reference`: what a master is known by", node);
    }

    void fault(std::string detail, const TextNode& node) { rows_.fault(codes::syntax, std::move(detail), node); }
    bool failed() const { return rows_.failed(); }
    const Error& first() const { return rows_.first(); }

private:
    static const TextNode* child(const TextNode& node, std::string_view word) {
        const auto found = std::ranges::find_if(node.children, [&](const TextNode& one) { return RowReader::keyword(one) == word; });
        return found == node.children.end() ? nullptr : &*found;
    }

    const Field& house_of(const ConsolidationTable& table) const { return pivot::root(table.house.kind); }
    const Field& master_of(const ConsolidationTable& table) const { return pivot::root(table.master.kind); }

    void sort(const TextNode& line, Sort& out) {
        if (const auto kind = rows_.over(line, out.formats)) out.kind = *kind;
    }

    void read_line(const TextNode& line, ConsolidationTable& table) {
        const std::string_view word = RowReader::keyword(line);
        if (word == "text") table.text = rows_.quoted(line, 1)[0];
        else if (word == "source") table.source = rows_.quoted(line, 1)[0];
        else if (word == "note") table.note = rows_.quoted(line, 1)[0];
        else if (word == "limit") read_limit(line, table);
        else if (word == "by") read_by(line, table, table.by);
        else if (word == "by-any") read_by(line, table, table.by_any);
        else if (word == "by-presence") add(spot(rest(line), line, house_of(table)), table.by_presence);
        else if (word == "mixed") read_mixed(line, table);
        else if (word == "refusal") read_refusal(line, table);
        else if (word == "anew") read_anew(line, table);
        else if (word == "fixed") read_fixed(line, table);
        else if (word == "reference") read_reference(line, table);
        else if (word == "issued") read_issued(line, table);
        else if (word == "equal") add(pair(rest(line), line, house_of(table), master_of(table)), table.equal);
        else if (word == "sum") read_sum(line, table);
        else if (word == "count") read_count(line, table);
        else if (word == "apart") read_apart(line, table);
        else if (word != "items" && word != "members" && word != "house" && word != "master")
            fault(fmt::format("no line of a table of consolidation is called '{}'{}", word, did_you_mean(word, table_words)), line);
    }

    static std::string rest(const TextNode& line) {
        LineReader reader(line.text, line.line, line.column);
        reader.set(RowReader::keyword(line).size());
        return std::string(reader.rest());
    }

    template <class T>
    static void add(std::optional<T> found, std::vector<T>& out) {
        if (found) out.push_back(*std::move(found));
    }

    void unfit(std::string detail, const TextNode& line) { rows_.fault(codes::place_unfit, std::move(detail), line); }

    std::optional<Spot> spot(std::string_view text, const TextNode& line, const Field& scope) {
        while (text.ends_with(' ')) text.remove_suffix(1);
        while (text.starts_with(' ')) text.remove_prefix(1);
        auto found = parse_spot(text, rows_.place(line), scope);
        if (found) return *std::move(found);
        rows_.fault(found.error());
        return std::nullopt;
    }

    /// `PLACE`, or `PLACE = PLACE`
    std::optional<Pair> pair(const std::string& text, const TextNode& line, const Field& first, const Field& second) {
        const std::size_t sign = text.find(" = ");
        auto left = spot(std::string_view(text).substr(0, sign), line, first);
        auto right = left ? spot(sign == text.npos ? std::string_view(text) : std::string_view(text).substr(sign + 3), line, second) : std::nullopt;
        if (!right) return std::nullopt;
        if (fits(*left->field, *right->field)) return Pair{*std::move(left), *std::move(right), text};
        unfit(fmt::format("'{}' is {}, '{}' is {}", left->text, left->field->type_text(), right->text, right->field->type_text()), line);
        return std::nullopt;
    }

    void read_limit(const TextNode& line, ConsolidationTable& table) {
        const auto words = rows_.words(line);
        std::uint32_t count = 0;
        if (words.empty() || std::from_chars(words[0].data(), words[0].data() + words[0].size(), count).ptr != words[0].data() + words[0].size() || count == 0)
            return fault("`limit` takes how many items, and perhaps formats: limit 99 xx.report", line);
        if (words.size() == 1) table.limit = count;
        for (std::size_t i = 1; i < words.size(); ++i) table.limits[words[i]] = count;
    }

    void read_by(const TextNode& line, const ConsolidationTable& table, std::vector<rules::Formula>& out) {
        auto found = rows_.formula(line, house_of(table));
        if (!found) return;
        if (found->literal) return fault(fmt::format("`{}` names a place", RowReader::keyword(line)), line);
        out.push_back(*std::move(found));
    }

    void read_mixed(const TextNode& line, ConsolidationTable& table) {
        const auto words = rows_.words(line);
        if (words.size() == 1 && words[0].size() == 2 && words[0].find_first_not_of("0123456789") == std::string::npos) table.mixed = words[0];
        else fault("`mixed` takes a kind of answer of two digits: mixed 02", line);
    }

    void read_anew(const TextNode& line, ConsolidationTable& table) {
        const auto words = rows_.words(line);
        if (words.empty()) fault("`anew` names formats of houses", line);
        for (const auto& format : words) {
            if (!table.house.formats.empty() && std::ranges::find(table.house.formats, format) == table.house.formats.end())
                fault(fmt::format("'{}' is no format of its houses", format), line);
            table.anew.emplace_back(format);
        }
    }

    void read_refusal(const TextNode& line, ConsolidationTable& table) {
        const auto words = rows_.words(line);
        if (words.size() == 1 && (words[0] == "items" || words[0] == "whole")) table.refusal_of_items = words[0] == "items";
        else fault("`refusal` is of `items` or of the `whole`", line);
    }

    /// `fixed PLACE "code"`, `fixed PLACE "list:code"`
    void read_fixed(const TextNode& line, ConsolidationTable& table) {
        const auto words = rows_.words(line);
        if (words.size() != 2) return fault("`fixed` takes a place and its value", line);
        auto found = spot(words[0], line, master_of(table));
        if (!found) return;
        if (!is_single_field(*found)) return fault(fmt::format("'{}' is not one field", words[0]), line);
        const bool code = found->field->form == pivot::Form::code;
        const auto parts = code ? pivot::split_code(words[1]) : pivot::QualifiedCode{{}, words[1]};
        table.fixed.push_back({*std::move(found), std::string(parts.list), std::string(parts.code)});
    }

    void read_reference(const TextNode& line, ConsolidationTable& table) {
        auto found = spot(rest(line), line, master_of(table));
        if (!found) return;
        if (!is_single_field(*found) || found->field->form != pivot::Form::identifier) return unfit(fmt::format("'{}' is no single reference", found->text), line);
        table.reference = *std::move(found);
    }

    void read_issued(const TextNode& line, ConsolidationTable& table) {
        auto found = spot(rest(line), line, master_of(table));
        if (!found) return;
        if (found->field->form != pivot::Form::date_time || !is_single_field(*found)) return unfit(fmt::format("'{}' is no time", found->text), line);
        table.issued.push_back(*std::move(found));
    }

    /// `sum PLACE [= PLACE] [from PLACE]`
    void read_sum(const TextNode& line, ConsolidationTable& table) {
        const std::string text = rest(line);
        const std::size_t from = text.find(" from ");
        auto both = pair(text.substr(0, from), line, house_of(table), master_of(table));
        if (!both) return;
        Sum out{*std::move(both), std::nullopt};
        const auto number = [](const Spot& one) { return one.field->is_number() && is_single_field(one); };
        if (!number(out.pair.first) || !number(out.pair.second)) return unfit(fmt::format("'{}' is no single number", out.pair.text), line);
        if (from != text.npos) {
            out.from = spot(text.substr(from + 6), line, *table.list.field);
            if (!out.from) return;
            if (!number(*out.from)) return unfit(fmt::format("'{}' is no single number", out.from->text), line);
        }
        table.sums.push_back(std::move(out));
    }

    void read_count(const TextNode& line, ConsolidationTable& table) {
        auto found = spot(rest(line), line, master_of(table));
        if (!found) return;
        if (!found->field->is_number() || !is_single_field(*found)) return unfit(fmt::format("'{}' is no single number", found->text), line);
        table.counts.push_back(*std::move(found));
    }

    void read_list(const TextNode& line, ConsolidationTable& table) {
        if (table.list.field != nullptr) return fault("a table has `items` or `members` once", line);
        const std::string text = rest(line);
        auto found = spot(text, line, master_of(table));
        if (!found) return;
        if (!found->field->is_group() || !found->field->is_list()) return unfit(fmt::format("'{}' is no list of classes", text), line);
        table.whole_items = RowReader::keyword(line) == "items";
        if (table.whole_items) {
            const auto own = spot(text, line, house_of(table));
            if (!own) return;
            if (!fits(*own->field, *found->field)) return unfit(fmt::format("'{}' is another class in the two", text), line);
        }
        table.list = *std::move(found);
        for (const TextNode& one : line.children) read_item_line(one, table);
        if (table.identity.first.field == nullptr) fault("the items have no `identity`", line);
        if (table.number.field == nullptr) fault("the items have no `number`", line);
    }

    void read_item_line(const TextNode& line, ConsolidationTable& table) {
        const std::string_view word = RowReader::keyword(line);
        if (word == "number") return read_number(line, table);
        if (word != "identity" && word != "keep") return fault(fmt::format("no line of items is called '{}'{}", word, did_you_mean(word, item_words)), line);
        auto found = pair(rest(line), line, house_of(table), *table.list.field);
        if (!found) return;
        if (word == "keep") return table.keeps.push_back(*std::move(found));
        if (!is_single_field(found->first) || !is_single_field(found->second)) return unfit(fmt::format("'{}' is not one field", found->text), line);
        table.identity = *std::move(found);
    }

    void read_number(const TextNode& line, ConsolidationTable& table) {
        const std::string text = rest(line);
        auto both = pair(text, line, *table.list.field, *table.list.field);
        if (!both) return;
        if (!both->first.field->is_number() || !is_single_field(both->first) || !is_single_field(both->second))
            return unfit(fmt::format("'{}' is no single number", both->text), line);
        if (text.find(" = ") != text.npos) {
            if (!table.whole_items) return fault("members of a master had no number before", line);
            table.number_kept = std::move(both->second);
        }
        table.number = std::move(both->first);
    }

    void read_apart(const TextNode& line, ConsolidationTable& table) {
        const std::string text = rest(line);
        const std::size_t space = text.find(' ');
        if (space == text.npos) return fault("expected a name and a place of the items: apart destination Destination/CountryCode", line);
        auto found = pair(std::string(LineReader(std::string_view(text).substr(space), line.line, line.column).rest()), line, *table.list.field, master_of(table));
        if (!found) return;
        if (!is_single_field(found->first) || !is_single_field(found->second)) return unfit(fmt::format("'{}' is not one field", found->text), line);
        table.aparts.push_back({text.substr(0, space), *std::move(found)});
    }

    RowReader rows_;
};

}  // namespace

bool Sort::holds(pivot::Kind other, std::string_view format) const {
    return kind == other && (formats.empty() || std::ranges::find(formats, format) != formats.end());
}

std::uint32_t ConsolidationTable::limit_for(std::string_view format) const {
    const auto found = limits.find(format);
    return found == limits.end() ? limit : found->second;
}

Result<ConsolidationTable> parse_consolidation(std::string_view text, const std::string& file, Diagnostics& faults) {
    const auto tree = mapping::parse_text(text, file, {}, faults);
    if (!tree) return tree.error();
    ConsolidationTable table;
    table.file = file;
    TableReader reader(file, faults);
    if (tree->children.size() != 1 || RowReader::keyword(tree->children.front()) != "consolidation")
        reader.fault("a file holds one table: consolidation NAME", tree->children.empty() ? *tree : tree->children.back());
    else
        reader.read(tree->children.front(), table);
    if (reader.failed()) return reader.first();
    return table;
}

}  // namespace hansa::consolidation
