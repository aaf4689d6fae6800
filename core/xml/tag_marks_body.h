// The body of tag_marks.cpp, compiled once a level; it knows `Lanes` only by that name (core/xml/lanes.h), and the
// level's gathered(), which puts those bits of a mask side by side that another mask has.

inline TagMarks marks_of(const char* at, bool& in_tag, bool& in_end_tag) {
    TagMarks out;
    const std::uint64_t opens = where(at, '<'), closes = where(at, '>');
    const std::uint64_t ends = opens & where(at + 1, '/');
    out.opens = opens;
    out.starts = opens & ~ends;
    out.others = out.starts & where(at + 1, '!', '?');
    // Opens and closes take turns: their difference has the bits from each open to before its close.
    const std::uint64_t from = opens | std::uint64_t{in_tag};
    const std::uint64_t inside = closes - from;
    out.is_odd = ((inside & closes) | (from & ~inside & ~closes)) != 0;
    const std::uint64_t from_ends = ends | std::uint64_t{in_tag && in_end_tag};
    // Added to the begin of a run, the run becomes its carry: what is left belongs to start tags.
    const std::uint64_t in_start = inside & (inside + from_ends);
    out.colons = in_start & where(at, ':');
    out.declaring = in_start & where(at, ' ') & where(at + 1, 'x');
    in_tag = closes < from;
    in_end_tag = (in_start >> 63) == 0;
    return out;
}

inline std::size_t pass(const char* at, std::size_t blocks, TagWalk& walk) {
    const std::string_view prefix = walk.prefix;
    const auto size = static_cast<unsigned>(prefix.size());
    const auto limit = static_cast<std::int64_t>(walk.limit);
    auto depth = static_cast<std::int64_t>(walk.depth);
    bool in_tag = walk.in_tag, in_end_tag = walk.in_end_tag;
    std::uint64_t before = walk.before;
    std::size_t passed = 0;
    for (; passed < blocks; ++passed, at += 64) {
        bool next_in_tag = in_tag, next_in_end_tag = in_end_tag;
        const TagMarks marks = marks_of(at, next_in_tag, next_in_end_tag);
        std::uint64_t unusual = marks.others | marks.declaring;
        std::uint64_t known = 0;
        if (size != 0) {
            // Its ':' stands behind the prefix, perhaps in the next block.
            known = marks.starts << (size + 1) | before >> (63 - size);
            unusual |= marks.starts & ~where(at + 1 + size, ':');
            for (unsigned i = 0; i < size; ++i) unusual |= marks.starts & ~where(at + 1 + i, prefix[i]);
        }
        unusual |= marks.colons & ~known;
        const auto count = static_cast<unsigned>(std::popcount(marks.opens));
        const std::uint64_t turns = gathered(marks.starts, marks.opens) | ~lanes::low(count);
        const std::int64_t lowest = count > 8 ? -64 : lowest_of[turns & 0xFF];
        if (unusual != 0 || marks.is_odd || depth + lowest < limit || (!walk.is_known && marks.starts != 0)) break;
        depth += 2 * std::popcount(marks.starts) - static_cast<std::int64_t>(count);
        in_tag = next_in_tag;
        in_end_tag = next_in_end_tag;
        before = marks.starts;
    }
    walk.depth = static_cast<std::size_t>(depth);
    walk.in_tag = in_tag;
    walk.in_end_tag = in_end_tag;
    walk.before = before;
    return passed;
}

inline TagMarks mark(const char* at, TagWalk& walk) {
    const TagMarks out = marks_of(at, walk.in_tag, walk.in_end_tag);
    walk.before = out.starts;
    return out;
}
