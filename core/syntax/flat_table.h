// The table of a flat file, as flat.h describes it.
#pragma once

#include <string>
#include <vector>

#include "core/syntax/syntax.h"

namespace hansa::syntax::flat {

struct TableShape {
    std::vector<std::string> names;   ///< the first is the element's
    std::vector<std::string> fields;  ///< in order; empty: always empty
    std::size_t keys = 0;             ///< how many of the first are the file's key
};

struct Layout {
    char separator = 0x1D;
    std::string name;  ///< what `name_field` of the header says
    TableShape header, trailer;
    std::vector<std::string> key;
    std::vector<TableShape> tables;
    std::vector<std::string> tail;
    std::string ns, root;

    /// nullptr: no table is called so.
    const TableShape* table(std::string_view called) const;
};

/// The field of the header that names the message, and the one that the trailer repeats.
inline constexpr std::string_view name_field = "MessageID";

/// Errors: syntax.table-invalid
Result<Layout> read_layout(const Source& source, Diagnostics& faults);

}  // namespace hansa::syntax::flat
