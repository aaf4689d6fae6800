// How long stages took: of one thing, and of many by percentiles.
//
// Times of many lie in buckets: below 256 seconds each second is its own; above, a bucket is 1/128 of its power of two
// wide and stands for its middle. A percentile (nearest rank) of the buckets is the exact one within 1/256 of it.
//
// Sources: WCO, Guide to Measure the Time Required for the Release of Goods, version 3 (median, spread, count).
// Pure. Threads: any.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/trace/event.h"

namespace hansa::trace {

/// What stages are measured by.
struct Moment {
    std::int64_t id = 0;      ///< of the event
    std::uint8_t event = 0;   ///< number in the vocabulary
    std::int64_t at_ms = 0;
    Precision precision{};
    bool own = false;         ///< of the thing itself, not of what it lies in
};

struct StageTime {
    const Stage* stage = nullptr;
    std::int64_t from_ms = 0, to_ms = 0;
    bool own = false;  ///< begins or ends with an event of the thing itself
    std::int64_t seconds() const { return (to_ms - from_ms) / 1'000; }
};

/// From the first event that begins it to the first after it that ends it. Days are no moments: they do not count.
std::optional<StageTime> measure(const Stage& stage, std::span<const Moment> moments);

std::uint32_t bucket_of(std::int64_t seconds);
/// The middle of a bucket, in seconds.
std::int64_t seconds_of(std::uint32_t bucket);

struct BucketCount {
    std::uint32_t bucket = 0;
    std::uint64_t count = 0;
};

/// The value that `part` (0 to 1) of all do not exceed, by the nearest rank; `buckets` rise. 0 of none.
std::int64_t percentile(std::span<const BucketCount> buckets, double part);

/// ISO 8601: "PT3H12M5S", "P2DT4H"
std::string duration_text(std::int64_t seconds);

}  // namespace hansa::trace
