// The writing half of a plan's program: from values of the pivot into texts of the target, and the output that they
// stand in. Internal to plan*.cpp; plan_program.h says how the halves belong together.
#pragma once

#include <compare>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/mapping/conversion_pattern.h"
#include "core/mapping/fast_conversion.h"
#include "core/mapping/fused_conversion.h"
#include "core/mapping/model.h"
#include "core/mapping/plan_pivot.h"
#include "core/mapping/plan_source_program.h"
#include "core/mapping/trees.h"
#include "core/schema/path_table.h"

namespace hansa::mapping::program {

struct OutNode;

/// A condition on the pivot document, known when the message is there.
struct Guard {
    enum class Kind : std::uint8_t { equals, scheme };
    Kind kind = Kind::equals;
    Place place;                                ///< of the key
    std::string list, text;                     ///< of equals
    const CodeList* schemes = nullptr;          ///< of scheme
    std::vector<std::string> names;             ///< ... its schemes
    std::shared_ptr<const SchemeTable> shapes;  ///< ... the same, where tables are small enough
    bool fits = false;                          ///< ... the number must have the scheme's shape too
    std::optional<std::string> constant;        ///< the scheme where it is known
    Place value;                                ///< of scheme: the number
};
/// All must hold, and none of the conjunctions of `never`.
struct Guards {
    std::vector<Guard> all;
    std::vector<std::vector<Guard>> never;
    std::vector<InCase> cases;  ///< of the source: in which the members are members
    bool empty() const { return all.empty() && never.empty() && cases.empty(); }
};

/// A way from the current frames to a value.
struct Way {
    std::vector<Id> loops;  ///< groups whose members are walked
    Id nth = 0;             ///< from 1: only that member of the last loop
    Guards guards;
    Standing decides;  ///< once one of these is there, no later way counts
    Place place;
    std::optional<PivotValue> constant;  ///< a value that a selector gave
    Place mark;                          ///< ... where the ledger sees that it was taken; nothing: nobody asks
    Standing exists;                     ///< ... there when one of these is
    bool many = false;                   ///< the place holds several values
    /// [K=(a)]: what stands at `a` must be the key, or `a` be empty.
    const OutNode* sibling = nullptr;
    Place sibling_key;

    /// Leads to one place in the current frames, whatever the document says.
    bool is_straight() const {
        return loops.empty() && nth == 0 && guards.empty() && decides.empty() && sibling_key.number == nothing;
    }
};

/// A right-hand term of a target row.
struct TargetSource {
    const PivotTerm* term = nullptr;
    bool all = false;    ///< all values; else the first
    bool every = false;  ///< one for all members
    std::vector<Way> ways;

    /// The place that it comes to, in the current frames; nothing: it depends.
    const Place* place() const {
        const bool one = ways.size() == 1 && !every && ways[0].is_straight() && !ways[0].constant && !ways[0].many;
        return one && ways[0].place.number != nothing ? &ways[0].place : nullptr;
    }
};

/// Which text: of the innermost block of its body.
struct Text {
    Id body = nothing, number = nothing;
};

struct TargetTerm {
    const NationalTerm* term = nullptr;
    Text text;
    OutNode* node = nullptr;
    Target target;
    const schema::SimpleType* type = nullptr;
};

/// A value that must stand where its owner wrote it.
struct Agreement {
    Id term = nothing;         ///< of the row's left side, or
    std::optional<Place> key;  ///< the key of a selector
    std::vector<const OutNode*> way;
    Text text;  ///< where it must stand
    std::string attribute;
    std::optional<std::string> fixed;  ///< what the place gets by its own row
};

/// One value into one text, without a detour.
struct WriteOp {
    Place place;
    Text text;
    const FastConversion* conversion = nullptr;  ///< nothing: the row is not so simple
    /// Of a fused value: the bit of the source's leaf, which has nothing to tell once the value is taken.
    Id leaf = nothing;
};

struct WriteRow {
    WriteOp op;
    bool plain = false;  ///< one value into one term, with a conversion of bytes
    bool tuple = false;  ///< one or several of these side by side, each from one place
    /// A constant of a selector in one term: what it is written as, there when one of `exists` is.
    std::optional<std::string> always;
    Place mark;                 ///< Way::mark of it
    std::vector<Id> leaves;     ///< as WriteOp::leaf, of each of `places`
    std::vector<Place> places;  ///< of tuple: of each source; of always: those that must be there
    const Row* row = nullptr;
    std::vector<TargetTerm> terms;
    std::vector<ReadPart> parts;
    std::vector<TargetSource> sources;
    bool only_constants = false;
    OutNode* out = nullptr;  ///< the group
    std::vector<Agreement> agreements;
};

struct WriteStep {
    enum class Kind : std::uint8_t { row, loop, member, select, count, position, choose, computed, derive, check };
    Kind kind = Kind::row;
    Id number = nothing;
};
/// Rows; `when`; computed; derive and check.
constexpr std::size_t turns = 4;
using WriteSteps = std::vector<WriteStep>;

/// Members of a group become members of the target, each with a block of its own.
struct WriteLoop {
    Id group = nothing;
    Guards guards;
    Id body = nothing;
    Id counter = nothing;
    const TemplateNode* node = nullptr;
    bool may_be_bare = true;     ///< a member without content stands all the same: declined
    std::vector<Place> content;  ///< ... one of these is content
    std::size_t turn = 0;        ///< in which its blocks are made
    Standing own;                ///< values that could make the member another authority's
};

/// Inner steps for one member of a group.
struct WriteSelect {
    Id group = nothing;
    Guards guards;
    Id nth = 0;  ///< from 1; 0: the first that fits
    WriteSteps steps[turns];
};

/// A member that is known when the plan is made.
struct WriteMember {
    Standing exists;
    bool always = false;
    Guards guards;
    Id counter = nothing;
    Text active;  ///< set when it is written
    std::size_t turn = 0;
    Standing own;  ///< values that could make the member another authority's
    WriteSteps steps[turns];
};

/// How many members a list may take.
struct Counter {
    std::size_t most = SIZE_MAX;
    bool first = false;  ///< the rest is left out; else too many decline
    Text count;
};

struct WritePosition {
    const Row* row = nullptr;
    TargetSource source;
    OutNode* out = nullptr;
    Text kept;
};

struct OutExpression {
    const Expression* expression = nullptr;
    std::vector<const OutNode*> way;  ///< of a national place: from the top down; what loops is walked
    bool known = true;
    bool first_only = false;
    bool several = false;  ///< ... of several lists, of which one at most may have members
    std::string attribute;
    std::vector<const OutNode*> ends;  ///< nodes that the path may mean, in order
    TargetSource pivot;
    std::vector<OutExpression> parts;
    bool asks_if_there = false;  ///< of an element that holds others: it has no value, but it stands
};

/// What a field of the document must be.
struct WriteOnly {
    const OnlyOf* only = nullptr;
    OutExpression place;
};

struct WriteChain {
    const Row* row = nullptr;
    std::vector<OutExpression> conditions;
    struct Case {
        WriteSteps steps[turns];
    };
    std::vector<Case> cases;
    /// Where the cases own what they ask for: the first is taken that the document says something for, else the first.
    std::vector<std::vector<OutExpression>> says;
    std::vector<std::unique_ptr<Expression>> places;  ///< of these
    Text chosen;
};

struct WriteComputed {
    const Row* row = nullptr;
    const OutNode* holder = nullptr;
    const OutNode* parent = nullptr;  ///< of the place, where it is not the holder
    Text text;
    OutExpression expression;
    const schema::SimpleType* type = nullptr;
};

struct WriteDerive {
    const Row* row = nullptr;
    OutExpression expression;
    TargetSource source;
};

struct WriteCheck {
    const Row* row = nullptr;
    const OutNode* out = nullptr;
    OutExpression left, right;
};

/// A body: the texts of one member of the target, and what fills them.
struct Body {
    Id parent = nothing;
    Id list = nothing;  ///< which list of the parent's block
    Id texts = 0, lists = 0, counters = 0;
    Id marks = 0;            ///< elements that have their text in it
    std::vector<Id> owners;  ///< of each text: the element that it makes stand
    std::vector<Id> kept;    ///< elements that are there in any case
    Id group = nothing;      ///< of the source, whose member it is
    WriteSteps steps[turns];
    OutNode* top = nullptr;
};

/// How a demanded place is filled that nothing feeds.
struct Filling {
    enum class Kind : std::uint8_t { none, text, uuid5, position, received, expression, empty, group, decline };
    Kind kind = Kind::none;
    std::string text;
    Id site = nothing;  ///< nothing: it is not in the ledger
    const Row* row = nullptr;
    const OutNode* scope = nullptr;  ///< whose place is the position
    std::string term;                ///< of uuid5
    OutExpression expression;
    Target target;
    bool after_failure = true;          ///< false: a word for absence, not where a row failed
    std::vector<const OutNode*> peers;  ///< nothing is filled where one of these stands
    /// Of a row in a case: the chains around it, and which case each must have taken.
    std::vector<std::pair<Text, Id>> cases;
    std::vector<Filling> others;  ///< where it is another case: of other rows, the last one first

    template <class Use>
    void each(const Use& use) {
        use(*this);
        for (Filling& one : others) use(one);
    }
    template <class Use>
    void each(const Use& use) const {
        use(*this);
        for (const Filling& one : others) use(one);
    }
};

struct OutAttribute {
    schema::Name name;
    Text text;
    std::optional<std::string> constant;
    Text with;            ///< a constant stands where this text does
    bool always = false;  ///< a key: stands where the element does
    Filling filling;
    // --- settled at the end ---
    Id name_space = nothing;
    Id number = nothing;  ///< among all attributes of the output
};

/// A particle of a content model, with the names that the output has in it.
struct ModelPart {
    schema::Particle::Kind kind = schema::Particle::Kind::sequence;
    std::uint32_t min = 1, max = 1;
    Id first = 0, count = 0;  ///< of a group: its parts
    Id name = nothing;        ///< of an element, or of what stands at a wildcard: number of its name
};

/// An element of the output.
struct OutNode {
    Shape* shape = nullptr;
    schema::Name name;
    OutNode* parent = nullptr;
    Id body = nothing;  ///< whose block holds its text
    Id loop = nothing;  ///< it stands once for each block of this body
    Text text;
    std::optional<std::string> constant;  ///< a key's value
    bool key = false;                     ///< ... there only when something else is in its parent
    bool kept = false;                    ///< there in any case
    bool is_member = false;               ///< of a list, made by a row of its own
    Text flag;                            ///< there when this text is set
    Id pad_to = 0;                        ///< unused slots: so many members in all
    Text pad_after;                       ///< ... of which so many are used
    std::uint32_t index = 0;              ///< of a[2]
    std::string keys;                     ///< of a selector
    Filling filling;
    std::vector<OutAttribute> attributes;
    std::vector<std::unique_ptr<OutNode>> children;
    // --- settled at the end ---
    Id number = nothing;
    Id name_space = nothing;
    bool dead = false;       ///< nothing ever stands in it, and nobody demands it
    bool stands = false;     ///< a row may write something at or below it
    bool repeats = false;    ///< has a place in paths
    bool fills = false;      ///< something is filled in it once it stands
    bool empty_fits = true;  ///< it may stand without text
    bool quick = false;      ///< a name around a text, and nothing else
    bool placed = false;     ///< something at or below it is filled that says its place
    Id mark = nothing;       ///< its number in its body
    struct Bound {
        std::uint32_t least = 0, most = 1;
    };
    std::vector<Bound> bounds;  ///< of each name, where the model is a plain sequence
    bool counts = false;        ///< its content model is looked at when it is written
    const schema::ComplexType* type = nullptr;
    std::vector<Id> kinds;            ///< of each child: the same number for the same name
    std::vector<schema::Name> names;  ///< of those numbers
    std::vector<ModelPart> model;     ///< [0]: the whole; where counting names is not enough
    std::vector<struct OutChild> live;
};

/// A child that may stand.
struct OutChild {
    const OutNode* node = nullptr;
    Id text = nothing;  ///< of a name around a text
    Id kind = nothing;
    Id number = nothing, name_space = nothing, mark = nothing;
    enum class Form : std::uint8_t {
        text,   ///< a name around a text; else nothing, or what it is filled with
        group,  ///< there when its mark is
        other,
    } form = Form::other;
    bool filled = false;  ///< demanded
};

/// How it is known that something stands in an element: each text raises the elements around it.
struct Raised {
    Id mark = nothing;    ///< in the element's body
    Id parent = nothing;  ///< number of the element around it; nothing: it raises nobody
    bool loop = false;    ///< ... which is in the block around its own
};

struct KeyPlace {
    Place place;
    Guard guard;
    const TemplateNode* owner = nullptr;
};

struct TargetProgram {
    const Mapping* mapping = nullptr;
    std::vector<Body> bodies;  ///< 0: the document's; 1: what stands around it
    std::vector<std::unique_ptr<WriteRow>> rows;
    std::vector<WriteLoop> loops;
    std::vector<WriteSelect> selects;
    std::vector<WriteMember> members;
    std::vector<Counter> counters;
    std::vector<WritePosition> positions;
    std::vector<WriteOnly> only;
    std::vector<WriteChain> chains;
    std::vector<WriteComputed> computed;
    std::vector<WriteDerive> derives;
    std::vector<WriteCheck> checks;
    std::unique_ptr<OutNode> root;
    OutNode* document = nullptr;
    std::vector<OutNode*> nodes;
    std::vector<Raised> raised;  ///< by node
    Id attributes = 0;           ///< of all nodes
    std::vector<Site> sites;
    std::vector<std::string> name_spaces;  ///< [0]: none
    std::vector<KeyPlace> keys;
    bool unique = false;  ///< a value must differ from others of the message: nobody looks
};

}  // namespace hansa::mapping::program
