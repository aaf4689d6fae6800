// Rows that hold others: documents, members, elements, and the order in which all are read.
#include <algorithm>

#include "core/mapping/plan_source_compiler.h"

namespace hansa::mapping::program::reading {

void SourceCompiler::grow_order() {
    for (std::size_t pass = 0; pass < passes; ++pass) {
        out_.order[pass].resize(out_.groups.size());
        out_.leaves[pass].resize(out_.groups.size());
    }
}

void SourceCompiler::document(const Row& row, const Where& at) {
    document_at_ = at;
    document_at_.group = 0;
    document_at_.steps = 0;
    out_.steps[0][at.path] = {.kind = Step::Kind::pass};
    group_path_[0] = at.path;
    out_.groups[0].path = at.path;
    find_date(row);
    rows(row.rows, {.at = document_at_, .pivot = out_.root.get()});
}

void SourceCompiler::find_date(const Row& top) {
    for (const auto& inner : top.rows) {
        if (inner->form == RowForm::enter) find_date(*inner);
        if (inner->form != RowForm::value || inner->right.size() != 1 || inner->conversions.size() != 1) continue;
        const PivotTerm& term = inner->right[0];
        if (term.field->name == "IssueDateTime" && term.field->parent == &pivot::root(model_.head.kind))
            dates_.push_back(inner.get());
    }
}

void SourceCompiler::rows(const std::vector<std::unique_ptr<Row>>& list, const Scope& scope) {
    for (const auto& one : list) {
        if (!one->subtree) row(*one, scope);
    }
    for (const auto& one : list) {
        if (one->subtree) row(*one, scope);
    }
}

void SourceCompiler::row(const Row& row, const Scope& scope) {
    ++maker_;
    switch (row.form) {
        case RowForm::enter:
            return enter(row, scope);
        case RowForm::each:
            return each(row, scope);
        case RowForm::when:
            return when(row, scope);
        case RowForm::value:
        case RowForm::carry_as: {
            const bool every =
                std::any_of(row.right.begin(), row.right.end(), [](const PivotTerm& term) { return term.every; });
            if (!scope.pivot) return;
            if (every) {
                lates_.push_back([this, &row, scope] {
                    Scope late = scope;
                    late.pass = every_pass;
                    late.chain = nothing;
                    value(row, late);
                });
                // Its places are its own all the same.
                for (const NationalTerm& term : row.left) {
                    if (!term.constant) slot_of(term, scope, row);
                }
                return;
            }
            return value(row, scope);
        }
        case RowForm::position:
        case RowForm::same_rest:
            return;
        case RowForm::fixed:
            return fixed(row, scope);
        case RowForm::computed:
            return computed(row, scope);
        case RowForm::derive:
            if (scope.pivot) derive(row, scope);
            return;
        case RowForm::check:
            if (scope.pivot) check(row, scope);
            return;
        case RowForm::carry:
            return carry(row, scope);
        case RowForm::drop:
            return drop(row, scope);
        case RowForm::envelope:
        case RowForm::signature:
            return skip(row, scope);
        case RowForm::same_group: {
            const Slot at = slot_of(row.left[0], scope, row);
            out_.same_groups.push_back({&row, at});
            push(last_pass, at.group,
                 {.kind = ReadStep::Kind::same_group,
                  .number = static_cast<Id>(out_.same_groups.size() - 1),
                  .cases = scope.cases});
            return;
        }
        case RowForm::attached:
            declined_.push_back(walk(scope, row.left[0].path, row));
            out_.not_modelled.push_back(row.place + ": a document inside a document");
            return;
    }
}

void SourceCompiler::push(const Scope& scope, ReadStep step) {
    if (scope.chain != nothing)
        out_.chains[scope.chain].steps[scope.cases.back().number].push_back(std::move(step));
    else
        push(scope.pass, scope.at.group, std::move(step));
}

bool SourceCompiler::read_by_another_case(const Row& row, const Scope& scope) const {
    const NationalPath& path = row.left[0].path;
    if (scope.cases.empty() || path.from_document || path.up != 0 || path.steps.size() != 1) return false;
    if (path.steps[0].index == 0 || !path.steps[0].keys.empty()) return false;
    const Shape* shape = scope.at.shape->child(path.steps[0].name);
    if (!shape) return false;
    const schema::PathIndex index = paths_.child(scope.at.path, shape->name.local, shape->name.ns);
    if (index == schema::no_path) return false;
    const Step& here = out_.steps[scope.at.steps][index];
    const InCase& own = scope.cases.back();
    return here.kind == Step::Kind::member && out_.groups[here.value].parent == own.group &&
           std::any_of(case_lists_.begin(), case_lists_.end(), [&](const auto& list) {
               return list.second == here.value && list.first.group == own.group && list.first.chain == own.chain &&
                      list.first.number != own.number;
           });
}

void SourceCompiler::enter(const Row& row, const Scope& scope) {
    if (read_by_another_case(row, scope)) return;
    if (row.document) {
        const Where at = walk(scope, row.left[0].path, row);
        out_.document = at.path;
        mark_way(scope, row.left[0].path, row);
        out_.steps[1][at.path] = {.kind = Step::Kind::member, .value = 0};
        return document(row, at);
    }
    Scope inner = scope;
    inner.at = walk(scope, row.left[0].path, row, &inner.above);
    enter_once(scope, row.left[0].path, row);
    Step& step = step_at(inner.at);
    if (step.kind == Step::Kind::decline) step = {.kind = Step::Kind::pass};
    if (!row.right.empty() && scope.pivot) {
        TemplateNode* from = row.right[0].from_document ? out_.root.get() : scope.pivot;
        Put keys_of;
        inner.pivot = descend(from, row.right[0].steps, &keys_of, scope, row);
        if (keys_of.scheme_list || keys_of.sibling) throw Unsupported(row, "a group with a key of the document");
    }
    rows(row.rows, inner);
}

/// Of the members that a selector fits, `in` enters the first.
void SourceCompiler::enter_once(const Scope& scope, const NationalPath& path, const Row& row) {
    Where at;
    std::vector<Where> above;
    if (!start(path, scope, at, above)) return;
    for (const NationalStep& step : path.steps) {
        at = below(at, step, row);
        if (step.keys.empty() || at.selected == nothing) continue;
        Id& once = out_.selections[at.selection].cases[at.selected].once;
        if (once == nothing) once = out_.groups[at.group].slots++;
    }
}

void SourceCompiler::mark_way(const Scope& scope, const NationalPath& path, const Row& row) {
    Where at = scope.at;
    for (const NationalStep& step : path.steps) {
        if (out_.steps[at.steps][at.path].kind == Step::Kind::decline)
            out_.steps[at.steps][at.path] = {.kind = Step::Kind::pass};
        at = below(at, step, row);
    }
}

/// Has a row taken something inside of the element already?
bool SourceCompiler::is_read_inside(const Where& at) const {
    const Steps& steps = out_.steps[at.steps];
    for (schema::PathIndex path = 0; path < paths_.size(); ++path) {
        const Step::Kind kind = steps[path].kind;
        if (path == at.path || kind == Step::Kind::decline || kind == Step::Kind::pass || kind == Step::Kind::skip)
            continue;
        schema::PathIndex above = paths_[path].parent;
        while (above != schema::no_path && above != at.path && above != 0) above = paths_[above].parent;
        if (above == at.path) return true;
    }
    return false;
}

void SourceCompiler::each(const Row& row, const Scope& scope) {
    if (row.document) {
        const Where at = walk(scope, row.left[0].path, row);
        out_.document = at.path;
        mark_way(scope, row.left[0].path, row);
        out_.steps[1][at.path] = {.kind = Step::Kind::member, .value = 0};
        return document(row, at);
    }
    if (!scope.pivot || row.right.empty()) return;
    Scope inner = scope;
    inner.at = walk(scope, row.left[0].path, row, &inner.above);
    Step& step = step_at(inner.at);
    const bool numbered = !row.key.empty() || std::any_of(row.rows.begin(), row.rows.end(), [](const auto& one) {
        return one->form == RowForm::position;
    });
    const bool blank_is_none = row.slots != 0 || (model_.empties == Empties::null && !numbered);
    Id group = nothing;
    const Id around = step.kind == Step::Kind::member ? out_.groups[step.value].parent : inner.at.group;
    if (step.kind == Step::Kind::member) {
        // Another case reads the same list: its frames serve both.
        group = step.value;
        if (scope.cases.empty() || out_.groups[group].blank_is_none != blank_is_none)
            throw Unsupported(row, "a list that other rows read too");
    } else if (step.kind != Step::Kind::decline && step.kind != Step::Kind::pass) {
        throw Unsupported(row, "a list that other rows read too");
    } else if (step.kind == Step::Kind::pass && is_read_inside(inner.at)) {
        // What they read lies in the frame around the members.
        throw Unsupported(row, "a list in which rows around it read");
    } else {
        group = static_cast<Id>(out_.groups.size());
        out_.groups.emplace_back();
        out_.groups.back().parent = around;
        out_.groups.back().list = out_.groups[around].lists++;
        out_.groups.back().row = &row;
        out_.groups.back().blank_is_none = blank_is_none;
        grow_order();
        const bool attribute = step.attribute;
        step = {.kind = Step::Kind::member, .attribute = attribute, .value = group};
    }
    const Id outer_group = around;
    inner.at.group = group;
    group_path_[group] = inner.at.path;
    out_.groups[group].path = inner.at.path;
    const PivotTerm& term = row.right[0];
    TemplateNode* from = term.from_document ? out_.root.get() : scope.pivot;
    const std::span<const PivotStep> all(term.steps);
    TemplateNode* base = descend(from, all.subspan(0, all.size() - 1), nullptr, scope, row);
    TemplateNode* node = add(*base, all.back());
    node->by_each = true;
    node->cases = scope.cases;
    node->group = group;
    node->makers.push_back(maker_);
    if (base->group != outer_group && !belongs(outer_group, base->group))
        throw Unsupported(row, "members that go to another group");
    keys(*node, all.back(), nullptr, scope, row);
    inner.pivot = node;
    for (std::size_t pass = 0; pass < passes; ++pass) {
        ReadStep loop{.kind = ReadStep::Kind::loop, .number = group, .cases = scope.cases};
        LeafStep leaves{.kind = LeafStep::Kind::loop, .group = group, .cases = scope.cases};
        if (pass == scope.pass && scope.chain != nothing && outer_group == out_.chains[scope.chain].group) {
            out_.chains[scope.chain].steps[scope.cases.back().number].push_back(std::move(loop));
            out_.chains[scope.chain].leaves[scope.cases.back().number].push_back(std::move(leaves));
            continue;
        }
        push(pass, outer_group, std::move(loop));
        leaf(pass, outer_group, std::move(leaves));
    }
    inner.chain = nothing;
    for (const InCase& one : scope.cases) case_lists_.push_back({one, group});
    for (const auto& one : row.rows) {
        if (one->form != RowForm::position) continue;
        const Put put = put_of(one->right[0], inner, *one);
        out_.positions.push_back({one.get(), put.place, put.fit});
        push(0, group,
             {.kind = ReadStep::Kind::position, .number = static_cast<Id>(out_.positions.size() - 1), .cases = {}});
    }
    rows(row.rows, inner);
    if (node->place.group != group) return;
    out_.own_values.push_back(node->place);
    push(last_pass, group,
         {.kind = ReadStep::Kind::value_stands,
          .number = static_cast<Id>(out_.own_values.size() - 1),
          .cases = scope.cases});
}

bool SourceCompiler::belongs(Id inner, Id outer) const {
    for (Id at = inner; at != nothing; at = out_.groups[at].parent) {
        if (at == outer) return true;
    }
    return false;
}

}  // namespace hansa::mapping::program::reading
