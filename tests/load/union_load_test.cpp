// Parcels of a union's month through one gateway with all that a union switches on: signed messages of several senders at once,
// documents matched, copies of fields for four regulators, timelines, answers of customs, deliveries by the outbox.
//
//   HANSA_EVENTS=200000 test-union-load
//
// An event is a message that came in: order, payment, waybill, list, registered, released, six a parcel. What makes and signs them
// runs in the same process, and its processor time is told apart.
#include <gtest/gtest.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <mutex>
#include <random>
#include <regex>
#include <thread>

#include "core/base/file.h"
#include "core/base/ids.h"
#include "core/base/log.h"
#include "core/base/time.h"
#include "core/disclosure/regulator_table.h"
#include "core/exchange/match_watcher.h"
#include "core/exchange/outbox.h"
#include "core/exchange/trace_desk.h"
#include "core/plugin/registry.h"
#include "core/trace/book.h"
#include "tests/support/corpus.h"
#include "tests/support/results.h"
#include "tests/support/sanitizers.h"
#include "tests/unit/trust/people.h"

namespace hansa::exchange {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr double events_a_month = 5'000'000, month_s = 30.0 * 86'400, mean = events_a_month / month_s, busy_hour = 10 * mean;
constexpr std::size_t memory_bytes_max = std::size_t{1} << 30;
constexpr std::uint64_t events_a_parcel = 6;
constexpr std::size_t senders = 4, parcels_a_step = 50;
constexpr std::array<std::string_view, 4> roles{"tax", "foreign-exchange", "police", "quarantine"};

constexpr bool measures = !test::is_sanitized;

std::uint64_t parcels_wanted() {
    const char* text = std::getenv("HANSA_EVENTS");
    const std::uint64_t events = text == nullptr ? 600 : std::strtoull(text, nullptr, 10);
    return std::max<std::uint64_t>(events / events_a_parcel, 1);
}

double since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

double processor(clockid_t clock) {
    timespec now{};
    ::clock_gettime(clock, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

/// The most that lay in memory at once.
std::size_t memory_peak() {
    std::ifstream status("/proc/self/status");
    for (std::string word; status >> word;) {
        std::size_t kilobytes = 0;
        if (word == "VmHWM:" && status >> kilobytes) return kilobytes * 1'024;
    }
    return 0;
}

std::uint64_t bytes_of(const fs::path& folder, std::string_view beginning = {}) {
    std::uint64_t out = 0;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        if (entry.is_regular_file() && entry.path().lexically_relative(folder).string().starts_with(beginning)) out += entry.file_size();
    }
    return out;
}

/// Which of the list's and the payment's fields go to whom is made up: no held source says it for imports.
std::string regulator_table() {
    std::string out = "regulators load\ntitle \"Copies for a test of load\"\n";
    for (const std::string_view role : roles) {
        const bool money = role == "foreign-exchange";
        out += "\ncopy load." + std::string(role) + "\n  for       " + std::string(role) + "\n  text      \"Some fields\"\n  over      " + (money ? "payment cn.ceb411" : "declaration cn.ceb621") +
               "\n  certainty settled\n  source    \"made up\"\n  field     IssueDateTime\n  field     GoodsShipment/UCR/TraderAssignedReferenceID\n";
        if (!money) out += "  field     GoodsShipment/GovernmentAgencyGoodsItem/Commodity/Description\n  field     GoodsShipment/GovernmentAgencyGoodsItem/Commodity/InvoiceLine/ItemChargeAmount\n";
    }
    return out;
}

class Counted final : public Transport {
public:
    bool serves(std::string_view url) const override { return url.starts_with("http"); }
    Result<Delivered> deliver(const Attempt& attempt) override {
        (attempt.format == "hansa.fields" ? copies : documents).fetch_add(1);
        return Delivered{{}, "taken"};
    }
    std::atomic<std::uint64_t> documents = 0, copies = 0;
};

class UnionLoad : public testing::Test {
protected:
    void SetUp() override {
        log::set_level(log::Level::warning);  // a line a message would be all that is seen
        folder_ = fs::temp_directory_path() / ("hansa-union-load-" + random_uuid());
        fs::create_directories(folder_ / "plugins");
        fs::copy(test::source_dir() / "plugins/cn", folder_ / "plugins/cn", fs::copy_options::recursive);
        ASSERT_TRUE(write_file_atomically(folder_ / "plugins/cn/regulators/load.regulators", regulator_table()));
        plugin::LoadOptions options;
        options.plugin_folders = {folder_ / "plugins/cn"};
        options.schema_folder = test::source_dir() / "schemas";
        Diagnostics faults;
        registry_ = plugin::Registry::load(options, faults);
        for (const char* kind : {"order", "payment", "waybill", "list"}) {
            const std::string text = test::slurp(test::source_dir() / "plugins/cn/matching/examples/agrees" / (std::string(kind) + ".xml"));
            texts_.push_back(std::regex_replace(text, std::regex("<ds:Signature[^]*</ds:Signature>"), ""));
        }
        replace(texts_.back(), "</ceb:logisticsName>", "</ceb:logisticsName><ceb:copNo>COP-1</ceb:copNo>");
        replace(texts_.back(), "<ceb:guid>4CDE1CFD", "<ceb:guid>GUID-OF-4CDE1CFD");
        const std::string answer = test::slurp(test::source_dir() / "plugins/cn/golden/ceb622/released.xml");
        for (const char* status : {"120", "800"}) {
            texts_.push_back(answer);
            replace(texts_.back(), "NB-1", "COP-1");
            texts_.back() = std::regex_replace(texts_.back(), std::regex("<ceb:returnStatus>[^<]*"), "<ceb:returnStatus>" + std::string(status));
        }
        auto keys = std::make_shared<Keyring>();
        for (const char* profile : {"asice.ecdsa-p256-sha256", "enveloped.ecdsa-p256-sha256"}) keys->by_profile.emplace(profile, test::people().ec.signer());
        keys->by_profile.emplace("cn.import.sm2-sm3", test::people().sm2.signer());
        for (const char* agency : {"guangzhou", "beijing"}) keys->trust_of.emplace(agency, test::people().store);
        Surroundings with{directory(), registry_, keys, std::make_shared<const Engines>(registry_, EngineSettings{.fast = true})};
        desk_ = std::make_shared<const MatchDesk>(matching::MatchBook::load(*registry_, faults));
        with.matches = desk_;
        with.regulators = disclosure::RegulatorBook::load(*registry_, faults);
        trace_ = test::must(TraceDesk::open({.enabled = true, .store = folder_ / "data/trace.db"}, trace::TraceBook::load(*registry_, faults)));
        with.trace = trace_;
        ASSERT_TRUE(faults.empty()) << faults.errors().front().text();
        journal_ = test::must(journal::open_sqlite(folder_ / "data/journal.db", {}));
        gateway_ = std::make_unique<Gateway>(with, *journal_);
    }
    void TearDown() override {
        gateway_.reset();
        journal_.reset();
        fs::remove_all(folder_);
    }

    static void replace(std::string& text, std::string_view from, const std::string& to) {
        for (std::size_t at = text.find(from); at != text.npos; at = text.find(from, at + to.size())) text.replace(at, from.size(), to);
    }

    static std::shared_ptr<const Directory> directory() {
        auto out = std::make_shared<Directory>();
        std::vector<std::string> ids{"guangzhou", "beijing"};
        ids.insert(ids.end(), roles.begin(), roles.end());
        for (const std::string& id : ids) {
            Agency agency;
            agency.id = agency.name = id;
            agency.authority = "cn";
            for (const char* format : {"cn.ceb311", "cn.ceb411", "cn.ceb511", "cn.ceb621", "cn.ceb622"})
                agency.envelope[format] = {{"@guid", "$uuid"}, {"BaseTransfer/copCode", "4401000001"}, {"BaseTransfer/copName", "Gateway"}, {"BaseTransfer/dxpMode", "DXP"}, {"BaseTransfer/dxpId", "DXPENT0000000001"}};
            agency.address = Address{.url = "http://" + id, .token_file = {}, .certificate_file = {}, .key_file = {}, .trust_file = {}};
            out->agencies.push_back(std::move(agency));
        }
        Agency& sender = out->agencies.front();
        sender.matching = {"cn.import"};
        sender.regulators.tables = {"load"};
        for (const std::string_view role : roles) sender.regulators.agency_of.emplace(role, role);
        for (const char* format : {"cn.ceb311", "cn.ceb411", "cn.ceb511", "cn.ceb621"}) {
            Route route;
            route.name = format;
            route.from = "guangzhou";
            route.to = "beijing";
            route.from_format = route.to_format = format;
            out->routes.push_back(std::move(route));
        }
        return out;
    }

    std::string document(std::uint64_t kind, std::uint64_t parcel) const {
        const std::string n = std::to_string(parcel);
        std::string text = texts_[kind];
        for (const auto& [from, to] : {std::pair<std::string_view, std::string>{"O-20261105-1", "O-" + n}, {">L-1<", ">L-" + n + "<"}, {"T-77", "T-" + n}, {"COP-1<", "COP-" + n + "<"}}) replace(text, from, to);
        if (kind >= 4) {
            // No two have the same reference of their own, nor the same number of the window's or of customs.
            replace(text, "B20261105000001882", "B2026" + std::string(13 - n.size(), '0') + n);
            replace(text, "37002026I000000117", "37002026I" + std::string(9 - n.size(), '0') + n);
            replace(text, "4CDE1CFD-EDED-46B1-946C-000000000003", uuid5("load", n + "/" + std::to_string(kind)));
            trust::SignOptions how;
            how.document_name = "answer.xml";
            return test::must(trust::sign(text, *registry_->profile("asice.ecdsa-p256-sha256"), test::people().ec.signer(), how));
        }
        if (kind == 3) replace(text, "GUID-OF-4CDE1CFD-EDED-46B1-946C-000000000001", uuid5("load", n));
        return test::must(trust::sign(text, *registry_->profile("cn.import.sm2-sm3"), test::people().sm2.signer(), {}));
    }

    struct Sent {
        double made_s = 0;                ///< processor of this thread for making documents
        std::vector<float> accepted_ms{};
    };

    void accept(std::uint64_t kind, std::uint64_t parcel, Sent& sent) {
        const double before = processor(CLOCK_THREAD_CPUTIME_ID);
        std::string bytes = document(kind, parcel);
        sent.made_s += processor(CLOCK_THREAD_CPUTIME_ID) - before;
        Diagnostics faults;
        const auto start = Clock::now();
        const auto done = gateway_->accept({.agency = kind < 4 ? "guangzhou" : "beijing", .bytes = std::move(bytes), .idempotency_key = {}, .format = {}, .test = false, .transport = "test"}, faults);
        if (!done) throw std::runtime_error(done.error().text());
        sent.accepted_ms.push_back(static_cast<float>(since(start) * 1e3));
        woken_();
    }

    /// Steps of parcels: their four documents in any order, then, a step later, what customs answer.
    Sent send(std::uint64_t first, std::uint64_t end) {
        Sent out;
        std::mt19937_64 random(first);
        const auto answer = [&](std::uint64_t from, std::uint64_t to) {
            for (std::uint64_t parcel = from; parcel < to; ++parcel) {
                for (const std::uint64_t kind : {4U, 5U}) accept(kind, parcel, out);
            }
        };
        std::uint64_t before = first;
        for (std::uint64_t step = first; step < end; step += parcels_a_step) {
            std::vector<std::pair<std::uint64_t, std::uint64_t>> documents;
            for (std::uint64_t parcel = step; parcel < std::min(end, step + parcels_a_step); ++parcel) {
                for (std::uint64_t kind = 0; kind < 4; ++kind) documents.emplace_back(kind, parcel);
            }
            std::ranges::shuffle(documents, random);
            for (const auto& [kind, parcel] : documents) accept(kind, parcel, out);
            answer(before, step);
            before = step;
        }
        answer(before, end);
        return out;
    }

    /// The journal at rest: nothing held, nothing on its way.
    bool at_rest() {
        const auto count = test::must(journal_->outbox());
        return count.held == 0 && count.pending == 0 && count.in_flight == 0;
    }

    std::int64_t last_received() {
        journal::Filter filter;
        filter.direction = journal::Direction::in;
        filter.count_max = 1;
        return test::must(journal_->search(filter)).last_number;
    }

    fs::path folder_;
    std::shared_ptr<const plugin::Registry> registry_;
    std::shared_ptr<const MatchDesk> desk_;
    std::shared_ptr<TraceDesk> trace_;
    std::unique_ptr<journal::Journal> journal_;
    std::unique_ptr<Gateway> gateway_;
    std::vector<std::string> texts_;
    std::function<void()> woken_;
};

TEST_F(UnionLoad, AMonthOfTheSmallestInstallationIsALittlePartOfIt) {
    test::SuiteResult result("union-load", 0);
    const std::uint64_t parcels = parcels_wanted();
    const auto surroundings = [this] { return gateway_->surroundings(); };
    const auto transport = std::make_shared<Counted>();
    Outbox outbox(surroundings, *journal_, {transport}, {});
    auto watchers = match_watchers(folder_ / "data/matching", *directory(), *desk_, {surroundings, *journal_, [&] { outbox.wake(); }});
    watchers.push_back(std::make_shared<TraceWatcher>(trace_, surroundings, *journal_));
    Follower follower(surroundings, *journal_, watchers);
    woken_ = [&] { outbox.wake(), follower.wake(); };
    outbox.start();
    follower.start();
    const double processor_before = processor(CLOCK_PROCESS_CPUTIME_ID);
    const auto start = Clock::now();
    std::vector<Sent> all(senders);
    {
        std::vector<std::jthread> threads;
        for (std::size_t i = 0; i < senders; ++i)
            threads.emplace_back([&, i] { all[i] = send(parcels * i / senders, parcels * (i + 1) / senders); });
    }
    const double accepted_s = since(start);
    std::uint64_t last = 0;
    // What is sent is matched and delivered: as long as there is progress, it is waited for.
    for (auto moved = Clock::now(); !at_rest() && since(moved) < 60;) {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        if (const std::uint64_t now = transport->documents + transport->copies; now != std::exchange(last, now)) moved = Clock::now();
    }
    for (const std::int64_t end = last_received(); test::must(trace_->tracer().position()) < end && since(start) < 7'000;) std::this_thread::sleep_for(std::chrono::milliseconds(20));
    const double all_s = since(start), processor_s = processor(CLOCK_PROCESS_CPUTIME_ID) - processor_before;
    follower.stop();
    outbox.stop();

    EXPECT_TRUE(at_rest());
    EXPECT_EQ(desk_->counts()->all()["cn.import"]["matched"], parcels);
    EXPECT_EQ(transport->documents, parcels * events_a_parcel) << "four documents of the sender, two answers";
    EXPECT_EQ(transport->copies, parcels * roles.size());
    for (const std::uint64_t parcel : {std::uint64_t{0}, parcels / 2, parcels - 1}) {
        std::vector<std::string> told;
        for (const trace::TimelineEvent& event : test::must(trace_->tracer().timeline(*trace_->book(), "L-" + std::to_string(parcel))).events) told.push_back(event.event);
        std::ranges::sort(told);
        EXPECT_EQ(told, (std::vector<std::string>{"lodged", "order-made", "paid", "registered", "released", "waybill-made"})) << parcel;
    }

    double made_s = 0;
    std::vector<float> accepted_ms;
    for (const Sent& sent : all) {
        made_s += sent.made_s;
        accepted_ms.insert(accepted_ms.end(), sent.accepted_ms.begin(), sent.accepted_ms.end());
    }
    std::ranges::sort(accepted_ms);
    const auto events = static_cast<double>(parcels * events_a_parcel), rate = events / all_s;
    const auto disk = static_cast<double>(bytes_of(folder_ / "data"));
    EXPECT_LT(memory_peak(), memory_bytes_max);
    if (measures) {
        EXPECT_GT(rate, busy_hour) << "events a second";
    }
    std::cout << "events " << events << " in " << all_s << " s (accepted in " << accepted_s << " s): " << rate << " events/s, deliveries " << transport->documents + transport->copies << "\n"
              << "a month of 5 million needs " << mean << "/s: " << 100 * mean / rate << " % of that; an hour ten times as busy " << 100 * busy_hour / rate << " %\n"
              << "accepted, durable, in ms: median " << accepted_ms[accepted_ms.size() / 2] << ", 99th of a hundred " << accepted_ms[accepted_ms.size() * 99 / 100] << "\n"
              << "processor " << processor_s << " s, of it " << made_s << " s to make and sign what is sent: " << 1e3 * (processor_s - made_s) / events << " ms an event\n"
              << "memory " << (memory_peak() >> 20) << " MB at most; disk " << disk / events << " bytes an event (journal " << static_cast<double>(bytes_of(folder_ / "data", "journal")) / events << ", traces "
              << static_cast<double>(bytes_of(folder_ / "data", "trace")) / events << "), a month " << disk / events * events_a_month / 1e9 << " GB\n";
    result.pass("parcels", parcels);
    result.publish();
}

}  // namespace
}  // namespace hansa::exchange
