#include "core/consolidation/place.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/consolidation/codes.h"
#include "core/pivot/text.h"
#include "core/rules/formula.h"

namespace hansa::consolidation {
namespace {

using mapping::PivotKey;
using mapping::PivotStep;
using pivot::Field;
using pivot::Node;

bool keeps_key(const Node& node, const PivotKey& key) {
    if (key.attribute) {
        return std::ranges::any_of(node.attributes, [&](const auto& one) { return one.first == key.child && one.second == pivot::join_code(key.list, key.value); });
    }
    return std::ranges::any_of(node.children, [&](const Node& child) { return child.name == key.child && child.value == key.value && child.list == key.list; });
}

bool is_meant(const Node& node, const PivotStep& step) {
    return node.name == step.name && std::ranges::all_of(step.keys, [&](const PivotKey& key) { return keeps_key(node, key); });
}

/// Positions among the children that a step leads to.
std::vector<std::size_t> found(const Node& parent, const PivotStep& step) {
    std::vector<std::size_t> out;
    for (std::size_t i = 0; i < parent.children.size(); ++i) {
        if (is_meant(parent.children[i], step)) out.push_back(i);
    }
    if (step.index == 0) return out;
    if (out.size() < step.index) return {};
    return {out[step.index - 1]};
}

/// Where a child of this name belongs: behind its like and all that the pivot's table has before it.
std::size_t place_for(const Node& parent, const Field& field) {
    const auto& order = field.parent->children;
    const auto rank = [&](std::string_view name) { return std::ranges::find(order, name, &Field::name) - order.begin(); };
    const auto own = rank(field.name);
    const auto after = std::ranges::find_if(parent.children, [&](const Node& child) { return rank(child.name) > own; });
    return static_cast<std::size_t>(after - parent.children.begin());
}

/// Returns the first of them.
Node& put(Node& parent, const PivotStep& step, std::vector<Node> nodes) {
    for (Node& node : nodes) node.name = step.name;
    const auto at = parent.children.begin() + static_cast<std::ptrdiff_t>(place_for(parent, *step.field));
    return *parent.children.insert(at, std::make_move_iterator(nodes.begin()), std::make_move_iterator(nodes.end()));
}

Node made(const PivotStep& step) {
    Node out;
    for (const PivotKey& key : step.keys) {
        if (key.attribute) out.attributes.emplace_back(key.child, pivot::join_code(key.list, key.value));
        else out.children.push_back({key.child, key.value, key.list, {}, {}});
    }
    return out;
}

/// Does a class say nothing but what its selector asks for?
bool is_bare(const Node& node, const PivotStep& step) {
    return node.value.empty() && std::ranges::all_of(node.children, [&](const Node& child) {
               return std::ranges::any_of(step.keys, [&](const PivotKey& key) { return !key.attribute && key.child == child.name; });
           });
}

void clear_from(Node& parent, std::span<const PivotStep> steps) {
    auto at = found(parent, steps.front());
    if (steps.size() > 1 && at.size() > 1) at.resize(1);
    for (auto turn = at.rbegin(); turn != at.rend(); ++turn) {
        Node& child = parent.children[*turn];
        if (steps.size() > 1) {
            const std::size_t before = child.children.size();
            clear_from(child, steps.subspan(1));
            if (child.children.size() == before || !is_bare(child, steps.front())) continue;
        }
        parent.children.erase(parent.children.begin() + static_cast<std::ptrdiff_t>(*turn));
    }
}

constexpr std::string_view mark_name = "\x01told";

bool is_marked(const Node& node) {
    if (!node.children.empty()) return std::ranges::all_of(node.children, is_marked);
    return std::ranges::any_of(node.attributes, [](const auto& one) { return one.first == mark_name; });
}

void mark_all(Node& node) {
    if (node.children.empty()) node.attributes.emplace_back(mark_name, std::string());
    for (Node& child : node.children) mark_all(child);
}

void mark_from(Node& parent, std::span<const PivotStep> steps) {
    auto at = found(parent, steps.front());
    if (steps.size() > 1 && at.size() > 1) at.resize(1);
    for (const std::size_t one : at) {
        Node& child = parent.children[one];
        if (steps.size() == 1) {
            mark_all(child);
            continue;
        }
        mark_from(child, steps.subspan(1));
        // A selector says nothing when all that it chooses is told.
        Node rest = child;
        std::erase_if(rest.children, is_marked);
        if (rest.children.size() < child.children.size() && is_bare(rest, steps.front())) mark_all(child);
    }
}

void add_text(const Node& node, std::string& out) {
    if (!node.value.empty()) {
        if (!out.empty()) out += ", ";
        out += pivot::join_code(node.list, node.value);
    }
    for (const Node& child : node.children) add_text(child, out);
}

}  // namespace

Result<Spot> parse_spot(std::string_view text, const Place& where, const Field& scope) {
    auto spot = rules::parse_place(text, where, scope);
    if (!spot) return spot;
    if (!spot->attribute.empty()) return Error{codes::syntax, fmt::format("'{}': a unit or currency goes with its value", text), where};
    if (spot->from_document) return Error{codes::syntax, fmt::format("'{}': places start where the line stands", text), where};
    for (std::size_t i = 0; i + 1 < spot->steps.size(); ++i) {
        const PivotStep& step = spot->steps[i];
        if (step.field->is_list() && step.keys.empty() && step.index == 0)
            return Error{codes::syntax, fmt::format("'{}' leads through a list: choose a member, {}[...]", text, step.name), where};
    }
    return spot;
}

bool is_single_field(const Spot& spot) {
    const PivotStep& last = spot.steps.back();
    return !spot.field->is_group() && (!last.field->is_list() || last.index != 0 || !last.keys.empty());
}

std::vector<const Node*> read(const Node& from, const Spot& spot) {
    const Node* node = &from;
    for (std::size_t i = 0; i + 1 < spot.steps.size(); ++i) {
        const auto at = found(*node, spot.steps[i]);
        if (at.empty()) return {};
        node = &node->children[at.front()];
    }
    std::vector<const Node*> out;
    for (const std::size_t at : found(*node, spot.steps.back())) out.push_back(&node->children[at]);
    if (is_single_field(spot) && out.size() > 1) out.resize(1);
    return out;
}

std::string text_at(const Node& from, const Spot& spot) {
    std::string out;
    for (const Node* node : read(from, spot)) add_text(*node, out);
    return out;
}

void fill(Node& into, const Spot& spot, const std::vector<const Node*>& nodes) {
    std::vector<Node> copies;
    for (const Node* node : nodes) copies.push_back(*node);
    fill(into, spot, std::move(copies));
}

void fill(Node& into, const Spot& spot, std::vector<Node> nodes) {
    if (nodes.empty()) return;
    Node* parent = &into;
    for (std::size_t i = 0; i + 1 < spot.steps.size(); ++i) {
        const auto at = found(*parent, spot.steps[i]);
        parent = at.empty() ? &put(*parent, spot.steps[i], {made(spot.steps[i])}) : &parent->children[at.front()];
    }
    put(*parent, spot.steps.back(), std::move(nodes));
}

void clear(Node& from, const Spot& spot) {
    clear_from(from, spot.steps);
}

void mark(Node& from, const Spot& spot) {
    mark_from(from, spot.steps);
}

std::vector<std::pair<std::string, std::string>> unmarked(const pivot::Document& document) {
    std::vector<std::pair<std::string, std::string>> lines;
    std::set<std::string, std::less<>> told;
    const std::string text = pivot::write_text(document, true), sign = fmt::format("/@{}", mark_name);
    for (std::size_t start = text.find('\n') + 1; start < text.size();) {
        const std::size_t end = text.find('\n', start);
        const std::string line = text.substr(start, end - start);
        start = end + 1;
        const std::size_t space = line.starts_with('@') ? line.rfind('\t') : line.find(' ');
        if (space == line.npos) continue;
        const std::string path = line.substr(0, space);
        if (path.ends_with(sign)) told.insert(path.substr(0, path.size() - sign.size()));
        else if (path.starts_with('@') || path.find("/@") == path.npos) lines.emplace_back(path, line.substr(space + 1));
    }
    std::erase_if(lines, [&](const auto& line) { return line.first.starts_with("@memory") || told.contains(line.first); });
    return lines;
}

Node value_node(std::string value, std::string list) {
    return {{}, std::move(value), std::move(list), {}, {}};
}

}  // namespace hansa::consolidation
