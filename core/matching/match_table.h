// Which documents belong together, how they find each other, and what they must agree on: a table of an authority.
//
//     match cn.import
//       text    "An import list with its order, payment and waybill"
//       source  "GACC 2018/194"
//       wait    72 hours                         # from the lead's arrival; an agency may set its own
//       keep    180 days                         # how long a part waits for a lead
//       answers cn.return-status                 # the code list that `fails` is of; where there is none, left out
//       lead    list   declaration cn.ceb621     # the document that is examined: kind, and perhaps formats
//         known-by  FunctionalReferenceID        # by which its own changes find it: the first line that is there
//         when      GoodsShipment/UCR present    # all of these, or it is none of this table's
//       part    order  order cn.ceb311
//         joined  GoodsShipment/UCR/TraderAssignedReferenceID               # the same place in both, or LEAD'S = PART'S
//         shared                                 # serves any number of leads; without its key it is none of this table's
//         chained                                # a lead that was matched is such a part, too: chains of any length
//         several                                # the last part only: the lead names any number of them, each by one value
//
//       agree cn.7  list order                   # ID and the two that are compared
//         text     "The list repeats the order"
//         severity refuse                        # or warn
//         source   "GACC 2018/194"
//         fails    "100"                         # what the authority's own system answers
//         same     GoodsShipment/Buyer/Name      # the same place in both, or FIRST'S = SECOND'S
//         same-where-both  GoodsShipment/Payment/ReferenceID                # what one of them leaves out decides nothing
//         each     GoodsShipment/GovernmentAgencyGoodsItem by SequenceNumeric
//           same   Commodity/Description
//         at-most  IssueDateTime <= ExpirationDateTime                      # the first's is not more, or not later
//         covered  GoodsShipment/GovernmentAgencyGoodsItem = GoodsItem by first(Commodity/Classification[IdentificationTypeCode=HS]/ID, 6)
//           where    AdditionalDocument[TypeCode=861]/ID present            # only these of the first's
//           of       AdditionalDocument[TypeCode=861]/ID = ID               # only those that name this one of several
//           at-most  Commodity/GoodsMeasure/GrossMassMeasure
//
// `covered` asks that each of the first's members is among the second's; several of one key count together. `at-most`
// compares days, or sums of numbers in one unit or currency; what one of them leaves out decides nothing. Both look into the
// documents themselves each time. `each` alone asks that both have the same members; with `same` below it, that those which both have say the same.
// Values are compared character for character, numbers as exact decimals. A place that leads through a list gives
// all of its values, in order. A table lies in matching/*.match of its plugin.
//
// Immutable once parsed; any number of threads.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/rules/rule.h"

namespace hansa::matching {

/// A document of the set. The first of a table is its lead.
struct Part {
    std::string name;  ///< "order"
    pivot::Kind kind{};
    std::vector<std::string> formats;  ///< empty: any of the kind
    std::vector<rules::Clause> when;
    bool shared = false;
    bool several = false;  ///< the last part: a lead may name more than one
    bool chained = false;  ///< a lead that was matched counts as one; then it is shared, of the lead's kind, and the table's only such part
    Place place;

    bool fits(const pivot::Document& document, std::string_view format) const;
};

/// The same fact in two documents.
struct Same {
    rules::Formula first, second;
    bool where_both = false;  ///< decides nothing where one of them is absent
};

/// How the lead names a part. All of them make the key.
struct Join {
    std::size_t part = 0;
    std::vector<Same> keys;  ///< first: the lead's
};

/// Members of lists that are paired by a number or code of their own. Without `same`: they are there in both.
struct Members {
    mapping::PivotTerm first, second;
    Same key;
    std::vector<Same> same;
    bool covered = false;  ///< the second may have more
    std::vector<rules::Clause> where;  ///< of the first's members
    std::optional<Same> of;            ///< ... that name the second: a member's place, and the second's own
    std::vector<Same> at_most;
};

/// What two documents of the set must agree on: one numbered rule.
struct Agreement {
    std::string id, text, source, fails, note;
    rules::Severity severity = rules::Severity::refuse;
    std::size_t first = 0, second = 0;  ///< parts
    std::vector<Same> same;
    std::optional<Members> each;
    std::vector<Same> at_most;
    Place place;

    /// Digests cannot tell: the documents are needed.
    bool is_ordered() const { return !at_most.empty() || (each && (each->covered || !each->at_most.empty())); }
};

struct MatchTable {
    std::string id;  ///< "cn.import"
    std::string text, source;
    std::string file;
    std::chrono::seconds wait{}, keep{};
    std::string answers;  ///< code list of `fails`; may be empty
    std::vector<Part> parts;
    std::vector<rules::Formula> known_by;  ///< the lead's own key: the first that is there
    std::vector<Join> joins;  ///< one for each part but the lead, in their order
    std::vector<Agreement> agreements;
    std::string identity;  ///< digest of the text: what was computed by another table is not compared

    /// The part that a matched lead is, too; nothing: none is.
    std::optional<std::size_t> chained_part() const;
    /// The part that a document of this kind and format is, or nothing.
    std::optional<std::size_t> part_of(pivot::Kind kind, std::string_view format) const;
    /// The first part that the document fits, by what it says, too.
    std::optional<std::size_t> part_of(const pivot::Document& document, std::string_view format) const;
};

/// `file` is what errors call it. Every fault goes to `faults` with its line; the result is the first.
/// Errors: matching.syntax, rules.syntax, -path-unknown, -many-values, -severity-unknown, -source-missing;
///         mapping.syntax, mapping.limit of the lines themselves
Result<MatchTable> parse_match(std::string_view text, const std::string& file, Diagnostics& faults);

}  // namespace hansa::matching
