// `** same`: what has the same name on both sides; and the checks that need all rows.
#include <algorithm>

#include "core/mapping/codes.h"
#include "core/mapping/load.h"

namespace hansa::mapping {
namespace {

std::string beside(const std::string& path, std::string_view name) {
    return path == "." ? std::string(name) : path + "/" + std::string(name);
}

/// Fields that the rows of an `each` fill directly below its members, each with its row.
using FedFields = std::vector<std::pair<std::string, const Row*>>;

void fed_children(const std::vector<std::unique_ptr<Row>>& rows, FedFields& fed) {
    for (const auto& row : rows) {
        if (row->form == RowForm::when || (row->form == RowForm::enter && row->right.empty()))
            fed_children(row->rows, fed);
        for (const PivotTerm& term : row->right) {
            if (term.from_document || term.steps.size() > 1) continue;
            if (term.steps.empty() && !term.attribute.empty()) fed.emplace_back("@" + term.attribute, row.get());
            if (term.steps.size() == 1 && term.attribute.empty() && term.field && !term.field->is_group())
                fed.emplace_back(term.steps[0].name, row.get());
        }
    }
}

}  // namespace

void Loader::same_rest(Row& row, const Scope& scope, std::vector<std::unique_ptr<Row>>& made) {
    row.group = scope.group;
    row.pivot_group = scope.pivot;
    if (!scope.pivot) return fault(codes::pivot_unknown, "no row above says '<-> document'", row);
    const std::size_t before = same_leaves_;
    for (const auto& child : scope.group->children) {
        if ((child->owner && !selects(*child->owner)) || child->entered) continue;
        const std::string& name = child->name.local;
        const pivot::Field* field = scope.pivot->child(name);
        if (!field) {
            fault(codes::pivot_unknown, "same: " + pivot::explain_unknown(*scope.pivot, name).detail, row);
            child->by_subtree = true;
            continue;
        }
        if (child->is_list() != field->is_list()) {
            fault(codes::row_onto_list,
                  "same: '" + child->path() + "' is a list in the " + (field->is_list() ? "pivot" : "format") + " only",
                  row);
            child->by_subtree = true;
            continue;
        }
        TypeSpelling* spelling = spelling_of(*child);
        if (child->children.empty() || spelling) ++same_leaves_;
        std::vector<std::unique_ptr<Row>> others;
        std::unique_ptr<Row> one = same_row(*child, spelling, row, others);
        if (!one) continue;
        this->row(*one, scope);
        made.push_back(std::move(one));
        for (auto& other : others) {
            this->row(*other, scope);
            made.push_back(std::move(other));
        }
    }
    for (AttributeShape& attribute : scope.group->attributes) {
        if (attribute.owner || attribute.by_subtree) continue;
        auto one = parser_.row("@" + attribute.name.local + " carry", row.line, row.column);
        if (!one) continue;
        this->row(*one, scope);
        made.push_back(std::move(one));
    }
    const std::size_t found = same_leaves_ - before;
    if (row.leaf_count && *row.leaf_count != found) {
        fault(codes::leaf_count,
              "the schema has " + std::to_string(found) + " leaves here that no other row names, the row says " +
                  std::to_string(*row.leaf_count),
              row);
    }
}

/// The row that `same` stands for: a group with the rows of its block, or a leaf in its type's spelling.
std::unique_ptr<Row> Loader::same_row(Shape& child, TypeSpelling* spelling, const Row& same,
                                      std::vector<std::unique_ptr<Row>>& others) {
    const std::string& name = child.name.local;
    const bool leaf = child.children.empty() || spelling;
    if (leaf && !child.is_list()) {
        auto rows = leaf_rows(name, spelling, child, same);
        if (rows.empty()) return nullptr;
        for (std::size_t i = 1; i < rows.size(); ++i) others.push_back(std::move(rows[i]));
        return std::move(rows.front());
    }
    auto group = parser_.row((child.is_list() ? "each " : "in ") + name + " <-> " + name, same.line, same.column);
    if (!group) return nullptr;
    group->rows = implied_rows(child, same);
    return group;
}

TypeSpelling* Loader::spelling_of(const Shape& shape) {
    for (const std::string& type : shape.type_names) {
        if (TypeSpelling* found = parser_.spelling(type)) return found;
    }
    return nullptr;
}

/// What stands below a group that says nothing itself: its value, the block of its class, or `** same`.
std::vector<std::unique_ptr<Row>> Loader::implied_rows(const Shape& shape, const Row& row) {
    TypeSpelling* spelling = spelling_of(shape);
    if (shape.children.empty() || spelling) return leaf_rows(".", spelling, shape, row);
    std::vector<std::unique_ptr<Row>> rows;
    if (const TextNode* block = parser_.block_for(shape.name.local)) {
        rows = parser_.rows_of(*block);
        for (const auto& one : rows) one->of_class = true;
    } else if (auto rest = parser_.row("** same", row.line, row.column)) {
        rows.push_back(std::move(rest));
    }
    return rows;
}

std::vector<std::unique_ptr<Row>> Loader::leaf_rows(const std::string& path, TypeSpelling* spelling, const Shape& shape,
                                                    const Row& same) {
    std::vector<std::unique_ptr<Row>> rows;
    const auto add = [&](const std::string& text) {
        if (auto row = parser_.row(text, same.line, same.column)) rows.push_back(std::move(row));
    };
    const auto carry_attributes = [&] {
        for (const AttributeShape& attribute : shape.attributes)
            add(beside(path, "@" + attribute.name.local) + " carry");
    };
    if (!spelling) {
        add(path + " <-> " + path);
        carry_attributes();
        return rows;
    }
    spelling->used = true;
    std::string left, right = path, conversions = spelling->conversions;
    std::size_t count = 0;
    bool carries = false;
    for (const std::string& term : spelling->left) {
        if (term == "@*") {
            carries = true;
            const std::size_t comma = conversions.rfind(',');
            conversions.resize(comma == std::string::npos ? 0 : comma);
            continue;
        }
        if (count > 0) left += ", ";
        if (term.starts_with('@')) {
            left += count == 0 ? beside(path, term) : term;
            std::string name = term;
            if (name.ends_with('?')) name.pop_back();
            right += ", " + name;
        } else {
            left += term == "." ? path : beside(path, term);
        }
        ++count;
    }
    // A conversion that makes one value of several (a time and its format) leaves one place on the right.
    Diagnostics trial;
    const bool one =
        count > 1 &&
        parse_conversions(conversions, {count, 1, parser_.place(spelling->line, spelling->column)}, trial).has_value();
    add(left + " <-> " + (one ? path : right) + "  " + conversions);
    if (carries) carry_attributes();
    return rows;
}

void Loader::collect(const std::vector<std::unique_ptr<Row>>& rows) {
    for (const auto& row : rows) {
        for (const PivotTerm& term : row->right) {
            for (const PivotStep& step : term.steps) {
                if (step.field && step.field->is_list() && (!step.keys.empty() || step.index != 0))
                    steps_[step.field].emplace_back(&step, row.get());
            }
        }
        collect(row->rows);
    }
}

void Loader::selectors(Row& row) {
    for (const auto& inner : row.rows) selectors(*inner);
    if (row.form != RowForm::each || row.right.empty() || row.right[0].steps.empty()) return;
    const PivotStep& list = row.right[0].steps.back();
    if (!list.field || !list.keys.empty()) return;
    const auto known = steps_.find(list.field);
    if (known == steps_.end()) return;
    FedFields fed;
    fed_children(row.rows, fed);
    // A row whose code list has no word for the selected value never makes such a member.
    const auto may_say = [&](const Row& feeding, const PivotKey& key) {
        if (feeding.conversions.size() != 1 || feeding.right.size() != 1) return true;
        const auto codes_of = model_.lists.find(feeding.conversions.front().list_name());
        if (codes_of == model_.lists.end()) return true;
        const std::vector<PivotValue> value{{key.value, key.list, 0}};
        return codes_of->second.to_national(value).has_value();
    };
    for (const auto& [step, other] : known->second) {
        if (step->keys.empty()) {
            fault(codes::selector_clash,
                  "line " + std::to_string(other->line) + " takes member " + std::to_string(step->index) + " of '" +
                      list.name + "', and this each takes all",
                  row, row.right[0].column);
            continue;
        }
        const bool all_fed = std::all_of(step->keys.begin(), step->keys.end(), [&](const PivotKey& key) {
            const std::string name = (key.attribute ? "@" : "") + key.child;
            if (!key.list.empty() || key.in_list) return false;
            return std::any_of(fed.begin(), fed.end(),
                               [&](const auto& one) { return one.first == name && may_say(*one.second, key); });
        });
        if (all_fed) {
            fault(codes::selector_clash,
                  "a member of this each could be the one that line " + std::to_string(other->line) + " selects", row,
                  row.right[0].column);
        }
        row.excluded.push_back(step);
    }
}

void Loader::cycles(const std::vector<std::unique_ptr<Row>>& rows) {
    for (const auto& row : rows) {
        cycles(row->rows);
        if (row->form != RowForm::computed) continue;
        std::set<const Row*> seen;
        if (needs(row->expression, *row, seen))
            fault(codes::cycle, "'" + row->left[0].path.text + "' is computed from itself", *row);
    }
}

bool Loader::needs(const Expression& expression, const Row& wanted, std::set<const Row*>& seen) const {
    if (expression.kind == Expression::Kind::national) {
        const NationalPath& path = expression.national;
        const Row* owner = path.attribute ? path.attribute->owner : path.shape ? path.shape->owner : nullptr;
        if (owner == &wanted) return true;
        if (owner && owner->form == RowForm::computed && seen.insert(owner).second &&
            needs(owner->expression, wanted, seen))
            return true;
    }
    return std::any_of(expression.parts.begin(), expression.parts.end(),
                       [&](const Expression& part) { return needs(part, wanted, seen); });
}

void Loader::unnamed(const Shape& shape) {
    const auto add = [&](const std::string& what, const Row* near) {
        const Row* row = near ? near : model_.rows->front().get();
        fault(codes::element_unnamed, "no row names " + what, *row);
    };
    const Row* near = shape.group_row ? shape.group_row : shape.owner;
    // `type T  ., @*  text, carry` holds for every element of the type.
    TypeSpelling* spelling = spelling_of(shape);
    const bool carries =
        spelling && std::find(spelling->left.begin(), spelling->left.end(), "@*") != spelling->left.end();
    for (const AttributeShape& attribute : shape.attributes) {
        const bool listed = std::any_of(model_.list_attributes.begin(), model_.list_attributes.end(),
                                        [&](const ListAttribute& list) { return list.name == attribute.name.local; });
        if (!attribute.owner && !attribute.by_subtree && !listed && !carries)
            add("the attribute '" + shape.path() + "/@" + attribute.name.local + "'", near);
    }
    for (const auto& child : shape.children) {
        if (child->by_subtree) continue;
        if (!child->owner && !child->entered) {
            add("'" + child->path() + "'", near);
            continue;
        }
        unnamed(*child);
    }
}

}  // namespace hansa::mapping
