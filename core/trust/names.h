// Namespaces and identifiers of the signature standards, spelt once.
//
// Sources: XML Signature 1.1 section 1.3; EN 319 132-1 (XAdES); EN 319 162-1 (ASiC).
#pragma once

#include <string_view>

namespace hansa::trust::names {

inline constexpr std::string_view dsig = "http://www.w3.org/2000/09/xmldsig#";
inline constexpr std::string_view xades = "http://uri.etsi.org/01903/v1.3.2#";
inline constexpr std::string_view asic = "http://uri.etsi.org/02918/v1.2.1#";
inline constexpr std::string_view exclusive = "http://www.w3.org/2001/10/xml-exc-c14n#";
inline constexpr std::string_view enveloped = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
inline constexpr std::string_view signed_properties_type = "http://uri.etsi.org/01903#SignedProperties";

inline constexpr std::string_view mimetype_file = "mimetype";
inline constexpr std::string_view mimetype = "application/vnd.etsi.asic-e+zip";
inline constexpr std::string_view signatures_file = "META-INF/signatures.xml";

}  // namespace hansa::trust::names
