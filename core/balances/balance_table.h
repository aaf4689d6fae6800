// What is held for whom, and which documents change it: a table of an authority.
//
//     balance cn.bonded
//       text    "Goods in bonded stock, by account book and record number"
//       source  "GACC message specification, edition 202205"
//       severity refuse                          # or warn: what goes beyond takes nothing, and is told
//       fails   "100"                            # what the authority's own system answers
//
//       add     cargo-report                     # opens accounts and adds to them: kind, and perhaps formats
//         source    "..."                        # every row has its own
//         when      TypeCode = "ARR"
//         each      Consignment/GovernmentAgencyGoodsItem            # a movement for each; paths start there, with "/" at the root
//         account   /AdditionalDocument[TypeCode=cn:BOOK]/ID         # several lines make one name
//         item      Commodity/Classification[IdentificationTypeCode=cn:RECORD]/ID
//         quantity  Commodity/InvoiceLine/InvoicedQuantity           # the unit stands beside it, or behind it: PLACE XPK; or a number and its unit: 1 H87
//         value     Commodity/InvoiceLine/ItemChargeAmount
//         from      /IssueDateTime                                   # days on which the account may be used
//         until     /ExpirationDateTime
//         known-by  /FunctionalReferenceID                           # by which later documents find this one
//         counts    confirmed                                        # when an answer confirmed it; else: accepted
//       take    declaration cn.ceb621            # takes, at acceptance
//         ...                                    # as add, and:
//         row       SequenceNumeric              # by which a return names it
//         changes   /FunctionCode = "4"          # then it takes the place of the one of the same name
//         unknown   pass                         # an account that is not held here is not ours to judge; else: refuse
//       give    amendment cn.ceb625              # gives back what a document took
//         of        AmendedDeclaration/ID = ID   # what stands here is that document's known-by
//         each      Declaration/GoodsShipment/GovernmentAgencyGoodsItem
//         row       SequenceNumeric
//         quantity  Commodity/InvoiceLine/InvoicedQuantity
//       release amendment cn.ceb623              # undoes all that a document took
//         of        AmendedDeclaration/ID = ID
//       answer  response                         # confirms or undoes what the question booked; `of` tells documents of one message apart
//         of        Declaration/FunctionalReferenceID = FunctionalReferenceID
//         confirms  FunctionCode = "08" | "09"
//         undoes    FunctionCode = "03"
//         learns    Declaration/ID = ID          # another name of the document that it answers
//
// Two lines make a balance that is a limit of the law: accounts then open by themselves, and what was taken may not be
// more than the dated row of taxes/*.taxes says. `person`: accounts are persons, kept as keyed digests only.
//
//       limit   cn.year cn.bought-this-year      # the limit, and the figure that is what was taken before
//       yearly                                   # an account is for the calendar year of the document's own day
//       person
//
// A place that says a quantity without a unit of its own ends in `bare`: it is meant in the account's. A table lies in
// balances/*.balance of its plugin. Immutable once parsed; any number of threads.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/rules/rule.h"

namespace hansa::balances {

/// What a row's documents do.
enum class Act { add, take, give, release, answer };
std::string_view act_name(Act act);

/// A quantity or a value: a place with its unit beside it, or a number as written.
struct Amount {
    rules::Formula formula;
    std::string unit;   ///< of a number as written, or of a place that has none beside it
    bool bare = false;  ///< the account's own unit is meant
};

/// A name of a document: where it stands. `name`: what others call the place.
struct KnownBy {
    rules::Formula formula;
    std::string name;
};

struct Row {
    Act act = Act::take;
    pivot::Kind kind{};
    std::vector<std::string> formats;  ///< empty: any of the kind
    std::string source, note;
    std::vector<rules::Clause> when;
    std::optional<mapping::PivotTerm> each;
    std::vector<rules::Formula> account;
    std::optional<rules::Formula> item, row, from, until;
    std::optional<Amount> quantity, value;
    std::vector<KnownBy> known_by;
    std::vector<rules::Clause> changes;
    bool unknown_passes = false;
    bool counts_confirmed = false;
    std::optional<KnownBy> of;  ///< here, and the name of the place there
    std::vector<rules::Clause> confirms, undoes;
    std::vector<KnownBy> learns;
    Place place;

    bool is_for(pivot::Kind document, std::string_view format) const;
};

struct BalanceTable {
    std::string id;  ///< "cn.bonded"
    std::string text, source, note, fails;
    std::string file;
    rules::Severity severity = rules::Severity::refuse;
    bool person = false, yearly = false;
    std::string limit, given;  ///< ids of a table of taxes; empty: accounts hold what was added
    std::vector<Row> rows;
    Place place;

    bool is_for(pivot::Kind document, std::string_view format) const;
};

/// `file` is what errors call it. Every fault goes to `faults` with its line; the result is the first.
/// Errors: balances.syntax, rules.syntax, -path-unknown, -many-values, -severity-unknown, -source-missing;
///         mapping.syntax, mapping.limit of the lines themselves
Result<BalanceTable> parse_balance(std::string_view text, const std::string& file, Diagnostics& faults);

}  // namespace hansa::balances
