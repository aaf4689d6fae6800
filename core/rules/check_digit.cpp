#include "core/rules/check_digit.h"

#include <algorithm>
#include <array>

#include "core/base/time.h"

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
    int rest = 0;
    for (const char digit : text.substr(0, text.size() - 1)) rest = (rest + value_of(digit)) * 2 % 11;
    const int last = text.back() == 'X' ? 10 : value_of(text.back());
    return (rest + last) % 11 == 1;
}

bool citizen_18(std::string_view text) {
    if (text.size() != 18 || !iso7064_11_2(text)) return false;
    return parse_time(text.substr(6, 8), "yyyyMMdd").has_value();
}

bool s10(std::string_view text) {
    if (text.size() != 13 || !all_letters(text.substr(0, 2)) || !all_digits(text.substr(2, 9)) || !all_letters(text.substr(11))) return false;
    constexpr std::string_view reserved = "JKSTW";
    if (reserved.find(text[0]) != reserved.npos) return false;
    constexpr std::array<int, 8> weights{8, 6, 4, 2, 3, 5, 9, 7};
    int sum = 0;
    for (std::size_t i = 0; i < weights.size(); ++i) sum += weights[i] * value_of(text[2 + i]);
    int check = 11 - sum % 11;
    if (check == 10) check = 0;
    if (check == 11) check = 5;
    return check == value_of(text[10]);
}

/// Letters count from 10 on, leaving out the multiples of 11.
int container_value(char sign) {
    if (is_digit(sign)) return value_of(sign);
    const int place = sign - 'A';
    int value = 10 + place;
    if (place > 0) ++value;   // 11
    if (place > 10) ++value;  // 22
    if (place > 20) ++value;  // 33
    return value;
}

bool iso6346(std::string_view text) {
    if (text.size() != 11 || !all_letters(text.substr(0, 4)) || !all_digits(text.substr(4))) return false;
    int sum = 0;
    for (std::size_t i = 0; i < 10; ++i) sum += container_value(text[i]) << i;
    return sum % 11 % 10 == value_of(text[10]);
}

bool gs1(std::string_view text) {
    constexpr std::array<std::size_t, 4> lengths{8, 12, 13, 14};
    if (std::ranges::find(lengths, text.size()) == lengths.end() || !all_digits(text)) return false;
    int sum = 0;
    for (std::size_t i = 0; i + 1 < text.size(); ++i) sum += value_of(text[text.size() - 2 - i]) * (i % 2 == 0 ? 3 : 1);
    return (10 - sum % 10) % 10 == value_of(text.back());
}

bool access_key_44(std::string_view text) {
    if (text.size() != 44 || !all_digits(text)) return false;
    int sum = 0;
    for (std::size_t i = 0; i < 43; ++i) sum += value_of(text[42 - i]) * static_cast<int>(2 + i % 8);
    const int rest = sum % 11;
    return (rest < 2 ? 0 : 11 - rest) == value_of(text.back());
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
