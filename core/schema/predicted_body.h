// The predicted path, as predicted_path.cpp compiles it once a level: it knows the level by the name `Lanes`.
//
// It holds as long as the tag that stands next is one that the state allows, spelled as before and without
// attributes; a value is text without references. All else is a miss: the general path reads one thing, and
// this one goes on. Loads need not stop at the document's end: the last `margin` bytes are not looked at here.

/// The first `count` bytes at `at` are the pattern's.
inline bool begins_with(const char* at, const TagPattern& tag, std::uint32_t count) {
    if constexpr (Lanes::width >= TagPattern::bytes_max) return Lanes::same(at, tag.bytes, count);
    for (std::uint32_t done = 0; done < count; done += Lanes::width) {
        if (!Lanes::same(at + done, tag.bytes + done, count - done < Lanes::width ? count - done : Lanes::width))
            return false;
    }
    return true;
}

/// A value that ends with '<'.
struct Value {
    const char* end = nullptr;  ///< nullptr: it holds what this path does not read
    std::size_t chars = 0;
};

inline Value value_at(const char* begin, const char* safe, xml::lanes::Level level) {
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
        if (at[size] != '<') return value;
        if (!is_ascii) {
            const auto whole = static_cast<std::size_t>(at + size - begin);
            const bool good = at == begin ? Lanes::characters_good(at, size)
                                          : xml::lanes::characters_end({begin, whole}, 0, whole, level) == whole;
            if (!good) return value;
        }
        value.end = at + size;
        return value;
    }
    return value;
}

inline PathEnd run(FastReader::Core& core, xml::lanes::Level level) {
    constexpr std::ptrdiff_t margin = 256;
    constexpr std::uint32_t edges_tried_max = 24;
    if (core.end_ - core.at_ < margin || core.frames.size() >= core.limits.depth_max) return PathEnd::miss;
    const char* const safe = core.end_ - margin;
    const ModelState* const states = core.grammar->states().data();
    const ModelEdge* const edges = core.grammar->edges().data();
    const CompiledElement* const elements = core.grammar->elements().data();
    const TypePrograms& programs = core.grammar->programs();
    const TagPattern* const tags = core.spelling->tags();
    Tape& tape = core.tape;
    Frame* frame = &core.frames.back();
    const char* at = core.at_;
    const auto leave = [&](PathEnd end) {
        core.at_ = at;
        return end;
    };
    while (frame->predictable && at < safe) {
        if (*at != '<') {
            const char* const from = at;
            auto other = Lanes::not_space(at);
            while (other == 0 && at < safe) {
                at += Lanes::width;
                other = Lanes::not_space(at);
            }
            at += std::countr_zero(other);
            if (at >= safe || *at != '<' || static_cast<std::size_t>(at - from) > core.limits.text_bytes_max) {
                at = from;
                return leave(PathEnd::miss);
            }
        }
        const ModelState& state = states[frame->state];
        if (at[1] == '/') {
            if (frame->tag == nullptr || !begins_with(at + 2, *frame->tag, frame->tag->size))
                return leave(PathEnd::miss);
            if (!state.accepts || (state.counts && frame->count < state.min)) return leave(PathEnd::wrong);
            if (!frame->has_children && at != frame->content) return leave(PathEnd::miss);
            if (core.bindings.size() != frame->bindings_before) return leave(PathEnd::miss);
            at += 2 + frame->tag->size;
            tape.at(frame->entry).next = tape.size();
            const bool is_cut = frame->is_cut;
            core.frames.pop_back();
            if (core.frames.empty()) {
                core.stage = FastReader::Core::Stage::epilog;
                return leave(is_cut ? PathEnd::cut : PathEnd::moved);
            }
            if (is_cut) return leave(PathEnd::cut);
            frame = &core.frames.back();
            continue;
        }
        // The edge whose tag stands here.
        const ModelEdge* edge = edges + state.first_edge;
        const ModelEdge* const last = edge + (state.edge_count < edges_tried_max ? state.edge_count : edges_tried_max);
        for (; edge != last; ++edge) {
            if (edge->symbol == no_index) return leave(PathEnd::miss);
            const TagPattern& tag = tags[edge->symbol];
            if (tag.size == 0 || !begins_with(at + 1, tag, tag.size)) continue;
            if (!state.counts || (edge->again ? frame->count < state.max : frame->count >= state.min)) break;
        }
        if (edge == last) return leave(PathEnd::miss);
        const TagPattern& tag = tags[edge->symbol];
        const CompiledElement& element = elements[edge->target];
        const char* const content = at + 1 + tag.size;
        if (element.way == CompiledElement::Way::careful || edge->ordinal >= frame->child_count)
            return leave(PathEnd::miss);
        const PathIndex path = frame->first_child + edge->ordinal;
        if (element.way == CompiledElement::Way::text) {
            const Value value = value_at(content, safe, level);
            if (value.end == nullptr || value.end[1] != '/' || !begins_with(value.end + 2, tag, tag.size))
                return leave(PathEnd::miss);
            const auto size = static_cast<std::size_t>(value.end - content);
            if (size > core.limits.text_bytes_max || (core.has_cuts && core.cut_paths[path]))
                return leave(PathEnd::miss);
            if (!programs.accepts(programs[element.text], {content, size}, value.chars)) return leave(PathEnd::wrong);
            Entry& entry = tape.add();
            entry = {content, static_cast<std::uint32_t>(size), path, tape.size(), core.offset_of(at)};
            at = value.end + 2 + tag.size;
        } else {
            if (core.frames.size() + 1 >= core.limits.depth_max) return leave(PathEnd::miss);
            const PathNode& node = core.grammar->paths()[path];
            if (node.first_child == no_path) return leave(PathEnd::miss);
            Frame below;
            below.predictable = true;
            below.known = frame->known;
            below.is_cut = core.has_cuts && core.cut_paths[path];
            below.entry = tape.size();
            below.floor = below.entry + 1;
            below.path = path;
            below.first_child = node.first_child;
            below.child_count = node.child_count;
            below.type = element.type;
            below.element = edge->target;
            below.state = element.start;
            below.name = {at + 1, tag.size - 1};
            below.tag = &tag;
            below.content = content;
            below.spelling_before = core.spelling;
            below.bindings_before = static_cast<std::uint32_t>(core.bindings.size());
            tape.add() = {"", 0, path, Entry::open, core.offset_of(at)};
            frame->has_children = true;
            frame->count = edge->again ? frame->count + 1 : 1;
            frame->state = edge->next;
            core.frames.push_back(below);
            frame = &core.frames.back();
            at = content;
            ++core.counts.predicted;
            continue;
        }
        frame->has_children = true;
        frame->count = edge->again ? frame->count + 1 : 1;
        frame->state = edge->next;
        ++core.counts.predicted;
    }
    return leave(PathEnd::miss);
}
