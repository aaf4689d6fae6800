// Twins of time, date, datetime.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "core/base/time.h"
#include "core/mapping/conversion_code.h"
#include "core/mapping/fast_time.h"

namespace hansa::mapping {
namespace {

using Kind = ConversionRecipe::Kind;
using Noted = ConversionNote::Kind;

constexpr std::size_t day_bytes = 10;
constexpr std::string_view no_zone_reason = "a day has no zone in the pivot";
constexpr std::string_view day_only_reason = "the target takes the day only";

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

char* put_two(int value, char* at) {
    const auto place = 2 * static_cast<std::size_t>(value);
    at[0] = pairs[place];
    at[1] = pairs[place + 1];
    return at + 2;
}

char* put_four(int value, char* at) {
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
    if (m.year < 1 || m.year > 9999 || m.month < 1 || m.month > 12 || m.day < 1) return false;
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
    out.offset_minutes = sign * static_cast<int>(hours * 60 + minutes);
    return true;
}

char* put_offset(int offset, std::size_t letters, char* at) {
    if (offset == 0) {
        *at = 'Z';
        return at + 1;
    }
    const int size = std::abs(offset);
    *at++ = offset < 0 ? '-' : '+';
    at = put_two(size / 60, at);
    if (letters >= 3) *at++ = ':';
    if (letters >= 3 || size % 60 != 0) at = put_two(size % 60, at);
    return at;
}

std::optional<int> zone_of(std::string_view zone) {
    const auto offset = parse_offset(zone);
    if (zone.empty() || !offset) return std::nullopt;
    return *offset;
}

/// An argument, or the agency's setting that it names.
std::optional<std::string> resolved_at_once(const std::string& argument, const FastContext& context) {
    ConversionContext asked;
    asked.settings = context.settings;
    auto text = resolved(argument, asked);
    if (!text) return std::nullopt;
    return std::move(*text);
}

}  // namespace

bool take_iso(std::string_view text, Moment& out, bool& canonical) {
    const char* at = text.data();
    const char* const end = at + text.size();
    constexpr std::size_t moment_bytes = 19;
    const bool day = text.size() == day_bytes;
    if (!day && text.size() < moment_bytes) return false;
    const unsigned century = two(at), year = two(at + 2), month = two(at + 5), date = two(at + 8);
    if (century > 99 || year > 99 || month > 99 || date > 99 || at[4] != '-' || at[7] != '-') return false;
    out = {};
    out.year = static_cast<int>(century * 100 + year);
    out.month = static_cast<int>(month);
    out.day = static_cast<int>(date);
    canonical = true;
    if (day) return is_real(out);
    const unsigned hour = two(at + 11), minute = two(at + 14), second = two(at + 17);
    if (at[10] != 'T' || at[13] != ':' || at[16] != ':' || hour > 23 || minute > 59 || second > 59) return false;
    out.hour = static_cast<int>(hour);
    out.minute = static_cast<int>(minute);
    out.second = static_cast<int>(second);
    out.has_time = true;
    if (!is_real(out)) return false;
    at += moment_bytes;
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
    at = put_four(m.year, at);
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
    m.offset_minutes = offset_minutes;
    m.has_offset = true;
    if (shift == 0) return true;
    constexpr int day_minutes = 24 * 60;
    int minute = m.hour * 60 + m.minute + shift;
    while (minute < 0) {
        minute += day_minutes;
        if (--m.day > 0) continue;
        if (--m.month == 0) {
            m.month = 12;
            --m.year;
        }
        m.day = days_of(m.year, m.month);
    }
    while (minute >= day_minutes) {
        minute -= day_minutes;
        if (++m.day <= days_of(m.year, m.month)) continue;
        m.day = 1;
        if (++m.month == 13) {
            m.month = 1;
            ++m.year;
        }
    }
    m.hour = minute / 60;
    m.minute = minute % 60;
    return m.year >= 1 && m.year <= 9999;
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
    return out;
}

bool TimeForm::take(std::string_view text, Moment& out) const {
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
        const int number = static_cast<int>(value);
        switch (piece.letter) {
            case 'y':
                out.year = number;
                if (piece.count == 2) out.year = century_start_ + (number - century_start_ % 100 + 100) % 100;
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
    const auto number = [&](int value, std::size_t count) {
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
                at = piece.count == 2 ? put_two(m.year % 100, at) : put_four(m.year, at);
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

namespace {

/// Day or moment with its zone known, and no zeros at the fraction's end.
bool settle(Moment& moment, const std::optional<int>& zone) {
    if (!moment.has_time) {
        moment.has_offset = false;
        moment.fraction = {};
        return true;
    }
    if (!moment.has_offset) {
        if (!zone) return false;
        moment.offset_minutes = *zone;
        moment.has_offset = true;
    }
    while (!moment.fraction.empty() && moment.fraction.back() == '0') moment.fraction.remove_suffix(1);
    return true;
}

Fast put_pattern(Moment m, const TimeForm& form, const std::optional<int>& zone, std::string_view rounded_reason,
                 FastRun& run, std::string_view& out) {
    if (!m.has_time) {
        if (form.wants_time()) return Fast::declined;
    } else {
        if (!m.has_offset) return Fast::declined;
        if (form.zone_letters() == 0) {
            if (!zone && form.wants_time()) return Fast::declined;
            if (zone && !at_offset(m, *zone)) return Fast::declined;
        } else if (form.zone_letters() == 1 && m.offset_minutes % 60 != 0) {
            if (!at_offset(m, 0)) return Fast::declined;
        }
        if (form.wants_time()) {
            const std::string_view rest = m.fraction.substr(std::min(m.fraction.size(), form.fraction_digits()));
            const bool lost = rest.find_first_not_of('0') != rest.npos;
            if (lost && !note(run, Noted::rounded, rounded_reason)) return Fast::declined;
        } else {
            if (!note(run, Noted::narrowed, day_only_reason)) return Fast::declined;
            m.has_time = false;
        }
    }
    char* const start = run.scratch.room(form.room());
    const char* const end = form.put(m, start);
    if (!end || !form.says_day(m, {start, static_cast<std::size_t>(end - start)})) return Fast::declined;
    out = run.scratch.keep(end);
    return Fast::done;
}

std::string rounded_words(const TimeForm& form) {
    return fmt::format("the target has {} digits of a second", form.fraction_digits());
}

/// XSD's own forms: date (a day; a zone is dropped) and dateTime.
class FastXsdTime final : public FastSingle {
public:
    FastXsdTime(const FastRequest& request, bool day_only)
        : day_only_(day_only),
          form_(*TimeForm::of("yyyy-MM-dd", 2000)),
          zone_(zone_of(request.context.zone)),
          place_(request.targets.empty() ? FastTarget{} : request.targets[0], request.context.grammar) {}

    Fast read(std::string_view national, FastRun& run, FastPivot& out) const override {
        Moment moment;
        bool canonical = false;
        out = {};
        if (day_only_) {
            const std::string_view day = national.substr(0, day_bytes);
            if (!take_iso(day, moment, canonical)) return Fast::declined;
            if (national.size() > day_bytes) {
                const char* at = national.data() + day_bytes;
                const char* const end = national.data() + national.size();
                if (!take_zone(at, end, moment, canonical) || at != end) return Fast::declined;
                if (!note(run, Noted::narrowed, no_zone_reason)) return Fast::declined;
            }
            out.text = day;
            return Fast::done;
        }
        if (!take_iso(national, moment, canonical) || !moment.has_time) return Fast::declined;
        if (canonical) {
            out.text = national;
            return Fast::done;
        }
        if (!settle(moment, zone_)) return Fast::declined;
        out.text = run.scratch.keep(put_iso(moment, run.scratch.room(moment_room)));
        return Fast::done;
    }

    Fast write(const FastPivot& value, FastRun& run, std::string_view& out) const override {
        Moment moment;
        bool canonical = false;
        if (!take_iso(value.text, moment, canonical)) return Fast::declined;
        if (!day_only_) {
            // The reference does not ask the bounds for a moment, only the type.
            if (!moment.has_time || !moment.has_offset || !place_.in_type(value.text)) return Fast::declined;
            out = value.text;
            return Fast::done;
        }
        if (!moment.has_time) {
            out = value.text;
        } else if (put_pattern(moment, form_, zone_, {}, run, out) == Fast::declined) {
            return Fast::declined;
        }
        return place_.takes(out) ? Fast::done : Fast::declined;
    }

private:
    bool day_only_;
    TimeForm form_;
    std::optional<int> zone_;
    FastPlace place_;
};

/// An ISO day on the national side that stands as PATTERN in a text of the pivot.
class FastDayInText final : public FastSingle {
public:
    FastDayInText(const FastRequest& request, TimeForm form)
        : form_(std::move(form)),
          zone_(zone_of(request.context.zone)),
          place_(request.targets.empty() ? FastTarget{} : request.targets[0], request.context.grammar) {}

    Fast read(std::string_view national, FastRun& run, FastPivot& out) const override {
        Moment day;
        bool canonical = false;
        out = {};
        if (!take_iso(national, day, canonical) || day.has_time) return Fast::declined;
        return put_pattern(day, form_, zone_, {}, run, out.text);
    }

    Fast write(const FastPivot& value, FastRun& run, std::string_view& out) const override {
        Moment day;
        if (!form_.take(value.text, day) || !settle(day, zone_)) return Fast::declined;
        out = run.scratch.keep(put_iso(day, run.scratch.room(moment_room)));
        return place_.takes(out) ? Fast::done : Fast::declined;
    }

private:
    TimeForm form_;
    std::optional<int> zone_;
    FastPlace place_;
};

/// A text and the code of its form beside it.
class FastCodedTime final : public FastCode {
public:
    struct Form {
        std::string code;
        TimeForm form;
        std::string rounded_reason;
    };

    FastCodedTime(const FastRequest& request, std::vector<Form> forms)
        : forms_(std::move(forms)),
          zone_(zone_of(request.context.zone)),
          places_(request.targets, request.context.grammar) {}

    Fast to_pivot(std::span<const FastText> national, FastRun& run, PivotSlots& out) const override {
        std::string_view text, code;
        for (const FastText& value : national) (value.slot == 0 ? text : code) = value.text;
        for (const Form& form : forms_) {
            if (form.code != code) continue;
            Moment moment;
            if (!form.form.take(text, moment) || !settle(moment, zone_)) return Fast::declined;
            const std::string_view made = run.scratch.keep(put_iso(moment, run.scratch.room(moment_room)));
            return out.add({made, {}, 0}) ? Fast::done : Fast::declined;
        }
        return Fast::declined;
    }

    Fast from_pivot(std::span<const FastPivot> values, FastRun& run, TextSlots& out) const override {
        if (values.empty()) return Fast::done;
        Moment moment;
        bool canonical = false;
        if (!take_iso(values.front().text, moment, canonical)) return Fast::declined;
        // Only a form that loses nothing; which of several losses is the least, the reference decides.
        FastRun without_notes{run.scratch, run.document_date, nullptr};
        for (const Form& form : forms_) {
            std::string_view text;
            const bool one = forms_.size() == 1;
            if (put_pattern(moment, form.form, zone_, form.rounded_reason, one ? run : without_notes, text) ==
                    Fast::declined ||
                !places_[0].in_bounds(text))
                continue;
            if (!places_[0].in_type(text) || form.code.empty() || !places_[1].in_type(form.code)) return Fast::declined;
            return out.add({text, 0}) && out.add({form.code, 1}) ? Fast::done : Fast::declined;
        }
        return Fast::declined;
    }

private:
    std::vector<Form> forms_;
    std::optional<int> zone_;
    FastPlaces places_;
};

}  // namespace

FastTime::FastTime(const FastRequest& request, TimeForm form)
    : form_(std::move(form)),
      zone_(zone_of(request.context.zone)),
      place_(request.targets.empty() ? FastTarget{} : request.targets[0], request.context.grammar),
      rounded_reason_(rounded_words(form_)) {}

Fast FastTime::read_moment(std::string_view national, Moment& moment) const {
    return form_.take(national, moment) && settle(moment, zone_) ? Fast::done : Fast::declined;
}

Fast FastTime::write_moment(Moment moment, FastRun& run, std::string_view& out) const {
    if (put_pattern(moment, form_, zone_, rounded_reason_, run, out) == Fast::declined) return Fast::declined;
    return place_.takes(out) ? Fast::done : Fast::declined;
}

Fast FastTime::read(std::string_view national, FastRun& run, FastPivot& out) const {
    Moment moment;
    if (read_moment(national, moment) == Fast::declined) return Fast::declined;
    out = {run.scratch.keep(put_iso(moment, run.scratch.room(moment_room))), {}, 0};
    return Fast::done;
}

Fast FastTime::write(const FastPivot& value, FastRun& run, std::string_view& out) const {
    Moment moment;
    bool canonical = false;
    if (!take_iso(value.text, moment, canonical)) return Fast::declined;
    return write_moment(moment, run, out);
}

FastMade fast_time(const FastRequest& request) {
    const Kind kind = request.recipe.kind;
    if (kind == Kind::xsd_day || kind == Kind::xsd_moment)
        return std::make_shared<FastXsdTime>(request, kind == Kind::xsd_day);
    std::vector<FastCodedTime::Form> forms;
    for (const ConversionRecipe::Form& each : request.recipe.forms) {
        // Only `time PATTERN` may name a setting; elsewhere a pattern stands for itself.
        const auto pattern =
            kind == Kind::time ? resolved_at_once(each.pattern, request.context) : std::optional(each.pattern);
        auto form = pattern ? TimeForm::of(*pattern, each.century_start) : std::nullopt;
        if (!form) return nullptr;
        std::string reason = rounded_words(*form);
        forms.push_back({each.code, std::move(*form), std::move(reason)});
    }
    if (kind == Kind::coded_time) return std::make_shared<FastCodedTime>(request, std::move(forms));
    if (kind == Kind::day_in_text) return std::make_shared<FastDayInText>(request, std::move(forms.front().form));
    return std::make_shared<FastTime>(request, std::move(forms.front().form));
}

}  // namespace hansa::mapping
