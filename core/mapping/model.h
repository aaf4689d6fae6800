// The rows of a table as the engine runs them: parsed, blocks set in, every name looked up.
//
// A row is a relation between places of the format (Shape, one for each place that the grammar
// allows) and places of the pivot (pivot::Field). Internal to core/mapping, explain and coverage;
// others use mapping.h.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/mapping/conversion.h"
#include "core/mapping/conversion_pattern.h"
#include "core/mapping/mapping.h"
#include "core/pivot/table.h"
#include "core/schema/grammar.h"

namespace hansa::mapping {

struct NationalStep;
struct Row;
struct Shape;

/// An attribute of a Shape.
struct AttributeShape {
    schema::Name name;
    bool required = false;
    std::optional<std::string> fixed;
    const schema::SimpleType* type = nullptr;
    const Row* owner = nullptr;  ///< the row that says what it means; the first of several under `when`
    bool by_subtree = false;     ///< named by `**`, or with its element by carry, drop, envelope
    bool carried = false;        ///< in one case at least
};

/// A place in the format's tree. Expanded from the grammar once for each path; recursion ends
/// where a type would be entered a second time.
struct Shape {
    schema::Name name;
    Shape* parent = nullptr;
    const schema::ElementDecl* declaration = nullptr;
    std::uint32_t least = 0, most = 1;  ///< most: schema::unbounded
    bool in_choice = false;
    bool text = false;        ///< holds text
    bool null_child = false;  ///< `empty null`: <x><null/></x> is a way to be empty
    schema::Name null_name;
    bool wildcard = false;                         ///< foreign elements may stand inside
    const schema::SimpleType* type = nullptr;      ///< of its text
    std::vector<std::string> type_names;           ///< local names of its type and of those it descends from
    std::vector<std::unique_ptr<Shape>> children;  ///< in schema order
    std::vector<AttributeShape> attributes;
    const Row* owner = nullptr;
    bool by_subtree = false;
    bool carried = false;                       ///< by a row, in one case at least
    std::vector<const NationalStep*> selected;  ///< selectors that rows use on this list
    bool entered = false;                       ///< a group that rows stand in, or lead through
    const Row* group_row = nullptr;             ///< the first of them
    std::vector<std::string> absent_in;         ///< variants whose agencies never get it

    /// Does an agency of the variant never get this place, or one around it?
    bool is_absent_in(std::string_view variant) const;
    bool is_list() const { return most != 1; }
    /// By local name. Where two children share one, a name without a prefix means the one of this
    /// element's own namespace, a name with any prefix ("x:Declaration") the other.
    Shape* child(std::string_view step) const;
    Shape* child(const schema::Name& wanted) const;
    AttributeShape* attribute(std::string_view local);
    /// "InventoryHead/ebpCode", from below the root.
    std::string path() const;
};

/// [child=value], [@a=value], [child=(sibling)] on the left.
struct NationalPath;
struct NationalKey {
    std::string child;  ///< "@a" for an attribute
    std::string value;
};

struct NationalStep {
    std::string name;  ///< local name; "@a" for an attribute; ".." is said by `up`
    std::vector<NationalKey> keys;
    std::uint32_t index = 0;  ///< from 1
};

struct NationalPath {
    bool from_document = false;  ///< "/a": from the element that `<-> document` names
    std::uint32_t up = 0;        ///< "../"
    std::vector<NationalStep> steps;
    std::string text;  ///< as written
    std::uint32_t column = 0;
    Shape* shape = nullptr;  ///< where it leads (of an attribute: its element)
    AttributeShape* attribute = nullptr;
};

struct NationalTerm {
    bool constant = false;
    std::string value;  ///< of a constant
    NationalPath path;
    bool borrowed = false, optional = false, repeated = false;
    bool own_text = false;  ///< an attribute that stands beside the first term's element
};

/// [K=V], [@s=V], [@s in LIST], [K=(sibling)] on the right.
struct PivotKey {
    std::string child;
    bool attribute = false;
    bool in_list = false;              ///< value names a list of shapes
    std::string value;                 ///< without its list
    std::string list;                  ///< "cn" of "cn:GUID"
    std::optional<NationalPath> from;  ///< (sibling)
};

struct PivotStep {
    std::string name;
    std::vector<PivotKey> keys;
    std::uint32_t index = 0;
    const pivot::Field* field = nullptr;
};

struct PivotTerm {
    bool from_document = false;
    bool every = false;
    bool gathers = false;          ///< of [1]: written of all members (conversion gather)
    std::vector<PivotStep> steps;  ///< none: the group's own node (".")
    std::string attribute;         ///< "currencyID"; empty: the value
    std::string text;
    std::uint32_t column = 0;
    const pivot::Field* field = nullptr;
};

/// The same of all members of the lists of which it names the first.
inline PivotTerm all_of(PivotTerm term) {
    for (PivotStep& step : term.steps) {
        if (step.index == 1) step.index = 0;
    }
    return term;
}

struct Expression {
    enum class Kind { text, number, national, pivot, call, binary, months };
    Kind kind = Kind::text;
    std::string text;  ///< the literal; the function; the sign; a list's name
    NationalPath national;
    PivotTerm pivot;
    std::vector<Expression> parts;
};

/// `when`: one side is a place, the other literals.
struct Condition {
    Expression place;
    bool present = false, negated = false;
    std::vector<std::string> values;
};

/// `only`: what a field of the document must be, so that the format is made of it.
struct OnlyOf {
    Condition condition;
    bool or_none = false;  ///< or nothing at all
};

enum class RowForm {
    value,     ///< a, b <-> P, Q  (also "const" <-> P)
    fixed,     ///< a <- "x" | /pattern/
    computed,  ///< a = expression
    derive,
    check,
    enter,  ///< in
    each,
    when,      ///< a chain: rows are its cases, the last may have no condition
    position,  ///< position <-> SequenceNumeric
    carry,
    carry_as,
    drop,
    envelope,
    signature,
    same_group,  ///< a same /Declarant
    same_rest,   ///< ** same N
    attached,
};

std::string_view form_name(RowForm form);

/// Does the condition ask whether a class, or an element that holds others, is there?
bool asks_for_group(const Condition& condition);

enum class Direction { both, to_pivot, from_pivot };

struct Row {
    RowForm form = RowForm::value;
    Direction direction = Direction::both;
    std::uint32_t line = 0, column = 0;
    std::string text;   ///< as written, for explain
    std::string place;  ///< "mappings/ceb603.map:41"

    std::vector<NationalTerm> left;
    std::vector<PivotTerm> right;
    std::vector<Conversion> conversions;
    std::string conversion_text;
    std::uint32_t conversion_column = 0;
    bool document = false;  ///< the group's right side is `document`
    bool refuse = false, warn = false, noise = false;
    bool subtree = false;  ///< the last left path ends in **; the paths' own steps come before
    std::optional<std::uint32_t> leaf_count;
    std::optional<std::string> none;
    std::vector<std::string> defaults;
    std::vector<std::optional<Expression>> default_expressions;  ///< of those that start with "$name(" and the like
    std::string reason;
    std::vector<std::string> alternatives;  ///< of fixed: constants
    bool always = false;                    ///< of fixed: written whatever the schema demands
    std::vector<Pattern> patterns;
    Expression expression;   ///< of computed, derive, check
    Expression expected;     ///< of check: what it is compared with
    std::string comparison;  ///< "=", ">=", ...
    std::optional<NationalPath> check_each;
    std::optional<Condition> condition;  ///< of a case
    std::string block;                   ///< as
    bool of_class = false;               ///< stands in a block `for` several classes
    std::string key;                     ///< the row's left path that identifies a member
    std::uint32_t first = 0, slots = 0;
    std::string attached_kind, attached_format;
    std::shared_ptr<const Mapping> attached;

    std::vector<std::unique_ptr<Row>> rows;

    // --- looked up ---
    bool owns_discriminator = false;                        ///< of when: only its own cases feed the element that it asks for
    bool in_selected = false;                               ///< a group around it has a selector on its left side
    Shape* group = nullptr;                                 ///< the element that the row's left paths start from
    const pivot::Field* pivot_group = nullptr;              ///< the class that the row's right paths start from
    std::vector<const PivotStep*> excluded;                 ///< of each: selectors of other rows on the same list
    const PivotTerm* key_term = nullptr;                    ///< of each: the pivot place of `key`
    std::vector<std::pair<const Row*, std::size_t>> cases;  ///< the `when` chains that the row stands in, and its case
};

/// A data type's spelling: `type AmountType  ., @currencyID  money, text`.
struct TypeSpelling {
    std::vector<std::string> types;
    std::vector<std::string> left;
    std::string conversions;
    std::uint32_t line = 0, column = 0;
    bool used = false;
};

struct ListAttribute {
    std::string name;    ///< codeListId
    std::string source;  ///< "of-code", or "beside:currencyCode"
    std::uint32_t line = 0, column = 0;
};

/// `absent PATH` below `settings NAME`: an element that agencies of the variant never get.
struct AbsentPath {
    std::string variant, path;  ///< from below the document's element
    std::uint32_t line = 0, column = 0;
};

enum class Empties { absent, kept, null };

/// A copy shares rows and shapes: that is what a profile of the table is (profile.h).
struct Model {
    MappingHead head;
    std::string file;
    std::string authority;
    std::shared_ptr<const schema::Grammar> grammar;
    Empties empties = Empties::absent;
    std::string zone;
    Settings settings;
    Settings stated;  ///< by a profile, over those of the table
    std::map<std::string, Settings, std::less<>> variants;
    std::vector<AbsentPath> absent;
    CodeLists lists;
    std::vector<std::vector<std::string>> references;  ///< each: paths joined in one reference
    std::vector<ListAttribute> list_attributes;
    std::vector<OnlyOf> only;
    /// Top level: as a rule one `in ROOT`.
    std::shared_ptr<std::vector<std::unique_ptr<Row>>> rows = std::make_shared<std::vector<std::unique_ptr<Row>>>();
    std::shared_ptr<Shape> root;
    Shape* document_shape = nullptr;
    const Row* document_row = nullptr;
    std::size_t capacity = 1;
    std::string digest;
};

}  // namespace hansa::mapping
