#include "core/pivot/pointer.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>

#include "core/pivot/codes.h"
#include "core/pivot/table.h"

namespace hansa::pivot {
namespace {

Error bad_pointer(std::string detail) {
    return Error{codes::bad_pointer, std::move(detail)};
}

const Field* root_by_id(std::string_view class_id) {
    for (const Kind kind : kinds()) {
        if (!class_id.empty() && root(kind).wco_id == class_id) return &root(kind);
    }
    return nullptr;
}

const Field* root_by_name(std::string_view name) {
    for (const Kind kind : kinds()) {
        if (root(kind).name == name) return &root(kind);
    }
    return nullptr;
}

const Field* child_by_id(const Field& parent, std::string_view id, bool group) {
    for (const Field& child : parent.children) {
        if (child.is_group() == group && !id.empty() && child.wco_id == id) return &child;
    }
    return nullptr;
}

/// Adds the place of a class to a path: its name, and its number where it repeats.
Result<void> append_class(std::string& path, const Field& field, std::uint32_t sequence) {
    if (!path.empty()) path += '/';
    path += field.name;
    if (field.is_list()) {
        if (sequence > 0) path += fmt::format("[{}]", sequence);
    } else if (sequence > 1) {
        return bad_pointer(fmt::format("{} stands once, and the pointer says {}", field.name, sequence));
    }
    return {};
}

struct Walk {
    std::vector<Pointer> pointers;
    std::optional<Error> stopped;  ///< why the rest of the path has no pointers
};

/// Follows a path from its root class as far as ids go. The result is an error only for a path that is none.
Result<Walk> follow(std::string_view path) {
    const auto steps = parse_path(path);
    if (!steps) return steps.error();
    if (steps->empty()) return Error{codes::bad_path, "an empty path names no place"};
    const Field* at = root_by_name(steps->front().name);
    if (!at)
        return Error{codes::unknown_field,
                     fmt::format("no kind of document has the root '{}'", steps->front().name.substr(0, 80))};
    if (at->wco_id.empty()) return bad_pointer(fmt::format("{} has no WCO id", at->name));
    Walk walk;
    walk.pointers.push_back({std::string(at->wco_id), 0, {}});
    for (std::size_t i = 1; i < steps->size(); ++i) {
        const Step& step = (*steps)[i];
        const Field* next = at->child(step.name);
        if (!next || !step.attribute.empty() || !step.keys.empty())
            return explain_unknown(*at, step.name.empty() ? path : step.name);
        at = next;
        if (walk.stopped) continue;
        if (at->wco_id.empty()) {
            walk.stopped = bad_pointer(fmt::format("{} has no WCO id", at->path()));
        } else if (at->is_group()) {
            if (step.index > 1 && !at->is_list()) return bad_pointer(fmt::format("{} stands once", at->path()));
            walk.pointers.push_back({std::string(at->wco_id), at->is_list() ? step.index : 0, {}});
        } else {
            walk.pointers.back().tag = at->wco_id;
            if (step.index > 0) walk.stopped = bad_pointer(fmt::format("pointers cannot say which {}", at->path()));
        }
    }
    return walk;
}

}  // namespace

Result<std::string> path_of(std::span<const Pointer> pointers) {
    constexpr std::size_t pointers_max = 64;
    if (pointers.empty() || pointers.size() > pointers_max) return bad_pointer("a place has 1 to 64 pointers");
    const Field* at = root_by_id(pointers.front().class_id);
    if (!at)
        return bad_pointer(fmt::format("no document starts with class '{}'", pointers.front().class_id.substr(0, 20)));
    std::string path;
    for (std::size_t i = 0; i < pointers.size(); ++i) {
        const Pointer& pointer = pointers[i];
        if (i > 0) {
            const Field* next = child_by_id(*at, pointer.class_id, true);
            if (!next)
                return bad_pointer(fmt::format("{} has no class '{}'", at->name, pointer.class_id.substr(0, 20)));
            at = next;
        }
        if (auto added = append_class(path, *at, pointer.sequence); !added) return added.error();
        if (pointer.tag.empty()) continue;
        const Field* element = child_by_id(*at, pointer.tag, false);
        if (!element) return bad_pointer(fmt::format("{} has no element '{}'", at->name, pointer.tag.substr(0, 20)));
        if (i + 1 < pointers.size()) return bad_pointer("only the last pointer names an element");
        path.append("/").append(element->name);
    }
    return path;
}

Result<std::vector<Pointer>> pointers_of(std::string_view path) {
    auto walk = follow(path);
    if (!walk) return walk.error();
    if (walk->stopped) return *walk->stopped;
    return std::move(walk->pointers);
}

Result<std::vector<Pointer>> nearest_pointers_of(std::string_view path) {
    auto walk = follow(path);
    if (!walk) return walk.error();
    return std::move(walk->pointers);
}

std::string place_of(const Node& node) {
    std::vector<Pointer> pointers;
    for (const Node& child : node.children) {
        if (child.name == "Place") return child.value;
        if (child.name != "Pointer") continue;
        Pointer& pointer = pointers.emplace_back();
        for (const Node& part : child.children) {
            const std::string& text = part.value;
            if (part.name == "DocumentSectionCode") pointer.class_id = text;
            if (part.name == "TagID") pointer.tag = text;
            if (part.name == "SequenceNumeric") std::from_chars(text.data(), text.data() + text.size(), pointer.sequence);
        }
    }
    const auto path = pointers.empty() ? Result<std::string>(std::string()) : path_of(pointers);
    return path ? *path : std::string();
}

void add_pointers(Node& node) {
    const Node* place = nullptr;
    for (const Node& child : node.children) {
        if (child.name == "Pointer") return;
        if (child.name == "Place") place = &child;
    }
    if (!place) return;
    const auto pointers = nearest_pointers_of(place->value);
    if (!pointers) return;
    for (const Pointer& one : *pointers) {
        Node pointer{.name = "Pointer", .value = {}, .list = {}, .attributes = {}, .children = {}};
        const auto say = [&pointer](std::string name, std::string value) {
            pointer.children.push_back({.name = std::move(name), .value = std::move(value), .list = {}, .attributes = {}, .children = {}});
        };
        if (one.sequence > 0) say("SequenceNumeric", std::to_string(one.sequence));
        say("DocumentSectionCode", one.class_id);
        if (!one.tag.empty()) say("TagID", one.tag);
        node.children.push_back(std::move(pointer));
    }
}

}  // namespace hansa::pivot
