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
                                                 std::uint32_t state, std::uint32_t count, const char* at) {
    if (core.keeps_patches) return no_index;
    for (; step != last; ++step) {
        const PlacePattern& place = places[*step & ~ShortState::again];
        const bool is_value = place.way != PlacePattern::Way::none && place.way != PlacePattern::Way::children;
        if (!is_value || place.size > PlacePattern::bytes_max) continue;
        if (std::memcmp(at + place.size, "/>", 2) != 0 || !stands(at + 1, place.bytes, place.size - 1u)) continue;
        if (counts_allow(*core.grammar, state, count, *step)) return *step;
    }
    return no_index;
}

/// The walk over the tags of a document's piece. What it needs again and again stands here; `core` has it when walk()
/// is left.
class Walk {
public:
    [[gnu::always_inline]] Walk(FastReader::Core& core, const Window& window, xml::lanes::Level level)
        : core_(core),
          window_(window),
          placed_(window),
          reader_(core, window, level),
          states_(core.grammar->short_states().data()),
          steps_(core.grammar->steps().data()),
          tags_(core.spelling->tags()),
          places_(core.spelling->places()),
          bindings_(static_cast<std::uint32_t>(core.bindings.size())),
          first_number_(core.tape.size()),
          at_(placed_(core.offset_of(core.at_))),
          frame_(&core.frames.back()),
          state_(frame_->state),
          count_(frame_->count),
          number_(first_number_) {
        make_room();
    }

    [[gnu::always_inline]] PathEnd walk() {
        while (at_ < window_.safe) {
            if (*at_ != '<' && !pass_space()) [[unlikely]]
                break;
            const ShortState here = states_[state_];
            if (at_[1] == '/') {
                if (end_tag(here)) continue;
                break;
            }
            if (!start_tag(here)) break;
        }
        if (core_.frames.empty()) return end_;
        frame_->state = state_;
        frame_->count = count_;
        core_.at_ = in_document(at_);
        return leave(end_);
    }

private:
    using Way = PlacePattern::Way;
    // Each says: go on. `end_` tells why not.
    static constexpr bool stop = false;

    [[gnu::always_inline]] std::size_t offset_of(const char* where) const { return placed_.offset_of(where); }
    [[gnu::always_inline]] const char* in_document(const char* where) const { return core_.begin_ + offset_of(where); }

    [[gnu::always_inline]] void make_room() {
        core_.tape.set_size(number_);
        std::uint32_t free = 0;
        entry_ = core_.tape.room(free);
        entry_end_ = entry_ + free;
    }
    [[gnu::always_inline]] void took_entries(std::uint32_t count) {
        number_ += count;
        entry_ += count;
        if (entry_ == entry_end_) [[unlikely]]
            make_room();
    }
    [[gnu::always_inline]] PathEnd leave(PathEnd end) {
        core_.tape.set_size(number_);
        core_.counts.predicted += number_ - first_number_;
        return end;
    }

    [[gnu::always_inline]] bool pass_space() {
        const char* const from = at_;
        auto other = Lanes::not_space(at_);
        while (other == 0 && at_ < window_.safe) {
            at_ += Lanes::width;
            other = Lanes::not_space(at_);
        }
        if (other != 0) at_ += std::countr_zero(other);
        const bool is_tag = at_ < window_.safe && *at_ == '<';
        if (is_tag && static_cast<std::size_t>(at_ - from) <= core_.limits.text_bytes_max) return true;
        at_ = from;
        return stop;
    }

    /// What followed the last value is not what follows it in one comparison.
    [[gnu::always_inline]] void forget_what_follows() {
        if (before_ != 0) core_.spelling->forget(before_);
        before_ = 0;
    }

    /// The same where an element ends or begins: a crossing, perhaps.
    [[gnu::always_inline]] void leave_values() {
        if (before_ != 0 && core_.spelling->may_cross(before_)) draft_.begin(before_, gap_);
        forget_what_follows();
    }

    [[gnu::always_inline]] bool end_tag(ShortState here) {
        leave_values();
        const TagPattern* const tag = frame_->tag;
        if (tag == nullptr || !stands_whole(at_ + 2, *tag)) return stop;
        if (!here.accepts || !counts_allow(*core_.grammar, state_, count_, Crossing::ends)) {
            end_ = PathEnd::wrong;
            return stop;
        }
        if (!frame_->has_children && in_document(at_) != frame_->content) return stop;
        if (bindings_ != frame_->bindings_before) return stop;
        draft_.add({state_, Crossing::ends, 0, *frame_}, at_);
        at_ += 2 + tag->size;
        const bool is_cut = frame_->is_cut;
        if (is_cut) core_.cut_path = frame_->path;
        close();
        if (core_.frames.empty()) {
            core_.at_ = in_document(at_);
            core_.end_root(core_.at_);
            end_ = leave(is_cut ? PathEnd::cut : PathEnd::moved);
            return stop;
        }
        return_to_outer();
        if (is_cut) end_ = PathEnd::cut;
        return !is_cut && frame_->predictable;
    }
    [[gnu::always_inline]] void close() {
        core_.tape.at(frame_->entry).next = number_;
        core_.frames.pop_back();
    }
    [[gnu::always_inline]] void return_to_outer() {
        frame_ = &core_.frames.back();
        state_ = frame_->state;
        count_ = frame_->count;
    }

    [[gnu::always_inline]] bool start_tag(ShortState here) {
        const std::uint32_t* step = steps_ + here.first;
        const std::uint32_t* const first = step;
        const std::uint32_t* const last = step + here.count;
        const PlacePattern* place = nullptr;
        bool is_usual = false;
        TagHere tag;
        if (!here.counts && here.count != 0) {
            const std::uint32_t* const usual = step + core_.spelling->last_step(state_);
            place = places_ + (*usual & ~ShortState::again);
            is_usual = place->way != Way::none && place->size <= PlacePattern::bytes_max &&
                       stands(at_ + 1, place->bytes, place->size);
            if (is_usual) {
                step = usual;
            } else {
                tag = tag_of_step(*core_.spelling, *usual, at_);
            }
        }
        if (tag.run != nullptr) step = last;
        for (; !is_usual && step != last; ++step) {
            place = places_ + (*step & ~ShortState::again);
            if (place->way == Way::none || !stands(at_ + 1, place->bytes, place->size)) continue;
            if (place->size > PlacePattern::bytes_max && !stands_behind(at_ + 1, tags_[place->symbol])) continue;
            if (counts_allow(*core_.grammar, state_, count_, *step)) break;
        }
        if (step == last) return other_tag(here, first, last, tag);
        if (!is_usual) core_.spelling->last_step(state_) = static_cast<std::uint16_t>(step - first);
        if (place->way < Way::children) return values(*place, *step, here.counts);
        leave_values();
        const OpenPlace open = place_here(*place);
        if (open.path == no_path) return stop;
        draft_.add({state_, *step, 0, open}, at_);
        begin_element(open, *step, offset_of(at_));
        at_ += 1 + open.tag->size;
        took_entries(0);
        return true;
    }

    [[gnu::always_inline]] void take_step(std::uint32_t step) {
        count_ = (step & ShortState::again) != 0 ? count_ + 1 : 1;
        state_ = step & ~ShortState::again;
    }

    /// A start tag with attributes, or an empty tag.
    [[gnu::always_inline]] bool other_tag(ShortState here, const std::uint32_t* first, const std::uint32_t* last,
                                          TagHere tag) {
        if (draft_.run != 0) core_.spelling->note_no_crossing(draft_.run);
        draft_.run = 0;
        if (tag.run == nullptr) tag = tag_here(core_, first, here, state_, count_, at_);
        if (tag.run != nullptr) {
            const PathIndex path = frame_->first_child + tag.run->leaf.ordinal();
            const auto free = static_cast<std::uint32_t>(entry_end_ - entry_);
            const char* const behind = take_tag(core_, reader_, window_, tag, at_, path, number_, entry_, free);
            if (behind == nullptr) return stop;
            at_ = behind;
            took_entries(tag.run->part_count + 1);
            core_.counts.predicted -= tag.run->part_count;
            take_step(tag.step);
            forget_what_follows();
            frame_->has_children = true;
            return true;
        }
        const std::uint32_t found = empty_tag(core_, places_, first, last, state_, count_, at_);
        if (found == no_index) return stop;
        const PlacePattern& place = places_[found & ~ShortState::again];
        // What holds nothing may be wrong, or a default's matter.
        const bool is_words = place.text == no_index;
        if (place.way == Way::bound) return stop;
        if (!is_words && !TypePrograms::accepts_at_once(core_.grammar->programs()[place.text], {}, 0)) return stop;
        *entry_ = {"", 0, frame_->first_child + place.ordinal, number_ + 1, static_cast<std::uint32_t>(offset_of(at_))};
        at_ += place.size + 2;
        take_step(found);
        before_ = 0;
        frame_->has_children = true;
        took_entries(1);
        return true;
    }

    /// Where the element of elements would stand; without a path: it is the general path's.
    [[gnu::always_inline]] OpenPlace place_here(const PlacePattern& place) const {
        const PathIndex path = frame_->first_child + place.ordinal;
        const CompiledElement& element = core_.grammar->elements()[place.element];
        const PathNode& node = core_.grammar->paths()[path];
        if (is_deep() || node.first_child == no_path || node.child_count < element.child_count) return {};
        return {path,          node.first_child, node.child_count, element.type, tags_ + place.symbol,
                place.element, element.start};
    }
    [[gnu::always_inline]] bool is_deep() const { return core_.frames.size() + 1 >= core_.limits.depth_max; }

    /// Opens the element, for whose entry there is room.
    [[gnu::always_inline]] void begin_element(const OpenPlace& place, std::uint32_t step, std::size_t offset) {
        *entry_++ = {"", 0, place.path, Entry::open, static_cast<std::uint32_t>(offset)};
        frame_->has_children = true;
        take_step(step);
        frame_->state = state_;
        frame_->count = count_;
        Frame& made = core_.frames.next();
        static_cast<OpenPlace&>(made) = place;
        made.mode = Frame::Mode::model;
        made.mixed = made.has_children = made.has_words = made.is_nil = false;
        made.predictable = true;
        made.known = frame_->known;
        made.is_cut = core_.has_cuts && core_.cut_paths[place.path];
        made.entry = number_;
        made.floor = ++number_;
        made.count = count_ = 0;
        state_ = place.state;
        made.members = 0;
        const char* const name = core_.begin_ + offset + 1;
        made.name = {name, place.tag->size - std::size_t{1}};
        made.content = name + place.tag->size;
        made.spelling_before = core_.spelling;
        made.bindings_before = bindings_;
        frame_ = &core_.frames.take();
    }

    /// Values from the one whose tag stands here, and what stands between them, as long as it is as last time.
    [[gnu::always_inline]] bool values(const PlacePattern& place, std::uint32_t step, bool counts) {
        const char* text = at_ + 1 + place.size;
        std::uint32_t run = core_.spelling->run_of(*core_.grammar, step & ~ShortState::again);
        if (before_ != 0 && !counts) {
            core_.spelling->learn(before_, {gap_, static_cast<std::size_t>(at_ - gap_)}, run);
        }
        draft_.add({state_, step, 0, {}}, at_);
        if (draft_.run != 0) {
            core_.spelling->learn_crossing(draft_.run, {draft_.from, static_cast<std::size_t>(text - draft_.from)},
                                           std::span(draft_.tags).first(draft_.count), run);
        }
        draft_.run = 0;
        for (;;) {
            before_ = 0;
            const Leaves::End how = some_values(text, run, step);
            if (how == Leaves::End::wrong) end_ = PathEnd::wrong;
            if (how != Leaves::End::behind) return how == Leaves::End::full;
            gap_ = at_;
            if (at_ >= window_.safe || entry_end_ - entry_ <= Crossing::tags_max) return true;
            const Crossing* const crossing = crossing_here(*core_.spelling, before_, at_);
            if (crossing == nullptr || !cross(*crossing)) return true;
            text = at_;
            run = crossing->next;
            step = crossing->tags[crossing->tag_count - 1].step;
        }
    }

    /// Values one after the other, the first of which begins at `text`.
    [[gnu::always_inline]] Leaves::End some_values(const char* text, std::uint32_t run, std::uint32_t step) {
        constexpr std::uint32_t few = 8;
        Leaves leaves;
        leaves.at = offset_of(text);
        leaves.run = run;
        const auto free = static_cast<std::uint32_t>(entry_end_ - entry_);
        Leaves::End how = Leaves::End::full;
        if (core_.spelling->runs()[run].is_brief)
            how = reader_.read_few(leaves, frame_->first_child, number_, entry_, free);
        if (leaves.passed == 0) {
            leaves.at = offset_of(text);
            leaves.run = run;
            how = reader_.read(leaves, frame_->first_child, number_, entry_, free);
        }
        core_.spelling->is_brief(run) = leaves.passed < few;
        if (leaves.passed != 0) {
            frame_->has_children = true;
            count_ = leaves.passed == 1 && (step & ShortState::again) != 0 ? count_ + 1 : 1;
            state_ = leaves.state;
        }
        if (leaves.odd != 0) {
            core_.counts.predicted -= leaves.odd;
            core_.counts.general += leaves.odd;
        }
        at_ = placed_(leaves.at);
        if (how == Leaves::End::behind) before_ = leaves.run;
        took_entries(leaves.passed);
        return how;
    }

    /// Takes the tags of a crossing that stands at `at_`, of whose entries there is room, to behind the start tag of
    /// its value; false: to where it does not fit. Each by itself: all that was before one is right, whatever comes.
    [[gnu::always_inline]] bool cross(const Crossing& crossing) {
        const char* const from = at_;
        const Crossing::Tag* tag = crossing.tags;
        const Crossing::Tag* const value = tag + crossing.tag_count - 1;
        for (; tag != value && take(*tag, from); ++tag) {
        }
        if (tag != crossing.tags) forget_what_follows();
        const bool is_crossed = tag == value && is_allowed(*tag);
        at_ = from + (is_crossed ? crossing.size : tag->from);
        return is_crossed;
    }
    [[gnu::always_inline]] bool is_allowed(const Crossing::Tag& tag) const {
        return tag.state == state_ && counts_allow(*core_.grammar, state_, count_, tag.step);
    }
    [[gnu::always_inline]] bool take(const Crossing::Tag& tag, const char* from) {
        if (!is_allowed(tag)) return false;
        if (tag.step != Crossing::ends) {
            const PathIndex path = frame_->first_child + places_[tag.step & ~ShortState::again].ordinal;
            if (path != tag.place.path || is_deep()) return false;
            begin_element(tag.place, tag.step, offset_of(from) + tag.from);
            return true;
        }
        if (frame_->tag != tag.place.tag || frame_->is_cut || bindings_ != frame_->bindings_before) return false;
        const std::size_t depth = core_.frames.size();
        if (depth == 1 || !core_.frames[depth - 2].predictable) return false;
        close();
        return_to_outer();
        return true;
    }

    FastReader::Core& core_;
    const Window& window_;
    const Places placed_;
    LeafReader reader_;
    const ShortState* const states_;
    const std::uint32_t* const steps_;
    const TagPattern* const tags_;
    const PlacePattern* const places_;
    const std::uint32_t bindings_;
    const std::uint32_t first_number_;

    const char* at_;
    Frame* frame_;
    std::uint32_t state_, count_;  ///< of `frame_`, which has them when an element begins in it
    std::uint32_t number_;
    Entry* entry_ = nullptr;
    const Entry* entry_end_ = nullptr;
    std::uint32_t before_ = 0;  ///< the run of the value that ended at `gap_`
    const char* gap_ = nullptr;
    CrossingDraft draft_;
    PathEnd end_ = PathEnd::miss;
};

/// Reads on from `core.at_`, which lies in the window's piece.
[[gnu::noinline]] inline PathEnd run_in(FastReader::Core& core, const Window& window, xml::lanes::Level level) {
    return Walk(core, window, level).walk();
}

inline PathEnd run(FastReader::Core& core, xml::lanes::Level level) {
    constexpr std::size_t margin = FastReader::Core::tail_room;
    // Where a value of one block or white space between tags could be too long, or each value is asked for, nothing is
    // predicted.
    const bool usual = core.limits.text_bytes_max >= LeafRun::bytes_max && !core.has_leaf_cuts;
    if (!usual || core.frames.size() >= core.limits.depth_max || !core.frames.back().predictable) return PathEnd::miss;
    const auto size = static_cast<std::size_t>(core.end_ - core.begin_);
    if (size > margin && core.at_ < core.end_ - margin) {
        const PathEnd end = run_in(core, Window{core.begin_, core.end_ - margin, 0}, level);
        const bool is_tail = core.at_ >= core.end_ - margin && core.frames.back().predictable;
        if (end != PathEnd::miss || !is_tail) return end;
    }
    // The last bytes: in a copy.
    const std::size_t offset = core.tail_begin;
    return run_in(core, Window{core.tail.data(), core.tail.data() + (size - offset), offset}, level);
}
