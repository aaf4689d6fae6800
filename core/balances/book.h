// All tables of balances that the loaded plugins bring, with the limits of the law that they name.
//
// Tables are balances/*.balance in a plugin's folder or library; limits are rows of its taxes/*.taxes (core/rules/tax.h).
// Immutable once loaded; any number of threads.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/balances/balance_table.h"
#include "core/plugin/registry.h"
#include "core/rules/tax.h"

namespace hansa::balances {

/// A table at work, and where its limit stands. `taxes`: nothing for a table without one.
struct Balance {
    BalanceTable table;
    std::shared_ptr<const rules::TaxTable> taxes;
    std::string authority;  ///< whose law it is: under its key persons are kept, whoever sends what they have bought
};

class BalanceBook {
public:
    /// Tables with faults are left out; every fault goes to `faults`. Of two tables with one name the second is a fault,
    /// and so is a limit that no tax table of the same plugin has (balances.limit-unknown).
    static std::shared_ptr<const BalanceBook> load(const plugin::Registry& registry, Diagnostics& faults);

    std::span<const Balance> all() const { return balances_; }
    /// Errors: balances.table-unknown with the nearest known one
    Result<const Balance*> find(std::string_view id) const;

    /// For tests and for a plugin's own check.
    explicit BalanceBook(std::vector<Balance> balances) : balances_(std::move(balances)) {}

private:
    std::vector<Balance> balances_;
};

/// balances/*.balance of a plugin, with its tables of taxes; of an authority as their ids begin. Tables with faults are left out.
std::vector<Balance> load_balances(const plugin::Tables& tables, Diagnostics& faults);

}  // namespace hansa::balances
