// Offset to line and column.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/base/error.h"

namespace hansa::xml {

/// Lines end with \n, \r\n or a lone \r. Lines and columns count from 1, columns in bytes; a byte
/// order mark stands in no column. The text must outlive the index.
///
/// Cost: the first call walks over the text, later ones are a binary search. One thread at a time.
class LineIndex {
public:
    explicit LineIndex(std::string_view text) : text_(text) {}

    /// Line and column of the byte; an offset behind the end means the end.
    Place place(std::uint64_t offset);

private:
    void build();

    std::string_view text_;
    std::vector<std::uint64_t> starts_;  ///< of each line; empty until it is asked for
};

}  // namespace hansa::xml
