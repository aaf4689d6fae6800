// Every translation of the benchmark's peers gives the product's bytes.
//
//   HANSA_SEED=7 HANSA_TRANSLATE_DOCUMENTS=1 HANSA_TRANSLATE_PEER=libxslt build/release/tests/test-bench-translate
//   HANSA_TRANSLATE_DUMP=folder  keeps what differs: in.xml, expected.xml, got.xml
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "tests/bench/translate/test/inputs.h"
#include "tests/bench/translate/translators.h"
#include "tests/property/formats.h"
#include "tests/support/corpus.h"

namespace hansa::test {
namespace {

struct Contender {
    std::string_view name;
    bench::MakePeer make;
};

constexpr Contender contenders[] = {
    {"pugixml", bench::pugixml_translator},
    {"libxslt", bench::libxslt_translator},
#ifdef HANSA_PEER_XALAN
    {"xalan", bench::xalan_translator},
#endif
    {"xerces", bench::xerces_translator},
};

struct Count {
    std::size_t equal = 0, different = 0;
};

void keep(const TranslationInput& input, const std::string& got) {
    const char* folder = std::getenv("HANSA_TRANSLATE_DUMP");
    if (folder == nullptr) return;
    std::filesystem::create_directories(folder);
    const std::filesystem::path to(folder);
    std::ofstream(to / "in.xml") << input.bytes;
    std::ofstream(to / "expected.xml") << input.expected;
    std::ofstream(to / "got.xml") << got;
}

struct Pair {
    const char* from;
    const char* to;
    friend std::ostream& operator<<(std::ostream& out, const Pair& pair) {
        return out << pair.from << " to " << pair.to;
    }
};

class Translations : public testing::TestWithParam<Pair> {};

TEST_P(Translations, GiveTheProductsBytes) {
    const auto [from, to] = GetParam();
    Diagnostics faults;
    const auto registry = plugin::Registry::load(
        {.plugin_folders = {source_dir() / "plugins"}, .schema_folder = source_dir() / "schemas"}, faults);
    ASSERT_TRUE(registry->find(from) != nullptr && registry->find(to) != nullptr);
    TranslationInputs inputs(*registry, from, to);
    bench::Task task{.name = {}, .work = bench::Work::translate, .from = from, .to = to};
    task.data_folder = source_dir() / "tests/bench";
    ASSERT_TRUE(bench::translation_written(task));

    const std::uint64_t seed = number_from("HANSA_SEED", 20261125),
                        wanted = number_from("HANSA_TRANSLATE_DOCUMENTS", 300);
    std::vector<TranslationInput> all = inputs.golden();
    const std::size_t golden = all.size();
    for (std::uint64_t i = 0; i < wanted; ++i) {
        if (auto input = inputs.drawn(seed + i)) all.push_back(*std::move(input));
    }
    if (task.from != "cn.ceb621") inputs.add_batches(all);
    for (const auto& [reason, count] : inputs.refused())
        std::cout << "refused by the product, " << count << " times: " << reason << "\n";
    EXPECT_GE(all.size() - golden, wanted * 9 / 10) << "too many documents are refused";
    EXPECT_GT(golden, 0U);

    inputs.add_bench_messages(all);
    const char* only = std::getenv("HANSA_TRANSLATE_PEER");
    for (const Contender& contender : contenders) {
        if (only != nullptr && contender.name != only) continue;
        if (contender.name == "xerces" && task.from != "cn.ceb621") continue;
        std::map<std::map<std::string, std::string>, std::unique_ptr<bench::Peer>> peers;
        Count count;
        std::string output;
        for (const TranslationInput& input : all) {
            task.settings = input.settings;
            std::unique_ptr<bench::Peer>& peer = peers[input.settings];
            if (!peer) peer = contender.make(task);
            const bool done = peer->check(input.bytes, output);
            if (done && output == input.expected) {
                ++count.equal;
                continue;
            }
            if (++count.different > 3) continue;
            keep(input, output);
            ADD_FAILURE() << from << " to " << to << " by " << contender.name << ": " << input.name
                          << (done ? " differs" : " is refused: ") << peer->trouble();
        }
        std::cout << from << " to " << to << " by " << contender.name << ": " << count.equal << " of " << all.size()
                  << " equal (" << golden << " golden), HANSA_SEED=" << seed << "\n";
    }
}

INSTANTIATE_TEST_SUITE_P(Pairs, Translations,
                         testing::Values(Pair{"cn.ceb621", "wco.declaration"},
                                         Pair{"eaeu.goods-declaration", "am.esad"},
                                         Pair{"asycuda.sad", "wco.declaration"}));

/// A prefix that is longer than some other name of the message.
TEST(Pugixml, TakesAnyPrefix) {
    bench::Task task{.name = {}, .work = bench::Work::translate, .from = "cn.ceb621", .to = "wco.declaration"};
    const auto peer = bench::pugixml_translator(task);
    std::string message = slurp(source_dir() / "plugins/cn/golden/ceb621/bonded.xml"), expected, output;
    ASSERT_TRUE(peer->check(message, expected));
    for (std::size_t at = 0; (at = message.find("ceb", at)) != std::string::npos; ++at) {
        if (message.compare(at, 4, "ceb:") == 0 || message.compare(at, 4, "ceb=") == 0)
            message.replace(at, 3, "a-prefix-of-thirty-six-characters-abc");
    }
    ASSERT_NE(message.find("<a-prefix-of-thirty-six-characters-abc:gnum>"), std::string::npos);
    ASSERT_TRUE(peer->check(message, output));
    EXPECT_EQ(output, expected);
}

/// The scratch copies that pugixml writes into: run() gives the same as check(), in whatever order.
TEST(Pugixml, TakesPreparedCopies) {
    bench::Task task{.name = {}, .work = bench::Work::translate, .from = "cn.ceb621", .to = "wco.declaration"};
    const auto peer = bench::pugixml_translator(task);
    const std::string message = slurp(source_dir() / "plugins/cn/golden/ceb621/smallest.xml");
    std::string checked, output;
    ASSERT_TRUE(peer->check(message, checked));
    const std::string_view two[] = {message, message};
    peer->prepare(two);
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(peer->run(message, output)) << i;
        EXPECT_EQ(output, checked) << i;
    }
    EXPECT_FALSE(peer->check("<other/>", output));
    EXPECT_FALSE(peer->check("<CEB621Message>", output));
}

}  // namespace
}  // namespace hansa::test
