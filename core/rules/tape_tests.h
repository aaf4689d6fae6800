// A test of a rule over values of the tape, as ask_clause() asks it, with nothing made for it: numbers are words of 18
// digits, codes are compared where they stand.
//
// What goes beyond that (a longer number, a quotient, dates by the clock, the first of several values that differ) is not
// asked here: Said::not_asked, and the formulas are computed.
//
// Threads: a test is immutable; its room belongs to one thread. Cost: 20 to 200 instructions.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/mapping/pivot_places.h"
#include "core/mapping/plan_number.h"
#include "core/rules/rule.h"

namespace hansa::rules {

enum class Said : std::uint8_t { not_asked, undecided, yes, no, untold };

/// What tests work in.
struct TapeRoom {
    std::vector<mapping::PlaceValue> left, right, all;
    std::vector<mapping::program::SmallNumber> numbers;
    std::vector<std::uint64_t> seen;
    std::string joined;
};

class TapeTest {
public:
    /// Nothing: a formula is none of these. `number_of`: of a place, as PivotPlacesRun knows it.
    static std::optional<TapeTest> make(const Test& test, const std::function<std::size_t(const mapping::PivotTerm&)>& number_of);

    /// `every`: as ask_clause() takes it.
    Said ask(mapping::PivotPlacesRun& run, bool every, TapeRoom& room) const;

    /// What it asks for, and places of which it only asks how many values they have.
    void add_places(std::vector<std::size_t>& places, std::vector<std::size_t>& counted) const;
    /// Does its answer follow from those that it gives for each value of its only place?
    bool is_of_each() const { return of_each_; }
    /// What says yes more quickly, where numbers are added up and compared. Nothing: it is no such test.
    std::optional<mapping::PlaceSum> sum() const;

private:
    friend class TapeTestMaker;
    using Number = mapping::program::SmallNumber;
    struct Formula {
        enum class Kind : std::uint8_t { text, number, place, count, sum, min, max, plus, minus, times };
        Kind kind = Kind::text;
        std::string_view text;
        Number number;
        std::size_t place = 0;
        std::vector<Formula> parts;
    };
    /// What a number is: there, absent, or not for here.
    enum class Found : std::uint8_t { there, absent, unsure };

    static Found compute(const Formula& formula, mapping::PivotPlacesRun& run, TapeRoom& room, Number& out);
    static Found fold(const Formula& formula, mapping::PivotPlacesRun& run, TapeRoom& room, Number& out);
    /// False: not for here.
    static bool numbers_of(const Formula& formula, mapping::PivotPlacesRun& run, TapeRoom& room, std::vector<Number>& out);
    Said ask_numbers(mapping::PivotPlacesRun& run, bool every, TapeRoom& room) const;
    Said ask_order(mapping::PivotPlacesRun& run, TapeRoom& room) const;
    Said ask_texts(mapping::PivotPlacesRun& run, bool every, TapeRoom& room) const;
    bool finds_of_each() const;
    static bool add_terms(const Formula& formula, bool minus, bool among, mapping::PlaceSum& sum);
    Said ask_each(mapping::PivotPlacesRun& run, bool every, TapeRoom& room) const;
    static void add_places(const Formula& formula, std::vector<std::size_t>& places, std::vector<std::size_t>& counted);
    bool is_presence() const { return test_->predicate == Predicate::present || test_->predicate == Predicate::absent; }
    Said compare(const Number& left, std::span<const Number> right) const;
    Said compare(const mapping::PlaceValue& left, TapeRoom& room) const;
    Said ask_text(const mapping::PlaceValue& value, TapeRoom& room) const;
    bool negated() const { return test_->predicate == Predicate::unequal || test_->predicate == Predicate::not_in; }

    const Test* test_ = nullptr;
    bool number_ = false;  ///< numbers are compared, not texts
    bool of_each_ = false;
    Formula left_;
    std::vector<Formula> right_;
    std::vector<Number> literals_;  ///< all right sides, where they are numbers as written
};

}  // namespace hansa::rules
