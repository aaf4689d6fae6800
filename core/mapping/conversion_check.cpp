// check-digit.
#include <fmt/format.h>

#include "core/mapping/check_digit.h"
#include "core/mapping/conversion_code.h"
#include "core/mapping/conversion_pattern.h"

namespace hansa::mapping {
namespace {

/// An identifier of one shape whose check digit is right. It stands in the pivot as it is written.
class Checked final : public OneToOne {
public:
    Checked(Pattern pattern, CheckDigit check, ConversionRecipe recipe)
        : pattern_(std::move(pattern)), check_(std::move(check)), recipe_(std::move(recipe)) {}

    std::string domain() const override {
        return fmt::format("a number of the shape /{}/ with its check digit", pattern_.text());
    }
    ConversionRecipe recipe() const override { return recipe_; }

protected:
    Result<PivotValue> read(const std::string& text, const ConversionContext&, Notes&) const override {
        if (auto good = checked(text); !good) return good.error();
        return PivotValue{text, {}, 0};
    }

    Result<std::string> write(const PivotValue& value, const ConversionContext& context, const Target& target,
                              Notes&) const override {
        if (auto good = may_be_text(value, context); !good) return good.error();
        if (auto good = checked(value.text); !good) return good.error();
        if (auto good = fits(value.text, target); !good) return good.error();
        return value.text;
    }

    /// A pattern may allow letters that have no value, or lengths other than the weights': those are drawn again.
    std::optional<std::string> draw_one(std::mt19937_64& random, const ConversionContext&,
                                        const Target& target) const override {
        constexpr int attempts_max = 50;
        for (int attempt = 0; attempt < attempts_max; ++attempt) {
            std::string text = pattern_.draw(random());
            const std::optional<char> digit = check_.of(text);
            if (!digit) continue;
            text[check_.place] = *digit;
            if (pattern_.matches(text) && fits(text, target)) return text;
        }
        return std::nullopt;
    }

private:
    Result<void> checked(std::string_view text) const {
        if (!pattern_.matches(text)) return outside(text, domain());
        const std::optional<char> wanted = check_.of(text);
        if (!wanted) return outside(text, domain());
        if (text[check_.place] == *wanted) return {};
        return Error{codes::domain, fmt::format("the check digit of {} is not {}, it would be {}", show_code(text),
                                                text[check_.place], *wanted)};
    }

    Pattern pattern_;
    CheckDigit check_;
    ConversionRecipe recipe_;
};

MadeConversion make_check_digit(const ConversionRequest& request) {
    const auto& given = request.arguments;
    constexpr std::string_view usage =
        "expected a shape, weights with = for the check digit, and its signs by remainder";
    if (given.size() < 3 || given.size() > 4) return wrong_arguments(usage);
    const std::string& shape = given[0].text;
    if (shape.size() < 3 || shape.front() != '/' || shape.back() != '/') return wrong_arguments(usage);
    auto pattern = Pattern::parse(shape.substr(1, shape.size() - 2));
    if (!pattern) return wrong_arguments(pattern.error().detail);
    auto check = given.size() == 4 ? CheckDigit::parse(given[1].text, given[2].text, given[3].text)
                                   : CheckDigit::parse(given[1].text, given[2].text);
    if (!check) return wrong_arguments(usage);
    ConversionRecipe recipe{.kind = ConversionRecipe::Kind::check_digit, .text = pattern->text()};
    recipe.checks.push_back(*check);
    return std::make_shared<Checked>(std::move(*pattern), std::move(*check), std::move(recipe));
}

constexpr ConversionName names[] = {
    {"check-digit", make_check_digit, "check-digit /SHAPE/ \"WEIGHTS\" \"SIGNS BY REMAINDER\" [\"SIGNS BY VALUE\"]"},
};

}  // namespace

std::span<const ConversionName> check_conversions() {
    return names;
}

}  // namespace hansa::mapping
