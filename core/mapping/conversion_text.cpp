// text, constant, alias, prefix, boolean, indicator.
#include <fmt/format.h>

#include "core/base/digest.h"
#include "core/mapping/conversion_code.h"
#include "core/mapping/translate.h"

namespace hansa::mapping {
namespace {

class Text : public OneToOne {
public:
    std::string domain() const override { return "any text"; }
    ConversionRecipe recipe() const override { return {.kind = ConversionRecipe::Kind::text}; }

protected:
    Result<PivotValue> read(const std::string& text, const ConversionContext&, Notes&) const override {
        return PivotValue{text, {}, 0};
    }

    Result<std::string> write(const PivotValue& value, const ConversionContext& context, const Target& target,
                              Notes&) const override {
        if (auto good = may_be_text(value, context); !good) return good.error();
        if (auto good = fits(value.text, target); !good) return good.error();
        return value.text;
    }

    std::optional<std::string> draw_one(std::mt19937_64& random, const ConversionContext&,
                                        const Target& target) const override {
        constexpr std::size_t usual_max = 20;
        return draw_text(
            random, target.length_min.value_or(1),
            std::min(target.length_max.value_or(usual_max), std::max(usual_max, target.length_min.value_or(1))));
    }
};

/// Too long for the target: a short reference made from the text's own digest, so that the same
/// text has the same alias in every message. The journal keeps the pair; answers bring the alias back.
class AliasText final : public Text {
public:
    /// Crockford base 32, so that it survives being read aloud; the mark stands in front.
    static constexpr std::string_view letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    static constexpr char mark = 'A';
    static constexpr std::size_t shortest = 12;  ///< 60 bits: two texts of one agency never meet in practice
    static constexpr std::size_t longest = 24;

    std::optional<std::size_t> length_max;

    std::string domain() const override { return "any text"; }
    ConversionRecipe recipe() const override {
        return {.kind = ConversionRecipe::Kind::alias, .length = length_max.value_or(0)};
    }

protected:
    Result<PivotValue> read(const std::string& text, const ConversionContext& context, Notes&) const override {
        std::string behind;
        if (context.alias_of && *context.alias_of && may_be_alias(text)) behind = (*context.alias_of)(text);
        return PivotValue{behind.empty() ? text : std::move(behind), {}, 0};
    }

    Result<std::string> write(const PivotValue& value, const ConversionContext& context, const Target& target,
                              Notes& notes) const override {
        if (auto good = may_be_text(value, context); !good) return good.error();
        std::optional<std::size_t> most = length_max;
        if (target.length_max) most = std::min(most.value_or(*target.length_max), *target.length_max);
        if (!most || characters(value.text) <= *most) {
            if (auto good = fits(value.text, target); !good) return good.error();
            return value.text;
        }
        if (*most < shortest)
            return Error{codes::unfit, fmt::format("{} characters are too few for an alias of {}", *most, shortest)};
        std::string alias = made_from(value.text, std::min(*most, longest));
        notes.push_back(
            {ConversionNote::Kind::aliased, value.text, alias, fmt::format("longer than {} characters", *most)});
        return alias;
    }

private:
    static std::string made_from(const std::string& text, std::size_t length) {
        const std::string bytes = digest(DigestAlgorithm::sha256, text);
        std::string out(1, mark);
        std::uint32_t bits = 0;
        int held = 0;
        for (std::size_t i = 0; out.size() < length && i < bytes.size(); ++i) {
            bits = (bits << 8) | static_cast<unsigned char>(bytes[i]);
            held += 8;
            for (; held >= 5 && out.size() < length; held -= 5) out += letters[(bits >> (held - 5)) & 31];
        }
        return out;
    }
};

class Prefix final : public OneToOne {
public:
    std::string prefix;

    std::string domain() const override { return fmt::format("a text that the pivot has with '{}' in front", prefix); }
    ConversionRecipe recipe() const override { return {.kind = ConversionRecipe::Kind::prefix, .text = prefix}; }

protected:
    Result<PivotValue> read(const std::string& text, const ConversionContext&, Notes&) const override {
        if (text.empty()) return outside(text, "a text to put a prefix before");
        return PivotValue{prefix + text, {}, 0};
    }

    Result<std::string> write(const PivotValue& value, const ConversionContext& context, const Target& target,
                              Notes&) const override {
        if (auto good = may_be_text(value, context); !good) return good.error();
        if (value.text.size() <= prefix.size() || value.text.substr(0, prefix.size()) != prefix)
            return outside(value.text, domain());
        std::string text = value.text.substr(prefix.size());
        if (auto good = fits(text, target); !good) return good.error();
        return text;
    }

    std::optional<std::string> draw_one(std::mt19937_64& random, const ConversionContext&,
                                        const Target& target) const override {
        return draw_text(random, std::max<std::size_t>(1, target.length_min.value_or(1)),
                         target.length_max.value_or(12));
    }
};

/// Pairs of words: national and pivot; the first national word of a pivot word is the one written.
class Words final : public OneToOne {
public:
    struct Pair {
        std::string national, pivot;
    };
    std::vector<Pair> pairs;

    std::string domain() const override {
        std::string out = "one of";
        for (const Pair& pair : pairs) out += fmt::format(" '{}'", pair.national);
        return out;
    }

    ConversionRecipe recipe() const override {
        ConversionRecipe out{.kind = ConversionRecipe::Kind::words};
        for (const Pair& pair : pairs) out.pairs.emplace_back(pair.national, pair.pivot);
        return out;
    }

protected:
    Result<PivotValue> read(const std::string& text, const ConversionContext&, Notes&) const override {
        for (const Pair& pair : pairs) {
            if (pair.national == text) return PivotValue{pair.pivot, {}, 0};
        }
        return outside(text, domain());
    }

    Result<std::string> write(const PivotValue& value, const ConversionContext&, const Target&, Notes&) const override {
        for (const Pair& pair : pairs) {
            if (pair.pivot == value.text && value.list.empty()) return pair.national;
        }
        return outside(value.text, fmt::format("'{}' or '{}'", pairs[0].pivot, pairs[1].pivot));
    }

    std::optional<std::string> draw_one(std::mt19937_64& random, const ConversionContext&,
                                        const Target&) const override {
        return pairs[random() % pairs.size()].national;
    }
};

MadeConversion make_text(const ConversionRequest& request) {
    if (!request.arguments.empty()) return wrong_arguments("it takes no arguments");
    return std::make_shared<Text>();
}

MadeConversion make_alias(const ConversionRequest& request) {
    auto made = std::make_shared<AliasText>();
    if (request.arguments.empty()) return made;
    const std::string& text = request.arguments[0].text;
    constexpr std::size_t digits_max = 4;
    if (request.arguments.size() > 1 || text.empty() || text.size() > digits_max ||
        text.find_first_not_of("0123456789") != text.npos) {
        return wrong_arguments("expected the length that fits: alias 35");
    }
    made->length_max = std::stoul(text);
    return made;
}

MadeConversion make_prefix(const ConversionRequest& request) {
    if (request.arguments.size() != 1 || request.arguments[0].text.empty())
        return wrong_arguments("expected one text: prefix \"CN\"");
    auto made = std::make_shared<Prefix>();
    made->prefix = request.arguments[0].text;
    return made;
}

MadeConversion make_boolean(const ConversionRequest& request) {
    if (request.arguments.size() != 2 || request.arguments[0].text == request.arguments[1].text) {
        return wrong_arguments("expected two words, for true and for false: boolean Y N");
    }
    auto made = std::make_shared<Words>();
    made->pairs = {{request.arguments[0].text, "true"}, {request.arguments[1].text, "false"}};
    return made;
}

MadeConversion make_indicator(const ConversionRequest& request) {
    if (!request.arguments.empty()) return wrong_arguments("it takes no arguments");
    auto made = std::make_shared<Words>();
    made->pairs = {{"true", "1"}, {"false", "0"}, {"1", "1"}, {"0", "0"}};
    return made;
}

constexpr ConversionName names[] = {
    {"text", make_text, "text"},
    {"constant", make_text, "constant"},
    {"alias", make_alias, "alias [LENGTH]"},
    {"prefix", make_prefix, "prefix \"TEXT\""},
    {"boolean", make_boolean, "boolean TRUE-WORD FALSE-WORD"},
    {"indicator", make_indicator, "indicator"},
};

}  // namespace

std::span<const ConversionName> text_conversions() {
    return names;
}

bool may_be_alias(std::string_view text) {
    return text.size() >= AliasText::shortest && text.size() <= AliasText::longest && text.front() == AliasText::mark &&
           text.find_first_not_of(AliasText::letters) == std::string_view::npos;
}

}  // namespace hansa::mapping
