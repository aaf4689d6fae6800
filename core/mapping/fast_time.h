// Days and moments by their digits: the twins of time, date and datetime. For fast_*.cpp and
// fused_*.cpp only.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/mapping/fast_code.h"

namespace hansa::mapping {

/// A day or a moment, as DateTime has it, with the fraction as a view.
struct Moment {
    int year = 0, month = 0, day = 0;
    int hour = 0, minute = 0, second = 0;
    int offset_minutes = 0;
    bool has_time = false, has_offset = false;
    std::string_view fraction;
};

/// What parse_iso takes. `canonical`: the text is what the pivot writes for it.
bool take_iso(std::string_view text, Moment& out, bool& canonical);
/// Format of the pivot; `at` has room for moment_room bytes. The end comes back.
inline constexpr std::size_t moment_room = 64;
char* put_iso(const Moment& moment, char* at);
/// The same moment at another offset; false: it leaves the years 1 to 9999.
bool at_offset(Moment& moment, int offset_minutes);

/// A pattern of parse_time and format_time, compiled.
class TimeForm {
public:
    /// Nothing: the pattern has what only the reference knows.
    static std::optional<TimeForm> of(std::string_view pattern, int century_start);

    bool take(std::string_view text, Moment& out) const;
    /// `at` has room for moment_room bytes and the pattern's literals; nullptr: the value lacks a part.
    char* put(const Moment& moment, char* at) const;
    std::size_t room() const { return moment_room + literals_.size(); }
    /// Would the written text be read as the same day?
    bool says_day(const Moment& moment, std::string_view written) const;

    bool wants_time() const { return wants_time_; }
    std::size_t zone_letters() const { return zone_letters_; }
    std::size_t fraction_digits() const { return fraction_digits_; }
    /// Letters and their counts are the same ones at the same places.
    bool same_as(const TimeForm& other) const;

private:
    struct Piece {
        char letter = 0;
        std::uint8_t count = 0;
        std::uint16_t from = 0;  ///< of a literal: its place in literals_
        friend bool operator==(const Piece&, const Piece&) = default;
    };
    std::vector<Piece> pieces_;
    std::string literals_;
    int century_start_ = 2000;
    bool wants_time_ = false;
    bool fixed_ = true;  ///< every number has its width: what is written is read back the same
    bool two_digit_year_ = false;
    std::size_t zone_letters_ = 0, fraction_digits_ = 0;
};

/// `time PATTERN`, `date PATTERN`.
class FastTime final : public FastSingle {
public:
    FastTime(const FastRequest& request, TimeForm form);
    Fast read(std::string_view national, FastRun& run, FastPivot& out) const override;
    Fast write(const FastPivot& value, FastRun& run, std::string_view& out) const override;

    /// Day or moment with its zone, as the pivot has it.
    Fast read_moment(std::string_view national, Moment& moment) const;
    Fast write_moment(Moment moment, FastRun& run, std::string_view& out) const;

private:
    TimeForm form_;
    std::optional<int> zone_;
    FastPlace place_;
    std::string rounded_reason_;
};

}  // namespace hansa::mapping
