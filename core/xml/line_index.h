// Offset to line and column, going through the text no further than it is asked.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/base/error.h"

namespace hansa::xml {

/// Lines end with \n, \r\n or a lone \r. Lines and columns count from 1, columns in bytes; a byte
/// order mark stands in no column. The text must outlive the index.
///
/// Cost: the text is walked over once, as far as the furthest offset; a place before that is a binary search.
/// Memory: 8 bytes a line that was walked over and not forgotten. One thread at a time.
class LineIndex {
public:
    explicit LineIndex(std::string_view text) : text_(text) {}

    /// Line and column of the byte; an offset behind the end means the end.
    Place place(std::uint64_t offset);

    /// Lines that end before `offset` will hardly be asked for again: their memory is given back. A place in them is
    /// still found, by walking over the text from its beginning.
    void forget(std::uint64_t offset);

private:
    void walk(std::uint64_t offset);

    std::string_view text_;
    std::vector<std::uint64_t> starts_;  ///< of lines that are known, in order; empty until one is asked for
    std::uint64_t forgotten_ = 0;        ///< lines before these
    std::uint64_t walked_ = 0;           ///< no line break before this offset is unknown
};

}  // namespace hansa::xml
