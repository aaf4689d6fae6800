#include "core/matching/match_table.h"

#include <algorithm>

#include "core/matching/book.h"
#include "core/matching/codes.h"
#include "core/rules/codes.h"
#include "tests/unit/matching/documents.h"

namespace hansa::matching::test {
namespace {

const std::string head = R"(match xx.import
  text   "A declaration and its order"
  source "somebody"
  wait   1 hours
  keep   2 days
  lead   list  declaration xx.list
    known-by FunctionalReferenceID
  part   order order
    joined GoodsShipment/UCR/TraderAssignedReferenceID
)";
const std::string row = R"(  agree xx.1 list order
    text     "same"
    severity refuse
    source   "somebody"
    same     GoodsShipment/Buyer/Name
)";

std::vector<Error> faults_of(const std::string& text) {
    Diagnostics faults;
    const auto table = parse_match(text, "x.match", faults);
    EXPECT_EQ(table.has_value(), faults.empty());
    return faults.errors();
}

void expect_fault(const std::string& text, Code code, std::uint32_t line, const std::string& says) {
    const auto faults = faults_of(text);
    ASSERT_FALSE(faults.empty()) << text;
    EXPECT_EQ(faults[0].code, code) << faults[0].text();
    EXPECT_EQ(faults[0].place.line, line) << faults[0].text();
    EXPECT_NE(faults[0].detail.find(says), std::string::npos) << faults[0].text();
}

std::string with(std::string text, const std::string& old, const std::string& fresh) {
    const std::size_t at = text.find(old);
    EXPECT_NE(at, std::string::npos) << old;
    return text.replace(at, old.size(), fresh);
}

TEST(MatchTable, SeveralPartsStandLastAndAreJoinedByOnePlace) {
    const std::string several = with(head, "    joined GoodsShipment/UCR/TraderAssignedReferenceID\n", "    joined GoodsShipment/UCR/TraderAssignedReferenceID\n    several\n");
    EXPECT_TRUE(faults_of(several + row).empty());
    expect_fault(several + "  part waybill waybill\n    joined FunctionalReferenceID\n" + row, codes::syntax, 11, "stands last");
    expect_fault(with(several, "    several\n", "    several\n    joined FunctionalReferenceID\n") + row, codes::syntax, 8, "one place");
    expect_fault(head + row + "    each GoodsShipment/GovernmentAgencyGoodsItem by SequenceNumeric\n      of SequenceNumeric = FunctionalReferenceID\n", codes::syntax, 16, "`covered` has");
}

TEST(MatchTable, IsReadAsWritten) {
    const MatchTable table = china();
    EXPECT_EQ(table.id, "cn.import");
    EXPECT_EQ(table.wait, std::chrono::hours(72));
    ASSERT_EQ(table.parts.size(), 4U);
    EXPECT_EQ(table.parts[3].name, "waybill");
    ASSERT_EQ(table.joins.size(), 3U);
    EXPECT_EQ(table.joins[1].keys.size(), 2U);
    EXPECT_EQ(table.part_of(pivot::Kind::payment, "cn.ceb411"), 2U);
    EXPECT_EQ(table.part_of(pivot::Kind::payment, "cn.ceb403"), std::nullopt);
    const auto pays = std::ranges::find(table.agreements, "cn.9", &Agreement::id);
    ASSERT_NE(pays, table.agreements.end());
    EXPECT_EQ(pays->same[0].first.text, "GoodsShipment/Buyer/Name");
    EXPECT_EQ(pays->same[0].second.text, "GoodsShipment/Payer/Name");
    EXPECT_EQ(pays->severity, rules::Severity::warn);
}

TEST(MatchTable, FaultsAreNamedWithTheirLine) {
    EXPECT_TRUE(faults_of(head + row).empty());
    expect_fault("", codes::syntax, 0, "match NAME");
    expect_fault(with(head, "wait   1 hours", "wait   1 moon") + row, codes::syntax, 4, "72 hours");
    expect_fault(with(head, "  source \"somebody\"\n", "") + row, rules::codes::source_missing, 1, "xx.import");
    expect_fault(with(head, "order order", "order ordre") + row, codes::syntax, 8, "ordre");
    expect_fault(with(head, "TraderAssignedReferenceID", "TraderAssignedReference"), rules::codes::path_unknown, 9, "TraderAssignedReferenceID");
    expect_fault(with(head, "    known-by FunctionalReferenceID\n", "") + row, codes::syntax, 6, "known-by");
    expect_fault(with(head, "    joined GoodsShipment/UCR/TraderAssignedReferenceID\n", "") + row, codes::syntax, 8, "joined");
    expect_fault(head + with(row, "list order", "list ordr"), codes::syntax, 10, "ordr");
    expect_fault(head + with(row, "severity refuse", "severity maybe"), rules::codes::severity_unknown, 12, "maybe");
    expect_fault(head + with(row, "    severity refuse\n", ""), rules::codes::severity_unknown, 10, "severity");
    expect_fault(head + with(row, "    source   \"somebody\"\n", ""), rules::codes::source_missing, 10, "xx.1");
    expect_fault(head + with(row, "same     GoodsShipment/Buyer/Name", "same     \"x\""), codes::syntax, 14, "name a place");
    expect_fault(head + with(row, "same     GoodsShipment/Buyer/Name", "equal    GoodsShipment/Buyer/Name"), codes::syntax, 14, "equal");
    expect_fault(head + "    lines\n", codes::syntax, 10, "joined");
    expect_fault(head + row + "  answers status\n", codes::syntax, 15, "one code list");
    expect_fault(head + row + "  lead other declaration\n    known-by ID\n", codes::syntax, 15, "one lead");
}

const std::string ordered = R"(  agree xx.2 list order
    text     "no more than ordered"
    severity warn
    source   "somebody"
    at-most  GoodsShipment/CustomsValuation/FreightChargeAmount
    covered  GoodsShipment/GovernmentAgencyGoodsItem by first(Commodity/Description, 2)
      where    SequenceNumeric present
      at-most  Commodity/InvoiceLine/InvoicedQuantity
)";

TEST(MatchTable, LinesThatCompareOrderAreReadOrRefused) {
    EXPECT_TRUE(faults_of(head + ordered).empty());
    expect_fault(head + with(ordered, "at-most  GoodsShipment/CustomsValuation/FreightChargeAmount", "at-most  GoodsShipment/Buyer/Name"), codes::syntax, 14, "numbers or days");
    expect_fault(head + with(ordered, "at-most  GoodsShipment/CustomsValuation/FreightChargeAmount", "at-most  IssueDateTime <= InvoiceAmount"), codes::syntax, 14, "numbers or days");
    expect_fault(head + with(ordered, " by first(Commodity/Description, 2)", ""), codes::syntax, 15, "CLASS by FIELD");
    expect_fault(head + with(ordered, "GovernmentAgencyGoodsItem by", "GovernmentAgencyGoodsItem = GoodsShipment/Buyer/Name by"), codes::syntax, 15, "names a class");
    expect_fault(head + with(ordered, "at-most  Commodity", "same     Commodity"), codes::syntax, 15 + 2, "covered");
    expect_fault(head + with(ordered, "covered  Goods", "each     Goods"), codes::syntax, 16, "each");
    expect_fault(with(head, "    known-by FunctionalReferenceID\n", "    known-by FunctionalReferenceID\n    when GoodsShipment/Bayer present\n") + row, rules::codes::path_unknown, 8, "Buyer");
    expect_fault(with(head, "    joined Goods", "    chained\n    joined Goods") + row, codes::syntax, 8, "is `chained`");
    expect_fault(with(head, "    joined Goods", "    shared twice\n    joined Goods") + row, codes::syntax, 9, "shared");
}

TEST(MatchBook, KnowsTheTablesOfThePlugins) {
    Diagnostics faults;
    const auto root = hansa::test::source_dir();
    const auto registry = plugin::Registry::load({.plugin_folders = {root / "plugins"}, .schema_folder = root / "schemas"}, faults);
    const auto book = MatchBook::load(*registry, faults);
    EXPECT_TRUE(faults.empty());
    EXPECT_TRUE(book->find("cn.import"));
    const auto unknown = book->find("cn.imprt");
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().code, codes::table_unknown);
    EXPECT_NE(unknown.error().detail.find("cn.import"), std::string::npos);
}

}  // namespace
}  // namespace hansa::matching::test
