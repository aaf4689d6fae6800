// hansa journal: the store itself.
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <iostream>

#include "core/cli/command.h"
#include "core/journal/journal.h"

namespace hansa::cli {
namespace {

/// Lines to standard output as they come.
class StandardOutput final : public Sink {
public:
    void write(std::string_view piece) override { std::cout.write(piece.data(), static_cast<std::streamsize>(piece.size())); }
};

int with_journal(Surroundings& with, const std::string& path, bool read_only, const std::function<int(journal::Journal&)>& work) {
    journal::SqliteOptions options;
    options.read_only = read_only;
    const auto store = journal::open_sqlite(path, options);
    return store ? work(**store) : fail(with, store.error(), path);
}

int verify_store(Surroundings& with, journal::Journal& store) {
    Diagnostics faults;
    const auto report = store.verify(faults);
    print_faults(with, faults, {});
    if (!report) return fail(with, report.error());
    std::cout << fmt::format("{} messages, {} events, {} bodies ({} bytes), {} deliveries, {} references: {} faults\n", report->messages, report->events,
                             report->bodies, report->body_bytes, report->deliveries, report->references, report->faults);
    return report->faults == 0 ? all_well : answer_is_no;
}

}  // namespace

void add_journal(CLI::App& app, Surroundings& with, Chosen& chosen) {
    auto* command = app.add_subcommand("journal", "The store: verify, compact, export");
    command->require_subcommand(1);
    auto path = std::make_shared<std::string>("/var/lib/hansa/journal.db");
    auto bodies = std::make_shared<bool>(false);
    auto* verify = command->add_subcommand("verify", "Read everything once: seals, digests, dangling names");
    auto* compact = command->add_subcommand("compact", "Give free pages back; the daemon must be stopped");
    auto* lines = command->add_subcommand("export", "One JSON object a line, in the journal's order");
    for (CLI::App* each : {verify, compact, lines}) each->add_option("--journal", *path, "The journal (default /var/lib/hansa/journal.db)");
    lines->add_flag("--bodies", *bodies, "With the bytes, in base 64");
    command->footer("Example: hansa journal verify --journal /var/lib/hansa/journal.db");
    verify->callback([&with, &chosen, path] {
        chosen.run = [&with, path] { return with_journal(with, *path, true, [&with](journal::Journal& store) { return verify_store(with, store); }); };
    });
    compact->callback([&with, &chosen, path] {
        chosen.run = [&with, path] {
            return with_journal(with, *path, false, [&with](journal::Journal& store) {
                const auto done = store.compact();
                return done ? int{all_well} : fail(with, done.error());
            });
        };
    });
    lines->callback([&with, &chosen, path, bodies] {
        chosen.run = [&with, path, bodies] {
            return with_journal(with, *path, true, [&with, bodies](journal::Journal& store) {
                StandardOutput out;
                const auto done = store.export_lines(out, *bodies);
                return done ? int{all_well} : fail(with, done.error());
            });
        };
    });
}

}  // namespace hansa::cli
