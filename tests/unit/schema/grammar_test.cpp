#include <algorithm>

#include "core/schema/pattern.h"
#include "tests/support/corpus.h"
#include "tests/unit/schema/schema_support.h"

namespace hansa::schema::test {
namespace {

constexpr const char* order = R"(
  <xs:simpleType name='Code'><xs:restriction base='xs:token'><xs:pattern value='[A-Z]+'/><xs:maxLength value='5'/></xs:restriction></xs:simpleType>
  <xs:simpleType name='ShortCode'><xs:restriction base='Code'><xs:pattern value='X.*|Y.*'/><xs:maxLength value='3'/></xs:restriction></xs:simpleType>
  <xs:complexType name='Amount'><xs:simpleContent><xs:extension base='xs:decimal'>
    <xs:attribute name='currency' type='Code' use='required'/></xs:extension></xs:simpleContent></xs:complexType>
  <xs:element name='r'><xs:complexType><xs:sequence>
    <xs:element name='id' type='Code'/>
    <xs:sequence minOccurs='0' maxOccurs='3'><xs:element name='a' type='Amount' maxOccurs='2'/><xs:element name='b' type='xs:date'/></xs:sequence>
    <xs:choice><xs:element name='c' type='ShortCode'/><xs:element name='d'><xs:complexType><xs:sequence>
      <xs:element ref='r' minOccurs='0'/><xs:element name='e' type='xs:string'/></xs:sequence></xs:complexType></xs:element></xs:choice>
    <xs:any namespace='##other' processContents='lax' minOccurs='0'/>
  </xs:sequence><xs:attribute name='version' fixed='1'/></xs:complexType></xs:element>)";

TEST(Grammar, ChildrenStandInSchemaOrderWithTheirCardinality) {
    const Grammar grammar = grammar_of(order);
    std::string text;
    for (const Child& child : grammar.children(grammar.root())) {
        text += child.element->name.local + " " + std::to_string(child.min) + ".." + std::to_string(child.max) +
                (child.in_choice ? " choice\n" : "\n");
    }
    EXPECT_EQ(text, "id 1..1\na 0..6\nb 0..3\nc 0..1 choice\nd 0..1 choice\n");
    EXPECT_TRUE(grammar.has_wildcard(grammar.root()));
    EXPECT_EQ(grammar.child(grammar.root(), "b")->element->name.ns, "urn:t");
    EXPECT_EQ(grammar.child(grammar.root(), "b", "urn:other"), nullptr);
    EXPECT_EQ(grammar.global("r", "urn:t"), &grammar.root());
}

TEST(Grammar, PathsLeadToElementsAndAttributes) {
    const Grammar grammar = grammar_of(order);
    const auto found = grammar.find(grammar.root(), "x:a/@currency");
    ASSERT_TRUE(found);
    EXPECT_TRUE(found->attribute->required);
    EXPECT_EQ(grammar.max_length(grammar.type(*found->attribute)), 5u);
    const auto wrong = grammar.find(grammar.root(), "d/f");
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().code.name(), "schema.path-unknown");
}

TEST(Grammar, LeavesAreCountedAndRecursionEnds) {
    const Grammar grammar = grammar_of(order);
    const std::vector<std::string> expected{"@version", "id", "a/@currency", "a", "b", "c", "d/r/@version", "d/e"};
    EXPECT_EQ(grammar.leaf_paths(grammar.root()), expected);
    EXPECT_EQ(grammar.leaf_count(grammar.root()), expected.size());
}

TEST(Grammar, FacetsOfAllDerivationStepsBind) {
    const Grammar grammar = grammar_of(order);
    const SimpleType& type = *grammar.text_type(*grammar.child(grammar.root(), "c")->element);
    EXPECT_EQ(type.built_in, BuiltIn::token);
    EXPECT_EQ(type.max_length, 3u);
    EXPECT_EQ(type.patterns.size(), 2u);
    EXPECT_TRUE(grammar.check_value(type, " XAB "));
    EXPECT_FALSE(grammar.check_value(type, "ZAB"));
    EXPECT_FALSE(grammar.check_value(type, "Xab"));
    EXPECT_FALSE(grammar.check_value(type, "XABC"));
}

TEST(Grammar, BlobGivesTheSameGrammarBack) {
    const Grammar grammar = grammar_of(order);
    const std::string blob = grammar.blob();
    const auto loaded = Grammar::load(blob);
    ASSERT_TRUE(loaded) << loaded.error().text();
    EXPECT_EQ(loaded->blob(), blob);
    EXPECT_EQ(loaded->leaf_paths(loaded->root()), grammar.leaf_paths(grammar.root()));
}

TEST(Grammar, DamagedBlobsAreRefusedOrHarmless) {
    const std::string blob = grammar_of(order).blob();
    for (std::size_t size = 0; size < blob.size(); ++size) {
        const auto loaded = Grammar::load(std::string_view(blob).substr(0, size));
        ASSERT_FALSE(loaded) << size;
        EXPECT_EQ(loaded.error().code.name(), "schema.grammar-damaged");
    }
    for (std::size_t at = 0; at < blob.size(); ++at) {
        for (const char bit : {'\x01', '\x10', '\x7F'}) {
            std::string changed = blob;
            changed[at] = static_cast<char>(changed[at] ^ bit);
            if (const auto loaded = Grammar::load(changed)) loaded->leaf_paths(loaded->root(), 1'000);
        }
    }
}

TEST(Grammar, TablesThatPointNowhereAreRefused) {
    GrammarTables tables;
    EXPECT_FALSE(Grammar::from_tables(tables));
    tables.elements.resize(1);
    tables.root = 0;
    tables.elements[0].type = {true, 7};
    EXPECT_FALSE(Grammar::from_tables(tables));
    // A group that holds itself would never end.
    tables.elements[0].type = {false, 0};
    tables.complex_types.resize(1);
    tables.complex_types[0].content = Content::elements;
    tables.complex_types[0].particle = 0;
    tables.particles.push_back({Particle::Kind::sequence, 1, 1, no_index, 0, 1});
    EXPECT_FALSE(Grammar::from_tables(tables));
}

TEST(Compile, LonelyHyphenInAClassIsRead) {
    const Grammar grammar = grammar_of(
        "<xs:element name='r'><xs:simpleType><xs:restriction base='xs:string'><xs:pattern value='A[-]B'/>"
        "</xs:restriction></xs:simpleType></xs:element>");
    EXPECT_TRUE(grammar.check_value(*grammar.text_type(grammar.root()), "A-B"));
}

TEST(Compile, FaultsOfTheSchemaAreErrors) {
    const auto wrong_pattern = compile_xsd(
        source_of({{"main.xsd", xsd("<xs:element name='r'><xs:simpleType><xs:restriction base='xs:string'>"
                                    "<xs:pattern value='(A'/></xs:restriction></xs:simpleType></xs:element>")}},
                  "r"));
    ASSERT_FALSE(wrong_pattern);
    EXPECT_EQ(wrong_pattern.error().code.name(), "schema.grammar-invalid");
    EXPECT_EQ(wrong_pattern.error().place.file, "main.xsd");
    const auto no_root = compile_xsd(source_of({{"main.xsd", xsd("<xs:element name='r'/>")}}, "other"));
    ASSERT_FALSE(no_root);
    EXPECT_EQ(no_root.error().code.name(), "schema.root-unknown");
    const auto no_file = compile_xsd(
        source_of({{"main.xsd", xsd("<xs:include schemaLocation='more/missing.xsd'/><xs:element name='r'/>")}}, "r"));
    ASSERT_FALSE(no_file);
    EXPECT_EQ(no_file.error().code.name(), "base.file-unreadable");
    EXPECT_NE(no_file.error().detail.find("more/missing.xsd"), std::string::npos);
}

TEST(Compile, PatternsBeyondTheAutomatonAreUnsupported) {
    const auto huge = compile_xsd(source_of(
        {{"main.xsd", xsd("<xs:element name='r'><xs:simpleType><xs:restriction base='xs:string'>"
                          "<xs:pattern value='((a{900}){900})+'/></xs:restriction></xs:simpleType></xs:element>")}},
        "r"));
    ASSERT_FALSE(huge);
    EXPECT_EQ(huge.error().code.name(), "schema.grammar-unsupported");
}

TEST(Grammar, BranchesOfAChoiceDoNotAddUp) {
    const Grammar grammar = grammar_of(
        "<xs:element name='r'><xs:complexType><xs:choice>"
        "<xs:sequence><xs:element name='total' type='xs:string'/><xs:element name='part' type='xs:string' minOccurs='0'/></xs:sequence>"
        "<xs:sequence><xs:element name='part' type='xs:string'/></xs:sequence>"
        "<xs:sequence><xs:element name='part' type='xs:string' maxOccurs='3'/><xs:element name='end' type='xs:string'/>"
        "<xs:element name='end' type='xs:string'/></xs:sequence>"
        "</xs:choice></xs:complexType></xs:element>");
    EXPECT_EQ(grammar.child(grammar.root(), "total")->max, 1U);
    EXPECT_EQ(grammar.child(grammar.root(), "part")->max, 3U);
    EXPECT_EQ(grammar.child(grammar.root(), "end")->max, 2U) << "in one branch they do";
    EXPECT_EQ(grammar.child(grammar.root(), "part")->min, 0U);
    EXPECT_TRUE(grammar.child(grammar.root(), "part")->in_choice);
}

TEST(Compile, SubstitutionGroupsBecomeChoices) {
    const Grammar grammar = grammar_of(
        "<xs:element name='head' type='xs:string' abstract='true'/>"
        "<xs:element name='x' type='xs:string' substitutionGroup='head'/>"
        "<xs:element name='y' type='xs:string' substitutionGroup='head'/>"
        "<xs:element name='r'><xs:complexType><xs:sequence><xs:element "
        "ref='head'/></xs:sequence></xs:complexType></xs:element>");
    EXPECT_EQ(grammar.child(grammar.root(), "head"), nullptr);
    EXPECT_TRUE(grammar.child(grammar.root(), "x")->in_choice);
    EXPECT_NE(grammar.child(grammar.root(), "y"), nullptr);
}

// --- values: expectations from XML Schema Part 2, section 3 -----------------------------------

struct ValueRow {
    const char* type;
    const char* value;
    const char* code;  ///< empty: good
};

class Values : public testing::TestWithParam<ValueRow> {};

TEST_P(Values, AreJudgedByTheirType) {
    const ValueRow& row = GetParam();
    const std::string type = row.type;
    const std::string body = type.starts_with("<")
                                 ? "<xs:element name='r'><xs:simpleType>" + type + "</xs:simpleType></xs:element>"
                                 : "<xs:element name='r' type='" + type + "'/>";
    const Grammar grammar = grammar_of(body);
    const auto checked = grammar.check_value(*grammar.text_type(grammar.root()), row.value);
    EXPECT_EQ(checked ? std::string() : std::string(checked.error().code.name()), row.code) << type << " " << row.value;
    // The same verdict as the reference.
    const Validator validator = validator_of(body);
    Diagnostics faults;
    const auto judged = validator.validate("<r xmlns='urn:t'>" + std::string(row.value) + "</r>", faults);
    EXPECT_EQ(judged ? std::string() : std::string(judged.error().code.name()), row.code) << "reference, " << type;
}

#define HANSA_R(base, facets) "<xs:restriction base='" base "'>" facets "</xs:restriction>"

INSTANTIATE_TEST_SUITE_P(
    Types, Values,
    testing::Values(
        ValueRow{"xs:decimal", "-012.50", ""}, ValueRow{"xs:decimal", "1e3", "schema.type"},
        ValueRow{"xs:decimal", "", "schema.type"}, ValueRow{"xs:integer", "+7", ""},
        ValueRow{"xs:integer", "7.0", "schema.type"}, ValueRow{"xs:byte", "128", "schema.range"},
        ValueRow{"xs:boolean", "1", ""}, ValueRow{"xs:boolean", "TRUE", "schema.type"},
        ValueRow{"xs:date", "2024-02-29", ""}, ValueRow{"xs:date", "2023-02-29", "schema.type"},
        ValueRow{"xs:date", "2024-02-29+14:00", ""}, ValueRow{"xs:date", "2024-02-29+14:01", "schema.type"},
        ValueRow{"xs:dateTime", "2024-02-29T23:59:59.123Z", ""},
        ValueRow{"xs:dateTime", "2024-02-29T25:00:00", "schema.type"},
        ValueRow{"xs:dateTime", "2024-02-29 10:00:00", "schema.type"}, ValueRow{"xs:time", "08:15:30-03:30", ""},
        ValueRow{"xs:gYear", "2024", ""}, ValueRow{"xs:gMonthDay", "--02-29", ""}, ValueRow{"xs:gDay", "---31", ""},
        ValueRow{"xs:duration", "P1Y2M3DT4H5M6.7S", ""}, ValueRow{"xs:duration", "P1YT", "schema.type"},
        ValueRow{"xs:hexBinary", "0aFF", ""}, ValueRow{"xs:hexBinary", "0aF", "schema.type"},
        ValueRow{"xs:base64Binary", "QUJD RA==", ""}, ValueRow{"xs:base64Binary", "QUJ", "schema.type"},
        ValueRow{"xs:language", "zh-Hans-CN", ""}, ValueRow{"xs:NCName", "a:b", "schema.type"},
        ValueRow{"xs:double", "-1.5E-3", ""}, ValueRow{"xs:double", "1,5", "schema.type"},
        ValueRow{HANSA_R("xs:decimal", "<xs:totalDigits value='5'/><xs:fractionDigits value='2'/>"), "0999.990", ""},
        ValueRow{HANSA_R("xs:decimal", "<xs:totalDigits value='5'/><xs:fractionDigits value='2'/>"), "9999.99",
                 "schema.digits"},
        ValueRow{HANSA_R("xs:decimal", "<xs:totalDigits value='5'/><xs:fractionDigits value='2'/>"), "1.999",
                 "schema.digits"},
        ValueRow{HANSA_R("xs:decimal", "<xs:minExclusive value='0'/><xs:maxInclusive value='10'/>"), "0.00",
                 "schema.range"},
        ValueRow{HANSA_R("xs:decimal", "<xs:minExclusive value='0'/><xs:maxInclusive value='10'/>"), "10.0", ""},
        ValueRow{HANSA_R("xs:date", "<xs:minInclusive value='2020-01-01'/>"), "2019-12-31", "schema.range"},
        ValueRow{HANSA_R("xs:string", "<xs:length value='2'/>"), "\xE4\xB8\xAD\xE5\x9B\xBD", ""},
        ValueRow{HANSA_R("xs:string", "<xs:minLength value='2'/>"), "a", "schema.length"},
        ValueRow{HANSA_R("xs:string", "<xs:enumeration value='A'/><xs:enumeration value='B'/>"), "C",
                 "schema.enumeration"},
        ValueRow{HANSA_R("xs:string", "<xs:pattern value='\\d{3}'/>"), "12a", "schema.pattern"},
        ValueRow{"<xs:list itemType='xs:int'/>", " 1  2 ", ""},
        ValueRow{"<xs:list itemType='xs:int'/>", "1 x", "schema.type"},
        ValueRow{"<xs:union memberTypes='xs:int xs:boolean'/>", "true", ""},
        ValueRow{"<xs:union memberTypes='xs:int xs:boolean'/>", "maybe", "schema.type"}));

TEST(Values, CharactersBeyondTheBasicPlaneCountTwiceForXercesOnly) {
    // XML Schema Part 2, section 4.3.1 counts characters; Xerces-C counts UTF-16 units. Known, and
    // kept here so that a change on either side is seen.
    const std::string body =
        "<xs:element name='r'><xs:simpleType><xs:restriction base='xs:string'>"
        "<xs:maxLength value='1'/></xs:restriction></xs:simpleType></xs:element>";
    const std::string rare = "\xF0\xA0\x80\x80";  // U+20000
    const Grammar grammar = grammar_of(body);
    EXPECT_TRUE(grammar.check_value(*grammar.text_type(grammar.root()), rare));
    Diagnostics faults;
    const Validator validator = validator_of(body);
    const auto judged = validator.validate("<r xmlns='urn:t'>" + rare + "</r>", faults);
    ASSERT_FALSE(judged);
    EXPECT_EQ(judged.error().code.name(), "schema.length");
}

// --- patterns: expectations from XML Schema Part 2, appendix F ---------------------------------

struct PatternRow {
    const char* pattern;
    const char* text;
    bool matches;
};

class Patterns : public testing::TestWithParam<PatternRow> {};

TEST_P(Patterns, MatchTheWholeText) {
    const auto pattern = Pattern::compile(GetParam().pattern);
    ASSERT_TRUE(pattern) << GetParam().pattern;
    EXPECT_EQ(pattern->matches(GetParam().text), GetParam().matches) << GetParam().pattern << " " << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(
    AppendixF, Patterns,
    testing::Values(PatternRow{"ab?c*", "acc", true}, PatternRow{"ab?c*", "abb", false}, PatternRow{"a|b|", "", true},
                    PatternRow{"(ab){2,3}", "ababab", true}, PatternRow{"(ab){2,3}", "ab", false},
                    PatternRow{"[a-z-[aeiou]]+", "xyz", true}, PatternRow{"[a-z-[aeiou]]+", "xaz", false},
                    PatternRow{"[^0-9]", "7", false}, PatternRow{"[+-]?\\d+", "-12", true},
                    PatternRow{"\\p{Lu}\\p{Ll}*", "\xD0\x96\xD1\x8F", true}, PatternRow{"\\P{L}", "a", false},
                    PatternRow{"\\p{IsCyrillic}+", "\xD0\x96", true}, PatternRow{"\\w+", "a b", false},
                    PatternRow{"\\i\\c*", "_a-1", true}, PatternRow{"a.b", "a\nb", false},
                    PatternRow{"^a$", "a", false},
                    PatternRow{"(a*)*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac", false},
                    PatternRow{"(){1000000}", "", true}));

TEST(Pattern, WhatIsNoExpressionIsRefused) {
    for (const char* wrong : {"(a", "a)", "[a", "*a", "a{2,1}", "\\q", "\\p{Nothing}", "[z-a]", "a{", "a{99999999}"}) {
        EXPECT_FALSE(Pattern::compile(wrong)) << wrong;
    }
}

// --- our own schemas ---------------------------------------------------------------------------

TEST(Compile, EverySchemaOfOursWithAGlobalElementCompiles) {
    std::size_t roots = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(hansa::test::source_dir() / "schemas")) {
        if (entry.path().extension() != ".xsd") continue;
        const auto names = xsd_roots({.file = entry.path().string(), .root = {}, .resolve = {}});
        ASSERT_TRUE(names) << names.error().text();
        for (const Name& name : *names) {
            if (name.local == "Declaration" || name.local.starts_with("CEB") || names->size() == 1) {
                const auto grammar = compile_xsd({.file = entry.path().string(), .root = name, .resolve = {}});
                ASSERT_TRUE(grammar) << grammar.error().text();
                ++roots;
            }
        }
    }
    EXPECT_GT(roots, 20u);
}

}  // namespace
}  // namespace hansa::schema::test
