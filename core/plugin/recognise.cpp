#include "core/plugin/recognise.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "core/base/nearest.h"
#include "core/plugin/codes.h"
#include "core/xml/encoding.h"
#include "core/xml/scanner.h"

namespace hansa::plugin {
namespace {

using Indices = std::vector<std::size_t>;

std::string shown(std::string_view ns, std::string_view local) {
    return ns.empty() ? std::string(local) : fmt::format("{{{}}}{}", ns, local);
}

Error unknown(std::string detail, const Place& where) {
    return Error{codes::format_unknown, std::move(detail), where};
}

/// A known root of the same local name, else the one that is spelt most like it.
Error root_unknown(const xml::Token& root, std::span<const Shape> shapes, const Place& where) {
    const std::string name = shown(root.ns, root.local);
    std::vector<std::string> known;
    for (const Shape& shape : shapes) {
        known.push_back(shown(shape.root.ns, shape.root.local));
        if (shape.root.local == root.local)
            return unknown(fmt::format("root {}; did you mean '{}'?", name, known.back()), where);
    }
    const std::vector<std::string_view> views(known.begin(), known.end());
    return unknown(fmt::format("root {}{}", name, did_you_mean(name, views)), where);
}

Result<std::size_t> only_one(const Indices& fitting, std::span<const Shape> shapes, const Place& where) {
    if (fitting.size() == 1) return fitting.front();
    std::vector<std::string> names;
    for (const std::size_t index : fitting) names.push_back(shapes[index].format);
    std::ranges::sort(names);
    return Error{codes::format_ambiguous, fmt::format("it may be {}", fmt::join(names, " or ")), where};
}

/// The scanner at the root's start tag.
Result<void> go_to_root(xml::Scanner& scanner) {
    for (;;) {
        const auto kind = scanner.next();
        if (!kind) return kind.error();
        if (*kind == xml::TokenKind::start_element) return {};
        if (*kind == xml::TokenKind::end_of_document) return unknown("there is no element", {});
    }
}

/// The text in front of the next tag, without white space before it. The scanner then stands at that tag.
Result<std::string> text_here(xml::Scanner& scanner) {
    std::string text;
    for (;;) {
        const auto kind = scanner.next();
        if (!kind) return kind.error();
        if (*kind == xml::TokenKind::text) text += scanner.token().text;
        if (*kind == xml::TokenKind::comment || *kind == xml::TokenKind::instruction || *kind == xml::TokenKind::text)
            continue;
        return text.substr(std::min(text.find_first_not_of(" \t\n"), text.size()));
    }
}

bool leads_into(const std::vector<schema::Name>& steps, const std::vector<schema::Name>& path) {
    return steps.size() > path.size() && std::equal(path.begin(), path.end(), steps.begin());
}

/// Shapes whose steps lead to the first element that any of them leads to. Empty: none does.
/// A shape that asks for another text than its element has is none from there on. Where an element is found that
/// others lead into with a text, they are asked first, as far as that element goes.
Result<Indices> follow_steps(xml::Scanner& scanner, Indices candidates, std::span<const Shape> shapes,
                             std::size_t tags_max) {
    std::vector<schema::Name> path;
    std::vector<schema::Name> entered;  // by which a mark in the first of its name was gone into
    Indices otherwise;  // found, unless something below says more
    std::size_t otherwise_length = 0;
    auto kind = scanner.next();
    for (std::size_t tags = 0; tags != tags_max && !candidates.empty();) {
        if (!kind && !otherwise.empty()) break;  // who reads the whole document says what is wrong with it
        if (!kind) return kind.error();
        if (*kind == xml::TokenKind::end_of_document) break;
        if (*kind != xml::TokenKind::start_element) {
            kind = scanner.next();
            continue;
        }
        ++tags;
        path.resize(scanner.depth() - 2);  // the root is depth 1 and no step
        if (!otherwise.empty() && path.size() < otherwise_length) break;
        path.push_back({std::string(scanner.token().ns), std::string(scanner.token().local)});
        if (path.size() == 1) {
            std::erase_if(candidates, [&](std::size_t index) {
                const Shape& shape = shapes[index];
                return shape.in_first && std::ranges::find(entered, shape.steps.front()) != entered.end();
            });
            const bool leads = std::ranges::any_of(candidates, [&](std::size_t index) { return shapes[index].in_first && shapes[index].steps.front() == path.front(); });
            if (leads) entered.push_back(path.front());
        }
        Indices found, asking;
        for (const std::size_t index : candidates) {
            if (shapes[index].steps == path) (shapes[index].begins.empty() ? found : asking).push_back(index);
        }
        if (asking.empty()) {
            if (!found.empty()) {
                std::erase_if(candidates, [&](std::size_t index) {
                    return shapes[index].begins.empty() || !leads_into(shapes[index].steps, path);
                });
                if (candidates.empty()) return found;
                otherwise = std::move(found);
                otherwise_length = path.size();
            }
            kind = scanner.next();
            continue;
        }
        const auto text = text_here(scanner);
        if (!text && !otherwise.empty()) break;
        if (!text) return text.error();
        for (const std::size_t index : asking) {
            if (text->starts_with(shapes[index].begins)) found.push_back(index);
        }
        if (!found.empty()) return found;
        std::erase_if(candidates, [&](std::size_t index) { return std::ranges::find(asking, index) != asking.end(); });
        kind = scanner.token().kind;
    }
    return otherwise;
}

}  // namespace

Result<std::size_t> recognise(std::string_view bytes, std::span<const Shape> shapes, std::size_t tags_max) {
    // How large a message may be was decided when it was admitted; here little of it is read.
    constexpr std::size_t any_size = std::size_t{1} << 40;
    const auto text = xml::to_utf8(bytes, any_size);
    if (!text) return text.error();
    xml::Limits limits;
    limits.document_bytes_max = any_size;
    xml::Scanner scanner(text->text(), limits,
                         text->converted() ? xml::DeclaredEncoding::converted : xml::DeclaredEncoding::binding);
    if (auto root = go_to_root(scanner); !root) return root.error();
    xml::LineIndex lines(text->text());
    const Place where = lines.place(scanner.token().offset);

    Indices plain, stepped;
    for (std::size_t index = 0; index != shapes.size(); ++index) {
        const Shape& shape = shapes[index];
        if (shape.root.local != scanner.token().local || shape.root.ns != scanner.token().ns) continue;
        (shape.steps.empty() ? plain : stepped).push_back(index);
    }
    if (plain.empty() && stepped.empty()) return root_unknown(scanner.token(), shapes, where);
    const std::string root = shown(scanner.token().ns, scanner.token().local);
    if (!stepped.empty()) {
        const auto found = follow_steps(scanner, stepped, shapes, tags_max);
        const bool marks = std::ranges::all_of(stepped, [&](std::size_t index) { return shapes[index].in_first; });
        if (!found && (plain.empty() || !marks)) return found.error();
        if (found && !found->empty()) return only_one(*found, shapes, where);
    }
    if (!plain.empty()) return only_one(plain, shapes, where);
    std::vector<std::string> inner;
    for (const std::size_t index : stepped)
        inner.push_back(shown(shapes[index].steps.back().ns, shapes[index].steps.back().local));
    return unknown(fmt::format("root {} is known, but inside there is no {}", root, fmt::join(inner, " or ")), where);
}

}  // namespace hansa::plugin
