#include "core/mapping/evaluate.h"

#include <algorithm>

#include "core/base/decimal.h"
#include "core/base/time.h"
#include "core/mapping/expression.h"
#include "core/mapping/place_list.h"

namespace hansa::mapping {
namespace {

std::optional<Decimal> number(const std::optional<std::string>& text) {
    if (!text || text->empty()) return std::nullopt;
    const Result<Decimal> value = Decimal::parse(*text);
    return value ? std::optional<Decimal>(*value) : std::nullopt;
}

/// All texts of a place, in document order.
std::vector<std::string> texts(const Expression& e, const Evaluation& on) {
    std::vector<std::string> all;
    if (e.kind == Expression::Kind::national) {
        for (NationalNode* node : find_all(*on.group, e.national, *on.document)) {
            const bool attribute = !e.national.steps.empty() && e.national.steps.back().name.starts_with('@');
            if (attribute) {
                const auto* found = node->attribute(std::string_view(e.national.steps.back().name).substr(1));
                if (found) all.push_back(found->value);
            } else if (node->has_text || !node->text.empty()) {
                all.push_back(node->text);
            }
        }
        return all;
    }
    if (const auto value = evaluate(e, on)) all.push_back(*value);
    return all;
}

/// The node that a term leads to: of several the first.
const PivotNode* pivot_node(const PivotTerm& term, const Evaluation& on) {
    const PivotNode* node = term.from_document ? on.pivot_root : on.pivot;
    for (const PivotStep& step : term.steps) {
        if (!node) return nullptr;
        const PivotNode* found = nullptr;
        std::uint32_t place = 0;
        for (const auto& child : node->children) {
            if (child->name != step.name) continue;
            if (!step.keys.empty() && !matches(*child, step, *on.context->lists)) continue;
            if (step.index != 0 && ++place != step.index) continue;
            found = child.get();
            break;
        }
        node = found;
    }
    return node;
}

std::optional<std::string> pivot_value(const PivotTerm& term, const Evaluation& on) {
    const PivotNode* node = pivot_node(term, on);
    if (!node) return std::nullopt;
    const PivotValue value = value_of(*node, term.attribute);
    if (value.text.empty()) return std::nullopt;
    return qualified(value.list, value.text);
}

const CodeList* list_of(std::string_view name, const Evaluation& on) {
    std::string resolved(name);
    if (name.starts_with('$') && on.context->settings) {
        const auto setting = on.context->settings->find(name.substr(1));
        if (setting == on.context->settings->end()) return nullptr;
        resolved = setting->second;
    }
    const auto found = on.context->lists->find(resolved);
    return found == on.context->lists->end() ? nullptr : &found->second;
}

std::optional<std::string> listed(const Expression& e, const Evaluation& on) {
    const CodeList* list = list_of(e.parts[0].text, on);
    if (!list) return std::nullopt;
    if (e.text == "published") return list->published_id().empty() ? std::nullopt : std::optional(list->published_id());
    if (e.parts.size() < 2) return std::nullopt;
    const auto code = evaluate(e.parts[1], on);
    if (!code) return std::nullopt;
    if (e.text == "name") {
        std::string name = list->name(*code);
        return name.empty() ? std::nullopt : std::optional(std::move(name));
    }
    if (e.text == "place") {
        if (e.parts.size() < 3) return listed_place(*list, *code);
        const auto number = evaluate(e.parts[2], on);
        return listed_place(*list, number ? *code + "[" + *number + "]" : *code);
    }
    const auto values = list->to_standard(*code, on.context->document_date);
    if (!values || values->empty()) return std::nullopt;
    return qualified(values->front().list, values->front().text);
}

std::optional<std::string> folded(const Expression& e, const Evaluation& on) {
    std::optional<Decimal> result;
    for (const Expression& part : e.parts) {
        for (const std::string& text : texts(part, on)) {
            const auto value = number(text);
            if (!value) return std::nullopt;
            if (!result) {
                result = value;
                continue;
            }
            if (e.text == "sum") {
                const auto total = result->plus(*value);
                if (!total) return std::nullopt;
                result = *total;
            } else if ((e.text == "min" && *value < *result) || (e.text == "max" && *value > *result)) {
                result = value;
            }
        }
    }
    if (!result) return e.text == "sum" ? std::optional<std::string>("0") : std::nullopt;
    return result->canonical();
}

std::optional<std::string> product(const Expression& e, const Evaluation& on) {
    std::optional<Decimal> result;
    for (const Expression& part : e.parts) {
        const auto value = number(evaluate(part, on));
        if (!value) return std::nullopt;
        if (result) {
            const auto next = result->times(*value);
            if (!next) return std::nullopt;
            result = *next;
        } else {
            result = value;
        }
    }
    return result ? std::optional(result->canonical()) : std::nullopt;
}

std::optional<std::string> rounded(const Expression& e, const Evaluation& on) {
    const auto value = number(evaluate(e.parts[0], on));
    if (!value) return std::nullopt;
    int digits = 0;
    if (e.parts.size() > 1) {
        const auto asked = number(evaluate(e.parts[1], on));
        if (asked) digits = asked->integer_digits() == 0 ? 0 : std::stoi(asked->canonical());
    }
    Rounding mode = Rounding::half_up;
    if (e.text != "round") mode = (e.text == "ceil") != value->is_negative() ? Rounding::up : Rounding::down;
    const auto result = value->rounded(digits, mode);
    return result ? std::optional(result->canonical()) : std::nullopt;
}

std::optional<std::string> call(const Expression& e, const Evaluation& on) {
    if (asks_list(e.text)) return listed(e, on);
    if (e.parts.empty()) return std::nullopt;
    if (e.text == "value") return evaluate(e.parts[0], on);
    if (e.text == "count") {
        if (e.parts[0].kind != Expression::Kind::national) return std::nullopt;
        std::size_t members = 0;
        for (const NationalNode* node : find_all(*on.group, e.parts[0].national, *on.document))
            members += node->alive() ? 1U : 0U;
        return std::to_string(members);
    }
    if (e.text == "sum" || e.text == "min" || e.text == "max") return folded(e, on);
    if (e.text == "product") return product(e, on);
    if (e.text == "first") {
        const auto text = evaluate(e.parts[0], on);
        const auto length =
            e.parts.size() > 1 ? number(evaluate(e.parts[1], on)) : std::optional(Decimal::from_integer(1));
        if (!text || !length || length->is_negative() || length->integer_digits() > 4) return std::nullopt;
        return text->substr(0, static_cast<std::size_t>(std::stoul(length->rounded(0)->text())));
    }
    return rounded(e, on);
}

std::optional<std::string> later_by_months(const std::string& date, int months, bool minus) {
    Result<DateTime> value = parse_iso(date);
    if (!value) return std::nullopt;
    const int total = value->year * 12 + value->month - 1 + (minus ? -months : months);
    value->year = total / 12;
    value->month = total % 12 + 1;
    constexpr int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leap = (value->year % 4 == 0 && value->year % 100 != 0) || value->year % 400 == 0;
    value->day =
        std::min(value->day, days[static_cast<std::size_t>(value->month - 1)] + (value->month == 2 && leap ? 1 : 0));
    return format_iso(*value);
}

std::optional<std::string> binary(const Expression& e, const Evaluation& on) {
    const auto left = evaluate(e.parts[0], on);
    if (e.parts[1].kind == Expression::Kind::months) {
        if (!left) return std::nullopt;
        return later_by_months(*left, std::stoi(e.parts[1].text), e.text == "-");
    }
    const auto a = number(left), b = number(evaluate(e.parts[1], on));
    if (!a || !b) return std::nullopt;
    if (e.text == "/" && b->is_zero()) return std::nullopt;
    const Result<Decimal> result = e.text == "+"   ? a->plus(*b)
                                   : e.text == "-" ? a->minus(*b)
                                   : e.text == "*" ? a->times(*b)
                                                   : a->divided_by(*b, 12);
    return result ? std::optional(result->canonical()) : std::nullopt;
}

}  // namespace

std::optional<std::string> evaluate(const Expression& e, const Evaluation& on) {
    switch (e.kind) {
        case Expression::Kind::text:
        case Expression::Kind::number:
            return e.text;
        case Expression::Kind::months:
            return std::nullopt;
        case Expression::Kind::pivot:
            return pivot_value(e.pivot, on);
        case Expression::Kind::national: {
            const auto all = texts(e, on);
            if (all.empty() || says_nothing(all.front())) return std::nullopt;
            return all.front();
        }
        case Expression::Kind::call:
            return call(e, on);
        case Expression::Kind::binary:
            return binary(e, on);
    }
    return std::nullopt;
}

bool asks_for_group(const Condition& condition) {
    if (!condition.present) return false;
    const Expression& place = condition.place;
    if (place.kind == Expression::Kind::pivot)
        return place.pivot.attribute.empty() && place.pivot.field && place.pivot.field->is_group();
    return place.kind == Expression::Kind::national && !place.national.attribute && place.national.shape &&
           !place.national.shape->text;
}

/// A field is present when it says something; a class, or an element that holds others, when it is there.
bool is_present(const Condition& condition, const Evaluation& on) {
    const Expression& place = condition.place;
    if (!asks_for_group(condition)) return evaluate(place, on).has_value();
    if (place.kind == Expression::Kind::pivot) return pivot_node(place.pivot, on) != nullptr;
    const std::vector<NationalNode*> found = find_all(*on.group, place.national, *on.document);
    return std::any_of(found.begin(), found.end(), [](const NationalNode* node) { return node->alive(); });
}

bool holds(const Condition& condition, const Evaluation& on) {
    if (condition.present) return is_present(condition, on) != condition.negated;
    const auto value = evaluate(condition.place, on);
    const bool equal = value && std::any_of(condition.values.begin(), condition.values.end(),
                                            [&](const std::string& wanted) { return same_value(*value, wanted); });
    return equal != condition.negated;
}

bool same_value(std::string_view a, std::string_view b) {
    if (a == b) return true;
    const Result<Decimal> left = Decimal::parse(a), right = Decimal::parse(b);
    return left && right && *left == *right;
}

bool is_constant(const PivotTerm& place, std::string_view said, std::string_view constant) {
    if (place.attribute.empty() && place.field && place.field->form == pivot::Form::code) return said == constant;
    return same_value(said, constant);
}

bool is_so(std::strong_ordering order, std::string_view sign) {
    if (sign == "=") return order == 0;
    if (sign == "!=") return order != 0;
    if (sign == ">=") return order >= 0;
    if (sign == "<=") return order <= 0;
    if (sign == ">") return order > 0;
    return order < 0;
}

bool compare(std::string_view left, std::string_view sign, std::string_view right, bool noise) {
    if (sign == "=" || sign == "!=") {
        bool equal = same_value(left, right);
        if (!equal && noise) {
            const Result<Decimal> a = Decimal::parse(left), b = Decimal::parse(right);
            if (a && b) {
                const Result<Decimal> difference = a->minus(*b);
                const Decimal bound = *Decimal::parse("0.000001");
                if (difference) equal = (difference->is_negative() ? difference->negated() : *difference) < bound;
            }
        }
        return equal == (sign == "=");
    }
    const Result<Decimal> a = Decimal::parse(left), b = Decimal::parse(right);
    std::strong_ordering order = std::strong_ordering::equal;
    if (a && b) {
        order = *a <=> *b;
    } else {
        const int text = left.compare(right);
        order = text < 0   ? std::strong_ordering::less
                : text > 0 ? std::strong_ordering::greater
                           : std::strong_ordering::equal;
    }
    return is_so(order, sign);
}

}  // namespace hansa::mapping
