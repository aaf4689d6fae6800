#include "core/mapping/plan_expression.h"

#include "core/base/decimal.h"
#include "core/base/time.h"
#include "core/mapping/expression.h"
#include "core/mapping/place_list.h"

namespace hansa::mapping::program {
namespace {

std::optional<Decimal> number(const std::optional<std::string>& text) {
    if (!text || text->empty()) return std::nullopt;
    const Result<Decimal> value = Decimal::parse(*text);
    return value ? std::optional<Decimal>(*value) : std::nullopt;
}

/// As evaluate.cpp has it: what a list says of a code.
std::optional<std::string> listed(const Expression& e, std::span<const std::optional<std::string>> parts,
                                  const ConversionContext& context) {
    std::string name = *parts[0];
    if (name.starts_with('$') && context.settings) {
        const auto setting = context.settings->find(std::string_view(name).substr(1));
        if (setting == context.settings->end()) return std::nullopt;
        name = setting->second;
    }
    const auto list = context.lists->find(name);
    if (list == context.lists->end()) return std::nullopt;
    const CodeList& codes = list->second;
    if (e.text == "published") return codes.published_id().empty() ? std::nullopt : std::optional(codes.published_id());
    if (parts.size() < 2 || !parts[1]) return std::nullopt;
    if (e.text == "name") {
        std::string found = codes.name(*parts[1]);
        return found.empty() ? std::nullopt : std::optional(std::move(found));
    }
    if (e.text == "place") {
        const bool numbered = parts.size() > 2 && parts[2];
        return listed_place(codes, numbered ? *parts[1] + "[" + *parts[2] + "]" : *parts[1]);
    }
    const auto values = codes.to_standard(*parts[1], context.document_date);
    if (!values || values->empty()) return std::nullopt;
    return qualified(values->front().list, values->front().text);
}

}  // namespace

bool names_list(const Expression& e) {
    return e.kind == Expression::Kind::call && asks_list(e.text);
}

std::optional<std::string> over_literals(const Expression& e, std::span<const std::optional<std::string>> parts,
                                         const ConversionContext& context) {
    if (e.kind == Expression::Kind::binary && e.parts[1].kind != Expression::Kind::months) {
        // As evaluate.cpp has it, without making an expression of it first.
        const auto a = number(parts[0]), b = number(parts[1]);
        if (!a || !b || (e.text == "/" && b->is_zero())) return std::nullopt;
        const Result<Decimal> result = e.text == "+"   ? a->plus(*b)
                                       : e.text == "-" ? a->minus(*b)
                                       : e.text == "*" ? a->times(*b)
                                                       : a->divided_by(*b, 12);
        return result ? std::optional(result->canonical()) : std::nullopt;
    }
    if (e.text == "value" && !parts.empty()) return parts[0];
    if (names_list(e) && !parts.empty() && parts[0]) return listed(e, parts, context);
    Expression flat;
    flat.kind = e.kind;
    flat.text = e.text;
    for (std::size_t i = 0; i < e.parts.size(); ++i) {
        if (e.parts[i].kind == Expression::Kind::months) {
            flat.parts.push_back(e.parts[i]);
            continue;
        }
        if (!parts[i]) return std::nullopt;
        Expression literal;
        literal.kind = Expression::Kind::text;
        literal.text = *parts[i];
        flat.parts.push_back(std::move(literal));
    }
    NationalNode none;
    const Evaluation on{.group = &none, .document = &none, .context = &context};
    return evaluate(flat, on);
}

std::optional<std::string> folded(std::string_view what, const std::vector<std::string>& all) {
    std::optional<Decimal> result;
    for (const std::string& text : all) {
        const auto value = number(text);
        if (!value) return std::nullopt;
        if (!result) {
            result = value;
        } else if (what == "sum") {
            const auto total = result->plus(*value);
            if (!total) return std::nullopt;
            result = *total;
        } else if ((what == "min" && *value < *result) || (what == "max" && *value > *result)) {
            result = value;
        }
    }
    if (!result) return what == "sum" ? std::optional<std::string>("0") : std::nullopt;
    return result->canonical();
}

bool folds(const Expression& e) {
    return e.kind == Expression::Kind::call && (e.text == "sum" || e.text == "min" || e.text == "max");
}

}  // namespace hansa::mapping::program
