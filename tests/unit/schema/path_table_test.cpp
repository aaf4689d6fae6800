#include "core/schema/path_table.h"

#include "tests/unit/schema/schema_support.h"

namespace hansa::schema::test {
namespace {

constexpr const char* order = R"(
  <xs:element name='b'><xs:complexType><xs:sequence><xs:element name='name' type='xs:string'/>
    <xs:element ref='b' minOccurs='0' maxOccurs='unbounded'/></xs:sequence><xs:attribute name='no'/></xs:complexType></xs:element>
  <xs:element name='r'><xs:complexType><xs:sequence>
    <xs:element name='id' type='xs:string'/>
    <xs:choice><xs:element name='a' type='xs:string' maxOccurs='2'/><xs:element ref='b'/></xs:choice>
  </xs:sequence><xs:attribute name='version' use='required'/><xs:attribute name='kind'/></xs:complexType></xs:element>)";

/// "number path cardinality", one a line.
std::string listing(const PathTable& paths) {
    std::string text;
    for (PathIndex i = 0; i < paths.size(); ++i) {
        const PathNode& node = paths[i];
        text += std::to_string(i) + " " + paths.path_of(i) + " " + std::to_string(node.least) + ".." +
                (node.most == unbounded ? "*" : std::to_string(node.most)) + (node.in_choice ? " choice" : "") +
                (node.ends_here ? " ends" : "") + "\n";
    }
    return text;
}

TEST(PathTable, NumbersSiblingsSideBySideAndEndsRecursion) {
    const PathTable paths = PathTable::of(grammar_of(order));
    EXPECT_EQ(listing(paths),
              "0  1..1\n1 @kind 0..1\n2 @version 1..1\n3 id 1..1\n4 a 0..2 choice\n5 b 0..1 choice\n"
              "6 b/@no 0..1\n7 b/name 1..1\n8 b/b 0..* ends\n9 b/b/@no 0..1\n");
}

TEST(PathTable, FindsByPathAndByName) {
    const PathTable paths = PathTable::of(grammar_of(order));
    for (PathIndex i = 0; i < paths.size(); ++i) EXPECT_EQ(paths.find(paths.path_of(i)), i);
    EXPECT_EQ(paths.find("b/nothing"), no_path);
    EXPECT_EQ(paths.find("id/@no"), no_path);
    EXPECT_EQ(paths.child(0, "b", "urn:t"), paths.find("b"));
    EXPECT_EQ(paths.child(0, "b", ""), no_path);
    EXPECT_EQ(paths.child(no_path, "b", "urn:t"), no_path);
    EXPECT_EQ(paths.attribute(0, "kind", ""), paths.find("@kind"));
    EXPECT_EQ(paths.attribute(0, "kind", "urn:t"), no_path);
}

TEST(PathTable, LeadsThroughAWildcardWhereItIsTold) {
    const Grammar grammar = grammar_of(R"(
      <xs:element name='body'><xs:complexType><xs:sequence><xs:element name='x' type='xs:string'/></xs:sequence></xs:complexType></xs:element>
      <xs:element name='r'><xs:complexType><xs:sequence><xs:element name='head' type='xs:string'/>
        <xs:any processContents='strict' maxOccurs='3'/></xs:sequence></xs:complexType></xs:element>)");
    EXPECT_EQ(PathTable::of(grammar).size(), 2u);
    const PathTable paths = PathTable::of(grammar, "r/body");
    EXPECT_EQ(listing(paths), "0  1..1\n1 head 1..1\n2 body 1..3\n3 body/x 1..1\n");
    EXPECT_EQ(PathTable::of(grammar, "other/body").size(), 2u);
}

TEST(PathTable, OfTwoChildrenWithOneLocalNameThePrefixedOneIsTheForeignOne) {
    auto grammar = compile_xsd(source_of(
        {{"main.xsd", xsd("<xs:import namespace='urn:u' schemaLocation='u.xsd'/><xs:element name='r'><xs:complexType>"
                          "<xs:sequence><xs:element ref='u:e' xmlns:u='urn:u'/><xs:element name='e' type='xs:string'/>"
                          "</xs:sequence></xs:complexType></xs:element>")},
         {"u.xsd",
          "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' targetNamespace='urn:u'>"
          "<xs:element name='e' type='xs:string'/></xs:schema>"}},
        "r"));
    ASSERT_TRUE(grammar) << grammar.error().text();
    const PathTable paths = PathTable::of(*grammar);
    EXPECT_EQ(paths[paths.find("e")].name().ns, "urn:t");
    EXPECT_EQ(paths[paths.find("x:e")].name().ns, "urn:u");
}

TEST(PathTable, KeepsItsLimits) {
    const Grammar grammar = grammar_of(order);
    EXPECT_LE(PathTable::of(grammar, {}, {.paths_max = 5, .depth_max = 48}).size(), 5u);
    EXPECT_EQ(PathTable::of(grammar, {}, {.paths_max = 400, .depth_max = 1}).size(), 7u);
}

}  // namespace
}  // namespace hansa::schema::test
