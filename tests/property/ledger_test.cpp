// Laws 5 and 6 of mapping.md for every pair of formats of a kind.
//
// Every leaf of a generated document gets a value that no other leaf has, where its type allows one.
// After the translation each of these sentinels is looked for, by text, in the output and in the
// ledger: in one of them, never in both, never in neither. Leaves whose values are translated (codes,
// times) are looked for by the value that the row made of them.
//
//   HANSA_PAIR=cn.ceb603:wco.declaration HANSA_LEDGER_DOCUMENTS=20 HANSA_SEED=7 test-ledger
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>

#include "core/mapping/coverage.h"
#include "core/mapping/translate.h"
#include "tests/property/domain.h"
#include "tests/property/formats.h"
#include "tests/support/results.h"

namespace hansa::test {
namespace {

constexpr std::uint64_t default_seed = 20261123;

/// Documents for each pair of a kind of `formats` formats. Pairs grow with the square, so that each day a kind of many formats
/// tries fewer on each; nightly the same on all.
std::uint64_t documents_for(std::size_t formats) {
    constexpr std::uint64_t most = 200, least = 20, a_kind = 6'000;
    if (std::getenv("HANSA_NIGHTLY") != nullptr || formats < 2) return most;
    return std::clamp<std::uint64_t>(a_kind / (formats * (formats - 1)), least, most);
}

/// A profile's rows are those of its base, and so are its losses: it is tried with its base, with other profiles of that, and with the Data Model.
bool is_tried(const Subject& from, const Subject& to) {
    if (from.base.empty() && to.base.empty()) return true;
    const std::string& a = from.base.empty() ? from.id : from.base;
    const std::string& b = to.base.empty() ? to.id : to.base;
    return a == b || from.id.starts_with("wco.") || to.id.starts_with("wco.");
}

/// Of two far answers, and of profiles, a few documents show that nothing gets lost in silence.
std::size_t documents_for(const Subject& from, const Subject& to, std::size_t drawn) {
    constexpr std::size_t few = 3;
    const bool profile = !from.base.empty() || !to.base.empty();
    return (profile || mapping::are_far_answers(*from.mapping, *to.mapping)) && std::getenv("HANSA_NIGHTLY") == nullptr ? std::min(few, drawn) : drawn;
}

struct Count {
    std::uint64_t sentinels = 0, in_output = 0, in_ledger = 0, by_value = 0;
    std::uint64_t documents = 0, refused = 0, drafts = 0;
    std::map<std::string, std::uint64_t> failures, refusals;
};

/// All texts of the messages as one, so that a search is a search in text.
std::string all_texts(const std::vector<schema::Element>& messages) {
    std::string all;
    for (const schema::Element& message : messages) {
        for (const auto& [path, text] : leaves_of(message)) all += text + "\n";
    }
    return all;
}

class Sentinels {
public:
    Sentinels(const mapping::Translation& translation, Count& count, std::uint64_t seed)
        : translation_(translation), count_(count), seed_(seed), output_(all_texts(translation.writing.messages)) {
        for (const mapping::LossEntry& entry : translation.ledger.entries) {
            if (entry.kind != mapping::LossKind::defaulted)
                ledger_.emplace(entry.path, entry.value);
            else
                defaults_.insert(entry.value);
        }
        for (const auto& leaves : translation.reading.leaves) {
            for (const mapping::SourceLeaf& leaf : leaves) values_ += leaf.value + "\n";
        }
    }

    void check() {
        for (std::size_t i = 0; i < translation_.reading.leaves.size(); ++i) {
            for (const mapping::SourceLeaf& leaf : translation_.reading.leaves[i]) one(leaf, i);
        }
    }

private:
    void one(const mapping::SourceLeaf& leaf, std::size_t document) {
        if (leaf.value.find_first_not_of(" \t\r\n") == std::string::npos) return;
        bool named = ledger_.contains({leaf.path, leaf.value});
        if (leaf.way == mapping::SourceLeaf::Way::implied) {
            if (named) fail("implied, and in the ledger", leaf);
            return;
        }
        const std::size_t first = values_.find(leaf.value);
        // What the target fills in by itself (a time of midnight, the day of the receipt) is no sign of a leaf that reads the same.
        const bool filled = std::ranges::any_of(defaults_, [&](const std::string& text) { return text.find(leaf.value) != std::string::npos; });
        const bool unique = leaf.value.size() >= 6 && !filled && values_.find(leaf.value, first + 1) == std::string::npos;
        bool found = unique && output_.find(leaf.value) != std::string::npos;
        if (!found) found = by_value(leaf, document);
        if (!found && !named && leaf.way == mapping::SourceLeaf::Way::carried) found = carried_home(leaf);
        ++count_.sentinels;
        if (found && named && !partly(leaf)) return fail("in output and ledger", leaf);
        if (!found && !named) return fail("in neither", leaf);
        ++(named ? count_.in_ledger : count_.in_output);
    }

    /// Entries that say that only a part, or another form, has arrived.
    bool partly(const mapping::SourceLeaf& leaf) const {
        return std::any_of(translation_.ledger.entries.begin(), translation_.ledger.entries.end(),
                           [&](const mapping::LossEntry& entry) {
                               return entry.path == leaf.path && (entry.kind == mapping::LossKind::narrowed ||
                                                                  entry.kind == mapping::LossKind::rounded ||
                                                                  entry.kind == mapping::LossKind::aliased);
                           });
    }

    bool by_value(const mapping::SourceLeaf& leaf, std::size_t document) {
        for (const mapping::Fed& fed : translation_.writing.fed) {
            if (fed.document != document) continue;
            for (const auto& [pivot, value] : fed.pivot) {
                if (std::find(leaf.fed.begin(), leaf.fed.end(), pivot) == leaf.fed.end()) continue;
                ++count_.by_value;
                return output_.find(fed.value) != std::string::npos;
            }
        }
        return constant_in_target(leaf);
    }

    /// What is carried stands again in another format of its authority, under its own name; a short value is found by that name.
    bool carried_home(const mapping::SourceLeaf& leaf) const {
        const auto last_step = [](const std::string& path) { return path.substr(path.rfind('/') + 1); };
        const std::string wanted = last_step(without_places(leaf.path));
        for (const schema::Element& message : translation_.writing.messages) {
            for (const auto& [path, text] : leaves_of(message)) {
                if (text == leaf.value && last_step(path) == wanted) return true;
            }
        }
        return false;
    }

    /// A pivot value that the target says by its place: a guard, a selector, a computed value.
    bool constant_in_target(const mapping::SourceLeaf& leaf) const {
        return !leaf.fed.empty() && !ledger_.contains({leaf.path, leaf.value}) &&
               std::any_of(leaf.fed.begin(), leaf.fed.end(),
                           [&](const std::string& fed) { return translation_.writing.said_by_place.contains(fed); });
    }

    void fail(const std::string& what, const mapping::SourceLeaf& leaf) {
        ++count_.failures[what + ": " + without_places(leaf.path) + " (" + leaf.row +
                          ", HANSA_SEED=" + std::to_string(seed_) + ")"];
    }

    const mapping::Translation& translation_;
    Count& count_;
    std::uint64_t seed_;
    std::string output_, values_;
    std::set<std::pair<std::string, std::string>> ledger_;
    std::set<std::string> defaults_;
};

/// Do both leaves stand under one member's key?
bool shares_key(const mapping::SourceLeaf& a, const mapping::SourceLeaf& b) {
    return std::ranges::any_of(a.beside, [&](const auto& one) {
        return !one.of.empty() && std::ranges::find(b.beside, one.place, &mapping::SourceLeaf::Beside::place) != b.beside.end();
    });
}

/// Law 6: A -> B -> A gives back what the ledger of A -> B does not name.
void composition(const Subject& from, const Subject& to, const mapping::Translation& there, Count& count,
                 std::uint64_t seed) {
    if (there.writing.messages.size() != 1 || there.reading.documents.size() != 1) return;
    mapping::Context context;
    context.received = "2026-11-23T08:00:00Z";
    context.message_digest = "00";
    context.envelope.insert(there.reading.envelope.begin(), there.reading.envelope.end());
    std::map<std::string, std::string> aliases;
    for (const mapping::Alias& alias : there.writing.aliases) aliases[alias.alias] = alias.value;
    context.alias_of = [&](std::string_view alias) {
        const auto known = aliases.find(std::string(alias));
        return known == aliases.end() ? std::string() : known->second;
    };
    Diagnostics faults;
    Result<mapping::Reading> reading = mapping::read(*to.mapping, there.writing.messages.front(), context, faults);
    if (!reading) {
        ++count.failures["6: what was written is refused: " + faults.errors().front().text().substr(0, 150) +
                         " (HANSA_SEED=" + std::to_string(seed) + ")"];
        return;
    }
    // The sender's own memory and annex lie in the gateway; its document comes home to them.
    reading->documents.front().memory = there.reading.documents.front().memory;
    reading->documents.front().annex = there.reading.documents.front().annex;
    const Result<mapping::Writing> back = mapping::write(*from.mapping, reading->documents, context, faults);
    if (!back) {
        ++count.refusals["way back: " + std::string(back.error().code.name())];
        return;
    }
    std::set<std::pair<std::string, std::string>> home;
    for (const auto& leaf : leaves_of(back->messages.front())) home.insert(leaf);
    std::set<std::string> lost;
    for (const mapping::LossEntry& entry : there.ledger.entries) lost.insert(without_places(entry.path));
    for (const mapping::SourceLeaf& leaf : there.reading.leaves.front()) {
        const std::string path = without_places(leaf.path);
        if (leaf.way != mapping::SourceLeaf::Way::mapped || lost.contains(path)) continue;
        // Parts of one fact (a time and its format) are lost together.
        const bool partner = std::any_of(there.reading.leaves.front().begin(), there.reading.leaves.front().end(),
                                         [&](const mapping::SourceLeaf& other) {
                                             return other.fed == leaf.fed && lost.contains(without_places(other.path));
                                         });
        if (partner) continue;
        // So are values under one key that the target does not say: the ledger tells it once.
        const bool keyless = std::ranges::any_of(there.reading.leaves.front(), [&](const mapping::SourceLeaf& other) {
            return lost.contains(without_places(other.path)) && shares_key(leaf, other);
        });
        if (keyless) continue;
        if (!home.contains({path, leaf.value}))
            ++count.failures["6: does not come home: " + path + " (" + leaf.row +
                             ", HANSA_SEED=" + std::to_string(seed) + ")"];
    }
}

class Ledger : public testing::TestWithParam<std::size_t> {};
INSTANTIATE_TEST_SUITE_P(Part, Ledger, testing::Range<std::size_t>(0, parts));

TEST_P(Ledger, EveryLeafIsInTheOutputOrInTheLedger) {
    Diagnostics faults;
    const std::vector<Subject> all = subjects(faults, Profiles::taken);
    const std::uint64_t seed = number_from("HANSA_SEED", default_seed);
    const char* only = std::getenv("HANSA_PAIR");
    SuiteResult result("ledger-" + std::to_string(GetParam()), seed);
    mapping::Context context;
    context.received = "2026-11-23T08:00:00Z";
    context.message_digest = "00";
    for (std::size_t place = GetParam(); place < all.size(); place += parts) {
        const Subject& from = all[place];
        const auto of_kind = static_cast<std::size_t>(
            std::count_if(all.begin(), all.end(), [&](const Subject& one) { return one.kind == from.kind && one.base.empty(); }));
        const std::uint64_t wanted = number_from("HANSA_LEDGER_DOCUMENTS", documents_for(of_kind));
        std::vector<schema::Element> documents;
        std::vector<std::uint64_t> seeds;
        for (const Subject& to : all) {
            const std::string pair = from.id + ":" + to.id;
            if (from.kind != to.kind || from.id == to.id || (only ? pair != only : !is_tried(from, to))) continue;
            if (documents.empty()) {
                Domain domain(from.mapping);
                for (std::uint64_t tried = 0; documents.size() < wanted && tried < wanted * 6; ++tried) {
                    auto document = domain.draw(seed + tried, {.items = 2, .optional_percent = 60, .sentinels = true});
                    if (!document) continue;
                    documents.push_back(std::move(*document));
                    seeds.push_back(seed + tried);
                }
            }
            Count count;
            const std::size_t tried = documents_for(from, to, documents.size());
            for (std::size_t i = 0; i < tried; ++i) {
                Diagnostics refused;
                mapping::Context target = context;
                target.draft = true;
                const Result<mapping::Translation> translation =
                    mapping::translate(*from.mapping, *to.mapping, documents[i], context, target, refused);
                if (!translation) {
                    ++count.refused;
                    std::set<std::string> whys;
                    for (const Error& error : refused.errors())
                        whys.insert(std::string(error.code.name()) + " " + without_places(error.place.path));
                    for (const std::string& why : whys) ++count.refusals[why];
                    continue;
                }
                ++count.documents;
                Sentinels(*translation, count, seeds[i]).check();
                if (translation->writing.missing.empty())
                    composition(from, to, *translation, count, seeds[i]);
                else
                    ++count.drafts;
            }
            std::cout << pair << ": " << count.documents << " documents, " << count.sentinels
                      << " leaves: " << count.in_output << " in the output, " << count.in_ledger << " in the ledger; "
                      << count.drafts << " are drafts, " << count.refused << " documents refused\n";
            for (const auto& [why, number] : count.refusals)
                std::cout << "    refused: " << number << " x " << why << "\n";
            std::uint64_t failed = 0;
            for (const auto& [what, number] : count.failures) {
                failed += number;
                ADD_FAILURE() << pair << ": " << what << " (" << number << " times)";
            }
            if (count.sentinels > 0) result.pass(pair, count.sentinels - std::min(count.sentinels, failed));
            if (failed > 0) result.fail(pair, failed);
            if (count.refused > 0) result.refuse(pair, count.refused);
        }
    }
    result.publish();
}

}  // namespace
}  // namespace hansa::test
