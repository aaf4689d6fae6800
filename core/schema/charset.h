// Sets of code points, as ranges: the alphabet of patterns.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace hansa::schema {

inline constexpr std::uint32_t last_code_point = 0x10FFFF;

/// Sorted, disjoint ranges, both ends included. Call `settle` after the last `add`.
class CharSet {
public:
    void add(std::uint32_t first, std::uint32_t last) { ranges_.emplace_back(first, last); }
    void add(const CharSet& other) { ranges_.insert(ranges_.end(), other.ranges_.begin(), other.ranges_.end()); }
    void settle();
    bool has(std::uint32_t code_point) const;
    CharSet complement() const;
    CharSet without(const CharSet& other) const;
    const std::vector<std::pair<std::uint32_t, std::uint32_t>>& ranges() const { return ranges_; }

private:
    std::vector<std::pair<std::uint32_t, std::uint32_t>> ranges_;
};

/// The set of a multi-character escape: one of s i c d w (S I C D W are their complements).
CharSet escape_set(char letter);

/// The set of a general category ("L", "Lu") or of a block ("IsBasicLatin"); nothing: no such name.
std::optional<CharSet> property_set(std::string_view name);

}  // namespace hansa::schema
