#include "core/schema/lexical.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>
#include <utility>

#include "core/schema/charset.h"
#include "core/schema/pattern.h"

namespace hansa::schema {

namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool all_digits(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

/// A reader of one lexical form, from left to right.
struct Cursor {
    std::string_view text;
    std::size_t at = 0;

    bool done() const { return at == text.size(); }
    bool take(char c) {
        if (at >= text.size() || text[at] != c) return false;
        ++at;
        return true;
    }
    std::string_view digits() {
        const std::size_t start = at;
        while (at < text.size() && is_digit(text[at])) ++at;
        return text.substr(start, at - start);
    }
    /// Exactly `count` digits, as a number; -1: they are not there.
    int number(std::size_t count) {
        const std::string_view rest = text.substr(at, count);
        if (rest.size() != count || !all_digits(rest)) return -1;
        at += count;
        int value = 0;
        for (const char c : rest) value = value * 10 + (c - '0');
        return value;
    }
};

// --- decimals ----------------------------------------------------------------------------------

struct DecimalParts {
    bool negative = false;
    std::string_view whole, fraction;  ///< without zeros in front, and at the end
};

std::optional<DecimalParts> decimal_parts(std::string_view text) {
    Cursor cursor{text};
    DecimalParts parts;
    parts.negative = cursor.take('-');
    if (!parts.negative) cursor.take('+');
    parts.whole = cursor.digits();
    const std::size_t whole_size = parts.whole.size();
    if (cursor.take('.')) parts.fraction = cursor.digits();
    if (!cursor.done() || whole_size + parts.fraction.size() == 0) return std::nullopt;
    parts.whole.remove_prefix(std::min(parts.whole.find_first_not_of('0'), parts.whole.size()));
    parts.fraction = parts.fraction.substr(0, parts.fraction.find_last_not_of('0') + 1);
    if (parts.whole.empty() && parts.fraction.empty()) parts.negative = false;
    return parts;
}

std::strong_ordering compare_sizes(const DecimalParts& a, const DecimalParts& b) {
    if (const auto by_size = a.whole.size() <=> b.whole.size(); by_size != 0) return by_size;
    if (const auto by_whole = a.whole.compare(b.whole); by_whole != 0) return by_whole <=> 0;
    return a.fraction.compare(b.fraction) <=> 0;
}

std::optional<std::strong_ordering> compare_decimals(std::string_view left, std::string_view right) {
    const auto a = decimal_parts(left);
    const auto b = decimal_parts(right);
    if (!a || !b) return std::nullopt;
    if (a->negative != b->negative) return a->negative ? std::strong_ordering::less : std::strong_ordering::greater;
    return a->negative ? compare_sizes(*b, *a) : compare_sizes(*a, *b);
}

bool is_integer_form(std::string_view text) {
    return text.find('.') == std::string_view::npos && decimal_parts(text).has_value();
}

// --- floating ----------------------------------------------------------------------------------

bool is_floating(std::string_view text) {
    if (text == "INF" || text == "-INF" || text == "NaN") return true;
    const std::size_t e = text.find_first_of("eE");
    if (!decimal_parts(text.substr(0, e))) return false;
    if (e == std::string_view::npos) return true;
    std::string_view exponent = text.substr(e + 1);
    if (exponent.starts_with('+') || exponent.starts_with('-')) exponent.remove_prefix(1);
    return all_digits(exponent);
}

std::optional<double> floating_value(std::string_view text) {
    if (text == "INF") return HUGE_VAL;
    if (text == "-INF") return -HUGE_VAL;
    if (text.starts_with('+')) text.remove_prefix(1);
    double value = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
    if (parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size() || std::isnan(value)) return std::nullopt;
    return value;
}

// --- dates and times ---------------------------------------------------------------------------

struct Moment {
    long long year = 1972;  ///< a leap year, for --02-29
    int month = 1, day = 1, hour = 0, minute = 0, second = 0;
    std::string_view fraction;
    std::optional<int> zone_minutes;
};

bool is_leap(long long year) {
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

int days_of(long long year, int month) {
    static constexpr std::array<int, 12> days{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : days[static_cast<std::size_t>(month - 1)];
}

bool take_year(Cursor& cursor, Moment& moment) {
    const bool negative = cursor.take('-');
    const std::string_view digits = cursor.digits();
    if (digits.size() < 4 || digits.size() > 12 || (digits.size() > 4 && digits[0] == '0')) return false;
    moment.year = 0;
    for (const char c : digits) moment.year = moment.year * 10 + (c - '0');
    if (moment.year == 0) return false;
    if (negative) moment.year = -moment.year;
    return true;
}

bool take_month(Cursor& cursor, Moment& moment) {
    moment.month = cursor.number(2);
    return moment.month >= 1 && moment.month <= 12;
}

bool take_day(Cursor& cursor, Moment& moment) {
    moment.day = cursor.number(2);
    return moment.day >= 1 && moment.day <= days_of(moment.year, moment.month);
}

bool take_time(Cursor& cursor, Moment& moment) {
    moment.hour = cursor.number(2);
    if (!cursor.take(':')) return false;
    moment.minute = cursor.number(2);
    if (!cursor.take(':')) return false;
    moment.second = cursor.number(2);
    if (cursor.take('.')) {
        moment.fraction = cursor.digits();
        if (moment.fraction.empty()) return false;
    }
    if (moment.hour == 24) {  // midnight at the end of the day
        return moment.minute == 0 && moment.second == 0 &&
               moment.fraction.find_first_not_of('0') == std::string_view::npos;
    }
    return moment.hour >= 0 && moment.hour <= 23 && moment.minute >= 0 && moment.minute <= 59 && moment.second >= 0 &&
           moment.second <= 59;
}

bool take_zone(Cursor& cursor, Moment& moment) {
    if (cursor.done()) return true;
    if (cursor.take('Z')) {
        moment.zone_minutes = 0;
        return cursor.done();
    }
    const bool west = cursor.take('-');
    if (!west && !cursor.take('+')) return false;
    const int hours = cursor.number(2);
    if (!cursor.take(':')) return false;
    const int minutes = cursor.number(2);
    if (hours < 0 || hours > 14 || minutes < 0 || minutes > 59 || (hours == 14 && minutes != 0)) return false;
    moment.zone_minutes = (west ? -1 : 1) * (hours * 60 + minutes);
    return cursor.done();
}

std::optional<Moment> parse_moment(BuiltIn type, std::string_view text) {
    Cursor cursor{text};
    Moment moment;
    bool good = true;
    switch (type) {
        case BuiltIn::date_time:
            good = take_year(cursor, moment) && cursor.take('-') && take_month(cursor, moment) && cursor.take('-') &&
                   take_day(cursor, moment) && cursor.take('T') && take_time(cursor, moment);
            break;
        case BuiltIn::date:
            good = take_year(cursor, moment) && cursor.take('-') && take_month(cursor, moment) && cursor.take('-') &&
                   take_day(cursor, moment);
            break;
        case BuiltIn::time:
            good = take_time(cursor, moment);
            break;
        case BuiltIn::g_year_month:
            good = take_year(cursor, moment) && cursor.take('-') && take_month(cursor, moment);
            break;
        case BuiltIn::g_year:
            good = take_year(cursor, moment);
            break;
        case BuiltIn::g_month_day:
            good = cursor.take('-') && cursor.take('-') && take_month(cursor, moment) && cursor.take('-') &&
                   take_day(cursor, moment);
            break;
        case BuiltIn::g_day:
            good = cursor.take('-') && cursor.take('-') && cursor.take('-') && take_day(cursor, moment);
            break;
        case BuiltIn::g_month:
            good = cursor.take('-') && cursor.take('-') && take_month(cursor, moment);
            break;
        default:
            return std::nullopt;
    }
    if (!good || !take_zone(cursor, moment)) return std::nullopt;
    return moment;
}

/// Days since a fixed day, by the proleptic Gregorian calendar.
long long day_number(long long year, int month, int day) {
    year -= month <= 2 ? 1 : 0;
    const long long era = (year >= 0 ? year : year - 399) / 400;
    const long long year_of_era = year - era * 400;
    const long long day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146'097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
}

long long seconds_of(const Moment& moment) {
    const long long minutes = (day_number(moment.year, moment.month, moment.day) * 24 + moment.hour) * 60 +
                              moment.minute - moment.zone_minutes.value_or(0);
    return minutes * 60 + moment.second;
}

std::optional<std::strong_ordering> compare_moments(BuiltIn type, std::string_view left, std::string_view right) {
    const auto a = parse_moment(type, left);
    const auto b = parse_moment(type, right);
    if (!a || !b) return std::nullopt;
    const long long difference = seconds_of(*a) - seconds_of(*b);
    constexpr long long widest = 14LL * 3600;
    if (a->zone_minutes.has_value() != b->zone_minutes.has_value() && difference >= -widest && difference <= widest) {
        return std::nullopt;
    }
    if (difference != 0) return difference <=> 0;
    const auto trimmed = [](std::string_view digits) { return digits.substr(0, digits.find_last_not_of('0') + 1); };
    return trimmed(a->fraction).compare(trimmed(b->fraction)) <=> 0;
}

bool is_duration(std::string_view text) {
    Cursor cursor{text};
    cursor.take('-');
    if (!cursor.take('P')) return false;
    bool any = false;
    // Each field may stand once, in this order; only seconds have a fraction.
    const auto fields = [&](std::string_view letters) {
        for (const char letter : letters) {
            const std::size_t start = cursor.at;
            const bool digits = !cursor.digits().empty();
            if (letter == 'S' && digits && cursor.take('.') && cursor.digits().empty()) return;
            if (digits && cursor.take(letter)) {
                any = true;
            } else {
                cursor.at = start;
            }
        }
    };
    fields("YMD");
    if (cursor.take('T')) {
        any = false;
        fields("HMS");
    }
    return any && cursor.done();
}

/// Months, and seconds with their fraction; both have the sign.
struct Duration {
    bool negative = false;
    long long months = 0, seconds = 0;
    std::string_view fraction;  ///< without zeros at the end
};

/// Nothing: no duration, or one that is longer than we count.
std::optional<Duration> parse_duration(std::string_view text) {
    if (!is_duration(text)) return std::nullopt;
    Duration out;
    Cursor cursor{text};
    out.negative = cursor.take('-');
    cursor.take('P');
    bool time = false;
    while (!cursor.done()) {
        if (cursor.take('T')) time = true;
        const std::string_view digits = cursor.digits();
        constexpr std::size_t digits_max = 9;
        if (digits.size() > digits_max) return std::nullopt;
        long long value = 0;
        for (const char c : digits) value = value * 10 + (c - '0');
        if (cursor.take('.')) {
            out.fraction = cursor.digits();
            out.fraction = out.fraction.substr(0, out.fraction.find_last_not_of('0') + 1);
        }
        if (cursor.take('Y')) out.months += value * 12;
        if (cursor.take('M')) (time ? out.seconds : out.months) += value * (time ? 60 : 1);
        if (cursor.take('D')) out.seconds += value * 86'400;
        if (cursor.take('H')) out.seconds += value * 3'600;
        if (cursor.take('S')) out.seconds += value;
    }
    return out;
}

/// The moment that a duration leads to from the first day of a month, in seconds as a decimal above zero.
std::string moment_behind(const Duration& duration, int year, int month) {
    constexpr long long above_zero = 100'000'000'000'000'000;
    const long long sign = duration.negative ? -1 : 1;
    const long long months = year * 12LL + month - 1 + sign * duration.months;
    const long long whole_year = months >= 0 ? months / 12 : -((11 - months) / 12);
    long long seconds = day_number(whole_year, static_cast<int>(months - whole_year * 12) + 1, 1) * 86'400 +
                        sign * duration.seconds + above_zero;
    std::string fraction(duration.fraction);
    if (duration.negative && !fraction.empty()) {
        // One second less, and the rest of it.
        --seconds;
        for (char& digit : fraction) digit = static_cast<char>('9' - digit + '0');
        ++fraction.back();
    }
    return std::to_string(seconds) + "." + fraction;
}

/// Part 2, section 3.2.6.2: as the four moments that show all lengths of months say, if they agree.
std::optional<std::strong_ordering> compare_durations(std::string_view left, std::string_view right) {
    const auto a = parse_duration(left);
    const auto b = parse_duration(right);
    if (!a || !b) return std::nullopt;
    std::optional<std::strong_ordering> all;
    constexpr std::pair<int, int> starts[] = {{1696, 9}, {1697, 2}, {1903, 3}, {1903, 7}};
    for (const auto& [year, month] : starts) {
        const auto one = compare_decimals(moment_behind(*a, year, month), moment_behind(*b, year, month));
        if (!one || (all && *all != *one)) return std::nullopt;
        all = one;
    }
    return all;
}

// --- names and others --------------------------------------------------------------------------

bool is_name(std::string_view text, bool colon, bool any_start) {
    static const CharSet start = escape_set('i');
    static const CharSet part = escape_set('c');
    bool first = true;
    for (std::size_t at = 0; at < text.size(); first = false) {
        const std::uint32_t c = next_code_point(text, at);
        if (c == ':' && !colon) return false;
        if (!(first && !any_start ? start : part).has(c)) return false;
    }
    return !text.empty();
}

bool is_qname(std::string_view text) {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) return is_name(text, false, false);
    // The prefix of declarations is never declared itself.
    return is_name(text.substr(0, colon), false, false) && is_name(text.substr(colon + 1), false, false) &&
           text.substr(0, colon) != "xmlns";
}

bool is_language(std::string_view text) {
    bool first = true;
    while (true) {
        const std::size_t end = std::min(text.find('-'), text.size());
        const std::string_view part = text.substr(0, end);
        const auto fits = [&](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (!first && is_digit(c));
        };
        if (part.empty() || part.size() > 8 || !std::all_of(part.begin(), part.end(), fits)) return false;
        if (end == text.size()) return true;
        text.remove_prefix(end + 1);
        first = false;
    }
}

bool is_hex(std::string_view text) {
    const auto hex = [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); };
    return text.size() % 2 == 0 && std::all_of(text.begin(), text.end(), hex);
}

/// What a letter of base 64 stands for; 64: it is none.
unsigned base64_value(char c) {
    if (c >= 'A' && c <= 'Z') return static_cast<unsigned>(c - 'A');
    if (c >= 'a' && c <= 'z') return static_cast<unsigned>(c - 'a') + 26;
    if (is_digit(c)) return static_cast<unsigned>(c - '0') + 52;
    return c == '+' ? 62 : c == '/' ? 63 : 64;
}

/// The last letter holds no bits that the padding cuts off.
bool is_base64(std::string_view text) {
    std::size_t letters = 0;
    std::size_t padding = 0;
    unsigned last = 0;
    for (const char c : text) {
        if (c == ' ') continue;
        if (c == '=') {
            ++padding;
            continue;
        }
        last = base64_value(c);
        if (last > 63 || padding > 0) return false;
        ++letters;
    }
    if (padding > 2 || (letters + padding) % 4 != 0) return false;
    return padding == 0 || (last & (padding == 1 ? 3u : 15u)) == 0;
}

// --- addresses ---------------------------------------------------------------------------------

bool is_alphanumeric(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// Every character is of the set, unreserved, escaped, or one that escaping would turn into "%XX".
bool is_escaped_text(std::string_view text, std::string_view set) {
    constexpr std::string_view unreserved = "-_.!~*'()";
    constexpr std::string_view escapable = "<>\"{}|\\^`";
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (c == '%') {
            if (at + 2 >= text.size() || !is_hex(text.substr(at + 1, 2))) return false;
            at += 2;
            continue;
        }
        const bool beyond = static_cast<unsigned char>(c) >= 0x7F || static_cast<unsigned char>(c) <= 0x20;
        if (is_alphanumeric(c) || beyond || unreserved.find(c) != std::string_view::npos ||
            escapable.find(c) != std::string_view::npos || set.find(c) != std::string_view::npos) {
            continue;
        }
        return false;
    }
    return true;
}

/// [user@]host[:port], or a name of a registry, which may look like nearly anything.
bool is_authority(std::string_view text) {
    const std::size_t at_sign = text.find('@');
    const std::string_view host = at_sign == std::string_view::npos ? text : text.substr(at_sign + 1);
    if (host.starts_with('[')) {
        const std::size_t close = host.find(']');
        return close != std::string_view::npos && close > 1 &&
               host.substr(1, close - 1).find_first_not_of("0123456789abcdefABCDEF:.") == std::string_view::npos;
    }
    return is_escaped_text(text, "$,;:@&=+");
}

/// RFC 2396 and 2732, after the escaping of what may not stand in an address (XLink, section 5.4): a
/// scheme, an authority, a path, a query, a fragment, none of which must be there.
bool is_uri(std::string_view text) {
    if (text.empty()) return true;
    const std::size_t colon = text.find(':');
    if (colon == 0) return false;
    bool scheme = false;
    if (colon != std::string_view::npos && colon < text.find_first_of("/?#")) {
        const std::string_view name = text.substr(0, colon);
        const bool letter = !is_digit(name[0]) && is_alphanumeric(name[0]);
        const auto fits = [](char c) { return is_alphanumeric(c) || c == '+' || c == '-' || c == '.'; };
        if (!letter || !std::all_of(name.begin(), name.end(), fits)) return false;
        scheme = true;
        text.remove_prefix(colon + 1);
        if (text.empty() || text[0] == '#') return false;
    }
    if (text.starts_with("//")) {
        text.remove_prefix(2);
        const std::string_view authority = text.substr(0, text.find_first_of("/?#"));
        if (!authority.empty() && !is_authority(authority)) return false;
        text.remove_prefix(authority.size());
    }
    const std::size_t path_end = std::min(text.find_first_of("?#"), text.size());
    const bool opaque = scheme && !text.starts_with('/');
    if (!is_escaped_text(text.substr(0, path_end), opaque ? ";/:@&=+$,[]?" : ";/:@&=+$,")) return false;
    text.remove_prefix(path_end);
    const std::size_t hash = std::min(text.find('#'), text.size());
    constexpr std::string_view reserved = ";/?:@&=+$,[]";
    return is_escaped_text(text.substr(0, hash), reserved) &&
           (hash == text.size() || is_escaped_text(text.substr(hash + 1), reserved));
}

bool each_item(std::string_view text, bool (*good)(std::string_view)) {
    while (true) {
        const std::size_t end = std::min(text.find(' '), text.size());
        if (!good(text.substr(0, end))) return false;
        if (end == text.size()) return true;
        text.remove_prefix(end + 1);
    }
}

bool is_nmtoken(std::string_view text) {
    return is_name(text, true, true);
}
bool is_ncname(std::string_view text) {
    return is_name(text, false, false);
}

}  // namespace

bool is_lexical(BuiltIn type, std::string_view text) {
    if (is_integer(type)) return is_integer_form(text);
    switch (type) {
        case BuiltIn::language:
            return is_language(text);
        case BuiltIn::nmtoken:
            return is_nmtoken(text);
        case BuiltIn::nmtokens:
            return each_item(text, is_nmtoken);
        case BuiltIn::name:
            return is_name(text, true, false);
        case BuiltIn::ncname:
        case BuiltIn::id:
        case BuiltIn::idref:
        case BuiltIn::entity:
            return is_ncname(text);
        case BuiltIn::idrefs:
        case BuiltIn::entities:
            return each_item(text, is_ncname);
        case BuiltIn::boolean:
            return text == "true" || text == "false" || text == "1" || text == "0";
        case BuiltIn::decimal:
            return decimal_parts(text).has_value();
        case BuiltIn::float_:
        case BuiltIn::double_:
            return is_floating(text);
        case BuiltIn::duration:
            return is_duration(text);
        case BuiltIn::hex_binary:
            return is_hex(text);
        case BuiltIn::base64_binary:
            return is_base64(text);
        case BuiltIn::any_uri:
            return is_uri(text);
        case BuiltIn::qname:
        case BuiltIn::notation:
            return is_qname(text);
        default:
            break;
    }
    return primitive_of(type) != Primitive::moment || parse_moment(type, text).has_value();
}

DigitCount count_digits(std::string_view decimal) {
    const auto parts = decimal_parts(decimal);
    if (!parts) return {};
    return {static_cast<std::uint32_t>(parts->whole.size()), static_cast<std::uint32_t>(parts->fraction.size())};
}

std::optional<std::strong_ordering> compare_values(BuiltIn type, std::string_view left, std::string_view right) {
    switch (primitive_of(type)) {
        case Primitive::decimal:
            return compare_decimals(left, right);
        case Primitive::moment:
            return compare_moments(type, left, right);
        case Primitive::duration:
            return compare_durations(left, right);
        case Primitive::floating: {
            const auto a = floating_value(left);
            const auto b = floating_value(right);
            if (!a || !b) return std::nullopt;
            return *a < *b   ? std::strong_ordering::less
                   : *a > *b ? std::strong_ordering::greater
                             : std::strong_ordering::equal;
        }
        default:
            return std::nullopt;
    }
}

std::size_t count_octets(BuiltIn type, std::string_view text) {
    if (type == BuiltIn::hex_binary) return text.size() / 2;
    const auto letters =
        static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return c != ' ' && c != '='; }));
    return letters * 3 / 4;
}

bool is_integer(BuiltIn type) {
    return type >= BuiltIn::integer && type <= BuiltIn::unsigned_byte;
}

IntegerBounds integer_bounds(BuiltIn type) {
    switch (type) {
        case BuiltIn::non_positive_integer:
            return {"", "0"};
        case BuiltIn::negative_integer:
            return {"", "-1"};
        case BuiltIn::non_negative_integer:
            return {"0", ""};
        case BuiltIn::positive_integer:
            return {"1", ""};
        case BuiltIn::long_:
            return {"-9223372036854775808", "9223372036854775807"};
        case BuiltIn::int_:
            return {"-2147483648", "2147483647"};
        case BuiltIn::short_:
            return {"-32768", "32767"};
        case BuiltIn::byte_:
            return {"-128", "127"};
        case BuiltIn::unsigned_long:
            return {"0", "18446744073709551615"};
        case BuiltIn::unsigned_int:
            return {"0", "4294967295"};
        case BuiltIn::unsigned_short:
            return {"0", "65535"};
        case BuiltIn::unsigned_byte:
            return {"0", "255"};
        default:
            return {};
    }
}

}  // namespace hansa::schema
