// A format's bytes as a tree, and back, whatever its syntax.
//
// Whoever holds bytes of a format and wants its tree comes here; nobody else asks which syntax it is.
//
//     Result<syntax::Document> document = plugin::open_document(registry, format, bytes, faults);   // read and judged
//     Result<std::string> bytes = plugin::write_document(format, tree);
//
// Threads: any. Cost: that of schema/reader.h and schema/validator.h; what is no XML is written as XML once for the
// judge.
#pragma once

#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/plugin/registry.h"
#include "core/schema/tree.h"
#include "core/syntax/syntax.h"

namespace hansa::plugin {

/// The tree, without a verdict of the schema. Document::text is empty for XML: places count in the bytes.
/// Errors: xml.*, syntax.*
Result<syntax::Document> read_document(const Format& format, std::string_view bytes);

/// Is it valid in the format's schema? Every fault goes to `faults`; the result is the first one.
/// Errors: xml.*, syntax.*, schema.*; those of Registry::validator
Result<void> validate_document(const Registry& registry, const Format& format, std::string_view bytes,
                               Diagnostics& faults);

/// Both in one. Errors: as above
Result<syntax::Document> open_document(const Registry& registry, const Format& format, std::string_view bytes,
                                       Diagnostics& faults);

/// Errors: syntax.unwritable, those of the format's tables
/// `prepared`: see Syntax::write
Result<std::string> write_document(const Format& format, const schema::Element& tree, std::string_view prepared = {});

/// What a file of the format is called behind the dot: "xml", "edi".
std::string file_ending(const Format& format);

}  // namespace hansa::plugin
