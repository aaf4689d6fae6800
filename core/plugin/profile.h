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

}  // namespace hansa::plugin
