// Makes keys and certificates: for tests, the demo, and agencies that start without a CA of their own.
//
// Nothing here is kept: keys are returned as PEM and it is the caller who stores them, with
// write_secret (mode 0600).
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/base/time.h"

namespace hansa::trust {

enum class KeyKind { rsa2048, p256, sm2, ed25519, rsa1024 };  ///< rsa1024: to show that it is refused

/// A new private key, PEM (PKCS #8).
Result<std::string> make_key(KeyKind kind);

/// What a certificate states.
struct CertificateRequest {
    std::string common_name;
    std::string organization = {};
    bool authority = false;                   ///< may sign certificates (CA)
    bool may_sign = true;                     ///< key usage digitalSignature; else keyEncipherment only
    std::vector<std::string> names = {};      ///< subject alternative names: "DNS:localhost", "IP:127.0.0.1"
    bool tls = false;                         ///< extended key usage: TLS server and client
    std::optional<DateTime> not_before = {};  ///< now less five minutes
    int days = 365;
    std::uint64_t serial = 0;  ///< 0: random, 63 bits
};

/// A certificate for its own key, PEM: the root of a chain.
/// Errors: trust.key-unusable
Result<std::string> self_signed(std::string_view key, const CertificateRequest& request);

/// A certificate for `subject_key` (only its public half is used), signed by an authority, PEM.
/// Errors: trust.key-unusable, trust.certificate-malformed
Result<std::string> issue(std::string_view authority_key, std::string_view authority_certificate,
                          std::string_view subject_key, const CertificateRequest& request);

/// A revocation list of the authority over these serial numbers (hexadecimal), PEM.
Result<std::string> revoke(std::string_view authority_key, std::string_view authority_certificate,
                           const std::vector<std::string>& serials, int days = 30);

/// The public half of a private key, PEM (SubjectPublicKeyInfo): what VerifyOptions::pinned_keys takes.
Result<std::string> public_half(std::string_view key);

/// Writes a key file that only its owner can read (mode 0600 from its first moment).
/// Errors: base.file-unwritable
Result<void> write_secret(const std::filesystem::path& path, std::string_view pem);

}  // namespace hansa::trust
