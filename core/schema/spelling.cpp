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
    pattern.size = static_cast<std::uint32_t>(size);
    return pattern;
}

PlacePattern place_of(const CompiledGrammar& grammar, const ModelState& state, const std::vector<TagPattern>& tags) {
    PlacePattern place;
    if (state.element == no_index || state.ordinal == no_index) return place;
    const CompiledElement& element = grammar.elements()[state.element];
    const TagPattern& tag = tags[element.symbol];
    if (tag.size == 0 || element.way == CompiledElement::Way::careful) return place;
    place.size = static_cast<std::uint8_t>(tag.size);
    std::copy_n(tag.bytes, PlacePattern::bytes_max, place.bytes);
    place.symbol = element.symbol;
    place.ordinal = state.ordinal;
    place.element = state.element;
    place.text = element.text;
    place.way = PlacePattern::Way::children;
    if (element.way == CompiledElement::Way::children) return place;
    const TypeProgram& program = grammar.programs()[element.text];
    const bool plain = program.is_plain && program.form == TypeProgram::Form::free;
    place.way = element.has_fixed || element.has_default          ? PlacePattern::Way::bound
                : plain && program.min_chars <= program.max_chars ? PlacePattern::Way::plain
                                                                  : PlacePattern::Way::value;
    place.min_chars = program.min_chars;
    place.more_chars = program.max_chars - program.min_chars;
    return place;
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
    places_.reserve(grammar.states().size());
    for (const ModelState& state : grammar.states()) places_.push_back(place_of(grammar, state, tags_));
}

}  // namespace hansa::schema
