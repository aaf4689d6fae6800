// hansa errors, hansa config.
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "core/base/digest.h"
#include "core/base/nearest.h"
#include "core/cli/codes.h"
#include "core/cli/command.h"

namespace hansa::cli {
namespace {

int print_errors(Surroundings& with, const std::string& wanted, bool json, bool markdown) {
    nlohmann::ordered_json all = nlohmann::ordered_json::array();
    std::vector<std::string_view> names;
    bool found = false;
    if (markdown) std::cout << "# Error codes\n\nMade by `hansa errors --markdown` from core/*/errors.table.\n\n| code | HTTP | meaning | what to do |\n| --- | --- | --- | --- |\n";
    for (const CodeRow& row : catalogue()) {
        names.push_back(row.name);
        if (!wanted.empty() && row.name != wanted) continue;
        found = true;
        if (json) all.push_back({{"code", row.name}, {"http_status", row.http_status}, {"meaning", row.meaning}, {"advice", row.advice}});
        else if (markdown) std::cout << fmt::format("| `{}` | {} | {} | {} |\n", row.name, row.http_status, row.meaning, row.advice);
        else std::cout << fmt::format("{}  (HTTP {})\n    {}\n    {}\n", row.name, row.http_status, row.meaning, row.advice);
    }
    if (!found) return fail(with, Error{codes::usage, fmt::format("no error code '{}'{}", wanted, did_you_mean(wanted, names))});
    if (json) std::cout << all.dump(2) << '\n';
    return all_well;
}

int check_configuration(Surroundings& with, const std::string& file) {
    Diagnostics faults;
    const auto configuration = daemon::read_configuration(file, with.installation(), faults);
    if (configuration) {
        const auto registry = plugin::Registry::load(configuration->plugins, faults);
        daemon::check_against_plugins(*configuration, *registry, faults);
        const auto agencies = configuration->directory.agencies.size(), routes = configuration->directory.routes.size();
        if (faults.empty()) std::cout << fmt::format("{}: good, {} agencies, {} routes, {} formats\n", file, agencies, routes, registry->formats().size());
    }
    print_faults(with, faults, {});
    return faults.empty() ? int{all_well} : int{ExitCode::configuration};
}

}  // namespace

void add_errors(CLI::App& app, Surroundings& with, Chosen& chosen) {
    struct Options {
        std::string code;
        bool json = false, markdown = false;
    };
    auto* command = app.add_subcommand("errors", "The catalogue of error codes: meaning, and what to do");
    auto options = std::make_shared<Options>();
    command->add_option("CODE", options->code, "Only this code");
    command->add_flag("--json", options->json, "One JSON document");
    command->add_flag("--markdown", options->markdown, "The page docs/errors.md");
    command->footer("Example: hansa errors xml.doctype-refused");
    command->callback([&with, &chosen, options] { chosen.run = [&with, options] { return print_errors(with, options->code, options->json, options->markdown); }; });
}

void add_config(CLI::App& app, Surroundings& with, Chosen& chosen) {
    auto* command = app.add_subcommand("config", "The configuration of the daemon");
    command->require_subcommand(1);
    auto file = std::make_shared<std::string>(with.installation().configuration.string());
    auto* check = command->add_subcommand("check", "Every error in the configuration, with file and line");
    check->add_option("--config", *file, "Configuration file (default: ./conf/hansa.toml, then /etc/hansa/hansa.toml)");
    check->footer("Example: hansa config check --config conf/hansa.toml");
    check->callback([&with, &chosen, file] { chosen.run = [&with, file] { return check_configuration(with, *file); }; });
    auto* digest = command->add_subcommand("digest", "SHA-256 of a token on standard input, for an agency's file");
    digest->footer("Example: hansa config digest < agency.token");
    digest->callback([&with, &chosen] {
        chosen.run = [&with] {
            auto token = input("-");
            if (!token) return fail(with, token.error());
            while (!token->empty() && (token->back() == '\n' || token->back() == '\r')) token->pop_back();
            return output({}, sha256_hex(*token) + "\n");
        };
    });
}

}  // namespace hansa::cli
