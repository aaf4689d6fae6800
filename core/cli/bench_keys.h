// Keys and certificates of a bench run: made at its start, kept nowhere.
#pragma once

#include <string>

#include "core/base/result.h"
#include "core/cli/bench_peer.h"
#include "core/plugin/registry.h"
#include "core/trust/profile.h"

namespace hansa::bench {

struct Keys {
    std::string key, certificate;  ///< PEM, of the signer
    std::string root;              ///< PEM, what verifiers trust
};

/// The same object for the same algorithm, made when first asked. One thread.
const Keys& keys_of(Algorithm algorithm);

/// The word that ends a PROFILE, or a profile's own name: "enveloped.rsa", "enveloped.sm2",
/// "enveloped.ecdsa-p256-sha256". Algorithm::none: not known.
Algorithm algorithm_of(std::string_view profile, const plugin::Registry& registry);

/// Enveloped, with that algorithm. nullptr: no plugin brings one (SM2).
const trust::Profile* profile_of(Algorithm algorithm, const plugin::Registry& registry);

}  // namespace hansa::bench
