#include "tests/bench/translate/output.h"

#include <algorithm>
#include <array>

namespace hansa::bench::by_hand {
namespace {

constexpr std::array<bool, 256> made_escaped() {
    std::array<bool, 256> table{};
    for (const char sign : {'&', '<', '>', '\r'}) table[static_cast<unsigned char>(sign)] = true;
    return table;
}
constexpr std::array<bool, 256> escaped = made_escaped();

/// A decimal's parts, views into it.
struct Parts {
    bool negative = false;
    std::string_view whole;     ///< without zeros in front; empty for 0
    std::string_view fraction;  ///< without zeros at the end
};

Parts parts_of(std::string_view number) {
    Parts parts;
    if (!number.empty() && (number.front() == '-' || number.front() == '+')) {
        parts.negative = number.front() == '-';
        number.remove_prefix(1);
    }
    const std::size_t point = std::min(number.find('.'), number.size());
    parts.whole = number.substr(0, point);
    parts.fraction = number.substr(std::min(point + 1, number.size()));
    while (!parts.whole.empty() && parts.whole.front() == '0') parts.whole.remove_prefix(1);
    while (!parts.fraction.empty() && parts.fraction.back() == '0') parts.fraction.remove_suffix(1);
    return parts;
}

void append_parts(std::string& out, const Parts& parts) {
    if (parts.whole.empty() && parts.fraction.empty()) {
        out += '0';
        return;
    }
    if (parts.negative) out += '-';
    if (parts.whole.empty()) {
        out += '0';
    } else {
        out += parts.whole;
    }
    if (!parts.fraction.empty()) {
        out += '.';
        out += parts.fraction;
    }
}

}  // namespace

void append_text(std::string& out, std::string_view text) {
    std::size_t from = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (!escaped[static_cast<unsigned char>(text[at])]) continue;
        out.append(text, from, at - from);
        from = at + 1;
        switch (text[at]) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            default:
                out += "&#xD;";
        }
    }
    out.append(text, from);
}

std::size_t characters(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char one) { return (static_cast<unsigned char>(one) & 0xC0) != 0x80; }));
}

void append_decimal(std::string& out, std::string_view number) {
    append_parts(out, parts_of(number));
}

bool append_rounded(std::string& out, std::string_view number, std::size_t fraction, std::size_t total) {
    Parts parts = parts_of(number);
    if (parts.whole.size() > total) return false;
    std::size_t keep = std::min(fraction, total - parts.whole.size());
    if (parts.fraction.size() <= keep) {
        append_parts(out, parts);
        return true;
    }
    // The digits that stay, and one in front for the carry.
    std::string digits = "0";
    digits += parts.whole;
    digits += parts.fraction.substr(0, keep);
    if (parts.fraction[keep] >= '5') {
        std::size_t at = digits.size() - 1;
        while (digits[at] == '9') digits[at--] = '0';
        ++digits[at];
    }
    const std::string_view rounded = digits;
    const Parts left = parts_of(rounded.substr(0, digits.size() - keep));
    parts.whole = left.whole;
    parts.fraction = rounded.substr(digits.size() - keep);
    while (!parts.fraction.empty() && parts.fraction.back() == '0') parts.fraction.remove_suffix(1);
    if (parts.whole.size() > total || (parts.whole.empty() && parts.fraction.empty())) return false;
    append_parts(out, parts);
    return true;
}

}  // namespace hansa::bench::by_hand
