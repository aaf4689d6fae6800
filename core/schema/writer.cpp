#include "core/schema/writer.h"

#include <algorithm>
#include <set>
#include <vector>

#include "core/schema/content_model.h"
#include "core/xml/writer.h"

namespace hansa::schema {

namespace {

constexpr std::string_view xml_namespace = "http://www.w3.org/XML/1998/namespace";
constexpr std::string_view xsi_namespace = "http://www.w3.org/2001/XMLSchema-instance";

/// Namespaces in the order in which names first need them.
struct Needed {
    std::vector<std::string> namespaces;
    std::set<std::string> by_attributes;
    bool without_namespace = false;  ///< an element in no namespace

    void take(const std::string& ns) {
        if (ns.empty() || ns == xml_namespace) return;
        if (std::find(namespaces.begin(), namespaces.end(), ns) == namespaces.end()) namespaces.push_back(ns);
    }
    void take(const Element& element) {
        if (element.name.ns.empty()) without_namespace = true;
        take(element.name.ns);
        for (const Attribute& attribute : element.attributes) {
            take(attribute.name.ns);
            if (!attribute.name.ns.empty()) by_attributes.insert(attribute.name.ns);
        }
        for (const Element& child : element.children) take(child);
    }
};

class TreeWriter {
public:
    TreeWriter(const Element& root, const WriteOptions& options, xml::Segments& segments)
        : options_(options), writer_(segments) {
        needed_.take(root);
        choose_prefixes(root);
    }

    void write(const Element& root) {
        if (options_.declaration) writer_.outer("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        for (const auto& [prefix, ns] : declarations_) writer_.declare(prefix, ns);
        write(root, 0);
        writer_.finish();
    }

private:
    void choose_prefixes(const Element& root) {
        std::set<std::string> used;
        std::size_t number = 0;
        for (const std::string& ns : needed_.namespaces) {
            const auto preferred = options_.prefixes.find(ns);
            std::string prefix;
            bool fits = false;
            if (preferred != options_.prefixes.end()) {
                prefix = preferred->second;
                fits = true;
            } else if (ns == xsi_namespace) {
                prefix = "xsi";
                fits = true;
            } else if (ns == root.name.ns) {
                fits = true;  // the default namespace
            }
            const bool hidden = prefix.empty() && (needed_.without_namespace || needed_.by_attributes.contains(ns));
            if (!fits || hidden || used.contains(prefix)) {
                do prefix = "n" + std::to_string(++number);
                while (used.contains(prefix));
            }
            used.insert(prefix);
            declarations_.emplace_back(prefix, ns);
        }
    }

    void write(const Element& element, std::size_t depth) {
        writer_.start(element.name.ns, element.name.local);
        for (const Attribute& attribute : element.attributes) {
            writer_.attribute(attribute.name.ns, attribute.name.local, attribute.value);
        }
        if (!element.text.empty()) writer_.text(element.text);
        const bool lines = options_.indent && element.text.empty() && !element.children.empty();
        for (const Element& child : element.children) {
            if (lines) writer_.text("\n" + std::string(2 * (depth + 1), ' '));
            write(child, depth + 1);
        }
        if (lines) writer_.text("\n" + std::string(2 * depth, ' '));
        writer_.end();
    }

    const WriteOptions& options_;
    xml::Writer writer_;
    Needed needed_;
    std::vector<std::pair<std::string, std::string>> declarations_;
};

void order(const Grammar& grammar, const ElementDecl& declaration, Element& element) {
    order_by_model(grammar, declaration, element.children);
    for (Element& child : element.children) {
        const Child* known = grammar.child(declaration, child.name.local, child.name.ns);
        const ElementDecl* below = known != nullptr ? known->element : grammar.global(child.name.local, child.name.ns);
        if (below != nullptr) order(grammar, *below, child);
    }
}

}  // namespace

std::string write_tree(const Element& root, const WriteOptions& options) {
    xml::Segments segments;
    TreeWriter(root, options, segments).write(root);
    return segments.text(xml::Which::with_outer);
}

void write_tree(const Element& root, Sink& sink, const WriteOptions& options) {
    xml::Segments segments;
    TreeWriter(root, options, segments).write(root);
    segments.write_to(sink, xml::Which::with_outer);
}

void order_children(const Grammar& grammar, Element& root) {
    const ElementDecl* declaration = grammar.global(root.name.local, root.name.ns);
    if (declaration == nullptr && grammar.root().name == root.name) declaration = &grammar.root();
    if (declaration != nullptr) order(grammar, *declaration, root);
}

}  // namespace hansa::schema
