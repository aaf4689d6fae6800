// The laws of mappings, tried on documents generated from a format's grammar.
//
//   1  what was read is written back: valid, and the same document (with memory and annex), but for
//      what the table drops or hands to trust (signatures)
//   2  what was written is read again as the same pivot document (without memory and annex)
//   7  the same input gives the same bytes
//
// Source: mapping.md of the design, "Laws".
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/mapping/mapping.h"
#include "core/schema/generator.h"
#include "core/schema/validator.h"
#include "core/syntax/syntax.h"

namespace hansa::plugin {

struct LawOptions {
    std::uint32_t documents = 200;  ///< inside of the table's domain
    std::uint64_t seed = 1;
};

struct LawResult {
    std::map<std::string, std::uint64_t> kept;  ///< law -> documents
    std::map<std::string, std::uint64_t>
        outside;  ///< documents outside of the table's domain, by the code that refused them
    std::uint64_t failed = 0;
    std::vector<Error> faults;  ///< at most ten, with the seed to repeat
};

/// Draws documents, their values from the conversions' domains where a row names one, until
/// `documents` lie in the table's domain (or twenty times as many were drawn).
/// Codes in faults: plugin.check-law
/// `syntax`: how the format is spelt, where that is not XML; then the bytes of each document are read back, too.
LawResult try_laws(const mapping::Mapping& mapping, const schema::Validator& judge, const LawOptions& options,
                   const syntax::Syntax* syntax = nullptr);

/// Law "codes", of a list that a profile replaces: each of its codes is written as one that says the same.
void try_list(const mapping::Mapping& mapping, const std::string& list, LawResult& out);

/// Values from the domain of each leaf's conversion: codes of its list, times of its pattern; the
/// parts of a pair are drawn together. The mapping must outlive it; copies share what it knows.
class DomainValues {
public:
    explicit DomainValues(const mapping::Mapping& mapping);
    /// For one generated document; the same seed gives the same values.
    schema::ValueSource of_document(std::uint64_t seed) const;

private:
    struct State;
    std::shared_ptr<const State> state_;
};

}  // namespace hansa::plugin
