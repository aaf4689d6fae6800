#include "core/mapping/coverage.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/mapping/model.h"
#include "core/mapping/trees.h"

namespace hansa::mapping {
namespace {

bool always_there(const Shape* shape, const Shape* top) {
    for (; shape && shape != top; shape = shape->parent) {
        if (shape->least == 0 || shape->in_choice) return false;
    }
    return true;
}

void cover(const Shape& shape, const Shape* top, Coverage& into) {
    const auto add = [&](const std::string& path, const Row& row, bool required) {
        Covered one{.path = path,
                    .form = std::string(form_name(row.form)),
                    .row = row.place,
                    .reason = row.form == RowForm::drop ? row.reason : "",
                    .required = required};
        if (row.form == RowForm::enter || row.form == RowForm::each) one.form = "mapped";
        if (row.form != RowForm::signature) ++into.elements;
        ++into.by_form[one.form];
        into.all.push_back(std::move(one));
    };
    const bool leaf = shape.text || shape.children.empty();
    if (leaf && shape.owner) add(shape.path(), *shape.owner, always_there(&shape, top));
    for (const AttributeShape& attribute : shape.attributes) {
        if (attribute.owner && !attribute.by_subtree)
            add(place_join(shape.path(), "@" + attribute.name.local), *attribute.owner,
                attribute.required && always_there(&shape, top));
    }
    for (const auto& child : shape.children) cover(*child, top, into);
}

std::string selector(const PivotStep& step) {
    std::string keys;
    for (const PivotKey& key : step.keys) {
        keys += (keys.empty() ? "" : ";") + std::string(key.attribute ? "@" : "") + key.child +
                (key.in_list ? " in " : "=") + (key.from ? "(" + key.from->text + ")" : qualified(key.list, key.value));
    }
    std::string text = step.name;
    if (!keys.empty()) text += "[" + keys + "]";
    if (step.index > 1) text += "[" + std::to_string(step.index) + "]";
    return text;
}

std::string path_of(const PivotTerm& term, const std::string& prefix) {
    std::string path = term.from_document ? std::string() : prefix;
    for (const PivotStep& step : term.steps) path = place_join(path, selector(step));
    if (!term.attribute.empty()) path = place_join(path, "@" + term.attribute);
    return path;
}

class Uses {
public:
    explicit Uses(const Model& model) : model_(model) {}

    void walk(const std::vector<std::unique_ptr<Row>>& rows, const std::string& prefix) {
        for (const auto& row : rows) one(*row, prefix);
    }

    std::vector<PivotUse> found;

private:
    void one(const Row& row, const std::string& prefix) {
        switch (row.form) {
            case RowForm::enter:
            case RowForm::each:
                return walk(row.rows, row.right.empty() ? prefix : path_of(row.right[0], prefix));
            case RowForm::when:
                for (const auto& inner : row.rows) walk(inner->rows, prefix);
                return;
            case RowForm::value:
            case RowForm::carry_as:
            case RowForm::position:
            case RowForm::derive:
                return value(row, prefix);
            default:
                return;
        }
    }

    void value(const Row& row, const std::string& prefix) {
        for (std::size_t i = 0; i < row.right.size(); ++i) {
            const NationalTerm* term = row.left.empty() ? nullptr : &row.left[std::min(i, row.left.size() - 1)];
            PivotUse use{.pivot = path_of(row.right[i], prefix), .path = {}, .row = row.place};
            use.to_pivot = row.direction != Direction::from_pivot;
            use.from_pivot = row.direction != Direction::to_pivot && row.form != RowForm::derive;
            use.constant = !term || term->constant || row.form == RowForm::position;
            if (term && !term->constant && term->path.shape) {
                use.path =
                    term->path.shape->path() + (term->path.attribute ? "/@" + term->path.attribute->name.local : "");
                const bool required = term->path.attribute
                                          ? term->path.attribute->required
                                          : term->path.shape->least > 0 && !term->path.shape->in_choice;
                const bool chain = term->path.attribute ? always_there(term->path.shape, model_.document_shape)
                                                        : always_there(term->path.shape, model_.document_shape);
                use.demanded =
                    required && chain && !term->borrowed && row.defaults.empty() && !row.none && row.cases.empty();
            }
            found.push_back(std::move(use));
        }
    }

    const Model& model_;
};

struct Step {
    std::string_view name, keys;
};

std::vector<Step> steps_of(std::string_view path) {
    std::vector<Step> steps;
    while (!path.empty()) {
        std::size_t end = 0;
        int open = 0;
        while (end < path.size() && (open > 0 || path[end] != '/')) {
            if (path[end] == '[') ++open;
            if (path[end] == ']') --open;
            ++end;
        }
        const std::string_view step = path.substr(0, end);
        path.remove_prefix(std::min(path.size(), end + 1));
        const std::size_t bracket = step.find('[');
        steps.push_back(
            {step.substr(0, bracket), bracket == std::string_view::npos ? std::string_view() : step.substr(bracket)});
    }
    return steps;
}

}  // namespace

Coverage coverage(const Mapping& mapping) {
    Coverage all{.format = mapping.format()};
    cover(*mapping.model().root, mapping.model().document_shape, all);
    return all;
}

std::string Coverage::json() const {
    nlohmann::ordered_json out{{"id", format}, {"elements", elements}};
    for (const auto& [form, count] : by_form) {
        if (form != "dropped") out[form] = count;
    }
    out["dropped"] = nlohmann::ordered_json::array();
    for (const Covered& one : all) {
        if (one.form == "dropped") out["dropped"].push_back({{"path", one.path}, {"reason", one.reason}});
    }
    return out.dump(2);
}

std::vector<PivotUse> pivot_uses(const Mapping& mapping) {
    Uses uses(mapping.model());
    uses.walk(mapping.model().document_row->rows, "");
    return std::move(uses.found);
}

bool meets(std::string_view given, std::string_view taken, std::string_view taker_authority) {
    const std::vector<Step> a = steps_of(given), b = steps_of(taken);
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (a[i].name != b[i].name) return false;
        if (a[i].keys == b[i].keys || b[i].keys.empty()) {
            // An each of another authority leaves members under "cn:..." alone.
            const std::size_t sign = a[i].keys.find('=');
            const std::size_t colon = a[i].keys.find(':');
            const bool own = colon == std::string_view::npos || sign == std::string_view::npos || colon < sign ||
                             a[i].keys.substr(sign + 1, colon - sign - 1) == taker_authority ||
                             a[i].keys.substr(0, colon).find('.') != std::string_view::npos;
            if (!own && a[i].keys != b[i].keys) return false;
            continue;
        }
        // A scheme by shape may be any; a member of an each may stand under any key.
        if (a[i].keys.empty() || a[i].keys.find(" in ") != std::string_view::npos ||
            b[i].keys.find(" in ") != std::string_view::npos)
            continue;
        return false;
    }
    return true;
}

PairCoverage coverage(const Mapping& from, const Mapping& to) {
    PairCoverage pair{.from = from.format(), .to = to.format()};
    const std::vector<PivotUse> gives = pivot_uses(from), takes = pivot_uses(to);
    for (const PivotUse& given : gives) {
        if (!given.to_pivot || given.constant) continue;
        ++pair.given;
        const bool met = std::any_of(takes.begin(), takes.end(), [&](const PivotUse& taken) {
            return taken.from_pivot && meets(given.pivot, taken.pivot, to.authority());
        });
        if (met)
            ++pair.taken;
        else
            pair.never_taken.push_back({given.pivot, given.path, given.row});
    }
    for (const PivotUse& taken : takes) {
        if (!taken.demanded) continue;
        const bool met = std::any_of(gives.begin(), gives.end(), [&](const PivotUse& given) {
            return given.to_pivot && meets(given.pivot, taken.pivot, to.authority());
        });
        if (!met) pair.never_given.push_back({taken.pivot, taken.path, taken.row});
    }
    return pair;
}

std::string PairCoverage::text() const {
    std::vector<std::string> lines;
    for (const Line& line : never_taken)
        lines.push_back("gives, never taken:    " + line.pivot + "  (" + line.path + ")");
    for (const Line& line : never_given)
        lines.push_back("demands, never given:  " + line.pivot + "  (" + line.path + ")");
    std::sort(lines.begin(), lines.end());
    lines.erase(std::unique(lines.begin(), lines.end()), lines.end());
    std::string text = from + " -> " + to + "\n";
    for (const std::string& line : lines) text += line + "\n";
    return text;
}

bool are_far_answers(const Mapping& from, const Mapping& to) {
    constexpr std::string_view data_model = "wco.response";
    if (from.kind() == pivot::Kind::cargo_report)
        return from.model().head.schema_file == to.model().head.schema_file && from.format() != to.format();
    return from.kind() == pivot::Kind::response && from.format() != data_model && to.format() != data_model;
}

}  // namespace hansa::mapping
