// The gateway's own keys: which signer serves which signature profile.
//
// Loaded by the daemon from files that only it may read; nothing else of the house opens a key.
// Immutable; any thread.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/trust/certificates.h"
#include "core/trust/sign.h"

namespace hansa::exchange {

struct Keyring {
    std::map<std::string, trust::Signer, std::less<>> by_profile;
    /// Trust stores by agency id: the authorities that this agency's signatures must chain to.
    std::map<std::string, trust::TrustStore, std::less<>> trust_of;
    /// The same for consents of the agency's subjects, where it has a folder of its own for them.
    std::map<std::string, trust::TrustStore, std::less<>> consent_trust_of;
    /// Signs receipts (profile enveloped.ecdsa-p256-sha256 or enveloped.rsa-sha256).
    std::string receipt_profile = "enveloped.ecdsa-p256-sha256";

    const trust::Signer* signer(std::string_view profile) const {
        const auto found = by_profile.find(profile);
        return found == by_profile.end() ? nullptr : &found->second;
    }
    const trust::TrustStore* trust(std::string_view agency) const {
        const auto found = trust_of.find(agency);
        return found == trust_of.end() ? nullptr : &found->second;
    }
    const trust::TrustStore* consent_trust(std::string_view agency) const {
        const auto found = consent_trust_of.find(agency);
        return found == consent_trust_of.end() ? nullptr : &found->second;
    }
};

}  // namespace hansa::exchange
