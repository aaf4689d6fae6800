// The laws of mappings, tried on documents generated from a format's grammar.
//
//   1  what was read is written back: valid, and the same document (with memory and annex)
//   2  what was written is read again as the same pivot document (without memory and annex)
//   7  the same input gives the same bytes
//
// Source: mapping.md of the design, "Laws".
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "core/mapping/mapping.h"
#include "core/schema/generator.h"
#include "core/schema/validator.h"

namespace hansa::plugin {

struct LawOptions {
    std::uint32_t documents = 200;  ///< inside of the table's domain
    std::uint64_t seed = 1;
};

struct LawResult {
    std::map<std::string, std::uint64_t> kept;  ///< law -> documents
    std::uint64_t outside = 0;                  ///< generated documents that the table refuses: outside of its domain
    std::uint64_t failed = 0;
    std::vector<Error> faults;  ///< at most ten, with the seed to repeat
};

/// Draws documents, their values from the conversions' domains where a row names one, until
/// `documents` lie in the table's domain (or twenty times as many were drawn).
/// Codes in faults: plugin.check-law
LawResult try_laws(const mapping::Mapping& mapping, const schema::Validator& judge, const LawOptions& options);

/// Values from the domain of each leaf's conversion: codes of its list, times of its pattern. The
/// mapping must outlive it.
schema::ValueSource domain_values(const mapping::Mapping& mapping);

}  // namespace hansa::plugin
