// Places of the pivot that are asked for, as ways through the frames of a document. Internal to core/mapping;
// pivot_places.h says what for.
#pragma once

#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/mapping/pivot_places.h"
#include "core/mapping/plan_program.h"

namespace hansa::mapping::program {

struct Program;

/// From the document, or a member of it, to a value, a class or members.
struct AskedWay {
    struct Key {
        Place place;
        std::string text, list;
    };
    std::vector<Id> loops;  ///< groups whose members are walked
    Id nth = 0;             ///< from 1: only that member of the last loop
    std::vector<Key> keys;  ///< what must stand
    std::vector<InCase> cases;
    Place place;          ///< the value; else it stands when one of `exists` does
    PivotValue constant;  ///< ... and says this
    Standing exists;
    const TemplateNode* node = nullptr;
};

struct Asked {
    std::string untold;                       ///< why nothing can be told; then there are no ways
    bool members = false;                     ///< starts at members: a list of ways for each kind of them
    std::vector<std::vector<AskedWay>> ways;  ///< one list, or one for each kind
};

struct AskedMembers {
    std::string untold;
    std::vector<AskedWay> kinds;
};

struct AskedProgram {
    std::shared_ptr<const Program> program;
    std::vector<Asked> places;
    std::vector<AskedMembers> members;
};

/// A place as numbers that can be put in order.
using PlaceKey = std::pair<Id, Id>;
inline PlaceKey key_of(const Place& place) {
    return {place.group, place.number};
}

/// What of a program is of use when only these places, lists and choices are asked for: the rest is taken out of it,
/// and the steps over places of the format that nobody asks for are passed over.
void cut_down(SourceProgram& program, const schema::PathTable& paths, const std::set<PlaceKey>& places,
              const std::vector<Id>& groups, const std::vector<InCase>& cases);

}  // namespace hansa::mapping::program
