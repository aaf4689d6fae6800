#include "core/disclosure/regulator_table.h"

#include <algorithm>

#include "core/disclosure/codes.h"
#include "core/rules/codes.h"
#include "tests/unit/disclosure/consents.h"

namespace hansa::disclosure::test {
namespace {

const std::string good = R"(regulators xx
title "A table"

copy xx.tax.exports
  for       tax
  text      "Exports."
  over      declaration
  certainty settled
  source    "a law, article 1"
  when      DirectionCode = "E"
  field     ID
  field     InvoiceAmount

copy xx.tax.later
  for       tax
  text      "More of them since July."
  over      declaration xx.list
  from      2026-07-01
  certainty uncertain
  source    "a plan"
  when      DirectionCode = "E"
  field     InvoiceAmount
  field     InvoiceAmount/@currencyID
)";

struct Bad {
    const char *from, *to;
    Code code;
    std::uint32_t line;
    const char* named;
};

const std::vector<Bad> bad{
    {"  field     ID\n", "  field     IDD\n", codes::field_unknown, 11, "'IDD'"},
    {"  field     InvoiceAmount\n\n", "  field     GoodsShipment/Byuer/Name\n\n", codes::field_unknown, 12, "'Buyer'"},
    {"  field     ID\n", "  field     GoodsShipment/Buyer\n", codes::field_is_class, 11, "GoodsShipment/Buyer"},
    {"  field     ID\n", "  field     GoodsShipment/%42uyer/Name\n", codes::field_not_plain, 11, "GoodsShipment/Buyer/Name"},
    {"  field     ID\n", "  field     InvoiceAmount\n", codes::field_twice, 12, "InvoiceAmount"},
    {"  field     ID\n  field     InvoiceAmount\n", "", codes::malformed, 4, "no field"},
    {"  for       tax\n", "  for       taxes\n", codes::syntax, 5, "'tax'"},
    {"  for       tax\n", "", codes::syntax, 4, "`for`"},
    {"  text      \"Exports.\"\n", "", codes::syntax, 4, "`text`"},
    {"  over      declaration\n", "  over      declaratoin\n", rules::codes::syntax, 7, "declaration"},
    {"  over      declaration\n", "", codes::syntax, 4, "`over`"},
    {"  certainty settled\n", "  certainty perhaps\n", codes::syntax, 8, "settled or uncertain"},
    {"  certainty settled\n", "", codes::syntax, 4, "`certainty`"},
    {"  source    \"a law, article 1\"\n", "", rules::codes::source_missing, 4, "xx.tax.exports"},
    {"  when      DirectionCode = \"E\"\n  field     ID", "  when      DirectoinCode = \"E\"\n  field     ID", rules::codes::path_unknown, 10, "DirectionCode"},
    {"2026-07-01", "2026-13-01", rules::codes::bad_date, 18, "2026-13-01"},
    {"xx.tax.later", "xx.tax.exports", rules::codes::dates_overlap, 14, "xx.tax.exports"},
    {"copy xx.tax.exports\n", "copy xx \"tax\"\n", codes::syntax, 4, "one id"},
    {"copy xx.tax.exports\n", "copy \"a\\\"b\"\n", codes::syntax, 4, "small letters"},
    {"  field     ID\n", "  fields    ID\n", codes::syntax, 11, "'field'"},
    {"title \"A table\"", "tittle \"A table\"", codes::syntax, 2, "tittle"},
    {"regulators xx\n", "regulators\n", codes::syntax, 1, "regulators xx"},
};

TEST(RegulatorTable, WhatIsWrongInItIsRefusedWithItsLine) {
    for (const Bad& one : bad) {
        Diagnostics faults;
        const auto found = parse_regulators(hansa::test::replaced(good, one.from, one.to), "xx.regulators", faults);
        ASSERT_FALSE(found) << one.to;
        const bool told = std::ranges::any_of(faults.errors(), [&](const Error& error) {
            return error.code == one.code && error.place.file == "xx.regulators" && error.place.line == one.line && error.text().find(one.named) != std::string::npos;
        });
        EXPECT_TRUE(told) << one.from << " -> " << one.to << ": " << faults.errors().front().text();
    }
}

std::vector<std::string> ids(const std::vector<const RegulatorRow*>& rows) {
    std::vector<std::string> out;
    for (const RegulatorRow* row : rows) out.push_back(row->id);
    return out;
}

TEST(RegulatorTable, RowsAreThoseOfModeFormatDayAndCertainty) {
    Diagnostics faults;
    auto table = parse_regulators(good, "xx.regulators", faults);
    ASSERT_TRUE(table) << table.error().text();
    const RegulatorBook book({*std::move(table)});
    const std::vector<std::string> own{"xx"}, other{"yy"};
    const auto exports = declaration_of("DirectionCode E\nID 1\nInvoiceAmount 7\nInvoiceAmount/@currencyID USD\n");
    const auto imports = declaration_of("DirectionCode I\nID 1\n");
    using Ids = std::vector<std::string>;
    EXPECT_EQ(ids(book.rows_for(exports, {own, "xx.list", "2026-07-01", true})), (Ids{"xx.tax.exports", "xx.tax.later"}));
    EXPECT_EQ(ids(book.rows_for(exports, {own, "xx.list", "2026-07-01", false})), (Ids{"xx.tax.exports"})) << "an uncertain row is off until it is switched on";
    EXPECT_EQ(ids(book.rows_for(exports, {own, "xx.list", "2026-06-30", true})), (Ids{"xx.tax.exports"})) << "before its day";
    EXPECT_EQ(ids(book.rows_for(exports, {own, "xx.other", "2026-07-01", true})), (Ids{"xx.tax.exports"})) << "another format";
    EXPECT_TRUE(book.rows_for(imports, {own, "xx.list", "2026-07-01", true}).empty());
    EXPECT_TRUE(book.rows_for(exports, {other, "xx.list", "2026-07-01", true}).empty());
    EXPECT_TRUE(book.has("xx"));
    EXPECT_FALSE(book.has("yy"));
    const auto both = book.rows_for(exports, {own, "xx.list", "2026-07-01", true});
    EXPECT_EQ(fields_of(both).paths(), (Ids{"ID", "InvoiceAmount", "InvoiceAmount/@currencyID"})) << "each field once";
}

TEST(RegulatorTable, TablesOfPluginsLoadAndNameTheirSources) {
    Diagnostics faults;
    const auto registry = plugin::Registry::load({.plugin_folders = {hansa::test::source_dir() / "plugins/cn", hansa::test::source_dir() / "plugins/in"},
                                                  .schema_folder = hansa::test::source_dir() / "schemas"}, faults);
    const auto book = RegulatorBook::load(*registry, faults);
    EXPECT_TRUE(faults.empty()) << faults.errors().front().text();
    EXPECT_TRUE(book->has("cn"));
    EXPECT_TRUE(book->has("in"));
    for (const RegulatorTable& table : book->tables()) {
        for (const RegulatorRow& row : table.rows) {
            EXPECT_FALSE(row.source.empty()) << row.id;
            EXPECT_TRUE(row.id.starts_with(table.set + "." + row.role + ".")) << row.id;
        }
    }
}

}  // namespace
}  // namespace hansa::disclosure::test
