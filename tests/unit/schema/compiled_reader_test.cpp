#include "core/schema/compiled_reader.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <random>

#include "core/schema/codes.h"
#include "tests/unit/schema/schema_support.h"

namespace hansa::schema::test {
namespace {

using ::testing::HasSubstr;

std::shared_ptr<const CompiledGrammar> compiled_of(const std::string& body) {
    auto compiled = CompiledGrammar::compile(grammar_of(body));
    if (!compiled) ADD_FAILURE() << compiled.error().text();
    return *compiled;
}

/// "valid", or "line:column code path".
std::string verdict(FastReader& reader, std::string_view document, const xml::Limits& limits = {}) {
    Diagnostics faults;
    Result<ReadStep> step = ReadStep::cut;
    if (const auto opened = reader.open(document, {}, faults, limits); !opened) step = opened.error();
    while (step && *step == ReadStep::cut) step = reader.next();
    EXPECT_EQ(faults.count(), step ? 0u : 1u);
    if (step) return "valid";
    const Place& place = step.error().place;
    return std::to_string(place.line) + ":" + std::to_string(place.column) + " " +
           std::string(step.error().code.name()) + " " + place.path;
}

std::string reference(const Validator& validator, std::string_view document, const xml::Limits& limits = {}) {
    Diagnostics faults;
    const auto valid = validator.validate(document, faults, limits);
    if (valid) return "valid";
    const Place& place = valid.error().place;
    return std::to_string(place.line) + ":" + std::to_string(place.column) + " " +
           std::string(valid.error().code.name()) + " " + place.path;
}

/// A schema and documents of it, the content of <r xmlns='urn:t' xmlns:xsi='...'> or whole ones.
struct Case {
    const char* name;
    const char* schema;
    std::vector<std::string> documents;
};

std::string whole(const std::string& content) {
    if (content.starts_with("<r") || content.starts_with("<?")) return content;
    return "<r xmlns='urn:t' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'>" + content + "</r>";
}

const std::vector<Case>& cases() {
    static const std::vector<Case> all{
        {"sequence",
         R"(<xs:element name='r'><xs:complexType><xs:sequence><xs:element name='a' type='xs:string'/>
           <xs:element name='b' type='xs:int' minOccurs='2' maxOccurs='3'/><xs:element name='c' type='xs:date' minOccurs='0'/>
           </xs:sequence></xs:complexType></xs:element>)",
         {"<a/><b>1</b><b>2</b>",
          "<a>x</a><b>1</b><b>2</b><b>3</b><c>2026-11-25</c>",
          "<a/><b>1</b>",
          "<a/><b>1</b><b>2</b><b>3</b><b>4</b>",
          "<b>1</b>",
          "<a/><a/>",
          "",
          "<a/><b>1</b><b>x</b>",
          "<a/><b>1</b><b>2</b><c>2026-13-25</c>",
          "<a/>words<b>1</b><b>x</b>",
          "<a>x&/a><b>1</b><b>2</b>",
          "<a>x\x01/a><b>1</b><b>2</b>",
          "<a>x\xFF</a><b>1</b><b>2</b>",
          "<a>\xE4\xB8</a><b>1</b><b>2</b>",
          "<a>x\t\n y</a><b>1</b><b>2</b>",
          "<a>x>y</a><b>1</b><b>2</b>",
          "<a>x]]>y</a><b>1</b><b>2</b>",
          "<a>中中中</a><b> 1 </b><b>2</b>",
          "<a/><b>1</b><b>2</b><d/>",
          "<a/><b>1</b><b>2</b>words",
          "<a><b/></a><b>1</b><b>2</b>",
          "<a/><b>9999999999</b><b>2</b>"}},
        {"bounded-group",
         R"(<xs:element name='r'><xs:complexType><xs:sequence minOccurs='1' maxOccurs='2'><xs:element name='a' type='xs:string'/>
           <xs:choice minOccurs='0' maxOccurs='unbounded'><xs:element name='b' type='xs:string'/><xs:element name='c' type='xs:string'/></xs:choice>
           </xs:sequence></xs:complexType></xs:element>)",
         {"<a/>", "<a/><a/>", "<a/><b/><c/><b/><a/><c/>", "<a/><a/><a/>", "<b/>", "<a/><b/><a/><b/><a/>", ""}},
        {"all",
         R"(<xs:element name='r'><xs:complexType><xs:all><xs:element name='a' type='xs:string'/><xs:element name='b' type='xs:string' minOccurs='0'/>
           <xs:element name='c' type='xs:boolean'/></xs:all></xs:complexType></xs:element>)",
         {"<a/><c>true</c>", "<c>0</c><b/><a/>", "<a/>", "<a/><a/><c>1</c>", "<b/><c>yes</c><a/>"}},
        {"attributes",
         R"(<xs:element name='r'><xs:complexType><xs:sequence><xs:element name='a' minOccurs='0' maxOccurs='9'><xs:complexType><xs:simpleContent>
           <xs:extension base='xs:decimal'><xs:attribute name='u' type='xs:token' use='required'/><xs:attribute name='v' type='xs:int'/>
           <xs:attribute name='w' fixed='1' type='xs:int'/></xs:extension></xs:simpleContent></xs:complexType></xs:element></xs:sequence></xs:complexType></xs:element>)",
         {"<a u='x'>1.5</a>", "<a v=' 7 ' u='x'>1</a>", "<a>1</a>", "<a u='x' v='x'>1</a>", "<a u='x' q='x'>1</a>",
          "<a u='x' w='1'>1</a>", "<a u='x' w='01'>1</a>", "<a u='x' w='2'>1</a>", "<a u='x' v='x'>z</a>",
          "<a u='x'>1</a><a u='x'>z</a>", "<r q='1' xmlns='urn:t'/>",
          "<r xsi:schemaLocation='urn:t nowhere' xmlns='urn:t' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'/>",
          "<a u='&amp;' >1</a>", "<a u='x' u='y'>1</a>", "<a u='x' z:w='y'>1</a>"}},
        {"values",
         R"(<xs:simpleType name='E'><xs:restriction base='xs:token'><xs:enumeration value='one'/><xs:enumeration value='two'/></xs:restriction></xs:simpleType>
           <xs:simpleType name='P'><xs:restriction base='xs:string'><xs:pattern value='[A-Z]{2}\d*'/><xs:maxLength value='5'/></xs:restriction></xs:simpleType>
           <xs:simpleType name='N'><xs:restriction base='xs:decimal'><xs:totalDigits value='5'/><xs:fractionDigits value='2'/><xs:minInclusive value='0'/></xs:restriction></xs:simpleType>
           <xs:simpleType name='U'><xs:union memberTypes='xs:int E'/></xs:simpleType><xs:simpleType name='L'><xs:list itemType='xs:int'/></xs:simpleType>
           <xs:element name='r'><xs:complexType><xs:choice maxOccurs='unbounded'><xs:element name='e' type='E'/><xs:element name='p' type='P'/>
           <xs:element name='n' type='N'/><xs:element name='u' type='U'/><xs:element name='l' type='L'/><xs:element name='t' type='xs:dateTime'/>
           <xs:element name='i' type='xs:anyURI'/><xs:element name='x' type='xs:long'/><xs:element name='b' type='xs:base64Binary'/></xs:choice></xs:complexType></xs:element>)",
         {"<e>one</e>",
          "<e> two </e>",
          "<e>three</e>",
          "<p>AB12</p>",
          "<p>AB1234</p>",
          "<p>ab</p>",
          "<p>AB1中</p>",
          "<n>123.45</n>",
          "<n>0000123.4500</n>",
          "<n>123.456</n>",
          "<n>123456</n>",
          "<n>-1</n>",
          "<n>x</n>",
          "<n> 1 </n>",
          "<u>7</u>",
          "<u>one</u>",
          "<u>x</u>",
          "<l>1 2  3</l>",
          "<l>1 x</l>",
          "<l/>",
          "<t>2026-11-25T10:00:00Z</t>",
          "<t>2026-02-30T10:00:00Z</t>",
          "<t>2026-02-28T24:00:00</t>",
          "<b>QUJD</b>",
          "<b>QUI=</b>",
          "<b>QUJ=</b>",
          "<b>QQ==</b>",
          "<b>QR==</b>",
          "<b>Q U I =</b>",
          "<b>Q===</b>",
          "<b>QUJDR</b>",
          "<b/>",
          "<i>urn:x:y</i>",
          "<i>u\"n:x</i>",
          "<i>http://a.b/c?d#e</i>",
          "<i>http://a:b/</i>",
          "<i>a%</i>",
          "<i>x:</i>",
          "<i>xy:</i>",
          "<i>%41</i>",
          "<i>a b中</i>",
          "<i>#a#b</i>",
          "<i>//[::1]:7/x</i>",
          "<i>a[b]</i>",
          "<x>9223372036854775807</x>",
          "<x>9223372036854775808</x>",
          "<x>-9223372036854775809</x>",
          "<e>one<!-- c --></e>",
          "<e>o<![CDATA[ne]]></e>",
          "<e>&#x6F;ne</e>",
          "<e>on\re</e>",
          "<p>A&lt;</p>"}},
        {"wildcards",
         R"(<xs:element name='g' type='xs:int'/><xs:element name='r'><xs:complexType><xs:sequence><xs:element name='lax'><xs:complexType><xs:sequence>
           <xs:any namespace='##any' processContents='lax' minOccurs='0'/></xs:sequence></xs:complexType></xs:element>
           <xs:element name='skip'><xs:complexType><xs:sequence><xs:any namespace='##other' processContents='skip' minOccurs='0' maxOccurs='unbounded'/></xs:sequence></xs:complexType></xs:element>
           <xs:any namespace='##targetNamespace' processContents='strict' minOccurs='0'/></xs:sequence></xs:complexType></xs:element>)",
         {"<lax/><skip/>", "<lax><g>7</g></lax><skip/>", "<lax><g>x</g></lax><skip/>",
          "<lax><q xmlns='urn:o'>words<g xmlns='urn:t'>7</g></q></lax><skip/>",
          "<lax><q xmlns='urn:o'>words<g xmlns='urn:t'>x</g></q></lax><skip/>",
          "<lax/><skip><q xmlns='urn:o' a='1'><g xmlns='urn:t'>x</g></q><q xmlns='urn:p'/></skip>",
          "<lax/><skip><g>7</g></skip>", "<lax/><skip/><g>7</g>", "<lax/><skip/><g>x</g>", "<lax/><skip/><z/>",
          "<lax/><skip/><g xmlns='urn:o'/>", "<lax/><skip><q xmlns='urn:o'>w</q>words</skip>",
          "<lax/><skip><q xmlns='urn:o'/>words</skip>",
          "<lax/><skip><q xmlns='urn:o'>w</q> <q xmlns='urn:o'/>words</skip>", "<lax><g>1</g>words</lax><skip/>"}},
        {"any-type",
         R"(<xs:element name='g' type='xs:int'/><xs:element name='r'><xs:complexType><xs:sequence><xs:element name='a'/><xs:element name='b' type='xs:anyType' minOccurs='0'/>
           </xs:sequence></xs:complexType></xs:element>)",
         {"<a/>", "<a>words<g>7</g></a>", "<a><g>x</g></a>", "<a><q xmlns='urn:o' k='1'>7</q></a><b k='1'/>",
          "<a><q xmlns='urn:o'><g xmlns='urn:t'>x</g></q></a>", "<a><zzz/></a>"}},
        {"nil",
         R"(<xs:element name='r'><xs:complexType><xs:sequence><xs:element name='a' type='xs:int' nillable='true'/><xs:element name='b' type='xs:int' minOccurs='0'/>
           </xs:sequence></xs:complexType></xs:element>)",
         {"<a xsi:nil='true'/>", "<a xsi:nil='true'></a>", "<a xsi:nil='true'> </a>",
          "<a xsi:nil='true'><!-- c --></a>", "<a xsi:nil='true'><b/></a>", "<a xsi:nil='false'>7</a>",
          "<a xsi:nil='true'>7</a>", "<a/>", "<a>1</a><b xsi:nil='true'/>", "<a>1</a><b xsi:nil='false'>1</b>"}},
        {"defaults",
         R"(<xs:element name='r'><xs:complexType><xs:sequence><xs:element name='a' type='xs:int' default='7'/><xs:element name='b' type='xs:int' fixed='8'/>
           </xs:sequence></xs:complexType></xs:element>)",
         {"<a/><b/>", "<a>1</a><b>8</b>", "<a>1</a><b>08</b>", "<a>1</a><b>9</b>", "<a>x</a><b>8</b>"}},
        {"mixed",
         R"(<xs:element name='r'><xs:complexType mixed='true'><xs:sequence><xs:element name='a' type='xs:int' minOccurs='0' maxOccurs='2'/></xs:sequence></xs:complexType></xs:element>)",
         {"words", "words <a>1</a> more <![CDATA[<x>]]>&amp; <a>2</a>", "<a>1</a><a>1</a><a>1</a>", "words<a>x</a>",
          "  <a>1</a>  "}},
        {"empty",
         R"(<xs:element name='r'><xs:complexType><xs:sequence><xs:element name='a' maxOccurs='2'><xs:complexType><xs:attribute name='k'/></xs:complexType></xs:element></xs:sequence></xs:complexType></xs:element>)",
         {"<a/>", "<a></a>", "<a k='1'><!-- c --></a>", "<a> </a>", "<a>x</a>", "<a><b/></a>", "<a/><a> </a>",
          "<a>&#32;</a>", "<a><![CDATA[]]></a>", "<a><![CDATA[x]]></a>"}},
        {"identifiers",
         R"(<xs:element name='r'><xs:complexType><xs:sequence><xs:element name='a' maxOccurs='9'><xs:complexType><xs:attribute name='id' type='xs:ID'/>
           <xs:attribute name='to' type='xs:IDREF'/></xs:complexType></xs:element></xs:sequence></xs:complexType></xs:element>)",
         {"<a id='x'/><a to='x'/>", "<a to='y'/><a id='y'/>", "<a id='x'/><a id='x'/>", "<a to='z'/>", "<a id='1'/>",
          "<a id=''/>", "<a to=''/>"}},
        {"abstract",
         R"(<xs:element name='h' type='xs:int' abstract='true'/><xs:element name='i' type='xs:int' substitutionGroup='h'/>
           <xs:element name='r'><xs:complexType><xs:sequence><xs:element ref='h'/></xs:sequence></xs:complexType></xs:element>)",
         {"<i>7</i>", "<i>x</i>"}},
        {"white-space",
         R"(<xs:element name='r'><xs:complexType><xs:sequence><xs:element name='a' type='xs:string' minOccurs='0' maxOccurs='9'/></xs:sequence></xs:complexType></xs:element>)",
         {"\n  <a/>\r\n\t<a> x </a> ", " ", "<!-- c -->", " <!-- c --> <?p i?> ", "<a/>&#32;<a/>",
          "<a/><![CDATA[ ]]><a/>", "<a/><![CDATA[]]><a/>", "<a/>&#32;", "<![CDATA[]]>", "<a/>&#65;",
          "<a/> <!-- c --><![CDATA[]]>"}},
        {"not-well-formed",
         R"(<xs:element name='r' type='xs:string'/>)",
         {"x]]>",
          "&x;",
          "&#0;",
          "&#x110000;",
          "<!-- -- -->",
          "\x01",
          "\xFF",
          "\xEF\xBF\xBE",
          "\xED\xA0\x80",
          "\xF0\x9F\x98\x80",
          "<r xmlns='urn:t'>",
          "<r xmlns='urn:t'/><r/>",
          "<r xmlns='urn:t' a=1/>",
          "<r xmlns='urn:t'></s>",
          "<r xmlns='urn:t' xmlns='urn:t'/>",
          "<r xmlns='urn:t' xmlns:xml='urn:x'/>",
          "<?xml version='1.1'?><r xmlns='urn:t'/>",
          "<?xml version='1.0' encoding='GBK'?><r xmlns='urn:t'>\xD6\xD0</r>",
          "<?xml version='1.0' encoding='US-ASCII'?><r xmlns='urn:t'>\xC3\xA9</r>",
          "<?xml version='1.0'?><!DOCTYPE r><r xmlns='urn:t'/>",
          "<r:r xmlns='urn:t'/>",
          "<r xmlns='urn:t'><?xml x?></r>",
          "<r xmlns='urn:t'>x</r >",
          "<r xmlns='urn:t'>x</ r>",
          "<r xmlns='urn:t'/>x",
          "<r",
          "<r xmlns='urn:t'><![CDATA[x",
          "<r xmlns='urn:t'>a>b</r>",
          "<r xmlns='urn:t'>a]]b</r>"}},
        {"anything-alone", R"(<xs:element name='r'/>)", {"x", "", "<a/>", "<r>5</r>"}},
        {"other-root",
         R"(<xs:element name='r' type='xs:string'/>)",
         {"<rr xmlns='urn:t'/>", "<r/>", "<r xmlns='urn:u'/>"}},
        {"durations",
         R"(<xs:element name='r'><xs:complexType><xs:sequence><xs:element name='a' maxOccurs='9'><xs:simpleType><xs:restriction base='xs:duration'>
           <xs:minInclusive value='P1M'/><xs:maxExclusive value='P1Y2M3DT4H5M6S'/></xs:restriction></xs:simpleType></xs:element></xs:sequence></xs:complexType></xs:element>)",
         {"<a>P1M</a>", "<a>P32D</a>", "<a>P27D</a>", "<a>-P2M</a>", "<a>P1Y2M3DT4H5M5S</a>", "<a>P1Y2M3DT4H5M6S</a>",
          "<a>P14M3DT4H5M7S</a>", "<a>P13M</a>", "<a>P15M</a>", "<a>PT3000H</a>", "<a>P0Y</a>", "<a>P1M</a><a>x</a>",
          "<a>P1S</a>", "<a>PT</a>"}},
        {"negative-durations",
         R"(<xs:element name='r'><xs:complexType><xs:sequence><xs:element name='a' maxOccurs='9'><xs:simpleType><xs:restriction base='xs:duration'>
           <xs:minExclusive value='-P1DT5S'/><xs:maxInclusive value='-PT2S'/></xs:restriction></xs:simpleType></xs:element></xs:sequence></xs:complexType></xs:element>)",
         {"<a>-PT2S</a>", "<a>-PT1S</a>", "<a>-PT3S</a>", "<a>-P1D</a>", "<a>-P1DT5S</a>", "<a>-P1DT6S</a>",
          "<a>-PT86404S</a>", "<a>PT1S</a>", "<a>-P1M</a>"}},
        {"blocked-substitutes",
         R"(<xs:complexType name='B'><xs:sequence/></xs:complexType>
           <xs:complexType name='E'><xs:complexContent><xs:extension base='B'><xs:attribute name='k'/></xs:extension></xs:complexContent></xs:complexType>
           <xs:complexType name='R'><xs:complexContent><xs:restriction base='B'><xs:sequence/></xs:restriction></xs:complexContent></xs:complexType>
           <xs:element name='h' type='B' block='extension'/><xs:element name='i' type='E' substitutionGroup='h'/>
           <xs:element name='j' type='R' substitutionGroup='h'/><xs:element name='k' type='B' substitutionGroup='h'/>
           <xs:element name='n' type='B' block='substitution'/><xs:element name='o' type='B' substitutionGroup='n'/>
           <xs:element name='r'><xs:complexType><xs:sequence><xs:element ref='h'/><xs:element ref='n' minOccurs='0'/></xs:sequence></xs:complexType></xs:element>)",
         {"<h/>", "<i/>", "<j/>", "<k/>", "<h/><n/>", "<h/><o/>"}},
        {"names-with-prefix",
         R"(<xs:element name='r'><xs:complexType><xs:sequence><xs:element name='a' type='xs:QName' maxOccurs='9'/></xs:sequence></xs:complexType></xs:element>)",
         {"<a>xsi:x</a>", "<a>x</a>", "<a>xmlns:x</a>", "<a>x:y:z</a>"}},
        {"attributes-with-namespace",
         R"(<xs:element name='r'><xs:complexType/></xs:element>)",
         {"<r xmlns='urn:t' xmlns:o='urn:o' o:b='1'/>"}},
        // A name that is declared there, in another namespace: the judge goes on as if it were right.
        {"qualified-by-mistake",
         R"(<xs:element name='r'><xs:complexType><xs:sequence><xs:element name='a' form='unqualified'><xs:complexType><xs:sequence>
           <xs:element name='b' form='unqualified' type='xs:int'/></xs:sequence><xs:attribute name='k'/></xs:complexType></xs:element>
           <xs:element name='c' form='unqualified' type='xs:int' minOccurs='0'/></xs:sequence></xs:complexType></xs:element>)",
         {"<a xmlns=''><b>1</b></a>", "<a/>", "<a>words</a>", "<a>words<b>1</b></a>", "<a k='1'><b>1</b></a>",
          "<a x='1'><b xmlns=''>1</b></a>", "<a xmlns=''><b>1</b></a><c>1</c>",
          "<a xmlns=''><b>1</b></a><c k='1'>x</c>", "<a xmlns='' x='1'><b xmlns='urn:t' k='1'>x</b></a><c>1</c>",
          "<a><b>1</b></a>more<c>1</c>", "<a xmlns='urn:u' k='1'>words</a>", "<c>1</c><a/>",
          "<a xmlns=''><b>1</b></a><c/><c x='1'/>"}},
        {"not-qualified-by-mistake",
         R"(<xs:element name='g'><xs:complexType/></xs:element><xs:element name='r'><xs:complexType><xs:sequence>
           <xs:element name='a'><xs:complexType><xs:sequence><xs:element name='b' type='xs:int'/></xs:sequence><xs:attribute name='k'/></xs:complexType></xs:element>
           <xs:element ref='g' minOccurs='0'/></xs:sequence></xs:complexType></xs:element>)",
         {"<a><b>1</b></a>", "<a xmlns=''/>", "<a xmlns=''>words</a>", "<a xmlns=''>words<b>1</b></a>",
          "<a xmlns='' k='1'><b>1</b></a>", "<a xmlns='' x='1'><b xmlns='urn:t'>1</b></a>",
          "<a><b xmlns='' x='1'>1</b></a>", "<a><b xmlns=''>x</b>words</a>", "<a><b>1</b></a><g xmlns='' x='1'/>",
          "<a><b>1</b></a><g xmlns=''>words</g>more", "<g xmlns='' x='1'/>", "<a xmlns='urn:u' x='1'>words</a>"}},
        // The judge stands behind a text: what ended last is asked first whether the text is its own.
        {"words-behind-children",
         R"(<xs:element name='g' type='xs:string'/><xs:element name='r'><xs:complexType><xs:sequence><xs:element name='a' type='xs:string'/>
           <xs:element name='p' minOccurs='0'><xs:complexType><xs:sequence><xs:element name='b' type='xs:int'/></xs:sequence></xs:complexType></xs:element>
           <xs:element name='e' minOccurs='0'><xs:complexType/></xs:element></xs:sequence></xs:complexType></xs:element>)",
         {"<a/><x/><y>words</y>more",
          "<a/><x/><y>words</y> ",
          "<a/><x/><y/>more",
          "<a/><x>words</x>more",
          "<a/><x>words<z/></x>more",
          "<a/><x><z>words</z></x>more",
          "<a/><a>words</a>more",
          "<a/><a/><a>words</a>more",
          "<a/><x/><a>words</a>more",
          "<a/><x/><g>words</g>more",
          "<a/><p>words<b>1</b></p>more",
          "<a/><p><b>1</b>words</p>more",
          "<a/><p><x/><y>words</y>more</p>",
          "<a/><p><x/><y>words</y>more</p>more",
          "<a/><p><b>1</b></p><x/><p>words</p>more",
          "<a/><e>words</e>more",
          "<a/><x/><e>words</e>more",
          "<a/><x/><y>words</y><!-- c -->more",
          "<a/><x/><y>words</y><z/>more",
          "words<x/><y>words</y>more",
          "<a/><x/><a xsi:type='q'>words</a>more",
          "<a/><x/><y><![CDATA[words]]></y>&#65;",
          "<y>words</y>more<a/>"}},
    };
    return all;
}

TEST(FastReader, SaysWhatTheValidatorSays) {
    std::size_t judged = 0;
    for (const Case& one : cases()) {
        const Validator validator = validator_of(one.schema);
        FastReader reader(compiled_of(one.schema));
        for (const std::string& content : one.documents) {
            const std::string document = whole(content);
            const std::string found = verdict(reader, document);
            if (found.find("schema.undecided") != std::string::npos) continue;
            ++judged;
            EXPECT_EQ(found, reference(validator, document)) << one.name << ": " << document;
        }
    }
    EXPECT_GE(judged, 170u);
}

/// With much behind it, so that it is read on the predicted path.
TEST(FastReader, SaysTheSameWhereItPredicts) {
    std::size_t judged = 0;
    for (const Case& one : cases()) {
        const Validator validator = validator_of(one.schema);
        FastReader reader(compiled_of(one.schema));
        for (const std::string& content : one.documents) {
            const std::string document = whole(content) + "<!--" + std::string(400, '.') + "-->";
            const std::string found = verdict(reader, document);
            if (found.find("schema.undecided") != std::string::npos) continue;
            ++judged;
            EXPECT_EQ(found, reference(validator, document)) << one.name << ": " << document;
        }
    }
    EXPECT_GE(judged, 170u);
}

constexpr const char* list =
    R"(<xs:element name='r'><xs:complexType><xs:sequence><xs:element name='head' type='xs:string'/>
  <xs:element name='item' minOccurs='0' maxOccurs='unbounded'><xs:complexType><xs:sequence><xs:element name='k' type='xs:int'/>
  <xs:element name='v' type='xs:string'/></xs:sequence><xs:attribute name='no' type='xs:int'/></xs:complexType></xs:element>
  <xs:element name='foot' type='xs:string' minOccurs='0'/></xs:sequence></xs:complexType></xs:element>)";

std::string list_document(int items, const std::string& item) {
    std::string text = "<r xmlns='urn:t'><head>h</head>";
    for (int i = 0; i < items; ++i) text += item;
    return text + "<foot>f</foot></r>";
}

TEST(FastReader, StopsAtCutsAndForgetsWhatIsTruncated) {
    const auto compiled = compiled_of(list);
    FastReader reader(compiled);
    const PathIndex item = compiled->paths().find("item");
    const PathIndex key = compiled->paths().find("item/k");
    for (const char* form :
         {"<item><k>7</k><v>some text</v></item>", "<item no='1'>\n<k>7</k><v>some<!-- c --> &lt;text</v></item>"}) {
        const std::string document = list_document(5'000, form);
        Diagnostics faults;
        ASSERT_TRUE(reader.open(document, {&item, 1}, faults));
        int cuts = 0;
        std::size_t held = 0;
        for (;;) {
            const auto step = reader.next();
            ASSERT_TRUE(step) << step.error().text();
            if (*step == ReadStep::end) break;
            ++cuts;
            const auto entries = reader.tape().entries();
            ASSERT_EQ(entries[0].next, Entry::open);
            bool found = false;
            for (const Entry& entry : entries) found = found || (entry.path == key && entry.value() == "7");
            EXPECT_TRUE(found);
            reader.tape().truncate(reader.tape().floor());
            if (cuts == 10) held = reader.tape().bytes_held();
        }
        EXPECT_EQ(cuts, 5'000);
        EXPECT_EQ(reader.tape().bytes_held(), held);
        // What is left: the root, and what follows the last cut.
        ASSERT_EQ(reader.tape().size(), 2u);
        EXPECT_EQ(reader.tape()[1].value(), "f");
        EXPECT_EQ(reader.tape()[0].next, 2u);
    }
}

/// Wherever the last bytes begin, what may be predicted there is looked at anew.
TEST(FastReader, TheDocumentsEndIsReadAsTheRest) {
    constexpr const char* mixed = R"(<xs:element name='r'><xs:complexType mixed='true'><xs:sequence>
      <xs:element name='i' maxOccurs='unbounded'><xs:complexType><xs:sequence><xs:element name='k' type='xs:int'/></xs:sequence></xs:complexType></xs:element>
      </xs:sequence></xs:complexType></xs:element>)";
    FastReader reader(compiled_of(mixed));
    for (std::size_t behind = 0; behind < 600; behind += 3) {
        std::string document = "<r xmlns='urn:t'>\n";
        for (int i = 0; i < 30; ++i) document += "<i><k>7</k></i> ";
        document += "</r><!--" + std::string(behind, '.') + "-->";
        ASSERT_EQ(verdict(reader, document), "valid");
        ASSERT_EQ(reader.tape()[0].value(), "\n" + std::string(30, ' ')) << behind;
    }
}

TEST(FastReader, ALeafMayBeACut) {
    const auto compiled = compiled_of(list);
    FastReader reader(compiled);
    const PathIndex value = compiled->paths().find("item/v");
    const std::string document = list_document(50, "<item><k>7</k><v>x</v></item>");
    Diagnostics faults;
    ASSERT_TRUE(reader.open(document, {&value, 1}, faults));
    int cuts = 0;
    for (auto step = reader.next(); step && *step == ReadStep::cut; step = reader.next()) ++cuts;
    EXPECT_EQ(cuts, 50);
}

TEST(FastReader, PredictsAndComesBackToPrediction) {
    FastReader reader(compiled_of(list));
    EXPECT_EQ(verdict(reader, list_document(100, "<item><k>7</k><v>some text</v></item>")), "valid");
    EXPECT_GT(reader.counts().predicted, 280u);
    EXPECT_EQ(verdict(reader, list_document(100, "<item no='1'><k>7</k><!-- c --><v>some text</v></item>")), "valid");
    EXPECT_GT(reader.counts().predicted, 170u);
    EXPECT_GE(reader.counts().general, 100u);
}

TEST(FastReader, ReadsOtherEncodings) {
    FastReader reader(compiled_of(list));
    const std::string utf8 = "<r xmlns='urn:t'><head>h</head></r>";
    std::string utf16 = "\xFF\xFE";
    for (const char c : utf8) utf16 += {c, '\0'};
    EXPECT_EQ(verdict(reader, utf16), "valid");
    EXPECT_EQ(reader.text().substr(reader.text().find("<r")), utf8);
    EXPECT_EQ(verdict(reader, "<?xml version='1.0' encoding='GB18030'?><r xmlns='urn:t'><head>\xD6\xD0</head></r>"),
              "valid");
    EXPECT_EQ(reader.tape()[1].value(), "中");
}

TEST(FastReader, KeepsTheLimits) {
    FastReader reader(compiled_of(list));
    const std::string document =
        list_document(3, "<item no='1'><k>7</k><v>some text</v></item>") + "<!--" + std::string(400, '.') + "-->";
    EXPECT_EQ(verdict(reader, document), "valid");
    const Validator validator = validator_of(list);
    const auto same = [&](const xml::Limits& limits) {
        const std::string expected = reference(validator, document, limits);
        EXPECT_EQ(verdict(reader, document, limits), expected);
        return expected;
    };
    EXPECT_THAT(same({.depth_max = 2}), HasSubstr("xml.too-deep"));
    EXPECT_THAT(same({.text_bytes_max = 8}), HasSubstr("xml.text-too-long"));
    EXPECT_THAT(same({.name_bytes_max = 3}), HasSubstr("xml.name-too-long"));
    EXPECT_THAT(same({.document_bytes_max = 100}), HasSubstr("xml.too-large"));
    EXPECT_THAT(same({.attributes_max = 0}), HasSubstr("xml.too-many"));
    EXPECT_EQ(same({.depth_max = 3}), "valid");
    EXPECT_EQ(same({.name_bytes_max = 5, .text_bytes_max = 400}), "valid");
}

std::string canonical(FastReader& reader, std::string_view document) {
    EXPECT_EQ(verdict(reader, document), "valid");
    const auto patches = reader.canonical_patches();
    if (!patches) return "not known";
    std::string text;
    std::size_t at = reader.tape()[0].offset;
    for (const CanonicalPatch& patch : *patches) {
        text.append(document.substr(at, patch.offset - at)).append(patch.text);
        at = patch.offset + patch.size;
    }
    const std::string_view root = reader.root_text();
    return text.append(document.substr(at, static_cast<std::size_t>(root.data() - document.data()) + root.size() - at));
}

TEST(FastReader, KnowsWhatTheCanonicalFormHasInOtherBytes) {
    FastReader reader(compiled_of(list));
    const std::string plain = list_document(20, "<item><k>7</k><v>x</v></item>");
    EXPECT_EQ(canonical(reader, plain), "not known");
    reader.keep_canonical_patches(true);
    const std::string canonical_plain = "<r xmlns=\"urn:t\">" + plain.substr(plain.find('>') + 1);
    EXPECT_EQ(canonical(reader, plain), canonical_plain);
    EXPECT_EQ(reader.canonical_patches()->size(), 1u);
    EXPECT_EQ(canonical(reader, "<?xml version='1.0'?><!-- c -->" + plain + "\n"), canonical_plain);
    EXPECT_EQ(
        canonical(
            reader,
            "<r  xmlns='urn:t'><head >a<![CDATA[<]]>&#x3E;b</head><!-- c --><item no = '1' ><k>7</k ><v/></item></r >"),
        "<r xmlns=\"urn:t\"><head>a&lt;&gt;b</head><item no=\"1\"><k>7</k><v></v></item></r>");
    EXPECT_EQ(canonical(reader, "<r xmlns='urn:t'><head>x</head>\r\n</r>"), "not known");
    EXPECT_EQ(canonical(reader, "<r xmlns='urn:t'><head>x</head><?p?></r>"), "not known");
}

TEST(FastReader, SaysWhatItDoesNotJudge) {
    FastReader reader(compiled_of(list));
    Diagnostics faults;
    ASSERT_TRUE(reader.open("<r xmlns='urn:t' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xsi:type='x'/>", {},
                            faults));
    const auto step = reader.next();
    ASSERT_FALSE(step);
    EXPECT_EQ(step.error().code, codes::undecided);
    EXPECT_EQ(reader.next().error().code, codes::undecided);
    // Nor where the declaration's own type would not do: xsi:type may name another.
    FastReader chosen(
        compiled_of(R"(<xs:complexType name='T' abstract='true'/><xs:element name='r'><xs:complexType><xs:sequence>
      <xs:element name='a' type='T' minOccurs='0'/><xs:element name='b' minOccurs='0'><xs:complexType/></xs:element></xs:sequence></xs:complexType></xs:element>)"));
    for (const char* content : {"<a xsi:type='q'/>", "<b k='1' xsi:type='q'/>"})
        EXPECT_EQ(verdict(chosen, whole(content)).substr(0, 20), "0:0 schema.undecided") << content;
}

TEST(CompiledGrammar, RefusesWhatItCannotJudge) {
    const Grammar keyed = grammar_of(
        R"(<xs:element name='r'><xs:complexType><xs:sequence><xs:element name='a' type='xs:string' maxOccurs='9'/></xs:sequence></xs:complexType>
      <xs:unique name='u'><xs:selector xpath='a'/><xs:field xpath='.'/></xs:unique></xs:element>)");
    // Which turn of the group a member belongs to is known only behind it; only one of each is served.
    const auto grouped = [](const char* group, const char* member) {
        return grammar_of(
            "<xs:element name='r'><xs:complexType><xs:sequence " + std::string(group) +
            "><xs:element name='a' type='xs:int' " + member +
            "/><xs:element name='b' type='xs:int' minOccurs='0'/></xs:sequence></xs:complexType></xs:element>");
    };
    const Grammar fixed_list = grammar_of(
        "<xs:simpleType name='L'><xs:list itemType='xs:decimal'/></xs:simpleType><xs:element name='r' type='L' "
        "fixed='1 2'/>");
    for (const Grammar& refused : {keyed, fixed_list, grouped("minOccurs='2' maxOccurs='2'", "maxOccurs='2'"),
                                   grouped("maxOccurs='unbounded'", "minOccurs='2' maxOccurs='3'")}) {
        const auto compiled = CompiledGrammar::compile(refused);
        ASSERT_FALSE(compiled);
        EXPECT_EQ(compiled.error().code, codes::grammar_unsupported);
    }
    EXPECT_TRUE(CompiledGrammar::compile(grouped("minOccurs='2' maxOccurs='2'", "")));
    EXPECT_TRUE(CompiledGrammar::compile(grouped("maxOccurs='unbounded'", "maxOccurs='3'")));
}

/// What a reader says of a document: its fault, or all that stands on its tape.
std::string account(FastReader& reader, std::string_view document) {
    const std::string said = verdict(reader, document);
    if (said != "valid") return said;
    std::string out;
    for (const Entry& entry : reader.tape().entries()) {
        out += std::to_string(entry.path) + " " + std::to_string(entry.next) + " " + std::to_string(entry.offset) + " ";
        out.append(entry.value()) += "\n";
    }
    return out;
}

TEST(FastReader, WhatItLearnedOfADocumentChangesNothingInTheNext) {
    const auto compiled = compiled_of(
        R"(<xs:element name='r'><xs:complexType><xs:sequence><xs:element name='g' maxOccurs='unbounded'><xs:complexType>
           <xs:sequence><xs:element name='a' type='xs:int'/><xs:element name='b' minOccurs='0'><xs:simpleType>
           <xs:restriction base='xs:string'><xs:maxLength value='40'/></xs:restriction></xs:simpleType></xs:element>
           <xs:element name='c' minOccurs='0' maxOccurs='2' type='xs:decimal'/>
           <xs:element name='d' minOccurs='0' maxOccurs='unbounded' type='xs:string'/>
           <xs:element name='e' minOccurs='0' fixed='142' type='xs:string'/>
           <xs:element name='f' minOccurs='0' maxOccurs='2'><xs:complexType><xs:simpleContent><xs:extension base='xs:token'>
           <xs:attribute name='x' type='xs:int' use='required'/><xs:attribute name='y' type='xs:string'/>
           <xs:attribute name='z' fixed='1' type='xs:int'/></xs:extension></xs:simpleContent></xs:complexType></xs:element>
           </xs:sequence></xs:complexType></xs:element></xs:sequence></xs:complexType></xs:element>)");
    const std::vector<std::string> a{"1", "12", "&#x31;", "<![CDATA[7]]>", "x", "1234567890", ""};
    const std::vector<std::string> b{"text", "示例贸易",         "a<!-- c -->b", "<![CDATA[a]b]]>",   "&amp;", "a > b",
                                     "]]>",  "<![CDATA[\r\n]]>", "\x01",         std::string(41, 'x')};
    const std::vector<std::string> c{"1.5", "0", "-2", ".", "1.2.3"};
    const std::vector<std::string> between{"", "", "", "\n  ", "\r\n", "<!-- between -->", " <!----> ", "<?p?>", "x"};
    const std::vector<std::string> ends{">", ">", ">", " >", "\n>", "x>"};
    const std::vector<std::string> f{"<f x=\"1\">",
                                     "<f x=\"2\" y=\"KGM\">",
                                     "<f x=\"12\" y=\"\">",
                                     "<f y='a' x='3'>",
                                     "<f  x=\"1\">",
                                     "<f x = \"1\" >",
                                     "<f x=\"x\">",
                                     "<f y=\"示\" x=\"1\">",
                                     "<f x=\"1\" z=\"1\">",
                                     "<f x=\"1\" z=\"2\">",
                                     "<f x=\"1\" x=\"1\">",
                                     "<f>",
                                     "<f x=\"&#49;\">",
                                     "<f x=\"1\" y=\"a>b\">",
                                     "<f x=\"1\" y=\"\t\">",
                                     "<f y=\"1\">",
                                     "<f x=\"1\" y=\"<\">",
                                     "<f x=\"1\"q=\"\">",
                                     "<f x=\"1\" xmlns:q=\"urn:q\">"};
    const std::vector<std::string> roots{"<r xmlns='urn:t'>",      "<r xmlns='urn:t' xmlns:q='urn:q'>",
                                         "<r xmlns='urn:&#116;'>", "<r xmlns='urn:t' z='1'>",
                                         "<r xmlns='urn:u'>",      "<r  xmlns='urn:t' >"};
    const std::vector<std::string> words{"a b", "", "x", " a", "a  b", "示例 ", "&#32;a", "a<!-- c -->b"};
    std::mt19937_64 random(7);
    const auto one_of = [&](const std::vector<std::string>& values, std::size_t usual) {
        return values[random() % 8 != 0 ? random() % usual : random() % values.size()];
    };
    const auto element = [&](const std::string& name, const std::string& value) {
        return "<" + name + ">" + value + "</" + name + one_of(ends, 3) + one_of(between, 4);
    };
    for (const auto level :
         {xml::lanes::Level::scalar, xml::lanes::Level::sse2, xml::lanes::Level::avx2, xml::lanes::Level::avx512}) {
        if (!xml::lanes::supported(level)) continue;
        FastReader kept(compiled, level);
        std::size_t valid = 0;
        for (std::size_t i = 0; i < 600; ++i) {
            std::string document = one_of(roots, 2);
            for (std::size_t groups = 1 + random() % 6; groups != 0; --groups) {
                document += "<g>" + one_of(between, 4) + element("a", one_of(a, 2));
                if (random() % 3 != 0) document += element("b", one_of(b, 2));
                for (std::size_t more = random() % 32 == 0 ? 3 : random() % 3; more != 0; --more)
                    document += element("c", one_of(c, 3));
                for (std::size_t more = random() % 4; more != 0; --more) document += element("d", one_of(b, 2));
                if (random() % 2 != 0) document += element("e", random() % 32 == 0 ? "143" : "142");
                for (std::size_t more = random() % 3; more != 0; --more)
                    document += one_of(f, 4) + one_of(words, 3) + "</f" + one_of(ends, 3) + one_of(between, 4);
                document += "</g>";
            }
            document += "</r>";
            FastReader fresh(compiled, xml::lanes::Level::scalar);
            const std::string expected = account(fresh, document);
            valid += expected.find('\n') == std::string::npos ? 0u : 1u;
            ASSERT_EQ(account(kept, document), expected) << document;
        }
        EXPECT_GT(valid, 30u);
        EXPECT_LT(valid, 570u);
    }
}

/// Each entry's place is inside of that of the element around it.
bool places_fit(const PathTable& paths, const Tape& tape) {
    std::vector<const Entry*> around;
    std::uint32_t number = 0;
    for (const Entry& entry : tape.entries()) {
        while (!around.empty() && number >= around.back()->next) around.pop_back();
        if (paths[entry.path].parent != (around.empty() ? no_path : around.back()->path)) return false;
        if (entry.next > ++number) around.push_back(&entry);
    }
    return true;
}

/// Elements that end and begin between values are taken at once where they stand as last time: occurrences, places,
/// cuts and depth are judged as without that.
TEST(FastReader, WhatStandsBetweenValuesIsJudgedTagByTag) {
    const std::string schema =
        R"(<xs:complexType name='N'><xs:sequence><xs:element name='a' type='xs:int' maxOccurs='2'/></xs:sequence></xs:complexType>
           <xs:complexType name='L'><xs:sequence><xs:element name='a' type='xs:int'/>
           <xs:element name='n' minOccurs='0' maxOccurs='2'><xs:complexType><xs:sequence><xs:element name='m' type='N'/>
           <xs:element name='o' type='N' minOccurs='0'/></xs:sequence></xs:complexType></xs:element>
           <xs:element name='z' type='xs:string' minOccurs='0'/></xs:sequence></xs:complexType>
           <xs:element name='r'><xs:complexType><xs:sequence><xs:element name='g' maxOccurs='4'><xs:complexType><xs:sequence>
           <xs:element name='h'><xs:complexType><xs:sequence><xs:element name='a' type='xs:int'/>
           <xs:element name='b' minOccurs='0' type='xs:string'/></xs:sequence></xs:complexType></xs:element>
           <xs:element name='l' minOccurs='2' maxOccurs='3' type='L'/>
           <xs:element name='v' type='xs:int' minOccurs='0'/>
           <xs:element name='k' minOccurs='0' type='L'/><xs:element name='t' minOccurs='0'><xs:complexType><xs:choice><xs:element name='a' type='xs:int'/>
           <xs:sequence><xs:element name='n' maxOccurs='2'><xs:complexType><xs:sequence><xs:element name='m' type='N'/>
           <xs:element name='o' type='N'/></xs:sequence></xs:complexType></xs:element><xs:element name='z' type='xs:string' minOccurs='0'/></xs:sequence>
           </xs:choice></xs:complexType></xs:element>
           </xs:sequence></xs:complexType></xs:element></xs:sequence></xs:complexType></xs:element>)";
    const auto compiled = compiled_of(schema);
    const Validator validator = validator_of(schema);
    std::mt19937_64 random(11);
    std::string gap;
    const auto rarely = [&] { return random() % 24 == 0; };
    const auto times = [&](std::size_t least, std::size_t most) {
        return rarely() ? random() % (most + 2) : least + random() % (most - least + 1);
    };
    const auto value = [&](const char* name, const char* text) {
        return std::string("<") + name + ">" + text + "</" + name + ">" + gap;
    };
    const auto element = [&](const char* name, const std::string& inside) {
        const char* const attribute = random() % 200 == 0 ? " q='1'" : "";
        return std::string("<") + name + attribute + ">" + gap + inside + "</" +
               (*name == 'o' && rarely() ? "m" : name) + ">" + (rarely() ? "" : gap);
    };
    const auto repeated = [&](std::size_t count, const auto& make) {
        std::string out;
        for (; count != 0; --count) out += make();
        return out;
    };
    const auto a = [&] { return value("a", random() % 300 == 0 ? "x" : "12"); };
    const auto z = [&] { return random() % 2 != 0 ? value("z", "text") : ""; };
    const auto m = [&] { return element("m", repeated(times(1, 2), a)); };
    const auto o = [&] { return element("o", repeated(times(1, 2), a)); };
    const auto n = [&] { return element("n", repeated(times(1, 1), m) + (random() % 3 == 0 ? o() : "")); };
    const auto other_n = [&] { return element("n", m() + (rarely() ? "" : o())); };
    const auto inside_l = [&] { return a() + repeated(times(0, 2), n) + z(); };
    const auto l = [&] { return element("l", inside_l()); };
    const auto k = [&] { return element("k", inside_l()); };
    const auto h = [&] { return element("h", a() + (random() % 3 != 0 ? value("b", "some text") : "")); };
    const auto v = [&] { return value("v", "7"); };
    const auto t = [&] { return element("t", random() % 3 == 0 ? a() : repeated(times(1, 2), other_n) + z()); };
    const auto g = [&] {
        return element("g", repeated(times(1, 1), h) + repeated(times(2, 3), l) + repeated(times(0, 1), v) +
                                repeated(times(0, 1), k) + repeated(times(0, 1), t));
    };
    std::vector<std::string> documents;
    for (std::size_t i = 0; i < 1'200; ++i) {
        if (i % 50 == 0) gap = i % 100 == 0 ? "" : "\n    ";
        documents.push_back("<r xmlns='urn:t'>" + repeated(times(1, 4), g) + "</r>");
    }
    const PathIndex cut = compiled->paths().find("g/l");
    for (const auto level :
         {xml::lanes::Level::scalar, xml::lanes::Level::sse2, xml::lanes::Level::avx2, xml::lanes::Level::avx512}) {
        if (!xml::lanes::supported(level)) continue;
        FastReader kept(compiled, level);
        std::size_t valid = 0;
        for (const std::string& document : documents) {
            const std::string said = reference(validator, document);
            ASSERT_EQ(verdict(kept, document), said) << document;
            FastReader fresh(compiled, xml::lanes::Level::scalar);
            ASSERT_EQ(account(kept, document), account(fresh, document)) << document;
            ASSERT_TRUE(said != "valid" || places_fit(compiled->paths(), kept.tape())) << document;
            xml::Limits limits;
            limits.depth_max = 4;
            ASSERT_EQ(verdict(kept, document, limits), reference(validator, document, limits)) << document;
            if (said != "valid") continue;
            ++valid;
            Diagnostics faults;
            ASSERT_TRUE(kept.open(document, {&cut, 1}, faults));
            std::size_t cuts = 0, ends = 0;
            for (auto step = kept.next(); step && *step == ReadStep::cut; step = kept.next()) ++cuts;
            for (std::size_t at = 0; (at = document.find("</l>", at)) != std::string::npos; ++at) ++ends;
            ASSERT_EQ(cuts, ends) << document;
        }
        EXPECT_GT(valid, 150u);
        EXPECT_LT(valid, 1'050u);
        EXPECT_GT(kept.counts().predicted, 0u);
    }
}

TEST(FastReader, MoreKindsOfValuesThanCrossingsAreKeptChangeNothing) {
    std::string elements, document = "<r xmlns='urn:t'>";
    for (int i = 0; i < 400; ++i) {
        const std::string name = "g" + std::to_string(i);
        elements += "<xs:element name='" + name +
                    "'><xs:complexType><xs:sequence><xs:element name='a' type='xs:int'/></xs:sequence></xs:complexType>"
                    "</xs:element>";
        document += "<" + name + "><a>1</a></" + name + ">";
    }
    document += "</r>";
    FastReader reader(compiled_of("<xs:element name='r'><xs:complexType><xs:sequence>" + elements +
                                  "</xs:sequence></xs:complexType></xs:element>"));
    const std::string first = account(reader, document);
    EXPECT_EQ(std::ranges::count(first, '\n'), 801);
    EXPECT_EQ(account(reader, document), first);
    document.replace(document.rfind("<a>1"), 4, "<a>x");
    EXPECT_THAT(account(reader, document), HasSubstr("g399"));
}

/// No load goes beyond the document, however long the last tags are (the sanitizer sees it).
TEST(FastReader, LongTagsMayStandAtTheEnd) {
    const auto compiled = compiled_of(
        R"(<xs:element name='r'><xs:complexType><xs:sequence><xs:element name='f' maxOccurs='unbounded'><xs:complexType>
           <xs:simpleContent><xs:extension base='xs:string'><xs:attribute name='x' type='xs:int' use='required'/>
           <xs:attribute name='y' type='xs:string'/></xs:extension></xs:simpleContent></xs:complexType></xs:element>
           </xs:sequence></xs:complexType></xs:element>)");
    for (const auto level :
         {xml::lanes::Level::scalar, xml::lanes::Level::sse2, xml::lanes::Level::avx2, xml::lanes::Level::avx512}) {
        if (!xml::lanes::supported(level)) continue;
        FastReader kept(compiled, level);
        for (const std::size_t size : {1u, 40u, 62u, 63u, 100u, 150u, 180u, 200u, 230u}) {
            for (std::size_t value = 0; value < 140; value += 3) {
                // Longer than what is read in a copy with room behind it.
                const std::string x = std::to_string(value % 2);
                const std::string one =
                    "<f x=\"" + x + "\" y=\"" + std::string(size, 'y') + "\">" + std::string(value, 'v') + "</f>";
                std::string text = "<r xmlns='urn:t'>";
                while (text.size() < 1'600) text += one;
                text += "</r>";
                const auto exact = std::make_unique<char[]>(text.size());
                std::copy(text.begin(), text.end(), exact.get());
                FastReader fresh(compiled, xml::lanes::Level::scalar);
                const std::string expected = account(fresh, text);
                ASSERT_NE(expected.find('\n'), std::string::npos) << text;
                ASSERT_EQ(account(kept, {exact.get(), text.size()}), expected) << text;
            }
        }
    }
}

}  // namespace
}  // namespace hansa::schema::test
