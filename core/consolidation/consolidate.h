// Many documents as one, and one as many: consolidation at work.
//
//     const Consolidated made = consolidate(houses, table, {.format = "wco.declaration"});
//     for (const Master& master : made.masters) lodge(master.document);
//     for (const Refusal& refusal : made.refusals) say(houses[refusal.house].name, refusal.error);
//
//     const auto parts = take_apart(master, table);                     // the houses again
//     const auto ways = take_apart(master, table, "destination");       // one for each destination
//
// A house that cannot go with the others is refused alone; the others go on. The first of a group says what is `equal`,
// and in which units and currencies totals are. Totals are exact decimals. What a house says beside the table's lines is
// not in the master: it is listed, never dropped in silence, and the house itself stays as it is.
//
// Law: the houses that take_apart() gives are those that were consolidated, in the fields that the table names (a total
// only with `from`, where the items of its house add up to it).
//
// Threads: any. Cost: linear in what the documents hold.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/consolidation/consolidation_table.h"
#include "core/pivot/document.h"

namespace hansa::consolidation {

struct House {
    const pivot::Document* document = nullptr;
    std::string format;  ///< id; empty: unknown
    std::string name;    ///< what errors call it
};

/// A document within another: a house in its master, or a part of what was taken apart.
struct Part {
    pivot::Document document;          ///< empty in Master::parts: the house itself is with the caller
    std::size_t house = 0;             ///< of a master's part: which of the houses
    std::string identity;              ///< of a house its own number; else the value by which it was taken apart
    std::string reference;             ///< FunctionalReferenceID, or what the table calls `reference`
    std::vector<std::uint32_t> items;  ///< which of the master's items it has, from 1, in order
};

struct Master {
    pivot::Document document;
    std::string reference;
    std::vector<Part> parts;
};

struct Refusal {
    std::size_t house = 0;
    Error error;
};

/// What a house says and its master does not.
struct Left {
    std::size_t house = 0;
    std::string path, value;
};

struct Consolidated {
    std::vector<Master> masters;
    std::vector<Refusal> refusals;
    std::vector<Left> left;
};

struct ConsolidateOptions {
    std::string_view format;     ///< that the master will be written in: its limit of items
    std::string_view reference;  ///< of the master; further ones get -2, -3. Empty: made of the houses' identities
    std::string_view issued;     ///< when the master was made, ISO 8601; empty: it does not say
};

/// Refusals: consolidation.foreign, -key-missing, -identity-double, -not-equal, -not-summable, -place-taken,
///           -too-many-items; base.decimal-overflow; pivot.* of a master that does not fit the pivot's table
Consolidated consolidate(std::span<const House> houses, const ConsolidationTable& table, const ConsolidateOptions& options);

/// What documents have in common that go together: the same for the same `by`, `by-any` and `by-presence`. A digest, since
/// what it is made of may name persons. Errors: those refusals above that a document has alone
Result<std::string> group_of(const House& house, const ConsolidationTable& table, std::string_view format);

/// The houses of a master, in the order of their first items. Without `way`: by identity.
/// Errors: consolidation.foreign, -key-missing (an item that says not whose it is), -not-equal (items of one house that
///         say different things of it), -table-unknown (no such way), base.decimal-overflow
Result<std::vector<Part>> take_apart(const pivot::Document& master, const ConsolidationTable& table, std::string_view way = {});

}  // namespace hansa::consolidation
