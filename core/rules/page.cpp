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

Json rule_json(const Rule& rule) {
    Json out = {{"id", rule.id}, {"text", rule.text}, {"over", pivot::kind_name(rule.kind)}, {"formats", rule.formats}, {"from", rule.days.from}, {"to", rule.days.to},
                {"severity", severity_name(rule.severity)}, {"source", rule.source}, {"fails", rule.fails}, {"note", rule.note}};
    out["each"] = rule.each ? rule.each->text : "";
    out["when"] = Json::array();
    for (const Clause& clause : rule.when) out["when"].push_back(clause.text);
    out["check"] = Json::array();
    for (const Clause& clause : rule.checks) out["check"].push_back(clause.text);
    return out;
}

}  // namespace

std::string markdown(const RuleBook& book, std::span<const std::string> sets) {
    std::string out =
        "# Rules\n\nMade by `hansa rules --markdown` from plugins/*/rules/*.rules. A row that *refuses* stops a document; one that *warns* says so and lets it "
        "go on: whatever our sources do not settle warns. Each row has two examples that `hansa plugin check` and the suite `rules` run. Rules that no row "
        "can state, because they need several documents, a history or a signature, are listed with the place where they live, or will.\n";
    for (const RuleTable* table : chosen(book, sets)) {
        out += fmt::format("\n## {}: {}\n\n| id | says | over | test | severity | days | source | examples |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n", table->set, table->title);
        for (const Rule& rule : table->rules) out += row(*table, rule);
        if (table->elsewhere.empty()) continue;
        out += "\nNot a row:\n\n| id | says | where |\n| --- | --- | --- |\n";
        for (const Elsewhere& other : table->elsewhere) out += fmt::format("| `{}` | {} | {} |\n", other.id, cell(other.text), cell(other.where));
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
