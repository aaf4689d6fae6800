#include "core/schema/spelling.h"

#include <algorithm>

namespace hansa::schema {

namespace {

TagPattern pattern_of(std::string_view prefix, std::string_view local) {
    TagPattern pattern;
    const std::size_t size = prefix.size() + (prefix.empty() ? 0 : 1) + local.size() + 1;
    if (size > TagPattern::bytes_max) return pattern;
    char* at = std::copy(prefix.begin(), prefix.end(), pattern.bytes);
    if (!prefix.empty()) *at++ = ':';
    at = std::copy(local.begin(), local.end(), at);
    *at = '>';
    const auto ones = [](std::size_t count) { return count >= 32 ? 0xFFFFFFFFu : (1u << count) - 1; };
    pattern.size = static_cast<std::uint32_t>(size);
    pattern.mask = pattern.wanted = ones(size);
    pattern.mask_behind = size > 32 ? ones(size - 32) : 0;
    return pattern;
}

}  // namespace

Spelling::Spelling(const CompiledGrammar& grammar, std::vector<Prefix> prefixes, std::size_t name_bytes_max)
    : prefixes_(std::move(prefixes)) {
    tags_.reserve(grammar.symbols().size());
    for (const Symbol& symbol : grammar.symbols()) {
        const Prefix& prefix = prefixes_[symbol.ns];
        TagPattern pattern = prefix.known ? pattern_of(prefix.text, symbol.local) : TagPattern{};
        if (pattern.size > name_bytes_max + 1) pattern = {};
        tags_.push_back(pattern);
    }
}

}  // namespace hansa::schema
