// What happened, as messages say it: a table of an authority that makes events of pivot documents, and stages of events.
//
//     trace cn
//
//       event cn.released released                     # an id, and what happened (vocabulary.h)
//         over    response cn.ceb604 cn.ceb622         # a kind of pivot document, and perhaps formats of it
//         each    ParcelDecision                       # once for each member; paths start there, "/" below the root
//         when    Status/NameCode = "cn.return-status:800"      # all of these, as in tables of rules
//         time    Status/ReleaseDateTime               # the first that is a moment; else the first that is a day;
//         time    IssueDateTime                        # else the message's arrival
//         level   parcel                               # item, parcel (when left out), consignment, container
//         join    mrn     Declaration/ID
//         join    order   GoodsShipment/UCR/TraderAssignedReferenceID within GoodsShipment/TradeParty[RoleCode=PLT]/ID
//         join    mrn     ID as consignment            # another level than the scheme's own
//         mark    seller  GoodsShipment/Seller/ID      # what recalls ask for: seller, product, batch
//         corridor "CN" to GoodsShipment/Destination/CountryCode
//         source  "GACC message specification, edition 202205, CEB622"
//         note    "field notes; uncertain"
//
//       stage clearance lodged released                # from the first of the one to the first of the other after it
//         text    "From the lodgement of the declaration to its release"
//         source  "WCO Time Release Study guide, version 3"
//
// A reference at the level of its event says what it happened to: events that have one in common belong to one thing. One
// of a lower level names parts (the parcels of a manifest), one of a higher level what it lies in (its container). A
// timeline goes from parts to what they lie in, never back: that is how a parcel shows its container and no neighbour.
// `within` names whose number it is: equal numbers of different issuers are different.
//
// A table lies in trace/*.trace of its plugin. Immutable once parsed; any number of threads.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/rules/rule.h"
#include "core/trace/vocabulary.h"

namespace hansa::trace {

struct Join {
    const Scheme* scheme = nullptr;
    Level level{};
    rules::Formula place;
    std::optional<rules::Formula> within;
};

struct Mark {
    const MarkKind* kind = nullptr;
    rules::Formula place;
};

struct Corridor {
    rules::Formula from, to;
};

struct EventRow {
    std::string id;  ///< "cn.released"
    const EventName* event = nullptr;
    std::string source, note;
    pivot::Kind kind{};
    std::vector<std::string> formats;  ///< empty: any of the kind
    std::optional<mapping::PivotTerm> each;
    std::vector<rules::Clause> when;
    std::vector<rules::Formula> times;
    Level level = Level::parcel;
    std::vector<Join> joins;
    std::vector<Mark> marks;
    std::optional<Corridor> corridor;
    Place place;
};

/// A time that is measured: from the first event of one name to the first of the other after it.
struct Stage {
    std::string id, text, source;
    const EventName *from = nullptr, *to = nullptr;
    Place place;
};

struct TraceTable {
    std::string id, file;
    std::vector<EventRow> events;
    std::vector<Stage> stages;
};

/// `file` is what errors call it. Every fault goes to `faults` with its line; the result is the first.
/// Errors: trace.syntax, -event-unknown, -scheme-unknown; rules.syntax, -path-unknown, -many-values, -source-missing,
///         -list-unknown; mapping.syntax, mapping.limit of the lines themselves
Result<TraceTable> parse_trace(std::string_view text, const std::string& file, Diagnostics& faults);

}  // namespace hansa::trace
