#include "core/exchange/fast_signatures.h"

#include <atomic>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <utility>

#include "core/exchange/pool.h"

namespace hansa::exchange {
namespace {

using Count = std::atomic<std::uint64_t>;

/// Signers of one profile and key; `key` keeps it, so that its address stays its own.
struct Signers {
    explicit Signers(trust::Signer signer) : key(std::move(signer)) {}
    trust::Signer key;
    Pool<trust::FastSigner> pool;
};

}  // namespace

struct FastSignatures::State {
    Pool<trust::FastVerifier> verifiers;
    std::shared_mutex mutex;
    std::map<std::pair<std::string, const trust::Signer::State*>, std::unique_ptr<Signers>> signers;
    Count verified = 0, verify_differed = 0, made = 0, make_left = 0;
    std::array<Count, trust::left_reasons> verify_left{};

    Signers& of(const trust::Profile& profile, const trust::Signer& signer) {
        const std::pair key(profile.name, &signer.state());
        {
            const std::shared_lock lock(mutex);
            if (const auto found = signers.find(key); found != signers.end()) return *found->second;
        }
        const std::lock_guard lock(mutex);
        std::unique_ptr<Signers>& kept = signers[key];
        if (!kept) kept = std::make_unique<Signers>(signer);
        return *kept;
    }
};

FastSignatures::FastSignatures() : state_(std::make_unique<State>()) {}
FastSignatures::~FastSignatures() = default;

trust::FastVerification FastSignatures::verify(std::string_view bytes, const trust::Profile& profile,
                                               const trust::VerifyOptions& options) const {
    const auto verifier = state_->verifiers.take(
        [] { return std::make_unique<trust::FastVerifier>(trust::FastVerifyOptions{.keep_octets = true}); });
    const std::uint64_t differed = verifier->counts().differed;
    trust::FastVerification found = verifier->verify(bytes, profile, options);
    if (found.fast)
        ++state_->verified;
    else
        ++state_->verify_left[static_cast<std::size_t>(found.left)];
    state_->verify_differed += verifier->counts().differed - differed;
    return found;
}

Result<std::string> FastSignatures::sign(std::string_view written, const trust::Profile& profile,
                                         const trust::Signer& signer, const trust::SignOptions& options) const {
    std::optional<Error> unfit;
    const auto worker = state_->of(profile, signer).pool.take([&]() -> std::unique_ptr<trust::FastSigner> {
        auto made = trust::FastSigner::make(profile, signer);
        if (made) return std::make_unique<trust::FastSigner>(*std::move(made));
        unfit = made.error();
        return nullptr;
    });
    if (!worker) return *unfit;
    const std::uint64_t fast = worker->counts().fast;
    auto out = worker->sign(trust::canonical_document(written), options);
    ++(worker->counts().fast != fast ? state_->made : state_->make_left);
    return out;
}

SignatureCounts FastSignatures::counts() const {
    SignatureCounts out;
    out.verified = state_->verified;
    for (std::size_t i = 0; i < trust::left_reasons; ++i) out.verify_left[i] = state_->verify_left[i];
    out.verify_differed = state_->verify_differed;
    out.made = state_->made;
    out.make_left = state_->make_left;
    return out;
}

}  // namespace hansa::exchange
