// Which rows stand behind a translation, and which row fed a field with what value.
//
//     read 'InventoryHead/grossWeight'  --mappings/ceb603.map:84-->  TotalGrossMassMeasure
//     TotalGrossMassMeasure  --mappings/declaration.map:51-->  'Declaration/TotalGrossMassMeasure'
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/mapping/mapping.h"
#include "core/mapping/translate.h"

namespace hansa::mapping {

/// One step of a plan, or of one translation. A side that is missing is empty.
struct Explained {
    std::string source, source_row, source_value;
    std::string pivot, pivot_value;
    std::string target_row, target, target_value;
    std::string note;  ///< "never taken", "carried", "a default: ..."
};

/// The plan of a pair: rows that meet, what is never taken, what is never given. `path` keeps only
/// lines whose source, pivot or target path ends in it; empty keeps all.
std::vector<Explained> explain(const Mapping& from, const Mapping& to, std::string_view path = {});

/// One translation: values that went through, in the order of the source document.
std::vector<Explained> explain(const Translation& translation, std::string_view path = {});

/// The rows of one table with blocks set in and `same` written out, one a line.
std::string explain_rows(const Mapping& mapping);

/// One line each: for a person.
std::string explain_text(const std::vector<Explained>& lines);

}  // namespace hansa::mapping
