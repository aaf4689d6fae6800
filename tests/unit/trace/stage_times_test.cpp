#include "core/trace/stage_times.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>

namespace hansa::trace::test {
namespace {

/// The percentile as a schoolbook has it.
std::int64_t plain(std::vector<std::int64_t> values, double part) {
    std::ranges::sort(values);
    const auto rank = static_cast<std::size_t>(std::ceil(part * static_cast<double>(values.size())));
    return values[std::max<std::size_t>(rank, 1) - 1];
}

TEST(StageTimes, BucketsRiseAndHoldTheirMiddle) {
    std::uint32_t last = 0;
    for (std::int64_t value = 0; value < 3'000'000; value += 1 + value / 500) {
        const std::uint32_t bucket = bucket_of(value);
        ASSERT_GE(bucket, last) << value;
        ASSERT_EQ(bucket_of(seconds_of(bucket)), bucket) << value;
        ASSERT_LE(std::abs(seconds_of(bucket) - value) * 256, value) << value;
        last = bucket;
    }
    EXPECT_EQ(seconds_of(bucket_of(255)), 255);
    EXPECT_EQ(bucket_of(-5), 0U);
    EXPECT_EQ(bucket_of(255) + 1, bucket_of(256));
    EXPECT_EQ(bucket_of(511) + 1, bucket_of(512));
}

TEST(StageTimes, PercentilesAreThoseOfASortedList) {
    std::mt19937_64 random(20261126);
    for (int round = 0; round < 300; ++round) {
        std::vector<std::int64_t> values(1 + random() % 400);
        const std::int64_t most = std::int64_t{1} << (1 + random() % 24);
        std::map<std::uint32_t, std::uint64_t> counts;
        for (std::int64_t& value : values) {
            value = static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(most));
            ++counts[bucket_of(value)];
        }
        std::vector<BucketCount> buckets;
        for (const auto& [bucket, count] : counts) buckets.push_back({bucket, count});
        for (const double part : {0.0, 0.1, 0.5, 0.9, 0.99, 1.0}) {
            const std::int64_t exact = plain(values, part), found = percentile(buckets, part);
            ASSERT_LE(std::abs(found - exact) * 256, exact) << "round " << round << ", part " << part << ": " << found << " for " << exact;
        }
    }
    EXPECT_EQ(percentile({}, 0.5), 0);
}

TEST(StageTimes, TheFirstAfterTheFirstIsMeasured) {
    const Stage stage{"x", "x", "x", event_named("lodged"), event_named("released"), {}};
    const std::uint8_t lodged = stage.from->number, released = stage.to->number;
    const std::vector<Moment> moments{{1, released, 500'000, Precision::moment, true}, {2, lodged, 2'000'000, Precision::moment, true},
                                      {3, lodged, 1'000'000, Precision::day, true},    {4, released, 9'000'000, Precision::moment, true},
                                      {5, released, 3'500'999, Precision::arrival, false}};
    const auto time = measure(stage, moments);
    ASSERT_TRUE(time);
    EXPECT_EQ(time->from_ms, 2'000'000);
    EXPECT_EQ(time->seconds(), 1'500);
    EXPECT_TRUE(time->own);
    EXPECT_FALSE(measure(stage, std::span(moments).first(3)));
    EXPECT_FALSE(measure(stage, {}));
}

TEST(StageTimes, DurationsReadAsTheStandardHasThem) {
    EXPECT_EQ(duration_text(0), "PT0S");
    EXPECT_EQ(duration_text(11'525), "PT3H12M5S");
    EXPECT_EQ(duration_text(2 * 86'400), "P2D");
    EXPECT_EQ(duration_text(2 * 86'400 + 60), "P2DT1M");
}

}  // namespace
}  // namespace hansa::trace::test
