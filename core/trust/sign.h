// Signs: an enveloped XML Signature, or an ASiC-E container with a XAdES signature beside the bytes.
//
// The key lives in a Signer and nowhere else; no text, log line or error names any part of it. A
// Signer belongs to the process that signs: code of plugins never gets one.
//
//     auto signer = trust::Signer::load("agency.key", "agency.crt");
//     if (!signer) return signer.error();
//     auto signed_bytes = trust::sign(bytes, profile, *signer);
//
// Cost on one core: RSA-2048 0.35 ms, ECDSA P-256 0.03 ms, SM2 0.5 ms, and one pass of libxml2.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/base/time.h"
#include "core/trust/certificates.h"
#include "core/trust/profile.h"

namespace hansa::trust {

/// A private key and the certificates that vouch for it. Copies share the key; thread-safe.
class Signer {
public:
    /// `key`: PEM, not encrypted. `certificates`: PEM, the signer's first, then intermediates.
    ///
    /// Errors: trust.key-exposed      every user of the machine may read the key file
    ///         trust.key-unusable     no PEM key in it, or of a kind that no profile uses
    ///         trust.certificate-malformed
    ///         trust.key-differs      the certificate is for another key
    ///         base.file-unreadable
    static Result<Signer> load(const std::filesystem::path& key, const std::filesystem::path& certificates);

    /// The same from PEM texts.
    static Result<Signer> from_pem(std::string_view key, std::string_view certificates);

    CertificateInfo certificate() const;

    struct State;
    const State& state() const { return *state_; }

private:
    explicit Signer(std::shared_ptr<const State> state) : state_(std::move(state)) {}
    std::shared_ptr<const State> state_;
};

/// A file of a container. Names are relative, with '/'; "mimetype" and META-INF/ are not ours to give.
struct ContainerFile {
    std::string name;
    std::string bytes;
    std::string media_type = "application/xml";
};

struct SignOptions {
    std::string document_name = "document.xml";  ///< asice: the document's name in the container
    std::string media_type = "application/xml";  ///< asice
    std::optional<DateTime> signing_time = {};   ///< asice: SigningTime; now if not given. UTC
};

/// Signs a document by a profile; the result is the signed document, or the container's bytes.
///
/// Within: the root element goes into a new holder, octet by octet, with ids made from its digest.
/// Enveloped: received bytes stay as they are, the Signature is inserted at the profile's place with
/// no white space around it. Equal input gives equal output for RSA and Ed25519 (given signing_time).
///
/// Errors: trust.already-signed      the document has a ds:Signature among the root's children
///         trust.key-unfit           the key cannot do the profile's algorithm
///         trust.profile-invalid, trust.container-name, xml.* of ReferenceDocument::parse and of the scanner
Result<std::string> sign(std::string_view document, const Profile& profile, const Signer& signer,
                         const SignOptions& options = {});

/// An ASiC-E container with one signature over all `files`, such as an evidence container.
/// Errors: trust.container-name (bad or double), trust.container-limit, trust.key-unfit, trust.profile-invalid
Result<std::string> sign_container(const std::vector<ContainerFile>& files, const Profile& profile,
                                   const Signer& signer, const SignOptions& options = {});

}  // namespace hansa::trust
