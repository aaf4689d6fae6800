#include "core/mapping/plan_standing.h"

#include <utility>

namespace hansa::mapping::program {
namespace {

void places_inside(const TemplateNode& node, Id outer, const std::vector<Group>& groups, std::vector<Inside>& found) {
    for (const auto& child : node.children) {
        if (child->group != outer) {
            const auto loops = loops_between(groups, outer, child->group);
            if (!loops) continue;
            if (child->place.number != nothing) found.push_back({.loops = *loops, .place = child->place, .cases = {}});
            for (const PivotAttribute& one : child->attributes) {
                if (one.place.number != nothing) found.push_back({.loops = *loops, .place = one.place, .cases = {}});
            }
        }
        places_inside(*child, outer, groups, found);
    }
}

void members_inside(const TemplateNode& node, Id outer, const std::vector<Group>& groups, std::vector<Inside>& found) {
    for (const auto& child : node.children) {
        if (child->group == outer) {
            members_inside(*child, outer, groups, found);
        } else if (auto loops = loops_between(groups, outer, child->group)) {
            found.push_back(member_of(*child, *std::move(loops)));
        }
    }
}

}  // namespace

void places_below(const TemplateNode& node, std::vector<Place>& places) {
    if (node.place.number != nothing) places.push_back(node.place);
    for (const PivotAttribute& one : node.attributes) {
        if (one.place.number != nothing) places.push_back(one.place);
    }
    for (const auto& child : node.children) {
        if (child->group == node.group) places_below(*child, places);
    }
}

std::optional<std::vector<Id>> loops_between(const std::vector<Group>& groups, Id outer, Id inner) {
    std::vector<Id> loops;
    for (; inner != outer; inner = groups[inner].parent) {
        if (inner == nothing) return std::nullopt;
        loops.insert(loops.begin(), inner);
    }
    return loops;
}

Inside member_of(const TemplateNode& node, std::vector<Id> loops) {
    return {.loops = std::move(loops), .place = {}, .cases = node.cases};
}

Standing standing_of(const TemplateNode& node, const std::vector<Group>& groups) {
    Standing all;
    places_below(node, all.here);
    places_inside(node, node.group, groups, all.inside);
    return all;
}

Standing standing_of_class(const TemplateNode& node, const std::vector<Group>& groups) {
    Standing all;
    places_below(node, all.here);
    members_inside(node, node.group, groups, all.inside);
    return all;
}

}  // namespace hansa::mapping::program
