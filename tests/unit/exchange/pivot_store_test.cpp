#include "core/exchange/pivot_store.h"

#include <gtest/gtest.h>

namespace hansa::exchange {
namespace {

pivot::Document sample() {
    pivot::Document out;
    out.kind = pivot::Kind::declaration;
    out.root.name = "Declaration";
    pivot::Node amount{.name = "InvoiceAmount", .value = "12.50", .list = {}, .attributes = {{"currencyID", "CNY"}}, .children = {}};
    pivot::Node code{.name = "TypeCode", .value = "GUID", .list = "cn", .attributes = {}, .children = {}};
    pivot::Node group{.name = "AdditionalDocument", .value = {}, .list = {}, .attributes = {}, .children = {code}};
    out.root.children = {amount, group};
    out.memory = {{"xx.list", "a/b", "12.5", {"12.50", "CNY"}}};
    out.annex = {{"xx", "a/c", "text with \"quotes\" and 中文"}};
    return out;
}

TEST(PivotStore, GivesBackWhatWasStored) {
    const std::vector<pivot::Document> documents{sample(), sample()};
    const auto back = documents_from_json(documents_to_json(documents));
    ASSERT_TRUE(back);
    ASSERT_EQ(back->size(), 2u);
    EXPECT_EQ((*back)[0].root, documents[0].root);
    EXPECT_EQ((*back)[0].kind, documents[0].kind);
    EXPECT_EQ((*back)[0].memory, documents[0].memory);
    EXPECT_EQ((*back)[0].annex, documents[0].annex);
}

TEST(PivotStore, RubbishIsAnErrorAndNoCrash) {
    for (const char* text : {"", "{}", "[]", "{\"documents\": []}", "{\"documents\": [{}]}", "{\"documents\": [{\"kind\": 1}]}", "{\"documents\": [{\"kind\": \"x\", \"root\": {}}]}"}) {
        EXPECT_FALSE(documents_from_json(text)) << text;
    }
}

}  // namespace
}  // namespace hansa::exchange
