#include "core/mapping/fast_code_table.h"

#include <algorithm>

namespace hansa::mapping {

void CodeTable::add(std::string_view key, std::uint32_t value) {
    find_or_add(key, value);
}

std::uint32_t CodeTable::find_or_add(std::string_view key, std::uint32_t value) {
    if (const std::uint32_t known = find(key); known != none) return known;
    if ((count_ + 1) * 2 > places_.size()) grow();
    const Words words = words_of(key);
    Place place{words.first, words.last, static_cast<std::uint32_t>(key.size()), value, 0};
    if (key.size() > short_bytes) {
        place.from = static_cast<std::uint32_t>(long_keys_.size());
        long_keys_ += key;
    }
    put(place);
    ++count_;
    return value;
}

void CodeTable::put(const Place& place) {
    std::size_t at = hash_of({place.first, place.last}, place.size) & mask_;
    while (places_[at].value != none) at = (at + 1) & mask_;
    places_[at] = place;
}

void CodeTable::grow() {
    const std::vector<Place> before = std::move(places_);
    constexpr std::size_t least = 8;
    places_.assign(std::max(least, before.size() * 2), {});
    mask_ = places_.size() - 1;
    for (const Place& place : before) {
        if (place.value != none) put(place);
    }
}

}  // namespace hansa::mapping
