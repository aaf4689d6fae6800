#include "core/mapping/load.h"

#include <algorithm>

#include "core/base/digest.h"
#include "core/mapping/codes.h"
#include "core/mapping/expression.h"
#include "core/mapping/load_names.h"

namespace hansa::mapping {
namespace {

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

}  // namespace hansa::mapping
