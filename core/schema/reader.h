// Bytes to tree: the reference way of reading.
//
// Bytes in any encoding that xml/encoding.h knows become UTF-8, the scanner checks well-formedness,
// namespaces and limits, and what it gives becomes schema::Element. White space between elements is
// dropped; with a grammar, that of mixed content is kept. The schema itself is the validator's job.
//
// Places count in the UTF-8 form of the document, lines and columns from 1.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/schema/grammar.h"
#include "core/schema/tree.h"
#include "core/xml/scanner.h"

namespace hansa::schema {

/// A way to read: the reference one below; a fast one fits in its place. Thread-safe.
class Reader {
public:
    virtual ~Reader() = default;
    /// Errors: those of core/xml/errors.table
    virtual Result<Element> read(std::string_view bytes, const xml::Limits& limits, const Grammar* grammar) const = 0;
};

/// Reads through xml::Scanner.
std::unique_ptr<Reader> reference_reader();

/// The reference reader's work in one call.
Result<Element> read_tree(std::string_view bytes, const xml::Limits& limits = {}, const Grammar* grammar = nullptr);

/// Where the path leads in the document that was read into `tree`: line and column of the '<' of the
/// element that it names, or of the end tag of the deepest element that is there (the place where
/// something is missing). Steps are "x:Name", "Name" or "Name[2]"; prefixes are not compared. An
/// attribute step ("@name") means its element. Zero line: the bytes are no such document.
Place place_of(std::string_view bytes, const Element& tree, std::string_view path);

/// The same as an offset of the tree's text.
std::uint64_t offset_of(const Element& tree, std::string_view path);

}  // namespace hansa::schema
