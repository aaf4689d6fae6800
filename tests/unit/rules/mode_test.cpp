// Modes of trade: the documents that each needs, in one declaration and in a set.
#include "core/rules/mode.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "core/pivot/text.h"
#include "core/rules/codes.h"
#include "tests/support/corpus.h"

namespace hansa::rules {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct Broken {
    std::string lines, code;
    std::uint32_t line;
    std::string says;
};

class RefusedModes : public testing::TestWithParam<Broken> {};

TEST_P(RefusedModes, WithTheirLine) {
    Diagnostics faults;
    ASSERT_FALSE(parse_modes(GetParam().lines, "xx.modes", faults));
    EXPECT_EQ(faults.errors().front().code.name(), GetParam().code) << faults.errors().front().text();
    EXPECT_EQ(faults.errors().front().place.line, GetParam().line);
    EXPECT_THAT(faults.errors().front().detail, HasSubstr(GetParam().says));
}

const std::string mode_head = "modes xx\nmode xx.1\n  text \"x\"\n  over declaration\n  severity refuse\n  source \"law\"\n";

INSTANTIATE_TEST_SUITE_P(
    Tables, RefusedModes,
    testing::Values(Broken{mode_head, "rules.syntax", 2, "no `needs`"},
                    Broken{mode_head + "  needs order ID\n", "rules.syntax", 7, "needs KIND"},
                    Broken{mode_head + "  needs ordre \"order\" ID\n", "rules.syntax", 7, "ordre"},
                    Broken{mode_head + "  needs order \"order\" Idd\n", "rules.path-unknown", 7, "ID"},
                    Broken{mode_head + "  needs order \"order\" ID = Declarant/ID\n", "rules.path-unknown", 7, "Declarant"},
                    Broken{mode_head + "  needs order \"order\" ID\n  want payment\n", "rules.syntax", 8, "want"},
                    Broken{mode_head + "  needs order \"order\" ID\n  severity stop\n", "rules.severity-unknown", 8, "stop"},
                    Broken{"modes xx\nmode xx.1\n  over declaration\n  needs order \"order\" ID\n", "rules.source-missing", 2, "xx.1"},
                    Broken{"modes xx\nmode xx.1\n  source \"law\"\n", "rules.syntax", 2, "no `over`"},
                    Broken{mode_head + "  needs order \"order\" ID\nmode xx.1\n  over declaration\n  source \"law\"\n  needs order \"order\" ID\n", "rules.dates-overlap", 8, "line 2"},
                    Broken{"modes xx\nrule xx.1\n", "rules.syntax", 2, "found 'rule'"}, Broken{"title \"x\"\n", "rules.syntax", 1, "names its set"}));

pivot::Document one(std::string_view lines) {
    const auto read = pivot::read_text(lines);
    EXPECT_TRUE(read) << read.error().text();
    return read.value().front();
}

pivot::Document listing(const std::string& mode, const std::string& more) {
    const std::string item = "GoodsShipment/GovernmentAgencyGoodsItem[1]/";
    return one("document declaration\nFunctionCode 9\nDirectionCode I\n" + item + "SequenceNumeric 1\n" + item + "GovernmentProcedure[1]/CurrentCode " + mode + "\n" + item + "GovernmentProcedure[1]/CurrentCode/@listID cn.trade-mode\n" + more);
}

constexpr const char* named = "GoodsShipment/UCR/TraderAssignedReferenceID A1\nGoodsShipment/PreviousDocument[1]/TypeCode 703\nGoodsShipment/PreviousDocument[1]/ID P1\n";

pivot::Document other(const std::string& kind, const std::string& order, const std::string& parcel = {}) {
    std::string lines = "document " + kind + "\nFunctionCode 9\nGoodsShipment/UCR/TraderAssignedReferenceID " + order + "\n";
    if (!parcel.empty()) lines += "GoodsShipment/PreviousDocument[1]/TypeCode 703\nGoodsShipment/PreviousDocument[1]/ID " + parcel + "\n";
    return one(lines);
}

/// The table that stands in the tree, so that its modes are tried, too.
std::vector<ModeTable> chinese() {
    std::ifstream in(test::source_dir() / "plugins/cn/modes/cn.modes");
    std::stringstream text;
    text << in.rdbuf();
    Diagnostics faults;
    std::vector<ModeTable> out;
    out.push_back(parse_modes(text.str(), "cn.modes", faults).value());
    return out;
}

std::vector<std::string> missing(const std::vector<pivot::Document>& documents, bool together) {
    std::vector<SetMember> set;
    for (const pivot::Document& document : documents) set.push_back({&document, {}});
    std::vector<std::string> out;
    const auto tables = chinese();
    for (const MissingDocument& found : find_missing(set, tables, {"2026-11-26", together})) out.push_back(found.mode->id + " " + found.need->name + " " + found.reference);
    return out;
}

TEST(Modes, NameEachDocumentThatIsNotInTheSet) {
    EXPECT_THAT(missing({listing("9610", named), other("order", "A1"), other("payment", "A1"), other("waybill", "A1", "P1")}, true), ElementsAre());
    EXPECT_THAT(missing({listing("9610", named), other("order", "A1"), other("waybill", "A1", "P2")}, true), ElementsAre("cn.9610-import payment (CEB411) A1", "cn.9610-import waybill (CEB511) P1"));
    EXPECT_THAT(missing({listing("1210", named), other("order", "A2")}, true), ElementsAre("cn.1210-import order (CEB311) A1", "cn.1210-import payment (CEB411) A1", "cn.1210-import waybill (CEB511) P1"));
}

TEST(Modes, AskADeclarationAloneForItsReferences) {
    EXPECT_THAT(missing({listing("9610", named)}, false), ElementsAre());
    EXPECT_THAT(missing({listing("9610", "GoodsShipment/UCR/TraderAssignedReferenceID A1\n")}, false), ElementsAre("cn.9610-import waybill (CEB511) "));
}

TEST(Modes, AreOfTheirDirection) {
    pivot::Document out = listing("9610", named);
    for (pivot::Node& node : out.root.children) {
        if (node.name == "DirectionCode") node.value = "E";
    }
    EXPECT_THAT(missing({out, other("order", "A1"), other("waybill", "A1", "P1")}, true), ElementsAre("cn.9610-export receipt of money (CEB403) A1"));
    for (const std::string mode : {"9710", "9810"}) {
        pivot::Document firm = listing(mode, named);
        for (pivot::Node& node : firm.root.children) {
            if (node.name == "DirectionCode") node.value = "E";
        }
        EXPECT_EQ(missing({firm}, true).size(), 1U) << mode;
        EXPECT_EQ(missing({firm, other("order", "A1")}, true).size(), 0U) << mode;
    }
}

TEST(Modes, RefuseOrWarnAsTheirRowsSay) {
    const pivot::Document document = listing("9610", "");
    const std::vector<SetMember> set{{&document, {}}};
    const auto tables = chinese();
    const auto found = find_missing(set, tables, {});
    ASSERT_EQ(found.size(), 3U);
    EXPECT_EQ(found[0].error().code, codes::document_missing);
    EXPECT_EQ(found[0].error().detail, "cn.9610-import: declaration needs its order (CEB311), which is not named (GoodsShipment/UCR/TraderAssignedReferenceID)");
    const pivot::Document other_mode = listing("1239", "");
    const std::vector<SetMember> second{{&other_mode, {}}};
    EXPECT_EQ(find_missing(second, tables, {}).at(0).error().code, codes::warned);
}

}  // namespace
}  // namespace hansa::rules
