#include "core/rules/tape_rules.h"

#include <algorithm>
#include <array>
#include <map>

#include "core/pivot/standards.h"
#include "core/pivot/table.h"
#include "core/rules/check.h"
#include "core/rules/clause.h"

namespace hansa::rules {
namespace {

using mapping::Expression;
using mapping::PivotTerm;

/// A place that the tape does not tell, met while a formula is computed.
struct Untold {};

/// Is this how a table writes the code?
bool is_written(std::string_view literal, const mapping::PlaceValue& value) {
    if (value.list.empty()) return literal == value.text;
    return literal.size() == value.list.size() + 1 + value.text.size() && literal.starts_with(value.list) &&
           literal[value.list.size()] == ':' && literal.ends_with(value.text);
}

constexpr std::string_view untold_place = "a numbered rule over what the tape does not tell";
constexpr std::string_view untold_history = "a numbered rule over what came before";
constexpr std::string_view finding = "a numbered rule that does not hold";

/// As document_day() asks them.
constexpr std::array<std::string_view, 3> day_fields{"AcceptanceDateTime", "IssueDateTime", "OccurrenceDateTime"};

}  // namespace

/// What rules ask for, by numbers.
class TapeCompiler {
public:
    TapeCompiler(TapeRules& out, const plugin::Format& format) : out_(out), format_(format) {}

    void rule(const Rule& rule) {
        const bool fits = rule.kind == format_.kind && (rule.formats.empty() || names_format(rule.formats, format_.id, format_.base));
        if (!fits) return;
        TapeRules::AskedRule asked{.rule = &rule, .members = TapeRules::none, .when = {}, .checks = {}};
        if (rule.each) {
            asked.members = members_.size();
            members_.push_back(&*rule.each);
        }
        for (const Clause& clause : rule.when) asked.when.push_back(this->clause(clause, false, asked.members));
        // One of history is asked whether something came before; what then holds is for the reference.
        if (rule.before.empty()) {
            for (const Clause& clause : rule.checks) asked.checks.push_back(this->clause(clause, true, asked.members));
        }
        for (const Formula& key : rule.before) expression(key.expression, asked.members);
        if (rule.date && (!rule.days.from.empty() || !rule.days.to.empty())) place(*rule.date, TapeRules::none);
        if ((!rule.days.from.empty() || !rule.days.to.empty()) && out_.days_.empty()) days();
        out_.asked_.push_back(std::move(asked));
    }

    Result<void> finish(std::shared_ptr<const schema::PathTable> paths, const mapping::Settings& settings) {
        if (out_.asked_.empty()) return {};
        for (const PivotTerm& term : out_.days_) place(term, TapeRules::none);
        auto made = mapping::PivotPlaces::compile(format_.mapping, std::move(paths), settings, members_, places_);
        if (!made) return made.error();
        out_.places_ = *std::move(made);
        for (std::size_t i = 0; i < out_.clauses_.size(); ++i) {
            for (const PivotTerm* term : terms_[i]) out_.clauses_[i].told = out_.clauses_[i].told && why_of(*term).empty();
        }
        for (TapeRules::AskedClause& asked : out_.clauses_) make_quick(asked);
        for (const TapeRules::AskedRule& asked : out_.asked_) settle(asked);
        return {};
    }

private:
    void days() {
        const pivot::Field& root = pivot::root(format_.kind);
        for (const std::string_view name : day_fields) {
            if (root.child(name) == nullptr) continue;
            if (auto term = parse_place(name, {}, root)) out_.days_.push_back(*std::move(term));
        }
    }

    void place(const PivotTerm& term, std::size_t members) {
        if (term.from_document) members = TapeRules::none;
        const std::string around = members == TapeRules::none ? std::string() : members_[members]->text;
        const auto [found, fresh] = known_.try_emplace({around, (term.from_document ? term.text.substr(1) : term.text) + "@" + term.attribute}, places_.size());
        if (fresh) places_.push_back({&term, members});
        out_.numbers_.emplace(&term, found->second);
    }

    void expression(const Expression& e, std::size_t members) {
        if (e.kind == Expression::Kind::pivot) {
            place(e.pivot, members);
            if (terms_now_ != nullptr) terms_now_->push_back(&e.pivot);
        }
        for (const Expression& part : e.parts) expression(part, members);
    }

    /// Lines of the same words at the same places are one.
    std::size_t clause(const Clause& clause, bool every, std::size_t members) {
        const bool member = members != TapeRules::none;
        const std::string key = (member ? members_[members]->text : std::string()) + (every ? "\ncheck " : "\nwhen ") + clause.text;
        const auto [found, fresh] = known_clauses_.try_emplace(key, out_.clauses_.size());
        if (!fresh) {
            // Lists and orders are their tables' own.
            const bool listed = std::ranges::any_of(clause.any, [](const Test& test) { return test.list || test.order; });
            if (!listed && !member) return found->second;
            found->second = out_.clauses_.size();
        }
        out_.clauses_.push_back({&clause, every, true, member, {}});
        terms_now_ = &terms_.emplace_back();
        for (const Test& test : clause.any) {
            expression(test.left.expression, members);
            for (const Formula& right : test.right) expression(right.expression, members);
        }
        terms_now_ = nullptr;
        return out_.clauses_.size() - 1;
    }

    const std::string& why_of(const PivotTerm& term) const { return out_.places_->untold(out_.numbers_.at(&term)); }

    void make_quick(TapeRules::AskedClause& asked) const {
        std::vector<TapeRules::QuickTest> all;
        for (const Test& test : asked.clause->any) {
            const Formula& left = test.left;
            const bool computed = left.expression.kind != Expression::Kind::pivot || left.sort == Sort::date;
            if (computed || test.predicate == Predicate::numbered || test.predicate == Predicate::not_before) return;
            TapeRules::QuickTest quick{.test = &test, .place = out_.numbers_.at(&left.expression.pivot), .number = left.sort == Sort::number, .numbers = {}};
            for (const Formula& right : test.right) {
                const Expression& literal = right.expression;
                if (literal.kind != Expression::Kind::number && (quick.number || literal.kind != Expression::Kind::text)) return;
                if (!quick.number) continue;
                const auto number = Decimal::parse(literal.text);
                if (!number) return;
                quick.numbers.push_back(*number);
            }
            all.push_back(std::move(quick));
        }
        asked.quick = std::move(all);
    }

    void settle(const TapeRules::AskedRule& asked) {
        std::string why = asked.members == TapeRules::none ? std::string() : out_.places_->untold_members(asked.members);
        for (const auto* clauses : {&asked.when, &asked.checks}) {
            for (const std::size_t number : *clauses) {
                for (const PivotTerm* term : terms_[number]) {
                    if (why.empty() && !why_of(*term).empty()) why = term->text + ": " + why_of(*term);
                }
            }
        }
        if (!why.empty()) out_.untold_.push_back({asked.rule, std::move(why)});
    }

    TapeRules& out_;
    const plugin::Format& format_;
    std::vector<const PivotTerm*> members_;
    std::vector<mapping::AskedPlace> places_;
    std::map<std::pair<std::string, std::string>, std::size_t> known_;
    std::map<std::string, std::size_t> known_clauses_;
    std::vector<std::vector<const PivotTerm*>> terms_;  ///< by clause
    std::vector<const PivotTerm*>* terms_now_ = nullptr;
};

Result<std::shared_ptr<const TapeRules>> TapeRules::compile(std::span<const Rule* const> rules, const plugin::Format& format,
                                                            std::shared_ptr<const schema::PathTable> paths,
                                                            const mapping::Settings& settings) {
    auto made = std::make_shared<TapeRules>();
    TapeCompiler compiler(*made, format);
    for (const Rule* rule : rules) compiler.rule(*rule);
    if (const auto done = compiler.finish(std::move(paths), settings); !done) return done.error();
    return std::shared_ptr<const TapeRules>(std::move(made));
}

// ---- at work ----

/// The places of the document that the run stands in.
class TapeRulesRun::OnTape : public Places {
public:
    explicit OnTape(TapeRulesRun& run) : run_(run) {}

    void values(const PivotTerm& place, std::vector<Value>& out) override {
        const bool group = place.attribute.empty() && place.field->is_group();
        const bool number = !group && place.attribute.empty() && place.field->is_number();
        find(place);
        out.reserve(found_.size());
        for (const mapping::PlaceValue& one : found_) {
            Value& value = out.emplace_back();
            if (group) continue;
            if (!one.list.empty()) value.text.append(one.list).append(1, ':');
            value.own = place.attribute.empty() ? value.text.size() : 0;
            value.text.append(one.text);
            if (!number) continue;
            if (auto parsed = Decimal::parse(one.text)) value.number = *parsed;
        }
    }

    std::size_t count(const PivotTerm& place) override {
        if (!place.attribute.empty()) throw Untold{};
        find(place);
        return found_.size();
    }

    /// Which one is the first the tape does not tell.
    void choose(std::vector<Value>& all) override {
        if (std::ranges::any_of(all, [&](const Value& one) { return one.text != all.front().text; })) throw Untold{};
    }

private:
    void find(const PivotTerm& place) {
        const auto number = run_.rules_->numbers_.find(&place);
        if (number == run_.rules_->numbers_.end() || !run_.run_->values(number->second, found_)) throw Untold{};
    }

    TapeRulesRun& run_;
    std::vector<mapping::PlaceValue> found_;
};

TapeRulesRun::TapeRulesRun(std::shared_ptr<const TapeRules> rules) : rules_(std::move(rules)) {
    if (rules_->places_ != nullptr) run_ = std::make_unique<mapping::PivotPlacesRun>(*rules_->places_);
}
TapeRulesRun::~TapeRulesRun() = default;

void TapeRulesRun::begin(const TapeAsk& how) {
    how_ = &how;
    why_.clear();
    if (run_ == nullptr) return;
    run_->begin(how.context);
    if (!how.chosen.empty()) run_->choose(how.chosen);
}

TapeVerdict TapeRulesRun::part(const schema::Tape& tape) {
    if (run_ == nullptr) return TapeVerdict::clean;
    TapeVerdict verdict = TapeVerdict::clean;
    const auto done = run_->part(tape, [&] {
        verdict = document();
        return verdict == TapeVerdict::clean;
    });
    if (done == mapping::Fast::declined) {
        why_ = run_->why();
        return TapeVerdict::untold;
    }
    return verdict;
}

TapeVerdict TapeRulesRun::document() {
    said_.assign(rules_->clauses_.size(), Said::not_asked);
    day_known_ = false;
    OnTape places(*this);
    const Ground ground{.places = &places};
    for (const TapeRules::AskedRule& asked : rules_->asked_) {
        TapeVerdict verdict = TapeVerdict::untold;
        try {
            verdict = rule(asked, ground);
        } catch (const Untold&) {
            why_ = untold_place;
        }
        if (verdict != TapeVerdict::clean) return verdict;
    }
    return TapeVerdict::clean;
}

TapeVerdict TapeRulesRun::rule(const TapeRules::AskedRule& asked, const Ground& ground) {
    const Rule& rule = *asked.rule;
    const bool bounded = !rule.days.from.empty() || !rule.days.to.empty();
    if (bounded && !rule.days.hold(day_for(rule, ground))) return TapeVerdict::clean;
    if (asked.members == TapeRules::none) return rule_at(asked, ground);
    TapeVerdict verdict = TapeVerdict::clean;
    bool untold = false;
    const bool told = run_->each_member(asked.members, [&] {
        // What a formula meets must not fly through the walk over the members.
        try {
            verdict = rule_at(asked, ground);
        } catch (const Untold&) {
            untold = true;
        }
        return verdict == TapeVerdict::clean && !untold;
    });
    if (!told || untold) throw Untold{};
    return verdict;
}

TapeVerdict TapeRulesRun::rule_at(const TapeRules::AskedRule& asked, const Ground& ground) {
    bool untold = false;
    for (const std::size_t number : asked.when) {
        const Said said = ask(number, ground);
        if (said == Said::untold) untold = true;
        else if (said != Said::yes) return TapeVerdict::clean;
    }
    if (untold) throw Untold{};
    if (!asked.rule->before.empty()) {
        std::vector<std::string> keys;
        for (const Formula& key : asked.rule->before) {
            auto found = values(key, ground);
            if (found.size() > 1) ground.places->choose(found);
            if (found.empty() || found.front().text.empty()) return TapeVerdict::clean;
            keys.push_back(std::move(found.front().text));
        }
        if (how_->first && how_->first(*asked.rule, keys)) return TapeVerdict::clean;
        why_ = untold_history;
        return TapeVerdict::untold;
    }
    for (const std::size_t number : asked.checks) {
        const Said said = ask(number, ground);
        if (said == Said::untold) throw Untold{};
        if (said != Said::no) continue;
        why_ = finding;
        return TapeVerdict::found;
    }
    return TapeVerdict::clean;
}

TapeRulesRun::Said TapeRulesRun::ask(std::size_t number, const Ground& ground) {
    const TapeRules::AskedClause& asked = rules_->clauses_[number];
    if (!asked.told) return Said::untold;
    Said fresh = Said::not_asked;
    Said& said = asked.member ? fresh : said_[number];
    if (said != Said::not_asked) return said;
    if (!asked.quick.empty()) return said = ask_quickly(asked);
    Fault ignored;
    try {
        const Answer answer = ask_clause(*asked.clause, ground, asked.every, ignored);
        said = answer == Answer::yes ? Said::yes : answer == Answer::no ? Said::no : Said::undecided;
    } catch (const Untold&) {
        said = Said::untold;
    }
    return said;
}

/// As ask_clause() does.
TapeRulesRun::Said TapeRulesRun::ask_quickly(const TapeRules::AskedClause& asked) {
    Said out = Said::undecided;
    for (const TapeRules::QuickTest& quick : asked.quick) {
        const Said one = ask_quickly(quick, asked.every);
        if (one == Said::yes || one == Said::untold) return one;
        if (one == Said::no) out = one;
    }
    return out;
}

TapeRulesRun::Said TapeRulesRun::ask_quickly(const TapeRules::QuickTest& quick, bool every) {
    const Predicate predicate = quick.test->predicate;
    if (!run_->values(quick.place, found_)) return Said::untold;
    if (predicate == Predicate::present || predicate == Predicate::absent)
        return found_.empty() == (predicate == Predicate::absent) ? Said::yes : Said::no;
    const bool negated = predicate == Predicate::unequal || predicate == Predicate::not_in;
    Said out = Said::undecided;
    for (const mapping::PlaceValue& value : found_) {
        const Said one = ask_value(quick, value);
        if (one == Said::undecided) continue;
        if (one == Said::no && (every || negated)) return one;
        if (one == Said::yes && !every && !negated) return one;
        out = one;
    }
    return out;
}

TapeRulesRun::Said TapeRulesRun::ask_value(const TapeRules::QuickTest& quick, const mapping::PlaceValue& value) {
    const auto said = [](bool yes) { return yes ? Said::yes : Said::no; };
    const Test& test = *quick.test;
    if (!test.right.empty()) {
        const bool unequal = test.predicate == Predicate::unequal;
        if (!quick.number) {
            const bool found = std::ranges::any_of(test.right, [&](const Formula& one) { return is_written(one.expression.text, value); });
            return said(found != unequal);
        }
        const auto number = Decimal::parse(value.text);
        if (!number) return Said::undecided;
        const bool found = std::ranges::any_of(quick.numbers, [&](const Decimal& right) {
            const std::strong_ordering order = *number <=> right;
            switch (test.predicate) {
                case Predicate::less: return order < 0;
                case Predicate::at_most: return order <= 0;
                case Predicate::more: return order > 0;
                case Predicate::at_least: return order >= 0;
                default: return order == 0;
            }
        });
        return said(found != unequal);
    }
    std::string_view text = value.text;
    if (!value.list.empty()) text = joined_.assign(value.list).append(1, ':').append(value.text);
    switch (test.predicate) {
        case Predicate::in:
        case Predicate::not_in: {
            const bool listed = test.list->codes.empty() ? pivot::is_listed(test.list->name, text) : test.list->codes.contains(text);
            return said(listed == (test.predicate == Predicate::in));
        }
        case Predicate::matches: return said(test.pattern_table ? test.pattern_table->matches(text) : test.pattern->matches(text));
        case Predicate::check_digit: return said(test.digit->holds(text));
        default: return Said::untold;
    }
}

std::string_view TapeRulesRun::day_for(const Rule& rule, const Ground& ground) {
    if (!rule.date) return document_day(ground);
    std::vector<Value> found;
    ground.places->values(*rule.date, found);
    if (found.size() > 1) ground.places->choose(found);
    if (found.empty()) return document_day(ground);
    own_day_ = found.front().text;
    return day_of(own_day_);
}

std::string_view TapeRulesRun::document_day(const Ground& ground) {
    if (day_known_) return day_;
    day_ = how_->day;
    day_known_ = true;
    constexpr std::size_t day_size = 10;
    for (const PivotTerm& term : rules_->days_) {
        std::vector<Value> found;
        ground.places->values(term, found);
        if (found.size() > 1) ground.places->choose(found);
        if (found.empty() || found.front().text.size() < day_size) continue;
        day_ = day_of(found.front().text);
        break;
    }
    return day_;
}

}  // namespace hansa::rules
