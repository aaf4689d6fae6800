#include "core/trace/stage_times.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>

namespace hansa::trace {
namespace {

constexpr std::uint32_t exact_below = 256, per_power = 128;

bool is_moment(const Moment& moment) {
    return moment.precision != Precision::day;
}

/// The first event of this name at or after a time.
const Moment* first_of(std::span<const Moment> moments, std::uint8_t event, std::int64_t since_ms) {
    const Moment* out = nullptr;
    for (const Moment& moment : moments) {
        if (moment.event != event || !is_moment(moment) || moment.at_ms < since_ms) continue;
        // Of two at once the thing's own counts, whatever came first.
        if (out == nullptr || moment.at_ms < out->at_ms || (moment.at_ms == out->at_ms && moment.own && !out->own)) out = &moment;
    }
    return out;
}

}  // namespace

std::optional<StageTime> measure(const Stage& stage, std::span<const Moment> moments) {
    const Moment* from = first_of(moments, stage.from->number, INT64_MIN);
    if (from == nullptr) return std::nullopt;
    const Moment* to = first_of(moments, stage.to->number, from->at_ms);
    if (to == nullptr) return std::nullopt;
    return StageTime{&stage, from->at_ms, to->at_ms, from->own || to->own};
}

std::uint32_t bucket_of(std::int64_t seconds) {
    const auto value = static_cast<std::uint64_t>(std::clamp<std::int64_t>(seconds, 0, std::int64_t{1} << 40));
    if (value < exact_below) return static_cast<std::uint32_t>(value);
    // 256 to 511 are power 0: each bucket there is two seconds wide.
    const auto power = static_cast<std::uint32_t>(std::bit_width(value)) - 9;
    const auto place = static_cast<std::uint32_t>(value >> (power + 1)) - per_power;
    return exact_below + power * per_power + place;
}

std::int64_t seconds_of(std::uint32_t bucket) {
    if (bucket < exact_below) return bucket;
    const std::uint32_t power = (bucket - exact_below) / per_power, place = (bucket - exact_below) % per_power;
    const std::int64_t width = std::int64_t{1} << (power + 1);
    return static_cast<std::int64_t>(place + per_power) * width + width / 2;
}

std::int64_t percentile(std::span<const BucketCount> buckets, double part) {
    std::uint64_t all = 0;
    for (const BucketCount& one : buckets) all += one.count;
    if (all == 0) return 0;
    const auto rank = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::ceil(part * static_cast<double>(all))));
    std::uint64_t seen = 0;
    for (const BucketCount& one : buckets) {
        seen += one.count;
        if (seen >= rank) return seconds_of(one.bucket);
    }
    return seconds_of(buckets.back().bucket);
}

std::string duration_text(std::int64_t seconds) {
    const std::int64_t days = seconds / 86'400, hours = seconds / 3'600 % 24, minutes = seconds / 60 % 60, rest = seconds % 60;
    std::string out = "P";
    if (days != 0) out += fmt::format("{}D", days);
    if (hours == 0 && minutes == 0 && rest == 0) return days == 0 ? "PT0S" : out;
    out += 'T';
    if (hours != 0) out += fmt::format("{}H", hours);
    if (minutes != 0) out += fmt::format("{}M", minutes);
    if (rest != 0) out += fmt::format("{}S", rest);
    return out;
}

}  // namespace hansa::trace
