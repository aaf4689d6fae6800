#include "core/schema/reader.h"

#include <algorithm>

#include "core/xml/encoding.h"
#include "core/xml/line_index.h"

namespace hansa::schema {

namespace {

/// Builds the tree from the scanner's tokens.
class TreeBuilder {
public:
    explicit TreeBuilder(const Grammar* grammar) : grammar_(grammar) {}

    void start(const xml::Token& token) {
        Element element;
        element.name = {std::string(token.ns), std::string(token.local)};
        element.offset = token.offset;
        for (const xml::AttributeToken& attribute : token.attributes) {
            element.attributes.push_back(
                {{std::string(attribute.ns), std::string(attribute.local)}, std::string(attribute.value)});
        }
        open_.push_back({std::move(element), declaration_of(token)});
    }

    void text(const xml::Token& token) {
        if (open_.empty()) return;
        Open& top = open_.back();
        if (!token.white_space) top.has_words = true;
        top.element.text += token.text;
    }

    void end(const xml::Token& token) {
        Open done = std::move(open_.back());
        open_.pop_back();
        done.element.end_offset = token.offset;
        const bool mixed = done.declaration != nullptr && grammar_->content(*done.declaration) == Content::mixed;
        if (!done.element.children.empty() && !done.has_words && !mixed) done.element.text.clear();
        if (open_.empty()) {
            root_ = std::move(done.element);
        } else {
            open_.back().element.children.push_back(std::move(done.element));
        }
    }

    Element take() { return std::move(root_); }

private:
    struct Open {
        Element element;
        const ElementDecl* declaration = nullptr;
        bool has_words = false;
    };

    /// What the grammar says of the element that starts; nullptr where it is not known.
    const ElementDecl* declaration_of(const xml::Token& token) const {
        if (grammar_ == nullptr) return nullptr;
        if (open_.empty()) return grammar_->global(token.local, token.ns);
        const ElementDecl* parent = open_.back().declaration;
        if (parent == nullptr) return nullptr;
        const Child* child = grammar_->child(*parent, token.local, token.ns);
        return child != nullptr ? child->element : grammar_->global(token.local, token.ns);
    }

    const Grammar* grammar_;
    std::vector<Open> open_;
    Element root_;
};

Result<Element> scan(const xml::Utf8Document& document, const xml::Limits& limits, const Grammar* grammar) {
    xml::Scanner scanner(document.text(), limits,
                         document.converted() ? xml::DeclaredEncoding::converted : xml::DeclaredEncoding::binding);
    TreeBuilder builder(grammar);
    for (;;) {
        const auto kind = scanner.next();
        if (!kind) return kind.error();
        switch (*kind) {
            case xml::TokenKind::start_element:
                builder.start(scanner.token());
                break;
            case xml::TokenKind::end_element:
                builder.end(scanner.token());
                break;
            case xml::TokenKind::text:
                builder.text(scanner.token());
                break;
            case xml::TokenKind::end_of_document:
                return builder.take();
            case xml::TokenKind::comment:
            case xml::TokenKind::instruction:
                break;
        }
    }
}

class ReferenceReader final : public Reader {
public:
    Result<Element> read(std::string_view bytes, const xml::Limits& limits, const Grammar* grammar) const override {
        const auto document = xml::to_utf8(bytes, limits.document_bytes_max);
        if (!document) return document.error();
        return scan(*document, limits, grammar);
    }
};

/// "x:Name[2]" taken apart.
struct Step {
    std::string_view local;
    std::size_t place = 1;
};

Step parse_step(std::string_view text) {
    Step step{text, 1};
    const std::size_t bracket = text.find('[');
    if (bracket != std::string_view::npos) {
        step.local = text.substr(0, bracket);
        step.place = 0;
        for (const char c : text.substr(bracket + 1)) {
            if (c < '0' || c > '9' || step.place > 100'000'000) break;
            step.place = step.place * 10 + static_cast<std::size_t>(c - '0');
        }
    }
    const std::size_t colon = step.local.find(':');
    if (colon != std::string_view::npos) step.local.remove_prefix(colon + 1);
    return step;
}

const Element* find_child(const Element& parent, Step step) {
    for (const Element& child : parent.children) {
        if (child.name.local == step.local && --step.place == 0) return &child;
    }
    return nullptr;
}

}  // namespace

std::unique_ptr<Reader> reference_reader() {
    return std::make_unique<ReferenceReader>();
}

Result<Element> read_tree(std::string_view bytes, const xml::Limits& limits, const Grammar* grammar) {
    return ReferenceReader().read(bytes, limits, grammar);
}

std::uint64_t offset_of(const Element& tree, std::string_view path) {
    const Element* at = nullptr;
    while (!path.empty()) {
        if (path.starts_with('/')) path.remove_prefix(1);
        const std::size_t end = std::min(path.find('/'), path.size());
        const std::string_view text = path.substr(0, end);
        path.remove_prefix(end);
        if (text.empty() || text.starts_with('@')) continue;
        if (at == nullptr) {
            if (parse_step(text).local != tree.name.local) return tree.offset;
            at = &tree;
        } else if (const Element* next = find_child(*at, parse_step(text))) {
            at = next;
        } else {
            return at->end_offset;
        }
    }
    return at == nullptr ? tree.offset : at->offset;
}

Place place_of(std::string_view bytes, const Element& tree, std::string_view path) {
    const auto document = xml::to_utf8(bytes);
    if (!document) return {};
    Place place = xml::LineIndex(document->text()).place(offset_of(tree, path));
    place.path = std::string(path);
    return place;
}

}  // namespace hansa::schema
