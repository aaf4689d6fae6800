#include <fmt/format.h>

#include <array>

#include "core/base/nearest.h"
#include "core/rules/codes.h"
#include "core/rules/rule.h"
#include "core/rules/table_row.h"

namespace hansa::rules {
namespace {

using mapping::TextNode;

constexpr std::array<std::string_view, 13> row_words{"text", "over", "from", "to", "date", "severity", "source", "fails", "note", "each", "before", "when", "check"};

/// The row's kind is needed before its paths can be read.
std::optional<pivot::Kind> kind_of(RowReader& reader, const TextNode& node, Rule& rule) {
    for (const TextNode& line : node.children) {
        if (RowReader::keyword(line) == "over") return reader.over(line, rule.formats);
    }
    reader.fault(codes::syntax, "the row has no `over`: a kind of document", node);
    return std::nullopt;
}

const pivot::Field* scope_of(RowReader& reader, const TextNode& node, Rule& rule) {
    const pivot::Field& root = pivot::root(rule.kind);
    for (const TextNode& line : node.children) {
        if (RowReader::keyword(line) != "each") continue;
        auto place = reader.path(line, root);
        if (!place) return nullptr;
        if (!place->field->is_group()) {
            reader.fault(codes::syntax, "`each` names a class", line);
            return nullptr;
        }
        rule.each = *std::move(place);
        return rule.each->field;
    }
    return &root;
}

void read_line(RowReader& reader, const TextNode& line, const pivot::Field& scope, Rule& rule) {
    const std::string_view word = RowReader::keyword(line);
    if (word == "over" || word == "each") return;
    if (word == "text") rule.text = reader.quoted(line, 1)[0];
    else if (word == "source") rule.source = reader.quoted(line, 1)[0];
    else if (word == "fails") rule.fails = reader.quoted(line, 1)[0];
    else if (word == "note") rule.note = reader.quoted(line, 1)[0];
    else if (word == "from") rule.days.from = reader.day(line);
    else if (word == "to") rule.days.to = reader.day(line);
    else if (word == "date") rule.date = reader.path(line, pivot::root(rule.kind));
    else if (word == "severity") rule.severity = reader.severity(line);
    else if (word == "before") {
        if (auto key = reader.formula(line, scope)) rule.before.push_back(*std::move(key));
    } else if (word == "when" || word == "check") {
        if (auto clause = reader.clause(line, scope)) (word == "when" ? rule.when : rule.checks).push_back(*std::move(clause));
    } else {
        reader.fault(codes::syntax, fmt::format("no line of a rule is called '{}'{}", word, did_you_mean(word, row_words)), line);
    }
    if (!line.children.empty()) reader.fault(codes::syntax, "nothing stands inside of this line", line.children.front());
}

std::optional<Rule> read_rule(RowReader& reader, const TextNode& node) {
    Rule rule;
    rule.place = reader.place(node);
    const auto words = reader.words(node);
    if (words.size() != 1) {
        reader.fault(codes::syntax, "a rule has one id: rule cn.1", node);
        return std::nullopt;
    }
    rule.id = words[0];
    const auto kind = kind_of(reader, node, rule);
    if (!kind) return std::nullopt;
    rule.kind = *kind;
    const pivot::Field* scope = scope_of(reader, node, rule);
    if (scope == nullptr) return std::nullopt;
    bool severe = false;
    for (const TextNode& line : node.children) {
        severe = severe || RowReader::keyword(line) == "severity";
        read_line(reader, line, *scope, rule);
    }
    if (!severe) reader.fault(codes::severity_unknown, "the row has no `severity`", node);
    if (rule.source.empty()) reader.fault(codes::source_missing, fmt::format("'{}'", rule.id), node);
    if (rule.text.empty()) reader.fault(codes::syntax, "the row has no `text` for people", node);
    if (rule.checks.empty()) reader.fault(codes::syntax, "the row has no `check`", node);
    if (rule.each && !rule.before.empty()) reader.fault(codes::syntax, "a rule of history is asked of whole documents: no `each` beside `before`", node);
    reader.check_days(rule.days, node);
    return rule;
}

void read_elsewhere(RowReader& reader, const TextNode& node, RuleTable& table) {
    const auto words = reader.words(node);
    if (words.size() != 3 && words.size() != 5)
        return reader.fault(codes::syntax, "expected: elsewhere ID \"what it says\" \"where it lives\", and perhaps two examples", node);
    table.elsewhere.push_back({words[0], words[1], words[2], {words.begin() + 3, words.end()}, reader.place(node)});
}

}  // namespace

Result<RuleTable> parse_rules(std::string_view text, const std::string& file, Diagnostics& faults) {
    Diagnostics own;
    RuleTable table;
    table.file = file;
    const auto lines = mapping::parse_text(text, file, {}, own);
    RowReader reader(file, own);
    if (lines) {
        for (const TextNode& node : lines->children) {
            const std::string_view word = RowReader::keyword(node);
            if (word == "rules") {
                const auto words = reader.words(node);
                table.set = words.size() == 1 ? words[0] : "";
            } else if (word == "title") {
                table.title = reader.quoted(node, 1)[0];
            } else if (word == "serves") {
                table.serves = reader.words(node);
            } else if (word == "list") {
                reader.read_list(node);
            } else if (word == "order") {
                reader.read_order(node);
            } else if (word == "elsewhere") {
                read_elsewhere(reader, node, table);
            } else if (word != "rule") {
                reader.fault(codes::syntax, fmt::format("expected rules, title, serves, list, order, rule or elsewhere, found '{}'", word), node);
            } else if (auto rule = read_rule(reader, node)) {
                table.rules.push_back(*std::move(rule));
            }
        }
        if (table.set.empty()) own.add(codes::syntax, "the table's first line names its set: rules cn", Place{.file = file, .line = 1});
    }
    check_overlaps(table.rules, own, codes::dates_overlap);
    faults.append(own);
    if (!own.empty()) return own.errors().front();
    return table;
}

}  // namespace hansa::rules
