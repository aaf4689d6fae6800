// Rules that compare a pivot document with what another program states about it in JSON.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/pivot/document.h"

namespace hansa::test {

/// One row of am/ir.tsv.
struct IrRule {
    std::string json, pivot, comparison, source;
    std::size_t line = 0;
};

struct IrOutcome {
    std::size_t facts = 0;
    std::vector<std::string> wrong;  ///< one sentence each
};

/// Every fact that the rules find in the JSON file, looked for in the document.
IrOutcome compare(const std::vector<IrRule>& rules, const std::string& json_text, const pivot::Document& document);

}  // namespace hansa::test
