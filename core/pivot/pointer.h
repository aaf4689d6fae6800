// Places of a pivot document as the WCO Data Model points at them.
//
// A place is a list of pointers, outermost first: each names a class by its WCO id and says which
// of several it is; the last may name an element of its class by tag.
//
//     Declaration/GoodsShipment/GovernmentAgencyGoodsItem[1]/Commodity/InvoiceLine/ItemChargeAmount
//     42A . 67A . 68A seq 1 . 23A . 79A tag 112
//
// Fields that have no WCO id (ours) cannot be pointed at; the class above them can.
// Source: WCO Data Model as DEC and RES use it (class Pointer: elements 006, 375, 381).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/pivot/document.h"

namespace hansa::pivot {

struct Pointer {
    std::string class_id;        ///< DocumentSectionCode: "68A"
    std::uint32_t sequence = 0;  ///< SequenceNumeric, from 1; 0: not written
    std::string tag;             ///< TagID: "112"; only in the last

    friend bool operator==(const Pointer&, const Pointer&) = default;
};

/// The place that pointers lead to, root class first. 42A starts in a declaration, 07B in a response.
/// A sequence of 1 on a class that does not repeat is left out, any other number there is refused.
/// Errors: pivot.bad-pointer
Result<std::string> path_of(std::span<const Pointer> pointers);

/// The pointers of a place, root class first. Errors: pivot.bad-path, pivot.unknown-field,
/// pivot.bad-pointer (a field of ours; a place among several of one element, which pointers cannot say)
Result<std::vector<Pointer>> pointers_of(std::string_view path);

/// The pointers of the nearest class or element on the way to `path` that has them: never fails for
/// a path that the pivot knows and whose root has an id.
Result<std::vector<Pointer>> nearest_pointers_of(std::string_view path);

/// Where a node points: its Place, else where its Pointer members lead. Empty: it does not say, or they lead nowhere.
std::string place_of(const Node& node);

/// Gives a node that says where by a Place the Pointer members that say the same, or the nearest class. Nothing where
/// there is no Place, no pointers lead to it, or there are pointers already.
void add_pointers(Node& node);

}  // namespace hansa::pivot
