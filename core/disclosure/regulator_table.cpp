#include "core/disclosure/regulator_table.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/nearest.h"
#include "core/disclosure/codes.h"
#include "core/plugin/tables.h"
#include "core/rules/check.h"
#include "core/rules/clause.h"
#include "core/rules/codes.h"
#include "core/rules/table_row.h"

namespace hansa::disclosure {
namespace {

using mapping::TextNode;
using rules::RowReader;

constexpr std::array<std::string_view, 10> row_words{"for", "text", "over", "from", "to", "certainty", "source", "note", "when", "field"};

class TableReader {
public:
    TableReader(const std::string& file, Diagnostics& faults) : rows_(file, faults) {}

    void read(const TextNode& node, RegulatorTable& table) {
        const std::string_view word = RowReader::keyword(node);
        if (word == "regulators") {
            const auto words = rows_.words(node);
            table.set = words.size() == 1 ? words[0] : "";
        } else if (word == "title") {
            table.title = rows_.quoted(node, 1)[0];
        } else if (word == "list") {
            rows_.read_list(node);
        } else if (word == "copy") {
            if (auto row = read_row(node)) table.rows.push_back(*std::move(row));
        } else {
            fault(fmt::format("expected regulators, title, list or copy, found '{}'", word), node);
        }
    }

private:
    void fault(std::string detail, const TextNode& node) { rows_.fault(codes::syntax, std::move(detail), node); }

    std::optional<RegulatorRow> read_row(const TextNode& node) {
        RegulatorRow row;
        row.place = rows_.place(node);
        const auto words = rows_.words(node);
        if (words.size() != 1) return fault("a copy has one id: copy xx.tax.exports", node), std::nullopt;
        row.id = words[0];
        if (row.id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-") != row.id.npos) fault(fmt::format("'{}': an id has small letters, digits, dots and hyphens", row.id), node);
        const auto over = std::ranges::find_if(node.children, [](const TextNode& line) { return RowReader::keyword(line) == "over"; });
        if (over == node.children.end()) return fault("the copy has no `over`: a kind of document", node), std::nullopt;
        const auto kind = rows_.over(*over, row.formats);
        if (!kind) return std::nullopt;
        bool certain = false;
        fields_.clear();
        field_places_.clear();
        for (const TextNode& line : node.children) {
            certain = certain || RowReader::keyword(line) == "certainty";
            read_line(line, *kind, row);
        }
        if (row.role.empty()) fault("the copy has no `for`: the role that gets it", node);
        if (row.text.empty()) fault("the copy has no `text` for people", node);
        if (!certain) fault("the copy has no `certainty`: settled or uncertain", node);
        if (row.source.empty()) rows_.fault(rules::codes::source_missing, fmt::format("'{}'", row.id), node);
        rows_.check_days(row.days, node);
        read_fields(*kind, node, row);
        return row;
    }

    void read_line(const TextNode& line, pivot::Kind kind, RegulatorRow& row) {
        const std::string_view word = RowReader::keyword(line);
        if (word == "over") return;
        if (word == "for") row.role = role(line);
        else if (word == "text") row.text = rows_.quoted(line, 1)[0];
        else if (word == "source") row.source = rows_.quoted(line, 1)[0];
        else if (word == "note") row.note = rows_.quoted(line, 1)[0];
        else if (word == "from") row.days.from = rows_.day(line);
        else if (word == "to") row.days.to = rows_.day(line);
        else if (word == "certainty") row.uncertain = uncertain(line);
        else if (word == "field") add_field(line);
        else if (word == "when") {
            if (auto clause = rows_.clause(line, pivot::root(kind))) row.when.push_back(*std::move(clause));
        } else {
            fault(fmt::format("no line of a copy is called '{}'{}", word, did_you_mean(word, row_words)), line);
        }
        if (!line.children.empty()) fault("nothing stands inside of this line", line.children.front());
    }

    std::string role(const TextNode& line) {
        const auto words = rows_.words(line);
        if (words.size() == 1 && std::ranges::find(regulator_roles, words[0]) != regulator_roles.end()) return words[0];
        const std::string given = words.size() == 1 ? words[0] : "";
        fault(fmt::format("'{}' is no role of a regulator: tax, foreign-exchange, police, quarantine{}", given, did_you_mean(given, regulator_roles)), line);
        return given;
    }

    bool uncertain(const TextNode& line) {
        const auto words = rows_.words(line);
        const bool known = words.size() == 1 && (words[0] == "settled" || words[0] == "uncertain");
        if (!known) fault("a copy is settled or uncertain", line);
        return !known || words[0] == "uncertain";
    }

    void add_field(const TextNode& line) {
        const auto words = rows_.words(line);
        if (words.size() != 1) return fault("expected one path: field GoodsShipment/Buyer/Name", line);
        fields_.push_back(words[0]);
        field_places_.push_back(rows_.place(line));
    }

    void read_fields(pivot::Kind kind, const TextNode& node, RegulatorRow& row) {
        Diagnostics own;
        auto fields = FieldSet::of(kind, fields_, own, [&](std::size_t number) { return number < field_places_.size() ? field_places_[number] : rows_.place(node); });
        for (const Error& error : own.errors()) rows_.fault(error);
        if (fields) row.fields = *std::move(fields);
    }

    RowReader rows_;
    std::vector<std::string> fields_;
    std::vector<Place> field_places_;
};

bool gives(const RegulatorRow& row, const pivot::Document& document, const RegulatorBook::Question& question) {
    if (row.fields.kind() != document.kind || (row.uncertain && !question.uncertain)) return false;
    if (!row.formats.empty() && std::ranges::find(row.formats, question.format) == row.formats.end()) return false;
    if (!row.days.hold(rules::document_day(document, question.day))) return false;
    const rules::Ground ground{&document.root, &document.root};
    rules::Fault ignored;
    return std::ranges::all_of(row.when, [&](const rules::Clause& clause) { return rules::ask_clause(clause, ground, false, ignored) == rules::Answer::yes; });
}

}  // namespace

Result<RegulatorTable> parse_regulators(std::string_view text, const std::string& file, Diagnostics& faults) {
    Diagnostics own;
    RegulatorTable table;
    table.file = file;
    const auto lines = mapping::parse_text(text, file, {}, own);
    if (lines) {
        TableReader reader(file, own);
        for (const TextNode& node : lines->children) reader.read(node, table);
        if (table.set.empty()) own.add(codes::syntax, "the table's first line names its set: regulators xx", Place{.file = file, .line = 1});
    }
    rules::check_overlaps(table.rows, own, rules::codes::dates_overlap);
    faults.append(own);
    if (!own.empty()) return own.errors().front();
    return table;
}

std::vector<RegulatorTable> load_regulators(const plugin::Tables& tables, Diagnostics& faults) {
    std::vector<RegulatorTable> out;
    for (const std::string& name : tables.names("regulators", ".regulators")) {
        const auto text = tables.read(name);
        if (!text) {
            faults.add(text.error().in_file(tables.called(name)));
        } else if (auto table = parse_regulators(*text, tables.called(name), faults)) {
            out.push_back(*std::move(table));
        }
    }
    return out;
}

std::vector<RegulatorTable> load_regulators(const std::filesystem::path& folder, Diagnostics& faults) {
    const auto tables = plugin::open_folder(folder, folder);
    if (tables) return load_regulators(**tables, faults);
    faults.add(tables.error());
    return {};
}

std::shared_ptr<const RegulatorBook> RegulatorBook::load(const plugin::Registry& registry, Diagnostics& faults) {
    std::vector<RegulatorTable> out;
    for (const plugin::PluginInfo& plugin : registry.plugins()) {
        const auto tables = registry.tables(plugin.name);
        if (tables) std::ranges::move(load_regulators(*tables, faults), std::back_inserter(out));
    }
    return std::make_shared<const RegulatorBook>(std::move(out));
}

bool RegulatorBook::has(std::string_view set) const {
    return std::ranges::find(tables_, set, &RegulatorTable::set) != tables_.end();
}

std::vector<const RegulatorRow*> RegulatorBook::rows_for(const pivot::Document& document, const Question& question) const {
    std::vector<const RegulatorRow*> out;
    for (const RegulatorTable& table : tables_) {
        if (std::ranges::find(question.sets, table.set) == question.sets.end()) continue;
        for (const RegulatorRow& row : table.rows) {
            if (gives(row, document, question)) out.push_back(&row);
        }
    }
    return out;
}

FieldSet fields_of(std::span<const RegulatorRow* const> rows) {
    if (rows.size() == 1) return rows.front()->fields;
    std::vector<std::string> paths;
    for (const RegulatorRow* row : rows) {
        for (const std::string& path : row->fields.paths()) {
            if (std::ranges::find(paths, path) == paths.end()) paths.push_back(path);
        }
    }
    Diagnostics checked_before;
    auto out = FieldSet::of(rows.empty() ? pivot::Kind::declaration : rows.front()->fields.kind(), paths, checked_before);
    return out ? *std::move(out) : FieldSet();
}

}  // namespace hansa::disclosure
