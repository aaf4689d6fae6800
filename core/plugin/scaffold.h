// A new country's folder, with one mapping that passes: `hansa plugin new CC`.
//
//     plugins/CC/plugin.toml  CMakeLists.txt  README.md  mappings/declaration.map  codes/direction.codes
//     plugins/CC/golden/declaration/{smallest,direction-unknown}.*
//     schemas/CC/declaration.xsd
//
// An author then replaces the schema by the authority's, adds rows, codes and golden pairs, and
// touches nothing else. `hansa plugin check plugins/CC` needs no compiler.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace hansa::plugin {

struct ScaffoldPlaces {
    std::filesystem::path plugins;  ///< the folder that gets CC/
    std::filesystem::path schemas;  ///< the folder that gets CC/
};

/// Writes both folders, or nothing.
///
/// Errors: plugin.scaffold-name, plugin.scaffold-exists, base.file-unwritable
Result<void> scaffold(const ScaffoldPlaces& places, std::string_view code);

/// The folder of a member whose format is a profile of another plugin's: plugin.toml, CMakeLists.txt, README.md, and no
/// schema. `base` is the id of that format: "eaeu.goods-declaration".
///
/// Errors: plugin.scaffold-name (also of a base that is no id), plugin.scaffold-exists, base.file-unwritable
Result<void> scaffold_profile(const ScaffoldPlaces& places, std::string_view code, std::string_view base);

}  // namespace hansa::plugin
