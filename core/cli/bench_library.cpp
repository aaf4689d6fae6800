#include "core/cli/bench_library.h"

#include <fmt/format.h>

#include <boost/dll/shared_library.hpp>
#include <sstream>

#include "core/cli/codes.h"

namespace hansa::bench {
namespace {

std::vector<std::string> words_of(const std::string& text) {
    std::vector<std::string> out;
    std::istringstream in(text);
    for (std::string word; in >> word;) out.push_back(word);
    return out;
}

}  // namespace

// The library is never unloaded: libxml2, Xerces-C and the others keep state of their own for the process.
struct PeerLibrary::State {
    boost::dll::shared_library library;
    PeersFunction* function = nullptr;
};

PeerLibrary::PeerLibrary(std::unique_ptr<State> state) : state_(std::move(state)) {}
PeerLibrary::PeerLibrary(PeerLibrary&&) noexcept = default;
PeerLibrary& PeerLibrary::operator=(PeerLibrary&&) noexcept = default;
PeerLibrary::~PeerLibrary() = default;

Result<PeerLibrary> PeerLibrary::load(const std::filesystem::path& file) {
    if (!std::filesystem::exists(file))
        return Error{cli::codes::bench_no_peers, fmt::format("there is no {}", file.string())};
    auto state = std::make_unique<State>();
    std::error_code trouble;
    state->library.load(file, trouble, boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local);
    if (trouble || !state->library.has(peers_symbol))
        return Error{cli::codes::bench_no_peers,
                     fmt::format("{}: {}", file.string(), trouble ? trouble.message() : "it has no peers")};
    state->function = &state->library.get<PeersFunction>(peers_symbol);
    return PeerLibrary(std::move(state));
}

std::vector<std::string> PeerLibrary::names(const Task& task) const {
    std::string words;
    (void)state_->function("", task, words);
    return words_of(words);
}

std::vector<std::string> PeerLibrary::missing() const {
    std::string words;
    (void)state_->function("?", {}, words);
    return words_of(words);
}

Result<std::unique_ptr<Peer>> PeerLibrary::make(const std::string& name, const Task& task) const {
    std::string words;
    auto peer = state_->function(name.c_str(), task, words);
    if (!peer) return Error{cli::codes::bench_no_peers, fmt::format("{}: {}", name, words)};
    return peer;
}

}  // namespace hansa::bench
