// Imports through a gateway that matches: what matching adds to a document, and that each list goes out once its set is whole.
//
//   HANSA_IMPORTS=2000 test-matching-gateway
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <regex>

#include "core/base/file.h"
#include "core/base/ids.h"
#include "core/exchange/match_watcher.h"
#include "core/plugin/registry.h"
#include "tests/support/corpus.h"
#include "tests/support/results.h"
#include "tests/support/sanitizers.h"
#include "tests/unit/trust/people.h"

namespace hansa::exchange {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
constexpr std::size_t memory_bytes_max = test::is_sanitized ? std::size_t{2} << 30 : std::size_t{512} << 20;

std::size_t imports() {
    const char* text = std::getenv("HANSA_IMPORTS");
    return text == nullptr ? 60 : std::strtoull(text, nullptr, 10);
}

std::size_t resident() {
    std::ifstream status("/proc/self/statm");
    std::size_t pages = 0, in_memory = 0;
    status >> pages >> in_memory;
    return in_memory * 4'096;
}

double since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

std::string replaced(std::string text, std::string_view from, const std::string& to) {
    for (std::size_t at = text.find(from); at != text.npos; at = text.find(from, at + to.size())) text.replace(at, from.size(), to);
    return text;
}

class GatewayLoad : public testing::Test {
protected:
    void SetUp() override {
        folder_ = fs::temp_directory_path() / ("hansa-matching-load-" + random_uuid());
        fs::create_directories(folder_);
        plugin::LoadOptions options;
        options.plugin_folders = {test::source_dir() / "plugins/cn"};
        options.schema_folder = test::source_dir() / "schemas";
        Diagnostics faults;
        registry_ = plugin::Registry::load(options, faults);
        ASSERT_TRUE(faults.empty()) << faults.errors().front().text();
        desk_ = std::make_shared<const MatchDesk>(matching::MatchBook::load(*registry_, faults));
        for (const char* kind : {"order", "payment", "waybill", "list"}) {
            const std::string text = test::slurp(test::source_dir() / "plugins/cn/matching/examples/agrees" / (std::string(kind) + ".xml"));
            texts_.push_back(std::regex_replace(text, std::regex("<ds:Signature[^]*</ds:Signature>"), ""));
        }
    }
    void TearDown() override { fs::remove_all(folder_); }

    std::shared_ptr<const Directory> directory(bool match) const {
        auto out = std::make_shared<Directory>();
        for (const char* id : {"guangzhou", "beijing"}) {
            Agency agency;
            agency.id = agency.name = id;
            agency.authority = "cn";
            agency.unsigned_allowed = true;
            for (const char* format : {"cn.ceb311", "cn.ceb411", "cn.ceb511", "cn.ceb621"})
                agency.envelope[format] = {{"@guid", "$uuid"}, {"BaseTransfer/copCode", "4401000001"}, {"BaseTransfer/copName", "Gateway"}, {"BaseTransfer/dxpMode", "DXP"}, {"BaseTransfer/dxpId", "DXPENT0000000001"}};
            if (match) agency.matching = {"cn.import"};
            out->agencies.push_back(std::move(agency));
        }
        for (const char* format : {"cn.ceb311", "cn.ceb411", "cn.ceb511", "cn.ceb621"}) {
            Route route;
            route.name = format;
            route.from = "guangzhou";
            route.to = "beijing";
            route.from_format = route.to_format = format;
            route.test = true;
            out->routes.push_back(std::move(route));
        }
        return out;
    }

    /// The import list is signed, as its schema demands.
    std::string document(std::size_t kind, std::size_t number) const {
        const std::string n = std::to_string(number);
        std::string text = replaced(replaced(replaced(texts_[kind], "O-20261105-1", "O-" + n), ">L-1<", ">L-" + n + "<"), "T-77", "T-" + n);
        if (kind + 1 != texts_.size()) return text;
        return test::must(trust::sign(text, *registry_->profile("cn.import.sm2-sm3"), test::people().sm2.signer(), {}));
    }

    struct Run {
        double accept_s = 0, follow_s = 0;
        std::uint64_t matched = 0, held = 0;
    };
    Run run(bool match, std::size_t count) {
        const fs::path place = folder_ / (match ? "on" : "off");
        fs::create_directories(place);
        auto journal = test::must(journal::open_sqlite(place / "journal.db", {}));
        auto keys = std::make_shared<Keyring>();
        for (const char* profile : {"asice.ecdsa-p256-sha256", "enveloped.ecdsa-p256-sha256"}) keys->by_profile.emplace(profile, test::people().ec.signer());
        keys->by_profile.emplace("cn.import.sm2-sm3", test::people().sm2.signer());
        keys->trust_of.emplace("guangzhou", test::people().store);
        Surroundings with{directory(match), registry_, keys, std::make_shared<const Engines>(registry_, EngineSettings{.fast = true, .shadow = 0})};
        with.matches = desk_;
        Gateway gateway(with, *journal);
        const auto surroundings = [&] { return gateway.surroundings(); };
        std::vector<std::shared_ptr<Watcher>> watchers;
        if (match) watchers.push_back(test::must(MatchWatcher::open({.folder = place, .table = "cn.import", .test = true}, *desk_, {surroundings, *journal})));
        Follower follower(surroundings, *journal, watchers);
        Run out;
        const auto start = Clock::now();
        // Lists first for every other import: those wait for their parts.
        for (std::size_t turn = 0; turn < texts_.size(); ++turn) {
            for (std::size_t i = 0; i < count; ++i) {
                Diagnostics faults;
                const std::size_t kind = i % 2 == 0 ? turn : texts_.size() - 1 - turn;
                const auto done = gateway.accept({.agency = "guangzhou", .bytes = document(kind, i), .idempotency_key = {}, .format = {}, .test = true, .transport = "test"}, faults);
                if (!done) throw std::runtime_error(done.error().text());
            }
        }
        out.accept_s = since(start);
        out.held = test::must(journal->outbox()).held;
        const auto followed = Clock::now();
        follower.run_once(0);
        out.follow_s = since(followed);
        const auto words = desk_->counts()->all()["cn.import"];
        if (match && words.contains("matched")) out.matched = words.at("matched");
        EXPECT_EQ(test::must(journal->outbox()).held, 0U);
        EXPECT_EQ(test::must(journal->outbox()).pending, 4 * count);
        return out;
    }

    fs::path folder_;
    std::shared_ptr<const plugin::Registry> registry_;
    std::shared_ptr<const MatchDesk> desk_;
    std::vector<std::string> texts_;
};

TEST_F(GatewayLoad, EachListGoesOutOnceItsSetIsWhole) {
    test::SuiteResult result("matching-gateway", 0);
    const std::size_t count = imports();
    static_cast<void>(run(false, 1));  // grammars and plans are made
    fs::remove_all(folder_ / "off");
    const Run off = run(false, count), on = run(true, count);
    EXPECT_EQ(on.held, count);
    EXPECT_EQ(on.matched, count);
    EXPECT_LT(resident(), memory_bytes_max);
    const double documents = 4.0 * static_cast<double>(count);
    std::cout << "documents " << documents << ", accepted without matching " << documents / off.accept_s << "/s, with " << documents / on.accept_s
              << "/s, joined and let go " << documents / on.follow_s << "/s, memory " << (resident() >> 20) << " MB\n";
    result.pass("imports", on.matched);
    result.fail("imports", count - on.matched);
    result.publish();
}

}  // namespace
}  // namespace hansa::exchange
