#include "core/cli/bench_measure.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "core/cli/codes.h"

namespace hansa::bench {
namespace {

using Clock = std::chrono::steady_clock;
constexpr double burst_seconds = 0.0005;          // far above what a look at the clock costs
constexpr std::size_t burst_messages_max = 64;    // copies that in-place parsers make ahead
constexpr std::size_t burst_bytes_max = 1 << 20;  // and what still lies in the cache

Error refused(const Contender& contender) {
    return {cli::codes::bench_refused, fmt::format("{}: {}", contender.name, contender.peer->trouble())};
}

}  // namespace

// Stands alone and keeps its name, so that a profiler can switch counting on and off with it
// (tests/bench/instructions).
__attribute__((noinline)) bool run_burst(Peer& peer, std::span<const std::string_view> burst, std::string& output) {
    return peer.run_all(burst, output);
}

namespace {

/// One contender's place in the messages, and how many it takes at once.
class Lane {
public:
    Lane(Contender& contender, std::span<const std::string> messages) : contender_(contender), messages_(messages) {}

    /// Finds the size of a burst; caches and lazy parts are warm afterwards. The outputs were compared
    /// before, so that nothing is cold.
    Result<void> warm_up() {
        const std::size_t fitting =
            std::max<std::size_t>(1, burst_bytes_max / std::max<std::size_t>(1, messages_.front().size()));
        for (std::size_t i = 0; i < 3; ++i) {
            const auto spent = burst(burst_);
            if (!spent) return spent.error();
            const double one = *spent / static_cast<double>(burst_);
            burst_ = std::clamp<std::size_t>(static_cast<std::size_t>(burst_seconds / std::max(one, 1e-9)), 1,
                                             std::min(burst_messages_max, fitting));
            burst_ = std::max(burst_, contender_.peer->in_flight());
            if (one > burst_seconds * 10) break;
        }
        return {};
    }

    /// Adds bursts until the time is used up: that of the slice, or of the whole round by one long burst.
    Result<void> slice(double seconds, double round_seconds) {
        if (seconds_ >= round_seconds) return {};
        double spent = 0;
        do {
            const auto one = burst(burst_);
            if (!one) return one.error();
            spent += *one;
            done_ += burst_;
        } while (spent < seconds);
        seconds_ += spent;
        return {};
    }

    double take_per_s() {
        const double out = static_cast<double>(done_) / seconds_;
        done_ = 0;
        seconds_ = 0;
        return out;
    }

private:
    Result<double> burst(std::size_t count) {
        views_.clear();
        for (std::size_t i = 0; i < count; ++i) views_.push_back(messages_[next_++ % messages_.size()]);
        contender_.peer->prepare(views_);
        const auto start = Clock::now();
        const bool good = run_burst(*contender_.peer, views_, output_);
        const std::chrono::duration<double> spent = Clock::now() - start;
        if (!good) return refused(contender_);
        return spent.count();
    }

    Contender& contender_;
    std::span<const std::string> messages_;
    std::vector<std::string_view> views_;
    std::string output_;
    std::size_t next_ = 0, burst_ = 1, done_ = 0;
    double seconds_ = 0;
};

}  // namespace

Spread spread_of(std::vector<double> figures) {
    if (figures.empty()) return {};
    std::ranges::sort(figures);
    return {figures[(figures.size() - 1) / 2], figures.front(), figures.back()};
}

Result<Rounds> measure(std::span<Contender> contenders, std::span<const std::string> messages,
                       const MeasureOptions& options) {
    std::vector<Lane> lanes;
    for (Contender& contender : contenders) lanes.emplace_back(contender, messages);
    for (Lane& lane : lanes) {
        if (auto warm = lane.warm_up(); !warm) return warm.error();
    }
    Rounds out;
    out.per_s.resize(contenders.size());
    const double slice = options.seconds / static_cast<double>(options.slices);
    for (std::size_t round = 0; round < options.rounds; ++round) {
        for (std::size_t i = 0; i < options.slices; ++i) {
            // Who comes first changes, so that nobody always runs behind the same neighbour.
            for (std::size_t k = 0; k < lanes.size(); ++k) {
                if (auto done = lanes[(k + round + i) % lanes.size()].slice(slice, options.seconds); !done)
                    return done.error();
            }
        }
        for (std::size_t k = 0; k < lanes.size(); ++k) out.per_s[k].push_back(lanes[k].take_per_s());
    }
    return out;
}

Result<void> run_counted(Contender& contender, std::span<const std::string> messages, std::size_t runs) {
    std::string output;
    std::vector<std::string_view> views(messages.begin(), messages.end());
    contender.peer->prepare(views);
    for (const std::string_view message : views) {  // warm
        if (!contender.peer->run(message, output)) return refused(contender);
    }
    for (std::size_t i = 0; i < runs; ++i) {
        contender.peer->prepare(views);
        if (!run_burst(*contender.peer, views, output)) return refused(contender);
    }
    return {};
}

}  // namespace hansa::bench
