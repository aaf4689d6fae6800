// Both ways of verification on the same bytes, compared.
#pragma once

#include <string>
#include <string_view>

#include "core/trust/fast_verify.h"
#include "core/xml/fast_canonical.h"

namespace hansa::test {

/// What differs between two reports that should say the same, or empty.
inline std::string difference(const trust::Verification& fast, const trust::Verification& reference) {
    if (fast.valid != reference.valid) {
        return fast.valid ? "only the fast way accepts" : "only the reference accepts";
    }
    if (fast.errors.size() != reference.errors.size()) return "number of errors";
    for (std::size_t i = 0; i < fast.errors.size(); ++i) {
        if (fast.errors[i].text() != reference.errors[i].text()) return "error " + fast.errors[i].text();
    }
    if (fast.policy != reference.policy || fast.signature_method != reference.signature_method ||
        fast.digest_methods != reference.digest_methods || fast.signing_time != reference.signing_time) {
        return "what the signature states";
    }
    if (fast.signer != reference.signer || fast.chain != reference.chain) return "the signer";
    if (fast.covered.size() != reference.covered.size()) return "number of covered parts";
    for (std::size_t i = 0; i < fast.covered.size(); ++i) {
        const trust::Covered &a = fast.covered[i], &b = reference.covered[i];
        if (a.id != b.id || a.whole_document != b.whole_document) return "what is covered";
        if (a.path != b.path) return "path " + a.path + " for " + b.path;
        if (a.octets != b.octets) return "octets";
    }
    return {};
}

/// Runs a verifier that keeps octets, and the reference. `found` gets the fast way's answer.
inline std::string difference(trust::FastVerifier& verifier, std::string_view bytes, const trust::Policy& policy,
                              const trust::VerifyOptions& options, trust::FastVerification& found) {
    const std::uint64_t differed = verifier.counts().differed;
    found = verifier.verify(bytes, policy, options);
    const trust::Verification reference = trust::verify(bytes, policy, options);
    if (std::string what = difference(found.report, reference); !what.empty()) return what;
    if (verifier.counts().differed != differed) {
        return "the fast way took it for wrong: " + std::string(name_of(found.left));
    }
    if (found.fast && found.ranges.size() != found.report.covered.size()) return "number of ranges";
    return {};
}

}  // namespace hansa::test
