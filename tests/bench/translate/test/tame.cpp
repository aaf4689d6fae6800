#include "tests/bench/translate/test/tame.h"

#include <array>
#include <map>
#include <string>

#include "core/schema/generator.h"

namespace hansa::test {
namespace {

using schema::Element;
using schema::Random;

template <std::size_t N>
std::string one_of(Random& random, const std::array<std::string_view, N>& all) {
    return std::string(all[random.below(N)]);
}

std::string digits(Random& random, std::uint64_t count) {
    std::string out;
    while (out.size() < count) out += static_cast<char>('0' + random.below(10));
    return out;
}

/// 1 to 10^n - 1, without zeros in front; 0 now and then.
std::string whole(Random& random, std::uint64_t digits_max) {
    if (random.chance(8)) return "0";
    return static_cast<char>('1' + random.below(9)) + digits(random, random.below(digits_max));
}

std::string ordinary(Random& random, std::uint64_t whole_max, std::uint64_t fraction_max) {
    std::string out = whole(random, whole_max);
    if (random.chance(50)) out += "." + digits(random, 1 + random.below(fraction_max));
    return out;
}

/// Signs, superfluous zeros, nines that carry.
std::string odd_number(Random& random, std::uint64_t whole_max, std::uint64_t fraction_max) {
    std::string out = random.chance(12) ? "+" : random.chance(12) ? "-" : "";
    out += std::string(random.below(3), '0');
    const std::uint64_t wanted = random.below(whole_max + 1);
    out += random.chance(20) ? std::string(wanted, '9') : digits(random, wanted);
    if (out.find_first_of("0123456789") == std::string::npos) out += '0';
    if (random.chance(60)) {
        const std::uint64_t fraction = 1 + random.below(fraction_max);
        out +=
            "." + (random.chance(25) ? std::string(fraction, random.chance(50) ? '9' : '0') : digits(random, fraction));
    }
    return out;
}

/// A text of up to so many characters, often of exactly as many. No line breaks, no blank first.
std::string text(Random& random, std::size_t characters_max) {
    static constexpr std::array<std::string_view, 18> signs{"a",      "B",      "7", "\u4e2d", "\u56fd", "\u0416",
                                                            "\u0451", "\u00e9", "&", "<",      ">",      "\"",
                                                            "'",      " ",      "-", ",",      "\u0561", "z"};
    const std::size_t wanted = random.chance(30) ? characters_max : 1 + random.below(characters_max);
    std::string out = "x";
    for (std::size_t i = 1; i < wanted; ++i) out += signs[random.below(signs.size())];
    return out;
}

/// Leaves of a document, each with its name; groups are counted by name.
template <typename Leaf>
void each_leaf(Element& element, std::map<std::string, int>& groups, const Leaf& leaf) {
    if (element.children.empty()) {
        leaf(element);
    } else {
        ++groups[element.name.local];
    }
    for (Element& child : element.children) each_leaf(child, groups, leaf);
}

void tame_list(Element& document, Random& random) {
    static const std::map<std::string, std::size_t, std::less<>> texts{
        {"orderNo", 60},        {"ebcName", 100},       {"logisticsNo", 60},
        {"logisticsName", 100}, {"copNo", 20},          {"invtNo", 18},
        {"buyerName", 60},      {"buyerTelephone", 30}, {"consigneeAddress", 200},
        {"agentName", 100},     {"trafNo", 100},        {"billNo", 37},
        {"licenseNo", 19},      {"itemNo", 20},         {"gname", 250},
        {"barCode", 50},        {"note", 1000}};
    static constexpr std::array<std::string_view, 8> may_be_empty{"copNo",     "invtNo", "trafNo",  "billNo",
                                                                  "licenseNo", "itemNo", "barCode", "note"};
    std::map<std::string, int> groups;
    each_leaf(document, groups, [&](Element& leaf) {
        const std::string& name = leaf.name.local;
        if (name == "appType") leaf.text = "1";
        if (name == "gnum") leaf.text = std::to_string(groups["InventoryList"]);
        if (name == "packNo") leaf.text = random.chance(10) ? "+0" + whole(random, 6) : whole(random, 8);
        if (name == "netWeight") leaf.text = random.chance(50) ? "0.5" : "1";
        if (name == "grossWeight") leaf.text = "9" + ordinary(random, 9, 5);
        if (name == "qty" || name == "qty2" || name == "price") leaf.text = ordinary(random, 9, 5);
        if (name == "freight" || name == "insuredFee" || name == "totalPrice" || name == "qty1")
            leaf.text = random.chance(25) ? odd_number(random, 13, 5) : ordinary(random, 9, 5);
        if (name == "barCode" && random.chance(10)) leaf.text = "\u65e0";
        if (!random.chance(25)) return;
        if (const auto found = texts.find(name); found != texts.end()) leaf.text = text(random, found->second);
        for (const std::string_view one : may_be_empty) {
            if (name == one && random.chance(20)) leaf.text.clear();
        }
    });
}

}  // namespace

bool tame(std::string_view format, schema::Element& document, std::uint64_t seed) {
    Random random(seed ^ 0xD1B54A32D192ED03ULL);
    if (format == "cn.ceb621") return tame_list(document, random), true;
    return false;
}

}  // namespace hansa::test
