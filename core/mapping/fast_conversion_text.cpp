// Twins of text, constant, alias, prefix, boolean, indicator, gather.
#include <algorithm>

#include "core/mapping/conversion_code.h"
#include "core/mapping/fast_text.h"
#include "core/mapping/translate.h"

namespace hansa::mapping {
namespace {

using Kind = ConversionRecipe::Kind;

class FastAlias final : public FastSingle {
public:
    FastAlias(const FastRequest& request)
        : place_(request.targets.empty() ? FastTarget{} : request.targets[0], request.context.grammar),
          authority_(request.context.authority),
          aliases_(request.context.aliases) {
        most_ = request.recipe.length > 0 ? request.recipe.length : most_;
        most_ = std::min(most_, place_.bounds().length_max.value_or(most_));
    }

    Fast read(std::string_view national, FastRun&, FastPivot& out) const override {
        if (aliases_ && may_be_alias(national)) return Fast::declined;
        out = {national, {}, 0};
        return Fast::done;
    }

    Fast write(const FastPivot& value, FastRun&, std::string_view& out) const override {
        if (!may_be_text(value.list, authority_) || !place_.takes(value.text)) return Fast::declined;
        if (value.text.size() > most_ && characters(value.text) > most_) return Fast::declined;
        out = value.text;
        return Fast::done;
    }

private:
    FastPlace place_;
    std::string authority_;
    std::size_t most_ = static_cast<std::size_t>(-1);
    bool aliases_;
};

class FastPrefix final : public FastSingle {
public:
    FastPrefix(const FastRequest& request)
        : place_(request.targets.empty() ? FastTarget{} : request.targets[0], request.context.grammar),
          authority_(request.context.authority),
          prefix_(request.recipe.text) {}

    Fast read(std::string_view national, FastRun& run, FastPivot& out) const override {
        if (national.empty()) return Fast::declined;
        char* at = run.scratch.room(prefix_.size() + national.size());
        at = std::copy(prefix_.begin(), prefix_.end(), at);
        out = {run.scratch.keep(std::copy(national.begin(), national.end(), at)), {}, 0};
        return Fast::done;
    }

    Fast write(const FastPivot& value, FastRun&, std::string_view& out) const override {
        if (!may_be_text(value.list, authority_) || !value.text.starts_with(prefix_)) return Fast::declined;
        const std::string_view text = value.text.substr(prefix_.size());
        if (!place_.takes(text)) return Fast::declined;
        out = text;
        return Fast::done;
    }

private:
    FastPlace place_;
    std::string authority_, prefix_;
};

class FastWords final : public FastSingle {
public:
    FastWords(const FastRequest& request) : pairs_(request.recipe.pairs) {
        const FastPlace place(request.targets.empty() ? FastTarget{} : request.targets[0], request.context.grammar);
        // The reference does not ask the bounds for a word, only the type.
        for (const auto& pair : pairs_) writable_.push_back(!pair.first.empty() && place.in_type(pair.first));
    }

    Fast read(std::string_view national, FastRun&, FastPivot& out) const override {
        for (const auto& pair : pairs_) {
            if (pair.first != national) continue;
            out = {pair.second, {}, 0};
            return Fast::done;
        }
        return Fast::declined;
    }

    Fast write(const FastPivot& value, FastRun&, std::string_view& out) const override {
        for (std::size_t i = 0; i < pairs_.size(); ++i) {
            if (pairs_[i].second != value.text || !value.list.empty()) continue;
            out = pairs_[i].first;
            return writable_[i] ? Fast::done : Fast::declined;
        }
        return Fast::declined;
    }

private:
    std::vector<std::pair<std::string, std::string>> pairs_;
    std::vector<bool> writable_;
};

/// Of one member it is a text; several are the reference's. Not single: who writes straight through would write the
/// first member alone.
class FastGathered final : public FastCode {
public:
    FastGathered(const FastRequest& request) : text_(request) {}

    Fast to_pivot(std::span<const FastText> national, FastRun& run, PivotSlots& out) const override {
        return text_.to_pivot(national, run, out);
    }
    Fast from_pivot(std::span<const FastPivot> values, FastRun& run, TextSlots& out) const override {
        return values.size() == 1 ? text_.from_pivot(values, run, out) : Fast::declined;
    }

private:
    PlainText text_;
};

}  // namespace

PlainText::PlainText(const FastRequest& request)
    : place_(request.targets.empty() ? FastTarget{} : request.targets[0], request.context.grammar),
      authority_(request.context.authority) {}

Fast PlainText::read(std::string_view national, FastRun&, FastPivot& out) const {
    out = {national, {}, 0};
    return Fast::done;
}

Fast PlainText::write(const FastPivot& value, FastRun&, std::string_view& out) const {
    if (!value.list.empty() && !may_be_text(value.list, authority_)) return Fast::declined;
    if (!place_.takes(value.text)) return Fast::declined;
    out = value.text;
    return Fast::done;
}

FastMade fast_text(const FastRequest& request) {
    switch (request.recipe.kind) {
        case Kind::text:
            return std::make_shared<PlainText>(request);
        case Kind::alias:
            return std::make_shared<FastAlias>(request);
        case Kind::prefix:
            return std::make_shared<FastPrefix>(request);
        case Kind::words:
            return std::make_shared<FastWords>(request);
        case Kind::gather:
            return std::make_shared<FastGathered>(request);
        default:
            return nullptr;
    }
}

}  // namespace hansa::mapping
