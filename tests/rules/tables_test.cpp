// Suite "rules": every table that the plugins bring is good, and every row has a document that keeps it and one that breaks it.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "core/plugin/tables.h"
#include "core/rules/book.h"
#include "core/rules/page.h"
#include "core/rules/rule.h"
#include "tests/support/corpus.h"
#include "tests/support/results.h"

namespace hansa::rules {
namespace {

namespace fs = std::filesystem;

TEST(Rules, OfEveryPluginHaveTwoExamplesEach) {
    test::SuiteResult result("rules");
    for (const auto& entry : fs::directory_iterator(test::source_dir() / "plugins")) {
        if (!fs::is_directory(entry.path() / "rules")) continue;
        const std::string plugin = entry.path().filename().string();
        const ExampleResult found = run_examples(entry.path());
        result.pass(plugin, found.passed);
        result.fail(plugin, found.faults.size());
        for (const Error& fault : found.faults) ADD_FAILURE() << fault.text();
    }
    EXPECT_GT(result.passed(), 0U);
    result.publish();
}

/// All tables, by plugin, as a registry of the plugins' folders would have them.
RuleBook book() {
    std::vector<fs::path> folders;
    for (const auto& entry : fs::directory_iterator(test::source_dir() / "plugins")) folders.push_back(entry.path());
    std::ranges::sort(folders);
    std::vector<RuleTable> tables;
    Diagnostics faults;
    for (const fs::path& folder : folders) {
        if (!fs::is_directory(folder / "rules")) continue;
        std::ranges::move(load_tables(**plugin::open_folder(folder, folder), faults), std::back_inserter(tables));
    }
    for (const Error& fault : faults.errors()) ADD_FAILURE() << fault.text();
    return RuleBook(std::move(tables));
}

TEST(Rules, AreThePageOfTheDocuments) {
    std::ifstream in(test::source_dir() / "docs/rules.md");
    std::stringstream page;
    page << in.rdbuf();
    EXPECT_EQ(markdown(book(), {}), page.str()) << "docs/rules.md is not what `hansa rules --markdown` prints";
}

/// What the sources leave open warns.
TEST(Rules, ThatAreNotSettledWarn) {
    const RuleBook all = book();
    for (const Rule* rule : all.all()) {
        for (const std::string_view word : {"not confirmed", "not settled", "our reading", "our proposal"}) {
            if (rule->source.find(word) == std::string::npos) continue;
            EXPECT_EQ(rule->severity, Severity::warn) << rule->id;
        }
    }
    EXPECT_GT(all.all().size(), 70U);
}

}  // namespace
}  // namespace hansa::rules
