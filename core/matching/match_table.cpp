#include "core/matching/match_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "core/base/digest.h"
#include "core/base/nearest.h"
#include "core/matching/codes.h"
#include "core/rules/clause.h"
#include "core/rules/codes.h"
#include "core/rules/table_row.h"

namespace hansa::matching {
namespace {

using mapping::LineReader;
using mapping::TextNode;
using rules::RowReader;

constexpr std::array<std::string_view, 8> table_words{"text", "source", "wait", "keep", "answers", "lead", "part", "agree"};
constexpr std::array<std::string_view, 10> agreement_words{"text", "source", "fails", "note", "severity", "same", "same-where-both", "each", "at-most", "covered"};

LineReader behind_keyword(const TextNode& node) {
    LineReader line(node.text, node.line, node.column);
    line.set(RowReader::keyword(node).size());
    return line;
}

/// Classes that paths of the two sides start from.
struct Scopes {
    const pivot::Field& first;
    const pivot::Field& second;
};

class TableReader {
public:
    TableReader(const std::string& file, Diagnostics& faults) : rows_(file, faults) {}

    void read(const TextNode& node, MatchTable& table) {
        const auto words = rows_.words(node);
        if (words.size() != 1) return fault("a table has one name: match xx.import", node);
        table.id = words[0];
        for (const TextNode& line : node.children) read_line(line, table);
        if (table.text.empty()) fault("the table has no `text` for people", node);
        if (table.source.empty()) rows_.fault(rules::codes::source_missing, fmt::format("'{}'", table.id), node);
        if (table.wait.count() == 0 || table.keep.count() == 0) fault("the table needs `wait` and `keep`", node);
        if (table.parts.size() < 2) fault("the table needs a lead and a part", node);
    }

    void fault(std::string detail, const TextNode& node) { rows_.fault(codes::syntax, std::move(detail), node); }
    bool failed() const { return rows_.failed(); }
    const Error& first() const { return rows_.first(); }

private:
    void read_line(const TextNode& line, MatchTable& table) {
        const std::string_view word = RowReader::keyword(line);
        if (word == "text") table.text = rows_.quoted(line, 1)[0];
        else if (word == "source") table.source = rows_.quoted(line, 1)[0];
        else if (word == "wait") table.wait = span_of(line);
        else if (word == "keep") table.keep = span_of(line);
        else if (word == "answers") read_answers(line, table);
        else if (word == "lead" || word == "part") read_part(line, table);
        else if (word == "agree") read_agreement(line, table);
        else fault(fmt::format("no line of a table of matches is called '{}'{}", word, did_you_mean(word, table_words)), line);
    }

    void read_answers(const TextNode& line, MatchTable& table) {
        const auto words = rows_.words(line);
        if (words.size() != 1 || words[0].find('.') == std::string::npos) return fault("expected one code list: answers xx.return-status", line);
        table.answers = words[0];
    }

    /// `72 hours`, `180 days`
    std::chrono::seconds span_of(const TextNode& line) {
        const auto words = rows_.words(line);
        std::int64_t count = 0;
        const bool number = words.size() == 2 && std::from_chars(words[0].data(), words[0].data() + words[0].size(), count).ec == std::errc() &&
                            count > 0 && count <= 100'000;
        if (number && words[1] == "hours") return std::chrono::hours(count);
        if (number && words[1] == "days") return std::chrono::hours(24 * count);
        fault(fmt::format("'{}' takes a time: 72 hours, 180 days", RowReader::keyword(line)), line);
        return {};
    }

    void read_part(const TextNode& line, MatchTable& table) {
        const bool lead = RowReader::keyword(line) == "lead";
        auto words = rows_.words(line);
        if (words.size() < 2) return fault("expected a name and a kind of document: part order order xx.order", line);
        if (lead != table.parts.empty()) return fault("a table has one lead, and it stands first", line);
        const auto kind = pivot::kind_from_name(words[1]);
        if (!kind) return fault(kind.error().detail, line);
        if (!lead && table.parts.back().several) return fault(fmt::format("'{}' is `several`, and stands last", table.parts.back().name), line);
        if (part_named(table, words[0])) return fault(fmt::format("'{}' stands twice", words[0]), line);
        table.parts.push_back({words[0], *kind, {words.begin() + 2, words.end()}, {}, false, false, false, rows_.place(line)});
        if (lead) return read_known_by(line, table);
        Join join{table.parts.size() - 1, {}};
        const Scopes scopes{pivot::root(table.parts.front().kind), pivot::root(*kind)};
        for (const TextNode& child : line.children) {
            const std::string_view word = RowReader::keyword(child);
            if (word == "when") add_clause(child, scopes.second, table.parts.back().when);
            else if (word == "shared" && child.text == word) table.parts.back().shared = true;
            else if (word == "several" && child.text == word) table.parts.back().several = true;
            else if (word == "chained" && child.text == word) table.parts.back().chained = true;
            else if (word != "joined") fault("a part has lines `joined PLACE`, `when`, `shared`, `several` and `chained`", child);
            else if (auto key = same_of(child, scopes)) join.keys.push_back(*std::move(key));
        }
        if (join.keys.empty()) fault(fmt::format("'{}' has no `joined`: the lead cannot find it", words[0]), line);
        if (table.parts.back().several && join.keys.size() > 1) fault(fmt::format("'{}' is `several`: it is joined by one place", words[0]), line);
        check_chain(table, line);
        table.joins.push_back(std::move(join));
    }

    void check_chain(const MatchTable& table, const TextNode& line) {
        const Part& part = table.parts.back();
        if (!part.chained) return;
        const bool fits = part.shared && !part.several && part.kind == table.parts.front().kind && std::ranges::count_if(table.parts, &Part::chained) == 1;
        if (!fits) fault(fmt::format("'{}' is `chained`: it is `shared`, of the lead's kind, not `several`, and the only one", part.name), line);
    }

    void read_known_by(const TextNode& lead, MatchTable& table) {
        for (const TextNode& line : lead.children) {
            if (RowReader::keyword(line) == "when") add_clause(line, pivot::root(table.parts.front().kind), table.parts.front().when);
            else if (RowReader::keyword(line) != "known-by") fault("a lead has lines `known-by PLACE` and `when`", line);
            else if (auto place = rows_.formula(line, pivot::root(table.parts.front().kind))) table.known_by.push_back(*std::move(place));
        }
        if (table.known_by.empty()) fault("the lead has no `known-by`: its own changes cannot find it", lead);
    }

    void add_clause(const TextNode& line, const pivot::Field& scope, std::vector<rules::Clause>& out) {
        if (auto clause = rows_.clause(line, scope)) out.push_back(*std::move(clause));
    }

    void read_agreement(const TextNode& node, MatchTable& table) {
        const auto words = rows_.words(node);
        if (words.size() != 3) return fault("expected an id and the two that agree: agree cn.5 order payment", node);
        const auto first = part_named(table, words[1]), second = part_named(table, words[2]);
        if (!first || !second || *first == *second) return fault(fmt::format("'{}' and '{}' are not two documents of this table", words[1], words[2]), node);
        Agreement out;
        out.id = words[0];
        out.first = *first;
        out.second = *second;
        out.place = rows_.place(node);
        const Scopes scopes{pivot::root(table.parts[*first].kind), pivot::root(table.parts[*second].kind)};
        bool severe = false;
        for (const TextNode& line : node.children) {
            severe = severe || RowReader::keyword(line) == "severity";
            read_agreement_line(line, scopes, out);
        }
        if (!severe) rows_.fault(rules::codes::severity_unknown, "the row has no `severity`", node);
        if (out.source.empty()) rows_.fault(rules::codes::source_missing, fmt::format("'{}'", out.id), node);
        if (out.text.empty()) fault("the row has no `text` for people", node);
        if (out.same.empty() && out.at_most.empty() && !out.each) fault("the row compares nothing", node);
        table.agreements.push_back(std::move(out));
    }

    void read_agreement_line(const TextNode& line, const Scopes& scopes, Agreement& out) {
        const std::string_view word = RowReader::keyword(line);
        if (word == "text") out.text = rows_.quoted(line, 1)[0];
        else if (word == "source") out.source = rows_.quoted(line, 1)[0];
        else if (word == "fails") out.fails = rows_.quoted(line, 1)[0];
        else if (word == "note") out.note = rows_.quoted(line, 1)[0];
        else if (word == "severity") out.severity = rows_.severity(line);
        else if (word == "each" || word == "covered") read_members(line, scopes, out);
        else if (word == "at-most") add_at_most(line, scopes, out.at_most);
        else if (word == "same" || word == "same-where-both") add_same(line, scopes, out.same);
        else fault(fmt::format("no line of an agreement is called '{}'{}", word, did_you_mean(word, agreement_words)), line);
    }

    void add_same(const TextNode& line, const Scopes& scopes, std::vector<Same>& out) {
        auto same = same_of(line, scopes);
        if (!same) return;
        same->where_both = RowReader::keyword(line) == "same-where-both";
        out.push_back(*std::move(same));
    }

    /// `FIRST <= SECOND`, or one place for both
    void add_at_most(const TextNode& line, const Scopes& scopes, std::vector<Same>& out) {
        auto same = parsed(behind_keyword(line).rest(), rows_.place(line), scopes, "<=");
        if (!same) return rows_.fault(same.error());
        if (same->first.sort != same->second.sort || same->first.sort == rules::Sort::text) return fault("`at-most` compares numbers or days", line);
        out.push_back(*std::move(same));
    }

    /// `CLASS by FIELD`, `FIRST'S = SECOND'S by FIELD`
    void read_members(const TextNode& node, const Scopes& scopes, Agreement& out) {
        const std::string text(behind_keyword(node).rest());
        const std::size_t by = text.find(" by "), sign = text.find(" = ");
        if (by == text.npos) return fault("expected: each CLASS by FIELD", node);
        const bool two = sign != text.npos && sign < by;
        const Place place = rows_.place(node);
        auto first = rules::parse_place(text.substr(0, two ? sign : by), place, scopes.first);
        auto second = rules::parse_place(two ? text.substr(sign + 3, by - sign - 3) : text.substr(0, by), place, scopes.second);
        if (!first || !second) return rows_.fault(first ? second.error() : first.error());
        if (!first->field->is_group() || !second->field->is_group()) return fault(fmt::format("`{}` names a class", RowReader::keyword(node)), node);
        const Scopes inside{*first->field, *second->field};
        auto key = parsed(std::string_view(text).substr(by + 4), place, inside);
        if (!key) return rows_.fault(key.error());
        Members members{*std::move(first), *std::move(second), *std::move(key), {}, RowReader::keyword(node) == "covered", {}, {}, {}};
        for (const TextNode& line : node.children) {
            const std::string_view word = RowReader::keyword(line);
            if (word == "at-most") add_at_most(line, inside, members.at_most);
            else if (word == "where" && members.covered) add_clause(line, inside.first, members.where);
            else if (word == "of" && members.covered) members.of = same_of(line, {inside.first, scopes.second});
            else if (word != "same" || members.covered) fault("`each` has lines `same PLACE`, `covered` has `where`, `of` and `at-most`", line);
            else add_same(line, inside, members.same);
        }
        out.each = std::move(members);
    }

    std::optional<Same> same_of(const TextNode& node, const Scopes& scopes) {
        auto found = parsed(behind_keyword(node).rest(), rows_.place(node), scopes);
        if (found) return *std::move(found);
        rows_.fault(found.error());
        return std::nullopt;
    }

    /// `PLACE`, or `FIRST'S = SECOND'S`
    Result<Same> parsed(std::string_view text, const Place& where, const Scopes& scopes, std::string_view sign = "=") {
        LineReader line(text, where.line, where.column);
        auto first = rules::parse_formula(line, where.file, scopes.first);
        if (!first) return first.error();
        const bool two = line.take(sign);
        LineReader again(text, where.line, where.column);
        LineReader& rest = two ? line : again;
        auto second = rules::parse_formula(rest, where.file, scopes.second);
        if (!second) return second.error();
        if (!rest.at_end()) return Error{codes::syntax, fmt::format("expected the end of the line, found '{}'", rest.rest()), where};
        if (first->literal || second->literal) return Error{codes::syntax, "both sides name a place", where};
        return Same{*std::move(first), *std::move(second), false};
    }

    static std::optional<std::size_t> part_named(const MatchTable& table, std::string_view name) {
        const auto found = std::ranges::find(table.parts, name, &Part::name);
        if (found == table.parts.end()) return std::nullopt;
        return static_cast<std::size_t>(found - table.parts.begin());
    }

    RowReader rows_;
};

}  // namespace

std::optional<std::size_t> MatchTable::chained_part() const {
    const auto found = std::ranges::find_if(parts, &Part::chained);
    return found == parts.end() ? std::nullopt : std::optional(static_cast<std::size_t>(found - parts.begin()));
}

std::optional<std::size_t> MatchTable::part_of(pivot::Kind kind, std::string_view format) const {
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const Part& part = parts[i];
        if (part.kind == kind && (part.formats.empty() || std::ranges::find(part.formats, format) != part.formats.end())) return i;
    }
    return std::nullopt;
}

bool Part::fits(const pivot::Document& document, std::string_view format) const {
    if (kind != document.kind || (!formats.empty() && std::ranges::find(formats, format) == formats.end())) return false;
    rules::Fault unused;
    return std::ranges::all_of(when, [&](const rules::Clause& clause) { return rules::ask_clause(clause, {&document.root, &document.root}, false, unused) == rules::Answer::yes; });
}

std::optional<std::size_t> MatchTable::part_of(const pivot::Document& document, std::string_view format) const {
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (parts[i].fits(document, format)) return i;
    }
    return std::nullopt;
}

Result<MatchTable> parse_match(std::string_view text, const std::string& file, Diagnostics& faults) {
    const auto tree = mapping::parse_text(text, file, {}, faults);
    if (!tree) return tree.error();
    MatchTable table;
    table.file = file;
    table.identity = sha256_hex(text);
    TableReader reader(file, faults);
    if (tree->children.size() != 1 || RowReader::keyword(tree->children.front()) != "match")
        reader.fault("a file holds one table: match NAME", tree->children.empty() ? *tree : tree->children.back());
    else
        reader.read(tree->children.front(), table);
    if (reader.failed()) return reader.first();
    return table;
}

}  // namespace hansa::matching
