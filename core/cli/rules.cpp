// hansa check, hansa rules.
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>

#include "core/base/time.h"
#include "core/cli/codes.h"
#include "core/cli/command.h"
#include "core/cli/document_reading.h"
#include "core/rules/book.h"
#include "core/rules/check.h"
#include "core/rules/page.h"

namespace hansa::cli {
namespace {

using Json = nlohmann::ordered_json;

struct CheckOptions {
    std::vector<std::string> files, sets;
    std::string format, day;
    bool json = false, lines = false, all = false, together = false;
};

Json finding_json(const rules::Finding& finding) {
    const Error error = finding.error();
    return {{"rule", finding.rule->id},
            {"severity", rules::severity_name(finding.rule->severity)},
            {"code", error.code.name()},
            {"path", finding.path},
            {"value", finding.value},
            {"expected", finding.expected},
            {"clause", finding.clause},
            {"text", finding.rule->text},
            {"source", finding.rule->source},
            {"fails", finding.rule->fails},
            {"element", finding.source.path},
            {"line", finding.source.line},
            {"column", finding.source.column}};
}

std::string_view outcome_name(rules::Outcome outcome) {
    switch (outcome) {
        case rules::Outcome::not_applicable: return "not asked";
        case rules::Outcome::undecided: return "undecided";
        case rules::Outcome::holds: return "holds";
        default: return "broken";
    }
}

void print_finding(const rules::Finding& finding, const std::string& file) {
    std::string shown = finding.value.empty() ? "" : fmt::format(" is '{}'", finding.value);
    if (!finding.expected.empty()) shown += fmt::format(", not '{}'", finding.expected);
    const Place place{.file = file, .line = finding.source.line, .column = finding.source.column, .path = {}};
    const Error error{finding.error().code, fmt::format("{}: {} ({}{})", finding.rule->id, finding.rule->text, finding.path, shown), place};
    std::cout << error.text() << '\n';
    std::cout << fmt::format("    rule:    {}\n    source:  {}\n", finding.clause, finding.rule->source);
    if (!finding.source.path.empty()) std::cout << fmt::format("    element: {}\n", finding.source.path);
    if (!finding.rule->fails.empty()) std::cout << fmt::format("    answer:  {}\n", finding.rule->fails);
}

/// Files of the folders among the names, in order; other names as they are.
std::vector<std::string> files_of(const std::vector<std::string>& names) {
    std::vector<std::string> out;
    for (const std::string& name : names) {
        std::error_code none;
        if (!std::filesystem::is_directory(name, none)) {
            out.push_back(name);
            continue;
        }
        std::vector<std::string> inside;
        for (const auto& entry : std::filesystem::directory_iterator(name, none)) {
            if (entry.is_regular_file(none)) inside.push_back(entry.path().string());
        }
        std::ranges::sort(inside);
        out.insert(out.end(), inside.begin(), inside.end());
    }
    return out;
}

/// For rules of history: of the documents that were named before, of the same format, the last one with the same keys.
const pivot::Document* before(const rules::Rule& rule, const pivot::Document& document, const ReadDocument& read, const std::vector<ReadDocument>& kept) {
    const auto keys = rules::keys_of(rule, document);
    if (keys.empty()) return nullptr;
    for (auto one = kept.rbegin(); one != kept.rend(); ++one) {
        if (one->format != read.format) continue;
        const auto& documents = one->reading.documents;
        const auto found = std::find_if(documents.rbegin(), documents.rend(), [&](const pivot::Document& other) { return rules::keys_of(rule, other) == keys; });
        if (found != documents.rend()) return &*found;
    }
    return nullptr;
}

int check_document(Surroundings& with, const CheckOptions& options, const rules::RuleBook& book, const ReadDocument& read, const std::vector<ReadDocument>& kept, Json& all) {
    const auto chosen = book.rules_of(options.sets.empty() ? book.sets_for(read.format->plugin) : options.sets);
    if (!chosen) return fail(with, chosen.error());
    const std::string today = format_iso(now_utc());
    int code = all_well;
    for (std::size_t i = 0; i < read.reading.documents.size(); ++i) {
        rules::CheckOptions how;
        how.format = read.format->id;
        how.base = read.format->base;
        how.day = options.day.empty() ? rules::day_of(today) : std::string_view(options.day);
        how.verdicts = options.all;
        how.before = [&](const rules::Rule& rule) { return before(rule, read.reading.documents[i], read, kept); };
        rules::Checked found = rules::check(read.reading.documents[i], *chosen, how);
        rules::place_findings(found.findings, read.reading.leaves[i]);
        if (found.refused()) code = answer_is_no;
        const std::string shown = read.reading.documents.size() == 1 ? read.name : fmt::format("{}!{}", read.name, i + 1);
        if (options.json || options.lines) {
            Json out = {{"file", read.name}, {"document", i + 1}, {"format", read.format->id}, {"refused", found.refused()}, {"findings", Json::array()}};
            for (const rules::Finding& finding : found.findings) out["findings"].push_back(finding_json(finding));
            if (options.all) {
                for (const rules::Verdict& verdict : found.verdicts) out["rules"][verdict.rule->id] = outcome_name(verdict.outcome);
            }
            if (options.lines) std::cout << out.dump() << '\n';
            else all.push_back(std::move(out));
            continue;
        }
        for (const rules::Finding& finding : found.findings) print_finding(finding, shown);
        for (const rules::Verdict& verdict : found.verdicts) std::cout << fmt::format("{}: {}\n", verdict.rule->id, outcome_name(verdict.outcome));
        if (found.findings.empty()) std::cout << fmt::format("{}: keeps the {} rules that were asked\n", shown, chosen->size());
    }
    return code;
}

/// Documents that a mode of trade needs: named in the declaration, and with --together among the files.
int check_modes(const CheckOptions& options, const rules::RuleBook& book, const std::vector<ReadDocument>& read, Json& all) {
    std::vector<rules::SetMember> set;
    std::vector<const ReadDocument*> from;
    for (const ReadDocument& one : read) {
        for (const pivot::Document& document : one.reading.documents) {
            set.push_back({&document, one.format->id, one.format->base});
            from.push_back(&one);
        }
    }
    const std::string today = format_iso(now_utc());
    int code = all_well;
    for (const rules::ModeTable& table : book.modes()) {
        const rules::ModeOptions how{options.day.empty() ? rules::day_of(today) : std::string_view(options.day), options.together};
        for (const rules::MissingDocument& missing : rules::find_missing(set, {&table, 1}, how)) {
            const ReadDocument& needs = *from[missing.document];
            const auto sets = options.sets.empty() ? std::vector<std::string>{needs.format->plugin} : options.sets;
            if (std::ranges::find(sets, table.set) == sets.end()) continue;
            const Error error = missing.error();
            if (missing.mode->severity == rules::Severity::refuse) code = answer_is_no;
            Json out = {{"file", needs.name}, {"mode", missing.mode->id}, {"severity", rules::severity_name(missing.mode->severity)}, {"code", error.code.name()},
                        {"missing", missing.need->name}, {"kind", pivot::kind_name(missing.need->kind)}, {"reference", missing.reference}, {"path", missing.need->key.text}, {"source", missing.mode->source}};
            if (options.lines) std::cout << out.dump() << '\n';
            else if (options.json) all.push_back(std::move(out));
            else std::cout << fmt::format("{}{}\n    source:  {}\n", error.in_file(needs.name).text(), missing.reference.empty() ? "" : fmt::format(" = {}", missing.reference), missing.mode->source);
        }
    }
    return code;
}

int check_files(Surroundings& with, const CheckOptions& options) {
    Diagnostics faults;
    const auto book = rules::RuleBook::load(with.registry(), faults);
    if (!faults.empty()) {
        print_faults(with, faults, {});
        return answer_is_no;
    }
    if (!options.day.empty() && (options.day.size() != 10 || !parse_time(options.day, "yyyy-MM-dd")))
        return fail(with, Error{codes::usage, fmt::format("--date takes a day such as 2026-07-01, not '{}'", options.day)});
    Json all = Json::array();
    int code = all_well;
    std::vector<ReadDocument> kept;
    for (const std::string& file : files_of(options.files)) {
        auto read = read_documents(with, file, options.format, code);
        for (ReadDocument& document : read) {
            code = std::max(code, check_document(with, options, *book, document, kept, all));
            kept.push_back(std::move(document));
        }
    }
    code = std::max(code, check_modes(options, *book, kept, all));
    if (options.json) std::cout << all.dump(2) << '\n';
    return code;
}

int list_rules(Surroundings& with, const std::vector<std::string>& sets, bool markdown, bool json) {
    Diagnostics faults;
    const auto book = rules::RuleBook::load(with.registry(), faults);
    print_faults(with, faults, {});
    if (const auto known = book->rules_of(sets); !known) return fail(with, known.error());
    if (markdown) return output({}, rules::markdown(*book, sets));
    return output({}, json ? rules::json(*book, sets) : rules::list(*book, sets)) == all_well && faults.empty() ? int{all_well} : int{answer_is_no};
}

}  // namespace

void add_check(CLI::App& app, Surroundings& with, Chosen& chosen) {
    auto* command = app.add_subcommand("check", "Ask the numbered rules of an authority of a document: what is broken, where, and by which law");
    auto options = std::make_shared<CheckOptions>();
    command->add_option("FILE", options->files, "Files, or folders of files; - is standard input. Rules of history take what was named before for what came before")->required();
    command->add_option("--format", options->format, "Take the file for this format instead of detecting it");
    command->add_flag("--together", options->together, "The files are all that there is: documents that a mode of trade needs must be among them");
    command->add_option("--rules", options->sets, "Sets of rules (default: the one of the format's own plugin); `hansa rules` lists them");
    command->add_option("--date", options->day, "The day by which a document is judged that has no date of its own (default: today)");
    command->add_flag("--all", options->all, "What became of every rule, too");
    command->add_flag("--json", options->json, "One JSON document");
    command->add_flag("--jsonl", options->lines, "One JSON line a document");
    command->footer("Exit code 1 when a rule refuses a document; warnings alone are exit code 0.\nExamples: hansa check list.xml\n          hansa check --together folder/");
    command->callback([&with, &chosen, options] { chosen.run = [&with, options] { return check_files(with, *options); }; });
}

void add_rules(CLI::App& app, Surroundings& with, Chosen& chosen) {
    auto* command = app.add_subcommand("rules", "The numbered rules that are loaded, with dates, severity and source");
    auto sets = std::make_shared<std::vector<std::string>>();
    auto markdown = std::make_shared<bool>(false), json = std::make_shared<bool>(false);
    command->add_option("SET", *sets, "Only these sets");
    command->add_flag("--markdown", *markdown, "The page docs/rules.md");
    command->add_flag("--json", *json, "One JSON document");
    command->footer("Example: hansa rules cn");
    command->callback([&with, &chosen, sets, markdown, json] { chosen.run = [&with, sets, markdown, json] { return list_rules(with, *sets, *markdown, *json); }; });
}

}  // namespace hansa::cli
