// Numbered rules asked of the compiled reader's tape, without a pivot document.
//
// Most documents keep all rules; to know that, the few places that the rules name are enough (mapping::PivotPlaces). What
// is said here is only "clean": nothing is found in any document. Everything else (a finding, an earlier document that a
// rule of history must be asked of, a place that the tape does not tell) is for check(), which words it.
//
//     auto rules = TapeRules::compile(set, format, paths, settings);        // once for a format, its sender's settings, the set
//     TapeRulesRun run(*rules);
//     run.begin({.context = context, .day = today});
//     if (run.part(tape) != TapeVerdict::clean) by_reference(run.why());
//
// Rules are asked as check() asks them, by the same formulas. A verdict counts where the reference reads the message without a fault.
//
// Threads: TapeRules is immutable and shared; a run belongs to one thread. Rules and format must live as long as both.
// Cost: some thousand instructions a document; a line of tests that several rules have in common is asked once. Of the next
// documents of the same elements only what follows from texts that are not as before is asked again (PivotPlacesRun::learn).
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/mapping/pivot_places.h"
#include "core/plugin/registry.h"
#include "core/rules/rule.h"
#include "core/rules/tape_tests.h"

namespace hansa::rules {

enum class TapeVerdict : std::uint8_t { clean, found, untold };

/// A rule that the tape does not tell all about, and why.
struct UntoldRule {
    const Rule* rule = nullptr;
    std::string why;
};

class TapeRules {
public:
    /// Those of the rules that are for the format. Errors: mapping.plan-unsupported  no rule can be asked of the format's tapes
    static Result<std::shared_ptr<const TapeRules>> compile(std::span<const Rule* const> rules, const plugin::Format& format,
                                                            std::shared_ptr<const schema::PathTable> paths,
                                                            const mapping::Settings& settings);

    /// How many rules are for the format.
    std::size_t size() const { return asked_.size(); }
    /// Documents for which one of these applies are left to the reference, unless its `when` says no.
    std::span<const UntoldRule> untold() const { return untold_; }

private:
    friend class TapeRulesRun;
    friend class TapeCompiler;
    static constexpr std::size_t none = static_cast<std::size_t>(-1);

    struct AskedClause {
        const Clause* clause = nullptr;
        bool every = false;   ///< as ask_clause() takes it
        bool told = true;
        bool member = false;  ///< is asked of members: each has its own answer
        std::vector<std::size_t> places;   ///< that it asks for
        std::vector<std::size_t> counted;  ///< ... for how many values they have alone
        bool each = false;                 ///< its answer follows from those for each value of its only place
        std::vector<TapeTest> tests;  ///< all of them; none: formulas are computed
        std::optional<mapping::PlaceSum> sum;  ///< which says yes, too
    };
    /// Is the day by which a document is judged one of these? Numbered behind the clauses.
    struct AskedDays {
        const Days* days = nullptr;
        const mapping::PivotTerm* date = nullptr;  ///< the rule's own; nothing: the document's day
        std::vector<std::size_t> places;  ///< in the order in which they are looked at
    };
    /// Is a document the first that says this at a rule's keys? Numbered behind the days.
    struct AskedHistory {
        const Rule* rule = nullptr;
        std::vector<std::size_t> places;
    };
    struct AskedRule {
        const Rule* rule = nullptr;
        std::size_t members = none;
        std::size_t days = none, history = none;
        std::vector<std::size_t> when, checks;  ///< numbers of clauses
    };

    std::vector<AskedRule> asked_;
    std::vector<AskedClause> clauses_;
    std::vector<AskedDays> dates_;
    std::vector<AskedHistory> histories_;
    std::vector<UntoldRule> untold_;
    std::unordered_map<const mapping::PivotTerm*, std::size_t> numbers_;  ///< of places
    std::vector<mapping::PivotTerm> days_;  ///< by which a document is judged, the first that is there
    std::shared_ptr<const mapping::PivotPlaces> places_;  ///< nothing: no rule is for the format
};

/// How a message is asked.
struct TapeAsk {
    const mapping::Context& context;  ///< as read_message gets it
    std::string_view day;             ///< of a document that has no date of its own
    std::vector<bool> chosen = {};    ///< documents that are asked, by their numbers in the message; none: all
    /// Of a rule of history and what the document says at its keys: does surely none come before it?
    std::function<bool(const Rule&, const std::vector<std::string>&)> first = {};
};

class TapeRulesRun final : private mapping::PlaceQuestions {
public:
    explicit TapeRulesRun(std::shared_ptr<const TapeRules> rules);
    ~TapeRulesRun() override;
    TapeRulesRun(const TapeRulesRun&) = delete;
    TapeRulesRun& operator=(const TapeRulesRun&) = delete;

    /// From the how-manieth document of a shape on its answers are learned; 0: never. Usual: 2.
    void learn(std::uint32_t after);
    /// How many documents were asked no more than that. Nothing: no rule is for the format.
    const mapping::PlanCourses* courses() const { return run_ ? &run_->courses() : nullptr; }

    /// Before each message. What `how` names must live until the last part.
    void begin(const TapeAsk& how);
    /// A valid message, or one of a batch.
    TapeVerdict part(const schema::Tape& tape);
    /// Of what is not clean: one of a fixed set of phrases.
    const std::string& why() const { return why_; }

private:
    class OnTape;
    TapeVerdict document();
    TapeVerdict rule(const TapeRules::AskedRule& asked, const Ground& ground);
    TapeVerdict rule_at(const TapeRules::AskedRule& asked, const Ground& ground);
    std::uint32_t answer(std::size_t question) override;
    bool in_days(std::size_t number);
    std::uint32_t days_answer(const TapeRules::AskedDays& asked, std::size_t& looked_at);
    Said first_of_its_keys(const TapeRules::AskedHistory& asked, const Ground& ground);
    Said ask(std::size_t clause, const Ground& ground);
    Said compute(const TapeRules::AskedClause& asked, const Ground& ground);
    Said ask_tests(const TapeRules::AskedClause& asked);

    std::shared_ptr<const TapeRules> rules_;
    std::unique_ptr<mapping::PivotPlacesRun> run_;
    std::unique_ptr<OnTape> places_;
    const TapeAsk* how_ = nullptr;
    std::vector<Said> said_;
    std::vector<std::uint32_t> said_days_;  ///< by number of AskedDays; nought: not asked
    TapeRoom room_;
    std::string why_;
};

}  // namespace hansa::rules
