// Takes the tables out of a plugin's shared library.
//
// The library is opened, looked at and closed again; what is kept is a copy of its data. Why not keep it
// mapped: the file may be replaced while the gateway runs (an overwritten mapping would change
// under a checked digest, or end the process by SIGBUS), a reload must see the new file (dlopen
// answers with the old one while it is mapped), and no foreign library should stay in a process that holds
// keys. The price is one copy of the tables, about 0.2 ms a megabyte.
#pragma once

#include <filesystem>
#include <string>

#include "core/base/result.h"

namespace hansa::plugin {

/// The bytes at hansa_plugin_data. Thread-safe.
///
/// Errors: plugin.file-missing    nothing there (asked first: dlopen says "Bad file descriptor")
///         plugin.not-a-library   no ELF file, for another machine, or dlopen refuses it
///         plugin.symbol-missing  one of the three symbols
///         plugin.abi-version     another number than HANSA_PLUGIN_ABI
///         plugin.data-outside    data and size do not lie within one segment of the library
Result<std::string> library_data(const std::filesystem::path& file);

}  // namespace hansa::plugin
