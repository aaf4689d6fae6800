// What a run that learns asks of documents that look alike, beside one that never learns. Expected verdicts are by hand.
#include "core/rules/tape_rules.h"

#include <gtest/gtest.h>

#include "core/mapping/plan.h"
#include "tests/support/tree_tape.h"
#include "tests/unit/mapping/small.h"

namespace hansa::rules {
namespace {

constexpr auto clean = TapeVerdict::clean, found = TapeVerdict::found;

/// One rule over a small table.
class SmallRule {
public:
    SmallRule(const mapping::test::SmallTable& small, const std::string& lines) {
        Diagnostics faults;
        const std::string text = "rules xx\nrule xx.1\n  text \"It holds.\"\n  over declaration\n  severity refuse\n  source \"a law\"\n" + lines;
        table_ = parse_rules(text, "xx.rules", faults).value();
        format_.id = small.format;
        format_.kind = pivot::Kind::declaration;
        const auto mapping = mapping::test::loaded(small);
        format_.mapping = plugin::Lazy<mapping::Mapping>([mapping] { return plugin::Lazy<mapping::Mapping>::Made(mapping); });
        paths_ = mapping::paths_of(*mapping);
        const Rule* rule = &table_.rules.front();
        const auto made = TapeRules::compile({&rule, 1}, format_, paths_, {}).value();
        learning_ = std::make_unique<TapeRulesRun>(made);
        learning_->learn(1);
        other_ = std::make_unique<TapeRulesRun>(made);
        other_->learn(0);
    }
    TapeVerdict ask(const std::string& xml) {
        const schema::Element tree = mapping::test::element(xml);
        schema::Tape tape;
        hansa::test::fill_tape(tree, *paths_, tape);
        const TapeAsk how{.context = context_, .day = "2026-11-27"};
        std::array<TapeVerdict, 2> said{};
        std::size_t i = 0;
        for (TapeRulesRun* run : {other_.get(), learning_.get()}) {
            run->begin(how);
            said[i++] = run->part(tape);
        }
        EXPECT_EQ(said[0], said[1]) << xml << " " << learning_->why();
        return said[1];
    }
    std::uint64_t by_course() const { return learning_->courses()->gone; }

private:
    RuleTable table_;
    plugin::Format format_;
    std::shared_ptr<const schema::PathTable> paths_;
    mapping::Context context_;
    std::unique_ptr<TapeRulesRun> learning_, other_;
};

mapping::test::SmallTable prices() {
    return {.tree = "Doc\n  Sum?\n  Line*\n    P",
            .rows = "in Doc <-> document\n  Sum <-> InvoiceAmount decimal\n  each Line <-> GoodsShipment/GovernmentAgencyGoodsItem\n"
                    "    P <-> Commodity/InvoiceLine/ItemChargeAmount decimal\n",
            .head = {},
            .lists = {},
            .format = "xx.test"};
}

std::string priced(const std::string& sum, const std::string& first, const std::string& second) {
    return "<Doc><Sum>" + sum + "</Sum><Line><P>" + first + "</P></Line><Line><P>" + second + "</P></Line></Doc>";
}

const std::string all_prices = "GoodsShipment/GovernmentAgencyGoodsItem/Commodity/InvoiceLine/ItemChargeAmount";

TEST(TapeRulesLearned, NumbersOfOtherDocumentsAreAddedUp) {
    SmallRule rule(prices(), "  check InvoiceAmount = sum(" + all_prices + ")\n");
    EXPECT_EQ(rule.ask(priced("30", "10", "20")), clean);
    EXPECT_EQ(rule.ask(priced("30.10", "10.1", "20.00")), clean);
    EXPECT_EQ(rule.ask(priced("0", "0", "0.00")), clean);
    EXPECT_EQ(rule.ask(priced("-5", "5.5", "-10.5")), clean);
    EXPECT_EQ(rule.by_course(), 3U);
    EXPECT_EQ(rule.ask(priced("30.11", "10.1", "20.00")), found);
    EXPECT_EQ(rule.ask(priced("30.09", "10.1", "20.00")), found);
    EXPECT_EQ(rule.ask(priced("30.10", "10.1", "20.00")), clean);
    EXPECT_EQ(rule.by_course(), 4U);
}

TEST(TapeRulesLearned, NumbersOfOtherFormsAreAddedUpToo) {
    SmallRule rule(prices(), "  check sum(" + all_prices + ") <= 100\n");
    EXPECT_EQ(rule.ask(priced("1", "10", "20")), clean);
    EXPECT_EQ(rule.ask(priced("1", "000000000000000000000000099.500", "+0.5")), clean);
    EXPECT_EQ(rule.ask(priced("1", "000000000000000000000000099.500", "+0.51")), found);
    EXPECT_EQ(rule.ask(priced("1", "9999999999.99999", "-9999999999.99999")), clean);
    EXPECT_EQ(rule.ask(priced("1", "9999999999.99999", "-9999999899.99998")), found);
    EXPECT_EQ(rule.ask(priced("1", "100", "-0.00")), clean);
    EXPECT_EQ(rule.ask(priced("1", "100", ".01")), found);
}

TEST(TapeRulesLearned, TheBoundIsOnTheRightSide) {
    struct Bound {
        const char* sign;
        TapeVerdict below, equal, above;
    };
    for (const Bound& one : {Bound{"<", clean, found, found}, Bound{"<=", clean, clean, found}, Bound{"=", found, clean, found}, Bound{">=", found, clean, clean}, Bound{">", found, found, clean}}) {
        SmallRule rule(prices(), "  check InvoiceAmount - 2 " + std::string(one.sign) + " 3 + sum(" + all_prices + ", 1)\n");
        const std::array<std::pair<std::string, TapeVerdict>, 3> all{{{"35.99", one.below}, {"36.00", one.equal}, {"36.01", one.above}}};
        // Whichever of them is learned, the others are not taken for it.
        for (int round = 0; round < 2; ++round) {
            for (const auto& [sum, verdict] : all) EXPECT_EQ(rule.ask(priced(sum, "10", "20")), verdict) << sum << " " << one.sign;
        }
    }
}

TEST(TapeRulesLearned, OneOfSeveralTestsIsEnough) {
    SmallRule rule(prices(), "  check sum(" + all_prices + ") <= 100 or InvoiceAmount = 1\n");
    EXPECT_EQ(rule.ask(priced("1", "100", "20")), clean);
    EXPECT_EQ(rule.ask(priced("1", "1", "2")), clean);
    EXPECT_EQ(rule.ask(priced("2", "1", "2")), clean);
    EXPECT_EQ(rule.ask(priced("2", "100", "2")), found);
    EXPECT_EQ(rule.ask(priced("1", "100", "2")), clean);
}

/// Each value of a list has an answer of its own.
TEST(TapeRulesLearned, EachNumberIsComparedAlone) {
    SmallRule rule(prices(), "  check " + all_prices + " > 0\n");
    EXPECT_EQ(rule.ask(priced("1", "100", "20")), clean);
    EXPECT_EQ(rule.ask(priced("1", "0.01", "7")), clean);
    EXPECT_EQ(rule.by_course(), 1U);
    EXPECT_EQ(rule.ask(priced("1", "0.01", "0.00")), found);
    EXPECT_EQ(rule.ask(priced("1", "-3", "7")), found);
    SmallRule any(prices(), "  when " + all_prices + " > 50\n  check InvoiceAmount = 1\n");
    EXPECT_EQ(any.ask(priced("1", "100", "20")), clean);
    EXPECT_EQ(any.ask(priced("1", "20", "100")), clean);
    EXPECT_EQ(any.ask(priced("2", "20", "30")), clean);
    EXPECT_EQ(any.ask(priced("2", "20", "51")), found);
    EXPECT_EQ(any.ask(priced("2", "20", "50")), clean);
}

/// What several texts say is asked again as soon as one of them is another, and until it was right once more.
TEST(TapeRulesLearned, QuestionsOfSeveralTextsFollowEachOfThem) {
    const mapping::test::SmallTable parties{.tree = "Doc\n  S\n  B\n  N",
                                            .rows = "in Doc <-> document\n  S <-> GoodsShipment/Seller/Name\n  B <-> GoodsShipment/Buyer/Name\n  N <-> ID\n",
                                            .head = {},
                                            .lists = {},
                                            .format = "xx.test"};
    SmallRule rule(parties, "  check GoodsShipment/Seller/Name != GoodsShipment/Buyer/Name\n");
    const auto named = [](const std::string& seller, const std::string& buyer, const std::string& number) {
        return "<Doc><S>" + seller + "</S><B>" + buyer + "</B><N>" + number + "</N></Doc>";
    };
    EXPECT_EQ(rule.ask(named("a", "b", "1")), clean);
    EXPECT_EQ(rule.ask(named("a", "b", "2")), clean);
    EXPECT_EQ(rule.ask(named("c", "b", "3")), clean);
    EXPECT_EQ(rule.ask(named("c", "d", "4")), clean);
    EXPECT_EQ(rule.by_course(), 3U);
    EXPECT_EQ(rule.ask(named("d", "d", "5")), found);
    EXPECT_EQ(rule.ask(named("d", "d", "6")), found);
    EXPECT_EQ(rule.ask(named("d", "b", "7")), clean);
    EXPECT_EQ(rule.ask(named("b", "b", "8")), found);
    EXPECT_EQ(rule.ask(named("d", "b", "9")), clean);
    EXPECT_EQ(rule.by_course(), 5U);
}

/// The document's day is found out where an answer depends on it, although nobody asks for the field.
TEST(TapeRulesLearned, CodesAreReadByTheDocumentsDay) {
    const mapping::test::SmallTable dated{.tree = "Doc\n  Day\n  K",
                                          .rows = "in Doc <-> document\n  Day <-> IssueDateTime date yyyyMMdd\n  K <-> TypeCode code k\n",
                                          .head = "use codes/k\n",
                                          .lists = {{"k", "columns national standard valid-from valid-to\nA X - 2020-12-31\nA Z 2021-01-01 -\nB Y! - -\n"}},
                                          .format = "xx.test"};
    SmallRule rule(dated, "  check TypeCode = \"Y\" | \"Z\"\n");
    const auto on = [](const std::string& day, const std::string& code) { return "<Doc><Day>" + day + "</Day><K>" + code + "</K></Doc>"; };
    EXPECT_EQ(rule.ask(on("20260101", "A")), clean);
    EXPECT_EQ(rule.ask(on("20260102", "A")), clean);
    EXPECT_EQ(rule.by_course(), 1U);
    EXPECT_EQ(rule.ask(on("20200102", "A")), found);
    EXPECT_EQ(rule.ask(on("20200102", "B")), clean);
    EXPECT_EQ(rule.ask(on("20210101", "A")), clean);
}

}  // namespace
}  // namespace hansa::rules
