#include "core/cli/command.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "core/base/codes.h"
#include "core/base/file.h"
#include "core/base/log.h"
#include "core/base/nearest.h"
#include "core/cli/codes.h"
#include "core/cli/union_commands.h"

namespace hansa::cli {
namespace {

constexpr std::string_view examples =
    "Examples:\n"
    "  hansa formats\n"
    "  hansa validate declaration.xml\n"
    "  hansa translate --to wco.declaration list.xml -o out/ --loss losses.json\n"
    "  hansa verify --trust keys/trust message.xml\n"
    "  hansa send --url https://gateway:8443 --token secret.token list.xml\n"
    "Exit codes: 0 well, 1 the answer is no, 2 usage, 3 input, 4 configuration, 5 service, 70 internal.";

constexpr AddCommand commands[] = {add_formats, add_detect, add_validate, add_translate, add_pivot,    add_explain,
                                   add_coverage, add_sign,  add_verify,   add_send,      add_trace,    add_replay,
                                   add_generate, add_plugin, add_errors,  add_config,    add_journal,  add_keys,
                                    add_bench,   add_check,  add_rules,    add_tax,       add_match,    add_balance,
                                    add_consent, add_disclose, add_consolidate, add_split, add_statuses};

int parse_and_run(int argc, char** argv) {
    CLI::App app("Hansa: customs messages between agencies that speak different formats.", "hansa");
    Surroundings with;
    Chosen chosen;
    app.require_subcommand(1);
    app.footer(std::string(examples));
    app.set_version_flag("--version", std::string("hansa ") + HANSA_VERSION);
    app.add_option("--plugins", with.plugin_folders, "Folders with plugins (default: those installed)");
    for (const AddCommand add : commands) add(app, with, chosen);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& trouble) {
        return app.exit(trouble) == 0 ? all_well : wrong_usage;
    }
    return chosen.run ? chosen.run() : wrong_usage;
}

}  // namespace

Surroundings::Surroundings() : installation_(daemon::Installation::find()) {}
Surroundings::~Surroundings() = default;

bool Surroundings::colour() const {
    return isatty(STDERR_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr;
}

std::shared_ptr<const plugin::Registry> Surroundings::shared_registry() {
    if (registry_) return registry_;
    plugin::LoadOptions options;
    options.plugin_folders = {installation_.plugins};
    if (!plugin_folders.empty()) options.plugin_folders.assign(plugin_folders.begin(), plugin_folders.end());
    options.schema_folder = installation_.schemas;
    Diagnostics faults;
    registry_ = plugin::Registry::load(options, faults);
    print_faults(*this, faults, {});
    return registry_;
}

const plugin::Registry& Surroundings::registry() {
    return *shared_registry();
}

int run(int argc, char** argv) {
    // Set before Xerces-C is first used: a second lock on the door that our scanner already closes.
    setenv("XERCES_DISABLE_DTD", "1", 1);
    log::set_level(log::Level::warning);
    try {
        return parse_and_run(argc, argv);
    } catch (const std::exception& trouble) {
        std::cerr << "hansa: internal: " << trouble.what() << '\n';
        return internal;
    }
}

Result<std::string> input(const std::string& name) {
    return name == "-" ? read_standard_input() : read_file(name);
}

int fail(const Surroundings& with, const Error& error, const std::string& file) {
    const Error placed = error.in_file(file);
    std::cerr << (with.colour() ? "\033[31m" : "") << placed.text() << (with.colour() ? "\033[0m" : "") << '\n';
    const std::string_view name = error.code.name();
    if (error.code == base::codes::file_unreadable) return unreadable;
    if (error.code == base::codes::file_unwritable) return unreadable;
    if (name.starts_with("daemon.") || name.starts_with("base.toml")) return configuration;
    if (name == "exchange.partner-unreachable" || name.starts_with("transport.")) return unreachable;
    if (error.code == codes::usage) return wrong_usage;
    return error.code.row().http_status == 500 && name.starts_with("base.") ? internal : answer_is_no;
}

void print_faults(const Surroundings& with, const Diagnostics& faults, const std::string& file) {
    for (const Error& error : faults.errors()) fail(with, error, file);
    if (faults.count() > faults.errors().size()) {
        std::cerr << fmt::format("... and {} more\n", faults.count() - faults.errors().size());
    }
}

int output(const std::string& name, std::string_view bytes) {
    if (name.empty() || name == "-") {
        std::cout.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
        std::cout.flush();
        return std::cout.good() ? all_well : unreadable;
    }
    // A device or a pipe is written to; only a file is replaced whole.
    std::error_code trouble;
    const auto status = std::filesystem::status(name, trouble);
    if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
        std::ofstream out(name, std::ios::binary);
        out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
        out.flush();
        if (out.good()) return all_well;
        std::cerr << Error{base::codes::file_unwritable, "it is no regular file and cannot be written to"}.in_file(name).text() << '\n';
        return unreadable;
    }
    const auto done = write_file_atomically(name, bytes);
    if (done) return all_well;
    std::cerr << done.error().text() << '\n';
    return unreadable;
}

Result<std::map<std::string, std::string, std::less<>>> envelope_values(const std::vector<std::string>& words) {
    std::map<std::string, std::string, std::less<>> out;
    for (const std::string& word : words) {
        const std::size_t equals = word.find('=');
        if (equals == 0 || equals == word.npos) return Error{codes::usage, fmt::format("--envelope needs PATH=VALUE, not '{}'", word)};
        out[word.substr(0, equals)] = word.substr(equals + 1);
    }
    return out;
}

Result<const plugin::Format*> format_named(Surroundings& with, const std::string& id) {
    const plugin::Format* found = with.registry().find(id);
    if (found != nullptr) return found;
    std::vector<std::string_view> ids;
    for (const plugin::Format& format : with.registry().formats()) ids.push_back(format.id);
    return Error{codes::usage, fmt::format("no plugin brings the format '{}'{}", id, did_you_mean(id, ids))};
}

struct Progress::State {
    std::string what;
    std::size_t total, done = 0;
    std::chrono::steady_clock::time_point start = std::chrono::steady_clock::now(), shown = start;
    bool visible = false;
};

Progress::Progress(std::string what, std::size_t total) : state_(new State{std::move(what), total}) {}

Progress::~Progress() {
    if (state_->visible) std::cerr << "\r\033[K";
}

void Progress::step() {
    ++state_->done;
    const auto now = std::chrono::steady_clock::now();
    if (now - state_->start < std::chrono::seconds(1) || now - state_->shown < std::chrono::milliseconds(100)) return;
    if (isatty(STDERR_FILENO) != 1) return;
    state_->shown = now;
    state_->visible = true;
    const std::size_t width = 40, filled = state_->total == 0 ? 0 : width * state_->done / state_->total;
    std::cerr << fmt::format("\r{} [{:<{}}] {}/{}", state_->what, std::string(filled, '='), width, state_->done, state_->total) << std::flush;
}

}  // namespace hansa::cli
