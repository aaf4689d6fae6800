#include "core/trust/tree.h"

namespace hansa::trust::tree {
namespace {

bool same_name(const xmlNode* a, const xmlNode* b) {
    const std::string_view a_ns = a->ns == nullptr ? std::string_view() : view(a->ns->href);
    return is(b, a_ns, view(a->name));
}

std::string step(const xmlNode* node) {
    std::string out = "/";
    if (node->ns != nullptr && node->ns->prefix != nullptr) out += std::string(view(node->ns->prefix)) + ":";
    out += view(node->name);
    std::size_t place = 1, count = 0;
    for (const xmlNode* at = node->parent->children; at != nullptr; at = at->next) {
        if (!same_name(node, at)) continue;
        ++count;
        if (at == node) place = count;
    }
    if (count > 1) out += "[" + std::to_string(place) + "]";
    return out;
}

const xmlNode* element_from(const xmlNode* node) {
    while (node != nullptr && node->type != XML_ELEMENT_NODE) node = node->next;
    return node;
}

}  // namespace

bool is(const xmlNode* node, std::string_view ns, std::string_view local) {
    if (node == nullptr || node->type != XML_ELEMENT_NODE || view(node->name) != local) return false;
    return (node->ns == nullptr ? std::string_view() : view(node->ns->href)) == ns;
}

const xmlNode* first(const xmlNode* node) {
    return node == nullptr ? nullptr : element_from(node->children);
}

const xmlNode* next(const xmlNode* node) {
    return element_from(node->next);
}

const xmlNode* child(const xmlNode* node, std::string_view ns, std::string_view local) {
    for (const xmlNode* at = first(node); at != nullptr; at = next(at)) {
        if (is(at, ns, local)) return at;
    }
    return nullptr;
}

const xmlNode* next_in_subtree(const xmlNode* node, const xmlNode* top) {
    if (const xmlNode* below = first(node)) return below;
    for (; node != top; node = node->parent) {
        if (const xmlNode* beside = next(node)) return beside;
    }
    return nullptr;
}

std::string value(const xmlAttr& attribute) {
    std::string out;
    for (const xmlNode* at = attribute.children; at != nullptr; at = at->next) out += view(at->content);
    return out;
}

std::optional<std::string> attribute(const xmlNode* node, std::string_view local) {
    for (const xmlAttr* at = node->properties; at != nullptr; at = at->next) {
        if (at->ns == nullptr && view(at->name) == local) return value(*at);
    }
    return std::nullopt;
}

std::optional<std::string> text(const xmlNode* node) {
    std::string out;
    for (const xmlNode* at = node->children; at != nullptr; at = at->next) {
        if (at->type == XML_ELEMENT_NODE || at->type == XML_ENTITY_REF_NODE) return std::nullopt;
        if (at->type == XML_TEXT_NODE || at->type == XML_CDATA_SECTION_NODE) out += view(at->content);
    }
    return out;
}

std::string path(const xmlNode* node) {
    std::string out;
    for (; node != nullptr && node->type == XML_ELEMENT_NODE; node = node->parent) out = step(node) + out;
    return out;
}

}  // namespace hansa::trust::tree
