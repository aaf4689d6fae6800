#include "core/syntax/flat.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "core/syntax/codes.h"
#include "core/syntax/flat_table.h"
#include "core/xml/characters.h"
#include "core/xml/line_index.h"

namespace hansa::syntax::flat {
namespace {

using schema::Element;

constexpr std::string_view table_mark = "<TABLE>";

struct Line {
    std::string_view text;  ///< without its end
    std::uint64_t offset = 0;
};

struct Field {
    std::string_view text;
    std::uint64_t offset = 0;
};

Error error_at(std::string_view text, std::uint64_t offset, Code code, std::string detail) {
    xml::LineIndex lines(text);
    return {code, std::move(detail), lines.place(offset)};
}

/// The first byte that is no character of a record: not UTF-8, or a control character that separates nothing.
std::optional<std::size_t> first_foreign(std::string_view text, char separator) {
    for (std::size_t at = 0; at < text.size();) {
        const xml::Decoded sign = xml::decode_utf8(text, at);
        const bool breaks =
            sign.value == '\n' || sign.value == '\r' || sign.value == static_cast<unsigned char>(separator);
        const bool control = sign.value < 0x20 || (sign.value >= 0x7F && sign.value < 0xA0) || sign.value == 0xFFFE ||
                             sign.value == 0xFFFF;
        if (sign.bytes == 0 || (control && !breaks)) return at;
        at += sign.bytes;
    }
    return std::nullopt;
}

class FileReader {
public:
    FileReader(const Layout& layout, std::string_view text) : layout_(layout), text_(text) {}

    Result<Element> file(const Limits& limits) {
        if (auto cut = cut_lines(limits); !cut) return cut.error();
        if (lines_.empty())
            return fault(text_.size(), codes::segment_missing,
                         fmt::format("{}, the header", layout_.header.names.front()));
        Element root{.name = {layout_.ns, layout_.root}};
        auto header = this->header();
        if (!header) return header.error();
        root.children.push_back(*std::move(header));
        if (auto records = this->records(root); !records) return records.error();
        if (auto trailer = this->trailer(root.children.front()); !trailer) return trailer.error();
        if (auto tail = this->tail(root); !tail) return tail.error();
        root.end_offset = lines_.back().offset;
        return root;
    }

private:
    Error fault(std::uint64_t offset, Code code, std::string detail) const {
        return error_at(text_, offset, code, std::move(detail));
    }

    Result<void> cut_lines(const Limits& limits) {
        for (std::size_t from = 0; from < text_.size();) {
            const std::size_t to = std::min(text_.find('\n', from), text_.size());
            std::string_view line = text_.substr(from, to - from);
            if (line.ends_with('\r')) line.remove_suffix(1);
            if (line.find('\r') != std::string_view::npos)
                return fault(from + line.find('\r'), codes::charset, "a line ends inside of a record");
            if (!line.empty()) lines_.push_back({line, from});
            if (lines_.size() > limits.parts_max)
                return Error{codes::too_many, fmt::format("more than {} records", limits.parts_max)};
            from = to + 1;
        }
        return {};
    }

    std::vector<Field> fields_of(const Line& line) const {
        std::vector<Field> out;
        for (std::size_t from = 0; from <= line.text.size();) {
            const std::size_t to = std::min(line.text.find(layout_.separator, from), line.text.size());
            out.push_back({line.text.substr(from, to - from), line.offset + from});
            from = to + 1;
        }
        return out;
    }

    /// The fields from `first` on under their names; `from` of them are the syntax's own.
    Result<Element> record(const std::string& name, const TableShape& shape, const std::vector<Field>& fields,
                           std::size_t first, std::size_t from) const {
        Element out{.name = {layout_.ns, name}};
        out.offset = out.end_offset = fields.front().offset;
        for (std::size_t i = first; i != fields.size(); ++i) {
            const std::size_t place = i - first;
            if (fields[i].text.empty() || place < from) continue;
            if (place >= shape.fields.size() || shape.fields[place].empty())
                return fault(fields[i].offset, codes::element_unexpected,
                             fmt::format("{} has a field {}", name, place + 1));
            Element leaf{.name = {layout_.ns, shape.fields[place]}, .text = std::string(fields[i].text)};
            leaf.offset = leaf.end_offset = fields[i].offset;
            out.children.push_back(std::move(leaf));
        }
        return out;
    }

    Result<Element> header() {
        const auto fields = fields_of(lines_.front());
        const std::string& tag = layout_.header.names.front();
        if (fields.front().text != tag)
            return fault(fields.front().offset, codes::segment_missing, fmt::format("{}, the header", tag));
        auto out = record(tag, layout_.header, fields, 1, 0);
        if (!out) return out;
        const Element* said = out->child(name_field);
        if (said == nullptr || said->text != layout_.name)
            return fault(
                lines_.front().offset, codes::message_unknown,
                fmt::format("the message is '{}', expected {}", said == nullptr ? "" : said->text, layout_.name));
        at_ = 1;
        return out;
    }

    bool at_trailer() const { return fields_of(lines_[at_]).front().text == layout_.trailer.names.front(); }

    Result<void> records(Element& root) {
        std::vector<std::pair<std::size_t, Element>> made;
        while (at_ != lines_.size() && !at_trailer()) {
            const Line& line = lines_[at_];
            if (!line.text.starts_with(table_mark))
                return fault(line.offset, codes::record_unexpected, "a record stands under no table");
            const std::string_view called = line.text.substr(table_mark.size());
            const TableShape* shape = layout_.table(called);
            if (shape == nullptr)
                return fault(line.offset, codes::record_unexpected, fmt::format("no table is called '{}'", called));
            ++at_;
            if (auto rows = rows_of(*shape, made); !rows) return rows;
        }
        std::ranges::stable_sort(made, {}, [](const auto& pair) { return pair.first; });
        for (auto& [place, one] : made) root.children.push_back(std::move(one));
        return {};
    }

    Result<void> rows_of(const TableShape& shape, std::vector<std::pair<std::size_t, Element>>& made) {
        const auto number = static_cast<std::size_t>(&shape - layout_.tables.data());
        for (; at_ != lines_.size() && !lines_[at_].text.starts_with('<') && !at_trailer(); ++at_) {
            const auto fields = fields_of(lines_[at_]);
            if (auto same = same_key(shape, fields); !same) return same;
            auto one = record(shape.names.front(), shape, fields, 0, number == 0 ? 0 : shape.keys);
            if (!one) return one.error();
            made.emplace_back(number, *std::move(one));
        }
        return {};
    }

    /// Every record says the same key as the first.
    Result<void> same_key(const TableShape& shape, const std::vector<Field>& fields) {
        std::vector<std::string> said;
        for (std::size_t i = 0; i != shape.keys; ++i)
            said.emplace_back(i < fields.size() ? fields[i].text : std::string_view());
        // A table may repeat less of the key than another.
        for (std::size_t i = key_.size(); i < said.size(); ++i) key_.push_back(said[i]);
        for (std::size_t i = 0; i != said.size(); ++i) {
            if (said[i] == key_[i]) continue;
            const std::uint64_t where = i < fields.size() ? fields[i].offset : fields.back().offset;
            return fault(where, codes::reference_differs,
                         fmt::format("{} of {} is '{}', the first record says '{}'", layout_.key[i],
                                     shape.names.front(), said[i], key_[i]));
        }
        return {};
    }

    Result<void> trailer(const Element& header) {
        const std::string& tag = layout_.trailer.names.front();
        if (at_ == lines_.size()) return fault(text_.size(), codes::truncated, fmt::format("{} is missing", tag));
        const auto fields = fields_of(lines_[at_]);
        auto last = fields.end();
        while (last != fields.begin() + 1 && std::prev(last)->text.empty()) --last;
        const std::string_view said = last == fields.begin() + 1 ? std::string_view() : std::prev(last)->text;
        const Element* begun = header.child(layout_.trailer.fields.back());
        const std::string expected = begun == nullptr ? std::string() : begun->text;
        if (said != expected)
            return fault(fields.back().offset, codes::reference_differs,
                         fmt::format("{} says '{}', {} said '{}'", tag, said, layout_.header.names.front(), expected));
        ++at_;
        return {};
    }

    /// Lines <NAME>text</NAME>, each name at most once, in the table's order.
    Result<void> tail(Element& root) {
        for (const std::string& name : layout_.tail) {
            if (at_ == lines_.size()) return {};
            const Line& line = lines_[at_];
            const std::string open = "<" + name + ">", close = "</" + name + ">";
            if (!line.text.starts_with(open)) continue;
            if (!line.text.ends_with(close) || line.text.size() < open.size() + close.size())
                return fault(line.offset, codes::truncated, fmt::format("{} is not closed", open));
            Element leaf{.name = {layout_.ns, name}};
            leaf.text = line.text.substr(open.size(), line.text.size() - open.size() - close.size());
            leaf.offset = leaf.end_offset = line.offset;
            root.children.push_back(std::move(leaf));
            ++at_;
        }
        if (at_ != lines_.size())
            return fault(lines_[at_].offset, codes::record_unexpected, "something stands behind the trailer");
        return {};
    }

    const Layout& layout_;
    std::string_view text_;
    std::vector<Line> lines_;
    std::size_t at_ = 0;
    std::vector<std::string> key_;
};

class FileWriter {
public:
    explicit FileWriter(const Layout& layout) : layout_(layout) {}

    Result<std::string> file(const Element& root) {
        if (const auto bad = unwritable(root, "/" + root.name.local)) return *bad;
        const Element* header = root.child(layout_.header.names.front());
        std::string out = layout_.header.names.front();
        append(out, header == nullptr ? Element{} : *header, layout_.header, 0, true);
        std::vector<std::string> key;
        for (const TableShape& table : layout_.tables) {
            bool titled = false;
            for (const Element& row : root.children) {
                if (row.name.local != table.names.front()) continue;
                if (!titled) out += fmt::format("{}{}\n", table_mark, table.names.front());
                titled = true;
                const bool first = &table == layout_.tables.data();
                if (first && key.empty()) key = key_of(row);
                std::string line;
                for (std::size_t i = 0; i != table.keys && !first; ++i) {
                    if (i != 0) line += layout_.separator;
                    if (i < key.size()) line += key[i];
                }
                append(line, row, table, first ? 0 : table.keys, !first && table.keys != 0);
                out += line;
            }
        }
        out += layout_.trailer.names.front();
        const Element* said = header == nullptr ? nullptr : header->child(layout_.trailer.fields.back());
        for (std::size_t i = 0; i + 1 < layout_.trailer.fields.size(); ++i) out += layout_.separator;
        out += layout_.separator + (said == nullptr ? std::string() : said->text) + "\n";
        for (const std::string& name : layout_.tail) {
            if (const Element* line = root.child(name)) out += fmt::format("<{}>{}</{}>\n", name, line->text, name);
        }
        return out;
    }

private:
    std::vector<std::string> key_of(const Element& row) const {
        std::vector<std::string> out;
        for (const std::string& name : layout_.key)
            out.push_back(row.child(name) == nullptr ? std::string() : row.child(name)->text);
        return out;
    }

    /// Every field of the record is there, as empty as it may be.
    void append(std::string& out, const Element& row, const TableShape& shape, std::size_t from, bool separated) const {
        for (std::size_t i = from; i != shape.fields.size(); ++i) {
            if (separated || i != from) out += layout_.separator;
            const Element* field = shape.fields[i].empty() ? nullptr : row.child(shape.fields[i]);
            if (field != nullptr) out += field->text;
        }
        out += '\n';
    }

    std::optional<Error> unwritable(const Element& element, const std::string& path) const {
        const bool breaks = element.text.find_first_of(std::string("\r\n") + layout_.separator) != std::string::npos;
        if (element.children.empty() && (breaks || first_foreign(element.text, layout_.separator)))
            return Error{codes::unwritable,
                         "a field holds no separator and no control character",
                         {.file = {}, .line = 0, .column = 0, .path = path}};
        for (const Element& child : element.children) {
            if (auto found = unwritable(child, path + "/" + child.name.local)) return found;
        }
        return std::nullopt;
    }

    const Layout& layout_;
};

class FlatSyntax final : public Syntax {
public:
    explicit FlatSyntax(Layout layout) : layout_(std::move(layout)) {}

    Result<bool> recognises(std::string_view bytes) const override {
        const std::string start = layout_.header.names.front() + layout_.separator;
        if (!bytes.starts_with(start)) return false;
        std::string_view line = bytes.substr(0, bytes.find('\n'));
        const auto place = std::ranges::find(layout_.header.fields, name_field) - layout_.header.fields.begin();
        for (auto i = place + 1; i != 0; --i) {
            const std::size_t next = line.find(layout_.separator);
            if (next == std::string_view::npos) return false;
            line.remove_prefix(next + 1);
        }
        std::string_view said = line.substr(0, line.find(layout_.separator));
        if (said.ends_with('\r')) said.remove_suffix(1);
        return said == layout_.name;
    }

    Result<Document> read(std::string_view bytes, const Limits& limits) const override {
        if (bytes.size() > limits.bytes_max)
            return Error{codes::too_large, fmt::format("{} bytes, the limit is {}", bytes.size(), limits.bytes_max)};
        if (const auto foreign = first_foreign(bytes, layout_.separator))
            return error_at(bytes, *foreign, codes::charset, "a byte that is no character of a record");
        auto tree = FileReader(layout_, bytes).file(limits);
        if (!tree) return tree.error();
        return Document{std::string(bytes), *std::move(tree)};
    }

    Result<std::string> write(const Element& root, std::string_view) const override {
        return FileWriter(layout_).file(root);
    }
    std::string_view file_ending() const override { return "txt"; }

private:
    Layout layout_;
};

}  // namespace

Result<std::shared_ptr<const Syntax>> make(const Source& source, Diagnostics& faults) {
    auto layout = read_layout(source, faults);
    if (!layout) return layout.error();
    return std::shared_ptr<const Syntax>(std::make_shared<FlatSyntax>(*std::move(layout)));
}

}  // namespace hansa::syntax::flat
