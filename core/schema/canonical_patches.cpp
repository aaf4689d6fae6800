// What the canonical form of a document has in other bytes than the document: noted by the general path.
#include <algorithm>

#include "core/schema/reader_core.h"
#include "core/xml/namespaces.h"

namespace hansa::schema {

namespace {

constexpr std::size_t patches_max = 10'000;

/// As Canonical XML 1.0, section 2.3 writes values of attributes and texts.
void append_escaped(std::string& out, std::string_view text, bool attribute) {
    for (const char c : text) {
        if (c == '&') {
            out += "&amp;";
        } else if (c == '<') {
            out += "&lt;";
        } else if (c == '>' && !attribute) {
            out += "&gt;";
        } else if (c == '"' && attribute) {
            out += "&quot;";
        } else if (c == '\t' && attribute) {
            out += "&#x9;";
        } else if (c == '\n' && attribute) {
            out += "&#xA;";
        } else if (c == '\r') {
            out += "&#xD;";
        } else {
            out += c;
        }
    }
}

}  // namespace

/// Kept when it says anything else than the bytes do.
void FastReader::Core::patch(const char* from, const char* behind, std::string_view text) {
    const std::string_view bytes(from, static_cast<std::size_t>(behind - from));
    if (bytes == text) return;
    if (patches.size() >= patches_max) {
        keeps_patches = false;
        return;
    }
    patch_texts.emplace_back(text);
    patches.push_back({offset_of(from), static_cast<std::uint32_t>(bytes.size()), patch_texts.back()});
}

/// Namespaces by prefix, those that hold already left out; then attributes by namespace and local name.
void FastReader::Core::patch_start_tag(const Frame& frame, const char* from, bool empty) {
    std::string text = "<";
    text += frame.name;
    std::vector<const Binding*> declared;
    for (std::size_t i = frame.bindings_before; i < bindings.size(); ++i) {
        const Binding& binding = bindings[i];
        std::string_view before = binding.prefix == "xml" ? xml::xml_namespace : std::string_view{};
        bool was_declared = binding.prefix.empty() || binding.prefix == "xml";
        for (std::size_t outer = frame.bindings_before; outer-- > 0;) {
            if (bindings[outer].prefix != binding.prefix) continue;
            before = bindings[outer].uri;
            was_declared = true;
            break;
        }
        if (!was_declared || before != binding.uri) declared.push_back(&binding);
    }
    std::sort(declared.begin(), declared.end(),
              [](const Binding* a, const Binding* b) { return a->prefix < b->prefix; });
    for (const Binding* binding : declared) {
        text += binding->prefix.empty() ? " xmlns" : " xmlns:";
        text += binding->prefix;
        text += "=\"";
        append_escaped(text, binding->uri, true);
        text += '"';
    }
    std::vector<const RawAttribute*> sorted;
    for (const RawAttribute& attribute : attributes) sorted.push_back(&attribute);
    std::sort(sorted.begin(), sorted.end(), [](const RawAttribute* a, const RawAttribute* b) {
        return a->ns != b->ns ? a->ns < b->ns : a->local < b->local;
    });
    for (const RawAttribute* attribute : sorted) {
        text += ' ';
        text += attribute->name;
        text += "=\"";
        append_escaped(text, attribute->value, true);
        text += '"';
    }
    text += '>';
    if (empty) text.append("</").append(frame.name).append(">");
    patch(from, at_, text);
}

void FastReader::Core::patch_end_tag(const char* from, std::string_view name) {
    if (static_cast<std::size_t>(at_ - from) != name.size() + 3) patch(from, at_, "</" + std::string(name) + ">");
}

void FastReader::Core::patch_text(const char* from, std::string_view text) {
    std::string escaped;
    append_escaped(escaped, text, false);
    patch(from, at_, escaped);
}

}  // namespace hansa::schema
