// A profile is its base with lists, settings or a mark of its own: in a folder or a library, whatever comes first.
#include "core/plugin/profile.h"

#include <fmt/format.h>
#include <malloc.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>

#include "core/mapping/mapping.h"
#include "core/mapping/translate.h"
#include "core/plugin/blob.h"
#include "core/plugin/check.h"
#include "core/plugin/codes.h"
#include "core/plugin/pack.h"
#include "core/plugin/registry.h"
#include "core/schema/compiled_grammar.h"
#include "core/schema/reader.h"
#include "core/schema/validator.h"
#include "tests/unit/plugin/places.h"

namespace hansa::plugin {
namespace {

namespace fs = std::filesystem;

const std::string head = R"(plugin = "aa"
version = "0.1.0"

[authority]
name = "Customs of Aa"
country = "AA"

)";

const std::string profile = R"([[format]]
id = "aa.declaration"
base = "xx.declaration"
title = "Declaration in Aa"
certainty = "facts only"
mark = "Reference=A-"
codes = ["direction"]
)";

const std::string list = "columns national standard\nAWAY E\nIN I\n";

/// The base and one profile of it, beside each other.
class Members {
public:
    explicit Members(const std::string& toml = head + profile, const std::string& codes = list,
                     const std::string& name = "aa") {
        fs::copy(xx_folder(), folder_.path() / "xx", fs::copy_options::recursive);
        add(name, toml, codes);
    }
    void add(const std::string& name, const std::string& toml, const std::string& codes) const {
        folder_.write(name + "/plugin.toml", toml);
        if (!codes.empty()) folder_.write(name + "/codes/direction.codes", codes);
    }
    fs::path at(const std::string& name) const { return folder_.path() / name; }
    const Folder& folder() const { return folder_; }

    std::shared_ptr<const Registry> load(std::vector<fs::path> paths = {}) {
        if (paths.empty()) paths = {folder_.path()};
        faults_ = Diagnostics();
        return Registry::load({.plugin_folders = std::move(paths), .schema_folder = xx_schemas()}, faults_);
    }
    /// The plugin without its folder, as a library has it.
    Result<Packed> pack(const std::string& name) {
        faults_ = Diagnostics();
        return pack_folder(at(name), xx_schemas(), faults_);
    }
    Diagnostics faults_;

private:
    Folder folder_;
};

std::string message(std::string_view reference, std::string_view direction) {
    std::string text = test::slurp(xx_folder() / "golden/declaration/smallest.xml");
    text = replaced(text, "R-1", reference);
    return replaced(text, ">OUT<", ">" + std::string(direction) + "<");
}

/// The direction that the pivot gets, or the error.
std::string direction_of(const Format& format, std::string_view bytes) {
    const auto tree = schema::read_tree(bytes, {}, format.grammar.get());
    if (!tree) return tree.error().text();
    Diagnostics faults;
    const auto read = mapping::read(*format.mapping, *tree, {}, faults);
    if (!read) return std::string(read.error().code.name());
    const auto& fields = read->documents.front().root.children;
    const auto found = std::ranges::find(fields, "DirectionCode", &pivot::Node::name);
    return found == fields.end() ? "none" : found->value;
}

TEST(Profile, ReplacesAListAndSharesTheRest) {
    Members members;
    const auto registry = members.load();
    ASSERT_TRUE(members.faults_.empty()) << members.faults_.errors().front().text();
    const Format *base = registry->find("xx.declaration"), *own = registry->find("aa.declaration");
    ASSERT_NE(base, nullptr);
    ASSERT_NE(own, nullptr);
    EXPECT_EQ(own->base, "xx.declaration");
    EXPECT_EQ(own->kind, base->kind);
    EXPECT_EQ(own->schema, base->schema);
    EXPECT_EQ(own->edition, base->edition);
    EXPECT_EQ(own->signature, base->signature);
    EXPECT_EQ(own->authority, "aa");
    EXPECT_EQ(own->grammar.get(), base->grammar.get()) << "one grammar";
    EXPECT_EQ(registry->compiled(*own)->get(), registry->compiled(*base)->get()) << "one compiled grammar";
    EXPECT_EQ(registry->validator(*own)->get(), registry->validator(*base)->get()) << "one judge";
    EXPECT_EQ(own->mapping->format(), "aa.declaration");
    EXPECT_EQ(own->mapping->authority(), "xx") << "what one member carries, the others take";
    EXPECT_NE(own->mapping->digest(), base->mapping->digest());
    EXPECT_EQ(direction_of(*base, message("R-1", "OUT")), "E");
    EXPECT_EQ(direction_of(*own, message("R-1", "OUT")), "mapping.code-unknown");
    EXPECT_EQ(direction_of(*own, message("R-1", "AWAY")), "E");
    EXPECT_EQ(direction_of(*base, message("R-1", "AWAY")), "mapping.code-unknown");
}

TEST(Profile, WorksWhateverComesFirstAndInALibrary) {
    Members members;
    const Folder late;
    fs::copy(members.at("aa"), late.path() / "aa", fs::copy_options::recursive);
    const auto packed = fs::path(test::build_dir()) / "tests/members/lib/aa.so";
    for (const auto& paths : {std::vector<fs::path>{members.at("aa"), members.at("xx")},
                              std::vector<fs::path>{members.at("xx"), members.at("aa")},
                              std::vector<fs::path>{packed, members.at("xx")},
                              std::vector<fs::path>{packed, xx_library()},
                              std::vector<fs::path>{xx_library(), packed},
                              std::vector<fs::path>{late.path() / "aa", xx_library()}}) {
        const auto registry = members.load(paths);
        ASSERT_TRUE(members.faults_.empty()) << members.faults_.errors().front().text();
        const Format* own = registry->find("aa.declaration");
        ASSERT_NE(own, nullptr) << paths.front();
        EXPECT_EQ(direction_of(*own, message("R-1", "AWAY")), "E");
        EXPECT_EQ(own->grammar.get(), registry->find("xx.declaration")->grammar.get());
    }
}

TEST(Profile, APackedOneHoldsWhatItStates) {
    Members members;
    const auto packed = members.pack("aa");
    ASSERT_TRUE(packed) << packed.error().text();
    const auto entries = read_blob(packed->bytes);
    ASSERT_TRUE(entries);
    std::vector<std::string> names;
    for (const auto& [name, text] : *entries) names.push_back(name);
    EXPECT_EQ(names, (std::vector<std::string>{"codes/direction.codes", "plugin.toml"}));
    const auto holds = [&](std::string_view end) {
        return std::ranges::any_of(packed->files, [&](const std::string& file) { return file.ends_with(end); });
    };
    EXPECT_TRUE(holds("xx/mappings/declaration.map")) << "it is checked again when the base changes";
    EXPECT_TRUE(holds("xx/declaration.xsd"));
}

TEST(Profile, IsToldFromItsBaseByItsMark) {
    Members members;
    const auto registry = members.load();
    const auto id = [&](std::string_view bytes) {
        const auto found = registry->detect(bytes);
        return found ? (*found)->id : found.error().text();
    };
    EXPECT_EQ(id(message("A-1", "IN")), "aa.declaration");
    EXPECT_EQ(id(message("R-1", "IN")), "xx.declaration");
    EXPECT_EQ(id("<Declaration xmlns='urn:example:xx:declaration:1'/>"), "xx.declaration");
    EXPECT_EQ(id("<Declaration xmlns='urn:example:xx:declaration:1'><Reference>"), "xx.declaration")
        << "what is broken is told by who reads the whole";
}

TEST(Profile, ItsSenderKnowsBest) {
    Members members;
    const auto registry = members.load();
    const Format &base = *registry->find("xx.declaration"), &own = *registry->find("aa.declaration");
    const auto among = [&](const Format& found, std::vector<std::string> ids, std::string_view authority) {
        return registry->among(found, ids, authority, "2026-11-26").id;
    };
    EXPECT_EQ(among(base, {"aa.declaration"}, "xx"), "aa.declaration");
    EXPECT_EQ(among(own, {"xx.declaration", "yy.other"}, "aa"), "xx.declaration");
    EXPECT_EQ(among(own, {"xx.declaration", "aa.declaration"}, "xx"), "aa.declaration") << "the mark, where both are sent";
    EXPECT_EQ(among(base, {}, "aa"), "aa.declaration");
    EXPECT_EQ(among(own, {}, "xx"), "xx.declaration");
    EXPECT_EQ(among(own, {}, "zz"), "aa.declaration");
    EXPECT_EQ(among(own, {"yy.other"}, "xx"), "aa.declaration") << "none of them: who asks says so";
}

TEST(Profile, WithoutAMarkIsFoundByItsSenderAlone) {
    Members members(replaced(head + profile, "mark = \"Reference=A-\"\n", ""));
    const auto registry = members.load();
    EXPECT_EQ((*registry->detect(message("A-1", "IN")))->id, "xx.declaration");
    EXPECT_EQ(registry->among(*registry->find("xx.declaration"), {}, "aa", "2026-11-26").id, "aa.declaration");
}

/// The first fault as CODE at LINE of the file, and its text.
struct Told {
    std::string at, text;
};
Told told(Members& members) {
    const auto registry = members.load();
    EXPECT_FALSE(members.faults_.empty());
    EXPECT_EQ(registry->find("aa.declaration"), nullptr);
    EXPECT_NE(registry->find("xx.declaration"), nullptr) << "the others work on";
    if (members.faults_.empty()) return {};
    const Error& error = members.faults_.errors().front();
    return {fmt::format("{} {}:{}", error.code.name(), fs::path(error.place.file).filename().string(), error.place.line), error.text()};
}

TEST(Profile, ItsFaultsHaveFileAndLine) {
    Members unknown(head + replaced(profile, "xx.declaration", "xx.declaratoin"));
    Told found = told(unknown);
    EXPECT_EQ(found.at, "plugin.base-unknown plugin.toml:10");
    EXPECT_NE(found.text.find("did you mean 'xx.declaration'"), std::string::npos) << found.text;

    Members itself(head + replaced(profile, "xx.declaration", "aa.declaration"));
    found = told(itself);
    EXPECT_EQ(found.at, "plugin.base-is-profile plugin.toml:10");
    EXPECT_NE(found.text.find("itself"), std::string::npos) << found.text;

    Members ring(head + replaced(profile, "xx.declaration", "bb.declaration"));
    ring.add("bb", replaced(replaced(replaced(head, "aa", "bb") + profile, "aa.declaration", "bb.declaration"), "\"xx.declaration\"", "\"aa.declaration\""), list);
    found = told(ring);
    EXPECT_EQ(found.at, "plugin.base-is-profile plugin.toml:10");
    EXPECT_NE(found.text.find("its own profile"), std::string::npos) << found.text;

    Members second(head + profile);
    second.add("bb", replaced(replaced(replaced(head, "aa", "bb") + profile, "aa.declaration", "bb.declaration"), "\"xx.declaration\"", "\"aa.declaration\""), list);
    const auto registry = second.load();
    EXPECT_NE(registry->find("aa.declaration"), nullptr);
    EXPECT_EQ(registry->find("bb.declaration"), nullptr);
    EXPECT_EQ(second.faults_.errors().front().code, codes::base_is_profile) << "one level is all there is";

    Members other(head + replaced(profile, "codes = [\"direction\"]", "codes = [\"directoin\"]"));
    other.folder().write("aa/codes/directoin.codes", list);
    found = told(other);
    EXPECT_EQ(found.at, "mapping.name-unknown plugin.toml:14");
    EXPECT_NE(found.text.find("did you mean 'direction'"), std::string::npos) << found.text;

    Members missing(head + profile, "");
    EXPECT_EQ(told(missing).at, "plugin.table-missing direction.codes:0");

    Members columns(head + profile, "columns national direction type\nIN I IM\n");
    EXPECT_EQ(told(columns).at, "mapping.list-columns direction.codes:1");

    Members broken(head + profile, "columns national standard\nIN I\nIN E\n");
    EXPECT_EQ(told(broken).at, "mapping.list-ambiguous direction.codes:3");

    Members variant(head + profile + "[format.settings]\nsettings = \"aa\"\n");
    EXPECT_EQ(told(variant).at, "mapping.name-unknown plugin.toml:14");

    Members copied(head + profile + "mapping = \"mappings/declaration.map\"\n");
    EXPECT_EQ(told(copied).at, "base.toml-value-wrong plugin.toml:15");

    Members dated(head + profile + "until = \"2024-01-01\"\n");
    EXPECT_EQ(told(dated).at, "base.toml-value-wrong plugin.toml:15") << "the days of an edition, which has a schema";
}

/// The example's format at an earlier edition: references were shorter. Its own plugin holds both.
struct Editions {
    explicit Editions(const std::string& days = "until = \"2024-01-01\"\n", const std::string& schema = "xx/declaration-2019.xsd") {
        fs::create_directories(folder.path() / "plugins");
        fs::copy(xx_folder(), folder.path() / "plugins/xx", fs::copy_options::recursive);
        fs::copy(xx_schemas(), folder.path() / "schemas", fs::copy_options::recursive);
        const std::string now = test::slurp(xx_schemas() / "xx/declaration.xsd");
        folder.write("schemas/xx/declaration-2019.xsd", replaced(now, "<xs:maxLength value=\"22\"/>", "<xs:maxLength value=\"5\"/>"));
        folder.write("schemas/xx/declaration-other.xsd", replaced(now, "Reference", "Number"));
        folder.write("plugins/xx/plugin.toml", test::slurp(xx_folder() / "plugin.toml") + "\n[[format]]\nid = \"xx.declaration-2019\"\nbase = \"xx.declaration\"\n" +
                                                   "title = \"Declaration\"\nedition = \"2019\"\ncertainty = \"facts only\"\nschema = \"" + schema + "\"\n" + days);
    }
    std::shared_ptr<const Registry> load(const fs::path& library = {}) {
        faults = Diagnostics();
        return Registry::load({.plugin_folders = {library.empty() ? folder.path() / "plugins" : library}, .schema_folder = folder.path() / "schemas"}, faults);
    }
    Folder folder;
    Diagnostics faults;
};

TEST(Edition, HasTheRowsOfItsBaseAndASchemaOfItsOwn) {
    Editions editions;
    const auto registry = editions.load();
    ASSERT_TRUE(editions.faults.empty()) << editions.faults.errors().front().text();
    const Format *now = registry->find("xx.declaration"), *old = registry->find("xx.declaration-2019");
    ASSERT_NE(now, nullptr);
    ASSERT_NE(old, nullptr);
    EXPECT_EQ(old->edition, "2019");
    EXPECT_EQ(old->schema, "xx/declaration-2019.xsd#Declaration");
    EXPECT_NE(old->grammar.get(), now->grammar.get());
    EXPECT_EQ(old->mapping->format(), "xx.declaration-2019");
    for (const auto& [reference, fits] : {std::pair{"R-1", true}, std::pair{"R-1234", false}}) {
        const std::string bytes = message(reference, "OUT");
        Diagnostics faults;
        EXPECT_TRUE((*registry->validator(*now))->validate(bytes, faults)) << reference;
        EXPECT_EQ(static_cast<bool>((*registry->validator(*old))->validate(bytes, faults)), fits) << reference;
    }
    EXPECT_EQ(direction_of(*old, message("R-1", "OUT")), "E");
    ASSERT_TRUE(registry->compiled(*old));
    EXPECT_NE(registry->compiled(*old)->get(), registry->compiled(*now)->get());
}

TEST(Edition, IsChosenByItsDaysOrByItsSender) {
    Editions editions;
    const auto registry = editions.load();
    const Format& found = **registry->detect(message("R-1", "OUT"));
    EXPECT_EQ(found.id, "xx.declaration") << "they look alike";
    const auto among = [&](std::vector<std::string> ids, std::string_view day) { return registry->among(found, ids, "xx", day).id; };
    EXPECT_EQ(among({}, "2023-12-31T23:59:59Z"), "xx.declaration-2019");
    EXPECT_EQ(among({}, "2024-01-01T00:00:00Z"), "xx.declaration");
    EXPECT_EQ(among({"xx.declaration", "xx.declaration-2019"}, "2023-12-31"), "xx.declaration-2019");
    EXPECT_EQ(among({"xx.declaration", "xx.declaration-2019"}, "2024-01-01"), "xx.declaration");
    EXPECT_EQ(among({"xx.declaration"}, "2023-12-31"), "xx.declaration") << "who sends this one alone";
    EXPECT_EQ(among({"xx.declaration-2019"}, "2024-01-01"), "xx.declaration-2019");
    Editions begun("since = \"2019-07-01\"\nuntil = \"2024-01-01\"\n");
    const auto other = begun.load();
    EXPECT_EQ(other->among(*other->find("xx.declaration"), {}, "xx", "2019-06-30").id, "xx.declaration");
    EXPECT_EQ(other->among(*other->find("xx.declaration"), {}, "xx", "2019-07-01").id, "xx.declaration-2019");
}

TEST(Edition, StandsInALibraryToo) {
    Editions editions;
    Diagnostics faults;
    const auto packed = pack_folder(editions.folder.path() / "plugins/xx", editions.folder.path() / "schemas", faults);
    ASSERT_TRUE(packed) << packed.error().text();
    const auto entries = read_blob(packed->bytes);
    ASSERT_TRUE(entries);
    EXPECT_TRUE(entries->contains("grammars/xx.declaration-2019"));
    EXPECT_TRUE(entries->contains("schemas/xx/declaration-2019.xsd")) << "for its judge";
}

TEST(Edition, ItsFaultsAreTold) {
    const auto first = [](Editions editions) {
        editions.load();
        return editions.faults.empty() ? std::string("none") : std::string(editions.faults.errors().front().code.name());
    };
    EXPECT_EQ(first(Editions("until = \"2024-13-01\"\n")), "base.toml-value-wrong");
    EXPECT_EQ(first(Editions("since = \"2024-01-01\"\nuntil = \"2024-01-01\"\n")), "base.toml-value-wrong");
    EXPECT_EQ(first(Editions("", "xx/declaration-2018.xsd")), "plugin.table-missing");
    EXPECT_EQ(first(Editions("", "xx/declaration-other.xsd")), "mapping.element-unknown") << "a row for which the schema has no place";
}

TEST(Profile, OfAFormatWithoutMappingHasNoLists) {
    Members members;
    const std::string toml = test::slurp(xx_folder() / "plugin.toml");
    members.folder().write("xx/plugin.toml", replaced(toml, "mapping   = \"mappings/declaration.map\"\n", ""));
    members.load();
    ASSERT_FALSE(members.faults_.empty());
    EXPECT_EQ(members.faults_.errors().front().code, codes::base_without_mapping);
}

TEST(Profile, ABrokenBaseIsNamed) {
    Members members;
    members.folder().write("xx/mappings/declaration.map", "format xx.declaration\n");
    const auto registry = members.load();
    EXPECT_EQ(registry->find("aa.declaration"), nullptr);
    const bool named = std::ranges::any_of(members.faults_.errors(), [](const Error& error) {
        return error.code == codes::base_unknown && error.text().find("xx.declaration cannot be used") != std::string::npos;
    });
    EXPECT_TRUE(named);
}

TEST(Profile, SettingsOfItsOwnChooseAVariant) {
    Members members(head + replaced(profile, "codes = [\"direction\"]\n", "") + "[format.settings]\nsettings = \"old\"\n", "");
    const std::string map = test::slurp(xx_folder() / "mappings/declaration.map");
    members.folder().write("xx/mappings/declaration.map",
                           replaced(replaced(map, "use      codes/direction\n", "use      codes/direction codes/old\nsetting  direction direction\nsettings old\n  direction old\n"),
                                    "code direction", "code $direction"));
    members.folder().write("xx/codes/old.codes", "columns national standard\nAWAY E\n");
    const auto registry = members.load();
    ASSERT_TRUE(members.faults_.empty()) << members.faults_.errors().front().text();
    EXPECT_EQ(direction_of(*registry->find("aa.declaration"), message("R-1", "AWAY")), "E");
    EXPECT_EQ(direction_of(*registry->find("xx.declaration"), message("R-1", "AWAY")), "mapping.code-unknown");
    EXPECT_EQ(registry->find("aa.declaration")->mapping->settings({{"direction", "direction"}}).at("direction"), "direction")
        << "an agency's own goes first";
}

TEST(Profile, OfAFrameIsRefused) {
    Members members(head + replaced(replaced(profile, "xx.declaration", "xx.frame"), "codes = [\"direction\"]\n", ""));
    const std::string toml = test::slurp(xx_folder() / "plugin.toml");
    members.folder().write("xx/plugin.toml", toml + R"(
[[format]]
id = "xx.frame"
title = "A frame"
edition = "1"
root = "{urn:example:xx:declaration:1}Declaration"
inner = "Item"
schema = "xx/declaration.xsd"
kind = "envelope"
certainty = "facts only"
signature = "asice.ecdsa-p256-sha256"
)");
    EXPECT_EQ(told(members).at, "base.toml-value-wrong plugin.toml:10");
}

/// Bytes that the heap holds when the folders are loaded and every format's tables are made.
std::size_t bytes_of(const std::vector<fs::path>& folders) {
    const std::size_t before = mallinfo2().uordblks;
    Diagnostics faults;
    const auto registry = Registry::load({.plugin_folders = folders, .schema_folder = test::source_dir() / "schemas"}, faults);
    for (const Format& format : registry->formats()) EXPECT_NE(registry->find(format.id), nullptr) << format.id;
    EXPECT_TRUE(faults.empty());
    return mallinfo2().uordblks - before;
}

TEST(Profile, OfAThousandElementsAddsAFewKilobytes) {
    constexpr std::size_t many = 40;
    const Folder folder;
    const fs::path base = test::source_dir() / "plugins/eaeu";
    const std::string kinds = test::slurp(base / "codes/decl-kind.codes");
    std::vector<fs::path> folders{base};
    bytes_of(folders);  // what is made once in a process is not counted
    const std::size_t alone = bytes_of(folders);
    for (std::size_t i = 0; i != many; ++i) {
        const std::string name = fmt::format("m{}", i);
        folder.write(name + "/plugin.toml", fmt::format("plugin = \"{0}\"\nversion = \"1\"\n[authority]\nname = \"M\"\ncountry = \"MM\"\n[[format]]\nid = \"{0}.goods-declaration\"\n"
                                                        "base = \"eaeu.goods-declaration\"\ntitle = \"M\"\ncertainty = \"facts only\"\ncodes = [\"decl-kind\"]\n", name));
        folder.write(name + "/codes/decl-kind.codes", kinds);
        folders.push_back(folder.path() / name);
    }
    const std::size_t together = bytes_of(folders);
    std::cout << "a profile of R.055 with a list of " << kinds.size() << " bytes: " << (together - alone) / many << " bytes\n";
    EXPECT_LE((together - alone) / many, 64u * 1024);
}

TEST(Profile, CheckTriesItsListsAndAShareOfTheLaws) {
    Members members;
    members.folder().write("aa/golden/declaration/away.xml", message("A-1", "AWAY"));
    CheckReport report = check_plugin(members.at("aa"), {.schema_folder = xx_schemas(), .documents = 50, .update = true});
    report = check_plugin(members.at("aa"), {.schema_folder = xx_schemas(), .documents = 50});
    EXPECT_TRUE(report.passed()) << report.json();
    ASSERT_EQ(report.formats.size(), 1u);
    EXPECT_EQ(report.formats[0].golden, 1u);
    EXPECT_EQ(report.formats[0].laws["1"], 5u) << "one in ten of the documents: the rows were tried with the base";
    EXPECT_EQ(report.formats[0].laws["codes"], 2u);

    members.folder().write("aa/codes/forgotten.codes", list);
    report = check_plugin(members.at("aa"), {.schema_folder = xx_schemas(), .documents = 0});
    ASSERT_FALSE(report.faults.empty());
    EXPECT_EQ(report.faults.front().code, codes::table_unused);

    Members lost(head + replaced(profile, "xx.declaration", "yy.declaration"));
    report = check_plugin(lost.at("aa"), {.schema_folder = xx_schemas(), .documents = 0});
    ASSERT_FALSE(report.faults.empty());
    EXPECT_EQ(report.faults.front().code, codes::base_unknown);
}

}  // namespace
}  // namespace hansa::plugin
