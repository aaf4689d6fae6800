// One format's grammar and mapping, made from a plugin's tables.
//
// The same steps serve the registry (on first use), the packer (at build time) and the conformance
// suite (which wants all faults).
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>

#include "core/base/result.h"
#include "core/mapping/mapping.h"
#include "core/plugin/descriptor.h"
#include "core/plugin/tables.h"
#include "core/schema/grammar.h"
#include "core/syntax/syntax.h"

namespace hansa::plugin {

/// Names of tables that were read, for the packer.
using NamesRead = std::set<std::string, std::less<>>;

/// Compiled: from the blob. Folder: through Xerces-C.
/// Errors: schema.*, plugin.table-missing
Result<std::shared_ptr<const schema::Grammar>> load_grammar(const Tables& tables, const FormatRow& row,
                                                            NamesRead* names = nullptr);

/// What a mapping may ask for while it is loaded.
struct MappingSurroundings {
    std::shared_ptr<const schema::Grammar> grammar;
    std::function<std::shared_ptr<const mapping::Mapping>(std::string_view format)> mapping_of = {};
    NamesRead* names = nullptr;
};

/// The row's mapping, or nothing where the row names none.
///
/// Errors: mapping.*, plugin.table-missing, plugin.kind-differs, -format-differs, -schema-differs; all in `faults`
Result<std::shared_ptr<const mapping::Mapping>> load_table(const Tables& tables, const Descriptor& plugin,
                                                           const FormatRow& row, const MappingSurroundings& around,
                                                           Diagnostics& faults);

/// The row's kind: as written, else the one in the head of its mapping.
Result<pivot::Kind> kind_of(const Tables& tables, const FormatRow& row);

/// Where the row's schema and what it includes come from.
schema::XsdSource schema_source(const Tables& tables, const FormatRow& row, NamesRead* names = nullptr);

/// The table behind `use NAME`: "codes/unit" is codes/unit.codes, "yy:codes/unit" lies in other/yy/.
std::string list_table(std::string_view use, std::string_view own_plugin);

/// How the format is spelt; nothing for XML. `grammar` is the format's.
/// Errors: plugin.table-missing, syntax.table-invalid
Result<std::shared_ptr<const syntax::Syntax>> load_syntax(const Tables& tables, const FormatRow& row,
                                                          const schema::Grammar& grammar, Diagnostics& faults,
                                                          NamesRead* names = nullptr);

}  // namespace hansa::plugin
