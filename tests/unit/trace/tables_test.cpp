// The tables of the plugins, over the golden documents of their formats: each row tells of something.
#include <map>
#include <set>

#include "core/trace/event.h"
#include "tests/unit/trace/support.h"

namespace hansa::trace::test {
namespace {

namespace fs = std::filesystem;

/// Golden documents as their plugins have them, with the format that their folder is named after.
std::vector<std::pair<std::string, pivot::Document>> golden() {
    std::vector<std::pair<std::string, pivot::Document>> out;
    for (const auto& plugin : fs::directory_iterator(hansa::test::source_dir() / "plugins")) {
        if (!fs::is_directory(plugin.path() / "golden")) continue;
        for (const auto& entry : fs::recursive_directory_iterator(plugin.path() / "golden")) {
            if (entry.path().extension() != ".pivot") continue;
            const std::string format = plugin.path().filename().string() + "." + entry.path().parent_path().filename().string();
            const auto read = pivot::read_text(hansa::test::slurp(entry.path()));
            if (!read) continue;
            for (const pivot::Document& document : *read) out.emplace_back(format, document);
        }
    }
    return out;
}

TEST(TraceTables, EveryRowTellsOfAGoldenDocument) {
    const auto book = all_tables();
    std::set<std::string> silent;
    for (const TraceTable& table : book->tables()) {
        for (const EventRow& row : table.events) silent.insert(row.id);
    }
    ASSERT_GT(silent.size(), 40U);
    for (const auto& [format, document] : golden()) {
        for (const Event& event : events_of(*book, format, document, 0)) silent.erase(event.row->id);
    }
    // States that no golden document shows have theirs made from one that is there.
    const auto answer = [](const std::string& code) {
        return document("document response\nFunctionCode 05\nStatus[1]/NameCode " + code + "\nStatus[1]/NameCode/@listID cn.return-status\nDeclaration/FunctionalReferenceID N-1\n");
    };
    for (const char* code : {"2", "120", "300", "399", "500", "501", "503", "599", "700", "800", "899"}) {
        for (const Event& event : events_of(*book, "cn.ceb622", answer(code), 0)) silent.erase(event.row->id);
    }
    for (const char* function : {"01", "02", "03", "05", "06", "07", "08", "09", "10", "13", "16"}) {
        const auto found = events_of(*book, "wco.response", document("document response\nFunctionCode " + std::string(function) + "\nDeclaration/ID 26GB1\n"), 0);
        EXPECT_EQ(found.size(), 1U) << function;
        for (const Event& event : found) silent.erase(event.row->id);
    }
    const std::string two = previous(1, "703", "L-1") + previous(2, "703", "L-2");
    const std::string items = "GoodsShipment/GovernmentAgencyGoodsItem[1]/SequenceNumeric 1\nGoodsShipment/GovernmentAgencyGoodsItem[1]/PreviousDocument[1]/ID L-1\n"
                              "GoodsShipment/GovernmentAgencyGoodsItem[1]/PreviousDocument[1]/TypeCode 703\nGoodsShipment/GovernmentAgencyGoodsItem[1]/PreviousDocument[2]/ID L-2\n"
                              "GoodsShipment/GovernmentAgencyGoodsItem[1]/PreviousDocument[2]/TypeCode 703\n";
    for (const auto& [format, lines] : {std::pair{"wco.declaration", two}, std::pair{"eaeu.goods-declaration", items}}) {
        const auto found = events_of(*book, format, document("document declaration\nFunctionCode 9\nID 26GB1\n" + lines), 0);
        ASSERT_EQ(found.size(), 1U) << format;
        EXPECT_EQ(found[0].row->level, Level::consignment);
        silent.erase(found[0].row->id);
    }
    const std::string manifest = "document cargo-report\nFunctionCode 9\nDeclarationOfficeID BJCOT\nBorderTransportMeans/JourneyID 126W\nArrivalDateTime 2026-11-30\n";
    for (const Event& event : events_of(*book, "asycuda.manifest", document(manifest), 0)) {
        EXPECT_EQ(event.precision, Precision::day);
        silent.erase(event.row->id);
    }
    for (const Event& event : events_of(*book, "asycuda.transit", document("document transit\nFunctionCode 9\nFunctionalReferenceID 2026-417\n"), 0)) silent.erase(event.row->id);
    for (const std::string& id : silent) ADD_FAILURE() << id << " tells of no document";
}

TEST(TraceTables, ABatchIsRecalledInEachFormatThatSaysOne) {
    const auto book = all_tables();
    const Scratch scratch("tables-batches");
    const auto tracer = scratch.open();
    std::int64_t number = 0;
    for (const auto& [format, document] : golden()) {
        if (pivot::write_text(document).find("ProductBatch") == std::string::npos) continue;
        const Arrival arrival{++number, "01M00000000000000000000000", format, "beijing", 0, std::span(&document, 1)};
        ASSERT_TRUE(tracer->take(*book, std::span(&arrival, 1), number));
    }
    settle(*tracer, *book);
    for (const auto& [batch, format] : {std::pair{"B1", "cn.ceb311"}, std::pair{"L-2026-041", "br.nfe"}, std::pair{"L-2026-042", "br.nfe"}, std::pair{"SZ-2604-A", "in.cachi01"}, std::pair{"CV-77", "in.cachi01"}}) {
        const RecallPage page = tracer->recall(std::string("batch=") + batch, 0, 10).value();
        ASSERT_EQ(page.items.size(), 1U) << batch;
        EXPECT_EQ(page.items[0].format, format);
    }
    EXPECT_TRUE(tracer->recall("batch=L-2026-043", 0, 10)->items.empty());
}

TEST(TraceTables, AnImportToChinaIsOneTimeline) {
    const auto book = all_tables();
    const Scratch scratch("tables-import");
    const auto tracer = scratch.open();
    const std::string party = "GoodsShipment/TradeParty[1]/RoleCode PLT\nGoodsShipment/TradeParty[1]/ID[1] 1101110325\n";
    const std::string carrier = "Consignment/Carrier/ID[1] 1101180326\n";
    const std::string final = "StatusCode F\nFunctionCode 9\n";
    std::vector<std::pair<std::string, pivot::Document>> messages{
        {"cn.ceb513", document("document event\n" + final + "TypeCode S\nTypeCode/@listID cn.logistics-status\nOccurrenceDateTime 2026-11-08T10:00:00+08:00\n"
                               "Reference[1]/TypeCode 703\nReference[1]/ID L-1\nParty/ID[1] 1101180326\n")},
        {"cn.ceb311", document("document order\n" + final + "IssueDateTime 2026-11-05T09:30:12+08:00\n" + order_no("O-1") + party + "GoodsShipment/Seller/ID[1] 1101110326\n")},
        {"cn.ceb411", document("document payment\n" + final + "IssueDateTime 2026-11-05T09:31:00+08:00\n" + order_no("O-1") + party + "GoodsShipment/Payment/ReferenceID P-1\n")},
        {"cn.ceb511", document("document waybill\n" + final + "IssueDateTime 2026-11-05T12:00:00+08:00\n" + previous(1, "703", "L-1") + previous(2, "704", "B1") + carrier)},
        {"cn.ceb621", document("document declaration\n" + final + "IssueDateTime 2026-11-06T08:00:00+08:00\nFunctionalReferenceID NB-1\nDeclarant/ID[1] 1105910159\n" + order_no("O-1") +
                               party + previous(1, "703", "L-1") + carrier + "GoodsShipment/ExportCountry/ID JP\n")},
        {"cn.ceb622", document("document response\nFunctionCode 08\nIssueDateTime 2026-11-07T08:00:00.000+08:00\nStatus[1]/NameCode 800\nStatus[1]/NameCode/@listID cn.return-status\n"
                               "Declaration/FunctionalReferenceID NB-1\nDeclaration/Declarant/ID[1] 1105910159\nDeclaration/ID 37002026I1\n")}};
    std::int64_t number = 0;
    for (const auto& [format, document] : messages) {
        const Arrival arrival{++number, "01M00000000000000000000000", format, "beijing", 0, std::span(&document, 1)};
        ASSERT_TRUE(tracer->take(*book, std::span(&arrival, 1), number));
    }
    settle(*tracer, *book);
    const auto line = tracer->timeline(*book, "37002026I1");
    ASSERT_TRUE(line) << line.error().text();
    EXPECT_EQ(names(*line), (std::vector<std::string>{"order-made", "paid", "waybill-made", "lodged", "released", "delivered"}));
    EXPECT_EQ(line->corridor, "JP>CN");
    const auto times = tracer->release_times({.from_day = 0, .to_day = 100'000, .stage = "lodged-to-released", .corridor = {}}).value();
    ASSERT_EQ(times.size(), 1U);
    EXPECT_EQ(times[0].median_s, seconds_of(bucket_of(86'400)));
    EXPECT_EQ(tracer->recall("seller=1101110326", 0, 10)->items.size(), 1U);
}

}  // namespace
}  // namespace hansa::trace::test
