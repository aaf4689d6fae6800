// Days and moments by their digits, and the written forms that customs tables give them.
//
// The fast twin of base/time.h: the same patterns, calendar and zones, without allocation. A form whose
// parts all have their place is read and written eight bytes at a time; any other one piece by piece.
//
// Sources: ISO 8601; Unicode TR 35 (patterns); as parse_time, format_time, parse_iso, format_iso.
// Threads: all immutable or by value. Cost: 60 to 120 instructions a text with a layout, 300 without.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hansa::mapping {

/// A day or a moment, as DateTime has it, with the fraction as a view.
struct Moment {
    std::int16_t year = 0;
    std::uint8_t month = 0, day = 0, hour = 0, minute = 0, second = 0;
    bool has_time = false, has_offset = false;
    std::int16_t offset_minutes = 0;  ///< where has_offset
    std::string_view fraction;
};

/// What parse_iso takes. `canonical`: the text is what the pivot writes for it.
bool take_iso(std::string_view text, Moment& out, bool& canonical);
/// Z, +hh, +hhmm or +hh:mm, as parse_offset takes it.
bool take_offset(std::string_view text, Moment& out);
/// Format of the pivot; `at` has room for moment_room bytes. The end comes back.
inline constexpr std::size_t moment_room = 64;
char* put_iso(const Moment& moment, char* at);
/// "+08", "+0800" or "+08:00" by the letters of a pattern, Z for none.
char* put_offset(int offset, std::size_t letters, char* at);
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

    /// Has every part its place?
    bool laid_out() const { return layout_.size != 0; }
    /// Of a form that is laid out, and a value that has its parts: all but the zone.
    char* put_before_zone(const Moment& moment, char* at) const;
    bool says_time() const { return says_time_; }
    std::string_view literals() const { return literals_; }
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
    /// A form of which every part has its place: read and written by machine words.
    struct Layout {
        static constexpr std::size_t parts = 7;  ///< century, year in it, month, day, hour, minute, second
        static constexpr std::size_t words = 3;
        static constexpr std::size_t blank_bytes = 32;
        static constexpr std::uint8_t no_pair = 24;  ///< of a part that the form does not say: reads as 0
        static constexpr std::uint8_t nowhere = 40;
        std::uint8_t size = 0;                                ///< bytes before the zone; 0: there is no layout
        std::array<std::uint8_t, words> from{};               ///< where in the text each word begins
        std::array<std::uint64_t, words + 1> flip{}, most{};  ///< makes digits their values and literals 0; bounds
        std::array<std::uint8_t, parts> reads{};              ///< where in the words' pairs a part is found
        std::array<std::uint8_t, parts> writes{};             ///< where in the text a part stands; behind it: nowhere
        std::uint8_t fraction_at = 0;
        std::array<char, blank_bytes> blank{};  ///< the literals, and zeros for a fraction
    };
    void lay_out();
    int year_of(int two_digits) const;
    bool take_pieces(std::string_view text, Moment& out) const;
    bool take_laid_out(std::string_view text, Moment& out) const;

    std::vector<Piece> pieces_;
    Layout layout_;
    std::string literals_;
    int century_start_ = 2000;
    bool wants_time_ = false;
    bool says_time_ = false;  ///< has a part that a day lacks
    bool fixed_ = true;       ///< every number has its width: what is written is read back the same
    bool two_digit_year_ = false;
    std::size_t zone_letters_ = 0, fraction_digits_ = 0;
};

}  // namespace hansa::mapping
