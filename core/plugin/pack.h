// A plugin's folder as the one piece of data that its library carries.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/base/result.h"

namespace hansa::plugin {

struct Packed {
    std::string name;                ///< of the plugin
    std::string bytes;               ///< blob.h
    std::vector<std::string> files;  ///< that were read, for the build's dependencies
};

/// Checks every table, compiles every grammar, and takes in all that was read on the way: schemas
/// with what they include, mappings, code lists (also those of other plugins, so that the
/// library needs no other), README.md. The same folder always gives the same bytes.
///
/// Every fault goes to `faults`. Errors: those of descriptor.h and format_tables.h.
Result<Packed> pack_folder(const std::filesystem::path& folder, const std::filesystem::path& schema_folder,
                           Diagnostics& faults);

}  // namespace hansa::plugin
