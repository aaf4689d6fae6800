// What a table is checked against: its lists, and the places of its format.
#include <algorithm>

#include "core/mapping/codes.h"
#include "core/mapping/load.h"

namespace hansa::mapping {
namespace {

constexpr std::size_t shapes_max = 200'000;

std::string_view base_name(std::string_view used) {
    const std::size_t slash = used.find_last_of('/');
    std::string_view name = slash == std::string_view::npos ? used : used.substr(slash + 1);
    const std::size_t colon = name.find(':');
    return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

/// How often an element of this namespace may stand where the content model has a wildcard.
std::uint32_t wildcard_max(const schema::Grammar& grammar, const schema::ElementDecl& element, std::string_view ns) {
    const schema::GrammarTables& tables = grammar.tables();
    if (element.type.simple || element.type.index == schema::no_index) return 1;
    std::vector<schema::Index> open{tables.complex_types[element.type.index].particle};
    while (!open.empty()) {
        const schema::Index index = open.back();
        open.pop_back();
        if (index == schema::no_index) continue;
        const schema::Particle& particle = tables.particles[index];
        if (particle.kind == schema::Particle::Kind::any && tables.wildcards[particle.term].admits(ns))
            return particle.max;
        if (particle.kind == schema::Particle::Kind::element || particle.kind == schema::Particle::Kind::any) continue;
        for (std::uint32_t i = 0; i < particle.count; ++i) open.push_back(particle.first + i);
    }
    return 1;
}

}  // namespace

Shape* Shape::child(std::string_view step) const {
    const std::size_t colon = step.find(':');
    const std::string_view local = colon == std::string_view::npos ? step : step.substr(colon + 1);
    Shape* other = nullptr;
    for (const auto& found : children) {
        if (found->name.local != local) continue;
        if ((found->name.ns == name.ns) == (colon == std::string_view::npos)) return found.get();
        if (!other) other = found.get();
    }
    return other;
}

Shape* Shape::child(const schema::Name& wanted) const {
    for (const auto& found : children) {
        if (found->name == wanted) return found.get();
    }
    return nullptr;
}

AttributeShape* Shape::attribute(std::string_view local) {
    for (AttributeShape& found : attributes) {
        if (found.name.local == local) return &found;
    }
    return nullptr;
}

std::string Shape::path() const {
    if (!parent) return {};
    const std::string before = parent->path();
    return before.empty() ? name.local : before + "/" + name.local;
}

bool Shape::is_absent_in(std::string_view variant) const {
    for (const Shape* at = this; at; at = at->parent) {
        if (std::find(at->absent_in.begin(), at->absent_in.end(), variant) != at->absent_in.end()) return true;
    }
    return false;
}

void Loader::load_lists() {
    for (const std::string& used : model_.head.uses) add_list(used);
    for (const TableParser::ListLine& line : parser_.lists_) {
        if (Result<CodeList> list =
                CodeList::parse_short(line.pairs, line.where, model_.authority + "." + line.name, parser_.faults())) {
            model_.lists.insert_or_assign(line.name, std::move(*list));
            model_.digest += line.pairs;
        }
    }
}

void Loader::add_list(const std::string& used) {
    const auto fault_at = [&](Code code, std::string detail) {
        parser_.faults().add(code, std::move(detail), parser_.place(1, 1));
    };
    if (model_.lists.size() >= source_.limits.lists_max) return fault_at(codes::limit, "too many lists");
    const std::optional<std::string> text = source_.resolve ? source_.resolve(used) : std::nullopt;
    if (!text) return fault_at(codes::name_unknown, "use " + used + ": there is no such list");
    const std::size_t colon = used.find(':');
    const std::string authority = colon == std::string::npos ? model_.authority : used.substr(0, colon);
    const std::string name(base_name(used));
    Result<CodeList> list = CodeList::parse(*text, used + ".codes", authority + "." + name, parser_.faults());
    if (!list) return;
    model_.lists.insert_or_assign(name, std::move(*list));
    model_.digest += used + "\n" + *text;
}

void Loader::expand(Shape& shape, std::vector<const void*>& open, std::size_t depth) {
    const schema::Grammar& grammar = *model_.grammar;
    const schema::ElementDecl& declaration = *shape.declaration;
    shape.type = grammar.text_type(declaration);
    const schema::Content content = grammar.content(declaration);
    shape.text = shape.type != nullptr || content == schema::Content::mixed;
    shape.wildcard = grammar.has_wildcard(declaration);
    const schema::GrammarTables& tables = grammar.tables();
    const void* key = &declaration;
    schema::TypeRef type = declaration.type;
    if (!type.simple && type.index != schema::no_index) key = &tables.complex_types[type.index];
    for (int i = 0; i < 32 && type.index != schema::no_index; ++i) {
        const schema::Name& name =
            type.simple ? tables.simple_types[type.index].name : tables.complex_types[type.index].name;
        if (!name.local.empty()) shape.type_names.push_back(name.local);
        if (type.simple) break;
        type = tables.complex_types[type.index].base;
    }
    for (const schema::AttributeUse& use : grammar.attributes(declaration)) {
        AttributeShape attribute{.name = use.name, .required = use.required, .type = &grammar.type(use)};
        if (use.constraint == schema::ValueConstraint::fixed) attribute.fixed = use.value;
        shape.attributes.push_back(std::move(attribute));
    }
    const std::span<const schema::Child> children = grammar.children(declaration);
    const schema::ElementDecl* payload = shape.wildcard ? inner_element(shape, depth) : nullptr;
    if (children.empty() && !payload) return;
    if (depth >= source_.limits.depth_max || std::find(open.begin(), open.end(), key) != open.end()) return;
    open.push_back(key);
    std::vector<schema::Child> all(children.begin(), children.end());
    if (payload)
        all.push_back({.element = payload,
                       .min = 1,
                       .max = wildcard_max(grammar, declaration, payload->name.ns),
                       .in_choice = false});
    for (const schema::Child& child : all) {
        if (model_.empties == Empties::null && child.element->name.local == "null") {
            shape.null_child = true;
            shape.null_name = child.element->name;
            continue;
        }
        if (++shapes_ > shapes_max) break;
        auto made = std::make_unique<Shape>();
        made->name = child.element->name;
        made->declaration = child.element;
        made->parent = &shape;
        made->least = child.min;
        made->most = child.max;
        made->in_choice = child.in_choice;
        expand(*made, open, depth + 1);
        shape.children.push_back(std::move(made));
    }
    open.pop_back();
}

/// The element that the head's schema line names below a wildcard: "#MetaData/Declaration".
const schema::ElementDecl* Loader::inner_element(const Shape& shape, std::size_t depth) const {
    std::string_view path = model_.head.schema_root;
    std::vector<std::string_view> steps;
    while (!path.empty()) {
        steps.push_back(path.substr(0, path.find('/')));
        path.remove_prefix(std::min(path.size(), steps.back().size() + 1));
    }
    if (steps.size() <= depth + 1) return nullptr;
    const Shape* at = &shape;
    for (std::size_t i = depth + 1; i-- > 0; at = at->parent) {
        if (!at || at->name.local != steps[i]) return nullptr;
    }
    for (const schema::ElementDecl& candidate : model_.grammar->tables().elements) {
        if (candidate.global && candidate.name.local == steps[depth + 1]) return &candidate;
    }
    return nullptr;
}

}  // namespace hansa::mapping
