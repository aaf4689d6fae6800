#include "core/trust/signer.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <sys/stat.h>

#include "core/base/file.h"
#include "core/trust/codes.h"

namespace hansa::trust {
namespace {

constexpr std::uint64_t pem_bytes_max = 1u << 20;

int no_password(char*, int, int, void*) {
    return -1;
}

bool is_usable(const EVP_PKEY& key) {
    for (const char* kind : {"RSA", "EC", "SM2", "ED25519", "ED448"}) {
        if (EVP_PKEY_is_a(&key, kind) == 1) return true;
    }
    return false;
}

/// Only the owner and perhaps a group of services may read a key.
Result<void> check_mode(const std::filesystem::path& path) {
    struct stat state {};
    if (::stat(path.c_str(), &state) == 0 && (state.st_mode & (S_IROTH | S_IWOTH)) != 0) {
        return Error{codes::key_exposed, path.string()};
    }
    return {};
}

}  // namespace

Result<Key> read_private_key(std::string_view pem) {
    const Bio bio = reading(pem);
    Key key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr));
    ERR_clear_error();
    if (!key || !is_usable(*key)) return Error{codes::key_unusable, "no PEM key of a known kind"};
    return key;
}

Result<Signer> Signer::from_pem(std::string_view key, std::string_view certificates) {
    auto parsed = read_private_key(key);
    if (!parsed) return parsed.error();
    auto content = read_pem(certificates);
    if (!content) return content.error();
    if (content->certificates.empty()) return Error{codes::certificate_malformed, "no certificate in PEM form"};
    const int fits = X509_check_private_key(content->certificates.front().get(), parsed->get());
    ERR_clear_error();
    if (fits != 1) return Error{codes::key_differs, describe(*content->certificates.front()).subject};
    return Signer(std::make_shared<const State>(State{*std::move(parsed), std::move(content->certificates)}));
}

Result<Signer> Signer::load(const std::filesystem::path& key, const std::filesystem::path& certificates) {
    if (key.string().starts_with("pkcs11:")) {
        return Error{codes::key_unusable, "keys in a token (pkcs11:) need a signer process with its module"};
    }
    if (auto mode = check_mode(key); !mode) return mode.error();
    auto key_text = read_file(key, pem_bytes_max);
    if (!key_text) return key_text.error();
    auto certificate_text = read_file(certificates, pem_bytes_max);
    if (!certificate_text) return certificate_text.error();
    auto signer = from_pem(*key_text, *certificate_text);
    OPENSSL_cleanse(key_text->data(), key_text->size());
    return signer;
}

CertificateInfo Signer::certificate() const {
    return describe(*state_->certificates.front());
}

}  // namespace hansa::trust
