// The conformance suite passes what is right and fails what is wrong, each with its own code.
#include "core/plugin/check.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/plugin/codes.h"
#include "core/plugin/pack.h"
#include "core/plugin/tables.h"
#include "tests/unit/plugin/places.h"

namespace hansa::plugin {
namespace {

namespace fs = std::filesystem;

/// Plugin xx in a folder of its own, to be changed.
class Country : public Folder {
public:
    Country() {
        fs::copy(xx_folder(), path() / "xx", fs::copy_options::recursive);
        fs::copy(xx_schemas(), path() / "schemas", fs::copy_options::recursive);
    }
    void change(const std::string& file, std::string_view piece, std::string_view other) const {
        write("xx/" + file, replaced(test::slurp(path() / "xx" / file), piece, other));
    }
    CheckReport check(bool update = false) const {
        return check_plugin(path() / "xx",
                            {.schema_folder = path() / "schemas", .documents = 50, .seed = 7, .update = update});
    }
};

std::string first_fault(const CheckReport& report) {
    if (!report.faults.empty()) return report.faults.front().text();
    for (const FormatCheck& format : report.formats) {
        if (!format.faults.empty()) return format.faults.front().text();
    }
    return {};
}

TEST(Check, ThePatternPasses) {
    const CheckReport report = Country().check();
    EXPECT_TRUE(report.passed()) << first_fault(report);
    EXPECT_EQ(report.plugin, "xx");
    ASSERT_EQ(report.formats.size(), 1u);
    const FormatCheck& format = report.formats[0];
    EXPECT_EQ(format.id, "xx.declaration");
    EXPECT_EQ(format.elements, 7u);
    EXPECT_EQ(format.mapped, 6u);
    EXPECT_EQ(format.carried, 1u);
    EXPECT_EQ(format.golden, 2u);
    for (const char* law : {"1", "2", "7"}) EXPECT_EQ(format.laws.at(law), 50u) << law;
}

TEST(Check, JsonHasTheShapeOfTheInterface) {
    const auto json = nlohmann::json::parse(Country().check().json());
    EXPECT_EQ(json.at("plugin"), "xx");
    const auto& format = json.at("formats").at(0);
    EXPECT_EQ(format.at("id"), "xx.declaration");
    EXPECT_EQ(format.at("elements"), 7);
    EXPECT_EQ(format.at("laws").at("1"), 50);
    EXPECT_EQ(format.at("failed"), 0);
    EXPECT_TRUE(format.at("dropped").is_array());
}

TEST(Check, DroppedLeavesAreNamedWithTheirReason) {
    const Country country;
    country.change("mappings/declaration.map", "carry\n", "drop \"nobody reads it\"\n");
    const CheckReport report = country.check();
    ASSERT_EQ(report.formats.at(0).dropped.size(), 1u) << first_fault(report);
    EXPECT_EQ(report.formats[0].dropped[0].path, "Remark");
    EXPECT_EQ(report.formats[0].dropped[0].reason, "nobody reads it");
    EXPECT_TRUE(report.passed()) << first_fault(report);
}

TEST(Check, ARuleThatNoDocumentKeepsIsALawBroken) {
    const Country country;
    country.change("mappings/declaration.map", "  Remark  ",
                   "  check Reference = \"far too long for a reference\"\n  Remark  ");
    const CheckReport report = country.check();
    ASSERT_FALSE(report.passed());
    ASSERT_FALSE(report.formats.at(0).faults.empty());
    EXPECT_EQ(report.formats[0].faults.back().code, codes::check_law) << report.json();
    EXPECT_FALSE(report.formats[0].outside.empty());
}

struct Change {
    const char* name;
    const char* file;
    const char* piece;
    const char* other;
    const char* says;
};

class CheckFault : public testing::TestWithParam<Change> {};

TEST_P(CheckFault, IsFound) {
    const Change& change = GetParam();
    const Country country;
    country.change(change.file, change.piece, change.other);
    const CheckReport report = country.check();
    EXPECT_FALSE(report.passed());
    EXPECT_NE(report.json().find(change.says), std::string::npos) << report.json();
}

const Change changes[] = {
    {"pivot_differs", "golden/declaration/smallest.pivot", " Tea", " Coffee", "smallest.pivot"},
    {"errors_differ", "golden/declaration/direction-unknown.errors", "code-unknown", "constant", "plugin.check-golden"},
    {"refused_unexpectedly", "golden/declaration/smallest.xml", "OUT", "AWAY", "plugin.check-golden"},
    {"read_unexpectedly", "golden/declaration/direction-unknown.xml", "AWAY", "OUT",
     "it was to be refused and was read"},
    {"list_swapped", "codes/direction.codes", "IN      I", "IN      E", "direction"},
    {"table_faulty", "mappings/declaration.map", "FunctionalReferenceID", "FunctionalReferenceIX", "mapping."},
    {"row_missing", "mappings/declaration.map", "  Remark                               carry\n", "",
     "mapping.element-unnamed"},
    {"toml_faulty", "plugin.toml", "certainty", "certanty", "base.toml-key-unknown"},
};

INSTANTIATE_TEST_SUITE_P(Cases, CheckFault, testing::ValuesIn(changes),
                         [](const auto& test) { return test.param.name; });

TEST(Check, ExamplesOfNoFormatAreFound) {
    const Country country;
    country.write("xx/golden/declaraton/lost.xml", "<a/>");
    const CheckReport report = country.check();
    ASSERT_EQ(report.faults.size(), 1u);
    EXPECT_EQ(report.faults[0].code, codes::check_golden);
}

TEST(Check, UpdateWritesWhatExamplesGive) {
    const Country country;
    fs::remove(country.path() / "xx/golden/declaration/smallest.pivot");
    EXPECT_FALSE(country.check().passed());
    EXPECT_TRUE(country.check(true).passed());
    EXPECT_EQ(test::slurp(country.path() / "xx/golden/declaration/smallest.pivot"),
              test::slurp(xx_folder() / "golden/declaration/smallest.pivot"));
    EXPECT_TRUE(country.check().passed());
}

TEST(Check, AFolderThatIsNotThere) {
    const CheckReport report = check_plugin("/nowhere/at-all", {});
    ASSERT_EQ(report.faults.size(), 1u);
    EXPECT_EQ(report.faults[0].code, codes::file_missing);
    EXPECT_EQ(report.plugin, "at-all");
}

TEST(Pack, SameFolderSameBytesAndEverythingInside) {
    Diagnostics faults;
    const auto first = pack_folder(xx_folder(), xx_schemas(), faults),
               second = pack_folder(xx_folder(), xx_schemas(), faults);
    ASSERT_TRUE(first) << first.error().text();
    EXPECT_EQ(first->bytes, second->bytes);
    EXPECT_EQ(first->name, "xx");
    EXPECT_EQ(first->files.size(), 5u);
    EXPECT_TRUE(open_data(first->bytes, "xx"));
}

TEST(Pack, ListsOfOtherPluginsComeAlong) {
    const Country country;
    fs::copy(country.path() / "xx", country.path() / "yy", fs::copy_options::recursive);
    country.change("mappings/declaration.map", "use      codes/direction", "use      yy:codes/direction");
    Diagnostics faults;
    const auto packed = pack_folder(country.path() / "xx", country.path() / "schemas", faults);
    ASSERT_TRUE(packed) << packed.error().text();
    const auto tables = open_data(packed->bytes, "xx");
    ASSERT_TRUE(tables);
    EXPECT_TRUE((*tables)->has("other/yy/codes/direction.codes"));
}

TEST(Pack, FaultsOfTablesEndIt) {
    const Country country;
    country.change("mappings/declaration.map", "FunctionalReferenceID", "FunctionalReferenceIX");
    Diagnostics faults;
    const auto packed = pack_folder(country.path() / "xx", country.path() / "schemas", faults);
    ASSERT_FALSE(packed);
    EXPECT_NE(packed.error().text().find("declaration.map:"), std::string::npos) << packed.error().text();
}

TEST(Tables, NamesNeverLeaveTheFolder) {
    const auto tables = open_folder(xx_folder(), xx_schemas());
    ASSERT_TRUE(tables);
    for (const char* name : {"../xx/plugin.toml", "/etc/passwd", "schemas/../../x", "other/../../x", ""}) {
        const auto text = (*tables)->read(name);
        ASSERT_FALSE(text) << name;
        EXPECT_EQ(text.error().code, codes::path_outside) << name;
        EXPECT_FALSE((*tables)->has(name));
    }
}

}  // namespace
}  // namespace hansa::plugin
