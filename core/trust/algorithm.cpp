#include "core/trust/algorithm.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/rsa.h>

#include <array>
#include <optional>

#include "core/trust/codes.h"

namespace hansa::trust {
namespace {

constexpr Algorithm rows[] = {
    {"sha1", "http://www.w3.org/2000/09/xmldsig#sha1", KeyNeed::none, "SHA1", true},
    {"sha224", "http://www.w3.org/2001/04/xmldsig-more#sha224", KeyNeed::none, "SHA224"},
    {"sha256", "http://www.w3.org/2001/04/xmlenc#sha256", KeyNeed::none, "SHA256"},
    {"sha384", "http://www.w3.org/2001/04/xmldsig-more#sha384", KeyNeed::none, "SHA384"},
    {"sha512", "http://www.w3.org/2001/04/xmlenc#sha512", KeyNeed::none, "SHA512"},
    {"sha3-224", "http://www.w3.org/2007/05/xmldsig-more#sha3-224", KeyNeed::none, "SHA3-224"},
    {"sha3-256", "http://www.w3.org/2007/05/xmldsig-more#sha3-256", KeyNeed::none, "SHA3-256"},
    {"sha3-384", "http://www.w3.org/2007/05/xmldsig-more#sha3-384", KeyNeed::none, "SHA3-384"},
    {"sha3-512", "http://www.w3.org/2007/05/xmldsig-more#sha3-512", KeyNeed::none, "SHA3-512"},
    {"sm3", "", KeyNeed::none, "SM3"},
    {"rsa-sha1", "http://www.w3.org/2000/09/xmldsig#rsa-sha1", KeyNeed::rsa, "SHA1", true},
    {"rsa-sha224", "http://www.w3.org/2001/04/xmldsig-more#rsa-sha224", KeyNeed::rsa, "SHA224"},
    {"rsa-sha256", "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", KeyNeed::rsa, "SHA256"},
    {"rsa-sha384", "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384", KeyNeed::rsa, "SHA384"},
    {"rsa-sha512", "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512", KeyNeed::rsa, "SHA512"},
    {"rsa-pss-sha224", "http://www.w3.org/2007/05/xmldsig-more#sha224-rsa-MGF1", KeyNeed::rsa_pss, "SHA224"},
    {"rsa-pss-sha256", "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1", KeyNeed::rsa_pss, "SHA256"},
    {"rsa-pss-sha384", "http://www.w3.org/2007/05/xmldsig-more#sha384-rsa-MGF1", KeyNeed::rsa_pss, "SHA384"},
    {"rsa-pss-sha512", "http://www.w3.org/2007/05/xmldsig-more#sha512-rsa-MGF1", KeyNeed::rsa_pss, "SHA512"},
    {"rsa-pss-sha3-224", "http://www.w3.org/2007/05/xmldsig-more#sha3-224-rsa-MGF1", KeyNeed::rsa_pss, "SHA3-224"},
    {"rsa-pss-sha3-256", "http://www.w3.org/2007/05/xmldsig-more#sha3-256-rsa-MGF1", KeyNeed::rsa_pss, "SHA3-256"},
    {"rsa-pss-sha3-384", "http://www.w3.org/2007/05/xmldsig-more#sha3-384-rsa-MGF1", KeyNeed::rsa_pss, "SHA3-384"},
    {"rsa-pss-sha3-512", "http://www.w3.org/2007/05/xmldsig-more#sha3-512-rsa-MGF1", KeyNeed::rsa_pss, "SHA3-512"},
    {"ecdsa-sha1", "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha1", KeyNeed::ec, "SHA1", true},
    {"ecdsa-sha224", "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha224", KeyNeed::ec, "SHA224"},
    {"ecdsa-sha256", "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256", KeyNeed::ec, "SHA256"},
    {"ecdsa-sha384", "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384", KeyNeed::ec, "SHA384"},
    {"ecdsa-sha512", "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512", KeyNeed::ec, "SHA512"},
    {"ecdsa-sha3-224", "http://www.w3.org/2021/04/xmldsig-more#ecdsa-sha3-224", KeyNeed::ec, "SHA3-224"},
    {"ecdsa-sha3-256", "http://www.w3.org/2021/04/xmldsig-more#ecdsa-sha3-256", KeyNeed::ec, "SHA3-256"},
    {"ecdsa-sha3-384", "http://www.w3.org/2021/04/xmldsig-more#ecdsa-sha3-384", KeyNeed::ec, "SHA3-384"},
    {"ecdsa-sha3-512", "http://www.w3.org/2021/04/xmldsig-more#ecdsa-sha3-512", KeyNeed::ec, "SHA3-512"},
    {"ed25519", "http://www.w3.org/2021/04/xmldsig-more#eddsa-ed25519", KeyNeed::ed25519},
    {"ed448", "http://www.w3.org/2021/04/xmldsig-more#eddsa-ed448", KeyNeed::ed448},
    {"sm2-sm3", "", KeyNeed::sm2, "SM3"},
};

struct ContextFree {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
    void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
    void operator()(ECDSA_SIG* signature) const { ECDSA_SIG_free(signature); }
};
using MdContext = std::unique_ptr<EVP_MD_CTX, ContextFree>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, ContextFree>;
using EcSignature = std::unique_ptr<ECDSA_SIG, ContextFree>;

const unsigned char* octets_of(std::string_view bytes) {
    return reinterpret_cast<const unsigned char*>(bytes.data());
}

unsigned char* room_of(std::string& bytes) {
    return reinterpret_cast<unsigned char*>(bytes.data());
}

/// The table's digest names are literals, so they end in a null.
const EVP_MD* method_of(const Algorithm& algorithm) {
    return algorithm.digest.empty() ? nullptr : EVP_get_digestbyname(algorithm.digest.data());
}

/// Octets of one of r and s: those of the curve's order.
std::size_t half_of(const EVP_PKEY& key) {
    return (static_cast<std::size_t>(EVP_PKEY_get_bits(&key)) + 7) / 8;
}

std::optional<std::string> der_to_raw(std::string_view der, std::size_t half) {
    const unsigned char* at = octets_of(der);
    const EcSignature parsed(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
    std::string raw(half * 2, '\0');
    const int size = static_cast<int>(half);
    if (!parsed || BN_bn2binpad(ECDSA_SIG_get0_r(parsed.get()), room_of(raw), size) != size ||
        BN_bn2binpad(ECDSA_SIG_get0_s(parsed.get()), room_of(raw) + half, size) != size) {
        return std::nullopt;
    }
    return raw;
}

std::optional<std::string> raw_to_der(std::string_view raw, std::size_t half) {
    if (raw.size() != half * 2) return std::nullopt;
    const EcSignature signature(ECDSA_SIG_new());
    BIGNUM* r = BN_bin2bn(octets_of(raw), static_cast<int>(half), nullptr);
    BIGNUM* s = BN_bin2bn(octets_of(raw.substr(half)), static_cast<int>(half), nullptr);
    if (!signature || r == nullptr || s == nullptr || ECDSA_SIG_set0(signature.get(), r, s) != 1) {
        BN_free(r);
        BN_free(s);
        return std::nullopt;
    }
    const int length = i2d_ECDSA_SIG(signature.get(), nullptr);
    if (length <= 0) return std::nullopt;
    std::string der(static_cast<std::size_t>(length), '\0');
    unsigned char* at = room_of(der);
    i2d_ECDSA_SIG(signature.get(), &at);
    return der;
}

/// A context made ready for signing or verifying; both halves live as long as it is used.
struct Operation {
    MdContext context;
    KeyContext sm2;  ///< SM2 alone brings a key context of its own: its user id is set before the init
};

std::optional<Operation> begin(const Algorithm& algorithm, EVP_PKEY& key, Sm2Use use, bool signing) {
    Operation operation{MdContext(EVP_MD_CTX_new()), nullptr};
    if (!operation.context) return std::nullopt;
    if (algorithm.key == KeyNeed::sm2) {
        operation.sm2.reset(EVP_PKEY_CTX_new(&key, nullptr));
        if (!operation.sm2) return std::nullopt;
        if (!use.user_id.empty() &&
            EVP_PKEY_CTX_set1_id(operation.sm2.get(), use.user_id.data(), static_cast<int>(use.user_id.size())) != 1) {
            return std::nullopt;
        }
        EVP_MD_CTX_set_pkey_ctx(operation.context.get(), operation.sm2.get());
    }
    EVP_PKEY_CTX* inner = nullptr;
    const EVP_MD* method = method_of(algorithm);
    const int done = signing ? EVP_DigestSignInit(operation.context.get(), &inner, method, nullptr, &key)
                             : EVP_DigestVerifyInit(operation.context.get(), &inner, method, nullptr, &key);
    if (done != 1) return std::nullopt;
    // RFC 9231 section 2.3.10: salt as long as the digest, MGF1 with the same digest.
    if (algorithm.key == KeyNeed::rsa_pss && (EVP_PKEY_CTX_set_rsa_padding(inner, RSA_PKCS1_PSS_PADDING) != 1 ||
                                              EVP_PKEY_CTX_set_rsa_pss_saltlen(inner, RSA_PSS_SALTLEN_DIGEST) != 1)) {
        return std::nullopt;
    }
    return operation;
}

bool value_is_raw(const Algorithm& algorithm, Sm2Use use) {
    return algorithm.key == KeyNeed::ec || (algorithm.key == KeyNeed::sm2 && use.raw);
}

bool is_accepted_curve(const EVP_PKEY& key) {
    std::array<char, 64> name{};
    std::size_t length = 0;
    if (EVP_PKEY_get_group_name(&key, name.data(), name.size(), &length) != 1) return false;
    const std::string_view curve(name.data(), length);
    return curve == SN_X9_62_prime256v1 || curve == SN_secp384r1 || curve == SN_secp521r1;
}

bool is_of_kind(KeyNeed need, const EVP_PKEY& key) {
    switch (need) {
        case KeyNeed::rsa:
            return EVP_PKEY_is_a(&key, "RSA") == 1;
        case KeyNeed::rsa_pss:
            return EVP_PKEY_is_a(&key, "RSA") == 1 || EVP_PKEY_is_a(&key, "RSA-PSS") == 1;
        case KeyNeed::ec:
            return EVP_PKEY_is_a(&key, "EC") == 1 && is_accepted_curve(key);
        case KeyNeed::sm2:
            return EVP_PKEY_is_a(&key, "SM2") == 1;
        case KeyNeed::ed25519:
            return EVP_PKEY_is_a(&key, "ED25519") == 1;
        case KeyNeed::ed448:
            return EVP_PKEY_is_a(&key, "ED448") == 1;
        case KeyNeed::none:
            return false;
    }
    return false;
}

}  // namespace

std::span<const Algorithm> algorithms() {
    return rows;
}

const Algorithm* find_algorithm(std::string_view uri, const std::vector<AlgorithmName>& names) {
    for (const AlgorithmName& name : names) {
        if (name.uri != uri) continue;
        for (const Algorithm& row : rows) {
            if (row.word == name.algorithm) return &row;
        }
        return nullptr;
    }
    for (const Algorithm& row : rows) {
        if (!row.uri.empty() && row.uri == uri) return &row;
    }
    return nullptr;
}

void KeyFree::operator()(evp_pkey_st* key) const {
    EVP_PKEY_free(key);
}

Result<void> check_key(const Algorithm& algorithm, const evp_pkey_st& key, int rsa_bits_min) {
    if (!is_of_kind(algorithm.key, key)) {
        return Error{codes::key_unfit, std::string(algorithm.word) + " needs another kind of key"};
    }
    const bool is_rsa = algorithm.key == KeyNeed::rsa || algorithm.key == KeyNeed::rsa_pss;
    if (is_rsa && EVP_PKEY_get_bits(&key) < rsa_bits_min) {
        return Error{codes::key_weak, "RSA of " + std::to_string(EVP_PKEY_get_bits(&key)) + " bits, at least " +
                                          std::to_string(rsa_bits_min) + " are needed"};
    }
    return {};
}

Result<std::string> digest_of(const Algorithm& algorithm, std::string_view octets) {
    const EVP_MD* method = algorithm.key == KeyNeed::none ? method_of(algorithm) : nullptr;
    std::string value(EVP_MAX_MD_SIZE, '\0');
    unsigned length = 0;
    if (method == nullptr || EVP_Digest(octets.data(), octets.size(), room_of(value), &length, method, nullptr) != 1) {
        return Error{codes::algorithm_refused, std::string(algorithm.word) + " is not available"};
    }
    value.resize(length);
    return value;
}

Result<std::string> digest_of(const Algorithm& algorithm, std::span<const std::string_view> pieces) {
    const EVP_MD* method = algorithm.key == KeyNeed::none ? method_of(algorithm) : nullptr;
    const MdContext context(EVP_MD_CTX_new());
    std::string value(EVP_MAX_MD_SIZE, '\0');
    unsigned length = 0;
    bool good = method != nullptr && context && EVP_DigestInit_ex(context.get(), method, nullptr) == 1;
    for (const std::string_view piece : pieces) {
        good = good && EVP_DigestUpdate(context.get(), piece.data(), piece.size()) == 1;
    }
    if (!good || EVP_DigestFinal_ex(context.get(), room_of(value), &length) != 1) {
        return Error{codes::algorithm_refused, std::string(algorithm.word) + " is not available"};
    }
    value.resize(length);
    return value;
}

// --- one key, many values ----------------------------------------------------------------------

/// The prepared operation is a pattern: each signature works on a copy of it.
struct PreparedKey::State {
    const Algorithm& algorithm;
    Key key;
    std::string sm2_user_id;
    bool raw = false;
    Operation pattern;
    MdContext copy;
};

PreparedKey::PreparedKey(std::unique_ptr<State> state) : state_(std::move(state)) {}
PreparedKey::PreparedKey(PreparedKey&&) noexcept = default;
PreparedKey& PreparedKey::operator=(PreparedKey&&) noexcept = default;
PreparedKey::~PreparedKey() = default;

Result<PreparedKey> PreparedKey::make(const Algorithm& algorithm, evp_pkey_st& key, Sm2Use sm2, For use) {
    EVP_PKEY_up_ref(&key);
    auto state = std::make_unique<State>(State{algorithm, Key(&key), std::string(sm2.user_id),
                                               value_is_raw(algorithm, sm2), {}, MdContext(EVP_MD_CTX_new())});
    auto pattern = begin(algorithm, key, {state->sm2_user_id, sm2.raw}, use == For::signing);
    ERR_clear_error();
    if (!pattern || !state->copy) {
        const std::string_view what = use == For::signing ? "sign" : "verify";
        return Error{codes::key_unfit, "the key cannot " + std::string(what) + " with " + std::string(algorithm.word)};
    }
    state->pattern = *std::move(pattern);
    return PreparedKey(std::move(state));
}

Result<std::string> PreparedKey::sign(std::string_view octets) const {
    const Error failed{codes::key_unfit, "the key cannot sign with " + std::string(state_->algorithm.word)};
    EVP_MD_CTX* context = state_->copy.get();
    std::size_t length = 0;
    ERR_clear_error();
    if (EVP_MD_CTX_copy_ex(context, state_->pattern.context.get()) != 1 ||
        EVP_DigestSign(context, nullptr, &length, octets_of(octets), octets.size()) != 1) {
        return failed;
    }
    std::string value(length, '\0');
    if (EVP_DigestSign(context, room_of(value), &length, octets_of(octets), octets.size()) != 1) return failed;
    value.resize(length);
    if (!state_->raw) return value;
    auto raw = der_to_raw(value, half_of(*state_->key));
    if (!raw) return failed;
    return *std::move(raw);
}

Result<void> PreparedKey::verify(std::string_view octets, std::string_view value) const {
    const Error wrong{codes::signature_wrong, "the value does not verify with " + std::string(state_->algorithm.word)};
    std::string der(value);
    if (state_->raw) {
        auto converted = raw_to_der(value, half_of(*state_->key));
        if (!converted) return wrong;
        der = *std::move(converted);
    }
    EVP_MD_CTX* context = state_->copy.get();
    const bool good = EVP_MD_CTX_copy_ex(context, state_->pattern.context.get()) == 1 &&
                      EVP_DigestVerify(context, octets_of(der), der.size(), octets_of(octets), octets.size()) == 1;
    ERR_clear_error();
    if (!good) return wrong;
    return {};
}

Result<std::string> sign_octets(const Algorithm& algorithm, evp_pkey_st& key, std::string_view octets, Sm2Use sm2) {
    const auto prepared = PreparedKey::make(algorithm, key, sm2, PreparedKey::For::signing);
    if (!prepared) return prepared.error();
    return prepared->sign(octets);
}

Result<void> verify_octets(const Algorithm& algorithm, evp_pkey_st& key, std::string_view octets,
                           std::string_view value, Sm2Use sm2) {
    const auto prepared = PreparedKey::make(algorithm, key, sm2, PreparedKey::For::verifying);
    if (!prepared) {
        return Error{codes::signature_wrong, "the value does not verify with " + std::string(algorithm.word)};
    }
    return prepared->verify(octets, value);
}

}  // namespace hansa::trust
