// What stands behind a Conversion: one class a family of conversions. For conversion*.cpp only.
#pragma once

#include <random>

#include "core/base/decimal.h"
#include "core/mapping/codes.h"
#include "core/mapping/conversion.h"
#include "core/mapping/conversion_recipe.h"

namespace hansa::mapping {

/// One word behind a conversion's name.
struct Argument {
    std::string text;
    bool quoted = false;
    std::uint32_t column = 1;  ///< in the text of the row's conversions
};

/// What a maker of conversions gets.
struct ConversionRequest {
    std::vector<Argument> arguments;
    std::vector<Conversion> inner;  ///< of join: in parentheses
    bool has_inner = false;
    std::size_t national_left = 1, pivot_left = 1;  ///< places of the row that are not taken yet
    bool last = true;                               ///< no other conversion follows
    std::vector<bool> optional;                     ///< of the national places that are left
};

class ConversionCode {
public:
    virtual ~ConversionCode() = default;
    virtual Result<ToPivot> to_pivot(std::span<const NationalValue> national,
                                     const ConversionContext& context) const = 0;
    virtual Result<FromPivot> from_pivot(std::span<const PivotValue> values, const ConversionContext& context,
                                         std::span<const Target> targets) const = 0;
    virtual std::optional<std::vector<NationalValue>> draw(std::mt19937_64& random, const ConversionContext& context,
                                                           std::span<const Target> targets) const = 0;
    virtual std::string domain() const = 0;
    virtual ConversionRecipe recipe() const = 0;

    std::string written_as, called;  ///< as the table writes it; its name
    std::size_t national_count = 1, pivot_count = 1;
    bool national_list = false, pivot_list = false, narrowing = false, zero_empty = false;
    std::string list_name;
};

using MadeConversion = Result<std::shared_ptr<ConversionCode>>;
using ConversionMaker = MadeConversion (*)(const ConversionRequest&);

struct ConversionName {
    std::string_view name;
    ConversionMaker maker;
    std::string_view usage;  ///< for faults: "money [digits] [noise] [zero-empty]"
};

/// The families, each in its own file.
std::span<const ConversionName> number_conversions();
std::span<const ConversionName> time_conversions();
std::span<const ConversionName> text_conversions();
std::span<const ConversionName> piece_conversions();
std::span<const ConversionName> list_conversions();
std::span<const ConversionName> check_conversions();

/// A conversion of one national text and one pivot text. Everything but the two directions is done here.
class OneToOne : public ConversionCode {
public:
    Result<ToPivot> to_pivot(std::span<const NationalValue> national, const ConversionContext& context) const override;
    Result<FromPivot> from_pivot(std::span<const PivotValue> values, const ConversionContext& context,
                                 std::span<const Target> targets) const override;
    std::optional<std::vector<NationalValue>> draw(std::mt19937_64& random, const ConversionContext& context,
                                                   std::span<const Target> targets) const override;

protected:
    using Notes = std::vector<ConversionNote>;
    virtual Result<PivotValue> read(const std::string& text, const ConversionContext& context, Notes& notes) const = 0;
    virtual Result<std::string> write(const PivotValue& value, const ConversionContext& context, const Target& target,
                                      Notes& notes) const = 0;
    virtual std::optional<std::string> draw_one(std::mt19937_64& random, const ConversionContext& context,
                                                const Target& target) const = 0;
};

// ---- what several families use ----

Error outside(std::string_view value, std::string_view domain);  ///< mapping.domain
Error wrong_arguments(std::string_view detail);                  ///< mapping.conversion-arguments

std::size_t characters(std::string_view text);
/// The first `count` code points.
std::string_view head(std::string_view text, std::size_t count);
/// mapping.unfit when the text is longer or shorter than the target takes.
Result<void> fits(std::string_view text, const Target& target);
/// mapping.code-foreign for a value of another authority's list.
Result<void> may_be_text(const PivotValue& value, const ConversionContext& context);
const Target& target_of(std::span<const Target> targets, std::size_t slot);

/// An argument, or the agency's setting that it names. Errors: mapping.setting-missing
Result<std::string> resolved(std::string_view argument, const ConversionContext& context);

/// The number written for a target: rounded where its fraction is too long, which is noted.
/// Errors: mapping.unfit
Result<std::string> written_number(const Decimal& number, const Target& target, bool may_round,
                                   std::vector<ConversionNote>& notes);
std::optional<std::string> draw_number(std::mt19937_64& random, const Target& target, int fraction_max);
std::string draw_text(std::mt19937_64& random, std::size_t length_min, std::size_t length_max);
std::size_t draw_length(std::mt19937_64& random, const Target& target, std::size_t least, std::size_t most);

}  // namespace hansa::mapping
