// Twins of time, date, datetime.
#include <fmt/format.h>

#include <algorithm>

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

/// Day or moment with its zone known, and no zeros at the fraction's end.
bool settle(Moment& moment, const std::optional<int>& zone) {
    if (!moment.has_time) {
        moment.has_offset = false;
        moment.fraction = {};
        return true;
    }
    if (!moment.has_offset) {
        if (!zone) return false;
        moment.offset_minutes = static_cast<std::int16_t>(*zone);
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
            if (m.fraction.size() > form.fraction_digits()) {
                const std::string_view rest = m.fraction.substr(form.fraction_digits());
                const bool lost = rest.find_first_not_of('0') != rest.npos;
                if (lost && !note(run, Noted::rounded, rounded_reason)) return Fast::declined;
            }
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
class FastXsdTime final : public FastMoment {
public:
    FastXsdTime(const FastRequest& request, bool day_only)
        : day_only_(day_only),
          form_(*TimeForm::of("yyyy-MM-dd", 2000)),
          zone_(zone_of(request.context.zone)),
          place_(request.targets.empty() ? FastTarget{} : request.targets[0], request.context.grammar) {}

    Fast read(std::string_view national, FastRun& run, FastPivot& out) const override {
        Moment moment;
        bool canonical = false;
        if (!take(national, run, moment, canonical)) return Fast::declined;
        out = {};
        out.text = day_only_   ? national.substr(0, day_bytes)
                   : canonical ? national
                               : run.scratch.keep(put_iso(moment, run.scratch.room(moment_room)));
        return Fast::done;
    }

    Fast read_moment(std::string_view national, FastRun& run, Moment& moment) const override {
        bool canonical = false;
        return take(national, run, moment, canonical) ? Fast::done : Fast::declined;
    }

    Fast write(const FastPivot& value, FastRun& run, std::string_view& out) const override {
        Moment moment;
        bool canonical = false;
        if (!take_iso(value.text, moment, canonical)) return Fast::declined;
        if (moment.has_time && day_only_) return write_moment(moment, run, out);
        if (!day_only_ && !moment.has_offset) return Fast::declined;
        out = value.text;
        return fits(out) ? Fast::done : Fast::declined;
    }

    Fast write_moment(const Moment& moment, FastRun& run, std::string_view& out) const override {
        if (!day_only_ && !moment.has_offset) return Fast::declined;
        if (moment.has_time && day_only_) {
            if (put_pattern(moment, form_, zone_, {}, run, out) == Fast::declined) return Fast::declined;
        } else {
            out = run.scratch.keep(put_iso(moment, run.scratch.room(moment_room)));
        }
        return fits(out) ? Fast::done : Fast::declined;
    }

private:
    bool take(std::string_view national, FastRun& run, Moment& moment, bool& canonical) const {
        if (!day_only_) return take_iso(national, moment, canonical) && moment.has_time && settle(moment, zone_);
        if (!take_iso(national.substr(0, day_bytes), moment, canonical)) return false;
        if (national.size() <= day_bytes) return true;
        Moment zone;
        return take_offset(national.substr(day_bytes), zone) && note(run, Noted::narrowed, no_zone_reason);
    }

    /// The reference does not ask the bounds for a moment, only the type.
    bool fits(std::string_view text) const { return day_only_ ? place_.takes(text) : place_.in_type(text); }

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

/// Half a second is less than a day's hours.
int loss(const FastNotes& notes) {
    int out = 0;
    for (const FastNote& each : notes) out += each.kind == Noted::rounded ? 1 : 10;
    return out;
}

/// A text and the code of its form beside it.
class FastCodedTime final : public FastCode {
public:
    struct Form {
        std::string code;
        TimeForm form;
        std::string rounded_reason;
        bool code_fits = false;  ///< the code is a value of its place
    };

    FastCodedTime(const FastRequest& request, std::vector<Form> forms)
        : forms_(std::move(forms)),
          zone_(zone_of(request.context.zone)),
          places_(request.targets, request.context.grammar) {
        for (Form& form : forms_) form.code_fits = !form.code.empty() && places_[1].in_type(form.code);
    }

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
        // The first form of those that lose least.
        const Form* best = nullptr;
        std::string_view best_text;
        FastNotes best_notes;
        for (const Form& form : forms_) {
            std::string_view text;
            FastNotes notes;
            FastRun noted{.scratch = run.scratch, .document_date = run.document_date, .notes = &notes};
            if (put_pattern(moment, form.form, zone_, form.rounded_reason, noted, text) == Fast::declined ||
                !places_[0].in_bounds(text))
                continue;
            if (!best || loss(notes) < loss(best_notes)) {
                best = &form;
                best_text = text;
                best_notes = notes;
            }
            if (best_notes.empty()) break;
        }
        if (!best || !best->code_fits || !places_[0].takes(best_text)) return Fast::declined;
        for (const FastNote& one : best_notes) {
            if (!note(run, one.kind, one.reason)) return Fast::declined;
        }
        return out.add({best_text, 0}) && out.add({best->code, 1}) ? Fast::done : Fast::declined;
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
      rounded_reason_(rounded_words(form_)),
      one_line_(is_one_line(form_.literals())) {}

Fast FastTime::read_moment(std::string_view national, FastRun&, Moment& moment) const {
    return form_.take(national, moment) && settle(moment, zone_) ? Fast::done : Fast::declined;
}

Fast FastTime::write_moment(const Moment& moment, FastRun& run, std::string_view& out) const {
    if (put_pattern(moment, form_, zone_, rounded_reason_, run, out) == Fast::declined) return Fast::declined;
    return takes(out) ? Fast::done : Fast::declined;
}

Fast FastTime::read(std::string_view national, FastRun& run, FastPivot& out) const {
    Moment moment;
    if (read_moment(national, run, moment) == Fast::declined) return Fast::declined;
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
        forms.push_back({each.code, std::move(*form), std::move(reason), false});
    }
    if (kind == Kind::coded_time) return std::make_shared<FastCodedTime>(request, std::move(forms));
    if (kind == Kind::day_in_text) return std::make_shared<FastDayInText>(request, std::move(forms.front().form));
    return std::make_shared<FastTime>(request, std::move(forms.front().form));
}

}  // namespace hansa::mapping
