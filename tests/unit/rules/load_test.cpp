// Tables of rules that are refused, with their line; check digits by vectors of other hands.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "core/pivot/text.h"
#include "core/rules/book.h"
#include "core/rules/check_digit.h"
#include "core/rules/codes.h"
#include "core/rules/rule.h"

namespace hansa::rules {
namespace {

using testing::HasSubstr;

constexpr std::string_view head = "rules xx\nrule xx.1\n";  // two lines
constexpr std::string_view body = "  text \"It holds.\"\n  over declaration\n  severity warn\n  source \"a law\"\n";  // four

struct Broken {
    std::string text;
    std::string code;
    std::uint32_t line;
    std::string says;
};

class Refused : public testing::TestWithParam<Broken> {};

TEST_P(Refused, WithItsLine) {
    const Broken& wanted = GetParam();
    Diagnostics faults;
    const auto table = parse_rules(wanted.text, "xx.rules", faults);
    ASSERT_FALSE(table) << wanted.text;
    const Error& first = faults.errors().front();
    EXPECT_EQ(first.code.name(), wanted.code) << first.text();
    EXPECT_EQ(first.place.line, wanted.line) << first.text();
    EXPECT_EQ(first.place.file, "xx.rules");
    EXPECT_THAT(first.detail, HasSubstr(wanted.says));
}

std::string with(std::string_view line) {
    return std::string(head) + std::string(body) + std::string(line) + "\n";
}

std::string dated(std::string_view first, std::string_view second) {
    const std::string row = "rule xx.1\n" + std::string(body) + "  check InvoiceAmount present\n";
    return "rules xx\n" + row + std::string(first) + row + std::string(second);
}

INSTANTIATE_TEST_SUITE_P(
    Tables, Refused,
    testing::Values(
        Broken{with("  check InvoiceAmuont present"), "rules.path-unknown", 7, "InvoiceAmount"},
        Broken{with("  check Exporter/@currencyID present"), "rules.path-unknown", 7, "@currencyID"},
        Broken{with("  check AdditionalDocument[TypCode=861]/ID present"), "rules.path-unknown", 7, "TypeCode"},
        Broken{with("  check AdditionalDocument[@x=861]/ID present"), "rules.path-unknown", 7, "@x"},
        Broken{with("  each GoodsShipment/Goods\n  check SequenceNumeric = 1"), "rules.path-unknown", 7, "GoodsShipment has no 'Goods'"},
        Broken{with("  date Exporter/Birthday\n  check FunctionCode present"), "rules.path-unknown", 7, "Birthday"},
        Broken{with("  check GoodsShipment/GovernmentAgencyGoodsItem/SequenceNumeric + 1 = 2"), "rules.many-values", 7, "several values"},
        Broken{with("  check InvoiceAmount > GoodsShipment/GovernmentAgencyGoodsItem/CustomsValueAmount"), "rules.many-values", 7, "several values"},
        Broken{with("  check FunctionCode in modes"), "rules.list-unknown", 7, "modes"},
        Broken{with("  check FunctionCode present\n  severity stop"), "rules.severity-unknown", 8, "stop"},
        Broken{"rules xx\nrule xx.1\n  text \"x\"\n  over declaration\n  source \"law\"\n  check FunctionCode present\n", "rules.severity-unknown", 2, "no `severity`"},
        Broken{"rules xx\nrule xx.1\n  text \"x\"\n  over declaration\n  severity warn\n  check FunctionCode present\n", "rules.source-missing", 2, "xx.1"},
        Broken{with("  check FunctionCode present\n  from 2026-02-30"), "rules.bad-date", 8, "2026-02-30"},
        Broken{with("  check FunctionCode present\n  from 1.7.2026"), "rules.bad-date", 8, "1.7.2026"},
        Broken{with("  check FunctionCode present\n  from 2026-07-01\n  to 2026-06-30"), "rules.bad-date", 2, "2026-06-30"},
        Broken{dated("  to 2026-06-30\n", "  from 2026-06-30\n"), "rules.dates-overlap", 9, "line 2"},
        Broken{dated("", "  from 2026-06-30\n"), "rules.dates-overlap", 8, "line 2"},
        Broken{with("  check IssueDateTime > InvoiceAmount"), "rules.syntax", 7, "cannot be compared"},
        Broken{with("  check FunctionCode < \"9\""), "rules.syntax", 7, "cannot be compared"},
        Broken{with("  check IssueDateTime < \"yesterday\""), "rules.syntax", 7, "cannot be compared"},
        Broken{with("  check InvoiceAmount - 3 months > 1"), "rules.syntax", 7, "months"},
        Broken{with("  check sum(FunctionCode) > 1"), "rules.syntax", 7, "takes numbers"},
        Broken{with("  check count(1) > 1"), "rules.syntax", 7, "takes one place"},
        Broken{with("  check name(country, FunctionCode) = \"x\""), "rules.syntax", 7, "do not ask code lists"},
        Broken{with("  check sun(InvoiceAmount) > 1"), "rules.syntax", 7, "sum"},
        Broken{with("  check FunctionCode matches [0-9]"), "rules.syntax", 7, "between slashes"},
        Broken{with("  check FunctionCode check-digit s11"), "rules.syntax", 7, "s10"},
        Broken{with("  check FunctionCode numbered"), "rules.syntax", 7, "numbers"},
        Broken{with("  check FunctionCode present and"), "rules.syntax", 7, "`or`"},
        Broken{with("  check FunctionCode"), "rules.syntax", 7, "expected present"},
        Broken{with("  check Declarant/ID[@schemeID in firms] present"), "rules.syntax", 7, "between brackets"},
        Broken{with("  chek FunctionCode present\n  check FunctionCode present"), "rules.syntax", 7, "check"},
        Broken{with("  check FunctionCode present\n    more"), "rules.syntax", 8, "inside of this line"},
        Broken{with("  each FunctionCode\n  check FunctionCode present"), "rules.syntax", 7, "names a class"},
        Broken{std::string(head) + std::string(body), "rules.syntax", 2, "no `check`"},
        Broken{"rules xx\nrule xx.1\n  over declaratoin\n", "rules.syntax", 3, "declaratoin"},
        Broken{"rules xx\nrule xx.1\n  text \"x\"\n", "rules.syntax", 2, "no `over`"},
        Broken{"rules xx\nrule\n", "rules.syntax", 2, "one id"},
        Broken{"rules xx\nelsewhere xx.1 \"x\"\n", "rules.syntax", 2, "elsewhere ID"},
        Broken{"rules xx\nelsewhere xx.1 \"x\" \"y\" \"z\"\n", "rules.syntax", 2, "two examples"},
        Broken{"rules xx\norder states \"1\"\n", "rules.syntax", 2, "from the first to the last"},
        Broken{"rules xx\norder states \"1\" \"2 1\"\n", "rules.syntax", 2, "'1' stands in the order twice"},
        Broken{with("  check FunctionCode not before FunctionCode"), "rules.list-unknown", 7, "`by`"},
        Broken{with("  check FunctionCode not before FunctionCode by states"), "rules.list-unknown", 7, "states"},
        Broken{with("  check FunctionCode not before AdditionalDocument/TypeCode by states"), "rules.many-values", 7, "several values"},
        Broken{with("  before Nothing\n  check FunctionCode present"), "rules.path-unknown", 7, "Nothing"},
        Broken{with("  each AdditionalDocument\n  before ID\n  check ID present"), "rules.syntax", 2, "no `each` beside `before`"},
        Broken{"rules xx\nlist modes\n", "rules.syntax", 2, "its codes"},
        Broken{"rules xx\nrow xx.1\n", "rules.syntax", 2, "found 'row'"},
        Broken{"title \"x\"\n", "rules.syntax", 1, "names its set"},
        Broken{"rules xx\n\trule xx.1\n", "mapping.syntax", 2, ""}));

TEST(Tables, NameEveryFaultAtOnce) {
    Diagnostics faults;
    EXPECT_FALSE(parse_rules(with("  check Nothing present\n  check Nobody present\n  from then"), "xx.rules", faults));
    EXPECT_EQ(faults.count(), 4U) << "two places, a date, and no check left";
}

TEST(Tables, TakeDatesThatFollowEachOther) {
    Diagnostics faults;
    const auto table = parse_rules(dated("  to 2026-06-30\n", "  from 2026-07-01\n"), "xx.rules", faults);
    ASSERT_TRUE(table) << faults.errors().front().text();
    EXPECT_EQ(table->rules.size(), 2U);
    EXPECT_EQ(table->rules[0].days.text(), "until 2026-06-30");
    EXPECT_EQ(table->rules[1].days.text(), "from 2026-07-01");
}

TEST(Books, KnowTheirSets) {
    Diagnostics faults;
    const RuleBook book({parse_rules(with("  check FunctionCode present"), "xx.rules", faults).value()});
    EXPECT_EQ(book.rules_of(std::vector<std::string>{"xx"}).value().size(), 1U);
    EXPECT_EQ(book.all().size(), 1U);
    const auto unknown = book.rules_of(std::vector<std::string>{"xxx"});
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().code, codes::set_unknown);
    EXPECT_THAT(unknown.error().detail, HasSubstr("'xx'"));
}

class ExampleFolder : public testing::Test {
protected:
    void SetUp() override {
        folder_ = std::filesystem::path(testing::TempDir()) / ("rules-" + std::to_string(::getpid()));
        std::filesystem::remove_all(folder_);
        std::filesystem::create_directories(folder_ / "rules/examples");
        write("xx.rules", with("  check InvoiceAmount > 1"));
        example("xx.1.accepted", "2");
        example("xx.1.warned", "1");
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }
    void write(const std::string& name, const std::string& text) { std::ofstream(folder_ / "rules" / name) << text; }
    void example(const std::string& name, const std::string& amount) {
        write("examples/" + name + ".pivot", "document declaration\nFunctionCode 9\nInvoiceAmount " + amount + "\n");
    }
    std::string fault() const {
        const ExampleResult result = run_examples(folder_);
        return result.faults.empty() ? "" : result.faults.front().text();
    }
    std::filesystem::path folder_;
};

TEST_F(ExampleFolder, PassesWhenBothGiveWhatTheirNamesSay) {
    EXPECT_EQ(fault(), "");
    EXPECT_EQ(run_examples(folder_).passed, 2U);
}

TEST_F(ExampleFolder, FailsWhenOneGivesSomethingElse) {
    example("xx.1.warned", "2");
    EXPECT_THAT(fault(), HasSubstr("rules.example: rule xx.1 is not broken"));
    example("xx.1.warned", "1");
    example("xx.1.accepted", "1");
    EXPECT_THAT(fault(), HasSubstr("rule xx.1 is not asked, or does not hold"));
    write("examples/xx.1.accepted.pivot", "document declaration\nFunctionCode 9\n");
    EXPECT_THAT(fault(), HasSubstr("rule xx.1 is not asked")) << "an example that decides nothing shows nothing";
}

TEST_F(ExampleFolder, FailsWhenOneIsMissingBrokenOrOfNoRule) {
    std::filesystem::remove(folder_ / "rules/examples/xx.1.warned.pivot");
    EXPECT_THAT(fault(), HasSubstr("rule xx.1 has no example that is warned"));
    example("xx.1.warned", "1");
    example("xx.2.accepted", "1");
    EXPECT_THAT(fault(), HasSubstr("no rule of this plugin has this example"));
    std::filesystem::remove(folder_ / "rules/examples/xx.2.accepted.pivot");
    write("examples/xx.1.accepted.pivot", "document declaration\nInvoiceAmount 2\n");
    EXPECT_THAT(fault(), HasSubstr("pivot.missing")) << "an example is a document that the pivot takes";
    write("examples/xx.1.accepted.pivot", "document declaration\nInvoiceAmuont 2\n");
    EXPECT_THAT(fault(), HasSubstr("pivot.unknown-field"));
}

TEST_F(ExampleFolder, FailsWhenAnotherRuleRefusesIt) {
    std::string second = with("  check InvoiceAmount > 1") + "rule xx.2\n  text \"x\"\n  over declaration\n  severity refuse\n  source \"law\"\n  check InvoiceAmount = 7\n";
    write("xx.rules", second);
    example("xx.2.accepted", "7");
    example("xx.2.refused", "8");
    EXPECT_THAT(fault(), HasSubstr("rule xx.2 refuses it, too"));
}

// Citizens' numbers: the example of GB 11643 itself. S10: tests of the npm package s10 and the wiki of bwipp. ISO 6346: the
// standard's own CSQU3054383. GS1: General Specifications, 4006381333931 and 96385074. Keys: a published
// sample of an NF-e.
TEST(CheckDigits, HoldForPublishedNumbers) {
    const std::vector<std::pair<std::string, std::vector<std::string>>> good{
        {"gb11643", {"11010519491231002X", "440524188001010014"}},
        {"iso7064-11-2", {"07940", "079X"}},
        {"s10", {"EB000717595HK", "EB000717618HK", "EE471108151FR"}},
        {"iso6346", {"CSQU3054383"}},
        {"gs1", {"4006381333931", "96385074"}},
        {"key44", {"42210775277525000178550030000266631762885493"}}};
    for (const auto& [scheme, numbers] : good) {
        for (const std::string& number : numbers) {
            EXPECT_TRUE(check_digit(scheme)->holds(number)) << scheme << ' ' << number;
            std::string other = number;
            const std::size_t at = scheme == "s10" ? 10 : other.size() - 1;
            other[at] = other[at] == '7' ? '8' : '7';
            EXPECT_FALSE(check_digit(scheme)->holds(other)) << scheme << ' ' << other;
        }
    }
}

TEST(CheckDigits, RefuseOtherShapes) {
    for (const CheckDigit& scheme : check_digits()) {
        for (const std::string_view text : {"", "X", "EB000717595", "abc", "11010519491331002X", "JA000717595HK", "CSQU305438"})
            EXPECT_FALSE(scheme.holds(text)) << scheme.name << ' ' << text;
    }
    EXPECT_FALSE(check_digit("gb11643")->holds("110105194913310026")) << "month 13";
    EXPECT_EQ(check_digit("luhn"), nullptr);
}

}  // namespace
}  // namespace hansa::rules
