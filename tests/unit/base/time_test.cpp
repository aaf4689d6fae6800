#include "core/base/time.h"

#include <gtest/gtest.h>

namespace hansa {
namespace {

std::string through(std::string_view text, std::string_view pattern) {
    const auto value = parse_time(text, pattern);
    if (!value) return value.error().text();
    return format_iso(*value);
}

TEST(Time, ReadsNationalForms) {
    EXPECT_EQ(through("20220508113030", "yyyyMMddHHmmss"), "2022-05-08T11:30:30");
    EXPECT_EQ(through("20220508113030123", "yyyyMMddHHmmssSSS"), "2022-05-08T11:30:30.123");
    EXPECT_EQ(through("11/19/25", "M/d/yy"), "2025-11-19");
    EXPECT_EQ(through("20200101000000Z", "yyyyMMddHHmmssX"), "2020-01-01T00:00:00Z");
    EXPECT_EQ(through("20200101000000+01", "yyyyMMddHHmmssX"), "2020-01-01T00:00:00+01:00");
}

TEST(Time, TwoDigitYearsLieInTheHundredYearsFromTheirStart) {
    EXPECT_EQ(parse_time("31/12/49", "dd/MM/yy", 1950).value().year, 2049);
    EXPECT_EQ(parse_time("01/01/50", "dd/MM/yy", 1950).value().year, 1950);
    EXPECT_EQ(parse_time("01/01/99", "dd/MM/yy").value().year, 2099);
}

TEST(Time, RefusesDaysThatDoNotExist) {
    EXPECT_FALSE(parse_time("20230229", "yyyyMMdd"));
    EXPECT_TRUE(parse_time("20240229", "yyyyMMdd"));
    EXPECT_FALSE(parse_time("20241301", "yyyyMMdd"));
    EXPECT_FALSE(parse_time("2024010", "yyyyMMdd"));
    EXPECT_EQ(parse_time("20240101x", "yyyyMMdd").error().code.name(), "base.bad-time");
    EXPECT_FALSE(parse_time("20240101250000", "yyyyMMddHHmmss"));
}

TEST(Time, KeepsFractionAndMinutesOfZone) {
    for (const char* text : {"2024-05-08T11:30:30.904Z", "2024-05-08T11:30:30+05:30", "2024-05-08", "2024-05-08T11:30:30"}) {
        EXPECT_EQ(format_iso(parse_iso(text).value()), text);
    }
    EXPECT_FALSE(parse_iso("2024-05-08T11:30"));
    EXPECT_FALSE(parse_iso("2024-05-08T11:30:30+05:30x"));
}

TEST(Time, MovesBetweenZones) {
    const DateTime here = parse_iso("2024-01-01T02:00:00+05:30").value();
    EXPECT_EQ(format_iso(at_offset(here, 0)), "2023-12-31T20:30:00Z");
    EXPECT_EQ(milliseconds_since_epoch(parse_iso("1970-01-01T08:00:00.250+08:00").value()), 250);
}

TEST(Time, WritesByPattern) {
    const DateTime value = parse_iso("2024-05-08T11:30:30+08:00").value();
    EXPECT_EQ(format_time(value, "yyyyMMddHHmmssX").value(), "20240508113030+08");
    EXPECT_EQ(format_time(value, "dd/MM/yy").value(), "08/05/24");
    EXPECT_FALSE(format_time(parse_iso("2024-05-08").value(), "yyyyMMddHHmmss"));
}

}  // namespace
}  // namespace hansa
