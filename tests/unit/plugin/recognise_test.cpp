// Formats are found by root and inner path; what fits twice or not at all is an error that helps.
#include "core/plugin/recognise.h"

#include <gtest/gtest.h>

#include "core/plugin/codes.h"
#include "core/xml/codes.h"

namespace hansa::plugin {
namespace {

const std::vector<Shape> shapes{
    {"xx.declaration", {"urn:meta", "MetaData"}, {{"urn:dec", "Declaration"}}},
    {"xx.response", {"urn:meta", "MetaData"}, {{"urn:res", "Response"}}},
    {"xx.deep", {"urn:meta", "MetaData"}, {{"urn:meta", "Body"}, {"urn:meta", "Item"}}},
    {"xx.sad", {"", "SAD"}, {}},
    {"yy.order", {"urn:orders", "Order"}, {}},
    {"zz.order", {"urn:orders", "Order"}, {}},
    {"xx.general", {"urn:many", "Many"}, {}},
    {"xx.special", {"urn:many", "Many"}, {{"urn:many", "Special"}}},
    {"ww.import", {"", "Form"}, {}},
    {"ww.transit", {"", "Form"}, {{"", "Head"}, {"", "Type"}}, "TR"},
    {"ww.other", {"", "Form"}, {{"", "Other"}}},
    {"vv.import", {"urn:box", "Box"}, {{"urn:note", "Note"}}},
    {"vv.transit", {"urn:box", "Box"}, {{"urn:note", "Note"}, {"urn:note", "Type"}}, "T"},
    {"vv.cancel", {"urn:box", "Box"}, {{"urn:note", "Note"}, {"urn:note", "Type"}}, "INV"},
    {"vv.answer", {"urn:box", "Box"}, {{"urn:answer", "Answer"}}},
    {"uu.base", {"", "Union"}, {}},
    {"tt.profile", {"", "Union"}, {{"", "Party"}, {"", "Land"}}, "TT", true},
    {"ss.profile", {"", "Union"}, {{"", "Party"}, {"", "Land"}}, "SS", true},
};

std::string format_of(std::string_view bytes) {
    const auto found = recognise(bytes, shapes);
    return found ? shapes[*found].format : found.error().text();
}

TEST(Recognise, ByRoot) {
    EXPECT_EQ(format_of("<?xml version='1.0'?><!-- x --><SAD/>"), "xx.sad");
    EXPECT_EQ(format_of("\xef\xbb\xbf<SAD>"), "xx.sad");  // only the first tag is read
}

TEST(Recognise, ByInnerPath) {
    EXPECT_EQ(format_of("<m:MetaData xmlns:m='urn:meta'><m:Type/><Declaration xmlns='urn:dec'/></m:MetaData>"),
              "xx.declaration");
    EXPECT_EQ(format_of("<MetaData xmlns='urn:meta'><r:Response xmlns:r='urn:res'/></MetaData>"), "xx.response");
    EXPECT_EQ(format_of("<MetaData xmlns='urn:meta'><Head/><Body><Head/><Item/></Body></MetaData>"), "xx.deep");
}

TEST(Recognise, InnerPathIsAPathFromTheRoot) {
    const std::string text =
        format_of("<MetaData xmlns='urn:meta'><Wrap><d:Declaration xmlns:d='urn:dec'/></Wrap></MetaData>");
    EXPECT_NE(text.find("plugin.format-unknown"), std::string::npos) << text;
    EXPECT_NE(text.find("{urn:dec}Declaration or {urn:res}Response"), std::string::npos) << text;
}

TEST(Recognise, StepsBeatTheBareRoot) {
    EXPECT_EQ(format_of("<Many xmlns='urn:many'><Special/></Many>"), "xx.special");
    EXPECT_EQ(format_of("<Many xmlns='urn:many'><Usual/></Many>"), "xx.general");
}

TEST(Recognise, AProfileByItsMarkInTheFirstOfItsName) {
    EXPECT_EQ(format_of("<Union><Head/><Party><Name/><Land>TT</Land></Party></Union>"), "tt.profile");
    EXPECT_EQ(format_of("<Union><Head/><Party><Name/><Land> SS</Land></Party></Union>"), "ss.profile");
    EXPECT_EQ(format_of("<Union><Party><Land>RR</Land></Party></Union>"), "uu.base");
    EXPECT_EQ(format_of("<Union/>"), "uu.base");
    EXPECT_EQ(format_of("<Union><Party/><Party><Land>TT</Land></Party></Union>"), "uu.base") << "another party";
    EXPECT_EQ(format_of("<Union><Party/><Next/><Broken"), "uu.base") << "nothing is read behind the first party";
    EXPECT_EQ(format_of("<Union><Party><Broken"), "uu.base") << "what is broken is told by who reads the whole";
}

TEST(Recognise, ByWhatAnElementSays) {
    EXPECT_EQ(format_of("<Form><Head><Type>TR</Type></Head></Form>"), "ww.transit");
    EXPECT_EQ(format_of("<Form><Head><Nr/><Type>\n <!-- x -->T<![CDATA[RR]]></Type></Head></Form>"), "ww.transit");
    EXPECT_EQ(format_of("<Form><Head><Type>IM</Type></Head><Head><Type>TR</Type></Head></Form>"), "ww.import");
    EXPECT_EQ(format_of("<Form><Head><Type/></Head></Form>"), "ww.import");
    EXPECT_EQ(format_of("<Form><Type>TR</Type></Form>"), "ww.import");
    EXPECT_EQ(format_of("<Form><Head><Type>IM</Type><Type>TR</Type></Head><Other/></Form>"), "ww.other");
    EXPECT_EQ(format_of("<Form><Head><Type><Other>TR</Other></Type></Head><Other/></Form>"), "ww.other");
    EXPECT_NE(format_of("<Form><Head><Type>TR").find("xml.truncated"), std::string::npos);
}

std::string in_box(std::string_view content) {
    return format_of("<Box xmlns='urn:box'>" + std::string(content) + "</Box>");
}

TEST(Recognise, WhatAnInnerElementSaysGoesBeforeIt) {
    EXPECT_EQ(in_box("<Head/><Note xmlns='urn:note'><Nr>T</Nr><Type>T1</Type></Note>"), "vv.transit");
    EXPECT_EQ(in_box("<Note xmlns='urn:note'><Type> INV</Type></Note>"), "vv.cancel");
    EXPECT_EQ(in_box("<Note xmlns='urn:note'><Type>IMA</Type></Note>"), "vv.import");
    EXPECT_EQ(in_box("<Note xmlns='urn:note'/>"), "vv.import");
    EXPECT_EQ(in_box("<Note xmlns='urn:note'><Item><Type>T1</Type></Item></Note>"), "vv.import");
}

TEST(Recognise, WhatAnInnerElementSaysIsLookedForInTheFirstOnly) {
    EXPECT_EQ(in_box("<Note xmlns='urn:note'/><Note xmlns='urn:note'><Type>T1</Type></Note>"), "vv.import");
    EXPECT_EQ(in_box("<Note xmlns='urn:note'/><Answer xmlns='urn:answer'/>"), "vv.import");
    EXPECT_EQ(in_box("<Answer xmlns='urn:answer'/><Note xmlns='urn:note'><Type>T1</Type></Note>"), "vv.answer");
}

TEST(Recognise, WhatIsBrokenBehindAFoundElementIsTheReadersToSay) {
    EXPECT_EQ(format_of("<Box xmlns='urn:box'><Note xmlns='urn:note'><Nr></Note>"), "vv.import");
    EXPECT_EQ(format_of("<Box xmlns='urn:box'><Note xmlns='urn:note'><Type>T"), "vv.import");
}

TEST(Recognise, TwoFormatsLeftAreBothNamed) {
    const auto found = recognise("<Order xmlns='urn:orders'/>", shapes);
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, codes::format_ambiguous);
    EXPECT_EQ(found.error().text(), "1:1: plugin.format-ambiguous: it may be yy.order or zz.order");
}

TEST(Recognise, UnknownRootGetsTheNearestKnown) {
    const auto found = recognise("\n  <Order xmlns='urn:order'/>", shapes);
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, codes::format_unknown);
    EXPECT_EQ(found.error().text(),
              "2:3: plugin.format-unknown: root {urn:order}Order; did you mean '{urn:orders}Order'?");
    EXPECT_NE(format_of("<SADD/>").find("did you mean 'SAD'?"), std::string::npos);
}

TEST(Recognise, WhatIsNoDocumentKeepsItsOwnCode) {
    EXPECT_EQ(recognise("<!DOCTYPE SAD><SAD/>", shapes).error().code, xml::codes::doctype_refused);
    EXPECT_EQ(recognise("UNB+UNOA:1'", shapes).error().code, xml::codes::not_xml);
    EXPECT_FALSE(recognise("", shapes));
}

TEST(Recognise, TagsReadAreBounded) {
    std::string many = "<MetaData xmlns='urn:meta'>";
    for (int count = 0; count != 100; ++count) many += "<Filler/>";
    many += "<Declaration xmlns='urn:dec'/></MetaData>";
    EXPECT_TRUE(recognise(many, shapes, 101));
    EXPECT_EQ(recognise(many, shapes, 100).error().code, codes::format_unknown);
}

TEST(Recognise, OtherEncodings) {
    std::string utf16 = "\xff\xfe";
    for (const char c : std::string("<SAD/>")) utf16 += std::string(1, c) + '\0';
    EXPECT_EQ(format_of(utf16), "xx.sad");
}

}  // namespace
}  // namespace hansa::plugin
