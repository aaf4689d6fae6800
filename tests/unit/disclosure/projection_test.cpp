#include "core/disclosure/projection.h"

#include <gtest/gtest.h>

#include "core/disclosure/codes.h"
#include "core/pivot/text.h"

namespace hansa::disclosure::test {
namespace {

pivot::Document document() {
    return pivot::read_text("document declaration\n"
                            "FunctionCode 9\n"
                            "InvoiceAmount 120.5\n"
                            "InvoiceAmount/@currencyID USD\n"
                            "GoodsShipment/Buyer/Name A \"quoted\" name\\nof two lines\n"
                            "GoodsShipment/Buyer/ID[1] 11\n"
                            "GoodsShipment/Buyer/ID[1]/@schemeID TIN\n"
                            "GoodsShipment/GovernmentAgencyGoodsItem[1]/SequenceNumeric 1\n"
                            "GoodsShipment/GovernmentAgencyGoodsItem[2]/Commodity/Description tea\n"
                            "GoodsShipment/GovernmentAgencyGoodsItem[3]/Commodity/Description cups\n"
                            "GoodsShipment/GovernmentAgencyGoodsItem[3]/GovernmentProcedure[1]/CurrentCode 9610\n"
                            "GoodsShipment/GovernmentAgencyGoodsItem[3]/GovernmentProcedure[1]/CurrentCode/@listID cn.trade-mode\n"
                            "@annex\tcn\tplace\tcarried\n"
                            "@memory\tcn.x\tplace\tremembered\n")
        .value()
        .front();
}

FieldSet fields(const std::vector<std::string>& paths) {
    Diagnostics faults;
    return FieldSet::of(pivot::Kind::declaration, paths, faults).value();
}

TEST(Projection, GivesExactlyTheNamedFields) {
    EXPECT_EQ(project(document(), fields({"InvoiceAmount"})).json(), R"({"kind":"declaration","fields":[{"path":"InvoiceAmount","value":"120.5"}]})");
    EXPECT_EQ(project(document(), fields({"InvoiceAmount/@currencyID"})).json(), R"({"kind":"declaration","fields":[{"path":"InvoiceAmount/@currencyID","value":"USD"}]})");
    EXPECT_EQ(project(document(), fields({"GoodsShipment/Buyer/Name"})).json(),
              R"({"kind":"declaration","fields":[{"path":"GoodsShipment/Buyer/Name","value":"A \"quoted\" name\nof two lines"}]})");
    EXPECT_EQ(project(document(), fields({"GoodsShipment/Seller/Name"})).json(), R"({"kind":"declaration","fields":[]})");
}

TEST(Projection, MembersKeepTheirOrderAndAreNumberedAnew) {
    EXPECT_EQ(project(document(), fields({"GoodsShipment/GovernmentAgencyGoodsItem/Commodity/Description"})).text(),
              "document declaration\n"
              "GoodsShipment/GovernmentAgencyGoodsItem[1]/Commodity/Description tea\n"
              "GoodsShipment/GovernmentAgencyGoodsItem[2]/Commodity/Description cups\n");
}

TEST(Projection, TheListOfACodeIsAFieldOfItsOwn) {
    const std::string code = "GoodsShipment/GovernmentAgencyGoodsItem/GovernmentProcedure/CurrentCode";
    EXPECT_EQ(project(document(), fields({code})).lines.size(), 1U);
    EXPECT_EQ(project(document(), fields({code, code + "/@listID"})).lines.size(), 2U);
}

TEST(Projection, ItsTextIsReadAsADocumentAgain) {
    const Projection found = project(document(), fields({"GoodsShipment/Buyer/Name", "GoodsShipment/Buyer/ID", "FunctionCode", "GoodsShipment/GovernmentAgencyGoodsItem/Commodity/Description"}));
    const auto back = pivot::read_text(found.text());
    ASSERT_TRUE(back) << back.error().text();
    EXPECT_EQ(pivot::write_text(back->front(), true), found.text());
}

TEST(Projection, ADocumentOfAnotherKindGivesNothing) {
    Diagnostics faults;
    const FieldSet orders = FieldSet::of(pivot::Kind::order, std::vector<std::string>{"ID"}, faults).value();
    EXPECT_TRUE(project(document(), orders).lines.empty());
}

TEST(Projection, AFieldNamedTwiceOrNoFieldIsRefused) {
    Diagnostics faults;
    EXPECT_EQ(FieldSet::of(pivot::Kind::declaration, std::vector<std::string>{"FunctionCode", "ID", "FunctionCode"}, faults).error().code, codes::field_twice);
    EXPECT_EQ(FieldSet::of(pivot::Kind::declaration, std::vector<std::string>{}, faults).error().code, codes::malformed);
    EXPECT_EQ(faults.count(), 2U);
}

}  // namespace
}  // namespace hansa::disclosure::test
