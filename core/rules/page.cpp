#include "core/rules/page.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace hansa::rules {
namespace {

using Json = nlohmann::ordered_json;

std::vector<const RuleTable*> chosen(const RuleBook& book, std::span<const std::string> sets) {
    std::vector<const RuleTable*> out;
    for (const RuleTable& table : book.tables()) {
        if (sets.empty() || std::ranges::find(sets, table.set) != sets.end()) out.push_back(&table);
    }
    return out;
}

/// In a cell of a table.
std::string cell(std::string_view text) {
    std::string out;
    for (const char sign : text) {
        if (sign == '|') out += '\\';
        out += sign;
    }
    return out;
}

std::string over(const Rule& rule) {
    std::string out(pivot::kind_name(rule.kind));
    for (const std::string& format : rule.formats) out += " " + format;
    return out;
}

std::string clauses(const Rule& rule) {
    std::string out = rule.each ? fmt::format("each `{}`<br>", cell(rule.each->text)) : "";
    for (const Formula& key : rule.before) out += fmt::format("before, by `{}`<br>", cell(key.text));
    for (const Clause& clause : rule.when) out += fmt::format("when `{}`<br>", cell(clause.text));
    for (const Clause& clause : rule.checks) out += fmt::format("`{}`<br>", cell(clause.text));
    out.resize(out.size() - 4);
    return out;
}

std::string row(const RuleTable& table, const Rule& rule) {
    const std::string_view broken = rule.severity == Severity::refuse ? "refused" : "warned";
    const std::string examples = fmt::format("../plugins/{}/rules/examples/{}", table.set, rule.id);
    std::string says = cell(rule.text);
    if (!rule.note.empty()) says += fmt::format("<br>*{}*", cell(rule.note));
    return fmt::format("| `{}` | {} | {} | {} | {} | {} | {} | [accepted]({}.accepted.pivot), [{}]({}.{}.pivot) |\n", rule.id, says, over(rule), clauses(rule),
                       severity_name(rule.severity), rule.days.text(), cell(rule.source) + (rule.fails.empty() ? "" : fmt::format("; answered {}", cell(rule.fails))),
                       examples, broken, examples, broken);
}

std::string links(const RuleTable& table, const Elsewhere& other) {
    if (other.examples.empty()) return "";
    return fmt::format("[accepted](../plugins/{0}/{1}), [refused](../plugins/{0}/{2})", table.set, other.examples[0], other.examples[1]);
}

Json rule_json(const Rule& rule) {
    Json out = {{"id", rule.id}, {"text", rule.text}, {"over", pivot::kind_name(rule.kind)}, {"formats", rule.formats}, {"from", rule.days.from}, {"to", rule.days.to},
                {"severity", severity_name(rule.severity)}, {"source", rule.source}, {"fails", rule.fails}, {"note", rule.note}};
    out["each"] = rule.each ? rule.each->text : "";
    out["before"] = Json::array();
    for (const Formula& key : rule.before) out["before"].push_back(key.text);
    out["when"] = Json::array();
    for (const Clause& clause : rule.when) out["when"].push_back(clause.text);
    out["check"] = Json::array();
    for (const Clause& clause : rule.checks) out["check"].push_back(clause.text);
    return out;
}

std::string formula(const std::optional<Formula>& formula, std::string_view before) {
    return formula ? fmt::format("{} `{}`<br>", before, cell(formula->text)) : "";
}

void add_taxes(const TaxTable& table, std::string& out) {
    out += fmt::format("\n## Taxes, {}: {}\n\n| id | says | days | computed | rounding | source |\n| --- | --- | --- | --- | --- | --- |\n", table.set, table.title);
    for (const Given& given : table.given) out += fmt::format("| `{}` | {} | always | said by the caller | - | - |\n", given.id, cell(given.text));
    for (const RateRow& rate : table.rates) {
        std::string goods;
        for (const std::string& begin : rate.begins) goods += (goods.empty() ? "HS " : ", ") + begin;
        out += fmt::format("| `{}` | {}{}{} | {} | {} | - | {} |\n", rate.id, cell(rate.text), goods.empty() ? "" : fmt::format(" ({})", goods), rate.assumed ? "; assumed unless the caller says another" : "",
                           rate.days.text(), rate.value.canonical(), cell(rate.source));
    }
    for (const TaxRow& row : table.rows) {
        std::string how = row.each ? fmt::format("each `{}`<br>", cell(row.each->text)) : "";
        for (const Clause& clause : row.when) how += fmt::format("when `{}`<br>", cell(clause.text));
        how += formula(row.base, "base") + formula(row.rate, "per cent") + formula(row.amount, "amount");
        how += row.form == TaxForm::limit ? fmt::format("at most {} {}", row.most.canonical(), row.currency) : "in " + row.currency;
        const std::string says = cell(row.text) + (row.note.empty() ? "" : fmt::format("<br>*{}*", cell(row.note)));
        out += fmt::format("| `{}` | {} | {} | {} | {} | {} |\n", row.id, says, row.days.text(), how, row.form == TaxForm::tax ? rounding_text(row) : "-", cell(row.source));
    }
}

void add_modes(const ModeTable& table, std::string& out) {
    out += fmt::format("\n## Modes, {}: {}\n\n| id | says | when | needs | severity | days | source |\n| --- | --- | --- | --- | --- | --- | --- |\n", table.set, table.title);
    for (const Mode& mode : table.modes) {
        std::string when, needs;
        for (const Clause& clause : mode.when) when += fmt::format("`{}`<br>", cell(clause.text));
        for (const Need& need : mode.needs) needs += fmt::format("{} by `{}`<br>", cell(need.name), cell(need.key.text));
        out += fmt::format("| `{}` | {} | {} | {} | {} | {} | {} |\n", mode.id, cell(mode.text), when, needs, severity_name(mode.severity), mode.days.text(), cell(mode.source));
    }
}

bool asked(std::span<const std::string> sets, const std::string& set) {
    return sets.empty() || std::ranges::find(sets, set) != sets.end();
}

}  // namespace

std::string markdown(const RuleBook& book, std::span<const std::string> sets) {
    std::string out =
        "# Rules\n\nMade by `hansa rules --markdown` from plugins/*/rules/*.rules, modes/*.modes and taxes/*.taxes. A row that *refuses* stops a document; one that *warns* says so and lets it "
        "go on: whatever our sources do not settle warns. Each row has two examples that `hansa plugin check` and the suite `rules` run; of a rule of history (*before*) the document that came before stands first in them. Rules that no row "
        "can state, because they need several documents, an account or a signature, are listed with the place where they live, and with examples that are run there. Behind the rules stand the documents that each mode of trade needs, and limits and taxes, whose "
        "examples are published figures (plugins/*/taxes/examples).\n";
    for (const RuleTable* table : chosen(book, sets)) {
        out += fmt::format("\n## {}: {}\n\n| id | says | over | test | severity | days | source | examples |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n", table->set, table->title);
        for (const Rule& rule : table->rules) out += row(*table, rule);
        if (table->elsewhere.empty()) continue;
        out += "\nIn other tables:\n\n| id | says | where | examples |\n| --- | --- | --- | --- |\n";
        for (const Elsewhere& other : table->elsewhere) out += fmt::format("| `{}` | {} | {} | {} |\n", other.id, cell(other.text), cell(other.where), links(*table, other));
    }
    for (const ModeTable& table : book.modes()) {
        if (asked(sets, table.set)) add_modes(table, out);
    }
    for (const TaxTable& table : book.taxes()) {
        if (asked(sets, table.set)) add_taxes(table, out);
    }
    return out;
}

std::string list(const RuleBook& book, std::span<const std::string> sets) {
    std::string out;
    for (const RuleTable* table : chosen(book, sets)) {
        for (const Rule& rule : table->rules) out += fmt::format("{:<10} {:<7} {:<22} {:<24} {}\n", rule.id, severity_name(rule.severity), over(rule), rule.days.text(), rule.text);
        for (const Elsewhere& other : table->elsewhere) out += fmt::format("{:<10} {:<7} {} [{}]\n", other.id, "-", other.text, other.where);
    }
    return out;
}

std::string json(const RuleBook& book, std::span<const std::string> sets) {
    Json out = Json::array();
    for (const RuleTable* table : chosen(book, sets)) {
        Json rules = Json::array(), elsewhere = Json::array();
        for (const Rule& rule : table->rules) rules.push_back(rule_json(rule));
        for (const Elsewhere& other : table->elsewhere) elsewhere.push_back({{"id", other.id}, {"text", other.text}, {"where", other.where}});
        out.push_back({{"set", table->set}, {"title", table->title}, {"rules", rules}, {"elsewhere", elsewhere}});
    }
    return out.dump(2) + "\n";
}

}  // namespace hansa::rules
