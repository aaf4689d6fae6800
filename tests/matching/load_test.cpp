// A union's open orders in one store: verdicts as known beforehand, and what an open order costs.
//
//   HANSA_ORDERS=10000000 HANSA_SEED=7 test-matching-load
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <deque>
#include <fstream>
#include <iostream>
#include <random>

#include "tests/support/results.h"
#include "tests/support/sanitizers.h"
#include "tests/unit/matching/documents.h"

namespace hansa::matching::test {
namespace {

constexpr std::int64_t noon = 1'795'000'000;
constexpr std::size_t documents_a_step = 1'000, lists_alone = 100, lists_a_step = 100;
constexpr std::uint64_t orders_a_line = 500'000;  // of progress
constexpr double disk_bytes_an_order_max = 200;  // 2 GB at ten million
constexpr std::size_t memory_bytes_max = hansa::test::is_sanitized ? std::size_t{2} << 30 : std::size_t{256} << 20;

std::uint64_t number_from(const char* name, std::uint64_t otherwise) {
    const char* text = std::getenv(name);
    return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

std::uint64_t orders() {
    return number_from("HANSA_ORDERS", std::getenv("HANSA_NIGHTLY") != nullptr ? 200'000 : 4'000);
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

/// What an order of this number is made to be.
enum class Fate { agrees, price_differs, consignee_differs, payment_missing };
Fate fate_of(std::uint64_t order) {
    switch (order % 50) {
        case 7: return Fate::price_differs;
        case 21: return Fate::consignee_differs;
        case 40: return Fate::payment_missing;
        default: return Fate::agrees;
    }
}

template <class Node>  // constant or not
Node& at(Node& root, std::string_view path) {
    Node* node = &root;
    while (!path.empty()) {
        const std::string_view name = path.substr(0, path.find('/'));
        path.remove_prefix(std::min(path.size(), name.size() + 1));
        const auto found = std::ranges::find(node->children, name, &pivot::Node::name);
        if (found == node->children.end()) throw std::runtime_error("no " + std::string(name));
        node = &*found;
    }
    return *node;
}

/// Documents of an order, made of one of each kind by changing what differs. Document N of order O has number 4 O + N.
class Maker {
public:
    pivot::Document make(Number number) const {
        pivot::Document out = kinds_[number % 4];
        write(number, out);
        return out;
    }
    /// Into one that was made for another order of the same kind: making them all anew takes longer than matching them.
    void write(Number number, pivot::Document& out) const {
        constexpr std::string_view amount = "GoodsShipment/Payment/PaymentAmount", consignee = "GoodsShipment/Consignee/Name";
        const std::uint64_t order = number / 4;
        const pivot::Node& kind = kinds_[number % 4].root;
        at(out.root, order_number).value = "O-" + std::to_string(order);
        if (number % 4 == 1) at(out.root, amount).value = fate_of(order) == Fate::price_differs ? "99.99" : at(kind, amount).value;
        if (number % 4 == 2) at(out.root, consignee).value = fate_of(order) == Fate::consignee_differs ? "Somebody" : at(kind, consignee).value;
        if (number % 4 >= 2) at(out.root, "GoodsShipment/PreviousDocument/ID").value = "L-" + std::to_string(order);
        if (number % 4 == 3) at(out.root, "FunctionalReferenceID").value = "I-" + std::to_string(order);
    }
    static std::string_view format(Number number) {
        constexpr std::array<std::string_view, 4> all{"cn.ceb311", "cn.ceb411", "cn.ceb511", "cn.ceb621"};
        return all[number % 4];
    }

private:
    std::array<pivot::Document, 4> kinds_{document("order", order()), document("payment", payment()), document("waybill", waybill()),
                                          document("declaration", list())};
};

class MatchingLoad : public testing::Test {
protected:
    void SetUp() override {
        path_ = std::filesystem::path(testing::TempDir()) / "matching-load.db";
        remove_store();
        open();
    }
    void open() {
        matcher_.reset();
        Matcher::Options options;
        options.documents = [this](Number number) -> Result<pivot::Document> { return maker_.make(number); };
        auto opened = Matcher::open(path_, table_, std::move(options));
        ASSERT_TRUE(opened) << opened.error().text();
        matcher_ = *std::move(opened);
    }
    void TearDown() override {
        matcher_.reset();
        remove_store();
    }
    void remove_store() {
        for (const char* tail : {"", "-wal", "-shm"}) std::filesystem::remove(path_.string() + tail);
    }

    std::vector<Outcome> arrive(const std::vector<Number>& numbers) {
        std::vector<Arrival> arrivals;
        std::array<std::size_t, 4> used{};
        for (const Number number : numbers) {
            auto& made = made_[number % 4];
            std::size_t& next = used[number % 4];
            if (next == made.size()) made.push_back(maker_.make(number));
            else maker_.write(number, made[next]);
            arrivals.push_back({number, Maker::format(number), &made[next++], noon});
        }
        auto outcomes = matcher_->arrive(arrivals);
        EXPECT_TRUE(outcomes) << (outcomes ? "" : outcomes.error().text());
        return outcomes ? *std::move(outcomes) : std::vector<Outcome>{};
    }

    /// Orders, payments and waybills; neighbours arrive mixed.
    std::uint64_t open_orders(std::uint64_t count, std::mt19937_64& random) {
        std::uint64_t arrived = 0;
        std::vector<Number> waiting;
        for (std::uint64_t order = 0; order < count; ++order) {
            for (Number part = 0; part < 3; ++part) {
                if (part != 1 || fate_of(order) != Fate::payment_missing) waiting.push_back(4 * order + part);
            }
            if (waiting.size() < documents_a_step && order + 1 < count) continue;
            std::shuffle(waiting.begin(), waiting.end(), random);
            for (const Outcome& outcome : arrive(waiting)) EXPECT_EQ(outcome.standing, Standing::kept);
            arrived += waiting.size();
            waiting.clear();
            memory_max_ = std::max(memory_max_, resident());
            show_progress(order + 1, arrived);
        }
        return arrived;
    }

    /// Where the run is a long one: does it slow down, does its memory grow?
    void show_progress(std::uint64_t orders, std::uint64_t arrived) {
        if (orders < next_line_) return;
        next_line_ += orders_a_line;
        std::error_code trouble;
        const auto bytes = std::filesystem::file_size(path_, trouble) + std::filesystem::file_size(path_.string() + "-wal", trouble);
        std::cout << orders << " orders, " << arrived << " documents: " << static_cast<std::uint64_t>(seconds_since(start_)) << " s, " << static_cast<double>(std::clock()) / CLOCKS_PER_SEC << " s of processor, "
                  << resident() / 1'024 << " KB, " << bytes / 1'000'000 << " MB of disk" << std::endl;
    }

    void judge(std::uint64_t order, const Outcome& outcome, hansa::test::SuiteResult& result) {
        const Fate fate = fate_of(order);
        std::vector<std::string> ids;
        for (const Verdict& verdict : outcome.verdicts) {
            for (const Finding& finding : verdict.findings) ids.push_back(finding.agreement->id + " " + finding.second_value);
        }
        const bool decided = outcome.verdicts.size() == 1;
        bool right = false;
        if (fate == Fate::payment_missing) right = !decided && outcome.missing == std::vector<std::size_t>{2};
        if (fate == Fate::agrees) right = decided && ids.empty();
        if (fate == Fate::price_differs) right = decided && ids == std::vector<std::string>{"cn.5 99.99"};
        if (fate == Fate::consignee_differs) right = decided && ids == std::vector<std::string>{"cn.6 Somebody"};
        if (right) return result.pass();
        result.fail();
        ADD_FAILURE() << "order " << order << ": " << standing_name(outcome.standing);
    }

    const MatchTable table_ = china();
    const Maker maker_;
    std::array<std::deque<pivot::Document>, 4> made_;  ///< of each kind, written over
    std::unique_ptr<Matcher> matcher_;
    std::filesystem::path path_;
    const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
    std::uint64_t next_line_ = orders_a_line;
    std::size_t memory_max_ = 0;
};

TEST_F(MatchingLoad, OpenOrdersAreFoundAndCostLittle) {
    const std::uint64_t count = orders(), seed = number_from("HANSA_SEED", 20261126);
    hansa::test::SuiteResult result("matching", seed);
    std::mt19937_64 random(seed);
    const std::size_t before = resident();
    auto start = std::chrono::steady_clock::now();
    const std::uint64_t arrived = open_orders(count, random);
    const double taken = seconds_since(start);
    const auto log_bytes = static_cast<double>(std::filesystem::file_size(path_.string() + "-wal"));
    open();  // what is in the log goes to the file
    const auto disk = static_cast<double>(std::filesystem::file_size(path_)) / static_cast<double>(count);
    // Lists come in another order than their parts came.
    const std::uint64_t lists = std::min<std::uint64_t>(count, 20'000);
    std::vector<std::uint64_t> numbers;
    for (std::uint64_t i = 0; i < lists; ++i)
        numbers.push_back(std::uniform_int_distribution<std::uint64_t>(0, count / lists - 1)(random) + i * (count / lists));
    std::shuffle(numbers.begin(), numbers.end(), random);
    std::vector<double> lookups;
    for (std::size_t i = 0; i < numbers.size();) {
        // The first ones alone, each with its own flush of the disk; the others as a gateway would hand them over.
        const std::size_t together = i < lists_alone ? 1 : std::min<std::size_t>(lists_a_step, numbers.size() - i);
        std::vector<Number> step;
        for (std::size_t k = 0; k < together; ++k) step.push_back(4 * numbers[i + k] + 3);
        start = std::chrono::steady_clock::now();
        const auto outcomes = arrive(step);
        if (together == 1) lookups.push_back(seconds_since(start));
        ASSERT_EQ(outcomes.size(), together);
        for (std::size_t k = 0; k < together; ++k) judge(numbers[i + k], outcomes[k], result);
        i += together;
    }
    const std::size_t memory = std::max(memory_max_, resident()) - before;
    std::ranges::sort(lookups);
    std::cout << count << " open orders: " << static_cast<std::uint64_t>(static_cast<double>(arrived) / taken) << " documents/s in, " << disk
              << " bytes of disk an order and " << log_bytes / (1 << 20) << " MB of log, " << memory / 1'024 << " KB of memory; a list durable with its verdict in " << lookups[lookups.size() / 2] * 1'000
              << " ms (median), " << lookups[lookups.size() * 9 / 10] * 1'000 << " ms (90th of a hundred)\n";
    result.publish();
    EXPECT_EQ(result.failed(), 0U);
    EXPECT_LT(memory, memory_bytes_max);
    // Small stores are mostly empty pages, and logs do not grow with them.
    EXPECT_TRUE(count < 4'000 || disk < disk_bytes_an_order_max) << disk;
    EXPECT_TRUE(count < 10'000'000 || disk + log_bytes / static_cast<double>(count) < disk_bytes_an_order_max) << disk;
}

}  // namespace
}  // namespace hansa::matching::test
