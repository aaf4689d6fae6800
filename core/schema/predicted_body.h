// The predicted path, as predicted_path.cpp compiles it once a level: it knows the level by the names `Lanes`
// (values) and `TagLanes` (tags, at most 32 bytes wide).
//
// It holds as long as the tag that stands next is one that the state allows, spelled as before and without
// attributes; a value is text without references. All else is a miss: the general path reads one thing, and
// this one goes on. Loads need not stop at the document's end: the last bytes are read in a copy with room
// behind it.

/// The name that begins at `at` is the pattern's, with its '>'.
[[gnu::always_inline]] inline bool stands(const char* at, const char* bytes, std::uint32_t size) {
    if constexpr (TagLanes::width >= PlacePattern::bytes_max) {
        return TagLanes::same(at, bytes, size < TagLanes::width ? size : TagLanes::width);
    }
    const std::uint32_t front = size < PlacePattern::bytes_max ? size : PlacePattern::bytes_max;
    for (std::uint32_t done = 0; done < front; done += TagLanes::width) {
        const std::uint32_t left = front - done;
        if (!TagLanes::same(at + done, bytes + done, left < TagLanes::width ? left : TagLanes::width)) return false;
    }
    return true;
}
/// The same for what stands behind the first 32 bytes.
inline bool stands_behind(const char* at, const TagPattern& tag) {
    constexpr std::uint32_t front = PlacePattern::bytes_max;
    return tag.size <= front || stands(at + front, tag.bytes + front, tag.size - front);
}
[[gnu::always_inline]] inline bool stands_whole(const char* at, const TagPattern& tag) {
    return stands(at, tag.bytes, tag.size) && stands_behind(at, tag);
}

/// A value that ends with '<'.
struct Value {
    const char* end = nullptr;  ///< nullptr: it holds what this path does not read
    std::size_t chars = 0;
};

/// One that is longer than a block.
[[gnu::noinline]] inline Value long_value_at(const char* begin, const char* safe, xml::lanes::Level level) {
    Value value;
    bool is_ascii = true;
    for (const char* at = begin; at < safe; at += 64) {
        const xml::lanes::TextBlock block = Lanes::text_block(at);
        const std::uint64_t ends = block.stops | block.controls;
        const auto size = static_cast<unsigned>(std::countr_zero(ends));
        const std::uint64_t inside = xml::lanes::low(size);
        value.chars += static_cast<std::size_t>(std::popcount(~block.tails & inside));
        is_ascii = is_ascii && (block.beyond & inside) == 0;
        if (ends == 0) continue;
        const auto whole = static_cast<std::size_t>(at + size - begin);
        if (at[size] != '<') return value;
        if (!is_ascii && xml::lanes::characters_end({begin, whole}, 0, whole, level) != whole) return value;
        value.end = at + size;
        return value;
    }
    return value;
}

[[gnu::always_inline]] inline Value value_at(const char* begin, const char* safe, xml::lanes::Level level) {
    const xml::lanes::TextBlock block = Lanes::text_block(begin);
    const std::uint64_t ends = block.stops | block.controls;
    if (ends == 0) [[unlikely]] return long_value_at(begin, safe, level);
    const auto size = static_cast<unsigned>(std::countr_zero(ends));
    if (begin[size] != '<') return {};
    const std::uint64_t inside = xml::lanes::low(size);
    if ((block.beyond & inside) == 0) return {begin + size, size};
    if (!Lanes::characters_good(begin, size)) return {};
    return {begin + size, static_cast<std::size_t>(std::popcount(~block.tails & inside))};
}

/// A piece of the document, or the copy of its end: all bytes up to 256 behind `safe` can be loaded.
struct Window {
    const char* begin;
    const char* safe;
    std::size_t offset;  ///< of its begin in the document
};

/// Reads on from `core.at_`, which lies in the window's piece.
inline PathEnd run_in(FastReader::Core& core, const Window window, xml::lanes::Level level) {
    using Way = PlacePattern::Way;
    constexpr std::uint32_t edges_tried_max = 24;
    const ModelState* const states = core.grammar->states().data();
    const ModelEdge* const edges = core.grammar->edges().data();
    const TypePrograms& programs = core.grammar->programs();
    const TagPattern* const tags = core.spelling->tags();
    const PlacePattern* const places = core.spelling->places();
    const char* const document = core.begin_;
    const std::size_t text_bytes_max = core.limits.text_bytes_max;
    const bool has_cuts = core.has_cuts;
    Tape& tape = core.tape;
    const auto offset_of = [&](const char* where) { return static_cast<std::size_t>(where - window.begin) + window.offset; };

    const char* at = window.begin + (static_cast<std::size_t>(core.at_ - document) - window.offset);
    std::uint32_t number = tape.size(), free = 0, predicted = 0;
    Entry* entry = tape.room(free);
    Frame* frame = &core.frames.back();
    std::uint32_t state = frame->state;
    std::uint32_t count = frame->count;
    PathEnd end = PathEnd::miss;

    while (frame->predictable && at < window.safe) {
        if (*at != '<') {
            const char* const from = at;
            auto other = Lanes::not_space(at);
            while (other == 0 && at < window.safe) {
                at += Lanes::width;
                other = Lanes::not_space(at);
            }
            if (other != 0) at += std::countr_zero(other);
            if (at >= window.safe || *at != '<' || static_cast<std::size_t>(at - from) > text_bytes_max) {
                at = from;
                break;
            }
        }
        const ModelState& here = states[state];
        if (at[1] == '/') {
            const TagPattern* const tag = frame->tag;
            if (tag == nullptr || !stands_whole(at + 2, *tag)) break;
            if (!here.accepts || (here.counts && count < here.min)) {
                end = PathEnd::wrong;
                break;
            }
            if (!frame->has_children && document + offset_of(at) != frame->content) break;
            if (core.bindings.size() != frame->bindings_before) break;
            at += 2 + tag->size;
            tape.at(frame->entry).next = number;
            const bool is_cut = frame->is_cut;
            core.frames.pop_back();
            if (core.frames.empty()) {
                core.stage = FastReader::Core::Stage::epilog;
                end = is_cut ? PathEnd::cut : PathEnd::moved;
                tape.set_size(number);
                core.counts.predicted += predicted;
                core.at_ = document + offset_of(at);
                return end;
            }
            frame = &core.frames.back();
            state = frame->state;
            count = frame->count;
            if (is_cut) {
                end = PathEnd::cut;
                break;
            }
            continue;
        }
        // The place whose tag stands here.
        const ModelEdge* edge = edges + here.first_edge;
        const ModelEdge* const last = edge + (here.edge_count < edges_tried_max ? here.edge_count : edges_tried_max);
        const PlacePattern* place = nullptr;
        for (; edge != last; ++edge) {
            place = places + edge->next;
            if (!stands(at + 1, place->bytes, place->size)) continue;
            if (place->size > PlacePattern::bytes_max && !stands_behind(at + 1, tags[place->symbol])) continue;
            if (!here.counts || (edge->again ? count < here.max : count >= here.min)) break;
        }
        if (edge == last || place->way == Way::none || place->ordinal >= frame->child_count) break;
        const char* const content = at + 1 + place->size;
        const PathIndex path = frame->first_child + place->ordinal;
        if (place->way != Way::children) {
            const Value value = value_at(content, window.safe, level);
            if (value.end == nullptr || value.end[1] != '/' || !stands(value.end + 2, place->bytes, place->size)) break;
            if (place->size > PlacePattern::bytes_max && !stands_behind(value.end + 2, tags[place->symbol])) break;
            const auto size = static_cast<std::size_t>(value.end - content);
            if (size > text_bytes_max || (has_cuts && core.cut_paths[path])) break;
            if (place->is_constrained && !core.is_plainly_constrained(place->element, {content, size})) break;
            const bool good = place->way == Way::plain ? value.chars >= place->min_chars && value.chars <= place->max_chars
                                                       : programs.accepts(programs[place->text], {content, size}, value.chars);
            if (!good) {
                end = PathEnd::wrong;
                break;
            }
            const std::size_t offset = offset_of(content);
            entry->text = document + offset;
            entry->size = static_cast<std::uint32_t>(size);
            entry->path = path;
            entry->next = ++number;
            entry->offset = static_cast<std::uint32_t>(offset - place->size - 1);
            at = value.end + 2 + place->size;
            count = edge->again ? count + 1 : 1;
            state = edge->next;
            frame->has_children = true;
        } else {
            if (core.frames.size() + 1 >= core.limits.depth_max) break;
            const PathNode& node = core.grammar->paths()[path];
            if (node.first_child == no_path) break;
            const CompiledElement& element = core.grammar->elements()[place->element];
            const std::size_t offset = offset_of(at);
            *entry = {"", 0, path, Entry::open, static_cast<std::uint32_t>(offset)};
            frame->has_children = true;
            frame->count = edge->again ? count + 1 : 1;
            frame->state = edge->next;
            const bool known = frame->known;
            frame = &core.frames.emplace_back();
            frame->predictable = true;
            frame->known = known;
            frame->is_cut = has_cuts && core.cut_paths[path];
            frame->entry = number;
            frame->floor = ++number;
            frame->path = path;
            frame->first_child = node.first_child;
            frame->child_count = node.child_count;
            frame->type = element.type;
            frame->element = place->element;
            frame->state = state = element.start;
            frame->name = {document + offset + 1, static_cast<std::size_t>(place->size) - 1};
            frame->tag = &tags[place->symbol];
            frame->content = document + offset_of(content);
            frame->spelling_before = core.spelling;
            frame->bindings_before = static_cast<std::uint32_t>(core.bindings.size());
            count = 0;
            at = content;
        }
        ++predicted;
        ++entry;
        if (--free == 0) {
            tape.set_size(number);
            entry = tape.room(free);
        }
    }
    frame->state = state;
    frame->count = count;
    tape.set_size(number);
    core.counts.predicted += predicted;
    core.at_ = document + offset_of(at);
    return end;
}

inline PathEnd run(FastReader::Core& core, xml::lanes::Level level) {
    constexpr std::size_t margin = FastReader::Core::tail_room;
    if (core.frames.size() >= core.limits.depth_max) return PathEnd::miss;
    const auto size = static_cast<std::size_t>(core.end_ - core.begin_);
    if (size > margin && core.at_ < core.end_ - margin) {
        const PathEnd end = run_in(core, {core.begin_, core.end_ - margin, 0}, level);
        if (end != PathEnd::miss || core.at_ < core.end_ - margin) return end;
    }
    // The last bytes: in a copy.
    const std::size_t offset = core.tail_begin;
    return run_in(core, {core.tail.data(), core.tail.data() + (size - offset), offset}, level);
}
