// The twins of time, date and datetime. For fast_*.cpp and fused_*.cpp only.
#pragma once

#include <optional>
#include <string>

#include "core/mapping/fast_code.h"
#include "core/mapping/time_form.h"

namespace hansa::mapping {

/// A twin whose value in the pivot is a day or a moment: it can be passed on without its text.
class FastMoment : public FastSingle {
public:
    /// Day or moment with its zone, as the pivot has it.
    virtual Fast read_moment(std::string_view national, FastRun& run, Moment& moment) const = 0;
    virtual Fast write_moment(const Moment& moment, FastRun& run, std::string_view& out) const = 0;
};

/// `time PATTERN`, `date PATTERN`.
class FastTime final : public FastMoment {
public:
    FastTime(const FastRequest& request, TimeForm form);
    Fast read(std::string_view national, FastRun& run, FastPivot& out) const override;
    Fast write(const FastPivot& value, FastRun& run, std::string_view& out) const override;
    Fast read_moment(std::string_view national, FastRun& run, Moment& moment) const override;
    Fast write_moment(const Moment& moment, FastRun& run, std::string_view& out) const override;

    const TimeForm& form() const { return form_; }
    const std::optional<int>& zone() const { return zone_; }
    bool takes(std::string_view text) const { return one_line_ ? place_.takes_line(text) : place_.takes(text); }

private:
    TimeForm form_;
    std::optional<int> zone_;
    FastPlace place_;
    std::string rounded_reason_;
    bool one_line_;  ///< the form's own texts have no line end
};

}  // namespace hansa::mapping
