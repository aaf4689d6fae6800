#include "core/matching/matcher.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "core/matching/codes.h"
#include "core/matching/store.h"

namespace hansa::matching {
namespace {

constexpr std::int64_t day_s = 86'400;

/// UN/EDIFACT 1225 as the pivot has it: an absent function is an original.
enum class Function { original, change, withdrawal };

Function function_of(const pivot::Document& document) {
    const auto found = std::ranges::find(document.root.children, "FunctionCode", &pivot::Node::name);
    if (found == document.root.children.end() || found->value.empty() || found->value == "9") return Function::original;
    return found->value == "1" || found->value == "3" ? Function::withdrawal : Function::change;
}

/// The part of a lead's key: the last one may have several.
std::size_t part_of_key(const MatchTable& table, std::size_t key) {
    return table.joins[std::min(key, table.joins.size() - 1)].part;
}

void add_once(std::vector<std::size_t>& out, std::size_t part) {
    if (out.empty() || out.back() != part) out.push_back(part);
}

std::vector<std::string> part_names(const MatchTable& table, std::span<const std::size_t> parts) {
    std::vector<std::string> out;
    for (const std::size_t part : parts) out.push_back(table.parts[part].name);
    return out;
}

Ending begun_with(End end, Number document) {
    Ending out;
    out.end = end;
    out.document = document;
    return out;
}

}  // namespace

std::string_view standing_name(Standing standing) {
    constexpr std::array<std::string_view, 7> all{"foreign", "kept", "replaced", "withdrawn", "waiting", "decided", "refused"};
    return all[static_cast<std::size_t>(standing)];
}

bool Verdict::refused() const {
    return !taken.empty() || std::ranges::any_of(findings, [](const Finding& one) { return one.agreement->severity == rules::Severity::refuse; });
}

std::vector<Error> Verdict::errors(const MatchTable& table) const {
    std::vector<Error> out;
    for (const std::size_t part : taken)
        out.push_back({codes::part_used, fmt::format("the {} of this {} was matched with another one", table.parts[part].name, table.parts.front().name)});
    for (const Finding& finding : findings) out.push_back(finding.error(table));
    return out;
}

Error Expired::error(const MatchTable& table) const {
    return {codes::part_missing, fmt::format("{}: {}", table.id, fmt::join(part_names(table, missing), ", "))};
}

struct Matcher::State {
    const MatchTable& table;
    Options options;
    std::unique_ptr<Store> store;
    Recorder recorder;

    State(const MatchTable& rows, Options chosen, std::unique_ptr<Store> opened)
        : table(rows), options(std::move(chosen)), store(std::move(opened)), recorder(rows, store->digest_key()) {}

    Result<Outcome> arrive(const Arrival& arrival);
    Result<Outcome> arrive_part(std::size_t part, const Arrival& arrival);
    Result<Outcome> arrive_lead(const Arrival& arrival);
    Result<std::optional<Verdict>> decide(Key key, LeadRow lead, std::vector<std::size_t>& missing);
    Result<void> decide_waiting(Key part, std::vector<Verdict>& out);
    Result<std::optional<PartRow>> part_there(const LeadRow& lead, std::size_t which);
    Result<void> drop(Key key, const LeadRow& lead);
    std::size_t parts_named(const LeadRow& lead) const;
    std::optional<Key> own_part(const LeadRow& lead) const;
    Result<void> keep_as_part(Key key, const Arrival& arrival, LeadRow& lead);
    Result<std::vector<Finding>> findings(const LeadRow& lead, const std::vector<PartRow>& parts);
    Result<std::vector<std::size_t>> missing_of(const LeadRow& lead);
    Result<void> release(Key key, const LeadRow& lead);
    Result<void> keep_endings(const Arrival& arrival, const Outcome& outcome);
    std::string facts(std::size_t part, const pivot::Document& document) { return store->edition() + recorder.facts_of(part, document); }
};

namespace {

Outcome refusal(Error error) {
    Outcome out;
    out.standing = Standing::refused;
    out.refusal = std::move(error);
    return out;
}

}  // namespace

Result<Outcome> Matcher::State::arrive(const Arrival& arrival) {
    const auto part = table.part_of(*arrival.document, arrival.format);
    if (!part) return Outcome{};
    return *part == 0 ? arrive_lead(arrival) : arrive_part(*part, arrival);
}

Result<Outcome> Matcher::State::arrive_part(std::size_t part, const Arrival& arrival) {
    const auto key = recorder.key_of(part, *arrival.document);
    if (!key && table.parts[part].shared) return Outcome{};
    if (!key) return refusal(key.error());
    const auto there = store->part(*key);
    if (!there) return there.error();
    const std::string& name = table.parts[part].name;
    const Function function = function_of(*arrival.document);
    if (*there && function == Function::original) return refusal({codes::part_double, fmt::format("{}: {}", table.id, name)});
    if (!*there && function != Function::original) return refusal({codes::part_unknown, fmt::format("{}: {}", table.id, name)});
    if (*there && (*there)->lead) return refusal({codes::part_used, fmt::format("{}: {}", table.id, name)});
    Outcome out;
    if (function == Function::withdrawal) {
        out.standing = Standing::withdrawn;
        if (auto done = store->drop_part(*key); !done) return done.error();
        return out;
    }
    out.standing = *there ? Standing::replaced : Standing::kept;
    const PartRow row{arrival.number, arrival.at_s / day_s, std::nullopt, facts(part, *arrival.document)};
    if (auto done = store->put_part(*key, row); !done) return done.error();
    if (auto done = decide_waiting(*key, out.verdicts); !done) return done.error();
    return out;
}

/// Leads that waited for this part; and for those that are matched then, where matched leads are parts.
Result<void> Matcher::State::decide_waiting(Key part, std::vector<Verdict>& out) {
    std::vector<Key> arrived{part};
    for (std::size_t i = 0; i < arrived.size(); ++i) {
        const auto leads = store->leads_of(arrived[i]);
        if (!leads) return leads.error();
        for (const Key waiting : *leads) {
            const auto lead = store->lead(waiting);
            if (!lead) return lead.error();
            if (!*lead || !(*lead)->due_s) continue;
            std::vector<std::size_t> missing;
            auto verdict = decide(waiting, **lead, missing);
            if (!verdict) return verdict.error();
            if (!*verdict) continue;
            const auto own = own_part(**lead);
            if (own && !(*verdict)->refused()) arrived.push_back(*own);
            out.push_back(**std::move(verdict));
        }
    }
    return {};
}

/// How many of a lead's keys are those of its parts: where leads are parts themselves, the last one is its own as such.
std::size_t Matcher::State::parts_named(const LeadRow& lead) const {
    return table.chained_part() ? std::min(lead.keys.size(), table.joins.size()) : lead.keys.size();
}

std::optional<Key> Matcher::State::own_part(const LeadRow& lead) const {
    return parts_named(lead) == lead.keys.size() ? std::nullopt : std::optional(lead.keys.back());
}

/// Of a table whose matched leads are parts: it lies there from its arrival, and counts when it was matched (part_there).
Result<void> Matcher::State::keep_as_part(Key key, const Arrival& arrival, LeadRow& lead) {
    const auto part = table.chained_part();
    const auto own = part ? recorder.key_of(*part, *arrival.document) : Result<std::uint64_t>(Key{});
    if (!part || !own) return {};  // without such a key nobody can name it
    lead.keys.push_back(*own);
    return store->put_part(*own, {arrival.number, lead.day, key, facts(*part, *arrival.document)});
}

/// Nothing: the part has not arrived, or is a lead that was not matched.
Result<std::optional<PartRow>> Matcher::State::part_there(const LeadRow& lead, std::size_t which) {
    auto part = store->part(lead.keys[which]);
    if (!part || !*part || !table.parts[part_of_key(table, which)].chained || !(*part)->lead) return part;
    const auto link = store->lead(*(*part)->lead);
    if (!link) return link.error();
    return *link && !(*link)->due_s ? std::move(part) : std::optional<PartRow>();
}

Result<Outcome> Matcher::State::arrive_lead(const Arrival& arrival) {
    const auto key = recorder.lead_key(*arrival.document);
    if (!key) return refusal(key.error());
    const auto there = store->lead(*key);
    if (!there) return there.error();
    const std::string& name = table.parts.front().name;
    const Function function = function_of(*arrival.document);
    if (*there && function == Function::original) return refusal({codes::part_double, fmt::format("{}: {}", table.id, name)});
    if (!*there && function != Function::original) return refusal({codes::part_unknown, fmt::format("{}: {}", table.id, name)});
    auto keys = recorder.keys_named(*arrival.document);
    if (!keys && function != Function::withdrawal) return refusal(keys.error());
    if (const auto part = table.chained_part()) {
        const auto own = recorder.key_of(*part, *arrival.document);
        const auto other = own ? store->part(*own) : Result<std::optional<PartRow>>(std::optional<PartRow>());
        if (!other) return other.error();
        if (*other && (*other)->lead != *key) return refusal({codes::part_double, fmt::format("{}: {}", table.id, table.parts[*part].name)});
    }
    if (*there) {
        if (auto done = release(*key, **there); !done) return done.error();
    }
    Outcome out;
    if (*there) out.replaced = (*there)->document;
    if (function == Function::withdrawal) {
        out.standing = Standing::withdrawn;
        return out;
    }
    const std::int64_t wait_s = arrival.wait_s.value_or(options.wait_s.value_or(table.wait.count()));
    LeadRow row{arrival.number, arrival.at_s / day_s, arrival.at_s + wait_s, *std::move(keys), facts(0, *arrival.document)};
    if (auto done = keep_as_part(*key, arrival, row); !done) return done.error();
    if (auto done = store->put_lead(*key, row); !done) return done.error();
    out.until_s = *row.due_s;
    const auto own = own_part(row);
    auto verdict = decide(*key, std::move(row), out.missing);
    if (!verdict) return verdict.error();
    out.standing = *verdict ? Standing::decided : Standing::waiting;
    if (!*verdict) return out;
    const bool matched = !(*verdict)->refused();
    out.verdicts.push_back(**std::move(verdict));
    if (!own || !matched) return out;
    if (auto done = decide_waiting(*own, out.verdicts); !done) return done.error();
    return out;
}

/// Takes a lead away, and frees the parts that were matched with it.
Result<void> Matcher::State::release(Key key, const LeadRow& lead) {
    for (const Key part : lead.keys) {
        const auto row = store->part(part);
        if (!row) return row.error();
        if (!*row || (*row)->lead != key) continue;
        if (auto done = store->set_lead(part, std::nullopt); !done) return done;
    }
    return drop(key, lead);
}

Result<void> Matcher::State::drop(Key key, const LeadRow& lead) {
    if (const auto own = own_part(lead)) {
        if (auto done = store->drop_part(*own); !done) return done;
    }
    return store->drop_lead(key);
}

Result<std::vector<std::size_t>> Matcher::State::missing_of(const LeadRow& lead) {
    std::vector<std::size_t> out;
    for (std::size_t i = 0; i < parts_named(lead); ++i) {
        const auto part = part_there(lead, i);
        if (!part) return part.error();
        if (!*part) add_once(out, part_of_key(table, i));
    }
    return out;
}

/// The verdict, where no part is missing. A lead that is refused is forgotten: a better one may follow.
Result<std::optional<Verdict>> Matcher::State::decide(Key key, LeadRow lead, std::vector<std::size_t>& missing) {
    Verdict verdict;
    verdict.lead = lead.document;
    std::vector<PartRow> parts;
    for (std::size_t i = 0; i < parts_named(lead); ++i) {
        auto part = part_there(lead, i);
        if (!part) return part.error();
        if (!*part) {
            add_once(missing, part_of_key(table, i));
            continue;
        }
        if (!table.parts[part_of_key(table, i)].shared && (*part)->lead && (*part)->lead != key) add_once(verdict.taken, part_of_key(table, i));
        verdict.parts.push_back((*part)->document);
        parts.push_back(**std::move(part));
    }
    if (!missing.empty()) return std::optional<Verdict>();
    auto found = findings(lead, parts);
    if (!found) return found.error();
    verdict.findings = *std::move(found);
    if (verdict.refused()) {
        if (auto done = drop(key, lead); !done) return done.error();
        return std::optional(std::move(verdict));
    }
    for (std::size_t i = 0; i < parts_named(lead); ++i) {
        if (table.parts[part_of_key(table, i)].shared) continue;
        if (auto done = store->set_lead(lead.keys[i], key); !done) return done.error();
    }
    lead.due_s.reset();
    if (auto done = store->put_lead(key, lead); !done) return done.error();
    return std::optional(std::move(verdict));
}

Result<std::vector<Finding>> Matcher::State::findings(const LeadRow& lead, const std::vector<PartRow>& parts) {
    std::vector<Finding> out;
    // Each of several is compared by itself.
    const std::size_t last = table.parts.size() - 1;
    for (const Agreement& agreement : table.agreements) {
        const bool several = table.parts[last].several && (agreement.first == last || agreement.second == last);
        for (std::size_t which = 0; which < (several ? parts.size() - last + 1 : 1); ++which) {
            const auto row_at = [&](std::size_t part) { return part - 1 + (part == last ? which : 0); };
            const auto facts_at = [&](std::size_t part) -> std::string_view { return part == 0 ? lead.facts : parts[row_at(part)].facts; };
            const auto number_at = [&](std::size_t part) { return part == 0 ? lead.document : parts[row_at(part)].document; };
            const std::string_view first = facts_at(agreement.first), second = facts_at(agreement.second);
            const bool fresh = first.starts_with(store->edition()) && second.starts_with(store->edition());
            if (fresh && !agreement.is_ordered() && recorder.agree(agreement, first.substr(1), second.substr(1))) continue;
            const auto left = options.documents(number_at(agreement.first)), right = options.documents(number_at(agreement.second));
            std::vector<Finding> found;
            if (left && right) found = compare(agreement, *left, *right);
            else found.push_back({&agreement, {}, {}, {}, {}, false});
            for (Finding& finding : found) finding.which = which;
            std::ranges::move(found, std::back_inserter(out));
        }
    }
    return out;
}

/// In the step that decided them.
Result<void> Matcher::State::keep_endings(const Arrival& arrival, const Outcome& outcome) {
    if (!options.keep_endings) return {};
    std::vector<Ending> all;
    if (outcome.refusal) {
        all.push_back(begun_with(End::unfit, arrival.number));
        all.back().code = outcome.refusal->code.name();
        const Error& why = *outcome.refusal;
        all.back().detail = why.place.path.empty() ? why.detail : fmt::format("{} ({})", why.detail, why.place.path);
    } else if (outcome.replaced) {
        const bool withdrawn = outcome.standing == Standing::withdrawn;
        all.push_back(begun_with(withdrawn ? End::withdrawn : End::replaced, withdrawn ? arrival.number : *outcome.replaced));
        all.back().other = withdrawn ? *outcome.replaced : arrival.number;
    }
    for (const Verdict& verdict : outcome.verdicts) {
        Ending ending = begun_with(verdict.refused() ? End::refused : End::matched, verdict.lead);
        ending.parts = verdict.parts;
        ending.taken = part_names(table, verdict.taken);
        for (const Finding& finding : verdict.findings) {
            if (std::ranges::find(ending.agreements, finding.agreement->id) == ending.agreements.end()) ending.agreements.push_back(finding.agreement->id);
        }
        all.push_back(std::move(ending));
    }
    for (const Ending& ending : all) {
        if (auto done = store->add_ending(ending_text(ending)); !done) return done;
    }
    return {};
}

Matcher::Matcher(std::unique_ptr<State> state) : state_(std::move(state)) {}
Matcher::~Matcher() = default;

Result<std::unique_ptr<Matcher>> Matcher::open(const std::filesystem::path& path, const MatchTable& table, Options options) {
    auto store = Store::open(path, fmt::format("{} {}", Recorder::layout, table.identity), options.memory_bytes);
    if (!store) return store.error();
    return std::unique_ptr<Matcher>(new Matcher(std::make_unique<State>(table, std::move(options), *std::move(store))));
}

Result<std::vector<Outcome>> Matcher::arrive(std::span<const Arrival> arrivals, std::optional<std::int64_t> position) {
    Store& store = *state_->store;
    if (auto begun = store.begin(); !begun) return begun.error();
    std::vector<Outcome> out;
    for (const Arrival& arrival : arrivals) {
        auto outcome = state_->arrive(arrival);
        if (!outcome) {
            store.roll_back();
            return outcome.error();
        }
        if (auto kept = state_->keep_endings(arrival, *outcome); !kept) {
            store.roll_back();
            return kept.error();
        }
        out.push_back(*std::move(outcome));
    }
    if (position) {
        if (auto kept = store.set_position(*position); !kept) {
            store.roll_back();
            return kept.error();
        }
    }
    if (auto done = store.commit(); !done) return done.error();
    return out;
}

Result<std::vector<Expired>> Matcher::expire(std::int64_t now_s, std::size_t most) {
    Store& store = *state_->store;
    if (auto begun = store.begin(); !begun) return begun.error();
    const auto expired = [&]() -> Result<std::vector<Expired>> {
        const auto keys = store.due(now_s, most);
        if (!keys) return keys.error();
        std::vector<Expired> out;
        for (const Key key : *keys) {
            const auto lead = store.lead(key);
            if (!lead) return lead.error();
            if (!*lead) continue;
            auto missing = state_->missing_of(**lead);
            if (!missing) return missing.error();
            out.push_back({(*lead)->document, *std::move(missing)});
            if (state_->options.keep_endings) {
                Ending ending = begun_with(End::expired, out.back().lead);
                ending.missing = part_names(state_->table, out.back().missing);
                if (auto done = store.add_ending(ending_text(ending)); !done) return done.error();
            }
            if (auto done = state_->drop(key, **lead); !done) return done.error();
        }
        return out;
    }();
    if (!expired) {
        store.roll_back();
        return expired.error();
    }
    if (auto done = store.commit(); !done) return done.error();
    return expired;
}

Result<std::size_t> Matcher::forget(std::int64_t now_s, std::size_t most) {
    return state_->store->forget((now_s - state_->table.keep.count()) / day_s, most);
}

Result<std::vector<Ending>> Matcher::endings(std::size_t most) {
    const auto rows = state_->store->endings(most);
    if (!rows) return rows.error();
    std::vector<Ending> out;
    for (const auto& [row, text] : *rows) {
        auto ending = ending_of(text);
        if (!ending) return Error{codes::store_version, fmt::format("ending {} cannot be read", row)};
        ending->row = row;
        out.push_back(*std::move(ending));
    }
    return out;
}

Result<void> Matcher::settled(std::span<const Ending> endings) {
    Store& store = *state_->store;
    if (auto begun = store.begin(); !begun) return begun.error();
    for (const Ending& ending : endings) {
        if (auto done = store.drop_ending(ending.row); !done) {
            store.roll_back();
            return done.error();
        }
    }
    return store.commit();
}

Result<std::int64_t> Matcher::position() {
    return state_->store->position();
}

Result<bool> Matcher::has_position() {
    return state_->store->has_position();
}

std::uint64_t Matcher::waiting() const {
    return state_->store->waiting();
}

Result<MatchCounts> Matcher::counts() {
    const auto found = state_->store->counts();
    if (!found) return found.error();
    return MatchCounts{found->parts, found->waiting, found->decided};
}

}  // namespace hansa::matching
