#include "core/trust/keygen.h"

#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include "core/base/codes.h"
#include "core/trust/codes.h"
#include "core/trust/signer.h"
#include "core/trust/x509.h"

namespace hansa::trust {
namespace {

constexpr long day_seconds = 24L * 60 * 60;

Error no_key() {
    return {codes::key_unusable, "OpenSSL could not make or use the key"};
}

std::string key_pem(EVP_PKEY& key) {
    const Bio bio(BIO_new(BIO_s_mem()));
    PEM_write_bio_PKCS8PrivateKey(bio.get(), &key, nullptr, nullptr, 0, nullptr, nullptr);
    return written(*bio);
}

std::string certificate_pem(X509& certificate) {
    const Bio bio(BIO_new(BIO_s_mem()));
    PEM_write_bio_X509(bio.get(), &certificate);
    return written(*bio);
}

EVP_PKEY* generate(KeyKind kind) {
    switch (kind) {
        case KeyKind::rsa2048:
            return EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{2048});
        case KeyKind::rsa1024:
            return EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{1024});
        case KeyKind::p256:
            return EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256");
        case KeyKind::sm2:
            return EVP_PKEY_Q_keygen(nullptr, nullptr, "SM2");
        case KeyKind::ed25519:
            return EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
    }
    return nullptr;
}

const EVP_MD* method_for(const EVP_PKEY& key) {
    if (EVP_PKEY_is_a(&key, "ED25519") == 1) return nullptr;
    return EVP_PKEY_is_a(&key, "SM2") == 1 ? EVP_sm3() : EVP_sha256();
}

/// Signs with the default user id when the key is SM2, as all readers of such certificates expect.
template <class Thing, class Sign>
bool sign_with(Thing& thing, EVP_PKEY& key, Sign sign) {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    EVP_PKEY_CTX* sm2 = nullptr;
    if (EVP_PKEY_is_a(&key, "SM2") == 1) {
        sm2 = EVP_PKEY_CTX_new(&key, nullptr);
        EVP_PKEY_CTX_set1_id(sm2, sm2_certificate_id.data(), sm2_certificate_id.size());
        EVP_MD_CTX_set_pkey_ctx(context, sm2);
    }
    const bool done =
        EVP_DigestSignInit(context, nullptr, method_for(key), nullptr, &key) == 1 && sign(&thing, context) > 0;
    EVP_MD_CTX_free(context);
    EVP_PKEY_CTX_free(sm2);
    return done;
}

void add_extension(X509& certificate, X509& issuer, int kind, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, &issuer, &certificate, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
    if (extension == nullptr) return;
    X509_add_ext(&certificate, extension, -1);
    X509_EXTENSION_free(extension);
}

void add_extensions(X509& certificate, X509& issuer, const CertificateRequest& request) {
    add_extension(certificate, issuer, NID_basic_constraints, request.authority ? "critical,CA:TRUE" : "CA:FALSE");
    const char* usage = request.authority  ? "critical,keyCertSign,cRLSign"
                        : request.may_sign ? "critical,digitalSignature,nonRepudiation"
                                           : "critical,keyEncipherment";
    add_extension(certificate, issuer, NID_key_usage, usage);
    add_extension(certificate, issuer, NID_subject_key_identifier, "hash");
    if (&certificate != &issuer) add_extension(certificate, issuer, NID_authority_key_identifier, "keyid");
    if (request.tls) add_extension(certificate, issuer, NID_ext_key_usage, "serverAuth,clientAuth");
    std::string names;
    for (const std::string& name : request.names) names += (names.empty() ? "" : ",") + name;
    if (!names.empty()) add_extension(certificate, issuer, NID_subject_alt_name, names);
}

void add_name(X509_NAME& name, const char* field, const std::string& value) {
    if (value.empty()) return;
    X509_NAME_add_entry_by_txt(&name, field, MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(value.data()),
                               static_cast<int>(value.size()), -1, 0);
}

std::uint64_t serial_of(const CertificateRequest& request) {
    if (request.serial != 0) return request.serial;
    std::uint64_t serial = 0;
    if (RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) != 1) {
        throw BrokenPromise("no random numbers");
    }
    return (serial >> 1) | 1;
}

void set_times(X509& certificate, const CertificateRequest& request) {
    std::time_t from = request.not_before
                           ? static_cast<std::time_t>(milliseconds_since_epoch(*request.not_before) / 1'000)
                           : std::time(nullptr) - 300;
    X509_time_adj_ex(X509_getm_notBefore(&certificate), 0, 0, &from);
    X509_time_adj_ex(X509_getm_notAfter(&certificate), request.days, 0, &from);
}

/// A certificate as the request says, without issuer and signature.
Certificate draft(EVP_PKEY& subject_key, const CertificateRequest& request) {
    Certificate certificate(X509_new());
    if (!certificate) throw BrokenPromise("OpenSSL made no certificate");
    X509_set_version(certificate.get(), X509_VERSION_3);
    ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), serial_of(request));
    set_times(*certificate, request);
    add_name(*X509_get_subject_name(certificate.get()), "O", request.organization);
    add_name(*X509_get_subject_name(certificate.get()), "CN", request.common_name);
    X509_set_pubkey(certificate.get(), &subject_key);
    return certificate;
}

struct Authority {
    Key key;
    Certificate certificate;
};

Result<Authority> read_authority(std::string_view key, std::string_view certificate) {
    auto parsed = read_private_key(key);
    if (!parsed) return parsed.error();
    auto content = read_pem(certificate);
    if (!content) return content.error();
    if (content->certificates.empty()) return Error{codes::certificate_malformed, "the authority has no certificate"};
    return Authority{*std::move(parsed), std::move(content->certificates.front())};
}

}  // namespace

Result<std::string> make_key(KeyKind kind) {
    const Key key(generate(kind));
    ERR_clear_error();
    if (!key) return no_key();
    return key_pem(*key);
}

Result<std::string> self_signed(std::string_view key, const CertificateRequest& request) {
    auto own = read_private_key(key);
    if (!own) return own.error();
    const Certificate certificate = draft(**own, request);
    X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate.get()));
    add_extensions(*certificate, *certificate, request);
    if (!sign_with(*certificate, **own, X509_sign_ctx)) return no_key();
    return certificate_pem(*certificate);
}

Result<std::string> issue(std::string_view authority_key, std::string_view authority_certificate,
                          std::string_view subject_key, const CertificateRequest& request) {
    auto authority = read_authority(authority_key, authority_certificate);
    if (!authority) return authority.error();
    auto subject = read_private_key(subject_key);
    if (!subject) return subject.error();
    const Certificate certificate = draft(**subject, request);
    X509_set_issuer_name(certificate.get(), X509_get_subject_name(authority->certificate.get()));
    add_extensions(*certificate, *authority->certificate, request);
    if (!sign_with(*certificate, *authority->key, X509_sign_ctx)) return no_key();
    return certificate_pem(*certificate);
}

Result<std::string> revoke(std::string_view authority_key, std::string_view authority_certificate,
                           const std::vector<std::string>& serials, int days) {
    auto authority = read_authority(authority_key, authority_certificate);
    if (!authority) return authority.error();
    const RevocationList list(X509_CRL_new());
    X509_CRL_set_version(list.get(), X509_CRL_VERSION_2);
    X509_CRL_set_issuer_name(list.get(), X509_get_subject_name(authority->certificate.get()));
    ASN1_TIME* now = X509_gmtime_adj(nullptr, -300);
    ASN1_TIME* next = X509_gmtime_adj(nullptr, days * day_seconds);
    X509_CRL_set1_lastUpdate(list.get(), now);
    X509_CRL_set1_nextUpdate(list.get(), next);
    for (const std::string& serial : serials) {
        BIGNUM* number = nullptr;
        BN_hex2bn(&number, serial.c_str());
        ASN1_INTEGER* value = BN_to_ASN1_INTEGER(number, nullptr);
        X509_REVOKED* row = X509_REVOKED_new();
        X509_REVOKED_set_serialNumber(row, value);
        X509_REVOKED_set_revocationDate(row, now);
        X509_CRL_add0_revoked(list.get(), row);
        ASN1_INTEGER_free(value);
        BN_free(number);
    }
    ASN1_TIME_free(now);
    ASN1_TIME_free(next);
    X509_CRL_sort(list.get());
    if (!sign_with(*list, *authority->key, X509_CRL_sign_ctx)) return no_key();
    const Bio bio(BIO_new(BIO_s_mem()));
    PEM_write_bio_X509_CRL(bio.get(), list.get());
    return written(*bio);
}

Result<std::string> public_half(std::string_view key) {
    auto own = read_private_key(key);
    if (!own) return own.error();
    const Bio bio(BIO_new(BIO_s_mem()));
    PEM_write_bio_PUBKEY(bio.get(), own->get());
    return written(*bio);
}

Result<void> write_secret(const std::filesystem::path& path, std::string_view pem) {
    const Error failed{base::codes::file_unwritable, path.string()};
    // A key file is made new, so that no other mode or reader is left over from an older one.
    ::unlink(path.c_str());
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0) return failed;
    std::size_t done = 0;
    while (done < pem.size()) {
        const ssize_t count = ::write(file, pem.data() + done, pem.size() - done);
        if (count <= 0) break;
        done += static_cast<std::size_t>(count);
    }
    const bool synced = ::fsync(file) == 0;
    if (::close(file) != 0 || !synced || done != pem.size()) return failed;
    return {};
}

}  // namespace hansa::trust
