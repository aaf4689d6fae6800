// Fused conversions against reading and writing one after the other.
#include "core/mapping/fused_conversion.h"

#include <gtest/gtest.h>

#include <cstdio>

#include "tests/unit/mapping/conversion_peers.h"

namespace hansa::mapping {
namespace {

using namespace peers;

struct Pair {
    std::string reads, writes;
    std::vector<std::string> types = {""};
    std::string zone = "+08:00", other_zone = "+04:00";
    double declined_max = 0.0;
};

/// A source and a target, each with its surroundings, and the two in one.
class FusedPair {
public:
    FusedPair(const Pair& pair, const std::string& type)
        : name_(pair.reads + " | " + pair.writes + " > " + type),
          reads_(pair.reads, 1, 1, {}, pair.zone),
          writes_(pair.writes, 1, 1, {target(type)}, pair.other_zone) {
        settings_ = {{"format", "ddMMyyyy"}, {"office", "closed"}};
        const auto context = [&](const std::string& zone) {
            return FastContext{.settings = &settings_,
                               .lists = &peers::lists(),
                               .zone = zone,
                               .authority = "cn",
                               .grammar = types().grammar.get(),
                               .aliases = false};
        };
        const FastContext here = context(pair.zone), there = context(pair.other_zone);
        fused_ = FusedConversion::of({reads_.conversion(), here}, {writes_.conversion(), there, writes_.targets()});
        EXPECT_TRUE(fused_) << name_;
        EXPECT_TRUE(fused_.single()) << name_;
    }

    void compare(const std::string& national, bool in_domain) {
        ++counts.compared;
        std::optional<FromPivot> expected;
        std::vector<ConversionNote> notes_expected;
        const auto values = reads_.conversion().to_pivot(std::vector<NationalValue>{{national, 0}}, reads_.context());
        if (values && !values->values.empty()) {
            expected = written(writes_.conversion(), values->values, writes_.context(), writes_.targets());
            notes_expected = values->notes;
            if (expected) notes_expected.insert(notes_expected.end(), expected->notes.begin(), expected->notes.end());
        }
        scratch_.reset();
        FastNotes notes;
        FastRun run{scratch_, reads_.context().document_date, &notes};
        std::string_view out;
        Exact exact;
        const std::string_view text = exact.copy(national);
        const Fast answer = fused_.run(text, run, out);
        if (!is_utf8(national)) return;
        if (in_domain && expected) {
            ++counts.taken;
            counts.declined += answer == Fast::declined ? 1U : 0U;
        }
        TextSlots slots;
        FastNotes again;
        FastRun other{scratch_, reads_.context().document_date, &again};
        const std::vector<FastText> given{{text, 0}};
        const Fast whole = fused_.run(given, other, slots);
        if (answer == Fast::done) {
            ASSERT_TRUE(expected) << name_ << ": '" << national << "' became '" << out << "'";
            ASSERT_EQ(out, expected->values.at(0).text) << name_ << ": '" << national << "'";
            ASSERT_EQ(notes.size(), notes_expected.size()) << name_ << ": '" << national << "'";
            for (std::size_t i = 0; i < notes.size(); ++i) {
                ASSERT_EQ(notes[i].reason, notes_expected[i].reason) << name_;
                ASSERT_EQ(notes[i].kind, notes_expected[i].kind) << name_;
            }
            ASSERT_EQ(whole, Fast::done) << name_ << ": '" << national << "'";
            ASSERT_EQ(slots.size(), 1U);
            ASSERT_EQ(slots[0].text, out);
            ASSERT_EQ(again.size(), notes.size());
            // Without a place for notes the same, or nothing.
            FastRun silent{scratch_, reads_.context().document_date, nullptr};
            ASSERT_EQ(fused_.run(text, silent, out), notes.empty() ? Fast::done : Fast::declined) << name_;
        } else if (whole == Fast::done) {
            ASSERT_TRUE(slots.empty()) << name_ << ": '" << national << "' is declined alone and written in slots";
        }
    }

    /// Is it done without asking for memory? Nothing: it is declined.
    std::optional<bool> without_memory(const std::string& national) {
        scratch_.reset();
        FastRun run{scratch_, {}, nullptr};
        std::string_view out;
        TextSlots slots;
        const FastText given{national, 0};
        const std::size_t before = peers::allocations();
        const bool done = fused_.run(national, run, out) == Fast::done &&
                          fused_.run(std::span<const FastText>(&given, 1), run, slots) == Fast::done;
        return done ? std::optional<bool>(peers::allocations() == before) : std::nullopt;
    }

    const Conversion& source() const { return reads_.conversion(); }
    Peer& reads() { return reads_; }
    Peer& writes() { return writes_; }
    Peer::Counts counts;

private:
    std::string name_;
    Peer reads_, writes_;
    std::map<std::string, std::string, std::less<>> settings_;
    FusedConversion fused_;
    Scratch scratch_{256};
};

std::vector<Pair> pairs() {
    const std::vector<std::string> texts{"", "to35", "1to6", "three", "letters", "token3to17", "line"};
    const std::vector<std::string> numbers{"", "decimal", "digits10.2", "digits5", "whole", "nonnegative", "to35"};
    const std::string moment = "time yyyyMMddHHmmss";
    return {
        {"text", "text", texts},
        {"text", "alias 20", texts},
        {"prefix \"CN\"", "text", texts},
        {"text", "prefix \"CN\"", texts},
        {"money", "money 2", numbers},
        {"money 2 noise", "decimal", numbers},
        {"integer", "integer", numbers},
        {"measure", "integer", numbers},
        {"money", "fixed 2", numbers},
        {"fixed 3", "fixed 1", numbers},
        {"fixed 2", "text", numbers},
        {"scale -2", "scale 1", numbers},
        {"decimal", "text", numbers},
        {"text", "decimal", numbers},
        {moment, moment, {"", "to35"}},
        {moment, moment, {"", "to35"}, "+08:00", "-03:30"},
        {moment, "time yyyyMMddHHmmssX", {"", "to35"}},
        {"time yyyyMMddHHmmssSSS", moment, {"to35"}},
        {moment, "date yyyyMMdd", {"to35"}},
        {moment, "datetime", {"", "moment"}},
        {"datetime", moment, {"to35"}},
        {"date", "date yyyyMMdd", {"", "date"}},
        {"date yyyyMMdd", "date", {"", "date"}},
        {"date yyyyMMdd", "date ddMMyy", {"to35", "1to6"}},
        {"date $format", "date yyyy-MM-dd", {"date"}},
        {"code closed", "code same", texts},
        {"code unit", "code unit", texts},
        {"code unit", "rec20", texts},
        {"code same", "text", texts},
        {"code dated", "code closed", texts},
        {"code closed", "code dated", texts},
        {"iso3166 numeric", "iso3166", texts},
        {"iso3166", "code same", texts},
        {"iso4217 numeric", "iso4217", texts},
        {"rec20", "code unit", texts},
        {"boolean Y N", "indicator", {"", "boolean"}},
        {"text", "boolean Y N", {"", "some"}},
    };
}

TEST(FusedConversion, AgreesWithReadingAndWritingOrDeclines) {
    constexpr std::uint64_t seed = 4'711;
    std::mt19937_64 random(seed);
    std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
    static const std::vector<std::string> days{"", "2020-06-30", "2020-12-31", "2021-01-01", "2022-07-01"};
    for (const Pair& pair : pairs()) {
        Peer::Counts counts;
        for (const std::string& type : pair.types) {
            FusedPair fused(pair, type);
            const auto set_day = [&] {
                fused.reads().context().document_date = days[random() % days.size()];
                fused.writes().context().document_date = fused.reads().context().document_date;
            };
            for (std::size_t i = 0; i < 150; ++i) {
                set_day();
                const auto national = fused.source().draw(random(), fused.reads().context());
                if (!national) continue;
                fused.compare(national->front().text, true);
                for (int turn = 0; turn < 3; ++turn) fused.compare(mutated(national->front().text, random), false);
            }
            for (const std::string& text : hostile()) {
                set_day();
                fused.compare(text, false);
            }
            if (HasFatalFailure()) return;
            counts.compared += fused.counts.compared;
            counts.taken += fused.counts.taken;
            counts.declined += fused.counts.declined;
        }
        const double share =
            counts.taken == 0 ? 0.0 : static_cast<double>(counts.declined) / static_cast<double>(counts.taken);
        std::printf("%-44s %6zu compared, %5zu in the domain, %5.2f%% declined\n",
                    (pair.reads + " | " + pair.writes).c_str(), counts.compared, counts.taken, share * 100);
        EXPECT_LE(share, pair.declined_max) << pair.reads << " | " << pair.writes;
    }
}

TEST(FusedConversion, AsksForNoMemory) {
    std::mt19937_64 random(23);
    std::size_t done = 0;
    for (const Pair& pair : pairs()) {
        for (const std::string type : {"", "to35", "line", "some", "digits10.2", "whole", "boolean", "date"}) {
            if (!type.empty() && std::find(pair.types.begin(), pair.types.end(), type) == pair.types.end()) continue;
            FusedPair fused(pair, type);
            for (int i = 0; i < 20; ++i) {
                const auto national = fused.source().draw(random(), fused.reads().context());
                // The first run may still make the scratch's blocks.
                if (!national || !fused.without_memory(national->front().text)) continue;
                EXPECT_TRUE(*fused.without_memory(national->front().text))
                    << pair.reads << " | " << pair.writes << " > " << type << ": " << national->front().text;
                ++done;
            }
        }
    }
    EXPECT_GT(done, 1'000U);
}

TEST(FusedConversion, IsNothingWhereOneSideHasNoTwin) {
    Diagnostics faults;
    const Conversion text = parse_conversions("text", {1, 1, {}, {}}, faults)->front();
    const Conversion missing = parse_conversions("code nowhere", {1, 1, {}, {}}, faults)->front();
    const FastContext context;
    EXPECT_FALSE(FusedConversion::of({text, context}, {missing, context}));
    EXPECT_FALSE(FusedConversion::of({missing, context}, {text, context}));
    Scratch scratch;
    FastRun run{scratch};
    std::string_view out;
    EXPECT_EQ(FusedConversion().run("x", run, out), Fast::declined);
}

TEST(FusedConversion, PassesATextOnWithoutACopy) {
    Diagnostics faults;
    const Conversion text = parse_conversions("text", {1, 1, {}, {}}, faults)->front();
    const Conversion money = parse_conversions("money 2", {1, 1, {}, {}}, faults)->front();
    const FastContext context;
    Scratch scratch;
    FastRun run{scratch};
    std::string_view out;
    const std::string name = "a name";
    ASSERT_EQ(FusedConversion::of({text, context}, {text, context}).run(name, run, out), Fast::done);
    EXPECT_EQ(out.data(), name.data());
    const std::string amount = "0012.50";
    ASSERT_EQ(FusedConversion::of({money, context}, {money, context}).run(amount, run, out), Fast::done);
    EXPECT_EQ(out, "12.5");
    EXPECT_EQ(out.data(), amount.data() + 2);
    EXPECT_EQ(scratch.bytes_held(), 0U);
}

}  // namespace
}  // namespace hansa::mapping
