// The reference canonical form: what digests and signatures are computed over, through libxml2.
//
// A ReferenceDocument is a tree that libxml2 parsed without DTD, entities or network; canonical_form
// writes the whole of it, or the subtree of one element, as octets. Whoever verified those octets
// reads the same octets (never the received bytes a second time), so that what is verified and
// what is read cannot differ.
//
// Sources: Canonical XML 1.0 (W3C REC 2001-03-15), Canonical XML 1.1 (2008-05-02),
//          Exclusive XML Canonicalization 1.0 (2002-07-18).
//
//     auto document = xml::ReferenceDocument::parse(bytes);
//     if (!document) return document.error();
//     auto octets = xml::canonical_form(*document, {.method = xml::Canonicalization::exclusive});
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

struct _xmlDoc;  // libxml2's own names, so that this header needs none of its headers
struct _xmlNode;

namespace hansa::xml {

/// What one document may ask for. libxml2 adds its own: names of 50,000 octets, texts of 10 MB.
struct ReferenceLimits {
    std::size_t bytes_max = 64u << 20;
    std::size_t depth_max = 200;               ///< libxml2's own is 256
    std::size_t attributes_max = 1'000;        ///< of one element: their sorting is quadratic
    std::size_t namespaces_in_scope_max = 64;  ///< declarations on one path from the root
    bool utf8_only = true;                     ///< refuse a declared encoding that is neither UTF-8 nor ASCII
};

/// Owns one parsed tree. Movable; one thread at a time, since libxml2 trees are not shared.
class ReferenceDocument {
public:
    /// No DTD, no entity, no XInclude, no network; a DOCTYPE is refused before anything of it counts.
    ///
    /// Errors: xml.doctype-refused, xml.not-well-formed (libxml2's words, with line and column),
    ///         xml.encoding-refused, xml.too-large, xml.too-deep, xml.too-many (attributes, declarations)
    static Result<ReferenceDocument> parse(std::string_view bytes, const ReferenceLimits& limits = {});

    /// Takes over a tree that another built, such as a test that reads what parse() refuses.
    static ReferenceDocument adopt(_xmlDoc* document) { return ReferenceDocument(document); }

    ReferenceDocument(ReferenceDocument&&) noexcept;
    ReferenceDocument& operator=(ReferenceDocument&&) noexcept;
    ~ReferenceDocument();

    _xmlDoc* get() const { return document_; }
    _xmlNode* root() const;

private:
    explicit ReferenceDocument(_xmlDoc* document) : document_(document) {}
    _xmlDoc* document_;
};

/// Where the root's tags stand in the bytes: for putting an element between them.
struct RootTags {
    static constexpr std::size_t last_children_max = 16;
    struct Child {
        std::string local;       ///< name without prefix
        std::size_t offset = 0;  ///< of its '<'
    };
    std::size_t start_tag = 0;         ///< offset of the root's '<'
    std::size_t end_tag = 0;           ///< offset of "</root"; behind "/>" of an empty root
    bool root_empty = false;           ///< the root is one empty-element tag
    std::string_view root_name;        ///< with prefix; a view into the bytes
    std::vector<Child> last_children;  ///< the root's last child elements, in document order
};

/// Walks over the tags only; says nothing about well-formedness (parse does) but checks the limits,
/// so that no parser below meets 100,000 attributes. UTF-8 only.
/// Errors: xml.doctype-refused, xml.too-deep, xml.too-many
Result<RootTags> root_tags(std::string_view bytes, const ReferenceLimits& limits = {});

enum class Canonicalization { c14n10, c14n10_comments, c14n11, c14n11_comments, exclusive, exclusive_comments };

/// The algorithm's identifier in CanonicalizationMethod and Transform, and back.
std::string_view uri_of(Canonicalization method);
std::optional<Canonicalization> canonicalization_of(std::string_view uri);
/// The same method without comments: what a same-document reference always gets.
Canonicalization without_comments(Canonicalization method);

/// What to write. Nodes belong to the document that is canonicalised.
struct CanonicalRequest {
    Canonicalization method = Canonicalization::c14n10;
    const _xmlNode* apex = nullptr;                    ///< an element; nullptr: the whole document
    const _xmlNode* without = nullptr;                 ///< an element left out with all below it (enveloped signature)
    std::vector<std::string> inclusive_prefixes = {};  ///< of exclusive methods; "#default" is the default namespace
    std::size_t octets_max = 256u << 20;
};

/// Canonical octets, UTF-8.
///
/// Errors: xml.canonical-failed   libxml2 gave up, the result is empty, or larger than octets_max;
///                                an empty form would verify for every document (A3)
Result<std::string> canonical_form(const ReferenceDocument& document, const CanonicalRequest& request);

}  // namespace hansa::xml
