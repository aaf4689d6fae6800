// Which way translates in the gateway, and the watch over it.
//
// The fast way (fast_translation.h) does what it can. A sampled share of its messages is done by the
// reference way too: where the two differ, the reference's answer goes out, the difference is counted and logged, and
// both outputs lie in the journal.
//
// Threads: any. Counters live as long as the object that holds them; a reload hands them on.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string_view>

#include "core/exchange/fast_translation.h"

namespace hansa::exchange {

struct EngineSettings {
    bool fast = false;  ///< false: the reference way alone
    double shadow = 0.001;  ///< share of messages that both ways do: 0 to 1
};

struct ShadowCounts {
    std::atomic<std::uint64_t> compared = 0, differed = 0;
};

class Engines {
public:
    Engines(std::shared_ptr<const plugin::Registry> registry, const EngineSettings& settings,
            std::shared_ptr<ShadowCounts> counts = std::make_shared<ShadowCounts>())
        : settings_(settings), fast_(std::move(registry)), counts_(std::move(counts)) {}

    const EngineSettings& settings() const { return settings_; }
    const FastTranslator& fast() const { return fast_; }
    const std::shared_ptr<ShadowCounts>& counts() const { return counts_; }

    /// Shall both ways do this message? The same digest (hex) gets the same answer.
    bool shadows(std::string_view digest) const;

private:
    EngineSettings settings_;
    FastTranslator fast_;
    std::shared_ptr<ShadowCounts> counts_;
};

}  // namespace hansa::exchange
