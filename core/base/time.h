// Dates and times as customs documents write them: a day, or a moment with its zone.
//
// A national time without a zone gets the zone that its format's table states; the pivot never
// holds a moment whose zone is unknown. Pivot form is ISO 8601: "2026-11-23" or
// "2026-11-23T08:15:30.904+08:00"; the fraction keeps the digits that were written.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace hansa {

struct DateTime {
    int year = 0;   ///< 1 to 9999
    int month = 0;  ///< 1 to 12
    int day = 0;
    bool has_time = false;  ///< false: a day, and nothing below counts
    int hour = 0, minute = 0, second = 0;
    std::string fraction;               ///< digits after the second's point, as written; up to 9
    std::optional<int> offset_minutes;  ///< east of Greenwich; nothing: the zone was not written
    bool zone_is_z = false;             ///< written as Z, which counts as offset 0

    friend bool operator==(const DateTime&, const DateTime&) = default;
};

/// Reads by a pattern of these letters (Unicode TR 35): yyyy, yy (one of the hundred years from `century_start` on), MM, M,
/// dd, d, HH, mm, ss, SSS; X = Z or +08 or +0800, XXX = Z or +08:00; text in quotes and signs
/// stand for themselves. Errors: base.bad-time
Result<DateTime> parse_time(std::string_view text, std::string_view pattern, int century_start = 2000);

/// Writes by the same patterns. A part that the value lacks is base.bad-time.
Result<std::string> format_time(const DateTime& value, std::string_view pattern);

/// "+08:00", "-03:30" or "Z" to minutes. Errors: base.bad-time
Result<int> parse_offset(std::string_view text);

/// ISO 8601 of the pivot: "2026-11-23", "2026-11-23T08:15:30Z", "2026-11-23T08:15:30.904+05:30".
Result<DateTime> parse_iso(std::string_view text);
std::string format_iso(const DateTime& value);

/// The same moment written for another offset. The value must have a time and an offset.
DateTime at_offset(const DateTime& value, int offset_minutes);

/// Milliseconds since 1970 of a moment (a day counts as its midnight at `offset_minutes` or Z).
std::int64_t milliseconds_since_epoch(const DateTime& value);

/// Now, in UTC with milliseconds.
DateTime now_utc();

}  // namespace hansa
