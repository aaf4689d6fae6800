// A profile of a mapping: the same rows for another format, with lists and settings of its own.
//
// Where several countries speak one format, and each has a few codes of its own, the table is written once. A
// profile shares its rows, its shapes and its grammar; it holds only the lists that it replaces.
//
//     Result<std::shared_ptr<const Mapping>> mapping = profile_mapping(
//         {.base = base, .format = "by.goods-declaration", .lists = {{"identity-doc", "codes/identity-doc.codes", text}}},
//         where, faults);
//
// The authority of the mapping stays the base's: what one member carries, another can take, and codes of a replaced
// list travel under the base's name for it ("eaeu.identity-doc"). Memory is the profile's own.
//
// Threads: as Mapping.
// Cost: that of reading the replaced lists; memory: those lists and about a kilobyte for each list of the base.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/mapping/mapping.h"

namespace hansa::mapping {

/// A list that stands in place of the base's of the same name.
struct ProfileList {
    std::string name;  ///< "unit", as rows say it
    std::string file;  ///< how messages name it
    std::string_view text;
};

struct ProfileSource {
    std::shared_ptr<const Mapping> base;
    std::string format;           ///< id of the profile
    std::vector<ProfileList> lists = {};
    Settings settings = {};       ///< over those of the base's table, under those of the agency; "settings" names a variant
};

/// `where` is the profile's place, for faults of names. Every fault goes to `faults`; the result is the first.
///
/// Errors: mapping.name-unknown    a list or a variant that the base does not have, with the nearest
///         mapping.list-columns    the list feeds other places than the one that it replaces
///         mapping.list-syntax, mapping.list-ambiguous
Result<std::shared_ptr<const Mapping>> profile_mapping(const ProfileSource& source, const Place& where,
                                                       Diagnostics& faults);

}  // namespace hansa::mapping
