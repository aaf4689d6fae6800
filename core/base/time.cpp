#include "core/base/time.h"

#include <fmt/format.h>

#include <chrono>
#include <cstdlib>

#include "core/base/codes.h"

namespace hansa {
namespace {

using std::chrono::days;
using std::chrono::milliseconds;
using std::chrono::sys_days;
using std::chrono::year_month_day;

Error bad_time(std::string_view text, std::string_view pattern) {
    return Error{base::codes::bad_time,
                 fmt::format("'{}' does not fit the pattern {}", text.substr(0, 60), pattern)};
}

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// One piece of a pattern: a letter with its count, or a text that stands for itself.
struct Piece {
    char letter = 0;
    std::size_t count = 0;
    std::string literal;
};

Piece next_piece(std::string_view pattern, std::size_t& at) {
    Piece piece;
    const char c = pattern[at];
    if (c == '\'') {
        const std::size_t end = pattern.find('\'', at + 1);
        piece.literal = pattern.substr(at + 1, end == pattern.npos ? pattern.npos : end - at - 1);
        at = end == pattern.npos ? pattern.size() : end + 1;
    } else if (!is_letter(c) || c == 'T') {
        piece.literal = std::string(1, c);
        ++at;
    } else {
        piece.letter = c;
        while (at < pattern.size() && pattern[at] == c) {
            ++at;
            ++piece.count;
        }
    }
    return piece;
}

/// Digits at the front of `text`: exactly `count`, or one to two when `count` is 1.
bool take_number(std::string_view& text, std::size_t count, int& out) {
    std::size_t width = 0;
    const std::size_t most = count == 1 ? 2 : count;
    int value = 0;
    while (width < most && width < text.size() && text[width] >= '0' && text[width] <= '9') {
        value = value * 10 + (text[width] - '0');
        ++width;
    }
    if (width == 0 || (count > 1 && width != count)) return false;
    text.remove_prefix(width);
    out = value;
    return true;
}

/// Z, +hh, +hhmm or +hh:mm at the front of `text`.
bool take_zone(std::string_view& text, DateTime& out) {
    if (!text.empty() && text[0] == 'Z') {
        out.offset_minutes = 0;
        out.zone_is_z = true;
        text.remove_prefix(1);
        return true;
    }
    if (text.size() < 3 || (text[0] != '+' && text[0] != '-')) return false;
    const int sign = text[0] == '-' ? -1 : 1;
    text.remove_prefix(1);
    int hours = 0, minutes = 0;
    if (!take_number(text, 2, hours)) return false;
    if (!text.empty() && text[0] == ':') {
        text.remove_prefix(1);
        if (!take_number(text, 2, minutes)) return false;
    } else if (!text.empty() && text[0] >= '0' && text[0] <= '9') {
        if (!take_number(text, 2, minutes)) return false;
    }
    if (hours > 14 || minutes > 59) return false;
    out.offset_minutes = sign * (hours * 60 + minutes);
    return true;
}

bool take_fraction(std::string_view& text, std::size_t count, DateTime& out) {
    std::size_t width = 0;
    while (width < count && width < text.size() && text[width] >= '0' && text[width] <= '9') ++width;
    if (width != count) return false;
    out.fraction = std::string(text.substr(0, width));
    text.remove_prefix(width);
    return true;
}

bool take_piece(std::string_view& text, const Piece& piece, int century_start, DateTime& out) {
    switch (piece.letter) {
        case 0:
            if (!text.starts_with(piece.literal)) return false;
            text.remove_prefix(piece.literal.size());
            return true;
        case 'y':
            if (!take_number(text, piece.count, out.year)) return false;
            if (piece.count == 2) out.year = century_start + (out.year - century_start % 100 + 100) % 100;
            return true;
        case 'M': return take_number(text, piece.count, out.month);
        case 'd': return take_number(text, piece.count, out.day);
        case 'H': out.has_time = true; return take_number(text, piece.count, out.hour);
        case 'm': return take_number(text, piece.count, out.minute);
        case 's': return take_number(text, piece.count, out.second);
        case 'S': return take_fraction(text, piece.count, out);
        case 'X': return take_zone(text, out);
        default: return false;
    }
}

bool is_real(const DateTime& value) {
    const year_month_day date{std::chrono::year(value.year), std::chrono::month(static_cast<unsigned>(value.month)),
                              std::chrono::day(static_cast<unsigned>(value.day))};
    if (value.year < 1 || value.year > 9999 || !date.ok()) return false;
    return value.hour < 24 && value.minute < 60 && value.second < 60;
}

std::string zone_text(const DateTime& value, std::size_t letters) {
    if (value.zone_is_z) return "Z";
    const int offset = *value.offset_minutes;
    const int size = std::abs(offset);
    const char sign = offset < 0 ? '-' : '+';
    if (letters >= 3) return fmt::format("{}{:02}:{:02}", sign, size / 60, size % 60);
    if (size % 60 == 0) return fmt::format("{}{:02}", sign, size / 60);
    return fmt::format("{}{:02}{:02}", sign, size / 60, size % 60);
}

std::string padded(int value, std::size_t count) {
    return fmt::format("{:0{}}", value, count);
}

std::optional<std::string> piece_text(const DateTime& value, const Piece& piece) {
    switch (piece.letter) {
        case 0: return piece.literal;
        case 'y': return padded(piece.count == 2 ? value.year % 100 : value.year, piece.count);
        case 'M': return padded(value.month, piece.count);
        case 'd': return padded(value.day, piece.count);
        default: break;
    }
    if (!value.has_time) return std::nullopt;
    switch (piece.letter) {
        case 'H': return padded(value.hour, piece.count);
        case 'm': return padded(value.minute, piece.count);
        case 's': return padded(value.second, piece.count);
        case 'S': {
            std::string digits = value.fraction;
            digits.resize(piece.count, '0');
            return digits;
        }
        case 'X': return value.offset_minutes ? std::optional(zone_text(value, piece.count)) : std::nullopt;
        default: return std::nullopt;
    }
}

}  // namespace

Result<DateTime> parse_time(std::string_view text, std::string_view pattern, int century_start) {
    DateTime out;
    std::string_view rest = text;
    for (std::size_t at = 0; at < pattern.size();) {
        if (!take_piece(rest, next_piece(pattern, at), century_start, out)) return bad_time(text, pattern);
    }
    if (!rest.empty() || !is_real(out)) return bad_time(text, pattern);
    return out;
}

Result<std::string> format_time(const DateTime& value, std::string_view pattern) {
    std::string out;
    for (std::size_t at = 0; at < pattern.size();) {
        const auto text = piece_text(value, next_piece(pattern, at));
        if (!text) return bad_time(format_iso(value), pattern);
        out += *text;
    }
    return out;
}

Result<int> parse_offset(std::string_view text) {
    DateTime out;
    std::string_view rest = text;
    if (!take_zone(rest, out) || !rest.empty()) return bad_time(text, "Z or +hh:mm");
    return *out.offset_minutes;
}

Result<DateTime> parse_iso(std::string_view text) {
    if (text.size() <= 10) return parse_time(text, "yyyy-MM-dd");
    DateTime out;
    std::string_view rest = text;
    const auto head = parse_time(rest.substr(0, std::min<std::size_t>(19, rest.size())), "yyyy-MM-ddTHH:mm:ss");
    if (!head) return bad_time(text, "yyyy-MM-ddTHH:mm:ss[.fraction]XXX");
    out = *head;
    rest.remove_prefix(19);
    if (!rest.empty() && rest[0] == '.') {
        rest.remove_prefix(1);
        std::size_t width = 0;
        while (width < rest.size() && width < 9 && rest[width] >= '0' && rest[width] <= '9') ++width;
        if (width == 0) return bad_time(text, "yyyy-MM-ddTHH:mm:ss[.fraction]XXX");
        out.fraction = std::string(rest.substr(0, width));
        rest.remove_prefix(width);
    }
    if (!rest.empty() && !take_zone(rest, out)) return bad_time(text, "yyyy-MM-ddTHH:mm:ss[.fraction]XXX");
    if (!rest.empty()) return bad_time(text, "yyyy-MM-ddTHH:mm:ss[.fraction]XXX");
    return out;
}

std::string format_iso(const DateTime& value) {
    std::string out = fmt::format("{:04}-{:02}-{:02}", value.year, value.month, value.day);
    if (!value.has_time) return out;
    out += fmt::format("T{:02}:{:02}:{:02}", value.hour, value.minute, value.second);
    if (!value.fraction.empty()) out += "." + value.fraction;
    if (value.offset_minutes) out += zone_text(value, 3);
    return out;
}

DateTime at_offset(const DateTime& value, int offset_minutes) {
    const auto date = sys_days(year_month_day{std::chrono::year(value.year),
                                              std::chrono::month(static_cast<unsigned>(value.month)),
                                              std::chrono::day(static_cast<unsigned>(value.day))});
    const int shift = offset_minutes - value.offset_minutes.value_or(0);
    const auto moment = date + std::chrono::hours(value.hour) + std::chrono::minutes(value.minute + shift);
    const auto day = std::chrono::floor<days>(moment);
    const year_month_day ymd(day);
    const auto minute_of_day = std::chrono::duration_cast<std::chrono::minutes>(moment - day).count();
    DateTime out = value;
    out.year = static_cast<int>(ymd.year());
    out.month = static_cast<int>(static_cast<unsigned>(ymd.month()));
    out.day = static_cast<int>(static_cast<unsigned>(ymd.day()));
    out.hour = static_cast<int>(minute_of_day / 60);
    out.minute = static_cast<int>(minute_of_day % 60);
    out.offset_minutes = offset_minutes;
    out.zone_is_z = offset_minutes == 0;
    return out;
}

std::int64_t milliseconds_since_epoch(const DateTime& value) {
    const DateTime utc = value.has_time ? at_offset(value, 0) : value;
    const auto date = sys_days(year_month_day{std::chrono::year(utc.year),
                                              std::chrono::month(static_cast<unsigned>(utc.month)),
                                              std::chrono::day(static_cast<unsigned>(utc.day))});
    std::string digits = utc.fraction;
    digits.resize(3, '0');
    const auto moment = date + std::chrono::hours(utc.hour) + std::chrono::minutes(utc.minute) +
                        std::chrono::seconds(utc.second) + milliseconds(std::atoi(digits.c_str()));
    return std::chrono::duration_cast<milliseconds>(moment.time_since_epoch()).count();
}

DateTime now_utc() {
    const auto now = std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
    const auto day = std::chrono::floor<days>(now);
    const year_month_day ymd(day);
    const std::chrono::hh_mm_ss clock(now - day);
    DateTime out;
    out.year = static_cast<int>(ymd.year());
    out.month = static_cast<int>(static_cast<unsigned>(ymd.month()));
    out.day = static_cast<int>(static_cast<unsigned>(ymd.day()));
    out.has_time = true;
    out.hour = static_cast<int>(clock.hours().count());
    out.minute = static_cast<int>(clock.minutes().count());
    out.second = static_cast<int>(clock.seconds().count());
    out.fraction = fmt::format("{:03}", clock.subseconds().count());
    out.offset_minutes = 0;
    out.zone_is_z = true;
    return out;
}

}  // namespace hansa
