// The common e-commerce data set, and which format carries which part of it.
//
// The set is a table (reference_data_set.tsv, inside of the program): an element, its parts, and the places of
// the pivot where a part may stand. A format carries a part when a row of its mapping reads one of these
// places and writes it. A pair keeps a part on its way there and back when both carry it at places that meet.
#pragma once

#include <string_view>
#include <vector>

#include "core/mapping/mapping.h"

namespace hansa::cli {

struct DataSetPart {
    std::string_view element, part;  ///< "consignee", "address"
    std::string_view asked_by;       ///< national sets that ask for it
    std::vector<std::string_view> places;
};

/// All parts, in the order of the table. Lives as long as the program.
const std::vector<DataSetPart>& data_set();

enum class Carries { no, reads, writes, both };
std::string_view carries_name(Carries carries);  ///< "-", "reads", "writes", "yes"

/// One answer for each part of data_set().
std::vector<Carries> carried_by(const mapping::Mapping& mapping);

/// Of each part: does it come home when a document goes from `a` to `b` and back?
std::vector<bool> kept_by(const mapping::Mapping& a, const mapping::Mapping& b);

}  // namespace hansa::cli
