// JSON: what is read, what is refused and where, and that what is written is read again.
#include <gtest/gtest.h>

#include "core/schema/writer.h"
#include "core/syntax/codes.h"
#include "core/syntax/json_text.h"
#include "tests/unit/syntax/small_json.h"
#include "tests/unit/syntax/small_message.h"

namespace hansa::syntax {
namespace {

using test::json_xsd;

Result<std::shared_ptr<const Syntax>> json_of(const std::string& table, Diagnostics& faults) {
    std::vector<TableText> tables;
    if (!table.empty()) tables.push_back({"t", table});
    return make({"json", std::move(tables), test::grammar_of(json_xsd, "Batch")}, faults);
}

class Json : public test::Reading {
protected:
    void SetUp() override {
        Diagnostics faults;
        auto made = json_of("members id parcels   # both", faults);
        ASSERT_TRUE(made) << made.error().text();
        syntax = *made;
    }
};

const std::string good = R"({
  "parcels": [ {"mass": 3.50, "gift": true, "marks": ["a", "b \"c\\"]}, {"to": {"name": "caf\u00e9"}, "mass": -1e2} ],
  "note": null,
  "id": "N1"
})";

TEST_F(Json, ObjectsBecomeElementsInTheSchemasOrder) {
    const auto read = syntax->read(good);
    ASSERT_TRUE(read) << read.error().text();
    EXPECT_EQ(schema::write_tree(read->tree, {.declaration = false}),
              "<Batch xmlns=\"urn:t\"><id>N1</id><parcels><mass>3.50</mass><gift>true</gift><marks>a</marks><marks>b "
              "\"c\\</marks></parcels>"
              "<parcels><mass>-1e2</mass><to><name>caf\xC3\xA9</name></to></parcels></Batch>");
}

TEST_F(Json, PlacesAreThoseOfNamesAndValues) {
    const auto read = syntax->read(good);
    ASSERT_TRUE(read);
    const auto at = [&](const schema::Element& element) { return good.substr(element.offset, 6); };
    EXPECT_EQ(at(read->tree.children[0]), "\"id\": ");
    EXPECT_EQ(at(read->tree.children[1]), "{\"mass");
    EXPECT_EQ(at(read->tree.children[1].children[0]), "\"mass\"");
    EXPECT_EQ(at(read->tree.children[1].children[3]), "\"b \\\"c");
}

TEST_F(Json, WhatIsWrittenIsReadAgain) {
    const auto once = syntax->read(good);
    const auto written = syntax->write(once->tree);
    ASSERT_TRUE(written) << written.error().text();
    const auto again = syntax->read(*written);
    ASSERT_TRUE(again) << *written << again.error().text();
    EXPECT_EQ(schema::write_tree(again->tree), schema::write_tree(once->tree));
    EXPECT_EQ(*syntax->write(again->tree), *written);
    EXPECT_NE(written->find("\"mass\": 3.50,"), std::string::npos) << *written;
}

TEST_F(Json, RefusalsSayWhere) {
    refused("", codes::json_malformed, 1, 1);
    refused("{\"id\": }", codes::json_malformed, 1, 8);
    refused("{\"id\": \"a\"", codes::json_malformed, 1, 11);
    refused("{\"id\": \"a\"} x", codes::json_malformed, 1, 13);
    refused("{\"id\": \"\xFF\"}", codes::json_malformed, 1, 9);
    refused("{\"id\": 01}", codes::json_malformed, 1, 9);
    refused(std::string("{\"id\": \"a\"}\0{", 13), codes::json_malformed, 1, 12);
    refused("[]", codes::value_type, 1, 1);
    refused("{\"id\": 1}", codes::value_type, 1, 2);
    refused("{\"id\": {}}", codes::value_type, 1, 2);
    refused("{\"parcels\": {}}", codes::value_type, 1, 2);
    refused("{\"parcels\":\n[1]}", codes::value_type, 2, 2);
    refused("{\"parcels\": [{\"mass\": \"1\"}]}", codes::value_type, 1, 15);
    refused("{\"parcels\": [{\"gift\": 1}]}", codes::value_type, 1, 15);
    refused("{\"id\": \"a\", \"x y\": 1}", codes::member_unknown, 1, 13);
    refused("{\"id\": \"a\", \"i\\u0064\": \"b\"}", codes::member_twice, 1, 13);
    EXPECT_EQ(syntax->read(good, {.bytes_max = 5}).error().code, codes::too_large);
    EXPECT_EQ(syntax->read(good, {.parts_max = 5}).error().code, codes::too_many);
    EXPECT_EQ(syntax->read(good, {.depth_max = 3}).error().code, codes::json_too_deep);
    EXPECT_TRUE(syntax->read(good, {.depth_max = 4}));
}

TEST_F(Json, WhatCannotBeSaidIsNotWritten) {
    const auto refuses = [&](std::size_t leaf, const std::string& text) {
        auto read = syntax->read(good);
        read->tree.children[1].children[leaf].text = text;
        const auto written = syntax->write(read->tree);
        return !written && written.error().code == codes::unwritable;
    };
    for (const char* text : {"+1", "01", ".5", "5.", "x", "", " 1", "1 "}) EXPECT_TRUE(refuses(0, text)) << text;
    EXPECT_TRUE(refuses(1, "1"));
    EXPECT_TRUE(refuses(2, "\xFF"));
    EXPECT_FALSE(refuses(0, "1.0"));
}

TEST_F(Json, OnlyItsOwnDocumentsAreRecognised) {
    EXPECT_TRUE(*syntax->recognises(good));
    EXPECT_FALSE(*syntax->recognises("{\"id\": 1}"));
    EXPECT_FALSE(*syntax->recognises("[]"));
    EXPECT_FALSE(syntax->recognises("{"));
}

TEST(JsonTable, FaultsNameTheirLine) {
    const auto faults_of = [](const std::string& table) {
        Diagnostics faults;
        EXPECT_FALSE(json_of(table, faults)) << table;
        return faults.empty() ? std::string() : faults.errors().front().text();
    };
    EXPECT_EQ(faults_of(""), "syntax.table-invalid: no line says by which members a document is known");
    EXPECT_EQ(faults_of("members id nr"),
              "t:1:1: syntax.table-invalid: 'nr': expected members and names that the schema has");
    EXPECT_EQ(faults_of("member id"),
              "t:1:1: syntax.table-invalid: 'id': expected members and names that the schema has");
}

}  // namespace
}  // namespace hansa::syntax
