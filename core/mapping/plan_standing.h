// Which values and members say that something of the pivot document is there: a member of a list, a class, the constant
// of a selector. Internal to plan*.cpp; Machine::any_of asks them.
//
// `groups` are those of the source; where a node lies in a list, the list's member is the current one.
// Threads: any. Errors: none. Cost: the nodes below; asked when a plan is made.
#pragma once

#include <optional>
#include <vector>

#include "core/mapping/plan_source_program.h"

namespace hansa::mapping::program {

/// Every place of a node and what is below it in the same frame.
void places_below(const TemplateNode& node, std::vector<Place>& places);

/// The same, with the places of lists inside.
Standing standing_of(const TemplateNode& node, const std::vector<Group>& groups);

/// What makes the class itself stand: its places, and members of its lists although they say nothing.
Standing standing_of_class(const TemplateNode& node, const std::vector<Group>& groups);

/// The node as a member of its list, seen from the group of what is around it.
Inside member_of(const TemplateNode& node, std::vector<Id> loops);

/// The groups from one down to another that lies in it, without the first; nothing: it does not.
std::optional<std::vector<Id>> loops_between(const std::vector<Group>& groups, Id outer, Id inner);

}  // namespace hansa::mapping::program
