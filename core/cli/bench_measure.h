// How contenders are timed: in turn, in the same rounds, on the same messages.
//
// A round gives each contender the same short time, cut into slices that alternate, so that a noisy
// phase of the machine meets all of them. What counts is the ratio of two contenders in one round;
// the figure of a case is the median of the rounds' ratios.
//
// Units: seconds, messages, units (what one message holds: orders, documents). One thread.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/cli/bench_peer.h"

namespace hansa::bench {

struct Contender {
    std::string name;
    std::unique_ptr<Peer> peer;
    bool limit = false;  ///< what the machine allows: its output is not compared
};

struct MeasureOptions {
    double seconds = 0.1;  ///< a contender and a round
    std::size_t rounds = 7;
    std::size_t slices = 4;  ///< of a round
};

/// The middle, the lowest and the highest of some figures. The middle of an even count: the lower of both.
struct Spread {
    double median = 0, low = 0, high = 0;
};
Spread spread_of(std::vector<double> figures);

struct Rounds {
    std::vector<std::vector<double>> per_s;  ///< [contender][round]: messages a second
};

/// Errors: cli.bench-refused (a contender refused a message; named, with its words)
Result<Rounds> measure(std::span<Contender> contenders, std::span<const std::string> messages,
                       const MeasureOptions& options);

/// Runs of a peer over the messages in turn, without a clock: what tests/bench/instructions counts.
/// Errors: cli.bench-refused
Result<void> run_counted(Contender& contender, std::span<const std::string> messages, std::size_t runs);

}  // namespace hansa::bench
