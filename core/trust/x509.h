// OpenSSL's certificates behind owners of ours, and the one check of a chain.
//
// Inside of core/trust only: other folders see certificates.h.
#pragma once

#include <openssl/x509.h>

#include <ctime>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/trust/algorithm.h"
#include "core/trust/certificates.h"

namespace hansa::trust {

/// GM/T 0009: the user id where none was agreed; certificates are signed under it.
inline constexpr std::string_view sm2_certificate_id = "1234567812345678";

struct X509Free {
    void operator()(X509* certificate) const { X509_free(certificate); }
    void operator()(X509_CRL* list) const { X509_CRL_free(list); }
    void operator()(X509_STORE* store) const { X509_STORE_free(store); }
    void operator()(BIO* bio) const { BIO_free(bio); }
};
using Certificate = std::unique_ptr<X509, X509Free>;
using RevocationList = std::unique_ptr<X509_CRL, X509Free>;
using Bio = std::unique_ptr<BIO, X509Free>;

struct PemContent {
    std::vector<Certificate> certificates;
    std::vector<RevocationList> lists;
};

/// Every certificate and revocation list of a PEM text; private keys in it are passed over.
/// Errors: trust.certificate-malformed (also when it holds neither)
Result<PemContent> read_pem(std::string_view pem);

/// Errors: trust.certificate-malformed (also for octets behind the certificate)
Result<Certificate> read_der(std::string_view der);

std::string to_der(const X509& certificate);
CertificateInfo describe(const X509& certificate);

/// A public key, PEM. Errors: trust.key-unusable
Result<Key> read_public_key(std::string_view pem);

/// The serial number in hexadecimal, an even number of digits, at least `digits_min`.
std::string serial_digits(const X509& certificate, int digits_min);

/// A memory BIO over text that outlives it; nullptr never.
Bio reading(std::string_view text);
/// What was written into a memory BIO.
std::string written(BIO& bio);

struct TrustStore::State {
    std::unique_ptr<X509_STORE, X509Free> store;
    std::vector<Certificate> certificates;
    bool has_lists = false;
};

struct ChainQuestion {
    X509* leaf = nullptr;
    std::vector<X509*> untrusted = {};  ///< what the message brought; may help to build, never to trust
    std::time_t at = 0;
    bool weak_allowed = false;  ///< SHA-1 and short keys inside the chain, where a profile allows weak ones
};

/// The chain, leaf first, up to a certificate of the store; key usage of the leaf included.
/// Errors: trust.certificate-unknown, -expired, -early, -revoked, -usage, trust.revocation-stale,
///         trust.key-weak, trust.algorithm-weak
Result<std::vector<CertificateInfo>> check_chain(const TrustStore& trust, const ChainQuestion& question);

}  // namespace hansa::trust
