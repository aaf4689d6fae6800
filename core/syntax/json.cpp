#include "core/syntax/json.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/schema/writer.h"
#include "core/syntax/codes.h"
#include "core/syntax/json_text.h"
#include "core/syntax/table_lines.h"
#include "core/xml/line_index.h"

namespace hansa::syntax::json {
namespace {

using schema::Element;

/// What sort of value the leaf is.
Value::Sort sort_of(const schema::SimpleType* type) {
    if (type == nullptr) return Value::Sort::text;
    const schema::Primitive primitive = schema::primitive_of(type->built_in);
    if (primitive == schema::Primitive::boolean) return Value::Sort::boolean;
    const bool number = primitive == schema::Primitive::decimal || primitive == schema::Primitive::floating;
    return number ? Value::Sort::number : Value::Sort::text;
}

class TreeMaker {
public:
    TreeMaker(const schema::Grammar& grammar, std::string_view text) : grammar_(grammar), lines_(text) {}

    Result<Element> make(const Value& value) {
        Element root{.name = grammar_.root().name};
        if (auto filled = fill(root, grammar_.root(), value, root.name.local); !filled) return filled.error();
        schema::order_children(grammar_, root);
        return root;
    }

private:
    Error fault(const Value& value, Code code, std::string detail) {
        return {code, std::move(detail), lines_.place(value.offset)};
    }

    Error sort_differs(const Value& value, Value::Sort wanted, std::string_view name) {
        return fault(value, codes::value_type,
                     fmt::format("'{}' is {}, expected {}", name, name_of(value.sort), name_of(wanted)));
    }

    Result<void> fill(Element& out, const schema::ElementDecl& declaration, const Value& value,
                      const std::string& name) {
        out.offset = out.end_offset = value.offset;
        if (grammar_.content(declaration) == schema::Content::simple) {
            const Value::Sort wanted = sort_of(grammar_.text_type(declaration));
            if (value.sort != wanted) return sort_differs(value, wanted, name);
            out.text = value.text;
            return {};
        }
        if (value.sort != Value::Sort::object) return sort_differs(value, Value::Sort::object, name);
        for (std::size_t i = 0; i != value.names.size(); ++i) {
            if (auto added = member(out, declaration, value.names[i], value.values[i]); !added) return added;
        }
        return {};
    }

    Result<void> member(Element& out, const schema::ElementDecl& declaration, const std::string& name,
                        const Value& value) {
        const schema::Child* child = grammar_.child(declaration, name);
        if (child == nullptr)
            return fault(value, codes::member_unknown, fmt::format("'{}' in '{}'", name, out.name.local));
        if (value.sort == Value::Sort::null) return {};
        if (child->max <= 1) return add(out, *child, value, name);
        if (value.sort != Value::Sort::list) return sort_differs(value, Value::Sort::list, name);
        for (const Value& one : value.values) {
            if (auto added = add(out, *child, one, name); !added) return added;
        }
        return {};
    }

    Result<void> add(Element& out, const schema::Child& child, const Value& value, const std::string& name) {
        Element made{.name = child.element->name};
        if (auto filled = fill(made, *child.element, value, name); !filled) return filled;
        out.children.push_back(std::move(made));
        return {};
    }

    const schema::Grammar& grammar_;
    xml::LineIndex lines_;
};

class TextMaker {
public:
    explicit TextMaker(const schema::Grammar& grammar) : grammar_(grammar) {}

    Result<std::string> make(const Element& root) {
        std::string out;
        if (auto written = value(out, root, grammar_.root(), "/" + root.name.local, 0); !written)
            return written.error();
        return out + "\n";
    }

private:
    static std::string quoted(const std::string& text) { return nlohmann::json(text).dump(); }
    static void line(std::string& out, std::size_t depth) { out.append(1, '\n').append(2 * depth, ' '); }

    /// What JSON calls a number.
    static bool is_number(const std::string& text) {
        const nlohmann::json value = nlohmann::json::parse(text, nullptr, false);
        return value.is_number() && !text.empty() && text.front() > ' ' && text.back() > ' ';
    }

    Result<void> value(std::string& out, const Element& element, const schema::ElementDecl& declaration,
                       const std::string& path, std::size_t depth) {
        if (grammar_.content(declaration) != schema::Content::simple)
            return object(out, element, declaration, path, depth);
        const Value::Sort sort = sort_of(grammar_.text_type(declaration));
        const bool plain =
            sort == Value::Sort::number ? is_number(element.text) : element.text == "true" || element.text == "false";
        if (sort != Value::Sort::text && !plain)
            return Error{codes::unwritable,
                         fmt::format("'{}' is not {} as JSON writes it", element.text, name_of(sort)),
                         {.file = {}, .line = 0, .column = 0, .path = path}};
        try {
            out += sort == Value::Sort::text ? quoted(element.text) : element.text;
        } catch (const nlohmann::json::exception&) {  // it is not UTF-8
            return Error{
                codes::unwritable, "the text is not UTF-8", {.file = {}, .line = 0, .column = 0, .path = path}};
        }
        return {};
    }

    Result<void> object(std::string& out, const Element& element, const schema::ElementDecl& declaration,
                        const std::string& path, std::size_t depth) {
        out += '{';
        bool first = true;
        for (const schema::Child& child : grammar_.children(declaration)) {
            std::vector<const Element*> members;
            for (const Element& one : element.children) {
                if (one.name == child.element->name) members.push_back(&one);
            }
            if (members.empty()) continue;
            if (!first) out += ',';
            first = false;
            line(out, depth + 1);
            const std::string& name = child.element->name.local;
            out += quoted(name) + ": ";
            if (auto written = list(out, members, child, path + "/" + name, depth + 1); !written) return written;
        }
        if (!first) line(out, depth);
        out += '}';
        return {};
    }

    Result<void> list(std::string& out, const std::vector<const Element*>& members, const schema::Child& child,
                      const std::string& path, std::size_t depth) {
        if (child.max <= 1) return value(out, *members.front(), *child.element, path, depth);
        out += '[';
        for (const Element* one : members) {
            if (one != members.front()) out += ',';
            line(out, depth + 1);
            if (auto written = value(out, *one, *child.element, path, depth + 1); !written) return written;
        }
        line(out, depth);
        out += ']';
        return {};
    }

    const schema::Grammar& grammar_;
};

class JsonSyntax final : public Syntax {
public:
    JsonSyntax(const schema::Grammar& grammar, std::vector<std::string> members)
        : grammar_(grammar), members_(std::move(members)) {}

    Result<bool> recognises(std::string_view bytes) const override {
        const auto value = parse(bytes, {});
        if (!value) return value.error();
        return std::ranges::all_of(members_, [&](const std::string& name) {
            return std::ranges::find(value->names, name) != value->names.end();
        });
    }

    Result<Document> read(std::string_view bytes, const Limits& limits) const override {
        const auto value = parse(bytes, limits);
        if (!value) return value.error();
        auto tree = TreeMaker(grammar_, bytes).make(*value);
        if (!tree) return tree.error();
        return Document{std::string(bytes), *std::move(tree)};
    }

    Result<std::string> write(const Element& root, std::string_view) const override {
        return TextMaker(grammar_).make(root);
    }
    std::string_view file_ending() const override { return "json"; }

private:
    schema::Grammar grammar_;  // copies share the tables
    std::vector<std::string> members_;
};

}  // namespace

Result<std::shared_ptr<const Syntax>> make(const Source& source, Diagnostics& faults) {
    std::vector<std::string> members;
    for (const TableText& text : source.tables) {
        for (const TableLine& line : lines_of(text)) {
            const bool known = line.words.front() == "members" && line.words.size() > 1;
            for (std::size_t i = 1; i < line.words.size(); ++i) {
                if (known && source.grammar.child(source.grammar.root(), line.words[i]) != nullptr) {
                    members.push_back(line.words[i]);
                    continue;
                }
                const Error fault{codes::table_invalid,
                                  fmt::format("'{}': expected members and names that the schema has", line.words[i]),
                                  line.place};
                faults.add(fault);
                return fault;
            }
        }
    }
    if (members.empty()) {
        const Error fault{codes::table_invalid, "no line says by which members a document is known"};
        faults.add(fault);
        return fault;
    }
    return std::shared_ptr<const Syntax>(std::make_shared<JsonSyntax>(source.grammar, std::move(members)));
}

}  // namespace hansa::syntax::json
