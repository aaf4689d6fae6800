#include "core/trust/fast_certificates.h"

#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <limits>

#include "core/base/digest.h"

namespace hansa::trust {
namespace {

struct Window {
    std::time_t from = std::numeric_limits<std::time_t>::min();
    std::time_t to = std::numeric_limits<std::time_t>::max();

    void narrow(std::optional<std::time_t> lower, std::optional<std::time_t> upper) {
        // What cannot be read ends the window: then nothing is kept.
        from = std::max(from, lower.value_or(std::numeric_limits<std::time_t>::max()));
        to = std::min(to, upper.value_or(std::numeric_limits<std::time_t>::min()));
    }
};

std::optional<std::time_t> moment(const std::string& iso) {
    const auto time = parse_iso(iso);
    if (!time) return std::nullopt;
    return static_cast<std::time_t>(milliseconds_since_epoch(*time) / 1'000);
}

std::optional<std::time_t> moment(const ASN1_TIME* time) {
    int days = 0, seconds = 0;
    ASN1_TIME* epoch = ASN1_TIME_set(nullptr, 0);
    const bool good = time != nullptr && epoch != nullptr && ASN1_TIME_diff(&days, &seconds, epoch, time) == 1;
    ASN1_TIME_free(epoch);
    if (!good) return std::nullopt;
    return std::time_t{days} * 86'400 + seconds;
}

Window window_of(const TrustStore& trust, const std::vector<CertificateInfo>& chain) {
    Window window;
    for (const CertificateInfo& one : chain) window.narrow(moment(one.not_before), moment(one.not_after));
    if (!trust.state().has_lists) return window;
    X509_STORE* store = trust.state().store.get();
    X509_STORE_lock(store);
    STACK_OF(X509_OBJECT)* objects = X509_STORE_get0_objects(store);
    for (int i = 0; i < sk_X509_OBJECT_num(objects); ++i) {
        X509_CRL* list = X509_OBJECT_get0_X509_CRL(sk_X509_OBJECT_value(objects, i));
        if (list == nullptr) continue;
        const ASN1_TIME* next = X509_CRL_get0_nextUpdate(list);
        // A list without a next one has no end.
        window.narrow(moment(X509_CRL_get0_lastUpdate(list)),
                      next == nullptr ? std::numeric_limits<std::time_t>::max() : moment(next));
    }
    X509_STORE_unlock(store);
    return window;
}

/// What the verdict depends on, but for the time.
void name_signer(std::string& name, const KeyInfoText& text, const Policy& policy, const TrustStore& trust) {
    name.clear();
    const auto add = [&](char kind, const std::string& part) {
        name += kind;
        name += std::to_string(part.size());
        name += ':';
        name += part;
    };
    const TrustStore::State* store = &trust.state();
    name.append(reinterpret_cast<const char*>(&store), sizeof(store));
    name += policy.weak_allowed.empty() ? 's' : 'w';
    for (const std::string& one : text.certificates) add('c', one);
    for (const std::string& one : text.key_names) add('n', one);
}

}  // namespace

bool KnownSigner::verifies(const Algorithm& algorithm, const Policy& policy, std::string_view octets,
                           std::string_view value) {
    const auto fits = [&](const Ready& one) {
        return one.algorithm == &algorithm && one.rsa_bits_min == policy.rsa_bits_min &&
               one.sm2_user_id == policy.sm2_user_id && one.sm2_raw == policy.sm2_raw;
    };
    auto found = std::ranges::find_if(ready_, fits);
    if (found == ready_.end()) {
        if (!check_key(algorithm, *key_, policy.rsa_bits_min)) return false;
        auto key =
            PreparedKey::make(algorithm, *key_, {policy.sm2_user_id, policy.sm2_raw}, PreparedKey::For::verifying);
        if (!key) return false;
        constexpr std::size_t ready_most = 8;
        if (ready_.size() == ready_most) ready_.clear();
        ready_.push_back({&algorithm, policy.rsa_bits_min, policy.sm2_user_id, policy.sm2_raw, *std::move(key)});
        found = std::prev(ready_.end());
    }
    return found->key.verify(octets, value).has_value();
}

KnownSigner* SignerCache::find(const KeyInfoText& text, const Policy& policy, const VerifyOptions& options) {
    if (options.trust == nullptr) return nullptr;
    name_signer(name_, text, policy, *options.trust);
    const auto known = by_name_.find(name_);
    if (known != by_name_.end()) {
        used_.splice(used_.begin(), used_, known->second);
        KnownSigner& signer = **used_.begin();
        const std::time_t at = moment_of(options);
        if (at >= signer.good_from_ && at <= signer.good_to_) {
            ++counts_.found;
            return &signer;
        }
        by_name_.erase(known);
        used_.pop_front();
    }
    ++counts_.judged;
    auto signer = judge(text, policy, options);
    if (!signer) return nullptr;
    if (used_.size() >= signers_max_) {
        by_name_.erase(used_.back()->name_);
        used_.pop_back();
    }
    used_.push_front(std::move(signer));
    by_name_[name_] = used_.begin();
    return used_.front().get();
}

std::unique_ptr<KnownSigner> SignerCache::judge(const KeyInfoText& text, const Policy& policy,
                                                const VerifyOptions& options) {
    ParsedSignature parsed;
    parsed.key_names = text.key_names;
    for (const std::string& one : text.certificates) {
        auto der = from_base64(one);
        if (!der || der->empty()) return nullptr;
        parsed.certificates.push_back(*std::move(der));
    }
    auto certificates = MessageCertificates::read(parsed, options.trust);
    if (!certificates) return nullptr;
    auto chain = check_chain(*options.trust, {.leaf = certificates->leaf(),
                                              .untrusted = certificates->all(),
                                              .at = moment_of(options),
                                              .weak_allowed = !policy.weak_allowed.empty()});
    if (!chain) return nullptr;
    const Window window = window_of(*options.trust, *chain);
    std::unique_ptr<KnownSigner> signer(new KnownSigner(name_, *options.trust, *std::move(certificates)));
    signer->key_.reset(X509_get_pubkey(signer->certificates_.leaf()));
    ERR_clear_error();
    if (!signer->key_) return nullptr;
    signer->info_ = describe(*signer->certificates_.leaf());
    signer->chain_ = *std::move(chain);
    signer->good_from_ = window.from;
    signer->good_to_ = window.to;
    return signer;
}

bool SignerCache::pinned_verifies(const Algorithm& algorithm, const Policy& policy, const VerifyOptions& options,
                                  std::string_view octets, std::string_view value) const {
    for (const std::string& pem : options.pinned_keys) {
        const auto key = read_public_key(pem);
        if (key && check_key(algorithm, **key, policy.rsa_bits_min) &&
            verify_octets(algorithm, **key, octets, value, {policy.sm2_user_id, policy.sm2_raw})) {
            return true;
        }
    }
    return false;
}

}  // namespace hansa::trust
