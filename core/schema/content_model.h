// A sequence of children against a content model: where it first fails, and what was expected.
//
// XML Schema demands that a content model is deterministic (Unique Particle Attribution), so the
// next name alone decides which particle takes it and no back-tracking is needed.
//
// Source: XML Schema 1.0 Part 1, section 3.8.4 and appendix H.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/schema/grammar.h"
#include "core/schema/tree.h"

namespace hansa::schema {

/// The first misfit of a parent's children.
struct Misfit {
    std::size_t child = 0;  ///< place of the child that does not fit; the number of children: one is missing
    bool missing = false;   ///< the children end too early
    std::string expected;   ///< the local name of what the model asks for there; empty: nothing more
};

/// Nothing: the children fit. Types and wildcards' namespaces count, what is inside of children does not.
std::optional<Misfit> first_misfit(const Grammar& grammar, const ElementDecl& parent,
                                   const std::vector<Element>& children);

/// Stable: children in the order in which the model takes them; unknown ones last.
void order_by_model(const Grammar& grammar, const ElementDecl& parent, std::vector<Element>& children);

/// May global elements stand as its children: by an xs:any, or since its type is xs:anyType?
bool admits_globals(const Grammar& grammar, const ElementDecl& element);

}  // namespace hansa::schema
