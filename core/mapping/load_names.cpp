#include "core/mapping/load_names.h"

#include "core/mapping/codes.h"
#include "core/mapping/load.h"

namespace hansa::mapping {
namespace {

std::string nearest_attribute(const Shape& shape, std::string_view name) {
    std::vector<std::string_view> names;
    for (const AttributeShape& attribute : shape.attributes) names.push_back(attribute.name.local);
    const auto near = pivot::nearest_name(name, names);
    return near ? "; the nearest is '@" + std::string(*near) + "'" : std::string();
}

}  // namespace

bool exclusive(const Row& a, const Row& b) {
    for (const auto& [chain, index] : a.cases) {
        for (const auto& [other_chain, other_index] : b.cases) {
            if (chain == other_chain && index != other_index) return true;
        }
    }
    return false;
}

std::string nearest_child(const Shape& shape, std::string_view name) {
    std::vector<std::string_view> names;
    for (const auto& child : shape.children) names.push_back(child->name.local);
    const auto near = pivot::nearest_name(name, names);
    return near ? "; the nearest is '" + std::string(*near) + "'" : std::string();
}

std::string shape_name(const Shape& shape) {
    return shape.parent ? shape.path() : shape.name.local;
}

std::string selector_text(const PivotStep& step) {
    std::string text = step.name;
    for (const PivotKey& key : step.keys) {
        text += "[" + std::string(key.attribute ? "@" : "") + key.child + (key.in_list ? " in " : "=") + key.list +
                ":" + (key.from ? key.from->text : key.value) + "]";
    }
    if (step.index != 0) text += "[" + std::to_string(step.index) + "]";
    return text;
}

void mark_keys(Shape& shape, const NationalStep& step, const Row& row) {
    if (!step.keys.empty()) shape.selected.push_back(&step);
    for (const NationalKey& key : step.keys) {
        if (key.child.starts_with('@')) {
            AttributeShape* attribute = shape.attribute(key.child.substr(1));
            if (attribute && !attribute->owner) attribute->owner = &row;
        } else if (Shape* child = shape.child(key.child)) {
            if (!child->owner) child->owner = &row;
        }
    }
}

bool Loader::resolve(NationalPath& path, const Row& row, const Scope& scope, bool silent) {
    Shape* shape =
        path.from_document ? (model_.document_shape ? model_.document_shape : model_.root.get()) : scope.group;
    for (std::uint32_t i = 0; i < path.up && shape; ++i) shape = shape->parent;
    if (!shape) {
        if (!silent) fault(codes::element_unknown, "'" + path.text + "' leads above the root", row, path.column);
        return false;
    }
    for (const NationalStep& step : path.steps) {
        if (step.name.starts_with('@')) {
            if (step.name == "@*") break;
            path.attribute = shape->attribute(std::string_view(step.name).substr(1));
            if (!path.attribute && !silent) {
                fault(codes::element_unknown,
                      "'" + shape_name(*shape) + "' has no attribute '" + step.name.substr(1) + "'" +
                          nearest_attribute(*shape, step.name.substr(1)),
                      row, path.column);
            }
            if (!path.attribute) return false;
            continue;
        }
        Shape* child = shape->child(step.name);
        if (!child) {
            if (!silent)
                fault(codes::element_unknown,
                      "'" + shape_name(*shape) + "' has no '" + step.name + "'" + nearest_child(*shape, step.name), row,
                      path.column);
            return false;
        }
        for (const NationalKey& key : step.keys) {
            const bool known = key.child.starts_with('@') ? child->attribute(key.child.substr(1)) != nullptr
                                                          : child->child(key.child) != nullptr;
            if (!known && !silent)
                fault(codes::element_unknown,
                      "'" + step.name + "' has no '" + key.child + "'" + nearest_child(*child, key.child), row,
                      path.column);
            if (!known) return false;
        }
        shape = child;
    }
    path.shape = shape;
    return true;
}

bool Loader::resolve_left(Row& row, const Scope& scope) {
    const NationalPath* before = nullptr;
    for (NationalTerm& term : row.left) {
        if (term.constant) continue;
        // "@x" beside an element is that element's attribute.
        const bool bare = term.path.steps.size() == 1 && term.path.steps[0].name.starts_with('@') &&
                          !term.path.from_document && term.path.up == 0;
        if (bare && before) {
            NationalPath path = *before;
            if (path.attribute) path.steps.pop_back();
            path.attribute = nullptr;
            path.steps.push_back(term.path.steps[0]);
            path.text = before->text + "/" + term.path.text;
            path.column = term.path.column;
            term.path = std::move(path);
        }
        if (!resolve(term.path, row, scope)) return false;
        if (!term.path.attribute && !(bare && before)) before = &term.path;
    }
    return true;
}

bool Loader::resolve(PivotTerm& term, const Row& row, const Scope& scope, const PivotTerm* before, bool silent) {
    const pivot::Field* field = term.from_document ? &pivot::root(model_.head.kind) : scope.pivot;
    if (!field) {
        if (!silent) fault(codes::pivot_unknown, "no row above says '<-> document'", row, term.column);
        return false;
    }
    const bool bare = term.steps.empty() && !term.attribute.empty() && !term.from_document && before;
    if (bare) {
        term.steps = before->steps;
        term.from_document = before->from_document;
        term.every = before->every;
        term.field = before->field;
        field = before->field;
    } else {
        for (PivotStep& step : term.steps) {
            const pivot::Field* child = field->child(step.name);
            if (!child) {
                if (!silent)
                    fault(codes::pivot_unknown, pivot::explain_unknown(*field, step.name).detail, row, term.column);
                return false;
            }
            for (PivotKey& key : step.keys) {
                const bool known = key.attribute ? child->has_attribute(key.child) : child->child(key.child) != nullptr;
                if (!known) {
                    if (!silent)
                        fault(codes::pivot_unknown,
                              key.attribute ? "'" + step.name + "' has no attribute '" + key.child + "'"
                                            : pivot::explain_unknown(*child, key.child).detail,
                              row, term.column);
                    return false;
                }
                if (key.in_list && !silent) check_list_name(key.value, row);
                if (key.from && !resolve(*key.from, row, scope, silent)) return false;
            }
            step.field = child;
            field = child;
        }
        term.field = field;
    }
    if (!term.attribute.empty() && !field->has_attribute(term.attribute)) {
        if (!silent) {
            const auto near = pivot::nearest_name(term.attribute, field->attributes);
            fault(codes::pivot_unknown,
                  "'" + std::string(field->name) + "' has no attribute '" + term.attribute + "'" +
                      (near ? "; the nearest is '@" + std::string(*near) + "'" : ""),
                  row, term.column);
        }
        return false;
    }
    return true;
}

bool Loader::resolve_right(Row& row, const Scope& scope) {
    const PivotTerm* before = nullptr;
    bool good = true;
    for (PivotTerm& term : row.right) {
        if (!resolve(term, row, scope, before)) {
            good = false;
            break;
        }
        if (term.attribute.empty() || !before) before = &term;
    }
    return good;
}

void Loader::check_single(const NationalPath& path, const Row& row, const Scope& scope, bool last_may_repeat) {
    if (path.from_document || path.up != 0) return;
    const Shape* shape = scope.group;
    for (std::size_t i = 0; i < path.steps.size(); ++i) {
        const NationalStep& step = path.steps[i];
        if (step.name.starts_with('@')) return;
        shape = shape->child(step.name);
        if (!shape || !shape->is_list() || !step.keys.empty() || step.index != 0) continue;
        const bool last = i + 1 == path.steps.size();
        if (last_may_repeat && (last || row.form == RowForm::each)) continue;
        fault(codes::row_onto_list,
              "'" + step.name + "' may stand several times: expected each, a selector, a place such as [1], or *", row,
              path.column);
        return;
    }
}

void Loader::check_single(const PivotTerm& term, const Row& row, bool last_may_repeat) {
    for (std::size_t i = 0; i < term.steps.size(); ++i) {
        const PivotStep& step = term.steps[i];
        if (!step.field->is_list() || !step.keys.empty() || step.index != 0 || term.every) continue;
        if (last_may_repeat && i + 1 == term.steps.size()) continue;
        fault(codes::row_onto_list,
              "the pivot has several '" + step.name + "': expected each, a selector, a place such as " + step.name +
                  "[1], or every",
              row, term.column);
        return;
    }
}

void Loader::own(const NationalPath& path, Row& row) {
    bool selected = row.in_selected;
    Shape* shape = row.group;
    for (const NationalStep& step : path.steps) {
        selected = selected || !step.keys.empty() || step.index != 0;
        if (step.name.starts_with('@') || !shape) break;
        shape = shape->child(step.name);
        if (!shape) break;
        if (shape != path.shape || path.attribute) {
            shape->entered = true;
            if (!shape->group_row) shape->group_row = &row;
        }
        mark_keys(*shape, step, row);
    }
    if (row.form == RowForm::carry) (path.attribute ? path.attribute->carried : path.shape->carried) = true;
    if (path.attribute) path.attribute->by_subtree = false;
    const Row*& owner = path.attribute ? path.attribute->owner : path.shape->owner;
    const bool of_selected = owner && owner != &row && selects(*owner);
    if (owner && owner != &row && !selected && !of_selected && !exclusive(*owner, row)) {
        fault(codes::row_twice, "'" + path.text + "' is already named in line " + std::to_string(owner->line), row,
              path.column);
        return;
    }
    if (!owner || of_selected) owner = &row;
}

void Loader::own_pivot(const PivotTerm& term, const Row& row, const Scope& scope) {
    if (row.direction == Direction::from_pivot) return;
    std::string key = term.from_document ? "/" : scope.prefix;
    for (const PivotStep& step : term.steps) key += selector_text(step) + "/";
    key += "@" + term.attribute;
    const auto [known, fresh] = pivot_owners_.emplace(key, &row);
    if (fresh || known->second == &row || exclusive(*known->second, row) || stand_in(*known->second, row)) return;
    fault(codes::row_twice, "'" + term.text + "' is already fed by line " + std::to_string(known->second->line), row,
          term.column);
}

}  // namespace hansa::mapping
