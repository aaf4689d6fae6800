// The library of peers, loaded at run time: lib/hansa/bench/peers.so beside the plugins.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/cli/bench_peer.h"

namespace hansa::bench {

class PeerLibrary {
public:
    /// Errors: cli.bench-no-peers (names what to install)
    static Result<PeerLibrary> load(const std::filesystem::path& file);

    PeerLibrary(PeerLibrary&&) noexcept;
    PeerLibrary& operator=(PeerLibrary&&) noexcept;
    ~PeerLibrary();

    /// Names of the contenders that the library has for a task.
    std::vector<std::string> names(const Task& task) const;
    /// Packages that it was built without.
    std::vector<std::string> missing() const;
    /// Errors: cli.bench-no-peers with the peer's own words
    Result<std::unique_ptr<Peer>> make(const std::string& name, const Task& task) const;

private:
    struct State;
    explicit PeerLibrary(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace hansa::bench
