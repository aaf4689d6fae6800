// What the scanner makes of documents that are well-formed. The expected tokens are read off the
// rules of XML 1.0 (fifth edition) and Namespaces in XML 1.0 that the case names.
#include "core/xml/scanner.h"

#include <gtest/gtest.h>

#include "tests/unit/xml/scan_dump.h"

namespace hansa {
namespace {

struct TokenCase {
    const char* rule;
    std::string text;
    std::string tokens;
};

void PrintTo(const TokenCase& row, std::ostream* out) {
    *out << row.rule;
}

class ScannerTokens : public testing::TestWithParam<TokenCase> {};

TEST_P(ScannerTokens, AsTheRuleSays) {
    EXPECT_EQ(test::dump(GetParam().text), GetParam().tokens) << GetParam().rule;
}

const TokenCase token_cases[] = {
    {"2.1 the smallest document", "<a/>", "<a/> </a>"},
    {"2.8 prolog and epilog", "<!--x-->\n<a></a>\n<?p?> ", "#x <a> </a> ?p|"},
    {"2.8 XML declaration", "<?xml version='1.0' encoding=\"utf-8\" standalone='yes' ?><a/>", "<a/> </a>"},
    {"2.8 declaration with spaces", "<?xml\tversion = \"1.0\"\n?><a/>", "<a/> </a>"},
    {"4.3.3 US-ASCII is UTF-8", "<?xml version='1.0' encoding='US-ASCII'?><a/>", "<a/> </a>"},
    {"4.3.3 byte order mark", "\xEF\xBB\xBF<a/>", "<a/> </a>"},
    {"4.3.3 byte order mark and declaration", "\xEF\xBB\xBF<?xml version='1.0'?><a/>", "<a/> </a>"},
    {"2.4 text", "<a>x y</a>", "<a> \"x y\" </a>"},
    {"2.4 '>' may stand in a text", "<a>x>y ]] ]></a>", "<a> \"x>y ]] ]>\" </a>"},
    {"2.10 white space is told", "<a> <b/>\n\t</a>", "<a> _\" \" <b/> </b> _\"\\n\\t\" </a>"},
    {"2.10 white space by reference", "<a>&#x20;&#10;</a>", "<a> _\" \\n\" </a>"},
    {"2.11 line ends", "<a>1\r\n2\r3\n4\r\r\n5&#13;6</a>", "<a> \"1\\n2\\n3\\n4\\n\\n5\\r6\" </a>"},
    {"2.11 line ends in comment and instruction", "<a><!--1\r\n2\r--><?p 1\r2?></a>", "<a> #1\\n2\\n ?p|1\\n2 </a>"},
    {"2.11 line ends in CDATA", "<a><![CDATA[1\r\n2\r]]></a>", "<a> \"1\\n2\\n\" </a>"},
    {"2.7 CDATA", "<a><![CDATA[<&]]>]]&gt;</a>", "<a> \"<&]]>\" </a>"},
    {"2.7 CDATA joins the text around", "<a>x<![CDATA[y]]>z<![CDATA[]]>!</a>", "<a> \"xyz!\" </a>"},
    {"2.7 empty CDATA is no text", "<a><![CDATA[]]></a>", "<a> </a>"},
    {"2.7 empty CDATA before an element", "<a><![CDATA[]]><b/></a>", "<a> <b/> </b> </a>"},
    {"2.7 brackets in CDATA", "<a><![CDATA[]]]]]></a>", "<a> \"]]]\" </a>"},
    {"2.5 comment", "<a><!-- - <b> & --></a>", "<a> # - <b> &  </a>"},
    {"2.5 empty comment", "<a><!----></a>", "<a> # </a>"},
    {"2.5 a comment cuts the text", "<a>x<!--c-->y</a>", "<a> \"x\" #c \"y\" </a>"},
    {"2.6 instruction", "<a><?p  q=\"1\" ? ?></a>", "<a> ?p|q=\"1\" ?  </a>"},
    {"2.6 instruction without data", "<a><?p?><?q ?></a>", "<a> ?p| ?q| </a>"},
    {"2.6 a target that only begins with xml", "<?xml-stylesheet a?><a/>", "?xml-stylesheet|a <a/> </a>"},
    {"4.1 character references", "<a>&#65;&#x42;&#x1F600;</a>", "<a> \"AB\xF0\x9F\x98\x80\" </a>"},
    {"4.1 leading zeros", "<a>&#x0000000000041;</a>", "<a> \"A\" </a>"},
    {"4.6 predefined entities", "<a b='&lt;&apos;'>&amp;&lt;&gt;&quot;&apos;</a>", "<a @b=<'> \"&<>\"'\" </a>"},
    {"4.4.4 no second reading", "<a>&amp;amp;&#38;lt;</a>", "<a> \"&amp;&lt;\" </a>"},
    {"3.1 attributes", "<a x='1' y = \"2\"\n z='>'/>", "<a @x=1 @y=2 @z=>/> </a>"},
    {"3.1 quotation marks", "<a x='\"' y=\"'\"/>", "<a @x=\" @y='/> </a>"},
    {"3.1 space in tags", "<a ></a\n>", "<a> </a>"},
    {"3.3.3 white space in values", "<a b='\t1\r\n2\r3\n4 '/>", "<a @b= 1 2 3 4 /> </a>"},
    {"3.3.3 references stay as they are", "<a b='&#9;&#10;&#13;&#x20;'/>", "<a @b=\\t\\n\\r /> </a>"},
    {"3.3.3 two values with references", "<a b='&lt;1' c='2&gt;' d='3'/>", "<a @b=<1 @c=2> @d=3/> </a>"},
    {"2.3 names", "<_a-1.b\xC3\xA9/>", "<_a-1.b\xC3\xA9/> </_a-1.b\xC3\xA9>"},
    {"2.3 names of the fifth edition", "<\xF0\x90\x80\x80/>", "<\xF0\x90\x80\x80/> </\xF0\x90\x80\x80>"},
    {"2.2 text beyond ASCII", "<a b='\xE4\xB8\xAD'>\xE5\x9B\xBD\xF0\x9F\x98\x80</a>",
     "<a @b=\xE4\xB8\xAD> \"\xE5\x9B\xBD\xF0\x9F\x98\x80\" </a>"},
    {"NS 6.2 default namespace", "<a xmlns='u' b='1'><c/></a>", "<{u}a +=u @b=1> <{u}c/> </{u}c> </{u}a>"},
    {"NS 6.2 default taken away", "<a xmlns='u'><b xmlns=''/></a>", "<{u}a +=u> <b +=/> </b> </{u}a>"},
    {"NS 5 prefixes", "<p:a xmlns:p='u' p:b='1'/>", "<{u}p:a +p=u @{u}p:b=1/> </{u}p:a>"},
    {"NS 6.1 the inner one counts", "<p:a xmlns:p='u'><p:b xmlns:p='v'/><p:c/></p:a>",
     "<{u}p:a +p=u> <{v}p:b +p=v/> </{v}p:b> <{u}p:c/> </{u}p:c> </{u}p:a>"},
    {"NS 3 xml is bound", "<a xml:lang='en'/>", "<a @{http://www.w3.org/XML/1998/namespace}xml:lang=en/> </a>"},
    {"NS 3 xml may be declared as it is", "<a xmlns:xml='http://www.w3.org/XML/1998/namespace'/>",
     "<a +xml=http://www.w3.org/XML/1998/namespace/> </a>"},
    {"NS 6.3 same local name, two namespaces", "<a xmlns:p='u' b='1' p:b='2'/>", "<a +p=u @b=1 @{u}p:b=2/> </a>"},
    {"NS 6.3 the default is none for attributes", "<a xmlns='u' xmlns:p='u' b='1' p:b='2'/>",
     "<{u}a +=u +p=u @b=1 @{u}p:b=2/> </{u}a>"},
    {"NS 3 a URI with references", "<p:a xmlns:p='u&amp;v'><p:b/></p:a>",
     "<{u&v}p:a +p=u&v> <{u&v}p:b/> </{u&v}p:b> </{u&v}p:a>"},
};

INSTANTIATE_TEST_SUITE_P(Rules, ScannerTokens, testing::ValuesIn(token_cases));

TEST(Scanner, GivesPlacesInTheBytes) {
    const std::string text = "\xEF\xBB\xBF<a b=\"1\">x&amp;<c/></a>";
    xml::Scanner scanner(text);
    const auto expect = [&](xml::TokenKind kind, std::size_t offset, std::size_t end) {
        ASSERT_EQ(*scanner.next(), kind);
        EXPECT_EQ(scanner.token().offset, offset);
        EXPECT_EQ(scanner.token().end, end);
    };
    expect(xml::TokenKind::start_element, 3, 12);
    EXPECT_EQ(scanner.token().attributes[0].offset, 6u);
    expect(xml::TokenKind::text, 12, 18);
    expect(xml::TokenKind::start_element, 18, 22);
    expect(xml::TokenKind::end_element, 18, 22);
    EXPECT_EQ(scanner.depth(), 2u);
    expect(xml::TokenKind::end_element, 22, 26);
    expect(xml::TokenKind::end_of_document, 26, 26);
    expect(xml::TokenKind::end_of_document, 26, 26);
}

TEST(Scanner, GivesViewsOfTheInputWhereTheTextStandsAsItReads) {
    const std::string text = "<a b='v\xC3\xA9'>plain ] \xE4\xB8\xAD</a>";
    const auto inside = [&](std::string_view view) {
        return view.data() >= text.data() && view.data() < text.data() + text.size();
    };
    xml::Scanner scanner(text);
    ASSERT_TRUE(scanner.next().has_value());
    EXPECT_TRUE(inside(scanner.token().attributes[0].value));
    ASSERT_TRUE(scanner.next().has_value());
    EXPECT_TRUE(inside(scanner.token().text));
    EXPECT_EQ(scanner.token().text, "plain ] \xE4\xB8\xAD");
}

TEST(Scanner, AnswersWhatAPrefixMeansHere) {
    xml::Scanner scanner("<a xmlns='u' xmlns:p='v'><b xmlns:p='w'/></a>");
    ASSERT_TRUE(scanner.next().has_value());
    EXPECT_EQ(scanner.namespace_of("p"), "v");
    EXPECT_EQ(scanner.namespace_of(""), "u");
    EXPECT_EQ(scanner.namespace_of("q"), std::nullopt);
    ASSERT_TRUE(scanner.next().has_value());
    EXPECT_EQ(scanner.namespace_of("p"), "w");
    ASSERT_TRUE(scanner.next().has_value());
    EXPECT_EQ(scanner.namespace_of("p"), "w");
    ASSERT_TRUE(scanner.next().has_value());
    EXPECT_EQ(scanner.namespace_of("p"), "v");
}

TEST(Scanner, KeepsItsErrorAndItsDeclaredEncoding) {
    xml::Scanner scanner("<?xml version='1.0' encoding='UTF-8'?><a><b></a>");
    ASSERT_TRUE(scanner.next().has_value());
    EXPECT_EQ(scanner.declared_encoding(), "UTF-8");
    ASSERT_TRUE(scanner.next().has_value());
    for (int again = 0; again < 2; ++again) {
        const auto kind = scanner.next();
        ASSERT_FALSE(kind.has_value());
        EXPECT_EQ(kind.error().text(), "1:45: xml.not-well-formed: end tag 'a' where 'b' is open");
    }
}

TEST(Scanner, CanBeMoved) {
    const std::string text = "<a><b/></a>";
    xml::Scanner first(text);
    ASSERT_TRUE(first.next().has_value());
    xml::Scanner second = std::move(first);
    ASSERT_TRUE(second.next().has_value());
    EXPECT_EQ(second.token().local, "b");
}

TEST(LineIndex, CountsLinesAsXmlEndsThem) {
    struct Row {
        std::size_t offset;
        std::uint32_t line, column;
    };
    //                        0123 4 5 67 8 90 1 2
    const std::string text = "ab\ncd\r\nef\rgh\n\nij";
    const Row rows[] = {{0, 1, 1}, {1, 1, 2},  {2, 1, 3},  {3, 2, 1},  {5, 2, 3},  {6, 2, 4},  {7, 3, 1},
                        {9, 3, 3}, {10, 4, 1}, {12, 4, 3}, {13, 5, 1}, {14, 6, 1}, {16, 6, 3}, {99, 6, 3}};
    xml::LineIndex index(text);
    for (const Row& row : rows) {
        const Place place = index.place(row.offset);
        EXPECT_EQ(place.line, row.line) << row.offset;
        EXPECT_EQ(place.column, row.column) << row.offset;
    }
}

TEST(LineIndex, FindsPlacesInWhatItForgot) {
    std::string text = "\xEF\xBB\xBF";
    for (int i = 0; i < 300; ++i) text += std::string(static_cast<std::size_t>(i % 7), 'a') + (i % 3 == 0 ? "\r\n" : i % 3 == 1 ? "\r" : "\n");
    xml::LineIndex all(text), some(text);
    for (std::size_t at = 0; at <= text.size(); ++at) {
        if (at % 50 == 49) some.forget(at - 10);
        for (const std::size_t offset : {at, at / 2, std::size_t{0}, at > 9 ? at - 9 : 0}) {
            EXPECT_EQ(some.place(offset).line, all.place(offset).line) << offset;
            EXPECT_EQ(some.place(offset).column, all.place(offset).column) << offset;
        }
    }
}

TEST(LineIndex, CountsBytesAndNoByteOrderMark) {
    xml::LineIndex index("\xEF\xBB\xBF\xC3\xA9<");
    EXPECT_EQ(index.place(3).column, 1u);
    EXPECT_EQ(index.place(5).column, 3u);
    EXPECT_EQ(index.place(0).column, 1u);
    EXPECT_EQ(xml::LineIndex("").place(0), (Place{"", 1, 1, ""}));
}

}  // namespace
}  // namespace hansa
