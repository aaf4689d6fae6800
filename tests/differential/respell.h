// The same document in other bytes: prefixes, order of attributes, quotation marks, comments, instructions,
// CDATA sections, references, white space in tags and between elements, empty-element tags.
#pragma once

#include <string>

#include "core/schema/generator.h"
#include "core/schema/grammar.h"
#include "core/schema/tree.h"

namespace hansa::test {

struct Respelling {
    bool comments = false, references = false, sections = false;
    bool indent = false;
    bool tags = false;      ///< white space inside, quotation marks, attribute order, <x/> for <x></x>
    bool prefixes = false;  ///< names by chance, declared at the root or where they are needed first
};

/// The grammar says where comments and white space change nothing.
std::string respell(const schema::Grammar& grammar, const schema::Element& document, const Respelling& how,
                    schema::Random& random);

/// One that uses some of everything.
Respelling any_respelling(schema::Random& random);

}  // namespace hansa::test
