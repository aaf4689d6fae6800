// A table from short texts to numbers: what code lists are compiled to.
//
// Codes of up to 16 bytes are compared as one or two machine words, longer ones byte by byte. Open
// addressing at half load, so that a lookup meets one or two places.
// Threads: immutable once built. Cost: 20 to 40 instructions a lookup; 32 bytes a place.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace hansa::mapping {

class CodeTable {
public:
    static constexpr std::uint32_t none = 0xFFFFFFFFu;

    /// The first of several equal keys counts. Not for tables that are in use already.
    void add(std::string_view key, std::uint32_t value);
    /// `none`: the key is not there.
    std::uint32_t find(std::string_view key) const {
        const Words words = words_of(key);
        for (std::size_t at = hash_of(words, key.size()) & mask_;; at = (at + 1) & mask_) {
            const Place& place = places_[at];
            if (place.first == words.first && place.last == words.last && place.size == key.size() &&
                (key.size() <= short_bytes || same(place, key)))
                return place.value;
            if (place.value == none) return none;
        }
    }
    /// find, or a new key with this value.
    std::uint32_t find_or_add(std::string_view key, std::uint32_t value);
    std::size_t size() const { return count_; }

private:
    static constexpr std::size_t short_bytes = 16;
    struct Words {
        std::uint64_t first = 0, last = 0;
    };
    struct Place {
        std::uint64_t first = 0, last = 0;
        std::uint32_t size = 0, value = none;
        std::uint32_t from = 0;  ///< of a long key: its place in long_keys_
    };

    template <class Word>
    static Word load(const char* at) {
        Word word;
        std::memcpy(&word, at, sizeof word);
        return word;
    }
    /// Two words that tell texts of one length apart, if they have 16 bytes at most.
    static Words words_of(std::string_view key) {
        const char* at = key.data();
        const std::size_t size = key.size();
        if (size >= 8) return {load<std::uint64_t>(at), load<std::uint64_t>(at + size - 8)};
        if (size >= 4) return {load<std::uint32_t>(at) | (std::uint64_t{load<std::uint32_t>(at + size - 4)} << 32), 0};
        if (size == 0) return {};
        const auto byte = [&](std::size_t i) { return std::uint32_t{static_cast<unsigned char>(at[i])}; };
        return {byte(0) | (byte(size / 2) << 8) | (byte(size - 1) << 16), 0};
    }
    static std::size_t hash_of(const Words& words, std::size_t size) {
        const std::uint64_t mixed = (words.first ^ (words.last * 0x9E3779B97F4A7C15u) ^ size) * 0xD6E8FEB86659FD93u;
        return static_cast<std::size_t>(mixed ^ (mixed >> 32));
    }
    bool same(const Place& place, std::string_view key) const {
        return std::string_view(long_keys_).substr(place.from, place.size) == key;
    }
    void put(const Place& place);
    void grow();

    std::vector<Place> places_{1};
    std::size_t mask_ = 0, count_ = 0;
    std::string long_keys_;
};

}  // namespace hansa::mapping
