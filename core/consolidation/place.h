// One place of a pivot document, to read, to fill and to clear: what tables of consolidation copy from and to.
//
//     GoodsShipment/PreviousDocument[TypeCode=703]/ID      Declarant      GoodsShipment/TradeParty
//
// A place is a field or a whole class; a list at its end means all of its members together. On the way to it each
// list is told apart by a selector or a number. What is filled stands in the order of the pivot's table.
//
// Internal to core/consolidation. Threads: any, on documents of their own.
#pragma once

#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/mapping/model.h"
#include "core/pivot/document.h"
#include "core/pivot/table.h"

namespace hansa::consolidation {

using Spot = mapping::PivotTerm;

/// Reads a place below `scope`. Errors: rules.path-unknown, consolidation.syntax (an attribute, a way through a list)
Result<Spot> parse_spot(std::string_view text, const Place& where, const pivot::Field& scope);

/// Is it one field that cannot be there twice?
bool is_single_field(const Spot& spot);

/// What stands there, in document order; empty: nothing.
std::vector<const pivot::Node*> read(const pivot::Node& from, const Spot& spot);

/// The values that stand there, with their lists in front and apart by commas: "cn.unit:007"; of a class the text of all its fields.
std::string text_at(const pivot::Node& from, const Spot& spot);

/// Puts copies there, below classes that are made where they are not. The names are those of the place.
void fill(pivot::Node& into, const Spot& spot, const std::vector<const pivot::Node*>& nodes);
void fill(pivot::Node& into, const Spot& spot, std::vector<pivot::Node> nodes);

/// Takes away what stands there, and classes above that hold nothing else.
void clear(pivot::Node& from, const Spot& spot);

/// Marks what stands there as told elsewhere, for unmarked().
void mark(pivot::Node& from, const Spot& spot);

/// Fields without a mark, as lines PATH VALUE of core/pivot/text.h; units, currencies and lists go with their values.
std::vector<std::pair<std::string, std::string>> unmarked(const pivot::Document& document);

/// A field's value as `fill` takes it.
pivot::Node value_node(std::string value, std::string list = {});

}  // namespace hansa::consolidation
