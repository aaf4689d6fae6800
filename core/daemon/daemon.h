// hansad's life: read the configuration, load plugins, open the journal, serve, reload, drain, stop.
#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <vector>

#include "core/base/result.h"
#include "core/daemon/configuration.h"
#include "core/exchange/follower.h"
#include "core/exchange/keyring.h"

namespace hansa::daemon {

/// Opens the keys and trust stores that a configuration names.
/// Errors: trust.*, base.file-unreadable
Result<std::shared_ptr<const exchange::Keyring>> load_keyring(const Configuration& configuration);

class Daemon {
public:
    /// Everything up to "ready". A plugin that cannot be loaded is a log line, not an end.
    /// Errors: those of the configuration, of the journal (daemon.already-running), of the server
    static Result<std::unique_ptr<Daemon>> start(const std::filesystem::path& file, const Installation& installation);
    ~Daemon();

    /// The port that is listened on.
    std::uint16_t port() const;
    /// Reads configuration and plugins again; what cannot be read leaves everything as it was.
    Result<void> reload();
    /// Takes no new message, finishes those under way, closes the journal.
    void drain();

private:
    struct State;
    explicit Daemon(std::unique_ptr<State> state);
    static std::vector<std::shared_ptr<exchange::Watcher>> watchers_of(const State& state, const exchange::Surroundings& with, const Configuration& configuration);
    std::unique_ptr<State> state_;
};

}  // namespace hansa::daemon
