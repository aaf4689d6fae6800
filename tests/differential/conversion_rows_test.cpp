// Every conversion of every table of the source tree against its compiled twin: the values that it draws
// itself, and those that other tables put into the same fields of the pivot. HANSA_SEED changes what is drawn.
#include <gtest/gtest.h>

#include <cstdio>
#include <deque>
#include <map>

#include "core/mapping/conversion_recipe.h"
#include "core/mapping/fused_conversion.h"
#include "core/mapping/model.h"
#include "core/mapping/reader.h"
#include "core/schema/grammar.h"
#include "tests/property/formats.h"
#include "tests/support/results.h"
#include "tests/unit/mapping/conversion_peers.h"

namespace hansa::mapping {
namespace {

/// One conversion of a row, with the fields of the pivot that it serves: "GoodsShipment/Invoice/ID|..".
struct RowPart {
    std::string text, fields;
    const Conversion* conversion = nullptr;
    std::vector<FastTarget> targets;
    std::vector<std::vector<NationalValue>> drawn;
    std::vector<std::vector<PivotValue>> values;
};

struct Table {
    test::Subject subject;
    std::unique_ptr<Surroundings> around;
    std::deque<RowPart> parts;
};

void add_parts(const Row& row, Table& table) {
    std::size_t left = 0, right = 0;
    for (const Conversion& conversion : row.conversions) {
        const std::size_t takes = std::min(conversion.national_count(), row.left.size() - left);
        const std::size_t gives = std::min(conversion.pivot_count(), row.right.size() - right);
        RowPart part{.text = row.place + " " + conversion.text(), .fields = {}, .conversion = &conversion};
        for (std::size_t i = left; i < left + takes; ++i)
            part.targets.push_back({target_of(row.left[i]), type_of(row.left[i])});
        for (std::size_t i = right; i < right + gives; ++i) {
            const PivotTerm& term = row.right[i];
            part.fields += (term.field ? term.field->path() : "") + "@" + term.attribute + "|";
        }
        if (takes > 0 && gives > 0) table.parts.push_back(std::move(part));
        left += takes;
        right += gives;
    }
    for (const auto& below : row.rows) add_parts(*below, table);
}

std::deque<Table> tables() {
    Diagnostics faults;
    static const Context context;
    std::deque<Table> out;
    for (test::Subject& subject : test::subjects(faults)) {
        Table& table = out.emplace_back();
        table.subject = std::move(subject);
        const Model& model = table.subject.mapping->model();
        table.around = std::make_unique<Surroundings>(model, *table.subject.mapping, context);
        for (const auto& row : *model.rows) add_parts(*row, table);
    }
    return out;
}

struct Share {
    std::size_t taken = 0, declined = 0;
    double percent() const {
        return taken == 0 ? 0.0 : 100.0 * static_cast<double>(declined) / static_cast<double>(taken);
    }
    void add(const peers::Peer::Counts& counts) {
        taken += counts.taken;
        declined += counts.declined;
    }
};

TEST(FastConversions, OfAllTablesAgreeWithTheReference) {
    const std::uint64_t seed = test::number_from("HANSA_SEED", 311);
    constexpr std::size_t drawn_count = 12, foreign_max = 60;
    std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
    std::mt19937_64 random(seed);
    std::deque<Table> all = tables();
    ASSERT_GT(all.size(), 10U);
    std::map<std::string, std::vector<std::vector<PivotValue>>> by_fields;
    for (Table& table : all) {
        Share share;
        std::size_t without = 0;
        for (RowPart& part : table.parts) {
            const ConversionContext& context = table.around->context;
            peers::Peer peer(part.text, *part.conversion, context, *table.subject.mapping->model().grammar,
                             part.targets);
            if (!peer.twin()) {
                // A place is told by counting in another document: it has no twin by its nature, in however small a
                // table.
                using Kind = ConversionRecipe::Kind;
                const Kind kind = part.conversion->recipe().kind;
                if (kind != Kind::pointer && kind != Kind::place) ++without;
                std::printf("no twin: %s\n", part.text.c_str());
                continue;
            }
            for (std::size_t i = 0; i < drawn_count; ++i) {
                const auto national = part.conversion->draw(random(), context, peer.bounds());
                if (!national) continue;
                peer.in_domain = true;
                peer.there_and_back(*national);
                peer.in_domain = false;
                auto worse = *national;
                worse[random() % worse.size()].text = peers::mutated(worse[0].text, random);
                peer.there_and_back(worse);
                part.drawn.push_back(*national);
                if (const auto values = part.conversion->to_pivot(*national, context);
                    values && !values->values.empty())
                    by_fields[part.fields].push_back(values->values);
            }
            if (HasFatalFailure()) return;
            if (peer.counts.declined > 0)
                std::printf("declined %zu of %zu: %s\n", peer.counts.declined, peer.counts.taken, peer.show().c_str());
            share.add(peer.counts);
        }
        std::printf("%-28s %4zu conversions, %zu without a twin, %6zu values of the domain, %.2f%% declined\n",
                    table.subject.id.c_str(), table.parts.size(), without, share.taken, share.percent());
        EXPECT_LE(share.percent(), 1.0) << table.subject.id;
        EXPECT_LE(without * 20, table.parts.size()) << table.subject.id;
    }
    // What others say about the same field.
    Share foreign;
    for (Table& table : all) {
        for (RowPart& part : table.parts) {
            peers::Peer peer(part.text, *part.conversion, table.around->context,
                             *table.subject.mapping->model().grammar, part.targets);
            const auto& known = by_fields[part.fields];
            if (!peer.twin() || known.empty()) continue;
            for (std::size_t i = 0; i < std::min(foreign_max, known.size()); ++i)
                peer.from_pivot(known[random() % known.size()]);
            if (HasFatalFailure()) return;
            if (peer.counts.declined > 0)
                std::printf("declined %zu of %zu from others: %s\n", peer.counts.declined, peer.counts.taken,
                            peer.show().c_str());
            foreign.add(peer.counts);
        }
    }
    std::printf("%zu values of other tables that fit, %.2f%% declined\n", foreign.taken, foreign.percent());
    EXPECT_LE(foreign.percent(), 1.0);
    EXPECT_GT(foreign.taken, 10'000U);
    test::SuiteResult result("fast-conversions", seed);
    result.pass("values of other tables", foreign.taken);
    result.publish();
}

TEST(FastConversions, OfAllPairsOfTablesAgreeWhenFused) {
    const std::uint64_t seed = test::number_from("HANSA_SEED", 907);
    std::mt19937_64 random(seed);
    std::deque<Table> all = tables();
    std::size_t pairs = 0, compared = 0, taken = 0, declined = 0;
    const auto context_of = [](const Table& table) {
        const ConversionContext& known = table.around->context;
        return FastContext{.settings = known.settings,
                           .lists = known.lists,
                           .zone = known.zone,
                           .authority = known.authority,
                           .grammar = table.subject.mapping->model().grammar.get(),
                           .aliases = false};
    };
    Scratch scratch;
    for (const Table& from : all) {
        std::map<std::string, const RowPart*> sources;
        for (const RowPart& part : from.parts) sources.emplace(part.fields, &part);
        for (const Table& to : all) {
            // A part of the pairs each time; all of them in the long run.
            if (&from == &to || random() % 4 != 0) continue;
            for (const RowPart& part : to.parts) {
                const auto found = sources.find(part.fields);
                if (found == sources.end()) continue;
                const FastContext here = context_of(from), there = context_of(to);
                const auto fused =
                    FusedConversion::of({*found->second->conversion, here}, {*part.conversion, there, part.targets});
                if (!fused || !fused.single()) continue;
                ++pairs;
                for (std::size_t i = 0; i < 8; ++i) {
                    const auto national = found->second->conversion->draw(random(), from.around->context, {});
                    if (!national) break;
                    const std::string text =
                        i < 6 ? national->front().text : peers::mutated(national->front().text, random);
                    const auto values = found->second->conversion->to_pivot(std::vector<NationalValue>{{text, 0}},
                                                                            from.around->context);
                    std::optional<FromPivot> expected;
                    std::size_t notes_expected = 0;
                    if (values && !values->values.empty()) {
                        expected = peers::written(*part.conversion, values->values, to.around->context, part.targets,
                                                  *to.subject.mapping->model().grammar);
                        notes_expected = values->notes.size() + (expected ? expected->notes.size() : 0);
                    }
                    scratch.reset();
                    FastNotes notes;
                    FastRun run{.scratch = scratch, .document_date = {}, .notes = &notes};
                    std::string_view out;
                    const bool done = fused.run(text, run, out) == Fast::done;
                    ++compared;
                    taken += expected ? 1U : 0U;
                    declined += expected && !done ? 1U : 0U;
                    if (!done) continue;
                    ASSERT_TRUE(expected) << found->second->text << " | " << part.text << ": " << text;
                    ASSERT_EQ(out, expected->values.at(0).text)
                        << found->second->text << " | " << part.text << ": " << text;
                    ASSERT_EQ(notes.size(), notes_expected)
                        << found->second->text << " | " << part.text << ": " << text;
                }
            }
        }
    }
    std::printf("%zu pairs of conversions, %zu values compared, %zu of %zu declined\n", pairs, compared, declined,
                taken);
    EXPECT_GT(pairs, 500U);
    EXPECT_LE(declined * 50, taken);
    test::SuiteResult result("fused-conversions", seed);
    result.pass("values", compared);
    result.publish();
}

}  // namespace
}  // namespace hansa::mapping
