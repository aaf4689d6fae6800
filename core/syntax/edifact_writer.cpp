#include <fmt/format.h>

#include <algorithm>

#include "core/base/digest.h"
#include "core/syntax/codes.h"
#include "core/syntax/edifact.h"
#include "core/syntax/edifact_text.h"

namespace hansa::syntax::edifact {
namespace {

using schema::Element;

class MessageWriter {
public:
    MessageWriter(const Table& table, std::string_view prepared) : table_(table), prepared_(prepared) {}

    std::string interchange(const Element& root) {
        std::size_t number = 0;
        std::string messages;
        for (const Element& child : root.children) {
            if (child.name.local != table_.message) continue;
            messages += message(child, ++number);
        }
        Element unb = root.child("UNB") == nullptr ? Element{} : *root.child("UNB");
        if (unb.child("S004") == nullptr) unb.children.push_back(time());
        std::string head = segment("UNB", {}, {}, unb, table_.unb);
        std::string reference = text_of(unb, "e0020");
        if (reference.empty()) {
            reference = made_reference(head + messages);
            head = with_reference(unb, reference);
        }
        std::string out = std::move(head);
        out += messages;
        out += fmt::format("UNZ+{}+{}'\n", number, released(reference));
        return out;
    }

private:
    static std::string released(std::string_view value) {
        std::string out;
        append_released(out, value);
        return out;
    }

    static std::string text_of(const Element& element, std::string_view name) {
        const Element* found = element.child(name);
        return found == nullptr ? std::string() : found->text;
    }

    /// Fourteen digits, as long as 0020 may be.
    static std::string made_reference(std::string_view content) {
        std::string out = sha256_hex(content).substr(0, 14);
        std::ranges::transform(out, out.begin(),
                               [](char c) { return c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c; });
        return out;
    }

    /// "2026-04-15T09:10:00Z" as 20260415 and 0910.
    Element time() const {
        std::string digits;
        for (const char c : prepared_) {
            if (c >= '0' && c <= '9') digits += c;
        }
        if (digits.size() < 12) digits = "197001010000";
        const auto leaf = [&](const char* name, std::size_t from, std::size_t size) {
            return Element{.name = {table_.ns, name}, .text = digits.substr(from, size)};
        };
        return {.name = {table_.ns, "S004"}, .children = {leaf("e0017", 0, 8), leaf("e0019", 8, 4)}};
    }

    std::string with_reference(Element unb, const std::string& reference) {
        unb.children.push_back({.name = {table_.ns, "e0020"}, .text = reference});
        return segment("UNB", {}, {}, unb, table_.unb);
    }

    std::string message(const Element& element, std::size_t number) {
        count_ = 0;
        Element unh = element.child("UNH") == nullptr ? Element{} : *element.child("UNH");
        std::string reference = text_of(unh, "e0062");
        if (reference.empty()) {
            reference = std::to_string(number);
            unh.children.push_back({.name = {table_.ns, "e0062"}, .text = reference});
        }
        std::string out = segment("UNH", {}, {}, unh, table_.unh);
        lines(table_.body, element, out);
        out += fmt::format("UNT+{}+{}'\n", count_ + 1, released(reference));
        return out;
    }

    void lines(const std::vector<Line>& all, const Element& element, std::string& out) {
        for (const Line& line : all) {
            if (line.kind == Line::Kind::divider) {
                out += fmt::format("{}+{}'\n", line.tag, released(line.qualifier));
                ++count_;
                continue;
            }
            for (const Element& child : element.children) {
                if (child.name.local != line.name) continue;
                if (line.kind == Line::Kind::segment)
                    out += segment(line, child);
                else
                    lines(line.lines, child, out);
            }
        }
    }

    /// Trailing separators say nothing and are left out.
    static void append(std::string& out, std::vector<std::string>& parts, char separator) {
        while (!parts.empty() && parts.back().empty()) parts.pop_back();
        for (std::size_t i = 0; i != parts.size(); ++i) {
            if (i != 0) out += separator;
            out += parts[i];
        }
    }

    /// What the syntax itself says in a place: the message's type in UNH, the qualifiers elsewhere.
    std::string own(std::string_view tag, std::string_view qualifier, std::string_view second, std::size_t element,
                    std::size_t component) const {
        if (tag == "UNH" && element == 1 && component < 4) {
            std::string_view rest = table_.type;
            for (std::size_t i = 0; i != component; ++i) rest.remove_prefix(rest.find(':') + 1);
            return std::string(rest.substr(0, rest.find(':')));
        }
        if (component != 0 || element > 1) return {};
        return std::string(element == 0 ? qualifier : second);
    }

    std::string segment(const Line& line, const Element& from) {
        return segment(line.tag, line.qualifier, line.second, from, line.shape);
    }

    std::string segment(std::string_view tag, std::string_view qualifier, std::string_view second, const Element& from,
                        const SegmentShape& shape) {
        ++count_;
        std::vector<std::string> elements{std::string(tag)};
        for (std::size_t i = 0; i != shape.size(); ++i) {
            const Element* above = shape[i].name.empty() ? &from : from.child(shape[i].name);
            std::vector<std::string> components;
            for (std::size_t k = 0; k != shape[i].components.size(); ++k) {
                const ComponentShape& as = shape[i].components[k];
                const bool here = above != nullptr && as.in_tree;
                components.push_back(released(here ? text_of(*above, as.name) : own(tag, qualifier, second, i, k)));
            }
            std::string text;
            append(text, components, ':');
            if (tag == "UNB" && i == 0) text = "UNO?:4";  // the repertoire is known when all is written
            elements.push_back(std::move(text));
        }
        std::string out;
        append(out, elements, '+');
        return out + "'\n";
    }

    const Table& table_;
    std::string_view prepared_;
    std::size_t count_ = 0;
};

/// The place of the first character that no level has, for the message.
Error unwritable(const Table& table, const Element& element, const std::string& path) {
    for (const Element& child : element.children) {
        const std::string inside = path + "/" + child.name.local;
        if (!child.children.empty()) {
            Error found = unwritable(table, child, inside);
            if (!found.place.path.empty()) return found;
        } else if (std::ranges::none_of(table.levels,
                                        [&](const std::string& level) { return level_has(level, child.text); })) {
            return {codes::unwritable,
                    fmt::format("no repertoire of {} has all characters of the value", table.message),
                    {.path = inside}};
        }
    }
    return {codes::unwritable, fmt::format("no repertoire of {} has all characters", table.message)};
}

}  // namespace

Result<std::string> write(const Table& table, const Element& root, std::string_view prepared) {
    std::string text = MessageWriter(table, prepared).interchange(root);
    constexpr std::string_view level_place = "UNB+UNO?:4";
    for (const std::string& level : table.levels) {
        // Line ends between segments are no characters of the message.
        std::string said = text;
        std::erase(said, '\n');
        if (!level_has(level, said)) continue;
        text.replace(0, level_place.size(), fmt::format("UNB+{}:4", level));
        return encode(level, text);
    }
    return unwritable(table, root, "/" + root.name.local);
}

}  // namespace hansa::syntax::edifact
