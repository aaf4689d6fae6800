// Code lists: what they read, both ways, and each fault of theirs.
#include "core/mapping/code_list.h"

#include <gtest/gtest.h>

#include <random>

#include "core/mapping/codes.h"
#include "core/mapping/conversion_pattern.h"

namespace hansa::mapping {
namespace {

CodeList list_of(std::string_view text, const std::string& id = "cn.unit") {
    Diagnostics faults;
    auto list = CodeList::parse(text, id + ".codes", id, faults);
    EXPECT_TRUE(list) << (list ? "" : list.error().text());
    return *list;
}

/// "code line:column" of the first fault.
std::string fault_of(std::string_view text) {
    Diagnostics faults;
    const auto list = CodeList::parse(text, "a.codes", "a.list", faults);
    if (list) return "none";
    EXPECT_FALSE(faults.empty());
    EXPECT_EQ(faults.errors()[0].place.file, "a.codes");
    return std::string(list.error().code.name()) + " " + std::to_string(list.error().place.line) + ":" +
           std::to_string(list.error().place.column);
}

std::string national_of(const CodeList& list, std::vector<PivotValue> values, std::string_view date = {}) {
    const auto national = list.to_national(values, date);
    return national ? *national : std::string(national.error().code.name());
}

std::string standard_of(const CodeList& list, std::string_view national, std::string_view date = {}) {
    const auto values = list.to_standard(national, date);
    if (!values) return std::string(values.error().code.name());
    std::string out;
    for (const PivotValue& value : *values)
        out += (out.empty() ? "" : " ") + (value.list.empty() ? "" : value.list + ":") + value.text;
    return out;
}

TEST(CodeListTest, TakesSeveralNationalCodesForOne) {
    const CodeList units = list_of(
        "columns national standard note\n"
        "# comment\n"
        "\"*\"  own\n"
        "007  H87!  \"piece (ge)\"   # the usual one\n"
        "011  H87   \"piece (jian)\"\n"
        "035  KGM\n"
        "120  own   box\n");
    EXPECT_EQ(standard_of(units, "011"), "H87");
    EXPECT_EQ(standard_of(units, "007"), "H87");
    EXPECT_EQ(national_of(units, {{"H87"}}), "007");
    EXPECT_EQ(standard_of(units, "120"), "cn.unit:120");
    EXPECT_EQ(national_of(units, {{"120", "cn.unit"}}), "120");
    EXPECT_EQ(standard_of(units, "999"), "cn.unit:999");
    EXPECT_EQ(national_of(units, {{"999", "cn.unit"}}), "999");
    EXPECT_EQ(national_of(units, {{"XYZ"}}), "mapping.code-unknown");
    EXPECT_EQ(national_of(units, {{"120", "in.unit"}}), "mapping.code-foreign");
    EXPECT_EQ(national_of(units, {{"035", "cn.unit"}}),
              "mapping.code-unknown");  // 035 is the kilogram, not China's own
    EXPECT_EQ(national_of(units, {}), "mapping.code-unknown");
    EXPECT_EQ(units.nationals().size(), 4U);
    EXPECT_TRUE(units.open());
}

TEST(CodeListTest, OthersAreTheStandardsOwn) {
    const CodeList terms =
        list_of("list 2014\n\"*\" same # comment\nCFR CFR!\nC&F CFR\nTR TR \"ԹՈՒՐՔԻԱ\"\n", "x.terms");
    EXPECT_EQ(terms.published_id(), "2014");
    EXPECT_EQ(terms.id(), "x.terms");
    EXPECT_EQ(standard_of(terms, "DAP"), "DAP");
    EXPECT_EQ(national_of(terms, {{"DAP"}}), "DAP");
    EXPECT_EQ(national_of(terms, {{"CFR"}}), "CFR");
    EXPECT_EQ(national_of(terms, {{"C&F"}}), "mapping.code-unknown");  // it would read back as CFR
    EXPECT_EQ(terms.name("TR"), "ԹՈՒՐՔԻԱ");
    EXPECT_EQ(terms.name("DAP"), "");
}

TEST(CodeListTest, SeveralStandardColumns) {
    const CodeList status = list_of(
        "columns national function status name-en name-zh note\n"
        "1    02   own  \"stored\"\n"
        "3    02!  own  \"sent\" \"X\"\n"
        "100  03!  own\n"
        "4    03   own\n"
        "/-[0-9]+/  03  own\n"
        "700  10   -\n",
        "cn.return-status");
    EXPECT_EQ(status.standard_columns(), (std::vector<std::string>{"function", "status"}));
    EXPECT_EQ(standard_of(status, "1"), "02 cn.return-status:1");
    EXPECT_EQ(standard_of(status, "-17"), "03 cn.return-status:-17");
    EXPECT_EQ(standard_of(status, "700"), "10");
    EXPECT_EQ(national_of(status, {{"02", "", 0}, {"1", "cn.return-status", 1}}), "1");
    EXPECT_EQ(national_of(status, {{"03", "", 0}, {"-17", "cn.return-status", 1}}), "-17");
    EXPECT_EQ(national_of(status, {{"02", "", 0}}), "3");
    std::vector<std::size_t> passed_over;
    const std::vector<PivotValue> foreign{{"03", "", 0}, {"X9", "eu.state", 1}};
    EXPECT_EQ(status.to_national(foreign, {}, &passed_over).value(), "100");
    EXPECT_EQ(passed_over, std::vector<std::size_t>{1});
    EXPECT_EQ(national_of(status, {{"99", "", 0}}), "mapping.code-unknown");
    EXPECT_EQ(national_of(status, {{"99", "", 7}}), "mapping.code-unknown");
    EXPECT_EQ(status.name("3", "zh"), "X");
    EXPECT_EQ(status.name("3"), "sent");
    EXPECT_EQ(status.name("3", "hy"), "");
}

TEST(CodeListTest, RowsHoldInTheirTime) {
    const CodeList list = list_of(
        "columns national standard valid-from valid-to\n"
        "A  X1  \"\"        2024-12-31\n"
        "A  X2  2025-01-01  -\n"
        "B  X3  2025-01-01\n");
    EXPECT_EQ(standard_of(list, "A", "2024-12-31"), "X1");
    EXPECT_EQ(standard_of(list, "A", "2025-01-01"), "X2");
    EXPECT_EQ(standard_of(list, "B", "2024-01-01"), "mapping.code-expired");
    EXPECT_EQ(national_of(list, {{"X3"}}, "2024-01-01"), "mapping.code-expired");
    EXPECT_EQ(national_of(list, {{"X1"}}, "2024-06-01"), "A");
    EXPECT_EQ(standard_of(list, "B"), "X3");
}

TEST(CodeListTest, RefusesLookAlikeLetters) {
    const CodeList kinds = list_of("ИМ IM # import\nЭК EX\nОО 100\n", "eaeu.decl-kind");
    EXPECT_EQ(standard_of(kinds, "ИМ"), "IM");
    const auto mixed = kinds.to_standard("ИM");  // a Latin M
    ASSERT_FALSE(mixed);
    EXPECT_EQ(mixed.error().code, codes::code_unknown);
    EXPECT_EQ(mixed.error().detail,
              "'ИM' (U+0418 U+004D) is not in eaeu.decl-kind; 'ИМ' (U+0418 U+041C) looks like it");
    EXPECT_NE(kinds.to_standard("OO").error().detail.find("(U+004F U+004F)"), std::string::npos);
    EXPECT_EQ(kinds.to_standard("7X").error().detail, "'7X' is not in eaeu.decl-kind");
    const CodeList open = list_of("\"*\" same\nОО 100\n");
    EXPECT_EQ(standard_of(open, "OO"), "mapping.code-unknown");
    EXPECT_EQ(national_of(open, {{"OO"}}), "mapping.code-unknown");
    EXPECT_EQ(show_code("a\n\xff"), "'a?\?' (U+0061 U+000A byte FF)");
    EXPECT_EQ(show_code(std::string(100, 'a')).size(), 45U);
}

TEST(CodeListTest, TellsSchemesByShape) {
    const CodeList firms = list_of(
        "columns pattern scheme note\n"
        "/[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}/  TIN  \"unified social credit code\"\n"
        "/[0-9A-Z]{10}/  cn:CUSTOMS\n"
        "/.+/  cn:OTHER\n",
        "cn.firm-id");
    EXPECT_EQ(firms.scheme_of("91440101MA5AKT4E7G").value(), "TIN");
    EXPECT_EQ(firms.scheme_of("4401986ABC").value(), "cn:CUSTOMS");
    EXPECT_EQ(firms.scheme_of("ass201603081155").value(), "cn:OTHER");
    EXPECT_EQ(firms.scheme_of("").error().code, codes::scheme_unknown);
    EXPECT_EQ(firms.schemes(), (std::vector<std::string>{"TIN", "cn:CUSTOMS", "cn:OTHER"}));
    EXPECT_TRUE(firms.scheme_fits("cn:CUSTOMS", "4401986ABC"));
    EXPECT_FALSE(firms.scheme_fits("TIN", "GB123456789000"));
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        for (const std::string& scheme : firms.schemes())
            EXPECT_EQ(firms.scheme_of(firms.draw_number(scheme, seed)).value(), scheme);
    }
}

TEST(CodeListTest, ShortListsStandInATable) {
    Diagnostics faults;
    const Place where{.file = "a.map", .line = 7, .column = 20};
    const CodeList direction =
        CodeList::parse_short("IM? I, EX? E, 9 \"9\"", where, "wco.dec-direction", faults).value();
    EXPECT_EQ(standard_of(direction, "IMA"), "I");
    EXPECT_EQ(standard_of(direction, "IM"), "mapping.code-unknown");
    EXPECT_EQ(standard_of(direction, "9"), "9");
    EXPECT_EQ(national_of(direction, {{"I"}}), "mapping.code-unknown");  // no one code stands for it
    EXPECT_EQ(national_of(direction, {{"9"}}), "9");
    const auto wrong = CodeList::parse_short("I I, E", where, "a", faults);
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().text().substr(0, 34), "a.map:7:25: mapping.list-syntax: e");
    EXPECT_FALSE(CodeList::parse_short(", I I", where, "a", faults));
    EXPECT_FALSE(CodeList::parse_short("", where, "a", faults));
    EXPECT_FALSE(CodeList::parse_short("I \"x", where, "a", faults));
}

TEST(CodeListTest, SaysWhereAFaultIs) {
    EXPECT_EQ(fault_of("A\n"), "mapping.list-syntax 1:1");
    EXPECT_EQ(fault_of("A B\n  C \"open\n"), "mapping.list-syntax 2:5");
    EXPECT_EQ(fault_of("A B name note more\n"), "mapping.list-syntax 1:15");
    EXPECT_EQ(fault_of("A B\ncolumns national standard\n"), "mapping.list-syntax 2:1");
    EXPECT_EQ(fault_of("columns standard national\n"), "mapping.list-syntax 1:1");
    EXPECT_EQ(fault_of("columns national x x\n"), "mapping.list-syntax 1:20");
    EXPECT_EQ(fault_of("columns pattern scheme\nABC TIN\n"), "mapping.list-syntax 2:1");
    EXPECT_EQ(fault_of("/[9-0]/ X\n"), "mapping.list-syntax 1:1");
    EXPECT_EQ(fault_of("columns national standard valid-from\nA B 2026-13-01\n"), "mapping.list-syntax 2:5");
    EXPECT_EQ(fault_of("\"*\" X\n"), "mapping.list-syntax 1:5");
    EXPECT_EQ(fault_of("\"*\" own\n\"*\" same\n"), "mapping.list-syntax 2:1");
    EXPECT_EQ(fault_of("* own\n"), "mapping.list-syntax 1:1");
    EXPECT_EQ(fault_of("\"\" X\n"), "mapping.list-syntax 1:1");
    EXPECT_EQ(fault_of("A \"B\"C\n"), "mapping.list-syntax 1:6");
    EXPECT_EQ(fault_of("A X\nB X\n"), "mapping.list-ambiguous 1:1");
    EXPECT_EQ(fault_of("A X!\nB X!\n"), "mapping.list-ambiguous 1:1");
    EXPECT_EQ(fault_of("A X\nA Y\n"), "mapping.list-ambiguous 2:1");
    EXPECT_EQ(fault_of("\xEF\xBB\xBF"
                       "A X\r\n\r\nB Y\r\n"),
              "none");
    CodeListLimits few;
    few.rows_max = 1;
    Diagnostics faults;
    EXPECT_FALSE(CodeList::parse("A X\nB Y\n", "a.codes", "a.b", faults, few));
    few = {};
    few.line_bytes_max = 3;
    EXPECT_FALSE(CodeList::parse("A  X\n", "a.codes", "a.b", faults, few));
}

/// Foreign bytes never do more than give a fault.
TEST(CodeListTest, TakesAnyBytes) {
    constexpr std::string_view signs = "AB \t\n\"/*#!?-[]{}\\,own same columns list\xD0\x98\xFF";
    for (std::uint64_t seed = 0; seed < 2'000; ++seed) {
        std::mt19937_64 random(seed);
        std::string text;
        for (std::uint64_t i = random() % 60; i > 0; --i) text += signs[random() % signs.size()];
        Diagnostics faults;
        const auto list = CodeList::parse(text, "f", "a.b", faults);
        EXPECT_EQ(list.has_error(), !faults.empty()) << "seed " << seed;
        if (!list) continue;
        for (const std::string& national : list->nationals()) {
            const auto values = list->to_standard(national);
            if (values && !values->empty()) {
                const auto back = list->to_national(*values);
                if (back) {
                    EXPECT_EQ(standard_of(*list, *back), standard_of(*list, national)) << "seed " << seed;
                }
            }
        }
    }
}

TEST(PatternTest, MatchesWholeTexts) {
    const auto matches = [](std::string_view expression, std::string_view text) {
        return Pattern::parse(expression).value().matches(text);
    };
    EXPECT_TRUE(matches("v?[0-9.]+", "v1.0"));
    EXPECT_TRUE(matches("v?[0-9.]+", "1.0"));
    EXPECT_FALSE(matches("v?[0-9.]+", "v"));
    EXPECT_FALSE(matches("v?[0-9.]+", "1.0 "));
    EXPECT_TRUE(matches("a{2,3}b*", "aabbb"));
    EXPECT_FALSE(matches("a{2,3}b*", "aaaa"));
    EXPECT_TRUE(matches("a{2,}", "aaaaa"));
    EXPECT_TRUE(matches("[^a-c]\\d\\.", "d5."));
    EXPECT_FALSE(matches("[^a-c]\\d\\.", "a5."));
    EXPECT_TRUE(matches("[]x-]", "]"));
    EXPECT_TRUE(matches("a*", ""));
    EXPECT_TRUE(matches(".+", std::string(100'000, 'x')));
    for (const char* wrong :
         {"", "[a", "a{", "a{2", "a{3,2}", "*", "a|b", "(a)", "a\\", "a{5000}", "[z-a]", "a{1000}b"}) {
        EXPECT_EQ(Pattern::parse(wrong).has_error(), true) << wrong;
    }
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        for (const char* expression : {"v?[0-9.]+", "a{2,4}[^x]{3}", "-[0-9]+", ".*"}) {
            const Pattern pattern = Pattern::parse(expression).value();
            EXPECT_TRUE(pattern.matches(pattern.draw(seed))) << expression << " " << seed;
        }
    }
}

}  // namespace
}  // namespace hansa::mapping
