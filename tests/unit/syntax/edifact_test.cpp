// UN/EDIFACT: what is read, what is refused and where, and that what is written is read again.
#include <gtest/gtest.h>

#include "core/schema/writer.h"
#include "core/syntax/codes.h"
#include "core/syntax/edifact_text.h"
#include "core/syntax/judge.h"
#include "tests/unit/syntax/small_message.h"

namespace hansa::syntax {
namespace {

using test::interchange;

std::string inside(const Result<Document>& read) {
    if (!read) return read.error().text();
    std::string out = schema::write_tree(read->tree.children.back(), {.declaration = false});
    const std::string root = " xmlns=\"urn:t\"";
    if (const auto at = out.find(root); at != std::string::npos) out.erase(at, root.size());
    return out;
}

class Edifact : public test::Reading {
protected:
    void SetUp() override { syntax = test::small_syntax(); }
};

TEST_F(Edifact, ReadsSegmentsIntoTheTree) {
    EXPECT_EQ(
        inside(syntax->read(interchange("BGM++N1'NAD+IM++A:B'UNS+D'LIN+1'LIN+2'"))),
        "<TSTMSG><UNH><e0062>1</e0062></UNH><BGM><e1004>N1</e1004></BGM><SG1_IM><NAD><C080><e3036_1>A</"
        "e3036_1><e3036_2>B</e3036_2>"
        "</C080></NAD></SG1_IM><SG2><LIN><e1082>1</e1082></LIN></SG2><SG2><LIN><e1082>2</e1082></LIN></SG2></TSTMSG>");
}

TEST_F(Edifact, AlternativesStandInTheTablesOrder) {
    EXPECT_EQ(
        inside(syntax->read(interchange("BGM++N1'RFF+ZZ:2'RFF+AA:1'RFF+YY'UNS+D'"))),
        "<TSTMSG><UNH><e0062>1</e0062></UNH><BGM><e1004>N1</e1004></BGM><RFF_AA><C506><e1154>1</e1154></C506></RFF_AA>"
        "<RFF><C506><e1153>ZZ</e1153><e1154>2</e1154></C506></RFF><RFF><C506><e1153>YY</e1153></C506></RFF></TSTMSG>");
}

TEST_F(Edifact, ALineMayAskForTheSecondElementToo) {
    const std::string bytes = interchange("BGM++N1'MEA+WT+N+2'MEA+WT+G+3'MEA+WT++4'UNS+D'");
    const auto read = syntax->read(bytes);
    EXPECT_EQ(inside(read),
              "<TSTMSG><UNH><e0062>1</e0062></UNH><BGM><e1004>N1</e1004></BGM><MEA_WT_G><e6314>3</e6314></MEA_WT_G>"
              "<MEA_WT><C502><e6313>N</e6313></C502><e6314>2</e6314></MEA_WT><MEA_WT><e6314>4</e6314></MEA_WT></TSTMSG>");
    ASSERT_TRUE(read);
    const auto written = syntax->write(read->tree);
    ASSERT_TRUE(written) << written.error().text();
    EXPECT_NE(written->find("MEA+WT+G+3'\nMEA+WT+N+2'\nMEA+WT++4'"), std::string::npos) << *written;
}

TEST_F(Edifact, TheInnermostGroupTakesASegment) {
    EXPECT_EQ(
        inside(syntax->read(interchange("BGM++N1'RFF+AA:1'NAD+IM'RFF+AA:2'UNS+D'"))),
        "<TSTMSG><UNH><e0062>1</e0062></UNH><BGM><e1004>N1</e1004></BGM><RFF_AA><C506><e1154>1</e1154></C506></RFF_AA>"
        "<SG1_IM><NAD></NAD><RFF_AA><C506><e1154>2</e1154></C506></RFF_AA></SG1_IM></TSTMSG>");
}

TEST_F(Edifact, ReleasedCharactersArePutBack) {
    EXPECT_EQ(inside(syntax->read(interchange("BGM++A?+B?:C?'D?\?'UNS+D'"))),
              "<TSTMSG><UNH><e0062>1</e0062></UNH><BGM><e1004>A+B:C'D?</e1004></BGM></TSTMSG>");
}

TEST_F(Edifact, ServiceStringAndDecimalMark) {
    const std::string bytes =
        "UNA=*,! "
        "~\r\nUNB*UNOC=4*S*R*20260415=0910*R1~\r\nUNH*1*TSTMSG=D=96B=UN~\r\nBGM**A+B~\r\nUNS*D~\r\nLIN*1,5~\r\nUNT*5*1~"
        "\r\nUNZ*1*R1~\r\n";
    EXPECT_EQ(inside(syntax->read(bytes)),
              "<TSTMSG><UNH><e0062>1</e0062></UNH><BGM><e1004>A+B</e1004></BGM><SG2><LIN><e1082>1.5</e1082></LIN></"
              "SG2></TSTMSG>");
    EXPECT_TRUE(*syntax->recognises(bytes));
}

TEST_F(Edifact, ServiceCharactersNeedNotBeInTheRepertoire) {
    EXPECT_TRUE(
        syntax->read("UNA:+.? ~UNB+UNOA:4+S+R+20260415:0910+R1~UNH+1+TSTMSG:D:96B:UN~BGM++N1~UNS+D~UNT+4+1~UNZ+1+R1~"));
}

TEST_F(Edifact, SixDigitsOfADateAreOfThisCentury) {
    std::string bytes = interchange("BGM++N1'UNS+D'", "UNOA:3");
    bytes.replace(bytes.find("20260415"), 8, "260415");
    const auto read = syntax->read(bytes);
    ASSERT_TRUE(read) << read.error().text();
    EXPECT_EQ(read->tree.child("UNB")->child("S004")->child("e0017")->text, "20260415");
}

TEST_F(Edifact, RefusalsSayWhere) {
    refused("", codes::segment_missing, 1, 1);
    refused("UNA:+.? '", codes::segment_missing, 1, 10);
    refused("UNA:+.?", codes::truncated, 1, 1);
    refused("UNA++.? 'UNB+UNOB:4", codes::separators, 1, 1);
    refused("UNB-UNOB:4-A", codes::separators, 1, 4);
    refused("UNB+UNOX:4+S+R'", codes::level_unknown, 1, 5);
    refused(interchange("BGM++N1'UNS+D'", "UNOB:7"), codes::level_unknown, 1, 1);
    refused(interchange("BGM++\xC3\xA9'UNS+D'"), codes::charset, 1, 72);
    refused(interchange("BGM++a'UNS+D'", "UNOA:4"), codes::charset, 1, 72);
    refused(interchange("BGM++a\tb'UNS+D'", "UNOC:4"), codes::charset, 1, 73);
    refused(interchange("BGM++a\nb'UNS+D'"), codes::charset, 1, 73);
    refused(interchange("BGM++N1'UNS+D'").substr(0, 80), codes::truncated, 1, 81);
    refused(interchange("BGM++N1'UNS+D'").substr(0, 81), codes::truncated, 1, 81);
    refused(interchange("BGM++N1'UNS+D'").substr(0, 79) + "?", codes::release_at_end, 1, 80);
    refused(interchange("BGM++O'NEILL'UNS+D'"), codes::segment_tag, 1, 74);
    refused(interchange("BGM++N1'XYZ+1'UNS+D'"), codes::segment_unexpected, 1, 75);
    refused(interchange("BGM++N1'UNS+D'RFF+AA:1'"), codes::segment_unexpected, 1, 81);
    refused(interchange("BGM++N1'LIN+1'"), codes::segment_missing, 1, 75);
    refused(interchange("BGM++N1'"), codes::segment_missing, 1, 75);
    refused(interchange("BGM++N1+X'UNS+D'"), codes::element_unexpected, 1, 75);
    refused(interchange("BGM++N1'NAD+IM+7'UNS+D'"), codes::element_unexpected, 1, 82);
}

TEST_F(Edifact, CountsAndReferences) {
    const std::string good = interchange("BGM++N1'UNS+D'");
    ASSERT_TRUE(syntax->read(good));
    const auto with = [&](const std::string& old, const std::string& other) {
        std::string out = good;
        return out.replace(out.find(old), old.size(), other);
    };
    refused(with("UNT+4+1", "UNT+5+1"), codes::count_differs, 1, 85);
    refused(with("UNT+4+1", "UNT+x+1"), codes::count_differs, 1, 85);
    refused(with("UNT+4+1", "UNT+4+2"), codes::reference_differs, 1, 87);
    refused(with("UNZ+1+", "UNZ+2+"), codes::count_differs, 1, 93);
    refused(with("UNZ+1+R1", "UNZ+1+R2"), codes::reference_differs, 1, 95);
    refused("UNB+UNOB:4+S+R+20260415:0910+'UNH+1+TSTMSG:D:96B:UN'BGM++N1'UNS+D'UNT+4+1'UNZ+1+'",
            codes::reference_differs, 1, 81);
    refused(with("UNT+4+1'", ""), codes::segment_unexpected, 1, 81);
    refused(good + "BGM'", codes::segment_unexpected, 1, 98);
    refused(with("TSTMSG:D", "TSTMSG:S"), codes::message_unknown, 1, 45);
    refused(with("UNH+", "UNG+A+B+C+D+1'UNH+").insert(good.find("UNZ") + 14, "UNE+1+1'"), codes::segment_unexpected, 1,
            45);
}

TEST_F(Edifact, Limits) {
    const std::string good = interchange("BGM++N1'UNS+D'");
    EXPECT_EQ(syntax->read(good, {.bytes_max = good.size() - 1}).error().code, codes::too_large);
    EXPECT_EQ(syntax->read(good, {.parts_max = 5}).error().code, codes::too_many);
    EXPECT_TRUE(syntax->read(good, {.bytes_max = good.size(), .parts_max = 6}));
}

TEST_F(Edifact, WhatIsWrittenIsReadAgain) {
    for (const std::string& bytes :
         {interchange("BGM++N1'UNS+D'"), interchange("BGM++A?+B?:C?'D??*'NAD+IM++B:'RFF+AA:x'UNS+D'LIN+1.50'LIN+2'"),
          interchange("BGM++caf\xE9'UNS+D'", "UNOC:4"), interchange("BGM++\xE5\x95\x86'UNS+D'", "UNOY:4")}) {
        const auto once = syntax->read(bytes);
        ASSERT_TRUE(once) << bytes << once.error().text();
        const auto written = syntax->write(once->tree);
        ASSERT_TRUE(written) << written.error().text();
        const auto again = syntax->read(*written);
        ASSERT_TRUE(again) << *written << again.error().text();
        EXPECT_EQ(schema::write_tree(again->tree), schema::write_tree(once->tree));
        EXPECT_EQ(*syntax->write(again->tree), *written);
    }
}

TEST_F(Edifact, TheFirstRepertoireThatHasAllCharactersIsWritten) {
    const auto head = [&](const std::string& bytes) { return syntax->write(syntax->read(bytes)->tree)->substr(0, 10); };
    EXPECT_EQ(head(interchange("BGM++N1'UNS+D'", "UNOY:4")), "UNB+UNOB:4");
    EXPECT_EQ(head(interchange("BGM++@'UNS+D'", "UNOY:4")), "UNB+UNOC:4");
    EXPECT_EQ(head(interchange("BGM++\xE5\x95\x86'UNS+D'", "UNOY:4")), "UNB+UNOY:4");
    auto read = syntax->read(interchange("BGM++N1'UNS+D'"));
    read->tree.children.back().children[1].children.front().text = "a\tb";
    const auto written = syntax->write(read->tree);
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code, codes::unwritable);
    EXPECT_EQ(written.error().place.path, "/Interchange/TSTMSG/BGM/e1004");
}

TEST_F(Edifact, NumbersOfMessagesAreMadeWhereThereAreNone) {
    auto read = syntax->read(interchange("BGM++N1'UNS+D'"));
    ASSERT_TRUE(read);
    std::erase_if(read->tree.children[0].children,
                  [](const auto& child) { return child.name.local == "e0020" || child.name.local == "S004"; });
    read->tree.children[1].children[0].children.clear();
    const auto written = syntax->write(read->tree, "2026-04-15T09:10:00Z");
    ASSERT_TRUE(written);
    const auto again = syntax->read(*written);
    ASSERT_TRUE(again) << *written;
    EXPECT_EQ(again->tree.child("UNB")->child("e0020")->text.size(), 14U);
    EXPECT_EQ(again->tree.child("UNB")->child("S004")->child("e0017")->text, "20260415");
    EXPECT_EQ(again->tree.child("UNB")->child("S004")->child("e0019")->text, "0910");
    EXPECT_EQ(again->tree.child("TSTMSG")->child("UNH")->child("e0062")->text, "1");
    EXPECT_EQ(*syntax->write(read->tree, "2026-04-15T09:10:00Z"), *written);
}

TEST_F(Edifact, TheSchemasFaultsAreAtTheSendersPlaces) {
    const auto judge = schema::Validator::from_texts({{"main.xsd", std::string(test::small_xsd)}}, "main.xsd");
    ASSERT_TRUE(judge) << judge.error().text();
    const auto read = syntax->read(interchange("BGM++N1234567890'\nUNS+D'\nLIN+1'LIN+x'"));
    ASSERT_TRUE(read) << read.error().text();
    Diagnostics faults;
    EXPECT_FALSE(validate(*judge, *read, faults));
    ASSERT_EQ(faults.count(), 2U);
    EXPECT_EQ(faults.errors()[0].text(),
              "1:72: schema.length: '" + faults.errors()[0].text().substr(faults.errors()[0].text().find('\'') + 1));
    EXPECT_EQ(faults.errors()[1].place.line, 3U);
    EXPECT_EQ(faults.errors()[1].place.column, 11U);
}

TEST_F(Edifact, OnlyItsOwnMessagesAreRecognised) {
    EXPECT_TRUE(*syntax->recognises(interchange("BGM++N1'")));
    EXPECT_FALSE(*syntax->recognises("UNB+UNOB:4+A+B'UNH+1+OTHER:D:96B:UN'"));
    EXPECT_FALSE(*syntax->recognises("<a/>"));
    EXPECT_FALSE(syntax->recognises("UNB+UNOB:4+A+B'"));
    EXPECT_EQ(described("UNB+UNOB:4+A+B'UNH+1+OTHER:D:96B:UN'"), "a UN/EDIFACT message OTHER:D:96B:UN");
}

TEST(EdifactTable, FaultsNameTheirLine) {
    const schema::Grammar grammar = test::grammar_of(test::small_xsd);
    const auto faults_of = [&](const std::string& old, const std::string& other) {
        std::string table(test::small_table);
        table.replace(table.find(old), old.size(), other);
        Diagnostics faults;
        EXPECT_FALSE(make({"edifact", {{"t", table}}, grammar}, faults)) << table;
        return faults.empty() ? std::string() : faults.errors().front().text();
    };
    EXPECT_EQ(faults_of("TSTMSG:D:96B:UN", "TSTMSG"),
              "t:1:1: syntax.table-invalid: expected TYPE:VERSION:RELEASE:AGENCY");
    EXPECT_EQ(faults_of("UNOC", "UNOZ"), "t:2:1: syntax.table-invalid: 'UNOZ' is no repertoire");
    EXPECT_EQ(faults_of("C002(1001)", "C002(1001"), "t:3:1: syntax.table-invalid: 'C002(' is not closed");
    EXPECT_EQ(faults_of("3036*2", "3036*x"),
              "t:6:1: syntax.table-invalid: '3036*x': expected NAME*COUNT or NAME>COUNT");
    EXPECT_EQ(faults_of("segment LIN  1082", "segmet LIN 1082"),
              "t:7:1: syntax.table-invalid: 'segmet': expected message, levels, segment or body");
    EXPECT_EQ(faults_of("  RFF\n", "  XXX\n"), "t:13:1: syntax.table-invalid: no line defines the segment XXX");
    EXPECT_EQ(faults_of("  RFF\n", "  RFF_BB\n"), "t: syntax.table-invalid: the schema has no RFF_BB in TSTMSG");
    EXPECT_EQ(faults_of("segment LIN  1082", "segment LIN  1083"),
              "t: syntax.table-invalid: the table has no e1082 in TSTMSG/SG2/LIN");
    EXPECT_EQ(faults_of("  MEA_WT_G\n", "  MEA_WT_\n"),
              "t:10:1: syntax.table-invalid: 'MEA_WT_': expected a second element of MEA and its value");
    EXPECT_EQ(faults_of("  RFF_AA\n  RFF\n", "  RFF\n"), "t: syntax.table-invalid: the table has no RFF_AA in TSTMSG");
    Diagnostics faults;
    EXPECT_FALSE(make({"edifact", {}, grammar}, faults));
    EXPECT_FALSE(make({"morse", {}, grammar}, faults));
    EXPECT_FALSE(is_syntax("morse"));
    EXPECT_TRUE(is_syntax("edifact"));
}

TEST(SyntaxKind, IsToldByTheFirstBytes) {
    EXPECT_EQ(kind_of("<a/>"), Kind::xml);
    EXPECT_EQ(kind_of("\xEF\xBB\xBF<a/>"), Kind::xml);
    EXPECT_EQ(kind_of(std::string_view("\xFF\xFE<\0a\0", 6)), Kind::xml);
    EXPECT_EQ(kind_of(std::string_view("\0<\0a", 4)), Kind::xml);
    EXPECT_EQ(kind_of("UNA:+.? 'UNB+"), Kind::edifact);
    EXPECT_EQ(kind_of("\r\n UNB+UNOA:3"), Kind::edifact);
    EXPECT_EQ(kind_of("HREC\x1DZZ\n<T>"), Kind::flat);
    EXPECT_EQ(kind_of("HREC\nZZ\x1D"), Kind::unknown);
    EXPECT_EQ(kind_of(" {\"a\": 1}"), Kind::json);
    EXPECT_EQ(kind_of("UNKNOWN"), Kind::unknown);
    EXPECT_EQ(kind_of(" "), Kind::unknown);
    EXPECT_EQ(name_of(Kind::xml), "xml");
    EXPECT_EQ(name_of(Kind::unknown), "");
    EXPECT_EQ(ending_of(Kind::edifact), "edi");
    EXPECT_EQ(media_type_of("M1.edi"), "application/EDIFACT");
    EXPECT_EQ(media_type_of("M1.asice"), "application/vnd.etsi.asic-e+zip");
    EXPECT_EQ(media_type_of("M1.xml"), "application/xml");
}

}  // namespace
}  // namespace hansa::syntax
