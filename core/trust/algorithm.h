// The algorithms that the core can do, and one operation of each: digest, sign, verify.
//
// A table row has a word of ours, the identifier that standards gave it (none for SM2 and SM3:
// authorities invent their own, see Profile::names), what key it needs and whether it is weak.
// An identifier that is in no row and no profile is refused, never guessed.
//
// Sources: XML Signature 1.1 section 6, RFC 9231, GM/T 0009 and GB/T 32918 (SM2), GB/T 32905 (SM3).
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/trust/profile.h"

struct evp_pkey_st;  // OpenSSL's own name for EVP_PKEY

namespace hansa::trust {

enum class KeyNeed { none, rsa, rsa_pss, ec, sm2, ed25519, ed448 };

struct Algorithm {
    std::string_view word;
    std::string_view uri;
    KeyNeed key = KeyNeed::none;   ///< none: a digest
    std::string_view digest = {};  ///< OpenSSL's name; empty for Ed25519 and Ed448
    bool weak = false;
};

std::span<const Algorithm> algorithms();

/// The row behind an identifier: the given names first, then the table. nullptr: not known.
const Algorithm* find_algorithm(std::string_view uri, const std::vector<AlgorithmName>& names);

struct KeyFree {
    void operator()(evp_pkey_st* key) const;
};
using Key = std::unique_ptr<evp_pkey_st, KeyFree>;

/// How SM2 is used by a profile; other algorithms ignore it.
struct Sm2Use {
    std::string_view user_id;
    bool raw = true;
};

/// Is the key of the kind and, for RSA, at least of the size that is needed? Curves: P-256, P-384, P-521.
/// Errors: trust.key-unfit, trust.key-weak
Result<void> check_key(const Algorithm& algorithm, const evp_pkey_st& key, int rsa_bits_min);

/// Errors: trust.algorithm-refused if this OpenSSL lacks it
Result<std::string> digest_of(const Algorithm& algorithm, std::string_view octets);

/// The same of octets in pieces. Errors: trust.algorithm-refused
Result<std::string> digest_of(const Algorithm& algorithm, std::span<const std::string_view> pieces);

/// A key made ready for one algorithm, for who signs or verifies often: the library's preparations are
/// done once. Keeps the key. Movable; one thread at a time.
class PreparedKey {
public:
    enum class For { signing, verifying };
    /// Errors: trust.key-unfit
    static Result<PreparedKey> make(const Algorithm& algorithm, evp_pkey_st& key, Sm2Use sm2, For use);
    PreparedKey(PreparedKey&&) noexcept;
    PreparedKey& operator=(PreparedKey&&) noexcept;
    ~PreparedKey();

    /// As sign_octets and verify_octets. Errors: trust.key-unfit; trust.signature-wrong
    Result<std::string> sign(std::string_view octets) const;
    Result<void> verify(std::string_view octets, std::string_view value) const;

private:
    struct State;
    explicit PreparedKey(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

/// The value as SignatureValue holds it (r||s for ECDSA). Errors: trust.key-unfit
Result<std::string> sign_octets(const Algorithm& algorithm, evp_pkey_st& key, std::string_view octets, Sm2Use sm2);

/// Errors: trust.signature-wrong
Result<void> verify_octets(const Algorithm& algorithm, evp_pkey_st& key, std::string_view octets,
                           std::string_view value, Sm2Use sm2);

}  // namespace hansa::trust
