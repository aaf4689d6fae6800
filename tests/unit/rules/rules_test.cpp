// Rules on documents: what is asked, what decides, where a finding stands.
#include "core/rules/check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/pivot/text.h"
#include "core/rules/codes.h"

namespace hansa::rules {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::string_view document_text =
    "document declaration\n"
    "FunctionCode 9\n"
    "AcceptanceDateTime 2026-07-01T00:30:00+08:00\n"
    "DirectionCode I\n"
    "InvoiceAmount 30.10\n"
    "InvoiceAmount/@currencyID CNY\n"
    "Declarant/Name Somebody\n"
    "GoodsShipment/GovernmentAgencyGoodsItem[1]/SequenceNumeric 1\n"
    "GoodsShipment/GovernmentAgencyGoodsItem[1]/Commodity/InvoiceLine/ItemChargeAmount 10.1\n"
    "GoodsShipment/GovernmentAgencyGoodsItem[1]/GovernmentProcedure[1]/CurrentCode 9610\n"
    "GoodsShipment/GovernmentAgencyGoodsItem[1]/GovernmentProcedure[1]/CurrentCode/@listID xx.mode\n"
    "GoodsShipment/GovernmentAgencyGoodsItem[1]/AdditionalDocument[1]/TypeCode 861\n"
    "GoodsShipment/GovernmentAgencyGoodsItem[1]/AdditionalDocument[1]/IssueDateTime 2025-06-30\n"
    "GoodsShipment/GovernmentAgencyGoodsItem[2]/SequenceNumeric 3\n"
    "GoodsShipment/GovernmentAgencyGoodsItem[2]/Commodity/InvoiceLine/ItemChargeAmount 20\n";

pivot::Document document() {
    return pivot::read_text(document_text).value().front();
}

RuleTable table(const std::string& lines, const std::string& over = "declaration") {
    Diagnostics faults;
    const std::string text = "rules xx\nlist modes \"xx.mode:9610\" \"xx.mode:1210\"\nrule xx.1\n  text \"It holds.\"\n  over " + over +
                             "\n  severity refuse\n  source \"a law\"\n" + lines;
    auto parsed = parse_rules(text, "xx.rules", faults);
    EXPECT_TRUE(parsed) << (faults.empty() ? "" : faults.errors().front().text());
    return parsed.value();
}

struct Asked {
    RuleTable table;
    Checked checked;
    Outcome outcome;
};

Asked ask(const std::string& lines, CheckOptions options = {}) {
    Asked out{table(lines), {}, Outcome::not_applicable};
    const Rule* rule = &out.table.rules.front();
    options.verdicts = true;
    out.checked = check(document(), {&rule, 1}, options);
    out.outcome = out.checked.verdicts.front().outcome;
    for (Finding& finding : out.checked.findings) finding.rule = nullptr;  // the table moves
    return out;
}

constexpr std::string_view charges = "GoodsShipment/GovernmentAgencyGoodsItem/Commodity/InvoiceLine/ItemChargeAmount";

struct Case {
    std::string lines;
    Outcome outcome;
};

class Outcomes : public testing::TestWithParam<Case> {};

TEST_P(Outcomes, AreWhatTheLineSays) {
    EXPECT_EQ(ask(GetParam().lines).outcome, GetParam().outcome) << GetParam().lines;
}

INSTANTIATE_TEST_SUITE_P(
    Lines, Outcomes,
    testing::Values(
        Case{"  check InvoiceAmount = sum(" + std::string(charges) + ")\n", Outcome::holds},
        Case{"  check InvoiceAmount = sum(" + std::string(charges) + ") + 0.001\n", Outcome::broken},
        Case{"  check InvoiceAmount = 30.1\n", Outcome::holds},
        Case{"  check InvoiceAmount > 30.1\n", Outcome::broken},
        Case{"  check InvoiceAmount >= 30.1\n  check InvoiceAmount <= 30.1\n  check InvoiceAmount < 30.11\n", Outcome::holds},
        Case{"  check round(InvoiceAmount, 0) = 30 or InvoiceAmount = 7\n", Outcome::holds},
        Case{"  check InvoiceAmount = 7 or InvoiceAmount = 8\n", Outcome::broken},
        Case{"  check InvoiceAmount * 2 / 3 - 0.5 = 19.566666666667\n", Outcome::holds},
        Case{"  check min(" + std::string(charges) + ") = 10.1\n  check max(" + std::string(charges) + ") = 20\n", Outcome::holds},
        Case{"  check count(GoodsShipment/GovernmentAgencyGoodsItem) = 2\n", Outcome::holds},
        Case{"  check distinct(" + std::string(charges) + ") = 2\n", Outcome::holds},
        // Numbers are numbers, codes are texts.
        Case{"  check FunctionCode = \"9\"\n", Outcome::holds},
        Case{"  check FunctionCode = \"09\"\n", Outcome::broken},
        Case{"  check number(FunctionCode) <= 9\n", Outcome::holds},
        Case{"  check first(Declarant/Name, 4) = \"Some\"\n", Outcome::holds},
        Case{"  check last(Declarant/Name, 4) = \"body\"\n", Outcome::holds},
        Case{"  check last(GoodsShipment/GovernmentAgencyGoodsItem[1]/GovernmentProcedure[1]/CurrentCode, 2) = \"10\"\n", Outcome::holds},
        // What is absent decides nothing; presence does.
        Case{"  check TotalGrossMassMeasure >= TotalNetMassMeasure\n", Outcome::undecided},
        Case{"  check InvoiceAmount >= TotalNetMassMeasure\n", Outcome::undecided},
        Case{"  check sum(TotalNetMassMeasure) = 0\n", Outcome::holds},
        Case{"  check InvoiceAmount present\n  check GoodsShipment present\n  check Exporter absent\n", Outcome::holds},
        Case{"  check Exporter/Name present\n", Outcome::broken},
        Case{"  check InvoiceAmount/@currencyID absent\n", Outcome::broken},
        // In `check` every value must pass, in `when` one is enough.
        Case{"  check " + std::string(charges) + " < 20\n", Outcome::broken},
        Case{"  when " + std::string(charges) + " < 20\n  check InvoiceAmount present\n", Outcome::holds},
        Case{"  when " + std::string(charges) + " != 20\n  check InvoiceAmount present\n", Outcome::not_applicable},
        Case{"  when Exporter/Name = \"X\"\n  check InvoiceAmount absent\n", Outcome::not_applicable},
        Case{"  check InvoiceAmount/@currencyID = \"USD\" | \"CNY\"\n", Outcome::holds},
        Case{"  check InvoiceAmount/@currencyID != \"USD\" | \"CNY\"\n", Outcome::broken},
        Case{"  check InvoiceAmount != 10 | 20\n", Outcome::holds},
        Case{"  check InvoiceAmount - 10.1 = " + std::string(charges) + "\n", Outcome::holds},
        // Lists of the table and of the pivot; a code carries the list of its authority.
        Case{"  check GoodsShipment/GovernmentAgencyGoodsItem/GovernmentProcedure/CurrentCode in modes\n", Outcome::holds},
        Case{"  check GoodsShipment/GovernmentAgencyGoodsItem/GovernmentProcedure/CurrentCode not in modes\n", Outcome::broken},
        Case{"  check GoodsShipment/GovernmentAgencyGoodsItem/GovernmentProcedure/CurrentCode = \"9610\"\n", Outcome::broken},
        Case{"  check InvoiceAmount/@currencyID in iso4217\n", Outcome::holds},
        Case{"  check InvoiceAmount/@currencyID matches /[A-Z]{2,3}/\n", Outcome::holds},
        Case{"  check InvoiceAmount/@currencyID matches /[A-Z]{2}/\n", Outcome::broken},
        Case{"  check GoodsShipment/GovernmentAgencyGoodsItem/SequenceNumeric numbered\n", Outcome::broken},
        Case{"  each GoodsShipment/GovernmentAgencyGoodsItem\n  check SequenceNumeric = 1 | 3\n", Outcome::holds},
        Case{"  each GoodsShipment/GovernmentAgencyGoodsItem\n  when /DirectionCode = \"E\"\n  check SequenceNumeric = 2\n", Outcome::not_applicable},
        // A document's own day, by its own clock; moments of two zones; months.
        Case{"  from 2026-07-01\n  check InvoiceAmount present\n", Outcome::holds},
        Case{"  to 2026-06-30\n  check InvoiceAmount present\n", Outcome::not_applicable},
        Case{"  date GoodsShipment/GovernmentAgencyGoodsItem[1]/AdditionalDocument[TypeCode=861]/IssueDateTime\n  to 2025-06-30\n  check InvoiceAmount present\n", Outcome::holds},
        Case{"  check GoodsShipment/GovernmentAgencyGoodsItem/AdditionalDocument[TypeCode=861]/IssueDateTime >= AcceptanceDateTime - 12 months\n", Outcome::broken},
        Case{"  check GoodsShipment/GovernmentAgencyGoodsItem/AdditionalDocument[TypeCode=861]/IssueDateTime >= AcceptanceDateTime - 13 months\n", Outcome::holds},
        Case{"  check AcceptanceDateTime >= \"2026-07-01\"\n  check AcceptanceDateTime < \"2026-07-02\"\n", Outcome::holds}));

pivot::Document another(std::string_view from, std::string_view to) {
    std::string text(document_text);
    text.replace(text.find(from), from.size(), to);
    return pivot::read_text(text).value().front();
}

/// Asked of the document, when the other one came before it where both say the same at the keys.
Outcome ask_after(const pivot::Document& before, const std::string& lines) {
    CheckOptions options;
    options.before = [&](const Rule& rule) {
        const auto keys = keys_of(rule, document());
        return !keys.empty() && keys == keys_of(rule, before) ? &before : nullptr;
    };
    return ask(lines, options).outcome;
}

TEST(History, AsksRightSidesOfWhatCameBefore) {
    const std::string not_older = "  before Declarant/Name\n  check AcceptanceDateTime >= AcceptanceDateTime\n";
    EXPECT_EQ(ask_after(another("T00:30", "T00:29"), not_older), Outcome::holds);
    EXPECT_EQ(ask_after(document(), not_older), Outcome::holds);
    EXPECT_EQ(ask_after(another("T00:30", "T00:31"), not_older), Outcome::broken);
    EXPECT_EQ(ask_after(another("InvoiceAmount 30.10", "InvoiceAmount 31"), "  before Declarant/Name\n  check InvoiceAmount < 31\n"), Outcome::holds) << "left sides are of the document";
}

TEST(History, DecidesNothingWhereNothingCameBefore) {
    const std::string lines = "  check AcceptanceDateTime >= AcceptanceDateTime\n";
    EXPECT_EQ(ask("  before Declarant/Name\n" + lines).outcome, Outcome::undecided);
    EXPECT_EQ(ask_after(another("Name Somebody", "Name Nobody"), "  before Declarant/Name\n" + lines), Outcome::undecided);
    EXPECT_EQ(ask_after(another("DirectionCode I", "DirectionCode E"), "  before Declarant/Name\n  before DirectionCode\n" + lines), Outcome::undecided) << "all keys";
    EXPECT_EQ(ask_after(document(), "  before Declarant/ID\n" + lines), Outcome::undecided) << "it has no such key itself";
    EXPECT_EQ(ask_after(document(), "  before Declarant/Name\n  when DirectionCode = \"E\"\n" + lines), Outcome::not_applicable);
}

TEST(History, KnowsTheOrderOfATable) {
    const auto after = [](const std::string& before, const std::string& order) {
        Diagnostics faults;
        const auto parsed = parse_rules("rules xx\norder steps " + order +
                                            "\nrule xx.1\n  text \"It holds.\"\n  over declaration\n  severity warn\n  source \"a law\"\n  before Declarant/Name\n  check FunctionCode not before FunctionCode by steps\n",
                                        "xx.rules", faults);
        if (!parsed) throw std::runtime_error(faults.errors().front().text());
        const pivot::Document earlier = another("FunctionCode 9", "FunctionCode " + before), now = document();
        const Rule* rule = &parsed->rules.front();
        CheckOptions options;
        options.verdicts = true;
        options.before = [&](const Rule&) { return &earlier; };
        return check(now, {&rule, 1}, options).verdicts.front().outcome;
    };
    EXPECT_EQ(after("4", "\"4\" \"9\""), Outcome::holds);
    EXPECT_EQ(after("4", "\"9\" \"4\""), Outcome::broken);
    EXPECT_EQ(after("4", "\"13 9 4\" \"1\""), Outcome::holds) << "of equal ones";
    EXPECT_EQ(after("9", "\"4\" \"9\""), Outcome::holds);
    EXPECT_EQ(after("13", "\"9\" \"4\""), Outcome::undecided) << "what the order does not have";
}

TEST(Findings, NameThePlaceTheValueAndWhatWasExpected) {
    const Asked found = ask("  each GoodsShipment/GovernmentAgencyGoodsItem\n  check SequenceNumeric <= 2\n");
    ASSERT_EQ(found.checked.findings.size(), 1U);
    const Finding& finding = found.checked.findings.front();
    EXPECT_EQ(finding.path, "GoodsShipment/GovernmentAgencyGoodsItem[2]/SequenceNumeric");
    EXPECT_EQ(finding.value, "3");
    EXPECT_EQ(finding.expected, "2");
    EXPECT_EQ(finding.clause, "SequenceNumeric <= 2");
    EXPECT_EQ(finding.full.back(), "GoodsShipment[1]/GovernmentAgencyGoodsItem[2]/SequenceNumeric[1]");
}

TEST(Findings, NameWhatIsAbsentAndWhatIsComputed) {
    EXPECT_EQ(ask("  check Exporter/Name present\n").checked.findings.front().path, "Exporter/Name");
    EXPECT_EQ(ask("  each GoodsShipment/GovernmentAgencyGoodsItem\n  when SequenceNumeric = 3\n  check Origin/CountryCode present\n").checked.findings.front().path,
              "GoodsShipment/GovernmentAgencyGoodsItem[2]/Origin/CountryCode");
    const Asked sum = ask("  check sum(" + std::string(charges) + ") = 30\n");
    EXPECT_EQ(sum.checked.findings.front().path, "GoodsShipment/GovernmentAgencyGoodsItem[1]/Commodity/InvoiceLine/ItemChargeAmount");
}

TEST(Findings, KeepWhatIsPersonalOutOfErrorTexts) {
    const RuleTable rules = table("  check Declarant/Name = \"Other\"\n  check InvoiceAmount = 31\n");
    const Rule* rule = &rules.rules.front();
    const Checked found = check(document(), {&rule, 1}, {});
    ASSERT_EQ(found.findings.size(), 2U);
    EXPECT_TRUE(found.refused());
    EXPECT_EQ(found.findings[0].error().code, codes::refused);
    EXPECT_EQ(found.findings[0].error().detail, "xx.1: It holds. (Declarant/Name)");
    EXPECT_EQ(found.findings[1].error().detail, "xx.1: It holds. (InvoiceAmount is '30.10', not '31')");
}

TEST(Findings, OfARuleThatWarnsDoNotRefuse) {
    RuleTable rules = table("  check InvoiceAmount = 31\n");
    rules.rules.front().severity = Severity::warn;
    const Rule* rule = &rules.rules.front();
    const Checked found = check(document(), {&rule, 1}, {});
    ASSERT_EQ(found.findings.size(), 1U);
    EXPECT_FALSE(found.refused());
    EXPECT_EQ(found.findings[0].error().code, codes::warned);
}

TEST(Findings, AreBounded) {
    RuleTable rules = table("  each GoodsShipment/GovernmentAgencyGoodsItem\n  check SequenceNumeric > 9\n");
    const Rule* rule = &rules.rules.front();
    EXPECT_EQ(check(document(), {&rule, 1}, {.findings_max = 1}).findings.size(), 1U);
}

TEST(Findings, GetTheSendersOwnElement) {
    std::vector<mapping::SourceLeaf> leaves(2);
    leaves[0].path = "/List/Row[1]/no";
    leaves[0].fed = {"GoodsShipment[1]/GovernmentAgencyGoodsItem[1]/SequenceNumeric[1]"};
    leaves[1].path = "/List/Row[2]/no";
    leaves[1].line = 7;
    leaves[1].fed = {"GoodsShipment[1]/GovernmentAgencyGoodsItem[2]/SequenceNumeric[1]"};
    const RuleTable rules = table("  each GoodsShipment/GovernmentAgencyGoodsItem\n  when SequenceNumeric = 3\n  check SequenceNumeric = 2\n  check Origin/CountryCode present\n");
    const Rule* rule = &rules.rules.front();
    Checked found = check(document(), {&rule, 1}, {});
    ASSERT_EQ(found.findings.size(), 2U);
    place_findings(found.findings, leaves);
    EXPECT_EQ(found.findings[0].source.path, "/List/Row[2]/no");
    EXPECT_EQ(found.findings[0].source.line, 7U);
    EXPECT_EQ(found.findings[1].source.path, "/List/Row[2]/no") << "the row that lacks it";
}

TEST(Rules, OverFormatsAreAskedOfThoseAlone) {
    const RuleTable rules = table("  check InvoiceAmount present\n", "declaration xx.one");
    const Rule* rule = &rules.rules.front();
    EXPECT_EQ(check(document(), {&rule, 1}, {.format = "xx.one", .verdicts = true}).verdicts.front().outcome, Outcome::holds);
    EXPECT_EQ(check(document(), {&rule, 1}, {.format = "xx.two", .verdicts = true}).verdicts.front().outcome, Outcome::not_applicable);
}

TEST(Rules, JudgeADocumentWithoutADateByTheDayGiven) {
    pivot::Document undated = document();
    std::erase_if(undated.root.children, [](const pivot::Node& node) { return node.name == "AcceptanceDateTime"; });
    const RuleTable rules = table("  from 2026-07-01\n  check InvoiceAmount present\n");
    const Rule* rule = &rules.rules.front();
    EXPECT_EQ(check(undated, {&rule, 1}, {.day = "2026-06-30", .verdicts = true}).verdicts.front().outcome, Outcome::not_applicable);
    EXPECT_EQ(check(undated, {&rule, 1}, {.day = "2026-07-01", .verdicts = true}).verdicts.front().outcome, Outcome::holds);
}

}  // namespace
}  // namespace hansa::rules
