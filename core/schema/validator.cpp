#include "core/schema/validator.h"

#include <algorithm>
#include <mutex>
#include <set>
#include <tuple>

#include "core/schema/codes.h"
#include "core/schema/content_model.h"
#include "core/schema/judge.h"
#include "core/schema/reader.h"
#include "core/schema/xerces.h"
#include "core/xml/encoding.h"
#include "core/xml/line_index.h"

namespace hansa::schema {

namespace {

constexpr std::string_view xsi_namespace = "http://www.w3.org/2001/XMLSchema-instance";

/// An element of the document, with what the schema says of it where that is known.
struct Node {
    const Element* element;
    std::size_t parent;  ///< itself for the root
    std::size_t place;   ///< among the parent's children
    const ElementDecl* declaration;
};

/// A tag and the node it belongs to.
struct Tag {
    std::uint64_t offset;
    std::size_t node;
    bool end;
};

/// The document as a list of nodes in document order, and its tags by offset.
class Outline {
public:
    Outline(const Element& root, const Grammar* grammar) : grammar_(grammar) {
        const ElementDecl* declaration = grammar == nullptr ? nullptr : grammar->global(root.name.local, root.name.ns);
        add(root, 0, 0, declaration);
        std::stable_sort(tags_.begin(), tags_.end(), [](const Tag& a, const Tag& b) { return a.offset < b.offset; });
    }

    const Node& node(std::size_t number) const { return nodes_[number]; }
    const Grammar* grammar() const { return grammar_; }

    /// The last tag that begins before the offset.
    const Tag& tag_before(std::uint64_t offset) const {
        auto after = std::lower_bound(tags_.begin(), tags_.end(), offset,
                                      [](const Tag& tag, std::uint64_t value) { return tag.offset < value; });
        return after == tags_.begin() ? tags_.front() : *std::prev(after);
    }

    std::optional<std::size_t> child_node(std::size_t parent, std::size_t place) const {
        for (std::size_t i = parent + 1; i < nodes_.size(); ++i) {
            if (nodes_[i].parent == parent && nodes_[i].place == place) return i;
        }
        return std::nullopt;
    }

    bool is_inside(std::size_t node, std::size_t ancestor) const {
        while (node != ancestor && node != 0) node = nodes_[node].parent;
        return node == ancestor;
    }

    std::string path(std::size_t number) const {
        if (number == 0) return "/" + nodes_[0].element->name.local;
        const Node& node = nodes_[number];
        return path(node.parent) + "/" + step(*nodes_[node.parent].element, node.place);
    }

private:
    /// "Name", or "Name[2]" among several of one name.
    static std::string step(const Element& parent, std::size_t place) {
        const Name& name = parent.children[place].name;
        std::size_t count = 0;
        std::size_t number = 0;
        for (std::size_t i = 0; i < parent.children.size(); ++i) {
            if (parent.children[i].name.local != name.local) continue;
            ++count;
            if (i == place) number = count;
        }
        return count > 1 ? name.local + "[" + std::to_string(number) + "]" : name.local;
    }

    void add(const Element& element, std::size_t parent, std::size_t place, const ElementDecl* declaration) {
        const std::size_t number = nodes_.size();
        if (element.attribute("type", xsi_namespace) != nullptr) declaration = nullptr;
        nodes_.push_back({&element, parent, place, declaration});
        tags_.push_back({element.offset, number, false});
        for (std::size_t i = 0; i < element.children.size(); ++i) {
            const Element& child = element.children[i];
            const ElementDecl* below = nullptr;
            if (grammar_ != nullptr && declaration != nullptr) {
                const Child* known = grammar_->child(*declaration, child.name.local, child.name.ns);
                if (known != nullptr)
                    below = known->element;
                else if (admits_globals(*grammar_, *declaration))
                    below = grammar_->global(child.name.local, child.name.ns);
            }
            add(child, number, i, below);
        }
        if (element.end_offset != element.offset) tags_.push_back({element.end_offset, number, true});
    }

    const Grammar* grammar_;
    std::vector<Node> nodes_;
    std::vector<Tag> tags_;
};

/// A complaint with its place in the tree.
struct Finding {
    Error error;
    std::size_t node = 0;      ///< where it belongs
    std::uint64_t offset = 0;  ///< of our own rule
    bool makes_unexpected = false;
    std::ptrdiff_t rank = 0;  ///< of a missing attribute: among those of its type
};

/// From complaints of Xerces to errors of ours.
class Interpreter {
public:
    Interpreter(const Outline& outline, std::string_view document) : outline_(outline), document_(document) {}

    Finding interpret(const bridge::Complaint& complaint) const {
        const Tag& tag = outline_.tag_before(complaint.offset);
        if (complaint.misnamed) return misnamed(tag.node);
        if (complaint.code == codes::element_missing) return missing(tag.node);
        if (complaint.code == codes::element_unexpected) return unexpected(tag.node, complaint);
        if (complaint.code == codes::element_undeclared) return undeclared(tag.node);
        if (complaint.code == codes::text_unexpected) return text(tag, complaint.offset);
        if (complaint.code == codes::attribute_missing || complaint.code == codes::attribute_unexpected) {
            return attribute(tag.node, complaint.code, complaint.quoted);
        }
        if (complaint.of_value) return value(tag, complaint);
        return at_node(tag.node, complaint.code, "in '" + name_of_node(tag.node) + "'");
    }

private:
    const std::string& name_of_node(std::size_t node) const { return outline_.node(node).element->name.local; }

    Finding at_node(std::size_t node, Code code, std::string detail) const {
        Finding finding;
        finding.error = {code, std::move(detail)};
        finding.error.place.path = outline_.path(node);
        finding.node = node;
        finding.offset = outline_.node(node).element->offset;
        return finding;
    }

    std::optional<Misfit> misfit_of(std::size_t node) const {
        const Node& known = outline_.node(node);
        if (known.declaration == nullptr) return std::nullopt;
        return first_misfit(*outline_.grammar(), *known.declaration, known.element->children);
    }

    Finding missing(std::size_t node) const {
        const auto misfit = misfit_of(node);
        if (misfit && !misfit->missing) return unexpected_child(node, misfit->child, misfit->expected);
        const std::string expected = misfit ? misfit->expected : std::string();
        Finding finding = at_node(
            node, codes::element_missing,
            (expected.empty() ? "an element" : "'" + expected + "'") + " is missing in '" + name_of_node(node) + "'");
        if (!expected.empty()) finding.error.place.path += "/" + expected;
        finding.offset = outline_.node(node).element->end_offset;
        return finding;
    }

    /// The child that does not fit, found by our own walk through the content model.
    Finding unexpected(std::size_t node, const bridge::Complaint& complaint) const {
        const auto misfit = misfit_of(node);
        if (misfit && misfit->missing) return missing(node);
        const auto& children = outline_.node(node).element->children;
        std::size_t place = 0;
        std::string expected;
        if (misfit && !misfit->missing) {
            place = misfit->child;
            expected = misfit->expected;
        } else {
            const auto named = std::find_if(children.begin(), children.end(),
                                            [&](const Element& child) { return child.name.local == complaint.quoted; });
            place = named == children.end() ? 0 : static_cast<std::size_t>(named - children.begin());
        }
        return unexpected_child(node, place, expected);
    }

    Finding unexpected_child(std::size_t node, std::size_t place, const std::string& expected) const {
        const std::size_t child = outline_.child_node(node, place).value_or(node);
        Finding finding = at_node(child, codes::element_unexpected,
                                  "'" + name_of_node(child) + "' may not stand here" +
                                      (expected.empty() ? std::string() : ", '" + expected + "' is expected"));
        finding.makes_unexpected = true;
        return finding;
    }

    /// Xerces goes on as if the name were right, and its parent's content does not show the fault any more.
    Finding misnamed(std::size_t node) const {
        if (node == 0) return undeclared(node);
        return unexpected_child(outline_.node(node).parent, outline_.node(node).place, {});
    }

    Finding undeclared(std::size_t node) const {
        if (node == 0) return at_node(0, codes::root_unknown, "no root element '" + name_of_node(0) + "' is declared");
        const Node& parent = outline_.node(outline_.node(node).parent);
        const bool wildcard = parent.declaration != nullptr && outline_.grammar()->has_wildcard(*parent.declaration);
        if (parent.declaration != nullptr && !wildcard) {
            return unexpected_child(outline_.node(node).parent, outline_.node(node).place, {});
        }
        return at_node(node, codes::element_undeclared, "'" + name_of_node(node) + "' is not declared");
    }

    static bool has_words(const Element& element) {
        return element.text.find_first_not_of(" \t\r\n") != std::string::npos;
    }

    /// A CDATA section right behind the start tag, blank as it may be, is the element's own text.
    bool has_section(const Tag& tag, std::uint64_t behind) const {
        const Node& here = outline_.node(tag.node);
        const bool inside = !tag.end && here.element->end_offset != here.element->offset;
        if (!inside || here.declaration == nullptr || behind <= tag.offset) return false;
        return outline_.grammar()->content(*here.declaration) == Content::elements &&
               document_.substr(tag.offset, behind - tag.offset).find("<![CDATA[") != std::string_view::npos;
    }

    /// Xerces stands behind the text: the last tag is the parent's, or that of a child before the text.
    Finding text(const Tag& tag, std::uint64_t behind) const {
        std::size_t node = tag.node;
        const Node& here = outline_.node(node);
        const bool takes_text = here.declaration != nullptr &&
                                outline_.grammar()->content(*here.declaration) != Content::elements &&
                                outline_.grammar()->content(*here.declaration) != Content::empty;
        if ((!has_words(*here.element) || takes_text) && !has_section(tag, behind)) {
            if (!here.element->children.empty() && !has_words(*outline_.node(here.parent).element)) {
                return unexpected_child(node, 0, {});
            }
            node = here.parent;
        }
        return at_node(node, codes::text_unexpected, "'" + name_of_node(node) + "' may not hold text");
    }

    Finding attribute(std::size_t node, Code code, const std::string& name) const {
        const bool is_missing = code == codes::attribute_missing;
        Finding finding = at_node(
            node, code,
            "attribute '" + name + "' of '" + name_of_node(node) + (is_missing ? "' is missing" : "' is not allowed"));
        finding.error.place.path += "/@" + name;
        const ElementDecl* const declaration = outline_.node(node).declaration;
        const AttributeUse* const use =
            declaration == nullptr ? nullptr : outline_.grammar()->attribute(*declaration, name);
        if (is_missing && use != nullptr) finding.rank = use - outline_.grammar()->attributes(*declaration).data();
        return finding;
    }

    /// A value of the element, or of one of its attributes.
    Finding value(const Tag& tag, const bridge::Complaint& complaint) const {
        const Node& node = outline_.node(tag.node);
        Finding finding = at_node(tag.node, complaint.code, "value of '" + name_of_node(tag.node) + "'");
        const SimpleType* type = nullptr;
        if (node.declaration != nullptr) type = outline_.grammar()->text_type(*node.declaration);
        if (!tag.end) {
            if (const Attribute* wrong = wrong_attribute(node, complaint.code)) {
                finding.error.place.path += "/@" + wrong->name.local;
                type = &outline_.grammar()->type(*outline_.grammar()->attribute(*node.declaration, wrong->name.local));
                return with_reason(std::move(finding), *type, wrong->value);
            }
        }
        if (type == nullptr) return finding;
        return with_reason(std::move(finding), *type, node.element->text);
    }

    const Attribute* wrong_attribute(const Node& node, Code code) const {
        if (node.declaration == nullptr) return nullptr;
        for (const Attribute& attribute : node.element->attributes) {
            const AttributeUse* use =
                outline_.grammar()->attribute(*node.declaration, attribute.name.local, attribute.name.ns);
            if (use == nullptr) continue;
            const SimpleType& type = outline_.grammar()->type(*use);
            if (code == codes::identity) {
                if (type.built_in == BuiltIn::id || type.built_in == BuiltIn::idref) return &attribute;
                continue;
            }
            const bool differs = use->constraint == ValueConstraint::fixed &&
                                 Grammar::normalised(type, attribute.value) != Grammar::normalised(type, use->value);
            if (differs || !outline_.grammar()->check_value(type, attribute.value)) return &attribute;
        }
        return nullptr;
    }

    bool has_patterns(const SimpleType& type) const {
        if (!type.patterns.empty() || type.variety == Variety::union_) return true;
        return type.variety == Variety::list && has_patterns(outline_.grammar()->tables().simple_types[type.item_type]);
    }

    /// Our own words for a value that we refuse too. Built-in types are patterns and bounds for
    /// Xerces and types for us.
    Finding with_reason(Finding finding, const SimpleType& type, const std::string& text) const {
        const auto checked = outline_.grammar()->check_value(type, text);
        if (finding.error.code == codes::pattern && !has_patterns(type)) {
            finding.error.code = codes::type;
        }
        if (!checked && finding.error.code != codes::fixed) {
            finding.error.detail = "'" + name_of_node(finding.node) + "': " + checked.error().detail;
        }
        return finding;
    }

    const Outline& outline_;
    std::string_view document_;
};

/// Xerces tells the missing attributes of an element in the order of a table of its own.
void put_missing_in_order(std::vector<Finding>& findings) {
    for (auto first = findings.begin(); first != findings.end();) {
        const auto end = std::find_if(first, findings.end(), [&](const Finding& one) {
            return one.error.code != codes::attribute_missing || one.node != first->node;
        });
        std::stable_sort(first, end, [](const Finding& a, const Finding& b) { return a.rank < b.rank; });
        first = end == first ? first + 1 : end;
    }
}

/// Drops what only follows from another fault, and what is said twice.
std::vector<Finding> settled(std::vector<Finding> findings, const Outline& outline) {
    const bool no_root = std::any_of(findings.begin(), findings.end(),
                                     [](const Finding& finding) { return finding.error.code == codes::root_unknown; });
    std::set<std::size_t> unexpected;
    std::set<std::size_t> nil;
    for (const Finding& finding : findings) {
        if (finding.error.code == codes::nil) nil.insert(finding.node);
        if (finding.makes_unexpected) unexpected.insert(finding.node);
    }
    std::vector<Finding> kept;
    std::set<std::pair<std::string_view, std::string>> said;
    for (Finding& finding : findings) {
        if (no_root && finding.error.code != codes::root_unknown) continue;
        const bool follows = std::any_of(unexpected.begin(), unexpected.end(), [&](std::size_t node) {
            return outline.is_inside(finding.node, node) && !(finding.makes_unexpected && finding.node == node);
        });
        if (nil.contains(finding.node) && finding.error.code != codes::nil) continue;
        if (follows || !said.emplace(finding.error.code.name(), finding.error.place.path).second) continue;
        kept.push_back(std::move(finding));
    }
    std::stable_sort(kept.begin(), kept.end(), [](const Finding& a, const Finding& b) { return a.offset < b.offset; });
    put_missing_in_order(kept);
    return kept;
}

}  // namespace

/// One parser, one caller at a time: Xerces-C makes content models and patterns of a locked grammar when a document
/// first asks for them, without a lock of its own.
struct Validator::State {
    bridge::LoadedSchemas schemas;
    std::optional<Grammar> grammar;  ///< for paths and words; some schemas need more than it can hold

    std::vector<bridge::Complaint> judge(std::string_view text) {
        const std::lock_guard lock(mutex_);
        auto parser = parser_ ? std::move(parser_) : std::make_unique<bridge::Judge>(*schemas.pool);
        std::vector<bridge::Complaint> complaints = parser->judge(text);
        parser_ = std::move(parser);
        return complaints;
    }

private:
    std::mutex mutex_;
    std::unique_ptr<bridge::Judge> parser_;
};

Validator::Validator(std::unique_ptr<State> state) : state_(std::move(state)) {}
Validator::Validator(Validator&&) noexcept = default;
Validator& Validator::operator=(Validator&&) noexcept = default;

Validator::~Validator() = default;

Result<Validator> Validator::from_source(const XsdSource& source) {
    auto loaded = bridge::load_schemas(source);
    if (!loaded) return loaded.error();
    auto state = std::make_unique<State>();
    state->schemas = std::move(*loaded);
    if (auto tables = bridge::tables_of(*state->schemas.model, {})) {
        if (auto grammar = Grammar::from_tables(std::move(*tables))) state->grammar = std::move(*grammar);
    }
    return Validator(std::move(state));
}

Result<Validator> Validator::from_texts(const std::map<std::string, std::string>& texts, const std::string& main) {
    XsdSource source;
    source.file = main;
    source.resolve = [&texts](const std::string& location) -> std::optional<std::string> {
        const auto found = texts.find(location);
        if (found == texts.end()) return std::nullopt;
        return found->second;
    };
    return from_source(source);
}

Result<Validator> Validator::from_folder(const std::filesystem::path& folder, const std::string& main) {
    XsdSource source;
    source.file = (folder / main).generic_string();
    return from_source(source);
}

Result<void> Validator::validate(std::string_view bytes, Diagnostics& faults, const xml::Limits& limits) const {
    const auto document = xml::to_utf8(bytes, limits.document_bytes_max);
    const auto tree = document ? read_tree(bytes, limits) : Result<Element>(document.error());
    if (!tree) {
        faults.add(tree.error());
        return tree.error();
    }
    const std::vector<bridge::Complaint> complaints = state_->judge(document->text());
    if (complaints.empty()) return {};

    const Outline outline(*tree, state_->grammar ? &*state_->grammar : nullptr);
    const Interpreter interpreter(outline, document->text());
    std::vector<Finding> findings;
    for (const bridge::Complaint& complaint : complaints) findings.push_back(interpreter.interpret(complaint));
    findings = settled(std::move(findings), outline);
    xml::LineIndex lines(document->text());
    std::optional<Error> first;
    for (Finding& finding : findings) {
        const Place place = lines.place(finding.offset);
        finding.error.place.line = place.line;
        finding.error.place.column = place.column;
        if (!first) first = finding.error;
        faults.add(std::move(finding.error));
    }
    if (!first) return Error{codes::invalid, "the schema processor refuses the document"};
    return *first;
}

}  // namespace hansa::schema
