// Where a row reads and where its values go: places of the format, places of the pivot.
#include <algorithm>

#include "core/mapping/plan_source_compiler.h"

namespace hansa::mapping::program::reading {

Step& SourceCompiler::step_at(const Where& at) {
    if (at.selection != nothing) {
        Selection& selection = out_.selections[at.selection];
        return at.selected == nothing ? selection.other : selection.cases[at.selected].step;
    }
    const auto found = selections_.find({at.steps, at.path});
    if (found != selections_.end()) return out_.selections[found->second].other;
    return out_.steps[at.steps][at.path];
}

Where SourceCompiler::below(const Where& at, const NationalStep& step, const Row& row) {
    Shape* shape = at.shape->child(step.name);
    if (!shape) throw Unsupported(row, "no place '" + step.name + "'");
    Where next{.path = paths_.child(at.path, shape->name.local, shape->name.ns),
               .shape = shape,
               .group = at.group,
               .steps = at.steps};
    if (next.path == schema::no_path) throw Unsupported(row, "no path for '" + step.name + "'");
    if (!step.keys.empty() || step.index != 0) return selected(next, step);
    // Inside of a member the places belong to its frame.
    const Step here = step_at(next);
    if (here.kind == Step::Kind::member) next.group = here.value;
    return next;
}

Where SourceCompiler::selected(Where at, const NationalStep& step) {
    auto found = selections_.find({at.steps, at.path});
    if (found == selections_.end()) {
        found = selections_.emplace(std::pair{at.steps, at.path}, static_cast<Id>(out_.selections.size())).first;
        out_.selections.emplace_back();
        out_.selections.back().other = out_.steps[at.steps][at.path];
        out_.steps[at.steps][at.path] = {.kind = Step::Kind::select, .value = found->second};
    }
    at.selection = found->second;
    Selection& selection = out_.selections[at.selection];
    std::vector<std::pair<schema::PathIndex, std::string>> keys;
    for (const NationalKey& key : step.keys) {
        const std::string& name = key.child;
        schema::PathIndex path = schema::no_path;
        if (name.starts_with('@')) {
            const AttributeShape* attribute = at.shape->attribute(std::string_view(name).substr(1));
            if (attribute) path = paths_.attribute(at.path, attribute->name.local, attribute->name.ns);
        } else if (const Shape* child = at.shape->child(name)) {
            path = paths_.child(at.path, child->name.local, child->name.ns);
        }
        keys.emplace_back(path, key.value);
    }
    for (Id i = 0; i < selection.cases.size(); ++i) {
        if (selection.cases[i].keys != keys || selection.cases[i].index != step.index) continue;
        at.selected = i;
        at.steps = selection.cases[i].steps;
        return inside_member(at);
    }
    Selection::Case one;
    one.keys = keys;
    one.index = step.index;
    one.steps = static_cast<Id>(out_.steps.size());
    one.step = {.kind = Step::Kind::pass};
    out_.steps.emplace_back(paths_.size());
    for (const auto& [path, value] : keys) {
        // What the selector says is read with it.
        if (path != schema::no_path)
            out_.steps.back()[path] = {.kind = Step::Kind::skip, .attribute = paths_[path].attribute != nullptr};
    }
    at.steps = one.steps;
    selection.cases.push_back(std::move(one));
    at.selected = static_cast<Id>(selection.cases.size() - 1);
    return inside_member(at);
}

Where SourceCompiler::inside_member(Where at) {
    const Step& here = step_at(at);
    if (here.kind == Step::Kind::member) at.group = here.value;
    return at;
}

bool SourceCompiler::start(const NationalPath& path, const Scope& scope, Where& at, std::vector<Where>& above) const {
    at = path.from_document ? document_at_ : scope.at;
    above = path.from_document ? std::vector<Where>() : scope.above;
    for (std::uint32_t i = 0; i < path.up; ++i) {
        if (above.empty()) return false;
        at = above.back();
        above.pop_back();
    }
    return true;
}

Where SourceCompiler::walk(const Scope& scope, const NationalPath& path, const Row& row, std::vector<Where>* passed) {
    Where at;
    std::vector<Where> above;
    if (!start(path, scope, at, above)) throw Unsupported(row, "'..' leaves the document");
    for (const NationalStep& step : path.steps) {
        if (step.name.starts_with('@')) break;
        above.push_back(at);
        at = below(at, step, row);
        Step& here = step_at(at);
        const bool last = &step == &path.steps.back() || (&step + 1)->name.starts_with('@');
        if (!last && here.kind == Step::Kind::decline) here = {.kind = Step::Kind::pass};
    }
    if (passed) *passed = std::move(above);
    return at;
}

Slot SourceCompiler::slot(const Where& at, const AttributeShape* attribute, const Row& row, Step::Kind kind) {
    Step* step = &step_at(at);
    if (attribute) {
        if (step->kind == Step::Kind::decline) *step = {.kind = Step::Kind::pass};
        const schema::PathIndex path = paths_.attribute(at.path, attribute->name.local, attribute->name.ns);
        if (path == schema::no_path) throw Unsupported(row, "no path for '@" + attribute->name.local + "'");
        step = &out_.steps[at.steps][path];
    }
    Slot made{.group = at.group, .number = nothing, .attribute = attribute != nullptr, .shape = at.shape};
    if (step->kind == Step::Kind::member) {
        // The text of a list's own members: `each X` with `. <-> ...`.
        made.number = own_text(at.group);
        return made;
    }
    if (step->kind == Step::Kind::slot || step->kind == Step::Kind::whole) {
        made.number = step->value;
        if (kind == Step::Kind::slot) step->kind = kind;
        return made;
    }
    made.number = step->slot != nothing ? step->slot : out_.groups[at.group].slots++;
    *step = {.kind = kind, .attribute = attribute != nullptr, .value = made.number};
    return made;
}

Id SourceCompiler::own_text(Id group) {
    auto found = own_texts_.find(group);
    if (found == own_texts_.end()) {
        found = own_texts_.emplace(group, out_.groups[group].slots++).first;
        out_.groups[group].own_text = found->second;
    }
    return found->second;
}

Slot SourceCompiler::slot_of(const NationalTerm& term, const Scope& scope, const Row& row, Step::Kind kind) {
    Where at = walk(scope, term.path, row);
    if (at.path == scope.at.path && at.steps == scope.at.steps && !term.path.attribute && at.group != 1 &&
        group_path_.contains(at.group) && group_path_[at.group] == at.path) {
        return {.group = at.group, .number = own_text(at.group), .attribute = false, .shape = at.shape};
    }
    return slot(at, term.path.attribute, row, kind);
}

std::string SourceCompiler::identity(const PivotStep& step) const {
    std::string all;
    for (const PivotKey& key : step.keys) {
        all += (key.attribute ? "@" : "") + key.child;
        if (key.from)
            all += "=(" + key.from->text + ")";
        else if (key.in_list)
            all += " in " + key.value;
        else
            all += "=" + qualified(key.list, key.value);
        all += ";";
    }
    return all;
}

bool SourceCompiler::dynamic(const TemplateNode& node) {
    return node.key_identity.find(" in ") != std::string::npos || node.key_identity.find("=(") != std::string::npos;
}

TemplateNode* SourceCompiler::add(TemplateNode& from, const PivotStep& step) {
    auto made = std::make_unique<TemplateNode>();
    made->name = step.name;
    made->field = step.field;
    made->parent = &from;
    made->group = from.group;
    made->index = step.index;
    made->selected = !step.keys.empty();
    made->key_identity = identity(step);
    from.children.push_back(std::move(made));
    return from.children.back().get();
}

void SourceCompiler::keys(TemplateNode& node, const PivotStep& step, Put* put, const Scope& scope, const Row& row) {
    for (const PivotKey& key : step.keys) {
        const bool known = !key.from && !key.in_list;
        if (key.in_list) {
            if (!key.attribute) throw Unsupported(row, "a scheme that is no attribute");
            PivotAttribute* attribute = node.attribute(key.child);
            if (!attribute) {
                node.attributes.push_back({key.child, new_place(node.group), std::nullopt});
                attribute = &node.attributes.back();
            }
            const auto list = model_.lists.find(key.value);
            if (put) {
                put->scheme = attribute->place;
                put->scheme_list = list == model_.lists.end() ? nullptr : &list->second;
                if (put->scheme_list) put->schemes = scheme_table(*put->scheme_list);
                if (put->field) put->scheme_fit = FieldFit(*put->field, "schemeID", fits_);
            }
            continue;
        }
        if (key.from) {
            if (key.attribute || !put) throw Unsupported(row, "a key that another element says, on a group");
            TemplateNode* child = node.child(key.child);
            if (!child) {
                child = add(node, {.name = key.child, .keys = {}, .index = 0, .field = node.field->child(key.child)});
                child->place = new_place(node.group);
            }
            const Where at = walk(scope, *key.from, row);
            put->sibling = slot(at, key.from->attribute, row);
            const pivot::Field* around = put->field ? put->field->parent : nullptr;
            const pivot::Field* currency = around ? around->child("CurrencyTypeCode") : nullptr;
            if (currency) put->scheme_fit = FieldFit(*currency, {}, fits_);
            put->key = child->place;
            continue;
        }
        if (key.attribute) {
            if (!node.attribute(key.child)) node.attributes.push_back({key.child, {}, qualified(key.list, key.value)});
        } else if (!node.child(key.child) && known) {
            TemplateNode* child = add(node, {.name = key.child,
                                             .keys = {},
                                             .index = 0,
                                             .field = node.field ? node.field->child(key.child) : nullptr});
            child->constant = PivotValue{key.value, key.list, 0};
        }
    }
}

TemplateNode* SourceCompiler::descend(TemplateNode* node, std::span<const PivotStep> steps, Put* put,
                                      const Scope& scope, const Row& row) {
    for (const PivotStep& step : steps) {
        TemplateNode* next = nullptr;
        const std::string wanted = identity(step);
        for (const auto& child : node->children) {
            if (child->name != step.name || child->by_each || child->many) continue;
            const bool fits = step.index != 0     ? child->index == step.index
                              : step.keys.empty() ? !child->selected || !step.field->is_list()
                                                  : child->selected;
            if (fits && child->key_identity == wanted) {
                next = child.get();
                break;
            }
        }
        if (!next) {
            next = add(*node, step);
            // Two selectors of which one is known only with the message could mean one member.
            for (const auto& other : node->children) {
                if (other.get() == next || other->name != next->name || !other->selected || !next->selected) continue;
                if (dynamic(*other) || dynamic(*next))
                    throw Unsupported(row, "selectors of '" + step.name + "' that may mean one member");
            }
        }
        keys(*next, step, put, scope, row);
        node = next;
        node->makers.push_back(maker_);
    }
    return node;
}

Put SourceCompiler::put_of(const PivotTerm& term, const Scope& scope, const Row& row) {
    Put put;
    TemplateNode* from = term.from_document ? out_.root.get() : scope.pivot;
    put.field = term.field;
    put.attribute = !term.attribute.empty();
    put.attribute_name = term.attribute;
    put.fit = FieldFit(*term.field, term.attribute, fits_);
    if (term.every) {
        put.kind = Put::Kind::every;
        put.place = every(from, term, put, row);
        return put;
    }
    const bool list = !term.steps.empty() && term.attribute.empty() && term.steps.back().field->is_list() &&
                      term.steps.back().keys.empty() && term.steps.back().index == 0;
    if (list) {
        const std::span<const PivotStep> all(term.steps);
        TemplateNode* base = descend(from, all.subspan(0, all.size() - 1), &put, scope, row);
        TemplateNode* node = add(*base, term.steps.back());
        node->many = true;
        node->place = new_place(node->group);
        node->makers.push_back(maker_);
        put.kind = Put::Kind::list;
        put.place = node->place;
        put.node = node;
        return put;
    }
    TemplateNode* node = descend(from, term.steps, &put, scope, row);
    put.place = place_of(*node, term.attribute, put);
    put.node = node;
    return put;
}

Place SourceCompiler::place_of(TemplateNode& node, const std::string& attribute, Put& put) {
    if (attribute.empty()) {
        if (node.constant) {
            put.has_constant = true;
            put.scheme_constant = qualified(node.constant->list, node.constant->text);
        }
        if (node.place.number == nothing) node.place = new_place(node.group);
        return node.place;
    }
    PivotAttribute* known = node.attribute(attribute);
    if (!known) {
        node.attributes.push_back({attribute, new_place(node.group), std::nullopt});
        return node.attributes.back().place;
    }
    if (known->constant) {
        put.has_constant = true;
        put.scheme_constant = *known->constant;
    }
    if (known->place.number == nothing) known->place = new_place(node.group);
    return known->place;
}

Place SourceCompiler::every(TemplateNode* node, const PivotTerm& term, Put& put, const Row& row) {
    for (const PivotStep& step : term.steps) {
        const bool open = step.field->is_list() && step.keys.empty() && step.index == 0;
        if (!open) {
            const Scope none;
            node = descend(node, std::span(&step, 1), nullptr, none, row);
            continue;
        }
        TemplateNode* next = nullptr;
        for (const auto& child : node->children) {
            if (child->name != step.name) continue;
            if (next || !child->by_each) throw Unsupported(row, "every over members that several rows make");
            next = child.get();
        }
        if (!next) throw Unsupported(row, "every over a list that no each makes");
        put.loops.push_back(next->group);
        node = next;
    }
    return place_of(*node, term.attribute, put);
}

}  // namespace hansa::mapping::program::reading
