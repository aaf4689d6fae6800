#include "core/mapping/plan_pivot.h"

#include <algorithm>

#include "core/base/time.h"
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

/// A decimal as conversions write it: digits counted without zeros that say nothing.
bool number_fits(const pivot::Field& field, std::string_view text) {
    if (text.starts_with('-')) text.remove_prefix(1);
    const std::size_t point = text.find('.');
    std::string_view whole = text.substr(0, point);
    std::string_view fraction = point == std::string_view::npos ? std::string_view() : text.substr(point + 1);
    if (whole.empty() || (point != std::string_view::npos && fraction.empty())) return false;
    if (!std::all_of(whole.begin(), whole.end(), is_digit) || !std::all_of(fraction.begin(), fraction.end(), is_digit))
        return false;
    // Superfluous zeros are counted: what is not canonical is left to the reference.
    return whole.size() + fraction.size() <= field.length_max && fraction.size() <= field.fraction_max;
}

bool time_fits(std::string_view text) {
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

bool value_fits(const pivot::Field& field, std::string_view text, std::string_view list) {
    if (text.empty() || field.is_group()) return false;
    const bool may_have_list = field.form == pivot::Form::code || field.form == pivot::Form::identifier;
    if (!list.empty() && !may_have_list) return false;
    if (field.is_number()) return number_fits(field, text);
    switch (field.form) {
        case pivot::Form::date_time:
            return time_fits(text);
        case pivot::Form::indicator:
            return text == "true" || text == "false";
        case pivot::Form::place:
            return false;
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

}  // namespace hansa::mapping::program
