// The pivot's table: what it holds against the WCO's own paths, and how it is asked.
#include "core/pivot/table.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include "core/pivot/codes.h"
#include "core/pivot/standards.h"
#include "tests/support/corpus.h"

namespace hansa::pivot {
namespace {

std::vector<std::vector<std::string>> table_of(const std::filesystem::path& path) {
    std::istringstream text(test::slurp(path));
    std::vector<std::vector<std::string>> out;
    std::string line;
    while (std::getline(text, line)) {
        std::vector<std::string> cells;
        std::size_t at = 0;
        while (at <= line.size()) {
            const std::size_t end = std::min(line.find('\t', at), line.size());
            cells.push_back(line.substr(at, end - at));
            at = end + 1;
        }
        out.push_back(std::move(cells));
    }
    return out;
}

/// Digits in all and after the point of "n..16,3", or characters of "an..35".
std::pair<std::uint32_t, std::uint32_t> width_of(const std::string& format) {
    const std::size_t digits = format.find_first_of("0123456789");
    if (digits == std::string::npos) return {0, 0};
    const std::size_t comma = format.find(',');
    return {static_cast<std::uint32_t>(std::stoul(format.substr(digits))),
            comma == std::string::npos ? 0U : static_cast<std::uint32_t>(std::stoul(format.substr(comma + 1)))};
}

/// Every path that DEC and RES have is a place of the pivot, with its id, and no narrower.
void expect_held(const std::string& file, Kind kind) {
    const auto corpus = test::corpus();
    if (!corpus) GTEST_SKIP() << "no corpus";
    const auto rows = table_of(*corpus / "wco-dms/derived" / file);
    std::size_t checked = 0;
    for (std::size_t i = 1; i < rows.size(); ++i) {
        const std::string& full = rows[i][0];
        const std::string path = full.find('/') == std::string::npos ? std::string() : full.substr(full.find('/') + 1);
        if (rows[i][1] == "A" && rows[i][3].empty() && rows[i][4].empty())
            continue;  // the attached declaration: AttachedDeclaration
        const Field* field = find(kind, path);
        ASSERT_TRUE(field) << full << ": " << explain_unknown(kind, path).text();
        EXPECT_EQ(field->wco_id, rows[i][3]) << full;
        EXPECT_EQ(field->is_group(), rows[i][1] == "C") << full;
        if (rows[i][2].back() != '1') {
            EXPECT_TRUE(field->is_list()) << full;
        }
        if (rows[i][1] == "A" && field->form != Form::date_time) {
            const auto [width, fraction] = width_of(rows[i][4]);
            EXPECT_GE(field->length_max - field->fraction_max, width - fraction) << full;
            EXPECT_GE(field->fraction_max, field->is_number() ? fraction : 0) << full;
        }
        ++checked;
    }
    testing::Test::RecordProperty("paths", static_cast<int>(checked));
    EXPECT_GT(checked, 70U);
}

TEST(PivotTable, HoldsEveryPathOfDec) {
    expect_held("dec-paths.tsv", Kind::declaration);
}

TEST(PivotTable, HoldsEveryPathOfRes) {
    expect_held("res-paths.tsv", Kind::response);
}

TEST(PivotTable, EveryPathLeadsBackToItsField) {
    std::size_t places = 0;
    for (const Kind kind : kinds()) {
        for (const Field* field : all_fields(kind)) {
            ASSERT_EQ(find(kind, field->path()), field) << kind_name(kind) << " " << field->path();
            EXPECT_FALSE(field->parent && field->source.empty()) << field->path();
            EXPECT_TRUE(field->is_group() == !field->children.empty()) << field->path();
            ++places;
        }
        EXPECT_EQ(kind_from_name(kind_name(kind)).value(), kind);
    }
    EXPECT_GT(places, 5'000U);
    EXPECT_EQ(kinds().size(), 12U);
}

TEST(PivotTable, IsAskedAsTablesWriteIt) {
    const Field* id = find(Kind::declaration, "GoodsShipment/TradeParty[RoleCode=PLT]/ID[@schemeID in firm-id]");
    ASSERT_TRUE(id);
    EXPECT_EQ(id->path(), "GoodsShipment/TradeParty/ID");
    EXPECT_TRUE(id->is_list());
    EXPECT_TRUE(find(*id, "@schemeID"));
    EXPECT_EQ(find(*id->parent, "ID"), id);
    EXPECT_TRUE(find(Kind::declaration, "/InvoiceAmount/@currencyID"));
    EXPECT_FALSE(find(Kind::declaration, "InvoiceAmount/@unitCode"));
    EXPECT_TRUE(find(
        Kind::declaration,
        "GoodsShipment/GovernmentAgencyGoodsItem/Commodity/DutyTaxFee[CategoryCode=PRF;TypeCode=CUD]/DutyRegimeCode"));
    EXPECT_TRUE(find(Kind::declaration,
                     "GoodsShipment/GovernmentAgencyGoodsItem/Commodity/DutyTaxFee/TaxBaseMeasure@currencyID"));
    const Field* measure =
        find(Kind::declaration, "GoodsShipment/GovernmentAgencyGoodsItem/Commodity/GoodsMeasure/TariffQuantity");
    ASSERT_TRUE(measure);
    EXPECT_EQ(find(*measure, "."), measure);
    EXPECT_EQ(measure->type_text(), "measure n..24,6");
    EXPECT_EQ(find(Kind::declaration, "DirectionCode")->type_text(), "code a1");
    EXPECT_TRUE(find(Kind::declaration, "DirectionCode")->ours());
    EXPECT_FALSE(find(Kind::declaration, "TypeCode")->ours());
    EXPECT_EQ(find(Kind::declaration, ""), &root(Kind::declaration));
    EXPECT_EQ(root(Kind::cargo_report).name, "CargoReport");
    EXPECT_EQ(form_name(Form::date_time), "date-time");
}

TEST(PivotTable, NamesTheNearestName) {
    const Error wrong = explain_unknown(Kind::declaration, "GoodsShipment/Byuer/Name");
    EXPECT_EQ(wrong.code, codes::unknown_field);
    EXPECT_NE(wrong.detail.find("nearest is 'Buyer'"), std::string::npos) << wrong.detail;
    EXPECT_NE(explain_unknown(Kind::declaration, "InvoiceAmount@unit").detail.find("no attribute 'unit'"),
              std::string::npos);
    EXPECT_EQ(kind_from_name("declartion").error().code, codes::unknown_kind);
    EXPECT_NE(kind_from_name("declartion").error().detail.find("'declaration'"), std::string::npos);
    const std::string_view names[] = {"ID", "Name"};
    EXPECT_FALSE(nearest_name("GovernmentAgencyGoodsItem", names));
    EXPECT_FALSE(nearest_name(std::string(100'000, 'x'), names));
}

TEST(PivotTable, RefusesWhatIsNoPath) {
    for (const char* path :
         {"a//b", "a/", "a[", "a[]", "a[0]", "a[=x]", "ID@schemeID/x", "a b", "a]", "a[x", "[1]", "é"}) {
        EXPECT_EQ(parse_path(path).has_error(), true) << path;
    }
    EXPECT_EQ(parse_path("a//b").error().code, codes::bad_path);
    std::string deep;
    for (int i = 0; i < 1'000; ++i) deep += "a/";
    EXPECT_TRUE(parse_path(deep + "a").has_error());
    const auto steps = parse_path("/A[K=V;L=cn:W]/B[2]@c").value();
    ASSERT_EQ(steps.size(), 2U);
    EXPECT_EQ(steps[0].keys[1].second, "cn:W");
    EXPECT_EQ(steps[1].index, 2U);
    EXPECT_EQ(steps[1].attribute, "c");
}

TEST(PivotTable, CodesCarryTheirList) {
    EXPECT_EQ(split_code("cn.unit:120").list, "cn.unit");
    EXPECT_EQ(split_code("KGM").list, "");
    EXPECT_EQ(split_code(":x").code, ":x");
    EXPECT_EQ(join_code("cn.unit", "120"), "cn.unit:120");
    EXPECT_EQ(join_code("", "KGM"), "KGM");
}

TEST(PivotTable, IsWhatTheReferencePageSays) {
    const auto made = test::build_dir() / "pivot-reference.md";
    const std::string command = "python3 '" + (test::source_dir() / "tools/make_pivot.py").string() + "' reference '" +
                                (test::source_dir() / "core/pivot").string() + "' '" + made.string() + "'";
    ASSERT_EQ(std::system(command.c_str()), 0) << command;
    EXPECT_TRUE(test::slurp(made) == test::slurp(test::source_dir() / "docs/reference/pivot.md"))
        << "run: python3 tools/make_pivot.py reference core/pivot docs/reference/pivot.md";
}

TEST(PivotStandards, KnowCountriesAndCurrencies) {
    EXPECT_EQ(country_alpha2("AM")->numeric, "051");
    EXPECT_EQ(country_alpha3("BEN")->alpha2, "BJ");
    EXPECT_EQ(country_numeric("156")->alpha2, "CN");
    EXPECT_FALSE(country_alpha2("XX"));
    EXPECT_FALSE(country_alpha2("am"));
    for (const char* exception : {"EU", "XZ", "ZZ", "00", "99"}) EXPECT_TRUE(is_country(exception));
    EXPECT_EQ(countries().size(), 249U);
    EXPECT_EQ(currency_alpha("AMD")->numeric, "051");
    EXPECT_EQ(currency_numeric("156")->alpha, "CNY");
    EXPECT_FALSE(currency_alpha("DEM")->withdrawn.empty());
    EXPECT_FALSE(currency_numeric(""));
    for (std::size_t i = 1; i < currencies().size(); ++i) EXPECT_LT(currencies()[i - 1].alpha, currencies()[i].alpha);
    for (std::size_t i = 1; i < countries().size(); ++i) EXPECT_LT(countries()[i - 1].alpha2, countries()[i].alpha2);
    for (const char* unit : {"KGM", "PR", "H87", "KGM#G"}) EXPECT_TRUE(is_unit_shape(unit)) << unit;
    for (const char* unit : {"", "K", "KGMX", "kgm", "KGM#", "KGM#GG"}) EXPECT_FALSE(is_unit_shape(unit)) << unit;
    EXPECT_TRUE(is_listed("direction", "I"));
    EXPECT_FALSE(is_listed("direction", "X"));
    EXPECT_FALSE(holds_list("1001"));
    EXPECT_EQ(codes_of("trade-role").size(), 6U);
}

}  // namespace
}  // namespace hansa::pivot
