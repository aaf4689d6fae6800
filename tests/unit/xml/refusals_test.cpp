// What the scanner refuses, with which code and where. One row a rule of the specifications; the
// expected verdicts are the specifications' own.
#include <gtest/gtest.h>

#include "core/xml/codes.h"
#include "core/xml/encoding.h"
#include "core/xml/scanner.h"
#include "tests/unit/xml/scan_dump.h"

namespace hansa {
namespace {

using namespace std::string_literals;
namespace codes = xml::codes;

struct Refusal {
    const char* rule;
    std::string text;
    Code code;
    std::uint32_t line, column;
};

Result<void> scan(std::string_view text, const xml::Limits& limits = {}) {
    xml::Scanner scanner(text, limits);
    for (;;) {
        const auto kind = scanner.next();
        if (!kind) return kind.error();
        if (*kind == xml::TokenKind::end_of_document) return {};
    }
}

void PrintTo(const Refusal& row, std::ostream* out) {
    *out << row.rule;
}

class ScannerRefuses : public testing::TestWithParam<Refusal> {};

TEST_P(ScannerRefuses, WithCodeAndPlace) {
    const auto verdict = scan(GetParam().text);
    ASSERT_FALSE(verdict.has_value()) << GetParam().rule;
    EXPECT_EQ(verdict.error().code.name(), GetParam().code.name()) << GetParam().rule << ": " << verdict.error().text();
    EXPECT_EQ(verdict.error().place.line, GetParam().line) << GetParam().rule << ": " << verdict.error().text();
    EXPECT_EQ(verdict.error().place.column, GetParam().column) << GetParam().rule << ": " << verdict.error().text();
    EXPECT_FALSE(verdict.error().detail.empty());
}

const Refusal document_cases[] = {
    {"nothing", "", codes::not_xml, 1, 1},
    {"white space only", " \n ", codes::not_xml, 2, 2},
    {"JSON", "{\"a\":1}", codes::not_xml, 1, 1},
    {"EDIFACT", "UNB+UNOC:3'", codes::not_xml, 1, 1},
    {"no element", "<?xml version='1.0'?><!--x-->", codes::not_xml, 1, 30},
    {"text before the root", "<!--x-->x<a/>", codes::not_xml, 1, 9},
    {"CDATA before the root", "<![CDATA[x]]><a/>", codes::not_xml, 1, 1},
    {"reference before the root", "&#32;<a/>", codes::not_xml, 1, 1},
    {"text behind the root", "<a/>x", codes::not_well_formed, 1, 5},
    {"CDATA behind the root", "<a/><![CDATA[]]>", codes::not_well_formed, 1, 5},
    {"reference behind the root", "<a/>&#32;", codes::not_well_formed, 1, 5},
    {"second root", "<a/>\n<b/>", codes::not_well_formed, 2, 1},
    {"end tag behind the root", "<a/></a>", codes::not_well_formed, 1, 6},
    {"DOCTYPE", "<!DOCTYPE a><a/>", codes::doctype_refused, 1, 1},
    {"DOCTYPE behind other things", "<?xml version='1.0'?>\n<!--x--><!DOCTYPE a [<!ENTITY b 'c'>]><a/>",
     codes::doctype_refused, 2, 9},
    {"DOCTYPE in the root", "<a><!DOCTYPE a></a>", codes::doctype_refused, 1, 4},
    {"DOCTYPE behind the root", "<a/><!DOCTYPE a>", codes::doctype_refused, 1, 5},
    {"DOCTYPE, broken", "<!DOCTYPE", codes::doctype_refused, 1, 1},
    {"XML 1.1", "<?xml version='1.1'?><a/>", codes::version_refused, 1, 16},
    {"XML 2", "<?xml version='2.0'?><a/>", codes::version_refused, 1, 16},
    {"encoding", "<?xml version='1.0' encoding='ISO-8859-1'?><a/>", codes::encoding_refused, 1, 31},
    {"encoding without a name", "<?xml version='1.0' encoding=''?><a/>", codes::not_well_formed, 1, 31},
    {"encoding with a bad name", "<?xml version='1.0' encoding='8'?><a/>", codes::not_well_formed, 1, 31},
    {"UTF-16, little end first", "\xFF\xFE<\0a\0"s, codes::encoding_refused, 1, 1},
    {"UTF-16, big end first", "\xFE\xFF\0<"s, codes::encoding_refused, 1, 1},
    {"UTF-16 without a mark", "<\0a\0/\0>\0"s, codes::encoding_refused, 1, 1},
    {"declaration without a version", "<?xml encoding='UTF-8'?><a/>", codes::not_well_formed, 1, 7},
    {"declaration in another order", "<?xml version='1.0' standalone='yes' encoding='UTF-8'?><a/>",
     codes::not_well_formed, 1, 38},
    {"declaration without space", "<?xml version='1.0'encoding='UTF-8'?><a/>", codes::not_well_formed, 1, 20},
    {"declaration with something else", "<?xml version='1.0' a='b'?><a/>", codes::not_well_formed, 1, 21},
    {"standalone", "<?xml version='1.0' standalone='maybe'?><a/>", codes::not_well_formed, 1, 33},
    {"declaration not at the beginning", " <?xml version='1.0'?><a/>", codes::not_well_formed, 1, 2},
    {"declaration twice", "<?xml version='1.0'?><?xml version='1.0'?><a/>", codes::not_well_formed, 1, 22},
    {"declaration with capitals", "<?XML version='1.0'?><a/>", codes::not_well_formed, 1, 1},
    {"value that does not end", "<?xml version='1.0?><a/>", codes::not_well_formed, 1, 20},
    {"value without quotation marks", "<?xml version=1.0?><a/>", codes::not_well_formed, 1, 15},
    {"US-ASCII that is none", "<?xml version='1.0' encoding='US-ASCII'?><a>\xC3\xA9</a>", codes::encoding_broken, 1,
     45},
    {"US-ASCII that is none, in a name", "<?xml version='1.0' encoding='US-ASCII'?><\xC3\xA9/>", codes::encoding_broken,
     1, 43},
};

const Refusal element_cases[] = {
    {"wrong end tag", "<a><b></a></b>", codes::not_well_formed, 1, 7},
    {"end tag with another prefix", "<p:a xmlns:p='u' xmlns:q='u'></q:a>", codes::not_well_formed, 1, 30},
    {"case counts", "<a></A>", codes::not_well_formed, 1, 4},
    {"attribute in an end tag", "<a></a b='1'>", codes::not_well_formed, 1, 8},
    {"space before the name", "< a/>", codes::not_well_formed, 1, 2},
    {"space before the name of an end tag", "<a></ a>", codes::not_well_formed, 1, 6},
    {"name that begins with a digit", "<1/>", codes::not_well_formed, 1, 2},
    {"name that begins with a hyphen", "<-a/>", codes::not_well_formed, 1, 2},
    {"name that begins with a combining character", "<\xCC\x80/>", codes::not_well_formed, 1, 2},
    {"multiplication sign in a name", "<a\xC3\x97/>", codes::not_well_formed, 1, 3},
    {"space in the end of an empty tag", "<a / >", codes::not_well_formed, 1, 5},
    {"no space between attributes", "<a b='1'c='2'/>", codes::not_well_formed, 1, 9},
    {"attribute without a value", "<a b/>", codes::not_well_formed, 1, 5},
    {"attribute without quotation marks", "<a b=1/>", codes::not_well_formed, 1, 6},
    {"'<' in a value", "<a b='<'/>", codes::not_well_formed, 1, 7},
    {"'&' in a value", "<a b='&'/>", codes::not_well_formed, 1, 8},
    {"attribute twice", "<a b='1' b='2'/>", codes::attribute_twice, 1, 10},
    {"attribute twice by its namespace", "<a xmlns:p='u' xmlns:q='u' p:b='1' q:b='2'/>", codes::attribute_twice, 1, 36},
    {"declaration twice", "<a xmlns:p='u' xmlns:p='u'/>", codes::attribute_twice, 1, 16},
    {"default declared twice", "<a xmlns='u' xmlns='u'/>", codes::attribute_twice, 1, 14},
    {"attribute twice among many", "<a a1='' a2='' a3='' a4='' a5='' a6='' a7='' a8='' a9='' b1='' b2='' b3='' a3=''/>",
     codes::attribute_twice, 1, 76},
    {"no such markup", "<a><!ELEMENT b></a>", codes::not_well_formed, 1, 5},
    {"no such markup before the root", "<!foo><a/>", codes::not_well_formed, 1, 2},
    {"CDATA in small letters", "<a><![cdata[x]]></a>", codes::not_well_formed, 1, 5},
    {"HTML", "<!doctype html><html/>", codes::not_well_formed, 1, 2},
    {"prefix not declared", "<a>\n <p:b/></a>", codes::namespace_wrong, 2, 2},
    {"prefix of an attribute not declared", "<a p:b='1'/>", codes::namespace_wrong, 1, 4},
    {"prefix out of scope", "<a><b xmlns:p='u'/><p:c/></a>", codes::namespace_wrong, 1, 20},
    {"name that begins with a colon", "<:a/>", codes::namespace_wrong, 1, 2},
    {"name that ends with a colon", "<a:/>", codes::namespace_wrong, 1, 2},
    {"two colons", "<a xmlns:b='u' b:c:d=''/>", codes::namespace_wrong, 1, 16},
    {"local name that begins with a digit", "<a xmlns:b='u'><b:1/></a>", codes::namespace_wrong, 1, 17},
    {"prefix without a namespace", "<a xmlns:p=''/>", codes::namespace_wrong, 1, 4},
    {"xml bound to another namespace", "<a xmlns:xml='u'/>", codes::namespace_wrong, 1, 4},
    {"the namespace of xml bound to another prefix", "<a xmlns:p='http://www.w3.org/XML/1998/namespace'/>",
     codes::namespace_wrong, 1, 4},
    {"the namespace of xml as default", "<a xmlns='http://www.w3.org/XML/1998/namespace'/>", codes::namespace_wrong, 1,
     4},
    {"xmlns declared", "<a xmlns:xmlns='http://www.w3.org/2000/xmlns/'/>", codes::namespace_wrong, 1, 4},
    {"the namespace of xmlns as default", "<a xmlns='http://www.w3.org/2000/xmlns/'/>", codes::namespace_wrong, 1, 4},
    {"xmlns as an element's prefix", "<xmlns:a/>", codes::namespace_wrong, 1, 1},
    {"colon in a target", "<a><?p:q?></a>", codes::namespace_wrong, 1, 4},
};

const Refusal text_cases[] = {
    {"']]>' in a text", "<a>]]></a>", codes::not_well_formed, 1, 4},
    {"'--' in a comment", "<a><!-- -- --></a>", codes::not_well_formed, 1, 11},
    {"comment that ends with three hyphens", "<a><!-- ---></a>", codes::not_well_formed, 1, 11},
    {"instruction without space", "<a><?p+?></a>", codes::not_well_formed, 1, 7},
    {"instruction without a target", "<a><? p?></a>", codes::not_well_formed, 1, 6},
    {"target xml", "<a><?xml ?></a>", codes::not_well_formed, 1, 4},
    {"'&' alone", "<a>a & b</a>", codes::not_well_formed, 1, 7},
    {"reference without ';'", "<a>&amp </a>", codes::not_well_formed, 1, 8},
    {"entity", "<a>&nbsp;</a>", codes::entity_refused, 1, 4},
    {"entity in a value", "<a b='x&e;'/>", codes::entity_refused, 1, 8},
    {"predefined entities have small letters", "<a>&AMP;</a>", codes::entity_refused, 1, 4},
    {"reference to no character", "<a>&#0;</a>", codes::not_well_formed, 1, 6},
    {"reference to a surrogate", "<a>&#xD800;</a>", codes::not_well_formed, 1, 6},
    {"reference to U+FFFE", "<a>&#xFFFE;</a>", codes::not_well_formed, 1, 6},
    {"reference past the last character", "<a>&#x110000;</a>", codes::not_well_formed, 1, 6},
    {"reference that would overflow", "<a>&#99999999999999999999;</a>", codes::not_well_formed, 1, 6},
    {"reference without digits", "<a>&#;</a>", codes::not_well_formed, 1, 6},
    {"reference with a capital X", "<a>&#X41;</a>", codes::not_well_formed, 1, 6},
    {"reference with letters", "<a>&#4A;</a>", codes::not_well_formed, 1, 7},
    {"reference with a sign", "<a>&#-65;</a>", codes::not_well_formed, 1, 6},
    {"NUL", "<a>\0</a>"s, codes::not_well_formed, 1, 4},
    {"control character", "<a>\x01</a>", codes::not_well_formed, 1, 4},
    {"control character in a value", "<a b='\x1F'/>", codes::not_well_formed, 1, 7},
    {"control character in a comment", "<a><!--\x08--></a>", codes::not_well_formed, 1, 8},
    {"form feed is no white space", "<a\f/>", codes::not_well_formed, 1, 3},
    {"U+FFFF", "<a>\xEF\xBF\xBF</a>", codes::not_well_formed, 1, 4},
    {"U+FFFE in a CDATA section", "<a><![CDATA[\xEF\xBF\xBE]]></a>", codes::not_well_formed, 1, 13},
    {"tail byte alone", "<a>\x80</a>", codes::encoding_broken, 1, 4},
    {"lead byte alone", "<a>\xC3</a>", codes::encoding_broken, 1, 4},
    {"overlong, two bytes", "<a>\xC0\xAF</a>", codes::encoding_broken, 1, 4},
    {"overlong, three bytes", "<a>\xE0\x80\xAF</a>", codes::encoding_broken, 1, 4},
    {"overlong, four bytes", "<a>\xF0\x80\x80\xAF</a>", codes::encoding_broken, 1, 4},
    {"surrogate", "<a>\xED\xA0\x80</a>", codes::encoding_broken, 1, 4},
    {"past U+10FFFF", "<a>\xF4\x90\x80\x80</a>", codes::encoding_broken, 1, 4},
    {"five bytes", "<a>\xF8\x88\x80\x80\x80</a>", codes::encoding_broken, 1, 4},
    {"cut at the end of the input", "<a>\xE4\xB8", codes::encoding_broken, 1, 4},
    {"Latin 1 in a name", "<a\xE9/>", codes::encoding_broken, 1, 3},
    {"Latin 1 in a comment", "<a><!--\xE9--></a>", codes::encoding_broken, 1, 8},
};

INSTANTIATE_TEST_SUITE_P(Documents, ScannerRefuses, testing::ValuesIn(document_cases));
INSTANTIATE_TEST_SUITE_P(Elements, ScannerRefuses, testing::ValuesIn(element_cases));
INSTANTIATE_TEST_SUITE_P(Texts, ScannerRefuses, testing::ValuesIn(text_cases));

/// Every beginning of a document is either truncated or has no element yet.
TEST(Scanner, SaysThatATruncatedDocumentIsTruncated) {
    const std::string text =
        "<?xml version='1.0' encoding='UTF-8'?><!--c--><p:a xmlns:p='u' b='&lt;&#x41;'>x<![CDATA[y]]><!--z--><?q r?>"
        "<c d=\"e\"/>&amp;</p:a>";
    ASSERT_TRUE(scan(text).has_value());
    for (std::size_t size = 0; size < text.size(); ++size) {
        const auto verdict = scan(text.substr(0, size));
        ASSERT_FALSE(verdict.has_value()) << size;
        const Code code = verdict.error().code;
        EXPECT_TRUE(code == codes::truncated || (code == codes::not_xml && size <= 46))
            << size << ": " << verdict.error().text();
    }
}

struct LimitCase {
    const char* limit;
    xml::Limits limits;
    std::string good, bad;
    Code code;
};

TEST(Scanner, KeepsEveryLimit) {
    const LimitCase cases[] = {
        {"document_bytes_max", {.document_bytes_max = 4}, "<a/>", "<a />", codes::too_large},
        {"depth_max", {.depth_max = 2}, "<a><b/><b></b></a>", "<a><b><c/></b></a>", codes::too_deep},
        {"attributes_max", {.attributes_max = 2}, "<a b='' xmlns=''/>", "<a b='' c='' d=''/>", codes::too_many},
        {"namespaces_in_scope_max",
         {.namespaces_in_scope_max = 2},
         "<a xmlns:b='u'><c xmlns:d='u'/><e xmlns:f='u'/></a>",
         "<a xmlns:b='u'><c xmlns:d='u'><e xmlns:f='u'/></c></a>",
         codes::too_many},
        {"name_bytes_max", {.name_bytes_max = 3}, "<abc def=''/>", "<abc defg=''/>", codes::name_too_long},
        {"name_bytes_max", {.name_bytes_max = 7}, "<a:b xmlns:a='u'/>", "<abcdef:g/>", codes::name_too_long},
        {"text_bytes_max", {.text_bytes_max = 3}, "<a b='123'>123</a>", "<a>1234</a>", codes::text_too_long},
        {"text_bytes_max",
         {.text_bytes_max = 3},
         "<a><!--123--><?p 123?></a>",
         "<a><!--1234--></a>",
         codes::text_too_long},
        {"text_bytes_max",
         {.text_bytes_max = 3},
         "<a><![CDATA[12]]>3</a>",
         "<a><![CDATA[12]]>34</a>",
         codes::text_too_long},
        {"text_bytes_max", {.text_bytes_max = 3}, "<a b='12&lt;'/>", "<a b='12&lt;4'/>", codes::text_too_long},
        {"text_bytes_max", {.text_bytes_max = 3}, "<a><?p 123?></a>", "<a><?p 1234?></a>", codes::text_too_long},
        {"text_bytes_max",
         {.text_bytes_max = 3},
         "<a>&lt;&lt;&lt;</a>",
         "<a>&lt;&lt;&lt;&lt;</a>",
         codes::text_too_long},
    };
    for (const LimitCase& row : cases) {
        EXPECT_TRUE(scan(row.good, row.limits).has_value()) << row.limit << ": " << row.good;
        const auto verdict = scan(row.bad, row.limits);
        ASSERT_FALSE(verdict.has_value()) << row.limit << ": " << row.bad;
        EXPECT_EQ(verdict.error().code.name(), row.code.name()) << row.bad;
        EXPECT_NE(verdict.error().detail.find(row.limit), std::string::npos) << verdict.error().text();
    }
}

TEST(Scanner, StandsAgainstDeepAndWideDocuments) {
    std::string deep;
    for (int i = 0; i < 10'000; ++i) deep += "<a>";
    EXPECT_EQ(scan(deep).error().code, codes::too_deep);
    std::string wide = "<a";
    for (int i = 0; i < 100'000; ++i) wide += " a" + std::to_string(i) + "=''";
    wide += "/>";
    EXPECT_EQ(scan(wide).error().code, codes::too_many);
    EXPECT_TRUE(scan(wide, {.attributes_max = 200'000}).has_value());
    EXPECT_EQ(scan("<" + std::string(1'000'000, 'a') + "/>").error().code, codes::name_too_long);
    EXPECT_EQ(scan("<a>" + std::string(10'000'001, 'x') + "</a>").error().code, codes::text_too_long);
    EXPECT_TRUE(scan("<a>" + std::string(10'000'000, 'x') + "</a>").has_value());
}

TEST(Scanner, SaysInOneCallWhetherBytesAreWellFormed) {
    EXPECT_TRUE(xml::scan_well_formed("<?xml version='1.0' encoding='ISO-8859-1'?><a>\xE9</a>").has_value());
    EXPECT_EQ(xml::scan_well_formed("<a>").error().code, codes::truncated);
    EXPECT_EQ(xml::scan_well_formed("<a/>", {.document_bytes_max = 3}).error().code, codes::too_large);
}

}  // namespace
}  // namespace hansa
