// Documents as lines, and back.
#include "core/pivot/text.h"

#include <gtest/gtest.h>

#include <random>

#include "core/pivot/codes.h"
#include "core/pivot/table.h"

namespace hansa::pivot {
namespace {

bool same(const Document& a, const Document& b) {
    return a.kind == b.kind && a.root == b.root && a.memory == b.memory && a.annex == b.annex;
}

constexpr std::string_view small =
    "document declaration\n"
    "FunctionCode 9\n"
    "InvoiceAmount 120.5\n"
    "InvoiceAmount/@currencyID USD\n"
    "GoodsShipment/Consignee/Address[1]/Line[1] two\\nlines \\\\ and\\ta tab \n"
    "GoodsShipment/Consignee/Address[1]/Line[2] second\n"
    "GoodsShipment/GovernmentAgencyGoodsItem[1]/GovernmentProcedure[1]/CurrentCode 9610\n"
    "GoodsShipment/GovernmentAgencyGoodsItem[1]/GovernmentProcedure[1]/CurrentCode/@listID cn.trade-mode\n"
    "GoodsShipment/Warehouse/\n";

TEST(PivotText, ComesBackTheSame) {
    const auto documents = read_text(small).value();
    ASSERT_EQ(documents.size(), 1U);
    EXPECT_EQ(write_text(documents[0]), small);
    const Node& line = documents[0].root.children[2].children[0].children[0].children[0];
    EXPECT_EQ(line.value, "two\nlines \\ and\ta tab ");
}

TEST(PivotText, KeepsMemoryAndAnnex) {
    Document document = read_text("document event\nTypeCode x\n").value()[0];
    document.annex.push_back({"cn", "Order/batch\tNo", "a\nb"});
    document.memory.push_back({"cn.ceb603", "x/y", "9.0", {"9", ""}});
    document.memory.push_back({"cn.ceb603", "x/z", "", {}});
    const std::string text = write_text(document, true);
    const auto back = read_text("# two of them\n\n" + text + text).value();
    ASSERT_EQ(back.size(), 2U);
    EXPECT_TRUE(same(back[0], document));
    EXPECT_TRUE(same(back[1], document));
    EXPECT_EQ(write_text(document).find('@'), std::string::npos);
}

/// A document with random members, some values with signs that need an escape.
void grow(Node& node, const Field& field, std::mt19937_64& random) {
    for (const Field& child : field.children) {
        if (random() % 3 != 0) continue;
        const std::uint64_t count = child.is_list() ? 1 + random() % 3 : 1;
        for (std::uint64_t i = 0; i < count; ++i) {
            Node made;
            made.name = child.name;
            if (child.is_group()) {
                grow(made, child, random);
            } else {
                constexpr std::string_view signs = "ab \\\n\t\r#@/=[]é";
                for (std::uint64_t k = 1 + random() % 6; k > 0; --k) made.value += signs[random() % signs.size()];
                if (random() % 5 == 0) made.list = "cn.unit";
                for (const std::string_view attribute : child.attributes) {
                    if (random() % 2 == 0) made.attributes.emplace_back(attribute, "x y");
                }
            }
            node.children.push_back(std::move(made));
        }
    }
}

TEST(PivotText, IsALawOverRandomDocuments) {
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        std::mt19937_64 random(seed);
        Document document;
        document.kind = kinds()[random() % kinds().size()];
        document.root.name = root(document.kind).name;
        grow(document.root, root(document.kind), random);
        const std::string text = write_text(document);
        const auto back = read_text(text);
        ASSERT_TRUE(back) << "seed " << seed << ": " << back.error().text();
        EXPECT_TRUE(same((*back)[0], document)) << "seed " << seed;
    }
}

TEST(PivotText, SaysWhatIsWrongWithALine) {
    const auto code_of = [](const std::string& text) {
        const auto read = read_text(text, "p.txt");
        return read ? std::string("none")
                    : std::string(read.error().code.name()) + ":" + std::to_string(read.error().place.line);
    };
    EXPECT_EQ(code_of("FunctionCode 9\n"), "pivot.bad-line:1");
    EXPECT_EQ(code_of("document declaratoin\n"), "pivot.unknown-kind:1");
    EXPECT_EQ(code_of("document declaration\nFunctionCode\n"), "pivot.bad-line:2");
    EXPECT_EQ(code_of("document declaration\nFunctionCode \\x\n"), "pivot.bad-line:2");
    EXPECT_EQ(code_of("document declaration\nFunctionCode a\\\n"), "pivot.bad-line:2");
    EXPECT_EQ(code_of("document declaration\nFunctionCode/\n"), "pivot.bad-line:2");
    EXPECT_EQ(code_of("document declaration\nGoodsShipment 1\n"), "pivot.bad-line:2");
    EXPECT_EQ(code_of("document declaration\nColour red\n"), "pivot.unknown-field:2");
    EXPECT_EQ(code_of("document declaration\nFunctionCode/@unitCode red\n"), "pivot.unknown-field:2");
    EXPECT_EQ(code_of("document declaration\nA//B red\n"), "pivot.bad-path:2");
    EXPECT_EQ(code_of("document declaration\nAgent[K=V]/Name red\n"), "pivot.bad-path:2");
    EXPECT_EQ(code_of("document declaration\nFunctionCode[2] 9\n"), "pivot.too-many:2");
    EXPECT_EQ(code_of("document declaration\nAmendment[3]/ChangeReasonCode 9\n"), "pivot.too-many:2");
    EXPECT_EQ(code_of("document declaration\n@annex\tx\n"), "pivot.bad-line:2");
    TextLimits few;
    few.lines_max = 1;
    EXPECT_EQ(read_text("document event\nTypeCode x\n", {}, few).error().code, codes::too_many);
    few = {};
    few.members_max = 1;
    EXPECT_EQ(read_text("document declaration\nAmendment[2]/\n", {}, few).error().code, codes::too_many);
    EXPECT_TRUE(read_text("").value().empty());
}

}  // namespace
}  // namespace hansa::pivot
