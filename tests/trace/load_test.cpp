// A union's month in one store: how fast it fills, what an event costs, how long a question takes.
//
//   HANSA_EVENTS=10000000 HANSA_SEED=7 test-trace-load
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <random>

#include "core/base/time.h"
#include "tests/support/results.h"
#include "tests/support/sanitizers.h"
#include "tests/unit/trace/support.h"

namespace hansa::trace::test {
namespace {

constexpr std::uint64_t events_a_parcel = 6, parcels_a_container = 500;
constexpr double disk_bytes_an_event_max = 400, lookup_ms_p99_max = 50;
constexpr std::size_t memory_bytes_max = hansa::test::is_sanitized ? std::size_t{2} << 30 : std::size_t{400} << 20;

std::uint64_t number_from(const char* name, std::uint64_t otherwise) {
    const char* text = std::getenv(name);
    return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

std::uint64_t events_wanted() {
    return number_from("HANSA_EVENTS", std::getenv("HANSA_NIGHTLY") != nullptr ? 300'000 : 12'000);
}

/// Bytes of this process that lie in memory now.
std::size_t resident() {
    std::ifstream status("/proc/self/statm");
    std::size_t pages = 0, in_memory = 0;
    status >> pages >> in_memory;
    return in_memory * 4'096;
}

double seconds_since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Text fields of documents that are made once, and changed for each parcel.
pivot::Node& at(pivot::Node& root, std::string_view path) {
    pivot::Node* node = &root;
    while (!path.empty()) {
        const std::string_view name = path.substr(0, path.find('/'));
        path.remove_prefix(std::min(path.size(), name.size() + 1));
        const auto found = std::ranges::find(node->children, name, &pivot::Node::name);
        if (found == node->children.end()) throw std::runtime_error("no " + std::string(name));
        node = &*found;
    }
    return *node;
}

std::string moment(std::int64_t minute) {
    DateTime time = parse_iso("2026-11-01T00:00:00Z").value();
    time.day = static_cast<int>(1 + minute / 1'440 % 28);
    time.hour = static_cast<int>(minute / 60 % 24);
    time.minute = static_cast<int>(minute % 60);
    return format_iso(time);
}

/// Order, payment, waybill, list, release, delivery of a parcel; a parcel's own minute and how long each step took.
class Maker {
public:
    pivot::Document make(std::uint64_t parcel, std::uint64_t step) {
        const std::string number = std::to_string(parcel), when = moment(static_cast<std::int64_t>(parcel % 20'000 + step * (60 + parcel % 600)));
        pivot::Document out = kinds_[step];
        if (step == 5) {
            at(out.root, "OccurrenceDateTime").value = when;
            at(out.root, "Reference/ID").value = "EMS" + number + "BY";
            return out;
        }
        at(out.root, "IssueDateTime").value = when;
        if (step == 0 || step == 3) at(out.root, "GoodsShipment/UCR/TraderAssignedReferenceID").value = "ORDER-" + number;
        if (step == 0 || step == 1) at(out.root, "GoodsShipment/Payment/ReferenceID").value = "PAY-" + number;
        if (step == 0) at(out.root, "GoodsShipment/Seller/ID").value = "S-" + std::to_string(parcel % 2'000);
        if (step == 2 || step == 3) at(out.root, "GoodsShipment/PreviousDocument/ID").value = "EMS" + number + "BY";
        if (step == 2) out.root.children[2].children[1].children[0].value = "MASTER-" + std::to_string(parcel / parcels_a_container);
        if (step == 3) at(out.root, "FunctionalReferenceID").value = "LIST-" + number;
        if (step == 4) at(out.root, "Declaration/FunctionalReferenceID").value = "LIST-" + number;
        return out;
    }

private:
    std::vector<pivot::Document> kinds_{order("O", moment(0), "S", {}, "P"), payment("P", moment(0)), waybill("L", "M", moment(0)), list("N", "O", "L", moment(0)),
                                        released("N", moment(0)), delivered("L", moment(0))};
};

TEST(TraceLoad, ManyEventsAreFoundAndCostLittle) {
    const std::uint64_t wanted = events_wanted(), seed = number_from("HANSA_SEED", 20261126);
    hansa::test::SuiteResult result("trace-load", seed);
    const auto book = book_of();
    const Scratch scratch("trace-load");
    const std::size_t before = resident();
    auto tracer = scratch.open();
    Maker maker;
    ASSERT_EQ(maker.make(0, 2).root.children[2].children[1].children[0].value, "MASTER-0");
    const std::uint64_t parcels = wanted / events_a_parcel;
    std::int64_t number = 0;
    std::uint64_t documents = 0;
    double taking = 0, settling = 0;
    for (std::uint64_t first = 0; first < parcels; first += parcels_a_container) {
        const std::uint64_t last = std::min(parcels, first + parcels_a_container);
        std::vector<Sent> messages;
        std::vector<std::string> waybills;
        for (std::uint64_t step = 0; step < events_a_parcel; ++step) {
            for (std::uint64_t parcel = first; parcel < last; ++parcel) messages.push_back({++number, maker.make(parcel, step)});
        }
        for (std::uint64_t parcel = first; parcel < last; ++parcel) waybills.push_back("EMS" + std::to_string(parcel) + "BY");
        messages.push_back({++number, arrived("MASTER-" + std::to_string(first / parcels_a_container), waybills, moment(static_cast<std::int64_t>(first % 20'000)))});
        auto start = std::chrono::steady_clock::now();
        ASSERT_TRUE(take(*tracer, *book, messages));
        taking += seconds_since(start);
        start = std::chrono::steady_clock::now();
        settle(*tracer, *book, 2'000);
        settling += seconds_since(start);
        documents += messages.size();
    }
    const std::size_t memory = resident() - std::min(resident(), before);
    const auto log_mb = std::filesystem::file_size(scratch.path().string() + "-wal") >> 20;
    std::mt19937_64 random(seed);
    std::vector<double> lookups;
    for (int i = 0; i < 2'000; ++i) {
        const std::uint64_t parcel = std::uniform_int_distribution<std::uint64_t>(0, parcels - 1)(random);
        const std::string text = std::to_string(parcel);
        const std::string reference = std::vector<std::string>{"ORDER-" + text, "PAY-" + text, "EMS" + text + "BY", "LIST-" + text}[random() % 4];
        const auto start = std::chrono::steady_clock::now();
        const auto line = tracer->timeline(*book, reference);
        lookups.push_back(seconds_since(start));
        const bool right = line && line->events.size() == events_a_parcel + 1 && line->references.size() == 4 && line->complete;
        if (right) result.pass();
        else result.fail();
        ASSERT_TRUE(right) << reference;
    }
    auto start = std::chrono::steady_clock::now();
    const auto times = tracer->release_times({.from_day = 0, .to_day = 100'000, .stage = {}, .corridor = {}}).value();
    const double statistics = seconds_since(start);
    std::uint64_t measured = 0;
    for (const ReleaseTimes& one : times) measured += one.stage == "clearance" ? one.count : 0;
    // Clocks that run over the end of the month go back to its beginning: those parcels are not measured.
    EXPECT_GT(measured * 10, parcels * 7);
    start = std::chrono::steady_clock::now();
    const auto recall = tracer->recall("seller=S-7", 0, 100).value();
    const double recalled = seconds_since(start);
    EXPECT_EQ(recall.items.size(), std::min<std::uint64_t>(100, parcels / 2'000 + (parcels % 2'000 > 7 ? 1 : 0)));
    tracer.reset();
    const auto disk = static_cast<double>(std::filesystem::file_size(scratch.path())) / static_cast<double>(documents);
    std::ranges::sort(lookups);
    const double p50 = lookups[lookups.size() / 2] * 1'000, p99 = lookups[lookups.size() * 99 / 100] * 1'000;
    std::cout << documents << " events: " << static_cast<std::uint64_t>(static_cast<double>(documents) / taking) << " events/s in, " << static_cast<std::uint64_t>(static_cast<double>(documents) / settling)
              << " events/s measured, " << disk << " bytes of disk an event and " << log_mb << " MB of log, " << memory / 1'024 << " KB of memory; a timeline in " << p50 << " ms (median), " << p99
              << " ms (99th percentile); stage times in " << statistics * 1'000 << " ms, a page of a recall in " << recalled * 1'000 << " ms\n";
    result.publish();
    EXPECT_LT(memory, memory_bytes_max);
    EXPECT_LT(p99, lookup_ms_p99_max);
    // Small stores are mostly empty pages.
    EXPECT_TRUE(documents < 12'000 || disk < disk_bytes_an_event_max) << disk;
}

}  // namespace
}  // namespace hansa::trace::test
