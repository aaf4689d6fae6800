#include "core/rules/tape_tests.h"

#include <algorithm>

#include "core/pivot/standards.h"

namespace hansa::rules {
namespace {

using mapping::Expression;
using mapping::PivotPlacesRun;
using mapping::PivotTerm;
using mapping::PlaceValue;
using mapping::program::SmallNumber;

Said said(bool yes) {
    return yes ? Said::yes : Said::no;
}

/// Is this how a table writes the code?
bool is_written(std::string_view literal, const PlaceValue& value) {
    if (value.list.empty()) return literal == value.text;
    return literal.size() == value.list.size() + 1 + value.text.size() && literal.starts_with(value.list) && literal[value.list.size()] == ':' &&
           literal.ends_with(value.text);
}

void add(std::vector<std::size_t>& places, std::size_t place) {
    if (std::ranges::find(places, place) == places.end()) places.push_back(place);
}

std::string_view written(const PlaceValue& value, std::string& room) {
    if (value.list.empty()) return value.text;
    return room.assign(value.list).append(1, ':').append(value.text);
}

/// Of one value after another, as ask_clause() adds them up: `all` must pass, or one is enough.
class Verdict {
public:
    explicit Verdict(bool all) : all_(all) {}
    /// True: that settles it.
    bool add(Said one) {
        if (one == Said::undecided) return false;
        out_ = one;
        return (one == Said::no) == all_;
    }
    Said out() const { return out_; }

private:
    bool all_;
    Said out_ = Said::undecided;
};

}  // namespace

/// Formulas of places by their numbers.
class TapeTestMaker {
public:
    using Formula = TapeTest::Formula;
    using Kind = Formula::Kind;
    explicit TapeTestMaker(const std::function<std::size_t(const PivotTerm&)>& number_of) : number_of_(number_of) {}

    bool number(const Expression& e, Formula& out) const {
        switch (e.kind) {
            case Expression::Kind::number: {
                const auto small = mapping::program::small_number(e.text);
                out = {.kind = Kind::number, .text = {}, .number = small.value_or(SmallNumber()), .place = 0, .parts = {}};
                return small.has_value();
            }
            case Expression::Kind::pivot:
                return e.pivot.attribute.empty() && e.pivot.field->is_number() && place(e.pivot, Kind::place, out);
            case Expression::Kind::binary:
                if (e.text != "+" && e.text != "-" && e.text != "*") return false;
                out.kind = e.text == "+" ? Kind::plus : e.text == "-" ? Kind::minus : Kind::times;
                return parts(e, out);
            case Expression::Kind::call:
                if (e.text == "count") return e.parts.size() == 1 && e.parts[0].pivot.attribute.empty() && place(e.parts[0].pivot, Kind::count, out);
                if (e.text != "sum" && e.text != "min" && e.text != "max") return false;
                out.kind = e.text == "sum" ? Kind::sum : e.text == "min" ? Kind::min : Kind::max;
                return parts(e, out);
            default:
                return false;
        }
    }

    bool text(const Expression& e, Formula& out) const {
        if (e.kind == Expression::Kind::pivot) return place(e.pivot, Kind::place, out);
        out = {.kind = Kind::text, .text = e.text, .number = {}, .place = 0, .parts = {}};
        return e.kind == Expression::Kind::text || e.kind == Expression::Kind::number;
    }

private:
    bool place(const PivotTerm& term, Kind kind, Formula& out) const {
        out.kind = kind;
        out.place = number_of_(term);
        return true;
    }
    bool parts(const Expression& e, Formula& out) const {
        return std::ranges::all_of(e.parts, [&](const Expression& part) { return number(part, out.parts.emplace_back()); });
    }

    const std::function<std::size_t(const PivotTerm&)>& number_of_;
};

std::optional<TapeTest> TapeTest::make(const Test& test, const std::function<std::size_t(const PivotTerm&)>& number_of) {
    const TapeTestMaker maker(number_of);
    TapeTest out;
    out.test_ = &test;
    const Expression& left = test.left.expression;
    const bool is_place = left.kind == Expression::Kind::pivot;
    switch (test.predicate) {
        case Predicate::not_before: return std::nullopt;
        case Predicate::present:
        case Predicate::absent:
            return is_place && maker.text(left, out.left_) ? std::optional(std::move(out)) : std::nullopt;
        case Predicate::numbered:
            return is_place && maker.number(left, out.left_) ? std::optional(std::move(out)) : std::nullopt;
        case Predicate::in:
        case Predicate::not_in:
        case Predicate::matches:
        case Predicate::check_digit:
            if (!is_place || !maker.text(left, out.left_)) return std::nullopt;
            out.of_each_ = out.finds_of_each();
            return out;
        default: break;
    }
    if (test.left.sort == Sort::date || (test.left.sort == Sort::text && !is_place)) return std::nullopt;
    out.number_ = test.left.sort == Sort::number;
    const auto made = [&](const Expression& e, Formula& formula) { return out.number_ ? maker.number(e, formula) : maker.text(e, formula); };
    if (!made(left, out.left_)) return std::nullopt;
    for (const rules::Formula& right : test.right) {
        const Formula& known = out.right_.emplace_back();
        if (!made(right.expression, out.right_.back())) return std::nullopt;
        if (known.kind == Formula::Kind::number) out.literals_.push_back(known.number);
    }
    out.of_each_ = out.finds_of_each();
    return out;
}

Said TapeTest::ask(PivotPlacesRun& run, bool every, TapeRoom& room) const {
    if (is_presence()) {
        std::size_t count = 0;
        if (!run.count(left_.place, room.left, count)) return Said::untold;
        return said((count == 0) == (test_->predicate == Predicate::absent));
    }
    if (test_->predicate == Predicate::numbered) return ask_order(run, room);
    if (is_of_each()) return ask_each(run, every, room);
    return number_ ? ask_numbers(run, every, room) : ask_texts(run, every, room);
}

void TapeTest::add_places(std::vector<std::size_t>& places, std::vector<std::size_t>& counted) const {
    if (is_presence()) return add(counted, left_.place);
    add_places(left_, places, counted);
    for (const Formula& right : right_) add_places(right, places, counted);
}

void TapeTest::add_places(const Formula& formula, std::vector<std::size_t>& places, std::vector<std::size_t>& counted) {
    if (formula.kind == Formula::Kind::place) add(places, formula.place);
    if (formula.kind == Formula::Kind::count) add(counted, formula.place);
    for (const Formula& part : formula.parts) add_places(part, places, counted);
}

bool TapeTest::finds_of_each() const {
    if (is_presence() || test_->predicate == Predicate::numbered || left_.kind != Formula::Kind::place) return false;
    return number_ ? literals_.size() == right_.size()
                   : std::ranges::all_of(right_, [](const Formula& one) { return one.kind == Formula::Kind::text; });
}

/// One value after another, against what is written in the table.
Said TapeTest::ask_each(PivotPlacesRun& run, bool every, TapeRoom& room) const {
    std::span<const PlaceValue> found;
    if (!run.view(left_.place, room.left, found)) return Said::untold;
    Verdict verdict(every || negated());
    for (const PlaceValue& value : found) {
        Said one = Said::not_asked;
        if (!number_) {
            one = ask_text(value, room);
        } else if (const auto number = mapping::program::small_number(value.text)) {
            one = compare(*number, literals_);
        }
        if (one == Said::not_asked) return one;
        if (verdict.add(one)) break;
    }
    return verdict.out();
}

// ---- numbers ----

TapeTest::Found TapeTest::compute(const Formula& formula, PivotPlacesRun& run, TapeRoom& room, Number& out) {
    using Kind = Formula::Kind;
    switch (formula.kind) {
        case Kind::number:
            out = formula.number;
            return Found::there;
        case Kind::count: {
            std::size_t count = 0;
            if (!run.count(formula.place, room.right, count)) return Found::unsure;
            out = {static_cast<std::int64_t>(count), 0};
            return Found::there;
        }
        case Kind::place: {
            std::span<const PlaceValue> found;
            if (!run.view(formula.place, room.right, found)) return Found::unsure;
            if (found.empty()) return Found::absent;
            if (found.size() > 1) return Found::unsure;
            const auto small = mapping::program::small_number(found.front().text);
            out = small.value_or(Number());
            return small ? Found::there : Found::unsure;
        }
        case Kind::sum:
        case Kind::min:
        case Kind::max: return fold(formula, run, room, out);
        case Kind::plus:
        case Kind::minus:
        case Kind::times: {
            Number a, b;
            const Found left = compute(formula.parts[0], run, room, a);
            if (left != Found::there) return left;
            const Found right = compute(formula.parts[1], run, room, b);
            if (right != Found::there) return right;
            const auto made = formula.kind == Kind::plus    ? mapping::program::plus(a, b)
                              : formula.kind == Kind::minus ? mapping::program::minus(a, b)
                                                            : mapping::program::times(a, b);
            out = made.value_or(Number());
            return made ? Found::there : Found::unsure;
        }
        case Kind::text: break;
    }
    return Found::unsure;
}

/// The sum of nothing is 0; the least of nothing is absent.
TapeTest::Found TapeTest::fold(const Formula& formula, PivotPlacesRun& run, TapeRoom& room, Number& out) {
    using Kind = Formula::Kind;
    std::optional<Number> made;
    const auto add = [&](const Number& one) {
        if (!made) {
            made = one;
            return true;
        }
        if (formula.kind == Kind::sum) {
            made = mapping::program::plus(*made, one);
            return made.has_value();
        }
        const auto order = mapping::program::compare_small(one, *made);
        if (order && (*order < 0) == (formula.kind == Kind::min)) made = one;
        return order.has_value();
    };
    for (const Formula& part : formula.parts) {
        if (part.kind == Kind::place) {
            std::span<const PlaceValue> found;
            if (!run.view(part.place, room.right, found)) return Found::unsure;
            for (const PlaceValue& value : found) {
                const auto small = mapping::program::small_number(value.text);
                if (!small || !add(*small)) return Found::unsure;
            }
            continue;
        }
        Number one;
        const Found found = compute(part, run, room, one);
        if (found == Found::unsure || (found == Found::there && !add(one))) return Found::unsure;
    }
    out = made.value_or(Number());
    return made || formula.kind == Kind::sum ? Found::there : Found::absent;
}

bool TapeTest::numbers_of(const Formula& formula, PivotPlacesRun& run, TapeRoom& room, std::vector<Number>& out) {
    if (formula.kind != Formula::Kind::place) {
        Number one;
        const Found found = compute(formula, run, room, one);
        if (found == Found::there) out.push_back(one);
        return found != Found::unsure;
    }
    std::span<const PlaceValue> found;
    if (!run.view(formula.place, room.right, found)) return false;
    for (const PlaceValue& value : found) {
        const auto small = mapping::program::small_number(value.text);
        if (!small) return false;
        out.push_back(*small);
    }
    return true;
}

Said TapeTest::ask_numbers(PivotPlacesRun& run, bool every, TapeRoom& room) const {
    std::vector<Number>& all = room.numbers;
    all.clear();
    for (const Formula& one : right_) {
        if (!numbers_of(one, run, room, all)) return Said::not_asked;
    }
    const std::size_t right = all.size();
    if (!numbers_of(left_, run, room, all)) return Said::not_asked;
    Verdict verdict(every || negated());
    for (std::size_t i = right; i < all.size(); ++i) {
        const Said one = compare(all[i], std::span(all).first(right));
        if (one == Said::not_asked) return one;
        if (verdict.add(one)) break;
    }
    return verdict.out();
}

/// One right side is enough, but none may be for !=.
Said TapeTest::compare(const Number& left, std::span<const Number> right) const {
    const bool unequal = test_->predicate == Predicate::unequal;
    Said out = Said::undecided;
    for (const Number& one : right) {
        const auto order = mapping::program::compare_small(left, one);
        if (!order) return Said::not_asked;
        bool yes = false;
        switch (test_->predicate) {
            case Predicate::less: yes = *order < 0; break;
            case Predicate::at_most: yes = *order <= 0; break;
            case Predicate::more: yes = *order > 0; break;
            case Predicate::at_least: yes = *order >= 0; break;
            case Predicate::unequal: yes = *order != 0; break;
            default: yes = *order == 0; break;
        }
        out = said(yes);
        if (yes != unequal) return out;
    }
    return out;
}

std::optional<mapping::PlaceSum> TapeTest::sum() const {
    if (!number_ || is_presence() || right_.size() != 1) return std::nullopt;
    mapping::PlaceSum out;
    switch (test_->predicate) {
        case Predicate::less: out.below = true; break;
        case Predicate::at_most: out.below = out.equal = true; break;
        case Predicate::more: out.above = true; break;
        case Predicate::at_least: out.above = out.equal = true; break;
        case Predicate::equal: out.equal = true; break;
        default: return std::nullopt;
    }
    const bool made = add_terms(left_, false, false, out) && add_terms(right_.front(), true, false, out) && !out.terms.empty();
    return made ? std::optional(std::move(out)) : std::nullopt;
}

/// `among`: what is not there does not count.
bool TapeTest::add_terms(const Formula& formula, bool minus, bool among, mapping::PlaceSum& sum) {
    using Kind = Formula::Kind;
    switch (formula.kind) {
        case Kind::number: {
            const auto start = minus ? mapping::program::minus(sum.start, formula.number) : mapping::program::plus(sum.start, formula.number);
            if (start) sum.start = *start;
            return start.has_value();
        }
        case Kind::place:
            sum.terms.push_back({.place = formula.place, .minus = minus, .one = !among});
            return true;
        case Kind::sum:
            return std::ranges::all_of(formula.parts, [&](const Formula& part) {
                // Parts that are computed are absent as a whole.
                const bool plain = part.kind == Kind::place || part.kind == Kind::number || part.kind == Kind::sum;
                return plain && add_terms(part, minus, true, sum);
            });
        case Kind::plus:
        case Kind::minus:
            return add_terms(formula.parts[0], minus, false, sum) && add_terms(formula.parts[1], minus != (formula.kind == Kind::minus), false, sum);
        default:
            return false;
    }
}

/// 1, 2, ... n in any order.
Said TapeTest::ask_order(PivotPlacesRun& run, TapeRoom& room) const {
    std::span<const PlaceValue> found;
    if (!run.view(left_.place, room.left, found)) return Said::untold;
    if (found.empty()) return Said::undecided;
    constexpr std::size_t bits = 64;
    room.seen.assign(found.size() / bits + 1, 0);
    for (const PlaceValue& value : found) {
        const auto number = mapping::program::small_number(value.text);
        if (!number || number->scale != 0) return Said::not_asked;
        if (number->digits < 1 || static_cast<std::size_t>(number->digits) > found.size()) return Said::no;
        const auto place = static_cast<std::size_t>(number->digits);
        const std::uint64_t bit = std::uint64_t{1} << (place % bits);
        if ((room.seen[place / bits] & bit) != 0) return Said::no;
        room.seen[place / bits] |= bit;
    }
    return Said::yes;
}

// ---- texts ----

/// Against what other places say.
Said TapeTest::ask_texts(PivotPlacesRun& run, bool every, TapeRoom& room) const {
    std::span<const PlaceValue> left, right;
    if (!run.view(left_.place, room.left, left)) return Said::untold;
    room.all.clear();
    for (const Formula& one : right_) {
        if (one.kind == Formula::Kind::text) {
            room.all.push_back({one.text, {}});
            continue;
        }
        if (!run.view(one.place, room.right, right)) return Said::not_asked;
        room.all.insert(room.all.end(), right.begin(), right.end());
    }
    Verdict verdict(every || negated());
    for (const PlaceValue& value : left) {
        if (verdict.add(compare(value, room))) break;
    }
    return verdict.out();
}

/// Texts with their lists.
Said TapeTest::compare(const PlaceValue& left, TapeRoom& room) const {
    if (room.all.empty()) return Said::undecided;
    const auto same = [&](const PlaceValue& right) {
        if (left.list.size() == right.list.size()) return left.list == right.list && left.text == right.text;
        return left.list.empty() ? is_written(left.text, right) : is_written(written(right, room.joined), left);
    };
    return said(std::ranges::any_of(room.all, same) != (test_->predicate == Predicate::unequal));
}

Said TapeTest::ask_text(const PlaceValue& value, TapeRoom& room) const {
    const Test& test = *test_;
    switch (test.predicate) {
        case Predicate::in:
        case Predicate::not_in: {
            const std::string_view text = written(value, room.joined);
            const bool listed = test.list->codes.empty() ? pivot::is_listed(test.list->name, text) : test.list->codes.contains(text);
            return said(listed == (test.predicate == Predicate::in));
        }
        case Predicate::matches: {
            const std::string_view text = written(value, room.joined);
            return said(test.pattern_table ? test.pattern_table->matches(text) : test.pattern->matches(text));
        }
        case Predicate::check_digit: return said(test.digit->holds(written(value, room.joined)));
        default: {
            const bool found = std::ranges::any_of(right_, [&](const Formula& one) { return is_written(one.text, value); });
            return said(found != (test.predicate == Predicate::unequal));
        }
    }
}

}  // namespace hansa::rules
