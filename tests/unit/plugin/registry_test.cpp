// What is loaded, what is left out and why, and that the rest works on.
#include "core/plugin/registry.h"

#include <gtest/gtest.h>

#include <atomic>
#include <ctime>
#include <set>
#include <thread>

#include "core/mapping/mapping.h"
#include "core/plugin/codes.h"
#include "core/schema/grammar.h"
#include "core/schema/validator.h"
#include "tests/support/sanitizers.h"
#include "tests/unit/plugin/edit.h"
#include "tests/unit/plugin/places.h"

namespace hansa::plugin {
namespace {

namespace fs = std::filesystem;

std::string library() {
    return test::slurp(xx_library());
}
std::string smallest() {
    return test::slurp(xx_folder() / "golden/declaration/smallest.xml");
}

struct Loaded {
    std::shared_ptr<const Registry> registry;
    Diagnostics faults;
};

Loaded load(std::vector<fs::path> folders) {
    Loaded out;
    out.registry = Registry::load({.plugin_folders = std::move(folders), .schema_folder = xx_schemas()}, out.faults);
    return out;
}

/// Plugin xx's folder with one piece of one file changed.
Loaded load_changed(const std::string& file, std::string_view piece, std::string_view other) {
    const Folder folder;
    fs::copy(xx_folder(), folder.path() / "xx", fs::copy_options::recursive);
    folder.write("xx/" + file, replaced(test::slurp(xx_folder() / file), piece, other));
    return load({folder.path()});
}

/// Everything that a format is used for.
void use(const Registry& registry, bool compiled) {
    ASSERT_EQ(registry.plugins().size(), 1u);
    EXPECT_EQ(registry.plugins()[0].name, "xx");
    EXPECT_EQ(registry.plugins()[0].compiled, compiled);
    EXPECT_EQ(registry.plugins()[0].formats, std::vector<std::string>{"xx.declaration"});
    EXPECT_EQ(registry.plugins()[0].uncertain.size(), 1u);
    const Format* format = registry.find("xx.declaration");
    ASSERT_NE(format, nullptr);
    EXPECT_EQ(format->kind, pivot::Kind::declaration);
    EXPECT_EQ(format->schema, "xx/declaration.xsd#Declaration");
    EXPECT_EQ(format->grammar->root().name.local, "Declaration");
    EXPECT_EQ(format->mapping->format(), "xx.declaration");
    EXPECT_EQ(registry.find("xx.other"), nullptr);
    const auto detected = registry.detect(smallest());
    ASSERT_TRUE(detected) << detected.error().text();
    EXPECT_EQ(*detected, format);
    const auto judge = registry.validator(*format);
    ASSERT_TRUE(judge) << judge.error().text();
    Diagnostics faults;
    EXPECT_TRUE((*judge)->validate(smallest(), faults));
    EXPECT_FALSE((*judge)->validate(replaced(smallest(), "OUT", "UP"), faults));
    EXPECT_EQ(registry.validator(*format)->get(), judge->get()) << "made once";
}

TEST(Registry, LoadsAFolder) {
    const Loaded loaded = load({xx_folder().parent_path()});
    EXPECT_TRUE(loaded.faults.empty()) << loaded.faults.errors().front().text();
    use(*loaded.registry, false);
}

TEST(Registry, LoadsALibrary) {
    const Loaded loaded = load({xx_library().parent_path()});
    EXPECT_TRUE(loaded.faults.empty()) << loaded.faults.errors().front().text();
    use(*loaded.registry, true);
}

TEST(Registry, FolderAndLibrarySayTheSame) {
    const Loaded folder = load({xx_folder()}), compiled = load({xx_library()});
    const Format &a = *folder.registry->find("xx.declaration"), &b = *compiled.registry->find("xx.declaration");
    EXPECT_EQ(a.mapping->digest(), b.mapping->digest());
    EXPECT_EQ(a.grammar->blob(), b.grammar->blob());
}

TEST(Registry, BrokenPluginsAreErrorsAndTheOthersWork) {
    const Folder folder;
    folder.write("a.so", "not a library");
    folder.write("b.so", edited(library(), "plugin.toml", "version", "versoin"));
    folder.write("c.so", library());
    folder.write("d.so", library());
    folder.write("e/plugin.toml", "plugin =");
    folder.write("readme.txt", "not looked at");
    const Loaded loaded = load({folder.path(), "/nowhere/at-all"});
    std::multiset<std::string> found;
    for (const Error& fault : loaded.faults.errors()) found.emplace(fault.code.name());
    const std::multiset<std::string> expected{"plugin.file-missing",     "plugin.not-a-library",
                                              "base.toml-key-unknown",   "base.toml-key-missing",
                                              "plugin.duplicate-plugin", "base.toml-syntax"};
    EXPECT_EQ(found, expected);
    for (const Error& fault : loaded.faults.errors()) EXPECT_FALSE(fault.place.file.empty()) << fault.text();
    use(*loaded.registry, true);
}

TEST(Registry, DuplicatePluginNamesBothFiles) {
    const Folder folder;
    folder.write("one.so", library());
    folder.write("two.so", library());
    const Loaded loaded = load({folder.path()});
    ASSERT_EQ(loaded.faults.count(), 1u);
    const Error& fault = loaded.faults.errors().front();
    EXPECT_EQ(fault.code, codes::duplicate_plugin);
    EXPECT_NE(fault.text().find("one.so"), std::string::npos);
    EXPECT_NE(fault.text().find("two.so"), std::string::npos);
}

struct FaultyFolder {
    const char* name;
    const char* file;
    const char* piece;
    const char* other;
    const char* says;  ///< part of the first fault's text
};

class FolderFault : public testing::TestWithParam<FaultyFolder> {};

TEST_P(FolderFault, LeavesThePluginOutAndSaysWhy) {
    const FaultyFolder& faulty = GetParam();
    const Loaded loaded = load_changed(faulty.file, faulty.piece, faulty.other);
    ASSERT_FALSE(loaded.faults.empty());
    EXPECT_NE(loaded.faults.errors().front().text().find(faulty.says), std::string::npos)
        << loaded.faults.errors().front().text();
    EXPECT_TRUE(loaded.registry->plugins().empty());
    EXPECT_TRUE(loaded.registry->formats().empty());
}

const FaultyFolder faulty_folders[] = {
    {"mapping_missing", "plugin.toml", "mappings/declaration.map", "mappings/other.map",
     "mappings/other.map: plugin.table-missing"},
    {"schema_missing", "plugin.toml", "xx/declaration.xsd", "xx/other.xsd", "xx/other.xsd: plugin.table-missing"},
    {"root_unknown", "plugin.toml", "}Declaration\"", "}Declared\"", "schema.root-unknown"},
    {"kind_differs", "plugin.toml", "kind      = \"declaration\"", "kind      = \"order\"",
     "plugin.kind-differs: plugin.toml: order, mapping: declaration"},
    {"format_differs", "mappings/declaration.map", "xx.declaration", "xx.other", "plugin.format-differs"},
    {"schema_differs", "mappings/declaration.map", "xx/declaration#Declaration", "xx/other#Declaration",
     "plugin.schema-differs"},
    {"row_faulty", "mappings/declaration.map", "  Remark ", "  Remarque ", "mappings/declaration.map:14:"},
    {"list_missing", "mappings/declaration.map", "codes/direction", "codes/other", "mappings/declaration.map:"},
    {"list_faulty", "codes/direction.codes", "columns national standard name", "columns", "direction"},
};

INSTANTIATE_TEST_SUITE_P(Cases, FolderFault, testing::ValuesIn(faulty_folders),
                         [](const auto& test) { return test.param.name; });

TEST(Registry, ForgedTablesAreFoundOnFirstUse) {
    const Folder folder;
    folder.write("xx.so",
                 edited(library(), "mappings/declaration.map", "FunctionalReferenceID", "FunctionalReferenceIX"));
    const Loaded loaded = load({folder.path()});
    EXPECT_TRUE(loaded.faults.empty());
    ASSERT_EQ(loaded.registry->formats().size(), 1u);
    EXPECT_EQ(loaded.registry->find("xx.declaration"), nullptr);
    const auto detected = loaded.registry->detect(smallest());
    ASSERT_FALSE(detected);
    EXPECT_NE(detected.error().text().find("declaration.map"), std::string::npos) << detected.error().text();
    EXPECT_FALSE(loaded.registry->formats()[0].mapping);
    EXPECT_THROW(loaded.registry->formats()[0].mapping->format(), BrokenPromise);
}

TEST(Registry, UnknownDocumentsAndFormats) {
    const Loaded loaded = load({xx_library()});
    const auto detected = loaded.registry->detect("<Declaration xmlns='urn:example:xx:declaration:2'/>");
    ASSERT_FALSE(detected);
    EXPECT_EQ(detected.error().code, codes::format_unknown);
    EXPECT_NE(detected.error().text().find("did you mean '{urn:example:xx:declaration:1}Declaration'"),
              std::string::npos)
        << detected.error().text();
    Format foreign = *loaded.registry->find("xx.declaration");
    foreign.id = "yy.declaration";
    const auto judge = loaded.registry->validator(foreign);
    ASSERT_FALSE(judge);
    EXPECT_EQ(judge.error().code, codes::format_unknown);
}

TEST(Registry, KnowsProfilesOfThePluginAndTheCore) {
    const std::string profile = R"([[signature]]
name             = "xx.plain"
form             = "enveloped"
signature-method = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
digest-method    = "http://www.w3.org/2001/04/xmlenc#sha256"
canonicalization = "http://www.w3.org/2001/10/xml-exc-c14n#"
transforms       = ["http://www.w3.org/2000/09/xmldsig#enveloped-signature", "http://www.w3.org/2001/10/xml-exc-c14n#"]

[[format]])";
    const Loaded loaded = load_changed("plugin.toml", "[[format]]", profile);
    ASSERT_TRUE(loaded.faults.empty()) << loaded.faults.errors().front().text();
    ASSERT_NE(loaded.registry->profile("xx.plain"), nullptr);
    EXPECT_EQ(loaded.registry->profile("xx.plain")->form, trust::Form::enveloped);
    EXPECT_NE(loaded.registry->profile("asice.rsa-sha256"), nullptr);
    EXPECT_EQ(loaded.registry->profile("xx.none"), nullptr);
}

TEST(Registry, AnOldSnapshotOutlivesItsFileAndAReload) {
    const Folder folder;
    const fs::path file = folder.write("xx.so", library());
    const Loaded old = load({folder.path()});
    fs::remove(file);
    const Loaded fresh = load({folder.path()});
    EXPECT_TRUE(fresh.registry->formats().empty());
    use(*old.registry, true);
    const Format copy = *old.registry->find("xx.declaration");
    EXPECT_EQ(copy.mapping->kind(), pivot::Kind::declaration);
}

TEST(Registry, ManyThreadsMakeTheTablesOnce) {
    const Loaded loaded = load({xx_library()});
    const std::string bytes = smallest();
    std::set<const void*> seen;
    std::mutex mutex;
    std::vector<std::thread> threads;
    for (int number = 0; number != 8; ++number) {
        threads.emplace_back([&] {
            for (int round = 0; round != 50; ++round) {
                const auto format = loaded.registry->detect(bytes);
                if (!format) continue;
                const std::shared_ptr<const mapping::Mapping> mapping = (*format)->mapping;
                const auto judge = loaded.registry->validator(**format);
                const std::scoped_lock lock(mutex);
                seen.insert(mapping.get());
                if (judge) seen.insert(judge->get());
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(seen.size(), 2u);
    EXPECT_FALSE(seen.contains(nullptr));
}

TEST(Registry, ThreeHundredPluginsStartWithinASecond) {
    const Folder folder;
    const std::string bytes = library();
    for (int number = 0; number != 300; ++number) {
        const std::string name{static_cast<char>('a' + number / 26), static_cast<char>('a' + number % 26)};
        std::string other = edited(bytes, "plugin.toml", "\"xx\"", '"' + name + '"');
        folder.write(name + ".so", edited(other, "plugin.toml", "\"xx.", '"' + name + '.'));
    }
    const std::clock_t begin = std::clock();  // of the processor: a busy machine changes nothing
    const Loaded loaded = load({folder.path()});
    const std::clock_t passed = std::clock() - begin;
    EXPECT_TRUE(loaded.faults.empty()) << loaded.faults.errors().front().text();
    EXPECT_EQ(loaded.registry->plugins().size(), 300u);
    const auto ms = passed * 1000 / CLOCKS_PER_SEC;
    RecordProperty("start_ms", static_cast<int>(ms));
    EXPECT_LT(ms, test::is_sanitized ? 10'000 : 1000);
}

}  // namespace
}  // namespace hansa::plugin
