// Reader and plan against the reference translation: verdict and first fault, bytes, ledger with lines, warnings.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/exchange/fast_translation.h"
#include "tests/property/domain.h"
#include "tests/property/formats.h"

namespace hansa::test {

/// Every ordered pair of formats of one kind and two authorities, through the product's own fast translator. One
/// thread.
class PlanPairs {
public:
    PlanPairs();

    std::size_t size() const { return pairs_.size(); }
    std::string name(std::size_t pair) const;
    /// By name, "cn.ceb621--wco.declaration"; size() when there is none.
    std::size_t find(std::string_view name) const;
    const schema::Grammar& grammar(std::size_t pair) const;

    /// A document of the pair's source format: an example of the source tree, or one from the table's domain; empty:
    /// it could not be made.
    std::string draw(std::size_t pair, std::uint64_t seed);
    /// Why the pair has no plan at all; empty: it has one.
    std::string unsupported(std::size_t pair) const;

    /// Empty: both ways agree, or the fast one declines.
    std::string disagreement(std::size_t pair, std::string_view bytes);

    struct Counts {
        std::size_t fast = 0, declined = 0, refused = 0;
        std::map<std::string, std::size_t> why;
    };
    const Counts& counts() const { return counts_; }

private:
    struct Pair {
        std::size_t from, to;
    };
    std::shared_ptr<const plugin::Registry> registry_;
    std::vector<Subject> subjects_;
    std::vector<std::unique_ptr<Domain>> domains_;
    std::vector<std::vector<std::string>> examples_;  ///< of each subject
    std::vector<Pair> pairs_;
    exchange::FastTranslator fast_;
    Counts counts_;
};

}  // namespace hansa::test
