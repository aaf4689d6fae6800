// How the source side of a plan is compiled: the rows of a table, one after the other, over the places of its format.
// Internal to plan_source*.cpp: places (plan_source_places), rows that hold others (plan_source_rows), rows of values
// (plan_source_values), expressions and what is settled at the end (plan_source_settle).
//
// Errors: Unsupported, thrown where a row is met that no plan can hold, and caught by compile_source. Threads: one.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/mapping/plan_source.h"
#include "core/mapping/plan_standing.h"
#include "core/mapping/plan_unsupported.h"
#include "core/mapping/reader.h"
#include "core/mapping/tree_writer.h"

namespace hansa::mapping::program::reading {

/// An element of the format, seen from a frame.
struct Where {
    schema::PathIndex path = schema::no_path;
    Shape* shape = nullptr;
    Id group = 0, steps = 0;
    Id selection = nothing, selected = nothing;  ///< the case that the element itself stands in
};

struct Scope {
    Where at;
    std::vector<Where> above;       ///< for "../"
    TemplateNode* pivot = nullptr;  ///< nothing: above the documents
    std::vector<InCase> cases;
    std::size_t pass = 0;
    Id chain = nothing;  ///< of the case that is compiled, in its own group
};

class SourceCompiler {
public:
    SourceCompiler(const Mapping& mapping, const schema::PathTable& paths, const Settings& agency)
        : model_(mapping.model()), paths_(paths), settings_(mapping.settings(agency)) {
        out_.mapping = &mapping;
        fast_ = {.settings = &settings_, .lists = &model_.lists, .zone = model_.zone};
        fast_.grammar = model_.grammar.get();
    }
    SourceProgram run();

private:
    // ---- places of the format ----
    Step& step_at(const Where& at);
    /// Where the steps of a path begin, with what is above. False: its ".." leaves the document.
    bool start(const NationalPath& path, const Scope& scope, Where& at, std::vector<Where>& above) const;
    Where below(const Where& at, const NationalStep& step, const Row& row);
    Where selected(Where at, const NationalStep& step);
    Where inside_member(Where at);
    Where walk(const Scope& scope, const NationalPath& path, const Row& row, std::vector<Where>* passed = nullptr);
    /// The slot of an element's text or of its attribute.
    Slot slot(const Where& at, const AttributeShape* attribute, const Row& row, Step::Kind kind = Step::Kind::slot);
    Id own_text(Id group);
    Slot slot_of(const NationalTerm& term, const Scope& scope, const Row& row, Step::Kind kind = Step::Kind::slot);

    // ---- places of the pivot ----
    std::string identity(const PivotStep& step) const;
    static bool dynamic(const TemplateNode& node);
    TemplateNode* add(TemplateNode& from, const PivotStep& step);
    /// Keys that the table says become values of the node.
    void keys(TemplateNode& node, const PivotStep& step, Put* put, const Scope& scope, const Row& row);
    TemplateNode* descend(TemplateNode* node, std::span<const PivotStep> steps, Put* put, const Scope& scope,
                          const Row& row);
    Place new_place(Id group) { return {group, out_.groups[group].places++}; }
    Put put_of(const PivotTerm& term, const Scope& scope, const Row& row);
    Place place_of(TemplateNode& node, const std::string& attribute, Put& put);
    Place every(TemplateNode* node, const PivotTerm& term, Put& put, const Row& row);

    // ---- rows ----
    void grow_order();
    void document(const Row& row, const Where& at);
    void find_date(const Row& top);
    void rows(const std::vector<std::unique_ptr<Row>>& list, const Scope& scope);
    void row(const Row& row, const Scope& scope);
    void push(std::size_t pass, Id group, ReadStep step) { out_.order[pass][group].push_back(std::move(step)); }
    /// In the case that is compiled, or in the group's pass.
    void push(const Scope& scope, ReadStep step);
    /// `in X[1]` in one case, where another case reads `each X`: members in the wrong case decline, so
    /// that the place has nothing to read.
    bool read_by_another_case(const Row& row, const Scope& scope) const;
    void enter(const Row& row, const Scope& scope);
    void enter_once(const Scope& scope, const NationalPath& path, const Row& row);
    void mark_way(const Scope& scope, const NationalPath& path, const Row& row);
    bool is_read_inside(const Where& at) const;
    void each(const Row& row, const Scope& scope);
    /// Is `outer` the group or one around `inner`?
    bool belongs(Id inner, Id outer) const;
    void leaf(std::size_t pass, Id group, LeafStep step) { out_.leaves[pass][group].push_back(std::move(step)); }
    /// The leaf of an element that stands above the documents belongs to every document.
    void leaf_in(const Scope& scope, LeafStep step);
    /// `when X[1]/Y absent` with `X[1]/Y <- Z`, or `when X absent` with the same: a row for writing, whose place is
    /// empty whenever the message is in its case.
    bool asks_for_its_absence(const Row& row, const Scope& scope) const;
    void in_cases(const Scope& scope, const Slot& at);
    void value(const Row& row, const Scope& scope);
    /// Keys of selectors above the places of a leaf, and what constants and borrowed values of its row give.
    std::vector<Beside> beside(const ReadRow& row, std::span<const Put> fed, const Scope& scope);
    void beside(const Put& put, bool valued, const Row& row, std::vector<Beside>& all);
    /// Terms side by side, each with a value of its own.
    static bool is_tuple(const ReadRow& row);
    /// An attribute that names the code list: said by the list itself, lost where it differs.
    void list_attributes(const Conversion& conversion, const NationalTerm& term, const Place& done, const Scope& scope,
                         const Row& row);
    Id site(LossKind kind, std::string reason, std::string row);
    void fixed(const Row& row, const Scope& scope);
    void computed(const Row& row, const Scope& scope);
    void carry(const Row& row, const Scope& scope);
    void drop(const Row& row, const Scope& scope);
    void skip(const Row& row, const Scope& scope);
    void when(const Row& row, const Scope& scope);
    void derive(const Row& row, const Scope& scope);
    void check(const Row& row, const Scope& scope);

    // ---- expressions ----
    ReadExpression expression(const Expression& e, const Scope& scope, const Row& row);
    bool national(const NationalPath& path, const Scope& scope, const Row& row, NationalSource& made);
    void pivot_place(const PivotTerm& term, const Scope& scope, ReadExpression& made);
    /// What a case asks for: a value, or whether something stands.
    ReadExpression condition(const Condition& asked, const Scope& scope, const Row& row);
    void group_place(const NationalPath& path, const Scope& scope, const Row& row, NationalSource& made);
    void class_place(const PivotTerm& term, const Scope& scope, const Row& row, Standing& made);

    // ---- the end ----
    /// The row that says what happens to a place; below a wildcard, to the place around it.
    static const Row* owner_of(const Shape* shape);
    void settle_steps();
    /// What rows read of all elements of a name, they read of the selected ones.
    void read_selected(const std::pair<Id, schema::PathIndex>& at, Selection& selection);
    static void note_where_asked(Step& step);
    void shapes(schema::PathIndex path, const Shape* shape);
    /// What no row names in its case is carried at the document's end.
    void settle(schema::PathIndex path, const Shape* shape, Steps& steps, bool outer);
    void settle_chains();
    void leave_out_idle_loops();

    const Model& model_;
    const schema::PathTable& paths_;
    Settings settings_;
    FastContext fast_;
    FieldFit::Tables fits_;
    SourceProgram out_;
    Where document_at_;
    std::map<std::pair<Id, schema::PathIndex>, Id> selections_;
    std::set<std::pair<Id, schema::PathIndex>> listed_;
    std::map<Id, Id> own_texts_;
    std::map<Id, schema::PathIndex> group_path_;
    std::map<std::pair<Id, Id>, Id> chain_of_;
    std::vector<std::pair<InCase, Slot>> case_slots_;
    std::vector<std::pair<InCase, Id>> case_lists_;
    std::vector<const Row*> dates_;
    std::vector<Where> declined_;
    std::vector<std::function<void()>> whens_, lates_, expressions_;
    Id maker_ = 0;
};

}  // namespace hansa::mapping::program::reading
