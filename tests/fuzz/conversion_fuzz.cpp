// Fuzz target: compiled conversions against their references, on any texts.
//
// The first bytes choose the conversion, the type that is written to and the document's day; the rest are
// texts, ended by a byte 0xFE and the slot behind it. What must hold: a twin that is done says what the reference
// says; the comparison is that of the unit tests, which stops the program at the first difference.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/unit/mapping/conversion_peers.h"

namespace {

using namespace hansa::mapping;

struct Shape {
    std::string text;
    std::size_t national = 1, pivot = 1;
    std::vector<bool> optional = {};
};

const std::vector<Shape>& shapes() {
    static const std::vector<Shape> all{
        {"text"},
        {"alias 10"},
        {"prefix \"CN\""},
        {"integer"},
        {"decimal"},
        {"money 2"},
        {"money 2 noise"},
        {"fixed 3"},
        {"scale -2"},
        {"implied \"KGM\"", 1, 2},
        {"time yyyyMMddHHmmss"},
        {"time yyyyMMddHHmmssSSS"},
        {"time yyyyMMddHHmmssX"},
        {"time \"yyyy-MM-ddTHH:mm:ssXXX\""},
        {"time \"d.M.yyyy H:mm\""},
        {"date yyMMdd 1950"},
        {"date ddMMyy iso"},
        {"date"},
        {"datetime"},
        {"time 102 yyyyMMdd, 304 yyyyMMddHHmmssX", 2, 1},
        {"boolean Y N"},
        {"code unit"},
        {"code same"},
        {"code status", 1, 2},
        {"code open2", 1, 2},
        {"code dated"},
        {"iso3166 alpha3"},
        {"iso4217 numeric"},
        {"rec20"},
        {"lines \", \""},
        {"parts 5"},
        {"parts-of 4", 3, 1},
        {"join \"-\"", 3, 1, {true, false, false}},
        {"join \"/\" (text, date ddMMyy iso, text)", 3, 1},
        {"digits 6+4+*", 1, 3},
        {"digits 6+*", 2, 1},
        {"name-address", 1, 2},
        {"check-digit /[A-IL-RUVX-Z][A-Z][0-9]{9}[A-Z]{2}/ \"0 0 8 6 4 2 3 5 9 7 = 0 0\" \"50987654321\""},
    };
    return all;
}

peers::Peer& peer_of(std::size_t shape, std::size_t type) {
    static std::map<std::pair<std::size_t, std::size_t>, std::unique_ptr<peers::Peer>> made;
    std::unique_ptr<peers::Peer>& peer = made[{shape, type}];
    if (peer) return *peer;
    const Shape& one = shapes()[shape];
    const auto& names = peers::types().names;
    const FastTarget target = peers::target(type < names.size() ? names[type] : "");
    peer =
        std::make_unique<peers::Peer>(one.text, one.national, one.pivot, std::vector<FastTarget>(one.national, target),
                                      "+08:00", peers::lists(), one.optional);
    return *peer;
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* count, char*** arguments) {
    testing::InitGoogleTest(count, *arguments);
    testing::FLAGS_gtest_break_on_failure = true;
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 3) return 0;
    static const std::vector<std::string> days{"", "2020-12-31", "2021-01-01", "2022-07-01"};
    static const std::vector<std::string> of{"", "cn.unit", "cn.status", "cn.open2", "cn.dated", "eu.unit"};
    const std::size_t shape = data[0] % shapes().size();
    peers::Peer& peer = peer_of(shape, data[1] % (peers::types().names.size() + 1));
    peer.context().document_date = days[data[2] % days.size()];
    std::vector<NationalValue> national;
    std::vector<PivotValue> values;
    std::string text;
    for (std::size_t i = 3; i < size && national.size() < 8; ++i) {
        constexpr std::uint8_t end = 0xFE;
        if (data[i] != end && i + 1 < size) {
            text += static_cast<char>(data[i]);
            continue;
        }
        const std::size_t choice = i + 1 < size ? data[++i] : 0;
        national.push_back({text, choice % shapes()[shape].national});
        values.push_back({text, of[choice / 8 % of.size()], choice % 3});
        text.clear();
    }
    if (national.empty()) return 0;
    peer.there_and_back(national);
    // The reference is given only what an engine gives: values of slots in their order, at most of the row.
    std::stable_sort(values.begin(), values.end(), [](const auto& a, const auto& b) { return a.slot < b.slot; });
    std::erase_if(values, [&](const PivotValue& value) { return value.slot >= shapes()[shape].pivot; });
    if (!values.empty()) peer.from_pivot(values);
    return 0;
}
