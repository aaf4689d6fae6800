#include "core/base/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "core/base/codes.h"

namespace hansa {
namespace {

const EVP_MD* method(DigestAlgorithm algorithm) {
    switch (algorithm) {
        case DigestAlgorithm::sha1: return EVP_sha1();
        case DigestAlgorithm::sha256: return EVP_sha256();
        case DigestAlgorithm::sha384: return EVP_sha384();
        case DigestAlgorithm::sha512: return EVP_sha512();
        case DigestAlgorithm::sm3: return EVP_sm3();
    }
    throw BrokenPromise("unknown digest algorithm");
}

void promise(int done) {
    if (done != 1) throw BrokenPromise("OpenSSL refused a digest operation");
}

}  // namespace

struct Digest::State {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    State() = default;
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() { EVP_MD_CTX_free(context); }
};

Digest::Digest(DigestAlgorithm algorithm) : state_(std::make_unique<State>()) {
    promise(EVP_DigestInit_ex(state_->context, method(algorithm), nullptr));
}
Digest::~Digest() = default;
Digest::Digest(Digest&&) noexcept = default;
Digest& Digest::operator=(Digest&&) noexcept = default;

void Digest::write(std::string_view piece) {
    promise(EVP_DigestUpdate(state_->context, piece.data(), piece.size()));
}

std::string Digest::finish() {
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    promise(EVP_DigestFinal_ex(state_->context, bytes, &length));
    return std::string(reinterpret_cast<const char*>(bytes), length);
}

std::string digest(DigestAlgorithm algorithm, std::string_view bytes) {
    Digest state(algorithm);
    state.write(bytes);
    return state.finish();
}

std::string to_hex(std::string_view bytes) {
    constexpr std::string_view signs = "0123456789abcdef";
    std::string out;
    out.reserve(bytes.size() * 2);
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        out += signs[byte >> 4];
        out += signs[byte & 15u];
    }
    return out;
}

std::string sha256_hex(std::string_view bytes) {
    return to_hex(digest(DigestAlgorithm::sha256, bytes));
}

std::string to_base64(std::string_view bytes) {
    std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');
    const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                       reinterpret_cast<const unsigned char*>(bytes.data()),
                                       static_cast<int>(bytes.size()));
    out.resize(static_cast<std::size_t>(length));
    return out;
}

Result<std::string> from_base64(std::string_view text) {
    const Error bad{base::codes::bad_identifier, "not base 64"};
    std::string clean;
    clean.reserve(text.size());
    for (const char c : text) {
        if (c != ' ' && c != '\t' && c != '\r' && c != '\n') clean += c;
    }
    if (clean.size() % 4 != 0) return bad;
    std::size_t padding = 0;
    while (padding < 2 && padding < clean.size() && clean[clean.size() - 1 - padding] == '=') ++padding;
    if (clean.find('=') < clean.size() - padding) return bad;
    std::string out(clean.size() / 4 * 3, '\0');
    const int length = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                       reinterpret_cast<const unsigned char*>(clean.data()),
                                       static_cast<int>(clean.size()));
    if (length < 0) return bad;
    out.resize(static_cast<std::size_t>(length) - padding);
    return out;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace hansa
