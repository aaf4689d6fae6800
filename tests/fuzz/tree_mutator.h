// Changes of a document that know its grammar, so that most of what they make is still valid.
//
// A value or a whole part is taken from another good document (the donor), drawn anew from its type, taken from another
// leaf, or made strange; a declared part is put in where it belongs, taken out, doubled or exchanged with one of its
// name. The same seed makes the same change.
#pragma once

#include <cstdint>
#include <string>

#include "core/schema/generator.h"
#include "core/schema/grammar.h"
#include "core/schema/tree.h"

namespace hansa::test {

/// Makes `changes` changes to the document, whose root is the grammar's, as the donor's is.
void change_tree(const schema::Grammar& grammar, schema::Element& document, const schema::Element& donor,
                 unsigned changes, schema::Random& random);

/// The document's bytes after one to three changes, spelled plainly or by chance; bytes that are no tree are broken
/// like any others.
std::string mutated_document(const schema::Grammar& grammar, std::string_view bytes, std::string_view donor,
                             schema::Random& random);

}  // namespace hansa::test
