// hansa journal: the store itself.
#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <chrono>
#include <filesystem>
#include <iostream>

#include "core/base/codes.h"
#include "core/base/nearest.h"
#include "core/base/time.h"
#include "core/cli/codes.h"
#include "core/cli/command.h"
#include "core/exchange/retention.h"
#include "core/journal/codes.h"
#include "core/journal/journal.h"

namespace hansa::cli {
namespace {

/// Lines to standard output as they come.
class StandardOutput final : public Sink {
public:
    void write(std::string_view piece) override { std::cout.write(piece.data(), static_cast<std::streamsize>(piece.size())); }
};

bool is_there(const std::string& path) {
    std::error_code trouble;
    return std::filesystem::exists(path, trouble);
}
int no_journal(Surroundings& with, const std::string& path) {
    return fail(with, Error{base::codes::file_unreadable, "there is no journal"}, path);
}

int read_journal(Surroundings& with, const std::string& path, const std::function<int(journal::Journal&)>& work) {
    if (!is_there(path)) return no_journal(with, path);
    journal::SqliteOptions options;
    options.read_only = true;
    const auto store = journal::open_sqlite(path, options);
    return store ? work(**store) : fail(with, store.error(), path);
}

/// `advice`: what to do about a gateway that holds it. Opening to write would make a journal where there is none.
int change_journal(Surroundings& with, const std::string& path, std::string_view advice, const std::function<int(journal::Journal&)>& work) {
    if (!is_there(path)) return no_journal(with, path);
    const auto store = journal::open_sqlite(path, {});
    if (store) return work(**store);
    fail(with, store.error(), path);
    if (store.error().code != journal::codes::locked) return answer_is_no;
    std::cerr << "a gateway is running: " << advice << '\n';
    return unreachable;
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

struct DropOptions {
    std::string before;
    std::optional<std::uint32_t> older_than;
    std::vector<std::string> states, kinds;
    std::string agency;
    bool dry_run = false;
};

/// Midnight (UTC) of a day, or a moment with its zone.
Result<std::int64_t> moment_before(const DropOptions& options, std::int64_t now_ms) {
    constexpr std::int64_t day_ms = 86'400'000;
    if (options.older_than.has_value() != options.before.empty()) return Error{codes::usage, "say either --before DATE or --older-than DAYS"};
    if (options.older_than) return now_ms - *options.older_than * day_ms;
    const auto date = parse_iso(options.before);
    if (!date || (date->has_time && !date->offset_minutes))
        return Error{codes::usage, fmt::format("--before takes a day (2026-01-31, its midnight in UTC) or a moment with its zone (2026-01-31T12:00:00Z), not '{}'", options.before)};
    const std::int64_t out = milliseconds_since_epoch(*date);
    if (out > now_ms) return Error{codes::usage, fmt::format("--before {} is not over yet", options.before)};
    return out;
}

Result<journal::Retention> retention_of(const DropOptions& options) {
    journal::Retention out;
    out.at_ms = milliseconds_since_epoch(now_utc());
    const auto before = moment_before(options, out.at_ms);
    if (!before) return before.error();
    out.before_ms = *before;
    out.agency = options.agency;
    std::vector<std::string_view> at_rest;
    for (const journal::State state : journal::all_states()) {
        if (exchange::is_at_rest(state)) at_rest.push_back(journal::name(state));
    }
    for (const std::string& word : options.states) {
        const auto state = journal::state_named(word);
        if (!state || !exchange::is_at_rest(*state))
            return Error{codes::usage, fmt::format("--states: in '{}' no message is at rest; {}{}", word, fmt::join(at_rest, ", "), did_you_mean(word, at_rest))};
        out.states.push_back(*state);
    }
    for (const std::string& word : options.kinds) {
        const auto kind = journal::body_kind_named(word);
        if (!kind) return Error{codes::usage, fmt::format("--kinds: no body is a '{}'; docs/configuration.md, [retention], lists them", word)};
        out.kinds.push_back(*kind);
    }
    return out;
}

/// A line now and then, to who waits.
class DropProgress {
public:
    void tell(const journal::Dropped& all, bool dry_run) {
        const auto now = std::chrono::steady_clock::now();
        if (now - told_ < std::chrono::seconds(5)) return;
        told_ = now;
        std::cerr << fmt::format("{} bodies, {} bytes {} so far\n", all.bodies, all.bytes, dry_run ? "found" : "dropped");
    }

private:
    std::chrono::steady_clock::time_point told_ = std::chrono::steady_clock::now();
};

int drop_from(Surroundings& with, journal::Journal& store, journal::Retention step, bool dry_run) {
    journal::Dropped all;
    DropProgress progress;
    do {
        const auto done = dry_run ? store.droppable(step) : store.drop_step(step);
        if (!done) {
            if (all.bodies != 0 && !dry_run) std::cerr << fmt::format("{} bodies, {} bytes dropped before this:\n", all.bodies, all.bytes);
            return fail(with, done.error());
        }
        all.bodies += done->bodies;
        all.bytes += done->bytes;
        step.cursor = done->next_cursor;
        progress.tell(all, dry_run);
    } while (!step.cursor.empty());
    std::cout << fmt::format("{} bodies, {} bytes {}\n", all.bodies, all.bytes, dry_run ? "would be dropped" : "dropped");
    return all_well;
}

int drop(Surroundings& with, const std::string& path, const DropOptions& options) {
    const auto retention = retention_of(options);
    if (!retention) return fail(with, retention.error());
    const auto work = [&](journal::Journal& store) { return drop_from(with, store, *retention, options.dry_run); };
    return options.dry_run ? read_journal(with, path, work)
                           : change_journal(with, path, "stop it, give it a rule of [retention] in its configuration, or count with --dry-run", work);
}

/// Bytes of the store's files, its bodies among them.
std::uintmax_t store_bytes(const std::filesystem::path& path) {
    std::uintmax_t out = 0;
    std::error_code trouble;
    for (std::filesystem::directory_iterator each(path.has_parent_path() ? path.parent_path() : ".", trouble), end; !trouble && each != end; each.increment(trouble)) {
        const bool is_ours = each->path().filename().string().starts_with(path.filename().string());
        if (is_ours && each->is_regular_file(trouble)) out += each->file_size(trouble);
    }
    return out;
}

int compact_store(Surroundings& with, const std::string& path) {
    return change_journal(with, path, "stop it first", [&](journal::Journal& store) -> int {
        const auto before = store_bytes(path);
        const auto done = store.compact();
        if (!done) return fail(with, done.error());
        std::cout << fmt::format("{} bytes before, {} now\n", before, store_bytes(path));
        return all_well;
    });
}

void add_drop(CLI::App& command, Surroundings& with, Chosen& chosen, const std::shared_ptr<std::string>& path) {
    auto options = std::make_shared<DropOptions>();
    auto* drops = command.add_subcommand("drop", "Drop old bodies, for good; digests, events and references stay. The daemon must be stopped, but not for --dry-run");
    drops->add_option("--journal", *path, "The journal (default /var/lib/hansa/journal.db)");
    drops->add_option("--before", options->before, "Of messages that did not change since this day (midnight, UTC) or moment");
    drops->add_option("--older-than", options->older_than, "... since so many days")->check(CLI::Range(0, 36'500));
    drops->add_option("--states", options->states, "In these states: refused, accepted, delivered, answered, failed, dead")->delimiter(',')->required();
    drops->add_option("--kinds", options->kinds, "Only these: received, verified, pivot, sent, signature, receipt, ledger, verification, memory, compared")->delimiter(',');
    drops->add_option("--agency", options->agency, "Of messages from it or to it alone");
    drops->add_flag("--dry-run", options->dry_run, "Count, and write nothing");
    drops->footer(
        "Equal bytes are kept once and go when no message wants them; what a delivery still needs stays.\n"
        "Examples:\n"
        "  hansa journal drop --journal /var/lib/hansa/journal.db --older-than 365 --states refused,delivered,answered --dry-run\n"
        "  hansa journal drop --journal /var/lib/hansa/journal.db --before 2026-01-01 --states answered --kinds received,sent --agency minsk\n"
        "Exit codes: 0 done, 1 the journal failed, 2 usage, 3 no such journal, 5 a gateway holds it.");
    drops->callback([&with, &chosen, path, options] { chosen.run = [&with, path, options] { return drop(with, *path, *options); }; });
}

}  // namespace

void add_journal(CLI::App& app, Surroundings& with, Chosen& chosen) {
    auto* command = app.add_subcommand("journal", "The store: verify, deliveries, drop, compact, export");
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
    add_drop(*command, with, chosen, path);
    command->footer("Example: hansa journal verify --journal /var/lib/hansa/journal.db");
    compact->footer(
        "Example: hansa journal compact --journal /var/lib/hansa/journal.db\n"
        "Exit codes: 0 done, 1 the journal failed, 3 no such journal, 5 a gateway holds it.");
    verify->callback([&with, &chosen, path] {
        chosen.run = [&with, path] { return read_journal(with, *path, [&with](journal::Journal& store) { return verify_store(with, store); }); };
    });
    deliveries->callback([&with, &chosen, path, state] {
        chosen.run = [&with, path, state] { return read_journal(with, *path, [&with, state](journal::Journal& store) { return list_deliveries(with, store, *state); }); };
    });
    compact->callback([&with, &chosen, path] {
        chosen.run = [&with, path] { return compact_store(with, *path); };
    });
    lines->callback([&with, &chosen, path, bodies] {
        chosen.run = [&with, path, bodies] {
            return read_journal(with, *path, [&with, bodies](journal::Journal& store) {
                StandardOutput out;
                const auto done = store.export_lines(out, *bodies);
                return done ? int{all_well} : fail(with, done.error());
            });
        };
    });
}

}  // namespace hansa::cli
