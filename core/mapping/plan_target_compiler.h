// How the target side of a plan is compiled: the rows of a table, one after the other, over what the source side can
// give. Internal to plan_target*.cpp: what stands around rows, and the end (plan_target), the output tree and what its
// schema demands (plan_target_output), ways into the pivot (plan_target_ways), rows that hold others
// (plan_target_rows), rows of values (plan_target_values).
//
// Errors: Unsupported, caught by compile_target. Threads: one.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/mapping/plan_standing.h"
#include "core/mapping/plan_target.h"
#include "core/mapping/plan_unsupported.h"
#include "core/mapping/tree_writer.h"

namespace hansa::mapping::program::writing {

/// Where rows put their steps.
struct Sink {
    enum class Kind { body, select, member, chain } kind = Kind::body;
    Id number = 0, part = 0;
};

struct Scope {
    OutNode* out = nullptr;
    TemplateNode* pivot = nullptr;
    bool in_document = false;
    std::string place;
    Id body = 0;
    Sink sink;
    std::size_t turn = 0;
    std::vector<Id> groups;                ///< of the source, whose members are current
    std::vector<std::pair<Id, Id>> cases;  ///< chains around the rows, and which case of each they stand in
};

/// A node of the template that a path may mean, and what must hold for it.
struct Candidate {
    TemplateNode* node = nullptr;
    std::vector<Id> loops;
    Id nth = 0;
    Guards guards;
    Standing decides;
    const NationalPath* sibling = nullptr;
    Place sibling_key;
};

class TargetCompiler {
public:
    TargetCompiler(const Mapping& mapping, const SourceProgram& source, const Settings& agency)
        : model_(mapping.model()), source_(source), settings_(mapping.settings(agency)) {
        out_.mapping = &mapping;
        fast_ = {.settings = &settings_, .lists = &model_.lists, .zone = model_.zone};
        fast_.grammar = model_.grammar.get();
    }
    TargetProgram run();

private:
    WriteSteps& steps(const Sink& sink, std::size_t turn);
    void push(const Scope& scope, std::size_t turn, WriteStep::Kind kind, std::size_t number);
    /// A container does something in every turn from the one on in which it is made.
    void push_all(const Scope& scope, WriteStep::Kind kind, std::size_t number);
    void document(const Row& row, Scope scope);
    void rows(const std::vector<std::unique_ptr<Row>>& list, const Scope& scope);
    void row(const Row& row, const Scope& scope);
    struct Pending {
        const Row* row = nullptr;
        Scope scope;
        std::size_t term = 0;
    };
    using Pendings = std::vector<Pending>;  ///< in the order of the rows: several where cases differ
    void pend(const Row& row, const Scope& scope, std::size_t term);

    // ---- the output tree ----
    OutNode* add(OutNode& parent, const schema::Name& name, Shape* shape);
    static bool is_named(const OutNode& node, const OutNode& parent, const NationalStep& step);
    OutNode* find(OutNode& parent, const NationalStep& step) const;
    /// The node at a path below the group, made where it is not there.
    OutNode* place(const Scope& scope, const NationalPath& path, const Row& row, bool entered = false);
    Text text_of(OutNode& node);
    OutAttribute& attribute(OutNode& node, const std::string& local);
    Text text_of(OutNode& node, const std::string& local);

    // ---- ways into the pivot ----
    std::vector<std::string> schemes_of(const std::string& name) const;
    enum class Fit { no, yes, maybe };
    /// Does the node stand under the key? `descending`: with the number's shape, and what elements say.
    Fit fits(const TemplateNode& node, const PivotKey& key, bool descending, std::vector<Guard>& guards,
             Candidate* candidate) const;
    Fit fits(const TemplateNode& node, const PivotStep& step, bool descending, std::vector<Guard>& guards,
             Candidate* candidate) const;
    /// Children of a name in the pivot's order: places first come last, then as rows make them.
    static std::vector<TemplateNode*> named(const TemplateNode& node, std::string_view name);
    /// Rows that make two members turn by turn would leave their order to the message.
    static void check_order(const std::vector<TemplateNode*>& members, const Row& row);
    std::vector<Candidate> step_into(const Candidate& from, const PivotStep& step, const Row& row) const;
    std::vector<Candidate> descend(const PivotTerm& term, std::size_t count, const Scope& scope, const Row& row) const;
    void end_way(const Candidate& at, const std::string& attribute, const Scope& scope, const Row& row,
                 std::vector<Way>& ways);
    /// All members that a term with `every` means.
    std::vector<Candidate> every(const PivotTerm& term, const Scope& scope, const Row& row) const;
    void locate(const PivotTerm& term, const Scope& scope, const Row& row, TargetSource& source);
    /// Keys of a selector are said by the place itself, once the member says anything.
    void take_keys(const PivotTerm& term, TemplateNode* node);
    void take_keys(const PivotTerm& term, const Scope& scope, const Row& row);

    // ---- groups ----
    void enter(const Row& row, const Scope& scope);
    /// Is the member another authority's own, by what its selector says?
    bool is_foreign(const TemplateNode& node) const;
    Standing own_places(const TemplateNode& node) const;
    void each(const Row& row, const Scope& scope);
    void position(const Row& row, const Scope& scope);
    /// Does another case than the first write from places that the first one does not look at?
    static bool says_more_than_first(const Row& chain);
    void when(const Row& row, const Scope& scope);
    void what_cases_say(const Row& chain, const Scope& scope, std::size_t number);
    void what_row_says(const Row& row, const Scope& scope, WriteChain& chain, std::vector<OutExpression>& says);

    // ---- values ----
    void value(const Row& row, const Scope& scope);
    /// What needs no look at the way from the pivot to the row: single places, and constants of selectors.
    void straighten(WriteRow& row) const;
    void agree(WriteRow& row, const NationalPath& path, Id term, std::optional<Place> key, const Scope& scope);
    void list_attributes(OutNode& node, const NationalTerm& term, const Conversion& conversion, Text with);
    void computed(const Row& row, const Scope& scope);
    void derive(const Row& row, const Scope& scope);
    void check(const Row& row, const Scope& scope);
    void one_check(const Row& row, const Scope& scope);

    // ---- expressions over the output ----
    OutExpression expression(const Expression& e, const Scope& scope, const Row& row);
    void national(const NationalPath& path, const Scope& scope, OutExpression& made);
    /// What a case asks for: a value, or whether something stands.
    OutExpression condition(const Condition& asked, const Scope& scope, const Row& row);
    /// `content`: there only when it says something.
    void class_ways(const PivotTerm& term, const Scope& scope, const Row& row, bool content,
                    std::vector<Way>& ways) const;

    // ---- what the schema demands ----
    void fill(OutNode& node, OutNode* group, const std::string& below);
    Id site(std::string reason, const Row* row);
    void fill_missing(OutNode& node, const Shape& child, OutNode* group, const std::string& below);
    void fill_attributes(OutNode& node, OutNode* group, const std::string& below);
    /// The rows that may speak of the place by default, of those of a group. Of two places: `several` is set.
    const Pendings* pending_at(const OutNode* group, const std::string& below, bool& several) const;
    /// What stands there by the last of the rows whose case it is.
    Filling filling_of(const Pendings& pending, const OutNode& node, const Filling& fallback);
    Filling default_of(const Pending& pending, const OutNode& node);

    const Model& model_;
    const SourceProgram& source_;
    Settings settings_;
    FastContext fast_;
    TargetProgram out_;
    Scope document_scope_;
    std::map<const OutNode*, std::map<std::string, Pendings>> pending_;
    std::vector<std::function<void()>> whens_, lates_, expressions_;
    std::size_t depth_ = 0;
    bool sibling_allowed_ = false;
};

}  // namespace hansa::mapping::program::writing
