#include "core/mapping/load.h"

#include <algorithm>

#include "core/base/digest.h"
#include "core/mapping/codes.h"
#include "core/mapping/expression.h"
#include "core/mapping/place_list.h"

namespace hansa::mapping {
namespace {

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

std::string nearest_attribute(const Shape& shape, std::string_view name) {
    std::vector<std::string_view> names;
    for (const AttributeShape& attribute : shape.attributes) names.push_back(attribute.name.local);
    const auto near = pivot::nearest_name(name, names);
    return near ? "; the nearest is '@" + std::string(*near) + "'" : std::string();
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

/// The places of a selector are named by it.
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

bool stands_in(const Row& owner, const Row& chain) {
    return std::any_of(owner.cases.begin(), owner.cases.end(), [&](const auto& one) { return one.first == &chain; });
}

/// Rows of this chain alone name what stands in the element, and one of them does.
bool named_only_in(const Shape& shape, const Row& chain, bool& named) {
    const auto good = [&](const Row* owner) {
        if (!owner) return true;
        named = true;
        return stands_in(*owner, chain);
    };
    return good(shape.owner) &&
           std::all_of(shape.attributes.begin(), shape.attributes.end(),
                       [&](const AttributeShape& one) { return good(one.owner); }) &&
           std::all_of(shape.children.begin(), shape.children.end(),
                       [&](const auto& one) { return named_only_in(*one, chain, named); });
}

/// Do the cases of the chain themselves feed the element that the first of them asks for?
bool owns_what_it_asks_for(const Row& chain) {
    if (chain.rows.empty() || !chain.rows.front()->condition) return false;
    const Expression& place = chain.rows.front()->condition->place;
    if (place.kind != Expression::Kind::national) return false;
    if (place.national.attribute)
        return place.national.attribute->owner && stands_in(*place.national.attribute->owner, chain);
    if (!place.national.shape) return false;
    if (place.national.shape->owner) return stands_in(*place.national.shape->owner, chain);
    bool named = false;
    return named_only_in(*place.national.shape, chain, named) && named;
}

void find_owners(const std::vector<std::unique_ptr<Row>>& rows) {
    for (const auto& row : rows) {
        if (row->form == RowForm::when) row->owns_discriminator = owns_what_it_asks_for(*row);
        find_owners(row->rows);
    }
}

}  // namespace

Loader::Loader(const MappingSource& source, Model& model, TableParser& parser)
    : source_(source), model_(model), parser_(parser) {}

void Loader::fault(Code code, std::string detail, const Row& row, std::uint32_t column) {
    parser_.faults().add(code, std::move(detail), parser_.place(row.line, column != 0 ? column : row.column));
}

void Loader::run() {
    load_lists();
    model_.root = std::make_shared<Shape>();
    model_.root->declaration = &model_.grammar->root();
    model_.root->name = model_.grammar->root().name;
    model_.root->least = model_.root->most = 1;
    std::vector<const void*> open;
    expand(*model_.root, open, 0);
    for (const auto& top : *model_.rows) {
        Row& made = *top;
        const bool group = made.form == RowForm::enter || made.form == RowForm::each;
        if (!group || made.left.size() != 1 || made.left[0].path.steps.size() != 1) {
            fault(codes::syntax, "expected 'in " + model_.root->name.local + "' at the outermost level", made);
            continue;
        }
        if (made.left[0].path.steps[0].name != model_.root->name.local) {
            fault(
                codes::element_unknown,
                "the schema's root is '" + model_.root->name.local + "', not '" + made.left[0].path.steps[0].name + "'",
                made);
            continue;
        }
        if (model_.root->entered) {
            fault(codes::row_twice, "the root is entered twice", made);
            continue;
        }
        made.left[0].path.shape = model_.root.get();
        group_root(made);
    }
    for (OnlyOf& one : model_.only) {
        PivotTerm& term = one.condition.place.pivot;
        term.field = pivot::root(model_.head.kind).child(term.text);
        if (term.field == nullptr || term.field->is_group() || term.field->is_list())
            parser_.faults().add(codes::pivot_unknown, "only: the document has no field '" + term.text + "'",
                                 parser_.place(1, 1));
        else
            term.steps.push_back({.name = term.text, .keys = {}, .field = term.field});
    }
    if (!model_.document_shape && parser_.faults().empty()) {
        parser_.faults().add(codes::syntax, "no row says '<-> document'", parser_.place(1, 1));
    }
    for (const auto& [line, name] : skipped_) {
        if (!placed_.contains(line))
            parser_.faults().add(codes::element_unknown, "none of the block's classes has '" + name + "'",
                                 parser_.place(line, 1));
    }
    collect(*model_.rows);
    for (const auto& top : *model_.rows) selectors(*top);
    find_owners(*model_.rows);
    cycles(*model_.rows);
    if (parser_.faults().empty()) unnamed(*model_.root);
}

void Loader::group_root(Row& row) {
    model_.root->entered = true;
    model_.root->group_row = &row;
    Scope scope{.group = model_.root.get()};
    row.group = model_.root.get();
    if (row.document) {
        model_.document_shape = model_.root.get();
        model_.document_row = &row;
        model_.capacity = 1;
        scope.pivot = &pivot::root(model_.head.kind);
        resolve_absent();
    }
    row.pivot_group = scope.pivot;
    rows(row.rows, scope);
}

/// Elements that variants leave out, before any row asks for them.
void Loader::resolve_absent() {
    for (const AbsentPath& one : model_.absent) {
        const Place where = parser_.place(one.line, one.column);
        const Result<NationalPath> path = parse_national_path(one.path, where);
        if (!path) {
            parser_.faults().add(path.error());
            continue;
        }
        Shape* shape = model_.document_shape;
        for (const NationalStep& step : path->steps) {
            Shape* child = step.keys.empty() && step.index == 0 ? shape->child(step.name) : nullptr;
            if (!child) {
                parser_.faults().add(
                    codes::element_unknown,
                    "'" + shape_name(*shape) + "' has no '" + step.name + "'" + nearest_child(*shape, step.name),
                    where);
                shape = nullptr;
                break;
            }
            shape = child;
        }
        if (shape) shape->absent_in.push_back(one.variant);
    }
}

/// Two names for one fact: some variant leaves out the one, another variant the other.
bool Loader::stand_in(const Row& a, const Row& b) {
    const auto variants = [](const Row& row) {
        std::vector<std::string> all;
        for (const NationalTerm& term : row.left) {
            if (!term.constant && !term.borrowed && term.path.shape)
                all.insert(all.end(), term.path.shape->absent_in.begin(), term.path.shape->absent_in.end());
        }
        return all;
    };
    const auto of_a = variants(a), of_b = variants(b);
    const auto without = [](const auto& some, const auto& others) {
        return std::any_of(some.begin(), some.end(), [&](const std::string& one) {
            return std::find(others.begin(), others.end(), one) == others.end();
        });
    };
    return without(of_a, of_b) && without(of_b, of_a);
}

void Loader::rows(std::vector<std::unique_ptr<Row>>& list, const Scope& scope) {
    if (scope.depth > source_.limits.depth_max) {
        if (!list.empty()) fault(codes::limit, "groups stand too deep in each other", *list.front());
        return;
    }
    std::erase_if(list, [&](const std::unique_ptr<Row>& one) { return one->of_class && !has_place(*one, scope); });
    // Rows that name something first; those that take the rest after them.
    for (const auto& made : list) {
        if (!made->subtree) row(*made, scope);
    }
    for (const auto& made : list) {
        if (made->subtree && made->form != RowForm::same_rest &&
            !(made->left.size() == 1 && made->left[0].path.steps.empty()))
            row(*made, scope);
    }
    std::vector<std::unique_ptr<Row>> added;
    for (const auto& made : list) {
        if (made->form == RowForm::same_rest) same_rest(*made, scope, added);
    }
    for (const auto& made : list) {
        if (made->subtree && made->form != RowForm::same_rest && made->left.size() == 1 &&
            made->left[0].path.steps.empty())
            row(*made, scope);
    }
    for (auto& made : added) list.push_back(std::move(made));
}

/// A block for several classes may name what only some of them have.
bool Loader::has_place(const Row& row, const Scope& scope) {
    for (const NationalTerm& term : row.left) {
        NationalPath path = term.path;
        const bool bare = path.steps.size() == 1 && path.steps[0].name.starts_with('@');
        if (term.constant || (bare && &term != &row.left.front())) continue;
        if (!resolve(path, row, scope, true)) {
            skipped_.emplace(row.line, term.path.text);
            return false;
        }
    }
    placed_.insert(row.line);
    return true;
}

void Loader::row(Row& row, const Scope& scope) {
    row.group = scope.group;
    row.in_selected = scope.selected;
    row.pivot_group = scope.pivot;
    row.cases = scope.cases;
    switch (row.form) {
        case RowForm::enter:
        case RowForm::each:
            return group(row, scope);
        case RowForm::when: {
            for (std::size_t i = 0; i < row.rows.size(); ++i) {
                Row& one = *row.rows[i];
                Scope inner = scope;
                inner.cases.emplace_back(&row, i);
                ++inner.depth;
                one.group = scope.group;
                one.pivot_group = scope.pivot;
                if (one.condition) expression(one.condition->place, one, scope);
                rows(one.rows, inner);
            }
            return;
        }
        case RowForm::value:
        case RowForm::carry_as:
        case RowForm::position:
            return value(row, scope);
        case RowForm::fixed:
        case RowForm::envelope:
        case RowForm::signature:
        case RowForm::carry:
        case RowForm::drop:
            return row.subtree ? subtree(row, scope) : owned_only(row, scope);
        case RowForm::computed:
            owned_only(row, scope);
            conversions(row);
            return expressions(row, scope);
        case RowForm::derive:
            if (resolve_right(row, scope)) expressions(row, scope);
            return;
        case RowForm::check:
            return expressions(row, scope);
        case RowForm::same_group:
            owned_only(row, scope);
            resolve_right(row, scope);
            return;
        case RowForm::attached: {
            if (resolve_left(row, scope)) {
                row.left[0].path.shape->owner = &row;
                take_whole(*row.left[0].path.shape, row);
            }
            if (source_.mapping_of) row.attached = source_.mapping_of(row.attached_format);
            if (!row.attached)
                fault(codes::name_unknown, "the mapping of '" + row.attached_format + "' is not loaded", row);
            return;
        }
        case RowForm::same_rest:
            return;
    }
}

void Loader::group(Row& row, Scope scope) {
    NationalPath& path = row.left[0].path;
    if (!resolve(path, row, scope)) return;
    const bool each = row.form == RowForm::each;
    check_single(path, row, scope, each);
    Shape* shape = scope.group;
    for (const NationalStep& step : path.steps) {
        shape = shape->child(step.name);
        shape->entered = true;
        if (!shape->group_row) shape->group_row = &row;
        mark_keys(*shape, step, row);
    }
    Scope inner = scope;
    inner.group = path.shape;
    for (const NationalStep& step : path.steps) inner.selected = inner.selected || !step.keys.empty();
    ++inner.depth;
    if (row.document) {
        if (model_.document_shape) fault(codes::row_twice, "a second row says '<-> document'", row);
        if (scope.pivot) return fault(codes::syntax, "a document inside a document", row);
        model_.document_shape = path.shape;
        model_.document_row = &row;
        model_.capacity = each ? (path.shape->most == schema::unbounded ? 0 : path.shape->most) : 1;
        inner.pivot = &pivot::root(model_.head.kind);
        resolve_absent();
    } else if (!row.right.empty()) {
        if (!scope.pivot) return fault(codes::pivot_unknown, "no row above says '<-> document'", row);
        if (!resolve_right(row, scope)) return;
        PivotTerm& term = row.right[0];
        if (each && !term.field->is_list() && path.shape->is_list()) {
            fault(codes::row_onto_list, "'" + path.text + "' repeats, but the pivot has '" + term.text + "' once", row,
                  term.column);
        }
        check_single(term, row, each);
        if (term.from_document) inner.prefix = "/";
        for (const PivotStep& step : term.steps) inner.prefix += selector_text(step) + "/";
        inner.pivot = term.field;
        if (each) {
            const auto [known, fresh] = pivot_owners_.emplace(inner.prefix, &row);
            if (!fresh && !exclusive(*known->second, row)) {
                fault(codes::row_twice,
                      "'" + term.text + "' is already fed by line " + std::to_string(known->second->line), row,
                      term.column);
            }
        }
    } else if (each) {
        return fault(codes::syntax, "expected '<-> CLASS' after 'each " + path.text + "'", row);
    }
    if (row.rows.empty() && !row.right.empty()) row.rows = implied_rows(*path.shape, row);
    rows(row.rows, inner);
    if (!row.key.empty()) {
        for (const auto& made : row.rows) {
            if (made->form == RowForm::value && made->left.size() == 1 && made->left[0].path.text == row.key &&
                !made->right.empty())
                row.key_term = &made->right[0];
        }
        if (!row.key_term) fault(codes::name_unknown, "key: no row of this group maps '" + row.key + "'", row);
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

void Loader::check_list_name(std::string_view name, const Row& row) {
    if (name.empty() || name.starts_with('$') || model_.lists.contains(name)) return;
    std::vector<std::string_view> names;
    for (const auto& [known, list] : model_.lists) names.push_back(known);
    const auto near = pivot::nearest_name(name, names);
    fault(
        codes::name_unknown,
        "no list '" + std::string(name) + "' is in use" + (near ? "; the nearest is '" + std::string(*near) + "'" : ""),
        row);
}

/// A list of places names nothing else.
void Loader::check_places(std::string_view name, const Row& row) {
    const auto list = model_.lists.find(name);
    if (list == model_.lists.end()) return;
    if (const auto wrong = no_place_in(list->second)) {
        fault(codes::pointer_unknown,
              "'" + *wrong + "' of '" + list->first + "' is no place of a declaration or a response", row);
    }
}

/// `gather` is of the first member of a list, and writes of all of them.
void Loader::gathers(Row& row) {
    std::size_t right = 0;
    for (const Conversion& conversion : row.conversions) {
        const std::size_t gives = std::min(conversion.pivot_count(), row.right.size() - right);
        if (conversion.name() == "gather" && gives == 1) {
            PivotTerm& term = row.right[right];
            term.gathers = std::ranges::any_of(term.steps, [](const PivotStep& step) { return step.index == 1; });
            if (!term.gathers) {
                fault(codes::conversion_arguments,
                      "'" + term.text + "' is of no first member of a list, and gather is of all: expected Error[1]/Description",
                      row, row.conversion_column);
            }
        }
        right += gives;
    }
}

void Loader::conversions(Row& row) {
    const Place where = parser_.place(row.line, row.conversion_column != 0 ? row.conversion_column : row.column);
    const std::size_t right = row.form == RowForm::computed ? row.left.size() : row.right.size();
    std::vector<bool> optional;
    for (const NationalTerm& term : row.left) optional.push_back(term.optional);
    Result<std::vector<Conversion>> parsed =
        parse_conversions(row.conversion_text, {row.left.size(), right, where, std::move(optional)}, parser_.faults());
    if (!parsed) return;
    row.conversions = std::move(*parsed);
    for (const Conversion& conversion : row.conversions) {
        check_list_name(conversion.list_name(), row);
        if (conversion.name() == "place") check_places(conversion.list_name(), row);
    }
}

void Loader::value(Row& row, const Scope& scope) {
    if (row.form == RowForm::position) {
        if (scope.group->child("position")) {
            row.form = RowForm::value;
        } else {
            if (resolve_right(row, scope)) own_pivot(row.right[0], row, scope);
            return;
        }
    }
    if (!scope.pivot) return fault(codes::pivot_unknown, "no row above says '<-> document'", row);
    if (!resolve_left(row, scope) || !resolve_right(row, scope)) return;
    conversions(row);
    default_expressions(row, scope);
    std::vector<bool> national_list(row.left.size()), pivot_list(row.right.size());
    std::size_t left = 0, right = 0;
    for (const Conversion& conversion : row.conversions) {
        const std::size_t takes = std::min(conversion.national_count(), row.left.size() - left);
        const std::size_t gives = std::min(conversion.pivot_count(), row.right.size() - right);
        for (std::size_t i = 0; i < takes; ++i) national_list[left++] = conversion.takes_national_list();
        // A list is what the last place of a conversion takes (name-address: name, lines).
        for (std::size_t i = 0; i < gives; ++i) pivot_list[right++] = conversion.takes_pivot_list() && i + 1 == gives;
    }
    gathers(row);
    for (std::size_t i = 0; i < row.left.size(); ++i) {
        NationalTerm& term = row.left[i];
        if (term.constant) continue;
        check_single(term.path, row, scope, term.repeated || national_list[i]);
        if (!term.path.attribute && !term.path.shape->text) {
            fault(codes::element_unknown, "'" + term.path.text + "' holds elements, no text: expected 'in'", row,
                  term.path.column);
        }
        if (!term.borrowed) own(term.path, row);
    }
    // What all members say once is read by the row that owns the element: a row that borrows alone never is.
    const bool borrows_alone = std::ranges::all_of(row.left, [](const NationalTerm& term) { return term.borrowed; });
    for (std::size_t i = 0; i < row.right.size(); ++i) {
        const PivotTerm& term = row.right[i];
        if (borrows_alone && term.every) {
            fault(codes::row_twice,
                  "'every' needs an element that this row owns, and '" + row.left[0].path.text + "' is borrowed", row,
                  term.column);
        }
        check_single(term, row, pivot_list[i]);
        if (term.attribute.empty() && term.field->is_group()) {
            fault(codes::pivot_unknown, "'" + term.text + "' is a class of the pivot, no field", row, term.column);
        }
        own_pivot(term, row, scope);
    }
}

void Loader::default_expressions(Row& row, const Scope& scope) {
    for (const std::string& text : row.defaults) {
        row.default_expressions.emplace_back();
        if (!text.starts_with('$') || text.find('(') == std::string::npos) continue;
        LineReader line(std::string_view(text).substr(1), row.line, row.column);
        Result<Expression> parsed = parse_expression(line, source_.file);
        if (!parsed) {
            parser_.faults().add(parsed.error());
            continue;
        }
        expression(*parsed, row, scope);
        row.default_expressions.back() = std::move(*parsed);
    }
}

void Loader::owned_only(Row& row, const Scope& scope) {
    if (!resolve_left(row, scope)) return;
    for (NationalTerm& term : row.left) {
        if (term.constant) {
            fault(codes::syntax, "a constant cannot stand here", row);
            continue;
        }
        if (!term.path.steps.empty() && term.path.steps.back().name == "@*") {
            for (AttributeShape& attribute : term.path.shape->attributes) {
                if (!attribute.owner) attribute.owner = &row;
            }
            continue;
        }
        if (term.borrowed)
            fault(codes::syntax, "'" + term.path.text + "' is borrowed: this form owns what it names", row,
                  term.path.column);
        own(term.path, row);
        const bool whole = row.form == RowForm::carry || row.form == RowForm::drop || row.form == RowForm::envelope ||
                           row.form == RowForm::signature;
        if (whole && !term.path.attribute) {
            const bool has_children = !term.path.shape->children.empty();
            if (has_children && row.form != RowForm::signature) {
                fault(codes::element_unknown,
                      "'" + term.path.text + "' holds elements: expected '" + term.path.text + "/** " +
                          (row.form == RowForm::carry ? "carry N" : "N ...") + "'",
                      row, term.path.column);
            }
            take_whole(*term.path.shape, row);
        }
    }
}

std::size_t Loader::take_whole(Shape& shape, const Row& row) {
    std::size_t leaves = 0;
    const bool carries = row.form == RowForm::carry;
    for (AttributeShape& attribute : shape.attributes) {
        attribute.by_subtree = attribute.by_subtree || attribute.owner == nullptr;  // else a row of its own names it
        attribute.carried = attribute.carried || carries;
    }
    for (const auto& child : shape.children) {
        child->by_subtree = true;
        child->carried = child->carried || carries;
        if (!child->owner) child->owner = &row;
        if (child->text || child->children.empty()) ++leaves;
        leaves += take_whole(*child, row);
    }
    return leaves;
}

std::size_t Loader::take_rest(Shape& shape, const Row& row, bool itself) {
    std::size_t leaves = 0;
    const bool carries = row.form == RowForm::carry;
    if (itself && !shape.owner) {
        shape.carried = carries;
        shape.by_subtree = true;
        shape.owner = &row;
        if (shape.text || shape.children.empty()) ++leaves;
    }
    for (AttributeShape& attribute : shape.attributes) {
        if (attribute.owner) continue;
        attribute.by_subtree = true;
        attribute.carried = carries;
        attribute.owner = &row;
    }
    for (const auto& child : shape.children) {
        if (child->owner && !child->entered) continue;
        leaves += take_rest(*child, row, !child->entered || (child->text && !child->owner));
    }
    return leaves;
}

void Loader::subtree(Row& row, const Scope& scope) {
    if (!resolve_left(row, scope)) return;
    std::size_t leaves = 0;
    for (NationalTerm& term : row.left) {
        Shape* shape = scope.group;
        for (const NationalStep& step : term.path.steps) {
            shape = shape->child(step.name);
            if (!shape) return;
            shape->entered = true;
            if (!shape->group_row) shape->group_row = &row;
        }
        leaves += take_rest(*term.path.shape, row, false);
    }
    if (row.leaf_count && *row.leaf_count != leaves) {
        fault(codes::leaf_count,
              "the schema has " + std::to_string(leaves) + " leaves here that no other row names, the row says " +
                  std::to_string(*row.leaf_count),
              row);
    }
    if (!row.leaf_count && leaves == 0 && row.left[0].path.shape->children.empty() &&
        !row.left[0].path.shape->wildcard) {
        fault(codes::leaf_count, "nothing is left that no other row names", row);
    }
}

void Loader::expressions(Row& row, const Scope& scope) {
    Scope inner = scope;
    if (row.check_each) {
        if (!resolve(*row.check_each, row, scope)) return;
        inner.group = row.check_each->shape;
    }
    expression(row.expression, row, inner);
    if (row.form == RowForm::check) expression(row.expected, row, inner);
}

void Loader::expression(Expression& e, const Row& row, const Scope& scope) {
    if (e.kind == Expression::Kind::national) {
        if (resolve(e.national, row, scope, true)) return;
        const Result<PivotTerm> term = parse_pivot_term(e.text, parser_.place(row.line, e.national.column));
        if (term) {
            PivotTerm found = *term;
            if (scope.pivot && resolve(found, row, scope, nullptr, true)) {
                e.kind = Expression::Kind::pivot;
                e.pivot = std::move(found);
                return;
            }
        }
        resolve(e.national, row, scope);
        return;
    }
    if (e.kind == Expression::Kind::call && !e.parts.empty() && asks_list(e.text)) {
        check_list_name(e.parts[0].text, row);
        if (e.text == "place") check_places(e.parts[0].text, row);
    }
    for (Expression& part : e.parts) expression(part, row, scope);
}

}  // namespace hansa::mapping
