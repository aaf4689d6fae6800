// Small questions to a libxml2 tree. Inside of core/trust only; nodes belong to their document.
#pragma once

#include <libxml/tree.h>

#include <optional>
#include <string>
#include <string_view>

namespace hansa::trust::tree {

inline std::string_view view(const xmlChar* text) {
    return text == nullptr ? std::string_view() : std::string_view(reinterpret_cast<const char*>(text));
}
inline const xmlChar* chars(const std::string& text) {
    return reinterpret_cast<const xmlChar*>(text.c_str());
}

/// Is it an element of this expanded name?
bool is(const xmlNode* node, std::string_view ns, std::string_view local);

/// First child element, next sibling element, or nullptr.
const xmlNode* first(const xmlNode* node);
const xmlNode* next(const xmlNode* node);

/// First child element of this name, or nullptr.
const xmlNode* child(const xmlNode* node, std::string_view ns, std::string_view local);

/// The next node in document order within the subtree of `top`, elements only; nullptr at the end.
const xmlNode* next_in_subtree(const xmlNode* node, const xmlNode* top);

/// An attribute without a namespace.
std::optional<std::string> attribute(const xmlNode* node, std::string_view local);

std::string value(const xmlAttr& attribute);

/// All character data directly inside; nothing when there is a child element.
std::optional<std::string> text(const xmlNode* node);

/// "/ceb:Order/ceb:OrderHead[2]": names as written, a place where siblings share the name.
std::string path(const xmlNode* node);

}  // namespace hansa::trust::tree
