// A tree as bytes, and its children in the schema's order.
//
// Prefixes are declared once, on the root, in the order in which names first need them, so that the
// same tree gives the same bytes. Text is escaped by xml::Writer. Values of xs:QName type keep their
// text; their prefixes are the caller's affair.
//
//     std::string bytes = schema::write_tree(document, {.prefixes = {{"urn:x", "x"}}});
#pragma once

#include <map>
#include <string>

#include "core/base/result.h"
#include "core/base/sink.h"
#include "core/schema/grammar.h"
#include "core/schema/tree.h"

namespace hansa::schema {

struct WriteOptions {
    /// Namespace to prefix; "" makes it the default namespace (elements only). Namespaces that are
    /// not here: the root's becomes the default one unless something inside has no namespace;
    /// others get n1, n2, ...; xsi and xml keep their names.
    std::map<std::string, std::string> prefixes = {};
    bool declaration = true;  ///< <?xml version="1.0" encoding="UTF-8"?>
    bool indent = false;      ///< two spaces a level, between elements only
};

/// UTF-8 bytes of the tree.
std::string write_tree(const Element& root, const WriteOptions& options = {});
void write_tree(const Element& root, Sink& sink, const WriteOptions& options = {});

/// Puts the children of every element into the order that the grammar's content models ask for.
/// Equal names keep their order among themselves; what the grammar does not know goes last.
/// Groups that repeat as a whole (a, b, a, b) are filled turn by turn.
void order_children(const Grammar& grammar, Element& root);

}  // namespace hansa::schema
