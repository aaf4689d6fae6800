// Documents and tables for tests of traces.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/pivot/text.h"
#include "core/trace/tracer.h"
#include "tests/support/corpus.h"

namespace hansa::trace::test {

/// A small table: an order, a parcel with its master bill, a list, its answer, an arrival under the master bill.
inline const std::string small = R"(trace xx
  event xx.order order-made
    over     order
    time     IssueDateTime
    join     order GoodsShipment/UCR/TraderAssignedReferenceID
    join     payment GoodsShipment/Payment/ReferenceID
    mark     seller GoodsShipment/Seller/ID
    mark     product GoodsShipment/GovernmentAgencyGoodsItem/Commodity/Classification/ID
    source   "somebody"
  event xx.payment paid
    over     payment
    time     IssueDateTime
    join     payment GoodsShipment/Payment/ReferenceID
    source   "somebody"
  event xx.waybill waybill-made
    over     waybill
    time     IssueDateTime
    join     waybill GoodsShipment/PreviousDocument[TypeCode=703]/ID
    join     master GoodsShipment/PreviousDocument[TypeCode=704]/ID
    source   "somebody"
  event xx.list lodged
    over     declaration
    when     FunctionCode = "9"
    time     IssueDateTime
    join     order GoodsShipment/UCR/TraderAssignedReferenceID
    join     waybill GoodsShipment/PreviousDocument[TypeCode=703]/ID
    join     lrn FunctionalReferenceID
    mark     seller GoodsShipment/Seller/ID
    corridor GoodsShipment/ExportCountry/ID to GoodsShipment/Destination/CountryCode
    source   "somebody"
  event xx.released released
    over     response
    when     FunctionCode = "08"
    time     Status/ReleaseDateTime
    time     IssueDateTime
    join     lrn Declaration/FunctionalReferenceID
    source   "somebody"
  event xx.arrived arrived
    over     cargo-report
    level    consignment
    time     ArrivalDateTime
    join     master Consignment/TransportContractDocument/MasterID
    join     waybill Consignment/TransportContractDocument/ID
    join     container TransportEquipment/ID
    source   "somebody"
  event xx.delivered delivered
    over     event
    time     OccurrenceDateTime
    join     waybill Reference/ID
    source   "somebody"
  event xx.gate loaded
    over     lpco
    level    container
    join     container ID
    source   "somebody"
  stage clearance lodged released
    text     "clearance"
    source   "somebody"
  stage landing arrived released
    text     "landing"
    source   "somebody"
  stage last-mile released delivered
    text     "last mile"
    source   "somebody"
)";

inline std::shared_ptr<const TraceBook> book_of(const std::string& text = small) {
    Diagnostics faults;
    auto table = parse_trace(text, "x.trace", faults);
    EXPECT_TRUE(table) << (faults.errors().empty() ? "" : faults.errors()[0].text());
    std::vector<TraceTable> tables;
    if (table) tables.push_back(*std::move(table));
    auto book = TraceBook::of(std::move(tables), faults);
    EXPECT_TRUE(faults.empty());
    return book;
}

/// All tables of the plugins' folders.
inline std::shared_ptr<const TraceBook> all_tables() {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(hansa::test::source_dir() / "plugins")) {
        if (entry.path().extension() == ".trace") files.push_back(entry.path());
    }
    std::ranges::sort(files);
    Diagnostics faults;
    std::vector<TraceTable> tables;
    for (const auto& file : files) {
        auto table = parse_trace(hansa::test::slurp(file), file.filename().string(), faults);
        if (table) tables.push_back(*std::move(table));
    }
    auto book = TraceBook::of(std::move(tables), faults);
    for (const Error& fault : faults.errors()) ADD_FAILURE() << fault.text();
    return book;
}

inline pivot::Document document(const std::string& lines) {
    auto read = pivot::read_text(lines);
    EXPECT_TRUE(read) << (read ? "" : read.error().text()) << lines;
    return read ? read->front() : pivot::Document{};
}

inline const std::string shipment = "GoodsShipment/";
inline std::string order_no(const std::string& number) { return shipment + "UCR/TraderAssignedReferenceID " + number + "\n"; }
inline std::string previous(int place, const std::string& type, const std::string& id) {
    const std::string start = shipment + "PreviousDocument[" + std::to_string(place) + "]/";
    return start + "ID " + id + "\n" + start + "TypeCode " + type + "\n";
}

inline pivot::Document order(const std::string& number, const std::string& at, const std::string& seller = {}, const std::string& product = {},
                             const std::string& payment = {}) {
    std::string text = "document order\nFunctionCode 9\nIssueDateTime " + at + "\n" + order_no(number);
    if (!seller.empty()) text += shipment + "Seller/ID[1] " + seller + "\n";
    if (!payment.empty()) text += shipment + "Payment/ReferenceID " + payment + "\n";
    if (!product.empty()) text += shipment + "GovernmentAgencyGoodsItem[1]/SequenceNumeric 1\n" + shipment + "GovernmentAgencyGoodsItem[1]/Commodity/Classification[1]/ID " + product + "\n";
    return document(text);
}
inline pivot::Document payment(const std::string& number, const std::string& at) {
    return document("document payment\nFunctionCode 9\nIssueDateTime " + at + "\n" + shipment + "Payment/ReferenceID " + number + "\n");
}
inline pivot::Document waybill(const std::string& number, const std::string& master, const std::string& at) {
    return document("document waybill\nFunctionCode 9\nIssueDateTime " + at + "\n" + previous(1, "703", number) + (master.empty() ? "" : previous(2, "704", master)));
}
inline pivot::Document list(const std::string& lrn, const std::string& order, const std::string& waybill, const std::string& at, const std::string& seller = {},
                            const std::string& to = "BY") {
    std::string text = "document declaration\nFunctionCode 9\nIssueDateTime " + at + "\nFunctionalReferenceID " + lrn + "\n" + order_no(order) + previous(1, "703", waybill) +
                       shipment + "ExportCountry/ID CN\n" + shipment + "Destination/CountryCode " + to + "\n";
    if (!seller.empty()) text += shipment + "Seller/ID[1] " + seller + "\n";
    return document(text);
}
inline pivot::Document released(const std::string& lrn, const std::string& at) {
    return document("document response\nFunctionCode 08\nIssueDateTime " + at + "\nDeclaration/FunctionalReferenceID " + lrn + "\n");
}
inline pivot::Document arrived(const std::string& master, const std::vector<std::string>& waybills, const std::string& at, const std::string& container = {}) {
    std::string text = "document cargo-report\nFunctionCode 9\nArrivalDateTime " + at + "\n";
    if (!container.empty()) text += "TransportEquipment[1]/ID " + container + "\n";
    for (std::size_t i = 0; i < waybills.size(); ++i) {
        const std::string start = "Consignment[" + std::to_string(i + 1) + "]/";
        text += start + "SequenceNumeric " + std::to_string(i + 1) + "\n" + start + "TransportContractDocument/ID " + waybills[i] + "\n" + start +
                "TransportContractDocument/MasterID " + master + "\n";
    }
    return document(text);
}
inline pivot::Document delivered(const std::string& waybill, const std::string& at) {
    return document("document event\nTypeCode D\nOccurrenceDateTime " + at + "\nReference[1]/ID " + waybill + "\n");
}

/// A message of one document.
struct Sent {
    std::int64_t number = 0;
    pivot::Document document;
    std::int64_t received_ms = 1'795'600'000'000;
    std::string id() const {
        std::string digits = std::to_string(number);
        return "01M" + std::string(23 - digits.size(), '0') + digits;
    }
};

inline Result<std::size_t> take(Tracer& tracer, const TraceBook& book, const std::vector<Sent>& messages) {
    std::vector<std::string> ids;
    for (const Sent& one : messages) ids.push_back(one.id());
    std::vector<Arrival> arrivals;
    std::int64_t last = 0;
    for (std::size_t i = 0; i < messages.size(); ++i) {
        arrivals.push_back({messages[i].number, ids[i], "xx.any", "agency", messages[i].received_ms, std::span(&messages[i].document, 1)});
        last = std::max(last, messages[i].number);
    }
    return tracer.take(book, arrivals, last);
}

inline void settle(Tracer& tracer, const TraceBook& book, std::size_t most = 100) {
    for (int i = 0; i < 100'000; ++i) {
        const auto more = tracer.settle(book, most);
        ASSERT_TRUE(more) << more.error().text();
        if (!*more) return;
    }
    ADD_FAILURE() << "it does not end";
}

inline std::vector<std::string> names(const Timeline& line) {
    std::vector<std::string> out;
    for (const TimelineEvent& event : line.events) out.push_back(event.event);
    return out;
}

class Scratch {
public:
    explicit Scratch(const std::string& name) : path_(std::filesystem::path(testing::TempDir()) / (name + "-" + testing::UnitTest::GetInstance()->current_test_info()->name() + ".db")) { remove(); }
    ~Scratch() { remove(); }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    const std::filesystem::path& path() const { return path_; }
    std::unique_ptr<Tracer> open() const {
        auto opened = Tracer::open(path_, {});
        EXPECT_TRUE(opened) << (opened ? "" : opened.error().text());
        return opened ? *std::move(opened) : nullptr;
    }

private:
    void remove() const {
        for (const char* tail : {"", "-wal", "-shm"}) std::filesystem::remove(path_.string() + tail);
    }
    std::filesystem::path path_;
};

}  // namespace hansa::trace::test
