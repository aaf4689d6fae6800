// Elements cut out of a document stand for themselves, and lose nothing.
#include "core/xml/element_slice.h"

#include <gtest/gtest.h>
#include <libxml/tree.h>

#include <array>

#include "core/xml/canonical.h"
#include "core/xml/scanner.h"

namespace hansa::xml {
namespace {

constexpr std::array<PathStep, 2> body{PathStep{"urn:e", "Envelope"}, PathStep{"urn:e", "Body"}};

std::vector<std::string> cut(std::string_view text, std::span<const PathStep> path = body) {
    const auto found = children_at(text, path);
    EXPECT_TRUE(found) << found.error().text();
    std::vector<std::string> out;
    if (found) {
        for (const ElementSlice& one : found->slices) {
            out.push_back(one.document(text));
            EXPECT_TRUE(scan_well_formed(out.back())) << out.back();
            EXPECT_TRUE(scan_well_formed(std::string("<r xmlns=\"urn:e\">") + one.stand_in(text) + "</r>") ||
                        !one.borrowed.empty());
        }
    }
    return out;
}

TEST(ElementSlices, OctetByOctetWhereNothingIsBorrowed) {
    const std::string inner =
        "<d:doc xmlns:d='urn:d'  a = \"1\"><!-- kept --><d:x>&amp;<![CDATA[<]]></d:x>\r\n</d:doc >";
    const std::string text = "<?xml version=\"1.0\"?><e:Envelope xmlns:e=\"urn:e\"><e:Head/><e:Body>\n " + inner +
                             " <!-- beside -->\n</e:Body></e:Envelope>";
    EXPECT_EQ(cut(text), std::vector{inner});
    EXPECT_EQ(cut(text, {}), std::vector{text.substr(21)});
}

TEST(ElementSlices, WhatIsBorrowedIsDeclared) {
    const std::string around =
        "<e:Envelope xmlns:e=\"urn:e\" xmlns=\"urn:default\" xmlns:p=\"urn:p&amp;q\" xmlns:o=\"urn:o\"><e:Body "
        "xmlns:p=\"urn:nearer\">";
    const std::string behind = "</e:Body></e:Envelope>";
    EXPECT_EQ(cut(around + "<p:a/>" + behind), std::vector<std::string>{"<p:a xmlns:p=\"urn:nearer\"/>"});
    EXPECT_EQ(cut(around + "<a b='1'>t</a>" + behind),
              std::vector<std::string>{"<a xmlns=\"urn:default\" b='1'>t</a>"});
    EXPECT_EQ(cut(around + "<x:a xmlns:x=\"urn:x\"><b o:c=\"1\"/><b/></x:a>" + behind),
              std::vector<std::string>{
                  "<x:a xmlns=\"urn:default\" xmlns:o=\"urn:o\" xmlns:x=\"urn:x\"><b o:c=\"1\"/><b/></x:a>"});
    // Declared on the way to where it is used: nothing is missing.
    EXPECT_EQ(cut(around + "<x:a xmlns:x=\"urn:x\"><p:b xmlns:p=\"urn:own\"/></x:a>" + behind),
              std::vector<std::string>{"<x:a xmlns:x=\"urn:x\"><p:b xmlns:p=\"urn:own\"/></x:a>"});
    // Only inside of that element; beside it the outer one is meant.
    EXPECT_EQ(cut(around + "<x:a xmlns:x=\"urn:x\"><p:b xmlns:p=\"urn:own\"/><p:b/></x:a>" + behind),
              std::vector<std::string>{
                  "<x:a xmlns:p=\"urn:nearer\" xmlns:x=\"urn:x\"><p:b xmlns:p=\"urn:own\"/><p:b/></x:a>"});
    // A name in a value of xsi:type is a name.
    EXPECT_EQ(cut(around +
                  "<x:a xmlns:x=\"urn:x\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"o:T\"/>" +
                  behind),
              std::vector<std::string>{"<x:a xmlns:o=\"urn:o\" xmlns:x=\"urn:x\" "
                                       "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"o:T\"/>"});
    // The default namespace taken away is no namespace, and xml needs none.
    EXPECT_EQ(cut(around + "<a xmlns=\"\" xml:lang=\"ru\"><b/></a>" + behind),
              std::vector<std::string>{"<a xmlns=\"\" xml:lang=\"ru\"><b/></a>"});
    EXPECT_EQ(cut("<e:Envelope xmlns:e=\"urn:e\" xmlns:p=\"urn:p&amp;&quot;q\"><e:Body><p:a/></e:Body></e:Envelope>"),
              std::vector<std::string>{"<p:a xmlns:p=\"urn:p&amp;&quot;q\"/>"});
}

TEST(ElementSlices, AnExclusiveCanonicalFormIsTheSameInsideAndOutside) {
    const std::string text =
        "<e:Envelope xmlns:e=\"urn:e\" xmlns=\"urn:default\" xmlns:p=\"urn:p\"><e:Body><p:a b=\"1\"><c "
        "p:d=\"2\"/></p:a></e:Body></e:Envelope>";
    const auto whole = ReferenceDocument::parse(text);
    ASSERT_TRUE(whole);
    const xmlNode* element = whole->root()->children->children;
    const auto inside = canonical_form(*whole, {.method = Canonicalization::exclusive, .apex = element});
    const auto taken = ReferenceDocument::parse(cut(text).at(0));
    ASSERT_TRUE(taken && inside);
    EXPECT_EQ(*inside, *canonical_form(*taken, {.method = Canonicalization::exclusive}));
}

TEST(ElementSlices, EveryPlaceInOrder) {
    const std::string text =
        "<b:box "
        "xmlns:b=\"urn:b\"><b:p><b:d><one/></b:d></b:p><b:p/><b:p><b:d/><b:d><two/><three/></b:d></b:p><b:d><no/></"
        "b:d></b:box>";
    const std::array<PathStep, 3> path{PathStep{"urn:b", "box"}, PathStep{"urn:b", "p"}, PathStep{"urn:b", "d"}};
    const auto found = children_at(text, path);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->parents, 3u);
    ASSERT_EQ(found->slices.size(), 3u);
    EXPECT_EQ(found->slices[0].parent, 0u);
    EXPECT_EQ(found->slices[1].parent, 2u);
    EXPECT_EQ(found->slices[2].parent, 2u);
    EXPECT_EQ(found->slices[2].local, "three");
    EXPECT_EQ(found->slices[2].stand_in(text), "<three/>");
    EXPECT_TRUE(cut(text).empty());
    EXPECT_FALSE(children_at("<a><b></a>", path));
}

}  // namespace
}  // namespace hansa::xml
