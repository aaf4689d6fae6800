#include "core/syntax/flat_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "core/syntax/codes.h"
#include "core/syntax/table_lines.h"

namespace hansa::syntax::flat {
namespace {

std::vector<std::string> names_in(const std::string& word) {
    std::vector<std::string> out;
    for (std::size_t from = 0; from <= word.size();) {
        const std::size_t to = std::min(word.find('|', from), word.size());
        out.push_back(word.substr(from, to - from));
        from = to + 1;
    }
    return out;
}

class LayoutReader {
public:
    explicit LayoutReader(Diagnostics& faults) : faults_(faults) {}

    void take(const TableLine& line) {
        const std::string& word = line.words.front();
        const std::vector<std::string> rest(line.words.begin() + 1, line.words.end());
        if (word == "separator" && rest.size() == 1)
            take_separator(rest.front(), line);
        else if (word == "name" && rest.size() == 1)
            out_.name = rest.front();
        else if (word == "header" && rest.size() > 1)
            out_.header = shape_of(rest, line);
        else if (word == "trailer" && rest.size() > 1)
            out_.trailer = shape_of(rest, line);
        else if (word == "key" && !rest.empty())
            out_.key = rest;
        else if (word == "table" && rest.size() > 1)
            out_.tables.push_back(shape_of(rest, line));
        else if (word == "tail" && !rest.empty())
            out_.tail = rest;
        else
            fault(line.place, fmt::format("'{}': expected separator, name, header, trailer, key, table or tail", word));
    }

    Layout finish(const std::string& file) {
        const Place end{.file = file, .line = 1, .column = 1, .path = {}};
        if (out_.name.empty() || out_.header.names.empty() || out_.trailer.names.empty() || out_.tables.empty())
            fault(end, "a file needs a name, a header, a trailer and a table");
        const auto has = [&](const TableShape& shape, std::string_view field) {
            return std::ranges::find(shape.fields, field) != shape.fields.end();
        };
        if (!has(out_.header, name_field)) fault(end, fmt::format("the header has no field {}", name_field));
        if (!out_.trailer.fields.empty() && !has(out_.header, out_.trailer.fields.back()))
            fault(end, fmt::format("the header has no field {}", out_.trailer.fields.back()));
        return std::move(out_);
    }

private:
    void fault(const Place& place, std::string detail) { faults_.add(codes::table_invalid, std::move(detail), place); }

    void take_separator(const std::string& word, const TableLine& line) {
        unsigned value = 0;
        const auto [end, bad] = std::from_chars(word.data(), word.data() + word.size(), value, 16);
        if (bad != std::errc() || end != word.data() + word.size() || value == 0 || value > 0x7E || value == '\n' ||
            value == '\r')
            return fault(line.place, fmt::format("'{}' is no separator", word));
        out_.separator = static_cast<char>(value);
    }

    /// "key" is all of it, "key:4" its first four fields.
    std::size_t keys_in(const std::string& word, const TableLine& line) {
        if (word == "key") return out_.key.size();
        std::size_t count = 0;
        const char* end = word.data() + word.size();
        const std::size_t colon = std::min(word.size(), std::size_t{4});
        const auto [stop, bad] = std::from_chars(word.data() + colon, end, count);
        if (word[3] == ':' && bad == std::errc() && stop == end && count <= out_.key.size()) return count;
        fault(line.place, fmt::format("'{}': expected key or key:COUNT", word));
        return 0;
    }

    TableShape shape_of(const std::vector<std::string>& words, const TableLine& line) {
        TableShape out;
        out.names = names_in(words.front());
        std::set<std::string> seen;
        for (std::size_t i = 1; i != words.size(); ++i) {
            if (i == 1 && words[i].starts_with("key")) {
                out.keys = keys_in(words[i], line);
                out.fields.assign(out_.key.begin(), out_.key.begin() + static_cast<std::ptrdiff_t>(out.keys));
                continue;
            }
            const bool blank = words[i] == "-";
            if (!blank && !seen.insert(words[i]).second) fault(line.place, fmt::format("{} stands twice", words[i]));
            out.fields.push_back(blank ? std::string() : words[i]);
        }
        return out;
    }

    Diagnostics& faults_;
    Layout out_;
};

/// Sees to it that tables and grammar have the same elements.
class Fitter {
public:
    Fitter(const schema::Grammar& grammar, const std::string& file, Diagnostics& faults)
        : grammar_(grammar), file_(file), faults_(faults) {}

    void fit(Layout& layout) {
        const schema::ElementDecl& root = grammar_.root();
        layout.ns = root.name.ns;
        layout.root = root.name.local;
        std::set<std::string> names(layout.tail.begin(), layout.tail.end());
        for (const std::string& line : layout.tail) (void)child(root, line, layout.root);
        record(layout.header, 0, root, names);
        for (std::size_t i = 0; i != layout.tables.size(); ++i) {
            // The first table holds the key for all.
            record(layout.tables[i], i == 0 ? 0 : layout.tables[i].keys, root, names);
        }
        only(root, names, layout.root);
    }

private:
    void fault(std::string detail) {
        faults_.add(codes::table_invalid, std::move(detail), {.file = file_, .line = 0, .column = 0, .path = {}});
    }

    const schema::ElementDecl* child(const schema::ElementDecl& element, const std::string& name,
                                     const std::string& path) {
        const schema::Child* found = grammar_.child(element, name);
        if (found == nullptr) fault(fmt::format("the schema has no {} in {}", name, path));
        return found == nullptr ? nullptr : found->element;
    }

    void record(const TableShape& shape, std::size_t from, const schema::ElementDecl& root,
                std::set<std::string>& names) {
        const std::string& name = shape.names.front();
        names.insert(name);
        const schema::ElementDecl* element = child(root, name, root.name.local);
        if (element == nullptr) return;
        std::set<std::string> fields;
        for (std::size_t i = from; i != shape.fields.size(); ++i) {
            if (shape.fields[i].empty()) continue;
            fields.insert(shape.fields[i]);
            (void)child(*element, shape.fields[i], name);
        }
        only(*element, fields, name);
    }

    void only(const schema::ElementDecl& element, const std::set<std::string>& names, const std::string& path) {
        for (const schema::Child& one : grammar_.children(element)) {
            if (!names.contains(one.element->name.local))
                fault(fmt::format("the table has no {} in {}", one.element->name.local, path));
        }
    }

    const schema::Grammar& grammar_;
    const std::string& file_;
    Diagnostics& faults_;
};

}  // namespace

const TableShape* Layout::table(std::string_view called) const {
    const auto found = std::ranges::find_if(
        tables, [&](const TableShape& shape) { return std::ranges::find(shape.names, called) != shape.names.end(); });
    return found == tables.end() ? nullptr : &*found;
}

Result<Layout> read_layout(const Source& source, Diagnostics& faults) {
    Diagnostics own;
    LayoutReader reader(own);
    for (const TableText& text : source.tables) {
        for (const TableLine& line : lines_of(text)) reader.take(line);
    }
    const std::string file = source.tables.empty() ? std::string() : source.tables.back().file;
    Layout out = reader.finish(file);
    if (own.empty()) Fitter(source.grammar, file, own).fit(out);
    faults.append(own);
    if (!own.empty()) return own.errors().front();
    return out;
}

}  // namespace hansa::syntax::flat
