// A new country's folder is whole, passes, and never overwrites another one.
#include "core/plugin/scaffold.h"

#include <gtest/gtest.h>

#include "core/plugin/check.h"
#include "core/plugin/codes.h"
#include "tests/unit/plugin/places.h"

namespace hansa::plugin {
namespace {

namespace fs = std::filesystem;

TEST(Scaffold, IsWhatTheTestsOfThisModuleUse) {
    // tests/unit/plugin/data is what `hansa plugin new xx` writes, so that every test of loading,
    // packing and checking is one of the pattern too. UPDATE=1 writes it again.
    const Folder folder;
    ASSERT_TRUE(scaffold({folder.path() / "plugins", folder.path() / "schemas"}, "xx"));
    if (std::getenv("UPDATE") != nullptr) {
        fs::remove_all(data_folder());
        fs::copy(folder.path(), data_folder(), fs::copy_options::recursive);
    }
    std::size_t files = 0;
    for (const auto& entry : fs::recursive_directory_iterator(folder.path())) {
        if (!entry.is_regular_file()) continue;
        ++files;
        const fs::path name = fs::relative(entry.path(), folder.path());
        ASSERT_TRUE(fs::exists(data_folder() / name)) << name;
        EXPECT_EQ(test::slurp(entry.path()), test::slurp(data_folder() / name)) << name;
    }
    EXPECT_EQ(files, 10u);
}

TEST(Scaffold, AProfileOfAnotherPluginPasses) {
    const Folder folder;
    const ScaffoldPlaces places{folder.path() / "plugins", folder.path() / "schemas"};
    ASSERT_TRUE(scaffold(places, "xx"));
    ASSERT_TRUE(scaffold_profile(places, "yy", "xx.declaration"));
    EXPECT_FALSE(fs::exists(folder.path() / "schemas/yy"));
    const CheckReport report = check_plugin(folder.path() / "plugins/yy", {.schema_folder = places.schemas, .documents = 10});
    EXPECT_TRUE(report.passed()) << report.json();
    ASSERT_EQ(report.formats.size(), 1u);
    EXPECT_EQ(report.formats[0].id, "yy.declaration");
    EXPECT_EQ(scaffold_profile(places, "yy", "xx.declaration").error().code, codes::scaffold_exists);
    for (const char* base : {"", "xx", "xx.", ".declaration", "../x.y"}) {
        EXPECT_EQ(scaffold_profile(places, "ww", base).error().code, codes::scaffold_name) << base;
    }
}

TEST(Scaffold, BadNamesAreRefused) {
    const Folder folder;
    for (const char* name : {"", "x", "XX", "../x", "x y", "1x", "x/y", "a-name-that-is-far-too-long"}) {
        const auto written = scaffold({folder.path() / "plugins", folder.path() / "schemas"}, name);
        ASSERT_FALSE(written) << name;
        EXPECT_EQ(written.error().code, codes::scaffold_name);
    }
    EXPECT_TRUE(fs::is_empty(folder.path()));
}

TEST(Scaffold, NothingIsOverwritten) {
    const Folder folder;
    folder.write("schemas/yy/mine.xsd", "mine");
    const auto written = scaffold({folder.path() / "plugins", folder.path() / "schemas"}, "yy");
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code, codes::scaffold_exists);
    EXPECT_FALSE(fs::exists(folder.path() / "plugins"));
}

}  // namespace
}  // namespace hansa::plugin
