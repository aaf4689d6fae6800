// hansad: runs in the foreground under systemd; SIGTERM and SIGINT drain and stop, SIGHUP reloads.
#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <pthread.h>
#include <systemd/sd-daemon.h>

#include <csignal>
#include <cstdlib>
#include <iostream>

#include "core/base/log.h"
#include "core/daemon/daemon.h"

namespace {

namespace daemon = hansa::daemon;
constexpr int exit_configuration = 4, exit_service = 5;

/// All signals that are waited for are blocked in every thread, so that one place gets them.
sigset_t blocked_signals() {
    sigset_t set;
    sigemptyset(&set);
    for (const int number : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, number);
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
    return set;
}

/// Half of what systemd wants to hear within, or a second.
timespec watchdog_pause() {
    std::uint64_t microseconds = 0;
    if (sd_watchdog_enabled(0, &microseconds) <= 0) microseconds = 2'000'000;
    const std::uint64_t half = microseconds / 2;
    return {static_cast<time_t>(half / 1'000'000), static_cast<long>(half % 1'000'000 * 1'000)};
}

int check(const std::string& file, const daemon::Installation& installation) {
    hansa::Diagnostics faults;
    const auto configuration = daemon::read_configuration(file, installation, faults);
    if (configuration) {
        const auto registry = hansa::plugin::Registry::load(configuration->plugins, faults);
        daemon::check_against_plugins(*configuration, *registry, faults);
    }
    for (const hansa::Error& error : faults.errors()) std::cerr << error.text() << '\n';
    return faults.empty() ? 0 : exit_configuration;
}

void serve(daemon::Daemon& running, const sigset_t& signals) {
    for (;;) {
        const timespec pause = watchdog_pause();
        const int number = sigtimedwait(&signals, nullptr, &pause);
        if (number == SIGTERM || number == SIGINT) return;
        if (number == SIGHUP) {
            sd_notify(0, "RELOADING=1");
            const auto done = running.reload();
            hansa::log::info(done ? std::string("reloaded") : "not reloaded: " + done.error().text());
            sd_notify(0, "READY=1");
        }
        sd_notify(0, "WATCHDOG=1");
    }
}

int run(const std::string& file, const daemon::Installation& installation) {
    const sigset_t signals = blocked_signals();
    auto running = daemon::Daemon::start(file, installation);
    if (!running) {
        hansa::log::error(running.error().text());
        const auto name = running.error().code.name();
        return name.starts_with("server.") || name.starts_with("journal.") || name == "daemon.already-running" ? exit_service : exit_configuration;
    }
    hansa::log::info(fmt::format("ready on port {}", (*running)->port()));
    sd_notifyf(0, "READY=1\nSTATUS=listening on port %u", unsigned{(*running)->port()});
    serve(**running, signals);
    sd_notify(0, "STOPPING=1");
    hansa::log::info("stopping: the messages under way are finished first");
    (*running)->drain();
    hansa::log::info("stopped");
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("Hansa's gateway daemon: takes messages from agencies, translates, signs, delivers.", "hansad");
    const daemon::Installation installation = daemon::Installation::find();
    std::string file = installation.configuration.string();
    bool only_check = false;
    app.add_option("--config", file, "Configuration file (default: ./conf/hansa.toml, then /etc/hansa/hansa.toml)");
    app.add_flag("--check", only_check, "Check the configuration and exit: 0 good, 4 with faults");
    app.set_version_flag("--version", std::string("hansad ") + HANSA_VERSION);
    app.footer("Signals: TERM and INT finish what is under way and stop, HUP reads configuration and plugins again.\n"
               "Example: hansad --config conf/hansa.toml --check");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& trouble) {
        const int code = app.exit(trouble);
        return code == 0 ? 0 : 2;
    }
    // Set before Xerces-C is first used: a second lock on the door that our scanner already closes.
    setenv("XERCES_DISABLE_DTD", "1", 1);
    try {
        return only_check ? check(file, installation) : run(file, installation);
    } catch (const std::exception& trouble) {
        std::cerr << "hansad: " << trouble.what() << '\n';
        return 70;
    }
}
