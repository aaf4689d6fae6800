#include "tests/conformance/wrapping/moves.h"

#include <libxml/parser.h>
#include <libxml/tree.h>

#include <functional>
#include <memory>

namespace hansa::test {
namespace {

struct DocumentFree {
    void operator()(xmlDoc* document) const { xmlFreeDoc(document); }
};
using Document = std::unique_ptr<xmlDoc, DocumentFree>;

constexpr const char* dsig = "http://www.w3.org/2000/09/xmldsig#";

Document read(std::string_view text) {
    return Document(xmlReadMemory(text.data(), static_cast<int>(text.size()), nullptr, nullptr, XML_PARSE_NONET));
}

std::string write(xmlDoc& document) {
    xmlChar* bytes = nullptr;
    int size = 0;
    xmlDocDumpMemory(&document, &bytes, &size);
    std::string out(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
    xmlFree(bytes);
    return out;
}

void collect(xmlNode* node, std::vector<xmlNode*>& out) {
    for (; node != nullptr; node = node->next) {
        if (node->type != XML_ELEMENT_NODE) continue;
        out.push_back(node);
        collect(node->children, out);
    }
}

std::vector<xmlNode*> elements(xmlDoc& document) {
    std::vector<xmlNode*> out;
    collect(xmlDocGetRootElement(&document), out);
    return out;
}

bool is_below(const xmlNode* node, const xmlNode* top) {
    for (; node != nullptr; node = node->parent) {
        if (node == top) return true;
    }
    return false;
}

bool is_signature(const xmlNode* node) {
    return xmlStrcmp(node->name, BAD_CAST "Signature") == 0 && node->ns != nullptr &&
           xmlStrcmp(node->ns->href, BAD_CAST dsig) == 0;
}

xmlNode* first_signature(xmlDoc& document) {
    for (xmlNode* node : elements(document)) {
        if (is_signature(node)) return node;
    }
    return nullptr;
}

xmlNode* with_id(xmlDoc& document, const char* id) {
    for (xmlNode* node : elements(document)) {
        xmlChar* value = xmlGetNoNsProp(node, BAD_CAST "Id");
        const bool found = xmlStrcmp(value, BAD_CAST id) == 0;
        xmlFree(value);
        if (found) return node;
    }
    return nullptr;
}

/// A copy whose text says that it is evil.
xmlNode* evil_copy(xmlNode* node) {
    xmlNode* copy = xmlDocCopyNode(node, node->doc, 1);
    std::vector<xmlNode*> all;
    collect(copy, all);
    for (xmlNode* at : all) {
        if (at->children != nullptr && at->children->type == XML_TEXT_NODE)
            xmlNodeSetContent(at->children, BAD_CAST "evil");
    }
    return copy;
}

// --- random moves ------------------------------------------------------------------------------

class Mover {
public:
    Mover(xmlDoc& document, Random& random) : document_(document), random_(random) {}
    Mover(const Mover&) = delete;
    Mover& operator=(const Mover&) = delete;
    ~Mover() {
        for (xmlNode* node : removed_) xmlFreeNode(node);
    }

    void move() {
        all_ = elements(document_);
        switch (number(14)) {
            case 0:
                return relocate(pick());
            case 1:
                return relocate(signature());
            case 2:
                return add(xmlDocCopyNode(pick(), &document_, 1));
            case 3:
                return add(xmlDocCopyNode(signature(), &document_, 1));
            case 4:
                return add(evil_copy(pick()));
            case 5:
                return replace_by_evil();
            case 6:
                return wrap(pick());
            case 7:
                return wrap_root();
            case 8:
                return exchange_ids();
            case 9:
                return set_id();
            case 10:
                return redirect();
            case 11:
                return remove();
            case 12:
                return change_text();
            default:
                return add_harmless();
        }
    }

private:
    std::size_t number(std::size_t below) { return std::uniform_int_distribution<std::size_t>(0, below - 1)(random_); }
    xmlNode* pick() { return all_[number(all_.size())]; }
    xmlNode* signature() {
        xmlNode* found = first_signature(document_);
        return found == nullptr ? pick() : found;
    }
    xmlNode* root() { return xmlDocGetRootElement(&document_); }

    /// Somewhere among the children of a random element.
    void add(xmlNode* node) {
        xmlNode* parent = pick();
        xmlNode* before = parent->children;
        for (std::size_t i = number(4); i > 0 && before != nullptr; --i) before = before->next;
        if (before == nullptr)
            xmlAddChild(parent, node);
        else
            xmlAddPrevSibling(before, node);
    }

    void relocate(xmlNode* node) {
        if (node == root()) return;
        xmlNode* parent = pick();
        if (is_below(parent, node)) return;
        xmlUnlinkNode(node);
        xmlAddChild(parent, node);
    }

    void replace_by_evil() {
        xmlNode* node = pick();
        if (node == root()) return;
        xmlNode* copy = evil_copy(node);
        xmlAddNextSibling(node, copy);
        xmlUnlinkNode(node);
        if (number(2) == 0)
            xmlAddChild(signature_object(), node);
        else
            xmlAddChild(copy, node);
    }

    /// A ds:Object in the signature, where unsigned content may hide.
    xmlNode* signature_object() {
        xmlNode* home = first_signature(document_);
        if (home == nullptr) return root();
        return xmlNewChild(home, home->ns, BAD_CAST "Object", nullptr);
    }

    void wrap(xmlNode* node) {
        if (node == root()) return wrap_root();
        xmlNode* around = xmlNewNode(node->ns, node->name);
        xmlReplaceNode(node, around);
        xmlAddChild(around, node);
    }

    void wrap_root() {
        xmlNode* old = root();
        xmlNode* around =
            number(2) == 0 ? xmlNewDocNode(&document_, nullptr, BAD_CAST "outer", nullptr) : evil_copy(old);
        xmlDocSetRootElement(&document_, around);
        xmlAddChild(around, old);
    }

    std::vector<xmlAttr*> ids() {
        std::vector<xmlAttr*> found;
        for (xmlNode* node : all_) {
            if (xmlAttr* id = xmlHasProp(node, BAD_CAST "Id")) found.push_back(id);
        }
        return found;
    }

    static std::string value(xmlAttr* attribute) {
        xmlChar* text = xmlNodeGetContent(reinterpret_cast<xmlNode*>(attribute));
        std::string out = reinterpret_cast<const char*>(text);
        xmlFree(text);
        return out;
    }

    void exchange_ids() {
        const auto found = ids();
        if (found.size() < 2) return set_id();
        xmlAttr *one = found[number(found.size())], *other = found[number(found.size())];
        const std::string first = value(one), second = value(other);
        xmlSetProp(one->parent, BAD_CAST "Id", BAD_CAST second.c_str());
        xmlSetProp(other->parent, BAD_CAST "Id", BAD_CAST first.c_str());
    }

    void set_id() {
        static const char* spellings[] = {"Id", "ID", "id", "xml:id"};
        const auto found = ids();
        const std::string id = found.empty() ? "signed" : value(found[number(found.size())]);
        xmlSetProp(pick(), BAD_CAST spellings[number(4)], BAD_CAST id.c_str());
    }

    void redirect() {
        static const char* targets[] = {
            "", "#signed", "#other", "#S0", "#xpointer(/)", "document.xml", "#xpointer(id('signed'))"};
        for (xmlNode* node : all_) {
            if (xmlStrcmp(node->name, BAD_CAST "Reference") == 0 && number(2) == 0) {
                xmlSetProp(node, BAD_CAST "URI", BAD_CAST targets[number(7)]);
            }
        }
    }

    void remove() {
        xmlNode* node = pick();
        if (node == root()) return;
        xmlUnlinkNode(node);
        removed_.push_back(node);
    }

    void change_text() {
        xmlNode* node = pick();
        if (node->children != nullptr && node->children->type == XML_TEXT_NODE)
            xmlNodeAddContent(node->children, BAD_CAST "0");
        else
            xmlAddChild(node, xmlNewText(BAD_CAST "evil"));
    }

    void add_harmless() {
        xmlNode* comment = xmlNewDocComment(&document_, BAD_CAST "evil");
        if (number(2) == 0)
            add(comment);
        else
            xmlAddPrevSibling(root(), comment);
    }

    xmlDoc& document_;
    Random& random_;
    std::vector<xmlNode*> all_;
    /// What was moved out of them before still names their namespace declarations, until the document is written.
    std::vector<xmlNode*> removed_;
};

// --- published ---------------------------------------------------------------------------------

Variant variant(const std::string& name, std::string_view text,
                const std::function<void(xmlDoc&, xmlNode* signed_element, xmlNode* signature)>& arrange) {
    const Document document = read(text);
    arrange(*document, with_id(*document, "signed"), first_signature(*document));
    return {name, write(*document)};
}

xmlNode* object_in(xmlNode* signature) {
    return xmlNewChild(signature, signature->ns, BAD_CAST "Object", nullptr);
}

void set_id(xmlNode* node, const char* id) {
    xmlSetProp(node, BAD_CAST "Id", BAD_CAST id);
}

}  // namespace

std::string moved(std::string_view text, int count, Random& random) {
    const Document document = read(text);
    Mover mover(*document, random);
    for (int i = 0; i < count; ++i) mover.move();
    return write(*document);
}

std::vector<Variant> published_variants(std::string_view text) {
    std::vector<Variant> all;
    const auto add = [&](const std::string& name, const auto& arrange) { all.push_back(variant(name, text, arrange)); };
    for (const char* id : {"evil", "signed"}) {
        const std::string kind = std::string(" (copy's Id: ") + id + ")";
        add("signed element inside the signature, evil in its place" + kind,
            [&](xmlDoc&, xmlNode* element, xmlNode* signature) {
                xmlNode* evil = evil_copy(element);
                set_id(evil, id);
                xmlReplaceNode(element, evil);
                xmlAddChild(object_in(signature), element);
            });
        add("signed element inside the evil one" + kind, [&](xmlDoc&, xmlNode* element, xmlNode*) {
            xmlNode* evil = evil_copy(element);
            set_id(evil, id);
            xmlReplaceNode(element, evil);
            xmlAddChild(evil, element);
        });
        add("evil before the signed element" + kind, [&](xmlDoc&, xmlNode* element, xmlNode*) {
            xmlNode* evil = evil_copy(element);
            set_id(evil, id);
            xmlAddPrevSibling(element, evil);
        });
        add("evil behind the signed element" + kind, [&](xmlDoc&, xmlNode* element, xmlNode*) {
            xmlNode* evil = evil_copy(element);
            set_id(evil, id);
            xmlAddNextSibling(element, evil);
        });
        add("evil inside the signature" + kind, [&](xmlDoc&, xmlNode* element, xmlNode* signature) {
            xmlNode* evil = evil_copy(element);
            set_id(evil, id);
            xmlAddChild(object_in(signature), evil);
        });
        add("the whole document inside an evil root" + kind, [&](xmlDoc& document, xmlNode*, xmlNode*) {
            xmlNode* root = xmlDocGetRootElement(&document);
            xmlNode* evil = evil_copy(root);
            set_id(evil, id);
            xmlDocSetRootElement(&document, evil);
            xmlAddChild(evil, root);
        });
        add("signature moved to an evil root, original below an extension" + kind,
            [&](xmlDoc& document, xmlNode*, xmlNode* signature) {
                xmlNode* root = xmlDocGetRootElement(&document);
                xmlUnlinkNode(signature);
                xmlNode* evil = evil_copy(root);
                set_id(evil, id);
                xmlDocSetRootElement(&document, evil);
                xmlAddChild(xmlNewChild(evil, nullptr, BAD_CAST "Extensions", nullptr), root);
                xmlAddChild(evil, signature);
            });
        add("original root inside the signature of an evil root" + kind,
            [&](xmlDoc& document, xmlNode*, xmlNode* signature) {
                xmlNode* root = xmlDocGetRootElement(&document);
                xmlUnlinkNode(signature);
                xmlNode* evil = evil_copy(root);
                set_id(evil, id);
                xmlDocSetRootElement(&document, evil);
                xmlAddChild(object_in(signature), root);
                xmlAddChild(evil, signature);
            });
    }
    return all;
}

}  // namespace hansa::test
