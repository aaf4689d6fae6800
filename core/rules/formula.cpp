#include "core/rules/formula.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "core/base/nearest.h"
#include "core/base/time.h"
#include "core/pivot/standards.h"
#include "core/rules/codes.h"

namespace hansa::rules {
namespace {

using mapping::Expression;
using mapping::PivotKey;
using mapping::PivotStep;
using mapping::PivotTerm;
using pivot::Field;
using pivot::Form;
using pivot::Node;

constexpr std::array<std::string_view, 5> own_functions{"distinct", "number", "last", "the", "in"};
constexpr int quotient_digits = 12;

// --- looking up ---

const Field& root_of(const Field& field) {
    const Field* out = &field;
    while (out->parent != nullptr) out = out->parent;
    return *out;
}

Result<void> look_up_keys(const PivotStep& step, const Place& where) {
    for (const PivotKey& key : step.keys) {
        if (key.in_list || key.from)
            return Error{codes::syntax, fmt::format("a rule's selector is [Name=Value], not '[{} ...]'", key.child), where};
        if (key.attribute) {
            if (!step.field->has_attribute(key.child))
                return Error{codes::path_unknown, fmt::format("{} has no attribute '@{}'", step.name, key.child), where};
        } else if (step.field->child(key.child) == nullptr) {
            return Error{codes::path_unknown, pivot::explain_unknown(*step.field, key.child).detail, where};
        }
    }
    return {};
}

/// Does the step alone say which of several members is meant?
bool chooses(const PivotStep& step) {
    return !step.field->is_list() || step.index != 0 || !step.keys.empty();
}

Result<void> look_up(PivotTerm& term, const Field& scope, const Place& where) {
    const Field* field = term.from_document ? &root_of(scope) : &scope;
    for (PivotStep& step : term.steps) {
        const Field* next = field->child(step.name);
        if (next == nullptr) return Error{codes::path_unknown, pivot::explain_unknown(*field, step.name).detail, where};
        step.field = field = next;
        if (const auto good = look_up_keys(step, where); !good) return good;
    }
    term.field = field;
    if (!term.attribute.empty() && !field->has_attribute(term.attribute))
        return Error{codes::path_unknown, fmt::format("{} has no attribute '@{}'", field->name, term.attribute), where};
    return {};
}

bool is_many(const PivotTerm& term) {
    return !std::ranges::all_of(term.steps, chooses);
}

Sort sort_of(const Expression& e) {
    switch (e.kind) {
        case Expression::Kind::number:
        case Expression::Kind::months:
            return Sort::number;
        case Expression::Kind::pivot:
            if (!e.pivot.attribute.empty()) return Sort::text;
            if (e.pivot.field->is_number()) return Sort::number;
            return e.pivot.field->form == Form::date_time ? Sort::date : Sort::text;
        case Expression::Kind::binary:
            return e.parts[1].kind == Expression::Kind::months ? Sort::date : Sort::number;
        case Expression::Kind::call:
            if (e.text == "first" || e.text == "last") return Sort::text;
            return e.text == "value" ? sort_of(e.parts[0]) : Sort::number;
        default:
            return Sort::text;
    }
}

bool takes_many(std::string_view function) {
    return function == "sum" || function == "count" || function == "min" || function == "max" || function == "distinct";
}

class Resolver {
public:
    Resolver(const Field& scope, const Place& where, const Names* names) : scope_(scope), where_(where), names_(names) {}

    /// `alone`: several values are of use here.
    Result<void> resolve(Expression& e, bool alone) {
        if (e.kind == Expression::Kind::national) {
            auto place = parse_place(e.national.text, where_, scope_);
            if (!place) return place.error();
            if (!alone && is_many(*place))
                return Error{codes::many_values, fmt::format("'{}' may have several values", e.national.text), where_};
            e.kind = Expression::Kind::pivot;
            e.pivot = *std::move(place);
            return {};
        }
        if (e.kind == Expression::Kind::call && (e.text == "name" || e.text == "code" || e.text == "published"))
            return Error{codes::syntax, fmt::format("rules do not ask code lists: '{}' is for mapping tables", e.text), where_};
        if (e.kind == Expression::Kind::call && (e.text == "the" || e.text == "in")) return resolve_known(e);
        const bool many = e.kind == Expression::Kind::call && takes_many(e.text);
        for (Expression& part : e.parts) {
            if (const auto good = resolve(part, many); !good) return good;
        }
        if (e.kind == Expression::Kind::binary) return check_binary(e);
        return e.kind == Expression::Kind::call ? check_call(e) : Result<void>{};
    }

private:
    Error wrong(std::string detail) const { return {codes::syntax, std::move(detail), where_}; }

    /// the(NAME), in(CURRENCY, PLACE...): the first word is no place.
    Result<void> resolve_known(Expression& e) {
        if (names_ == nullptr) return wrong(fmt::format("{}() is for tables of taxes", e.text));
        if (e.parts.empty() || e.parts[0].kind != Expression::Kind::national) return wrong(fmt::format("{}() takes a name", e.text));
        const std::string name = e.parts[0].national.text;
        e.parts[0] = Expression{.kind = Expression::Kind::text, .text = name};
        if (e.text == "the") {
            if (e.parts.size() == 1 && names_->contains(name)) return {};
            std::vector<std::string_view> known(names_->begin(), names_->end());
            return wrong(fmt::format("no row above is called '{}'{}", name, did_you_mean(name, known)));
        }
        if (pivot::currency_alpha(name) == nullptr) return wrong(fmt::format("'{}' is no currency", name));
        for (std::size_t i = 1; i < e.parts.size(); ++i) {
            if (const auto good = resolve(e.parts[i], true); !good) return good;
            if (e.parts[i].kind != Expression::Kind::pivot || e.parts[i].pivot.field->form != Form::amount) return wrong("in() takes amounts");
        }
        return e.parts.size() > 1 ? Result<void>{} : wrong("in() takes a currency and amounts");
    }

    Result<void> check_binary(const Expression& e) const {
        if (e.parts[1].kind == Expression::Kind::months) {
            if (sort_of(e.parts[0]) == Sort::date && (e.text == "+" || e.text == "-")) return {};
            return wrong(fmt::format("months are added to a date, or taken from one, not '{}'", e.text));
        }
        if (sort_of(e.parts[0]) == Sort::number && sort_of(e.parts[1]) == Sort::number) return {};
        return wrong(fmt::format("'{}' needs numbers on both sides", e.text));
    }

    Result<void> check_call(const Expression& e) const {
        if (e.text == "count" || e.text == "distinct") {
            if (e.parts.size() == 1 && e.parts[0].kind == Expression::Kind::pivot) return {};
            return wrong(fmt::format("{}() takes one place", e.text));
        }
        if (e.text == "first" || e.text == "last" || e.text == "value" || e.text == "number") return {};
        const bool numbers = std::ranges::all_of(e.parts, [](const Expression& part) { return sort_of(part) == Sort::number; });
        return numbers ? Result<void>{} : wrong(fmt::format("{}() takes numbers", e.text));
    }

    const Field& scope_;
    const Place& where_;
    const Names* names_;
};

// --- values ---

bool has_key(const Node& node, const PivotKey& key) {
    if (key.attribute) {
        return std::ranges::any_of(node.attributes, [&](const auto& a) {
            return a.first == key.child && (key.list.empty() ? a.second == key.value : a.second == pivot::join_code(key.list, key.value));
        });
    }
    return std::ranges::any_of(node.children, [&](const Node& child) {
        return child.name == key.child && child.value == key.value && child.list == key.list;
    });
}

void walk(const Node& node, std::span<const PivotStep> steps, std::vector<const Node*>& out) {
    if (steps.empty()) return out.push_back(&node);
    const PivotStep& step = steps.front();
    std::uint32_t place = 0;
    for (const Node& child : node.children) {
        if (child.name != step.name) continue;
        if (!std::ranges::all_of(step.keys, [&](const PivotKey& key) { return has_key(child, key); })) continue;
        if (step.index != 0 && ++place != step.index) continue;
        walk(child, steps.subspan(1), out);
        if (step.index != 0) return;
    }
}

Value number_value(const Decimal& number) {
    return {number.canonical(), number, nullptr, {}};
}

/// What stands there; nothing where a field or attribute is empty.
std::optional<Value> value_at(const Node& node, const PivotTerm& place) {
    Value out{{}, {}, &node, place.attribute};
    if (!place.attribute.empty()) {
        const auto found = std::ranges::find(node.attributes, place.attribute, &std::pair<std::string, std::string>::first);
        if (found == node.attributes.end()) return std::nullopt;
        out.text = found->second;
        return out;
    }
    if (place.field->is_group()) return out;
    if (node.value.empty()) return std::nullopt;
    if (place.field->is_number()) {
        const auto number = Decimal::parse(node.value);
        if (number) out.number = *number;
    }
    out.text = node.list.empty() ? node.value : pivot::join_code(node.list, node.value);
    out.own = node.list.empty() ? 0 : node.list.size() + 1;
    return out;
}

std::vector<Value> values_at(const PivotTerm& place, const Ground& ground) {
    std::vector<Value> out;
    if (ground.places != nullptr) {
        ground.places->values(place, out);
        return out;
    }
    std::vector<const Node*> found;
    nodes(place, ground, found);
    for (const Node* node : found) {
        if (auto value = value_at(*node, place)) out.push_back(*std::move(value));
    }
    return out;
}

std::optional<Value> compute(const Expression& e, const Ground& ground);

/// All values of an argument of sum, min or max.
std::vector<Value> arguments(const Expression& e, const Ground& ground) {
    if (e.kind == Expression::Kind::pivot) return values_at(e.pivot, ground);
    std::vector<Value> out;
    if (auto value = compute(e, ground)) out.push_back(*std::move(value));
    return out;
}

std::optional<Value> folded(const Expression& e, const Ground& ground) {
    std::optional<Decimal> result;
    for (const Expression& part : e.parts) {
        for (const Value& value : arguments(part, ground)) {
            if (!value.number) return std::nullopt;
            if (!result) {
                result = value.number;
            } else if (e.text == "sum" || e.text == "product") {
                const auto next = e.text == "sum" ? result->plus(*value.number) : result->times(*value.number);
                if (!next) return std::nullopt;
                result = *next;
            } else if ((e.text == "min") == (*value.number < *result)) {
                result = value.number;
            }
        }
    }
    if (!result) return e.text == "sum" ? std::optional(number_value({})) : std::nullopt;
    return number_value(*result);
}

std::optional<Value> rounded(const Expression& e, const Ground& ground) {
    const auto value = compute(e.parts[0], ground);
    if (!value || !value->number) return std::nullopt;
    const int digits = e.parts.size() > 1 && e.parts[1].kind == Expression::Kind::number ? std::stoi(e.parts[1].text) : 0;
    Rounding mode = Rounding::half_up;
    if (e.text != "round") mode = (e.text == "ceil") != value->number->is_negative() ? Rounding::up : Rounding::down;
    const auto result = value->number->rounded(digits, mode);
    return result ? std::optional(number_value(*result)) : std::nullopt;
}

/// Of a code without its list: the first or last signs.
std::optional<Value> part_of(const Expression& e, const Ground& ground) {
    auto out = compute(e.parts[0], ground);
    if (!out) return out;
    const std::size_t length = e.parts.size() > 1 && e.parts[1].kind == Expression::Kind::number ? std::stoul(e.parts[1].text) : 1;
    out->text.erase(0, out->own);
    out->own = 0;
    const std::size_t size = out->text.size();
    out->text = e.text == "first" ? out->text.substr(0, length) : out->text.substr(size - std::min(size, length));
    return out;
}

std::optional<Value> named(const Expression& e, const Ground& ground) {
    const auto found = ground.knows->named.find(e.parts[0].text);
    if (found != ground.knows->named.end()) return number_value(found->second);
    ground.knows->missing.insert(e.parts[0].text);
    return std::nullopt;
}

/// The sum of amounts in one currency; nothing while a rate is missing.
std::optional<Value> in_currency(const Expression& e, const Ground& ground) {
    const std::string& wanted = e.parts[0].text;
    Decimal sum;
    bool whole = true, any = false;
    for (std::size_t i = 1; i < e.parts.size(); ++i) {
        for (const Value& value : values_at(e.parts[i].pivot, ground)) {
            if (!value.number) return std::nullopt;
            any = true;
            const auto& attributes = value.node->attributes;
            const auto currency = std::ranges::find(attributes, "currencyID", &std::pair<std::string, std::string>::first);
            Result<Decimal> amount = *value.number;
            if (currency == attributes.end() || currency->second != wanted) {
                const std::string pair = (currency == attributes.end() ? "?" : currency->second) + "/" + wanted;
                const auto rate = ground.knows->exchange.find(pair);
                if (rate == ground.knows->exchange.end()) {
                    ground.knows->missing.insert(pair);
                    whole = false;
                    continue;
                }
                amount = amount->times(rate->second);
            }
            const Result<Decimal> next = amount ? sum.plus(*amount) : amount;
            if (!next) return std::nullopt;
            sum = *next;
        }
    }
    return whole && any ? std::optional(number_value(sum)) : std::nullopt;
}

std::optional<Value> call(const Expression& e, const Ground& ground) {
    if (e.parts.empty()) return std::nullopt;
    if (e.text == "the") return named(e, ground);
    if (e.text == "in") return in_currency(e, ground);
    if (e.text == "count") {
        std::vector<const Node*> found;
        if (ground.places == nullptr) nodes(e.parts[0].pivot, ground, found);
        const std::size_t count = ground.places == nullptr ? found.size() : ground.places->count(e.parts[0].pivot);
        return number_value(Decimal::from_integer(static_cast<std::int64_t>(count)));
    }
    if (e.text == "distinct") {
        std::set<std::string> different;
        for (Value& value : values_at(e.parts[0].pivot, ground)) different.insert(std::move(value.text));
        return number_value(Decimal::from_integer(static_cast<std::int64_t>(different.size())));
    }
    if (e.text == "value") return compute(e.parts[0], ground);
    if (e.text == "number") {
        auto text = compute(e.parts[0], ground);
        const auto number = text ? Decimal::parse(text->text) : Result<Decimal>(Decimal());
        if (!text || !number) return std::nullopt;
        text->number = *number;
        return text;
    }
    if (e.text == "first" || e.text == "last") return part_of(e, ground);
    if (e.text == "round" || e.text == "ceil" || e.text == "floor") return rounded(e, ground);
    return folded(e, ground);
}

std::optional<Value> later_by_months(const std::string& date, int months) {
    auto value = parse_iso(date);
    if (!value) return std::nullopt;
    const int total = value->year * 12 + value->month - 1 + months;
    value->year = total / 12;
    value->month = total % 12 + 1;
    constexpr int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leap = (value->year % 4 == 0 && value->year % 100 != 0) || value->year % 400 == 0;
    value->day = std::min(value->day, days[value->month - 1] + (value->month == 2 && leap ? 1 : 0));
    return Value{format_iso(*value), {}, nullptr, {}};
}

std::optional<Value> binary(const Expression& e, const Ground& ground) {
    const auto left = compute(e.parts[0], ground);
    if (!left) return std::nullopt;
    if (e.parts[1].kind == Expression::Kind::months) {
        const int months = std::stoi(e.parts[1].text);
        return later_by_months(left->text, e.text == "-" ? -months : months);
    }
    const auto right = compute(e.parts[1], ground);
    if (!right || !left->number || !right->number) return std::nullopt;
    if (e.text == "/" && right->number->is_zero()) return std::nullopt;
    const Result<Decimal> result = e.text == "+"   ? left->number->plus(*right->number)
                                   : e.text == "-" ? left->number->minus(*right->number)
                                   : e.text == "*" ? left->number->times(*right->number)
                                                   : left->number->divided_by(*right->number, quotient_digits);
    return result ? std::optional(number_value(*result)) : std::nullopt;
}

std::optional<Value> compute(const Expression& e, const Ground& ground) {
    switch (e.kind) {
        case Expression::Kind::text:
            return Value{e.text, {}, nullptr, {}};
        case Expression::Kind::number: {
            const auto number = Decimal::parse(e.text);
            return number ? std::optional(Value{e.text, *number, nullptr, {}}) : std::nullopt;
        }
        case Expression::Kind::pivot: {
            auto all = values_at(e.pivot, ground);
            if (ground.places != nullptr && all.size() > 1) ground.places->choose(all);
            return all.empty() ? std::nullopt : std::optional(std::move(all.front()));
        }
        case Expression::Kind::call:
            return call(e, ground);
        case Expression::Kind::binary:
            return binary(e, ground);
        default:
            return std::nullopt;
    }
}

}  // namespace

Result<PivotTerm> parse_place(std::string_view text, const Place& where, const Field& scope) {
    auto term = mapping::parse_pivot_term(text, where);
    if (!term) return Error{codes::syntax, term.error().detail, where};
    if (const auto good = look_up(*term, scope, where); !good) return good.error();
    return term;
}

Result<Formula> parse_formula(mapping::LineReader& line, const std::string& file, const Field& scope, const Names* names) {
    const Place where{.file = file, .line = line.line(), .column = line.column()};
    const std::string_view before = line.rest();
    auto parsed = mapping::parse_expression(line, file, own_functions);
    if (!parsed) return Error{codes::syntax, parsed.error().detail, parsed.error().place};
    Formula out;
    out.text = std::string(before.substr(0, before.size() - line.rest().size()));
    while (out.text.ends_with(' ')) out.text.pop_back();
    out.expression = *std::move(parsed);
    Resolver resolver(scope, where, names);
    if (const auto good = resolver.resolve(out.expression, true); !good) return good.error();
    const Expression& e = out.expression;
    out.sort = sort_of(e);
    out.literal = e.kind == Expression::Kind::text || e.kind == Expression::Kind::number;
    out.many = e.kind == Expression::Kind::pivot && is_many(e.pivot);
    out.coded = e.kind == Expression::Kind::pivot && out.sort == Sort::text;
    return out;
}

std::optional<Value> evaluate(const Formula& formula, const Ground& ground) {
    return compute(formula.expression, ground);
}

std::vector<Value> values(const Formula& formula, const Ground& ground) {
    return arguments(formula.expression, ground);
}

void nodes(const PivotTerm& place, const Ground& ground, std::vector<const Node*>& out) {
    walk(place.from_document ? *ground.root : *ground.member, place.steps, out);
}

std::string_view day_of(std::string_view date) {
    return date.substr(0, 10);
}

}  // namespace hansa::rules
