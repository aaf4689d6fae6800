// Tables of taxes: what is refused with its line, and what a document is judged by.
#include "core/rules/tax.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/pivot/text.h"

namespace hansa::rules {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using State = TaxLine::State;

constexpr std::string_view items = "GoodsShipment/GovernmentAgencyGoodsItem/Commodity/InvoiceLine/ItemChargeAmount";

std::string tax(std::string_view lines) {
    return "taxes xx\ntax xx.duty\n  over declaration\n  source \"a law\"\n" + std::string(lines);
}

struct Broken {
    std::string text, code;
    std::uint32_t line;
    std::string says;
};

class RefusedTaxes : public testing::TestWithParam<Broken> {};

TEST_P(RefusedTaxes, WithItsLine) {
    Diagnostics faults;
    const Broken& wanted = GetParam();
    ASSERT_FALSE(parse_taxes(wanted.text, "xx.taxes", faults)) << wanted.text;
    const Error& first = faults.errors().front();
    EXPECT_EQ(first.code.name(), wanted.code) << first.text();
    EXPECT_EQ(first.place.line, wanted.line) << first.text();
    EXPECT_THAT(first.detail, HasSubstr(wanted.says));
}

INSTANTIATE_TEST_SUITE_P(
    Tables, RefusedTaxes,
    testing::Values(
        Broken{"taxes xx\nrate xx.vat\n  value 20\n", "rules.source-missing", 2, "xx.vat"},
        Broken{"taxes xx\nrate xx.vat\n  source \"law\"\n", "rules.syntax", 2, "no `value`"},
        Broken{"taxes xx\nrate xx.vat\n  source \"law\"\n  value twenty\n", "rules.syntax", 4, "takes a number"},
        Broken{"taxes xx\nrate xx.vat\n  source \"law\"\n  value 20\n  from 2026-13-01\n", "rules.bad-date", 5, "2026-13-01"},
        Broken{"taxes xx\nrate xx.vat\n  source \"law\"\n  value 20\n  to 2026-01-31\nrate xx.vat\n  source \"law\"\n  value 22\n  from 2026-01-31\n", "rules.dates-overlap", 6, "line 2"},
        Broken{"taxes xx\nrate xx.vat\n  source \"law\"\n  value 20\n  begin \"49\"\n", "rules.syntax", 5, "begins"},
        Broken{tax("  rate 5\n  in EUR\n"), "rules.syntax", 2, "no `base`"},
        Broken{tax("  base InvoiceAmount\n  in EUR\n"), "rules.syntax", 2, "neither `rate` nor `amount`"},
        Broken{tax("  base InvoiceAmount\n  rate 5\n"), "rules.syntax", 2, "no currency"},
        Broken{tax("  base InvoiceAmount\n  rate 5\n  in euro\n"), "rules.syntax", 7, "currency"},
        Broken{tax("  base InvoiceAmount\n  rate the(xx.vat)\n  in EUR\n"), "rules.syntax", 6, "no row above is called 'xx.vat'"},
        Broken{tax("  base FunctionCode\n  rate 5\n  in EUR\n"), "rules.syntax", 5, "is a number"},
        Broken{tax("  base InvoiceAmuont\n  rate 5\n  in EUR\n"), "rules.path-unknown", 5, "InvoiceAmount"},
        Broken{tax("  base in(EURO, InvoiceAmount)\n  rate 5\n  in EUR\n"), "rules.syntax", 5, "no currency"},
        Broken{tax("  base in(EUR, FunctionCode)\n  rate 5\n  in EUR\n"), "rules.syntax", 5, "takes amounts"},
        Broken{tax("  base in(EUR)\n  rate 5\n  in EUR\n"), "rules.syntax", 5, "currency and amounts"},
        Broken{tax("  base InvoiceAmount\n  rate 5\n  in EUR\n  round 2 nicely\n"), "rules.syntax", 8, "half-up"},
        Broken{tax("  base InvoiceAmount\n  rate 5\n  in EUR\n  round two half-up\n"), "rules.syntax", 8, "half-up"},
        Broken{"taxes xx\nlimit xx.l\n  over declaration\n  source \"law\"\n  base InvoiceAmount\n", "rules.syntax", 2, "no `most`"},
        Broken{"taxes xx\nlimit xx.l\n  over declaration\n  source \"law\"\n  base InvoiceAmount\n  most 200 euro\n", "rules.syntax", 6, "currency"},
        Broken{"taxes xx\nlimit xx.l\n  over declaration\n  base InvoiceAmount\n  most 200 EUR\n", "rules.source-missing", 2, "xx.l"},
        Broken{"taxes xx\ntax xx.l\n  source \"law\"\n", "rules.syntax", 2, "no `over`"},
        Broken{"taxes xx\ngiven xx.l\n", "rules.syntax", 2, "given NAME"},
        Broken{"taxes xx\nduty xx.l\n", "rules.syntax", 2, "found 'duty'"},
        Broken{"title \"x\"\n", "rules.syntax", 1, "names its set"}));

pivot::Document document(std::string_view lines) {
    const auto read = pivot::read_text("document declaration\nFunctionCode 9\n" + std::string(lines));
    EXPECT_TRUE(read) << read.error().text();
    return read.value().front();
}

TaxTable table(const std::string& text) {
    Diagnostics faults;
    auto parsed = parse_taxes(text, "xx.taxes", faults);
    EXPECT_TRUE(parsed) << (faults.empty() ? "" : faults.errors().front().text());
    return parsed.value();
}

std::string amounts(const std::vector<TaxLine>& lines) {
    std::string out;
    for (const TaxLine& line : lines) out += line.row->id + "=" + (line.state == State::unknown ? "?" : line.amount.text()) + " ";
    return out;
}

TEST(Taxes, AreRoundedAsTheRowSays) {
    const pivot::Document bill = document("InvoiceAmount 10.25\nInvoiceAmount/@currencyID EUR\n");
    for (const auto& [rounding, wanted] : std::vector<std::pair<std::string, std::string>>{{"1 half-up", "0.5"}, {"1 down", "0.5"}, {"1 up", "0.6"}, {"2 half-up", "0.51"}, {"0 half-even", "1"}}) {
        const TaxTable taxes = table(tax("  base InvoiceAmount\n  rate 5\n  in EUR\n  round " + rounding + "\n"));
        EXPECT_EQ(amounts(compute(bill, taxes, {})), "xx.duty=" + wanted + " ") << rounding;
    }
}

TEST(Taxes, JudgeADocumentByItsOwnDay) {
    const std::string row = "  over declaration\n  source \"law\"\n  base InvoiceAmount\n  in EUR\n";
    const TaxTable taxes = table("taxes xx\ntax xx.duty\n" + row + "  rate 15\n  to 2026-06-30\ntax xx.duty\n" + row + "  rate 5\n  from 2026-07-01\n");
    const std::string amount = "InvoiceAmount 100\nInvoiceAmount/@currencyID EUR\n";
    EXPECT_EQ(amounts(compute(document("AcceptanceDateTime 2026-06-30\n" + amount), taxes, {})), "xx.duty=15.00 ");
    EXPECT_EQ(amounts(compute(document("AcceptanceDateTime 2026-07-01\n" + amount), taxes, {})), "xx.duty=5.00 ");
    EXPECT_EQ(amounts(compute(document(amount), taxes, {.day = "2026-06-30"})), "xx.duty=15.00 ") << "a document without a date";
}

TEST(Taxes, ChooseTheFigureOfTheLongestBeginning) {
    const TaxTable taxes = table("taxes xx\nrate xx.vat\n  value 20\n  source \"law\"\nrate xx.vat\n  value 9\n  source \"law\"\n  begins \"49\"\nrate xx.vat\n  value 0\n  source \"law\"\n  begins \"4901\" \"4903\"\n"
                                 "tax xx.tax\n  over declaration\n  source \"law\"\n  each GoodsShipment/GovernmentAgencyGoodsItem\n  base in(EUR, Commodity/InvoiceLine/ItemChargeAmount)\n  rate the(xx.vat)\n  in EUR\n");
    std::string goods;
    for (const auto& [number, code] : std::vector<std::pair<int, std::string>>{{1, "610910"}, {2, "490210"}, {3, "490300"}}) {
        const std::string item = "GoodsShipment/GovernmentAgencyGoodsItem[" + std::to_string(number) + "]/";
        goods += item + "SequenceNumeric " + std::to_string(number) + "\n" + item + "Commodity/Classification[1]/ID " + code + "\n" + item + "Commodity/Classification[1]/IdentificationTypeCode HS\n" + item + "Commodity/InvoiceLine/ItemChargeAmount 100\n" + item + "Commodity/InvoiceLine/ItemChargeAmount/@currencyID EUR\n";
    }
    const auto lines = compute(document(goods), taxes, {});
    EXPECT_EQ(amounts(lines), "xx.tax=20.00 xx.tax=9.00 xx.tax=0.00 ");
    ASSERT_EQ(lines[1].rates.size(), 1U);
    EXPECT_THAT(lines[1].rates[0]->begins, ElementsAre("49"));
    EXPECT_EQ(lines[2].path, "GoodsShipment/GovernmentAgencyGoodsItem[3]");
    TaxOptions said;
    said.named["xx.vat"] = Decimal::from_integer(7);
    const auto by_caller = compute(document(goods), taxes, said);
    EXPECT_EQ(amounts(by_caller), "xx.tax=7.00 xx.tax=7.00 xx.tax=7.00 ");
    EXPECT_THAT(by_caller[0].said, ElementsAre("xx.vat"));
    EXPECT_TRUE(by_caller[0].rates.empty());
}

TEST(Taxes, NameWhatTheyCannotKnow) {
    const std::string sum = "in(EUR, " + std::string(items) + ")";
    const TaxTable taxes = table("taxes xx\nlimit xx.limit\n  over declaration\n  source \"law\"\n  base " + sum + "\n  most 100 EUR\ntax xx.duty\n  over declaration\n  source \"law\"\n  when the(xx.limit) > 0\n  base " + sum + "\n  rate 5\n  in EUR\n");
    const std::string item = "GoodsShipment/GovernmentAgencyGoodsItem[1]/";
    const pivot::Document dollars = document(item + "SequenceNumeric 1\n" + item + "Commodity/InvoiceLine/ItemChargeAmount 200\n" + item + "Commodity/InvoiceLine/ItemChargeAmount/@currencyID USD\n");
    const auto unknown = compute(dollars, taxes, {});
    EXPECT_EQ(amounts(unknown), "xx.limit=? xx.duty=? ");
    EXPECT_THAT(unknown[0].missing, ElementsAre("USD/EUR"));
    EXPECT_THAT(unknown[1].missing, ElementsAre("xx.limit"));
    TaxOptions known;
    known.exchange["USD/EUR"] = Decimal::parse("0.9").value();
    const auto lines = compute(dollars, taxes, known);
    EXPECT_EQ(amounts(lines), "xx.limit=80.0 xx.duty=9.00 ");
    EXPECT_EQ(lines[0].state, State::exceeded);
    known.exchange["USD/EUR"] = Decimal::parse("0.5").value();
    EXPECT_EQ(compute(dollars, taxes, known)[0].state, State::within);
    EXPECT_EQ(compute(dollars, taxes, known).size(), 1U) << "no duty within the limit";
    EXPECT_TRUE(compute(document(""), taxes, known).empty()) << "nothing to tax, and nothing to say";
}

TEST(Taxes, AskTheCallerForWhatOnlyTheCallerKnows) {
    const TaxTable taxes = table("taxes xx\ngiven xx.before \"euro bought before\"\nlimit xx.year\n  over declaration\n  source \"law\"\n  base the(xx.before) + InvoiceAmount\n  most 1000 EUR\n");
    const pivot::Document bill = document("InvoiceAmount 100\nInvoiceAmount/@currencyID EUR\n");
    EXPECT_THAT(compute(bill, taxes, {}).at(0).missing, ElementsAre("xx.before"));
    TaxOptions known;
    known.named["xx.before"] = Decimal::from_integer(900);
    EXPECT_EQ(compute(bill, taxes, known).at(0).state, State::within);
    known.named["xx.before"] = Decimal::from_integer(901);
    EXPECT_EQ(amounts(compute(bill, taxes, known)), "xx.year=1 ");
}

TEST(Taxes, UseWhatEarlierRowsGave) {
    const TaxTable taxes = table(tax("  base InvoiceAmount\n  rate 20\n  in USD\n") +
                                 "tax xx.never\n  over declaration\n  source \"law\"\n  when InvoiceAmount > 1000\n  base InvoiceAmount\n  rate 50\n  in USD\n"
                                 "tax xx.vat\n  over declaration\n  source \"law\"\n  base InvoiceAmount + the(xx.duty) + the(xx.never)\n  amount the(base) * 17 / 83\n  in USD\n");
    EXPECT_EQ(amounts(compute(document("InvoiceAmount 50\nInvoiceAmount/@currencyID USD\n"), taxes, {})), "xx.duty=10.00 xx.vat=12.29 ");
}

}  // namespace
}  // namespace hansa::rules
