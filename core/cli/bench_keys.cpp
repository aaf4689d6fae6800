#include "core/cli/bench_keys.h"

#include <map>

#include "core/trust/keygen.h"

namespace hansa::bench {
namespace {

Keys make(Algorithm algorithm) {
    const trust::KeyKind kind = algorithm == Algorithm::rsa   ? trust::KeyKind::rsa2048
                                : algorithm == Algorithm::sm2 ? trust::KeyKind::sm2
                                                              : trust::KeyKind::p256;
    const std::string root_key = trust::make_key(kind).value();
    Keys out;
    out.root =
        trust::self_signed(root_key, {.common_name = "bench root", .organization = "Hansa", .authority = true}).value();
    out.key = trust::make_key(kind).value();
    out.certificate =
        trust::issue(root_key, out.root, out.key, {.common_name = "bench signer", .organization = "Hansa"}).value();
    return out;
}

}  // namespace

const Keys& keys_of(Algorithm algorithm) {
    static std::map<Algorithm, Keys> made;
    const auto found = made.find(algorithm);
    return found == made.end() ? made.emplace(algorithm, make(algorithm)).first->second : found->second;
}

Algorithm algorithm_of(std::string_view profile, const plugin::Registry& registry) {
    std::string_view word = profile;
    if (const trust::Profile* known = registry.profile(profile); known != nullptr) {
        word = known->signature_method;
        if (word.find("sm2") != word.npos) return Algorithm::sm2;
        if (word.find("ecdsa") != word.npos) return Algorithm::ecdsa;
        if (word.find("rsa-sha256") != word.npos) return Algorithm::rsa;
        return Algorithm::none;
    }
    if (word.ends_with("ecdsa")) return Algorithm::ecdsa;
    if (word.ends_with("rsa")) return Algorithm::rsa;
    if (word.ends_with("sm2")) return Algorithm::sm2;
    return Algorithm::none;
}

const trust::Profile* profile_of(Algorithm algorithm, const plugin::Registry& registry) {
    switch (algorithm) {
        case Algorithm::rsa:
            return trust::core_profile("enveloped.rsa-sha256");
        case Algorithm::ecdsa:
            return trust::core_profile("enveloped.ecdsa-p256-sha256");
        case Algorithm::sm2:
            return registry.profile("cn.import.sm2-sm3");
        case Algorithm::none:
            break;
    }
    return nullptr;
}

}  // namespace hansa::bench
