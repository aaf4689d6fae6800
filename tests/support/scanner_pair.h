// The fast scanner beside the reference: one document, token by token.
#pragma once

#include <string>
#include <string_view>

#include "core/xml/fast_scanner.h"

namespace hansa::test {

/// Reads the text with both and gives what differs first, or nothing: kinds, places, names, namespaces,
/// attributes, declarations, values, depth, what prefixes mean, the declared encoding, and the error with its code,
/// place and words. `fast` is reset to the text; it may have read others before.
std::string difference(xml::FastScanner& fast, std::string_view text, const xml::Limits& limits = {},
                       xml::DeclaredEncoding declared = xml::DeclaredEncoding::binding);

/// The same for every level that this machine has, with scanners that live as long as the program. What differs begins
/// with the level's name. The text is copied to a place with nothing behind it, where a sanitizer sees a byte read too
/// much.
std::string difference_at_any_level(std::string_view text, const xml::Limits& limits = {},
                                    xml::DeclaredEncoding declared = xml::DeclaredEncoding::binding);

/// xml::scan_well_formed with the fast scanner.
Result<void> fast_scan_well_formed(std::string_view bytes);

}  // namespace hansa::test
