// What a Grammar holds beside its tables: everything here is computed from them.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "core/schema/grammar.h"
#include "core/schema/pattern.h"

namespace hansa::schema {

/// The patterns of one simple type, compiled when a value first meets them.
struct CompiledPatterns {
    std::once_flag once;
    std::vector<std::vector<Pattern>> steps;
    bool usable = true;  ///< false: a pattern that is no regular expression; nothing matches it
};

struct Grammar::Data {
    GrammarTables tables;
    std::vector<std::vector<Child>> children;      ///< by complex type
    std::vector<bool> wildcard_inside;             ///< by complex type
    std::unique_ptr<CompiledPatterns[]> patterns;  ///< by simple type

    const ComplexType* complex_type(const ElementDecl& element) const {
        const bool has = !element.type.simple && element.type.index != no_index;
        return has ? &tables.complex_types[element.type.index] : nullptr;
    }
};

/// Compiles the patterns of a type. False in `usable`: one of them cannot be compiled.
void compile_patterns(const SimpleType& type, CompiledPatterns& into);

/// Every index within its table, groups nested at most 64 deep and not in themselves, counts sane.
/// Errors: schema.grammar-damaged
Result<void> check_tables(const GrammarTables& tables);

}  // namespace hansa::schema
