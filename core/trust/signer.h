// The inside of a Signer: OpenSSL's key and certificates. Inside of core/trust only.
#pragma once

#include "core/trust/sign.h"
#include "core/trust/x509.h"

namespace hansa::trust {

struct Signer::State {
    Key key;
    std::vector<Certificate> certificates;  ///< the signer's first
};

/// An unencrypted PEM key. Errors: trust.key-unusable
Result<Key> read_private_key(std::string_view pem);

}  // namespace hansa::trust
