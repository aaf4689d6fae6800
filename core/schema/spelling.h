// How one writer spells a grammar's tags: prefixes learned from the document, and each tag ready to be
// compared.
//
// A tag is compared without its '<' or '</', with its '>', so that one pattern serves both. Spellings are
// made once for a choice of prefixes and kept by the reader.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/schema/compiled_grammar.h"

namespace hansa::schema {

/// "ceb:Order>" in 64 bytes, the rest zero. A name that does not fit, or whose namespace has no prefix,
/// matches nothing.
struct TagPattern {
    static constexpr std::uint32_t bytes_max = 64;
    alignas(32) char bytes[bytes_max] = {};
    std::uint32_t mask = 0, wanted = 1;  ///< of the first 32 bytes: the compared ones must equal `wanted`
    std::uint32_t mask_behind = 0;       ///< of the others
    std::uint32_t size = 0;              ///< with the '>'
};

class Spelling {
public:
    /// A prefix for each namespace of the grammar: empty for the default one. Marked as unknown: no tag of
    /// that namespace can be predicted.
    struct Prefix {
        bool known = false;
        std::string text;
        friend bool operator==(const Prefix&, const Prefix&) = default;
    };

    Spelling(const CompiledGrammar& grammar, std::vector<Prefix> prefixes, std::size_t name_bytes_max);

    const std::vector<Prefix>& prefixes() const { return prefixes_; }
    const TagPattern& tag(SymbolIndex symbol) const { return tags_[symbol]; }
    const TagPattern* tags() const { return tags_.data(); }

private:
    std::vector<Prefix> prefixes_;
    std::vector<TagPattern> tags_;
};

}  // namespace hansa::schema
