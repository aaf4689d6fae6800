#include "core/syntax/edifact_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "core/syntax/codes.h"
#include "core/syntax/edifact_level.h"
#include "core/syntax/table_lines.h"

namespace hansa::syntax::edifact {
namespace {

/// What UNB and UNH hold beside the syntax's own: repertoire and version, type, release and agency of the message.
constexpr std::string_view unb_definition =
    "S002(0004 0007 0008 0042) S003(0010 0007 0014 0046) S004(0017 0019) 0020 S005(0022 0025) 0026 0029 0031 0032 0035";
constexpr std::string_view unh_definition = "0062 S009(- - - - 0057 0110 0113) 0068 S010(0070 0073)";

bool is_tag(std::string_view text) {
    return text.size() == 3 &&
           std::ranges::all_of(text, [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); });
}

class TableReader {
public:
    explicit TableReader(Diagnostics& faults) : faults_(faults) {}

    void take(const TableText& text) {
        std::vector<TableLine> lines = lines_of(text);
        for (std::size_t at = 0; at < lines.size(); ++at) {
            const TableLine& line = lines[at];
            const std::string& word = line.words.front();
            if (word == "message" && line.words.size() == 2)
                take_message(line);
            else if (word == "levels" && line.words.size() > 1)
                take_levels(line);
            else if (word == "segment" && line.words.size() > 2)
                take_segment(line);
            else if (word == "body" && line.words.size() == 1)
                take_whole_body(lines, at);
            else
                fault(line, fmt::format("'{}': expected message, levels, segment or body", word));
        }
    }

    Table finish(const TableText& last) {
        const TableLine end{0, {}, {.file = last.file, .line = 1, .column = 1, .path = {}}};
        if (table_.type.empty()) fault(end, "no line says the message");
        if (table_.levels.empty()) fault(end, "no line says the levels");
        if (table_.body.empty()) fault(end, "the body is empty");
        table_.unb = definition_of(words_of(unb_definition), end);
        table_.unb.insert(table_.unb.begin(), ElementShape{{}, std::vector<ComponentShape>(4, {{}, false, false})});
        table_.unh = definition_of(words_of(unh_definition), end);
        return std::move(table_);
    }

private:
    void fault(const TableLine& line, std::string detail) {
        faults_.add(codes::table_invalid, std::move(detail), line.place);
    }

    void take_whole_body(const std::vector<TableLine>& lines, std::size_t& at) {
        std::size_t inside = at + 1;
        table_.body = take_body(lines, inside, lines[at].indent);
        at = inside - 1;
    }

    void take_message(const TableLine& line) {
        table_.type = line.words[1];
        table_.message = table_.type.substr(0, table_.type.find(':'));
        if (std::ranges::count(table_.type, ':') != 3) fault(line, "expected TYPE:VERSION:RELEASE:AGENCY");
    }

    void take_levels(const TableLine& line) {
        table_.levels.assign(line.words.begin() + 1, line.words.end());
        for (const std::string& level : table_.levels) {
            if (!level_known(level)) fault(line, fmt::format("'{}' is no repertoire", level));
        }
    }

    void take_segment(const TableLine& line) {
        const std::string& tag = line.words[1];
        if (!is_tag(tag.substr(0, tag.find('_')))) return fault(line, fmt::format("'{}' is no tag of a segment", tag));
        const std::vector<std::string> rest(line.words.begin() + 2, line.words.end());
        if (!segments_.emplace(tag, definition_of(rest, line)).second) fault(line, fmt::format("{} stands twice", tag));
    }

    /// "3036*5" as five; "3045" as one. Names that stand several times are numbered.
    std::vector<std::string> repeated(const std::string& word, const TableLine& line) {
        const std::size_t star = word.find_first_of("*>");
        std::size_t count = 1;
        if (star != std::string::npos) {
            const char* end = word.data() + word.size();
            const auto [stop, bad] = std::from_chars(word.data() + star + 1, end, count);
            if (bad != std::errc() || stop != end || count == 0 || count > 99)
                fault(line, fmt::format("'{}': expected NAME*COUNT or NAME>COUNT", word)), count = 1;
        }
        return std::vector<std::string>(count, word.substr(0, star));
    }

    static void number(std::vector<std::string>& names) {
        const std::vector<std::string> plain = names;
        for (std::size_t i = 0; i != names.size(); ++i) {
            const auto same = [&](const std::string& other) { return other == plain[i]; };
            if (plain[i] != "-" && std::ranges::count_if(plain, same) > 1)
                names[i] += fmt::format(
                    "_{}", std::count_if(plain.begin(), plain.begin() + static_cast<std::ptrdiff_t>(i) + 1, same));
        }
    }

    static ComponentShape component(const std::string& name) {
        return name == "-" ? ComponentShape{{}, false, false} : ComponentShape{"e" + name, true, false};
    }

    /// "C082(3039", "1131", "3055)" and "3164" as shapes.
    SegmentShape definition_of(const std::vector<std::string>& words, const TableLine& line) {
        struct Part {
            std::vector<std::string> inside;
            std::vector<bool> closes_up;  ///< of each inside
            bool composite = false;
        };
        std::vector<std::string> names;
        std::vector<Part> parts;
        for (std::size_t i = 0; i != words.size(); ++i) {
            const std::size_t open = words[i].find('(');
            Part part;
            std::string outer = words[i];
            if (open != std::string::npos) {
                outer = words[i].substr(0, open);
                part.composite = true;
                std::string inner = words[i].substr(open + 1);
                for (;; inner = words[i]) {
                    const bool last = inner.ends_with(')');
                    if (last) inner.pop_back();
                    for (std::string& name : repeated(inner, line)) part.inside.push_back(std::move(name));
                    part.closes_up.resize(part.inside.size(), inner.find('>') != std::string::npos);
                    if (last) break;
                    if (++i == words.size()) {
                        fault(line, fmt::format("'{}(' is not closed", outer));
                        return {};
                    }
                }
                // C246(7361 1131 3055)*5 is written C246*5(7361 1131 3055).
                number(part.inside);
            }
            for (std::string& name : repeated(outer, line)) {
                names.push_back(std::move(name));
                parts.push_back(part);
            }
        }
        number(names);
        SegmentShape out;
        for (std::size_t i = 0; i != names.size(); ++i) {
            ElementShape made;
            if (parts[i].composite) {
                made.name = names[i];
                for (std::size_t k = 0; k != parts[i].inside.size(); ++k) {
                    made.components.push_back(component(parts[i].inside[k]));
                    made.components.back().closes_up = parts[i].closes_up[k];
                }
            } else {
                made.components.push_back(component(names[i]));
            }
            out.push_back(std::move(made));
        }
        return out;
    }

    /// Lines that are indented deeper than `above`; `at` is left at the last of them.
    std::vector<Line> take_body(const std::vector<TableLine>& lines, std::size_t& at, std::size_t above) {
        std::vector<Line> out;
        std::set<std::string> names;
        const std::size_t indent = at < lines.size() ? lines[at].indent : 0;
        for (; at < lines.size() && lines[at].indent > above; ++at) {
            const TableLine& line = lines[at];
            if (line.indent != indent || line.words.size() != 1) {
                fault(line, "expected one name a line, under those that it belongs to");
                continue;
            }
            const std::string& name = line.words.front();
            Line made = line_of(name, line);
            if (made.kind == Line::Kind::group) {
                std::size_t inside = at + 1;
                made.lines = take_body(lines, inside, line.indent);
                at = inside - 1;
                if (made.lines.empty() || made.lines.front().kind != Line::Kind::segment) {
                    fault(line, fmt::format("{} does not begin with a segment", name));
                    continue;
                }
                Line& first = made.lines.front();
                if (const std::size_t sign = name.find('_'); sign != std::string::npos) {
                    first.qualifier = name.substr(sign + 1);
                    first.shape.front().components.front().name.clear();
                }
                made.tag = first.tag;
                made.qualifier = first.qualifier;
            }
            if (made.kind != Line::Kind::divider && !names.insert(name).second)
                fault(line, fmt::format("{} stands twice", name));
            out.push_back(std::move(made));
        }
        return out;
    }

    Line line_of(const std::string& name, const TableLine& line) {
        Line out;
        out.name = name;
        // A group is SG and its number; SGP is a segment.
        if (name.size() > 2 && name.starts_with("SG") && name[2] >= '0' && name[2] <= '9') {
            out.kind = Line::Kind::group;
            return out;
        }
        const std::size_t sign = name.find_first_of("_+");
        out.tag = name.substr(0, sign);
        if (sign != std::string::npos) out.qualifier = name.substr(sign + 1);
        if (sign != std::string::npos && name[sign] == '+') {
            out.kind = Line::Kind::divider;
            if (!is_tag(out.tag) || out.qualifier.empty()) fault(line, fmt::format("'{}': expected TAG+VALUE", name));
            return out;
        }
        const auto own = segments_.find(name);
        const auto known = own != segments_.end() ? own : segments_.find(out.tag);
        if (known == segments_.end()) {
            fault(line, fmt::format("no line defines the segment {}", out.tag));
            return out;
        }
        out.shape = known->second;
        if (out.qualifier.empty()) return out;
        out.shape.front().components.front().name.clear();
        if (const std::size_t second = out.qualifier.find('_'); second != std::string::npos) {
            if (out.shape.size() < 2 || second + 1 == out.qualifier.size()) {
                fault(line, fmt::format("'{}': expected a second element of {} and its value", name, out.tag));
                return out;
            }
            out.second = out.qualifier.substr(second + 1);
            out.qualifier.resize(second);
            out.shape[1].components.front().name.clear();
        }
        return out;
    }

    Diagnostics& faults_;
    Table table_;
    std::map<std::string, SegmentShape> segments_;
};

/// Sees to it that tables and grammar have the same elements.
class Fitter {
public:
    Fitter(const schema::Grammar& grammar, const std::string& file, Diagnostics& faults)
        : grammar_(grammar), file_(file), faults_(faults) {}

    void fit(Table& table) {
        const schema::ElementDecl& root = grammar_.root();
        table.ns = root.name.ns;
        table.root = root.name.local;
        const schema::ElementDecl* message = child(root, table.message, table.root);
        const schema::ElementDecl* unb = child(root, "UNB", table.root);
        if (message == nullptr || unb == nullptr) return;
        only(root, {"UNB", table.message}, table.root);
        fit(table.unb, *unb, "UNB");
        std::set<std::string> names{"UNH"};
        if (const auto* unh = child(*message, "UNH", table.message)) fit(table.unh, *unh, "UNH");
        fit(table.body, *message, table.message, names);
    }

private:
    void fault(std::string detail) { faults_.add(codes::table_invalid, std::move(detail), {.file = file_}); }

    const schema::ElementDecl* child(const schema::ElementDecl& element, const std::string& name,
                                     const std::string& path) {
        const schema::Child* found = grammar_.child(element, name);
        if (found == nullptr) fault(fmt::format("the schema has no {} in {}", name, path));
        return found == nullptr ? nullptr : found->element;
    }

    void only(const schema::ElementDecl& element, const std::set<std::string>& names, const std::string& path) {
        for (const schema::Child& one : grammar_.children(element)) {
            if (!names.contains(one.element->name.local))
                fault(fmt::format("the table has no {} in {}", one.element->name.local, path));
        }
    }

    void fit(std::vector<Line>& lines, const schema::ElementDecl& element, const std::string& path,
             std::set<std::string> names) {
        for (Line& line : lines) {
            if (line.kind == Line::Kind::divider) continue;
            names.insert(line.name);
            const schema::ElementDecl* found = child(element, line.name, path);
            if (found == nullptr) continue;
            if (line.kind == Line::Kind::segment)
                fit(line.shape, *found, path + "/" + line.name);
            else
                fit(line.lines, *found, path + "/" + line.name, {});
        }
        only(element, names, path);
    }

    /// A component that the schema does not have is known, so that its place counts, and may not be filled.
    void fit(SegmentShape& shape, const schema::ElementDecl& segment, const std::string& path) {
        std::set<std::string> names;
        for (ElementShape& element : shape) {
            const schema::ElementDecl* above = &segment;
            std::set<std::string> inside;
            if (!element.name.empty()) {
                const schema::Child* composite = grammar_.child(segment, element.name);
                above = composite == nullptr ? nullptr : composite->element;
                if (composite != nullptr) names.insert(element.name);
            }
            for (ComponentShape& component : element.components) {
                const schema::Child* found =
                    above == nullptr || component.name.empty() ? nullptr : grammar_.child(*above, component.name);
                component.in_tree = found != nullptr;
                if (found == nullptr) continue;
                (element.name.empty() ? names : inside).insert(component.name);
                const schema::SimpleType* type = grammar_.text_type(*found->element);
                component.decimal =
                    type != nullptr && schema::primitive_of(type->built_in) == schema::Primitive::decimal;
            }
            if (!element.name.empty() && above != nullptr) only(*above, inside, path + "/" + element.name);
        }
        only(segment, names, path);
    }

    const schema::Grammar& grammar_;
    const std::string& file_;
    Diagnostics& faults_;
};

}  // namespace

Result<Table> read_table(const Source& source, Diagnostics& faults) {
    if (source.tables.empty()) {
        faults.add(codes::table_invalid, "the format names no table");
        return Error{codes::table_invalid, "the format names no table"};
    }
    Diagnostics own;
    TableReader reader(own);
    for (const TableText& text : source.tables) reader.take(text);
    Table out = reader.finish(source.tables.back());
    if (own.empty()) Fitter(source.grammar, source.tables.back().file, own).fit(out);
    faults.append(own);
    if (!own.empty()) return own.errors().front();
    return out;
}

}  // namespace hansa::syntax::edifact
