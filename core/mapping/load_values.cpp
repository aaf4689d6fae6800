#include <algorithm>

#include "core/mapping/codes.h"
#include "core/mapping/expression.h"
#include "core/mapping/load.h"
#include "core/mapping/place_list.h"

namespace hansa::mapping {

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
                      "'" + term.text +
                          "' is of no first member of a list, and gather is of all: expected Error[1]/Description",
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
