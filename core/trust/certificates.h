// Certificates: what a verifier trusts, and what it tells about a signer.
//
// A trust folder holds PEM files: roots, intermediates, certificates of known signers, revocation
// lists. Trust comes from the folder alone, never from what a message brings along.
//
// Source: RFC 5280; GM/T 0015 (SM2 certificates are signed under the standard's default user id).
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace hansa::trust {

/// What is told about a certificate; no part of it is checked by being here.
struct CertificateInfo {
    std::string subject;  ///< RFC 2253 text
    std::string issuer;
    std::string serial;       ///< hexadecimal, lower case, no leading zeros
    std::string fingerprint;  ///< SHA-256 of the DER form, hexadecimal
    std::string not_before;   ///< ISO 8601, UTC
    std::string not_after;

    friend bool operator==(const CertificateInfo&, const CertificateInfo&) = default;
};

/// Describes the first certificate of a PEM text.
/// Errors: trust.certificate-malformed
Result<CertificateInfo> describe_certificate(std::string_view pem);

/// An immutable set of trusted certificates. Cheap to copy; any number of threads may verify with it.
class TrustStore {
public:
    /// Every *.pem, *.crt, *.cer and *.crl of the folder (not below it): certificates and revocation lists.
    /// Errors: trust.store-unreadable (no folder, or a file in it that is no PEM), trust.store-empty
    static Result<TrustStore> load(const std::filesystem::path& folder);

    /// The same from PEM texts.
    static Result<TrustStore> from_pem(const std::vector<std::string>& texts);

    /// Certificates held.
    std::size_t size() const;

    struct State;
    const State& state() const { return *state_; }

private:
    explicit TrustStore(std::shared_ptr<const State> state) : state_(std::move(state)) {}
    std::shared_ptr<const State> state_;
};

}  // namespace hansa::trust
