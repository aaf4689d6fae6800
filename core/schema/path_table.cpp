#include "core/schema/path_table.h"

#include <algorithm>

namespace hansa::schema {

namespace {

/// Fills the table; `inner` holds the steps of the way through a wildcard.
class Expansion {
public:
    Expansion(const Grammar& grammar, std::string_view inner, const PathLimits& limits, std::vector<PathNode>& nodes)
        : grammar_(grammar), limits_(limits), nodes_(nodes) {
        while (!inner.empty()) {
            inner_.push_back(inner.substr(0, inner.find('/')));
            inner.remove_prefix(std::min(inner.size(), inner_.back().size() + 1));
        }
    }

    void run() {
        PathNode root;
        root.least = 1;
        root.element = &grammar_.root();
        nodes_.push_back(root);
        expand(0);
    }

private:
    /// A type stands open by itself, an element without a complex one by its declaration.
    const void* key_of(const ElementDecl& element) const {
        if (element.type.simple || element.type.index == no_index) return &element;
        return &grammar_.tables().complex_types[element.type.index];
    }

    void expand(PathIndex at) {
        const ElementDecl& element = *nodes_[at].element;
        add_attributes(at, element);
        std::vector<Child> inside(grammar_.children(element).begin(), grammar_.children(element).end());
        if (const ElementDecl* payload = grammar_.has_wildcard(element) ? payload_of(at) : nullptr) {
            inside.push_back({payload, 1, wildcard_max(element, payload->name.ns), false});
        }
        if (inside.empty()) return;
        const void* key = key_of(element);
        if (nodes_[at].depth >= limits_.depth_max || std::find(open_.begin(), open_.end(), key) != open_.end()) {
            nodes_[at].ends_here = true;
            return;
        }
        const std::size_t room = limits_.paths_max - std::min(limits_.paths_max, nodes_.size());
        inside.resize(std::min(inside.size(), room));
        nodes_[at].first_child = static_cast<PathIndex>(nodes_.size());
        nodes_[at].child_count = static_cast<PathIndex>(inside.size());
        for (const Child& child : inside) {
            PathNode node = below(at);
            node.least = child.min;
            node.most = child.max;
            node.in_choice = child.in_choice;
            node.element = child.element;
            nodes_.push_back(node);
        }
        open_.push_back(key);
        const PathIndex first = nodes_[at].first_child;
        for (PathIndex i = 0; i < inside.size(); ++i) expand(first + i);
        open_.pop_back();
    }

    void add_attributes(PathIndex at, const ElementDecl& element) {
        const auto uses = grammar_.attributes(element);
        if (uses.empty() || nodes_.size() + uses.size() > limits_.paths_max) return;
        nodes_[at].first_attribute = static_cast<PathIndex>(nodes_.size());
        nodes_[at].attribute_count = static_cast<PathIndex>(uses.size());
        for (const AttributeUse& use : uses) {
            PathNode node = below(at);
            node.least = use.required ? 1 : 0;
            node.element = &element;
            node.attribute = &use;
            nodes_.push_back(node);
        }
    }

    PathNode below(PathIndex at) const {
        PathNode node;
        node.parent = at;
        node.depth = nodes_[at].depth + 1;
        return node;
    }

    /// The global element that `inner` names below this one.
    const ElementDecl* payload_of(PathIndex at) const {
        const std::size_t depth = nodes_[at].depth;
        if (inner_.size() <= depth + 1) return nullptr;
        PathIndex above = at;
        for (std::size_t i = depth + 1; i-- > 0; above = nodes_[above].parent) {
            if (nodes_[above].element->name.local != inner_[i]) return nullptr;
        }
        for (const ElementDecl& candidate : grammar_.tables().elements) {
            if (candidate.global && candidate.name.local == inner_[depth + 1]) return &candidate;
        }
        return nullptr;
    }

    /// How often an element of this namespace may stand where the content model has a wildcard.
    std::uint32_t wildcard_max(const ElementDecl& element, std::string_view ns) const {
        const GrammarTables& tables = grammar_.tables();
        std::vector<Index> open{tables.complex_types[element.type.index].particle};
        while (!open.empty()) {
            const Particle& particle = tables.particles[open.back()];
            open.pop_back();
            if (particle.kind == Particle::Kind::any && tables.wildcards[particle.term].admits(ns)) return particle.max;
            if (particle.kind == Particle::Kind::element || particle.kind == Particle::Kind::any) continue;
            for (std::uint32_t i = 0; i < particle.count; ++i) open.push_back(particle.first + i);
        }
        return 1;
    }

    const Grammar& grammar_;
    const PathLimits& limits_;
    std::vector<PathNode>& nodes_;
    std::vector<std::string_view> inner_;
    std::vector<const void*> open_;
};

}  // namespace

PathTable PathTable::of(const Grammar& grammar, std::string_view inner, const PathLimits& limits) {
    PathTable table(grammar);
    Expansion(table.grammar_, inner, limits, table.nodes_).run();
    table.nodes_.shrink_to_fit();
    return table;
}

PathIndex PathTable::child(PathIndex parent, std::string_view local, std::string_view ns) const {
    if (parent == no_path) return no_path;
    const PathNode& node = nodes_[parent];
    for (PathIndex i = 0; i < node.child_count; ++i) {
        const Name& name = nodes_[node.first_child + i].element->name;
        if (name.local == local && name.ns == ns) return node.first_child + i;
    }
    return no_path;
}

PathIndex PathTable::attribute(PathIndex element, std::string_view local, std::string_view ns) const {
    if (element == no_path) return no_path;
    const PathNode& node = nodes_[element];
    for (PathIndex i = 0; i < node.attribute_count; ++i) {
        const Name& name = nodes_[node.first_attribute + i].attribute->name;
        if (name.local == local && name.ns == ns) return node.first_attribute + i;
    }
    return no_path;
}

PathIndex PathTable::find(std::string_view path) const {
    PathIndex at = 0;
    while (at != no_path && !path.empty()) {
        const std::string_view next = path.substr(0, path.find('/'));
        path.remove_prefix(std::min(path.size(), next.size() + 1));
        at = step(at, next);
    }
    return at;
}

/// One step of find(): "B", "x:B", "@c", "@x:c".
PathIndex PathTable::step(PathIndex parent, std::string_view step) const {
    const bool is_attribute = step.starts_with('@');
    if (is_attribute) step.remove_prefix(1);
    const std::size_t colon = step.find(':');
    const std::string_view local = colon == std::string_view::npos ? step : step.substr(colon + 1);
    const PathNode& node = nodes_[parent];
    const PathIndex first = is_attribute ? node.first_attribute : node.first_child;
    const PathIndex count = is_attribute ? node.attribute_count : node.child_count;
    const std::string_view own = is_attribute ? std::string_view{} : std::string_view(node.name().ns);
    PathIndex other = no_path;
    for (PathIndex i = first; i < first + count; ++i) {
        const Name& name = nodes_[i].name();
        if (name.local != local) continue;
        if ((name.ns == own) == (colon == std::string_view::npos)) return i;
        if (other == no_path) other = i;
    }
    return other;
}

std::string PathTable::path_of(PathIndex index) const {
    std::string path;
    for (PathIndex at = index; at != no_path && nodes_[at].parent != no_path; at = nodes_[at].parent) {
        const PathNode& node = nodes_[at];
        std::string step = (node.attribute != nullptr ? "@" : "") + node.name().local;
        path = path.empty() ? std::move(step) : step + "/" + path;
    }
    return path;
}

}  // namespace hansa::schema
