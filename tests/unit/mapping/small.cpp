#include "tests/unit/mapping/small.h"

#include <sstream>
#include <stdexcept>

#include "core/pivot/table.h"
#include "core/schema/reader.h"
#include "core/schema/writer.h"

namespace hansa::mapping::test {
namespace {

struct Spec {
    std::string name, type, least = "1", most = "1";
    bool attribute = false;
    std::string length;
    std::vector<Spec> children;
};

Spec spec_of(std::string text) {
    Spec spec;
    std::istringstream words(text);
    std::string word;
    words >> spec.name;
    while (words >> word) {
        if (word.front() == '{')
            spec.length = word.substr(1, word.size() - 2);
        else
            spec.type = word;
    }
    if (spec.name.front() == '@') {
        spec.attribute = true;
        spec.name.erase(0, 1);
        spec.least = "0";
    }
    const char last = spec.name.back();
    if (last == '?' || last == '*' || last == '+' || last == '!') {
        spec.name.pop_back();
        if (last == '?' || last == '*') spec.least = "0";
        if (last == '!') spec.least = "1";
        if (last == '*' || last == '+') spec.most = "unbounded";
    }
    return spec;
}

std::string type_text(const Spec& spec) {
    std::string text = "<xs:simpleType><xs:restriction base=\"xs:" + (spec.type.empty() ? "string" : spec.type) + "\">";
    if (!spec.length.empty()) text += "<xs:maxLength value=\"" + spec.length + "\"/>";
    return text + "</xs:restriction></xs:simpleType>";
}

std::string attributes_text(const Spec& spec) {
    std::string text;
    for (const Spec& child : spec.children) {
        if (child.attribute)
            text += "<xs:attribute name=\"" + child.name + "\" use=\"" +
                    (child.least == "1" ? "required" : "optional") + "\">" + type_text(child) + "</xs:attribute>";
    }
    return text;
}

std::string element_text(const Spec& spec, bool root) {
    std::string text = "<xs:element name=\"" + spec.name + "\"";
    if (!root) text += " minOccurs=\"" + spec.least + "\" maxOccurs=\"" + spec.most + "\"";
    text += ">";
    std::string inner;
    for (const Spec& child : spec.children) {
        if (!child.attribute) inner += element_text(child, false);
    }
    if (!inner.empty()) {
        text +=
            "<xs:complexType><xs:sequence>" + inner + "</xs:sequence>" + attributes_text(spec) + "</xs:complexType>";
    } else if (!attributes_text(spec).empty()) {
        text +=
            "<xs:complexType><xs:simpleContent><xs:extension base=\"xs:" + (spec.type.empty() ? "string" : spec.type) +
            "\">" + attributes_text(spec) + "</xs:extension></xs:simpleContent></xs:complexType>";
    } else {
        text += type_text(spec);
    }
    return text + "</xs:element>";
}

void lines_below(const pivot::Node& node, const std::string& path, std::string& out) {
    const std::string here = path.empty() ? node.name : path + "/" + node.name;
    if (!node.value.empty() || !node.attributes.empty()) {
        out += here + " = " + (node.list.empty() ? "" : node.list + ":") + node.value;
        for (const auto& [name, value] : node.attributes) out += " @" + name + "=" + value;
        out += "\n";
    }
    for (const pivot::Node& child : node.children) lines_below(child, here, out);
}

}  // namespace

std::string xsd_of(const std::string& tree) {
    std::vector<Spec> open;
    std::istringstream lines(tree);
    const auto close = [&] {
        Spec done = std::move(open.back());
        open.pop_back();
        open.back().children.push_back(std::move(done));
    };
    for (std::string line; std::getline(lines, line);) {
        const std::size_t indent = line.find_first_not_of(' ');
        if (indent == std::string::npos) continue;
        while (open.size() > indent / 2) close();
        open.push_back(spec_of(line.substr(indent)));
    }
    while (open.size() > 1) close();
    return "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\">" + element_text(open.front(), true) +
           "</xs:schema>";
}

std::shared_ptr<const schema::Grammar> grammar_of(const std::string& tree) {
    const std::string xsd = xsd_of(tree);
    const auto grammar = schema::compile_xsd(
        {.file = "test.xsd", .root = {"", "Doc"}, .resolve = [&](const std::string&) { return std::optional(xsd); }});
    if (!grammar) throw std::runtime_error(grammar.error().text());
    return std::make_shared<schema::Grammar>(*grammar);
}

Result<std::shared_ptr<const Mapping>> load(const SmallTable& table, Diagnostics& faults) {
    const std::string text =
        "format " + table.format + "\npivot declaration\nschema test#Doc\n" + table.head + table.rows;
    return load_mapping({.text = text,
                         .file = "test.map",
                         .resolve = [&](std::string_view name) -> std::optional<std::string> {
                             const auto found = table.lists.find(std::string(name.substr(name.rfind('/') + 1)));
                             return found == table.lists.end() ? std::nullopt : std::optional(found->second);
                         },
                         .grammar = grammar_of(table.tree)},
                        faults);
}

std::shared_ptr<const Mapping> loaded(const SmallTable& table) {
    Diagnostics faults;
    const auto mapping = load(table, faults);
    if (!mapping) throw std::runtime_error(lines_of(faults));
    return *mapping;
}

schema::Element element(const std::string& xml) {
    const auto tree = schema::read_tree(xml);
    if (!tree) throw std::runtime_error(tree.error().text());
    return *tree;
}

std::string xml_of(const schema::Element& element) {
    return schema::write_tree(element, {.declaration = false});
}

std::string lines_of(const pivot::Document& document) {
    std::string out;
    for (const pivot::Node& child : document.root.children) lines_below(child, "", out);
    return out;
}

pivot::Document document_of(const std::string& text, pivot::Kind kind) {
    pivot::Document document{.kind = kind, .root = {}, .memory = {}, .annex = {}};
    document.root.name = std::string(pivot::root(kind).name);
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        const std::size_t sign = line.find(" = ");
        if (sign == std::string::npos) continue;
        pivot::Node* node = &document.root;
        std::istringstream steps(line.substr(0, sign));
        for (std::string step; std::getline(steps, step, '/');) {
            std::size_t number = 1;
            if (const std::size_t bracket = step.find('['); bracket != std::string::npos) {
                number = std::stoul(step.substr(bracket + 1));
                step = step.substr(0, bracket);
            }
            std::size_t seen = 0;
            pivot::Node* next = nullptr;
            for (pivot::Node& child : node->children) {
                if (child.name == step && ++seen == number) next = &child;
            }
            while (!next) {
                node->children.push_back({.name = step});
                if (++seen == number) next = &node->children.back();
            }
            node = next;
        }
        std::string value = line.substr(sign + 3);
        while (true) {
            const std::size_t at = value.rfind(" @");
            if (at == std::string::npos) break;
            const std::string attribute = value.substr(at + 2);
            node->attributes.emplace_back(attribute.substr(0, attribute.find('=')),
                                          attribute.substr(attribute.find('=') + 1));
            value.resize(at);
        }
        const pivot::QualifiedCode code = pivot::split_code(value);
        node->value = std::string(code.code);
        node->list = std::string(code.list);
    }
    return document;
}

std::string lines_of(const Ledger& ledger) {
    std::string out;
    for (const LossEntry& entry : ledger.entries)
        out += std::string(loss_kind_name(entry.kind)) + " " + entry.path + " " + entry.value + "\n";
    return out;
}

std::string lines_of(const Diagnostics& faults) {
    std::string out;
    for (const Error& error : faults.errors()) out += error.text() + "\n";
    return out;
}

}  // namespace hansa::mapping::test
