// Twin of check-digit.
#include "core/mapping/check_digit.h"
#include "core/mapping/conversion_pattern.h"
#include "core/mapping/fast_code.h"

namespace hansa::mapping {
namespace {

class FastChecked final : public FastSingle {
public:
    FastChecked(const FastRequest& request, MatchTable shape)
        : place_(request.targets.empty() ? FastTarget{} : request.targets[0], request.context.grammar),
          authority_(request.context.authority),
          shape_(std::move(shape)),
          check_(request.recipe.checks.front()) {
        for (std::size_t i = check_.values.size(); i > 0; --i)
            value_[static_cast<unsigned char>(check_.values[i - 1])] = static_cast<std::uint16_t>(i);
    }

    Fast read(std::string_view national, FastRun&, FastPivot& out) const override {
        if (!holds(national)) return Fast::declined;
        out = {national, {}, 0};
        return Fast::done;
    }

    Fast write(const FastPivot& value, FastRun&, std::string_view& out) const override {
        if (!may_be_text(value.list, authority_) || !holds(value.text) || !place_.takes(value.text))
            return Fast::declined;
        out = value.text;
        return Fast::done;
    }

private:
    bool holds(std::string_view text) const {
        if (text.size() != check_.weights.size() || !shape_.matches(text)) return false;
        std::uint64_t sum = 0;
        for (std::size_t i = 0; i < text.size(); ++i) {
            const std::uint64_t weight = check_.weights[i], value = value_[static_cast<unsigned char>(text[i])];
            if (weight == 0) continue;
            if (value == 0) return false;
            sum += (value - 1) * weight;
        }
        return check_.by_remainder[sum % check_.by_remainder.size()] == text[check_.place];
    }

    FastPlace place_;
    std::string authority_;
    MatchTable shape_;
    CheckDigit check_;
    std::uint16_t value_[256] = {};  ///< of a sign, and one more; 0: it has none
};

}  // namespace

FastMade fast_check(const FastRequest& request) {
    const auto pattern = Pattern::parse(request.recipe.text);
    if (!pattern) return nullptr;
    auto shape = pattern->table();
    if (!shape) return nullptr;
    return std::make_shared<FastChecked>(request, std::move(*shape));
}

}  // namespace hansa::mapping
