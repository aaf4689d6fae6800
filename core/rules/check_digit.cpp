#include "core/rules/check_digit.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/base/time.h"
#include "core/mapping/check_digit.h"

namespace hansa::rules {
namespace {

bool is_digit(char sign) {
    return sign >= '0' && sign <= '9';
}

bool is_letter(char sign) {
    return sign >= 'A' && sign <= 'Z';
}

bool all_digits(std::string_view text) {
    return std::ranges::all_of(text, is_digit);
}

bool all_letters(std::string_view text) {
    return std::ranges::all_of(text, is_letter);
}

int value_of(char digit) {
    return digit - '0';
}

/// ISO 7064, MOD 11-2: each sign doubles what stands before it; the last may be X, which counts ten.
bool iso7064_11_2(std::string_view text) {
    if (text.size() < 2 || !all_digits(text.substr(0, text.size() - 1))) return false;
    if (!is_digit(text.back()) && text.back() != 'X') return false;
    constexpr std::size_t doubled_at_once = 32;  // before a word is full
    std::uint64_t rest = 0;
    for (std::size_t i = 0; i + 1 < text.size(); ++i) {
        rest = (rest + static_cast<std::uint64_t>(value_of(text[i]))) * 2;
        if (i % doubled_at_once == 0) rest %= 11;
    }
    const auto last = static_cast<std::uint64_t>(text.back() == 'X' ? 10 : value_of(text.back()));
    return (rest + last) % 11 == 1;
}

bool citizen_18(std::string_view text) {
    if (text.size() != 18 || !iso7064_11_2(text)) return false;
    const auto two = [&](std::size_t at) { return value_of(text[at]) * 10 + value_of(text[at + 1]); };
    const int month = two(10), day = two(12);
    // Most days are in every month of every year; the calendar is asked for the others.
    if (text[6] != '0' && month >= 1 && month <= 12 && day >= 1 && day <= 28) return true;
    return parse_time(text.substr(6, 8), "yyyyMMdd").has_value();
}

/// The digits of a number weighted from the one before the check digit to its first: weights[0], weights[1], ... again and again.
mapping::CheckDigit from_the_right(std::size_t length, std::span<const std::uint32_t> weights, std::string by_remainder) {
    mapping::CheckDigit out{.weights = std::vector<std::uint32_t>(length, 0), .place = length - 1, .by_remainder = std::move(by_remainder)};
    for (std::size_t i = 0; i + 1 < length; ++i) out.weights[length - 2 - i] = weights[i % weights.size()];
    return out;
}

bool s10(std::string_view text) {
    static const mapping::CheckDigit table{.weights = {0, 0, 8, 6, 4, 2, 3, 5, 9, 7, 0, 0, 0}, .place = 10, .by_remainder = "50987654321"};
    constexpr std::string_view reserved = "JKSTW";
    const bool shaped = text.size() == 13 && all_letters(text.substr(0, 2)) && all_digits(text.substr(2, 9)) && all_letters(text.substr(11));
    return shaped && reserved.find(text[0]) == reserved.npos && table.holds(text);
}

bool iso6346(std::string_view text) {
    // Letters count from 10 on, leaving out the multiples of 11.
    static const mapping::CheckDigit table{.weights = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 0},
                                           .place = 10,
                                           .by_remainder = "01234567890",
                                           .values = "0123456789A-BCDEFGHIJK-LMNOPQRSTU-VWXYZ"};
    return text.size() == 11 && all_letters(text.substr(0, 4)) && all_digits(text.substr(4)) && table.holds(text);
}

bool gs1(std::string_view text) {
    static constexpr std::array<std::size_t, 4> lengths{8, 12, 13, 14};
    static const auto tables = [] {
        constexpr std::array<std::uint32_t, 2> weights{3, 1};
        std::array<mapping::CheckDigit, lengths.size()> all;
        std::ranges::transform(lengths, all.begin(), [&](std::size_t length) { return from_the_right(length, weights, "0987654321"); });
        return all;
    }();
    const auto length = std::ranges::find(lengths, text.size());
    return length != lengths.end() && all_digits(text) && tables[static_cast<std::size_t>(length - lengths.begin())].holds(text);
}

bool access_key_44(std::string_view text) {
    constexpr std::array<std::uint32_t, 8> weights{2, 3, 4, 5, 6, 7, 8, 9};
    static const mapping::CheckDigit table = from_the_right(44, weights, "00987654321");
    return text.size() == 44 && all_digits(text) && table.holds(text);
}

constexpr std::array<CheckDigit, 6> schemes{{
    {"iso7064-11-2", iso7064_11_2},
    {"gb11643", citizen_18},
    {"s10", s10},
    {"iso6346", iso6346},
    {"gs1", gs1},
    {"key44", access_key_44},
}};

}  // namespace

std::span<const CheckDigit> check_digits() {
    return schemes;
}

const CheckDigit* check_digit(std::string_view name) {
    const auto found = std::ranges::find(schemes, name, &CheckDigit::name);
    return found == schemes.end() ? nullptr : &*found;
}

}  // namespace hansa::rules
