#include "tests/differential/reader_agreement.h"

#include <algorithm>

#include "core/schema/codes.h"
#include "core/schema/reader.h"
#include "core/xml/canonical.h"

namespace hansa::test {

namespace {

using schema::Element;
using schema::Entry;
using schema::Tape;

std::string shown(const Error& error) {
    return std::to_string(error.place.line) + ":" + std::to_string(error.place.column) + " " +
           std::string(error.code.name()) + " " + error.place.path;
}

/// Takes the tape apart beside a tree.
class Comparison {
public:
    Comparison(const Tape& tape, const schema::PathTable& paths) : tape_(tape), paths_(paths) {}

    std::string compare(const Element& tree) {
        if (tape_.size() == 0) return "the tape is empty";
        element(0, tree);
        if (difference_.empty() && tape_[0].next != tape_.size()) return "the root does not end at the tape's end";
        return difference_;
    }

private:
    struct Shown {
        std::string_view ns, local;
        bool attribute = false;
    };
    Shown name_of(std::uint32_t number) const {
        if (const schema::ForeignName* foreign = tape_.foreign(number))
            return {foreign->ns, foreign->local, foreign->attribute};
        const schema::PathNode& node = paths_[tape_[number].path];
        return {node.name().ns, node.name().local, node.attribute != nullptr};
    }
    void differ(const Element& at, const std::string& what) {
        if (difference_.empty())
            difference_ = "in " + at.name.local + " at byte " + std::to_string(at.offset) + ": " + what;
    }

    std::uint32_t element(std::uint32_t number, const Element& tree) {
        const Entry& entry = tape_[number];
        const Shown name = name_of(number);
        if (name.attribute || name.local != tree.name.local || name.ns != tree.name.ns)
            differ(tree, "name " + std::string(name.local));
        if (entry.offset != tree.offset) differ(tree, "offset " + std::to_string(entry.offset));
        if (entry.value() != tree.text)
            differ(tree, "text '" + std::string(entry.value()) + "' for '" + tree.text + "'");
        std::uint32_t at = number + 1;
        for (const schema::Attribute& attribute : tree.attributes) {
            if (at >= entry.next || !difference_.empty()) return differ(tree, "an attribute is missing"), at;
            const Shown found = name_of(at);
            if (!found.attribute || found.local != attribute.name.local || found.ns != attribute.name.ns)
                differ(tree, "attribute " + attribute.name.local);
            if (tape_[at].value() != attribute.value) differ(tree, "value of " + attribute.name.local);
            if (tape_[at].path != schema::no_path && paths_[tape_[at].path].parent != entry.path)
                differ(tree, "path of " + attribute.name.local);
            if (tape_[at].next != at + 1) differ(tree, "next of " + attribute.name.local);
            ++at;
        }
        for (const Element& child : tree.children) {
            if (at >= entry.next || !difference_.empty()) return differ(tree, "a child is missing"), at;
            if (tape_[at].path != schema::no_path && paths_[tape_[at].path].parent != entry.path) differ(child, "path");
            at = element(at, child);
        }
        if (at != entry.next) differ(tree, "next is " + std::to_string(entry.next));
        return at;
    }

    const Tape& tape_;
    const schema::PathTable& paths_;
    std::string difference_;
};

std::string patched(std::string_view root, std::uint32_t root_offset, std::span<const schema::CanonicalPatch> patches) {
    std::string text;
    std::size_t at = 0;
    for (const schema::CanonicalPatch& patch : patches) {
        const std::size_t from = patch.offset - root_offset;
        text += root.substr(at, from - at);
        text += patch.text;
        at = from + patch.size;
    }
    return text += root.substr(at);
}

std::string canonical_difference(const schema::FastReader& reader, std::string_view bytes) {
    const auto patches = reader.canonical_patches();
    if (!patches) return {};
    const auto reference = xml::ReferenceDocument::parse(bytes);
    if (!reference) return {};
    const auto canonical = xml::canonical_form(*reference, {});
    if (!canonical) return {};
    const std::string ours = patched(reader.root_text(), reader.tape()[0].offset, *patches);
    // The whole document's form may have instructions before the root's.
    if (canonical->ends_with(ours) && (canonical->size() == ours.size() || canonical->starts_with("<?"))) return {};
    return "canonical form:\n" + ours + "\n  reference:\n" + *canonical;
}

/// Did the compiled reader refuse the type of an element or attribute, of whose values by that name one is such?
bool is_refused_for(const Error& ours, std::string_view bytes, bool (*is_such)(std::string_view text)) {
    if (ours.code != schema::codes::type) return false;
    const auto tree = schema::read_tree(bytes);
    if (!tree) return false;
    std::string_view name = std::string_view(ours.place.path).substr(ours.place.path.rfind('/') + 1);
    name = name.substr(0, name.find('['));
    const auto says = [&](std::string_view text) {
        const std::size_t from = text.find_first_not_of(" \t\r\n"), end = text.find_last_not_of(" \t\r\n");
        return from != std::string_view::npos && is_such(text.substr(from, end + 1 - from));
    };
    const auto any = [&](const auto& self, const Element& element) -> bool {
        if (element.name.local == name && says(element.text)) return true;
        const auto told = [&](const schema::Attribute& one) { return "@" + one.name.local == name && says(one.value); };
        return std::ranges::any_of(element.attributes, told) ||
               std::ranges::any_of(element.children, [&](const Element& child) { return self(self, child); });
    };
    return any(any, *tree);
}

}  // namespace

bool is_point_alone(const Error& ours, std::string_view bytes) {
    return is_refused_for(ours, bytes,
                          [](std::string_view text) { return text == "." || text == "+." || text == "-."; });
}

bool is_second_sixty(const Error& ours, std::string_view bytes) {
    return is_refused_for(ours, bytes, [](std::string_view text) {
        const std::size_t at = text.find(":60");
        if (at == std::string_view::npos || text.find(':') == at) return false;
        return at + 3 == text.size() || std::string_view(".Z+-").find(text[at + 3]) != std::string_view::npos;
    });
}

std::string tape_difference(const schema::FastReader& reader, const schema::PathTable& paths, const Element& tree) {
    return Comparison(reader.tape(), paths).compare(tree);
}

std::string ReaderPair::compare(std::string_view bytes) {
    Diagnostics ours, theirs;
    const auto verdict = judge_.validate(bytes, theirs);
    Result<schema::ReadStep> step = schema::ReadStep::cut;
    if (const auto opened = reader_.open(bytes, {}, ours); !opened) step = opened.error();
    while (step && *step == schema::ReadStep::cut) step = reader_.next();
    valid_ = step.has_value();
    undecided_ = !step && step.error().code == schema::codes::undecided;
    refusal_ = step ? std::nullopt : std::optional(step.error());
    if (undecided_) return {};
    if (verdict && step) {
        const auto tree = schema::read_tree(bytes, {}, &compiled_->grammar());
        if (!tree) return "the tree reader refuses: " + tree.error().text();
        const std::string difference = tape_difference(reader_, compiled_->paths(), *tree);
        return difference.empty() ? canonical_difference(reader_, bytes) : difference;
    }
    const std::string a = step ? "valid" : shown(step.error());
    const std::string b = verdict ? "valid" : shown(verdict.error());
    if (a == b) return {};
    return "compiled: " + a + (step ? "" : " (" + step.error().detail + ")") + "\n  reference: " + b +
           (verdict ? "" : " (" + verdict.error().detail + ")");
}

}  // namespace hansa::test
