// Encodings to UTF-8. The bytes of each encoding were made with Python's codecs, another hand than ICU.
#include "core/xml/encoding.h"

#include <gtest/gtest.h>

#include "core/xml/codes.h"
#include "core/xml/scanner.h"

namespace hansa {
namespace {

using namespace std::string_literals;
namespace codes = xml::codes;

std::string utf16(std::u16string_view text, bool little) {
    std::string out;
    for (const char16_t unit : text) {
        const char low = static_cast<char>(unit & 0xFF), high = static_cast<char>(unit >> 8);
        out += little ? low : high;
        out += little ? high : low;
    }
    return out;
}

std::string declared(const std::string& name, const std::string& body) {
    return "<?xml version=\"1.0\" encoding=\"" + name + "\"?><a>" + body + "</a>";
}

struct Conversion {
    const char* what;
    std::string bytes;
    std::string encoding;
    std::string text;  ///< of the element
};
void PrintTo(const Conversion& row, std::ostream* out) {
    *out << row.what;
}

class Encodings : public testing::TestWithParam<Conversion> {};

TEST_P(Encodings, BecomeUtf8) {
    const auto document = xml::to_utf8(GetParam().bytes);
    ASSERT_TRUE(document.has_value()) << document.error().text();
    EXPECT_EQ(document->encoding(), GetParam().encoding);
    xml::Scanner scanner(document->text(), {}, xml::DeclaredEncoding::converted);
    ASSERT_TRUE(scanner.next().has_value());
    ASSERT_TRUE(scanner.next().has_value());
    EXPECT_EQ(scanner.token().text, GetParam().text);
}

const std::u16string_view wide = u"<?xml version='1.0' encoding='UTF-16'?><a>\u4E2D\U0001F600</a>";
const std::string wide_text = "\xE4\xB8\xAD\xF0\x9F\x98\x80";

const Conversion conversions[] = {
    {"UTF-8", "<a>\xC3\xA9</a>", "UTF-8", "\xC3\xA9"},
    {"UTF-8 with a mark", "\xEF\xBB\xBF" + declared("utf-8", "x"), "UTF-8", "x"},
    {"US-ASCII", declared("US-ASCII", "x"), "US-ASCII", "x"},
    {"UTF-16 with a mark, little end first", "\xFF\xFE" + utf16(wide, true), "UTF-16LE", wide_text},
    {"UTF-16 with a mark, big end first", "\xFE\xFF" + utf16(wide, false), "UTF-16BE", wide_text},
    {"UTF-16 without a mark", utf16(wide, true), "UTF-16LE", wide_text},
    {"UTF-16 without a mark, big end first", utf16(wide, false), "UTF-16BE", wide_text},
    {"UTF-16BE by name", utf16(u"<?xml version='1.0' encoding='UTF-16BE'?><a>x</a>", false), "UTF-16BE", "x"},
    {"UTF-16 without a declaration", "\xFF\xFE" + utf16(u"<a>x</a>", true), "UTF-16LE", "x"},
    {"GB18030 with two and four bytes", declared("GB18030", "\x94\x39\xFC\x36\xA2\xE3\xD6\xD0\xB9\xFA"), "GB18030",
     "\xF0\x9F\x98\x80\xE2\x82\xAC\xE4\xB8\xAD\xE5\x9B\xBD"},
    {"GBK", declared("gbk", "\xD6\xD0\xB9\xFA"), "GBK", "\xE4\xB8\xAD\xE5\x9B\xBD"},
    {"windows-1251", declared("windows-1251", "\xCC\xE8\xED\xF1\xEA"), "windows-1251",
     "\xD0\x9C\xD0\xB8\xD0\xBD\xD1\x81\xD0\xBA"},
    {"KOI8-R", declared("KOI8-R", "\xED\xC9\xCE\xD3\xCB"), "KOI8-R", "\xD0\x9C\xD0\xB8\xD0\xBD\xD1\x81\xD0\xBA"},
    {"ISO-8859-1", declared("iso-8859-1", "\xE9"), "ISO-8859-1", "\xC3\xA9"},
};
INSTANTIATE_TEST_SUITE_P(Known, Encodings, testing::ValuesIn(conversions));

struct BadBytes {
    const char* what;
    std::string bytes;
    Code code;
    std::string said;  ///< part of the message
};
void PrintTo(const BadBytes& row, std::ostream* out) {
    *out << row.what;
}

class EncodingsRefused : public testing::TestWithParam<BadBytes> {};

TEST_P(EncodingsRefused, WithCodeAndOffset) {
    const auto document = xml::to_utf8(GetParam().bytes);
    ASSERT_FALSE(document.has_value());
    EXPECT_EQ(document.error().code.name(), GetParam().code.name());
    EXPECT_NE(document.error().detail.find(GetParam().said), std::string::npos) << document.error().text();
}

// The body begins at byte 36 and the length of the name.
const BadBytes bad_bytes[] = {
    {"unknown name", declared("EBCDIC-XML", "x"), codes::encoding_unknown, "'EBCDIC-XML'"},
    {"UTF-7", declared("UTF-7", "x"), codes::encoding_unknown, "'UTF-7'"},
    {"name with foreign bytes", declared("\x01\xFFy", "x"), codes::encoding_unknown, "'??y'"},
    {"UTF-32, little end first", "\xFF\xFE\0\0<\0\0\0"s, codes::encoding_unknown, "UTF-32"},
    {"UTF-32, big end first", "\0\0\xFE\xFF\0\0\0<"s, codes::encoding_unknown, "UTF-32"},
    {"EBCDIC", "\x4C\x6F\xA7\x94\x93", codes::encoding_unknown, "EBCDIC"},
    {"mark of UTF-8, name of another", "\xEF\xBB\xBF" + declared("GBK", "x"), codes::encoding_differs, "UTF-8"},
    {"mark of UTF-16, name of another", "\xFF\xFE" + utf16(u"<?xml version='1.0' encoding='UTF-8'?><a/>", true),
     codes::encoding_differs, "UTF-16LE"},
    {"name of UTF-16, bytes of another", declared("UTF-16", "x"), codes::encoding_differs, "'UTF-16'"},
    {"the other UTF-16", "\xFF\xFE" + utf16(u"<?xml version='1.0' encoding='UTF-16BE'?><a/>", true),
     codes::encoding_differs, "UTF-16LE"},
    {"GBK, lead byte at the end", declared("GBK", "") + "\xD6", codes::encoding_broken, "byte 43 "},
    {"GBK, bad tail byte", declared("GBK", "x\xD6 y"), codes::encoding_broken, "byte 40 "},
    {"GB18030, cut after two of four bytes", declared("GB18030", "\x94\x39") + "!", codes::encoding_broken, "byte 43 "},
    {"US-ASCII", declared("US-ASCII", "ab\xE9"), codes::encoding_broken, "byte 46 "},
    {"UTF-16 with an odd byte", "\xFF\xFE" + utf16(u"<a/>", true) + "x", codes::encoding_broken, "byte 10 "},
    {"UTF-16, half of a pair", "\xFF\xFE" + utf16(std::u16string(u"<a>") + char16_t(0xD83D) + u"x</a>", true),
     codes::encoding_broken, "byte 8 "},
    {"UTF-16, second half alone", "\xFE\xFF" + utf16(std::u16string(u"<a>") + char16_t(0xDE00) + u"x</a>", false),
     codes::encoding_broken, "byte 8 "},
};
INSTANTIATE_TEST_SUITE_P(Bad, EncodingsRefused, testing::ValuesIn(bad_bytes));

TEST(Encoding, HasALimitBeforeAndAfterConversion) {
    EXPECT_EQ(xml::to_utf8("<a/>", 3).error().code, codes::too_large);
    const std::string bytes = declared("windows-1251", std::string(100, '\xCC'));
    EXPECT_EQ(xml::to_utf8(bytes, bytes.size() - 1).error().code, codes::too_large);
    EXPECT_EQ(xml::to_utf8(bytes, bytes.size()).error().code, codes::too_large);
    EXPECT_TRUE(xml::to_utf8(bytes, bytes.size() + 100).has_value());
}

/// Chunks of the converter end inside of pairs and of characters with four bytes.
TEST(Encoding, ConvertsLongTexts) {
    for (std::size_t shift = 0; shift < 5; ++shift) {
        std::string body(shift, 'x'), expected(shift, 'x');
        for (int i = 0; i < 5'000; ++i) {
            body += "\x94\x39\xFC\x36\xD6\xD0";
            expected += "\xF0\x9F\x98\x80\xE4\xB8\xAD";
        }
        const auto document = xml::to_utf8(declared("GB18030", body));
        ASSERT_TRUE(document.has_value()) << document.error().text();
        EXPECT_EQ(document->text(), declared("GB18030", expected));
    }
}

TEST(Encoding, LeavesUtf8WhereItIs) {
    const std::string bytes = "<a>\xC3\xA9</a>";
    const auto document = xml::to_utf8(bytes);
    ASSERT_TRUE(document.has_value());
    EXPECT_FALSE(document->converted());
    EXPECT_EQ(document->text().data(), bytes.data());
}

}  // namespace
}  // namespace hansa
