// Which way works in the gateway, and the watch over it.
//
// The fast way reads, validates, verifies, finds the facts that routes ask for, translates and signs what it can; the
// reference does the rest, message by message. A sampled share of messages is done by both: verdicts, facts, bytes and
// ledgers are compared; where the two differ, the reference's answer counts, the difference is told and logged, and
// both outputs lie in the journal.
//
// Threads: any. Counters live as long as the object that holds them; a reload hands them on.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string_view>

#include "core/exchange/facts.h"
#include "core/exchange/fast_signatures.h"
#include "core/exchange/fast_translation.h"

namespace hansa::exchange {

struct EngineSettings {
    bool fast = false;  ///< false: the reference way alone
    double shadow = 0.001;  ///< share of messages that both ways do: 0 to 1
};

/// Of messages, whatever was compared of them.
struct ShadowCounts {
    std::atomic<std::uint64_t> compared = 0, differed = 0;
};

class Engines {
public:
    Engines(const std::shared_ptr<const plugin::Registry>& registry, const EngineSettings& settings,
            std::shared_ptr<ShadowCounts> counts = std::make_shared<ShadowCounts>())
        : settings_(settings), fast_(registry), facts_(registry), counts_(std::move(counts)) {}

    const EngineSettings& settings() const { return settings_; }
    const FastTranslator& fast() const { return fast_; }
    const FastSignatures& signatures() const { return signatures_; }
    const FactFinder& facts() const { return facts_; }
    const std::shared_ptr<ShadowCounts>& counts() const { return counts_; }

    /// Shall both ways do this message? The same digest (hex) gets the same answer.
    bool shadows(std::string_view digest) const;

private:
    EngineSettings settings_;
    FastTranslator fast_;
    FastSignatures signatures_;
    FactFinder facts_;
    std::shared_ptr<ShadowCounts> counts_;
};

}  // namespace hansa::exchange
