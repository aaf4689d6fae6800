// The program of a plan: what the two tables of a pair come to once every name, selector and order
// is settled. Internal to plan*.cpp; others use plan.h.
//
// Reading: a message is a tree of frames, one for each member of an `each` (and one for the document).
// A frame has slots (which entry of the tape stands at a place of the format), places (the values of
// the pivot document) and lists (its inner frames). Writing: a tree of bodies, one for each loop of
// the target, whose blocks hold the texts of the target's leaves; the output tree gives them their
// tags and their order. What the pivot document would have in between is known when the plan is made,
// up to what is there at all.
#pragma once

#include "core/mapping/plan_source_program.h"
#include "core/mapping/plan_target_program.h"
