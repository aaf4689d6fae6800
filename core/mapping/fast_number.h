// Numbers as strings of digits: the twins of integer, decimal, money, measure, fixed, scale, implied.
// For fast_*.cpp and fused_*.cpp only.
#pragma once

#include "core/mapping/fast_code.h"

namespace hansa::mapping {

/// A decimal taken apart; views into its text. Zero has no digits at all and is never negative.
struct Digits {
    std::string_view whole;     ///< without zeros in front
    std::string_view fraction;  ///< without zeros at the end
    std::string_view text;      ///< the canonical form where the text has it in one piece, else empty
    bool negative = false;
};

/// How many digits a number of up to 16 bytes has that stands in its canonical form already, but for zeros at its end.
struct ShortDigits {
    std::uint8_t whole = 0, fraction = 0;
    std::uint8_t size = 0;  ///< of the canonical form, with which the text begins
    bool good = false;      ///< false: it is longer, in another form, or no number

    std::string_view of(std::string_view text) const { return text.substr(0, size); }
};
ShortDigits short_digits(std::string_view text);

/// Takes what Decimal::parse takes, of at most number_bytes_max bytes. False: something else.
bool take_digits(std::string_view text, Digits& out);

/// The canonical form; made in the scratch where the text does not have it in one piece.
std::string_view canonical(const Digits& digits, Scratch& scratch);

class FastNumber final : public FastSingle {
public:
    explicit FastNumber(const FastRequest& request);
    Fast read(std::string_view national, FastRun& run, FastPivot& out) const override;
    Fast write(const FastPivot& value, FastRun& run, std::string_view& out) const override;

    /// `digits` is what the text says, or what is left of it without noise.
    Fast read_digits(std::string_view national, FastRun& run, Digits& digits) const;
    Fast write_digits(const Digits& digits, FastRun& run, std::string_view& out) const;
    /// Does a canonical number of these digits stay as it is when it is read, and when it is written?
    bool reads(const ShortDigits& seen) const { return seen.fraction <= read_fraction_max_; }
    bool writes(const ShortDigits& seen) const {
        return seen.fraction <= fraction_max_ && std::size_t{seen.whole} + seen.fraction <= total_max_;
    }
    /// The bounds and the type, of a text whose digits were counted.
    bool takes(std::string_view text) const {
        return place_.in_bounds(text) && (type_is_bounds_ || place_.in_type(text));
    }
    /// Nothing is multiplied, and no zeros are added.
    bool plain() const { return power_ == 0 && padding_ == 0; }

private:
    /// A canonical number with zeros behind it.
    std::string_view padded(std::string_view text, Scratch& scratch) const;

    bool whole_ = false, noise_ = false;
    std::optional<int> digits_;
    int power_ = 0;
    std::size_t padding_ = 0;             ///< digits that stand behind the point, with zeros; 0: as many as count
    std::size_t read_fraction_max_ = 38;  ///< digits that are read without noise
    std::size_t fraction_max_ = 38, total_max_ = 38;  ///< digits that are written
    bool type_is_bounds_ = false;                     ///< the type asks nothing that the digits do not say
    FastPlace place_;
    std::string noise_reason_;
};

}  // namespace hansa::mapping
