#include "core/rules/tape_rules.h"

#include <algorithm>
#include <array>
#include <map>

#include "core/mapping/plan.h"
#include "core/pivot/table.h"
#include "core/rules/check.h"
#include "core/rules/clause.h"

namespace hansa::rules {
namespace {

using mapping::Expression;
using mapping::PivotTerm;

/// A place that the tape does not tell, met while a formula is computed.
struct Untold {};

/// Beside the answer whether a day is one of a rule's.
constexpr std::uint32_t by_receipt = 16;

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
        if (!rule.before.empty()) {
            asked.history = out_.histories_.size();
            out_.histories_.push_back({&rule, {}});
        }
        if (!rule.days.from.empty() || !rule.days.to.empty()) asked.days = days(rule);
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
        for (TapeRules::AskedClause& asked : out_.clauses_) make_tests(asked);
        number_places();
        for (const TapeRules::AskedRule& asked : out_.asked_) settle(asked);
        return {};
    }

private:
    /// Rules of the same days are asked once.
    std::size_t days(const Rule& rule) {
        if (out_.days_.empty()) document_days();
        const PivotTerm* date = rule.date ? &*rule.date : nullptr;
        if (date != nullptr) place(*date, TapeRules::none);
        const auto known = std::ranges::find_if(out_.dates_, [&](const TapeRules::AskedDays& other) {
            const bool same_date = date == nullptr || other.date == nullptr ? date == other.date : out_.numbers_.at(date) == out_.numbers_.at(other.date);
            return same_date && other.days->from == rule.days.from && other.days->to == rule.days.to;
        });
        const auto number = static_cast<std::size_t>(known - out_.dates_.begin());
        if (known == out_.dates_.end()) out_.dates_.push_back({&rule.days, date, {}});
        return number;
    }

    void document_days() {
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
        out_.clauses_.push_back({&clause, every, true, member, {}, {}});
        terms_now_ = &terms_.emplace_back();
        for (const Test& test : clause.any) {
            expression(test.left.expression, members);
            for (const Formula& right : test.right) expression(right.expression, members);
        }
        terms_now_ = nullptr;
        return out_.clauses_.size() - 1;
    }

    /// What each question asks for.
    void number_places() {
        const auto add = [&](const PivotTerm& term, std::vector<std::size_t>& places) {
            const std::size_t number = out_.numbers_.at(&term);
            if (std::ranges::find(places, number) == places.end()) places.push_back(number);
        };
        for (std::size_t i = 0; i < out_.clauses_.size(); ++i) {
            TapeRules::AskedClause& asked = out_.clauses_[i];
            if (asked.tests.empty()) {
                for (const PivotTerm* term : terms_[i]) add(*term, asked.places);
            }
            for (const TapeTest& test : asked.tests) test.add_places(asked.places, asked.counted);
            std::erase_if(asked.counted, [&](std::size_t place) { return std::ranges::find(asked.places, place) != asked.places.end(); });
            asked.each = asked.tests.size() == 1 && asked.tests.front().is_of_each();
            if (!asked.tests.empty()) asked.sum = asked.tests.front().sum();
        }
        for (TapeRules::AskedDays& one : out_.dates_) {
            if (one.date != nullptr) add(*one.date, one.places);
            for (const PivotTerm& term : out_.days_) add(term, one.places);
        }
        for (TapeRules::AskedHistory& one : out_.histories_) {
            for (const Formula& key : one.rule->before) add_all(key.expression, one.places, add);
        }
    }

    template <class Add>
    static void add_all(const Expression& e, std::vector<std::size_t>& places, const Add& add) {
        if (e.kind == Expression::Kind::pivot) add(e.pivot, places);
        for (const Expression& part : e.parts) add_all(part, places, add);
    }

    const std::string& why_of(const PivotTerm& term) const { return out_.places_->untold(out_.numbers_.at(&term)); }

    void make_tests(TapeRules::AskedClause& asked) const {
        for (const Test& test : asked.clause->any) {
            auto made = TapeTest::make(test, [this](const PivotTerm& term) { return out_.numbers_.at(&term); });
            if (!made) return asked.tests.clear();
            asked.tests.push_back(*std::move(made));
        }
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
        const auto number = run_.rules_->numbers_.find(&place);
        std::size_t count = 0;
        const bool told = place.attribute.empty() && number != run_.rules_->numbers_.end() && run_.run_->count(number->second, found_, count);
        if (!told) throw Untold{};
        return count;
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

TapeRulesRun::TapeRulesRun(std::shared_ptr<const TapeRules> rules) : rules_(std::move(rules)), places_(std::make_unique<OnTape>(*this)) {
    if (rules_->places_ == nullptr) return;
    run_ = std::make_unique<mapping::PivotPlacesRun>(*rules_->places_);
    run_->learn(*this);
}
TapeRulesRun::~TapeRulesRun() = default;

void TapeRulesRun::learn(std::uint32_t after) {
    if (run_ != nullptr) run_->learn(*this, after);
}

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
    said_days_.assign(rules_->dates_.size(), 0);
    const Ground ground{.places = places_.get()};
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
    if (asked.days != TapeRules::none && !in_days(asked.days)) return TapeVerdict::clean;
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
    if (asked.history != TapeRules::none) {
        const TapeRules::AskedHistory& history = rules_->histories_[asked.history];
        const Said said = first_of_its_keys(history, ground);
        const std::size_t question = rules_->clauses_.size() + rules_->dates_.size() + asked.history;
        run_->answered({.question = question, .places = history.places, .answer = static_cast<std::uint32_t>(said), .lasting = false});
        if (said == Said::yes) return TapeVerdict::clean;
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

/// Yes, too, of a document that says nothing at one of the keys.
Said TapeRulesRun::first_of_its_keys(const TapeRules::AskedHistory& asked, const Ground& ground) {
    std::vector<std::string> keys;
    for (const Formula& key : asked.rule->before) {
        auto found = values(key, ground);
        if (found.size() > 1) ground.places->choose(found);
        if (found.empty() || found.front().text.empty()) return Said::yes;
        keys.push_back(std::move(found.front().text));
    }
    return how_->first && how_->first(*asked.rule, keys) ? Said::yes : Said::no;
}

Said TapeRulesRun::ask(std::size_t number, const Ground& ground) {
    const TapeRules::AskedClause& asked = rules_->clauses_[number];
    if (!asked.told) return Said::untold;
    Said fresh = Said::not_asked;
    Said& said = asked.member ? fresh : said_[number];
    if (said != Said::not_asked) return said;
    said = compute(asked, ground);
    mapping::AnsweredQuestion answered{.question = number, .places = asked.places, .answer = static_cast<std::uint32_t>(said), .counted = asked.counted};
    answered.each = asked.each;
    if (said == Said::yes && asked.sum) answered.sum = &*asked.sum;
    run_->answered(answered);
    return said;
}

Said TapeRulesRun::compute(const TapeRules::AskedClause& asked, const Ground& ground) {
    if (const Said said = ask_tests(asked); said != Said::not_asked) return said;
    Fault ignored;
    try {
        const Answer answer = ask_clause(*asked.clause, ground, asked.every, ignored);
        return answer == Answer::yes ? Said::yes : answer == Answer::no ? Said::no : Said::undecided;
    } catch (const Untold&) {
        return Said::untold;
    }
}

/// Of another document: what document() would be told.
std::uint32_t TapeRulesRun::answer(std::size_t question) {
    const Ground ground{.places = places_.get()};
    if (question < rules_->clauses_.size()) return static_cast<std::uint32_t>(compute(rules_->clauses_[question], ground));
    try {
        question -= rules_->clauses_.size();
        std::size_t looked_at = 0;
        if (question < rules_->dates_.size()) return days_answer(rules_->dates_[question], looked_at);
        return static_cast<std::uint32_t>(first_of_its_keys(rules_->histories_[question - rules_->dates_.size()], ground));
    } catch (const Untold&) {
        return static_cast<std::uint32_t>(Said::untold);
    }
}

/// As ask_clause() does.
Said TapeRulesRun::ask_tests(const TapeRules::AskedClause& asked) {
    Said out = asked.tests.empty() ? Said::not_asked : Said::undecided;
    for (const TapeTest& test : asked.tests) {
        const Said one = test.ask(*run_, asked.every, room_);
        if (one == Said::yes || one == Said::untold || one == Said::not_asked) return one;
        if (one == Said::no) out = one;
    }
    return out;
}

bool TapeRulesRun::in_days(std::size_t number) {
    std::uint32_t& said = said_days_[number];
    if (said == 0) {
        const TapeRules::AskedDays& asked = rules_->dates_[number];
        std::size_t looked_at = 0;
        said = days_answer(asked, looked_at);
        const auto places = std::span(asked.places).first(looked_at);
        const bool own = (said & by_receipt) == 0;
        run_->answered({.question = rules_->clauses_.size() + number, .places = places, .answer = said, .lasting = own});
    }
    return (said & ~by_receipt) == static_cast<std::uint32_t>(Said::yes);
}

/// As document_day() and a rule's own date say it. Whether it was the day of receipt is a part of the answer: that one is
/// not the document's.
std::uint32_t TapeRulesRun::days_answer(const TapeRules::AskedDays& asked, std::size_t& looked_at) {
    constexpr std::size_t day_size = 10;
    std::string_view day = how_->day;
    bool own = false;
    for (looked_at = 0; !own && looked_at < asked.places.size(); ++looked_at) {
        std::span<const mapping::PlaceValue> found;
        if (!run_->view(asked.places[looked_at], room_.left, found)) throw Untold{};
        if (found.empty()) continue;
        const std::string_view text = found.front().text;
        // Which one is the first the tape does not tell.
        if (!std::ranges::all_of(found, [&](const mapping::PlaceValue& one) { return one.text == text && one.list.empty(); })) throw Untold{};
        own = text.size() >= day_size || (asked.date != nullptr && looked_at == 0);
        if (own) day = day_of(text);
    }
    return static_cast<std::uint32_t>(asked.days->hold(day) ? Said::yes : Said::no) | (own ? 0 : by_receipt);
}

}  // namespace hansa::rules
