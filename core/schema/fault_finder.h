// The first fault of a document that the compiled reader refused.
//
// A second walk, token by token, with the same automaton: what is wrong first, as schema::Validator orders and
// places faults. A document that is not well-formed has that fault only. Of the others the one whose
// place comes first counts, and a place may lie before what was read last: text that may not stand in an
// element belongs to the element's start, a reference without target to the root's.
//
// Cost: that of the scanner and of one look at each value; nothing of it falls on valid documents.
#pragma once

#include "core/base/error.h"
#include "core/schema/compiled_grammar.h"
#include "core/xml/encoding.h"
#include "core/xml/scanner.h"

namespace hansa::schema {

/// Errors: as Validator::validate gives the first one; schema.invalid when this walk finds nothing wrong
Error find_fault(const CompiledGrammar& grammar, const xml::Utf8Document& document, const xml::Limits& limits);

}  // namespace hansa::schema
