#include <sys/wait.h>

#include <unistd.h>
#include <chrono>
#include <cstdlib>

#include "core/schema/reader.h"
#include "core/schema/writer.h"
#include "tests/support/corpus.h"
#include "tests/unit/schema/schema_support.h"

namespace hansa::schema::test {
namespace {

namespace fs = std::filesystem;

int run(const std::string& arguments) {
    const std::string tool = (hansa::test::build_dir() / "bin" / "hansa-compile-schema").string();
    return WEXITSTATUS(std::system((tool + " " + arguments + " >/dev/null 2>&1").c_str()));
}

TEST(Tool, CompilesASchemaOfOursIntoABlobThatLoads) {
    const fs::path out = fs::temp_directory_path() / ("hansa-tool-test-" + std::to_string(::getpid()) + ".grammar");
    const std::string xsd = (hansa::test::source_dir() / "schemas/cn/ceb-export-202205.xsd").string();
    ASSERT_EQ(run("--root '{http://www.chinaport.gov.cn/ceb}CEB603Message' --out " + out.string() + " " + xsd), 0);
    const auto grammar = Grammar::load(hansa::test::slurp(out));
    fs::remove(out);
    ASSERT_TRUE(grammar) << grammar.error().text();
    EXPECT_EQ(grammar->root().name.local, "CEB603Message");
    EXPECT_TRUE(grammar->find(grammar->root(), "Inventory/InventoryHead/guid"));
}

TEST(Tool, SaysNoByItsExitCode) {
    const std::string xsd = (hansa::test::source_dir() / "schemas/cn/ceb-export-202205.xsd").string();
    EXPECT_EQ(run("--roots " + xsd), 0);
    EXPECT_EQ(run("--root Nothing --out /dev/null " + xsd), 1);
    EXPECT_EQ(run("--roots missing.xsd"), 3);
    EXPECT_EQ(run("--roots"), 2);
    EXPECT_EQ(run("--root x " + xsd), 2);
}

TEST(Grammar, LoadsFastEnoughForAnyStart) {
    const auto compiled =
        compile_xsd({.file = (hansa::test::source_dir() / "schemas/cn/ceb-import-202205.xsd").string(),
                     .root = {"", "CEB621Message"},
                     .resolve = {}});
    ASSERT_TRUE(compiled) << compiled.error().text();
    const std::string blob = compiled->blob();
    auto best = std::chrono::nanoseconds::max();
    for (int i = 0; i < 20; ++i) {
        const auto start = std::chrono::steady_clock::now();
        ASSERT_TRUE(Grammar::load(blob));
        best = std::min<std::chrono::nanoseconds>(best, std::chrono::steady_clock::now() - start);
    }
    std::cout << "load of " << blob.size() << " bytes: " << best.count() / 1000 << " us\n";
    EXPECT_LT(best, std::chrono::milliseconds(20));  // sanitizers included; 1 ms is the goal of a release build
}

TEST(Corpus, DocumentsReadAndWrittenBackAreTheSame) {
    const auto corpus = hansa::test::corpus();
    if (!corpus) GTEST_SKIP() << "no corpus";
    std::size_t count = 0;
    for (const auto& entry : fs::recursive_directory_iterator(*corpus / "am-esad")) {
        if (entry.path().extension() != ".xml") continue;
        const auto tree = read_tree(hansa::test::slurp(entry.path()));
        if (!tree) continue;
        const std::string once = write_tree(*tree);
        const auto again = read_tree(once);
        ASSERT_TRUE(again) << again.error().text();
        EXPECT_EQ(write_tree(*again), once);
        ++count;
    }
    EXPECT_GT(count, 10u);
}

}  // namespace
}  // namespace hansa::schema::test
