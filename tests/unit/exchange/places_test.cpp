#include "core/exchange/places.h"

#include <gtest/gtest.h>

#include "core/schema/reader.h"

namespace hansa::exchange {
namespace {

// As a sender wrote it, and as its signature covers it: canonical, without the declaration and the signature.
constexpr std::string_view received =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    "<!-- ours -->\n"
    "<d:Doc xmlns:d=\"urn:x\">\n"
    "  <d:A>1</d:A>\n"
    "  <s:Signature xmlns:s=\"http://www.w3.org/2000/09/xmldsig#\">\n"
    "    <s:SignedInfo><s:Reference/></s:SignedInfo>\n"
    "  </s:Signature>\n"
    "  <d:B   y='2'\n"
    "       x='1'>2</d:B>\n"
    "</d:Doc>\n";
constexpr std::string_view covered =
    "<d:Doc xmlns:d=\"urn:x\">\n"
    "  <d:A>1</d:A>\n"
    "  \n"
    "  <d:B x=\"1\" y=\"2\">2</d:B>\n"
    "</d:Doc>";

std::string where(SourcePlaces& places, std::string_view octets, std::string_view path) {
    const auto tree = schema::read_tree(octets);
    if (!tree) return tree.error().text();
    const Place place = places.place(*tree, path);
    EXPECT_EQ(place.path, path);
    return std::to_string(place.line) + ":" + std::to_string(place.column);
}

TEST(SourcePlaces, CountInTheBytesAsReceived) {
    SourcePlaces places(received, covered);
    EXPECT_EQ(where(places, covered, "/Doc"), "3:1");
    EXPECT_EQ(where(places, covered, "/Doc/A"), "4:3");
    EXPECT_EQ(where(places, covered, "/Doc/B"), "8:3");
    EXPECT_EQ(where(places, covered, "/Doc/B/@x"), "8:3");
}

TEST(SourcePlaces, OfOneTextAreItsOwn) {
    SourcePlaces places(covered, covered);
    EXPECT_EQ(where(places, covered, "/Doc/B"), "4:3");
    // What is missing is looked for where its parent ends.
    EXPECT_EQ(where(places, covered, "/Doc/C"), "5:1");
}

TEST(SourcePlaces, SignaturesThatStayAreNotTakenForTheOneThatWent) {
    const std::string other = "<s:Signature xmlns:s=\"http://www.w3.org/2000/09/xmldsig#\"><s:Object/></s:Signature>";
    const std::string both = "<Doc>\n" + other + "\n<A/>\n" +
                             std::string(received.substr(received.find("  <s:Signature"),
                                                         received.find("  <d:B") - received.find("  <s:Signature"))) +
                             "<B/></Doc>";
    const std::string one = "<Doc>\n" + other + "\n<A></A>\n  \n<B></B></Doc>";
    SourcePlaces places(both, one);
    EXPECT_EQ(where(places, one, "/Doc/Signature"), "2:1");
    EXPECT_EQ(where(places, one, "/Doc/A"), "3:1");
    EXPECT_EQ(where(places, one, "/Doc/B"), "7:1");
}

TEST(SourcePlaces, OfTextsThatDoNotMatchAreThoseOfTheOctets) {
    SourcePlaces places("<Doc>\n\n<X/><Y/></Doc>", covered);
    EXPECT_EQ(where(places, covered, "/Doc/B"), "4:3");
    SourcePlaces renamed("<Doc>\n\n<A/><C/></Doc>", covered);
    EXPECT_EQ(where(renamed, covered, "/Doc/B"), "4:3");
    SourcePlaces none("", "");
    EXPECT_EQ(none.place(7).line, 1u);
}

TEST(SourcePlaces, AreGivenToLeavesAndDrops) {
    mapping::Reading reading;
    reading.leaves.resize(1);
    reading.leaves[0].push_back({});
    reading.leaves[0][0].offset = covered.find("<d:B");
    reading.ledger.entries.push_back(
        {.path = "/Doc/A", .value = "1", .reason = "", .row = "", .offset = covered.find("<d:A")});
    SourcePlaces(received, covered).give(reading);
    EXPECT_EQ(reading.leaves[0][0].line, 8u);
    EXPECT_EQ(reading.leaves[0][0].column, 3u);
    EXPECT_EQ(reading.ledger.entries[0].line, 4u);
    EXPECT_EQ(reading.ledger.entries[0].column, 3u);
}

}  // namespace
}  // namespace hansa::exchange
