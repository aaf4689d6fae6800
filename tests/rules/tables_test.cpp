// Suite "rules": every table that the plugins bring is good, and every row has a document that keeps it and one that breaks it.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "core/mapping/translate.h"
#include "core/plugin/document.h"
#include "core/plugin/registry.h"
#include "core/plugin/tables.h"
#include "core/rules/book.h"
#include "core/rules/check.h"
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
        for (const ExampleResult& found : {run_examples(entry.path()), run_tax_examples(entry.path())}) {
            result.pass(plugin, found.passed);
            result.fail(plugin, found.faults.size());
            for (const Error& fault : found.faults) ADD_FAILURE() << fault.text();
        }
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
    std::vector<TaxTable> taxes;
    std::vector<ModeTable> modes;
    Diagnostics faults;
    for (const fs::path& folder : folders) {
        const auto opened = plugin::open_folder(folder, folder);
        if (!opened) continue;
        std::ranges::move(load_tables(**opened, faults), std::back_inserter(tables));
        std::ranges::move(load_tax_tables(**opened, faults), std::back_inserter(taxes));
        std::ranges::move(load_mode_tables(**opened, faults), std::back_inserter(modes));
    }
    for (const Error& fault : faults.errors()) ADD_FAILURE() << fault.text();
    return RuleBook(std::move(tables), std::move(taxes), std::move(modes));
}

TEST(Rules, AreThePageOfTheDocuments) {
    const fs::path page = test::source_dir() / "docs/rules.md";
    const std::string made = markdown(book(), {});
    if (std::getenv("UPDATE") != nullptr) std::ofstream(page) << made;
    std::ifstream in(page);
    std::stringstream text;
    text << in.rdbuf();
    EXPECT_TRUE(made == text.str()) << "docs/rules.md is not what `hansa rules --markdown` prints; UPDATE=1 writes it";
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

/// What our page counted: 22 of 22 real declarations keep rules B1 to B8.
TEST(Rules, OfTheUnionHoldForRealDeclarations) {
    const auto corpus = test::corpus();
    if (!corpus) GTEST_SKIP() << "no corpus";
    Diagnostics faults;
    const auto registry = plugin::Registry::load({.plugin_folders = {test::source_dir() / "plugins/am"}, .schema_folder = test::source_dir() / "schemas"}, faults);
    const plugin::Format* format = registry->find("am.esad");
    ASSERT_NE(format, nullptr) << (faults.empty() ? "" : faults.errors().front().text());
    const RuleBook all = book();
    const auto rules = all.rules_of(std::vector<std::string>{"eaeu"}).value();
    std::size_t documents = 0, decided = 0;
    for (const auto& entry : fs::recursive_directory_iterator(*corpus / "am-esad")) {
        if (entry.path().extension() != ".xml") continue;
        const std::string bytes = test::slurp(entry.path());
        const auto read = plugin::read_document(*format, bytes);
        ASSERT_TRUE(read) << entry.path() << ": " << read.error().text();
        const auto reading = mapping::read(*format->mapping, read->tree, {}, faults);
        ASSERT_TRUE(reading) << entry.path() << ": " << reading.error().text();
        const Checked found = check(reading->documents.at(0), rules, {.format = "am.esad", .verdicts = true});
        EXPECT_FALSE(found.refused()) << entry.path() << ": " << found.findings.front().error().text();
        for (const Verdict& verdict : found.verdicts) decided += verdict.rule->id.starts_with("eaeu.B3") && verdict.outcome == Outcome::holds ? 1U : 0U;
        ++documents;
    }
    EXPECT_EQ(documents, 22U);
    EXPECT_EQ(decided, 22U) << "the sum of prices is asked of each";
}

}  // namespace
}  // namespace hansa::rules
