// Spellings of the bench's messages that only some programs write, or nobody, and messages that are refused.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "core/cli/bench_messages.h"
#include "core/schema/generator.h"
#include "core/schema/tree.h"

namespace hansa::bench {

using Prefixes = std::map<std::string, std::string>;  ///< of namespaces

/// Shape::general
std::string write_generally(const schema::Element& root, const Prefixes& prefixes, schema::Random& random);

/// A shape for which is_spelling() holds.
std::string write_strangely(const schema::Element& root, const Prefixes& prefixes, Shape shape);

/// A shape for which is_refused() holds; the message as it came for others. What is wrong lies in the last tenth.
std::string break_message(std::string message, Shape shape);

}  // namespace hansa::bench
