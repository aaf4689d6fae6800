// The tables of a plugin as one piece of bytes: what lies in the shared library.
//
// The form is written down in core/plugin/sdk/hansa_plugin.h. Reading it trusts nothing: every number is
// checked against the bytes that are there, and the SHA-256 against what the builder wrote, before
// any table is looked at.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace hansa::plugin {

/// Names of tables and their bytes.
using BlobEntries = std::map<std::string, std::string, std::less<>>;

/// The same entries always give the same bytes.
/// Errors: plugin.blob-malformed for a name or a number of entries that the form does not hold
Result<std::string> write_blob(const BlobEntries& entries);

/// Entries as views into `bytes`, which must outlive them.
///
/// Errors: plugin.blob-malformed  magic, names, order, or places that do not fit
///         plugin.blob-version    another version of the form
///         plugin.blob-truncated  fewer bytes than the head says
///         plugin.blob-checksum   the digest differs
/// Cost:   one SHA-256 over all bytes (1 ms for 1.5 MB), then linear in the number of entries.
Result<std::map<std::string, std::string_view, std::less<>>> read_blob(std::string_view bytes);

}  // namespace hansa::plugin
