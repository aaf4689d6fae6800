// Which regulator gets which fields of which documents: a table of an authority, a row a copy.
//
//     regulators xx
//     title "Copies for regulators"
//
//     copy xx.tax.exports
//       for       tax                      # or foreign-exchange, police, quarantine
//       text      "The tax administration compares exports with claims for a refund."
//       over      declaration              # a kind of pivot document, and perhaps formats of it
//       from      2020-07-01               # days of the document's own date; each may be left out
//       certainty settled                  # or uncertain: then it is off until the configuration switches it on
//       source    "law, number, article"   # the legal basis
//       when      DirectionCode = "E"      # all of these: the mode of trade
//       when      GoodsShipment/GovernmentAgencyGoodsItem/GovernmentProcedure/CurrentCode = "xx.mode:10"
//       field     ID
//       field     InvoiceAmount
//       field     InvoiceAmount/@currencyID
//
// Fields are checked as those of a consent are. Days, lists and tests are read as those of rules (core/rules/rule.h).
//
// Threads: any; immutable once loaded.
#pragma once

#include <array>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/disclosure/projection.h"
#include "core/plugin/registry.h"
#include "core/rules/rule.h"

namespace hansa::disclosure {

/// Roles of regulators, as tables and configurations write them.
inline constexpr std::array<std::string_view, 4> regulator_roles{"tax", "foreign-exchange", "police", "quarantine"};

struct RegulatorRow {
    std::string id;    ///< "xx.tax.exports"
    std::string role;  ///< of regulator_roles
    std::string text, source, note;
    std::vector<std::string> formats;  ///< empty: any of the kind
    rules::Days days;
    bool uncertain = false;
    std::vector<rules::Clause> when;
    FieldSet fields;  ///< with their kind
    Place place;
};

struct RegulatorTable {
    std::string set;  ///< "xx"
    std::string title, file;
    std::vector<RegulatorRow> rows;
};

/// `file` is what errors call it. Every fault goes to `faults` with its line; the result is the first.
/// Errors: disclosure.syntax, -field-*; rules.syntax, -source-missing, -bad-date, -dates-overlap, -path-unknown; mapping.syntax
Result<RegulatorTable> parse_regulators(std::string_view text, const std::string& file, Diagnostics& faults);

/// regulators/*.regulators of a plugin. Tables with faults are left out; every fault goes to `faults`.
std::vector<RegulatorTable> load_regulators(const plugin::Tables& tables, Diagnostics& faults);
/// The same of a plugin's folder: for its author, before anything is loaded.
std::vector<RegulatorTable> load_regulators(const std::filesystem::path& folder, Diagnostics& faults);

/// All tables of the loaded plugins: regulators/*.regulators.
class RegulatorBook {
public:
    /// Tables with faults are left out; every fault goes to `faults`.
    static std::shared_ptr<const RegulatorBook> load(const plugin::Registry& registry, Diagnostics& faults);
    explicit RegulatorBook(std::vector<RegulatorTable> tables = {}) : tables_(std::move(tables)) {}

    std::span<const RegulatorTable> tables() const { return tables_; }
    /// Is there a table of this set?
    bool has(std::string_view set) const;

    /// Which documents, by which tables, for which roles.
    struct Question {
        std::span<const std::string> sets;
        std::string_view format;  ///< of the message
        std::string_view day;     ///< of documents that have none
        bool uncertain = false;   ///< rows that are marked so count, too
    };
    /// Rows that give a copy of the document, in the order of the tables.
    std::vector<const RegulatorRow*> rows_for(const pivot::Document& document, const Question& question) const;

private:
    std::vector<RegulatorTable> tables_;
};

/// The fields of all the rows together; they are of one kind.
FieldSet fields_of(std::span<const RegulatorRow* const> rows);

}  // namespace hansa::disclosure
