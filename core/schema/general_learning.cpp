// The general path: what the next document of the same writer will most likely have again.
#include <algorithm>
#include <array>

#include "core/schema/reader_core.h"

namespace hansa::schema {

/// The next document of this writer may have the tag again. Only attributes that need no more than their type's program
/// are learned.
void FastReader::Core::learn_tag(const Frame& frame, std::uint32_t state, const char* from) {
    if (frame.mode != Frame::Mode::text || frame.is_nil || frame.type == no_index || spelling == nullptr) return;
    const ComplexType& type = grammar->grammar().tables().complex_types[grammar->types()[frame.type].complex];
    const std::string_view tag(from, static_cast<std::size_t>(frame.content - from));
    std::array<TagRun::Part, TagRun::parts_max> found;
    if (tag.size() > TagRun::bytes_max || attributes.size() > found.size()) return;
    std::size_t count = 0;
    for (const RawAttribute& attribute : attributes) {
        const auto use = std::find_if(type.attributes.begin(), type.attributes.end(), [&](const AttributeUse& each) {
            return each.name.local == attribute.local && each.name.ns == attribute.ns;
        });
        if (use == type.attributes.end() || attribute.copied || use->constraint == ValueConstraint::fixed) return;
        const TypeProgram& program = grammar->programs()[use->type];
        if (program.is_id || program.is_idref) return;
        found[count++] = {static_cast<std::uint16_t>(attribute.offset - from),
                          static_cast<std::uint16_t>(attribute.value.data() - from),
                          static_cast<std::uint16_t>(attribute.value.size()),
                          static_cast<std::uint16_t>(use - type.attributes.begin()), use->type};
    }
    spelling->learn_tag(*grammar, state, tag, std::span(found).first(count));
}

/// Only a root that holds elements and has no attributes beside its declarations.
void FastReader::Core::remember_root(const char* from, std::size_t patches_before) {
    RootBefore& made = root_before;
    made.bytes.clear();
    if (frames.size() != 1 || !attributes.empty() || !frames.back().predictable || frames.back().path != 0) return;
    const std::string_view tag(from, static_cast<std::size_t>(frames.back().content - from));
    if (tag.size() > RootBefore::bytes_max || spelling == nullptr) return;
    made.declared.clear();
    const auto part_of = [&](std::string_view text) {
        return RootBefore::Part{static_cast<std::uint32_t>(text.data() - from),
                                static_cast<std::uint32_t>(text.size())};
    };
    for (const Binding& one : bindings) {
        if (one.own) return;
        made.declared.push_back({one.prefix.empty() ? RootBefore::Part{} : part_of(one.prefix), part_of(one.uri)});
    }
    made.frame = frames.back();
    made.spelling = spelling;
    made.is_canonical = keeps_patches && patches.size() == patches_before;
    made.bytes = tag;
}

/// The start tag is, byte by byte, the last document's.
bool FastReader::Core::root_as_before() {
    const RootBefore& before = root_before;
    if (before.bytes.empty() || (keeps_patches && !before.is_canonical) || !looking_at(before.bytes)) return false;
    const char* const from = at_;
    for (const RootBefore::Declared& one : before.declared)
        bindings.push_back({{from + one.prefix.at, one.prefix.size}, {from + one.uri.at, one.uri.size}, nullptr});
    spelling = before.spelling;
    declares = !before.declared.empty();
    attributes.clear();
    ++counts.general;
    Frame frame = before.frame;
    frame.is_cut = has_cuts && cut_paths[frame.path];
    frame.entry = tape.size();
    tape.add() = {"", 0, frame.path, Entry::open, offset_of(from)};
    frame.floor = tape.size();
    at_ = from + before.bytes.size();
    frame.content = at_;
    frame.name = {from + 1, frame.name.size()};
    frames.push_back(frame);
    if (mixed_text.empty()) mixed_text.resize(1);
    mixed_text.front().clear();
    stage = Stage::content;
    return true;
}

}  // namespace hansa::schema
