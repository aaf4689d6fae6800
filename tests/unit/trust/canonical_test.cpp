// core/xml/canonical: what the conformance suite has no vectors for: limits, refusals, subtrees.
#include "core/xml/canonical.h"

#include <gtest/gtest.h>
#include <libxml/tree.h>

#include <chrono>

#include "tests/unit/trust/people.h"

namespace hansa::xml {
namespace {

using test::must;

std::string refusal(std::string_view bytes, const ReferenceLimits& limits = {}) {
    const auto document = ReferenceDocument::parse(bytes, limits);
    return document ? "parsed" : std::string(document.error().code.name());
}

std::string canonical(std::string_view bytes, CanonicalRequest request = {}) {
    return must(canonical_form(must(ReferenceDocument::parse(bytes)), request));
}

TEST(Canonical, RefusesWhatCustomsDocumentsNeverHave) {
    EXPECT_EQ(refusal("<!DOCTYPE a><a/>"), "xml.doctype-refused");
    EXPECT_EQ(refusal("<?xml version='1.0'?><!-- x --><!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>"),
              "xml.doctype-refused");
    EXPECT_EQ(refusal("<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>", {.utf8_only = false}), "xml.doctype-refused");
    EXPECT_EQ(refusal("<a>"), "xml.not-well-formed");
    EXPECT_EQ(refusal(""), "xml.not-well-formed");
    EXPECT_EQ(refusal("<p:a/>"), "xml.not-well-formed");
    EXPECT_EQ(refusal("<a>&unknown;</a>"), "xml.not-well-formed");
    EXPECT_EQ(refusal(std::string("<\0a\0/\0>\0", 8)), "xml.encoding-refused");
    EXPECT_EQ(refusal("<?xml version='1.0' encoding='ISO-8859-1'?><a>\xE4</a>"), "xml.encoding-refused");
    EXPECT_EQ(refusal("\xEF\xBB\xBF<a/>"), "parsed");
}

TEST(Canonical, NamesThePlaceOfAFault) {
    const auto document = ReferenceDocument::parse("<a>\n  <b></c>\n</a>");
    ASSERT_FALSE(document);
    EXPECT_EQ(document.error().place.line, 2u);
}

TEST(Canonical, LimitsHoldBeforeTheParserSpendsTime) {
    std::string deep, attributes = "<a", declarations = "<a";
    for (int i = 0; i < 10'000; ++i) deep += "<a>";
    for (int i = 0; i < 100'000; ++i) attributes += " a" + std::to_string(i) + "=''";
    for (int i = 0; i < 100; ++i) declarations += " xmlns:p" + std::to_string(i) + "='urn:x'";
    const auto start = std::chrono::steady_clock::now();
    EXPECT_EQ(refusal(deep), "xml.too-deep");
    EXPECT_EQ(refusal(attributes + "/>"), "xml.too-many");
    EXPECT_EQ(refusal(declarations + "/>"), "xml.too-many");
    EXPECT_EQ(refusal("<a/>", {.bytes_max = 3}), "xml.too-large");
    const auto took = std::chrono::steady_clock::now() - start;
    EXPECT_LT(std::chrono::duration_cast<std::chrono::milliseconds>(took).count(), 1'000);
}

TEST(Canonical, AnEmptyOrTooLongFormIsAnError) {
    const auto document = must(ReferenceDocument::parse("<a><b/></a>"));
    const auto long_form = canonical_form(document, {.octets_max = 3});
    ASSERT_FALSE(long_form);
    EXPECT_EQ(long_form.error().code.name(), "xml.canonical-failed");
    const auto empty = canonical_form(document, {.without = document.root()});
    ASSERT_FALSE(empty);
    EXPECT_EQ(empty.error().code.name(), "xml.canonical-failed");
}

TEST(Canonical, ARelativeNamespaceIsAnErrorAsTheStandardSays) {
    const auto document = ReferenceDocument::parse("<a xmlns='relative/name'/>");
    EXPECT_FALSE(document && canonical_form(*document, {}));
}

TEST(Canonical, ASubtreeInheritsOrNotByMethod) {
    const std::string text = "<r xmlns='urn:d' xmlns:p='urn:p' xml:lang='en' xml:id='x'><p:e><!--c--><f/></p:e></r>";
    const auto document = must(ReferenceDocument::parse(text));
    const auto form = [&](Canonicalization method, std::vector<std::string> prefixes = {}) {
        return must(canonical_form(document, {.method = method,
                                              .apex = xmlFirstElementChild(document.root()),
                                              .inclusive_prefixes = std::move(prefixes)}));
    };
    using enum Canonicalization;
    EXPECT_EQ(form(c14n10), "<p:e xmlns=\"urn:d\" xmlns:p=\"urn:p\" xml:id=\"x\" xml:lang=\"en\"><f></f></p:e>");
    EXPECT_EQ(form(c14n11), "<p:e xmlns=\"urn:d\" xmlns:p=\"urn:p\" xml:lang=\"en\"><f></f></p:e>");
    EXPECT_EQ(form(exclusive), "<p:e xmlns:p=\"urn:p\"><f xmlns=\"urn:d\"></f></p:e>");
    EXPECT_EQ(form(exclusive, {"#default"}), "<p:e xmlns=\"urn:d\" xmlns:p=\"urn:p\"><f></f></p:e>");
    EXPECT_EQ(form(exclusive_comments), "<p:e xmlns:p=\"urn:p\"><!--c--><f xmlns=\"urn:d\"></f></p:e>");
}

TEST(Canonical, AnElementLeftOutLeavesNothing) {
    const auto document = must(ReferenceDocument::parse("<a>x<s xmlns='urn:s'>y</s>z</a>"));
    EXPECT_EQ(must(canonical_form(document, {.without = xmlFirstElementChild(document.root())})), "<a>xz</a>");
}

TEST(Canonical, LineEndsAndReferencesAreNormalised) {
    EXPECT_EQ(canonical("<a b='1&#10;2'>x\r\ny&#13;z<![CDATA[<]]></a>"), "<a b=\"1&#xA;2\">x\ny&#xD;z&lt;</a>");
}

TEST(Canonical, IdentifiersGoBothWays) {
    using enum Canonicalization;
    for (const auto method : {c14n10, c14n10_comments, c14n11, c14n11_comments, exclusive, exclusive_comments}) {
        EXPECT_EQ(canonicalization_of(uri_of(method)), method);
    }
    EXPECT_EQ(canonicalization_of("urn:unknown"), std::nullopt);
    EXPECT_EQ(without_comments(exclusive_comments), exclusive);
}

TEST(Canonical, TheWalkFindsTheRootsTags) {
    const std::string text =
        "\xEF\xBB\xBF<?xml version='1.0'?><!-- <x> --><p:r a='>'><b/><![CDATA[</p:r>]]><c x=\"/>\">t</c></p:r><!-- "
        "</z> -->";
    const RootTags tags = must(root_tags(text));
    EXPECT_EQ(tags.root_name, "p:r");
    EXPECT_EQ(text.substr(tags.end_tag, 6), "</p:r>");
    ASSERT_EQ(tags.last_children.size(), 2u);
    EXPECT_EQ(tags.last_children[1].local, "c");
    EXPECT_EQ(text.substr(tags.last_children[1].offset, 2), "<c");
}

}  // namespace
}  // namespace hansa::xml
