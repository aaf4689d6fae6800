#include "core/base/keyed_digest.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <stdexcept>
#include <string>

namespace hansa {
namespace {

constexpr std::size_t digest_bytes = 8;

void demand(bool done, const char* what) {
    // Only a broken installation of OpenSSL comes here.
    if (!done) throw std::runtime_error(what);
}

}  // namespace

struct KeyedDigest::State {
    EVP_MAC* mac = nullptr;
    EVP_MAC_CTX* context = nullptr;
    DigestKey key;

    explicit State(const DigestKey& secret) : key(secret) {
        mac = EVP_MAC_fetch(nullptr, "SIPHASH", nullptr);
        demand(mac != nullptr, "OpenSSL has no SipHash");
        context = EVP_MAC_CTX_new(mac);
        std::size_t size = digest_bytes;
        const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_size_t(OSSL_MAC_PARAM_SIZE, &size), OSSL_PARAM_construct_end()};
        demand(context != nullptr && EVP_MAC_CTX_set_params(context, parameters) == 1, "SipHash takes no size");
    }
    ~State() {
        EVP_MAC_CTX_free(context);
        EVP_MAC_free(mac);
    }
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    void begin() const { demand(EVP_MAC_init(context, key.data(), key.size(), nullptr) == 1, "SipHash does not start"); }
    void add(const void* bytes, std::size_t count) const {
        demand(EVP_MAC_update(context, static_cast<const unsigned char*>(bytes), count) == 1, "SipHash takes no bytes");
    }
    std::uint64_t end() const {
        std::array<unsigned char, digest_bytes> bytes{};
        std::size_t written = 0;
        demand(EVP_MAC_final(context, bytes.data(), &written, bytes.size()) == 1 && written == bytes.size(), "SipHash does not end");
        std::uint64_t out = 0;
        for (std::size_t i = bytes.size(); i-- > 0;) out = out << 8 | bytes[i];
        return out;
    }
};

DigestKey random_digest_key() {
    DigestKey key{};
    demand(RAND_bytes(key.data(), static_cast<int>(key.size())) == 1, "no random bytes");
    return key;
}

KeyedDigest::KeyedDigest(const DigestKey& key) : state_(std::make_unique<State>(key)) {}
KeyedDigest::~KeyedDigest() = default;
KeyedDigest::KeyedDigest(KeyedDigest&&) noexcept = default;
KeyedDigest& KeyedDigest::operator=(KeyedDigest&&) noexcept = default;

std::uint64_t KeyedDigest::of(std::string_view text) {
    state_->begin();
    state_->add(text.data(), text.size());
    return state_->end();
}

std::uint64_t KeyedDigest::of(std::span<const std::string> texts) {
    state_->begin();
    for (const std::string& text : texts) {
        std::array<unsigned char, 8> size{};
        for (std::size_t i = 0; i < size.size(); ++i) size[i] = static_cast<unsigned char>(text.size() >> (8 * i));
        state_->add(size.data(), size.size());
        state_->add(text.data(), text.size());
    }
    return state_->end();
}

}  // namespace hansa
