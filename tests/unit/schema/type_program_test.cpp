#include "core/schema/type_program.h"

#include "core/schema/generator.h"
#include "core/schema/pattern.h"
#include "tests/unit/schema/schema_support.h"

namespace hansa::schema::test {
namespace {

constexpr const char* types = R"(
  <xs:simpleType name='E'><xs:restriction base='xs:token'><xs:enumeration value='one'/><xs:enumeration value='two words'/></xs:restriction></xs:simpleType>
  <xs:simpleType name='P'><xs:restriction base='xs:string'><xs:pattern value='[A-Z]{2}\d*|.中'/><xs:maxLength value='5'/></xs:restriction></xs:simpleType>
  <xs:simpleType name='N'><xs:restriction base='xs:decimal'><xs:totalDigits value='5'/><xs:fractionDigits value='2'/><xs:minInclusive value='0'/></xs:restriction></xs:simpleType>
  <xs:simpleType name='R'><xs:restriction base='xs:decimal'><xs:minExclusive value='0.5'/><xs:maxInclusive value='7'/></xs:restriction></xs:simpleType>
  <xs:simpleType name='I'><xs:restriction base='xs:integer'><xs:minExclusive value='-3'/><xs:maxInclusive value='12'/></xs:restriction></xs:simpleType>
  <xs:simpleType name='U'><xs:union memberTypes='xs:int E'/></xs:simpleType><xs:simpleType name='L'><xs:list itemType='xs:int'/></xs:simpleType>
  <xs:simpleType name='T'><xs:restriction base='xs:token'><xs:length value='3'/></xs:restriction></xs:simpleType>
  <xs:element name='r'><xs:complexType><xs:sequence>
    <xs:element name='a' type='E'/><xs:element name='b' type='P'/><xs:element name='c' type='N'/><xs:element name='d' type='R'/>
    <xs:element name='e' type='I'/><xs:element name='f' type='U'/><xs:element name='g' type='L'/><xs:element name='h' type='T'/>
    <xs:element name='i' type='xs:dateTime'/><xs:element name='j' type='xs:date'/><xs:element name='k' type='xs:boolean'/>
    <xs:element name='l' type='xs:unsignedLong'/><xs:element name='m' type='xs:long'/><xs:element name='n' type='xs:base64Binary'/>
    <xs:element name='o' type='xs:gYear'/><xs:element name='p' type='xs:string'/><xs:element name='q' type='xs:normalizedString'/>
  </xs:sequence></xs:complexType></xs:element>)";

TEST(TypePrograms, SayWhatCheckValueSays) {
    const Grammar grammar = grammar_of(types);
    const TypePrograms programs(grammar);
    std::vector<std::string> texts{"",
                                   " ",
                                   "one",
                                   " one",
                                   "two words",
                                   "two  words",
                                   "three",
                                   "AB",
                                   "AB12",
                                   "AB1234",
                                   "x中",
                                   "中",
                                   "ab",
                                   "1",
                                   "-1",
                                   "+1",
                                   "0",
                                   "-0",
                                   "0.0",
                                   "-0.0",
                                   "1.50",
                                   "001.5000",
                                   "123456",
                                   "12.345",
                                   ".5",
                                   "5.",
                                   ".",
                                   "-",
                                   "+",
                                   "7",
                                   "7.0",
                                   "7.1",
                                   "0.5",
                                   "0.51",
                                   "-2",
                                   "-3",
                                   "12",
                                   "13",
                                   "0012",
                                   "1 2 3",
                                   "1  2",
                                   "1 x",
                                   "abc",
                                   "ab c",
                                   " abc ",
                                   "true",
                                   "false",
                                   "1 ",
                                   "TRUE",
                                   "2026-11-25",
                                   "2026-02-29",
                                   "2024-02-29",
                                   "2026-11-31",
                                   "0000-01-01",
                                   "2026-11-25Z",
                                   "2026-11-25T10:11:12",
                                   "2026-11-25T24:00:00",
                                   "2026-11-25T10:11:12.5+08:00",
                                   "2026-11-25T10:11:12+14:00",
                                   "2026-11-25T10:11:12+14:01",
                                   "2026-11-25T10:61:12",
                                   "18446744073709551615",
                                   "18446744073709551616",
                                   "9223372036854775807",
                                   "9223372036854775808",
                                   "-9223372036854775808",
                                   "-9223372036854775809",
                                   "QUI=",
                                   "QUJ=",
                                   "Q UI=",
                                   "2026",
                                   "a\tb",
                                   "a\nb"};
    Random random(7);
    for (const SimpleType& type : grammar.tables().simple_types) {
        for (int i = 0; i < 40; ++i) {
            if (auto made = generate_value(grammar, type, random)) texts.push_back(std::move(*made));
        }
    }
    std::size_t accepted = 0, at_once = 0;
    for (Index type = 0; type < grammar.tables().simple_types.size(); ++type) {
        for (const std::string& text : texts) {
            const bool good = grammar.check_value(grammar.tables().simple_types[type], text).has_value();
            EXPECT_EQ(programs.accepts(programs[type], text, count_characters(text)), good)
                << grammar.tables().simple_types[type].name.local << " '" << text << "'";
            // At once is never more than after all.
            const bool quick = TypePrograms::accepts_at_once(programs[type], text, count_characters(text));
            EXPECT_LE(quick, good) << grammar.tables().simple_types[type].name.local << " '" << text << "'";
            accepted += good ? 1 : 0;
            at_once += quick ? 1 : 0;
        }
    }
    EXPECT_GT(at_once * 10, accepted * 8);
}

TEST(PatternTable, MatchesAsThePatternDoes) {
    Random random(3);
    for (const char* expression : {"[A-Z]{2}", ".{1,3}", ".*[^\\s].*", "(a|b)*c?", "\\d{3}-\\p{Lu}+", "[^中]*",
                                   "\\i\\c*", "", "(\\d{1,4})|(\\d{5}/[А-Я]{2}-\\d{6})"}) {
        const auto pattern = Pattern::compile(expression);
        ASSERT_TRUE(pattern) << expression;
        const auto table = pattern->table(60'000);
        ASSERT_TRUE(table) << expression;
        for (int i = 0; i < 200; ++i) {
            std::string text = pattern->sample(random, 6);
            if (random.chance(50) && !text.empty())
                text[random.below(text.size())] = static_cast<char>('!' + random.below(90));
            if (random.chance(20)) text += "Ж";
            EXPECT_EQ(table->matches(text), pattern->matches(text)) << expression << " '" << text << "'";
        }
    }
    EXPECT_FALSE(Pattern::compile("[a-z]{100}")->table(50));
}

}  // namespace
}  // namespace hansa::schema::test
