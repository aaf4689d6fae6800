// Paths of a message and the places of the pivot that they name.
#include "core/mapping/place_list.h"

#include <gtest/gtest.h>

#include "tests/unit/mapping/small.h"

namespace hansa::mapping {
namespace {

const char* const list_text =
    "columns national standard\n"
    "M                     Declaration\n"
    "M/Head/No             Declaration/ID\n"
    "M/House[#]            Declaration/GoodsShipment\n"
    "M/House[1]/Item[#]    Declaration/GoodsShipment/GovernmentAgencyGoodsItem[#]\n"
    "M/House[1]/Item[#]/Box[#]/Kind  Declaration/GoodsShipment/GovernmentAgencyGoodsItem[#]/Packaging[#]/TypeCode\n"
    "10[#]                 Declaration/GoodsShipment/GovernmentAgencyGoodsItem[#]/Commodity\n"
    "Short                 Declaration/GoodsShipment/GovernmentAgencyGoodsItem[#]/Destination\n";

std::string place_of(std::string_view path) {
    Diagnostics faults;
    const auto list = CodeList::parse(list_text, "places.codes", "xx.places", faults);
    EXPECT_TRUE(list) << (list ? "" : list.error().text());
    return listed_place(*list, path).value_or("none");
}

TEST(PlaceList, SaysWhatAPathNames) {
    EXPECT_EQ(place_of("/M/Head/No"), "Declaration/ID");
    EXPECT_EQ(place_of("M/Head/No"), "Declaration/ID");
    EXPECT_EQ(place_of("/n:M/n:Head/No"), "Declaration/ID");
    EXPECT_EQ(place_of("/M/House[1]/Item[12]"), "Declaration/GoodsShipment/GovernmentAgencyGoodsItem[12]");
    EXPECT_EQ(place_of("/M/House[1]/Item[1]/Box[1]/Kind"), "Declaration/GoodsShipment/GovernmentAgencyGoodsItem[1]/Packaging[1]/TypeCode");
    EXPECT_EQ(place_of("/M/House[1]/Item[3]/Box[2]/Kind"), "Declaration/GoodsShipment/GovernmentAgencyGoodsItem[3]/Packaging[2]/TypeCode");
    EXPECT_EQ(place_of("10[4]"), "Declaration/GoodsShipment/GovernmentAgencyGoodsItem[4]/Commodity");
}

TEST(PlaceList, TakesTheNearestAboveWhatIsNotListed) {
    EXPECT_EQ(place_of("/M/Head/Colour"), "Declaration");
    EXPECT_EQ(place_of("/M/House[1]/Item[2]/Box[1]/Colour"), "Declaration/GoodsShipment/GovernmentAgencyGoodsItem[2]");
    EXPECT_EQ(place_of("/M/House[2]/Item[2]/Box[1]/Kind"), "Declaration/GoodsShipment");  // which item that is, the path does not say
    EXPECT_EQ(place_of("/M/House/Item[2]"), "Declaration");
    EXPECT_EQ(place_of("/M/House[1]/Item[1]/Box[1]/Kind/Deeper[1]/Still[1]"),
              "Declaration/GoodsShipment/GovernmentAgencyGoodsItem[1]/Packaging[1]/TypeCode");
}

TEST(PlaceList, SaysNothingOfWhatIsNoPath) {
    for (const char* text : {"", "/", "-", "N/Head", "a text with words", "//M", "/M/House[x]", "/M/House[1", "/M/House[]", "10[-1]", "Short",
                             "/M/Head/No/", "/M/Head//No"}) {
        const std::string place = place_of(text);
        EXPECT_TRUE(place == "none" || place == "Declaration/ID") << text << ": " << place;
    }
    EXPECT_EQ(place_of("//M"), "none");
    EXPECT_EQ(place_of("Short"), "none");  // the list asks for a number that the path does not have
    std::string deep = "M";
    for (int i = 0; i < 1000; ++i) deep += "/House[1]";
    EXPECT_EQ(place_of(deep), "none");
}

std::string path_of(std::string_view place) {
    Diagnostics faults;
    const auto list = CodeList::parse(
        "columns national standard\n"
        "1                     Declaration!\n"
        "8                     Declaration\n"
        "M/House[1]/Item[#]    Declaration/GoodsShipment/GovernmentAgencyGoodsItem[#]\n"
        "M/House[1]/Item[#]/Box[#]/Kind  Declaration/GoodsShipment/GovernmentAgencyGoodsItem[#]/Packaging[#]/TypeCode\n"
        "10                    Declaration/GoodsShipment/GovernmentAgencyGoodsItem\n",
        "places.codes", "xx.places", faults);
    EXPECT_TRUE(list) << (list ? "" : list.error().text());
    const auto path = listed_path(*list, place);
    return !path ? "none" : path->missing.empty() ? path->path : path->path + " without " + path->missing;
}

TEST(PlaceList, SaysWhatAPlaceIsCalled) {
    const std::string item = "Declaration/GoodsShipment/GovernmentAgencyGoodsItem";
    EXPECT_EQ(path_of("Declaration"), "1");
    EXPECT_EQ(path_of(item), "10");
    EXPECT_EQ(path_of(item + "[12]"), "M/House[1]/Item[12]");
    EXPECT_EQ(path_of(item + "[3]/Packaging[2]/TypeCode"), "M/House[1]/Item[3]/Box[2]/Kind");
    EXPECT_EQ(path_of(item + "[3]/Packaging[2]/ID"), "M/House[1]/Item[3] without Packaging/ID");
    EXPECT_EQ(path_of("Declaration/GoodsShipment/Consignee"), "1 without GoodsShipment/Consignee");
    for (const char* place : {"", "Response/Error[1]", "Declaration[", "a text"}) EXPECT_EQ(path_of(place), "none") << place;
}

/// One row both ways: sections with the number of an item become a place, and pointers of others become sections.
TEST(PlaceList, OneRowReadsAndWritesAPlace) {
    const test::SmallTable sections{.tree = "Doc\n  Wrong*\n    Section?\n    Nr?\n    Text?\n",
                                    .rows = "in Doc <-> document\n  \"03\" <-> FunctionCode\n  each Wrong <-> Error\n"
                                            "    Section, Nr? <-> Place  place where\n    Text <-> Description\n",
                                    .head = "pivot response\nlist where 1 Declaration!, 8 Declaration, 2[#] Declaration/GoodsShipment/GovernmentAgencyGoodsItem[#]\n",
                                    .format = "yy.test"};
    const auto to = test::loaded(sections);
    Context context;
    Diagnostics faults;
    // What the list does not know is kept, and comes back.
    const std::string text =
        "<Doc><Wrong><Section>2</Section><Nr>4</Nr></Wrong><Wrong><Section>8</Section></Wrong>"
        "<Wrong><Section>5</Section><Nr>x</Nr><Text>odd</Text></Wrong></Doc>";
    const auto read = hansa::mapping::read(*to, test::element(text), context, faults);
    ASSERT_TRUE(read) << read.error().text();
    EXPECT_EQ(test::lines_of(read->documents.front()),
              "FunctionCode = 03\nError/Place = Declaration/GoodsShipment/GovernmentAgencyGoodsItem[4]\nError/Place = Declaration\n"
              "Error/Description = odd\n");
    const auto back = hansa::mapping::write(*to, read->documents, context, faults);
    ASSERT_TRUE(back) << back.error().text();
    EXPECT_EQ(test::xml_of(back->messages.front()), text);

    const auto from = test::loaded({.tree = "Doc\n  Wrong*\n    P*\n      Nr?\n      Class?\n      Tag?\n",
                                    .rows = "in Doc <-> document\n  \"03\" <-> FunctionCode\n  each Wrong <-> Error\n    each P <-> Pointer\n"
                                            "      Nr <-> SequenceNumeric\n      Class <-> DocumentSectionCode\n      Tag <-> TagID\n",
                                    .head = "pivot response\n"});
    const auto made = hansa::mapping::translate(
        *from, *to,
        test::element("<Doc><Wrong><P><Class>42A</Class></P><P><Class>67A</Class></P><P><Nr>2</Nr><Class>68A</Class></P></Wrong>"
                      "<Wrong><P><Class>42A</Class></P><P><Class>57B</Class><Tag>R123</Tag></P></Wrong>"
                      "<Wrong><P><Class>99Z</Class></P></Wrong><Wrong><P><Class>07B</Class></P></Wrong></Doc>"),
        context, context, faults);
    ASSERT_TRUE(made) << made.error().text();
    EXPECT_EQ(test::xml_of(made->writing.messages.front()),
              "<Doc><Wrong><Section>2</Section><Nr>2</Nr></Wrong><Wrong><Section>1</Section></Wrong></Doc>");
    std::string lost;
    for (const LossEntry& one : made->writing.ledger.entries) lost += one.path + " " + one.value + ": " + one.reason + "\n";
    EXPECT_EQ(lost,
              "/Doc/Wrong[2]/P[2]/Tag R123: the nearest place that the format names is above 'Declarant/ID'\n"
              "/Doc/Wrong[3]/P[1]/Class 99Z: the target has no place for it\n"
              "/Doc/Wrong[4]/P[1]/Class 07B: 'where' lists no place of 'Response'\n");
}

/// A refusal that names a path is written with pointers where a format has those, and only there.
TEST(PlaceList, BecomesPointersInAnAnswer) {
    const std::string tree = "Doc\n  Wrong*\n    Where\n    Section?\n    Item?\n";
    const test::SmallTable source{.tree = tree,
                                  .rows = "in Doc <-> document\n  \"03\" <-> FunctionCode\n  each Wrong <-> Error\n    Where <-> Description\n    Section, Item carry\n"
                                          "    derive Place = place(where, Where)\n",
                                  .head = "pivot response\nuse codes/where\n",
                                  .lists = {{"where", list_text}}};
    const auto from = test::loaded(source);
    Context context;
    Diagnostics faults;
    const auto read = hansa::mapping::read(*from, test::element("<Doc><Wrong><Where>/M/House[1]/Item[2]</Where></Wrong><Wrong><Where>else</Where></Wrong></Doc>"), context, faults);
    ASSERT_TRUE(read) << read.error().text();
    EXPECT_EQ(test::lines_of(read->documents.front()),
              "FunctionCode = 03\nError/Description = /M/House[1]/Item[2]\nError/Place = Declaration/GoodsShipment/GovernmentAgencyGoodsItem[2]\n"
              "Error/Description = else\n");

    const auto to = test::loaded({.tree = "Doc\n  Wrong*\n    Text?\n    P*\n      Nr?\n      Class?\n      Tag?\n",
                                  .rows = "in Doc <-> document\n  \"03\" <-> FunctionCode\n  each Wrong <-> Error\n    Text <-> Description\n    each P <-> Pointer\n"
                                          "      Nr <-> SequenceNumeric\n      Class <-> DocumentSectionCode\n      Tag <-> TagID\n",
                                  .head = "pivot response\n",
                                  .format = "yy.test"});
    const auto written = hansa::mapping::write(*to, read->documents, context, faults);
    ASSERT_TRUE(written) << written.error().text();
    EXPECT_EQ(test::xml_of(written->messages.front()),
              "<Doc><Wrong><Text>/M/House[1]/Item[2]</Text><P><Class>42A</Class></P><P><Class>67A</Class></P><P><Nr>2</Nr><Class>68A</Class></P></Wrong>"
              "<Wrong><Text>else</Text></Wrong></Doc>");
    for (const LossEntry& one : written->ledger.entries) EXPECT_EQ(one.path, "") << "pointers are the place: " << one.reason;
    const auto back = hansa::mapping::write(*from, read->documents, context, faults);
    ASSERT_TRUE(back) << back.error().text();
    EXPECT_EQ(test::xml_of(back->messages.front()),
              "<Doc><Wrong><Where>/M/House[1]/Item[2]</Where></Wrong><Wrong><Where>else</Where></Wrong></Doc>");
}

}  // namespace
}  // namespace hansa::mapping
