// An import of cross-border e-commerce: order, payment, waybill and list that agree.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "core/matching/matcher.h"
#include "core/pivot/text.h"
#include "tests/support/corpus.h"

namespace hansa::matching::test {

using Lines = std::map<std::string, std::string>;

inline const std::string item = "GoodsShipment/GovernmentAgencyGoodsItem";
inline const std::string order_number = "GoodsShipment/UCR/TraderAssignedReferenceID";

inline Lines common(const std::string& number) {
    return {{"FunctionCode", "9"}, {order_number, number}};
}

inline void add(Lines& lines, const Lines& more) {
    for (const auto& [path, value] : more) lines[path] = value;
}

inline Lines platform() {
    return {{"GoodsShipment/TradeParty[1]/RoleCode", "PLT"}, {"GoodsShipment/TradeParty[1]/ID[1]", "1101110325"}};
}

inline Lines buyer(const std::string& role) {
    return {{"GoodsShipment/" + role + "/Name", "Example Buyer"},
            {"GoodsShipment/" + role + "/AdditionalDocument[1]/CategoryCode", "IDN"},
            {"GoodsShipment/" + role + "/AdditionalDocument[1]/ID", "000000190001010000"}};
}

inline Lines items() {
    return {{item + "[1]/SequenceNumeric", "1"}, {item + "[1]/Commodity/Description", "tea"},
            {item + "[1]/Commodity/InvoiceLine/InvoicedQuantity", "2"}, {item + "[1]/Commodity/InvoiceLine/UnitPriceAmount", "40"},
            {item + "[2]/SequenceNumeric", "2"}, {item + "[2]/Commodity/Description", "cup"},
            {item + "[2]/Commodity/InvoiceLine/InvoicedQuantity", "1"}, {item + "[2]/Commodity/InvoiceLine/UnitPriceAmount", "20"}};
}

inline Lines consignee() {
    return {{"GoodsShipment/Consignee/Name", "Example Receiver"}, {"GoodsShipment/Consignee/Communication[1]/ID", "00000000000"},
            {"GoodsShipment/Consignee/Communication[1]/TypeCode", "TE"}, {"GoodsShipment/Consignee/Address[1]/Line[1]", "Road 1"}};
}

inline Lines order(const std::string& number = "O-1") {
    Lines out = common(number);
    for (const Lines& more : {platform(), buyer("Buyer"), items(), consignee()}) add(out, more);
    add(out, {{"GoodsShipment/Payment/PaymentAmount", "100"}, {"GoodsShipment/Seller/ID[1]", "4401968888"},
              {"GoodsShipment/Buyer/Communication[1]/ID", "00000000000"}, {"GoodsShipment/Buyer/Communication[1]/TypeCode", "TE"}});
    return out;
}

inline Lines payment(const std::string& number = "O-1") {
    Lines out = common(number);
    for (const Lines& more : {platform(), buyer("Payer")}) add(out, more);
    add(out, {{"GoodsShipment/Payment/PaymentAmount", "100.00"}, {"GoodsShipment/Payment/ReferenceID", "T-77"}});
    return out;
}

inline Lines waybill(const std::string& number = "O-1", const std::string& parcel = "L-1") {
    Lines out = common(number);
    add(out, consignee());
    add(out, {{"Consignment/Carrier/ID[1]", "3122260001"}, {"GoodsShipment/PreviousDocument[1]/TypeCode", "703"},
              {"GoodsShipment/PreviousDocument[1]/ID", parcel}, {"GoodsShipment/CustomsValuation/FreightChargeAmount", "5"},
              {"TotalGrossMassMeasure", "1.5"}});
    return out;
}

inline Lines list(const std::string& number = "O-1", const std::string& own = "I-1", const std::string& parcel = "L-1") {
    Lines out = order(number);
    out.erase("GoodsShipment/Payment/PaymentAmount");
    out.erase("GoodsShipment/Consignee/Name");
    add(out, {{"FunctionalReferenceID", own}, {"Consignment/Carrier/ID[1]", "3122260001"}, {"GoodsShipment/PreviousDocument[1]/TypeCode", "703"},
              {"GoodsShipment/PreviousDocument[1]/ID", parcel}, {"GoodsShipment/CustomsValuation/FreightChargeAmount", "5.00"},
              {"TotalGrossMassMeasure", "1.5"}});
    return out;
}

inline pivot::Document document(const std::string& kind, const Lines& lines) {
    std::string text = "document " + kind + "\n";
    for (const auto& [path, value] : lines) text += path + " " + value + "\n";
    const auto read = pivot::read_text(text, kind);
    EXPECT_TRUE(read) << (read ? "" : read.error().text());
    return read ? read->front() : pivot::Document{};
}

/// The table that the plugin for China brings.
inline MatchTable china() {
    const std::filesystem::path file = hansa::test::source_dir() / "plugins/cn/matching/import.match";
    Diagnostics faults;
    auto table = parse_match(hansa::test::slurp(file), "import.match", faults);
    for (const Error& fault : faults.errors()) ADD_FAILURE() << fault.text();
    return table ? *std::move(table) : MatchTable{};
}

}  // namespace hansa::matching::test
