// Attack A21: asking for more than was consented by paths that one reader takes for another than the next does.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>
#include <set>
#include <string>
#include <vector>

#include "core/disclosure/codes.h"
#include "core/disclosure/field_path.h"

namespace hansa::disclosure::test {
namespace {

using pivot::Kind;

struct Hostile {
    std::string written;
    std::string normal;  ///< what the message must name; empty: nothing that helps
};

const std::string nul("GoodsShipment/Buyer\0/Name", 25);

const std::vector<Hostile> hostile{
    {"GoodsShipment/%42uyer/Name", "GoodsShipment/Buyer/Name"},
    {"GoodsShipment%2FBuyer%2fName", "GoodsShipment/Buyer/Name"},
    {"GoodsShipment/%2542uyer/Name", "GoodsShipment/Buyer/Name"},
    {"GoodsShipment/%25%34%32uyer/Name", "GoodsShipment/Buyer/Name"},
    {"GoodsShipment/Buyer/./Name", "GoodsShipment/Buyer/Name"},
    {"GoodsShipment/Seller/../Buyer/Name", "GoodsShipment/Buyer/Name"},
    {"GoodsShipment/Seller/%2e%2E/Buyer/Name", "GoodsShipment/Buyer/Name"},
    {"GoodsShipment/Seller/\xE2\x80\xA4\xE2\x80\xA4/Buyer/Name", "GoodsShipment/Buyer/Name"},
    {"../../GoodsShipment/Buyer/Name", "GoodsShipment/Buyer/Name"},
    {"/GoodsShipment/Buyer/Name", "GoodsShipment/Buyer/Name"},
    {"GoodsShipment//Buyer/Name", "GoodsShipment/Buyer/Name"},
    {"GoodsShipment/Buyer/Name/", "GoodsShipment/Buyer/Name"},
    {"GoodsShipment\\Buyer\\Name", "GoodsShipment/Buyer/Name"},
    {" GoodsShipment/Buyer/Name", "GoodsShipment/Buyer/Name"},
    {"GoodsShipment/Buyer/Name\n", "GoodsShipment/Buyer/Name"},
    {"GoodsShipment/Buyer\t/Name", "GoodsShipment/Buyer/Name"},
    {nul, "GoodsShipment/Buyer/Name"},
    {"GoodsShipment/Bu\x1Byer/Name", "GoodsShipment/Buyer/Name"},
    {"GoodsShipment/Buyer/N\x7F" "ame", "GoodsShipment/Buyer/Name"},
    {"GoodsShipment/Bu\xC2\x85yer/Name", "GoodsShipment/Buyer/Name"},            // NEL, a C1 control
    {"GoodsShipment/Bu\xC2\xADyer/Name", "GoodsShipment/Buyer/Name"},            // soft hyphen
    {"GoodsShipment/Bu\xE2\x80\x8Byer/Name", "GoodsShipment/Buyer/Name"},        // zero width space
    {"GoodsShipment/\xE2\x80\xAE" "Buyer/Name", "GoodsShipment/Buyer/Name"},     // right-to-left override
    {"\xEF\xBB\xBFGoodsShipment/Buyer/Name", "GoodsShipment/Buyer/Name"},        // byte order mark
    {"GoodsShipment/Buyer\xEF\xB8\x8F/Name", "GoodsShipment/Buyer/Name"},        // variation selector
    {"GoodsShipment/Bu\xCC\x81yer/Name", "GoodsShipment/Buyer/Name"},            // combining accent
    {"GoodsShipment/Buy\xD0\xB5r/N\xD0\xB0me", "GoodsShipment/Buyer/Name"},      // Cyrillic e, a
    {"G\xD0\xBE\xCE\xBF" "dsShipment/\xCE\x92uyer/Name", "GoodsShipment/Buyer/Name"},  // Cyrillic o, Greek o, Greek B
    {"GoodsShipment/\xEF\xBC\xA2uyer/Name", "GoodsShipment/Buyer/Name"},         // full width B
    {"GoodsShipment\xEF\xBC\x8F" "Buyer/Name", "GoodsShipment/Buyer/Name"},      // full width /
    {"GoodsShipment\xE2\x88\x95" "Buyer/Name", "GoodsShipment/Buyer/Name"},      // division slash
    {"GoodsShipment/\xEF\xBC\x85" "42uyer/Name", "GoodsShipment/Buyer/Name"},    // full width %
    {"GoodsShipment/\xF0\x9D\x90\x81uyer/Name", "GoodsShipment/Buyer/Name"},     // mathematical bold B
    {"GoodsShipment/\xF0\x9D\x99\xB1uyer/Name", "GoodsShipment/Buyer/Name"},     // mathematical monospace B
    {"GoodsShipment/Bu\xFFyer/Name", "GoodsShipment/Buyer/Name"},                // no UTF-8
    {"GoodsShipment/Bu\xC1\xB9" "er/Name", ""},                                  // y in two bytes
    {"InvoiceAmount@currencyID", "InvoiceAmount/@currencyID"},
    {"GoodsShipment/GovernmentAgencyGoodsItem[2]/SequenceNumeric", ""},
    {"GoodsShipment/PreviousDocument[TypeCode=703]/ID", ""},
    {"GoodsShipment/*", ""},
    {"GoodsShipment/Buyer/Name;FunctionCode", ""},
    {"GoodsShipment/Buyer/Name,FunctionCode", ""},
    {"GoodsShipment/Buyer.Name", ""},
    {"..", ""},
    {"/", ""},
    {"%", ""},
    {"", ""},
    {std::string(path_bytes_max + 1, 'a'), ""},
};

TEST(FieldPath, WhatIsNotItsOwnNormalFormIsRefusedAndTheNormalFormNamed) {
    for (const Hostile& one : hostile) {
        const auto found = checked_field(Kind::declaration, one.written);
        ASSERT_FALSE(found) << shown(one.written);
        EXPECT_EQ(found.error().code, codes::field_not_plain) << shown(one.written);
        if (!one.normal.empty()) {
            EXPECT_EQ(normal_form(one.written), one.normal) << shown(one.written);
            EXPECT_NE(found.error().detail.find("'" + one.normal + "'"), std::string::npos) << found.error().detail;
        }
        for (const char c : found.error().detail) EXPECT_TRUE(c >= 0x20 && c < 0x7F) << "a message must not carry what it warns of";
    }
}

TEST(FieldPath, PlainPathsOfThePivotAreTaken) {
    for (const char* path : {"FunctionCode", "GoodsShipment/Buyer/Name", "InvoiceAmount", "InvoiceAmount/@currencyID", "GoodsShipment/Buyer/ID",
                             "GoodsShipment/Buyer/ID/@schemeID", "GoodsShipment/GovernmentAgencyGoodsItem/SequenceNumeric",
                             "GoodsShipment/GovernmentAgencyGoodsItem/GovernmentProcedure/CurrentCode/@listID"}) {
        const auto found = checked_field(Kind::declaration, path);
        ASSERT_TRUE(found) << path << ": " << found.error().text();
        EXPECT_FALSE((*found)->is_group());
    }
}

TEST(FieldPath, EveryFieldOfThePivotIsItsOwnNormalForm) {
    for (const Kind kind : pivot::kinds()) {
        for (const pivot::Field* field : pivot::all_fields(kind)) {
            if (field->is_group()) continue;
            const auto found = checked_field(kind, field->path());
            ASSERT_TRUE(found) << found.error().text();
            EXPECT_EQ(*found, field);
        }
    }
}

/// Paths of the pivot with hostile pieces put in, taken out or doubled: what is taken is, to the byte, a path of the table.
TEST(FieldPath, NothingButPathsOfTheTableIsTaken) {
    std::set<std::string> known;
    for (const pivot::Field* field : pivot::all_fields(Kind::declaration)) {
        if (field->is_group()) continue;
        known.insert(field->path());
        if (field->form == pivot::Form::code) known.insert(field->path() + "/@listID");
        for (const std::string_view attribute : field->attributes) known.insert(fmt::format("{}/@{}", field->path(), attribute));
    }
    const std::vector<std::string> all(known.begin(), known.end());
    const std::vector<std::string> pieces{"/", "//", "/.", "/..", ".", "%", "%2F", "%2e", "%25", "@", "/@", "[1]", "ID", "Name", "\xD0\xB0", "\xCE\xBF", "\xEF\xBC\x8F", "\xE2\x80\x8B", "\xFF",
                                          std::string(1, '\0'), "\n", " ", "a", "I"};
    const std::uint64_t seed = std::random_device{}();
    std::mt19937_64 random(seed);
    std::size_t taken = 0;
    for (int round = 0; round < 50'000; ++round) {
        std::string path = all[random() % all.size()];
        for (std::uint64_t changes = random() % 3; changes > 0; --changes) {
            const std::size_t at = random() % (path.size() + 1);
            if (random() % 2 == 0) path.insert(at, pieces[random() % pieces.size()]);
            else path.erase(at, random() % 4);
        }
        const bool found = checked_field(Kind::declaration, path).has_value();
        ASSERT_EQ(found, known.contains(path)) << "seed " << seed << ": " << shown(path);
        ASSERT_EQ(normal_form(normal_form(path)), normal_form(path)) << "seed " << seed << ": " << shown(path);
        taken += found ? 1 : 0;
    }
    EXPECT_GT(taken, 10'000U);
    EXPECT_LT(taken, 40'000U);
}

TEST(FieldPath, WhatThePivotDoesNotKnowIsRefusedWithTheNearestName) {
    const std::vector<std::pair<std::string, std::string>> cases{{"GoodsShipment/Byuer/Name", "'Buyer'"}, {"InvoiceAmont", "'InvoiceAmount'"},
                                                                 {"goodsshipment/Buyer/Name", ""}, {"InvoiceAmount/@curency", ""}, {"InvoiceAmount/@listID", ""},
                                                                 {"GoodsShipment/Buyer/Name/@listID", ""}, {"Buyer/Name", ""}};
    for (const auto& [path, nearest] : cases) {
        const auto found = checked_field(Kind::declaration, path);
        ASSERT_FALSE(found) << path;
        EXPECT_EQ(found.error().code, codes::field_unknown) << path;
        EXPECT_NE(found.error().detail.find(nearest), std::string::npos) << found.error().detail;
    }
}

TEST(FieldPath, AClassIsNoField) {
    for (const char* path : {"GoodsShipment", "GoodsShipment/Buyer", "GoodsShipment/GovernmentAgencyGoodsItem"}) {
        const auto found = checked_field(Kind::declaration, path);
        ASSERT_FALSE(found) << path;
        EXPECT_EQ(found.error().code, codes::field_is_class) << path;
    }
}

}  // namespace
}  // namespace hansa::disclosure::test
