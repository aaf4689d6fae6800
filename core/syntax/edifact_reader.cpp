#include <fmt/format.h>

#include <algorithm>

#include "core/syntax/codes.h"
#include "core/syntax/edifact.h"
#include "core/syntax/edifact_text.h"
#include "core/xml/line_index.h"

namespace hansa::syntax::edifact {
namespace {

using schema::Element;

/// Walks over the segments of one message with the table as its map.
class MessageReader {
public:
    MessageReader(const Table& table, const Interchange& from) : table_(table), from_(from) {}

    Result<Element> interchange() {
        Element root{.name = {table_.ns, table_.root}};
        root.offset = from_.segments.front().offset;
        root.end_offset = from_.segments.back().offset;
        if (from_.groups) {
            const auto group = std::ranges::find(from_.segments, "UNG", &Segment::tag);
            return fault(group->offset, codes::segment_unexpected, "UNG: messages of this format stand in no groups");
        }
        auto unb = element(from_.segments.front(), "UNB", table_.unb);
        if (!unb) return unb.error();
        root.children.push_back(*std::move(unb));
        for (const Message& one : from_.messages) {
            auto made = message(one);
            if (!made) return made.error();
            root.children.push_back(*std::move(made));
        }
        return root;
    }

private:
    Result<Element> message(const Message& one) {
        const Segment& unh = from_.segments[one.first];
        const std::string type =
            fmt::format("{}:{}:{}:{}", unh.value(1, 0), unh.value(1, 1), unh.value(1, 2), unh.value(1, 3));
        if (type != table_.type)
            return fault(unh.offset, codes::message_unknown,
                         fmt::format("the message is {}, expected {}", type, table_.type));
        Element out{.name = {table_.ns, table_.message}};
        out.offset = unh.offset;
        out.end_offset = from_.segments[one.end - 1].offset;
        auto head = element(unh, "UNH", table_.unh);
        if (!head) return head.error();
        out.children.push_back(*std::move(head));
        first_ = one.first;
        at_ = one.first + 1;
        end_ = one.end - 1;
        if (auto inside = level(table_.body, 0, out); !inside) return inside.error();
        if (at_ != end_) return unexpected();
        return out;
    }

    Error unexpected() const {
        const Segment& segment = from_.segments[at_];
        return fault(segment.offset, codes::segment_unexpected,
                     fmt::format("{} (segment {} of the message) has no place behind {}", segment.tag, at_ - first_ + 1,
                                 from_.segments[at_ - 1].tag));
    }

    Error fault(std::uint64_t offset, Code code, std::string detail) const {
        xml::LineIndex lines(from_.text);
        return {code, std::move(detail), lines.place(offset)};
    }

    static bool fits(const Line& line, const Segment& segment) {
        return line.tag == segment.tag && (line.qualifier.empty() || line.qualifier == segment.value(0)) &&
               (line.second.empty() || line.second == segment.value(1));
    }

    /// The first line from `from` on that the segment fits; behind it, of lines of one tag, the one that asks for it.
    static std::size_t find(const std::vector<Line>& lines, std::size_t from, const Segment& segment) {
        while (from != lines.size() && !fits(lines[from], segment)) ++from;
        return from;
    }

    static std::size_t start_of_alternatives(const std::vector<Line>& lines, std::size_t at) {
        while (at != 0 && lines[at - 1].tag == lines[at].tag && lines[at - 1].kind == lines[at].kind &&
               lines[at].kind != Line::Kind::divider)
            --at;
        return at;
    }

    Result<void> missing(const std::vector<Line>& lines, std::size_t from, std::size_t to) const {
        for (; from != to; ++from) {
            if (lines[from].kind != Line::Kind::divider) continue;
            const Segment& here = from_.segments[at_];
            return fault(
                here.offset, codes::segment_missing,
                fmt::format("{} before {} (segment {} of the message)", lines[from].name, here.tag, at_ - first_ + 1));
        }
        return {};
    }

    /// Segments as long as a line of this level takes them; what is left is for the level above.
    Result<void> level(const std::vector<Line>& lines, std::size_t at, Element& out) {
        std::vector<std::pair<std::size_t, Element>> made;
        while (at_ != end_) {
            const Segment& segment = from_.segments[at_];
            const std::size_t found = find(lines, at, segment);
            if (found == lines.size()) break;
            if (auto whole = missing(lines, at, found); !whole) return whole;
            const Line& line = lines[found];
            at = start_of_alternatives(lines, found);
            if (line.kind == Line::Kind::divider) {
                ++at_;
                at = found + 1;
                continue;
            }
            auto one =
                line.kind == Line::Kind::group ? group(line) : element(from_.segments[at_++], line.name, line.shape);
            if (!one) return one.error();
            made.emplace_back(found, *std::move(one));
        }
        // Only the message itself has dividers, and none may be left out.
        if (auto whole = missing(lines, at, lines.size()); !whole)
            return at_ == end_ ? whole : Result<void>(unexpected());
        std::ranges::stable_sort(made, {}, [](const auto& pair) { return pair.first; });
        for (auto& [place, one] : made) out.children.push_back(std::move(one));
        return {};
    }

    Result<Element> group(const Line& line) {
        Element out{.name = {table_.ns, line.name}};
        out.offset = from_.segments[at_].offset;
        auto first = element(from_.segments[at_++], line.lines.front().name, line.lines.front().shape);
        if (!first) return first.error();
        out.children.push_back(*std::move(first));
        if (auto inside = level(line.lines, 1, out); !inside) return inside.error();
        out.end_offset = from_.segments[at_].offset;
        return out;
    }

    Result<Element> element(const Segment& segment, const std::string& name, const SegmentShape& shape) const {
        Element out{.name = {table_.ns, name}};
        out.offset = segment.offset;
        out.end_offset = segment.end_offset;
        for (std::size_t i = 0; i != segment.elements.size(); ++i) {
            const DataElement& from = segment.elements[i];
            Element composite;
            std::size_t closed = 0;  // components of a run that are filled so far
            for (std::size_t k = 0; k != from.components.size(); ++k) {
                const Component& component = from.components[k];
                if (component.text.empty()) continue;
                const bool known = i < shape.size() && k < shape[i].components.size();
                if (!known || (!shape[i].components[k].in_tree && !shape[i].components[k].name.empty())) {
                    return fault(component.offset, codes::element_unexpected,
                                 fmt::format("{} holds a component {} in element {}", segment.tag, k + 1, i + 1));
                }
                const std::size_t place = shape[i].components[k].closes_up ? first_of_run(shape[i], k) + closed++ : k;
                const ComponentShape& as = shape[i].components[place];
                if (!as.in_tree) continue;
                Element leaf{.name = {table_.ns, as.name}, .text = text_of(component, as)};
                leaf.offset = leaf.end_offset = component.offset;
                (shape[i].name.empty() ? out : composite).children.push_back(std::move(leaf));
            }
            if (composite.children.empty()) continue;
            composite.name = {table_.ns, shape[i].name};
            composite.offset = composite.children.front().offset;
            composite.end_offset = composite.children.back().offset;
            out.children.push_back(std::move(composite));
        }
        return out;
    }

    /// Of the components that close up together with this one, the first.
    static std::size_t first_of_run(const ElementShape& shape, std::size_t at) {
        while (at != 0 && shape.components[at - 1].closes_up) --at;
        return at;
    }

    /// Numbers have a point in the tree, whatever the interchange writes.
    std::string text_of(const Component& component, const ComponentShape& as) const {
        std::string out = component.text;
        if (!as.decimal) return out;
        std::ranges::replace(out, from_.service.decimal, '.');
        if (from_.version == 4) std::ranges::replace(out, ',', '.');
        return out;
    }

    const Table& table_;
    const Interchange& from_;
    std::size_t first_ = 0, at_ = 0, end_ = 0;
};

/// A date of six digits is of this century (ISO 9735 version 3 has no other).
void widen_date(Element& root) {
    Element& unb = root.children.front();
    for (Element& composite : unb.children) {
        if (composite.name.local != "S004") continue;
        for (Element& leaf : composite.children) {
            if (leaf.name.local == "e0017" && leaf.text.size() == 6) leaf.text = "20" + leaf.text;
        }
    }
}

class EdifactSyntax final : public Syntax {
public:
    explicit EdifactSyntax(Table table) : table_(std::move(table)) {}

    Result<bool> recognises(std::string_view bytes) const override {
        if (!looks_like_interchange(bytes)) return false;
        const auto type = message_type(bytes);
        if (!type) return type.error();
        return *type == table_.type;
    }
    Result<Document> read(std::string_view bytes, const Limits& limits) const override {
        return edifact::read(table_, bytes, limits);
    }
    Result<std::string> write(const Element& root, std::string_view prepared) const override {
        return edifact::write(table_, root, prepared);
    }
    std::string_view file_ending() const override { return "edi"; }

private:
    Table table_;
};

}  // namespace

std::shared_ptr<const Syntax> make(Table table) {
    return std::make_shared<EdifactSyntax>(std::move(table));
}

Result<Document> read(const Table& table, std::string_view bytes, const Limits& limits) {
    auto interchange = read_interchange(bytes, limits);
    if (!interchange) return interchange.error();
    auto tree = MessageReader(table, *interchange).interchange();
    if (!tree) return tree.error();
    widen_date(*tree);
    return Document{std::move(interchange->text), *std::move(tree)};
}

}  // namespace hansa::syntax::edifact
