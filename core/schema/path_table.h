// Every place that a document of a grammar can have: elements and attributes by path, numbered.
//
// The compiled reader says with these numbers what it has read, and plans are made of them. Each path
// stands here once; recursion ends where a type would be entered a second time, which is the rule by
// which mapping tables see a grammar (core/mapping, Shape): a Shape is found by walking the names.
//
// Order: siblings stand side by side. Behind the root come its attributes, then its children in schema
// order, then those of the first child, and so on; a parent's number is smaller than its children's.
//
//     const schema::PathTable paths = schema::PathTable::of(grammar);
//     const schema::PathIndex unit = paths.find("Order/Item/@unit");  // from below the root
//
// Source: XML Schema 1.0 Part 1 (what may stand in what).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/schema/grammar.h"

namespace hansa::schema {

/// Number of a path in its table; the root is 0.
using PathIndex = std::uint32_t;
inline constexpr PathIndex no_path = 0xFFFFFFFFu;

/// One path. Attributes of an element: first_attribute and the attribute_count numbers from there on;
/// children alike.
struct PathNode {
    PathIndex parent = no_path;
    PathIndex first_attribute = no_path, attribute_count = 0;
    PathIndex first_child = no_path, child_count = 0;
    std::uint32_t depth = 0;               ///< elements above it: the root has 0, its attributes 1
    std::uint32_t least = 0, most = 1;     ///< how often in its parent; most may be `unbounded`
    bool in_choice = false;                ///< one of several ways
    bool ends_here = false;                ///< its type stands above already: what is inside has no paths
    const ElementDecl* element = nullptr;  ///< of an attribute: the element that has it
    const AttributeUse* attribute = nullptr;

    bool repeats() const { return most > 1; }
    const Name& name() const { return attribute != nullptr ? attribute->name : element->name; }
};

/// What a table may grow to; the same bounds as a mapping's.
struct PathLimits {
    std::size_t paths_max = 400'000;
    std::size_t depth_max = 48;
};

/// Immutable once made; any number of threads. It keeps the grammar's tables.
class PathTable {
public:
    /// `inner` is a path of local names from the root on that leads through a wildcard to a global element,
    /// as a mapping's schema line has it ("MetaData/Declaration"); empty: what stands at wildcards has
    /// no paths. Above the limits paths are left out.
    /// Cost: linear in paths.
    static PathTable of(const Grammar& grammar, std::string_view inner = {}, const PathLimits& limits = {});

    const Grammar& grammar() const { return grammar_; }
    std::size_t size() const { return nodes_.size(); }
    const PathNode& operator[](PathIndex index) const { return nodes_[index]; }

    /// no_path: none, also for a parent that is no_path or an attribute.
    PathIndex child(PathIndex parent, std::string_view local, std::string_view ns) const;
    PathIndex attribute(PathIndex element, std::string_view local, std::string_view ns) const;

    /// Follows local names from below the root: "A/B/@c"; empty is the root. Where two children share a
    /// local name, one without a prefix is the one in its parent's namespace, with any prefix the other.
    /// no_path: there is none.
    PathIndex find(std::string_view path) const;
    /// As find() takes it, without prefixes.
    std::string path_of(PathIndex index) const;

private:
    explicit PathTable(Grammar grammar) : grammar_(std::move(grammar)) {}
    PathIndex step(PathIndex parent, std::string_view step) const;

    Grammar grammar_;
    std::vector<PathNode> nodes_;
};

}  // namespace hansa::schema
