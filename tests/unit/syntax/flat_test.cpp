// Flat files: what is read, what is refused and where, and that what is written is read again.
#include <gtest/gtest.h>

#include "core/schema/writer.h"
#include "core/syntax/codes.h"
#include "tests/unit/syntax/small_flat.h"
#include "tests/unit/syntax/small_message.h"

namespace hansa::syntax {
namespace {

using test::flat_table;
using test::flat_xsd;

Result<std::shared_ptr<const Syntax>> flat_of(const std::string& table, Diagnostics& faults) {
    return make({"flat", {{"t", table}}, test::grammar_of(flat_xsd, "File")}, faults);
}

class Flat : public test::Reading {
protected:
    void SetUp() override {
        Diagnostics faults;
        auto made = flat_of(std::string(flat_table), faults);
        ASSERT_TRUE(made) << made.error().text();
        syntax = *made;
    }
};

const std::string good =
    "HEAD|S||M1|7\n<TABLE>BE\nO|1|A name\n<TABLE>DOC\nO|1|D1|\nO|1|D2|2026\n<TABLE>NOTE\nO|said\nTAIL|7\n";

TEST_F(Flat, RecordsBecomeElements) {
    const auto read = syntax->read(good);
    ASSERT_TRUE(read) << read.error().text();
    EXPECT_EQ(schema::write_tree(read->tree, {.declaration = false}),
              "<File "
              "xmlns=\"urn:t\"><HEAD><Sender>S</Sender><MessageID>M1</MessageID><Control>7</Control></"
              "HEAD><BE><Office>O</Office><Job>1</Job>"
              "<Name>A "
              "name</Name></BE><DOCS><Number>D1</Number></DOCS><DOCS><Number>D2</Number><Date>2026</Date></"
              "DOCS><NOTE><Text>said</Text></NOTE></File>");
}

TEST_F(Flat, WhatIsWrittenIsReadAgain) {
    for (const std::string& bytes :
         {good, good + "<SIGN>abc=</SIGN>\n<CERT>d</CERT>\n", good + "<CERT>d</CERT>\r\n",
          std::string("HEAD|S||M1|7\r\n<TABLE>NOTE\r\nO|t\r\n<TABLE>BE\r\nO|1\r\nTAIL|7\r\n")}) {
        const auto once = syntax->read(bytes);
        ASSERT_TRUE(once) << bytes << once.error().text();
        const auto written = syntax->write(once->tree);
        ASSERT_TRUE(written) << written.error().text();
        const auto again = syntax->read(*written);
        ASSERT_TRUE(again) << *written << again.error().text();
        EXPECT_EQ(schema::write_tree(again->tree), schema::write_tree(once->tree));
    }
    EXPECT_EQ(*syntax->write(syntax->read(good)->tree),
              "HEAD|S||M1|7\n<TABLE>BE\nO|1|A name\n<TABLE>DOCS\nO|1|D1|\nO|1|D2|2026\n<TABLE>NOTE\nO|said\nTAIL|7\n");
}

TEST_F(Flat, RefusalsSayWhere) {
    const auto with = [&](const std::string& old, const std::string& other) {
        std::string out = good;
        return out.replace(out.find(old), old.size(), other);
    };
    refused("", codes::segment_missing, 1, 1);
    refused(with("HEAD", "HAED"), codes::segment_missing, 1, 1);
    refused(with("M1", "M2"), codes::message_unknown, 1, 1);
    refused(with("S||M1", "S|x|M1"), codes::element_unexpected, 1, 8);
    refused(with("<TABLE>BE\n", ""), codes::record_unexpected, 2, 1);
    refused(with("<TABLE>DOC", "<TABLE>DOK"), codes::record_unexpected, 4, 1);
    refused(with("A name", "A name|x"), codes::element_unexpected, 3, 12);
    refused(with("O|1|D2", "O|2|D2"), codes::reference_differs, 6, 3);
    refused(with("O|said", "P|said"), codes::reference_differs, 8, 1);
    refused(with("TAIL|7\n", ""), codes::truncated, 9, 1);
    refused(with("TAIL|7", "TAIL|8"), codes::reference_differs, 9, 6);
    refused(good + "more\n", codes::record_unexpected, 10, 1);
    refused(good + "<SIGN>x\n", codes::truncated, 10, 1);
    refused(with("A name", "A\tname"), codes::charset, 3, 6);
    refused(with("A name", "A\xFFname"), codes::charset, 3, 6);
    refused(with("A name", "A\rname"), codes::charset, 3, 6);
    EXPECT_EQ(syntax->read(good, {.bytes_max = 5}).error().code, codes::too_large);
    EXPECT_EQ(syntax->read(good, {.parts_max = 5}).error().code, codes::too_many);
}

TEST_F(Flat, WhatCannotBeSaidIsNotWritten) {
    for (const char* text : {"a|b", "a\nb", "a\tb"}) {
        auto read = syntax->read(good);
        read->tree.children[1].children[2].text = text;
        const auto written = syntax->write(read->tree);
        ASSERT_FALSE(written) << text;
        EXPECT_EQ(written.error().code, codes::unwritable);
        EXPECT_EQ(written.error().place.path, "/File/BE/Name");
    }
}

TEST_F(Flat, OnlyItsOwnMessagesAreRecognised) {
    EXPECT_TRUE(*syntax->recognises(good));
    EXPECT_TRUE(*syntax->recognises("HEAD|S||M1\r\n"));
    EXPECT_FALSE(*syntax->recognises("HEAD|S||M2|7\n"));
    EXPECT_FALSE(*syntax->recognises("HEAD|S\n"));
    EXPECT_FALSE(*syntax->recognises("<a/>"));
}

TEST(FlatTable, FaultsNameTheirLine) {
    const auto faults_of = [](const std::string& old, const std::string& other) {
        std::string table(flat_table);
        table.replace(table.find(old), old.size(), other);
        Diagnostics faults;
        EXPECT_FALSE(flat_of(table, faults)) << table;
        return faults.empty() ? std::string() : faults.errors().front().text();
    };
    EXPECT_EQ(faults_of("7C", "7G"), "t:1:1: syntax.table-invalid: '7G' is no separator");
    EXPECT_EQ(faults_of("MessageID Control", "Message Control"),
              "t:1:1: syntax.table-invalid: the header has no field MessageID");
    EXPECT_EQ(faults_of("TAIL  Control", "TAIL  Contrl"),
              "t:1:1: syntax.table-invalid: the header has no field Contrl");
    EXPECT_EQ(faults_of("key:1", "key:3"), "t:8:1: syntax.table-invalid: 'key:3': expected key or key:COUNT");
    EXPECT_EQ(faults_of("Number Date", "Number Number"), "t:7:1: syntax.table-invalid: Number stands twice");
    EXPECT_EQ(faults_of("Number Date", "Number"), "t: syntax.table-invalid: the table has no Date in DOCS");
    EXPECT_EQ(faults_of("key Name", "key Nam"), "t: syntax.table-invalid: the schema has no Nam in BE");
    EXPECT_EQ(faults_of("tail    SIGN CERT", "tail    SIGN"), "t: syntax.table-invalid: the table has no CERT in File");
    EXPECT_EQ(faults_of("name    M1\n", ""),
              "t:1:1: syntax.table-invalid: a file needs a name, a header, a trailer and a table");
    EXPECT_EQ(faults_of("table   BE", "tabel   BE"),
              "t:6:1: syntax.table-invalid: 'tabel': expected separator, name, header, trailer, key, table or tail");
}

}  // namespace
}  // namespace hansa::syntax
