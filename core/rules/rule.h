// The rules of an authority as its tables state them: one row a rule, readable by those who know the law.
//
//     rules cn                                        # the set's name: its plugin's
//     serves am ru                                    # plugins whose documents it is for, too
//     list  modes  "cn.trade-mode:9610" "cn.trade-mode:1210"
//
//     rule cn.1
//       text     "What is paid is the price of the goods, freight and tax, less vouchers."
//       over     order                                # a kind of pivot document, and perhaps formats of it
//       from     2022-05-01                           # days of the document's own date; each may be left out
//       to       2026-06-30
//       severity refuse                               # or warn
//       source   "GACC message specification, edition 202205, CEB311"
//       fails    "-301008"                            # what the authority's own system answers
//       each     GoodsShipment/GovernmentAgencyGoodsItem      # once for each member; paths start there
//       when     DirectionCode = "I"                  # all of these, or the rule does not apply
//       check    GoodsShipment/Payment/PaymentAmount = InvoiceAmount + GoodsShipment/Payment/TaxAssessedAmount
//
//     rule cn.20a                                     # history: a document and the last one that came before it
//       before   GoodsShipment/UCR/TraderAssignedReferenceID  # which says the same here; several lines: all of them
//       check    IssueDateTime >= IssueDateTime       # left: of this one; right: of the one before
//
//     order states "1" "2" "3 4" "100"                # codes from the first to the last; several in one place are equal
//
//     elsewhere cn.5  "order and payment agree"  "needs both documents: three-document matching"
//
// Two more texts of `elsewhere` are its examples, below the plugin's folder: one that is accepted, and one that is not.
//
// A test is FORMULA present | absent | = != < <= > >= FORMULA ("|" FORMULA)* | in LIST | not in LIST |
// not before FORMULA by ORDER | matches /PATTERN/ | check-digit SCHEME | numbered; several of one line stand apart by `or`. In `check` every value
// that a place leads to must pass, in `when` one is enough (for != and `not in`: all). What is absent decides nothing.
//
// The one before is of the same sender and format, and was accepted; where there is none a rule of history is undecided.
//
// Several rows may have one id when their days do not meet: that is how a change of law is written.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/mapping/conversion_pattern.h"
#include "core/rules/check_digit.h"
#include "core/rules/formula.h"

namespace hansa::rules {

/// Do the formats of a row name this one, or the one that it is a profile of? `base` is empty where it is none.
bool names_format(const std::vector<std::string>& formats, std::string_view format, std::string_view base);

enum class Severity { refuse, warn };
std::string_view severity_name(Severity severity);

/// Days, both counted; empty: no bound.
struct Days {
    std::string from, to;
    bool hold(std::string_view day) const { return (from.empty() || day >= from) && (to.empty() || day <= to); }
    bool meet(const Days& other) const;
    /// "2026-07-01 to 2026-12-31", "from 2026-07-01", "always"
    std::string text() const;
};

enum class Predicate { present, absent, equal, unequal, less, at_most, more, at_least, in, not_in, not_before, matches, check_digit, numbered };

/// A short list of a table, or one that the pivot holds.
struct ListTest {
    std::string name;
    std::set<std::string, std::less<>> codes;  ///< empty: the pivot's own list of this name
};

/// Codes in an order of a table: the place of each, from 0.
using Order = std::map<std::string, std::size_t, std::less<>>;

struct Test {
    Formula left;
    Predicate predicate = Predicate::present;
    std::vector<Formula> right;  ///< one is enough for =, none may be for !=
    std::optional<ListTest> list;
    std::optional<Order> order;
    std::optional<mapping::Pattern> pattern;
    std::optional<mapping::MatchTable> pattern_table;  ///< the same, a step a byte; nothing: it would be too large
    const CheckDigit* digit = nullptr;
};

/// One line of `when` or `check`: passes when one of its tests does.
struct Clause {
    std::vector<Test> any;
    std::string text;  ///< as written
    std::uint32_t line = 0;
};

struct Rule {
    std::string id;  ///< "cn.1"
    std::string text, source, fails, note;
    pivot::Kind kind{};
    std::vector<std::string> formats;  ///< empty: any of the kind
    Days days;
    std::optional<mapping::PivotTerm> date;  ///< by which day the document is judged; nothing: document_day()
    Severity severity = Severity::refuse;
    std::optional<mapping::PivotTerm> each;
    std::vector<Formula> before;  ///< keys of the one that came before; empty: the rule asks one document
    std::vector<Clause> when, checks;
    Place place;  ///< of the row in its table
};

/// A numbered rule of an authority that no row states: where it lives, and why.
struct Elsewhere {
    std::string id, text, where;
    std::vector<std::string> examples;  ///< below the plugin's folder: one that is accepted, one that is not; empty: none are named
    Place place;
};

struct RuleTable {
    std::string set;  ///< "cn"
    std::string title;
    std::string file;
    std::vector<std::string> serves;  ///< plugins whose documents it is for, beside its own
    std::vector<Rule> rules;
    std::vector<Elsewhere> elsewhere;
};

/// `file` is what errors call it. Every fault goes to `faults` with its line; the result is the first.
/// Errors: rules.syntax, -path-unknown, -many-values, -list-unknown, -severity-unknown, -source-missing, -bad-date,
///         -dates-overlap; mapping.syntax, mapping.limit of the lines themselves
Result<RuleTable> parse_rules(std::string_view text, const std::string& file, Diagnostics& faults);

}  // namespace hansa::rules
