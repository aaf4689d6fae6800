// One case measured: contenders put up, outputs compared, times taken.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/cli/bench_case.h"
#include "core/cli/bench_library.h"
#include "core/cli/bench_measure.h"

namespace hansa::bench {

struct Refusal {
    std::string peer;
    std::string why;  ///< the first difference, or the peer's own words
};

struct Figures {
    Spread units_per_s;
    Spread ratio;  ///< Hansa's rate through this one's, round by round; 1 for Hansa itself
    bool limit = false;
};

struct CaseResult {
    std::string name, unit, engine;  ///< engine: "fast" or "reference"
    std::string note;                ///< why there is no fast way
    std::size_t input_bytes = 0, documents = 1;
    Figures hansa;
    double mb_per_s = 0;
    std::uint64_t instructions_per_unit = 0;  ///< 0: the kernel counts none here
    std::map<std::string, Figures> peers;
    std::size_t left = 0;          ///< of the input's messages, those that the fast way left to the reference
    std::vector<Refusal> refused;  ///< their times do not count
};

/// Puts up the contenders of a case: Hansa first, then the reference way, the library's, the limits.
struct Field {
    std::vector<Contender> contenders;
    std::string engine, note;
    std::size_t left = 0;
    std::vector<Refusal> refused;
};
Field contenders_of(const plugin::Registry& registry, const Case& one, const PeerLibrary* library, bool limits);

/// Takes those out whose output is not Hansa's. Errors: cli.bench-differs, where it is the reference
/// way itself that differs, and cli.bench-refused
Result<void> compare_outputs(const Case& one, Field& field);

Result<CaseResult> run_case(const plugin::Registry& registry, const Case& one, const PeerLibrary* library,
                            const MeasureOptions& options);

}  // namespace hansa::bench
