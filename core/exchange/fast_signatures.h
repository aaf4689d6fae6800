// Signatures in the gateway, the fast way: trust::FastVerifier and trust::FastSigner, lent from message to message.
//
// What they do not cover they leave to trust::verify and trust::sign themselves, which give the answer then; how often
// and why is counted. A verdict "good" of the fast way is trust::verify's by the same policy (fast_verify.h); the
// shadow (engines.h) asks both.
//
// Threads: any. Verifiers know signers by their trust store, signers their key: a reload may keep them or not.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/trust/fast_sign.h"
#include "core/trust/fast_verify.h"

namespace hansa::exchange {

struct SignatureCounts {
    std::uint64_t verified = 0;                                  ///< without the reference
    std::array<std::uint64_t, trust::left_reasons> verify_left{};  ///< by reason
    std::uint64_t verify_differed = 0;  ///< left for what looked wrong, and yet good: a fault of ours
    std::uint64_t made = 0;             ///< signatures without the reference
    std::uint64_t make_left = 0;
};

class FastSignatures {
public:
    FastSignatures();
    ~FastSignatures();

    /// As trust::verify; octets are filled in either case.
    trust::FastVerification verify(std::string_view bytes, const trust::Profile& profile,
                                   const trust::VerifyOptions& options) const;

    /// As trust::sign for a document that write_tree, a plan or wrap_batch wrote: canonical behind its XML declaration.
    /// Errors: as trust::sign
    Result<std::string> sign(std::string_view written, const trust::Profile& profile, const trust::Signer& signer,
                             const trust::SignOptions& options) const;

    SignatureCounts counts() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace hansa::exchange
