#include "core/consolidation/consolidate.h"

#include <set>

#include "core/consolidation/codes.h"
#include "tests/unit/consolidation/documents.h"

namespace hansa::consolidation::test {
namespace {

const ConsolidationTable& parcels() {
    static const ConsolidationTable table = table_of("wco", "parcels");
    return table;
}

Houses houses_of(const std::vector<Parcel>& all) {
    Houses out;
    for (const Parcel& parcel : all) out.add(lines_of(parcel));
    return out;
}

TEST(Consolidate, ParcelsOfOneBillBecomeOneDeclaration) {
    const Houses houses = houses_of({{.number = "A1"}, {.number = "A2", .values = {100, 250}, .masses = {10, 20}}});
    const auto made = consolidate(houses.all, parcels(), {.format = {}, .reference = "MASTER-1", .issued = "2026-11-26T10:00:00Z"});
    ASSERT_TRUE(made.refusals.empty()) << made.refusals[0].error.text();
    ASSERT_EQ(made.masters.size(), 1U);
    const pivot::Document& master = made.masters[0].document;
    EXPECT_EQ(value_at(master, "FunctionalReferenceID"), "MASTER-1");
    EXPECT_EQ(value_at(master, "IssueDateTime"), "2026-11-26T10:00:00Z");
    EXPECT_EQ(value_at(master, "InvoiceAmount"), "16.00");
    EXPECT_EQ(value_at(master, "InvoiceAmount/@currencyID"), "USD");
    EXPECT_EQ(value_at(master, "TotalGrossMassMeasure"), "1.55");
    EXPECT_EQ(value_at(master, "GoodsItemQuantity"), "3");
    EXPECT_EQ(value_at(master, "Declarant/Name"), "Example Broker");
    EXPECT_EQ(value_at(master, item + "[3]/SequenceNumeric"), "3");
    EXPECT_EQ(value_at(master, item + "[3]/PreviousDocument[1]/ID"), "A2");
    EXPECT_EQ(value_at(master, item + "[3]/PreviousDocument[1]/LineNumeric"), "3") << "its number in the parcel";
    EXPECT_EQ(value_at(master, item + "[3]/Buyer/Name"), "Buyer of A2");
    ASSERT_EQ(made.masters[0].parts.size(), 2U);
    EXPECT_EQ(made.masters[0].parts[1].items, (std::vector<std::uint32_t>{2, 3}));
    EXPECT_EQ(made.masters[0].parts[1].reference, "LIST-A2");
    EXPECT_TRUE(made.left.empty()) << made.left[0].path;
    Diagnostics faults;
    EXPECT_TRUE(pivot::check(master, faults));
}

TEST(Consolidate, GoesByBillDestinationAndSortOfConsignee) {
    Houses houses = houses_of({{.number = "A1"}, {.number = "A2", .bill = "160-2"}, {.number = "A3", .destination = "KZ"}, {.number = "A4"}});
    Lines firm = lines_of({.number = "A5"});
    firm["GoodsShipment/Consignee/ID[1]"] = "123";
    houses.add(firm);
    const auto made = consolidate(houses.all, parcels(), {});
    ASSERT_EQ(made.masters.size(), 4U);
    EXPECT_EQ(made.masters[0].parts.size(), 2U);
    std::set<std::string> references;
    for (const Master& master : made.masters) references.insert(master.reference);
    EXPECT_EQ(references.size(), 4U) << "each is named by what it holds";
    const auto again = consolidate(houses.all, parcels(), {});
    EXPECT_EQ(again.masters[0].reference, made.masters[0].reference);
}

TEST(Consolidate, AHouseThatCannotGoAlongIsRefusedAlone) {
    const auto refused = [](const Lines& lines, const std::string& kind = "declaration") {
        Houses houses = houses_of({{.number = "A1"}, {.number = "A2"}});
        houses.add(lines, kind);
        const auto made = consolidate(houses.all, parcels(), {});
        EXPECT_EQ(made.masters.size(), 1U);
        EXPECT_EQ(made.masters.empty() ? 0U : made.masters[0].parts.size(), 2U) << "the others go on";
        EXPECT_EQ(made.refusals.size(), 1U);
        return made.refusals.empty() ? Error{codes::foreign, "none"} : made.refusals[0].error;
    };
    const auto changed = [](const std::string& path, const std::string& value) {
        Lines lines = lines_of({.number = "A3"});
        if (value.empty()) std::erase_if(lines, [&](const auto& line) { return line.first.starts_with(path); });
        else lines[path] = value;
        return lines;
    };
    EXPECT_EQ(refused({{"FunctionCode", "9"}}, "order").code, codes::foreign);
    EXPECT_EQ(refused(changed("GoodsShipment/PreviousDocument[1]/TypeCode", "999")).code, codes::key_missing);
    EXPECT_EQ(refused(changed("GoodsShipment/PreviousDocument[2]/TypeCode", "999")).code, codes::key_missing);
    EXPECT_EQ(refused(changed(item, "")).code, codes::key_missing);
    EXPECT_EQ(refused(lines_of({.number = "A2"})).code, codes::identity_double);
    const Error differs = refused(changed("Declarant/Name", "Another Broker"));
    EXPECT_EQ(differs.code, codes::not_equal);
    EXPECT_EQ(differs.place.path, "Declarant");
    EXPECT_EQ(differs.detail.find("Another"), std::string::npos) << "values stay out of errors";
    EXPECT_EQ(refused(lines_of({.number = "A3", .unit = "LBR"})).code, codes::not_summable);
    EXPECT_EQ(refused(changed("InvoiceAmount", "")).code, codes::not_summable);
    Lines taken = lines_of({.number = "A3"});
    taken[item + "[1]/Buyer/Name"] = "somebody";
    EXPECT_EQ(refused(taken).code, codes::place_taken);
}

TEST(Consolidate, ALimitOpensAnotherMasterAndNeverTearsAHouse) {
    ConsolidationTable table = parcels();
    table.limits["xx.short"] = 3;
    Houses houses = houses_of({{.number = "A1", .values = {1, 2}, .masses = {1, 1}}, {.number = "A2", .values = {1, 2}, .masses = {1, 1}}, {.number = "A3"}});
    const auto made = consolidate(houses.all, table, {.format = "xx.short", .reference = "M", .issued = {}});
    ASSERT_EQ(made.masters.size(), 2U);
    EXPECT_EQ(made.masters[0].parts.size(), 1U);
    EXPECT_EQ(made.masters[1].parts.size(), 2U);
    EXPECT_EQ(made.masters[1].reference, "M-2");
    EXPECT_EQ(value_at(made.masters[1].document, item + "[1]/SequenceNumeric"), "1");
    houses.add(lines_of({.number = "A4", .values = {1, 2, 3, 4}, .masses = {1, 1, 1, 1}}));
    const auto refused = consolidate(houses.all, table, {.format = "xx.short", .reference = {}, .issued = {}});
    ASSERT_EQ(refused.refusals.size(), 1U);
    EXPECT_EQ(refused.refusals[0].error.code, codes::too_many_items);
}

TEST(Consolidate, WhatTheMasterDoesNotSayIsListed) {
    Houses houses;
    Lines lines = lines_of({.number = "A1", .values = {100, 200}, .masses = {10, 20}});
    lines["GoodsShipment/Payment/PaymentAmount"] = "3.00";
    lines["GoodsShipment/PreviousDocument[3]/ID"] = "OTHER";
    lines["GoodsShipment/PreviousDocument[3]/TypeCode"] = "380";
    lines["TotalGrossMassMeasure"] = "0.35";  // with the packing: more than the items
    houses.add(lines);
    houses.documents[0].annex.push_back({"xx", "head/word", "kept"});
    const auto made = consolidate(houses.all, parcels(), {});
    ASSERT_EQ(made.masters.size(), 1U);
    std::map<std::string, std::string> left;
    for (const Left& one : made.left) left[one.path] = one.value;
    EXPECT_EQ(left, (std::map<std::string, std::string>{{"GoodsShipment/Payment/PaymentAmount", "3.00"},
                                                        {"GoodsShipment/PreviousDocument[3]/ID", "OTHER"},
                                                        {"GoodsShipment/PreviousDocument[3]/TypeCode", "380"},
                                                        {"TotalGrossMassMeasure", "0.35"},
                                                        {"@annex\txx\thead/word", "kept"}}));
}

TEST(Consolidate, AHouseOfOneItemGivesItsTotalToTheItem) {
    Houses houses;
    Lines lines = lines_of({.number = "A1"});
    std::erase_if(lines, [](const auto& line) { return line.first.find("GrossMassMeasure") != std::string::npos && line.first.starts_with(item); });
    houses.add(lines);
    const auto made = consolidate(houses.all, parcels(), {});
    ASSERT_EQ(made.masters.size(), 1U);
    EXPECT_EQ(value_at(made.masters[0].document, item + "[1]/Commodity/GoodsMeasure/GrossMassMeasure"), "1.25");
    const auto parts = take_apart(made.masters[0].document, parcels());
    ASSERT_TRUE(parts);
    EXPECT_EQ(value_at((*parts)[0].document, "TotalGrossMassMeasure"), "1.25");
}

TEST(Consolidate, AMasterListHasARowForEachList) {
    const ConsolidationTable table = table_of("cn", "master-list");
    Houses houses;
    for (const std::string number : {"E1", "E2"}) {
        Lines lines = lines_of({.number = number});
        lines["ID"] = "5141E" + number;
        lines["BorderTransportMeans/ID"] = "CZ3501";
        houses.add(lines, "declaration", "cn.ceb603");
    }
    const auto made = consolidate(houses.all, table, {});
    ASSERT_EQ(made.masters.size(), 1U) << made.refusals[0].error.text();
    const pivot::Document& master = made.masters[0].document;
    EXPECT_EQ(master.kind, pivot::Kind::cargo_report);
    EXPECT_EQ(value_at(master, "TypeCode"), "MST");
    EXPECT_EQ(value_at(master, "TotalGrossMassMeasure"), "2.50");
    EXPECT_EQ(value_at(master, "Consignment[2]/TransportContractDocument/ID"), "E2");
    EXPECT_EQ(value_at(master, "Consignment[2]/TransportContractDocument/MasterID"), "160-1");
    EXPECT_EQ(value_at(master, "Consignment[2]/PreviousDocument[1]/ID"), "5141EE2");
    const auto parts = take_apart(master, table);
    ASSERT_TRUE(parts) << parts.error().text();
    ASSERT_EQ(parts->size(), 2U);
    EXPECT_EQ((*parts)[1].identity, "E2");
    EXPECT_EQ(value_at((*parts)[1].document, "ID"), "5141EE2");
}

TEST(TakeApart, ByDestination) {
    const Houses houses = houses_of({{.number = "A1", .values = {100, 250}, .masses = {10, 20}}, {.number = "A2"}});
    const auto made = consolidate(houses.all, parcels(), {.format = {}, .reference = "M", .issued = {}});
    const auto ways = take_apart(made.masters.at(0).document, parcels(), "destination");
    ASSERT_TRUE(ways) << ways.error().text();
    ASSERT_EQ(ways->size(), 2U);
    const Part &by = (*ways)[0], &kz = (*ways)[1];
    EXPECT_EQ(by.identity, "BY");
    EXPECT_EQ(by.items, (std::vector<std::uint32_t>{1, 3}));
    EXPECT_EQ(by.reference, "M-1");
    EXPECT_EQ(value_at(by.document, "FunctionalReferenceID"), "M-1");
    EXPECT_EQ(value_at(by.document, "InvoiceAmount"), "13.50");
    EXPECT_EQ(value_at(by.document, "GoodsItemQuantity"), "2");
    EXPECT_EQ(value_at(by.document, item + "[2]/SequenceNumeric"), "2");
    EXPECT_EQ(value_at(by.document, item + "[2]/PreviousDocument[1]/ID"), "A2") << "still traceable by its parcel";
    EXPECT_EQ(value_at(kz.document, "GoodsShipment/Destination/CountryCode"), "KZ");
    EXPECT_EQ(value_at(kz.document, "InvoiceAmount"), "2.50");
}

TEST(TakeApart, BadMastersAreRefused) {
    const Houses houses = houses_of({{.number = "A1", .values = {100, 250}, .masses = {10, 20}}});
    pivot::Document master = consolidate(houses.all, parcels(), {}).masters.at(0).document;
    EXPECT_EQ(take_apart(document("order", {{"FunctionCode", "9"}}), parcels()).error().code, codes::foreign);
    const auto unknown = take_apart(master, parcels(), "destinaton");
    EXPECT_EQ(unknown.error().code, codes::table_unknown);
    EXPECT_NE(unknown.error().detail.find("destination"), std::string::npos);
    EXPECT_EQ(take_apart(document("declaration", lines_of({.number = "A1"})), parcels()).error().code, codes::key_missing);
    pivot::Document torn = master;
    for (pivot::Node& shipment : torn.root.children) {
        for (pivot::Node& one : shipment.children) {
            if (one.name == "GovernmentAgencyGoodsItem" && one.children.front().value == "2") {
                for (pivot::Node& buyer : one.children) {
                    if (buyer.name == "Buyer") buyer.children.front().value = "somebody else";
                }
            }
        }
    }
    EXPECT_EQ(take_apart(torn, parcels()).error().code, codes::not_equal);
}

/// Any houses: each is in one master or refused, identities and numbers are whole, totals are exact, and the houses come back.
TEST(ConsolidateLaw, HousesComeBackAndNothingIsCountedTwice) {
    std::mt19937_64 random(20261126);
    const auto pick = [&](std::size_t count) { return static_cast<std::size_t>(random() % count); };
    for (int round = 0; round < 300; ++round) {
        Houses houses;
        std::vector<Parcel> all;
        std::vector<bool> extra;
        const std::size_t count = 1 + pick(12);
        for (std::size_t i = 0; i < count; ++i) {
            Parcel parcel{.number = "P" + std::to_string(i), .bill = "160-" + std::to_string(pick(3)), .destination = pick(2) == 0 ? "BY" : "KZ",
                          .unit = pick(8) == 0 ? "LBR" : "KGM", .values = {}, .masses = {}};
            const std::size_t items = 1 + pick(5);
            for (std::size_t k = 0; k < items; ++k) {
                parcel.values.push_back(static_cast<std::int64_t>(pick(100'000'000)));
                parcel.masses.push_back(static_cast<std::int64_t>(pick(100'000)));
            }
            Lines lines = lines_of(parcel);
            extra.push_back(pick(4) == 0);
            if (extra.back()) lines["GoodsShipment/Payment/PaymentAmount"] = "1";
            houses.add(lines);
            all.push_back(parcel);
        }
        ConsolidationTable table = parcels();
        table.limit = 5 + static_cast<std::uint32_t>(pick(10));
        const auto made = consolidate(houses.all, table, {});
        std::set<std::size_t> seen;
        for (const Refusal& refusal : made.refusals) {
            EXPECT_EQ(refusal.error.code, codes::not_summable) << refusal.error.text();
            EXPECT_TRUE(seen.insert(refusal.house).second);
        }
        std::size_t left = 0;
        for (const Master& master : made.masters) {
            std::int64_t value = 0, mass = 0;
            std::uint32_t next = 1;
            std::set<std::string> identities;
            for (const Part& part : master.parts) {
                EXPECT_TRUE(seen.insert(part.house).second) << "in two masters";
                EXPECT_TRUE(identities.insert(part.identity).second);
                EXPECT_EQ(part.identity, all[part.house].number);
                for (const std::uint32_t one : part.items) EXPECT_EQ(one, next++);
                value += total(all[part.house].values);
                mass += total(all[part.house].masses);
                if (extra[part.house]) ++left;
            }
            EXPECT_LE(next - 1, table.limit);
            EXPECT_EQ(value_at(master.document, "InvoiceAmount"), hundredths(value));
            EXPECT_EQ(value_at(master.document, "TotalGrossMassMeasure"), hundredths(mass));
            EXPECT_EQ(value_at(master.document, "GoodsItemQuantity"), std::to_string(next - 1));
            const auto parts = take_apart(master.document, table);
            ASSERT_TRUE(parts) << parts.error().text();
            ASSERT_EQ(parts->size(), master.parts.size());
            for (std::size_t i = 0; i < parts->size(); ++i) {
                const Part &back = (*parts)[i], &gone = master.parts[i];
                EXPECT_EQ(back.items, gone.items);
                EXPECT_EQ(back.reference, gone.reference);
                EXPECT_EQ(normal(back.document), normal(document("declaration", lines_of(all[gone.house])))) << "seed round " << round;
            }
            const auto ways = take_apart(master.document, table, "destination");
            ASSERT_TRUE(ways);
            std::multiset<std::uint32_t> items;
            for (const Part& way : *ways) items.insert(way.items.begin(), way.items.end());
            EXPECT_EQ(items.size(), next - 1);
            EXPECT_EQ(std::set<std::uint32_t>(items.begin(), items.end()).size(), next - 1);
        }
        EXPECT_EQ(seen.size(), count);
        EXPECT_EQ(made.left.size(), left);
        if (HasFailure()) return;
    }
}

}  // namespace
}  // namespace hansa::consolidation::test
