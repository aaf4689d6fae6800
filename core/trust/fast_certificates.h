// Signers that were met before: certificates parsed, chains judged and keys made ready once.
//
// What a message brings as KeyInfo is the key of the cache, byte for byte, together with the trust store it
// was judged by. A chain that held is taken to hold while all its certificates and every revocation list
// of the store are within their dates; outside of that it is judged anew. What does not hold is not kept.
//
// Inside of core/trust only. One thread at a time.
#pragma once

#include <cstdint>
#include <ctime>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/trust/algorithm.h"
#include "core/trust/signature_check.h"
#include "core/trust/verify.h"

namespace hansa::trust {

/// KeyInfo as it stands: texts of X509Certificate in document order, and KeyNames.
struct KeyInfoText {
    std::vector<std::string> certificates;
    std::vector<std::string> key_names;
};

/// A signer whose chain holds.
class KnownSigner {
public:
    const CertificateInfo& info() const { return info_; }
    const std::vector<CertificateInfo>& chain() const { return chain_; }

    /// Is `value` the signer's over the octets? False also for a key that is too short or of another kind.
    bool verifies(const Algorithm& algorithm, const Policy& policy, std::string_view octets, std::string_view value);

private:
    friend class SignerCache;
    struct Ready {
        const Algorithm* algorithm;
        int rsa_bits_min;
        std::string sm2_user_id;
        bool sm2_raw;
        PreparedKey key;
    };

    std::string name_;
    TrustStore trust_;  ///< keeps the store and its certificates
    MessageCertificates certificates_;
    Key key_;
    CertificateInfo info_;
    std::vector<CertificateInfo> chain_;
    std::time_t good_from_ = 0, good_to_ = 0;
    std::vector<Ready> ready_;

    KnownSigner(std::string name, TrustStore trust, MessageCertificates certificates)
        : name_(std::move(name)), trust_(std::move(trust)), certificates_(std::move(certificates)) {}
};

struct SignerCacheCounts {
    std::uint64_t found = 0, judged = 0;
};

class SignerCache {
public:
    explicit SignerCache(std::size_t signers_max) : signers_max_(signers_max) {}

    /// The signer, if the chain holds; nullptr: the reference says what is wrong. Good until the next call.
    KnownSigner* find(const KeyInfoText& text, const Policy& policy, const VerifyOptions& options);

    /// Is `value` that of a pinned key over the octets?
    bool pinned_verifies(const Algorithm& algorithm, const Policy& policy, const VerifyOptions& options,
                         std::string_view octets, std::string_view value) const;

    const SignerCacheCounts& counts() const { return counts_; }

private:
    std::unique_ptr<KnownSigner> judge(const KeyInfoText& text, const Policy& policy, const VerifyOptions& options);

    std::size_t signers_max_;
    std::list<std::unique_ptr<KnownSigner>> used_;  ///< latest first
    std::unordered_map<std::string, std::list<std::unique_ptr<KnownSigner>>::iterator> by_name_;
    std::string name_;
    SignerCacheCounts counts_;
};

}  // namespace hansa::trust
