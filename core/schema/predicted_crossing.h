// What stands between two values where elements end and begin (Crossing), as predicted_path.cpp compiles it once a
// level: learned tag by tag, and found again by one comparison.

/// A crossing while it is learned.
struct CrossingDraft {
    std::uint32_t run = 0;  ///< of the value before it; 0: nothing is learned
    std::uint32_t count = 0;
    const char* from = nullptr;
    std::array<Crossing::Tag, Crossing::tags_max> tags;

    void begin(std::uint32_t behind, const char* gap) {
        run = behind;
        from = gap;
        count = 0;
    }
    void add(Crossing::Tag tag, const char* at) {
        if (run == 0) return;
        if (count == Crossing::tags_max || at - from > Crossing::bytes_max) {
            run = 0;
            return;
        }
        tag.from = static_cast<std::uint32_t>(at - from);
        tags[count++] = tag;
    }
};

/// Do the occurrences so far allow the step, or the end?
[[gnu::always_inline]] inline bool counts_allow(const CompiledGrammar& grammar, std::uint32_t state,
                                                std::uint32_t count, std::uint32_t step) {
    if (!grammar.short_states()[state].counts) return true;
    const ModelState& whole = grammar.states()[state];
    const bool is_again = step != Crossing::ends && (step & ShortState::again) != 0;
    return is_again ? count < whole.max : count >= whole.min;
}

/// The crossing behind the run's value that stands here; nullptr: none that is known.
[[gnu::always_inline]] inline const Crossing* crossing_here(const Spelling& spelling, std::uint32_t run,
                                                            const char* at) {
    const Crossing* one = spelling.crossings(run);
    if (one == nullptr) return nullptr;
    for (std::uint32_t way = 0; way < Spelling::ways; ++way, ++one) {
        const std::uint64_t first = differences(at, one->bytes) & one->first_bytes;
        const std::uint64_t last = differences(at + 64, one->bytes + 64) & one->last_bytes;
        if ((first | last) == 0 && one->size != 0) return one;
    }
    return nullptr;
}
