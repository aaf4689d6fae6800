#include <thread>

#include "core/schema/content_model.h"
#include "core/schema/reader.h"
#include "tests/unit/schema/schema_support.h"

namespace hansa::schema::test {
namespace {

constexpr const char* model = R"(
  <xs:complexType name='Base' abstract='true'><xs:sequence/></xs:complexType>
  <xs:complexType name='Derived'><xs:complexContent><xs:extension base='Base'/></xs:complexContent></xs:complexType>
  <xs:element name='head' type='xs:string' abstract='true'/>
  <xs:simpleType name='Code'><xs:restriction base='xs:token'><xs:pattern value='[A-Z]+'/></xs:restriction></xs:simpleType>
  <xs:element name='r'><xs:complexType><xs:sequence>
    <xs:element name='a' type='Code' maxOccurs='2'/>
    <xs:element name='b' minOccurs='0' maxOccurs='9'><xs:complexType><xs:sequence>
      <xs:element name='n' type='xs:int'/><xs:element name='s' minOccurs='0' nillable='true' type='xs:string'/></xs:sequence>
      <xs:attribute name='key' use='required' type='xs:ID'/><xs:attribute name='f' fixed='1'/></xs:complexType></xs:element>
    <xs:element name='t' type='Base' minOccurs='0'/>
    <xs:element ref='head' minOccurs='0'/>
    <xs:element name='w' minOccurs='0'><xs:complexType><xs:sequence><xs:any processContents='strict' namespace='##any'/></xs:sequence></xs:complexType></xs:element>
  </xs:sequence></xs:complexType></xs:element>)";

struct Row {
    const char* document;
    const char* findings;
};

class Verdicts : public testing::TestWithParam<Row> {
protected:
    static const Validator& judge() {
        static const Validator validator = validator_of(model);
        return validator;
    }
};

TEST_P(Verdicts, HaveCodePathAndPlace) {
    EXPECT_EQ(findings(judge(), GetParam().document), GetParam().findings) << GetParam().document;
}

#define HANSA_DOC(inside) "<r xmlns='urn:t' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'>" inside "\n</r>"

INSTANTIATE_TEST_SUITE_P(
    Faults, Verdicts,
    testing::Values(
        Row{HANSA_DOC("\n<a>A</a>"), ""}, Row{"<q xmlns='urn:t'/>", "1:1 schema.root-unknown /q\n"},
        Row{"<r/>", "1:1 schema.root-unknown /r\n"},
        Row{HANSA_DOC("\n<a>A</a>\n <x/>"), "3:2 schema.element-unexpected /r/x\n"},
        Row{HANSA_DOC("\n<a>A</a><a>A</a><a>A</a>"), "2:17 schema.element-unexpected /r/a[3]\n"},
        Row{HANSA_DOC("\n<b key='k'><n>1</n></b>"), "2:1 schema.element-unexpected /r/b\n"},
        Row{HANSA_DOC(""), "2:1 schema.element-missing /r/a\n"},
        Row{HANSA_DOC("\n<a>A</a><b key='k'/>"), "2:9 schema.element-missing /r/b/n\n"},
        Row{HANSA_DOC("\n<a>A</a>words"), "1:1 schema.text-unexpected /r\n"},
        Row{HANSA_DOC("\n<a>A</a><b><n>1</n></b>"), "2:9 schema.attribute-missing /r/b/@key\n"},
        Row{HANSA_DOC("\n<a z='1'>A</a>"), "2:1 schema.attribute-unexpected /r/a/@z\n"},
        Row{HANSA_DOC("\n<a xmlns:o=\"urn:o'b\" o:z='1'>A</a>"), "2:1 schema.attribute-unexpected /r/a/@z\n"},
        Row{HANSA_DOC("\n<a>A</a><b key='k'><![CDATA[ ]]><n>1</n></b>"), "2:9 schema.text-unexpected /r/b\n"},
        Row{HANSA_DOC("\n<a>A</a><b key='k'><n>1</n>\n<![CDATA[ ]]></b>"), "2:9 schema.text-unexpected /r/b\n"},
        Row{HANSA_DOC("\n<a>A</a><b key='k' f='2'><n>1</n></b>"), "2:9 schema.fixed /r/b/@f\n"},
        Row{HANSA_DOC("\n<a xsi:nil='true'/>"), "2:1 schema.nil /r/a\n"},
        Row{HANSA_DOC("\n<a>A</a><b key='k'><n>1</n><s xsi:nil='true'>x</s></b>"), "2:28 schema.nil /r/b/s\n"},
        Row{HANSA_DOC("\n<a>A</a><b key='k'><n>1</n></b><b key='k'><n>1</n></b>"),
            "2:32 schema.identity /r/b[2]/@key\n"},
        Row{HANSA_DOC("\n<a>A</a><t xsi:type='Missing'/>"), "2:9 schema.type-name /r/t\n"},
        Row{HANSA_DOC("\n<a>A</a><t xsi:type='Derived'/>"), ""},
        Row{HANSA_DOC("\n<a>A</a><t/>"), "2:9 schema.abstract /r/t\n"},
        Row{HANSA_DOC("\n<a>A</a><w><x/></w>"), "2:12 schema.element-undeclared /r/w/x\n"},
        Row{HANSA_DOC("\n<a>a1</a>"), "2:1 schema.pattern /r/a\n"},
        Row{HANSA_DOC("\n<a>A</a><b key='k'>\n<n>x</n></b>"), "3:1 schema.type /r/b/n\n"},
        Row{HANSA_DOC("\n<a>A</a><b key='1'>\n<n>1</n></b>"), "2:9 schema.type /r/b/@key\n"},
        Row{HANSA_DOC("\n<a>a</a><a>b</a><x/>"),
            "2:1 schema.pattern /r/a[1]\n2:9 schema.pattern /r/a[2]\n2:17 schema.element-unexpected /r/x\n"},
        Row{"\xEF\xBB\xBF<r xmlns='urn:t'><a>a</a></r>", "1:18 schema.pattern /r/a\n"},
        Row{"<!DOCTYPE r><r xmlns='urn:t'/>", "1:1 xml.doctype-refused \n"}));

TEST(Validator, WhatBreaksTheSchemaOtherwiseIsInvalid) {
    // A prefix in xsi:type that is not declared: well-formed for the scanner, refused by Xerces-C.
    const Validator validator = validator_of("<xs:element name='r' type='xs:string'/>");
    EXPECT_EQ(findings(validator,
                       "<r xmlns='urn:t' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' "
                       "xsi:type='none:T'/>"),
              "1:1 schema.invalid /r\n");
}

TEST(Validator, MissingAttributesAreToldInTheOrderOfTheirNames) {
    const Validator judge = validator_of(R"(
  <xs:element name='r'><xs:complexType>
    <xs:attribute name='Id' use='required' type='xs:ID'/><xs:attribute name='DocInstance' use='required' type='xs:anyURI'/>
    <xs:attribute name='v' use='required' type='xs:string'/><xs:attribute name='part' use='required' type='xs:string'/>
    <xs:attribute name='zone' use='required' type='xs:string'/><xs:attribute name='a' use='required' type='xs:string'/>
  </xs:complexType></xs:element>)");
    EXPECT_EQ(findings(judge, "<r xmlns='urn:t' part='1'/>"),
              "1:1 schema.attribute-missing /r/@DocInstance\n1:1 schema.attribute-missing /r/@Id\n"
              "1:1 schema.attribute-missing /r/@a\n1:1 schema.attribute-missing /r/@v\n"
              "1:1 schema.attribute-missing /r/@zone\n");
}

/// Xerces-C takes a point without a digit for a decimal (XML Schema 1.0 Part 2, 3.2.3, asks for a digit): a deviation
/// that the differentials know.
TEST(Validator, TakesAPointAloneForADecimal) {
    const Validator judge = validator_of("<xs:element name='r' type='xs:decimal'/>");
    for (const char* text : {".", "-.", "+."})
        EXPECT_EQ(findings(judge, "<r xmlns='urn:t'>" + std::string(text) + "</r>"), "") << text;
    EXPECT_EQ(findings(judge, "<r xmlns='urn:t'>-</r>"), "1:1 schema.type /r\n");
}

TEST(Validator, SchemaLocationIsNeverFollowed) {
    const Validator validator = validator_of("<xs:element name='r' type='xs:string'/>");
    EXPECT_EQ(findings(validator,
                       "<r xmlns='urn:t' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' "
                       "xsi:schemaLocation='urn:t /etc/passwd urn:u http://127.0.0.1:1/x.xsd'>x</r>"),
              "");
}

TEST(Validator, ThreadsShareOne) {
    const Validator validator = validator_of(model);
    std::vector<std::thread> threads;
    std::vector<std::size_t> wrong(4, 0);
    for (std::size_t t = 0; t < wrong.size(); ++t) {
        threads.emplace_back([&, t] {
            for (int i = 0; i < 200; ++i) {
                Diagnostics faults;
                const bool good = validator.validate("<r xmlns='urn:t'><a>A</a></r>", faults).has_value();
                const bool bad = validator.validate("<r xmlns='urn:t'><a>a</a></r>", faults).has_value();
                if (!good || bad) ++wrong[t];
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(wrong, std::vector<std::size_t>(4, 0));
}

TEST(Validator, IncludesAreFoundBesideTheFileThatNamesThem) {
    const std::string main = xsd("<xs:include schemaLocation='parts/one.xsd'/><xs:element name='r' type='One'/>");
    const std::string one =
        xsd("<xs:include schemaLocation='../two.xsd'/><xs:simpleType name='One'><xs:restriction "
            "base='Two'/></xs:simpleType>");
    const std::string two = xsd("<xs:simpleType name='Two'><xs:restriction base='xs:int'/></xs:simpleType>");
    const auto validator =
        Validator::from_texts({{"a/main.xsd", main}, {"a/parts/one.xsd", one}, {"a/two.xsd", two}}, "a/main.xsd");
    ASSERT_TRUE(validator) << validator.error().text();
    EXPECT_EQ(findings(*validator, "<r xmlns='urn:t'>x</r>"), "1:1 schema.type /r\n");
}

TEST(Reader, KeepsTextAndPlaces) {
    const std::string text =
        "<?xml version='1.0'?>\n<p:r xmlns:p='urn:t' a='1'>\n  <p:b>x<![CDATA[<y>]]></p:b>\n  <p:b/>\n</p:r>";
    const auto tree = read_tree(text);
    ASSERT_TRUE(tree) << tree.error().text();
    EXPECT_EQ(tree->name, (Name{"urn:t", "r"}));
    EXPECT_EQ(tree->text, "");
    EXPECT_EQ(tree->children.at(0).text, "x<y>");
    EXPECT_EQ(tree->attributes.at(0).value, "1");
    const auto at = [&](const char* path) {
        const Place place = place_of(text, *tree, path);
        return std::to_string(place.line) + ":" + std::to_string(place.column);
    };
    EXPECT_EQ(at("/r"), "2:1");
    EXPECT_EQ(at("/p:r/p:b[2]"), "4:3");
    EXPECT_EQ(at("/r/b[3]"), "5:1") << "the parent's end tag for what is missing";
    EXPECT_EQ(at("/r/b/@x"), "3:3");
}

TEST(Reader, MixedContentKeepsItsWhiteSpaceWithAGrammar) {
    const Grammar grammar = grammar_of(
        "<xs:element name='r'><xs:complexType mixed='true'><xs:sequence><xs:element name='b' type='xs:string'/>"
        "</xs:sequence></xs:complexType></xs:element>");
    const std::string text = "<r xmlns='urn:t'> <b/> </r>";
    EXPECT_EQ(read_tree(text)->text, "");
    EXPECT_EQ(reference_reader()->read(text, {}, &grammar)->text, "  ");
}

TEST(Reader, OtherEncodingsAreConverted) {
    const auto tree = read_tree("<?xml version='1.0' encoding='windows-1251'?><r>\xC6</r>");
    ASSERT_TRUE(tree) << tree.error().text();
    EXPECT_EQ(tree->text, "\xD0\x96");
}

}  // namespace
}  // namespace hansa::schema::test
