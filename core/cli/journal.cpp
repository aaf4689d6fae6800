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

/// One delivery a line, newest first: id, message, receiver, state, attempts, and why.
int list_deliveries(Surroundings& with, journal::Journal& store, const std::string& state) {
    journal::DeliveryFilter filter;
    filter.count_max = 1'000;
    if (!state.empty()) filter.state = journal::delivery_state_named(state);
    do {
        const auto page = store.deliveries(filter);
        if (!page) return fail(with, page.error());
        for (const journal::Delivery& one : page->deliveries)
            std::cout << fmt::format("{}\t{}\t{}\t{}\t{}\t{} {}\n", one.id, one.message_id, one.agency, journal::name(one.state), one.attempts, one.last_code, one.last_detail);
        for (const Error& damaged : page->damaged) std::cerr << damaged.text() << '\n';
        filter.cursor = page->next_cursor;
    } while (!filter.cursor.empty());
    return all_well;
}

}  // namespace

void add_journal(CLI::App& app, Surroundings& with, Chosen& chosen) {
    auto* command = app.add_subcommand("journal", "The store: verify, deliveries, compact, export");
    command->require_subcommand(1);
    auto path = std::make_shared<std::string>("/var/lib/hansa/journal.db");
    auto bodies = std::make_shared<bool>(false);
    auto* verify = command->add_subcommand("verify", "Read everything once: seals, digests, dangling names");
    auto* deliveries = command->add_subcommand("deliveries", "Deliveries, one a line, newest first: id, message, receiver, state, attempts, why");
    auto state = std::make_shared<std::string>();
    deliveries->add_option("--state", *state, "pending, in-flight, delivered, dead or held")->check(CLI::IsMember({"pending", "in-flight", "delivered", "dead", "held"}));
    auto* compact = command->add_subcommand("compact", "Give free pages back; the daemon must be stopped");
    auto* lines = command->add_subcommand("export", "One JSON object a line, in the journal's order");
    for (CLI::App* each : {verify, deliveries, compact, lines}) each->add_option("--journal", *path, "The journal (default /var/lib/hansa/journal.db)");
    lines->add_flag("--bodies", *bodies, "With the bytes, in base 64");
    command->footer("Example: hansa journal verify --journal /var/lib/hansa/journal.db");
    verify->callback([&with, &chosen, path] {
        chosen.run = [&with, path] { return with_journal(with, *path, true, [&with](journal::Journal& store) { return verify_store(with, store); }); };
    });
    deliveries->callback([&with, &chosen, path, state] {
        chosen.run = [&with, path, state] { return with_journal(with, *path, true, [&with, state](journal::Journal& store) { return list_deliveries(with, store, *state); }); };
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
