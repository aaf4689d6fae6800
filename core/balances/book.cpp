#include "core/balances/book.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/balances/codes.h"
#include "core/base/nearest.h"
#include "core/plugin/tables.h"

namespace hansa::balances {
namespace {

using Taxes = std::vector<std::shared_ptr<const rules::TaxTable>>;

/// The tax table that has the limit and the figure; nothing with a fault.
std::shared_ptr<const rules::TaxTable> taxes_of(const BalanceTable& table, const Taxes& taxes, Diagnostics& faults) {
    std::vector<std::string_view> known;
    for (const auto& one : taxes) {
        const bool limit = std::ranges::any_of(one->rows, [&](const rules::TaxRow& row) { return row.id == table.limit && row.form == rules::TaxForm::limit; });
        const bool given = std::ranges::any_of(one->given, [&](const rules::Given& figure) { return figure.id == table.given; });
        if (limit && given) return one;
        for (const rules::TaxRow& row : one->rows) {
            if (row.form == rules::TaxForm::limit) known.push_back(row.id);
        }
        for (const rules::Given& figure : one->given) known.push_back(figure.id);
    }
    const bool limit = std::ranges::find(known, table.limit) != known.end();
    const std::string& missing = limit ? table.given : table.limit;
    faults.add(codes::limit_unknown, fmt::format("'{}': {} '{}'{}", table.id, limit ? "the figure" : "the limit", missing, did_you_mean(missing, known)), table.place);
    return nullptr;
}

}  // namespace

std::vector<Balance> load_balances(const plugin::Tables& tables, Diagnostics& faults) {
    std::vector<Balance> out;
    const auto names = tables.names("balances", ".balance");
    if (names.empty()) return out;
    Diagnostics told_elsewhere;  // faults of tables of taxes are those of core/rules
    Taxes taxes;
    for (rules::TaxTable& table : rules::load_tax_tables(tables, told_elsewhere)) taxes.push_back(std::make_shared<const rules::TaxTable>(std::move(table)));
    for (const std::string& name : names) {
        const std::string called = tables.called(name);
        const auto text = tables.read(name);
        if (!text) {
            faults.add(text.error().in_file(called));
            continue;
        }
        auto table = parse_balance(*text, called, faults);
        if (!table) continue;
        std::shared_ptr<const rules::TaxTable> limits;
        if (!table->limit.empty()) {
            limits = taxes_of(*table, taxes, faults);
            if (limits == nullptr) continue;
        }
        std::string authority = table->id.substr(0, table->id.find('.'));
        out.push_back({*std::move(table), std::move(limits), std::move(authority)});
    }
    return out;
}

std::shared_ptr<const BalanceBook> BalanceBook::load(const plugin::Registry& registry, Diagnostics& faults) {
    std::vector<Balance> out;
    for (const plugin::PluginInfo& plugin : registry.plugins()) {
        const auto tables = registry.tables(plugin.name);
        if (!tables) continue;
        for (Balance& balance : load_balances(*tables, faults)) {
            balance.authority = plugin.authority;
            const bool twice = std::ranges::any_of(out, [&](const Balance& one) { return one.table.id == balance.table.id; });
            if (twice) faults.add(codes::syntax, fmt::format("a table '{}' is there already", balance.table.id), balance.table.place);
            else out.push_back(std::move(balance));
        }
    }
    return std::make_shared<const BalanceBook>(std::move(out));
}

Result<const Balance*> BalanceBook::find(std::string_view id) const {
    std::vector<std::string_view> known;
    for (const Balance& balance : balances_) {
        if (balance.table.id == id) return &balance;
        known.push_back(balance.table.id);
    }
    return Error{codes::table_unknown, fmt::format("'{}'{}", id, did_you_mean(id, known))};
}

}  // namespace hansa::balances
