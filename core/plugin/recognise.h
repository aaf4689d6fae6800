// Which of the known formats a document is, by its first tags.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/schema/tree.h"

namespace hansa::plugin {

/// How one format is recognised: its root, and for some a path of elements below the root.
struct Shape {
    std::string format;
    schema::Name root;
    std::vector<schema::Name> steps;
    std::string begins = {};  ///< the first element that the steps lead to begins with it; empty: whatever it says
    bool in_first = false;    ///< the steps are followed in the first element of the first name only (a profile's mark)
};

/// Index of the shape that fits. A shape with steps that are found beats one without; more than one
/// left is an error, never a guess.
///
/// Of two whose steps lead to one element, or into it, the one that asks for a text goes first.
/// What is wrong with a document on the way to a profile's mark is not said here: it is the base's then.
/// Only as much is read as tells them apart: the root's tag, or up to the steps (at most
/// `tags_max` tags); white space before a text that must begin with something does not count.
/// Errors: plugin.format-unknown, plugin.format-ambiguous, xml.*
Result<std::size_t> recognise(std::string_view bytes, std::span<const Shape> shapes, std::size_t tags_max = 10'000);

}  // namespace hansa::plugin
