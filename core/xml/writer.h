// Writes a document that is in canonical form already, so that signing it needs no second pass.
//
// The form is Canonical XML 1.0, inclusive, without comments: UTF-8, <x></x> for what is empty,
// declarations by prefix, attributes by namespace URI and local name, declarations that say nothing
// new left out, no XML declaration. Prefixes are the caller's: none is invented.
//
//     xml::Segments segments;
//     xml::Writer writer(segments);
//     writer.outer("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
//     writer.declare("ceb", "http://www.example.org/orders");
//     writer.start("http://www.example.org/orders", "Message");
//     writer.attribute("", "guid", guid);
//     const xml::HoleId count = writer.hole("count");
//     writer.end();
//     writer.finish();
//     segments.fill(count, "17");
//
// What is not a well-formed document (a namespace without a prefix, an end without a start, an
// attribute twice, a text that is not XML characters) is a broken promise of the caller and throws
// BrokenPromise. Who takes text from outside of XML asks is_xml_text (characters.h) first.
//
// Sources: Canonical XML 1.0 (W3C REC 2001-03-15), sections 2.3 and 4.6 to 4.8.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/xml/characters.h"
#include "core/xml/segments.h"

namespace hansa::xml {

/// Movable; one thread at a time. The Segments must outlive it. Several writers may take turns on
/// one Segments (an envelope as Part::outer around a document as Part::canonical).
class Writer {
public:
    using Prefix = std::optional<std::string_view>;  ///< nothing: the writer chooses

    explicit Writer(Segments& segments, Part part = Part::canonical) : segments_(&segments), part_(part) {}

    /// For the element that starts next, and all inside it. Empty prefix: the default namespace; with
    /// an empty uri as well, none from here on. What is in scope already is written once only.
    void declare(std::string_view prefix, std::string_view uri);

    /// Without a namespace when `ns` is empty. The prefix is the one asked for, which must mean `ns`
    /// here; else the innermost that does, of several on one element the last in byte order.
    void start(std::string_view ns, std::string_view local, Prefix prefix = std::nullopt);
    /// Directly after start or another attribute; any order. The prefix is not empty with a namespace.
    void attribute(std::string_view ns, std::string_view local, std::string_view value, Prefix prefix = std::nullopt);
    HoleId attribute_hole(std::string_view ns, std::string_view local, std::string_view name);
    void text(std::string_view value);
    void instruction(std::string_view target, std::string_view data);
    void end();

    /// A text that is known later (counts, totals); escaped when it is filled.
    HoleId hole(std::string_view name);
    /// Markup that is known later and that the digest does not see (an enveloped signature).
    HoleId outer_hole(std::string_view name);
    /// Bytes that the receiver sees and the digest does not: prolog, envelope.
    void outer(std::string_view bytes);

    /// Promised: the root has ended. The writer writes nothing after it.
    void finish();
    std::size_t depth() const { return open_.size(); }

private:
    struct Binding {
        std::string prefix, uri;
    };
    struct PendingAttribute {
        std::string ns, local, prefix, value;
        std::optional<HoleId> hole = std::nullopt;
    };
    struct Open {
        std::string name;  ///< as written, with prefix
        std::size_t bindings_before;
    };

    void put(std::string_view bytes);
    void close_start_tag();
    void write_declarations();
    void add_attribute(PendingAttribute attribute, Prefix prefix);
    std::string prefix_for(std::string_view ns, bool of_attribute, Prefix wanted) const;
    const Binding* binding_of(std::string_view prefix, std::size_t count) const;

    Segments* segments_;
    Part part_;
    std::vector<Binding> bindings_;  ///< in scope, innermost last
    std::vector<Binding> declared_;  ///< for the element that starts next
    std::vector<Open> open_;
    std::vector<PendingAttribute> attributes_;
    bool in_start_tag_ = false;
    bool root_ended_ = false;
    std::string buffer_;
};

/// The escaped form that the writer uses.
void append_escaped_text(std::string& out, std::string_view text);
void append_escaped_attribute(std::string& out, std::string_view value);

}  // namespace hansa::xml
