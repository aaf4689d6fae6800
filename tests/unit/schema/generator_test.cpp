#include <algorithm>
#include <filesystem>
#include <set>
#include <sstream>

#include "core/schema/content_model.h"
#include "core/schema/generator.h"
#include "core/schema/reader.h"
#include "core/schema/writer.h"
#include "core/xml/scanner.h"
#include "tests/support/corpus.h"
#include "tests/unit/schema/schema_support.h"

namespace hansa::schema::test {
namespace {

constexpr const char* model = R"(
  <xs:simpleType name='Code'><xs:restriction base='xs:token'><xs:pattern value='[A-Z]{2}\d{4}(-[a-f]+)?'/><xs:maxLength value='9'/></xs:restriction></xs:simpleType>
  <xs:simpleType name='Money'><xs:restriction base='xs:decimal'><xs:totalDigits value='6'/><xs:fractionDigits value='2'/><xs:minInclusive value='0'/></xs:restriction></xs:simpleType>
  <xs:complexType name='Item'><xs:sequence>
    <xs:element name='name'><xs:simpleType><xs:restriction base='xs:string'><xs:minLength value='2'/><xs:maxLength value='20'/></xs:restriction></xs:simpleType></xs:element>
    <xs:element name='price' type='Money'/>
    <xs:choice minOccurs='0'><xs:element name='day' type='xs:date'/><xs:element name='moment' type='xs:dateTime'/><xs:element name='part' type='Item' maxOccurs='2'/></xs:choice>
    <xs:element name='unit'><xs:simpleType><xs:restriction base='xs:string'><xs:enumeration value='KG'/><xs:enumeration value='PCE'/></xs:restriction></xs:simpleType></xs:element>
    </xs:sequence><xs:attribute name='id' type='xs:ID' use='required'/><xs:attribute name='kind' type='Code'/></xs:complexType>
  <xs:element name='r'><xs:complexType><xs:sequence>
    <xs:element name='ref' type='Code'/><xs:element name='note' type='xs:string' minOccurs='0'/>
    <xs:element name='item' type='Item' maxOccurs='unbounded'/>
    <xs:any namespace='##other' processContents='lax' minOccurs='0'/></xs:sequence>
    <xs:attribute name='v' fixed='1.0' use='required'/></xs:complexType></xs:element>)";

TEST(Generator, DocumentsAreValidAndRepeat) {
    const Grammar grammar = grammar_of(model);
    const Validator validator = validator_of(model);
    std::set<std::string> different;
    for (std::uint64_t seed = 1; seed <= 400; ++seed) {
        const std::string bytes = write_tree(generate(grammar, {.seed = seed}));
        ASSERT_EQ(findings(validator, bytes), "") << "seed " << seed << "\n" << bytes;
        ASSERT_EQ(bytes, write_tree(generate(grammar, {.seed = seed})));
        different.insert(bytes);
    }
    EXPECT_EQ(different.size(), 400u);
}

TEST(Generator, ValuesReadBackAsTheyWereMade) {
    const Grammar grammar = grammar_of(model);
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
        const Element made = generate(grammar, {.seed = seed});
        const auto read = read_tree(write_tree(made));
        ASSERT_TRUE(read) << read.error().text();
        EXPECT_EQ(write_tree(*read), write_tree(made));
    }
}

TEST(Generator, CallerGivesValuesThatFit) {
    const Grammar grammar = grammar_of(model);
    GenerateOptions options{.seed = 3};
    std::set<std::string> paths;
    options.value_source = [&](const LeafPlace& place, Random&) -> std::optional<std::string> {
        paths.insert(std::string(place.pattern_path));
        if (place.pattern_path == "r/ref") return "AB1234";
        if (place.pattern_path == "r/item/price") return "not a price";
        return std::nullopt;
    };
    const Element document = generate(grammar, options);
    EXPECT_EQ(document.child("ref")->text, "AB1234");
    EXPECT_NE(document.child("item")->child("price")->text, "not a price");
    EXPECT_TRUE(paths.contains("r/item/name"));
    EXPECT_TRUE(paths.contains("r/item/@id"));
}

/// Without what identity constraints say: the generator knows none.
std::string but_identity(const std::string& findings) {
    std::string kept;
    std::istringstream lines(findings);
    for (std::string line; std::getline(lines, line);) {
        if (line.find(" schema.identity ") == std::string::npos) kept += line + "\n";
    }
    return kept;
}

/// Every schema of ours with few roots (the others are libraries of parts).
TEST(Generator, DocumentsOfEverySchemaOfOursAreValidAndTheirMutantsAreNot) {
    std::size_t roots = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(hansa::test::source_dir() / "schemas")) {
        // The envelope alone asks for a declared element of another schema, which only dms-3.6.xsd brings.
        if (entry.path().extension() != ".xsd" || entry.path().stem() == "metadata-2.1") continue;
        XsdSource source{.file = entry.path().string(), .root = {}, .resolve = {}};
        const auto names = xsd_roots(source);
        ASSERT_TRUE(names) << names.error().text();
        if (names->empty() || names->size() > 3) continue;
        const auto validator = Validator::from_source(source);
        ASSERT_TRUE(validator) << validator.error().text();
        for (const Name& name : *names) {
            source.root = name;
            const auto grammar = compile_xsd(source);
            ASSERT_TRUE(grammar) << grammar.error().text();
            for (std::uint64_t seed = 1; seed <= 25; ++seed) {
                const std::string bytes = write_tree(generate(*grammar, {.seed = seed, .elements_max = 500}));
                ASSERT_EQ(but_identity(findings(*validator, bytes)), "") << entry.path() << " seed " << seed;
            }
            const Element ground =
                generate(*grammar, {.seed = 1, .items = 1, .optional_percent = 80, .elements_max = 500});
            for (const Mutant& mutant : mutants(*grammar, ground, {.mutants_max = 60})) {
                Diagnostics faults;
                ASSERT_FALSE(validator->validate(write_tree(mutant.document), faults))
                    << entry.path() << " " << mutant.hit.facet << " of " << mutant.hit.place;
            }
            ++roots;
        }
    }
    EXPECT_GE(roots, 8u);
}

void collect_sentinels(const Element& element, std::vector<std::string>& values) {
    if (element.name.local == "name" || element.name.local == "note") values.push_back(element.text);
    for (const Element& child : element.children) collect_sentinels(child, values);
}

TEST(Generator, NoSentinelIsInAnother) {
    const Grammar grammar = grammar_of(model);
    std::vector<std::string> values;
    collect_sentinels(generate(grammar, {.seed = 5, .items = 60, .optional_percent = 80, .sentinels = true}), values);
    ASSERT_GT(values.size(), 10u);
    for (std::size_t i = 0; i < values.size(); ++i) {
        for (std::size_t j = 0; j < values.size(); ++j) {
            EXPECT_TRUE(i == j || values[i].find(values[j]) == std::string::npos) << values[j];
        }
    }
}

TEST(Mutants, HitEveryFacetAndBoundAndAreRefusedWithTheirCode) {
    const Grammar grammar = grammar_of(model);
    const Validator validator = validator_of(model);
    std::set<FacetHit> hit;
    std::vector<Element> grounds = covering_documents(grammar, 1);
    for (std::uint64_t seed = 1; seed <= 20; ++seed) grounds.push_back(generate(grammar, {.seed = seed}));
    for (const Element& ground : grounds) {
        ASSERT_EQ(findings(validator, write_tree(ground)), "") << write_tree(ground);
        for (const Mutant& mutant : mutants(grammar, ground, {.seed = 9, .already = &hit})) {
            hit.insert(mutant.hit);
            const std::string bytes = write_tree(mutant.document);
            Diagnostics faults;
            ASSERT_FALSE(validator.validate(bytes, faults)) << mutant.hit.facet << " of " << mutant.hit.place << "\n"
                                                            << bytes;
            const bool expected = std::any_of(faults.errors().begin(), faults.errors().end(),
                                              [&](const Error& error) { return error.code.name() == mutant.code; });
            EXPECT_TRUE(expected) << mutant.hit.facet << " of " << mutant.hit.place << ": " << mutant.code << ", not "
                                  << faults.errors().front().text() << "\n"
                                  << bytes;
        }
    }
    for (const FacetHit& wanted : facets_of(grammar)) {
        EXPECT_TRUE(hit.contains(wanted)) << wanted.facet << " of " << wanted.place;
    }
    EXPECT_GT(hit.size(), 40u);
}

TEST(Writer, PrefixesAreStable) {
    Element root{{"urn:a", "r"}, {{{"urn:b", "x"}, "1"}}, {Element{{"urn:b", "c"}, {}, {}, "<&>"}}, {}};
    EXPECT_EQ(write_tree(root, {.declaration = false}),
              "<r xmlns=\"urn:a\" xmlns:n1=\"urn:b\" n1:x=\"1\"><n1:c>&lt;&amp;&gt;</n1:c></r>");
    EXPECT_EQ(write_tree(root, {.prefixes = {{"urn:a", "a"}, {"urn:b", ""}}, .declaration = false}),
              "<a:r xmlns:a=\"urn:a\" xmlns:n1=\"urn:b\" n1:x=\"1\"><n1:c>&lt;&amp;&gt;</n1:c></a:r>")
        << "an attribute's namespace needs a prefix";
    root.children.push_back(Element{{"", "plain"}, {}, {}, {}});
    EXPECT_EQ(write_tree(root, {.declaration = false}),
              "<n1:r xmlns:n1=\"urn:a\" xmlns:n2=\"urn:b\" n2:x=\"1\"><n2:c>&lt;&amp;&gt;</n2:c><plain></plain></n1:r>")
        << "a default namespace would take in what has none";
}

TEST(Writer, ChildrenAreBroughtIntoTheOrderOfTheSchema) {
    const Grammar grammar = grammar_of(model);
    const Validator validator = validator_of(model);
    Random random(11);
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        Element document = generate(grammar, {.seed = seed, .foreign_elements = false});
        const std::string before = write_tree(document);
        for (std::size_t i = document.children.size(); i > 1; --i) {
            std::swap(document.children[i - 1], document.children[random.below(i)]);
        }
        order_children(grammar, document);
        EXPECT_EQ(findings(validator, write_tree(document)), "") << write_tree(document);
    }
}

TEST(Writer, ABranchThatFindsWhatItDemandsIsTaken) {
    const Grammar grammar = grammar_of(
        "<xs:element name='r'><xs:complexType><xs:sequence><xs:choice minOccurs='0'><xs:sequence><xs:element name='a' "
        "type='xs:string'/><xs:element name='b' type='xs:string' minOccurs='0'/></xs:sequence><xs:sequence><xs:element "
        "name='b' type='xs:string' minOccurs='0'/><xs:element name='c' type='xs:string'/></xs:sequence></xs:choice>"
        "<xs:element name='d' type='xs:string' minOccurs='0'/></xs:sequence></xs:complexType></xs:element>");
    const auto ordered = [&](const char* names) {
        Element root{{"urn:t", "r"}, {}, {}, {}};
        for (const char* at = names; *at != 0; ++at) root.children.push_back(Element{{"urn:t", std::string(1, *at)}, {}, {}, {}});
        order_children(grammar, root);
        std::string out;
        for (const Element& child : root.children) out += child.name.local;
        return out;
    };
    EXPECT_EQ(ordered("bdc"), "bcd");
    EXPECT_EQ(ordered("cbd"), "bcd");
    EXPECT_EQ(ordered("dcb"), "bcd");
    EXPECT_EQ(ordered("bda"), "abd");
    EXPECT_EQ(ordered("dc"), "cd");
    EXPECT_EQ(ordered("db"), "bd") << "no branch is whole: the first that has something";
}

TEST(ContentModel, TheFirstMisfitIsFound) {
    const Grammar grammar = grammar_of(
        "<xs:element name='r'><xs:complexType><xs:sequence><xs:element name='a' type='xs:string'/><xs:sequence "
        "minOccurs='0' "
        "maxOccurs='2'><xs:element name='b' type='xs:string'/><xs:element name='c' type='xs:string' "
        "minOccurs='0'/></xs:sequence>"
        "<xs:choice><xs:element name='d' type='xs:string'/><xs:element name='e' "
        "type='xs:string'/></xs:choice></xs:sequence></xs:complexType></xs:element>");
    const auto misfit = [&](const char* names) {
        std::vector<Element> children;
        for (const char* name = names; *name != 0; ++name) children.push_back(Element{{"urn:t", {*name}}, {}, {}, {}});
        const auto found = first_misfit(grammar, grammar.root(), children);
        return !found ? std::string("fits")
                      : std::to_string(found->child) + (found->missing ? " missing " : " ") + found->expected;
    };
    EXPECT_EQ(misfit("abcbd"), "fits");
    EXPECT_EQ(misfit("ae"), "fits");
    EXPECT_EQ(misfit(""), "0 missing a");
    EXPECT_EQ(misfit("ab"), "2 missing d");
    EXPECT_EQ(misfit("abcc"), "3 d");
    EXPECT_EQ(misfit("abbbd"), "3 d");
    EXPECT_EQ(misfit("ad"
                     "d"),
              "2 ");
    EXPECT_EQ(misfit("x"), "0 a");
}

}  // namespace
}  // namespace hansa::schema::test
