#include "core/rules/mode.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "core/base/nearest.h"
#include "core/rules/check.h"
#include "core/rules/clause.h"
#include "core/rules/codes.h"
#include "core/rules/table_row.h"

namespace hansa::rules {
namespace {

using mapping::TextNode;
using pivot::Node;

constexpr std::array<std::string_view, 9> mode_words{"text", "over", "from", "to", "severity", "source", "note", "when", "needs"};

/// needs KIND "NAME" PLACE [= PLACE]
void read_need(RowReader& reader, const TextNode& line, Mode& mode) {
    const auto words = reader.words(line);
    const bool long_form = words.size() == 5 && words[3] == "=";
    if (words.size() != 3 && !long_form) return reader.fault(codes::syntax, "expected: needs KIND \"what it is called\" PLACE", line);
    Need need;
    const auto kind = pivot::kind_from_name(words[0]);
    if (!kind) return reader.fault(codes::syntax, kind.error().detail, line);
    need.kind = *kind;
    need.name = words[1];
    auto key = parse_place(words[2], reader.place(line), pivot::root(mode.kind));
    auto other = parse_place(long_form ? words[4] : words[2], reader.place(line), pivot::root(need.kind));
    if (!key) return reader.fault(key.error());
    if (!other) return reader.fault(other.error());
    need.key = *std::move(key);
    need.other_key = *std::move(other);
    mode.needs.push_back(std::move(need));
}

void read_line(RowReader& reader, const TextNode& line, Mode& mode) {
    const std::string_view word = RowReader::keyword(line);
    if (word == "over") return;
    if (word == "text") mode.text = reader.quoted(line, 1)[0];
    else if (word == "source") mode.source = reader.quoted(line, 1)[0];
    else if (word == "note") mode.note = reader.quoted(line, 1)[0];
    else if (word == "from") mode.days.from = reader.day(line);
    else if (word == "to") mode.days.to = reader.day(line);
    else if (word == "severity") mode.severity = reader.severity(line);
    else if (word == "needs") read_need(reader, line, mode);
    else if (word == "when") {
        if (auto clause = reader.clause(line, pivot::root(mode.kind))) mode.when.push_back(*std::move(clause));
    } else {
        reader.fault(codes::syntax, fmt::format("no line of a mode is called '{}'{}", word, did_you_mean(word, mode_words)), line);
    }
}

std::optional<Mode> read_mode(RowReader& reader, const TextNode& node) {
    Mode mode;
    mode.place = reader.place(node);
    const auto words = reader.words(node);
    if (words.size() != 1) {
        reader.fault(codes::syntax, "a mode has one id: mode cn.9610-import", node);
        return std::nullopt;
    }
    mode.id = words[0];
    const auto over = std::ranges::find_if(node.children, [](const TextNode& line) { return RowReader::keyword(line) == "over"; });
    if (over == node.children.end()) {
        reader.fault(codes::syntax, "the mode has no `over`: a kind of document", node);
        return std::nullopt;
    }
    const auto kind = reader.over(*over, mode.formats);
    if (!kind) return std::nullopt;
    mode.kind = *kind;
    for (const TextNode& line : node.children) read_line(reader, line, mode);
    if (mode.source.empty()) reader.fault(codes::source_missing, fmt::format("'{}'", mode.id), node);
    if (mode.needs.empty()) reader.fault(codes::syntax, "the mode has no `needs`", node);
    reader.check_days(mode.days, node);
    return mode;
}

/// The value at a key, without its list; empty: none.
std::string value_of(const mapping::PivotTerm& key, const Node& root) {
    std::vector<const Node*> found;
    nodes(key, {&root, &root}, found);
    for (const Node* node : found) {
        if (!node->value.empty()) return node->value;
    }
    return {};
}

class Finder {
public:
    Finder(std::span<const SetMember> set, const ModeOptions& options) : set_(set), options_(options) {}

    void run(const Mode& mode) {
        for (std::size_t i = 0; i < set_.size(); ++i) {
            if (!asks(mode, set_[i])) continue;
            for (const Need& need : mode.needs) {
                std::string reference = value_of(need.key, set_[i].document->root);
                if (!reference.empty() && (!options_.together || is_there(need, reference))) continue;
                missing_.push_back({&mode, &need, i, std::move(reference)});
            }
        }
    }
    std::vector<MissingDocument> take() { return std::move(missing_); }

private:
    bool asks(const Mode& mode, const SetMember& member) const {
        if (mode.kind != member.document->kind || !mode.days.hold(document_day(*member.document, options_.day))) return false;
        if (!mode.formats.empty() && !names_format(mode.formats, member.format, member.base)) return false;
        const Ground ground{&member.document->root, &member.document->root};
        Fault ignored;
        return std::ranges::all_of(mode.when, [&](const Clause& clause) { return ask_clause(clause, ground, false, ignored) == Answer::yes; });
    }

    /// Values of a key in all documents of a kind, gathered when first asked for.
    bool is_there(const Need& need, const std::string& reference) {
        const auto [known, fresh] = values_.try_emplace({need.kind, need.other_key.text});
        if (fresh) {
            for (const SetMember& member : set_) {
                if (member.document->kind == need.kind) known->second.insert(value_of(need.other_key, member.document->root));
            }
        }
        return known->second.contains(reference);
    }

    std::span<const SetMember> set_;
    const ModeOptions& options_;
    std::map<std::pair<pivot::Kind, std::string>, std::set<std::string>> values_;
    std::vector<MissingDocument> missing_;
};

}  // namespace

Error MissingDocument::error() const {
    const std::string what = reference.empty() ? "is not named" : "is not there";
    return {mode->severity == Severity::refuse ? codes::document_missing : codes::warned,
            fmt::format("{}: {} needs its {}, which {} ({})", mode->id, pivot::kind_name(mode->kind), need->name, what, need->key.text)};
}

Result<ModeTable> parse_modes(std::string_view text, const std::string& file, Diagnostics& faults) {
    Diagnostics own;
    ModeTable table;
    table.file = file;
    const auto lines = mapping::parse_text(text, file, {}, own);
    if (lines) {
        RowReader reader(file, own);
        for (const TextNode& node : lines->children) {
            const std::string_view word = RowReader::keyword(node);
            if (word == "modes") {
                const auto words = reader.words(node);
                table.set = words.size() == 1 ? words[0] : "";
            } else if (word == "title") {
                table.title = reader.quoted(node, 1)[0];
            } else if (word == "list") {
                reader.read_list(node);
            } else if (word != "mode") {
                reader.fault(codes::syntax, fmt::format("expected modes, title, list or mode, found '{}'", word), node);
            } else if (auto mode = read_mode(reader, node)) {
                table.modes.push_back(*std::move(mode));
            }
        }
        if (table.set.empty()) own.add(codes::syntax, "the table's first line names its set: modes cn", Place{.file = file, .line = 1});
    }
    check_overlaps(table.modes, own, codes::dates_overlap);
    faults.append(own);
    if (!own.empty()) return own.errors().front();
    return table;
}

std::vector<ModeTable> load_mode_tables(const plugin::Tables& tables, Diagnostics& faults) {
    std::vector<ModeTable> out;
    for (const std::string& name : tables.names("modes", ".modes")) {
        const auto text = tables.read(name);
        if (!text) {
            faults.add(text.error());
            continue;
        }
        if (auto table = parse_modes(*text, tables.called(name), faults)) out.push_back(*std::move(table));
    }
    return out;
}

std::vector<MissingDocument> find_missing(std::span<const SetMember> set, std::span<const ModeTable> tables, const ModeOptions& options) {
    Finder finder(set, options);
    for (const ModeTable& table : tables) {
        for (const Mode& mode : table.modes) finder.run(mode);
    }
    return finder.take();
}

}  // namespace hansa::rules
