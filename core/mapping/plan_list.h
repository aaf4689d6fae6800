// A document that is one long list: its members are carried over one after the other, and none of them is kept.
// Internal to plan*.cpp; PlanRun (plan.h) has the calls in their order.
//
// The document is read twice. In the first reading its members are left out: they are counted, and what rules about the
// document ask of all of them is added up. What is left is small, and everything about the document is read and written
// as ever, with a hole where the list's members will stand. In the second reading each member is read, written and told
// of by itself, with the document around it. Rules of the target that ask about all members are asked last.
//
// Which list it is, and what of the two tables goes over it, is found when the plan is made. A rule that needs the
// members side by side (the first one's, the least of all) makes the message decline when it is met.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/decimal.h"
#include "core/mapping/plan_bytes.h"
#include "core/mapping/plan_number.h"
#include "core/mapping/plan_program.h"

namespace hansa::mapping::program {

/// What a pair of tables does with the longest list of a document.
struct ListProgram {
    Id group = nothing;  ///< of the source; nothing: no list of the pair is one that can be carried over by members
    schema::PathIndex path = schema::no_path;
    Id loop = nothing, body = nothing;  ///< of the target, which the members become
    const OutNode* top = nullptr;       ///< ... and its element
    /// Calls of the document's rules that add up or count over the members.
    std::vector<const ReadExpression*> sums;
    std::vector<const OutExpression*> out_sums;
    std::vector<Id> every;          ///< rows of the document whose value is that of every member
    std::vector<const Put*> fed;    ///< ... as the ledger asks for them
    std::vector<Id> checks;         ///< rules of the document about each member
    std::vector<char> late;         ///< by computed place: it needs the members
    bool warns_in_several = false;  ///< warnings of more than one rule may stand in one another

    bool is_over(const std::vector<Id>& loops) const { return !loops.empty() && loops[0] == group; }
};

struct SourceAndTarget {
    const SourceProgram& in;
    const TargetProgram& to;
    const schema::PathTable& paths;
};

/// The list with the most places among those that can be carried over by members.
ListProgram list_of(const SourceAndTarget& pair);

/// The path behind whose elements messages may be cut; see Plan::cut.
schema::PathIndex document_cut(const SourceProgram& in, const schema::PathTable& paths);

/// A call over all members, added up so far.
struct ListSum {
    const void* call = nullptr;
    /// Before and behind what is filled in: of a rule about the source, the first alone.
    std::optional<Decimal> value[2];
    SmallNumber quick[2];  ///< what was added beside `value`
    bool failed[2] = {};
};

/// What became of the value of every member.
struct ListFed {
    const Put* put = nullptr;
    std::uint64_t taken = 0, left = 0;
    bool more = false;  ///< there is more to say of it
};

/// Losses of a long document in the order of its ledger: parts, each in front of the members', of the members, and
/// behind.
constexpr std::size_t list_parts = 1 + passes + 1;  ///< what is filled in; leaves by pass; what is carried

}  // namespace hansa::mapping::program
