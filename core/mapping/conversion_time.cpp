// time, date, datetime.
#include <fmt/format.h>

#include "core/base/time.h"
#include "core/mapping/conversion_code.h"

namespace hansa::mapping {
namespace {

using Notes = std::vector<ConversionNote>;

Error bad_date(std::string_view text, std::string_view domain) {
    return Error{codes::date_domain, fmt::format("'{}' is not {}", text.substr(0, 60), domain)};
}

/// Does a pattern write this letter outside of quotes?
std::size_t count_of(std::string_view pattern, char letter) {
    bool quoted = false;
    std::size_t count = 0;
    for (const char c : pattern) {
        if (c == '\'') quoted = !quoted;
        if (!quoted && c == letter) ++count;
    }
    return count;
}

std::optional<int> zone_of(const ConversionContext& context) {
    const auto offset = parse_offset(context.zone);
    if (context.zone.empty() || !offset) return std::nullopt;
    return *offset;
}

/// The pivot's one way to write a moment: its zone known, Z for zero, no zeros at the fraction's end.
Result<std::string> pivot_text(DateTime value, std::string_view text, const ConversionContext& context) {
    if (!value.has_time) {
        value.offset_minutes.reset();
        return format_iso(value);
    }
    if (!value.offset_minutes) value.offset_minutes = zone_of(context);
    if (!value.offset_minutes) {
        return Error{codes::zone_missing,
                     fmt::format("'{}' says no zone, and the table states none", text.substr(0, 60))};
    }
    value.zone_is_z = *value.offset_minutes == 0;
    while (!value.fraction.empty() && value.fraction.back() == '0') value.fraction.pop_back();
    return format_iso(value);
}

/// A year of two digits stands for one of the hundred years from here on.
struct TimePattern {
    std::string pattern;
    int century_start = 2000;
};

/// Brings a moment to what a pattern can say: its zone, its fraction.
Result<DateTime> prepared(DateTime value, const std::string& text, const TimePattern& form,
                          const ConversionContext& context, Notes& notes) {
    const std::string& pattern = form.pattern;
    const bool wants_time = count_of(pattern, 'H') > 0;
    if (!value.has_time) {
        if (wants_time) return bad_date(text, "a moment; it is a day");
        return value;
    }
    if (!value.offset_minutes) return Error{codes::zone_missing, fmt::format("'{}' says no zone", text.substr(0, 60))};
    const std::size_t zone_letters = count_of(pattern, 'X');
    if (zone_letters == 0) {
        const auto zone = zone_of(context);
        if (!zone && wants_time)
            return Error{codes::zone_missing,
                         fmt::format("the pattern {} says no zone, and the table states none", pattern)};
        if (zone) value = at_offset(value, *zone);  // else the day where the moment was written
    } else if (zone_letters == 1 && *value.offset_minutes % 60 != 0) {
        value = at_offset(value, 0);
    }
    value.zone_is_z = *value.offset_minutes == 0;
    const std::size_t wanted = count_of(pattern, 'S');
    const std::string rest = value.fraction.size() > wanted ? value.fraction.substr(wanted) : std::string();
    if (wants_time && rest.find_first_not_of('0') != rest.npos) {
        notes.push_back(
            {ConversionNote::Kind::rounded, text, {}, fmt::format("the target has {} digits of a second", wanted)});
    }
    value.fraction.resize(wanted, '0');
    if (!wants_time) {
        notes.push_back({ConversionNote::Kind::narrowed, text, {}, "the target takes the day only"});
        value.has_time = false;
    }
    return value;
}

Result<std::string> write_pattern(const std::string& text, const TimePattern& form, const ConversionContext& context,
                                  const Target& target, Notes& notes) {
    const auto value = parse_iso(text);
    if (!value) return bad_date(text, "a day or a moment of the pivot");
    const auto ready = prepared(*value, text, form, context, notes);
    if (!ready) return ready.error();
    auto written = format_time(*ready, form.pattern);
    if (!written) return bad_date(text, fmt::format("a date that {} can say", form.pattern));
    const auto back = parse_time(*written, form.pattern, form.century_start);
    if (!back || back->year != ready->year || back->month != ready->month || back->day != ready->day) {
        return bad_date(text, fmt::format("a date that {} can say", form.pattern));
    }
    if (auto good = fits(*written, target); !good) return good.error();
    return *written;
}

Result<std::string> read_pattern(const std::string& text, const TimePattern& form, const ConversionContext& context) {
    const auto value = parse_time(text, form.pattern, form.century_start);
    if (!value) return bad_date(text, fmt::format("of the form {}", form.pattern));
    return pivot_text(*value, text, context);
}

DateTime drawn_time(std::mt19937_64& random, const ConversionContext& context) {
    const auto up_to = [&](int most) { return static_cast<int>(random() % static_cast<std::size_t>(most)); };
    DateTime out;
    out.year = 2000 + up_to(60);
    out.month = 1 + up_to(12);
    out.day = 1 + up_to(28);
    out.has_time = true;
    out.hour = up_to(24);
    out.minute = up_to(60);
    out.second = up_to(60);
    out.offset_minutes = zone_of(context).value_or(0);
    out.zone_is_z = *out.offset_minutes == 0;
    return out;
}

class Time : public OneToOne {
public:
    TimePattern form;

    std::string domain() const override { return fmt::format("of the form {}", form.pattern); }

    ConversionRecipe recipe() const override {
        return {.kind = ConversionRecipe::Kind::time, .forms = {{{}, form.pattern, form.century_start}}};
    }

protected:
    Result<PivotValue> read(const std::string& text, const ConversionContext& context, Notes&) const override {
        const auto pattern = resolved_form(context);
        if (!pattern) return pattern.error();
        auto value = read_pattern(text, *pattern, context);
        if (!value) return value.error();
        return PivotValue{std::move(*value), {}, 0};
    }

    Result<std::string> write(const PivotValue& value, const ConversionContext& context, const Target& target,
                              Notes& notes) const override {
        const auto pattern = resolved_form(context);
        if (!pattern) return pattern.error();
        return write_pattern(value.text, *pattern, context, target, notes);
    }

    std::optional<std::string> draw_one(std::mt19937_64& random, const ConversionContext& context,
                                        const Target& target) const override {
        const auto pattern = resolved_form(context);
        if (!pattern) return std::nullopt;
        DateTime moment = drawn_time(random, context);
        moment.fraction.assign(count_of(pattern->pattern, 'S'), '7');
        auto text = format_time(moment, pattern->pattern);
        if (!text || !fits(*text, target)) return std::nullopt;
        return *text;
    }

    Result<TimePattern> resolved_form(const ConversionContext& context) const {
        auto pattern = resolved(form.pattern, context);
        if (!pattern) return pattern.error();
        return TimePattern{std::move(*pattern), form.century_start};
    }
};

/// XSD's own forms: date (a day; a zone is dropped) and dateTime.
class XsdTime final : public OneToOne {
public:
    bool day_only = false;

    std::string domain() const override { return day_only ? "an XSD date" : "an XSD dateTime"; }

    ConversionRecipe recipe() const override {
        return {.kind = day_only ? ConversionRecipe::Kind::xsd_day : ConversionRecipe::Kind::xsd_moment};
    }

protected:
    Result<PivotValue> read(const std::string& text, const ConversionContext& context, Notes& notes) const override {
        constexpr std::size_t day_length = 10;
        auto value = parse_iso(day_only ? text.substr(0, day_length) : text);
        if (!value || value->has_time == day_only) return bad_date(text, domain());
        if (day_only && text.size() > day_length) {
            if (!parse_offset(text.substr(day_length))) return bad_date(text, domain());
            notes.push_back({ConversionNote::Kind::narrowed, text, {}, "a day has no zone in the pivot"});
        }
        auto out = pivot_text(*value, text, context);
        if (!out) return out.error();
        return PivotValue{std::move(*out), {}, 0};
    }

    Result<std::string> write(const PivotValue& value, const ConversionContext& context, const Target& target,
                              Notes& notes) const override {
        auto moment = parse_iso(value.text);
        if (!moment || (!moment->has_time && !day_only)) return bad_date(value.text, domain());
        if (!day_only) {
            if (!moment->offset_minutes)
                return Error{codes::zone_missing, fmt::format("'{}' says no zone", value.text.substr(0, 60))};
            return value.text;
        }
        return write_pattern(value.text, {"yyyy-MM-dd"}, context, target, notes);
    }

    std::optional<std::string> draw_one(std::mt19937_64& random, const ConversionContext& context,
                                        const Target&) const override {
        DateTime moment = drawn_time(random, context);
        moment.has_time = !day_only;
        if (!day_only && random() % 2 == 0) moment.fraction = "904";
        return format_iso(moment);
    }
};

/// An ISO day on the national side that stands as PATTERN in a text of the pivot.
class DayInText final : public OneToOne {
public:
    TimePattern form;

    std::string domain() const override { return fmt::format("an XSD date that {} can say", form.pattern); }

    ConversionRecipe recipe() const override {
        return {.kind = ConversionRecipe::Kind::day_in_text, .forms = {{{}, form.pattern, form.century_start}}};
    }

protected:
    Result<PivotValue> read(const std::string& text, const ConversionContext& context, Notes& notes) const override {
        const auto day = parse_iso(text);
        if (!day || day->has_time) return bad_date(text, domain());
        auto written = write_pattern(text, form, context, {}, notes);
        if (!written) return written.error();
        return PivotValue{std::move(*written), {}, 0};
    }

    Result<std::string> write(const PivotValue& value, const ConversionContext& context, const Target& target,
                              Notes&) const override {
        auto day = read_pattern(value.text, form, context);
        if (!day) return day.error();
        if (auto good = fits(*day, target); !good) return good.error();
        return *day;
    }

    std::optional<std::string> draw_one(std::mt19937_64& random, const ConversionContext& context,
                                        const Target&) const override {
        DateTime day = drawn_time(random, context);
        day.has_time = false;
        return format_iso(day);
    }
};

/// Half a second is less than a day's hours.
int loss(const FromPivot& written) {
    int out = 0;
    for (const ConversionNote& note : written.notes) out += note.kind == ConversionNote::Kind::rounded ? 1 : 10;
    return out;
}

/// A text and the code of its form beside it: "20261123" and 102, "20261123081530Z" and 304.
class CodedTime final : public ConversionCode {
public:
    struct Form {
        std::string code;
        TimePattern pattern;
    };
    std::vector<Form> forms;

    std::string domain() const override {
        std::string out = "of the form";
        for (const Form& form : forms) out += fmt::format(" {} ({})", form.pattern.pattern, form.code);
        return out;
    }

    ConversionRecipe recipe() const override {
        ConversionRecipe out{.kind = ConversionRecipe::Kind::coded_time};
        for (const Form& form : forms)
            out.forms.push_back({form.code, form.pattern.pattern, form.pattern.century_start});
        return out;
    }

    Result<ToPivot> to_pivot(std::span<const NationalValue> national, const ConversionContext& context) const override {
        std::string text, code;
        for (const NationalValue& value : national) (value.slot == 0 ? text : code) = value.text;
        for (const Form& form : forms) {
            if (form.code != code) continue;
            auto value = read_pattern(text, form.pattern, context);
            if (!value) return value.error();
            return ToPivot{{{std::move(*value), {}, 0}}, {}};
        }
        return bad_date(fmt::format("{}' with form '{}", text, code), domain());
    }

    Result<FromPivot> from_pivot(std::span<const PivotValue> values, const ConversionContext& context,
                                 std::span<const Target> targets) const override {
        FromPivot best;
        if (values.empty()) return best;
        std::optional<Error> first;
        for (const Form& form : forms) {
            FromPivot out;
            auto text = write_pattern(values.front().text, form.pattern, context, target_of(targets, 0), out.notes);
            if (!text) {
                if (!first) first = text.error();
                continue;
            }
            out.values = {{std::move(*text), 0}, {form.code, 1}};
            if (best.values.empty() || loss(out) < loss(best)) best = std::move(out);
            if (best.notes.empty()) break;
        }
        if (best.values.empty()) return first.value_or(bad_date(values.front().text, domain()));
        return best;
    }

    std::optional<std::vector<NationalValue>> draw(std::mt19937_64& random, const ConversionContext& context,
                                                   std::span<const Target>) const override {
        const Form& form = forms[random() % forms.size()];
        auto text = format_time(drawn_time(random, context), form.pattern.pattern);
        if (!text) return std::nullopt;
        return std::vector<NationalValue>{{std::move(*text), 0}, {form.code, 1}};
    }
};

bool is_digits(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
}

Result<TimePattern> pattern_of(const std::vector<Argument>& arguments, std::size_t at) {
    TimePattern out;
    if (at >= arguments.size())
        return wrong_arguments("expected a pattern such as yyyyMMdd, or a setting such as $date-format");
    out.pattern = arguments[at].text;
    const bool setting = !out.pattern.empty() && out.pattern[0] == '$';
    if (!setting &&
        (count_of(out.pattern, 'd') == 0 || count_of(out.pattern, 'M') == 0 || count_of(out.pattern, 'y') == 0)) {
        return wrong_arguments(fmt::format("'{}': a pattern has year, month and day: yyyyMMdd", out.pattern));
    }
    return out;
}

MadeConversion make_coded(const ConversionRequest& request) {
    auto made = std::make_shared<CodedTime>();
    for (std::size_t i = 0; i < request.arguments.size(); i += 2) {
        auto pattern = pattern_of(request.arguments, i + 1);
        if (!pattern) return pattern.error();
        made->forms.push_back({request.arguments[i].text, std::move(*pattern)});
    }
    made->national_count = 2;
    return made;
}

/// `PATTERN`, `PATTERN 1950` (two-digit years from 1950 on), `$setting`.
MadeConversion make_time(const ConversionRequest& request) {
    const auto& arguments = request.arguments;
    if (!arguments.empty() && is_digits(arguments[0].text)) return make_coded(request);
    auto pattern = pattern_of(arguments, 0);
    if (!pattern) return pattern.error();
    constexpr std::size_t year_digits = 4;
    if (arguments.size() == 2 && is_digits(arguments[1].text) && arguments[1].text.size() == year_digits) {
        pattern->century_start = std::stoi(arguments[1].text);
    } else if (arguments.size() > 1) {
        return wrong_arguments(
            fmt::format("'{}': expected the first year that two digits stand for, or nothing", arguments[1].text));
    }
    auto made = std::make_shared<Time>();
    made->form = std::move(*pattern);
    made->narrowing = count_of(made->form.pattern, 'H') == 0;
    return made;
}

MadeConversion make_date(const ConversionRequest& request) {
    const auto& arguments = request.arguments;
    if (arguments.empty()) {
        auto made = std::make_shared<XsdTime>();
        made->day_only = made->narrowing = true;
        return made;
    }
    if (arguments.size() == 2 && arguments[1].text == "iso") {
        auto pattern = pattern_of(arguments, 0);
        if (!pattern) return pattern.error();
        auto made = std::make_shared<DayInText>();
        made->form = std::move(*pattern);
        return made;
    }
    return make_time(request);
}

MadeConversion make_datetime(const ConversionRequest& request) {
    if (!request.arguments.empty()) return wrong_arguments("it takes no arguments");
    return std::make_shared<XsdTime>();
}

constexpr ConversionName names[] = {
    {"time", make_time, "time PATTERN [FIRST-YEAR], or time CODE PATTERN, CODE PATTERN"},
    {"date", make_date, "date [PATTERN [FIRST-YEAR|iso]]"},
    {"datetime", make_datetime, "datetime"},
};

}  // namespace

std::span<const ConversionName> time_conversions() {
    return names;
}

}  // namespace hansa::mapping
