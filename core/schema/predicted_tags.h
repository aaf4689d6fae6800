// Start tags with attributes on the predicted path, as predicted_path.cpp compiles it once a level.
//
// A tag that stood so before (TagRun) is compared as a whole; where a value is another one, piece by piece: what stands
// between the values must be as it was, and a value is ASCII without references, of which the type's program must be
// sure. All else is a miss, and the general path reads the tag from its begin on.

/// A tag with attributes that stands here, and the step that it takes.
struct TagHere {
    TagRun* run = nullptr;
    std::uint32_t step = 0;
};

[[gnu::always_inline]] inline bool begins(const char* at, const TagRun& run) {
    return (differences(at, run.bytes) & xml::lanes::low(run.name_size)) == 0;
}

[[gnu::always_inline]] inline TagHere tag_of_step(Spelling& spelling, std::uint32_t step, const char* at) {
    const std::uint32_t number = spelling.tag_run_of(step & ~ShortState::again);
    if (number == 0) return {};
    TagRun& run = spelling.tag_run(number);
    return begins(at, run) ? TagHere{&run, step} : TagHere{};
}

[[gnu::noinline]] inline TagHere tag_here(FastReader::Core& core, const std::uint32_t* first, const ShortState& here,
                                          std::uint32_t state, std::uint32_t count, const char* at) {
    for (std::uint32_t i = 0; i < here.count; ++i) {
        const TagHere found = tag_of_step(*core.spelling, first[i], at);
        if (found.run == nullptr) continue;
        if (!counts_allow(*core.grammar, state, count, found.step)) continue;
        core.spelling->last_step(state) = static_cast<std::uint16_t>(i);
        return found;
    }
    return {};
}

[[gnu::always_inline]] inline bool stands_as_before(const char* at, const TagRun& run) {
    for (std::uint32_t done = 0; done < run.size; done += 64) {
        const std::uint32_t left = run.size - done;
        const std::uint64_t inside = xml::lanes::low(left < 64 ? left : 64);
        if ((differences(at + done, run.bytes + done) & inside) != 0) return false;
    }
    return true;
}

/// The bytes from the value before to this value, and those behind the last value, are as they were.
[[gnu::always_inline]] inline bool is_same_between(const char* at, const char* bytes, std::uint32_t size) {
    if (size <= 64) return (differences(at, bytes) & xml::lanes::low(size)) == 0;
    return std::memcmp(at, bytes, size) == 0;
}

/// The tag with other values. Makes the run what stands here; 0: a miss.
[[gnu::noinline]] inline std::uint32_t other_values(FastReader::Core& core, TagRun& run, const char* at,
                                                    std::uint32_t state) {
    std::array<TagRun::Part, TagRun::parts_max> found;
    // Loads end where those of a whole tag do.
    constexpr std::uint32_t far = TagRun::bytes_max - TagRun::block;
    std::uint32_t here = 0, before = 0;
    for (std::uint32_t i = 0; i < run.part_count; ++i) {
        const TagRun::Part& part = run.parts[i];
        const std::uint32_t between = part.value - before;
        if (here + between > far || !is_same_between(at + here, run.bytes + before, between)) return 0;
        const std::uint32_t name = here + part.name - before;
        here += between;
        const char* const value = at + here;
        const std::uint64_t ends = places_of(value, value[-1]);
        const auto size = static_cast<std::uint32_t>(std::countr_zero(ends));
        const ValueEnds odd = value_ends(value);
        const std::uint64_t inside = xml::lanes::low(size);
        if (ends == 0 || ((odd.ends | odd.beyond) & inside) != 0) return 0;
        const bool is_same = size == part.size && std::memcmp(value, run.bytes + part.value, size) == 0;
        if (!is_same && !core.grammar->programs().accepts(core.grammar->programs()[part.type], {value, size}, size)) {
            return 0;
        }
        found[i] = {static_cast<std::uint16_t>(name), static_cast<std::uint16_t>(here),
                    static_cast<std::uint16_t>(size), part.ordinal, part.type};
        here += size;
        before = part.value + part.size;
    }
    const std::uint32_t rest = run.size - before;
    if (here + rest > far || !is_same_between(at + here, run.bytes + before, rest)) return 0;
    here += rest;
    core.spelling->learn_tag(*core.grammar, state, {at, here}, std::span(found).first(run.part_count));
    return here;
}

/// Entries of the attributes of a tag that is as the run says.
[[gnu::always_inline]] inline void put_attributes(const TagRun& run, const char* tag, std::uint32_t offset,
                                                  PathIndex first_attribute, std::uint32_t number, Entry* entry) {
    for (std::uint32_t i = 0; i < run.part_count; ++i) {
        const TagRun::Part& part = run.parts[i];
        entry[i] = {tag + part.value, part.size, first_attribute + part.ordinal, number + i + 1, offset + part.name};
    }
}

/// Behind the end tag of an element that begins at `at` with the run's attributes; nullptr: a miss. Its entries, one
/// more than the run has parts, go to `entry`, of which there is room for `free`.
[[gnu::always_inline]] inline const char* take_tag(FastReader::Core& core, const LeafReader& reader,
                                                   const Window& window, const TagHere& tag, const char* at,
                                                   PathIndex path, std::uint32_t number, Entry* entry,
                                                   std::uint32_t free) {
    TagRun& run = *tag.run;
    if ((core.keeps_patches && !run.is_canonical) || free <= run.part_count + 1) return nullptr;
    const PathNode& node = core.grammar->paths()[path];
    if (run.ordinal_max >= node.attribute_count) return nullptr;
    std::uint32_t size = run.size;
    if (!stands_as_before(at, run)) size = other_values(core, run, at, tag.step & ~ShortState::again);
    const char* const value = at + size;
    if (size == 0 || value >= window.safe) return nullptr;
    std::size_t value_size = 0;
    const char* const behind = reader.value_with_tags(value, run.leaf, value_size);
    if (behind == nullptr) return nullptr;
    const auto offset = static_cast<std::uint32_t>(Places(window).offset_of(at));
    const char* const begin = core.begin_ + offset;
    *entry = {begin + size, static_cast<std::uint32_t>(value_size), path, number + run.part_count + 1, offset};
    put_attributes(run, begin, offset, node.first_attribute, number + 1, entry + 1);
    return behind;
}
