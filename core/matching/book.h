// All tables of matches that the loaded plugins bring: matching/*.match in a plugin's folder or library.
//
// Immutable once loaded; any number of threads.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "core/matching/match_table.h"
#include "core/plugin/registry.h"

namespace hansa::matching {

class MatchBook {
public:
    /// Tables with faults are left out; every fault goes to `faults`. Of two tables with one name the second is a fault.
    static std::shared_ptr<const MatchBook> load(const plugin::Registry& registry, Diagnostics& faults);

    std::span<const MatchTable> tables() const { return tables_; }
    /// Errors: matching.table-unknown with the nearest known one
    Result<const MatchTable*> find(std::string_view id) const;

private:
    std::vector<MatchTable> tables_;
};

}  // namespace hansa::matching
