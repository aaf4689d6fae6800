// Verifies a signature and says which octets it covers; whoever goes on reads those octets only.
//
// The rules, each with its own code: exactly one Signature, at the place that the policy fixes; few
// References, each to the same document ("" or "#id") or to a file of the same container; the
// referenced Id stands once; transforms and algorithms from the policy's lists and nothing else
// (no XSLT, XPath, XPointer, HMAC, external references); weak ones only where a profile allows
// them; the key from a certificate that chains to the trust store at the given time. A key that
// the message brings without such a chain counts for nothing.
//
//     trust::Verification found = trust::verify(bytes, policy, {.trust = &store});
//     if (!found.valid) return found.errors.front();
//     read(found.covered.front().octets);      // not `bytes`
//
// Sources: XML Signature 1.1; XML Signature Best Practices (W3C Note 2013-04-11); EN 319 162-1.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/base/time.h"
#include "core/trust/certificates.h"
#include "core/trust/profile.h"

namespace hansa::trust {

struct VerifyLimits {
    std::size_t references_max = 64;
    std::size_t certificates_max = 10;  ///< in one KeyInfo
    std::size_t signatures_max = 16;    ///< in one holder
    std::size_t bytes_max = 64u << 20;  ///< of a document, and of all files of a container together
    std::size_t container_entries_max = 64;
    std::size_t container_ratio_max = 100;  ///< unpacked : packed, of each file larger than 64 KiB
};

struct VerifyOptions {
    const TrustStore* trust = nullptr;  ///< nullptr: trusts nobody
    std::optional<DateTime> at = {};    ///< when the chain must hold; now if not given
    /// Public keys (PEM, SubjectPublicKeyInfo) that the caller trusts as such, from an agreement
    /// made outside of the message. A signature by one of them needs no certificate.
    std::vector<std::string> pinned_keys = {};
    VerifyLimits limits = {};
};

/// One thing that the signature covers.
struct Covered {
    std::string id;               ///< the Id it was referenced by, or the file's name; empty for ""
    std::string path;             ///< "/Declaration", "/a/b[2]", or the file's name
    bool whole_document = false;  ///< the root element and all below, but for the Signature itself
    std::string octets;           ///< exactly what was digested: canonical form, or the file's bytes
};

/// What a third party has said about the signatures of a holder.
struct Receipt {
    std::string id;
    std::string document;    ///< the name of the document that it is about
    CertificateInfo signer;  ///< the third party
};

struct Verification {
    bool valid = false;
    std::string policy;
    std::string signature_method;  ///< identifiers as the signature states them
    std::vector<std::string> digest_methods;
    std::vector<Covered> covered;          ///< empty unless valid
    CertificateInfo signer;                ///< empty when a pinned key signed
    std::vector<CertificateInfo> chain;    ///< signer first, root last; empty unless it was built
    std::vector<CertificateInfo> signers;  ///< of a holder with several signatures all, `signer` first; else empty
    std::vector<std::string>
        documents;                   ///< of a holder: those in its content, cut out of the octets; empty unless valid
    std::optional<Receipt> receipt;  ///< of a holder that has one, verified
    std::string signing_time;        ///< XAdES SigningTime as claimed, or empty
    std::vector<Error> errors;       ///< empty exactly when valid
};

/// Verifies a document or a container (told apart by the first bytes).
///
/// Errors in `errors`, among them:
///   trust.signature-missing, -many, -place, -malformed, -wrong      trust.digest-wrong, not-covered
///   trust.reference-refused, -unknown, references-too-many          trust.duplicate-id
///   trust.algorithm-refused, algorithm-weak, transform-refused      trust.key-missing, key-weak, key-unfit
///   trust.certificate-unknown, -expired, -early, -revoked, -usage, -malformed, -differs, revocation-stale
///   trust.container-malformed, -name, -limit, -mimetype             trust.form-refused; xml.*
///   of a holder: trust.algorithm-unavailable, receipt-malformed, receipt-differs, receipt-negative
/// Cost: linear in the input, one signature operation.
Verification verify(std::string_view bytes, const Policy& policy, const VerifyOptions& options);

/// By the policy that belongs to the profile.
Verification verify(std::string_view bytes, const Profile& profile, const VerifyOptions& options);

/// Does the document look signed: a ds:Signature among the root's children, or a container?
/// A hint for choosing a profile; proves nothing.
bool looks_signed(std::string_view bytes);

}  // namespace hansa::trust
