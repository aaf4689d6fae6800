// Places and pointers: a law over the whole table, and the example of the format page.
#include "core/pivot/pointer.h"

#include <gtest/gtest.h>

#include "core/pivot/codes.h"
#include "core/pivot/table.h"

namespace hansa::pivot {
namespace {

TEST(PivotPointer, ReadsTheExample) {
    const std::vector<Pointer> pointers{{"42A"}, {"67A"}, {"68A", 1}, {"23A"}, {"79A", 0, "112"}};
    const std::string path =
        "Declaration/GoodsShipment/GovernmentAgencyGoodsItem[1]/Commodity/InvoiceLine/ItemChargeAmount";
    EXPECT_EQ(path_of(pointers).value(), path);
    EXPECT_EQ(pointers_of(path).value(), pointers);
    EXPECT_EQ(path_of(std::vector<Pointer>{{"07B"}, {"53A", 2}}).value(), "Response/Error[2]");
    EXPECT_EQ(path_of(std::vector<Pointer>{{"42A", 1}, {"67A", 1}, {"68A", 3}}).value(),
              "Declaration/GoodsShipment/GovernmentAgencyGoodsItem[3]");
}

/// Every place with an id on its whole way comes back from its pointers; every other one is refused.
TEST(PivotPointer, IsALawOverTheTable) {
    std::size_t pointed = 0, refused = 0;
    for (const Kind kind : {Kind::declaration, Kind::response}) {
        for (const Field* field : all_fields(kind)) {
            std::string path(root(kind).name);
            bool known = true;
            std::vector<const Field*> way;
            for (const Field* at = field; at->parent; at = at->parent) way.insert(way.begin(), at);
            for (const Field* at : way) {
                known = known && !at->wco_id.empty();
                path.append("/").append(at->name);
                if (at->is_group() && at->is_list()) path += "[7]";
            }
            const auto pointers = pointers_of(path);
            ASSERT_EQ(pointers.has_value(), known) << path << (pointers ? "" : ": " + pointers.error().text());
            if (known) {
                EXPECT_EQ(path_of(*pointers).value(), path);
                ++pointed;
            } else {
                EXPECT_EQ(pointers.error().code, codes::bad_pointer);
                EXPECT_TRUE(nearest_pointers_of(path)) << path;
                ++refused;
            }
        }
    }
    EXPECT_GT(pointed, 700U);
    EXPECT_GT(refused, 100U);
}

Node said(std::string name, std::string value = {}) {
    return {.name = std::move(name), .value = std::move(value), .list = {}, .attributes = {}, .children = {}};
}

/// What says where by a place says it by pointers too; pointers that stand are left alone, and so is what leads nowhere.
TEST(PivotPointer, AreAddedToAPlace) {
    Node error = said("Error");
    error.children.push_back(said("Place", "Declaration/GoodsShipment/GovernmentAgencyGoodsItem[2]/Commodity/Description"));
    add_pointers(error);
    ASSERT_EQ(error.children.size(), 5U);
    EXPECT_EQ(error.children[1].children.front().value, "42A");
    EXPECT_EQ(error.children[3].children.front().name, "SequenceNumeric");
    EXPECT_EQ(error.children[3].children.front().value, "2");
    EXPECT_EQ(error.children[4].children.back().name, "TagID");
    const Node once = error;
    add_pointers(error);
    EXPECT_EQ(error, once);
    for (const char* place : {"", "Colour", "Declaration/Colour"}) {
        Node other = said("Error");
        other.children.push_back(said("Place", place));
        add_pointers(other);
        EXPECT_EQ(other.children.size(), 1U) << place;
    }
    Node none = said("Error");
    add_pointers(none);
    EXPECT_TRUE(none.children.empty());
}

Node pointing(const std::vector<std::vector<std::string>>& pointers) {
    Node error = said("Error");
    for (const auto& one : pointers) {
        Node& pointer = error.children.emplace_back(said("Pointer"));
        pointer.children.push_back(said("DocumentSectionCode", one[0]));
        if (!one[1].empty()) pointer.children.push_back(said("SequenceNumeric", one[1]));
        if (!one[2].empty()) pointer.children.push_back(said("TagID", one[2]));
    }
    return error;
}

/// The example of the WCO's page, and what points nowhere.
TEST(PivotPointer, SaysWhereANodePoints) {
    Node error = pointing({{"42A", "", ""}, {"67A", "", ""}, {"68A", "3", ""}, {"23A", "", ""}, {"79A", "", "112"}});
    const std::string item = "Declaration/GoodsShipment/GovernmentAgencyGoodsItem[3]";
    EXPECT_EQ(place_of(error), item + "/Commodity/InvoiceLine/ItemChargeAmount");
    error.children.push_back(said("Place", item));
    EXPECT_EQ(place_of(error), item);  // what is said as a path needs no pointers
    EXPECT_EQ(place_of(said("Error")), "");
    EXPECT_EQ(place_of(pointing({{"42A", "", ""}, {"99Z", "", ""}})), "");
    EXPECT_EQ(place_of(pointing({{"42A", "", ""}, {"67A", "2", ""}})), "");
}

TEST(PivotPointer, RefusesWhatLeadsNowhere) {
    const std::vector<std::vector<Pointer>> wrong{
        {},
        {{"99Z"}},
        {{"42A"}, {"99Z"}},
        {{"42A"}, {"67A", 2}},
        {{"42A"}, {"67A", 1, "024"}, {"68A", 1}},
        {{"42A", 0, "999"}},
        {{""}},
        std::vector<Pointer>(65, Pointer{"42A"}),
    };
    for (const auto& pointers : wrong) {
        const auto path = path_of(pointers);
        ASSERT_FALSE(path);
        EXPECT_EQ(path.error().code, codes::bad_pointer);
    }
    EXPECT_FALSE(pointers_of("Declaration/Colour"));
    EXPECT_FALSE(pointers_of("Colour"));
    EXPECT_FALSE(pointers_of(""));
    EXPECT_FALSE(pointers_of("Order"));
    EXPECT_FALSE(pointers_of("Declaration/GoodsShipment[2]"));
    EXPECT_FALSE(pointers_of("Declaration/Declarant/Address[1]/Line[2]"));
    EXPECT_EQ(nearest_pointers_of("Declaration/Declarant/ShortName").value(), (std::vector<Pointer>{{"42A"}, {"57B"}}));
}

}  // namespace
}  // namespace hansa::pivot
