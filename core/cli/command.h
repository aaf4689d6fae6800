// The frame of `hansa`: subcommands, exit codes, where words and data go.
//
// One file a subcommand: it adds itself to the application and says what it does when chosen.
// Data goes to standard output, words to standard error; `--json` prints one JSON document.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/daemon/configuration.h"
#include "core/plugin/registry.h"

namespace CLI {
class App;
}

namespace hansa::cli {

enum ExitCode : int {
    all_well = 0,
    answer_is_no = 1,   ///< invalid, not verified, differences
    wrong_usage = 2,
    unreadable = 3,     ///< input cannot be read
    configuration = 4,
    unreachable = 5,    ///< a service is not reachable
    internal = 70
};

/// What subcommands share. Plugins are loaded when the first subcommand asks for them.
class Surroundings {
public:
    Surroundings();
    ~Surroundings();
    std::vector<std::string> plugin_folders;  ///< --plugins; empty: those of the installation
    bool json = false;
    bool colour() const;  ///< only on a terminal, and not with NO_COLOR

    /// Loads once; faults are printed once.
    const plugin::Registry& registry();
    std::shared_ptr<const plugin::Registry> shared_registry();
    const daemon::Installation& installation() const { return installation_; }

private:
    daemon::Installation installation_;
    std::shared_ptr<const plugin::Registry> registry_;
};

/// Set by the subcommand that was chosen; run after parsing.
struct Chosen {
    std::function<int()> run;
};

using AddCommand = void (*)(CLI::App& app, Surroundings& with, Chosen& chosen);

// One for each file in this folder.
void add_formats(CLI::App&, Surroundings&, Chosen&);
void add_detect(CLI::App&, Surroundings&, Chosen&);
void add_validate(CLI::App&, Surroundings&, Chosen&);
void add_translate(CLI::App&, Surroundings&, Chosen&);
void add_pivot(CLI::App&, Surroundings&, Chosen&);
void add_explain(CLI::App&, Surroundings&, Chosen&);
void add_sign(CLI::App&, Surroundings&, Chosen&);
void add_verify(CLI::App&, Surroundings&, Chosen&);
void add_send(CLI::App&, Surroundings&, Chosen&);
void add_trace(CLI::App&, Surroundings&, Chosen&);
void add_replay(CLI::App&, Surroundings&, Chosen&);
void add_generate(CLI::App&, Surroundings&, Chosen&);
void add_plugin(CLI::App&, Surroundings&, Chosen&);
void add_coverage(CLI::App&, Surroundings&, Chosen&);
void add_errors(CLI::App&, Surroundings&, Chosen&);
void add_config(CLI::App&, Surroundings&, Chosen&);
void add_journal(CLI::App&, Surroundings&, Chosen&);
void add_keys(CLI::App&, Surroundings&, Chosen&);
void add_bench(CLI::App&, Surroundings&, Chosen&);
void add_check(CLI::App&, Surroundings&, Chosen&);
void add_rules(CLI::App&, Surroundings&, Chosen&);
void add_tax(CLI::App&, Surroundings&, Chosen&);
void add_match(CLI::App&, Surroundings&, Chosen&);
void add_consent(CLI::App&, Surroundings&, Chosen&);
void add_disclose(CLI::App&, Surroundings&, Chosen&);
void add_balance(CLI::App&, Surroundings&, Chosen&);

/// The whole program. Returns the exit code.
int run(int argc, char** argv);

// Shared by subcommands.

/// Bytes of a file, or of standard input for "-".
Result<std::string> input(const std::string& name);
/// Prints "FILE:LINE:COLUMN: code: detail" to standard error and gives the exit code that fits.
int fail(const Surroundings& with, const Error& error, const std::string& file = {});
void print_faults(const Surroundings& with, const Diagnostics& faults, const std::string& file);
/// To standard output, or to the file of -o (atomically).
int output(const std::string& name, std::string_view bytes);
/// Words PATH=VALUE of --envelope as the values for a table's `envelope` rows.
Result<std::map<std::string, std::string, std::less<>>> envelope_values(const std::vector<std::string>& words);
/// Nearest known format in the message.
Result<const plugin::Format*> format_named(Surroundings& with, const std::string& id);

/// A bar on standard error for work longer than a second, if that is a terminal.
class Progress {
public:
    Progress(std::string what, std::size_t total);
    ~Progress();
    void step();

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace hansa::cli
