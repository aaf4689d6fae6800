#include "core/mapping/parse.h"

#include <algorithm>
#include <array>

#include "core/mapping/codes.h"
#include "core/mapping/expression.h"

namespace hansa::mapping {
namespace {

constexpr std::array<std::string_view, 11> head_words{
    "format", "pivot", "schema", "empty", "zone", "only", "use", "list", "list-attribute", "reference", "setting"};
constexpr std::array<std::string_view, 11> tail_words{"none", "default", "refuse", "first",  "slots", "key",
                                                      "as",   "map",     "warn",   "leaves", "reason"};

/// Words that end the conversions of a row. `noise` is one of money's there; only a check ends in it.
bool is_tail_word(std::string_view word) {
    return std::find(tail_words.begin(), tail_words.end(), word) != tail_words.end();
}

std::string first_word(const std::string& text) {
    return text.substr(0, text.find(' '));
}

/// Several lines may speak of one field.
OnlyOf& only_of(Model& model, const std::string& field) {
    const auto known = std::find_if(model.only.begin(), model.only.end(),
                                    [&](const OnlyOf& one) { return one.condition.place.pivot.text == field; });
    if (known != model.only.end()) return *known;
    OnlyOf& made = model.only.emplace_back();
    made.condition.place.kind = Expression::Kind::pivot;
    made.condition.place.pivot.from_document = true;
    made.condition.place.pivot.text = field;
    return made;
}

std::vector<std::string> words_of(LineReader& line) {
    std::vector<std::string> words;
    while (!line.at_end()) {
        const std::string_view word = line.token();
        if (word.empty()) {
            if (!line.take(",")) break;
            continue;
        }
        words.emplace_back(word);
    }
    return words;
}

}  // namespace

void TableParser::fault(LineReader& line, std::string_view expected) {
    const std::string found(line.rest().substr(0, 30));
    fault(codes::syntax,
          "expected " + std::string(expected) + (found.empty() ? ", the line ends" : ", found '" + found + "'"),
          place(line.line(), line.column()));
}

void TableParser::parse_head(const TextNode& root, MappingHead& head) {
    Model model;
    for (const TextNode& node : root.children) {
        bool known = false;
        head_line(node, model, known);
    }
    std::vector<const TextNode*> open;
    for (const TextNode& node : root.children) open.push_back(&node);
    while (!open.empty()) {
        const TextNode* node = open.back();
        open.pop_back();
        for (const TextNode& child : node->children) open.push_back(&child);
        const std::size_t at = node->text.find("attached ");
        const std::size_t map = node->text.find(" map ");
        if (at == std::string::npos || map == std::string::npos || map < at) continue;
        LineReader line(node->text, node->line, node->column);
        line.set(map + 5);
        model.head.attached.emplace_back(line.token());
    }
    head = std::move(model.head);
}

void TableParser::parse(const TextNode& root, Model& model) {
    for (const TextNode& node : root.children) {
        const std::string word = first_word(node.text);
        if (word == "rows") block_line(node);
        if (word == "type") type_line(node);
    }
    for (const TextNode& node : root.children) {
        const std::string word = first_word(node.text);
        if (word == "rows" || word == "type") continue;
        bool known = false;
        head_line(node, model, known);
        if (known) continue;
        if (std::unique_ptr<Row> made = row(node)) model.rows->push_back(std::move(made));
    }
    const auto need = [&](bool there, std::string_view what) {
        if (!there) fault(codes::syntax, "the table has no line '" + std::string(what) + "'", place(1, 1));
    };
    need(!model.head.format.empty(), "format ID");
    need(!model.head.schema.empty(), "schema FILE#ROOT");
    need(!model.rows->empty(), "in ROOT");
}

void TableParser::head_line(const TextNode& node, Model& model, bool& known) {
    LineReader line(node.text, node.line, node.column);
    const std::string word(line.token());
    known = std::find(head_words.begin(), head_words.end(), word) != head_words.end() || word == "settings";
    if (!known) return;
    if (word == "settings") {
        settings_block(node, model);
        return;
    }
    const Place where = place(line.line(), line.column());
    if (line.at_end()) {
        fault(line, "a value after '" + word + "'");
        return;
    }
    if (word == "format") {
        model.head.format = std::string(line.token());
        model.authority = model.head.format.substr(0, model.head.format.find('.'));
    } else if (word == "pivot") {
        const std::string kind(line.token());
        const Result<pivot::Kind> found = pivot::kind_from_name(kind);
        if (found)
            model.head.kind = *found;
        else
            fault(codes::pivot_unknown, found.error().detail, where);
    } else if (word == "schema") {
        model.head.schema = std::string(line.rest());
        const std::size_t hash = model.head.schema.find('#');
        model.head.schema_file = model.head.schema.substr(0, hash);
        if (hash != std::string::npos) model.head.schema_root = model.head.schema.substr(hash + 1);
        line.set(node.text.size());
    } else if (word == "empty") {
        const std::string kind(line.token());
        if (kind == "kept")
            model.empties = Empties::kept;
        else if (kind == "null")
            model.empties = Empties::null;
        else if (kind == "absent")
            model.empties = Empties::absent;
        else
            fault(codes::syntax, "expected kept, absent or null, found '" + kind + "'", where);
    } else if (word == "zone") {
        model.zone = std::string(line.token());
    } else if (word == "use") {
        for (std::string& used : words_of(line)) model.head.uses.push_back(std::move(used));
    } else if (word == "list") {
        const std::string name(line.token());
        lists_.push_back({name, std::string(line.rest()), place(line.line(), line.column())});
        line.set(node.text.size());
    } else if (word == "list-attribute") {
        const std::string name(line.token());
        const std::string source(line.token());
        if (source != "of-code" && !source.starts_with("beside:"))
            fault(codes::syntax, "expected of-code or beside:ATTRIBUTE", where);
        model.list_attributes.push_back({name, source, node.line, node.column});
    } else if (word == "reference") {
        std::vector<std::string> parts;
        do parts.emplace_back(line.token());
        while (line.take("+"));
        model.references.push_back(std::move(parts));
    } else if (word == "only") {
        OnlyOf& only = only_of(model, std::string(line.token()));
        for (const std::string& value : words_of(line)) {
            if (value == "none")
                only.or_none = true;
            else
                only.condition.values.push_back(value);
        }
    } else if (word == "setting") {
        const std::string name(line.token());
        const std::optional<std::string> text = line.quoted();
        model.settings[name] = text ? *text : std::string(line.rest());
        line.set(node.text.size());
    }
    if (!line.at_end()) fault(line, "the end of the line");
    for (const TextNode& child : node.children)
        fault(codes::syntax, "nothing stands below '" + word + "'", place(child.line, child.column));
}

void TableParser::settings_block(const TextNode& node, Model& model) {
    LineReader line(node.text, node.line, node.column);
    line.token();
    const std::string name(line.token());
    if (name.empty()) fault(line, "a name after 'settings'");
    Settings& settings = model.variants[name];
    for (const TextNode& child : node.children) {
        LineReader inner(child.text, child.line, child.column);
        const std::string key(inner.token());
        if (key == "absent") {
            if (inner.at_end()) fault(inner, "elements after 'absent'");
            for (std::string& path : words_of(inner))
                model.absent.push_back({name, std::move(path), child.line, child.column});
            continue;
        }
        const std::optional<std::string> text = inner.quoted();
        settings[key] = text ? *text : std::string(inner.rest());
        if (settings[key].empty()) fault(inner, "a value after '" + key + "'");
    }
}

void TableParser::block_line(const TextNode& node) {
    LineReader line(node.text, node.line, node.column);
    line.token();
    const std::string name(line.token());
    if (name.empty()) {
        fault(line, "a name after 'rows'");
        return;
    }
    if (!blocks_.emplace(name, node).second)
        fault(codes::row_twice, "the block '" + name + "' stands twice", place(node.line, node.column));
    if (line.take_word("for")) {
        for (const std::string& element : words_of(line)) {
            if (!block_for_.emplace(element, name).second) {
                fault(codes::row_twice, "two blocks are for '" + element + "'", place(node.line, node.column));
            }
        }
    }
    if (!line.at_end()) fault(line, "the end of the line or 'for ELEMENT ...'");
}

void TableParser::type_line(const TextNode& node) {
    LineReader line(node.text, node.line, node.column);
    line.token();
    TypeSpelling spelling{.line = node.line, .column = node.column};
    // Names of types end where the first path of the spelling starts: the last word before a comma or
    // two spaces. A path is ".", "@x", or a name that is followed by a comma, '@' or the conversion.
    const std::string text(line.rest());
    const std::size_t gap = text.find("  ");
    if (gap == std::string::npos) {
        fault(line, "names of types, two spaces, paths, two spaces, conversions");
        return;
    }
    LineReader names(std::string_view(text).substr(0, gap), node.line, line.column());
    spelling.types = words_of(names);
    line.set(line.position() + gap);
    do spelling.left.emplace_back(line.token());
    while (line.take(","));
    spelling.conversions = std::string(line.rest());
    if (spelling.conversions.empty()) fault(line, "a conversion");
    types_.push_back(std::move(spelling));
}

TypeSpelling* TableParser::spelling(std::string_view type) {
    for (TypeSpelling& candidate : types_) {
        if (std::find(candidate.types.begin(), candidate.types.end(), type) != candidate.types.end()) return &candidate;
    }
    return nullptr;
}

const TextNode* TableParser::block_for(std::string_view element) const {
    const auto name = block_for_.find(element);
    if (name == block_for_.end()) return nullptr;
    return &blocks_.find(name->second)->second;
}

std::vector<std::unique_ptr<Row>> TableParser::block(std::string_view name, const Place& where) {
    const auto found = blocks_.find(name);
    if (found == blocks_.end()) {
        std::vector<std::string_view> names;
        for (const auto& [known, node] : blocks_) names.push_back(known);
        const auto near = pivot::nearest_name(name, names);
        fault(
            codes::name_unknown,
            "no block 'rows " + std::string(name) + "'" + (near ? "; the nearest is '" + std::string(*near) + "'" : ""),
            where);
        return {};
    }
    if (std::find(open_blocks_.begin(), open_blocks_.end(), name) != open_blocks_.end()) {
        fault(codes::cycle, "the block '" + std::string(name) + "' uses itself", where);
        return {};
    }
    open_blocks_.emplace_back(name);
    auto rows = rows_of(found->second);
    open_blocks_.pop_back();
    return rows;
}

std::vector<std::unique_ptr<Row>> TableParser::rows_of(const TextNode& node) {
    std::vector<std::unique_ptr<Row>> rows;
    for (const TextNode& child : node.children) {
        if (over_limit()) break;
        std::unique_ptr<Row> made = row(child);
        if (!made) continue;
        // `when` and the `when` and `otherwise` lines that follow are one chain of cases.
        if (made->form == RowForm::when) {
            const bool starts = child.text.starts_with("when ");
            const bool chain_open =
                !rows.empty() && rows.back()->form == RowForm::when && rows.back()->rows.back()->condition;
            if (!starts && !chain_open) {
                fault(codes::syntax, "'otherwise' follows a 'when'", place(child.line, child.column));
                continue;
            }
            const bool joins = chain_open && (!starts || rows.back()->text == made->text);
            if (!joins) {
                auto chain = std::make_unique<Row>();
                chain->form = RowForm::when;
                chain->line = made->line;
                chain->column = made->column;
                chain->place = made->place;
                chain->text = made->text;
                rows.push_back(std::move(chain));
            }
            rows.back()->rows.push_back(std::move(made));
            continue;
        }
        rows.push_back(std::move(made));
    }
    return rows;
}

std::unique_ptr<Row> TableParser::row(std::string_view text, std::uint32_t line, std::uint32_t column) {
    return row(TextNode{line, column, std::string(text), {}});
}

std::unique_ptr<Row> TableParser::row(const TextNode& node) {
    if (++rows_made_ > limits_.rows_max) {
        if (rows_made_ == limits_.rows_max + 1)
            fault(codes::limit, "the table has more than " + std::to_string(limits_.rows_max) + " rows",
                  place(node.line, node.column));
        return nullptr;
    }
    const std::size_t faults_before = faults_.count();
    auto made = std::make_unique<Row>();
    made->line = node.line;
    made->column = node.column;
    made->text = node.text;
    made->place = file_ + ":" + std::to_string(node.line);
    LineReader line(node.text, node.line, node.column);
    bool children = false;
    if (line.take_word("in")) {
        made->form = RowForm::enter;
        group_row(line, *made);
        children = true;
    } else if (line.take_word("each")) {
        made->form = RowForm::each;
        group_row(line, *made);
        children = true;
    } else if (line.take_word("when")) {
        made->form = RowForm::when;
        Result<Condition> condition = parse_condition(line, file_);
        if (condition) {
            made->condition = std::move(*condition);
            made->text = made->condition->place.text;  // cases of one chain ask the same place
        } else {
            faults_.add(condition.error());
        }
        children = true;
    } else if (line.take_word("otherwise")) {
        made->form = RowForm::when;
        children = true;
    } else if (line.take_word("check")) {
        check_row(line, *made);
    } else if (line.take_word("derive")) {
        derive_row(line, *made);
    } else {
        plain_row(line, *made);
    }
    if (faults_.count() == faults_before && !line.at_end()) fault(line, "the end of the line");
    if (children) {
        made->rows = rows_of(node);
        if (!made->block.empty()) {
            auto rows = block(made->block, place(node.line, node.column));
            made->rows.insert(made->rows.begin(), std::make_move_iterator(rows.begin()),
                              std::make_move_iterator(rows.end()));
        }
    } else {
        for (const TextNode& child : node.children) {
            fault(codes::syntax, "nothing stands below a row of this form: only below in, each, when and otherwise",
                  place(child.line, child.column));
        }
    }
    return made;
}

void TableParser::group_row(LineReader& line, Row& row) {
    if (!left_terms(line, row)) return;
    if (row.left.size() != 1 || row.left[0].constant || row.left[0].borrowed) {
        fault(line, "one element");
        return;
    }
    if (line.take("<->")) {
        if (line.take_word("document"))
            row.document = true;
        else
            right_terms(line, row);
        if (row.right.size() > 1 || (row.right.size() == 1 && !row.right[0].attribute.empty()))
            fault(line, "one class of the pivot");
    }
    tail(line, row, false);
}

void TableParser::check_row(LineReader& line, Row& row) {
    row.form = RowForm::check;
    if (line.take_word("each")) {
        const Place where = place(line.line(), line.column());
        std::string path(line.token());
        if (path.ends_with(':'))
            path.pop_back();
        else if (!line.take(":"))
            fault(line, "':'");
        Result<NationalPath> each = parse_national_path(path, where);
        if (each)
            row.check_each = std::move(*each);
        else
            faults_.add(each.error());
    }
    Result<Expression> left = parse_expression(line, file_);
    if (!left) return faults_.add(left.error());
    row.expression = std::move(*left);
    for (const std::string_view sign : {">=", "<=", "!=", "=", ">", "<"}) {
        if (line.take(sign)) {
            row.comparison = std::string(sign);
            break;
        }
    }
    if (row.comparison.empty()) return fault(line, "=, !=, >=, <=, > or <");
    Result<Expression> right = parse_expression(line, file_);
    if (!right) return faults_.add(right.error());
    row.expected = std::move(*right);
    tail(line, row, false);
}

void TableParser::derive_row(LineReader& line, Row& row) {
    row.form = RowForm::derive;
    right_terms(line, row);
    if (!line.take("=")) return fault(line, "'='");
    Result<Expression> value = parse_expression(line, file_);
    if (!value) return faults_.add(value.error());
    row.expression = std::move(*value);
}

bool TableParser::left_terms(LineReader& line, Row& row) {
    bool joined = false;
    while (true) {
        NationalTerm term;
        const Place where = place(line.line(), line.column());
        if (line.peek() == '"') {
            const std::optional<std::string> text = line.quoted();
            if (!text) {
                fault(line, "a text that ends in \"");
                return false;
            }
            term.constant = true;
            term.value = *text;
        } else {
            std::string_view token = line.token();
            if (token.empty()) {
                fault(line, "an element, an attribute or a constant");
                return false;
            }
            if (token.starts_with('(') && token.ends_with(')')) {
                term.borrowed = true;
                token = token.substr(1, token.size() - 2);
            }
            if (token == "**" || token.ends_with("/**")) {
                row.subtree = true;
                token = token == "**" ? "." : token.substr(0, token.size() - 3);
            }
            if (token.ends_with('?')) {
                term.optional = true;
                token.remove_suffix(1);
            }
            if (token.ends_with('*') && token != "*" && !token.ends_with("@*")) {
                term.repeated = true;
                token.remove_suffix(1);
            }
            if (token.starts_with('/')) term.borrowed = true;
            Result<NationalPath> path = parse_national_path(token, where);
            if (!path) {
                faults_.add(path.error());
                return false;
            }
            term.path = std::move(*path);
        }
        row.left.push_back(std::move(term));
        if (line.take("~")) {
            joined = true;
            continue;
        }
        if (!line.take(",")) break;
    }
    if (joined && row.subtree) fault(line, "elements, not **");
    return true;
}

void TableParser::right_terms(LineReader& line, Row& row) {
    do {
        const bool is_every = line.take_word("every");
        const Place where = place(line.line(), line.column());
        const std::string_view token = line.token();
        if (token.empty()) return fault(line, "a path of the pivot");
        Result<PivotTerm> term = parse_pivot_term(token, where);
        if (!term) return faults_.add(term.error());
        term->every = is_every;
        row.right.push_back(std::move(*term));
    } while (line.take(","));
}

void TableParser::plain_row(LineReader& line, Row& row) {
    if (!left_terms(line, row)) return;
    if (line.take("<->")) return after_arrow(line, row);
    if (line.take("->")) {
        row.direction = Direction::to_pivot;
        return after_arrow(line, row);
    }
    if (line.take("<-")) {
        row.direction = Direction::from_pivot;
        const std::string_view rest = line.rest();
        if (rest.starts_with('"') || (rest.starts_with('/') && rest.ends_with('/') && rest.size() > 2))
            return fixed_row(line, row);
        return after_arrow(line, row);
    }
    if (line.take_word("=")) {
        row.form = RowForm::computed;
        Result<Expression> value = parse_expression(line, file_);
        if (!value) return faults_.add(value.error());
        row.expression = std::move(*value);
        return tail(line, row, true);
    }
    if (line.take_word("carry")) return carry_row(line, row);
    if (line.take_word("drop")) {
        row.form = RowForm::drop;
        row.leaf_count = line.number();
        const std::optional<std::string> reason = line.quoted();
        if (!reason || reason->empty()) return fault(line, "the reason, as drop \"why\"");
        row.reason = *reason;
        return;
    }
    if (line.take_word("envelope")) {
        row.form = RowForm::envelope;
        return tail(line, row, false);
    }
    if (line.take_word("signature")) {
        row.form = RowForm::signature;
        return;
    }
    // The number of leaves may stand between path and word: `BaseTransfer/** 5 envelope`.
    if (const auto count = line.number()) {
        row.leaf_count = count;
        if (line.take_word("envelope")) {
            row.form = RowForm::envelope;
            return tail(line, row, false);
        }
        if (line.take_word("carry")) return carry_row(line, row);
        if (line.take_word("drop")) {
            row.form = RowForm::drop;
            const std::optional<std::string> reason = line.quoted();
            if (!reason || reason->empty()) return fault(line, "the reason, as drop \"why\"");
            row.reason = *reason;
            return;
        }
        return fault(line, "envelope, carry or drop");
    }
    if (line.take_word("same")) {
        if (row.subtree) {
            row.form = RowForm::same_rest;
            row.leaf_count = line.number();
            return;
        }
        row.form = RowForm::same_group;
        right_terms(line, row);
        return;
    }
    // `** same 342` may be written `** 342 same` too; `**` alone asks for a word.
    fault(line, "<->, ->, <-, =, carry, drop, envelope, signature or same");
}

void TableParser::carry_row(LineReader& line, Row& row) {
    row.form = RowForm::carry;
    if (const auto count = line.number()) row.leaf_count = count;
    if (line.take_word("as")) {
        row.form = RowForm::carry_as;
        right_terms(line, row);
        tail(line, row, true);
    }
}

void TableParser::fixed_row(LineReader& line, Row& row) {
    row.form = RowForm::fixed;
    row.direction = Direction::both;
    do {
        if (line.peek() == '"') {
            const std::optional<std::string> text = line.quoted();
            if (!text) return fault(line, "a text that ends in \"");
            row.alternatives.push_back(*text);
            continue;
        }
        const std::string_view rest = line.rest();
        if (!rest.starts_with('/')) return fault(line, "\"a constant\" or /a pattern/");
        std::size_t end = 1;
        while (end < rest.size() && rest[end] != '/') end += rest[end] == '\\' ? 2U : 1U;
        if (end >= rest.size()) return fault(line, "a pattern that ends in /");
        Result<Pattern> pattern = Pattern::parse(rest.substr(1, end - 1));
        if (!pattern) return fault(codes::syntax, pattern.error().detail, place(line.line(), line.column()));
        row.patterns.push_back(std::move(*pattern));
        line.set(line.position() + end + 1);
    } while (line.take("|"));
    row.always = line.take_word("always");
    if (row.alternatives.empty() && (row.patterns.empty() || row.always)) fault(line, "\"a constant\"");
}

void TableParser::after_arrow(LineReader& line, Row& row) {
    row.form = RowForm::value;
    if (line.take_word("attached")) {
        row.form = RowForm::attached;
        row.attached_kind = std::string(line.token());
        if (!line.take_word("map")) return fault(line, "map FORMAT");
        row.attached_format = std::string(line.token());
        return;
    }
    right_terms(line, row);
    if (row.left.size() == 1 && !row.left[0].constant && row.left[0].path.text == "position" && row.right.size() == 1) {
        row.form = RowForm::position;
    }
    tail(line, row, true);
    if (row.direction != Direction::both && row.reason.empty())
        fault(line, "the reason why this row is one-way, as \"why\"");
}

void TableParser::tail(LineReader& line, Row& row, bool conversions) {
    if (conversions) {
        line.skip_space();
        const std::size_t start = line.position();
        const std::uint32_t column = line.column();
        const std::string_view whole = line.rest();
        std::size_t end = whole.size();
        while (!line.at_end()) {
            const std::size_t at = line.position();
            if (line.take(",")) continue;
            const std::string_view word = line.token();
            if (is_tail_word(word) || (row.direction != Direction::both && word.starts_with('"') && line.at_end())) {
                end = at - start;
                break;
            }
            if (word.empty()) break;
        }
        std::string_view text = whole.substr(0, end);
        while (text.ends_with(' ')) text.remove_suffix(1);
        row.conversion_text = std::string(text);
        row.conversion_column = column;
        line.set(start + end);
    }
    while (!line.at_end()) {
        if (line.take_word("none")) {
            const std::optional<std::string> word = line.quoted();
            if (!word) return fault(line, "the word in quotes, as none \"NO\"");
            row.none = *word;
        } else if (line.take_word("default")) {
            do {
                const std::optional<std::string> value = line.quoted();
                if (!value) return fault(line, "a value in quotes, as default \"0\" \"why\"");
                row.defaults.push_back(*value);
            } while (line.take(","));
            const std::optional<std::string> reason = line.quoted();
            if (!reason || reason->empty()) return fault(line, "the reason of the default in quotes");
            row.reason = *reason;
        } else if (line.take_word("refuse")) {
            row.refuse = true;
        } else if (line.take_word("warn")) {
            row.warn = true;
        } else if (line.take_word("noise")) {
            row.noise = true;
        } else if (line.take_word("first")) {
            row.first = line.number().value_or(0);
            if (row.first == 0) return fault(line, "a number");
        } else if (line.take_word("slots")) {
            row.slots = line.number().value_or(0);
            if (row.slots == 0) return fault(line, "a number");
        } else if (line.take_word("key")) {
            row.key = std::string(line.token());
        } else if (line.take_word("as")) {
            row.block = std::string(line.token());
        } else if (row.direction != Direction::both && line.peek() == '"') {
            row.reason = line.quoted().value_or("");
        } else {
            return fault(line, "none, default, refuse, first, slots, key, as, warn or the end of the line");
        }
    }
}

}  // namespace hansa::mapping
