// Documents with a long list, member by member: each member goes the course of one before it. The same document as a
// whole, without any course, is the other hand; what a small one becomes is written down here.
#include <gtest/gtest.h>

#include "core/mapping/plan.h"
#include "core/schema/compiled_reader.h"
#include "core/xml/line_index.h"
#include "tests/unit/mapping/small.h"

namespace hansa::mapping::test {
namespace {

const std::string source_tree =
    "Doc\n  No\n  Text?\n  Item*\n    Name\n    Mark?\n    Weight? decimal\n    Box*\n      Kind\n  Total? decimal";
const std::string source_rows =
    "in Doc <-> document\n"
    "  No <-> ID\n"
    "  Text carry\n"
    "  Total carry\n"
    "  check Total = sum(Item/Weight) warn\n"
    "  each Item <-> GoodsShipment/GovernmentAgencyGoodsItem\n"
    "    position <-> SequenceNumeric\n"
    "    Name <-> Commodity/Description\n"
    "    Mark carry\n"
    "    Weight, \"KGM\" <-> Commodity/GoodsMeasure/GrossMassMeasure, @unitCode measure\n"
    "    each Box <-> Packaging\n"
    "      Kind <-> TypeCode\n";
const std::string target_tree =
    "Doc\n  Nr\n  G*\n    Place\n    Words\n    Gross? decimal\n    B*\n      K\n  All? decimal";
const std::string target_rows =
    "in Doc <-> document\n"
    "  Nr <-> ID\n"
    "  each G <-> GoodsShipment/GovernmentAgencyGoodsItem\n"
    "    Place <-> SequenceNumeric\n"
    "    Words <-> Commodity/Description\n"
    "    Gross, \"KGM\" <-> Commodity/GoodsMeasure/GrossMassMeasure, @unitCode measure\n"
    "    each B <-> Packaging\n"
    "      K <-> TypeCode\n"
    "  All = sum(G/Gross)\n";

class PlanMembers : public ::testing::Test {
protected:
    void SetUp() override { make(); }

    void make() {
        source_ = loaded({.tree = source_tree, .rows = rows_, .head = {}, .lists = {}, .format = "xx.test"});
        target_ = loaded({.tree = target_tree, .rows = target_rows, .head = {}, .lists = {}, .format = "yy.test"});
        grammar_ = *schema::CompiledGrammar::compile(source_->grammar());
        Diagnostics faults;
        auto plan = Plan::compile(
            {source_, std::shared_ptr<const schema::PathTable>(grammar_, &grammar_->paths()), {}}, {target_, {}}, {},
            faults);
        ASSERT_TRUE(plan.has_value()) << plan.error().text();
        plan_ = *plan;
        ASSERT_NE(plan_->list(), schema::no_path);
    }

    /// Bytes, ledger and warnings of a document.
    std::string by(PlanRun& run, const std::string& bytes) {
        schema::FastReader reader(grammar_);
        Diagnostics faults;
        EXPECT_TRUE(reader.open(bytes, {}, faults));
        EXPECT_TRUE(reader.next()) << faults.errors().front().text();
        run.begin({}, {});
        if (run.message(reader.tape()) == Fast::declined) return "declined: " + run.why();
        std::string all;
        for (std::size_t i = 0; i < run.messages(); ++i) all += std::string(run.bytes(i)) + "\n";
        Ledger ledger;
        xml::LineIndex lines(bytes);
        run.ledger(ledger, lines);
        for (const LossEntry& one : ledger.entries)
            all += std::string(loss_kind_name(one.kind)) + " " + one.path + " " + one.value + " " + one.row + " " +
                   std::to_string(one.line) + ":" + std::to_string(one.column) + "\n";
        for (const Error& one : run.warnings()) all += one.text() + "\n";
        return all;
    }

    /// Every member of another shape than its neighbours, shapes again and again.
    static std::string document(std::size_t items, std::size_t seed, const std::string& total = "") {
        std::string out = "<Doc><No>" + std::to_string(seed) + "</No>";
        if (seed % 3 == 1) out += "<Text>t</Text>";
        for (std::size_t i = 0; i < items; ++i) {
            const std::size_t form = (i * 7 + seed) % 12;
            out += "\n<Item><Name>n" + std::to_string(i) + " &amp; " + std::to_string(seed) + "</Name>";
            if (form % 2 == 1) out += "<Mark>m" + std::to_string(i) + "</Mark>";
            if (form % 3 != 1) out += "<Weight>" + std::to_string(i % 5) + ".5</Weight>";
            for (std::size_t box = 0; box < form % 4; ++box) out += "<Box><Kind>K" + std::to_string(box) + "</Kind></Box>";
            out += "</Item>";
        }
        return out + total + "</Doc>";
    }

    std::string rows_ = source_rows;
    std::shared_ptr<const Mapping> source_, target_;
    std::shared_ptr<const schema::CompiledGrammar> grammar_;
    std::shared_ptr<const Plan> plan_;
};

TEST_F(PlanMembers, BecomeWhatIsWrittenHere) {
    PlanRun run(*plan_);
    run.learn(1);
    run.go_by_members(1, true);
    std::string bytes = "<Doc><No>7</No>";
    for (const char* name : {"a", "b", "c", "d"})
        bytes += std::string("\n<Item><Name>") + name + "</Name><Mark>m</Mark><Weight>1.5</Weight></Item>";
    bytes += "<Total>5</Total></Doc>";
    const std::string expected =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<Doc><Nr>7</Nr><G><Place>1</Place><Words>a</Words><Gross>1.5</Gross></G>"
        "<G><Place>2</Place><Words>b</Words><Gross>1.5</Gross></G>"
        "<G><Place>3</Place><Words>c</Words><Gross>1.5</Gross></G>"
        "<G><Place>4</Place><Words>d</Words><Gross>1.5</Gross></G><All>6</All></Doc>\n";
    for (int turn = 0; turn < 3; ++turn) {
        const std::string found = by(run, bytes);
        EXPECT_EQ(found.substr(0, found.find("</Doc>\n") + 7), expected) << found;
        for (const char* loss : {"/Doc/Item[1]/Mark m", "/Doc/Item[2]/Mark m", "/Doc/Item[4]/Mark m"})
            EXPECT_NE(found.find(loss), std::string::npos) << found;
        EXPECT_NE(found.find("5 against 6"), std::string::npos) << found;
    }
    EXPECT_GE(run.courses().members_gone, 8u) << run.courses().not_learned << run.courses().not_by_members;
}

TEST_F(PlanMembers, GiveWhatTheWholeGives) {
    PlanRun members(*plan_), whole(*plan_);
    members.learn(1);
    members.go_by_members(2, true);
    whole.learn(0);
    for (std::size_t seed = 0; seed < 40; ++seed) {
        for (const std::size_t items : {2u, 3u, 9u, 40u}) {
            for (const char* total : {"", "<Total>3</Total>", "<Total>1000</Total>"}) {
                const std::string bytes = document(items, seed, total);
                EXPECT_EQ(by(members, bytes), by(whole, bytes)) << bytes;
            }
        }
    }
    EXPECT_EQ(whole.courses().members_gone, 0u);
    // Nearly all of them: a document's first one, and the first of a shape, are worked out.
    EXPECT_GT(members.courses().members_gone, 3'000u) << members.courses().not_learned;
}

/// What was made of texts that come again is given up when they come no more: no course may hold it then.
TEST_F(PlanMembers, HoldNothingOfTextsThatWereGivenUp) {
    PlanRun members(*plan_), whole(*plan_);
    members.learn(1);
    members.go_by_members(1, true);
    whole.learn(0);
    const auto document = [](const std::vector<std::string>& marked, std::size_t others) {
        std::string out = "<Doc><No>1</No>";
        for (const std::string& one : marked)
            out += "\n<Item><Name>n</Name><Mark>m</Mark><Weight>" + one + "</Weight></Item>";
        for (std::size_t i = 0; i < others; ++i)
            out += "\n<Item><Name>n</Name><Weight>" + std::to_string(1'000 + i) + ".50</Weight></Item>";
        return out + "</Doc>";
    };
    // Two shapes ask for the same texts: one stands at a text that is known, and the other shows that few come again.
    for (const std::string& bytes :
         {document({"1", "2", "7.50", "8", "7.50"}, 100), document({"3", "7.50", "7.50", "4"}, 0)})
        EXPECT_EQ(by(members, bytes), by(whole, bytes));
    EXPECT_GT(members.courses().members_gone, 100u) << members.courses().not_learned;
}

TEST_F(PlanMembers, OfADocumentThatIsTooLongForACourseGoOne) {
    PlanRun run(*plan_), whole(*plan_);
    whole.learn(0);
    const std::string bytes = document(6'000, 1);
    EXPECT_EQ(by(run, bytes), by(whole, bytes));
    EXPECT_GT(run.courses().members_gone, 5'900u) << run.courses().not_learned << run.courses().not_by_members;
}

TEST_F(PlanMembers, LeaveNothingOfADocumentThatMustBeCarriedOverAsAWhole) {
    // A rule that needs the members side by side ends it, with the document half written.
    rows_ += "  check Total = max(Item/Weight) warn\n";
    make();
    PlanRun run(*plan_), whole(*plan_);
    run.learn(1);
    run.go_by_members(2, true);
    whole.learn(0);
    for (std::size_t seed = 0; seed < 12; ++seed) {
        const std::string bytes = document(12, seed, "<Total>3</Total>");
        EXPECT_EQ(by(run, bytes), by(whole, bytes)) << bytes;
    }
    EXPECT_EQ(run.courses().not_by_members, "all members of a long list");
    EXPECT_EQ(run.courses().members_gone, 0u);
}

TEST_F(PlanMembers, AreRefusedAsTheWholeIs) {
    PlanRun run(*plan_), whole(*plan_);
    run.learn(1);
    run.go_by_members(2, true);
    whole.learn(0);
    for (std::size_t seed = 0; seed < 12; ++seed) {
        std::string bytes = document(12, seed);
        EXPECT_EQ(by(run, bytes), by(whole, bytes));
        // The last one says more than the pivot takes, when all others are carried over.
        bytes.replace(bytes.rfind("<Name>"), 6, "<Name>" + std::string(3'000, 'x'));
        const std::string expected = by(whole, bytes);
        EXPECT_EQ(expected, "declined: a value that the pivot refuses");
        EXPECT_EQ(by(run, bytes), expected);
    }
}

}  // namespace
}  // namespace hansa::mapping::test
