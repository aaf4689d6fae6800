// Documents that are not XML: read into the same tree as XML is, and written from it.
//
// A format that is not XML has a schema of ours like any other: elements in a namespace of our own, named by tables
// that say how each is spelt in the bytes. So grammar, validation, mapping, laws and generator do not know the syntax.
// What a syntax keeps for itself (separators, counts, trailers) is checked when read, made when written, and not in the
// tree.
//
//     std::shared_ptr<const syntax::Syntax> edifact = *syntax::make(source, faults);
//     Result<syntax::Document> document = edifact->read(bytes);
//     Result<void> valid = syntax::validate(*judge, *document, faults);      // judge.h
//     Result<std::string> again = edifact->write(document->tree);
//
// Places of faults are those of the sender's bytes: `offset` of an element counts in Document::text, which is the bytes
// in UTF-8.
//
// Threads: a Syntax is immutable. Cost: linear in the bytes.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/schema/grammar.h"
#include "core/schema/tree.h"

namespace hansa::syntax {

struct Limits {
    std::size_t bytes_max = 64u << 20;
    std::size_t parts_max = 1'000'000;  ///< segments, records, or values
    std::size_t depth_max = 64;         ///< of values inside of each other
};

/// A document as its syntax reads it.
struct Document {
    std::string text;      ///< the bytes in UTF-8, whole
    schema::Element tree;  ///< places are offsets of `text`
};

/// How one format is spelt.
class Syntax {
public:
    virtual ~Syntax() = default;

    /// Is it a message of this format, as far as its head tells? Reads no further.
    /// Errors: those of read(), for a head that is broken
    virtual Result<bool> recognises(std::string_view bytes) const = 0;

    /// Errors: syntax.*; each with line and column of the bytes in UTF-8
    virtual Result<Document> read(std::string_view bytes, const Limits& limits = {}) const = 0;

    /// The bytes of a document that is valid in the format's schema. Empty elements say nothing and are left out.
    /// `prepared`: the time that a syntax demands of every message and the tree does not say (ISO 8601).
    /// Errors: syntax.unwritable
    virtual Result<std::string> write(const schema::Element& root, std::string_view prepared = {}) const = 0;

    /// What files of it are called, without the dot: "edi".
    virtual std::string_view file_ending() const = 0;
};

/// What the first bytes look like. Never a guess: `unknown` is what none of the others can be.
enum class Kind { unknown, xml, edifact, flat, json };
Kind kind_of(std::string_view bytes);
/// "xml", "edifact", ...; empty: unknown.
std::string_view name_of(Kind kind);
/// How its files end, without the dot: "edi"; of what is unknown "xml".
std::string_view ending_of(Kind kind);
/// By the ending of a file's name: "application/EDIFACT" for "x.edi"; XML where nothing tells.
std::string_view media_type_of(std::string_view file_name);
/// What the head of a message that is no XML says it is, for a person.
std::string described(std::string_view bytes);
/// False for "xml" and for what is no syntax.
bool is_syntax(std::string_view name);

/// One file of a syntax's tables.
struct TableText {
    std::string file;  ///< what faults call it
    std::string text;
};

struct Source {
    std::string_view name;           ///< "edifact", "flat", "json"
    std::vector<TableText> tables;   ///< read one behind the other
    const schema::Grammar& grammar;  ///< of the format; looked at, not kept
};

/// Every element of the grammar must have its place in the tables, and the tables name no other.
/// Errors: syntax.table-invalid
Result<std::shared_ptr<const Syntax>> make(const Source& source, Diagnostics& faults);

}  // namespace hansa::syntax
