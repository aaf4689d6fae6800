// Parcels that travel together: documents for tests of consolidation.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "core/consolidation/answers.h"
#include "core/consolidation/consolidate.h"
#include "core/pivot/text.h"
#include "tests/support/corpus.h"

namespace hansa::consolidation::test {

using Lines = std::map<std::string, std::string>;

inline const std::string item = "GoodsShipment/GovernmentAgencyGoodsItem";

inline pivot::Document document(const std::string& kind, const Lines& lines) {
    std::string text = "document " + kind + "\n";
    for (const auto& [path, value] : lines) text += path + " " + value + "\n";
    auto read = pivot::read_text(text);
    EXPECT_TRUE(read) << read.error().text() << "\n" << text;
    return read ? read->front() : pivot::Document{};
}

inline std::string file_text(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::stringstream out;
    out << file.rdbuf();
    return out.str();
}

inline ConsolidationTable table_of(const std::string& plugin, const std::string& name) {
    const auto path = hansa::test::source_dir() / "plugins" / plugin / "consolidation" / (name + ".consolidation");
    Diagnostics faults;
    auto table = parse_consolidation(file_text(path), path.string(), faults);
    for (const Error& fault : faults.errors()) ADD_FAILURE() << fault.text();
    return table ? *std::move(table) : ConsolidationTable{};
}

/// A number of hundredths as text: 125 is 1.25.
inline std::string hundredths(std::int64_t value) {
    const std::string rest = std::to_string(value % 100);
    return std::to_string(value / 100) + "." + std::string(2 - rest.size(), '0') + rest;
}

struct Parcel {
    std::string number, bill = "160-1", destination = "BY", unit = "KGM";
    std::vector<std::int64_t> values{1250}, masses{125};  ///< of its items, in hundredths
};

inline std::int64_t total(const std::vector<std::int64_t>& all) {
    std::int64_t out = 0;
    for (const std::int64_t one : all) out += one;
    return out;
}

inline Lines lines_of(const Parcel& parcel) {
    Lines out{{"FunctionCode", "9"},
              {"FunctionalReferenceID", "LIST-" + parcel.number},
              {"TypeCode", "IM"},
              {"DeclarationOfficeID", "BY07260"},
              {"GoodsItemQuantity", std::to_string(parcel.values.size())},
              {"InvoiceAmount", hundredths(total(parcel.values))},
              {"InvoiceAmount/@currencyID", "USD"},
              {"TotalGrossMassMeasure", hundredths(total(parcel.masses))},
              {"TotalGrossMassMeasure/@unitCode", parcel.unit},
              {"Declarant/Name", "Example Broker"},
              {"GoodsShipment/Buyer/Name", "Buyer of " + parcel.number},
              {"GoodsShipment/Destination/CountryCode", parcel.destination},
              {"GoodsShipment/UCR/TraderAssignedReferenceID", "ORDER-" + parcel.number},
              {"GoodsShipment/PreviousDocument[1]/ID", parcel.number},
              {"GoodsShipment/PreviousDocument[1]/TypeCode", "703"},
              {"GoodsShipment/PreviousDocument[2]/ID", parcel.bill},
              {"GoodsShipment/PreviousDocument[2]/TypeCode", "704"}};
    for (std::size_t i = 0; i < parcel.values.size(); ++i) {
        const std::string at = item + "[" + std::to_string(i + 1) + "]/";
        // Items have numbers of their own, not always 1 to n.
        out[at + "SequenceNumeric"] = std::to_string(i * 2 + 1);
        out[at + "Commodity/Description"] = "goods " + std::to_string(i) + " of " + parcel.number;
        out[at + "Commodity/GoodsMeasure/GrossMassMeasure"] = hundredths(parcel.masses[i]);
        out[at + "Commodity/GoodsMeasure/GrossMassMeasure/@unitCode"] = parcel.unit;
        out[at + "Commodity/InvoiceLine/ItemChargeAmount"] = hundredths(parcel.values[i]);
        out[at + "Commodity/InvoiceLine/ItemChargeAmount/@currencyID"] = "USD";
        out[at + "Destination/CountryCode"] = i % 2 == 0 ? "BY" : "KZ";
    }
    return out;
}

/// The same whatever the order of its members.
inline std::string normal(const pivot::Node& node) {
    std::vector<std::string> parts;
    for (const auto& [name, value] : node.attributes) parts.push_back("@" + name + "=" + value);
    for (const pivot::Node& child : node.children) parts.push_back(normal(child));
    std::ranges::sort(parts);
    std::string out = node.name + "=" + node.list + ":" + node.value + "{";
    for (const std::string& part : parts) out += part + ";";
    return out + "}";
}

inline std::string normal(const pivot::Document& document) {
    return normal(document.root);
}

inline std::string value_at(const pivot::Document& document, const std::string& path) {
    std::istringstream text(pivot::write_text(document));
    for (std::string line; std::getline(text, line);) {
        if (line.starts_with(path + " ")) return line.substr(path.size() + 1);
    }
    return {};
}

/// Documents and what consolidate() takes.
struct Houses {
    std::vector<pivot::Document> documents;
    std::vector<House> all;
    void add(const Lines& lines, const std::string& kind = "declaration", const std::string& format = "xx.list") {
        documents.push_back(document(kind, lines));
        all.push_back({nullptr, format, "house " + std::to_string(documents.size())});
        for (std::size_t i = 0; i < documents.size(); ++i) all[i].document = &documents[i];
    }
};

}  // namespace hansa::consolidation::test
