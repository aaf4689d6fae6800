// The predicted path, as predicted_path.cpp compiles it once a level: it knows the level by the names `Lanes`
// (values) and `TagLanes` (tags, at most 32 bytes wide).
//
// It holds as long as the tag that stands next is one that the state allows, spelled as before and without
// attributes; a value is text without references. All else is a miss: the general path reads one thing, and
// this one goes on. Loads need not stop at the document's end: the last bytes are read in a copy with room
// behind it.

/// The name that begins at `at` is the pattern's, with its '>'.
[[gnu::always_inline]] inline bool stands(const char* at, const char* bytes, std::uint32_t size) {
    // Above its width, the count of same() means all of it.
    if constexpr (TagLanes::width >= PlacePattern::bytes_max) return TagLanes::same(at, bytes, size);
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

/// A value up to '<', or to what may not stand in one.
struct Value {
    const char* end = nullptr;  ///< nullptr: it holds what this path does not read
    std::size_t chars = 0;
};

/// One that is longer than a block.
[[gnu::noinline]] inline Value long_value_at(const char* begin, const char* safe, std::size_t text_bytes_max,
                                             xml::lanes::Level level) {
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
        if (at[size] != '<' || whole > text_bytes_max) return value;
        if (!is_ascii && xml::lanes::characters_end({begin, whole}, 0, whole, level) != whole) return value;
        value.end = at + size;
        return value;
    }
    return value;
}

[[gnu::always_inline]] inline Value value_at(const char* begin, const char* safe, std::size_t text_bytes_max,
                                             xml::lanes::Level level) {
    const ValueEnds found = value_ends(begin);
    if (found.ends == 0) [[unlikely]]
        return long_value_at(begin, safe, text_bytes_max, level);
    const auto size = static_cast<unsigned>(std::countr_zero(found.ends));
    const std::uint64_t inside = found.beyond & (found.ends ^ (found.ends - 1));
    if (inside == 0) return {begin + size, size};
    if (!Lanes::characters_good(begin, size)) return {};
    return {begin + size,
            static_cast<std::size_t>(std::popcount(~Lanes::text_block(begin).tails & xml::lanes::low(size)))};
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
    const ShortState* const states = core.grammar->short_states().data();
    const std::uint32_t* const steps = core.grammar->steps().data();
    const TypePrograms& programs = core.grammar->programs();
    const TagPattern* const tags = core.spelling->tags();
    const PlacePattern* const places = core.spelling->places();
    const char* const document = core.begin_;
    const auto address = [](const char* where) { return reinterpret_cast<std::uintptr_t>(where); };
    const std::uintptr_t shift = window.offset - address(window.begin);  // from an address to an offset
    const auto offset_of = [&](const char* where) { return address(where) + shift; };
    Tape& tape = core.tape;

    const char* at = window.begin + (static_cast<std::size_t>(core.at_ - document) - window.offset);
    const std::uint32_t first_number = tape.size();
    std::uint32_t number = first_number;
    std::uint32_t free = 0;
    Entry* entry = tape.room(free);
    const Entry* entry_end = entry + free;
    Frame* frame = &core.frames.back();
    std::uint32_t state = frame->state;
    std::uint32_t count = frame->count;
    PathEnd end = PathEnd::miss;

    while (at < window.safe) {
        if (*at != '<') [[unlikely]] {
            const char* const from = at;
            auto other = Lanes::not_space(at);
            while (other == 0 && at < window.safe) {
                at += Lanes::width;
                other = Lanes::not_space(at);
            }
            if (other != 0) at += std::countr_zero(other);
            if (at >= window.safe || *at != '<' || static_cast<std::size_t>(at - from) > core.limits.text_bytes_max) {
                at = from;
                break;
            }
        }
        const ShortState here = states[state];
        if (at[1] == '/') {
            const TagPattern* const tag = frame->tag;
            if (tag == nullptr || !stands_whole(at + 2, *tag)) break;
            const ModelState& whole = core.grammar->states()[state];
            if (!here.accepts || (here.counts && count < whole.min)) {
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
                tape.set_size(number);
                core.counts.predicted += number - first_number;
                core.at_ = document + offset_of(at);
                core.end_root(core.at_);
                return is_cut ? PathEnd::cut : PathEnd::moved;
            }
            frame = &core.frames.back();
            state = frame->state;
            count = frame->count;
            if (is_cut) end = PathEnd::cut;
            if (is_cut || !frame->predictable) break;
            continue;
        }
        // The place whose tag stands here.
        const std::uint32_t* step = steps + here.first;
        const std::uint32_t* const last = step + here.count;
        const PlacePattern* place = nullptr;
        for (; step != last; ++step) {
            place = places + (*step & ~ShortState::again);
            if (!stands(at + 1, place->bytes, place->size)) continue;
            if (place->size > PlacePattern::bytes_max && !stands_behind(at + 1, tags[place->symbol])) continue;
            if (!here.counts) break;
            const ModelState& whole = core.grammar->states()[state];
            if ((*step & ShortState::again) != 0 ? count < whole.max : count >= whole.min) break;
        }
        if (step == last) break;
        const std::uint32_t next_count = (*step & ShortState::again) != 0 ? count + 1 : 1;
        const std::uint32_t next_state = *step & ~ShortState::again;
        const std::uint32_t tag_size = place->size;
        const char* const content = at + 1 + tag_size;
        const PathIndex path = frame->first_child + place->ordinal;
        const std::size_t offset = offset_of(at);
        if (place->way < Way::children) {
            if (place->way == Way::none) break;
            const Value value = value_at(content, window.safe, core.limits.text_bytes_max, level);
            if (value.end == nullptr || std::memcmp(value.end, "</", 2) != 0 ||
                !stands(value.end + 2, place->bytes, tag_size))
                break;
            if (tag_size > PlacePattern::bytes_max && !stands_behind(value.end + 2, tags[place->symbol])) break;
            const auto size = static_cast<std::size_t>(value.end - content);
            bool good = value.chars - place->min_chars <= place->more_chars;
            if (place->way != Way::plain) {
                if (place->way == Way::bound && !core.is_plainly_constrained(place->element, {content, size})) break;
                good = programs.accepts(programs[place->text], {content, size}, value.chars);
            }
            if (!good) [[unlikely]] {
                end = PathEnd::wrong;
                break;
            }
            entry->text = document + offset + 1 + tag_size;
            entry->size = static_cast<std::uint32_t>(size);
            entry->path = path;
            entry->next = ++number;
            entry->offset = static_cast<std::uint32_t>(offset);
            at = value.end + 2 + tag_size;
            state = next_state;
            count = next_count;
            frame->has_children = true;
        } else {
            const PathNode& node = core.grammar->paths()[path];
            const CompiledElement& element = core.grammar->elements()[place->element];
            if (core.frames.size() + 1 >= core.limits.depth_max || node.first_child == no_path ||
                node.child_count < element.child_count) {
                break;
            }
            *entry = {"", 0, path, Entry::open, static_cast<std::uint32_t>(offset)};
            frame->has_children = true;
            frame->count = next_count;
            frame->state = next_state;
            const bool known = frame->known;
            frame = &core.frames.emplace_back();
            frame->predictable = true;
            frame->known = known;
            frame->is_cut = core.has_cuts && core.cut_paths[path];
            frame->entry = number;
            frame->floor = ++number;
            frame->path = path;
            frame->first_child = node.first_child;
            frame->child_count = node.child_count;
            frame->type = element.type;
            frame->element = place->element;
            frame->state = state = element.start;
            frame->name = {document + offset + 1, static_cast<std::size_t>(tag_size) - 1};
            frame->tag = &tags[place->symbol];
            frame->content = document + offset + 1 + tag_size;
            frame->spelling_before = core.spelling;
            frame->bindings_before = static_cast<std::uint32_t>(core.bindings.size());
            count = 0;
            at = content;
        }
        if (++entry == entry_end) [[unlikely]] {
            tape.set_size(number);
            entry = tape.room(free);
            entry_end = entry + free;
        }
    }
    frame->state = state;
    frame->count = count;
    tape.set_size(number);
    core.counts.predicted += number - first_number;
    core.at_ = document + offset_of(at);
    return end;
}

inline PathEnd run(FastReader::Core& core, xml::lanes::Level level) {
    constexpr std::size_t margin = FastReader::Core::tail_room;
    // Where a value of one block could be too long, or each value is asked for, nothing is predicted.
    const bool usual = core.limits.text_bytes_max >= TagPattern::bytes_max && !core.has_leaf_cuts;
    if (!usual || core.frames.size() >= core.limits.depth_max || !core.frames.back().predictable) return PathEnd::miss;
    const auto size = static_cast<std::size_t>(core.end_ - core.begin_);
    if (size > margin && core.at_ < core.end_ - margin) {
        const PathEnd end = run_in(core, {core.begin_, core.end_ - margin, 0}, level);
        const bool is_tail = core.at_ >= core.end_ - margin && core.frames.back().predictable;
        if (end != PathEnd::miss || !is_tail) return end;
    }
    // The last bytes: in a copy.
    const std::size_t offset = core.tail_begin;
    return run_in(core, {core.tail.data(), core.tail.data() + (size - offset), offset}, level);
}
