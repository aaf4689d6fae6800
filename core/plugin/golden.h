// Golden examples: a document and beside it what it must give (check.h says which files).
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/mapping/mapping.h"
#include "core/schema/validator.h"

namespace hansa::plugin {

/// What an example is tried with. All outlive the call.
struct GoldenSubject {
    const mapping::Mapping& mapping;
    const schema::Validator& judge;
    bool written = true;  ///< the format is written too, not only read
    bool update = false;  ///< write what it gives
};

struct GoldenResult {
    std::uint64_t passed = 0, failed = 0;
    std::vector<Error> faults;
};

/// Runs every X.xml of a folder. A folder that is not there holds no examples.
GoldenResult run_golden(const std::filesystem::path& folder, const GoldenSubject& subject);

/// Are the trees the same document: names, text, attributes in any order, children in order?
bool same_document(const schema::Element& a, const schema::Element& b);

}  // namespace hansa::plugin
