// All tables of consolidation that the loaded plugins bring: consolidation/*.consolidation in a plugin's folder or library.
//
// Immutable once loaded; any number of threads.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "core/consolidation/consolidation_table.h"
#include "core/plugin/registry.h"

namespace hansa::consolidation {

class ConsolidationBook {
public:
    /// Tables with faults are left out; every fault goes to `faults`. Of two tables with one name the second is a fault.
    static std::shared_ptr<const ConsolidationBook> load(const plugin::Registry& registry, Diagnostics& faults);

    std::span<const ConsolidationTable> tables() const { return tables_; }
    /// Errors: consolidation.table-unknown with the nearest known one
    Result<const ConsolidationTable*> find(std::string_view id) const;

private:
    std::vector<ConsolidationTable> tables_;
};

}  // namespace hansa::consolidation
