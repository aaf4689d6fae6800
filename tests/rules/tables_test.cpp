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

RuleBook book();

/// Every numbered rule of the pages that our tables were written from is a row, or a named one that lives elsewhere. A letter behind the
/// number is a part of it.
TEST(Rules, EveryNumberedRuleOfThePagesIsNamed) {
    const auto all = book();
    std::vector<std::string> known;
    for (const RuleTable& table : all.tables()) {
        for (const Rule& rule : table.rules) known.push_back(rule.id);
        for (const Elsewhere& one : table.elsewhere) known.push_back(one.id);
    }
    for (const TaxTable& table : all.taxes()) {
        for (const auto& row : table.rows) known.push_back(row.id);
    }
    const auto expect_named = [&](const std::vector<std::string>& sets, const std::string& number) {
        const bool named = std::ranges::any_of(known, [&](const std::string& id) {
            return std::ranges::any_of(sets, [&](const std::string& set) {
                const std::string start = set + "." + number;
                return id.starts_with(start) && (id.size() == start.size() || (id.size() == start.size() + 1 && id.back() >= 'a' && id.back() <= 'z'));
            });
        });
        EXPECT_TRUE(named) << sets.front() << " " << number << " is nowhere";
    };
    for (int i = 1; i <= 27; ++i) expect_named({"cn"}, std::to_string(i));              // GACC message specification, checks 1 to 27
    for (int i = 1; i <= 16; ++i) expect_named({"eaeu"}, "B" + std::to_string(i));      // Eurasian union, B1 to B16
    for (int i = 1; i <= 8; ++i) expect_named({"asycuda", "afcfta"}, std::to_string(i));  // ASYCUDA and AfCFTA, 1 to 8
    for (const char* one : {"h7-value", "h7-gift", "h7-excise", "h7-quota", "ics2-bulk", "ics2-house", "ics2-marks", "ics2-phone", "ics2-eori", "ics2-place", "ics2-departure"}) expect_named({"eu"}, one);
    for (const char* one : {"s10", "container", "bar-code"}) expect_named({"wco"}, one);
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
    const auto registry = plugin::Registry::load({.plugin_folders = {test::source_dir() / "plugins/am", test::source_dir() / "plugins/eaeu"}, .schema_folder = test::source_dir() / "schemas"}, faults);
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
