// What became of the texts that a sender writes again and again: the results of steps that follow from one text alone.
//
// Most texts of customs documents are few: countries, currencies, units, offices, the parties that one platform
// always names. What a course (plan_course.h) makes of such a text follows from the text and, where a code list has
// validities, from the document's day. So the results are kept by the text, and a text that was met before is looked up
// in 30 instructions instead of being read, asked and written once more. Texts that are always new (numbers of orders,
// names of buyers) are noticed and no longer kept.
//
// Only texts whose steps all succeeded are kept; what fails is asked again. Bounds: texts_max texts of text_max bytes.
// Threads: one. Lifetimes: results live until tidy(), which no message may outlast. Errors: std::bad_alloc.
//
//     if (const Id at = known.find("142", day); at != nothing) use(known.results(at));
//     else known.keep("142", day, what_the_steps_made);
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/mapping/plan_common.h"

namespace hansa::mapping::program {

/// A text with the list of its code.
struct Made {
    std::string_view text, list;
};

/// A text of up to text_max bytes by its value: two are equal only where the texts are.
struct TextKey {
    static constexpr std::size_t text_max = 32;
    std::uint64_t first = 0, last = 0;           ///< the bytes, some of them twice
    std::uint64_t second = 0, last_but_one = 0;  ///< of more than 16
    std::uint64_t day_first = 0, day_last = 0;   ///< the document's, where results depend on it
    std::uint32_t size = nothing;                ///< no text has that many

    static bool is_long(std::size_t size) { return size > 2 * sizeof(std::uint64_t); }
    template <class Word>
    static std::uint64_t load(const char* at) {
        Word word;
        std::memcpy(&word, at, sizeof word);
        return word;
    }
    /// First and last word of up to 16 bytes, which overlap; nothing is read beside the text.
    static void ends(std::string_view text, std::uint64_t& first, std::uint64_t& last) {
        constexpr std::size_t word = 8, half = 4;
        const char* const at = text.data();
        const std::size_t size = text.size();
        if (size >= word) {
            first = load<std::uint64_t>(at);
            last = load<std::uint64_t>(at + size - word);
        } else if (size >= half) {
            first = load<std::uint32_t>(at);
            last = load<std::uint32_t>(at + size - half);
        } else if (size != 0) {
            first = load<std::uint8_t>(at) | load<std::uint8_t>(at + size / 2) << 8U;
            last = load<std::uint8_t>(at + size - 1);
        } else {
            first = last = 0;
        }
    }
};

/// The document's day, ready to be compared.
struct DayKey {
    std::uint64_t first = 0, last = 0;
    friend bool operator==(const DayKey&, const DayKey&) = default;
    /// Promised: no more than 16 bytes.
    static DayKey of(std::string_view iso) {
        DayKey made;
        TextKey::ends(iso, made.first, made.last);
        return made;
    }
};

/// Are the texts equal? Promised: both have `size` bytes, no more than TextKey::text_max.
inline bool same_short(const char* a, const char* b, std::size_t size) {
    constexpr std::size_t word = 8, half = 4;
    const auto differ = [&]<class Word>(Word, std::size_t at) {
        return TextKey::load<Word>(a + at) ^ TextKey::load<Word>(b + at);
    };
    if (size >= word) {
        std::uint64_t other = differ(std::uint64_t{}, 0) | differ(std::uint64_t{}, size - word);
        if (size > 2 * word) other |= differ(std::uint64_t{}, word) | differ(std::uint64_t{}, size - 2 * word);
        return other == 0;
    }
    if (size >= half) return (differ(std::uint32_t{}, 0) | differ(std::uint32_t{}, size - half)) == 0;
    std::uint64_t other = 0;
    for (std::size_t i = 0; i < size; ++i) other |= differ(std::uint8_t{}, i);
    return other == 0;
}

/// Copies a text. Promised: no more than TextKey::text_max bytes; nothing is touched beside them.
inline void copy_short(char* to, const char* from, std::size_t size) {
    constexpr std::size_t word = 8, half = 4;
    const auto move = [&]<class Word>(Word, std::size_t at) {
        Word moved;
        std::memcpy(&moved, from + at, sizeof moved);
        std::memcpy(to + at, &moved, sizeof moved);
    };
    if (size >= word) {
        move(std::uint64_t{}, 0);
        if (size > 2 * word) {
            move(std::uint64_t{}, word);
            move(std::uint64_t{}, size - 2 * word);
        }
        move(std::uint64_t{}, size - word);
    } else if (size >= half) {
        move(std::uint32_t{}, 0);
        move(std::uint32_t{}, size - half);
    } else {
        for (std::size_t i = 0; i < size; ++i) to[i] = from[i];
    }
}

class KnownTexts {
public:
    static constexpr std::size_t texts_max = 16;
    static constexpr std::size_t result_bytes_max = 256;  ///< of one text's results

    /// `count`: results of a text. `any_stale` is set when tidy() has something to do.
    KnownTexts(std::size_t count, bool& any_stale) : count_(count), any_stale_(any_stale) {}
    KnownTexts(const KnownTexts&) = delete;
    KnownTexts& operator=(const KnownTexts&) = delete;

    /// Is it worth asking now? False for texts that seldom repeat, but for a trial now and then.
    bool asks() {
        if (rests_ == 0) return true;
        --rests_;
        return false;
    }
    /// Number of the text; nothing: it is not known. Promised: no more than text_max bytes.
    Id find(std::string_view text, const DayKey& day) {
        if (++asked_ == trial) judge();
        std::uint64_t first, last;
        TextKey::ends(TextKey::is_long(text.size()) ? text.substr(text.size() - 16) : text, first, last);
        const auto is = [&](Id at) { return stands(keys_[at], text, first, last, day); };
        Id at = place(first, last, text.size(), day);
        if (is(at) || is(at ^= 1U)) return ++found_, at;
        return nothing;
    }
    const Made* results(Id at) const { return results_.data() + at * count_; }
    /// Copies what the steps made of the text. Nothing: there is no room for it.
    void keep(std::string_view text, const DayKey& day, std::span<const Made> results);
    /// Gives up what is no longer asked for. No message may hold a result.
    void tidy();

private:
    static constexpr std::uint32_t trial = 64, rest = 1024;
    void judge();
    static bool stands(const TextKey& key, std::string_view text, std::uint64_t first, std::uint64_t last,
                       const DayKey& day) {
        if (((key.first ^ first) | (key.last ^ last) | (key.size ^ text.size())) != 0) return false;
        if (((key.day_first ^ day.first) | (key.day_last ^ day.last)) != 0) return false;
        if (!TextKey::is_long(text.size())) return true;
        const char* const at = text.data();
        constexpr std::size_t word = 8;
        return ((key.second ^ TextKey::load<std::uint64_t>(at)) |
                (key.last_but_one ^ TextKey::load<std::uint64_t>(at + word))) == 0;
    }
    static Id place(std::uint64_t first, std::uint64_t last, std::size_t size, const DayKey& day) {
        constexpr std::uint64_t one = 0x9E37'79B9'7F4A'7C15u, other = 0xC2B2'AE3D'27D4'EB4Fu;
        constexpr unsigned top = 60;
        static_assert(texts_max == std::size_t{1} << (64U - top));
        return static_cast<Id>(((first ^ size) * one ^ (last ^ day.last) * other) >> top);
    }

    std::size_t count_;
    bool& any_stale_;
    std::uint32_t asked_ = 0, found_ = 0, rests_ = 0;
    bool stale_ = false;
    std::array<TextKey, texts_max> keys_{};
    std::vector<Made> results_;
    std::vector<std::string> bytes_;  ///< of each text's results
};

}  // namespace hansa::mapping::program
