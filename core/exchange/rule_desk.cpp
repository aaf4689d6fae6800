#include "core/exchange/rule_desk.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "core/exchange/kept.h"

namespace hansa::exchange {

void RuleCounts::add(const rules::Finding& finding) {
    const std::lock_guard lock(mutex_);
    Count& count = counts_[finding.rule->id];
    count.severity = finding.rule->severity;
    ++count.findings;
}

std::map<std::string, RuleCounts::Count> RuleCounts::all() const {
    const std::lock_guard lock(mutex_);
    return counts_;
}

std::vector<std::string> sets_for(const Agency& sender, std::span<const Route* const> routes) {
    std::vector<std::string> out = sender.rules;
    for (const Route* route : routes) {
        std::ranges::copy_if(route->rules, std::back_inserter(out), [&](const std::string& set) { return std::ranges::find(out, set) == out.end(); });
    }
    return out;
}

RuleDesk::Program& RuleDesk::program(const plugin::Format& format, const std::shared_ptr<const schema::PathTable>& paths,
                                     const mapping::Settings& settings, std::span<const std::string> sets) const {
    std::string key;
    append_key(key, format.id);
    for (const auto& [name, value] : settings) append_key(append_key(key, name), value);
    for (const std::string& set : sets) append_key(key += '|', set);
    // Tapes of another grammar have other numbers.
    append_key(key += '@', fmt::format("{}", static_cast<const void*>(paths.get())));
    Program& found = kept(mutex_, programs_, key);
    std::call_once(found.made, [&] {
        const auto rules = book_->rules_of(sets);
        if (!rules) {
            found.unsupported = rules.error();
            return;
        }
        auto made = rules::TapeRules::compile(*rules, format, paths, settings);
        if (made) found.rules = *std::move(made);
        else found.unsupported = made.error();
    });
    return found;
}

bool RuleDesk::clean(const TapeQuestion& asked, std::string& why) const {
    Program& program = this->program(asked.format, asked.paths, asked.how.context.settings, asked.sets);
    if (program.unsupported) {
        why = program.unsupported->text();
        return false;
    }
    const auto run = program.runs.take([&] { return std::make_unique<rules::TapeRulesRun>(program.rules); });
    run->begin(asked.how);
    for (const schema::Tape* tape : asked.tapes) {
        if (run->part(*tape) == rules::TapeVerdict::clean) continue;
        why = run->why();
        return false;
    }
    return true;
}

Result<std::vector<rules::UntoldRule>> RuleDesk::prepare(const plugin::Format& format, std::shared_ptr<const schema::PathTable> paths,
                                                         const mapping::Settings& settings, std::span<const std::string> sets) const {
    const Program& made = program(format, paths, settings, sets);
    if (made.unsupported) return *made.unsupported;
    return std::vector<rules::UntoldRule>(made.rules->untold().begin(), made.rules->untold().end());
}

}  // namespace hansa::exchange
