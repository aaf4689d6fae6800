#include "core/mapping/plan_pivot.h"

#include <emmintrin.h>

#include <algorithm>

#include "core/base/time.h"
#include "core/mapping/fast_number.h"
#include "core/pivot/standards.h"

namespace hansa::mapping::program {
namespace {

constexpr std::uint32_t own_code_length_max = 60;  // as pivot::check has it

std::size_t characters(std::string_view text) {
    std::size_t count = 0;
    for (const char c : text) count += (static_cast<unsigned char>(c) & 0xC0) != 0x80 ? 1U : 0U;
    return count;
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

std::size_t two(const char* at) {
    return static_cast<std::size_t>(at[0] - '0') * 10 + static_cast<std::size_t>(at[1] - '0');
}

/// Have 16 bytes a digit where `form` has a nought, and its own sign elsewhere?
bool has_form(const char* at, const char* form) {
    const __m128i text = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i wanted = _mm_loadu_si128(reinterpret_cast<const __m128i*>(form));
    const __m128i zero = _mm_set1_epi8('0');
    const __m128i value = _mm_sub_epi8(text, zero);
    const __m128i digit = _mm_cmpeq_epi8(_mm_min_epu8(value, _mm_set1_epi8(9)), value);
    const __m128i free = _mm_cmpeq_epi8(wanted, zero);
    const __m128i good = _mm_or_si128(_mm_and_si128(free, digit), _mm_andnot_si128(free, _mm_cmpeq_epi8(text, wanted)));
    return _mm_movemask_epi8(good) == 0xFFFF;
}

/// 2026-11-25, 2026-11-25T12:00:00Z and 2026-11-25T12:00:00+08:00, where nothing is unusual.
bool usual_time(std::string_view text) {
    constexpr std::size_t day_size = 10, utc_size = 20, zone_size = 25, lane = 16;
    const char* at = text.data();
    if (text.size() == day_size) {
        char padded[lane] = "0000-00-00T00:0";
        std::copy_n(at, day_size, padded);
        padded[lane - 1] = '0';
        if (!has_form(padded, "0000-00-00T00:00")) return false;
    } else if (text.size() == utc_size) {
        if (!has_form(at, "0000-00-00T00:00") || !has_form(at + utc_size - lane, "-00-00T00:00:00Z")) return false;
    } else if (text.size() == zone_size) {
        const bool ahead = at[19] == '+';
        if (!has_form(at, "0000-00-00T00:00") ||
            !has_form(at + zone_size - lane, ahead ? "0T00:00:00+00:00" : "0T00:00:00-00:00"))
            return false;
    } else {
        return false;
    }
    const std::size_t month = two(at + 5), day = two(at + 8);
    if (at[0] == '0' || month == 0 || month > 12 || day == 0 || day > 28) return false;
    if (text.size() == day_size) return true;
    if (two(at + 11) > 23 || two(at + 14) > 59 || two(at + 17) > 59) return false;
    return text.size() == utc_size || (two(at + 20) <= 12 && two(at + 23) <= 59);
}

bool time_fits(std::string_view text) {
    if (usual_time(text)) return true;
    const auto moment = parse_iso(text);
    return moment && (!moment->has_time || moment->offset_minutes);
}

bool in_list(const pivot::Field& field, std::string_view code) {
    if (field.list.empty() || !pivot::holds_list(field.list)) return true;
    if (field.list == "iso3166" && field.length_max == 4 && code.size() == 4)
        return std::any_of(code.begin(), code.end(), is_digit);
    if (field.list == "1225" && code.size() == 2 && code[0] == '0') return pivot::is_listed(field.list, code.substr(1));
    return pivot::is_listed(field.list, code);
}

bool charset_fits(char charset, std::string_view text) {
    if (charset == 'n') return std::all_of(text.begin(), text.end(), is_digit);
    if (charset == 'a')
        return std::all_of(text.begin(), text.end(),
                           [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); });
    return true;
}

}  // namespace

bool number_fits(std::string_view text, std::size_t digits_max, std::size_t fraction_max) {
    if (const ShortDigits seen = short_digits(text); seen.good && seen.size == text.size())
        return std::size_t{seen.whole} + seen.fraction <= digits_max && seen.fraction <= fraction_max;
    if (text.starts_with('-')) text.remove_prefix(1);
    const std::size_t point = text.find('.');
    std::string_view whole = text.substr(0, point);
    std::string_view fraction = point == std::string_view::npos ? std::string_view() : text.substr(point + 1);
    if (whole.empty() || (point != std::string_view::npos && fraction.empty())) return false;
    if (!std::all_of(whole.begin(), whole.end(), is_digit) || !std::all_of(fraction.begin(), fraction.end(), is_digit))
        return false;
    // Superfluous zeros are counted: what is not canonical is left to the reference.
    return whole.size() + fraction.size() <= digits_max && fraction.size() <= fraction_max;
}

bool value_fits(const pivot::Field& field, std::string_view text, std::string_view list) {
    if (text.empty() || field.is_group()) return false;
    const bool may_have_list = field.form == pivot::Form::code || field.form == pivot::Form::identifier;
    if (!list.empty() && !may_have_list) return false;
    if (field.is_number()) return number_fits(text, field.length_max, field.fraction_max);
    switch (field.form) {
        case pivot::Form::date_time:
            return time_fits(text);
        case pivot::Form::indicator:
            return text == "true" || text == "false";
        case pivot::Form::place:
            return pivot::parse_path(text).has_value();
        default:
            break;
    }
    // Bytes are never fewer than characters.
    if (!list.empty()) {
        const std::uint32_t most = std::max(own_code_length_max, field.length_max);
        return text.size() <= most || characters(text) <= most;
    }
    if (field.length_max != 0 && text.size() > field.length_max && characters(text) > field.length_max) return false;
    if (field.form != pivot::Form::code) return true;
    return charset_fits(field.charset, text) && characters(text) >= field.length_min && in_list(field, text);
}

bool attribute_fits(const pivot::Field& field, std::string_view name, std::string_view text, std::string_view list) {
    if (!field.has_attribute(name) || text.empty()) return false;
    const std::string_view known = name == "currencyID" ? "iso4217" : name == "unitCode" ? "rec20" : "";
    return known.empty() || !list.empty() || pivot::is_listed(known, text);
}

FieldFit::FieldFit(const pivot::Field& field, std::string_view attribute, Tables& tables)
    : field_(&field), attribute_(attribute) {
    constexpr std::size_t any = static_cast<std::size_t>(-1);
    const auto codes_that_fit = [&](std::string_view list, const auto& fits) {
        auto made = std::make_shared<CodeTable>();
        const auto take = [&](std::string_view code) {
            if (fits(code)) made->add(code, 0);
        };
        for (const std::string_view code : pivot::codes_of(list)) take(code);
        if (list == "iso4217")
            for (const pivot::Currency& one : pivot::currencies()) take(one.alpha);
        if (list == "iso3166") {
            for (const pivot::Country& one : pivot::countries()) take(one.alpha2);
            for (const std::string_view code : pivot::codes_of("iso3166-customs")) take(code);
        }
        return made;
    };
    if (!attribute.empty()) {
        if (!field.has_attribute(attribute)) return;
        const std::string_view list = attribute == "currencyID" ? "iso4217" : attribute == "unitCode" ? "rec20" : "";
        if (list.empty()) bytes_max_ = any;
        units_ = list == "rec20";
        if (list == "iso4217") {
            auto& table = tables["@iso4217"];
            if (!table) table = codes_that_fit(list, [](std::string_view) { return true; });
            codes_ = table;
        }
        return;
    }
    if (field.is_group()) return;
    if (field.is_number()) {
        digits_max_ = field.length_max;
        fraction_max_ = field.fraction_max;
        return;
    }
    switch (field.form) {
        case pivot::Form::date_time:
            moment_ = true;
            return;
        case pivot::Form::indicator:
        case pivot::Form::place:
            return;
        default:
            break;
    }
    if (field.form == pivot::Form::code || field.form == pivot::Form::identifier)
        listed_bytes_max_ = std::max(own_code_length_max, field.length_max);
    const bool listed = field.form == pivot::Form::code && !field.list.empty() && pivot::holds_list(field.list);
    if (field.form != pivot::Form::code || (!listed && field.charset == '*' && field.length_min <= 1))
        bytes_max_ = field.length_max == 0 ? any : field.length_max;
    if (listed) {
        auto& table = tables[std::string(field.list) + "|" + field.type_text()];
        if (!table)
            table = codes_that_fit(field.list, [&](std::string_view code) { return value_fits(field, code, {}); });
        codes_ = table;
    }
}

bool FieldFit::at_length(std::string_view text, std::string_view list) const {
    if (field_ == nullptr) return false;
    return attribute_.empty() ? value_fits(*field_, text, list) : attribute_fits(*field_, attribute_, text, list);
}

}  // namespace hansa::mapping::program
