// JSON documents as values with places, read strictly: nothing that one reader takes and another does not.
//
// nlohmann_json parses; what comes through here is bounded (bytes, values, depth), has no member twice, and keeps
// numbers as they are written: 3.50 stays 3.50.
//
// Sources: RFC 8259; JSONTestSuite (tests/conformance/json).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/result.h"
#include "core/syntax/syntax.h"

namespace hansa::syntax::json {

struct Value {
    enum class Sort { null, boolean, number, text, list, object };
    Sort sort = Sort::null;
    std::string text;                ///< of a text; of a number or boolean as written
    std::vector<std::string> names;  ///< of an object's members
    std::vector<Value> values;       ///< of its members, or of a list
    std::uint64_t offset = 0;        ///< of the value's first sign; for a member of an object, of its name
};

/// "text", "a number", "a list", ... for messages.
std::string_view name_of(Value::Sort sort);

/// Errors: syntax.json-malformed, -json-too-deep, -member-twice, -too-many, -too-large; with line and column
Result<Value> parse(std::string_view bytes, const Limits& limits);

}  // namespace hansa::syntax::json
