#include "core/mapping/check_digit.h"

#include <algorithm>
#include <charconv>

namespace hansa::mapping {
namespace {

/// Signs of a table: at least two, each of them ASCII and no space.
bool are_signs(std::string_view text) {
    return text.size() > 1 && std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7F'; });
}

}  // namespace

std::optional<char> CheckDigit::of(std::string_view identifier) const {
    if (identifier.size() != weights.size()) return std::nullopt;
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        if (weights[i] == 0) continue;
        const std::size_t value = values.find(identifier[i]);
        if (value == std::string::npos) return std::nullopt;
        sum += static_cast<std::uint64_t>(value) * weights[i];
    }
    return by_remainder[sum % by_remainder.size()];
}

bool CheckDigit::holds(std::string_view identifier) const {
    const std::optional<char> wanted = of(identifier);
    return wanted && identifier[place] == *wanted;
}

std::optional<CheckDigit> CheckDigit::parse(std::string_view weights, std::string by_remainder, std::string values) {
    CheckDigit out;
    bool placed = false;
    while (true) {
        weights.remove_prefix(std::min(weights.find_first_not_of(' '), weights.size()));
        if (weights.empty()) break;
        const std::string_view word = weights.substr(0, weights.find(' '));
        weights.remove_prefix(word.size());
        std::uint32_t weight = 0;
        if (word == "=") {
            if (placed) return std::nullopt;
            placed = true;
            out.place = out.weights.size();
        } else {
            const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), weight);
            if (error != std::errc() || end != word.data() + word.size() || weight > weight_max) return std::nullopt;
        }
        if (out.weights.size() == places_max) return std::nullopt;
        out.weights.push_back(weight);
    }
    if (!placed || !are_signs(by_remainder) || !are_signs(values)) return std::nullopt;
    if (std::all_of(out.weights.begin(), out.weights.end(), [](std::uint32_t weight) { return weight == 0; }))
        return std::nullopt;
    out.by_remainder = std::move(by_remainder);
    out.values = std::move(values);
    return out;
}

}  // namespace hansa::mapping
