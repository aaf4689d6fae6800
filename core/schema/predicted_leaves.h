// Values on the predicted path, as predicted_path.cpp compiles it once a level; what it knows of the level stands
// there.
//
// One writer's documents hold the same elements in the same order, spelled and indented alike. So what stands between
// two values is compared at once with what stood there last time (LeafRun), and the ends of the next values are
// known beforehand (TagIndex): no value waits for the one before it. A value with references, sections or comments is
// read by the general path's functions, and this one goes on behind it.

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

/// Of any length.
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

/// Of a text's stops, those where it may end: a '>' is one behind a ']' only.
[[gnu::always_inline]] inline std::uint64_t text_ends(const char* at, std::uint64_t stops, bool is_first) {
    const std::uint64_t closing = places_of(at, '>');
    if ((stops & closing) == 0) return stops;
    const std::uint64_t before = is_first || at[-1] != ']' ? 0 : 1;
    return stops & ~(closing & ~(places_of(at, ']') << 1 | before));
}

/// The begin of what ends a comment, an instruction or a section: two bytes side by side. The last of the 64 may be
/// one.
[[gnu::always_inline]] inline std::uint64_t markup_ends(const char* at, char stop) {
    const std::uint64_t second = places_of(at, stop == '?' ? '>' : stop);
    return places_of(at, stop) & (second >> 1 | std::uint64_t{1} << 63);
}

/// LevelPaths::pass
inline const char* pass_text(const char* at, const char* end, char stop, std::size_t& chars, xml::lanes::Level level) {
    const char* const begin = at;
    const bool is_section = stop == ']';
    bool is_ascii = true;
    bool is_ended = false;
    for (; !is_ended && end - at >= 64;) {
        const xml::lanes::TextBlock block = Lanes::text_block(at);
        std::uint64_t ends = stop == 0 ? text_ends(at, block.stops, at == begin) : markup_ends(at, stop);
        if (is_section) ends |= places_of(at, '\r');
        ends |= block.controls;
        const auto size = static_cast<unsigned>(std::countr_zero(ends));
        const std::uint64_t inside = xml::lanes::low(size);
        chars += static_cast<std::size_t>(std::popcount(~block.tails & inside));
        is_ended = ends != 0;
        if ((block.beyond & inside) != 0) {
            if (is_ended && at == begin) return Lanes::characters_good(at, size) ? at + size : nullptr;
            is_ascii = false;
        }
        at += size;
    }
    for (; !is_ended && at != end; ++at) {
        const auto byte = static_cast<unsigned char>(*at);
        is_ended = stop == 0 ? xml::lanes::is_text_stop(*at) && (*at != '>' || (at != begin && at[-1] == ']'))
                             : *at == stop || (is_section && *at == '\r');
        is_ended = is_ended || (byte < 0x20 && !xml::is_space(*at));
        if (is_ended) break;
        is_ascii = is_ascii && byte < 0x80;
        chars += (byte & 0xC0u) != 0x80 ? 1 : 0;
    }
    const auto size = static_cast<std::size_t>(at - begin);
    return is_ascii || xml::lanes::characters_end({begin, size}, 0, size, level) == size ? at : nullptr;
}

/// A piece of the document, or the copy of its end: all bytes up to 256 behind `safe` can be loaded.
struct Window {
    const char* begin;
    const char* safe;
    std::size_t offset;  ///< of its begin in the document
};

/// Offsets in the document as places in the window.
struct Places {
    explicit Places(const Window& window) : shift(reinterpret_cast<std::uintptr_t>(window.begin) - window.offset) {}
    const char* operator()(std::size_t offset) const { return reinterpret_cast<const char*>(shift + offset); }
    std::size_t offset_of(const char* where) const { return reinterpret_cast<std::uintptr_t>(where) - shift; }
    std::uintptr_t shift;
};

/// Offsets of a mask's bits, lowest first. Writes three or more; what is too much is written over later.
[[gnu::always_inline]] inline void put_offsets(std::uint64_t mask, std::size_t base, int count, std::uint16_t* out) {
    const auto put = [&](int i) {
        out[i] = static_cast<std::uint16_t>(base + lowest_bit(mask));
        mask &= mask - 1;
    };
    put(0);
    put(1);
    put(2);
    for (int i = 3; i < count; ++i) put(i);
}

/// Looks for end tags from `from` on, or behind what was looked at, until there is one. False: none begins in the
/// window.
[[gnu::noinline]] inline bool find_tags(TagIndex& index, const Window& window, std::size_t from) {
    const Places place(window);
    const std::size_t safe = place.offset_of(window.safe);
    for (std::size_t at = std::max(from, index.behind); at < safe;) {
        const std::size_t stop = std::min(at + TagIndex::piece, safe);
        const std::size_t base = at;
        std::uint16_t* out = index.offsets.data();
        for (; at < stop; at += 64) {
            const std::uint64_t tags = places_of(place(at), '<') & places_of(place(at + 1), '/');
            const int count = std::popcount(tags);
            put_offsets(tags, at - base, count, out);
            out += count;
        }
        index.base = base;
        index.behind = at;
        index.at = 0;
        index.count = static_cast<std::uint32_t>(out - index.offsets.data());
        if (index.count != 0) return true;
    }
    index.at = index.count = 0;
    return false;
}

/// Values one after the other.
struct Leaves {
    enum class End : std::uint8_t {
        behind,  ///< `at` is behind the end tag of the element of `run`
        full,    ///< `at` is at a start tag; there is no more room for entries
        miss,    ///< `at` is at a start tag with a value that is not read here
        wrong,
    };
    std::size_t at = 0;     ///< offset; at first: behind the start tag of the element of `run`
    std::uint32_t run = 0;  ///< number in the spelling's runs
    std::uint32_t passed = 0;
    std::uint32_t odd = 0;    ///< of them: otherwise than predicted
    bool stopped = false;     ///< behind an end tag that no known value follows
    std::uint32_t state = 0;  ///< of the last element that was passed
};

/// Digits and at most one point, as many as the run says; `size` is at most 64.
[[gnu::always_inline]] inline bool is_short_decimal(const char* text, std::size_t size, const LeafRun& run) {
    const std::uint64_t others = ~digits(text) & xml::lanes::low(static_cast<unsigned>(size));
    const std::size_t whole = others == 0 ? size : static_cast<std::size_t>(std::countr_zero(others));
    const std::size_t point = others == 0 ? 0 : 1;
    const std::size_t count = size - point;
    const bool one_point = (others & (others - 1)) == 0 && (others == 0 || text[whole] == '.');
    return one_point && count != 0 && count <= run.digits_max && count - whole <= run.fraction_max;
}

/// Is the tag that follows the run's value, without the white space before it, at `where`?
[[gnu::always_inline]] inline bool follows(const char* where, const LeafRun& run, const LeafRun& next) {
    const std::uint32_t size = next.tag_size() + 1;
    const std::uint32_t from = run.size - size;
    if (run.next == 0 || from > 64 || size > 64) return false;
    return (differences(where, run.bytes + from) & xml::lanes::low(size)) == 0;
}

/// What else may stand between two elements: comments, with white space around them. Moves `at` behind it.
enum class Between : std::uint8_t { nothing, comments, wrong };
[[gnu::noinline]] inline Between pass_comments(FastReader::Core& core, const Window& window, std::size_t& at) {
    const Places place(window);
    const std::size_t safe = place.offset_of(window.safe);
    Between found = Between::nothing;
    for (std::size_t from = at; from < safe;) {
        const auto other = Lanes::not_space(place(from));
        if (other == 0) return found;
        from += static_cast<unsigned>(std::countr_zero(other));
        if (from >= safe || std::memcmp(place(from), "<!--", 4) != 0) {
            if (found == Between::comments) at = from;
            return found;
        }
        core.at_ = core.begin_ + from;
        if (!core.inner_comment()) return Between::wrong;
        at = from = core.offset_of(core.at_);
        found = Between::comments;
    }
    return found;
}

/// The characters of a value of at most 64 bytes that is not all ASCII; 0: it holds something else.
[[gnu::always_inline]] inline std::size_t wide_characters_here(const char* text, std::size_t size) {
    const auto count = static_cast<unsigned>(size);
    if (count < short_bytes) return short_characters(text, count);
    if (!Lanes::characters_good(text, count)) return 0;
    return static_cast<std::size_t>(std::popcount(~Lanes::text_block(text).tails & xml::lanes::low(count)));
}

[[gnu::noinline]] inline std::size_t wide_characters(const char* text, std::size_t size) {
    return wide_characters_here(text, size);
}

/// Is a value of at most 64 bytes right at the first look? Promised: run.check is not `length`.
[[gnu::always_inline]] inline bool is_right_here(const char* text, std::size_t size, std::size_t chars,
                                                 const LeafRun& run) {
    switch (run.check) {
        case LeafRun::Check::collapsed: {
            const std::uint64_t blanks = places_of(text, ' ') & xml::lanes::low(static_cast<unsigned>(size));
            const std::uint64_t ends = size == 0 ? 0 : 1 | std::uint64_t{1} << (size - 1);
            return chars - run.min_chars <= run.more_chars && (blanks & (blanks >> 1 | ends)) == 0;
        }
        case LeafRun::Check::decimal:
            return is_short_decimal(text, size, run);
        case LeafRun::Check::integer:
            return size - 1 < run.digits_max && (~digits(text) & xml::lanes::low(static_cast<unsigned>(size))) == 0;
        case LeafRun::Check::other:
        case LeafRun::Check::fixed: {
            std::uint64_t value = 0;
            std::memcpy(&value, text, sizeof value);
            return size == run.min_chars && (value & xml::lanes::low(8 * run.min_chars)) == run.fixed;
        }
        case LeafRun::Check::length:
            break;
    }
    return false;
}

[[gnu::noinline]] inline bool is_plainly_right(const char* text, std::size_t size, std::size_t chars,
                                               const LeafRun& run) {
    return is_right_here(text, size, chars, run);
}

/// The one reader of values of a document's piece. What it needs again and again stands here.
class LeafReader {
public:
    LeafReader(FastReader::Core& core, const Window& window, xml::lanes::Level level)
        : core_(core), window_(window), place_(window), safe_(place_.offset_of(window.safe)), level_(level) {}

    /// Reads values as long as the tags that follow them are those of the last time; entries go to `entry`, of which
    /// there is room for `free`.
    [[gnu::noinline]] Leaves::End read(Leaves& leaves, PathIndex first_path, std::uint32_t number, Entry* entry,
                                       std::uint32_t free) {
        TagIndex& index = core_.tags;
        const LeafRun* const runs = core_.spelling->runs();
        const LeafRun* run = runs + leaves.run;
        const Entry* const entry_end = entry + free;
        Entry* const first = entry;
        for (;;) {
            const std::uint32_t next_number = number + leaves.passed + 1;
            run = values_ == Values::plain
                      ? read_known<Values::plain>(leaves, run, first_path, next_number, entry, entry_end)
                      : read_known<Values::odd>(leaves, run, first_path, next_number, entry, entry_end);
            const std::uint32_t passed_before = leaves.passed;
            leaves.passed = static_cast<std::uint32_t>(entry - first);
            leaves.run = static_cast<std::uint32_t>(run - runs);
            if (leaves.passed - passed_before >= few_plain) values_ = Values::plain;
            Leaves::End how = Leaves::End::miss;
            if (run->next == 0 && leaves.stopped) return Leaves::End::behind;
            if (entry == entry_end) {
                how = Leaves::End::full;
            } else if (index.at >= index.count) {
                if (find_tags(index, window_, leaves.at)) continue;
            } else {
                *entry = {core_.begin_ + leaves.at, 0, first_path + run->ordinal(), number + leaves.passed + 1,
                          static_cast<std::uint32_t>(leaves.at - run->tag_size() - 1)};
                const std::uint32_t odd_before = leaves.odd;
                how = read_one(leaves, *run, runs[run->next], *entry, number + leaves.passed);
                if (leaves.odd != odd_before) values_ = Values::odd;
                if (how == Leaves::End::wrong) return how;
                if (how == Leaves::End::miss) break;
                leaves.state = run->state;
                ++leaves.passed;
                if (how == Leaves::End::behind) return how;
                ++entry;
                run = runs + run->next;
                continue;
            }
            return leave(leaves, *run, how);
        }
        return leave(leaves, *run, Leaves::End::miss);
    }

    /// A value that begins here, if it is right at the first look; false: it is another way's.
    [[gnu::always_inline]] bool value_at(const char* text, const LeafRun& run, std::size_t& size) const {
        size = lowest_bit(not_plain(text));
        std::size_t chars = size;
        if (size == 64 || text[size] != '<') {
            const ValueEnds found = value_ends(text);
            if (found.ends == 0) return false;
            size = static_cast<std::size_t>(std::countr_zero(found.ends));
            const bool is_ascii = (found.beyond & xml::lanes::low(static_cast<unsigned>(size))) == 0;
            chars = is_ascii ? size : wide_characters(text, size);
            if (chars == 0 && size != 0) return false;
        }
        return run.check == LeafRun::Check::length ? chars - run.min_chars <= run.more_chars
                                                   : is_right(run, {text, size}, chars);
    }
    [[gnu::always_inline]] bool ends_here(const char* behind, const LeafRun& run) const {
        return std::memcmp(behind, "</", 2) == 0 && stands_whole(behind + 2, core_.tag_of(run));
    }

    /// Behind the end tag of a value that begins here; nullptr: it is another way's.
    [[gnu::noinline]] const char* value_with_tags(const char* text, const LeafRun& run, std::size_t& size) const {
        if (!value_at(text, run, size) || !ends_here(text + size, run)) return nullptr;
        return text + size + 2 + run.tag_size();
    }

    /// As read(), but each value's end is looked for, and what is odd is another way's: for few values, between which
    /// tags stand that the index would know in vain.
    [[gnu::noinline]] Leaves::End read_few(Leaves& leaves, PathIndex first_path, std::uint32_t number, Entry* entry,
                                           std::uint32_t free) const {
        const LeafRun* const runs = core_.spelling->runs();
        const LeafRun* run = runs + leaves.run;
        const char* text = place_(leaves.at);
        Leaves::End end = Leaves::End::full;
        for (; leaves.passed < free && text < window_.safe; ++entry) {
            std::size_t size = 0;
            if (!value_at(text, *run, size)) break;
            const char* const behind = text + size;
            const bool is_followed = run->next != 0 && is_same(behind, *run);
            if (!is_followed && !ends_here(behind, *run)) break;
            const std::size_t at = place_.offset_of(text);
            *entry = {core_.begin_ + at, static_cast<std::uint32_t>(size), first_path + run->ordinal(),
                      number + leaves.passed + 1, static_cast<std::uint32_t>(at - run->tag_size() - 1)};
            ++leaves.passed;
            leaves.state = run->state;
            if (!is_followed) {
                text = behind + 2 + run->tag_size();
                end = Leaves::End::behind;
                break;
            }
            text = behind + run->size;
            run = runs + run->next;
        }
        leaves.at = place_.offset_of(text);
        leaves.run = static_cast<std::uint32_t>(run - runs);
        return end == Leaves::End::behind ? end : leave(leaves, *run, end);
    }

private:
    /// What stood behind the run's value last time stands here.
    [[gnu::always_inline]] static bool is_same(const char* behind, const LeafRun& run) {
        return (differences(behind, run.bytes) & run.first_bytes) == 0 &&
               (run.is_short || is_same_further(behind, run));
    }
    [[gnu::always_inline]] static bool is_same_further(const char* behind, const LeafRun& run) {
        return run.size <= 64 || (differences(behind + 64, run.bytes + 64) & xml::lanes::low(run.size - 64)) == 0;
    }

    // The four words of an entry behind its text, at once.
    [[gnu::always_inline]] static __m128i words(std::uint32_t size, std::uint32_t path, std::uint32_t next,
                                                std::uint32_t offset) {
        return _mm_set_epi32(static_cast<int>(offset), static_cast<int>(next), static_cast<int>(path),
                             static_cast<int>(size));
    }
    [[gnu::always_inline]] static std::uint32_t low_word(const char* text) {
        return static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(text));
    }
    [[gnu::always_inline]] static void put_words(Entry& entry, __m128i own, const LeafRun& run, __m128i others) {
        static_assert(offsetof(Entry, size) == 8 && offsetof(Entry, path) == 12 && offsetof(Entry, next) == 16 &&
                      offsetof(Entry, offset) == 20);
        const __m128i of_run = _mm_load_si128(static_cast<const __m128i*>(static_cast<const void*>(run.entry)));
        _mm_storeu_si128(static_cast<__m128i*>(static_cast<void*>(&entry.size)),
                         _mm_add_epi32(_mm_add_epi32(own, of_run), others));
    }

    /// The value of `run` is another way's.
    static Leaves::End leave(Leaves& leaves, const LeafRun& run, Leaves::End how) {
        leaves.at -= run.tag_size() + 1;
        return how;
    }

    /// What values are mostly made of, which decides what is asked first.
    enum class Values : std::uint8_t { plain, odd };

    /// What ends the value first is the tag behind `size` bytes, of 64 at most. Counts characters that are not ASCII.
    template <Values expected>
    [[gnu::always_inline]] static bool ends_at(const char* text, std::size_t size, std::size_t& chars) {
        if constexpr (expected == Values::plain) {
            if (lowest_bit(not_plain(text)) == size) return true;
            if (lowest_bit(value_ends(text).ends) != size) return false;
        } else {
            const ValueEnds found = value_ends(text);
            if (lowest_bit(found.ends) != size) return false;
            if ((found.beyond & (found.ends ^ (found.ends - 1))) == 0) return true;
        }
        chars = wide_characters_here(text, size);
        return chars != 0;
    }

    /// The short way: what is wholly as it was. The run that it returns, whose value begins at leaves.at, is another
    /// way's.
    template <Values expected>
    [[gnu::noinline]] const LeafRun* read_known(Leaves& leaves, const LeafRun* run, PathIndex first_path,
                                                std::uint32_t next_number, Entry*& entries, const Entry* entry_end) {
        TagIndex& index = core_.tags;
        const LeafRun* const runs = core_.spelling->runs();
        const char* const base = place_(index.base);
        const char* text = place_(leaves.at);
        const std::uint16_t* tag = index.offsets.data() + index.at;
        const std::uint16_t* tags_end = index.offsets.data() + index.count;
        while (tag < tags_end && base + *tag < text) ++tag;
        // A tag an entry.
        Entry* entry = entries;
        if (tags_end - tag > entry_end - entry) tags_end = tag + (entry_end - entry);
        const auto before_tag = static_cast<std::uint32_t>(place_.shift + 1);
        __m128i others = words(0, first_path, next_number, 0 - before_tag);
        const LeafRun* last = nullptr;
        // No call stands in here: each would have the rest of it in memory.
        while (tag < tags_end) {
            const char* const behind = base + *tag;
            const auto size = static_cast<std::size_t>(behind - text);
            std::size_t chars = size;
            if (!ends_at<expected>(text, size, chars)) break;
            if (run->check == LeafRun::Check::length) {
                if (chars - run->min_chars > run->more_chars) break;
            } else if (!is_right_here(text, size, chars, *run)) {
                break;
            }
            if ((differences(behind, run->bytes) & run->first_bytes) != 0) break;
            if (!run->is_short && !is_same_further(behind, *run)) break;
            entry->text = text;
            put_words(*entry, outer_words(static_cast<std::uint32_t>(size), low_word(text)), *run, others);
            others = _mm_add_epi32(others, words(0, 0, 1, 0));
            ++entry;
            last = run;
            text = behind + run->size;
            if (run->next == 0) {
                leaves.stopped = true;
                break;
            }
            run = runs + run->next;
            ++tag;
        }
        if (last != nullptr) leaves.state = last->state;
        leaves.at = place_.offset_of(text);
        // The copy of the document's end goes, the document stays.
        if (place_(0) != core_.begin_) {
            for (Entry* each = entries; each != entry; ++each) {
                each->text = core_.begin_ + place_.offset_of(each->text);
            }
        }
        entries = entry;
        index.at = static_cast<std::uint32_t>(tag - index.offsets.data());
        return run;
    }

    /// One value whose end the index knows. `full`: it was read, and `next` follows it at leaves.at.
    [[gnu::noinline]] Leaves::End read_one(Leaves& leaves, const LeafRun& run, const LeafRun& next, Entry& entry,
                                           std::uint32_t number) {
        const char* const text = place_(leaves.at);
        const std::size_t end = core_.tags.tag();
        const std::size_t size = end - leaves.at;
        const char* const behind = place_(end);
        const TagPattern& tag = core_.tag_of(run);
        std::size_t chars = 0;
        bool was_odd = true;
        if (std::memcmp(behind, "</", 2) == 0 && is_value(text, size, chars)) {
            if (stands_whole(behind + 2, tag)) {
                was_odd = false;
                leaves.at = end + 2 + run.tag_size();
            } else if (std::memcmp(behind + 2, tag.bytes, tag.size - 1) == 0 && xml::is_space(behind[tag.size + 1])) {
                core_.at_ = core_.begin_ + end + tag.size + 2;
                if (!core_.end_odd_tag(core_.begin_ + end, {tag.bytes, tag.size - 1})) return Leaves::End::wrong;
                leaves.at = core_.offset_of(core_.at_);
            } else {
                return Leaves::End::wrong;
            }
            if (!is_right(run, {text, size}, chars)) return Leaves::End::wrong;
            entry.size = static_cast<std::uint32_t>(size);
        } else if (!read_section(leaves, run, tag, entry)) {
            // Children, perhaps.
            if (run.text == no_index) return Leaves::End::miss;
            core_.at_ = core_.begin_ + leaves.at;
            if (!core_.read_odd_value(run, number, entry)) return Leaves::End::wrong;
            leaves.at = core_.offset_of(core_.at_);
        }
        if (was_odd) ++leaves.odd;
        if (leaves.at >= safe_) return Leaves::End::behind;
        // Behind a comment or an odd end tag what follows may be as it was.
        const char* const after = place_(leaves.at);
        const bool is_tag = after[0] == '<' && after[1] != '!';
        const Between between = is_tag ? Between::nothing : pass_comments(core_, window_, leaves.at);
        if (between == Between::wrong) return Leaves::End::wrong;
        was_odd = was_odd || between == Between::comments;
        if (!was_odd || leaves.at >= safe_ || !follows(place_(leaves.at), run, next)) return Leaves::End::behind;
        leaves.at += next.tag_size() + 1;
        return Leaves::End::full;
    }

    /// A value that is one short section and nothing else. False: another one, or it is wrong, which others say.
    bool read_section(Leaves& leaves, const LeafRun& run, const TagPattern& tag, Entry& entry) const {
        constexpr std::string_view open = "<![CDATA[", close = "]]></";
        const char* const begin = place_(leaves.at);
        if (std::memcmp(begin, open.data(), open.size()) != 0 || core_.keeps_patches) return false;
        const char* const text = begin + open.size();
        const xml::lanes::TextBlock block = Lanes::text_block(text);
        const std::uint64_t ends = places_of(text, ']') | places_of(text, '\r') | block.controls;
        const auto size = static_cast<std::size_t>(std::countr_zero(ends));
        if (ends == 0 || std::memcmp(text + size, close.data(), close.size()) != 0) return false;
        if (!stands_whole(text + size + close.size(), tag)) return false;
        const bool is_ascii = (block.beyond & xml::lanes::low(static_cast<unsigned>(size))) == 0;
        const std::size_t chars = is_ascii ? size : wide_characters(text, size);
        if ((chars == 0 && size != 0) || !is_right(run, {text, size}, chars)) return false;
        leaves.at += open.size();
        entry.text = core_.begin_ + leaves.at;
        entry.size = static_cast<std::uint32_t>(size);
        leaves.at += size + close.size() + run.tag_size();
        return true;
    }

    /// Nothing but characters, which are counted.
    bool is_value(const char* text, std::size_t size, std::size_t& chars) const {
        if (size >= 64) {
            const Value value = long_value_at(text, window_.safe, core_.limits.text_bytes_max, level_);
            chars = value.chars;
            return value.end == text + size;
        }
        const ValueEnds found = value_ends(text);
        const std::uint64_t inside = xml::lanes::low(static_cast<unsigned>(size));
        chars = size;
        if ((found.ends & inside) != 0) return false;
        if ((found.beyond & inside) == 0) return true;
        chars = wide_characters(text, size);
        return chars != 0;
    }

    bool is_right(const LeafRun& run, std::string_view text, std::size_t chars) const {
        const TypePrograms& programs = core_.grammar->programs();
        if (text.size() < 64 && run.check != LeafRun::Check::length &&
            is_plainly_right(text.data(), text.size(), chars, run)) {
            return true;
        }
        if (run.text == no_index) return true;
        if (!run.constrained) {
            const bool is_right = programs.accepts(programs[run.text], text, chars);
            if (is_right && run.check == LeafRun::Check::other && text.size() <= LeafRun::remembered_max)
                remember(run, text);
            return is_right;
        }
        return core_.check_text(run.element, text, chars);
    }

    /// Codes are short, and the next document's are likely the same.
    static void remember(const LeafRun& run, std::string_view text) {
        run.fixed = 0;
        std::memcpy(&run.fixed, text.data(), text.size());
        run.min_chars = static_cast<std::uint32_t>(text.size());
    }

    static constexpr std::uint32_t few_plain = 8;

    FastReader::Core& core_;
    const Window& window_;
    Places place_;
    std::size_t safe_;
    xml::lanes::Level level_;
    Values values_ = Values::plain;
};
