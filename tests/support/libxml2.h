// libxml2's canonical form of a document: the other hand that the writer is compared with.
#pragma once

#include <string>
#include <string_view>

namespace hansa::test {

inline constexpr std::string_view libxml2_refuses = "<libxml2 refuses>";

/// Canonical XML 1.0 without comments, or libxml2_refuses.
std::string libxml2_c14n(std::string_view text);

/// Whether libxml2 takes the document as well-formed, namespaces included; no DTD, no network.
bool libxml2_well_formed(std::string_view text);

}  // namespace hansa::test
