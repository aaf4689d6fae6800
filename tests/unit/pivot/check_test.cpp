// What the check of a document accepts, and each thing it refuses.
#include <gtest/gtest.h>

#include "core/pivot/codes.h"
#include "core/pivot/table.h"
#include "core/pivot/text.h"

namespace hansa::pivot {
namespace {

Node field(std::string name, std::string value) {
    Node node;
    node.name = std::move(name);
    node.value = std::move(value);
    return node;
}

Node group(std::string name, std::vector<Node> children) {
    Node node;
    node.name = std::move(name);
    node.children = std::move(children);
    return node;
}

Document declaration(std::vector<Node> children) {
    children.insert(children.begin(), field("FunctionCode", "9"));
    Document out;
    out.root = group("Declaration", std::move(children));
    return out;
}

/// The one fault of a document, as "code path".
std::string fault_of(const Document& document) {
    Diagnostics faults;
    const bool good = check(document, faults);
    EXPECT_EQ(good, faults.empty());
    if (faults.empty()) return "none";
    EXPECT_EQ(faults.count(), 1U) << faults.errors().back().text();
    return std::string(faults.errors()[0].code.name()) + " " + faults.errors()[0].place.path;
}

Node with(Node node, std::string name, std::string value) {
    node.attributes.emplace_back(std::move(name), std::move(value));
    return node;
}

TEST(PivotCheck, AcceptsADocument) {
    Node own = field("CurrentCode", "9610");
    own.list = "cn.trade-mode";
    EXPECT_EQ(fault_of(declaration({
                  field("IssueDateTime", "2026-11-23T08:15:30.904+08:00"),
                  field("AcceptanceDateTime", "2026-11-23"),
                  with(field("InvoiceAmount", "-12.50"), "currencyID", "DEM"),
                  group("GoodsShipment", {with(field("CustomsValueAmount", "1"), "currencyID", "cn.currency:398"),
                                          group("Destination", {field("CountryCode", "EU")}),
                                          group("GovernmentAgencyGoodsItem",
                                                {field("SequenceNumeric", "1"), group("GovernmentProcedure", {own}),
                                                 group("Origin", {field("CountryCode", "1011")})})}),
              })),
              "none");
}

TEST(PivotCheck, RefusesEachFault) {
    EXPECT_EQ(fault_of(declaration({field("Colour", "red")})), "pivot.unknown-field /Declaration/Colour");
    EXPECT_EQ(fault_of(declaration({field("GoodsShipment", "x")})), "pivot.misplaced /Declaration/GoodsShipment");
    EXPECT_EQ(fault_of(declaration({field("TypeCode", "IMA"), field("TypeCode", "IMB")})),
              "pivot.too-many /Declaration/TypeCode");
    EXPECT_EQ(fault_of(declaration({field("TypeCode", "IMABC")})), "pivot.too-long /Declaration/TypeCode");
    EXPECT_EQ(fault_of(declaration({field("InvoiceAmount", "1,5")})), "pivot.bad-number /Declaration/InvoiceAmount");
    EXPECT_EQ(fault_of(declaration({field("InvoiceAmount", "1.000001")})), "pivot.too-long /Declaration/InvoiceAmount");
    EXPECT_EQ(fault_of(declaration({field("IssueDateTime", "2026-11-23T08:15:30")})),
              "pivot.bad-time /Declaration/IssueDateTime");
    EXPECT_EQ(fault_of(declaration({field("IssueDateTime", "23.11.2026")})),
              "pivot.bad-time /Declaration/IssueDateTime");
    EXPECT_EQ(fault_of(declaration({field("ID", "")})), "pivot.bad-value /Declaration/ID");
    EXPECT_EQ(fault_of(declaration({field("DirectionCode", "7")})), "pivot.bad-value /Declaration/DirectionCode");
    EXPECT_EQ(fault_of(declaration({field("DirectionCode", "X")})), "pivot.code-unknown /Declaration/DirectionCode");
    EXPECT_EQ(fault_of(declaration({group("GoodsShipment", {group("Destination", {field("CountryCode", "QQ")})})})),
              "pivot.code-unknown /Declaration/GoodsShipment/Destination/CountryCode");
    EXPECT_EQ(fault_of(declaration({group("GoodsShipment", {group("Destination", {field("CountryCode", "Q")})})})),
              "pivot.too-short /Declaration/GoodsShipment/Destination/CountryCode");
    EXPECT_EQ(fault_of(declaration({with(field("InvoiceAmount", "1"), "unitCode", "KGM")})),
              "pivot.bad-attribute /Declaration/InvoiceAmount");
    EXPECT_EQ(fault_of(declaration({with(field("InvoiceAmount", "1"), "currencyID", "XQX")})),
              "pivot.code-unknown /Declaration/InvoiceAmount/@currencyID");
    EXPECT_EQ(fault_of(declaration({group("GoodsShipment", {group("GovernmentAgencyGoodsItem", {})})})),
              "pivot.missing /Declaration/GoodsShipment/GovernmentAgencyGoodsItem[1]");
    Document wrong;
    wrong.root.name = "Order";
    EXPECT_EQ(fault_of(wrong), "pivot.unknown-field ");
    Document empty;
    empty.root.name = "Declaration";
    EXPECT_EQ(fault_of(empty), "pivot.missing /Declaration");
}

TEST(PivotCheck, AsksTestMarksAndPlaces) {
    Document envelope;
    envelope.kind = Kind::envelope;
    envelope.root = group("Envelope", {field("TestIndicator", "1")});
    EXPECT_EQ(fault_of(envelope), "pivot.bad-value /Envelope/TestIndicator");
    envelope.root.children[0].value = "true";
    EXPECT_EQ(fault_of(envelope), "none");
    Document response;
    response.kind = Kind::response;
    response.root = group("Response", {field("FunctionCode", "03"), group("Error", {field("Place", "a//b")})});
    EXPECT_EQ(fault_of(response), "pivot.bad-path /Response/Error[1]/Place");
}

TEST(PivotCheck, NeverShowsWhatMayBeAPersons) {
    Document document = declaration({group("Declarant", {field("Name", std::string(301, 'n'))})});
    Diagnostics faults;
    EXPECT_FALSE(check(document, faults));
    EXPECT_EQ(faults.errors()[0].detail.find("nnn"), std::string::npos);
}

TEST(PivotCheck, CountsCharactersNotBytes) {
    std::string name;
    for (int i = 0; i < 300; ++i) name += "Հ";
    EXPECT_EQ(fault_of(declaration({group("Declarant", {field("Name", name)})})), "none");
    EXPECT_EQ(fault_of(declaration({group("Declarant", {field("Name", name + "Հ")})})),
              "pivot.too-long /Declaration/Declarant/Name");
}

}  // namespace
}  // namespace hansa::pivot
