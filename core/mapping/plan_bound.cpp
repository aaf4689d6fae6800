// Expressions of a course: bound to the texts that they are about when it is taken down, and their values later.
#include "core/base/decimal.h"
#include "core/mapping/plan_expression.h"
#include "core/mapping/plan_machine.h"

namespace hansa::mapping::program {

// ---- binding ----

Bound Machine::bind(const ReadExpression& e) {
    const Expression& known = *e.expression;
    Bound made{.expression = &known};
    if (e.asks_if_there) return made;  // what stands follows from the shape
    if (asks_all_members(e)) return made;
    const auto fixed = [&](std::string_view text) {
        made.kind = Bound::Kind::exact;
        made.operand = rec_->fixed(text);
        return made;
    };
    switch (known.kind) {
        case Expression::Kind::text:
        case Expression::Kind::number:
            return fixed(known.text);
        case Expression::Kind::months:
            return made;
        case Expression::Kind::pivot: {
            if (e.pivot.number == nothing) return made;
            const Value& at = value(e.pivot);
            if (!at.present || at.text.empty()) return made;
            made.kind = Bound::Kind::pivot;
            made.operand = origin(at);
            return made;
        }
        case Expression::Kind::national: {
            std::vector<std::uint32_t> entries;
            entries_in_document(e, entries);
            if (entries.empty() || says_nothing((*tape_)[entries.front()].value())) return made;
            made.kind = Bound::Kind::text;
            made.operand = rec_->entry(entries.front());
            return made;
        }
        case Expression::Kind::call:
            if (known.text == "count" && !e.parts.empty()) {
                // How many there are follows from the shape.
                const auto count = evaluate(e);
                return count ? fixed(*count) : made;
            }
            break;
        case Expression::Kind::binary:
            break;
    }
    const bool fold = folds(known);
    made.kind = fold ? Bound::Kind::fold : Bound::Kind::other;
    for (const ReadExpression& part : e.parts) {
        if (!fold || part.expression->kind != Expression::Kind::national) {
            made.parts.push_back(bind(part));
            continue;
        }
        std::vector<std::uint32_t> entries;
        entries_in_document(part, entries);
        Bound& all = made.parts.emplace_back(Bound{.kind = Bound::Kind::many, .expression = part.expression});
        for (const std::uint32_t entry : entries) all.operands.push_back(rec_->entry(entry));
    }
    if (names_list(known) && !known.parts.empty()) name_the_list(made);
    return made;
}

/// What is known of all members of a long list is no member's: there is no course then.
template <class Rule>
bool Machine::asks_all_members(const Rule& e) {
    if (!list_.on || list_.adding || e.expression->kind != Expression::Kind::call) return false;
    bool asks = sum_of(&e) != nullptr;
    if constexpr (std::is_same_v<Rule, ReadExpression>) {
        if (e.expression->text == "count" && !e.parts.empty() && e.parts[0].known &&
            e.parts[0].expression->kind == Expression::Kind::national)
            asks = asks || program_->list.is_over(e.parts[0].national.loops);
    }
    if (asks) rec_->give_up("a rule over all members");
    return asks;
}

/// Which list is asked is no value.
void Machine::name_the_list(Bound& bound) {
    const Expression& known = *bound.expression;
    bound.parts[0] = {.kind = Bound::Kind::exact, .expression = &known, .operand = rec_->fixed(known.parts[0].text)};
}

/// As entries_of; what stands around the document is not its own.
void Machine::entries_in_document(const ReadExpression& e, std::vector<std::uint32_t>& all) {
    if (e.national.slot.group == in_.outer) rec_->give_up("a rule that looks beside the document");
    entries_of(e, all);
}

Bound Machine::bind(const OutExpression& e) {
    const Expression& known = *e.expression;
    Bound made{.expression = &known};
    if (e.asks_if_there) return made;  // what stands follows from the shape
    if (asks_all_members(e)) return made;
    const auto fixed = [&](std::string_view text) {
        made.kind = Bound::Kind::exact;
        made.operand = rec_->fixed(text);
        return made;
    };
    switch (known.kind) {
        case Expression::Kind::text:
        case Expression::Kind::number:
            return fixed(known.text);
        case Expression::Kind::months:
            return made;
        case Expression::Kind::pivot: {
            std::vector<Value*> found;
            gather(e.pivot, found);
            if (found.empty() || found[0]->text.empty()) return made;
            made.kind = Bound::Kind::pivot;
            made.operand = origin(*found[0]);
            return made;
        }
        case Expression::Kind::national: {
            std::vector<const OutText*> found;
            texts_of(e, found);
            if (found.empty()) return made;
            made.kind = Bound::Kind::text;
            made.operand = origin(*found.front());
            return made;
        }
        case Expression::Kind::call:
            if (known.text == "count" && !e.parts.empty()) {
                const auto count = evaluate(e);
                return count ? fixed(*count) : made;
            }
            break;
        case Expression::Kind::binary:
            break;
    }
    const bool fold = folds(known);
    made.kind = fold ? Bound::Kind::fold : Bound::Kind::other;
    for (const OutExpression& part : e.parts) {
        if (!fold || part.expression->kind != Expression::Kind::national) {
            made.parts.push_back(bind(part));
            continue;
        }
        std::vector<const OutText*> found;
        texts_of(part, found);
        Bound& all = made.parts.emplace_back(Bound{.kind = Bound::Kind::many, .expression = part.expression});
        for (const OutText* text : found) all.operands.push_back(origin(*text));
    }
    if (names_list(known) && !known.parts.empty()) name_the_list(made);
    return made;
}

// ---- values ----

/// Nothing: no small number, or the long way has to say.
std::optional<SmallNumber> Machine::small(const Bound& bound, const Course& course, std::uint32_t entry) const {
    switch (bound.kind) {
        case Bound::Kind::text:
        case Bound::Kind::exact:
            return small_number(operand(course, bound.operand, entry).text);
        case Bound::Kind::pivot: {
            const Made at = operand(course, bound.operand, entry);
            return at.list.empty() ? small_number(at.text) : std::nullopt;
        }
        case Bound::Kind::other: {
            if (bound.expression->kind != Expression::Kind::binary || bound.parts.size() != 2) return std::nullopt;
            const auto a = small(bound.parts[0], course, entry);
            const auto b = a ? small(bound.parts[1], course, entry) : std::nullopt;
            if (!b) return std::nullopt;
            const std::string& sign = bound.expression->text;
            return sign == "*"   ? times(*a, *b)
                   : sign == "+" ? plus(*a, *b)
                   : sign == "-" ? minus(*a, *b)
                                 : std::nullopt;
        }
        case Bound::Kind::fold: {
            if (bound.expression->text != "sum") return std::nullopt;
            SmallNumber sum;
            const auto add = [&](const std::optional<SmallNumber>& one) {
                const auto total = one ? plus(sum, *one) : std::nullopt;
                if (total) sum = *total;
                return total.has_value();
            };
            for (const Bound& part : bound.parts) {
                if (part.kind == Bound::Kind::none) continue;
                if (part.kind != Bound::Kind::many) {
                    if (!add(small(part, course, entry))) return std::nullopt;
                    continue;
                }
                for (const Operand& one : part.operands) {
                    if (!add(small_number(operand(course, one, entry).text))) return std::nullopt;
                }
            }
            return sum;
        }
        case Bound::Kind::many:
        case Bound::Kind::none:
            break;
    }
    return std::nullopt;
}

std::optional<std::string> Machine::evaluate(const Bound& bound, const Course& course, std::uint32_t entry,
                                             bool target) {
    const Made at = operand(course, bound.operand, entry);
    switch (bound.kind) {
        case Bound::Kind::none:
        case Bound::Kind::many:
            return std::nullopt;
        case Bound::Kind::text:
            if (says_nothing(at.text)) return std::nullopt;
            return std::string(at.text);
        case Bound::Kind::pivot:
            if (at.text.empty()) return std::nullopt;
            return qualified(at.list, at.text);
        case Bound::Kind::exact:
            return std::string(at.text);
        case Bound::Kind::fold: {
            std::vector<std::string> all;
            for (const Bound& part : bound.parts) {
                if (part.kind != Bound::Kind::many) {
                    if (auto value = evaluate(part, course, entry, target)) all.push_back(*std::move(value));
                    continue;
                }
                for (const Operand& one : part.operands) all.emplace_back(operand(course, one, entry).text);
            }
            return folded(bound.expression->text, all);
        }
        case Bound::Kind::other:
            break;
    }
    std::vector<std::optional<std::string>> parts;
    for (const Bound& part : bound.parts) parts.push_back(evaluate(part, course, entry, target));
    if (bound.expression->text == "code" && parts.size() > 1 && !parts[1]) return std::nullopt;
    return over_literals(*bound.expression, parts, target ? target_->context : source_->context);
}

/// The same, without a string where there need not be one.
std::optional<std::string_view> Machine::view(const Bound& bound, const Course& course, std::uint32_t entry,
                                              bool target) {
    const Made at = operand(course, bound.operand, entry);
    switch (bound.kind) {
        case Bound::Kind::text:
            return says_nothing(at.text) ? std::nullopt : std::optional(at.text);
        case Bound::Kind::exact:
            return at.text;
        case Bound::Kind::pivot:
            if (at.list.empty()) return at.text.empty() ? std::nullopt : std::optional(at.text);
            break;
        case Bound::Kind::fold:
        case Bound::Kind::other:
            if (const auto number = small(bound, course, entry)) return keep(number->canonical());
            break;
        case Bound::Kind::none:
        case Bound::Kind::many:
            return std::nullopt;
    }
    const auto value = evaluate(bound, course, entry, target);
    return value ? std::optional(keep(*value)) : std::nullopt;
}

}  // namespace hansa::mapping::program
