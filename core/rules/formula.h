// Formulas of rules and taxes over a pivot document: the expressions of mapping tables, with places of the pivot.
//
//     sum(GoodsShipment/GovernmentAgencyGoodsItem/Commodity/InvoiceLine/ItemChargeAmount)
//     round(InvoiceAmount * 0.7, 2)        IssueDateTime - 12 months        distinct(InvoiceAmount/@currencyID)
//
// A path starts at the member that `each` names, or with "/" below the root. Beside the functions of mapping tables
// (core/mapping/expression.h; not those that ask code lists) there are distinct(PLACE), how many different values there are, number(PLACE), a code or text as a number, and
// last(PLACE, n) beside first(PLACE, n), the last n bytes of a code or text.
// Numbers are exact decimals; a quotient has 12 digits after the point. A value that is not there makes what is
// computed of it absent too; sum and count of nothing are 0. A code of an authority's own list is written
// with it: "cn.trade-mode:9610".
//
// Tables of taxes have two more: the(NAME), what another row gave, and in(CURRENCY, PLACE...), the sum of amounts in one
// currency by the rates of the day that the caller knows.
//
// Threads: a Formula is immutable once resolved.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/decimal.h"
#include "core/base/result.h"
#include "core/mapping/expression.h"
#include "core/pivot/document.h"
#include "core/pivot/table.h"

namespace hansa::rules {

/// What a formula gives, as far as its table can tell.
enum class Sort { text, number, date };

struct Formula {
    mapping::Expression expression;  ///< every path is a place of the pivot, looked up
    Sort sort = Sort::text;
    bool literal = false;  ///< a text or number as written
    bool many = false;     ///< a place that leads through a list: several values
    bool coded = false;    ///< a code, identifier or text: 3 is not 03
    std::string text;      ///< as written
};

/// A value, and for one that stands in the document its node.
struct Value {
    std::string text;  ///< with its list; of numbers the shortest form
    std::optional<Decimal> number;
    const pivot::Node* node = nullptr;
    std::string_view attribute = {};
    std::size_t own = 0;  ///< of a code with its list: where the code itself starts in the text
};

/// What formulas of tax tables know beside the document.
struct Knowledge {
    std::map<std::string, Decimal, std::less<>> named;      ///< of the()
    std::map<std::string, Decimal, std::less<>> exchange;   ///< "USD/EUR": how many euro a dollar is
    std::set<std::string, std::less<>> missing;             ///< names and rates that were asked for and are not there
};

/// Where places stand that no nodes stand for: tape_rules.h.
class Places {
public:
    virtual ~Places() = default;
    /// Every value of a place, in no certain order; their nodes are nothing.
    virtual void values(const mapping::PivotTerm& place, std::vector<Value>& out) = 0;
    /// How many nodes there are.
    virtual std::size_t count(const mapping::PivotTerm& place) = 0;
    /// The first of several is asked for.
    virtual void choose(std::vector<Value>& all) = 0;
};

/// Where paths start.
struct Ground {
    const pivot::Node* root = nullptr;
    const pivot::Node* member = nullptr;  ///< of `each`; else the root
    Knowledge* knows = nullptr;           ///< of taxes
    Places* places = nullptr;             ///< instead of nodes
};

using Names = std::set<std::string, std::less<>>;

/// Reads a formula from a line and looks its paths up: `scope` is the class that they start from; `names` are those that
/// the() may ask for, nothing: no the() and no in() here.
/// Errors: rules.syntax, rules.path-unknown, rules.many-values
Result<Formula> parse_formula(mapping::LineReader& line, const std::string& file, const pivot::Field& scope, const Names* names = nullptr);

/// A path alone, as `each` and `date` have it. `many`: it may lead through lists. Errors: those of parse_formula
Result<mapping::PivotTerm> parse_place(std::string_view text, const Place& where, const pivot::Field& scope);

/// Nothing: absent.
std::optional<Value> evaluate(const Formula& formula, const Ground& ground);

/// Every value of a formula that is a place, in document order; of another the one that it gives.
std::vector<Value> values(const Formula& formula, const Ground& ground);

/// The nodes that a place leads to, in document order.
void nodes(const mapping::PivotTerm& place, const Ground& ground, std::vector<const pivot::Node*>& out);

/// The day of an ISO date, as its own zone counts: its first ten signs.
std::string_view day_of(std::string_view date);

}  // namespace hansa::rules
