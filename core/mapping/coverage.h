// What a table does with each element of its format, and what two tables have to say to each other.
//
// coverage(): every element with text and every attribute that a row of its own names, by form. A
// format whose elements are mostly carried is not translated, so the forms are counted apart.
// coverage(a, b): law 8. What A gives and B never takes, and what B demands and A never gives; the
// report is kept as a reviewed golden file, so that a lost party shows in its diff.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/mapping/mapping.h"

namespace hansa::mapping {

struct Covered {
    std::string path;    ///< below the root: Inventory/InventoryHead/copNo
    std::string form;    ///< mapped, fixed, computed, carried, dropped, envelope, signature
    std::string row;     ///< mappings/ceb603.map:41
    std::string reason;  ///< of a drop
    bool required = false;
};

struct Coverage {
    std::string format;
    std::size_t elements = 0;  ///< without those of the signature
    std::map<std::string, std::size_t> by_form;
    std::vector<Covered> all;

    /// {"elements": 94, "mapped": 80, "carried": 9, ..., "dropped": [{"path", "reason"}]}
    std::string json() const;
};

Coverage coverage(const Mapping& mapping);

struct PairCoverage {
    struct Line {
        std::string pivot;  ///< GoodsShipment/TradeParty[RoleCode=PLT]/Name
        std::string path;   ///< of the side that gives or demands
        std::string row;
    };
    std::string from, to;
    std::size_t given = 0, taken = 0;  ///< pivot places that A feeds, and those of them that B takes
    std::vector<Line> never_taken;     ///< A gives it, no row of B takes it
    std::vector<Line> never_given;     ///< B demands it, has no default, and no row of A feeds it

    /// One line each, sorted: for the golden file.
    std::string text() const;
};

PairCoverage coverage(const Mapping& from, const Mapping& to);

/// Two answers of which neither is the Data Model's: they answer different questions and meet by the Data Model alone, and there are
/// as many such pairs as the square of the answers. So it is with two reports of cargo of one schema: each is of another event. What goes over all pairs asks this to leave them out, or to try few.
bool are_far_answers(const Mapping& from, const Mapping& to);

/// A pivot place that a table's rows feed or take.
struct PivotUse {
    std::string pivot;  ///< with selectors
    std::string path;   ///< national, below the root
    std::string row;
    bool to_pivot = true, from_pivot = true;
    bool constant = false;  ///< no national element stands behind it
    bool demanded = false;  ///< the schema demands the element, and no default feeds it
};

std::vector<PivotUse> pivot_uses(const Mapping& mapping);

/// May a value at `given` (a place that one table feeds) be taken by a row for `taken`?
bool meets(std::string_view given, std::string_view taken, std::string_view taker_authority);

}  // namespace hansa::mapping
