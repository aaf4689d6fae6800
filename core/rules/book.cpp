#include "core/rules/book.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "core/base/file.h"
#include "core/base/nearest.h"
#include "core/pivot/text.h"
#include "core/plugin/tables.h"
#include "core/rules/check.h"
#include "core/rules/codes.h"

namespace hansa::rules {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view ending = ".pivot";
constexpr std::size_t example_bytes_max = 1'000'000;

class Examples {
public:
    Examples(const fs::path& folder, const RuleTable& table, ExampleResult& out) : folder_(folder), out_(out) {
        for (const Rule& rule : table.rules) all_.push_back(&rule);
    }

    void run(const Rule& rule) {
        const std::string broken = rule.severity == Severity::refuse ? "refused" : "warned";
        try_one(rule, "accepted", Outcome::holds);
        try_one(rule, broken, Outcome::broken);
    }

private:
    void fault(const fs::path& file, std::string detail) { out_.faults.push_back({codes::example, std::move(detail), Place{.file = file.string()}}); }

    void try_one(const Rule& rule, const std::string& how, Outcome wanted) {
        const fs::path file = folder_ / fmt::format("{}.{}{}", rule.id, how, ending);
        const auto text = read_file(file, example_bytes_max);
        if (!text) return fault(file, fmt::format("rule {} has no example that is {}", rule.id, how));
        const auto documents = pivot::read_text(*text, file.string());
        if (!documents) return out_.faults.push_back(documents.error().in_file(file.string()));
        if (documents->size() != (rule.before.empty() ? 1U : 2U)) return fault(file, rule.before.empty() ? "an example is one document" : "an example is the document before, and the one that is asked");
        Diagnostics wrong;
        for (const pivot::Document& document : *documents) {
            if (!pivot::check(document, wrong)) return out_.faults.push_back(wrong.errors().front().in_file(file.string()));
        }
        judge(rule, file, *documents, wanted);
    }

    /// The last one is asked; of two the first came before it.
    void judge(const Rule& rule, const fs::path& file, const std::vector<pivot::Document>& documents, Outcome wanted) {
        const pivot::Document& document = documents.back();
        CheckOptions options;
        options.before = [&](const Rule& asked) -> const pivot::Document* {
            const bool same = documents.size() == 2 && !keys_of(asked, document).empty() && keys_of(asked, document) == keys_of(asked, documents.front());
            return same ? &documents.front() : nullptr;
        };
        options.verdicts = true;
        options.format = rule.formats.empty() ? std::string_view() : std::string_view(rule.formats.front());
        const Checked found = check(document, all_, options);
        const std::size_t before = out_.faults.size();
        for (const Verdict& verdict : found.verdicts) {
            if (verdict.rule == &rule && verdict.outcome != wanted)
                fault(file, fmt::format("rule {} {}", rule.id, wanted == Outcome::holds ? "is not asked, or does not hold" : "is not broken"));
            if (verdict.rule != &rule && verdict.rule->id != rule.id && verdict.outcome == Outcome::broken && verdict.rule->severity == Severity::refuse)
                fault(file, fmt::format("rule {} refuses it, too", verdict.rule->id));
        }
        if (out_.faults.size() == before) ++out_.passed;
    }

    const fs::path& folder_;
    ExampleResult& out_;
    std::vector<const Rule*> all_;
};

/// What `elsewhere` names must be there; the suites of those tables run it.
void check_elsewhere(const fs::path& folder, const RuleTable& table, ExampleResult& out) {
    for (const Elsewhere& other : table.elsewhere) {
        for (const std::string& example : other.examples) {
            if (!fs::exists(folder / example)) out.faults.push_back({codes::example, fmt::format("{}: '{}' is not there", other.id, example), other.place});
        }
    }
}

/// Files that no rule asks for would never be tried.
void check_files(const fs::path& folder, const std::set<std::string>& known, ExampleResult& out) {
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(folder, none)) {
        if (known.contains(entry.path().filename().string())) continue;
        out.faults.push_back({codes::example, "no rule of this plugin has this example", Place{.file = entry.path().string()}});
    }
}

/// Tables of a plugin that are called like it; others are faults.
template <class Table>
void take_own(std::vector<Table> found, const std::string& plugin, std::vector<Table>& all, Diagnostics& faults) {
    for (Table& table : found) {
        if (table.set == plugin) {
            all.push_back(std::move(table));
        } else {
            faults.add(codes::syntax, fmt::format("a plugin's tables are called like it: '{}', not '{}'", plugin, table.set), Place{.file = table.file, .line = 1});
        }
    }
}

}  // namespace

std::vector<RuleTable> load_tables(const plugin::Tables& tables, Diagnostics& faults) {
    std::vector<RuleTable> out;
    for (const std::string& name : tables.names("rules", ".rules")) {
        const auto text = tables.read(name);
        if (!text) {
            faults.add(text.error());
            continue;
        }
        if (auto table = parse_rules(*text, tables.called(name), faults)) out.push_back(*std::move(table));
    }
    return out;
}

std::shared_ptr<const RuleBook> RuleBook::load(const plugin::Registry& registry, Diagnostics& faults) {
    std::vector<RuleTable> rules;
    std::vector<TaxTable> taxes;
    std::vector<ModeTable> modes;
    for (const plugin::PluginInfo& info : registry.plugins()) {
        const auto tables = registry.tables(info.name);
        if (!tables) continue;
        take_own(load_tables(*tables, faults), info.name, rules, faults);
        take_own(load_tax_tables(*tables, faults), info.name, taxes, faults);
        take_own(load_mode_tables(*tables, faults), info.name, modes, faults);
    }
    return std::make_shared<const RuleBook>(std::move(rules), std::move(taxes), std::move(modes));
}

std::vector<std::string> RuleBook::sets_for(std::string_view plugin) const {
    std::vector<std::string> out;
    for (const RuleTable& table : tables_) {
        const bool serves = table.set == plugin || std::ranges::find(table.serves, plugin) != table.serves.end();
        if (serves && std::ranges::find(out, table.set) == out.end()) out.push_back(table.set);
    }
    return out;
}

Result<std::vector<const Rule*>> RuleBook::rules_of(std::span<const std::string> sets) const {
    std::vector<const Rule*> out;
    for (const std::string& set : sets) {
        bool known = false;
        for (const RuleTable& table : tables_) {
            if (table.set != set) continue;
            known = true;
            for (const Rule& rule : table.rules) out.push_back(&rule);
        }
        if (known) continue;
        std::vector<std::string_view> names;
        for (const RuleTable& table : tables_) names.push_back(table.set);
        return Error{codes::set_unknown, fmt::format("'{}'{}", set, did_you_mean(set, names))};
    }
    return out;
}

std::vector<const Rule*> RuleBook::all() const {
    std::vector<const Rule*> out;
    for (const RuleTable& table : tables_) {
        for (const Rule& rule : table.rules) out.push_back(&rule);
    }
    return out;
}

ExampleResult run_examples(const fs::path& folder) {
    ExampleResult out;
    Diagnostics faults;
    const auto opened = plugin::open_folder(folder, folder);
    if (!opened) {
        out.faults.push_back(opened.error());
        return out;
    }
    const fs::path examples = folder / "rules" / "examples";
    std::set<std::string> known;
    for (const RuleTable& table : load_tables(**opened, faults)) {
        Examples runner(examples, table, out);
        check_elsewhere(folder, table, out);
        for (const Rule& rule : table.rules) {
            runner.run(rule);
            for (const std::string_view how : {"accepted", rule.severity == Severity::refuse ? "refused" : "warned"})
                known.insert(fmt::format("{}.{}{}", rule.id, how, ending));
        }
    }
    out.faults.insert(out.faults.end(), faults.errors().begin(), faults.errors().end());
    check_files(examples, known, out);
    return out;
}

}  // namespace hansa::rules
