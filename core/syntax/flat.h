// Flat files: records of fields between separators, under the names of tables.
//
//     separator 1D                                # of fields, in hexadecimal; records end with LF, or CR LF
//     name      CACHI01                           # what the header's field MessageID must say
//     header    HREC  SenderQualifier SenderID - MessageID ControlNumber     # fields in order; '-' is always empty
//     trailer   TREC  ControlNumber               # its last field repeats the header's field of this name
//     key       CustomHouseCode JobNumber JobDate # the first fields of every record; in the tree with the first one
//     table     BE  key BEType IECCode            # <TABLE>BE, then a record a line
//     table     DOCS|DOC  key:2 DocumentType      # the first two of the key; the first name is written, all are read
//     tail      START-SIGNATURE SIGNER-VERSION    # lines <NAME>text</NAME> behind the trailer
//
// The root holds the header, then the records in the order of the tables, each an element of its table's name with its
// fields, then the lines of the tail. A field that is empty is an element that is absent.
//
// Source: the framing of ICES message formats; nothing of it is said here but by tables.
#pragma once

#include <memory>

#include "core/syntax/syntax.h"

namespace hansa::syntax::flat {

/// Errors: syntax.table-invalid, each with file and line
Result<std::shared_ptr<const Syntax>> make(const Source& source, Diagnostics& faults);

}  // namespace hansa::syntax::flat
