#include "core/schema/type_program.h"

#include <algorithm>
#include <charconv>

#include "core/schema/lexical.h"

namespace hansa::schema {

namespace {

constexpr std::size_t table_entries_max = 60'000;

std::size_t hash_of(std::string_view text) {
    std::size_t hash = 0xCBF29CE484222325u ^ text.size();
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3u;
    return hash ^ (hash >> 29);
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// No blank at an end, no two in a row, no tab or line end: the text is its own collapsed form.
bool is_collapsed(std::string_view text) {
    if (text.empty()) return true;
    bool blank = true;
    for (const char c : text) {
        if (c == '\t' || c == '\n' || c == '\r' || (c == ' ' && blank)) return false;
        blank = c == ' ';
    }
    return !blank;
}

/// Digits with a sign, and a point where `point`. Zeros in front count for nothing.
bool is_decimal(const TypeProgram& program, std::string_view text, bool point) {
    std::size_t at = !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0;
    const std::size_t first = at;
    while (at < text.size() && is_digit(text[at])) ++at;
    const std::size_t whole = at - first;
    std::size_t fraction = 0;
    if (point && at < text.size() && text[at] == '.') {
        const std::size_t from = ++at;
        while (at < text.size() && is_digit(text[at])) ++at;
        fraction = at - from;
    }
    if (at != text.size() || whole + fraction == 0) return false;
    // Written digits are an upper bound of those that count: a longer one is looked at elsewhere.
    return fraction <= program.fraction_digits && whole + fraction <= program.total_digits;
}

bool is_integer_within(const TypeProgram& program, std::string_view text) {
    if (!is_decimal(program, text, false)) return false;
    if (!program.is_bounded) return true;
    if (text[0] == '+') text.remove_prefix(1);
    std::int64_t value = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
    return parsed.ec == std::errc{} && value >= program.min && value <= program.max;
}

int two_digits(std::string_view text, std::size_t at) {
    if (!is_digit(text[at]) || !is_digit(text[at + 1])) return 99;
    return (text[at] - '0') * 10 + (text[at + 1] - '0');
}

/// "2026-11-25" of years from 0001, with a day that every month has; others are looked at elsewhere.
bool is_plain_date(std::string_view text) {
    if (text.size() < 10 || text[4] != '-' || text[7] != '-') return false;
    const int century = two_digits(text, 0);
    const int year = two_digits(text, 2);
    const int month = two_digits(text, 5);
    const int day = two_digits(text, 8);
    return century < 99 && year < 99 && century + year > 0 && month >= 1 && month <= 12 && day >= 1 && day <= 28;
}

/// "T12:30:59" at the end of a date, with "Z", "+08:00" or nothing behind.
bool is_plain_time(std::string_view text) {
    if (text.size() < 9 || text[0] != 'T' || text[3] != ':' || text[6] != ':') return false;
    if (two_digits(text, 1) > 23 || two_digits(text, 4) > 59 || two_digits(text, 7) > 59) return false;
    text.remove_prefix(9);
    if (text.empty() || text == "Z") return true;
    if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') return false;
    return two_digits(text, 1) <= 13 && two_digits(text, 4) <= 59;
}

// --- making ------------------------------------------------------------------------------------

void take_lengths(const SimpleType& type, TypeProgram& program) {
    if (type.min_length) program.min_chars = *type.min_length;
    if (type.max_length) program.max_chars = *type.max_length;
    if (type.length) {
        program.min_chars = std::max(program.min_chars, *type.length);
        program.max_chars = std::min(program.max_chars, *type.length);
    }
}

bool take_patterns(const SimpleType& type, TypeProgram& program) {
    for (const std::vector<std::string>& step : type.patterns) {
        if (step.size() != 1) return false;
        const auto pattern = Pattern::compile(step.front());
        auto table = pattern ? pattern->table(table_entries_max) : std::nullopt;
        if (!table) return false;
        program.patterns.push_back(std::move(*table));
    }
    return true;
}

bool take_integer_bounds(const SimpleType& type, TypeProgram& program) {
    const IntegerBounds own = integer_bounds(type.built_in);
    const auto narrow = [&](std::string_view bound, bool lower, int more) {
        if (bound.starts_with('+')) bound.remove_prefix(1);
        std::int64_t value = 0;
        const auto parsed = std::from_chars(bound.data(), bound.data() + bound.size(), value);
        if (parsed.ec != std::errc{} || parsed.ptr != bound.data() + bound.size()) return false;
        if (value > INT64_MAX - 1 || value < INT64_MIN + 1) return lower ? value < 0 : value > 0;
        value += more;
        if (lower) {
            program.min = std::max(program.min, value);
        } else {
            program.max = std::min(program.max, value);
        }
        return true;
    };
    bool good = true;
    if (!own.min.empty()) good = good && narrow(own.min, true, 0);
    if (type.min_inclusive) good = good && narrow(*type.min_inclusive, true, 0);
    if (type.min_exclusive) good = good && narrow(*type.min_exclusive, true, 1);
    if (type.max_inclusive) good = good && narrow(*type.max_inclusive, false, 0);
    if (type.max_exclusive) good = good && narrow(*type.max_exclusive, false, -1);
    // An unsigned long has no such bound: it is only tested where the number is small.
    if (!own.max.empty() && type.built_in != BuiltIn::unsigned_long) good = good && narrow(own.max, false, 0);
    return good;
}

TypeProgram::Form form_of(const SimpleType& type, TypeProgram& program) {
    using Form = TypeProgram::Form;
    program.built_in = type.built_in;
    const bool has_bounds = type.min_inclusive || type.max_inclusive || type.min_exclusive || type.max_exclusive;
    const bool has_lengths = type.length || type.min_length || type.max_length;
    const IntegerBounds own = integer_bounds(type.built_in);
    if (is_integer(type.built_in) || type.built_in == BuiltIn::decimal) {
        if (type.total_digits) program.total_digits = *type.total_digits;
        if (type.fraction_digits) program.fraction_digits = *type.fraction_digits;
        // Two forms of one number are the same value of an enumeration.
        if (has_lengths || !type.enumeration.empty()) return Form::none;
        if (type.built_in == BuiltIn::decimal) {
            program.is_bounded = has_bounds;
            const bool only_zero = type.min_inclusive == "0" && !type.max_inclusive && !type.max_exclusive;
            return has_bounds && !only_zero ? Form::none : Form::decimal;
        }
        program.is_bounded = has_bounds || !own.min.empty() || !own.max.empty();
        return take_integer_bounds(type, program) ? Form::integer : Form::none;
    }
    if (has_bounds) return Form::none;
    switch (type.built_in) {
        case BuiltIn::string:
        case BuiltIn::normalized_string:
        case BuiltIn::token:
            take_lengths(type, program);
            return type.whitespace == Whitespace::collapse ? Form::collapsed : Form::free;
        case BuiltIn::boolean:
            return has_lengths || !type.enumeration.empty() ? Form::none : Form::boolean;
        case BuiltIn::date:
            return has_lengths || !type.enumeration.empty() ? Form::none : Form::date;
        case BuiltIn::date_time:
            return has_lengths || !type.enumeration.empty() ? Form::none : Form::date_time;
        default:
            return has_lengths || !type.enumeration.empty() || type.whitespace != Whitespace::collapse ? Form::none
                                                                                                       : Form::lexical;
    }
}

}  // namespace

/// A union that adds nothing to its members, which are made before it.
bool is_plain_union(const SimpleType& type, const std::vector<TypeProgram>& made) {
    const bool plain = type.variety == Variety::union_ && type.enumeration.empty() && type.patterns.empty() &&
                       !type.length && !type.min_length && !type.max_length;
    return plain &&
           std::all_of(type.members.begin(), type.members.end(), [&](Index member) { return member < made.size(); });
}

namespace {

/// `made`: the programs of all types with smaller numbers.
TypeProgram program_among(const SimpleType& type, const std::vector<TypeProgram>& made) {
    TypeProgram program;
    program.is_id = type.built_in == BuiltIn::id && type.variety == Variety::atomic;
    program.is_idref = type.built_in == BuiltIn::idref || type.built_in == BuiltIn::idrefs;
    if (is_plain_union(type, made)) {
        program.form = TypeProgram::Form::any_of;
        for (const Index member : type.members) program.members.push_back(made[member]);
        return program;
    }
    if (type.variety != Variety::atomic) return program;
    program.form = form_of(type, program);
    if (program.form == TypeProgram::Form::none) return program;
    if (!take_patterns(type, program)) {
        program.form = TypeProgram::Form::none;
        program.patterns.clear();
    }
    if (!type.enumeration.empty()) program.enumeration.emplace_back(type.enumeration);
    const bool text = program.form == TypeProgram::Form::free || program.form == TypeProgram::Form::collapsed;
    // Replacing tabs and line ends by blanks changes no length and nothing that a program looks at then.
    program.is_plain = text && program.patterns.empty() && program.enumeration.empty();
    return program;
}

}  // namespace

TextSet::TextSet(const std::vector<std::string>& texts) {
    std::size_t size = 4;
    while (size < texts.size() * 2) size *= 2;
    slots_.resize(size);
    taken_.resize(size);
    mask_ = size - 1;
    for (const std::string& text : texts) {
        std::size_t at = hash_of(text) & mask_;
        while (taken_[at] && slots_[at] != text) at = (at + 1) & mask_;
        taken_[at] = true;
        slots_[at] = text;
    }
}

bool TextSet::has(std::string_view text) const {
    for (std::size_t at = hash_of(text) & mask_; taken_[at]; at = (at + 1) & mask_) {
        if (slots_[at] == text) return true;
    }
    return false;
}

TypeProgram program_of(const SimpleType& type) {
    return program_among(type, {});
}

TypePrograms::TypePrograms(const Grammar& grammar) : grammar_(grammar) {
    const auto& types = grammar_.tables().simple_types;
    for (Index i = 0; i < types.size(); ++i) {
        programs_.push_back(program_among(types[i], programs_));
        programs_.back().type = i;
    }
}

bool TypePrograms::accepts_at_once(const TypeProgram& program, std::string_view text, std::size_t chars) {
    using Form = TypeProgram::Form;
    switch (program.form) {
        case Form::free:
            if (chars < program.min_chars || chars > program.max_chars) return false;
            if (!program.is_plain && text.find_first_of("\t\r\n") != std::string_view::npos) return false;
            break;
        case Form::collapsed:
            if (!is_collapsed(text) || chars < program.min_chars || chars > program.max_chars) return false;
            break;
        case Form::decimal:
            if (!is_decimal(program, text, true) || (program.is_bounded && text[0] == '-')) return false;
            break;
        case Form::integer:
            if (!is_integer_within(program, text)) return false;
            break;
        case Form::boolean:
            if (text != "true" && text != "false" && text != "1" && text != "0") return false;
            break;
        case Form::date:
            if (text.size() != 10 || !is_plain_date(text)) return false;
            break;
        case Form::date_time:
            if (!is_plain_date(text) || !is_plain_time(text.substr(10))) return false;
            break;
        case Form::lexical:
            if (!is_collapsed(text) || !is_lexical(program.built_in, text)) return false;
            break;
        case Form::any_of:
            return std::any_of(program.members.begin(), program.members.end(),
                               [&](const TypeProgram& member) { return accepts_at_once(member, text, chars); });
        case Form::none:
            return false;
    }
    for (const PatternTable& pattern : program.patterns) {
        if (!pattern.matches(text)) return false;
    }
    return program.enumeration.empty() || program.enumeration.front().has(text);
}

bool TypePrograms::accepts_after_all(const TypeProgram& program, std::string_view text) const {
    return grammar_.check_value(grammar_.tables().simple_types[program.type], text).has_value();
}

}  // namespace hansa::schema
