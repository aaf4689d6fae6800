// The reading half of a plan's program: from the tape into frames, from frames into values of the pivot. Internal to
// plan*.cpp; plan_program.h says how the halves belong together.
#pragma once

#include <compare>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/mapping/conversion_pattern.h"
#include "core/mapping/fast_conversion.h"
#include "core/mapping/fused_conversion.h"
#include "core/mapping/model.h"
#include "core/mapping/plan_common.h"
#include "core/mapping/plan_pivot.h"
#include "core/mapping/trees.h"
#include "core/schema/path_table.h"

namespace hansa::mapping::program {

/// A kind of frame: the document, or the members of one `each`.
struct Group {
    Id parent = nothing;  ///< the group around it
    Id list = nothing;    ///< which list of the parent's frame
    Id slots = 0, places = 0, choices = 0, lists = 0;
    bool blank_is_none = false;  ///< a member that says nothing is no member
    Id own_text = nothing;       ///< the slot of the member's own text
    schema::PathIndex path = schema::no_path;
    const Row* row = nullptr;
};

/// What is done with an entry of the tape.
struct Step {
    enum class Kind : std::uint8_t {
        decline,     ///< the plan does not model it
        pass,        ///< a group: what is inside follows
        slot,        ///< a leaf that rows read
        member,      ///< starts a frame of group `value`
        rest,        ///< carried at the document's end; `value`: of sites
        whole,       ///< a leaf or subtree that one row takes as it is: a slot, and nothing inside is looked at
        skip,        ///< says nothing to a translation, with all inside
        select,      ///< `value`: of selections
        noted,       ///< a group that a case asks for: as `pass`, and `slot` says that it stands
        empty_form,  ///< <null/>: the element around it says nothing
    };
    Kind kind = Kind::decline;
    bool attribute = false;
    Id value = nothing;
    Id slot = nothing;  ///< of rest and pass: expressions ask for it all the same
};
using Steps = std::vector<Step>;  ///< by PathIndex

/// A list whose members are told apart by a key or their place.
struct Selection {
    struct Case {
        std::vector<std::pair<schema::PathIndex, std::string>> keys;  ///< child or attribute and its value
        Id index = 0;                                                 ///< from 1
        Id steps = nothing;                                           ///< of the tables of steps, for what is inside
        Step step;                                                    ///< for the element itself
        Id once = nothing;  ///< of an `in`: a slot of the one member that is entered
    };
    std::vector<Case> cases;
    Step other;  ///< where no case fits
};

/// A value of the pivot document: in the innermost frame of its group.
struct Place {
    Id group = nothing, number = nothing;
    friend bool operator==(const Place&, const Place&) = default;
};

/// In which case of a chain a row stands; `chain` is a number in its group's frame.
struct InCase {
    Id group = nothing, chain = nothing, number = 0;
};

/// A place of the members of a list: of each one that the loops lead to from the current frames.
struct Inside {
    std::vector<Id> loops;
    Place place;                ///< nothing: a member is enough, whatever it says
    std::vector<InCase> cases;  ///< ... in these cases
};

/// Places of which one value says that the thing is there: its own, and those of lists inside of it.
struct Standing {
    std::vector<Place> here;
    std::vector<Inside> inside;
    bool empty() const { return here.empty() && inside.empty(); }
};

/// A place of the source document.
struct Slot {
    Id group = nothing, number = nothing;
    bool attribute = false;
    const Shape* shape = nullptr;
};

struct SourceTerm {
    const NationalTerm* term = nullptr;
    Slot slot;
};

/// A list of shapes as tables of states: which scheme a number has.
struct SchemeTable {
    std::vector<std::pair<MatchTable, pivot::QualifiedCode>> shapes;  ///< views into `names`
    std::vector<std::string> names;

    const pivot::QualifiedCode* find(std::string_view number) const {
        for (const auto& [shape, scheme] : shapes) {
            if (shape.matches(number)) return &scheme;
        }
        return nullptr;
    }
    const std::string* name_of(std::string_view number) const {
        const pivot::QualifiedCode* found = find(number);
        if (!found) return nullptr;
        for (std::size_t i = 0; i < shapes.size(); ++i) {
            if (&shapes[i].second == found) return &names[i];
        }
        return nullptr;
    }
};

/// Where a value of a row goes.
struct Put {
    enum class Kind : std::uint8_t { single, list, every };
    Kind kind = Kind::single;
    Place place;
    const pivot::Field* field = nullptr;
    FieldFit fit, scheme_fit;  ///< what the pivot takes there
    bool attribute = false;
    std::string attribute_name;
    Place scheme;  ///< of [@schemeID in LIST]: where the scheme goes
    const CodeList* scheme_list = nullptr;
    std::shared_ptr<const SchemeTable> schemes;  ///< the same, where tables are small enough
    std::vector<Id> loops;                       ///< of every: groups from the document down to the place's
    std::optional<Slot> sibling;                 ///< of [K=(a)]: the slot that must be there
    Place key;                                   ///< ... and the place of the key
    struct TemplateNode* node = nullptr;
    std::string scheme_constant;  ///< the place must have this value already by its selector
    bool has_constant = false;
    bool first_member = false;  ///< of a derived leaf: only the first member's

    /// One value into one place, and nothing beside it.
    bool simple() const { return kind == Kind::single && !sibling && !scheme_list && !has_constant; }
};

struct ReadPart {
    const Conversion* conversion = nullptr;
    FastConversion fast;
    Id left = 0, takes = 0, right = 0, gives = 0;
    Place done;  ///< reading: set when it had something to say
    /// Reading: straight to the text of the only row that takes the value; nothing: others look at it too.
    std::shared_ptr<const FusedConversion> fused;
};

/// A row of one text and one value, without a detour: what most rows are.
struct ReadOp {
    Slot slot;
    Place place, done;
    const FastConversion* conversion = nullptr;  ///< nothing: the row is not so simple
    const FusedConversion* fused = nullptr;
    const FieldFit* fit = nullptr;
    const std::string* none = nullptr;
    bool attribute = false;
};

/// A value row of the source table.
struct ReadRow {
    ReadOp op;
    bool fused = false;  ///< all parts of a tuple are
    bool plain = false;  ///< one term into one value, with a conversion of bytes
    bool tuple = false;  ///< several of these side by side
    const Row* row = nullptr;
    Id group = nothing;
    std::vector<SourceTerm> terms;
    std::vector<ReadPart> parts;
    std::vector<Put> puts;
    std::vector<InCase> cases;
};

/// Where an expression finds texts.
struct NationalSource {
    std::vector<Id> loops;  ///< groups whose members are walked, from the expression's group down
    Slot slot;
    bool members = false;  ///< the members themselves (count)
    bool first_only = false;
};
struct ReadExpression {
    const Expression* expression = nullptr;
    NationalSource national;
    Place pivot;
    bool known = true;  ///< false: the plan cannot find the place
    std::vector<ReadExpression> parts;
    const CodeList* list = nullptr;
    bool asks_if_there = false;  ///< of a class, or of an element that holds others: it has no value, but it stands
    Standing there;              ///< ... of a class
};

struct ReadChain {
    const Row* row = nullptr;
    Id group = nothing, number = 0;
    std::vector<ReadExpression> conditions;  ///< of each case's place
    std::vector<std::vector<Slot>> slots;    ///< of each case: what it alone reads
    std::vector<std::vector<Id>> lists;      ///< of each case: groups that it alone walks
    std::vector<InCase> cases;
    std::vector<std::vector<struct ReadStep>> steps;  ///< of each case
    std::vector<std::vector<struct LeafStep>> leaves;
};

struct ReadDerive {
    const Row* row = nullptr;
    Id group = nothing;
    ReadExpression expression;
    Place place;
    const pivot::Field* field = nullptr;
    FieldFit fit;
    std::vector<InCase> cases;
};

struct ReadCheck {
    const Row* row = nullptr;
    Id group = nothing;
    ReadExpression left, right;
    std::vector<Id> loops;  ///< of `check each`
    std::vector<InCase> cases;
    bool less = false, equal = false, greater = false;  ///< which orders of the two sides are good

    bool holds(std::strong_ordering order) const { return order < 0 ? less : order > 0 ? greater : equal; }
};

/// One thing that reading does in a frame, or a walk over the members of a group.
struct ReadStep {
    enum class Kind : std::uint8_t { row, position, choose, derive, check, loop, same_group, value_stands };
    Kind kind = Kind::row;
    Id number = nothing;
    std::vector<InCase> cases;
};
/// Rows; `when`; `when` inside of `when`, three deep; `every`; derive and check. Where a group has nothing to do in one
/// of them, nobody walks it.
constexpr std::size_t when_passes = 3, every_pass = 1 + when_passes, last_pass = every_pass + 1;
constexpr std::size_t passes = last_pass + 1;

/// Which steps of a group have anything to do: most formats have many more places than a document fills.
/// Each list of steps has a bit for each of its steps, from a word of its own on; a slot that is filled sets the bits
/// of those that wait for it.
struct Triggers {
    std::vector<std::uint64_t> always;           ///< where a frame begins: steps that wait for no slot
    Id order[passes] = {}, leaves[passes] = {};  ///< the first word of each list
    struct Wait {
        Id word = 0;
        std::uint64_t mask = 0;
    };
    std::vector<Id> first;    ///< by slot: of `waits`; one more at the end
    std::vector<Wait> waits;  ///< the bits to set once the slot is filled
};

/// What the ledger says of a place of the source, or of the target.
struct Site {
    LossKind kind = LossKind::dropped;
    std::string reason, row;
};

/// What goes with a leaf and no leaf says (SourceLeaf::Beside).
struct Beside {
    Place place, of;   ///< of: the place below a key; nothing: it is none
    bool key = false;  ///< the place is empty as long as only the selector says it
    Id site = nothing;
};

/// A leaf of the source as the ledger sees it.
struct LeafStep {
    enum class Kind : std::uint8_t { mapped, carried, kept, fixed, dropped, computed, list, stated, loop, chain };
    Kind kind = Kind::mapped;
    const Row* table_row = nullptr;
    Slot slot;
    Place done;            ///< of mapped and list: whether its part had something to say
    std::string expected;  ///< of list: the table's own
    std::vector<Put> fed;  ///< places that the leaf's part feeds
    std::vector<Beside> beside;
    std::vector<Place> fed_places;
    bool keyed = false;  ///< ... one of which a selector of the target may say
    bool quick = false;  ///< of mapped: single places, so that a look at each tells whether all is well
    Id site = nothing;
    ReadExpression expression;  ///< of computed
    Id group = nothing;         ///< of loop; of chain: which
    std::vector<InCase> cases;
};

/// The places of a node of the pivot template, for keys and for what is said at all.
struct TemplateNode;

struct PivotAttribute {
    std::string name;
    Place place;
    std::optional<std::string> constant;
};

/// A node that the pivot document has, may have, or (by_each) has once a member.
struct TemplateNode {
    std::string name;
    const pivot::Field* field = nullptr;
    TemplateNode* parent = nullptr;
    Id group = nothing;  ///< whose frames hold its places
    bool by_each = false, selected = false, many = false;
    std::uint32_t index = 0;
    std::optional<PivotValue> constant;
    Place place;
    std::vector<PivotAttribute> attributes;
    std::vector<std::unique_ptr<TemplateNode>> children;
    std::vector<Id> makers;  ///< order numbers of what makes it
    std::string key_identity;
    std::vector<InCase> cases;  ///< of by_each: in which its group is read for it

    TemplateNode* child(std::string_view wanted) const {
        for (const auto& found : children) {
            if (found->name == wanted) return found.get();
        }
        return nullptr;
    }
    PivotAttribute* attribute(std::string_view wanted) {
        for (PivotAttribute& found : attributes) {
            if (found.name == wanted) return &found;
        }
        return nullptr;
    }
};

/// What of the pivot's own rules must be looked at: cardinality of what is there.
struct PivotDemand {
    const TemplateNode* node = nullptr;
    std::string child;  ///< a demanded child
};

struct SourceProgram {
    const Mapping* mapping = nullptr;
    std::vector<Group> groups;  ///< 0: the document
    std::vector<Steps> steps;   ///< 0: the document's; 1: what stands around the documents
    std::vector<Selection> selections;
    std::vector<ReadRow> rows;
    std::vector<ReadChain> chains;
    std::vector<ReadDerive> derives;
    std::vector<ReadCheck> checks;
    struct SameGroup {
        const Row* row = nullptr;
        Slot slot;
    };
    std::vector<SameGroup> same_groups;
    std::vector<Place> own_values;  ///< of members that are values: one without its value is refused by the pivot
    struct Position {
        const Row* row = nullptr;
        Place place;
        FieldFit fit;
    };
    std::vector<Position> positions;
    /// By pass, by group: what is done in a frame of it.
    std::vector<std::vector<ReadStep>> order[passes];
    std::vector<std::vector<LeafStep>> leaves[passes];
    std::vector<Triggers> triggers;      ///< by group
    std::vector<LeafStep> outer_leaves;  ///< of what stands around the documents: group `outer`
    std::vector<Site> sites;
    std::unique_ptr<TemplateNode> root;
    std::vector<const Shape*> shapes;  ///< by path: of elements
    schema::PathIndex document = schema::no_path;
    bool document_is_root = false;
    Id date_row = nothing;
    Id outer = nothing;                     ///< the group of what stands around the documents
    std::vector<std::string> not_modelled;  ///< rows that make a message decline when it uses them
};

}  // namespace hansa::mapping::program
