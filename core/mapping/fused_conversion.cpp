#include "core/mapping/fused_conversion.h"

#include <algorithm>
#include <array>

#include "core/mapping/fast_code.h"
#include "core/mapping/fast_code_table.h"
#include "core/mapping/fast_number.h"
#include "core/mapping/fast_text.h"
#include "core/mapping/fast_time.h"

namespace hansa::mapping {

namespace {

using Gate = std::shared_ptr<const PivotGate>;

bool passes(const Gate& gate, std::string_view text, std::string_view list) {
    return !gate || gate->takes(text, list);
}

/// Any two twins, one after the other.
class Chained final : public FusedCode {
public:
    Chained(const FastConversion& source, const FastConversion& target, Gate gate)
        : source_(source), target_(target), gate_(std::move(gate)) {}

    Fast run(std::string_view national, FastRun& run, std::string_view& out) const override {
        FastPivot value;
        if (source_.read(national, run, value) == Fast::declined || !passes(gate_, value.text, value.list))
            return Fast::declined;
        return target_.write(value, run, out);
    }

private:
    FastConversion source_, target_;
    Gate gate_;
};

class TextToText final : public FusedCode {
public:
    TextToText(const FastPlace& place, Gate gate) : place_(place), gate_(std::move(gate)) {}

    Fast run(std::string_view national, FastRun&, std::string_view& out) const override {
        out = national;
        return passes(gate_, national, {}) && place_.takes(national) ? Fast::done : Fast::declined;
    }

private:
    FastPlace place_;
    Gate gate_;
};

class NumberToNumber final : public FusedCode {
public:
    NumberToNumber(const FastConversion& source, const FastConversion& target, const FastNumber& reads,
                   const FastNumber& writes, Gate gate)
        : source_(source), target_(target), reads_(reads), writes_(writes), gate_(std::move(gate)) {
        if (!gate_ || gate_->attribute) return;
        digits_max_ = gate_->fit.digits_max();
        fraction_max_ = gate_->fit.fraction_max();
    }

    Fast run(std::string_view national, FastRun& run, std::string_view& out) const override {
        if (const ShortDigits seen = short_digits(national); seen.good && reads_.reads(seen) && writes_.writes(seen)) {
            const bool fits = std::size_t{seen.whole} + seen.fraction <= digits_max_ && seen.fraction <= fraction_max_;
            out = seen.of(national);
            if (!fits && !passes(gate_, out, {})) return Fast::declined;
            return writes_.takes(out) ? Fast::done : Fast::declined;
        }
        Digits digits;
        if (reads_.read_digits(national, run, digits) == Fast::declined) return Fast::declined;
        if (gate_ && !gate_->takes(canonical(digits, run.scratch), {})) return Fast::declined;
        return writes_.write_digits(digits, run, out);
    }

private:
    FastConversion source_, target_;  ///< own what the two below refer to
    const FastNumber& reads_;
    const FastNumber& writes_;
    Gate gate_;
    std::size_t digits_max_ = 0, fraction_max_ = 0;  ///< of what passes the gate at a glance
};

/// Two forms of one zone: the digits are moved, nothing is computed.
class FormToForm final : public FusedCode {
public:
    FormToForm(const FastConversion& source, const FastConversion& target, const FastTime& reads,
               const FastTime& writes)
        : source_(source), target_(target), reads_(reads), writes_(writes) {
        Moment zone;
        zone.has_offset = true;
        zone.offset_minutes = static_cast<std::int16_t>(reads.zone().value_or(0));
        std::array<char, moment_room> room;
        const std::size_t letters = writes.form().zone_letters();
        zone_text_.assign(room.data(),
                          letters == 0 ? room.data() : put_offset(zone.offset_minutes, letters, room.data()));
    }

    /// Is this all that would happen for any text?
    static bool suits(const FastTime& reads, const FastTime& writes) {
        const TimeForm &from = reads.form(), &to = writes.form();
        if (!from.laid_out() || !to.laid_out() || from.zone_letters() > 0) return false;
        if (from.wants_time() != to.wants_time() || from.fraction_digits() > to.fraction_digits()) return false;
        if (!from.wants_time()) return !to.says_time();
        if (!reads.zone()) return false;
        if (to.zone_letters() == 0) return writes.zone() == reads.zone();
        return to.zone_letters() != 1 || *reads.zone() % 60 == 0;
    }

    Fast run(std::string_view national, FastRun& run, std::string_view& out) const override {
        Moment moment;
        if (!reads_.form().take(national, moment)) return Fast::declined;
        char* const start = run.scratch.room(moment_room);
        char* const end = writes_.form().put_before_zone(moment, start);
        const std::string_view text(start, static_cast<std::size_t>(end - start));
        if (!writes_.form().says_day(moment, text)) return Fast::declined;
        out = run.scratch.keep(std::copy(zone_text_.begin(), zone_text_.end(), end));
        return writes_.takes(out) ? Fast::done : Fast::declined;
    }

private:
    FastConversion source_, target_;  ///< own what the two below refer to
    const FastTime& reads_;
    const FastTime& writes_;
    std::string zone_text_;
};

class TimeToTime final : public FusedCode {
public:
    TimeToTime(const FastConversion& source, const FastConversion& target, const FastMoment& reads,
               const FastMoment& writes)
        : source_(source), target_(target), reads_(reads), writes_(writes) {}

    Fast run(std::string_view national, FastRun& run, std::string_view& out) const override {
        Moment moment;
        if (reads_.read_moment(national, run, moment) == Fast::declined) return Fast::declined;
        return writes_.write_moment(moment, run, out);
    }

private:
    FastConversion source_, target_;
    const FastMoment& reads_;
    const FastMoment& writes_;
};

/// A closed set of texts: each was converted once, both ways, when the pair was made.
class TableToTable final : public FusedCode {
public:
    TableToTable(const FastConversion& source, const FastConversion& target, const std::vector<std::string>& nationals,
                 const Gate& gate)
        : chained_(source, target, gate) {
        Scratch scratch;
        for (const std::string& national : nationals) {
            FastRun run{scratch};
            std::string_view text;
            if (chained_.run(national, run, text) == Fast::declined) continue;
            table_.add(national, static_cast<std::uint32_t>(texts_.size()));
            texts_.emplace_back(text);
        }
    }

    Fast run(std::string_view national, FastRun& run, std::string_view& out) const override {
        const std::uint32_t found = table_.find(national);
        if (found == CodeTable::none) return chained_.run(national, run, out);
        out = texts_[found];
        return Fast::done;
    }

private:
    Chained chained_;
    CodeTable table_;
    std::vector<std::string> texts_;
};

std::shared_ptr<const FusedCode> fused(const FastConversion& reads, const FastConversion& writes, const Gate& gate) {
    const auto* text = dynamic_cast<const PlainText*>(writes.code());
    if (text && dynamic_cast<const PlainText*>(reads.code())) return std::make_shared<TextToText>(text->place(), gate);
    const auto* from_number = dynamic_cast<const FastNumber*>(reads.code());
    const auto* to_number = dynamic_cast<const FastNumber*>(writes.code());
    if (from_number && to_number && from_number->plain() && to_number->plain())
        return std::make_shared<NumberToNumber>(reads, writes, *from_number, *to_number, gate);
    // Days and moments pass where the pivot has a day or a moment.
    if (!gate || (gate->fit.is_moment() && !gate->attribute)) {
        const auto* from_form = dynamic_cast<const FastTime*>(reads.code());
        const auto* to_form = dynamic_cast<const FastTime*>(writes.code());
        if (from_form && to_form && FormToForm::suits(*from_form, *to_form))
            return std::make_shared<FormToForm>(reads, writes, *from_form, *to_form);
        const auto* from_time = dynamic_cast<const FastMoment*>(reads.code());
        const auto* to_time = dynamic_cast<const FastMoment*>(writes.code());
        if (from_time && to_time) return std::make_shared<TimeToTime>(reads, writes, *from_time, *to_time);
    }
    const std::vector<std::string> closed = reads.code()->closed_set();
    if (!closed.empty() && !writes.code()->dated()) return std::make_shared<TableToTable>(reads, writes, closed, gate);
    return std::make_shared<Chained>(reads, writes, gate);
}

}  // namespace

FusedConversion FusedConversion::of(const FusedSide& source, const FusedSide& target) {
    FusedConversion out;
    out.source_ = FastConversion::of(source.conversion, source.context, source.targets);
    out.target_ = FastConversion::of(target.conversion, target.context, target.targets);
    if (!out.source_ || !out.target_) return {};
    out.single_ = out.source_.single() && out.target_.single();
    out.code_ = fused(out.source_, out.target_, nullptr);
    return out;
}

FusedConversion FusedConversion::of(const FastConversion& source, const FastConversion& target,
                                    const std::shared_ptr<const PivotGate>& gate) {
    FusedConversion out;
    if (!source || !target) return out;
    out.source_ = source;
    out.target_ = target;
    out.single_ = source.single() && target.single();
    out.code_ = fused(source, target, gate);
    return out;
}

Fast FusedConversion::run(std::span<const FastText> national, FastRun& run, TextSlots& out) const {
    out.clear();
    if (!code_) return Fast::declined;
    PivotSlots values;
    if (source_.to_pivot(national, run, values) == Fast::declined) return Fast::declined;
    return target_.from_pivot(values, run, out);
}

}  // namespace hansa::mapping
