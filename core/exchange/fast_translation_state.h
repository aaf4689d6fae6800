// What a FastTranslator keeps: compiled grammars, plans, readers and runs. For its own sources.
#pragma once

#include <fmt/format.h>

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>

#include "core/exchange/fast_translation.h"
#include "core/exchange/kept.h"
#include "core/mapping/plan.h"
#include "core/schema/compiled_reader.h"
#include "core/xml/fast_scanner.h"

namespace hansa::exchange {

/// Readers of one format.
struct FormatReaders {
    std::once_flag made;
    std::shared_ptr<const schema::CompiledGrammar> grammar;  ///< nothing: the reference reads it
    Pool<schema::FastReader> pool;
};

/// A pair of formats under two agencies' settings: its plan, or why there is none.
struct PlannedPair {
    std::once_flag made;
    std::shared_ptr<const mapping::Plan> plan;
    std::optional<Error> unsupported;
    Pool<mapping::PlanRun> pool;
};

/// Names a pair under two agencies' settings.
std::string pair_key(const plugin::Format& from, const plugin::Format& to, const mapping::Settings& source,
                     const mapping::Settings& target);

struct FastTranslator::State {
    std::shared_ptr<const plugin::Registry> registry;
    std::shared_mutex mutex;
    std::map<std::string, std::unique_ptr<PlannedPair>> pairs;
    std::map<const plugin::Format*, std::unique_ptr<FormatReaders>> readers;
    Pool<xml::FastScanner> scanners;
    std::atomic<std::uint64_t> done = 0, invalid = 0;
    std::mutex declined_mutex;
    std::map<std::string, std::uint64_t, std::less<>> declined;

    FormatReaders& readers_of(const plugin::Format& format) {
        FormatReaders& found = kept(mutex, readers, &format);
        std::call_once(found.made, [&] {
            if (auto grammar = registry->compiled(format)) found.grammar = *std::move(grammar);
        });
        return found;
    }

    PlannedPair& pair(const plugin::Format& from, const plugin::Format& to, const mapping::Settings& source,
                      const mapping::Settings& target) {
        PlannedPair& found = kept(mutex, pairs, pair_key(from, to, source, target));
        std::call_once(found.made, [&] {
            if (const auto made = make(found, from, to, source, target); !made) found.unsupported = made.error();
        });
        return found;
    }

    Result<void> make(PlannedPair& pair, const plugin::Format& from, const plugin::Format& to, const mapping::Settings& source,
                      const mapping::Settings& target) const;

    void count_declined(const std::string& why) {
        constexpr std::size_t reasons_max = 64;
        const std::lock_guard lock(declined_mutex);
        const bool known = declined.contains(why) || declined.size() < reasons_max;
        ++declined[known ? why : "other"];
    }
};

}  // namespace hansa::exchange
