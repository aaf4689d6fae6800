// hansa plugin new, check, list.
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "core/balances/examples.h"
#include "core/cli/command.h"
#include "core/disclosure/regulator_table.h"
#include "core/plugin/check.h"
#include "core/plugin/scaffold.h"
#include "core/rules/book.h"

namespace hansa::cli {
namespace {

int list_plugins(Surroundings& with) {
    for (const plugin::PluginInfo& info : with.registry().plugins()) {
        std::cout << fmt::format("{:<12} {:<8} {:<34} {} formats, {}\n", info.name, info.version, info.authority_name, info.formats.size(), info.compiled ? "library" : "folder");
    }
    return all_well;
}

struct CheckOptions {
    std::string folder, schemas;
    std::uint32_t count = 200;
    std::uint64_t seed = 1;
    bool update = false, json = false;
};

void print_report(Surroundings& with, const plugin::CheckReport& report) {
    for (const Error& error : report.faults) fail(with, error);
    for (const plugin::FormatCheck& format : report.formats) {
        std::cout << fmt::format("{}: {} elements, {} mapped, {} carried, {} dropped; {} golden", format.id, format.elements, format.mapped, format.carried, format.dropped.size(), format.golden);
        for (const auto& [law, count] : format.laws) std::cout << fmt::format(", law {}: {}", law, count);
        std::cout << fmt::format("; {} failed\n", format.failed);
        for (const Error& error : format.faults) fail(with, error);
    }
}

/// The report with "rules": {"examples": N, "errors": [...]}, of rules, taxes and balances.
std::string with_examples(const plugin::CheckReport& report, const rules::ExampleResult& examples) {
    auto out = nlohmann::ordered_json::parse(report.json());
    auto errors = nlohmann::ordered_json::array();
    for (const Error& error : examples.faults) errors.push_back({{"code", error.code.name()}, {"message", error.text()}});
    out["rules"] = {{"examples", examples.passed}, {"errors", std::move(errors)}};
    return out.dump(2);
}

int check(Surroundings& with, const CheckOptions& options) {
    plugin::CheckOptions how;
    how.schema_folder = options.schemas.empty() ? with.installation().schemas : std::filesystem::path(options.schemas);
    how.documents = options.count;
    how.seed = options.seed;
    how.update = options.update;
    const plugin::CheckReport report = plugin::check_plugin(options.folder, how);
    rules::ExampleResult examples = rules::run_examples(options.folder);
    const rules::ExampleResult taxes = rules::run_tax_examples(options.folder);
    examples.passed += taxes.passed;
    examples.faults.insert(examples.faults.end(), taxes.faults.begin(), taxes.faults.end());
    Diagnostics tables;
    disclosure::load_regulators(std::filesystem::path(options.folder), tables);
    examples.faults.insert(examples.faults.end(), tables.errors().begin(), tables.errors().end());
    const balances::ExampleResult stories = balances::run_balance_examples(options.folder);
    examples.passed += stories.passed;
    examples.faults.insert(examples.faults.end(), stories.faults.begin(), stories.faults.end());
    if (options.json) {
        std::cout << with_examples(report, examples) << '\n';
    } else {
        print_report(with, report);
        if (examples.passed != 0) std::cout << fmt::format("{}: {} examples of rules, taxes and balances\n", report.plugin, examples.passed);
        for (const Error& error : examples.faults) fail(with, error);
    }
    return report.passed() && examples.faults.empty() ? all_well : answer_is_no;
}

struct NewOptions {
    std::string code, folder = "plugins", schemas = "schemas", base;
};

int make_new(Surroundings& with, const NewOptions& options) {
    const auto done = options.base.empty() ? plugin::scaffold({options.folder, options.schemas}, options.code)
                                           : plugin::scaffold_profile({options.folder, options.schemas}, options.code, options.base);
    if (!done) return fail(with, done.error());
    if (!options.base.empty()) {
        std::cout << fmt::format("{0}/{1} is there. Next: hansa plugin check {0}/{1}\n", options.folder, options.code);
        return all_well;
    }
    std::cout << fmt::format("{0}/{1} and {2}/{1} are there. Next: hansa plugin check {0}/{1} --schemas {2}\n", options.folder, options.code, options.schemas);
    return all_well;
}

}  // namespace

void add_plugin(CLI::App& app, Surroundings& with, Chosen& chosen) {
    auto* command = app.add_subcommand("plugin", "Countries: start one, check one, list those that are loaded");
    command->require_subcommand(1);
    command->footer("Example: hansa plugin new xx; hansa plugin check plugins/xx");
    auto* list = command->add_subcommand("list", "What is loaded");
    list->callback([&with, &chosen] { chosen.run = [&with] { return list_plugins(with); }; });

    auto* checker = command->add_subcommand("check", "Run the conformance suite on a plugin's folder; no compiler is needed");
    auto how = std::make_shared<CheckOptions>();
    checker->add_option("DIR", how->folder, "The plugin's folder")->required();
    checker->add_option("--schemas", how->schemas, "The folder with the schemas (default: those installed)");
    checker->add_option("--count", how->count, "Documents generated for each format (default 200; 0: no laws)");
    checker->add_option("--seed", how->seed, "First seed (default 1)");
    checker->add_flag("--update", how->update, "Write what golden examples give today");
    checker->add_flag("--json", how->json, "One JSON document");
    checker->callback([&with, &chosen, how] { chosen.run = [&with, how] { return check(with, *how); }; });

    auto* fresh = command->add_subcommand("new", "A new country's folder, with one mapping that passes");
    auto what = std::make_shared<NewOptions>();
    fresh->add_option("CC", what->code, "The country's letters")->required();
    fresh->add_option("--base", what->base, "A format of another plugin that the new one is a profile of");
    fresh->add_option("--folder", what->folder, "Where plugins lie (default: plugins)");
    fresh->add_option("--schemas", what->schemas, "Where schemas lie (default: schemas)");
    fresh->callback([&with, &chosen, what] { chosen.run = [&with, what] { return make_new(with, *what); }; });
}

}  // namespace hansa::cli
