#include "core/pivot/text.h"

#include <fmt/format.h>

#include <map>
#include <optional>

#include "core/pivot/codes.h"
#include "core/pivot/table.h"

namespace hansa::pivot {
namespace {

std::string escaped(std::string_view value) {
    std::string out;
    for (const char c : value) {
        switch (c) {
            case '\n':
                out += "\\n";
                break;
            case '\r':
                out += "\\r";
                break;
            case '\t':
                out += "\\t";
                break;
            case '\\':
                out += "\\\\";
                break;
            default:
                out += c;
        }
    }
    return out;
}

/// The value behind its escapes, or nothing when a backslash stands before any other sign.
std::optional<std::string> unescaped(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\') {
            out += text[i];
            continue;
        }
        if (++i == text.size()) return std::nullopt;
        switch (text[i]) {
            case 'n':
                out += '\n';
                break;
            case 'r':
                out += '\r';
                break;
            case 't':
                out += '\t';
                break;
            case '\\':
                out += '\\';
                break;
            default:
                return std::nullopt;
        }
    }
    return out;
}

void write_node(const Node& node, const Field* field, const std::string& path, std::string& out);

void write_children(const Node& node, const Field* field, const std::string& path, std::string& out) {
    std::map<std::string_view, std::size_t> counts, at;
    for (const Node& child : node.children) ++counts[child.name];
    for (const Node& child : node.children) {
        const Field* known = field ? field->child(child.name) : nullptr;
        std::string below = path + child.name;
        const std::size_t place = ++at[child.name];
        if ((known && known->is_list()) || counts[child.name] > 1) below += fmt::format("[{}]", place);
        write_node(child, known, below, out);
    }
}

void write_node(const Node& node, const Field* field, const std::string& path, std::string& out) {
    const bool group = !node.children.empty() || (field && field->is_group());
    if (group && node.children.empty()) out += path + "/\n";
    if (!group || !node.value.empty()) out += fmt::format("{} {}\n", path, escaped(node.value));
    if (!node.list.empty()) out += fmt::format("{}/@listID {}\n", path, escaped(node.list));
    for (const auto& [name, value] : node.attributes) out += fmt::format("{}/@{} {}\n", path, name, escaped(value));
    write_children(node, field, path + "/", out);
}

std::vector<std::string_view> parts_of(std::string_view line, char separator) {
    std::vector<std::string_view> out;
    while (true) {
        const std::size_t end = line.find(separator);
        out.push_back(line.substr(0, end));
        if (end == line.npos) return out;
        line.remove_prefix(end + 1);
    }
}

class Reader {
public:
    Reader(const std::string& file, const TextLimits& limits) : file_(file), limits_(limits) {}

    Result<std::vector<Document>> read(std::string_view text) {
        while (!text.empty()) {
            const std::string_view line = text.substr(0, text.find('\n'));
            text.remove_prefix(std::min(text.size(), line.size() + 1));
            ++line_;
            if (line_ > limits_.lines_max || line.size() > limits_.line_bytes_max)
                return fault(codes::too_many, "the text is longer than its limits");
            if (line.empty() || line.front() == '#') continue;
            if (auto done = read_line(line); !done) return done.error().at(here());
        }
        return std::move(documents_);
    }

private:
    Place here() const { return Place{.file = file_, .line = line_, .column = 1}; }
    Error fault(Code code, std::string detail) const { return Error{code, std::move(detail), here()}; }

    Result<void> read_line(std::string_view line) {
        constexpr std::string_view opening = "document ";
        if (line.substr(0, opening.size()) == opening) return open(line.substr(opening.size()));
        if (documents_.empty()) return fault(codes::bad_line, "expected 'document KIND' first");
        if (line.front() == '@') return read_kept(line);
        const std::size_t space = line.find(' ');
        std::string_view path = line.substr(0, space);
        if (space == line.npos && path.back() != '/')
            return fault(codes::bad_line, "expected a path, one space and a value");
        if (path.back() == '/') path.remove_suffix(1);
        const auto value = unescaped(space == line.npos ? std::string_view() : line.substr(space + 1));
        if (!value) return fault(codes::bad_line, "after a backslash only n, r, t or another backslash may stand");
        return place(path, *value, space == line.npos);
    }

    Result<void> open(std::string_view name) {
        const auto kind = kind_from_name(name);
        if (!kind) return kind.error();
        Document document;
        document.kind = *kind;
        document.root.name = pivot::root(*kind).name;
        documents_.push_back(std::move(document));
        return {};
    }

    /// "@annex" authority place text, "@memory" format place text values.
    Result<void> read_kept(std::string_view line) {
        std::vector<std::string> cells;
        for (const std::string_view part : parts_of(line, '\t')) {
            auto cell = unescaped(part);
            if (!cell) return fault(codes::bad_line, "after a backslash only n, r, t or another backslash may stand");
            cells.push_back(std::move(*cell));
        }
        if (cells.size() == 4 && cells[0] == "@annex") {
            documents_.back().annex.push_back({cells[1], cells[2], cells[3]});
        } else if (cells.size() >= 4 && cells[0] == "@memory") {
            documents_.back().memory.push_back({cells[1], cells[2], cells[3], {cells.begin() + 4, cells.end()}});
        } else {
            return fault(codes::bad_line, "expected @annex or @memory with its parts, apart by tabs");
        }
        return {};
    }

    /// The member that a step names; the next one of a list may be made, any further one not.
    Result<Node*> enter(Node& parent, const Field& field, const Step& step) {
        const std::uint32_t wanted = step.index == 0 ? 1 : step.index;
        std::uint32_t seen = 0;
        if (wanted > limits_.members_max) {
            return Error{codes::too_many, fmt::format("a list of more than {} members", limits_.members_max)};
        }
        for (Node& child : parent.children) {
            if (child.name == step.name && ++seen == wanted) return &child;
        }
        if (wanted != seen + 1 || (field.most != 0 && wanted > field.most)) {
            return Error{codes::too_many,
                         fmt::format("{}[{}] cannot stand here: {} before it", step.name, wanted, seen)};
        }
        Node made;
        made.name = field.name;
        parent.children.push_back(std::move(made));
        return &parent.children.back();
    }

    Result<void> place(std::string_view path, const std::string& value, bool group) {
        const auto steps = parse_path(path);
        if (!steps) return steps.error();
        Node* node = &documents_.back().root;
        const Field* field = &pivot::root(documents_.back().kind);
        for (const Step& step : *steps) {
            if (!step.keys.empty()) return fault(codes::bad_path, "a selector names no place in a text");
            if (!step.name.empty()) {
                const Field* next = field->child(step.name);
                if (!next) return explain_unknown(*field, step.name);
                auto entered = enter(*node, *next, step);
                if (!entered) return entered.error();
                node = *entered;
                field = next;
            }
            if (!step.attribute.empty()) return set_attribute(*node, *field, step.attribute, value);
        }
        if (group != field->is_group())
            return fault(codes::bad_line, group ? "a field needs a value" : "a class has no value");
        node->value = value;
        return {};
    }

    Result<void> set_attribute(Node& node, const Field& field, std::string_view name, const std::string& value) {
        if (name == "listID" && !field.is_group()) {
            node.list = value;
        } else if (field.has_attribute(name)) {
            node.attributes.emplace_back(name, value);
        } else {
            return explain_unknown(field, fmt::format("@{}", name));
        }
        return {};
    }

    std::vector<Document> documents_;
    const std::string& file_;
    TextLimits limits_;
    std::uint32_t line_ = 0;
};

}  // namespace

std::string write_text(const Document& document, bool with_kept) {
    std::string out = fmt::format("document {}\n", kind_name(document.kind));
    write_children(document.root, &root(document.kind), {}, out);
    if (!with_kept) return out;
    for (const Carried& carried : document.annex) {
        out += fmt::format("@annex\t{}\t{}\t{}\n", escaped(carried.authority), escaped(carried.place),
                           escaped(carried.text));
    }
    for (const Remembered& kept : document.memory) {
        out += fmt::format("@memory\t{}\t{}\t{}", escaped(kept.format), escaped(kept.place), escaped(kept.text));
        for (const std::string& value : kept.read_as) out += '\t' + escaped(value);
        out += '\n';
    }
    return out;
}

Result<std::vector<Document>> read_text(std::string_view text, const std::string& file, const TextLimits& limits) {
    return Reader(file, limits).read(text);
}

}  // namespace hansa::pivot
