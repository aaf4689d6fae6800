// Where the tags of canonical bytes are and what stands in them, 64 bytes at once.
//
// For walks over bytes that are in canonical form and hold no comments: there `<` begins a tag and nothing else, and
// most tags say nothing that a walk over namespaces has to look at. pass_usual() goes over blocks that hold only such,
// mark_tags() says of one block which tags might say something.
//
//     TagWalk walk{.prefix = "n1", .depth = 3, .limit = 2};
//     at += 64 * pass_usual(bytes + at, blocks, walk, level);
//     const TagMarks marks = mark_tags(bytes + at, walk, level);     // the block that it stopped at
//
// Bit i is byte i of the block. `>` in a value of an attribute, which the canonical form does not write as a reference,
// makes `is_odd`: nothing is said of such bytes.
// Threads: any. Cost: about 70 instructions a block.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/xml/lanes.h"

namespace hansa::xml {

struct TagMarks {
    std::uint64_t opens = 0;      ///< each '<'
    std::uint64_t starts = 0;     ///< those of start tags
    std::uint64_t colons = 0;     ///< in start tags
    std::uint64_t declaring = 0;  ///< the blank in start tags behind which an 'x' stands: xmlns, perhaps
    std::uint64_t others = 0;     ///< '<' of comments and processing instructions
    bool is_odd = false;
};

/// Where a walk stands between two blocks.
struct TagWalk {
    static constexpr std::size_t prefix_max = 7;
    /// Bytes that pass_usual and mark_tags read behind a block.
    static constexpr std::size_t ahead = prefix_max + 2;

    bool is_known = false;    ///< start tags of `prefix` need no look; else no start tag is passed
    std::string_view prefix;  ///< up to prefix_max bytes
    std::size_t depth = 0;    ///< open elements
    std::size_t limit = 0;    ///< end tags that lead below it are not passed
    bool in_tag = false, in_end_tag = false;
    std::uint64_t before = 0;  ///< start tags of the block before
};

/// How many blocks from `at` on, up to `blocks`, need no look: start tags have the prefix and no other ':' and declare
/// nothing, end tags stay above the limit.
std::size_t pass_usual(const char* at, std::size_t blocks, TagWalk& walk, lanes::Level level);

/// Of one block. Depth and prefix are not looked at.
TagMarks mark_tags(const char* at, TagWalk& walk, lanes::Level level);

}  // namespace hansa::xml
