// Keys that vectors bring along: KeyValue, DEREncodedKeyValue, certificates. The product never takes
// them (a key without a chain counts for nothing); the runner hands them over as pinned keys, as if
// an agreement had named them, so that the rest of the verification runs on real material.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace hansa::test {

/// Every public key inside the document, PEM. Kinds that OpenSSL or this code does not know are left out.
std::vector<std::string> keys_in_document(std::string_view bytes);

/// The key of a file: PEM or DER, a public key or a certificate. Empty when it is none of them.
std::string key_of_file(const std::filesystem::path& path);

}  // namespace hansa::test
