#include "core/mapping/plan_known.h"

namespace hansa::mapping::program {

void KnownTexts::keep(std::string_view text, const DayKey& day, std::span<const Made> results) {
    std::size_t size = 0;
    for (const Made& one : results) size += one.text.size() + one.list.size();
    if (size > result_bytes_max) return;
    TextKey key{.day_first = day.first, .day_last = day.last, .size = static_cast<std::uint32_t>(text.size())};
    constexpr std::size_t word = 8;
    const bool is_long = TextKey::is_long(text.size());
    TextKey::ends(is_long ? text.substr(text.size() - 2 * word) : text, key.first, key.last);
    if (is_long) {
        key.second = TextKey::load<std::uint64_t>(text.data());
        key.last_but_one = TextKey::load<std::uint64_t>(text.data() + word);
    }
    Id at = place(key.first, key.last, text.size(), day);
    const auto is_free = [&] { return keys_[at].size == nothing; };
    if (!is_free()) at ^= 1U;
    if (!is_free()) return;
    if (bytes_.empty()) {
        bytes_.resize(texts_max);
        results_.resize(texts_max * count_);
    }
    std::string& bytes = bytes_[at];
    bytes.reserve(size);  // what points into it stays where it is
    const auto copied = [&](std::string_view one) {
        const std::size_t from = bytes.size();
        bytes += one;
        return std::string_view(bytes).substr(from);
    };
    for (std::size_t i = 0; i < results.size(); ++i) {
        Made& made = results_[at * count_ + i];
        made.text = copied(results[i].text);
        made.list = copied(results[i].list);
    }
    keys_[at] = key;
}

/// Texts that seldom repeat are left alone for a while, and what was kept of them goes.
void KnownTexts::judge() {
    constexpr std::uint32_t few = trial / 4;
    if (found_ < few) {
        rests_ = rest;
        stale_ = any_stale_ = true;
    }
    asked_ = found_ = 0;
}

void KnownTexts::tidy() {
    if (!stale_) return;
    stale_ = false;
    keys_.fill({});
    for (std::string& one : bytes_) one.clear();
}

}  // namespace hansa::mapping::program
