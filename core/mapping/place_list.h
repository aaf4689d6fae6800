// The place that an answer names by a path of the message which it answers.
//
// A refusal says where something is wrong: "/CC015C/Consignment/HouseConsignment[1]/ConsignmentItem[2]/Commodity". A code
// list, one of places, says what such a path is in the pivot; [#] stands for a number, and the numbers of the path fill
// those of the place in their order:
//
//     CC015C/Consignment/HouseConsignment[1]/ConsignmentItem[#]   Declaration/GoodsShipment/GovernmentAgencyGoodsItem[#]
//
// A path that is not listed is the nearest listed one above it. Where a list of lists becomes one list (items of several
// house consignments), only the first is listed: what number a member of the others has, the path does not say.
//
// The other way a place becomes the path that the list prefers for it (`!`), or that of the nearest listed place above.
//
// Threads: any; nothing is kept. Cost: a look-up for each step of the path and each 1 in it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/mapping/code_list.h"

namespace hansa::mapping {

/// Nothing: no part of the path is listed, or it is none. Prefixes of names ("n:CC015C") are passed over.
std::optional<std::string> listed_place(const CodeList& places, std::string_view path);

/// What a list calls a place.
struct ListedPath {
    std::string path;     ///< with its numbers: "10[4]"
    std::string missing;  ///< what the path does not say of the place; empty: it says all
};

/// The path of a place, or of the nearest listed one above it. Nothing: no part of it is listed.
std::optional<ListedPath> listed_path(const CodeList& places, std::string_view place);

/// The first of the list that is no place at all; nothing: all are.
std::optional<std::string> no_place_in(const CodeList& places);

}  // namespace hansa::mapping
