#include "core/mapping/time_form.h"

#include <emmintrin.h>

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <cstring>

namespace hansa::mapping {
namespace {

static_assert(std::endian::native == std::endian::little, "words are taken apart from their low end");

bool is_digit(char c) {
    return static_cast<unsigned char>(c - '0') < 10;
}

/// Two digits as a number; above 99: they are none.
unsigned two(const char* at) {
    const unsigned tens = static_cast<unsigned char>(at[0] - '0');
    const unsigned ones = static_cast<unsigned char>(at[1] - '0');
    return tens < 10 && ones < 10 ? tens * 10 + ones : 1'000;
}

constexpr auto pairs = [] {
    std::array<char, 200> out{};
    for (std::size_t i = 0; i < 100; ++i) {
        out[2 * i] = static_cast<char>('0' + i / 10);
        out[2 * i + 1] = static_cast<char>('0' + i % 10);
    }
    return out;
}();

/// `value` is below 100.
char* put_two(unsigned value, char* at) {
    std::memcpy(at, pairs.data() + std::size_t{2} * value, 2);
    return at + 2;
}

char* put_four(unsigned value, char* at) {
    return put_two(value % 100, put_two(value / 100, at));
}

bool is_leap(int year) {
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

int days_of(int year, int month) {
    constexpr std::array<std::int8_t, 13> days{0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : days[static_cast<std::size_t>(month)];
}

/// 29 February is real in leap years only; seconds end at 59.
bool is_real(const Moment& m) {
    if (m.year < 1 || m.year > 9999 || m.month - 1U > 11U || m.day == 0) return false;
    if (m.day > 28 && m.day > days_of(m.year, m.month)) return false;
    return m.hour < 24 && m.minute < 60 && m.second < 60;
}

/// Z, +hh, +hhmm or +hh:mm; `at` moves behind it. `canonical`: as the pivot writes it.
bool take_zone(const char*& at, const char* end, Moment& out, bool& canonical) {
    canonical = false;
    if (at == end) return false;
    out.has_offset = true;
    if (*at == 'Z') {
        out.offset_minutes = 0;
        ++at;
        canonical = true;
        return true;
    }
    if ((*at != '+' && *at != '-') || end - at < 3) return false;
    const int sign = *at == '-' ? -1 : 1;
    const unsigned hours = two(at + 1);
    unsigned minutes = 0;
    at += 3;
    if (at != end && *at == ':') {
        if (end - at < 3) return false;
        minutes = two(at + 1);
        at += 3;
        canonical = hours + minutes != 0;
    } else if (at != end && is_digit(*at)) {
        if (end - at < 2) return false;
        minutes = two(at);
        at += 2;
    }
    if (hours > 14 || minutes > 59) return false;
    out.offset_minutes = static_cast<std::int16_t>(sign * static_cast<int>(hours * 60 + minutes));
    return true;
}

}  // namespace

char* put_offset(int offset, std::size_t letters, char* at) {
    if (offset == 0) {
        *at = 'Z';
        return at + 1;
    }
    const auto size = static_cast<unsigned>(std::abs(offset));
    *at++ = offset < 0 ? '-' : '+';
    at = put_two(size / 60, at);
    if (letters >= 3) *at++ = ':';
    if (letters >= 3 || size % 60 != 0) at = put_two(size % 60, at);
    return at;
}

bool take_offset(std::string_view text, Moment& out) {
    const char* at = text.data();
    const char* const end = at + text.size();
    bool canonical = false;
    return take_zone(at, end, out, canonical) && at == end;
}

bool take_iso(std::string_view text, Moment& out, bool& canonical) {
    static const TimeForm day = *TimeForm::of("yyyy-MM-dd", 2000);
    static const TimeForm second = *TimeForm::of("yyyy-MM-ddTHH:mm:ss", 2000);
    constexpr std::size_t second_bytes = 19;
    canonical = true;
    if (text.size() < second_bytes) return day.take(text, out);
    if (!second.take(text.substr(0, second_bytes), out)) return false;
    const char* at = text.data() + second_bytes;
    const char* const end = text.data() + text.size();
    if (at != end && *at == '.') {
        const char* const first = ++at;
        constexpr std::ptrdiff_t fraction_max = 9;
        while (at != end && at - first < fraction_max && is_digit(*at)) ++at;
        if (at == first) return false;
        out.fraction = {first, static_cast<std::size_t>(at - first)};
        canonical = out.fraction.back() != '0';
    }
    if (at == end) {
        canonical = false;
        return true;
    }
    bool zone_canonical = false;
    if (!take_zone(at, end, out, zone_canonical) || at != end) return false;
    canonical = canonical && zone_canonical;
    return true;
}

char* put_iso(const Moment& m, char* at) {
    at = put_four(static_cast<unsigned>(m.year), at);
    *at++ = '-';
    at = put_two(m.month, at);
    *at++ = '-';
    at = put_two(m.day, at);
    if (!m.has_time) return at;
    *at++ = 'T';
    at = put_two(m.hour, at);
    *at++ = ':';
    at = put_two(m.minute, at);
    *at++ = ':';
    at = put_two(m.second, at);
    if (!m.fraction.empty()) {
        *at++ = '.';
        at = std::copy(m.fraction.begin(), m.fraction.end(), at);
    }
    return m.has_offset ? put_offset(m.offset_minutes, 3, at) : at;
}

bool at_offset(Moment& m, int offset_minutes) {
    const int shift = offset_minutes - m.offset_minutes;
    m.offset_minutes = static_cast<std::int16_t>(offset_minutes);
    m.has_offset = true;
    if (shift == 0) return true;
    constexpr int day_minutes = 24 * 60;
    int minute = m.hour * 60 + m.minute + shift;
    int year = m.year, month = m.month, day = m.day;
    // An offset is less than a day, and two of them less than two.
    while (minute < 0) {
        minute += day_minutes;
        if (--day > 0) continue;
        if (--month == 0) {
            month = 12;
            --year;
        }
        day = days_of(year, month);
    }
    while (minute >= day_minutes) {
        minute -= day_minutes;
        if (++day <= days_of(year, month)) continue;
        day = 1;
        if (++month == 13) {
            month = 1;
            ++year;
        }
    }
    m.year = static_cast<std::int16_t>(year);
    m.month = static_cast<std::uint8_t>(month);
    m.day = static_cast<std::uint8_t>(day);
    m.hour = static_cast<std::uint8_t>(minute / 60);
    m.minute = static_cast<std::uint8_t>(minute % 60);
    return year >= 1 && year <= 9999;
}

std::optional<TimeForm> TimeForm::of(std::string_view pattern, int century_start) {
    TimeForm out;
    out.century_start_ = century_start;
    constexpr std::size_t pattern_max = 100;
    constexpr std::size_t fraction_max = 9;
    if (pattern.size() > pattern_max) return std::nullopt;
    bool variable = false;
    for (std::size_t at = 0; at < pattern.size();) {
        const char c = pattern[at];
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        Piece piece;
        if (c == '\'') {
            const std::size_t close = pattern.find('\'', at + 1);
            if (close == pattern.npos) return std::nullopt;
            const std::string_view literal = pattern.substr(at + 1, close - at - 1);
            piece.from = static_cast<std::uint16_t>(out.literals_.size());
            piece.count = static_cast<std::uint8_t>(literal.size());
            out.literals_ += literal;
            at = close + 1;
        } else if (!letter || c == 'T') {
            piece.from = static_cast<std::uint16_t>(out.literals_.size());
            piece.count = 1;
            out.literals_ += c;
            ++at;
        } else {
            piece.letter = c;
            while (at < pattern.size() && pattern[at] == c) ++at, ++piece.count;
            if (std::string_view("yMdHmsSX").find(c) == std::string_view::npos) return std::nullopt;
            const std::size_t widest = c == 'S' ? fraction_max : c == 'X' ? 3 : c == 'y' ? 4 : 2;
            if (piece.count > widest || (c == 'y' && piece.count != 2 && piece.count != 4)) return std::nullopt;
            variable = variable || (piece.count == 1 && c != 'S' && c != 'X');
            if (c == 'X') out.zone_letters_ += piece.count;
            if (c == 'S') out.fraction_digits_ += piece.count;
            if (c == 'H') out.wants_time_ = true;
            out.says_time_ = out.says_time_ || std::string_view("HmsSX").find(c) != std::string_view::npos;
            if (c == 'y' && piece.count == 2) out.two_digit_year_ = true;
        }
        out.pieces_.push_back(piece);
    }
    // A part that stands twice, or a zone before other parts, is read back by running the pattern.
    std::string letters;
    for (std::size_t i = 0; i < out.pieces_.size(); ++i) {
        const char c = out.pieces_[i].letter;
        if (c == 0) continue;
        if (letters.find(c) != std::string::npos) return std::nullopt;
        letters += c;
        if (c == 'X' && i + 1 != out.pieces_.size()) variable = true;
    }
    out.fixed_ = !variable && letters.find('y') != std::string::npos && letters.find('M') != std::string::npos &&
                 letters.find('d') != std::string::npos;
    out.lay_out();
    return out;
}

/// Numbers of their width, at least eight bytes and at most three words, a zone only at the end.
void TimeForm::lay_out() {
    if (!fixed_) return;
    enum Part : std::size_t { century, year, month, day, hour, minute, second };
    std::array<int, Layout::parts> places;
    places.fill(-1);
    Layout out;
    std::size_t at = 0;
    std::array<bool, Layout::blank_bytes> literal{};
    for (const Piece& piece : pieces_) {
        if (piece.letter == 'X') continue;
        if (at + piece.count > Layout::words * sizeof(std::uint64_t)) return;
        const int here = static_cast<int>(at);
        switch (piece.letter) {
            case 0:
                for (std::size_t i = 0; i < piece.count; ++i) {
                    out.blank[at + i] = literals_[piece.from + i];
                    literal[at + i] = true;
                }
                break;
            case 'y':
                if (piece.count == 4) places[century] = here;
                places[year] = here + piece.count - 2;
                break;
            case 'M':
                places[month] = here;
                break;
            case 'd':
                places[day] = here;
                break;
            case 'H':
                places[hour] = here;
                break;
            case 'm':
                places[minute] = here;
                break;
            case 's':
                places[second] = here;
                break;
            default:
                out.fraction_at = static_cast<std::uint8_t>(at);
                std::fill_n(out.blank.begin() + here, piece.count, '0');
        }
        at += piece.count;
    }
    if (at < sizeof(std::uint64_t)) return;
    out.from = {0, static_cast<std::uint8_t>(at >= 16 ? 8 : at - 8), static_cast<std::uint8_t>(at - 8)};
    for (std::size_t word = 0; word < Layout::words; ++word) {
        for (std::size_t i = 0; i < 8; ++i) {
            const std::size_t place = out.from[word] + i;
            const auto sign = static_cast<unsigned char>(literal[place] ? out.blank[place] : '0');
            out.flip[word] |= std::uint64_t{sign} << (8 * i);
            out.most[word] |= std::uint64_t{literal[place] ? 0U : 9U} << (8 * i);
        }
    }
    // The last word is also taken beside itself.
    out.flip[Layout::words] = out.flip[Layout::words - 1];
    out.most[Layout::words] = out.most[Layout::words - 1];
    for (std::size_t part = 0; part < Layout::parts; ++part) {
        out.reads[part] = Layout::no_pair;
        out.writes[part] = Layout::nowhere;
        if (places[part] < 0) continue;
        const auto place = static_cast<std::size_t>(places[part]);
        out.writes[part] = static_cast<std::uint8_t>(place);
        for (std::size_t word = 0; word < Layout::words; ++word) {
            if (out.reads[part] == Layout::no_pair && place >= out.from[word] &&
                place + 2 <= out.from[word] + std::size_t{8})
                out.reads[part] = static_cast<std::uint8_t>(word * 8 + place - out.from[word]);
        }
        if (out.reads[part] == Layout::no_pair) return;
    }
    out.size = static_cast<std::uint8_t>(at);
    layout_ = out;
}

bool TimeForm::take_laid_out(std::string_view text, Moment& out) const {
    const Layout& to = layout_;
    if (zone_letters_ == 0 ? text.size() != to.size : text.size() <= to.size) return false;
    std::array<std::uint8_t, Layout::no_pair + 1> pair;
    pair[Layout::no_pair] = 0;
    // Two words at once: the first and the last; and the one between where there is one.
    const auto load = [&](std::size_t i) {
        return _mm_loadl_epi64(reinterpret_cast<const __m128i*>(text.data() + to.from[i]));
    };
    const auto wrong = [&](__m128i signs, std::size_t i, __m128i& pairs_of) {
        const __m128i flip = _mm_loadu_si128(reinterpret_cast<const __m128i*>(to.flip.data() + i));
        const __m128i most = _mm_loadu_si128(reinterpret_cast<const __m128i*>(to.most.data() + i));
        // A digit is 9 at most, a literal 0.
        const __m128i digits = _mm_xor_si128(signs, flip);
        const __m128i good = _mm_cmpeq_epi8(_mm_min_epu8(digits, most), digits);
        // Each byte and the one behind it as a number of two digits.
        const __m128i tens = _mm_add_epi8(_mm_slli_epi16(digits, 3), _mm_slli_epi16(digits, 1));
        pairs_of = _mm_add_epi8(tens, _mm_srli_epi64(digits, 8));
        return _mm_movemask_epi8(good) != 0xFFFF;
    };
    __m128i pairs_of;
    if (wrong(_mm_unpacklo_epi64(load(0), load(1)), 0, pairs_of)) return false;
    _mm_storeu_si128(reinterpret_cast<__m128i*>(pair.data()), pairs_of);
    if (to.size > 2 * sizeof(std::uint64_t)) {
        const __m128i last = load(2);
        if (wrong(_mm_unpacklo_epi64(last, last), 2, pairs_of)) return false;
        _mm_storel_epi64(reinterpret_cast<__m128i*>(pair.data() + 2 * sizeof(std::uint64_t)), pairs_of);
    }
    const unsigned year = pair[to.reads[1]];
    out.year = static_cast<std::int16_t>(two_digit_year_ ? year_of(static_cast<int>(year))
                                                         : static_cast<int>(pair[to.reads[0]] * 100U + year));
    out.month = pair[to.reads[2]];
    out.day = pair[to.reads[3]];
    out.hour = pair[to.reads[4]];
    out.minute = pair[to.reads[5]];
    out.second = pair[to.reads[6]];
    out.has_time = wants_time_;
    out.has_offset = false;
    out.offset_minutes = 0;
    out.fraction = {text.data() + to.fraction_at, fraction_digits_};
    if (!is_real(out)) return false;
    if (zone_letters_ == 0) return true;
    return take_offset(text.substr(to.size), out);
}

char* TimeForm::put_before_zone(const Moment& m, char* at) const {
    const Layout& to = layout_;
    std::memcpy(at, to.blank.data(), Layout::blank_bytes);
    const auto year = static_cast<unsigned>(m.year);
    // What the form does not say is put behind it, where nothing is kept.
    put_two(year / 100, at + to.writes[0]);
    put_two(year % 100, at + to.writes[1]);
    put_two(m.month, at + to.writes[2]);
    put_two(m.day, at + to.writes[3]);
    put_two(m.hour, at + to.writes[4]);
    put_two(m.minute, at + to.writes[5]);
    put_two(m.second, at + to.writes[6]);
    if (fraction_digits_ > 0) {
        const std::size_t there = std::min(m.fraction.size(), fraction_digits_);
        std::copy_n(m.fraction.data(), there, at + to.fraction_at);
    }
    return at + to.size;
}

int TimeForm::year_of(int two_digits) const {
    return century_start_ + (two_digits - century_start_ % 100 + 100) % 100;
}

bool TimeForm::take(std::string_view text, Moment& out) const {
    return layout_.size != 0 ? take_laid_out(text, out) : take_pieces(text, out);
}

bool TimeForm::take_pieces(std::string_view text, Moment& out) const {
    const char* at = text.data();
    const char* const end = at + text.size();
    out = {};
    out.has_time = wants_time_;
    for (const Piece& piece : pieces_) {
        if (piece.letter == 0) {
            if (end - at < piece.count || !std::equal(at, at + piece.count, literals_.data() + piece.from))
                return false;
            at += piece.count;
            continue;
        }
        if (piece.letter == 'X') {
            bool canonical = false;
            if (!take_zone(at, end, out, canonical)) return false;
            continue;
        }
        if (piece.letter == 'S') {
            if (end - at < piece.count || !std::all_of(at, at + piece.count, is_digit)) return false;
            out.fraction = {at, piece.count};
            at += piece.count;
            continue;
        }
        unsigned value = 0;
        if (piece.count == 1) {
            if (at == end || !is_digit(*at)) return false;
            value = static_cast<unsigned>(*at++ - '0');
            if (at != end && is_digit(*at)) value = value * 10 + static_cast<unsigned>(*at++ - '0');
        } else {
            if (end - at < piece.count) return false;
            value = two(at);
            if (value > 99) return false;
            if (piece.count == 4) {
                const unsigned rest = two(at + 2);
                if (rest > 99) return false;
                value = value * 100 + rest;
            }
            at += piece.count;
        }
        const auto number = static_cast<std::uint8_t>(value);
        switch (piece.letter) {
            case 'y':
                out.year = static_cast<std::int16_t>(piece.count == 2 ? year_of(number) : static_cast<int>(value));
                break;
            case 'M':
                out.month = number;
                break;
            case 'd':
                out.day = number;
                break;
            case 'H':
                out.hour = number;
                break;
            case 'm':
                out.minute = number;
                break;
            default:
                out.second = number;
                break;
        }
    }
    return at == end && is_real(out);
}

char* TimeForm::put(const Moment& m, char* at) const {
    if (layout_.size != 0 && (m.has_time || !says_time_)) {
        at = put_before_zone(m, at);
        if (zone_letters_ == 0) return at;
        return m.has_offset ? put_offset(m.offset_minutes, zone_letters_, at) : nullptr;
    }
    const auto number = [&](unsigned value, std::size_t count) {
        if (count == 1 && value < 10) {
            *at++ = static_cast<char>('0' + value);
        } else {
            at = put_two(value, at);
        }
    };
    for (const Piece& piece : pieces_) {
        if (!m.has_time && piece.letter != 0 && std::string_view("HmsSX").find(piece.letter) != std::string_view::npos)
            return nullptr;
        switch (piece.letter) {
            case 0:
                at = std::copy_n(literals_.data() + piece.from, piece.count, at);
                break;
            case 'y':
                at = piece.count == 2 ? put_two(static_cast<unsigned>(m.year % 100), at)
                                      : put_four(static_cast<unsigned>(m.year), at);
                break;
            case 'M':
                number(m.month, piece.count);
                break;
            case 'd':
                number(m.day, piece.count);
                break;
            case 'H':
                number(m.hour, piece.count);
                break;
            case 'm':
                number(m.minute, piece.count);
                break;
            case 's':
                number(m.second, piece.count);
                break;
            case 'S': {
                const std::size_t there = std::min<std::size_t>(m.fraction.size(), piece.count);
                at = std::copy_n(m.fraction.data(), there, at);
                at = std::fill_n(at, piece.count - there, '0');
                break;
            }
            default:
                if (!m.has_offset) return nullptr;
                at = put_offset(m.offset_minutes, piece.count, at);
        }
    }
    return at;
}

bool TimeForm::says_day(const Moment& m, std::string_view written) const {
    if (fixed_) return !two_digit_year_ || (m.year >= century_start_ && m.year < century_start_ + 100);
    Moment back;
    return take(written, back) && back.year == m.year && back.month == m.month && back.day == m.day;
}

bool TimeForm::same_as(const TimeForm& other) const {
    return pieces_ == other.pieces_ && literals_ == other.literals_ && century_start_ == other.century_start_;
}

}  // namespace hansa::mapping
