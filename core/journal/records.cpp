#include "core/journal/records.h"

#include <algorithm>
#include <array>

namespace hansa::journal {
namespace {

constexpr std::array<std::string_view, 10> body_words{"received", "verified", "pivot",        "sent",  "signature",
                                                     "receipt",  "ledger",   "verification", "memory", "compared"};
constexpr std::array<std::string_view, 6> relation_words{"none",   "translation", "part",
                                                         "answer", "correction",  "resend"};

template <class Enum, std::size_t N>
std::optional<Enum> named(const std::array<std::string_view, N>& words, std::string_view word) {
    const auto* found = std::find(words.begin(), words.end(), word);
    if (found == words.end()) return std::nullopt;
    return static_cast<Enum>(found - words.begin());
}

}  // namespace

std::string_view name(Direction direction) {
    return direction == Direction::in ? "in" : "out";
}

std::string_view name(Relation relation) {
    return relation_words[static_cast<std::size_t>(relation)];
}

std::string_view name(BodyKind kind) {
    return body_words[static_cast<std::size_t>(kind)];
}

std::optional<BodyKind> body_kind_named(std::string_view word) {
    return named<BodyKind>(body_words, word);
}

std::optional<Relation> relation_named(std::string_view word) {
    return named<Relation>(relation_words, word);
}

}  // namespace hansa::journal
