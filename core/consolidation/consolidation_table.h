// How many documents become one, and one many again: a table of an authority or a trade.
//
//     consolidation xx.master
//       text     "Parcels under one master bill, as one declaration"
//       source   "who says so"
//       note     "what is not settled"
//       house    declaration xx.list          # what is gathered: a kind, and perhaps formats of it
//       master   declaration                  # what it becomes
//       limit    999                          # items that one holds; more open another master
//       limit    99 xx.report                 # in a format
//       by       GoodsShipment/PreviousDocument[TypeCode=704]/ID    # documents that say the same here go together
//       by-any   GoodsShipment/Destination/CountryCode              # the same; those that say none go together, too
//       by-presence GoodsShipment/Consignee/ID                      # those that say it, and those that do not
//       mixed    02                           # what kind of answer it is when items fare differently (RES)
//       refusal  items                        # or `whole`: what an error at one item means for the others
//       anew     xx.list                      # formats of houses whose change says the whole document again (UN/EDIFACT 1225, 4)
//       fixed    TypeCode "MST"               # always so in the master
//       reference FunctionalReferenceID       # of a master: made of what it holds, where the caller gives none
//       issued   IssueDateTime                # when it was made, as the caller says
//       equal    DeclarationOfficeID          # the same in all; stands once in the master
//       sum      InvoiceAmount                # exact, in one unit or currency
//       sum      TotalGrossMassMeasure from Commodity/GoodsMeasure/GrossMassMeasure
//       count    GoodsItemQuantity            # of the master's items
//       items    GoodsShipment/GovernmentAgencyGoodsItem
//         identity GoodsShipment/PreviousDocument[TypeCode=703]/ID = PreviousDocument[TypeCode=703]/ID
//         number   SequenceNumeric = PreviousDocument[TypeCode=703]/LineNumeric
//         keep     GoodsShipment/Buyer = Buyer
//       apart    destination Destination/CountryCode = GoodsShipment/Destination/CountryCode
//
// Lines PLACE = PLACE say a house's place first, then a master's or an item's; one place alone is the same in both.
// `items` takes every item of every house; `members LIST` makes one member of the master for each house. `identity` is
// the number that a house is known by for ever, in each of its items. `number` numbers items anew, and keeps at the second
// place the number that they had. `sum ... from` says of which place of the items a house's own total is the sum: with
// it the total comes back when the master is taken apart; a house of one item gives its total to that item.
// `apart NAME` takes a master apart by a place of its items, which the parts' heads then say.
//
// Immutable once parsed; any number of threads.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/consolidation/place.h"
#include "core/rules/formula.h"

namespace hansa::consolidation {

/// A kind of document, and perhaps formats of it.
struct Sort {
    pivot::Kind kind{};
    std::vector<std::string> formats;  ///< empty: any of the kind
    bool holds(pivot::Kind other, std::string_view format) const;
};

/// Two places that say the same.
struct Pair {
    Spot first, second;
    std::string text;  ///< as written
};

struct Sum {
    Pair pair;
    std::optional<Spot> from;  ///< below an item
};

struct Fixed {
    Spot spot;
    std::string list, value;
};

struct Apart {
    std::string name;
    Pair pair;  ///< of an item, of the head
};

struct ConsolidationTable {
    std::string id, text, source, note, file;
    Sort house, master;
    std::uint32_t limit = 0;                                      ///< 0: none
    std::map<std::string, std::uint32_t, std::less<>> limits;     ///< by format
    std::vector<rules::Formula> by, by_any;
    std::vector<Spot> by_presence;
    std::vector<Fixed> fixed;
    Spot reference;
    std::vector<Spot> issued;
    std::vector<Pair> equal;
    std::vector<Sum> sums;
    std::vector<Spot> counts;
    bool whole_items = false;  ///< `items`: those of the houses; else a member for each house
    Spot list;                 ///< of the items
    Pair identity;
    Spot number;                           ///< below an item
    std::optional<Spot> number_kept;       ///< below an item
    std::vector<Pair> keeps;
    std::vector<Apart> aparts;
    std::string mixed = "02";  ///< kinds of answers as RES numbers them
    bool refusal_of_items = false;
    std::vector<std::string> anew;  ///< format ids

    std::uint32_t limit_for(std::string_view format) const;
};

/// `file` is what errors call it. Every fault goes to `faults` with its line; the result is the first.
/// Errors: consolidation.syntax, -place-unfit, rules.path-unknown, -source-missing; mapping.* of the lines themselves
Result<ConsolidationTable> parse_consolidation(std::string_view text, const std::string& file, Diagnostics& faults);

}  // namespace hansa::consolidation
