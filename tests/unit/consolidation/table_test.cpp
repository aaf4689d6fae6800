#include "core/consolidation/book.h"
#include "core/consolidation/codes.h"
#include "core/rules/codes.h"
#include "tests/unit/consolidation/documents.h"

namespace hansa::consolidation::test {
namespace {

const std::string good = R"(consolidation xx.master
  text      "Parcels as one"
  source    "somebody"
  house     declaration xx.list
  master    declaration
  limit     999
  limit     99 xx.report
  by        GoodsShipment/PreviousDocument[TypeCode=704]/ID
  reference FunctionalReferenceID
  issued    IssueDateTime
  fixed     TypeCode "IM"
  equal     Declarant
  sum       InvoiceAmount from Commodity/InvoiceLine/ItemChargeAmount
  count     GoodsItemQuantity
  items     GoodsShipment/GovernmentAgencyGoodsItem
    identity GoodsShipment/PreviousDocument[TypeCode=703]/ID = PreviousDocument[TypeCode=703]/ID
    number   SequenceNumeric = PreviousDocument[TypeCode=703]/LineNumeric
    keep     GoodsShipment/Buyer = Buyer
  apart     destination Destination/CountryCode = GoodsShipment/Destination/CountryCode
)";

std::vector<Error> faults_of(const std::string& text) {
    Diagnostics faults;
    const auto table = parse_consolidation(text, "x.consolidation", faults);
    EXPECT_EQ(table.has_value(), faults.empty());
    return faults.errors();
}

std::string with(std::string text, const std::string& old, const std::string& fresh) {
    const std::size_t at = text.find(old);
    EXPECT_NE(at, std::string::npos) << old;
    return text.replace(at, old.size(), fresh);
}

void expect_fault(const std::string& old, const std::string& fresh, Code code, std::uint32_t line, const std::string& says) {
    const auto faults = faults_of(with(good, old, fresh));
    ASSERT_FALSE(faults.empty()) << fresh;
    EXPECT_EQ(faults[0].code, code) << faults[0].text();
    EXPECT_EQ(faults[0].place.line, line) << faults[0].text();
    EXPECT_EQ(faults[0].place.file, "x.consolidation");
    EXPECT_NE(faults[0].detail.find(says), std::string::npos) << faults[0].text();
}

TEST(ConsolidationTable, IsReadAsWritten) {
    Diagnostics faults;
    const auto table = parse_consolidation(good, "x.consolidation", faults);
    ASSERT_TRUE(table) << table.error().text();
    EXPECT_EQ(table->id, "xx.master");
    EXPECT_EQ(table->limit_for("xx.report"), 99U);
    EXPECT_EQ(table->limit_for("xx.other"), 999U);
    EXPECT_TRUE(table->house.holds(pivot::Kind::declaration, "xx.list"));
    EXPECT_FALSE(table->house.holds(pivot::Kind::declaration, "xx.other"));
    EXPECT_TRUE(table->whole_items);
    ASSERT_EQ(table->keeps.size(), 1U);
    EXPECT_EQ(table->keeps[0].second.text, "Buyer");
    ASSERT_EQ(table->sums.size(), 1U);
    EXPECT_TRUE(table->sums[0].from.has_value());
    ASSERT_EQ(table->aparts.size(), 1U);
    EXPECT_EQ(table->aparts[0].name, "destination");
}

TEST(ConsolidationTable, FaultsAreNamedWithTheirLine) {
    EXPECT_TRUE(faults_of(good).empty());
    expect_fault("consolidation xx.master", "match xx.master", codes::syntax, 1, "consolidation NAME");
    expect_fault("consolidation xx.master", "consolidation", codes::syntax, 1, "one name");
    expect_fault("  text      \"Parcels as one\"\n", "", codes::syntax, 1, "text");
    expect_fault("  source    \"somebody\"\n", "", rules::codes::source_missing, 1, "xx.master");
    expect_fault("house     declaration xx.list", "house     declaratoin", rules::codes::syntax, 4, "declaratoin");
    expect_fault("  master    declaration\n", "", codes::syntax, 1, "`master`");
    expect_fault("limit     999", "limit     0", codes::syntax, 6, "how many");
    expect_fault("limit     999", "limit     many", codes::syntax, 6, "how many");
    expect_fault("by        Goods", "by        Godos", rules::codes::path_unknown, 8, "GoodsShipment");
    expect_fault("  reference FunctionalReferenceID\n", "", codes::syntax, 1, "reference");
    expect_fault("reference FunctionalReferenceID", "reference InvoiceAmount", codes::place_unfit, 9, "reference");
    expect_fault("issued    IssueDateTime", "issued    TypeCode", codes::place_unfit, 10, "no time");
    expect_fault("fixed     TypeCode \"IM\"", "fixed     TypeCode", codes::syntax, 11, "its value");
    expect_fault("fixed     TypeCode", "fixed     Declarant", codes::syntax, 11, "one field");
    expect_fault("equal     Declarant", "equal     Declarant = GoodsShipment", codes::place_unfit, 12, "Declarant");
    expect_fault("equal     Declarant", "equal     Declarant/Name/@x", rules::codes::path_unknown, 12, "@x");
    expect_fault("equal     Declarant", "equal     Declarant/Address/Line", codes::syntax, 12, "through a list");
    expect_fault("equal     Declarant", "equals    Declarant", codes::syntax, 12, "equal");
    expect_fault("sum       InvoiceAmount from", "sum       Declarant from", codes::place_unfit, 13, "number");
    expect_fault("from Commodity/InvoiceLine/ItemChargeAmount", "from Commodity/Description", codes::place_unfit, 13, "number");
    expect_fault("count     GoodsItemQuantity", "count     TypeCode", codes::place_unfit, 14, "number");
    expect_fault("items     GoodsShipment/GovernmentAgencyGoodsItem", "items     GoodsShipment", codes::place_unfit, 15, "list");
    expect_fault("    identity GoodsShipment/PreviousDocument[TypeCode=703]/ID = PreviousDocument[TypeCode=703]/ID\n", "", codes::syntax, 15, "identity");
    expect_fault("    number   SequenceNumeric = PreviousDocument[TypeCode=703]/LineNumeric\n", "", codes::syntax, 15, "number");
    expect_fault("    number   SequenceNumeric =", "    number   Commodity/Description =", codes::place_unfit, 17, "");
    expect_fault("    keep     GoodsShipment/Buyer = Buyer", "    kept     GoodsShipment/Buyer = Buyer", codes::syntax, 18, "keep");
    expect_fault("    keep     GoodsShipment/Buyer = Buyer", "    keep     GoodsShipment/Buyer = Commodity", codes::place_unfit, 18, "Commodity");
    expect_fault("apart     destination Destination/CountryCode = GoodsShipment/Destination/CountryCode", "apart     destination", codes::syntax, 19, "apart destination");
    expect_fault("apart     destination Destination/CountryCode =", "apart     destination Commodity =", codes::place_unfit, 19, "Commodity");
    expect_fault("  count     GoodsItemQuantity\n", "  refusal   some\n", codes::syntax, 14, "whole");
    expect_fault("  count     GoodsItemQuantity\n", "  mixed     maybe\n", codes::syntax, 14, "mixed 02");
    expect_fault("  count     GoodsItemQuantity\n", "  anew\n", codes::syntax, 14, "names formats");
    expect_fault("  count     GoodsItemQuantity\n", "  anew      xx.other\n", codes::syntax, 14, "no format of its houses");
}

TEST(ConsolidationBook, KnowsTheTablesOfThePlugins) {
    Diagnostics faults;
    const auto root = hansa::test::source_dir();
    const auto registry = plugin::Registry::load({.plugin_folders = {root / "plugins"}, .schema_folder = root / "schemas"}, faults);
    const auto book = ConsolidationBook::load(*registry, faults);
    for (const Error& fault : faults.errors()) ADD_FAILURE() << fault.text();
    for (const char* name : {"wco.parcels", "cn.master-list", "cn.summary", "asycuda.manifest", "upu.dispatch"}) EXPECT_TRUE(book->find(name)) << name;
    const auto unknown = book->find("cn.master-lits");
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().code, codes::table_unknown);
    EXPECT_NE(unknown.error().detail.find("cn.master-list"), std::string::npos);
}

}  // namespace
}  // namespace hansa::consolidation::test
