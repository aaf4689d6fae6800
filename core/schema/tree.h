// A document as a plain tree: what the reference way reads into, maps from, maps to and writes.
//
// The fast way has no tree; this one is for the reference, the generator and the tests. It owns its
// text. Places are byte offsets into the scanned text (xml::LineIndex makes line and column of them).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hansa::schema {

/// An expanded name. No namespace: empty `ns`.
struct Name {
    std::string ns;
    std::string local;

    friend bool operator==(const Name&, const Name&) = default;
    friend auto operator<=>(const Name&, const Name&) = default;
};

struct Attribute {
    Name name;
    std::string value;  ///< normalised, references replaced
};

/// One element. Namespace declarations are not attributes and are not kept.
struct Element {
    Name name;
    std::vector<Attribute> attributes;
    std::vector<Element> children;
    std::string text;              ///< all character data directly inside, in order, CDATA included
    std::uint64_t offset = 0;      ///< of the start tag's '<'; 0 for what was made, not read
    std::uint64_t end_offset = 0;  ///< of the end tag's '<' (of the start tag's for <x/>)

    const Attribute* attribute(std::string_view local, std::string_view ns = {}) const {
        for (const Attribute& found : attributes) {
            if (found.name.local == local && found.name.ns == ns) return &found;
        }
        return nullptr;
    }
    /// First child of this local name, in any namespace.
    const Element* child(std::string_view local) const {
        for (const Element& found : children) {
            if (found.name.local == local) return &found;
        }
        return nullptr;
    }
};

}  // namespace hansa::schema
