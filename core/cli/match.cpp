// hansa match: documents that belong together, joined and compared.
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>

#include "core/base/ids.h"
#include "core/base/time.h"
#include "core/cli/codes.h"
#include "core/cli/command.h"
#include "core/cli/document_reading.h"
#include "core/matching/book.h"
#include "core/matching/codes.h"
#include "core/matching/matcher.h"

namespace hansa::cli {
namespace {

using Json = nlohmann::ordered_json;
using matching::MatchTable;
using matching::Number;

struct MatchOptions {
    std::vector<std::string> files;
    std::string table;
    bool list = false, json = false;
};

/// A store for this run only.
class Scratch {
public:
    Scratch() : folder_(std::filesystem::temp_directory_path() / ("hansa-match-" + message_id())) { std::filesystem::create_directory(folder_); }
    ~Scratch() {
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    std::filesystem::path store() const { return folder_ / "matching.db"; }

private:
    std::filesystem::path folder_;
};

struct Entry {
    std::string name;  ///< FILE, or FILE!2
    std::string format;
    pivot::Document document;
};

std::vector<Entry> entries_of(Surroundings& with, const MatchOptions& options, int& code) {
    std::vector<Entry> out;
    for (const std::string& file : options.files) {
        const auto read = read_documents(with, file, {}, code);
        for (const ReadDocument& one : read) {
            const auto& documents = one.reading.documents;
            for (std::size_t i = 0; i < documents.size(); ++i)
                out.push_back({documents.size() == 1 ? one.name : fmt::format("{}!{}", one.name, i + 1), one.format->id, documents[i]});
        }
    }
    return out;
}

/// The table that is asked for, or the one that knows all of the documents best.
Result<const MatchTable*> table_for(const matching::MatchBook& book, const MatchOptions& options, const std::vector<Entry>& entries) {
    if (!options.table.empty()) return book.find(options.table);
    const MatchTable* best = nullptr;
    std::ptrdiff_t known = 0;
    for (const MatchTable& table : book.tables()) {
        const auto count = std::ranges::count_if(entries, [&](const Entry& entry) { return table.part_of(entry.document, entry.format).has_value(); });
        if (count > known) best = &table, known = count;
    }
    if (best == nullptr) return Error{matching::codes::table_unknown, "none speaks of these documents; --table NAME chooses one"};
    return best;
}

class Report {
public:
    Report(const MatchTable& table, const std::vector<Entry>& entries, bool json) : table_(table), entries_(entries), json_(json) {}

    void outcome(const Entry& entry, const matching::Outcome& outcome) {
        if (outcome.refusal) return refused(entry.name, *outcome.refusal);
        if (outcome.standing == matching::Standing::foreign) words(entry.name, fmt::format("{} has no part for {}", table_.id, entry.format));
        for (const matching::Verdict& verdict : outcome.verdicts) judged(verdict);
    }

    void expired(const matching::Expired& late) {
        no_ = true;
        if (!json_) std::cout << fmt::format("{}: {}\n", name_of(late.lead), late.error(table_).text());
        Json out = {{"lead", name_of(late.lead)}, {"verdict", "incomplete"}, {"missing", Json::array()}};
        for (const std::size_t part : late.missing) out["missing"].push_back(table_.parts[part].name);
        all_.push_back(std::move(out));
    }

    int end() const {
        if (json_) std::cout << Json{{"table", table_.id}, {"leads", all_}}.dump(2) << '\n';
        return no_ ? answer_is_no : all_well;
    }

private:
    const std::string& name_of(Number number) const { return entries_[number].name; }

    void words(const std::string& name, const std::string& text) const {
        if (!json_) std::cout << fmt::format("{}: {}\n", name, text);
    }

    void refused(const std::string& name, const Error& error) {
        no_ = true;
        words(name, error.text());
        all_.push_back({{"document", name}, {"verdict", "refused"}, {"code", error.code.name()}, {"detail", error.detail}});
    }

    void judged(const matching::Verdict& verdict) {
        no_ = no_ || verdict.refused();
        const std::string word = verdict.refused() ? "refused" : verdict.findings.empty() ? "matched" : "matched, with warnings";
        words(name_of(verdict.lead), word);
        Json out = {{"lead", name_of(verdict.lead)}, {"verdict", verdict.refused() ? "refused" : "matched"}, {"parts", Json::object()}, {"findings", Json::array()}};
        for (std::size_t i = 0; i < verdict.parts.size(); ++i) {
            // Of several the last part has more than one.
            Json& named = out["parts"][table_.parts[std::min(i + 1, table_.parts.size() - 1)].name];
            named = named.is_null() ? name_of(verdict.parts[i]) : fmt::format("{}, {}", named.get<std::string>(), name_of(verdict.parts[i]));
        }
        for (const std::size_t part : verdict.taken) out["taken"].push_back(table_.parts[part].name);
        for (const matching::Finding& finding : verdict.findings) {
            print(verdict, finding);
            out["findings"].push_back({{"rule", finding.agreement->id},
                                       {"severity", rules::severity_name(finding.agreement->severity)},
                                       {"code", finding.error(table_).code.name()},
                                       {"text", finding.agreement->text},
                                       {"source", finding.agreement->source},
                                       {"fails", finding.agreement->fails},
                                       {table_.parts[finding.agreement->first].name, {{"path", finding.first_path}, {"value", finding.first_value}}},
                                       {table_.parts[finding.agreement->second].name, {{"path", finding.second_path}, {"value", finding.second_value}}}});
        }
        all_.push_back(std::move(out));
    }

    void print(const matching::Verdict& verdict, const matching::Finding& finding) const {
        if (json_) return;
        const matching::Agreement& agreement = *finding.agreement;
        std::cout << fmt::format("    {} {}: {}\n", agreement.id, agreement.severity == rules::Severity::refuse ? "refuses" : "warns", agreement.text);
        const auto row = [&](std::size_t part) { return part + (part + 1 == table_.parts.size() ? finding.which : 0); };
        print_side(verdict, row(agreement.first), finding.first_path, finding.first_value);
        print_side(verdict, row(agreement.second), finding.second_path, finding.second_value);
        std::cout << fmt::format("        source: {}\n", agreement.source);
    }

    /// `part` goes on behind the table's last one, where there are several of it.
    void print_side(const matching::Verdict& verdict, std::size_t part, const std::string& path, const std::string& value) const {
        const Number number = part == 0 ? verdict.lead : verdict.parts[part - 1];
        std::cout << fmt::format("        {} ({}): {} is {}\n", table_.parts[std::min(part, table_.parts.size() - 1)].name, name_of(number), path, value.empty() ? "not there" : "'" + value + "'");
    }

    const MatchTable& table_;
    const std::vector<Entry>& entries_;
    bool json_, no_ = false;
    Json all_ = Json::array();
};

int match_files(Surroundings& with, const MatchOptions& options, const matching::MatchBook& book) {
    int code = all_well;
    const std::vector<Entry> entries = entries_of(with, options, code);
    if (entries.empty()) return code;
    const auto table = table_for(book, options, entries);
    if (!table) return fail(with, table.error());
    const Scratch scratch;
    matching::Matcher::Options how;
    how.documents = [&](Number number) -> Result<pivot::Document> { return entries[number].document; };
    const auto matcher = matching::Matcher::open(scratch.store(), **table, std::move(how));
    if (!matcher) return fail(with, matcher.error());
    std::vector<matching::Arrival> arrivals;
    for (std::size_t i = 0; i < entries.size(); ++i) arrivals.push_back({i, entries[i].format, &entries[i].document, 0});
    const auto outcomes = (*matcher)->arrive(arrivals);
    if (!outcomes) return fail(with, outcomes.error());
    Report report(**table, entries, options.json);
    for (std::size_t i = 0; i < entries.size(); ++i) report.outcome(entries[i], (*outcomes)[i]);
    // Nothing more comes: who waits now waits in vain.
    const auto late = (*matcher)->expire(std::numeric_limits<std::int64_t>::max(), entries.size());
    if (!late) return fail(with, late.error());
    for (const matching::Expired& one : *late) report.expired(one);
    return std::max(code, report.end());
}

int list_tables(const matching::MatchBook& book, bool json) {
    Json all = Json::array();
    for (const MatchTable& table : book.tables()) {
        std::string parts;
        Json names = Json::array();
        for (const matching::Part& part : table.parts) {
            parts += (parts.empty() ? "" : ", ") + part.name;
            names.push_back(part.name);
        }
        Json rules = Json::array();
        for (const matching::Agreement& agreement : table.agreements) rules.push_back(agreement.id);
        all.push_back({{"table", table.id}, {"text", table.text}, {"source", table.source}, {"parts", names}, {"rules", rules}});
        if (!json) std::cout << fmt::format("{}: {} ({})\n", table.id, table.text, parts);
    }
    if (json) std::cout << all.dump(2) << '\n';
    return all_well;
}

int run_match(Surroundings& with, const MatchOptions& options) {
    Diagnostics faults;
    const auto book = matching::MatchBook::load(with.registry(), faults);
    print_faults(with, faults, {});
    if (!faults.empty()) return answer_is_no;
    if (options.list) return list_tables(*book, options.json);
    if (options.files.empty()) return fail(with, Error{codes::usage, "files are needed, or --list"});
    return match_files(with, options, *book);
}

}  // namespace

void add_match(CLI::App& app, Surroundings& with, Chosen& chosen) {
    auto* command = app.add_subcommand("match", "Join documents that belong together, and say what they do not agree on");
    auto options = std::make_shared<MatchOptions>();
    command->add_option("FILE", options->files, "Declarations, orders, payments, waybills in any order; - is standard input");
    command->add_option("--table", options->table, "The table of the authority (default: the one that knows most of the documents)");
    command->add_flag("--list", options->list, "The tables that are loaded");
    command->add_flag("--json", options->json, "One JSON document");
    command->footer("Exit code 1 when a document is refused or incomplete; warnings alone are exit code 0.\n"
                    "Example: hansa match list.xml order.xml payment.xml waybill.xml");
    command->callback([&with, &chosen, options] { chosen.run = [&with, options] { return run_match(with, *options); }; });
}

}  // namespace hansa::cli
