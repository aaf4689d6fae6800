// A profile: a country's format that is another plugin's, with code lists, settings, signature or mark of its own.
//
// plugin.toml says what differs (descriptor.h); the rest is taken from the base once all plugins are there, so the
// order in which they are found does not matter, and folder and library may be mixed. Schema, grammar and mapping
// are never copied: a profile adds its lists.
#pragma once

#include <memory>

#include "core/base/result.h"
#include "core/mapping/mapping.h"
#include "core/plugin/descriptor.h"
#include "core/plugin/format_tables.h"
#include "core/plugin/tables.h"

namespace hansa::plugin {

/// Fills in what the base says. `base` is the row of that id, nullptr where no plugin has it; `known` are the ids of
/// all formats, for the nearest one.
///
/// Errors, at the profile's line of plugin.toml: plugin.base-unknown, plugin.base-is-profile; base.toml-value-wrong
///         for a frame, which has no profiles
Result<void> take_from_base(FormatRow& profile, const FormatRow* base, const std::vector<std::string>& known,
                            Diagnostics& faults);

/// The base's mapping with the profile's lists and settings; nothing where the base has none.
///
/// Errors: plugin.table-missing, plugin.base-without-mapping; those of mapping::profile_mapping. All in `faults`.
Result<std::shared_ptr<const mapping::Mapping>> load_profile(const Tables& tables, const FormatRow& profile,
                                                             std::shared_ptr<const mapping::Mapping> base,
                                                             Diagnostics& faults, NamesRead* names = nullptr);

/// What an edition has from its base, and the mappings of other formats.
struct EditionBase {
    const Tables& tables;
    const Descriptor& plugin;
    const FormatRow& row;
    std::function<std::shared_ptr<const mapping::Mapping>(std::string_view format)> mapping_of = {};
};

struct Edition {
    std::shared_ptr<const schema::Grammar> grammar;
    std::shared_ptr<const syntax::Syntax> syntax;    ///< nothing: XML
    std::shared_ptr<const mapping::Mapping> mapping;  ///< nothing where the base has none
};

/// A profile with a schema of its own: the base's rows, and the profile's lists, over that schema's grammar. `names` are
/// the tables of the profile's own plugin that were read, `base_names` those of the base's.
///
/// Errors: those of load_grammar, load_syntax, load_table (a row for which this schema has no place is among them) and
///         load_profile. All in `faults`.
Result<Edition> load_edition(const Tables& tables, const FormatRow& profile, const EditionBase& base, Diagnostics& faults,
                             NamesRead* names = nullptr, NamesRead* base_names = nullptr);

}  // namespace hansa::plugin
