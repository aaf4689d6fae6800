#include "core/rules/clause.h"

#include <algorithm>

#include "core/base/time.h"
#include "core/pivot/standards.h"

namespace hansa::rules {
namespace {

/// Two moments by the clock, else two days.
std::strong_ordering order_of_dates(std::string_view a, std::string_view b) {
    if (a.size() > 10 && b.size() > 10) {
        const auto left = parse_iso(a), right = parse_iso(b);
        if (left && right && left->offset_minutes && right->offset_minutes)
            return milliseconds_since_epoch(*left) <=> milliseconds_since_epoch(*right);
    }
    return day_of(a).compare(day_of(b)) <=> 0;
}

Answer decide(bool yes) {
    return yes ? Answer::yes : Answer::no;
}

Answer compare(Predicate predicate, Sort sort, const Value& left, const Value& right) {
    if (sort == Sort::text) return decide((left.text == right.text) == (predicate == Predicate::equal));
    std::strong_ordering order = std::strong_ordering::equal;
    if (sort == Sort::number) {
        if (!left.number || !right.number) return Answer::undecided;
        order = *left.number <=> *right.number;
    } else {
        order = order_of_dates(left.text, right.text);
    }
    switch (predicate) {
        case Predicate::equal: return decide(order == 0);
        case Predicate::unequal: return decide(order != 0);
        case Predicate::less: return decide(order < 0);
        case Predicate::at_most: return decide(order <= 0);
        case Predicate::more: return decide(order > 0);
        default: return decide(order >= 0);
    }
}

/// A value against all right sides: one is enough, but none may be for !=.
Answer compare_all(const Test& test, const Value& left, std::span<const Value> right) {
    const bool unequal = test.predicate == Predicate::unequal;
    Answer out = Answer::undecided;
    for (const Value& value : right) {
        const Answer one = compare(test.predicate, test.left.sort, left, value);
        if (one == Answer::undecided) continue;
        if ((one == Answer::yes) != unequal) return one;
        out = one;
    }
    return out;
}

bool in_list(const ListTest& list, std::string_view text) {
    return list.codes.empty() ? pivot::is_listed(list.name, text) : list.codes.contains(text);
}

/// A code that the order does not have decides nothing.
Answer ask_order(const Order& order, const Value& left, std::span<const Value> right) {
    const auto place = order.find(left.text);
    if (place == order.end() || right.empty()) return Answer::undecided;
    const auto other = order.find(right.front().text);
    return other == order.end() ? Answer::undecided : decide(place->second >= other->second);
}

Answer ask(const Test& test, const Value& value, std::span<const Value> right) {
    switch (test.predicate) {
        case Predicate::in: return decide(in_list(*test.list, value.text));
        case Predicate::not_in: return decide(!in_list(*test.list, value.text));
        case Predicate::not_before: return ask_order(*test.order, value, right);
        case Predicate::matches: return decide(test.pattern_table ? test.pattern_table->matches(value.text) : test.pattern->matches(value.text));
        case Predicate::check_digit: return decide(test.digit->holds(value.text));
        default: return compare_all(test, value, right);
    }
}

Answer ask_presence(const Test& test, const Ground& ground, Fault& fault) {
    const auto found = values(test.left, ground);
    const bool wanted = test.predicate == Predicate::present;
    if (found.empty() != wanted) return Answer::yes;
    if (!found.empty()) fault.value = found.front();
    return Answer::no;
}

/// 1, 2, ... n in any order.
Answer ask_numbers(const Test& test, const Ground& ground, Fault& fault) {
    auto found = values(test.left, ground);
    if (found.empty()) return Answer::undecided;
    std::ranges::stable_sort(found, {}, [](const Value& value) { return value.number.value_or(Decimal()); });
    for (std::size_t i = 0; i < found.size(); ++i) {
        const Decimal wanted = Decimal::from_integer(static_cast<std::int64_t>(i + 1));
        if (found[i].number && *found[i].number == wanted) continue;
        fault.value = found[i];
        fault.expected = wanted.canonical();
        return Answer::no;
    }
    return Answer::yes;
}

std::string joined(std::span<const Value> all) {
    std::string out;
    for (const Value& value : all) out += (out.empty() ? "" : " or ") + value.text;
    return out;
}

/// `every`: of several values each must pass (`check`); else one is enough (`when`), or for negations all.
Answer ask_test(const Test& test, const Ground& ground, bool every, Fault& fault, const Ground& right_ground) {
    fault.test = &test;
    if (test.predicate == Predicate::present || test.predicate == Predicate::absent) return ask_presence(test, ground, fault);
    if (test.predicate == Predicate::numbered) return ask_numbers(test, ground, fault);
    std::vector<Value> right;
    for (const Formula& formula : test.right) {
        std::ranges::move(values(formula, right_ground), std::back_inserter(right));
    }
    const bool negated = test.predicate == Predicate::unequal || test.predicate == Predicate::not_in;
    Answer out = Answer::undecided;
    for (const Value& value : values(test.left, ground)) {
        const Answer one = ask(test, value, right);
        if (one == Answer::undecided) continue;
        if (one == Answer::no && (every || negated)) {
            fault.value = value;
            if (test.predicate != Predicate::unequal) fault.expected = joined(right);
            return one;
        }
        if (one == Answer::yes && !every && !negated) return one;
        out = one;
    }
    return out;
}

}  // namespace

Answer ask_clause(const Clause& clause, const Ground& ground, bool every, Fault& fault, const Ground* before) {
    Answer out = Answer::undecided;
    for (const Test& test : clause.any) {
        Fault own;
        const Answer one = ask_test(test, ground, every, own, before == nullptr ? ground : *before);
        if (one == Answer::yes) return one;
        if (one == Answer::no && out == Answer::undecided) {
            out = one;
            fault = std::move(own);
        }
    }
    return out;
}

}  // namespace hansa::rules
