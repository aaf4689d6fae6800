// All tables of rules, taxes and modes that the loaded plugins bring.
//
// A plugin's tables are rules/*.rules, taxes/*.taxes and modes/*.modes in its folder; a set has the plugin's name, and
// may be told in several files.
// Examples lie beside them, rules/examples/ID.accepted.pivot and ID.refused.pivot (or ID.warned.pivot): pivot
// documents as core/pivot/text.h writes them.
//
// Immutable once loaded; any number of threads.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/plugin/registry.h"
#include "core/rules/mode.h"
#include "core/rules/rule.h"
#include "core/rules/tax.h"

namespace hansa::rules {

class RuleBook {
public:
    /// Tables with faults are left out; every fault goes to `faults`.
    static std::shared_ptr<const RuleBook> load(const plugin::Registry& registry, Diagnostics& faults);

    std::span<const RuleTable> tables() const { return tables_; }
    std::span<const TaxTable> taxes() const { return taxes_; }
    std::span<const ModeTable> modes() const { return modes_; }
    /// Sets whose rules are for a plugin's documents where nobody asks for others: its own, and those that serve it.
    std::vector<std::string> sets_for(std::string_view plugin) const;
    /// Rules of these sets, in the order of their tables. Errors: rules.set-unknown with the nearest known one
    Result<std::vector<const Rule*>> rules_of(std::span<const std::string> sets) const;
    /// Of all sets.
    std::vector<const Rule*> all() const;

    /// For tests and for a plugin's own check.
    explicit RuleBook(std::vector<RuleTable> tables, std::vector<TaxTable> taxes = {}, std::vector<ModeTable> modes = {})
        : tables_(std::move(tables)), taxes_(std::move(taxes)), modes_(std::move(modes)) {}

private:
    std::vector<RuleTable> tables_;
    std::vector<TaxTable> taxes_;
    std::vector<ModeTable> modes_;
};

/// Reads rules/*.rules of a plugin's folder or library.
std::vector<RuleTable> load_tables(const plugin::Tables& tables, Diagnostics& faults);

struct ExampleResult {
    std::uint64_t passed = 0;
    std::vector<Error> faults;  ///< rules.example, rules.* of the tables, pivot.* of the documents
};

/// Runs the examples of taxes, taxes/examples/*.pivot: documents whose comment lines say what is known and what is due.
///     # source UOL Economia, 2025-07-29            where the figures were published
///     # rate cn.consumption-tax 15                 figures that the caller gives
///     # exchange USD/EUR 0.92
///     # expect cn.retail 9.10                      the sum of the row's lines
///     # expect cn.transaction within               or exceeded, unknown, none
/// Each row needs an example that asks it.
ExampleResult run_tax_examples(const std::filesystem::path& folder);

/// Runs the examples of a plugin's folder: each rule needs one document that it is asked of and that keeps it, and one
/// that breaks it, and no other rule of the table may refuse them.
ExampleResult run_examples(const std::filesystem::path& folder);

}  // namespace hansa::rules
