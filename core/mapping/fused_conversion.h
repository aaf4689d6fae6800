// Two conversions that meet in the pivot, in one step: a source's text to a target's text.
//
// The source's conversion reads, the target's writes, and what stands between them is the same
// places of the pivot. Where both are simple the value of the pivot need not be made at all: a text
// is passed on as it is, a code is looked up once, a number's or a date's digits are moved. The result is
// always that of to_pivot followed by from_pivot; every pair of twins can be fused, special or not.
//
// What the pivot would say is told on demand (`source().to_pivot`), for rules and conditions.
// Lifetimes, threads, notes and declining: as FastConversion.
// Cost, special pairs: a text about 30 instructions, a code 60, a number 100, a date 120.
//
//     const FusedConversion fused = FusedConversion::of({reads, here}, {writes, there, targets});
//     std::string_view text;
//     if (fused.single() && fused.run("142", run, text) == Fast::done) put(text);
#pragma once

#include "core/mapping/fast_conversion.h"
#include "core/mapping/plan_pivot.h"

namespace hansa::mapping {

/// What stands behind a pair of single conversions; fused_conversion.cpp has the kinds.
class FusedCode {
public:
    virtual ~FusedCode() = default;
    virtual Fast run(std::string_view national, FastRun& run, std::string_view& out) const = 0;
};

/// What the place of the pivot between the two takes: a value that it refuses is declined.
struct PivotGate {
    program::FieldFit fit;
    bool attribute = false;  ///< carries its list in front: a value that does is declined

    bool takes(std::string_view text, std::string_view list) const {
        if (attribute && (!list.empty() || text.find(':') != text.npos)) return false;
        return fit(text, list);
    }
};

/// One side of a pair: a conversion and what it is compiled for.
struct FusedSide {
    const Conversion& conversion;
    const FastContext& context;
    std::span<const FastTarget> targets = {};  ///< of the writing side
};

class FusedConversion {
public:
    /// Declines everything.
    FusedConversion() = default;

    /// Nothing comes back where one of both has no twin.
    static FusedConversion of(const FusedSide& source, const FusedSide& target);
    /// Of two twins, for values that pass the gate. Results with a list are passed on where the target's twin takes
    /// them.
    static FusedConversion of(const FastConversion& source, const FastConversion& target,
                              const std::shared_ptr<const PivotGate>& gate);

    explicit operator bool() const { return code_ != nullptr; }

    /// One text in, one text out. A source text that gives the pivot no value is declined.
    bool single() const { return single_; }
    Fast run(std::string_view national, FastRun& run, std::string_view& out) const {
        return single_ ? code_->run(national, run, out) : Fast::declined;
    }

    /// Any pair. `out` is cleared first. Values of the pivot are passed on with their slots.
    Fast run(std::span<const FastText> national, FastRun& run, TextSlots& out) const;

    const FastConversion& source() const { return source_; }
    const FastConversion& target() const { return target_; }

private:
    FastConversion source_, target_;
    std::shared_ptr<const FusedCode> code_;
    bool single_ = false;
};

}  // namespace hansa::mapping
