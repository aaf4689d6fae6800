// The rules by which one ds:Signature is judged. Inside of core/trust only.
#pragma once

#include <ctime>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/trust/algorithm.h"
#include "core/trust/container.h"
#include "core/trust/signature.h"
#include "core/trust/verify.h"
#include "core/trust/x509.h"
#include "core/xml/canonical.h"

namespace hansa::trust {

/// The message's own certificates, parsed, or those of the trust folder that its KeyNames point at by
/// serial number; the signer's is the one that issued none of the others.
class MessageCertificates {
public:
    /// Errors: trust.certificate-malformed, trust.key-missing
    static Result<MessageCertificates> read(const ParsedSignature& signature, const TrustStore* trust);
    X509* leaf() const { return leaf_; }
    const std::vector<X509*>& all() const { return all_; }

private:
    static bool issued(X509* issuer, X509* subject);
    void find_by_serial(const std::vector<std::string>& key_names, const TrustStore& trust);
    void choose_leaf();

    std::vector<Certificate> owned_;
    std::vector<X509*> all_;  ///< owned here or by the trust store, which must outlive this
    X509* leaf_ = nullptr;
};

/// When the chain must hold.
std::time_t moment_of(const VerifyOptions& options);

/// An Id as NCName has it; anything else in a fragment is a scheme (xpointer, element, ...).
bool is_plain_id(std::string_view id);

/// What a signature is judged by, and the report that grows. All outlive the check.
struct CheckInput {
    const xml::ReferenceDocument& document;
    const Policy& policy;
    const VerifyOptions& options;
    const std::vector<ContainerFile>* files = nullptr;  ///< of a container; nullptr: a document
};

/// One reference that held: what it covered, and where in the tree.
struct Held {
    Covered covered;
    const xmlNode* apex = nullptr;  ///< nullptr: the whole document, or a file
    bool is_file = false;
    bool signed_properties = false;
};

struct Judged {
    std::vector<Held> held;
    std::string certificate_der;  ///< of the signer; empty when a pinned key signed
    std::string signature_id;
};

/// Judges `element`; every rule that does not hold is an error of `report`.
Judged judge_signature(const CheckInput& input, const xmlNode& element, Verification& report);

/// Is it accepted by the policy? Known, listed, and not weak unless allowed.
/// Errors: trust.algorithm-refused, trust.algorithm-weak, trust.algorithm-unavailable
Result<const Algorithm*> accepted_algorithm(const std::string& uri, const Policy& policy, bool digest);

}  // namespace hansa::trust
