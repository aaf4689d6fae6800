#include "core/base/strict_toml.h"

#include <gtest/gtest.h>

#include "core/base/codes.h"
#include "core/base/nearest.h"

namespace hansa {
namespace {

constexpr std::string_view known[] = {"listen", "port", "peers"};

struct Found {
    Diagnostics faults;
    std::vector<std::string> lines() const {
        std::vector<std::string> out;
        for (const Error& error : faults.errors()) out.push_back(error.text());
        return out;
    }
};

TEST(StrictToml, NamesTheNearestKeyAndTheLine) {
    Found found;
    const toml::table table = parse_toml("port = 1\nlisen = 'x'\n", "a.toml").value();
    TomlSection(table, "[server]", "a.toml", found.faults).only(known);
    ASSERT_EQ(found.faults.count(), 1u);
    EXPECT_EQ(found.faults.errors()[0].code, base::codes::toml_key_unknown);
    EXPECT_EQ(found.lines()[0], "a.toml:2:1: base.toml-key-unknown: 'lisen' in [server]; did you mean 'listen'?");
}

TEST(StrictToml, ReportsMissingAndWrongValuesTogether) {
    Found found;
    const toml::table table = parse_toml("port = 'x'\npeers = [1]\n", "a.toml").value();
    const TomlSection section(table, "[server]", "a.toml", found.faults);
    EXPECT_EQ(section.number("port", 1, 9, 5), 5);
    EXPECT_TRUE(section.texts("peers").empty());
    EXPECT_EQ(section.text_needed("listen"), "");
    ASSERT_EQ(found.faults.count(), 3u);
    EXPECT_EQ(found.faults.errors()[0].code, base::codes::toml_value_wrong);
    EXPECT_EQ(found.faults.errors()[2].code, base::codes::toml_key_missing);
}

TEST(StrictToml, SyntaxErrorsHaveAPlace) {
    const auto table = parse_toml("a = 1\nb = = 2\n", "a.toml");
    ASSERT_FALSE(table);
    EXPECT_EQ(table.error().code, base::codes::toml_syntax);
    EXPECT_EQ(table.error().place.line, 2u);
}

TEST(Nearest, IsAHelpAndNotAGuess) {
    EXPECT_EQ(nearest("prot", known), "port");
    EXPECT_EQ(did_you_mean("completely-other", known), "");
}

TEST(Error, PrintsPlaceCodeAndDetail) {
    const Error error{base::codes::internal, "what happened", {.file = "f", .line = 3, .column = 7, .path = "/a/b[2]"}};
    EXPECT_EQ(error.text(), "f:3:7: base.internal: what happened (at /a/b[2])");
    EXPECT_EQ(Error{base::codes::internal}.text(), "base.internal: A promise of the program itself was broken.");
}

TEST(Diagnostics, AreBounded) {
    Diagnostics faults(2);
    for (int i = 0; i < 5; ++i) faults.add(base::codes::internal, std::to_string(i));
    EXPECT_EQ(faults.count(), 5u);
    EXPECT_EQ(faults.errors().size(), 2u);
}

TEST(StrictToml, ReadsSharesOfAWhole) {
    const auto table = parse_toml("a = 0.001\nb = 1\nc = 1.5\nd = \"x\"\n", "file");
    ASSERT_TRUE(table);
    Diagnostics faults;
    const TomlSection section(*table, "the file", "file", faults);
    EXPECT_EQ(section.share("a", 0.5), 0.001);
    EXPECT_EQ(section.share("b", 0.5), 1.0);
    EXPECT_EQ(section.share("none", 0.5), 0.5);
    EXPECT_TRUE(faults.empty());
    EXPECT_EQ(section.share("c", 0.5), 0.5);
    EXPECT_EQ(section.share("d", 0.5), 0.5);
    ASSERT_EQ(faults.count(), 2u);
    EXPECT_EQ(faults.errors()[0].code, base::codes::toml_value_wrong);
    EXPECT_EQ(faults.errors()[0].place.line, 3u);
}

}  // namespace
}  // namespace hansa
