// Where a plugin's tables come from: its folder, or the data of its shared library.
//
// Both look the same to those who read them; names are those of core/plugin/sdk/hansa_plugin.h.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace hansa::plugin {

/// Immutable; any number of threads. Views live as long as the object.
class Tables {
public:
    virtual ~Tables() = default;

    /// Errors: plugin.table-missing, plugin.path-outside, base.file-unreadable, base.too-large
    virtual Result<std::string_view> read(std::string_view name) const = 0;

    virtual bool has(std::string_view name) const = 0;

    /// Names below `folder` ("rules") that end so (".rules"), in order; none where there is no such folder.
    virtual std::vector<std::string> names(std::string_view folder, std::string_view ending) const = 0;

    /// What errors call a table: its file, or "xx.so:mappings/x.map".
    virtual std::string called(std::string_view name) const = 0;

    /// File or folder it all lies in.
    virtual std::filesystem::path origin() const = 0;

    /// A compiled library, so its grammars are compiled too.
    virtual bool compiled() const = 0;
};

/// A plugin's folder. Schemas lie below `schema_folder`; other plugins' lists in the folders beside.
/// Errors: plugin.file-missing
Result<std::shared_ptr<const Tables>> open_folder(const std::filesystem::path& folder,
                                                  const std::filesystem::path& schema_folder);

/// A compiled plugin. Errors: those of library.h and blob.h.
Result<std::shared_ptr<const Tables>> open_library(const std::filesystem::path& file);

/// The same from data in memory; `name` is what errors call it.
Result<std::shared_ptr<const Tables>> open_data(std::string bytes, const std::filesystem::path& name);

}  // namespace hansa::plugin
