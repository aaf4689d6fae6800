// Whole files in and out, with limits, and durable replacement.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace hansa {

/// Errors: base.file-unreadable, base.too-large
Result<std::string> read_file(const std::filesystem::path& path, std::uint64_t bytes_max = std::uint64_t{1} << 32);

/// Standard input to its end; the same errors.
Result<std::string> read_standard_input(std::uint64_t bytes_max = std::uint64_t{1} << 32);

/// Writes beside the target, syncs, renames: readers see the old or the new file, never a part.
/// Errors: base.file-unwritable
Result<void> write_file_atomically(const std::filesystem::path& path, std::string_view bytes);

}  // namespace hansa
