// Expressions of rows, and what is settled once all rows are known.
#include <algorithm>

#include "core/mapping/plan_source_compiler.h"

namespace hansa::mapping::program::reading {

namespace {

constexpr std::string_view kept_reason = "kept for its own authority";

}  // namespace

ReadExpression SourceCompiler::expression(const Expression& e, const Scope& scope, const Row& row) {
    ReadExpression made;
    made.expression = &e;
    if (e.kind == Expression::Kind::national) made.known = national(e.national, scope, row, made.national);
    if (e.kind == Expression::Kind::pivot) pivot_place(e.pivot, scope, made);
    for (const Expression& part : e.parts) made.parts.push_back(expression(part, scope, row));
    return made;
}

bool SourceCompiler::national(const NationalPath& path, const Scope& scope, const Row& row, NationalSource& made) {
    Where at;
    std::vector<Where> above;
    if (!start(path, scope, at, above)) return false;
    bool member = false;
    for (const NationalStep& step : path.steps) {
        if (step.name.starts_with('@')) break;
        member = false;
        Shape* shape = at.shape->child(step.name);
        if (!shape) return false;
        NationalStep plain = step;
        if (step.index != 0) {
            // "Item[1]": a place in a list of frames is the first of them.
            const schema::PathIndex index = paths_.child(at.path, shape->name.local, shape->name.ns);
            const Step here = out_.steps[at.steps][index];
            if (here.kind == Step::Kind::member && step.index == 1) {
                plain.index = 0;
                made.first_only = true;
            } else if (here.kind != Step::Kind::select) {
                return false;
            }
        }
        const Id before = at.group;
        at = below(at, plain, row);
        if (at.group != before) {
            made.loops.push_back(at.group);
            member = true;
        }
    }
    made.members = member && !path.attribute;
    if (made.members) {
        made.slot = {.group = at.group,
                     .number = own_texts_.contains(at.group) ? own_texts_[at.group] : nothing,
                     .attribute = false,
                     .shape = at.shape};
        return true;
    }
    Step* step = &step_at(at);
    if (path.attribute) {
        const schema::PathIndex index = paths_.attribute(at.path, path.attribute->name.local, path.attribute->name.ns);
        if (index == schema::no_path) return false;
        step = &out_.steps[at.steps][index];
    }
    if (step->kind == Step::Kind::slot || step->kind == Step::Kind::whole) {
        made.slot = {at.group, step->value, path.attribute != nullptr, at.shape};
        return true;
    }
    if (step->kind != Step::Kind::decline && step->kind != Step::Kind::rest) return false;
    if (!at.shape->children.empty()) return false;
    if (step->slot == nothing) step->slot = out_.groups[at.group].slots++;
    made.slot = {at.group, step->slot, path.attribute != nullptr, at.shape};
    return true;
}

void SourceCompiler::pivot_place(const PivotTerm& term, const Scope& scope, ReadExpression& made) {
    made.known = false;
    TemplateNode* node = term.from_document ? out_.root.get() : scope.pivot;
    for (const PivotStep& step : term.steps) {
        if (!node) return;
        TemplateNode* found = nullptr;
        std::size_t candidates = 0;
        for (const auto& child : node->children) {
            if (child->name != step.name) continue;
            if (!step.keys.empty() && child->key_identity != identity(step)) continue;
            ++candidates;
            if (!found) found = child.get();
        }
        if (candidates > 1 || (found && (found->by_each || found->many))) return;
        node = found;
        if (!node) {
            made.known = true;  // nothing ever stands there
            return;
        }
    }
    made.known = true;
    if (!node) return;
    if (term.attribute.empty()) {
        if (node->constant) made.known = false;
        made.pivot = node->place;
    } else if (const PivotAttribute* attribute = node->attribute(term.attribute)) {
        if (attribute->constant) made.known = false;
        made.pivot = attribute->place;
    }
}

ReadExpression SourceCompiler::condition(const Condition& asked, const Scope& scope, const Row& row) {
    if (!asks_for_group(asked)) return expression(asked.place, scope, row);
    ReadExpression made;
    made.expression = &asked.place;
    made.asks_if_there = true;
    if (asked.place.kind == Expression::Kind::national)
        group_place(asked.place.national, scope, row, made.national);
    else
        class_place(asked.place.pivot, scope, row, made.there);
    return made;
}

/// Whatever the message has there stands, be it empty: members are counted, of other elements the first is noted.
void SourceCompiler::group_place(const NationalPath& path, const Scope& scope, const Row& row, NationalSource& made) {
    Where at;
    std::vector<Where> above;
    if (!start(path, scope, at, above)) throw Unsupported(row, "'..' leaves the document");
    for (const NationalStep& step : path.steps) {
        if (!step.keys.empty() || step.index != 0)
            throw Unsupported(row, "a case that asks whether one of several elements is there");
        const Id before = at.group;
        at = below(at, step, row);
        made.members = at.group != before;
        if (made.members) made.loops.push_back(at.group);
    }
    if (made.members) return;
    Step& step = step_at(at);
    made.slot = {.group = at.group, .number = nothing, .attribute = false, .shape = at.shape};
    switch (step.kind) {
        case Step::Kind::slot:
        case Step::Kind::whole:
            made.slot.number = step.value;
            return;
        case Step::Kind::pass:
        case Step::Kind::decline:
        case Step::Kind::rest:
            if (step.slot == nothing) step.slot = out_.groups[at.group].slots++;
            made.slot.number = step.slot;
            return;
        default:
            throw Unsupported(row, "a case that asks whether something is there that no row reads");
    }
}

namespace {

/// Can no member of the node stand under the keys? Only what both say is told apart.
bool is_another(const TemplateNode& node, const PivotStep& step) {
    return std::any_of(step.keys.begin(), step.keys.end(), [&](const PivotKey& key) {
        if (key.from || key.in_list) return false;
        const std::string wanted = qualified(key.list, key.value);
        if (key.attribute) {
            const PivotAttribute* known = const_cast<TemplateNode&>(node).attribute(key.child);
            return known != nullptr && known->constant && *known->constant != wanted;
        }
        const TemplateNode* child = node.child(key.child);
        return child != nullptr && child->constant && qualified(child->constant->list, child->constant->text) != wanted;
    });
}

}  // namespace

/// A class is made by the first value in it, and by each member of its lists.
void SourceCompiler::class_place(const PivotTerm& term, const Scope& scope, const Row& row, Standing& made) {
    const TemplateNode* node = term.from_document ? out_.root.get() : scope.pivot;
    for (const PivotStep& step : term.steps) {
        if (!node) return;
        const bool last = &step == &term.steps.back();
        const TemplateNode* found = nullptr;
        for (const auto& child : node->children) {
            if (child->name != step.name || is_another(*child, step)) continue;
            const bool same = step.index == 0 && (step.keys.empty() || child->key_identity == identity(step));
            if (!same || (!last && (found || child->by_each)))
                throw Unsupported(row, "a case that asks whether one of several classes is there");
            found = child.get();
            if (!last) continue;
            if (child->by_each) {
                const auto loops = loops_between(out_.groups, node->group, child->group);
                if (!loops) throw Unsupported(row, "a case that asks for a class of another list");
                made.inside.push_back(member_of(*child, *loops));
                continue;
            }
            const Standing one = standing_of_class(*child, out_.groups);
            made.here.insert(made.here.end(), one.here.begin(), one.here.end());
            made.inside.insert(made.inside.end(), one.inside.begin(), one.inside.end());
        }
        node = found;
    }
}

const Row* SourceCompiler::owner_of(const Shape* shape) {
    for (const Shape* at = shape; at; at = at->parent) {
        if (at->owner) return at->owner;
    }
    return nullptr;
}

void SourceCompiler::settle_steps() {
    for (Selection& selection : out_.selections) {
        // A row without a selector reads the selected members too: both at once is not held.
        if (selection.other.kind != Step::Kind::whole && selection.other.kind != Step::Kind::slot) continue;
        for (Selection::Case& one : selection.cases) one.step = {.kind = Step::Kind::decline, .value = 0};
    }
    for (const auto& [at, number] : selections_) read_selected(at, out_.selections[number]);
    out_.shapes.resize(paths_.size());
    shapes(0, model_.root.get());
    for (const Where& at : declined_) step_at(at) = {.kind = Step::Kind::decline, .value = 0};
    for (Id table = 0; table < out_.steps.size(); ++table) {
        const bool outer = table == 1;
        settle(outer ? 0 : document_at_.path, outer ? model_.root.get() : document_at_.shape, out_.steps[table], outer);
        for (Step& step : out_.steps[table]) note_where_asked(step);
    }
    for (Selection& selection : out_.selections) {
        note_where_asked(selection.other);
        for (Selection::Case& one : selection.cases) note_where_asked(one.step);
    }
}

void SourceCompiler::read_selected(const std::pair<Id, schema::PathIndex>& at, Selection& selection) {
    if (selection.other.kind != Step::Kind::pass) return;
    const auto is_set = [](const Step& step) {
        return step.kind != Step::Kind::decline || step.value != nothing || step.slot != nothing;
    };
    const auto inside = [&](schema::PathIndex path) {
        while (path > at.second) path = paths_[path].parent;
        return path == at.second;
    };
    const auto [table, top] = at;
    for (Selection::Case& one : selection.cases) {
        for (schema::PathIndex path = top + 1; path < paths_.size(); ++path) {
            const Step& all = out_.steps[table][path];
            if (!is_set(all) || !inside(path)) continue;
            Step& own = out_.steps[one.steps][path];
            if (one.step.kind != Step::Kind::pass) {
                // One row takes the element as a whole, and another looks into it.
                if (all.kind != Step::Kind::pass && all.kind != Step::Kind::skip) one.step = {.value = 0};
            } else if (!is_set(own) || own.kind == Step::Kind::skip) {
                own = all;  // what a selector says is asked of the message itself
            } else if (all.kind != Step::Kind::skip && (own.kind != Step::Kind::pass || all.kind != Step::Kind::pass)) {
                own = {.value = 0};
            }
        }
    }
}

void SourceCompiler::note_where_asked(Step& step) {
    if (step.kind == Step::Kind::pass && step.slot != nothing) step.kind = Step::Kind::noted;
}

void SourceCompiler::shapes(schema::PathIndex path, const Shape* shape) {
    out_.shapes[path] = shape;
    const schema::PathNode& node = paths_[path];
    for (schema::PathIndex i = 0; i < node.child_count; ++i) {
        if (const Shape* child = shape->child(paths_[node.first_child + i].element->name))
            shapes(node.first_child + i, child);
    }
}

void SourceCompiler::settle(schema::PathIndex path, const Shape* shape, Steps& steps, bool outer) {
    const schema::PathNode& node = paths_[path];
    for (schema::PathIndex i = 0; i < node.attribute_count; ++i) {
        const schema::PathIndex at = node.first_attribute + i;
        if (steps[at].kind != Step::Kind::decline) continue;
        const AttributeShape* known = const_cast<Shape*>(shape)->attribute(paths_[at].name().local);
        const Row* owner = known && known->owner ? known->owner : owner_of(shape);
        steps[at] = {.kind = Step::Kind::rest,
                     .attribute = true,
                     .value = site(LossKind::carried, std::string(kept_reason), owner ? owner->place : std::string()),
                     .slot = steps[at].slot};
    }
    for (schema::PathIndex i = 0; i < node.child_count; ++i) {
        const schema::PathIndex at = node.first_child + i;
        const Shape* child = shape->child(paths_[at].element->name);
        if (!child) {
            const bool null = shape->null_child && paths_[at].element->name == shape->null_name;
            if (null) steps[at] = {.kind = Step::Kind::empty_form};
            continue;
        }
        if (steps[at].kind == Step::Kind::decline && steps[at].value == nothing) {
            const bool leaf = child->children.empty();
            const Row* owner = owner_of(child);
            const bool carries = owner && owner->form == RowForm::carry;
            if (leaf)
                steps[at] = {
                    .kind = Step::Kind::rest,
                    .value = site(LossKind::carried,
                                  carries ? std::string(kept_reason) : std::string("no row takes it in this case"),
                                  owner ? owner->place : std::string()),
                    .slot = steps[at].slot};
            else
                steps[at] = {.kind = Step::Kind::pass, .slot = steps[at].slot};
        }
        if (outer && at == out_.document && !out_.document_is_root) continue;
        settle(at, child, steps, outer);
    }
}

void SourceCompiler::settle_chains() {
    for (const auto& [in, slot] : case_slots_) {
        ReadChain& chain = out_.chains[chain_of_[{in.group, in.chain}]];
        chain.slots[in.number].push_back(slot);
    }
    for (const auto& [in, group] : case_lists_) {
        ReadChain& chain = out_.chains[chain_of_[{in.group, in.chain}]];
        chain.lists[in.number].push_back(group);
    }
}

/// A walk over members that have nothing to do in a pass costs their number all the same.
void SourceCompiler::leave_out_idle_loops() {
    for (std::size_t pass = 0; pass < passes; ++pass) {
        // Groups stand behind those around them.
        for (std::size_t group = out_.groups.size(); group-- > 0;) {
            std::erase_if(out_.order[pass][group], [&](const ReadStep& step) {
                return step.kind == ReadStep::Kind::loop && out_.order[pass][step.number].empty();
            });
            std::erase_if(out_.leaves[pass][group], [&](const LeafStep& step) {
                return step.kind == LeafStep::Kind::loop && out_.leaves[pass][step.group].empty();
            });
        }
    }
}

}  // namespace hansa::mapping::program::reading
