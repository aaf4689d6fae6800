#include "core/mapping/fused_conversion.h"

#include "core/mapping/fast_code.h"
#include "core/mapping/fast_code_table.h"
#include "core/mapping/fast_number.h"
#include "core/mapping/fast_text.h"
#include "core/mapping/fast_time.h"

namespace hansa::mapping {

class FusedCode {
public:
    virtual ~FusedCode() = default;
    virtual Fast run(std::string_view national, FastRun& run, std::string_view& out) const = 0;
};

namespace {

/// Any two twins, one after the other.
class Chained final : public FusedCode {
public:
    Chained(const FastConversion& source, const FastConversion& target) : source_(source), target_(target) {}

    Fast run(std::string_view national, FastRun& run, std::string_view& out) const override {
        FastPivot value;
        if (source_.read(national, run, value) == Fast::declined) return Fast::declined;
        return target_.write(value, run, out);
    }

private:
    FastConversion source_, target_;
};

class TextToText final : public FusedCode {
public:
    explicit TextToText(const FastPlace& place) : place_(place) {}

    Fast run(std::string_view national, FastRun&, std::string_view& out) const override {
        out = national;
        return place_.takes(national) ? Fast::done : Fast::declined;
    }

private:
    FastPlace place_;
};

class NumberToNumber final : public FusedCode {
public:
    NumberToNumber(const FastConversion& source, const FastConversion& target, const FastNumber& reads,
                   const FastNumber& writes)
        : source_(source), target_(target), reads_(reads), writes_(writes) {}

    Fast run(std::string_view national, FastRun& run, std::string_view& out) const override {
        Digits digits;
        if (reads_.read_digits(national, run, digits) == Fast::declined) return Fast::declined;
        return writes_.write_digits(digits, run, out);
    }

private:
    FastConversion source_, target_;  ///< own what the two below refer to
    const FastNumber& reads_;
    const FastNumber& writes_;
};

class TimeToTime final : public FusedCode {
public:
    TimeToTime(const FastConversion& source, const FastConversion& target, const FastTime& reads,
               const FastTime& writes)
        : source_(source), target_(target), reads_(reads), writes_(writes) {}

    Fast run(std::string_view national, FastRun& run, std::string_view& out) const override {
        Moment moment;
        if (reads_.read_moment(national, moment) == Fast::declined) return Fast::declined;
        return writes_.write_moment(moment, run, out);
    }

private:
    FastConversion source_, target_;
    const FastTime& reads_;
    const FastTime& writes_;
};

/// A closed set of texts: each was converted once, both ways, when the pair was made.
class TableToTable final : public FusedCode {
public:
    TableToTable(const FastConversion& source, const FastConversion& target, const std::vector<std::string>& nationals)
        : chained_(source, target) {
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

std::shared_ptr<const FusedCode> fused(const FastConversion& reads, const FastConversion& writes) {
    const auto* text = dynamic_cast<const PlainText*>(writes.code());
    if (text && dynamic_cast<const PlainText*>(reads.code())) return std::make_shared<TextToText>(text->place());
    const auto* from_number = dynamic_cast<const FastNumber*>(reads.code());
    const auto* to_number = dynamic_cast<const FastNumber*>(writes.code());
    if (from_number && to_number && from_number->plain() && to_number->plain())
        return std::make_shared<NumberToNumber>(reads, writes, *from_number, *to_number);
    const auto* from_time = dynamic_cast<const FastTime*>(reads.code());
    const auto* to_time = dynamic_cast<const FastTime*>(writes.code());
    if (from_time && to_time) return std::make_shared<TimeToTime>(reads, writes, *from_time, *to_time);
    const std::vector<std::string> closed = reads.code()->closed_set();
    if (!closed.empty() && !writes.code()->dated()) return std::make_shared<TableToTable>(reads, writes, closed);
    return std::make_shared<Chained>(reads, writes);
}

}  // namespace

FusedConversion FusedConversion::of(const FusedSide& source, const FusedSide& target) {
    FusedConversion out;
    out.source_ = FastConversion::of(source.conversion, source.context, source.targets);
    out.target_ = FastConversion::of(target.conversion, target.context, target.targets);
    if (!out.source_ || !out.target_) return {};
    out.single_ = out.source_.single() && out.target_.single();
    out.code_ = fused(out.source_, out.target_);
    return out;
}

Fast FusedConversion::run(std::string_view national, FastRun& run, std::string_view& out) const {
    return single_ ? code_->run(national, run, out) : Fast::declined;
}

Fast FusedConversion::run(std::span<const FastText> national, FastRun& run, TextSlots& out) const {
    out.clear();
    if (!code_) return Fast::declined;
    PivotSlots values;
    if (source_.to_pivot(national, run, values) == Fast::declined) return Fast::declined;
    return target_.from_pivot(values, run, out);
}

}  // namespace hansa::mapping
