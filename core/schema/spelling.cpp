#include "core/schema/spelling.h"

#include <algorithm>
#include <cstring>

#include "core/schema/pattern.h"
#include "core/xml/lanes.h"

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

PlacePattern place_of(const CompiledGrammar& grammar, const ModelState& state, const std::vector<TagPattern>& tags,
                      CompiledElement::Way way) {
    PlacePattern place;
    if (state.element == no_index || state.ordinal == no_index) return place;
    const CompiledElement& element = grammar.elements()[state.element];
    const TagPattern& tag = tags[element.symbol];
    if (tag.size == 0 || way == CompiledElement::Way::careful) return place;
    place.size = static_cast<std::uint8_t>(tag.size);
    std::copy_n(tag.bytes, PlacePattern::bytes_max, place.bytes);
    place.symbol = element.symbol;
    place.ordinal = state.ordinal;
    place.element = state.element;
    place.text = element.text;
    place.way = PlacePattern::Way::children;
    if (way == CompiledElement::Way::children) return place;
    if (way == CompiledElement::Way::words) {
        // Without children it is a value of any characters.
        place.way = PlacePattern::Way::plain;
        place.text = no_index;
        place.more_chars = 0xFFFFFFFFu;
        return place;
    }
    const TypeProgram& program = grammar.programs()[element.text];
    const bool plain = program.is_plain && program.form == TypeProgram::Form::free;
    place.way = element.has_fixed || element.has_default          ? PlacePattern::Way::bound
                : plain && program.min_chars <= program.max_chars ? PlacePattern::Way::plain
                                                                  : PlacePattern::Way::value;
    place.min_chars = program.min_chars;
    place.more_chars = program.max_chars - program.min_chars;
    return place;
}

/// "ceb:Order>"
std::string_view text_of(const PlacePattern& place, const std::vector<TagPattern>& tags) {
    return {tags[place.symbol].bytes, tags[place.symbol].size};
}

/// Of values of up to 64 bytes: more are as good as any number.
std::uint8_t at_most_64(std::uint32_t digits) {
    return static_cast<std::uint8_t>(std::min<std::uint32_t>(digits, 64));
}

/// How many digits are in bounds whatever they are.
std::uint32_t digits_within(const TypeProgram& program) {
    if (program.is_bounded && (program.min > 0 || program.max < 9)) return 0;
    std::uint32_t digits = 1;
    for (std::int64_t bound = 99; bound <= program.max && digits < 17; bound = bound * 10 + 9) ++digits;
    return std::min(digits, program.total_digits);
}

LeafRun run_for(const CompiledGrammar& grammar, const PlacePattern& place, std::uint32_t state) {
    using Check = LeafRun::Check;
    LeafRun run;
    run.state = state;
    run.entry[1] = place.ordinal;
    run.entry[3] = 0u - place.size;
    run.element = place.element;
    run.text = place.text;
    const ElementDecl& declaration = grammar.grammar().tables().elements[place.element];
    run.constrained = place.way == PlacePattern::Way::bound;
    if (place.text == no_index) {
        run.check = Check::length;
        run.more_chars = place.more_chars;
        return run;
    }
    const TypeProgram& program = grammar.programs()[place.text];
    const bool bare = program.patterns.empty() && program.enumeration.empty();
    if (place.way == PlacePattern::Way::plain) {
        run.check = Check::length;
        run.min_chars = place.min_chars;
        run.more_chars = place.more_chars;
    } else if (declaration.constraint == ValueConstraint::fixed && !declaration.value.empty() &&
               declaration.value.size() <= sizeof run.fixed &&
               grammar.programs().accepts(program, declaration.value, count_characters(declaration.value))) {
        run.check = Check::fixed;
        run.min_chars = static_cast<std::uint32_t>(declaration.value.size());
        std::memcpy(&run.fixed, declaration.value.data(), declaration.value.size());
    } else if (run.constrained) {
        run.check = Check::other;
    } else if (program.is_plain && program.form == TypeProgram::Form::collapsed &&
               program.min_chars <= program.max_chars) {
        run.check = Check::collapsed;
        run.min_chars = place.min_chars;
        run.more_chars = place.more_chars;
    } else if (program.form == TypeProgram::Form::decimal && bare) {
        run.check = Check::decimal;
        run.digits_max = at_most_64(program.total_digits);
        run.fraction_max = at_most_64(program.fraction_digits);
    } else if (program.form == TypeProgram::Form::integer && bare) {
        run.check = Check::integer;
        run.digits_max = at_most_64(digits_within(program));
    }
    if (run.check == Check::other) run.min_chars = LeafRun::nothing_yet;
    return run;
}

/// Is the tag as the canonical form writes it, but for characters of values that it writes as references?
bool is_canonical(std::string_view tag, std::size_t behind_name, std::span<const TagRun::Part> attributes) {
    std::size_t at = behind_name;
    std::string_view before;
    for (const TagRun::Part& one : attributes) {
        const std::string_view name = tag.substr(one.name, tag.find('=', one.name) - one.name);
        const bool is_spelled = one.name == at + 1 && tag[at] == ' ' && one.value == one.name + name.size() + 2 &&
                                tag[one.value - 1] == '"';
        if (!is_spelled || name.find_first_of(": \t\r\n") != std::string_view::npos || !(before < name)) return false;
        before = name;
        at = std::size_t{one.value} + one.size + 1;
    }
    return at + 1 == tag.size();
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
    for (const ModelState& state : grammar.states()) {
        const bool is_known = state.element != no_index;
        const auto way = is_known ? grammar.elements()[state.element].way : CompiledElement::Way::careful;
        places_.push_back(place_of(grammar, state, tags_, way));
    }
    runs_.emplace_back();
    crossing_of_.push_back(0);
    tag_run_of_.resize(places_.size());
    tag_runs_.emplace_back();
    last_steps_.resize(places_.size());
    crossings_.emplace_back();
}

std::uint32_t Spelling::run_of(const CompiledGrammar& grammar, std::uint32_t state) {
    PlacePattern& place = places_[state];
    if (place.run == 0) {
        place.run = static_cast<std::uint32_t>(runs_.size());
        runs_.push_back(run_for(grammar, place, state));
        crossing_of_.push_back(0);
        const std::string_view end_tag = text_of(place, tags_);
        std::copy(end_tag.begin(), end_tag.end(), std::copy_n("</", 2, runs_.back().bytes));
        end(place.run);
    }
    return place.run;
}

void Spelling::follow(LeafRun& run, std::uint32_t size, std::uint32_t next) {
    run.size = static_cast<std::uint16_t>(size);
    run.next = next;
    run.first_bytes = xml::lanes::low(size);
    run.is_short = next != 0 && size <= 64;
}

void Spelling::learn(std::uint32_t run, std::string_view space, std::uint32_t next) {
    LeafRun& made = runs_[run];
    const std::string_view start_tag = text_of(places_[runs_[next].state], tags_);
    const std::size_t size = made.tag_size() + space.size() + start_tag.size() + 3;
    if (size > LeafRun::bytes_max) return forget(run);
    char* const at = std::copy(space.begin(), space.end(), made.bytes + made.tag_size() + 2);
    *at = '<';
    std::copy(start_tag.begin(), start_tag.end(), at + 1);
    follow(made, static_cast<std::uint32_t>(size), next);
}

void Spelling::learn_crossing(std::uint32_t run, std::string_view text, std::span<const Crossing::Tag> tags,
                              std::uint32_t next) {
    if (text.size() > Crossing::bytes_max || tags.size() > Crossing::tags_max) return;
    std::uint32_t& number = crossing_of_[run];
    if (number == 0 && crossings_.size() + ways > crossings_max) number = never;
    if (number == never) return;
    if (number == 0) {
        number = static_cast<std::uint32_t>(crossings_.size());
        crossings_.resize(crossings_.size() + ways);
    }
    Crossing& made = crossings_[number + next_way_];
    next_way_ = (next_way_ + 1) % ways;
    std::copy(text.begin(), text.end(), made.bytes);
    made.size = static_cast<std::uint32_t>(text.size());
    made.first_bytes = xml::lanes::low(std::min<unsigned>(made.size, 64));
    made.last_bytes = xml::lanes::low(made.size < 64 ? 0 : made.size - 64);
    made.next = next;
    made.tag_count = static_cast<std::uint32_t>(tags.size());
    std::copy(tags.begin(), tags.end(), made.tags);
}

void Spelling::learn_tag(const CompiledGrammar& grammar, std::uint32_t state, std::string_view tag,
                         std::span<const TagRun::Part> attributes) {
    const ModelState& place_state = grammar.states()[state];
    if (place_state.element == no_index || attributes.empty()) return;
    const CompiledElement& element = grammar.elements()[place_state.element];
    if (element.text == no_index) return;
    const std::uint32_t name_size = tags_[element.symbol].size + 1;
    if (tag.size() > TagRun::bytes_max || attributes.size() > TagRun::parts_max || name_size > TagRun::name_max) return;
    std::uint32_t& number = tag_run_of_[state];
    if (number == 0) {
        const PlacePattern place = place_of(grammar, place_state, tags_, CompiledElement::Way::text);
        if (place.size == 0) return;
        number = static_cast<std::uint32_t>(tag_runs_.size());
        tag_runs_.push_back(std::make_unique<TagRun>());
        tag_runs_.back()->leaf = run_for(grammar, place, state);
    }
    TagRun& run = *tag_runs_[number];
    std::copy(tag.begin(), tag.end(), run.bytes);
    run.size = static_cast<std::uint32_t>(tag.size());
    run.name_size = name_size;
    run.is_canonical = is_canonical(tag, name_size - 1, attributes);
    run.part_count = static_cast<std::uint32_t>(attributes.size());
    std::copy(attributes.begin(), attributes.end(), run.parts);
    run.ordinal_max = 0;
    for (const TagRun::Part& one : attributes) run.ordinal_max = std::max<std::uint32_t>(run.ordinal_max, one.ordinal);
}

}  // namespace hansa::schema
