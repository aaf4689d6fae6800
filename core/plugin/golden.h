// Golden examples: a document and beside it what it must give (check.h says which files).
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/mapping/mapping.h"
#include "core/schema/validator.h"
#include "core/syntax/syntax.h"

namespace hansa::plugin {

/// What an example is tried with. All outlive the call.
struct GoldenSubject {
    const mapping::Mapping& mapping;
    const schema::Validator& judge;
    const syntax::Syntax* syntax = nullptr;  ///< nothing: XML
    bool written = true;  ///< the format is written too, not only read
    bool update = false;  ///< write what it gives
};

struct GoldenResult {
    std::uint64_t passed = 0, failed = 0;
    std::vector<Error> faults;
};

/// Runs every X.xml of a folder; for other syntaxes, every X with the ending of its files. A folder that is not there holds no examples.
GoldenResult run_golden(const std::filesystem::path& folder, const GoldenSubject& subject);

/// Puts into `written` what `source` has and the table never writes: what it drops, signatures, and optional parts of
/// the envelope. What is compared and judged then is what the table answers for.
void put_back(const mapping::Mapping& mapping, const schema::Element& source, schema::Element& written);

/// Where two documents differ first, in words: names, text, attributes in any order, children in
/// order. Nothing: they are the same.
std::optional<std::string> difference(const schema::Element& expected, const schema::Element& got);

}  // namespace hansa::plugin
