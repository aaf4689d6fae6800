#include "core/pivot/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>

#include "core/base/nearest.h"
#include "core/pivot/codes.h"
#include "core/pivot/table_rows.h"

namespace hansa::pivot {
namespace {

/// One class block used at one place: its fields live side by side, so that a span names them.
struct Tree {
    std::vector<std::unique_ptr<std::vector<Field>>> blocks;
    std::vector<std::unique_ptr<Field>> roots;
};

/// "R031" of "Name=R031 ID=R032" for Name.
std::string_view given_id(std::string_view given, std::string_view name) {
    while (!given.empty()) {
        const std::string_view pair = given.substr(0, given.find(' '));
        if (pair.size() > name.size() && pair.substr(0, name.size()) == name && pair[name.size()] == '=') {
            return pair.substr(name.size() + 1);
        }
        given.remove_prefix(std::min(given.size(), pair.size() + 1));
    }
    return {};
}

std::vector<std::string_view> attributes_of(const rows::Row& row) {
    std::vector<std::string_view> out;
    if (row.form == Form::amount) out.emplace_back("currencyID");
    if (row.form == Form::measure) out.emplace_back("unitCode");
    if (row.form == Form::identifier) out.emplace_back("schemeID");
    if (!row.extra_attribute.empty()) out.push_back(row.extra_attribute);
    return out;
}

Field field_of(const rows::Row& row, std::string_view given) {
    Field field;
    field.name = row.name;
    field.form = row.form;
    field.least = row.least;
    field.most = row.most;
    field.length_min = row.length_min;
    field.length_max = row.length_max;
    field.fraction_max = row.fraction_max;
    field.charset = row.charset;
    field.wco_id = row.id_by_place ? given_id(given, row.name) : row.wco_id;
    field.added = row.added || (row.id_by_place && field.wco_id.empty());
    field.list = row.list;
    field.source = row.source;
    field.note = row.note;
    if (row.group >= 0) field.class_name = rows::classes()[static_cast<std::size_t>(row.group)].name;
    field.attributes = attributes_of(row);
    return field;
}

/// Gives `parent` the children of its class. The generator has refused classes that contain themselves.
void expand(Tree& tree, Field& parent, std::size_t group, std::string_view given) {
    const rows::Class& block = rows::classes()[group];
    auto fields = std::make_unique<std::vector<Field>>();
    fields->reserve(block.count);
    for (const rows::Row& row : rows::rows().subspan(block.first, block.count)) {
        fields->push_back(field_of(row, given));
    }
    std::size_t at = block.first;
    for (Field& field : *fields) {
        field.parent = &parent;
        const rows::Row& row = rows::rows()[at++];
        if (row.group >= 0) expand(tree, field, static_cast<std::size_t>(row.group), row.given);
    }
    parent.children = *fields;
    tree.blocks.push_back(std::move(fields));
}

Tree expand_all() {
    Tree tree;
    for (const rows::KindRow& row : rows::kinds()) {
        auto root = std::make_unique<Field>();
        root->name = row.root;
        root->least = root->most = 1;
        root->wco_id = row.wco_id;
        root->added = row.wco_id.empty();
        root->note = row.note;
        root->class_name = rows::classes()[row.group].name;
        expand(tree, *root, row.group, {});
        tree.roots.push_back(std::move(root));
    }
    return tree;
}

const Tree& tree() {
    static const Tree expanded = expand_all();
    return expanded;
}

const rows::KindRow& kind_row(Kind kind) {
    for (const rows::KindRow& row : rows::kinds()) {
        if (row.kind == kind) return row;
    }
    throw BrokenPromise("pivot: a kind that the table does not have");
}

void append_all(const Field& field, std::vector<const Field*>& out) {
    out.push_back(&field);
    for (const Field& child : field.children) append_all(child, out);
}

std::string place_name(const Field& field) {
    return field.parent ? field.path() : std::string(field.name);
}

/// Walks as far as the names go; `missing` becomes the first step that leads nowhere.
const Field* walk(const Field& from, const std::vector<Step>& steps, const Step** missing) {
    const Field* at = &from;
    for (const Step& step : steps) {
        if (!step.name.empty() && step.name != ".") {
            const Field* next = at->child(step.name);
            if (!next) {
                *missing = &step;
                return at;
            }
            at = next;
        }
        if (!step.attribute.empty() && !at->has_attribute(step.attribute)) {
            *missing = &step;
            return at;
        }
    }
    *missing = nullptr;
    return at;
}

}  // namespace

std::string_view form_name(Form form) {
    constexpr std::array<std::string_view, 10> names{"group",  "text",    "id",        "code",      "number",
                                                     "amount", "measure", "date-time", "indicator", "place"};
    return names[static_cast<std::size_t>(form)];
}

std::string_view kind_name(Kind kind) {
    return kind_row(kind).name;
}

Result<Kind> kind_from_name(std::string_view name) {
    std::vector<std::string_view> names;
    for (const rows::KindRow& row : rows::kinds()) {
        if (row.name == name) return row.kind;
        names.push_back(row.name);
    }
    const auto near = nearest_name(name, names);
    return Error{codes::unknown_kind, fmt::format("no kind '{}'{}", name.substr(0, 40),
                                                  near ? fmt::format("; the nearest is '{}'", *near) : std::string())};
}

std::span<const Kind> kinds() {
    static const std::vector<Kind> all = [] {
        std::vector<Kind> out;
        for (const rows::KindRow& row : rows::kinds()) out.push_back(row.kind);
        return out;
    }();
    return all;
}

bool Field::has_attribute(std::string_view attribute) const {
    return std::find(attributes.begin(), attributes.end(), attribute) != attributes.end();
}

const Field* Field::child(std::string_view child_name) const {
    for (const Field& field : children) {
        if (field.name == child_name) return &field;
    }
    return nullptr;
}

std::string Field::path() const {
    if (!parent) return {};
    std::string above = parent->path();
    if (!above.empty()) above += '/';
    return above.append(name);
}

std::string Field::type_text() const {
    if (is_group()) return std::string(class_name);
    if (length_max == 0) return std::string(form_name(form));
    const std::string letters = is_number() || charset == 'n' ? "n" : charset == 'a' ? "a" : "an";
    return fmt::format("{} {}{}{}{}", form_name(form), letters, length_min == length_max ? "" : "..", length_max,
                       fraction_max ? fmt::format(",{}", fraction_max) : std::string());
}

const Field& root(Kind kind) {
    for (std::size_t i = 0; i < rows::kinds().size(); ++i) {
        if (rows::kinds()[i].kind == kind) return *tree().roots[i];
    }
    throw BrokenPromise("pivot: a kind that the table does not have");
}

const Field* find(const Field& from, std::string_view path) {
    const auto steps = parse_path(path);
    if (!steps) return nullptr;
    const Step* missing = nullptr;
    const Field* at = walk(from, *steps, &missing);
    return missing ? nullptr : at;
}

const Field* find(Kind kind, std::string_view path) {
    return find(root(kind), path);
}

Error explain_unknown(const Field& from, std::string_view path) {
    const auto steps = parse_path(path);
    if (!steps) return steps.error();
    const Step* missing = nullptr;
    const Field* at = walk(from, *steps, &missing);
    if (!missing) return Error{codes::unknown_field, fmt::format("'{}' is known", path)};
    if (!missing->attribute.empty() && (missing->name.empty() || at->name == missing->name)) {
        return Error{codes::unknown_field, fmt::format("{} ({}) has no attribute '{}'", place_name(*at),
                                                       at->type_text(), missing->attribute)};
    }
    std::vector<std::string_view> names;
    for (const Field& child : at->children) names.push_back(child.name);
    const auto near = nearest_name(missing->name, names);
    return Error{codes::unknown_field, fmt::format("{} has no '{}'{}", place_name(*at), missing->name.substr(0, 80),
                                                   near ? fmt::format("; the nearest is '{}'", *near) : std::string())};
}

Error explain_unknown(Kind kind, std::string_view path) {
    return explain_unknown(root(kind), path);
}

std::vector<const Field*> all_fields(Kind kind) {
    std::vector<const Field*> out;
    append_all(root(kind), out);
    return out;
}

std::optional<std::string_view> nearest_name(std::string_view name, std::span<const std::string_view> names) {
    constexpr std::size_t name_bytes_max = 100;
    if (name.empty() || name.size() > name_bytes_max) return std::nullopt;
    const std::string near = nearest(name, names);
    for (const std::string_view candidate : names) {
        if (!near.empty() && candidate == near) return candidate;
    }
    return std::nullopt;
}

QualifiedCode split_code(std::string_view text) {
    const std::size_t colon = text.find(':');
    if (colon == text.npos || colon == 0 || colon + 1 == text.size()) return {{}, text};
    // Names of lists are lower case ("cn.unit"): a free text such as "R:X" in an attribute is no code of a list.
    const bool is_list = text.front() >= 'a' && text.front() <= 'z' && std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(colon), [](char sign) {
        return (sign >= 'a' && sign <= 'z') || (sign >= '0' && sign <= '9') || sign == '.' || sign == '-';
    });
    if (!is_list) return {{}, text};
    return {text.substr(0, colon), text.substr(colon + 1)};
}

std::string join_code(std::string_view list, std::string_view code) {
    return list.empty() ? std::string(code) : fmt::format("{}:{}", list, code);
}

}  // namespace hansa::pivot
