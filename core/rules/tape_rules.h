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
// Cost: some thousand instructions a document; a line of tests that several rules have in common is asked once.
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

    /// A test of one place against literals, as most are: nothing is made for it.
    struct QuickTest {
        const Test* test = nullptr;
        std::size_t place = 0;
        bool number = false;  ///< numbers are compared, not texts
        std::vector<Decimal> numbers;
    };
    struct AskedClause {
        const Clause* clause = nullptr;
        bool every = false;   ///< as ask_clause() takes it
        bool told = true;
        bool member = false;  ///< is asked of members: each has its own answer
        std::vector<QuickTest> quick;  ///< all its tests; none: formulas are computed
    };
    struct AskedRule {
        const Rule* rule = nullptr;
        std::size_t members = none;
        std::vector<std::size_t> when, checks;  ///< numbers of clauses
    };

    std::vector<AskedRule> asked_;
    std::vector<AskedClause> clauses_;
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

class TapeRulesRun {
public:
    explicit TapeRulesRun(std::shared_ptr<const TapeRules> rules);
    ~TapeRulesRun();

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
    std::string_view day_for(const Rule& rule, const Ground& ground);
    std::string_view document_day(const Ground& ground);
    enum class Said : std::uint8_t { not_asked, undecided, yes, no, untold };
    Said ask(std::size_t clause, const Ground& ground);
    Said ask_quickly(const TapeRules::AskedClause& asked);
    Said ask_quickly(const TapeRules::QuickTest& quick, bool every);
    Said ask_value(const TapeRules::QuickTest& quick, const mapping::PlaceValue& value);

    std::shared_ptr<const TapeRules> rules_;
    std::unique_ptr<mapping::PivotPlacesRun> run_;
    const TapeAsk* how_ = nullptr;
    std::vector<Said> said_;
    std::vector<mapping::PlaceValue> found_;
    std::string joined_;
    std::string day_, own_day_;
    bool day_known_ = false;
    std::string why_;
};

}  // namespace hansa::rules
