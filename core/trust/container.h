// ASiC-E containers as files in memory: names never become paths, bombs are refused before unpacking.
//
// The container's directory is checked by our own reader first (entry count, sizes, ratio, overlap,
// names, methods, equal names in both headers), and only then does libzip unpack.
//
// Sources: ETSI EN 319 162-1 (clause 4.4, Annex A); PKWARE APPNOTE 6.3 (sections 4.3, 4.4).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/trust/sign.h"
#include "core/trust/verify.h"

namespace hansa::trust {

/// Do the bytes begin as a ZIP file does?
bool is_container(std::string_view bytes);

/// All files in directory order, "mimetype" first; not verified.
///
/// Errors: trust.container-malformed  no ZIP file, ZIP64, encryption, unknown method, overlap, bytes between,
///                                    before or after the entries, headers that differ, checksum
///         trust.container-name       absolute, "..", drive, backslash, control character, double name
///         trust.container-limit      entries, ratio, or size
///         trust.container-mimetype   "mimetype" is not first, not stored, or not ASiC-E's
/// Cost: directory alone until all limits hold; then linear in the unpacked size.
Result<std::vector<ContainerFile>> read_container(std::string_view bytes, const VerifyLimits& limits = {});

/// Packs files; "mimetype" is put first and stored, times are fixed, so equal files give equal bytes.
/// Errors: trust.container-name, trust.container-limit
Result<std::string> write_container(const std::vector<ContainerFile>& files);

}  // namespace hansa::trust
