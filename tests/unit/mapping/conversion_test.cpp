// Conversions: what each reads and writes, what it refuses, and the laws over drawn values.
#include "core/mapping/conversion.h"
#include "core/mapping/translate.h"

#include <gtest/gtest.h>

#include "core/mapping/codes.h"

namespace hansa::mapping {
namespace {

CodeLists lists() {
    Diagnostics faults;
    CodeLists out;
    const auto add = [&](const std::string& name, std::string_view text) {
        auto list = CodeList::parse(text, name + ".codes", "cn." + name, faults);
        EXPECT_TRUE(list) << (list ? "" : list.error().text());
        out.emplace(name, *list);
    };
    add("unit", "\"*\" own\n007 H87!\n011 H87\n035 KGM\n");
    add("currency", "142 CNY\n502 USD\n");
    add("status", "columns national function status\n1 02 own\n3 02! own\n100 03 own\n");
    add("refusal", "columns national function status\n/-[0-9]+/ 03 own\n");
    add("closed", "A X\nB Y\n");
    add("where", "1 Declaration!\n8 Declaration\n2[#] Declaration/GoodsShipment/GovernmentAgencyGoodsItem[#]\n");
    return out;
}

/// One conversion of a row, and shorthands for the common case of one place on each side.
class Subject {
public:
    explicit Subject(std::string_view text, std::size_t national = 1, std::size_t pivot = 1,
                     std::vector<bool> optional = {}) {
        Diagnostics faults;
        auto made = parse_conversions(text, {national, pivot, {}, std::move(optional)}, faults);
        EXPECT_TRUE(made) << text << (made ? "" : ": " + made.error().text());
        conversion_ = made->front();
        context.lists = &lists_;
        context.settings = &settings_;
        context.zone = "+08:00";
        context.authority = "cn";
    }

    std::string in(const std::string& text) const { return in(std::vector<NationalValue>{{text, 0}}); }

    std::string in(const std::vector<NationalValue>& national) const {
        const auto out = conversion_->to_pivot(national, context);
        if (!out) return std::string(out.error().code.name());
        std::string shown;
        for (const PivotValue& value : out->values) {
            shown += (shown.empty() ? "" : "|") + (value.slot ? std::to_string(value.slot) + "=" : "") +
                     (value.list.empty() ? "" : value.list + ":") + value.text;
        }
        return shown + notes(out->notes);
    }

    std::string out(const std::string& text, const Target& target = {}) const {
        return out(std::vector<PivotValue>{{text, "", 0}}, {target});
    }

    std::string out(const std::vector<PivotValue>& values, const std::vector<Target>& targets = {}) const {
        const auto written = conversion_->from_pivot(values, context, targets);
        if (!written) return std::string(written.error().code.name());
        std::string shown;
        for (const NationalValue& value : written->values)
            shown += (shown.empty() ? "" : "|") + (value.slot ? std::to_string(value.slot) + "=" : "") + value.text;
        return shown + notes(written->notes);
    }

    const Conversion& conversion() const { return *conversion_; }
    ConversionContext context;
    std::map<std::string, std::string, std::less<>> settings_{{"date-format", "M/d/yy"}, {"office", "closed"}};

private:
    static std::string notes(const std::vector<ConversionNote>& all) {
        std::string out;
        for (const ConversionNote& note : all) {
            out += note.kind == ConversionNote::Kind::rounded    ? " ~rounded"
                   : note.kind == ConversionNote::Kind::narrowed ? " ~narrowed"
                                                                 : " ~aliased";
        }
        return out;
    }
    CodeLists lists_ = lists();
    std::optional<Conversion> conversion_;
};

TEST(ConversionTest, Texts) {
    const Subject text("text");
    EXPECT_EQ(text.in(" a "), " a ");
    EXPECT_EQ(text.out("ÄÖÜ", {.length_max = 3}), "ÄÖÜ");
    EXPECT_EQ(text.out("ÄÖÜ", {.length_max = 2}), "mapping.unfit");
    EXPECT_EQ(text.out("a", {.length_min = 2}), "mapping.unfit");
    EXPECT_EQ(text.out({{"120", "cn.unit"}}), "120");
    EXPECT_EQ(text.out({{"120", "cnx.unit"}}), "mapping.code-foreign");
    EXPECT_EQ(text.out({{"120", "in.unit"}}), "mapping.code-foreign");
    EXPECT_EQ(text.in(std::vector<NationalValue>{}), "");
    EXPECT_EQ(text.out(std::vector<PivotValue>{}), "");
    EXPECT_EQ(text_conversion().text(), "text");

    const Subject prefix("prefix \"CN\"");
    EXPECT_EQ(prefix.in("5141"), "CN5141");
    EXPECT_EQ(prefix.in(""), "mapping.domain");
    EXPECT_EQ(prefix.out("CN5141"), "5141");
    EXPECT_EQ(prefix.out("GB5141"), "mapping.domain");
    EXPECT_EQ(prefix.out("CN"), "mapping.domain");

    const Subject boolean("boolean J N");
    EXPECT_EQ(boolean.in("J"), "true");
    EXPECT_EQ(boolean.in("j"), "mapping.domain");
    EXPECT_EQ(boolean.out("false"), "N");
    EXPECT_EQ(boolean.out("0"), "mapping.domain");
    const Subject indicator("indicator");
    EXPECT_EQ(indicator.in("true"), "1");
    EXPECT_EQ(indicator.in("0"), "0");
    EXPECT_EQ(indicator.out("1"), "true");
    EXPECT_EQ(indicator.in("yes"), "mapping.domain");
}

TEST(ConversionTest, AliasStandsForWhatIsTooLong) {
    Subject alias("alias 35");
    const std::string uuid = "0190b2c4-7d31-7c11-9a55-0123456789ab";
    EXPECT_EQ(alias.out("short"), "short");
    const std::string made = alias.out(uuid);
    EXPECT_EQ(made.size(), 24U + std::string(" ~aliased").size());
    EXPECT_EQ(made, alias.out(uuid)) << "the same text has the same alias";
    EXPECT_NE(made, alias.out(uuid + "x"));
    EXPECT_EQ(alias.out(uuid, {.length_max = 13}).find(' '), 13U);
    EXPECT_EQ(alias.out(uuid, {.length_max = 8}), "mapping.unfit");
    const std::string bare = made.substr(0, 24);
    const std::function<std::string(std::string_view)> journal = [&](std::string_view text) {
        return text == bare ? uuid : std::string();
    };
    alias.context.alias_of = &journal;
    EXPECT_EQ(alias.in(bare), uuid);
    EXPECT_EQ(alias.in("other"), "other");
    // Only what has the shape of an alias is looked up.
    EXPECT_TRUE(may_be_alias(bare));
    for (const char* other :
         {"", "A", "A23456789AB", "A23456789ABCDEFGHJKMNPQRS", "B23456789ABC", "A23456789ABI", "a23456789abc"})
        EXPECT_FALSE(may_be_alias(other)) << other;
    EXPECT_EQ(Subject("alias").out(uuid), uuid);
    EXPECT_NE(Subject("alias").out(uuid, {.length_max = 20}), uuid);
}

TEST(ConversionTest, Numbers) {
    const Subject integer("integer");
    EXPECT_EQ(integer.in("007"), "7");
    EXPECT_EQ(integer.in("9.0"), "9");
    EXPECT_EQ(integer.in("9.5"), "mapping.domain");
    EXPECT_EQ(integer.in(""), "mapping.domain");
    EXPECT_EQ(integer.out("9.5"), "mapping.unfit");
    const Subject decimal("decimal");
    EXPECT_EQ(decimal.in("+09.50"), "9.5");
    EXPECT_EQ(decimal.in("1,5"), "mapping.domain");
    EXPECT_EQ(decimal.in(std::string(50, '9')), "mapping.domain");
    EXPECT_EQ(decimal.out("1.23456", {.total_digits = 16, .fraction_digits = 3}), "1.235 ~rounded");
    EXPECT_EQ(decimal.out("1.5", {.total_digits = 16, .fraction_digits = 3}), "1.5");
    EXPECT_EQ(decimal.out("0.0001", {.fraction_digits = 3}), "mapping.unfit") << "a value must not become nothing";
    EXPECT_EQ(decimal.out("12345.67", {.total_digits = 6}), "12345.7 ~rounded");
    EXPECT_EQ(decimal.out("9999.99", {.total_digits = 4}), "mapping.unfit") << "10000 has five digits";
    EXPECT_EQ(decimal.out("12345", {.total_digits = 4}), "mapping.unfit");
    EXPECT_EQ(decimal.out("12345", {.length_max = 4}), "mapping.unfit");
    EXPECT_EQ(decimal.out("x"), "mapping.domain");
    const Subject money("money 2 noise zero-empty");
    EXPECT_TRUE(money.conversion().zero_empty());
    EXPECT_EQ(money.in("71.50"), "71.5");
    EXPECT_EQ(money.in("210.35000000000002"), "210.35 ~rounded");
    EXPECT_EQ(money.in("210.351"), "mapping.domain");
    EXPECT_EQ(money.out("210.354"), "210.35 ~rounded");
    EXPECT_EQ(Subject("money 2").in("210.35000000000002"), "mapping.domain");
    EXPECT_EQ(Subject("money").in("1.23456"), "1.23456");
    EXPECT_TRUE(Subject("measure zero-empty").conversion().zero_empty());
    EXPECT_FALSE(Subject("measure").conversion().zero_empty());
    const Subject fixed("fixed 3");
    EXPECT_EQ(fixed.in("12.500"), "12.5");
    EXPECT_EQ(fixed.in("12"), "12");
    EXPECT_EQ(fixed.in("12.5001"), "mapping.domain");
    EXPECT_EQ(fixed.out("12.5"), "12.500");
    EXPECT_EQ(fixed.out("12"), "12.000");
    EXPECT_EQ(fixed.out("0"), "0.000");
    EXPECT_EQ(fixed.out("-0.125"), "-0.125");
    EXPECT_EQ(fixed.out("12.3456"), "12.346 ~rounded");
    EXPECT_EQ(fixed.out("0.0001"), "mapping.unfit");
    EXPECT_EQ(fixed.out("12.25", {.fraction_digits = 1}), "12.300 ~rounded");
    EXPECT_EQ(fixed.out("12", {.length_max = 5}), "mapping.unfit") << "there is no room for the zeros";
    EXPECT_EQ(fixed.out("12", {.length_min = 6}), "12.000");
    EXPECT_TRUE(Subject("fixed 3 zero-empty").conversion().zero_empty());
    EXPECT_FALSE(fixed.conversion().zero_empty());
    EXPECT_EQ(Subject("scale -2").in("1250"), "12.5");
    EXPECT_EQ(Subject("scale -2").out("12.5"), "1250");
    EXPECT_EQ(Subject("scale 3").in("1.5"), "1500");
    EXPECT_EQ(Subject("scale 3").out("1"), "0.001");
    const Subject implied("implied \"KGM\"", 1, 2);
    EXPECT_EQ(implied.in("12.0"), "12|1=KGM");
    EXPECT_EQ(implied.out({{"12", "", 0}, {"KGM", "", 1}}), "12");
    EXPECT_EQ(implied.out({{"12", "", 0}, {"TNE", "", 1}}), "mapping.domain");
    EXPECT_EQ(implied.out({{"12", "", 0}}), "mapping.domain");
}

TEST(ConversionTest, Times) {
    const Subject stamp("time yyyyMMddHHmmss");
    EXPECT_EQ(stamp.in("20261123081530"), "2026-11-23T08:15:30+08:00");
    EXPECT_EQ(stamp.in("20261123"), "mapping.date-domain");
    EXPECT_EQ(stamp.in("20261323081530"), "mapping.date-domain");
    EXPECT_EQ(stamp.out("2026-11-23T00:15:30Z"), "20261123081530");
    EXPECT_EQ(stamp.out("2026-11-23T00:15:30.904Z"), "20261123081530 ~rounded");
    EXPECT_EQ(stamp.out("2026-11-23"), "mapping.date-domain") << "no hour is made up";
    EXPECT_EQ(stamp.out("yesterday"), "mapping.date-domain");
    Subject without("time yyyyMMddHHmmss");
    without.context.zone = "required";
    EXPECT_EQ(without.in("20261123081530"), "mapping.zone-missing");
    EXPECT_EQ(without.out("2026-11-23T00:15:30Z"), "mapping.zone-missing");
    const Subject precise("time yyyyMMddHHmmssSSS");
    EXPECT_EQ(precise.in("20261123081530900"), "2026-11-23T08:15:30.9+08:00");
    EXPECT_EQ(precise.out("2026-11-23T08:15:30.9+08:00"), "20261123081530900");
    EXPECT_EQ(precise.out("2026-11-23T08:15:30+08:00"), "20261123081530000");

    const Subject day("date yyyyMMdd");
    EXPECT_EQ(day.in("20261123"), "2026-11-23");
    EXPECT_EQ(day.out("2026-11-23"), "20261123");
    EXPECT_EQ(day.out("2026-11-23T23:00:00Z"), "20261124 ~narrowed");
    const Subject agency("date $date-format");
    EXPECT_EQ(agency.in("11/19/25"), "2025-11-19");
    EXPECT_EQ(agency.out("2025-11-09"), "11/9/25");
    EXPECT_EQ(agency.out("1999-11-09"), "mapping.date-domain") << "two digits would say 2099";
    EXPECT_EQ(Subject("date M/d/yy 1950").out("1999-11-09"), "11/9/99");
    EXPECT_EQ(Subject("date M/d/yy 1950").in("11/9/99"), "1999-11-09");
    EXPECT_EQ(Subject("date $other").in("x"), "mapping.setting-missing");

    const Subject xsd("date");
    EXPECT_EQ(xsd.in("2026-11-23"), "2026-11-23");
    EXPECT_EQ(xsd.in("2026-11-23+03:00"), "2026-11-23 ~narrowed");
    EXPECT_EQ(xsd.in("2026-11-23T00:00:00Z"), "mapping.date-domain");
    const Subject moment("datetime");
    EXPECT_EQ(moment.in("2026-11-23T08:15:30.900Z"), "2026-11-23T08:15:30.9Z");
    EXPECT_EQ(moment.in("2026-11-23T08:15:30+00:00"), "2026-11-23T08:15:30Z");
    EXPECT_EQ(moment.in("2026-11-23T08:15:30"), "2026-11-23T08:15:30+08:00");
    EXPECT_EQ(moment.in("2026-11-23"), "mapping.date-domain");
    EXPECT_EQ(moment.out("2026-11-23T08:15:30.9+05:30"), "2026-11-23T08:15:30.9+05:30");
    EXPECT_EQ(moment.out("2026-11-23"), "mapping.date-domain");
}

TEST(ConversionTest, TimesWithTheirFormBeside) {
    const Subject coded("time 102 yyyyMMdd, 304 yyyyMMddHHmmssX", 2, 1);
    EXPECT_EQ(coded.in({{"20261123", 0}, {"102", 1}}), "2026-11-23");
    EXPECT_EQ(coded.in({{"20261123081530Z", 0}, {"304", 1}}), "2026-11-23T08:15:30Z");
    EXPECT_EQ(coded.in({{"20261123081530+08", 0}, {"304", 1}}), "2026-11-23T08:15:30+08:00");
    EXPECT_EQ(coded.in({{"20261123", 0}, {"304", 1}}), "mapping.date-domain");
    EXPECT_EQ(coded.in({{"20261123", 0}}), "mapping.date-domain");
    EXPECT_EQ(coded.out("2026-11-23"), "20261123|1=102");
    EXPECT_EQ(coded.out("2026-11-23T08:15:30Z"), "20261123081530Z|1=304");
    EXPECT_EQ(coded.out("2026-11-23T08:15:30+05:30"), "20261123024530Z|1=304") << "whole hours of zone only";
    EXPECT_EQ(coded.out("2026-11-23T08:15:30.904Z"), "20261123081530Z|1=304 ~rounded");
}

TEST(ConversionTest, CodesOfLists) {
    const Subject unit("code unit");
    EXPECT_EQ(unit.in("011"), "H87");
    EXPECT_EQ(unit.in("120"), "cn.unit:120");
    EXPECT_EQ(unit.out("H87"), "007");
    EXPECT_EQ(unit.out({{"120", "cn.unit"}}), "120");
    EXPECT_EQ(unit.out({{"120", "in.unit"}}), "mapping.code-foreign");
    EXPECT_EQ(unit.conversion().list_name(), "unit");
    EXPECT_EQ(Subject("code cn:unit").in("035"), "KGM");
    EXPECT_EQ(Subject("code $office").in("A"), "X");
    EXPECT_EQ(Subject("code nothing").in("A"), "mapping.list-missing");
    const Subject status("code status", 1, 2);
    EXPECT_EQ(status.in("1"), "02|1=cn.status:1");
    EXPECT_EQ(status.out({{"02", "", 0}, {"1", "cn.status", 1}}), "1");
    EXPECT_EQ(status.out({{"02", "", 0}, {"9", "eu.status", 1}}), "3 ~narrowed");
    EXPECT_EQ(Subject("iso3166 alpha3").in("BEN"), "BJ");
    EXPECT_EQ(Subject("iso3166 numeric").out("CN"), "156");
    EXPECT_EQ(Subject("iso3166").in("EU"), "EU");
    EXPECT_EQ(Subject("iso3166").in("eu"), "mapping.code-unknown");
    EXPECT_EQ(Subject("iso3166 alpha3").out("EU"), "mapping.code-unknown");
    EXPECT_EQ(Subject("iso4217-numeric").in("051"), "AMD");
    EXPECT_EQ(Subject("iso4217 numeric").out("AMD"), "051");
    EXPECT_EQ(Subject("iso4217").in("XQX"), "mapping.code-unknown");
    EXPECT_EQ(Subject("rec20").in("KGM"), "KGM");
    EXPECT_EQ(Subject("rec20").in("kilo"), "mapping.code-unknown");
    EXPECT_EQ(Subject("rec20").out({{"120", "cn.unit"}}), "mapping.code-unknown");
}

TEST(ConversionTest, TextsInPieces) {
    const Subject lines("lines \", \"");
    EXPECT_TRUE(lines.conversion().takes_pivot_list());
    EXPECT_EQ(lines.in("Main street 1, Springfield"), "Main street 1|Springfield");
    EXPECT_EQ(lines.in("odd, , text"), "odd, , text");
    EXPECT_EQ(lines.out({{"a", "", 0}, {"b", "", 0}}), "a, b");
    EXPECT_EQ(lines.out({{"a, b", "", 0}, {"c", "", 0}}), "a, b, c ~narrowed");

    const Subject parts("parts 3");
    EXPECT_TRUE(parts.conversion().takes_national_list());
    EXPECT_EQ(parts.in({{"ab", 0}, {"cdef", 0}}), "abcdef");
    EXPECT_EQ(parts.out("äbcdëfg"), "äbc|dëf|g");
    EXPECT_EQ(parts.out("abc", {.length_max = 2}), "ab|c");
    EXPECT_EQ(parts.out("abc", {.length_max = 0}), "mapping.unfit");
    const Subject named("parts-of 3", 2, 1);
    EXPECT_EQ(named.in({{"ab", 0}, {"cd", 1}}), "abcd");
    EXPECT_EQ(named.in({{"cd", 1}}), "cd");
    EXPECT_EQ(named.out("abcd"), "abc|1=d");
    EXPECT_EQ(named.out("abcdefg"), "mapping.unfit");

    const Subject join("join \"-\"", 2, 1, {true, false});
    EXPECT_EQ(join.in({{"2024", 0}, {"17", 1}}), "2024-17");
    EXPECT_EQ(join.in({{"17", 1}}), "17");
    EXPECT_EQ(join.in({{"2024", 0}}), "mapping.domain");
    EXPECT_EQ(join.in({{"1-7", 1}}), "1-7 ~narrowed");
    EXPECT_EQ(join.out("2024-17"), "2024|1=17");
    EXPECT_EQ(join.out("17"), "1=17");
    EXPECT_EQ(join.out("a-b-c"), "a|1=b-c");
    const Subject customs("join \"/\" (text, date ddMMyy iso, text)", 3, 1);
    EXPECT_EQ(customs.in({{"05100010", 0}, {"2026-11-23", 1}, {"0000017", 2}}), "05100010/231126/0000017");
    EXPECT_EQ(customs.out("05100010/231126/0000017"), "05100010|1=2026-11-23|2=0000017");
    EXPECT_EQ(customs.out("05100010/991326/0000017"), "mapping.date-domain");
    EXPECT_EQ(customs.out("05100010"), "mapping.domain");
    EXPECT_EQ(customs.in({{"05100010", 0}, {"1999-11-23", 1}, {"17", 2}}), "mapping.date-domain");

    const Subject hs("digits 6+*", 1, 2);
    EXPECT_EQ(hs.in("8517120000"), "851712|1=0000");
    EXPECT_EQ(hs.in("851712"), "851712");
    EXPECT_EQ(hs.in("8517"), "8517");
    EXPECT_EQ(hs.in("85A7"), "mapping.domain");
    EXPECT_EQ(hs.out({{"851712", "", 0}, {"0000", "", 1}}), "8517120000");
    EXPECT_EQ(hs.out({{"851712", "", 0}}), "851712");
    EXPECT_EQ(hs.out({{"8517", "", 0}, {"0000", "", 1}}), "mapping.domain");
    EXPECT_EQ(hs.out({{"85171200", "", 0}}), "mapping.domain");
    EXPECT_EQ(Subject("digits 2+2", 1, 2).in("40000"), "mapping.domain");
    const Subject turned("digits 1+1", 2, 1);
    EXPECT_EQ(turned.in({{"1", 0}, {"2", 1}}), "12");
    EXPECT_EQ(turned.out("12"), "1|1=2");
    EXPECT_EQ(turned.out("123"), "mapping.domain");

    const Subject address("name-address", 1, 2);
    EXPECT_TRUE(address.conversion().narrowing());
    EXPECT_EQ(address.in("ACME\r\n  1 Road \n\nCotonou"), "ACME|1=1 Road|1=Cotonou");
    EXPECT_EQ(address.in("  \n"), "mapping.domain");
    EXPECT_EQ(address.out({{"ACME", "", 0}, {"1 Road", "", 1}, {"Cotonou", "", 1}}), "ACME\n1 Road\nCotonou");
    EXPECT_EQ(address.out({{"1 Road", "", 1}}), "mapping.domain");
    EXPECT_EQ(address.out({{"A\nB", "", 0}}), "A\nB ~narrowed");
}

TEST(ConversionTest, Pointers) {
    const Subject pointer("pointer", 3, 1);
    const std::vector<NationalValue> national{{"42A", 1}, {"67A", 1}, {"2", 0},  {"68A", 1},
                                              {"23A", 1}, {"79A", 1}, {"112", 2}};
    const std::string place =
        "Declaration/GoodsShipment/GovernmentAgencyGoodsItem[2]/Commodity/InvoiceLine/ItemChargeAmount";
    EXPECT_EQ(pointer.in(national), place);
    EXPECT_EQ(pointer.out(place), "1=42A|1=67A|2|1=68A|1=23A|1=79A|2=112");
    EXPECT_EQ(pointer.out("Declaration/Declarant/ShortName"), "1=42A|1=57B ~narrowed");
    EXPECT_EQ(pointer.out("Colour"), "mapping.pointer-unknown");
    EXPECT_EQ(pointer.in({{"42A", 1}, {"ZZZ", 1}}), "mapping.pointer-unknown");
    EXPECT_EQ(pointer.in({{"0", 0}, {"42A", 1}}), "mapping.pointer-unknown");
    EXPECT_EQ(pointer.in({{"x", 0}, {"42A", 1}}), "mapping.pointer-unknown");
}

TEST(ConversionTest, GathersTexts) {
    const Subject gather("gather \"; \"");
    const auto texts = [](const std::vector<std::string>& all) {
        std::vector<PivotValue> out;
        for (const std::string& text : all) out.push_back({text, "", 0});
        return out;
    };
    EXPECT_EQ(gather.in("one; two"), "one; two");  // whose separator it is nobody knows
    EXPECT_EQ(gather.out(texts({"one", "two"})), "one; two");
    EXPECT_EQ(gather.out(texts({"one; two", "two", "one", "three", "two"})), "one; two; three");
    EXPECT_EQ(gather.out(texts({"one", "two", "x"}), {Target{.length_max = 7}}), "one; x ~narrowed");
    EXPECT_EQ(gather.out(texts({"one", "two"}), {Target{.length_max = 8}}), "one; two");
    EXPECT_EQ(gather.out(texts({"one", "two"}), {Target{.length_max = 2}}), "mapping.unfit");
    EXPECT_TRUE(gather.conversion().narrowing());
}

TEST(ConversionTest, PlacesOfAList) {
    const Subject path("place where"), section("place where", 2, 1, {false, true});
    const std::string item = "Declaration/GoodsShipment/GovernmentAgencyGoodsItem[4]";
    EXPECT_EQ(path.in("2[4]"), item);
    EXPECT_EQ(path.out(item), "2[4]");
    EXPECT_EQ(section.in({{"2", 0}, {"4", 1}}), item);
    EXPECT_EQ(section.out(item), "2|1=4");
    EXPECT_EQ(section.in({{"8", 0}}), "Declaration");
    EXPECT_EQ(section.out("Declaration"), "1");
    EXPECT_EQ(section.out(item + "/Commodity/Description"), "2|1=4 ~narrowed");
    EXPECT_EQ(section.in({{"5", 0}, {"4", 1}}), "");  // not listed: kept by the engine
    EXPECT_EQ(section.in({{"2", 0}, {"x", 1}}), "");
    EXPECT_EQ(section.in({{"4", 1}}), "");
    EXPECT_EQ(section.out("Response/Status[1]"), "mapping.pointer-unknown");
    EXPECT_EQ(Subject("place nowhere").in("1"), "mapping.list-missing");
    EXPECT_EQ(path.out(std::vector<PivotValue>{{item, "", 0}}, {Target{.length_max = 3}}), "mapping.unfit");
    EXPECT_TRUE(path.conversion().narrowing());
}

TEST(ConversionTest, PlacesOfAListWithTheirWords) {
    const Subject words("place where", 1, 2);
    const std::string item = "Declaration/GoodsShipment/GovernmentAgencyGoodsItem[4]";
    EXPECT_EQ(words.in("2[4]"), "2[4]|1=" + item);
    EXPECT_EQ(words.in("somewhere"), "somewhere");
    EXPECT_EQ(words.in(""), "");
    EXPECT_EQ(words.out({{"2[4]", "", 0}, {item, "", 1}}), "2[4]");
    EXPECT_EQ(words.out({{item, "", 1}}), "2[4]");
    EXPECT_EQ(words.out({{"amounts differ", "", 0}}), "amounts differ");
    EXPECT_EQ(words.out({{"amounts differ", "", 0}, {item, "", 1}}), "amounts differ ~narrowed");
    EXPECT_EQ(words.out({{"amounts differ", "", 0}}, {Target{.length_max = 3}}), "mapping.unfit");
    EXPECT_EQ(words.out({{"Response/Status[1]", "", 1}}), "mapping.pointer-unknown");
}

TEST(ConversionTest, RowsDealOutTheirPlaces) {
    Diagnostics faults;
    const auto two = parse_conversions("money zero-empty, code currency", {2, 2, {}}, faults).value();
    ASSERT_EQ(two.size(), 2U);
    EXPECT_EQ(two[0].text(), "money zero-empty");
    EXPECT_EQ(two[1].text(), "code currency");
    EXPECT_EQ(two[1].pivot_count(), 1U);
    const auto filled = parse_conversions("measure", {2, 2, {}}, faults).value();
    EXPECT_EQ(filled[1].name(), "text");
    EXPECT_EQ(parse_conversions("", {1, 1, {}}, faults).value()[0].name(), "text");
    EXPECT_EQ(parse_conversions("time 102 yyyyMMdd, 304 yyyyMMddHHmmssX, text", {3, 2, {}}, faults).value().size(), 2U);
    EXPECT_EQ(conversion_names().size(), 30U);
    EXPECT_TRUE(faults.empty());
}

TEST(ConversionTest, RowsSayWhatIsWrong) {
    const auto fault_of = [](std::string_view text, std::size_t national = 1, std::size_t pivot = 1) {
        Diagnostics faults;
        const auto made =
            parse_conversions(text, {national, pivot, Place{.file = "a.map", .line = 3, .column = 50}}, faults);
        if (made) return std::string("none");
        EXPECT_EQ(faults.count(), 1U);
        return made.error().text();
    };
    EXPECT_EQ(fault_of("mony"), "a.map:3:50: mapping.conversion-unknown: no conversion 'mony'; did you mean 'money'?");
    EXPECT_EQ(fault_of("money, cod unit", 2, 2).substr(0, 42), "a.map:3:57: mapping.conversion-unknown: no");
    EXPECT_EQ(fault_of("integer 3"),
              "a.map:3:50: mapping.conversion-arguments: integer: it takes no arguments; it is written integer");
    for (const char* wrong : {"money x",
                              "money 2 3",
                              "money noise",
                              "measure 2",
                              "scale",
                              "scale 99",
                              "fixed",
                              "fixed 0",
                              "fixed 2 noise",
                              "implied",
                              "time",
                              "time x",
                              "time 102",
                              "date yyyyMMdd x y",
                              "datetime 1",
                              "alias x",
                              "alias 1 2",
                              "prefix",
                              "boolean J",
                              "boolean J J",
                              "indicator 1",
                              "code",
                              "code a b",
                              "iso3166 alpha4",
                              "iso4217-alpha3",
                              "rec20 x",
                              "lines",
                              "parts",
                              "parts 0",
                              "parts 99999",
                              "join",
                              "digits",
                              "digits 6",
                              "digits *+6",
                              "digits a+b",
                              "text (text)",
                              "join \"-\" (digits 1+1)",
                              "join \"-\" (text",
                              "prefix \"CN",
                              "money) 2",
                              "name-address x",
                              "pointer 1",
                              "gather",
                              "gather \"\"",
                              "place",
                              "place where else",
                              "check-digit",
                              "check-digit /[0-9]{2}/ \"1 =\"",
                              "check-digit [0-9]{2} \"1 =\" \"0123456789\"",
                              "check-digit /[0-9/ \"1 =\" \"0123456789\"",
                              "check-digit /[0-9]{2}/ \"1 1\" \"0123456789\"",
                              "check-digit /[0-9]{2}/ \"= =\" \"0123456789\"",
                              "check-digit /[0-9]{2}/ \"0 =\" \"0123456789\"",
                              "check-digit /[0-9]{2}/ \"x =\" \"0123456789\"",
                              "check-digit /[0-9]{2}/ \"99999 =\" \"0123456789\"",
                              "check-digit /[0-9]{2}/ \"1 =\" \"0\"",
                              "check-digit /[0-9]{2}/ \"1 =\" \"0123456789\" \"\"",
                              "check-digit /[0-9]{2}/ \"1 =\" \"0123456789\" \"01\" x",
                              "decimal 1"}) {
        EXPECT_NE(fault_of(wrong, 1, 1).find("mapping.conversion-arguments"), std::string::npos)
            << wrong << ": " << fault_of(wrong, 1, 1);
    }
    EXPECT_NE(fault_of("digits 6+*", 1, 1).find("mapping.conversion-count"), std::string::npos);
    EXPECT_NE(fault_of("text, text", 1, 1).find("mapping.conversion-count"), std::string::npos);
    EXPECT_NE(fault_of("text", 2, 1).find("mapping.conversion-count"), std::string::npos);
    EXPECT_NE(fault_of(", text").find("mapping.conversion-unknown"), std::string::npos);
    EXPECT_NE(fault_of("text,").find("mapping.conversion-unknown"), std::string::npos);
    EXPECT_NE(fault_of("\"text\"").find("mapping.conversion-unknown"), std::string::npos);
}

/// Post items (S10) and containers (ISO 6346): published numbers are right, and right for their own digit alone.
TEST(ConversionTest, CheckDigits) {
    const Subject item(
        "check-digit /[A-IL-RUVX-Z][A-Z][0-9]{9}[A-Z]{2}/ \"0 0 8 6 4 2 3 5 9 7 = 0 0\" \"50987654321\"");
    for (const char* good :
         {"EB000717595HK", "EB000717618HK", "EE471108151FR", "RR966331020XX", "RR761294038XX", "RR473124829XX"}) {
        EXPECT_EQ(item.in(good), good);
        EXPECT_EQ(item.out(good), good);
        for (char digit = '0'; digit <= '9'; ++digit) {
            std::string other = good;
            other[10] = digit;
            if (other == good) continue;
            EXPECT_EQ(item.in(other), "mapping.domain") << other;
            EXPECT_EQ(item.out(other), "mapping.domain") << other;
        }
    }
    for (const char* wrong :
         {"EB000717594HK", "EB900717618HK", "JA000717595HK", "KA000717595HK", "SA000717595HK", "TA000717595HK",
          "WA000717595HK", "EB00071759HK", "EB0007175955HK", "eb000717595hk", "EB 000 717 595 HK", "EB00071759XHK", ""})
        EXPECT_EQ(item.in(wrong), "mapping.domain") << wrong;
    EXPECT_EQ(item.out({{"EB000717595HK", "br.item"}}), "mapping.code-foreign");
    EXPECT_EQ(item.out("EB000717595HK", {.length_max = 12}), "mapping.unfit");
    const auto error = item.conversion().to_pivot({{{"EB000717594HK", 0}}}, item.context);
    ASSERT_FALSE(error);
    EXPECT_EQ(error.error().detail, "the check digit of 'EB000717594HK' is not 4, it would be 5");

    const Subject box(
        "check-digit /[A-Z]{4}[0-9]{7}/ \"1 2 4 8 16 32 64 128 256 512 =\" \"01234567890\" "
        "\"0123456789A?BCDEFGHIJK?LMNOPQRSTU?VWXYZ\"");
    EXPECT_EQ(box.in("CSQU3054383"), "CSQU3054383");
    EXPECT_EQ(box.in("CSQU3054384"), "mapping.domain");
    // A letter that the pattern takes and the values do not have is outside.
    EXPECT_EQ(Subject("check-digit /[A-Z0-9]{2}/ \"1 =\" \"0123456789\"").in("A1"), "mapping.domain");
    // A shape that no identifier of the weights has is never drawn.
    EXPECT_FALSE(Subject("check-digit /[0-9]{3}/ \"1 =\" \"0123456789\"").conversion().draw(1, item.context));
}

struct Law {
    const char* text;
    std::size_t national = 1, pivot = 1;
    std::vector<bool> optional = {};
};

/// For values of the domain: what is written from what was read is the value in its normal form, and
/// reading that gives the same pivot values. Nothing is noted on the way.
TEST(ConversionTest, LawsOverDrawnValues) {
    const std::vector<Law> laws{{"text"},
                                {"alias 35"},
                                {"integer"},
                                {"decimal"},
                                {"money 2 noise"},
                                {"money"},
                                {"measure"},
                                {"fixed 2"},
                                {"scale -2"},
                                {"scale 3"},
                                {"time yyyyMMddHHmmss"},
                                {"time yyyyMMddHHmmssSSS"},
                                {"time yyyy-MM-dd'T'HH:mm:ssXXX"},
                                {"time 102 yyyyMMdd, 304 yyyyMMddHHmmssX", 2, 1},
                                {"date"},
                                {"date $date-format"},
                                {"date dd/MM/yyyy"},
                                {"datetime"},
                                {"boolean J N"},
                                {"indicator"},
                                {"code unit"},
                                {"code currency"},
                                {"code status", 1, 2},
                               {"code refusal", 1, 2},
                                {"iso3166"},
                                {"iso3166 alpha3"},
                                {"iso3166 numeric"},
                                {"iso4217"},
                                {"iso4217 numeric"},
                                {"rec20"},
                                {"prefix \"CN\""},
                                {"constant"},
                                {"implied \"KGM\"", 1, 2},
                                {"lines \", \""},
                                {"parts 5"},
                                {"parts-of 5", 3, 1},
                                {"join \"-\"", 3, 1, {true, false, false}},
                                {"join \"/\" (text, date ddMMyy iso, integer)", 3, 1},
                                {"digits 6+*", 1, 2},
                                {"digits 8+2", 1, 2},
                                {"digits 1+1", 2, 1},
                                {"name-address", 1, 2},
                                {"check-digit /[A-IL-RUVX-Z][A-Z][0-9]{9}[A-Z]{2}/ \"0 0 8 6 4 2 3 5 9 7 = 0 0\" \"50987654321\""},
                                {"check-digit /[A-Z]{4}[0-9]{7}/ \"1 2 4 8 16 32 64 128 256 512 =\" \"01234567890\" \"0123456789A?BCDEFGHIJK?LMNOPQRSTU?VWXYZ\""},
                                {"pointer", 3, 1},
                                {"gather \"; \""},
                                {"place where"},
                                {"place where", 1, 2},
                                {"place where", 2, 1, {false, true}}};
    constexpr std::uint64_t values_each = 300;
    for (const Law& law : laws) {
        const Subject subject(law.text, law.national, law.pivot, law.optional);
        std::uint64_t drawn = 0, exact = 0;
        for (std::uint64_t seed = 0; seed < values_each; ++seed) {
            const std::vector<Target> targets(law.national,
                                              Target{.length_max = 36, .total_digits = 15, .fraction_digits = 4});
            const auto national = subject.conversion().draw(seed, subject.context, targets);
            if (!national) continue;
            ++drawn;
            const auto read = subject.conversion().to_pivot(*national, subject.context);
            ASSERT_TRUE(read) << law.text << " seed " << seed << ": " << read.error().text();
            const auto written = subject.conversion().from_pivot(read->values, subject.context);
            ASSERT_TRUE(written) << law.text << " seed " << seed << ": " << written.error().text();
            EXPECT_TRUE(read->notes.empty() && written->notes.empty()) << law.text << " seed " << seed;
            const auto again = subject.conversion().to_pivot(written->values, subject.context);
            ASSERT_TRUE(again) << law.text << " seed " << seed;
            EXPECT_EQ(again->values, read->values) << law.text << " seed " << seed;
            exact += written->values == *national ? 1U : 0U;
        }
        EXPECT_GE(drawn, values_each / 3) << law.text;
        const bool many_to_one = std::string_view(law.text) == "code unit" || std::string_view(law.text) == "indicator";
        if (!many_to_one) {
            EXPECT_EQ(exact, drawn) << law.text;
        }
    }
}

/// Outside of the domain: any text gives a value or an error with a code, and never another value on the way back.
TEST(ConversionTest, TakesAnyText) {
    const std::vector<std::string> texts{
        "",     " ",    "-",  ".",   "1e5",  "0x1", "\xFF\xFE", std::string(5'000, '9'), "2026-02-30", "99999999999999",
        "日本", "a\nb", "\\", "+-1", "24:00"};
    for (const std::string& name : conversion_names()) {
        const std::map<std::string, std::string> arguments{
            {"prefix", " \"CN\""},       {"boolean", " J N"},  {"scale", " 2"},      {"fixed", " 2"},      {"implied", " \"KGM\""},
            {"time", " yyyyMMddHHmmss"}, {"lines", " \", \""}, {"parts", " 5"},      {"parts-of", " 5"},
            {"join", " \"-\""},          {"digits", " 6+*"},   {"code", " currency"},
            {"place", " where"},      {"gather", " \"; \""},
            {"check-digit", " /[0-9]{2}/ \"1 =\" \"0123456789\""}};
        const std::size_t pivot = name == "implied" || name == "digits" || name == "name-address" ? 2 : 1;
        const Subject subject(name + (arguments.contains(name) ? arguments.at(name) : ""), name == "pointer" ? 3 : 1,
                              pivot);
        for (const std::string& text : texts) {
            const std::vector<NationalValue> national{{text, 0}};
            const auto read = subject.conversion().to_pivot(national, subject.context);
            if (!read) {
                EXPECT_EQ(read.error().code.name().substr(0, 8), "mapping.") << name;
                continue;
            }
            // One value in each place, but where the last one takes a list.
            std::vector<std::size_t> values(pivot);
            for (const PivotValue& one : read->values) ++values.at(one.slot);
            // A place of the message that is answered is said of no pivot value: it is written only.
            EXPECT_EQ(read->values.empty(), name == "place") << name << " '" << text << "'";
            for (std::size_t slot = 0; slot < pivot; ++slot) {
                const bool list = subject.conversion().takes_pivot_list() && slot + 1 == pivot;
                EXPECT_TRUE(values[slot] <= 1 || list) << name << " '" << text << "' in place " << slot;
            }
            const auto written = subject.conversion().from_pivot(read->values, subject.context);
            if (!written) continue;
            const auto again = subject.conversion().to_pivot(written->values, subject.context);
            ASSERT_TRUE(again) << name << " '" << text << "'";
            EXPECT_EQ(again->values, read->values) << name << " '" << text << "'";
        }
    }
}

}  // namespace
}  // namespace hansa::mapping
