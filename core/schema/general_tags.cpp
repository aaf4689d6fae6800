// The general path: tags and attributes; and what both paths do with an element.
#include <algorithm>
#include <cstring>

#include "core/schema/lexical.h"
#include "core/schema/pattern.h"
#include "core/schema/reader_core.h"
#include "core/xml/characters.h"
#include "core/xml/namespaces.h"

namespace hansa::schema {

namespace {

constexpr std::string_view xsi_namespace = "http://www.w3.org/2001/XMLSchema-instance";

bool only_blanks(std::string_view text) {
    return text.find_first_not_of(" \t\n\r") == std::string_view::npos;
}

}  // namespace

// --- attributes --------------------------------------------------------------------------------

/// All attributes of a start tag, up to behind its '>'.
bool FastReader::Core::read_attributes(bool& empty) {
    attributes.clear();
    attribute_text.clear();
    empty = false;
    for (;;) {
        const char* const before = at_;
        while (at_ != end_ && xml::is_space(*at_)) ++at_;
        if (at_ == end_) return false;
        if (*at_ == '>') {
            ++at_;
            break;
        }
        if (*at_ == '/') {
            ++at_;
            if (at_ == end_ || *at_ != '>') return false;
            ++at_;
            empty = true;
            break;
        }
        if (at_ == before || attributes.size() >= limits.attributes_max) return false;
        RawAttribute made;
        made.offset = at_;
        if (!read_name(made.name) || !split_name(made.name, made.prefix, made.local)) return false;
        while (at_ != end_ && xml::is_space(*at_)) ++at_;
        if (at_ == end_ || *at_ != '=') return false;
        ++at_;
        while (at_ != end_ && xml::is_space(*at_)) ++at_;
        if (!read_value(made)) return false;
        attributes.push_back(made);
    }
    // Copied values lie in one text that no longer grows.
    std::size_t place = 0;
    for (RawAttribute& attribute : attributes) {
        if (!attribute.copied) continue;
        attribute.value = std::string_view(attribute_text).substr(place, attribute.value.size());
        place += attribute.value.size();
    }
    return declare_namespaces() && resolve_attributes();
}

bool FastReader::Core::read_value(RawAttribute& attribute) {
    if (at_ == end_ || (*at_ != '"' && *at_ != '\'')) return false;
    const char quote = *at_++;
    const std::size_t place = attribute_text.size();
    xml::TextRun run(attribute_text);
    bool is_ascii = true;
    for (;;) {
        const char* const from = at_;
        while (at_ != end_) {
            if (xml::has_class(*at_, xml::value_byte)) {
                ++at_;
            } else if (xml::is_ascii(*at_)) {
                break;
            } else {
                is_ascii = false;
                const xml::Decoded c = xml::decode_utf8({at_, static_cast<std::size_t>(end_ - at_)}, 0);
                if (c.bytes == 0 || !xml::is_xml_char(c.value)) return false;
                at_ += c.bytes;
            }
        }
        run.add({from, static_cast<std::size_t>(at_ - from)});
        if (run.size() > limits.text_bytes_max || at_ == end_) return false;
        const char c = *at_;
        if (c == quote) break;
        if (c == '<') return false;
        if (c == '&') {
            if (!read_reference(run)) return false;
        } else if (xml::is_space(c)) {
            at_ += looking_at("\r\n") ? 2 : 1;
            run.add_made(" ");
        } else {
            if (!xml::is_xml_char(static_cast<unsigned char>(c))) return false;
            run.add({at_, 1});
            ++at_;
        }
    }
    ++at_;
    run.close();
    attribute.copied = run.copied();
    attribute.value = run.view();
    if (attribute.copied) attribute.value = std::string_view(attribute_text).substr(place);
    if (attribute.value.empty() && !attribute.copied) attribute.value = {at_ - 1, 0};  // where it stands, all the same
    const bool counted = is_ascii && !attribute.copied;
    attribute.chars = static_cast<std::uint32_t>(counted ? attribute.value.size() : count_characters(attribute.value));
    return true;
}

bool FastReader::Core::declare_namespaces() {
    declares = false;
    const std::size_t outer = bindings.size();
    for (const RawAttribute& found : attributes) {
        const bool of_default = found.name == "xmlns";
        if (!of_default && found.prefix != "xmlns") continue;
        const std::string_view prefix = of_default ? std::string_view{} : found.local;
        if (!xml::NamespaceScope::fault_of(prefix, found.value).empty()) return false;
        for (std::size_t i = outer; i < bindings.size(); ++i) {
            if (bindings[i].prefix == prefix) return false;
        }
        if (bindings.size() >= limits.namespaces_in_scope_max) return false;
        Binding binding{prefix, found.value, nullptr};
        if (found.copied) {
            binding.own = std::make_unique<std::string>(found.value);
            binding.uri = *binding.own;
        }
        bindings.push_back(std::move(binding));
        declares = true;
    }
    return true;
}

bool FastReader::Core::resolve_attributes() {
    std::erase_if(attributes,
                  [](const RawAttribute& found) { return found.prefix == "xmlns" || found.name == "xmlns"; });
    for (RawAttribute& found : attributes) {
        found.ns = {};
        if (found.prefix.empty()) continue;
        const std::string_view* const ns = namespace_for(found.prefix);
        if (ns == nullptr) return false;
        found.ns = *ns;
    }
    constexpr std::size_t few = 24;
    if (attributes.size() <= few) {
        for (std::size_t a = 1; a < attributes.size(); ++a) {
            for (std::size_t b = 0; b < a; ++b) {
                if (attributes[a].local == attributes[b].local && attributes[a].ns == attributes[b].ns) return false;
            }
        }
        return true;
    }
    std::vector<std::pair<std::string_view, std::string_view>> names;
    for (const RawAttribute& found : attributes) names.emplace_back(found.local, found.ns);
    std::sort(names.begin(), names.end());
    return std::adjacent_find(names.begin(), names.end()) == names.end();
}

/// With a type that the document chooses, nothing of the declaration's own type counts.
bool FastReader::Core::names_type() const {
    return std::any_of(attributes.begin(), attributes.end(),
                       [](const RawAttribute& found) { return found.local == "type" && found.ns == xsi_namespace; });
}

/// The attributes against the type, and onto the tape. `type`: nullptr where only xsi attributes may stand.
PathEnd FastReader::Core::check_attributes(Index element, const CompiledType* type, Frame& frame) {
    const GrammarTables& tables = grammar->grammar().tables();
    const bool judged = frame.mode != Frame::Mode::skipped;
    const ComplexType* const complex =
        type != nullptr && !type->anything ? &tables.complex_types[type->complex] : nullptr;
    const PathNode* const node = frame.path == no_path ? nullptr : &grammar->paths()[frame.path];
    if (judged && names_type()) return PathEnd::undecided;
    std::uint64_t seen = 0;
    for (const RawAttribute& found : attributes) {
        PathIndex path = no_path;
        if (judged && found.ns == xsi_namespace) {
            if (found.local == "nil") {
                if (element == no_index || !tables.elements[element].nillable) return PathEnd::wrong;
                std::string_view value = found.value;
                while (value.starts_with(' ')) value.remove_prefix(1);
                while (value.ends_with(' ')) value.remove_suffix(1);
                // The judge has ways of its own with "1" and "0".
                if (value != "true" && value != "false") return PathEnd::undecided;
                frame.is_nil = value == "true";
            } else if (found.local != "schemaLocation" && found.local != "noNamespaceSchemaLocation") {
                return PathEnd::wrong;
            }
        } else if (judged && (element != no_index || complex != nullptr)) {
            std::size_t number = 0;
            const std::size_t count = complex == nullptr ? 0 : complex->attributes.size();
            while (number < count && (complex->attributes[number].name.local != found.local ||
                                      complex->attributes[number].name.ns != found.ns))
                ++number;
            if (number < count) {
                const AttributeUse& use = complex->attributes[number];
                seen |= std::uint64_t{1} << number;
                const TypeProgram& program = grammar->programs()[use.type];
                if (!accepts(program, found.value, found.chars)) return PathEnd::wrong;
                if (use.constraint == ValueConstraint::fixed && use.value != found.value) {
                    const SimpleType& simple = tables.simple_types[use.type];
                    const std::string a = Grammar::normalised(simple, found.value),
                                      b = Grammar::normalised(simple, use.value);
                    if (a != b) return PathEnd::wrong;
                }
                if ((program.is_id || program.is_idref) && !note_identifiers(use.type, found.value))
                    return PathEnd::wrong;
                if (node != nullptr && number < node->attribute_count)
                    path = node->first_attribute + static_cast<PathIndex>(number);
            } else if (type == nullptr || !type->anything) {
                if (complex == nullptr || complex->attribute_wildcard == no_index) return PathEnd::wrong;
                const Wildcard& wildcard = tables.wildcards[complex->attribute_wildcard];
                if (!wildcard.admits(found.ns)) return PathEnd::wrong;
                // A declaration that the grammar does not keep may bind it.
                if (wildcard.process != Wildcard::Process::skip) return PathEnd::undecided;
            }
        }
        Entry& entry = tape.add();
        const std::uint32_t number = tape.size() - 1;
        const std::string_view value = found.copied ? tape.keep(number, found.value) : found.value;
        entry = {value.data(), static_cast<std::uint32_t>(value.size()), path, number + 1, offset_of(found.offset)};
        if (path == no_path) tape.add_foreign({number, true, found.ns, found.local});
    }
    if (type != nullptr && (type->required & ~seen) != 0 && judged) return PathEnd::wrong;
    return PathEnd::moved;
}

// --- elements ----------------------------------------------------------------------------------

/// A tag that the state allows, spelled as before, with attributes or with content that cannot be predicted. Nothing:
/// it is another one, or it declares namespaces; no step was taken then.
std::optional<PathEnd> FastReader::Core::known_start_tag() {
    Frame& parent = frames.back();
    const ModelState& state = grammar->states()[parent.state];
    const ModelEdge* edge = grammar->edges().data() + state.first_edge;
    const ModelEdge* const last = edge + state.edge_count;
    const auto room = static_cast<std::size_t>(end_ - at_);
    const TagPattern* tag = nullptr;
    for (; edge != last; ++edge) {
        if (edge->symbol == no_index) return std::nullopt;
        tag = &spelling->tag(edge->symbol);
        if (tag->size == 0 || room <= tag->size || std::memcmp(at_ + 1, tag->bytes, tag->size - 1) != 0) continue;
        const char behind = at_[tag->size];
        if (behind != '>' && behind != '/' && !xml::is_space(behind)) continue;
        if (!state.counts || (edge->again ? parent.count < state.max : parent.count >= state.min)) break;
    }
    if (edge == last || edge->ordinal >= parent.child_count) return std::nullopt;

    const char* const from = at_;
    Frame frame;
    frame.name = {at_ + 1, tag->size - 1};
    frame.bindings_before = static_cast<std::uint32_t>(bindings.size());
    frame.spelling_before = spelling;
    at_ += tag->size;
    bool empty = false;
    if (*at_ == '>') {
        ++at_;
        attributes.clear();
        declares = false;
    } else if (!read_attributes(empty)) {
        return PathEnd::wrong;
    }
    if (declares) {
        drop_bindings(frame.bindings_before);
        at_ = from;
        return std::nullopt;
    }
    frame.content = at_;
    ++counts.general;
    parent.has_children = true;
    parent.count = edge->again ? parent.count + 1 : 1;
    parent.state = edge->next;
    frame.element = edge->target;
    frame.path = parent.first_child + edge->ordinal;
    const std::uint32_t state_behind = edge->next;
    const PathEnd end = take_element(frame, no_index, {}, {}, {}, from, empty);
    if (end == PathEnd::moved && !empty && !attributes.empty()) learn_tag(frame, state_behind, from);
    return end;
}

PathEnd FastReader::Core::start_tag() {
    if (frames.size() >= limits.depth_max) return PathEnd::wrong;
    if (!frames.empty() && frames.back().predictable && spelling != nullptr) {
        if (const auto end = known_start_tag()) return *end;
    }
    const bool is_root = frames.empty();
    if (is_root && root_as_before()) return PathEnd::moved;
    const std::size_t patches_before = patches.size();
    const char* const from = at_++;
    std::string_view name, prefix, local;
    if (!read_name(name) || !split_name(name, prefix, local)) return PathEnd::wrong;
    const std::size_t bindings_before = bindings.size();
    Spelling* const spelling_before = spelling;
    bool empty = false;
    if (!read_attributes(empty)) return PathEnd::wrong;
    const std::string_view* const ns = namespace_for(prefix);
    if (ns == nullptr) return PathEnd::wrong;
    if (declares || frames.empty()) respell();

    Frame frame;
    frame.name = name;
    frame.content = at_;
    frame.bindings_before = static_cast<std::uint32_t>(bindings_before);
    frame.spelling_before = spelling_before;
    ++counts.general;

    // Which declaration it has.
    const NamespaceIndex known_ns = grammar->namespace_of(*ns);
    const SymbolIndex symbol = grammar->symbol_of(known_ns, local);
    if (frames.empty()) {
        frame.element = grammar->global(symbol);
        if (frame.element == no_index) return PathEnd::wrong;
        if (frame.element == grammar->grammar().tables().root) frame.path = 0;
    } else {
        Frame& parent = frames.back();
        if (parent.is_nil || parent.mode == Frame::Mode::text) return PathEnd::wrong;
        if (parent.mode == Frame::Mode::model) {
            const ModelEdge* const edge = edge_for(parent, symbol, *ns);
            if (edge == nullptr) return PathEnd::wrong;
            if (edge->symbol != no_index) {
                frame.element = edge->target;
                if (edge->ordinal < parent.child_count) frame.path = parent.first_child + edge->ordinal;
            } else {
                const Wildcard& wildcard = grammar->grammar().tables().wildcards[edge->target];
                if (wildcard.process != Wildcard::Process::skip) frame.element = grammar->global(symbol);
                if (frame.element == no_index && wildcard.process == Wildcard::Process::strict) return PathEnd::wrong;
                if (frame.element != no_index) frame.path = grammar->paths().child(parent.path, local, *ns);
            }
        } else if (parent.mode == Frame::Mode::anything) {
            frame.element = grammar->global(symbol);
            // Without wildcards a grammar keeps no global elements: one of them may be meant.
            if (frame.element == no_index && grammar->grammar().tables().wildcards.empty()) return PathEnd::undecided;
        }
        parent.has_children = true;
    }
    const PathEnd end = take_element(frame, known_ns, prefix, local, *ns, from, empty);
    if (is_root && end == PathEnd::moved && !empty) remember_root(from, patches_before);
    return end;
}

/// The element against its declaration, onto the tape and, unless it ended, onto the stack.
PathEnd FastReader::Core::take_element(Frame& frame, NamespaceIndex known_ns, std::string_view prefix,
                                       std::string_view local, std::string_view ns, const char* from, bool empty) {
    const CompiledType* type = nullptr;
    // What is unknown below a lax wildcard is not looked into, as the judge does it.
    frame.mode = Frame::Mode::skipped;
    frame.mixed = true;
    if (frame.element != no_index) {
        const ElementDecl& declaration = grammar->grammar().tables().elements[frame.element];
        const CompiledElement& element = grammar->elements()[frame.element];
        if (declaration.is_abstract) return PathEnd::wrong;
        if (element.type == no_index) {
            frame.mode = Frame::Mode::text;
        } else {
            type = &grammar->types()[element.type];
            if (type->is_abstract) return names_type() ? PathEnd::undecided : PathEnd::wrong;
            frame.mode = type->anything                     ? Frame::Mode::anything
                         : type->content == Content::simple ? Frame::Mode::text
                                                            : Frame::Mode::model;
        }
        frame.mixed = type != nullptr && type->content == Content::mixed;
        frame.type = element.type;
        frame.state = element.start;
        learn(known_ns, prefix);
    }
    frame.known = frame.element != no_index && (frames.empty() || frames.back().known);
    frame.entry = tape.size();
    tape.add() = {"", 0, frame.path, Entry::open, offset_of(from)};
    if (keeps_patches) patch_start_tag(frame, from, empty);
    if (frame.path == no_path) tape.add_foreign({frame.entry, false, ns, local});
    if (frame.path != no_path) {
        const PathNode& node = grammar->paths()[frame.path];
        frame.first_child = node.first_child;
        frame.child_count = node.child_count;
        frame.is_cut = has_cuts && cut_paths[frame.path];
    }
    if (const PathEnd end = check_attributes(frame.element, type, frame); end != PathEnd::moved) return end;
    frame.floor = tape.size();
    if (frame.mode == Frame::Mode::text) return read_value_of(frame, empty);

    const SymbolIndex symbol = frame.element == no_index ? no_index : grammar->elements()[frame.element].symbol;
    if (symbol != no_index && spelling != nullptr) {
        const TagPattern& tag = spelling->tag(symbol);
        if (tag.size == frame.name.size() + 1 && std::equal(frame.name.begin(), frame.name.end(), tag.bytes))
            frame.tag = &tag;
    }
    frame.predictable = frame.mode == Frame::Mode::model && type->content == Content::elements && !type->is_all &&
                        !frame.is_nil && frame.first_child != no_path &&
                        frame.child_count >= grammar->elements()[frame.element].child_count;
    frames.push_back(frame);
    if (mixed_text.size() < frames.size()) mixed_text.resize(frames.size());
    mixed_text[frames.size() - 1].clear();
    stage = Stage::content;
    return empty ? close(at_, true) : PathEnd::moved;
}

/// The edge that the element takes from the parent's state, which moves on. nullptr: it may not stand here.
const ModelEdge* FastReader::Core::edge_for(Frame& parent, SymbolIndex symbol, std::string_view ns) {
    const ModelState& state = grammar->states()[parent.state];
    const bool is_all = grammar->types()[parent.type].is_all;
    const ModelEdge* const edges = grammar->edges().data() + state.first_edge;
    for (std::uint32_t i = 0; i < state.edge_count; ++i) {
        const ModelEdge& edge = edges[i];
        if (edge.symbol != no_index ? edge.symbol != symbol
                                    : !grammar->grammar().tables().wildcards[edge.target].admits(ns)) {
            continue;
        }
        if (is_all) {
            if ((parent.members >> i & 1) != 0) continue;
            parent.members |= std::uint64_t{1} << i;
            return &edge;
        }
        if (edge.again) {
            if (state.counts && parent.count >= state.max) continue;
            ++parent.count;
        } else {
            if (state.counts && parent.count < state.min) continue;
            parent.count = 1;
        }
        parent.state = edge.next;
        return &edge;
    }
    return nullptr;
}

bool FastReader::Core::read_content(std::string_view name, std::string_view& text, std::size_t& chars, bool& copied) {
    scratch.clear();
    // Texts on both sides of a comment are one value.
    bool first = true;
    for (;;) {
        if (at_ == end_) return false;
        if (*at_ == '<') {
            const char sign = spare(2) ? at_[1] : '\0';
            if (sign == '/') break;
            if (sign == '?' || looking_at("<!--")) {
                if (sign == '?' ? !inner_instruction() : !inner_comment()) return false;
                continue;
            }
            if (!looking_at("<![CDATA[")) return false;
        }
        if (!first && !copied) {
            scratch = text;
            copied = true;
        }
        const std::size_t before = scratch.size();
        xml::TextRun run(scratch);
        bool has_section = false;
        const char* const from = at_;
        if (!read_text(run, chars, has_section)) return false;
        if (keeps_patches) patch_text(from, run.copied() ? std::string_view(scratch).substr(before) : run.view());
        if (copied && !run.copied()) scratch += run.view();
        if (!copied) text = run.view();
        if (run.copied()) copied = true;
        if (copied) text = scratch;
        first = false;
    }
    const char* const tag = at_;
    at_ += 2;
    const std::size_t size = name.size();
    if (!spare(size + 1) || std::memcmp(at_, name.data(), size) != 0) return false;
    at_ += size;
    return end_odd_tag(tag, name);
}

bool FastReader::Core::end_odd_tag(const char* tag, std::string_view name) {
    while (at_ != end_ && xml::is_space(*at_)) ++at_;
    if (at_ == end_ || *at_ != '>') return false;
    ++at_;
    if (keeps_patches) patch_end_tag(tag, name);
    return true;
}

bool FastReader::Core::read_odd_value(const LeafRun& run, std::uint32_t number, Entry& entry) {
    const TagPattern& tag = tag_of(run);
    std::string_view text;
    std::size_t chars = 0;
    bool copied = false;
    if (!read_content({tag.bytes, tag.size - 1}, text, chars, copied)) return false;
    if (!check_text(run.element, text, chars)) return false;
    if (copied) text = tape.keep(number, text);
    if (!text.empty()) entry.text = text.data();
    entry.size = static_cast<std::uint32_t>(text.size());
    return true;
}

/// The content of an element that holds a value, to behind its end tag.
PathEnd FastReader::Core::read_value_of(Frame& frame, bool empty) {
    std::string_view text;
    std::size_t chars = 0;
    bool copied = false;
    if (!empty && !read_content(frame.name, text, chars, copied)) return PathEnd::wrong;
    if (frame.is_nil && !text.empty()) return only_blanks(text) ? PathEnd::undecided : PathEnd::wrong;
    const bool is_fixed = grammar->grammar().tables().elements[frame.element].constraint == ValueConstraint::fixed;
    if (frame.is_nil ? is_fixed : !check_text(frame.element, text, chars)) return PathEnd::wrong;
    Entry& entry = tape.at(frame.entry);
    if (copied) text = tape.keep(frame.entry, text);
    if (!text.empty()) entry.text = text.data();
    entry.size = static_cast<std::uint32_t>(text.size());
    entry.next = tape.size();
    if (bindings.size() != frame.bindings_before) spelling = frame.spelling_before;
    drop_bindings(frame.bindings_before);
    if (frames.empty()) end_root(at_);
    if (frame.is_cut) cut_path = frame.path;
    return frame.is_cut ? PathEnd::cut : PathEnd::moved;
}

bool FastReader::Core::is_plainly_constrained(Index element, std::string_view text) const {
    const ElementDecl& declaration = grammar->grammar().tables().elements[element];
    return !text.empty() && (declaration.constraint != ValueConstraint::fixed || text == declaration.value);
}

bool FastReader::Core::accepts(const TypeProgram& program, std::string_view text, std::size_t chars) {
    const bool is_slow = program.form == TypeProgram::Form::lexical || program.form == TypeProgram::Form::none;
    constexpr std::size_t bytes_min = 8, bytes_max = 4'096;
    if (!is_slow || text.size() < bytes_min || text.size() > bytes_max) {
        return grammar->programs().accepts(program, text, chars);
    }
    std::uint64_t end = 0;
    std::memcpy(&end, text.data() + text.size() - sizeof end, sizeof end);
    Accepted& known = accepted[((end ^ text.size()) * 0x9E3779B97F4A7C15u) >> 58];
    if (known.type == program.type && known.text == text) return true;
    if (!grammar->programs().accepts(program, text, chars)) return false;
    known.type = program.type;
    known.text = text;
    return true;
}

bool FastReader::Core::check_text(Index element, std::string_view text, std::size_t chars) {
    const ElementDecl& declaration = grammar->grammar().tables().elements[element];
    const Index number = grammar->elements()[element].text;
    if (number == no_index) return true;
    if (text.empty() && declaration.constraint != ValueConstraint::none) return true;
    const TypeProgram& program = grammar->programs()[number];
    if (!accepts(program, text, chars)) return false;
    if (declaration.constraint == ValueConstraint::fixed && text != declaration.value) {
        const SimpleType& simple = grammar->grammar().tables().simple_types[number];
        const std::string a = Grammar::normalised(simple, text), b = Grammar::normalised(simple, declaration.value);
        if (a != b && compare_values(simple.built_in, a, b) != std::strong_ordering::equal) return false;
    }
    return (!program.is_id && !program.is_idref) || note_identifiers(number, text);
}

/// An ID must be the first of its name; what an IDREF names is looked for at the end.
bool FastReader::Core::note_identifiers(Index type, std::string_view text) {
    const SimpleType& simple = grammar->grammar().tables().simple_types[type];
    const std::string value = Grammar::normalised(simple, text);
    if (grammar->programs()[type].is_id) return identifiers.insert(value).second;
    for (std::size_t at = 0; at < value.size();) {
        const std::size_t end = std::min(value.find(' ', at), value.size());
        references.insert(value.substr(at, end - at));
        at = end + 1;
    }
    return true;
}

PathEnd FastReader::Core::end_tag() {
    const char* const from = at_;
    at_ += 2;
    std::string_view name;
    if (!read_name(name) || name != frames.back().name) return PathEnd::wrong;
    while (at_ != end_ && xml::is_space(*at_)) ++at_;
    if (at_ == end_ || *at_ != '>') return PathEnd::wrong;
    ++at_;
    if (keeps_patches) patch_end_tag(from, name);
    return close(from, false);
}

/// The text of an element without children, put together again: comments stand between its pieces.
std::string_view FastReader::Core::text_of_childless(const Frame& frame, const char* content_end) {
    const char* const kept = at_;
    std::string all;
    at_ = frame.content;
    while (at_ < content_end) {
        if (looking_at("<!--")) {
            comment();
        } else if (looking_at("<?")) {
            instruction();
        } else {
            scratch.clear();
            xml::TextRun run(scratch);
            std::size_t chars = 0;
            bool has_section = false;
            if (!read_text(run, chars, has_section)) break;
            all += run.view();
        }
    }
    at_ = kept;
    return tape.keep(frame.entry, all);
}

/// The top element ends; `content_end` is where its end tag begins.
PathEnd FastReader::Core::close(const char* content_end, bool empty) {
    const Frame frame = frames.back();
    std::string_view text;
    if (frame.mode == Frame::Mode::model && !frame.is_nil) {
        const CompiledType& type = grammar->types()[frame.type];
        const ModelState& state = grammar->states()[frame.state];
        if (type.is_all) {
            if ((type.all_required & ~frame.members) != 0) return PathEnd::wrong;
        } else if (!state.accepts || (state.counts && frame.count < state.min)) {
            return PathEnd::wrong;
        }
    }
    if (!frame.has_children) {
        if (!empty && content_end != frame.content) text = text_of_childless(frame, content_end);
    } else if (frame.mixed && (frame.has_words || frame.known)) {
        text = tape.keep(frame.entry, mixed_text[frames.size() - 1]);
    }
    if (frame.is_nil && !text.empty()) return only_blanks(text) ? PathEnd::undecided : PathEnd::wrong;
    if (frame.mode == Frame::Mode::model && frame.mixed && !frame.has_children) {
        const ElementDecl& declaration = grammar->grammar().tables().elements[frame.element];
        if (declaration.constraint == ValueConstraint::fixed && !text.empty() && text != declaration.value)
            return PathEnd::wrong;
    }
    Entry& entry = tape.at(frame.entry);
    if (!text.empty()) entry.text = text.data();
    entry.size = static_cast<std::uint32_t>(text.size());
    entry.next = tape.size();
    frames.pop_back();
    if (bindings.size() != frame.bindings_before) spelling = frame.spelling_before;
    drop_bindings(frame.bindings_before);
    if (frames.empty()) end_root(at_);
    if (frame.is_cut) cut_path = frame.path;
    return frame.is_cut ? PathEnd::cut : PathEnd::moved;
}

void FastReader::Core::drop_bindings(std::uint32_t count) {
    for (; bindings.size() > count; bindings.pop_back()) {
        if (bindings.back().own) kept_uris.push_back(std::move(bindings.back().own));
    }
}

}  // namespace hansa::schema
