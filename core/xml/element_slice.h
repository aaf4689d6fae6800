// Elements cut out of a document, each as a document that stands for itself.
//
// A message that lies in another one as elements (a SOAP body, a container of documents) is handed on octet by octet.
// Only what it borrows of namespaces from the elements around it is declared in its own start tag then: no name
// changes its meaning, an exclusive canonical form is the same inside and outside, and so is what a signature by Id
// covers.
//
//     auto found = xml::children_at(text, std::array{xml::PathStep{soap, "Envelope"}, xml::PathStep{soap, "Body"}});
//     if (!found) return found.error();
//     for (const xml::ElementSlice& one : found->slices) read(one.document(text));
//
// Sources: Namespaces in XML 1.0, third edition, section 6 (scoping); XML Schema Part 1, 2.6.1 (xsi:type is a name).
// Cost: one pass of the fast scanner over the whole text, which is found well-formed or refused on the way.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace hansa::xml {

/// An expanded name, on a path that begins with the root's.
struct PathStep {
    std::string_view ns, local;
};

struct SliceAttribute {
    std::string ns, local, value;
};

/// One child element. Offsets count bytes of the text that it was found in.
struct ElementSlice {
    std::string ns, local;
    std::vector<SliceAttribute> attributes;
    std::size_t parent = 0;      ///< which of the elements at the path holds it, from 0
    std::uint64_t begin = 0;     ///< of its '<'
    std::uint64_t end = 0;       ///< behind its last '>'
    std::uint64_t name_end = 0;  ///< behind the name in its start tag
    std::uint64_t tag_end = 0;   ///< behind the '>' of its start tag
    bool empty_tag = false;      ///< <a/>
    std::string borrowed;        ///< declarations that it needs from outside: ` xmlns:a="urn:a"`

    /// The element and all in it, borrowing nothing.
    std::string document(std::string_view text) const;
    /// Its start tag as an empty element, with the attributes as they are: what stands in for it.
    std::string stand_in(std::string_view text) const;
};

struct SlicedChildren {
    std::size_t parents = 0;  ///< how many elements stand at the path
    std::vector<ElementSlice> slices;
};

/// The child elements of every element at the path, in document order; of an empty path the root. The text is UTF-8.
/// Errors: xml.* of the scanner
Result<SlicedChildren> children_at(std::string_view text, std::span<const PathStep> path);

}  // namespace hansa::xml
