// Compiled twins against their references: the same values, slots, lists and notes, or declined.
#include "core/mapping/fast_conversion.h"

#include <gtest/gtest.h>

#include <cstdio>

#include "tests/unit/mapping/conversion_peers.h"

namespace hansa::mapping {
namespace {

using namespace peers;

struct Case {
    std::string text;
    std::size_t national = 1, pivot = 1;
    std::vector<std::string> types = {};  ///< written to, each in a peer of its own
    double declined_max = 0.0;            ///< share of what the reference takes
    std::vector<bool> optional = {};
    std::string zone = "+08:00";
    std::size_t taken_min = 50;  ///< values of the domain that must have come up
};

std::vector<Case> cases() {
    const std::vector<std::string> texts{"free", "to35", "1to6", "token3to17", "three", "letters", "some", "line", "token-line"};
    const std::vector<std::string> numbers{"decimal", "digits10.2", "digits5", "whole", "nonnegative", "int", "to35"};
    return {
        {"text", 1, 1, texts},
        {"constant", 1, 1, texts},
        {"alias 10", 1, 1, texts},
        {"alias", 1, 1, texts},
        {"prefix \"CN\"", 1, 1, texts},
        {"integer", 1, 1, numbers},
        {"decimal", 1, 1, numbers},
        {"money", 1, 1, numbers},
        {"money 2", 1, 1, numbers},
        {"money 2 noise", 1, 1, numbers},
        {"money 7 noise", 1, 1, numbers},
        {"money 0 noise", 1, 1, numbers},
        {"measure zero-empty", 1, 1, numbers},
        {"fixed 2", 1, 1, numbers},
        {"fixed 1 zero-empty", 1, 1, numbers},
        {"scale -2", 1, 1, numbers},
        {"scale 3", 1, 1, numbers},
        {"implied \"KGM\"", 1, 2, numbers},
        {"time yyyyMMddHHmmss", 1, 1, {"to35"}},
        {"time yyyyMMddHHmmss", 1, 1, {"to35"}, 0.0, {}, "-03:30"},
        {"time yyyyMMddHHmmss", 1, 1, {"to35"}, 0.0, {}, "", 0},
        {"time yyyyMMddHHmmssSSS", 1, 1, {"to35"}},
        {"time yyyyMMddHHmmssX", 1, 1, {"to35"}},
        {"time \"yyyy-MM-ddTHH:mm:ssXXX\"", 1, 1, {"moment", "to35"}},
        {"time \"yyyy-MM-dd HH:mm:ss.SSS\"", 1, 1, {"to35"}},
        {"time \"dd.MM.yyyy 'um' HH:mm\"", 1, 1, {"to35"}},
        {"time \"d.M.yyyy\"", 1, 1, {"to35"}},
        {"time yyyyMd", 1, 1, {"to35"}},
        {"time XXyyyyMMddHHmmss", 1, 1, {"to35"}, 0.0, {}, "+08:00", 0},
        {"date yyyyMMdd", 1, 1, {"to35", "1to6", "line"}},
        {"date yyyy-MM-dd", 1, 1, {"date", "to35"}},
        {"date ddMMyy", 1, 1, {"to35"}},
        {"date yyMMdd 1950", 1, 1, {"1to6"}},
        {"date $format", 1, 1, {"to35"}},
        {"date", 1, 1, {"date"}},
        {"date", 1, 1, {"date", "1to6"}, 0.0, {}, ""},
        {"date ddMMyy iso", 1, 1, {"date"}},
        {"datetime", 1, 1, {"moment", "1to6"}},
        {"time 102 yyyyMMdd, 304 yyyyMMddHHmmssX", 2, 1, {"to35"}},
        {"time 304 yyyyMMddHHmmssX, 102 yyyyMMdd, 205 yyyyMMddHHmmX", 2, 1, {"to35"}},
        {"time 304 yyyyMMddHHmmssX", 2, 1, {"to35"}},
        {"boolean Y N", 1, 1, {"some", "to35"}},
        {"indicator", 1, 1, {"boolean", "some"}},
        {"code unit", 1, 1, texts},
        {"code same", 1, 1, texts},
        {"code closed", 1, 1, texts},
        {"code $office", 1, 1, texts},
        {"code cn:closed", 1, 1, texts},
        {"code status", 1, 2, {"to35", "three"}},
        {"code status", 1, 1, {"to35", "three"}},
        {"code open2", 1, 2, {"to35"}},
        {"code dated", 1, 1, {"to35"}},
        {"iso3166", 1, 1, texts},
        {"iso3166 alpha3", 1, 1, texts},
        {"iso3166 numeric", 1, 1, texts},
        {"iso4217", 1, 1, texts},
        {"iso4217 numeric", 1, 1, texts},
        {"rec20", 1, 1, texts},
        {"lines \", \"", 1, 1, {"to35", "1to6"}},
        {"parts 5", 1, 1, {"to35", "1to6"}},
        {"parts-of 4", 3, 1, {"to35", "1to6", "three"}},
        {"join \"-\"", 3, 1, {"to35"}, 0.0, {true, false, false}},
        {"join \"-\"", 2, 1, {"to35"}},
        {"join \"/\" (text, date ddMMyy iso, text)", 3, 1, {"to35"}},
        {"join \"/\" (money 2, code closed)", 2, 1, {"to35"}},
        {"digits 8+2", 1, 2, {"to35"}},
        {"digits 6+4+*", 1, 3, {"to35", "1to6"}},
        {"digits 6+*", 2, 1, {"to35"}},
        {"name-address", 1, 2, {"to35", "line"}},
        {"check-digit /[A-IL-RUVX-Z][A-Z][0-9]{9}[A-Z]{2}/ \"0 0 8 6 4 2 3 5 9 7 = 0 0\" \"50987654321\"", 1, 1, texts},
        {"check-digit /[A-Z]{4}[0-9]{7}/ \"1 2 4 8 16 32 64 128 256 512 =\" \"01234567890\" \"0123456789A?BCDEFGHIJK?LMNOPQRSTU?VWXYZ\"", 1, 1, texts},
    };
}

std::vector<PivotValue> as_values(const std::string& text, std::size_t places, std::mt19937_64& random) {
    std::vector<PivotValue> out;
    for (std::size_t slot = 0; slot < places; ++slot) {
        if (slot > 0 && random() % 4 == 0) continue;
        static const std::vector<std::string> of{"",          "",         "",        "",     "cn.unit",
                                                 "cn.status", "cn.open2", "eu.unit", "cnx.y"};
        out.push_back({slot == 0 ? text : hostile()[random() % hostile().size()], of[random() % of.size()], slot});
        while (places > 1 && slot + 1 == places && random() % 3 == 0)
            out.push_back({hostile()[random() % hostile().size()], "", slot});
    }
    return out;
}

/// Values that the conversion itself draws, what becomes of them by chance, and texts that are none.
void run(const Case& one, Peer& peer, std::mt19937_64& random) {
    constexpr std::size_t drawn = 90;
    const auto target = peer.bounds();
    static const std::vector<std::string> days{"", "", "2020-06-30", "2020-12-31", "2021-01-01", "2022-07-01"};
    for (std::size_t i = 0; i < drawn; ++i) {
        peer.context().document_date = days[random() % days.size()];
        peer.in_domain = true;
        const auto national =
            peer.conversion().draw(random(), peer.context(), i % 2 == 0 ? target : std::vector<Target>{});
        if (national) peer.there_and_back(*national);
        peer.in_domain = false;
        if (!national) continue;
        const auto values = peer.conversion().to_pivot(*national, peer.context());
        for (std::size_t turn = 0; turn < 3; ++turn) {
            auto worse = *national;
            auto& text = worse[random() % worse.size()].text;
            text = mutated(text, random);
            peer.there_and_back(worse);
            if (!values || values->values.empty()) continue;
            auto other = values->values;
            auto& value = other[random() % other.size()].text;
            value = mutated(value, random);
            peer.from_pivot(other);
        }
    }
    for (const std::string& text : hostile()) {
        peer.context().document_date = days[random() % days.size()];
        std::vector<NationalValue> national{{text, 0}};
        for (std::size_t slot = 1; slot < one.national; ++slot) {
            if (random() % 4 != 0) national.push_back({hostile()[random() % hostile().size()], slot});
        }
        peer.there_and_back(national);
        peer.from_pivot({{text, "", 0}});
        peer.from_pivot(as_values(text, one.pivot, random));
    }
}

TEST(FastConversion, AgreesWithTheReferenceOrDeclines) {
    constexpr std::uint64_t seed = 20'261'125;
    std::mt19937_64 random(seed);
    std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
    std::size_t compared = 0;
    for (const Case& one : cases()) {
        Peer::Counts counts;
        std::vector<std::string> types{""};
        types.insert(types.end(), one.types.begin(), one.types.end());
        for (const std::string& type : types) {
            Peer peer(one.text, one.national, one.pivot, std::vector<FastTarget>(one.national, target(type)), one.zone,
                      peers::lists(), one.optional);
            run(one, peer, random);
            if (HasFatalFailure()) return;
            counts.compared += peer.counts.compared;
            counts.taken += peer.counts.taken;
            counts.declined += peer.counts.declined;
        }
        const double share =
            counts.taken == 0 ? 0.0 : static_cast<double>(counts.declined) / static_cast<double>(counts.taken);
        std::printf("%-44s %6zu compared, %5zu in the domain, %5.2f%% declined\n", one.text.c_str(), counts.compared,
                    counts.taken, share * 100);
        EXPECT_GE(counts.taken, one.taken_min) << one.text;
        EXPECT_LE(share, one.declined_max) << one.text;
        compared += counts.compared;
    }
    EXPECT_GE(compared, 100'000U);
}

/// Every code of a list with each of its values, and what only looks like one.
void every_code(const std::string& name, const CodeList& list, const CodeLists& lists, std::mt19937_64& random) {
    for (const std::string type : {"", "to35", "three"}) {
        const std::size_t columns = std::max<std::size_t>(list.standard_columns().size(), 1);
        Peer peer("code " + name, 1, columns, {target(type)}, "+08:00", lists);
        for (const std::string& date : {std::string(), std::string("2020-06-30"), std::string("2024-01-01")}) {
            peer.context().document_date = date;
            for (const std::string& code : list.nationals()) {
                peer.in_domain = true;
                peer.there_and_back({{code, 0}});
                peer.in_domain = false;
                peer.there_and_back({{mutated(code, random), 0}});
                const auto values = list.to_standard(code, date);
                if (!values || values->empty()) continue;
                std::vector<PivotValue> other{values->front()};
                peer.from_pivot(other);
                other[0].list = list.id();
                peer.from_pivot(other);
                other[0] = values->back();
                peer.from_pivot(other);
                other = *values;
                other.back().text = mutated(other.back().text, random);
                peer.from_pivot(other);
            }
        }
        EXPECT_EQ(peer.counts.declined, 0U) << name;
        if (testing::Test::HasFatalFailure()) return;
    }
}

TEST(FastConversion, KnowsEveryCodeOfEveryPlugin) {
    std::mt19937_64 random(4);
    EXPECT_GT(plugin_lists().size(), 40U);
    for (const auto& [name, list] : plugin_lists()) {
        if (list.standard_columns().empty()) continue;
        every_code(name, list, plugin_lists(), random);
        if (HasFatalFailure()) return;
    }
    for (const auto& [name, list] : peers::lists()) {
        if (list.standard_columns().empty()) continue;
        every_code(name, list, peers::lists(), random);
        if (HasFatalFailure()) return;
    }
}

TEST(FastConversion, DeclinesWhatMayBeAMadeReference) {
    Diagnostics faults;
    const Conversion alias = parse_conversions("alias 35", {1, 1, {}, {}}, faults)->front();
    Scratch scratch;
    FastRun run{scratch};
    FastPivot out;
    const FastConversion wary = FastConversion::of(alias, {.authority = "cn"});
    EXPECT_EQ(wary.read("A0123456789AB", run, out), Fast::declined);
    EXPECT_EQ(wary.read("A0123456789AO", run, out), Fast::done);
    EXPECT_EQ(wary.read("B0123456789AB", run, out), Fast::done);
    const FastConversion sure = FastConversion::of(alias, {.authority = "cn", .aliases = false});
    EXPECT_EQ(sure.read("A0123456789AB", run, out), Fast::done);
    // What the reference makes has the shape that is declined.
    ConversionContext context;
    const auto made = alias.from_pivot(std::vector<PivotValue>{{std::string(40, 'x'), "", 0}}, context, {});
    ASSERT_TRUE(made);
    EXPECT_EQ(wary.read(made->values[0].text, run, out), Fast::declined);
}

TEST(FastConversion, HasNoTwinForPointersAndMissingLists) {
    Diagnostics faults;
    const CodeLists none;
    for (const std::string text : {"code nowhere", "date $nothing", "code $nothing"}) {
        const Conversion one = parse_conversions(text, {1, 1, {}, {}}, faults)->front();
        EXPECT_FALSE(FastConversion::of(one, {.lists = &none})) << text;
    }
    const Conversion pointer = parse_conversions("pointer", {3, 1, {}, {}}, faults)->front();
    EXPECT_FALSE(FastConversion::of(pointer, {}));
    Scratch scratch;
    FastRun run{scratch};
    FastPivot value;
    EXPECT_EQ(FastConversion().read("1", run, value), Fast::declined);
}

TEST(FastConversion, DeclinesMoreValuesThanASlotListHolds) {
    Peer peer("lines \",\"", 1, 1);
    std::string text = "a";
    for (int i = 0; i < 31; ++i) text += ",a";
    peer.to_pivot({{text, 0}});
    EXPECT_EQ(peer.counts.declined, 0U);
    peer.to_pivot({{text + ",a", 0}});
    EXPECT_EQ(peer.counts.declined, 1U);
}

TEST(Scratch, KeepsItsBlocksAndItsTexts) {
    Scratch scratch(64);
    std::vector<std::pair<std::string_view, std::string>> made;
    for (std::size_t i = 0; i < 200; ++i) {
        const std::string text(i, static_cast<char>('a' + i % 26));
        char* at = scratch.room(i);
        made.emplace_back(scratch.keep(std::copy(text.begin(), text.end(), at)), text);
    }
    for (const auto& [kept, text] : made) EXPECT_EQ(kept, text);
    const std::size_t held = scratch.bytes_held();
    scratch.reset();
    for (std::size_t i = 0; i < 200; ++i) scratch.keep(scratch.room(i) + i);
    EXPECT_EQ(scratch.bytes_held(), held);
}

}  // namespace
}  // namespace hansa::mapping
