#include "core/trace/trace_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/base/nearest.h"
#include "core/rules/codes.h"
#include "core/rules/table_row.h"
#include "core/trace/codes.h"

namespace hansa::trace {
namespace {

using mapping::LineReader;
using mapping::TextNode;
using rules::RowReader;

constexpr std::array<std::string_view, 10> event_words{"over", "each", "when", "time", "level", "join", "mark", "corridor", "source", "note"};

template <class Rows>
std::vector<std::string_view> names_of(const Rows& rows) {
    std::vector<std::string_view> out;
    for (const auto& row : rows) out.push_back(row.name);
    return out;
}

class TableReader {
public:
    TableReader(const std::string& file, Diagnostics& faults) : rows_(file, faults) {}

    void read(const TextNode& node, TraceTable& table) {
        const auto words = rows_.words(node);
        if (words.size() != 1) return fault("a table has one name: trace xx", node);
        table.id = words[0];
        for (const TextNode& line : node.children) {
            const std::string_view word = RowReader::keyword(line);
            if (word == "event") read_event(line, table);
            else if (word == "stage") read_stage(line, table);
            else fault(fmt::format("expected `event` or `stage`, found '{}'", word), line);
        }
        if (table.events.empty() && table.stages.empty() && !failed()) fault("the table says nothing", node);
    }

    void fault(std::string detail, const TextNode& node) { rows_.fault(codes::syntax, std::move(detail), node); }
    bool failed() const { return rows_.failed(); }
    const Error& first() const { return rows_.first(); }

private:
    const EventName* event(const std::string& name, const TextNode& node) {
        const EventName* found = event_named(name);
        if (found == nullptr)
            rows_.fault(codes::event_unknown, fmt::format("'{}'{}", name, did_you_mean(name, names_of(event_names()))), node);
        return found;
    }

    void read_event(const TextNode& node, TraceTable& table) {
        const auto words = rows_.words(node);
        if (words.size() != 2) return fault("expected an id and what happened: event xx.released released", node);
        if (std::ranges::find(table.events, words[0], &EventRow::id) != table.events.end())
            return fault(fmt::format("'{}' stands twice", words[0]), node);
        EventRow out;
        out.id = words[0];
        out.event = event(words[1], node);
        out.place = rows_.place(node);
        // What paths start from must be known before the paths.
        const TextNode* over = line_named(node, "over");
        if (over == nullptr) return fault("the row has no `over`: over declaration xx.list", node);
        const auto kind = rows_.over(*over, out.formats);
        if (!kind) return;
        out.kind = *kind;
        const pivot::Field* scope = &pivot::root(out.kind);
        if (const TextNode* each = line_named(node, "each")) {
            out.each = rows_.path(*each, *scope);
            if (!out.each) return;
            if (!out.each->field->is_group()) return fault("`each` names a class", *each);
            scope = out.each->field;
        }
        for (const TextNode& line : node.children) read_event_line(line, *scope, out);
        if (out.source.empty()) rows_.fault(rules::codes::source_missing, fmt::format("'{}'", out.id), node);
        const bool found_by = std::ranges::any_of(out.joins, [&](const Join& join) { return join.level <= out.level; });
        if (!found_by) fault(fmt::format("'{}' has no `join` at its own level or below: nothing would find it", out.id), node);
        table.events.push_back(std::move(out));
    }

    static const TextNode* line_named(const TextNode& node, std::string_view word) {
        const auto found = std::ranges::find_if(node.children, [&](const TextNode& line) { return RowReader::keyword(line) == word; });
        return found == node.children.end() ? nullptr : &*found;
    }

    void read_event_line(const TextNode& line, const pivot::Field& scope, EventRow& out) {
        const std::string_view word = RowReader::keyword(line);
        if (!line.children.empty()) fault("nothing is set into a line of an event", line.children.front());
        if (word == "over" || word == "each") return;  // read before
        if (word == "source") out.source = rows_.quoted(line, 1)[0];
        else if (word == "note") out.note = rows_.quoted(line, 1)[0];
        else if (word == "level") read_level(line, out);
        else if (word == "when") read_when(line, scope, out);
        else if (word == "time") read_time(line, scope, out);
        else if (word == "join") read_join(line, scope, out);
        else if (word == "mark") read_mark(line, scope, out);
        else if (word == "corridor") read_corridor(line, scope, out);
        else fault(fmt::format("no line of an event is called '{}'{}", word, did_you_mean(word, event_words)), line);
    }

    void read_level(const TextNode& line, EventRow& out) {
        const auto words = rows_.words(line);
        const auto level = words.size() == 1 ? level_named(words[0]) : std::nullopt;
        if (level) out.level = *level;
        else fault("`level` is item, parcel, consignment or container", line);
    }

    void read_when(const TextNode& line, const pivot::Field& scope, EventRow& out) {
        if (auto clause = rows_.clause(line, scope)) out.when.push_back(*std::move(clause));
    }

    void read_time(const TextNode& line, const pivot::Field& scope, EventRow& out) {
        auto formula = rows_.formula(line, scope);
        if (!formula) return;
        if (!is_place(*formula) || formula->sort != rules::Sort::date) return fault(fmt::format("'{}' holds no time", formula->text), line);
        out.times.push_back(*std::move(formula));
    }

    static bool is_place(const rules::Formula& formula) { return formula.expression.kind == mapping::Expression::Kind::pivot; }

    LineReader behind_keyword(const TextNode& line) const {
        LineReader out(line.text, line.line, line.column);
        out.set(RowReader::keyword(line).size());
        return out;
    }

    /// A formula out of the middle of a line; a fault where it is none.
    std::optional<rules::Formula> formula(LineReader& line, const pivot::Field& scope) {
        auto found = rules::parse_formula(line, rows_.file(), scope);
        if (found) return *std::move(found);
        rows_.fault(found.error());
        return std::nullopt;
    }

    std::optional<rules::Formula> place(LineReader& reader, const pivot::Field& scope, const TextNode& line) {
        auto found = formula(reader, scope);
        if (found && is_place(*found) && found->sort == rules::Sort::text) return found;
        if (found) fault(fmt::format("'{}' is no place that holds a number or a code", found->text), line);
        return std::nullopt;
    }

    void ended(LineReader& reader, const TextNode& line) {
        if (!reader.at_end()) fault(fmt::format("expected the end of the line, found '{}'", reader.rest()), line);
    }

    void read_join(const TextNode& line, const pivot::Field& scope, EventRow& out) {
        LineReader reader = behind_keyword(line);
        const std::string name(reader.token());
        Join join;
        join.scheme = scheme_named(name);
        if (join.scheme == nullptr)
            return rows_.fault(codes::scheme_unknown, fmt::format("'{}'{}", name, did_you_mean(name, names_of(schemes()))), line);
        join.level = join.scheme->level;
        auto found = place(reader, scope, line);
        if (!found) return;
        join.place = *std::move(found);
        if (reader.take_word("within")) {
            join.within = place(reader, scope, line);
            if (!join.within) return;
        }
        if (reader.take_word("as")) {
            const auto level = level_named(reader.token());
            if (!level) return fault("`as` takes item, parcel, consignment or container", line);
            join.level = *level;
        }
        ended(reader, line);
        out.joins.push_back(std::move(join));
    }

    void read_mark(const TextNode& line, const pivot::Field& scope, EventRow& out) {
        LineReader reader = behind_keyword(line);
        const std::string name(reader.token());
        const MarkKind* kind = mark_named(name);
        if (kind == nullptr) return fault(fmt::format("'{}' is not seller, product or batch{}", name, did_you_mean(name, names_of(mark_kinds()))), line);
        auto found = place(reader, scope, line);
        if (!found) return;
        ended(reader, line);
        out.marks.push_back({kind, *std::move(found)});
    }

    void read_corridor(const TextNode& line, const pivot::Field& scope, EventRow& out) {
        if (out.corridor) return fault("an event has one corridor", line);
        LineReader reader = behind_keyword(line);
        auto from = formula(reader, scope);
        if (!from) return;
        if (!reader.take_word("to")) return fault("expected: corridor FROM to TO", line);
        auto to = formula(reader, scope);
        if (!to) return;
        ended(reader, line);
        for (const rules::Formula* one : {&*from, &*to}) {
            if (one->sort != rules::Sort::text) return fault(fmt::format("'{}' is no country", one->text), line);
        }
        out.corridor = Corridor{*std::move(from), *std::move(to)};
    }

    void read_stage(const TextNode& node, TraceTable& table) {
        const auto words = rows_.words(node);
        if (words.size() != 3) return fault("expected an id and two events: stage clearance lodged released", node);
        if (std::ranges::find(table.stages, words[0], &Stage::id) != table.stages.end())
            return fault(fmt::format("'{}' stands twice", words[0]), node);
        Stage out;
        out.id = words[0];
        out.from = event(words[1], node);
        out.to = event(words[2], node);
        out.place = rows_.place(node);
        if (out.from != nullptr && out.from == out.to) fault("a stage leads from one event to another", node);
        for (const TextNode& line : node.children) {
            const std::string_view word = RowReader::keyword(line);
            if (word == "text") out.text = rows_.quoted(line, 1)[0];
            else if (word == "source") out.source = rows_.quoted(line, 1)[0];
            else fault(fmt::format("a stage has `text` and `source`, not '{}'", word), line);
        }
        if (out.text.empty()) fault("the stage has no `text` for people", node);
        if (out.source.empty()) rows_.fault(rules::codes::source_missing, fmt::format("'{}'", out.id), node);
        table.stages.push_back(std::move(out));
    }

    RowReader rows_;
};

}  // namespace

Result<TraceTable> parse_trace(std::string_view text, const std::string& file, Diagnostics& faults) {
    const auto tree = mapping::parse_text(text, file, {}, faults);
    if (!tree) return tree.error();
    TraceTable table;
    table.file = file;
    TableReader reader(file, faults);
    if (tree->children.size() != 1 || RowReader::keyword(tree->children.front()) != "trace")
        reader.fault("a file holds one table: trace NAME", tree->children.empty() ? *tree : tree->children.back());
    else
        reader.read(tree->children.front(), table);
    if (reader.failed()) return reader.first();
    return table;
}

}  // namespace hansa::trace
