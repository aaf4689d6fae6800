// The predicted path, as predicted_path.cpp compiles it once a level: it knows the level by the names `Lanes`
// (values) and `TagLanes` (tags, at most 32 bytes wide).
//
// It holds as long as the tag that stands next is one that the state allows, spelled as before, without attributes or
// with those that it had last time (predicted_tags.h); a value is text without references. All else is a miss: the
// general path reads one thing, and this one goes on. Loads need not stop at the document's end: the last bytes are
// read in a copy with room behind it.

/// The step that an empty tag "<a/>" of an element that may hold a value takes; no_index: there is none here.
[[gnu::noinline]] inline std::uint32_t empty_tag(const FastReader::Core& core, const PlacePattern* places,
                                                 const std::uint32_t* step, const std::uint32_t* last,
                                                 const ShortState& here, std::uint32_t state, std::uint32_t count,
                                                 const char* at) {
    if (core.keeps_patches) return no_index;
    const ModelState& whole = core.grammar->states()[state];
    for (; step != last; ++step) {
        const PlacePattern& place = places[*step & ~ShortState::again];
        const bool is_value = place.way != PlacePattern::Way::none && place.way != PlacePattern::Way::children;
        if (!is_value || place.size > PlacePattern::bytes_max) continue;
        if (std::memcmp(at + place.size, "/>", 2) != 0 || !stands(at + 1, place.bytes, place.size - 1u)) continue;
        if (!here.counts || ((*step & ShortState::again) != 0 ? count < whole.max : count >= whole.min)) return *step;
    }
    return no_index;
}

/// Reads on from `core.at_`, which lies in the window's piece.
inline PathEnd run_in(FastReader::Core& core, const Window window, xml::lanes::Level level) {
    using Way = PlacePattern::Way;
    const ShortState* const states = core.grammar->short_states().data();
    const std::uint32_t* const steps = core.grammar->steps().data();
    const TagPattern* const tags = core.spelling->tags();
    const PlacePattern* const places = core.spelling->places();
    const char* const document = core.begin_;
    const Places placed(window);
    const auto offset_of = [&](const char* where) { return placed.offset_of(where); };
    Tape& tape = core.tape;

    const char* at = placed(core.offset_of(core.at_));
    LeafReader reader(core, window, level);
    std::uint32_t before = 0;  // the run of the value that ended at `gap`
    const char* gap = nullptr;
    const std::uint32_t first_number = tape.size();
    std::uint32_t number = first_number;
    std::uint32_t free = 0;
    Entry* entry = tape.room(free);
    const Entry* entry_end = entry + free;
    Frame* frame = &core.frames.back();
    std::uint32_t state = frame->state;
    std::uint32_t count = frame->count;
    PathEnd end = PathEnd::miss;
    static const Frame fresh;  // copied: to fill a new one with zeros costs more

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
            if (before != 0) core.spelling->forget(before);
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
            if (is_cut) core.cut_path = frame->path;
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
            before = 0;
            if (is_cut) end = PathEnd::cut;
            if (is_cut || !frame->predictable) break;
            continue;
        }
        // The place whose tag stands here.
        const std::uint32_t* step = steps + here.first;
        const std::uint32_t* const last = step + here.count;
        const PlacePattern* place = nullptr;
        bool is_usual = false;
        TagHere tag;
        if (!here.counts && here.count != 0) {
            const std::uint32_t* const usual = step + core.spelling->last_step(state);
            place = places + (*usual & ~ShortState::again);
            is_usual = place->way != Way::none && place->size <= PlacePattern::bytes_max &&
                       stands(at + 1, place->bytes, place->size);
            if (is_usual) {
                step = usual;
            } else {
                tag = tag_of_step(*core.spelling, *usual, at);
            }
        }
        if (tag.run != nullptr) step = last;
        for (; !is_usual && step != last; ++step) {
            place = places + (*step & ~ShortState::again);
            if (place->way == Way::none || !stands(at + 1, place->bytes, place->size)) continue;
            if (place->size > PlacePattern::bytes_max && !stands_behind(at + 1, tags[place->symbol])) continue;
            if (!here.counts) break;
            const ModelState& whole = core.grammar->states()[state];
            if ((*step & ShortState::again) != 0 ? count < whole.max : count >= whole.min) break;
        }
        if (!is_usual && step != last) {
            core.spelling->last_step(state) = static_cast<std::uint16_t>(step - (steps + here.first));
        }
        if (step == last) {
            if (tag.run == nullptr) tag = tag_here(core, steps + here.first, here, state, count, at);
            if (tag.run != nullptr) {
                const PathIndex path = frame->first_child + tag.run->leaf.ordinal();
                const auto free_entries = static_cast<std::uint32_t>(entry_end - entry);
                const char* const behind = take_tag(core, reader, window, tag, at, path, number, entry, free_entries);
                if (behind == nullptr) break;
                at = behind;
                entry += tag.run->part_count + 1;
                number += tag.run->part_count + 1;
                core.counts.predicted -= tag.run->part_count;
                count = (tag.step & ShortState::again) != 0 ? count + 1 : 1;
                state = tag.step & ~ShortState::again;
                if (before != 0) core.spelling->forget(before);
                before = 0;
                frame->has_children = true;
                continue;
            }
            const std::uint32_t found = empty_tag(core, places, steps + here.first, last, here, state, count, at);
            if (found == no_index) break;
            const std::uint32_t next_state = found & ~ShortState::again;
            place = places + next_state;
            // What holds nothing may be wrong, or a default's matter.
            const bool is_words = place->text == no_index;
            if (place->way == Way::bound) break;
            if (!is_words && !TypePrograms::accepts_at_once(core.grammar->programs()[place->text], {}, 0)) break;
            *entry = {"", 0, frame->first_child + place->ordinal, number + 1,
                      static_cast<std::uint32_t>(offset_of(at))};
            ++number;
            at += place->size + 2;
            count = (found & ShortState::again) != 0 ? count + 1 : 1;
            state = next_state;
            before = 0;
            frame->has_children = true;
            if (++entry == entry_end) [[unlikely]] {
                tape.set_size(number);
                entry = tape.room(free);
                entry_end = entry + free;
            }
            continue;
        }
        const std::uint32_t next_count = (*step & ShortState::again) != 0 ? count + 1 : 1;
        const std::uint32_t next_state = *step & ~ShortState::again;
        const std::uint32_t tag_size = place->size;
        const char* const content = at + 1 + tag_size;
        const PathIndex path = frame->first_child + place->ordinal;
        const std::size_t offset = offset_of(at);
        if (before != 0 && place->way == Way::children) core.spelling->forget(before);
        if (place->way < Way::children) {
            const std::uint32_t run = core.spelling->run_of(*core.grammar, next_state);
            if (before != 0 && !here.counts) {
                core.spelling->learn(before, {gap, static_cast<std::size_t>(at - gap)}, run);
            }
            before = 0;
            constexpr std::uint32_t few = 8;
            Leaves leaves;
            leaves.at = offset + 1 + tag_size;
            leaves.run = run;
            const auto free_entries = static_cast<std::uint32_t>(entry_end - entry);
            Leaves::End how = Leaves::End::full;
            if (core.spelling->runs()[run].is_brief)
                how = reader.read_few(leaves, frame->first_child, number, entry, free_entries);
            if (leaves.passed == 0) {
                leaves.at = offset + 1 + tag_size;
                leaves.run = run;
                how = reader.read(leaves, frame->first_child, number, entry, free_entries);
            }
            core.spelling->is_brief(run) = leaves.passed < few;
            if (leaves.passed != 0) {
                frame->has_children = true;
                number += leaves.passed;
                entry += leaves.passed;
                state = leaves.state;
                count = leaves.passed == 1 ? next_count : 1;
            }
            core.counts.predicted -= leaves.odd;
            core.counts.general += leaves.odd;
            at = placed(leaves.at);
            if (how == Leaves::End::behind) {
                before = leaves.run;
                gap = at;
            } else if (how != Leaves::End::full) {
                if (how == Leaves::End::wrong) end = PathEnd::wrong;
                break;
            }
            if (entry != entry_end) continue;
            tape.set_size(number);
            entry = tape.room(free);
            entry_end = entry + free;
            continue;
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
            frame = &core.frames.emplace_back(fresh);
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
            before = 0;
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
    // Where a value of one block or white space between tags could be too long, or each value is asked for, nothing is
    // predicted.
    const bool usual = core.limits.text_bytes_max >= LeafRun::bytes_max && !core.has_leaf_cuts;
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
