#include "core/exchange/fast_translation.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <thread>

#include "core/base/file.h"
#include "core/exchange/codes.h"
#include "core/plugin/scaffold.h"
#include "tests/support/corpus.h"

namespace hansa::exchange {
namespace {

namespace fs = std::filesystem;

/// Two new countries as `hansa plugin new` writes them, understood by both engines.
class FastTwoCountries : public testing::Test {
protected:
    void SetUp() override {
        folder_ = fs::temp_directory_path() / ("hansa-fast-translation-" + std::to_string(::getpid()));
        for (const char* code : {"xa", "xb"})
            ASSERT_TRUE(plugin::scaffold({folder_ / "plugins", folder_ / "schemas"}, code));
    }
    void TearDown() override { fs::remove_all(folder_); }

    void load() {
        plugin::LoadOptions options;
        options.plugin_folders = {folder_ / "plugins"};
        options.schema_folder = folder_ / "schemas";
        Diagnostics faults;
        registry_ = plugin::Registry::load(options, faults);
        ASSERT_TRUE(faults.empty()) << faults.errors().front().text();
        fast_ = std::make_unique<FastTranslator>(registry_);
    }

    static std::string message(const std::string& second) {
        return "<Declaration xmlns=\"urn:example:xa:declaration:1\"><Reference>R-1</Reference><Direction>OUT</Direction>"
               "<Issued>2026-01-31T08:00:00Z</Issued>"
               "<Item><Number>1</Number><Description>Tea</Description><GrossMass>2.5</GrossMass></Item>"
               "<Item><Number>2</Number><Description>" +
               second + "</Description><GrossMass>1</GrossMass></Item></Declaration>";
    }

    Result<Translation> translated(const std::string& bytes, Engine engine) {
        Diagnostics faults;
        return translate(*fast_, *registry_,
                         {.bytes = bytes, .from = {}, .to = "xb.declaration", .source = {}, .target = {}}, engine,
                         faults);
    }

    FastTranslation found(const std::string& bytes) {
        const mapping::Context context;
        return fast_->translate({bytes, *registry_->find("xa.declaration"), *registry_->find("xb.declaration"), context, context});
    }

    fs::path folder_;
    std::shared_ptr<const plugin::Registry> registry_;
    std::unique_ptr<FastTranslator> fast_;
};

TEST_F(FastTwoCountries, GetTheSameBytesAndLossesFromBothEngines) {
    load();
    for (const std::string second : {"Coffee", "Caf\xC3\xA9 &amp; <![CDATA[<more>]]>"}) {
        const auto reference = translated(message(second), Engine::reference);
        const auto fast = translated(message(second), Engine::fast);
        ASSERT_TRUE(reference) << reference.error().text();
        ASSERT_TRUE(fast) << fast.error().text();
        ASSERT_EQ(fast->messages.size(), 1u);
        EXPECT_EQ(fast->messages[0].bytes, reference->messages[0].bytes);
        EXPECT_EQ(fast->plan, reference->plan);
        EXPECT_TRUE(translated(message(second), Engine::both));
    }
    const FastCounts counts = fast_->counts();
    EXPECT_EQ(counts.done, 4u);
    EXPECT_TRUE(counts.declined.empty()) << counts.declined.begin()->first;
}

/// Plans, readers and workers are made by whoever comes first, and lent to all.
TEST_F(FastTwoCountries, ShareOneTranslatorAmongThreads) {
    load();
    const std::string bad = "<Declaration xmlns=\"urn:example:xa:declaration:1\"><Reference/><Wrong/></Declaration>";
    std::vector<std::string> expected;
    for (const char* second : {"Coffee", "Cocoa"}) {
        const auto judged = translated(message(second), Engine::reference);
        ASSERT_TRUE(judged) << judged.error().text();
        expected.push_back(judged->messages.at(0).bytes);
    }
    constexpr std::size_t threads_count = 6;
    constexpr int rounds = 40;
    std::vector<int> wrong(threads_count, 0);
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < threads_count; ++t) {
        threads.emplace_back([&, t] {
            const plugin::Format& from = *registry_->find("xa.declaration");
            for (int i = 0; i < rounds; ++i) {
                const std::size_t which = (t + static_cast<std::size_t>(i)) % 2;
                const std::string bytes = message(which == 0 ? "Coffee" : "Cocoa");
                const FastTranslation good = found(bytes);
                const bool same = good.outcome == FastOutcome::done && good.messages.at(0).bytes == expected[which];
                Diagnostics faults;
                const bool judged = fast_->validate(from, bytes, faults) == true && faults.empty() &&
                                    fast_->validate(from, bad, faults) == false && faults.count() == 1;
                if (!same || !judged || found(bad).outcome != FastOutcome::invalid) ++wrong[t];
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(wrong, std::vector<int>(threads_count, 0));
    EXPECT_EQ(fast_->counts().done, threads_count * rounds);
    EXPECT_EQ(fast_->counts().invalid, threads_count * rounds);
}

TEST_F(FastTwoCountries, RefuseTheSameWithAllFaults) {
    load();
    const std::string bad = "<Declaration xmlns=\"urn:example:xa:declaration:1\"><Reference/><Wrong/></Declaration>";
    const auto reference = translated(bad, Engine::reference);
    const auto fast = translated(bad, Engine::fast);
    ASSERT_FALSE(reference);
    ASSERT_FALSE(fast);
    EXPECT_EQ(fast.error().code, reference.error().code);
    EXPECT_EQ(fast.error().place, reference.error().place);
    EXPECT_EQ(found(bad).outcome, FastOutcome::invalid);
    EXPECT_EQ(fast_->counts().invalid, 2u);
}

TEST_F(FastTwoCountries, LeaveConstraintsOverSeveralElementsToTheReference) {
    const fs::path schema = folder_ / "schemas/xb/declaration.xsd";
    std::string text = test::slurp(schema);
    const std::string end = "    </xs:complexType>\n  </xs:element>";
    text.replace(text.find(end), end.size(),
                 "    </xs:complexType>\n    <xs:unique name=\"once\"><xs:selector xpath=\"b:Item\"/><xs:field "
                 "xpath=\"b:Description\"/></xs:unique>\n  </xs:element>");
    text.replace(text.find("<xs:schema "), 11, "<xs:schema xmlns:b=\"urn:example:xb:declaration:1\" ");
    ASSERT_TRUE(write_file_atomically(schema, text));
    load();
    EXPECT_EQ(found(message("Tea")).outcome, FastOutcome::declined);
    EXPECT_EQ(translated(message("Tea"), Engine::fast).error().code, codes::own_output_invalid);
    EXPECT_TRUE(translated(message("Coffee"), Engine::both));
    const mapping::Settings none;
    EXPECT_FALSE(fast_->prepare(*registry_->find("xa.declaration"), *registry_->find("xb.declaration"), none, none));
}

TEST_F(FastTwoCountries, AreAlarmedByAnyDifference) {
    load();
    const FastTranslation good = found(message("Coffee"));
    ASSERT_EQ(good.outcome, FastOutcome::done);
    const auto judged = [&](const FastTranslation& of) { return agree(of, Judged{good.messages, good.ledger}); };
    EXPECT_TRUE(judged(good));
    FastTranslation other = found(message("Coffee"));
    other.messages[0].bytes.back() = ' ';
    EXPECT_EQ(judged(other).error().code, codes::engines_differ);
    EXPECT_NE(judged(other).error().detail.find("at byte"), std::string::npos);
    other = found(message("Coffee"));
    other.ledger.entries.push_back({.kind = mapping::LossKind::dropped, .path = "/x", .value = {}, .reason = {}, .row = {}});
    EXPECT_EQ(judged(other).error().code, codes::engines_differ);
    other.messages.clear();
    EXPECT_EQ(judged(other).error().code, codes::engines_differ);
    EXPECT_EQ(agree(good, Error{codes::no_route, "refused"}).error().code, codes::engines_differ);
    EXPECT_EQ(judged(found("<Declaration xmlns=\"urn:example:xa:declaration:1\"/>")).error().code, codes::engines_differ);
}

TEST_F(FastTwoCountries, ValidateAsTheReferenceDoes) {
    load();
    const plugin::Format& format = *registry_->find("xa.declaration");
    Diagnostics faults;
    EXPECT_EQ(fast_->validate(format, message("Coffee"), faults), std::optional(true));
    EXPECT_TRUE(faults.empty());
    EXPECT_EQ(fast_->validate(format, "<Declaration xmlns=\"urn:example:xa:declaration:1\"/>", faults), std::optional(false));
    EXPECT_EQ(faults.count(), 1u);
}

}  // namespace
}  // namespace hansa::exchange
