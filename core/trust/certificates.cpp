#include "core/trust/certificates.h"

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <set>

#include "core/base/digest.h"
#include "core/base/file.h"
#include "core/base/time.h"
#include "core/trust/codes.h"
#include "core/trust/x509.h"

namespace hansa::trust {
namespace fs = std::filesystem;
namespace {

constexpr std::uint64_t trust_file_bytes_max = 16u << 20;

/// OpenSSL asks for it when a PEM text holds an encrypted key: there is no password to give.
int no_password(char*, int, int, void*) {
    return -1;
}

/// Without it OpenSSL checks an SM2 signature on a certificate under an empty id, which is wrong.
void set_sm2_id(X509& certificate) {
    if (X509_get_signature_nid(&certificate) != NID_SM2_with_SM3) return;
    ASN1_OCTET_STRING* id = ASN1_OCTET_STRING_new();
    if (id == nullptr) return;
    ASN1_OCTET_STRING_set(id, reinterpret_cast<const unsigned char*>(sm2_certificate_id.data()),
                          static_cast<int>(sm2_certificate_id.size()));
    X509_set0_distinguishing_id(&certificate, id);
}

std::string name_text(const X509_NAME* name) {
    const Bio bio(BIO_new(BIO_s_mem()));
    X509_NAME_print_ex(bio.get(), name, 0, XN_FLAG_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB));
    return written(*bio);
}

std::string time_text(const ASN1_TIME* time) {
    std::tm parts{};
    if (ASN1_TIME_to_tm(time, &parts) != 1) return {};
    DateTime value;
    value.year = parts.tm_year + 1900;
    value.month = parts.tm_mon + 1;
    value.day = parts.tm_mday;
    value.has_time = true;
    value.hour = parts.tm_hour;
    value.minute = parts.tm_min;
    value.second = parts.tm_sec;
    value.offset_minutes = 0;
    value.zone_is_z = true;
    return format_iso(value);
}

std::string serial_hex(const X509& certificate) {
    BIGNUM* number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(&certificate), nullptr);
    char* text = number == nullptr ? nullptr : BN_bn2hex(number);
    std::string digits = text == nullptr ? std::string() : std::string(text);
    OPENSSL_free(text);
    BN_free(number);
    std::ranges::transform(digits, digits.begin(), [](char c) { return c >= 'A' && c <= 'F' ? char(c + 32) : c; });
    return digits;
}

struct InfoListFree {
    void operator()(STACK_OF(X509_INFO) * list) const { sk_X509_INFO_pop_free(list, X509_INFO_free); }
};
struct StoreContextFree {
    void operator()(X509_STORE_CTX* context) const { X509_STORE_CTX_free(context); }
};
struct CertificateListFree {
    void operator()(STACK_OF(X509) * list) const { sk_X509_free(list); }
};

Result<TrustStore::State> make_state(std::vector<PemContent> contents) {
    TrustStore::State state;
    state.store.reset(X509_STORE_new());
    if (!state.store) throw BrokenPromise("OpenSSL made no certificate store");
    for (PemContent& content : contents) {
        for (const RevocationList& list : content.lists) {
            X509_STORE_add_crl(state.store.get(), list.get());
            state.has_lists = true;
        }
        for (Certificate& certificate : content.certificates) {
            X509_STORE_add_cert(state.store.get(), certificate.get());
            state.certificates.push_back(std::move(certificate));
        }
    }
    if (state.certificates.empty()) return Error{codes::store_empty, "no certificate among the trusted files"};
    return state;
}

/// A list is asked of an issuer only if the folder holds one of it.
int tolerate_missing_list(int good, X509_STORE_CTX* context) {
    if (good == 0 && X509_STORE_CTX_get_error(context) == X509_V_ERR_UNABLE_TO_GET_CRL) {
        X509_STORE_CTX_set_error(context, X509_V_OK);
        return 1;
    }
    return good;
}

Code code_of(int reason) {
    switch (reason) {
        case X509_V_ERR_CERT_HAS_EXPIRED:
            return codes::certificate_expired;
        case X509_V_ERR_CERT_NOT_YET_VALID:
            return codes::certificate_early;
        case X509_V_ERR_CERT_REVOKED:
            return codes::certificate_revoked;
        case X509_V_ERR_CRL_HAS_EXPIRED:
        case X509_V_ERR_CRL_NOT_YET_VALID:
        case X509_V_ERR_CRL_SIGNATURE_FAILURE:
            return codes::revocation_stale;
        case X509_V_ERR_EE_KEY_TOO_SMALL:
        case X509_V_ERR_CA_KEY_TOO_SMALL:
            return codes::key_weak;
        case X509_V_ERR_CA_MD_TOO_WEAK:
            return codes::algorithm_weak;
        case X509_V_ERR_INVALID_PURPOSE:
            return codes::certificate_usage;
        default:
            return codes::certificate_unknown;
    }
}

Result<void> check_usage(X509& leaf) {
    const std::uint32_t usage = X509_get_key_usage(&leaf);  // all bits when the extension is absent
    if ((usage & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION)) == 0) {
        return Error{codes::certificate_usage, "key usage has neither digitalSignature nor nonRepudiation"};
    }
    return {};
}

std::vector<CertificateInfo> describe_chain(X509_STORE_CTX& context) {
    std::vector<CertificateInfo> chain;
    STACK_OF(X509)* found = X509_STORE_CTX_get0_chain(&context);
    for (int i = 0; i < sk_X509_num(found); ++i) chain.push_back(describe(*sk_X509_value(found, i)));
    return chain;
}

bool has_pem_name(const fs::path& path) {
    const auto ending = path.extension();
    return ending == ".pem" || ending == ".crt" || ending == ".cer" || ending == ".crl";
}

}  // namespace

Bio reading(std::string_view text) {
    Bio bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
    if (!bio) throw BrokenPromise("OpenSSL made no buffer");
    return bio;
}

std::string written(BIO& bio) {
    char* data = nullptr;
    const long length = BIO_get_mem_data(&bio, &data);
    return length > 0 ? std::string(data, static_cast<std::size_t>(length)) : std::string();
}

Result<PemContent> read_pem(std::string_view pem) {
    const Bio bio = reading(pem);
    const std::unique_ptr<STACK_OF(X509_INFO), InfoListFree> list(
        PEM_X509_INFO_read_bio(bio.get(), nullptr, no_password, nullptr));
    ERR_clear_error();
    PemContent content;
    for (int i = 0; list && i < sk_X509_INFO_num(list.get()); ++i) {
        X509_INFO* info = sk_X509_INFO_value(list.get(), i);
        if (info->x509 != nullptr) {
            set_sm2_id(*info->x509);
            content.certificates.emplace_back(std::exchange(info->x509, nullptr));
        }
        if (info->crl != nullptr) content.lists.emplace_back(std::exchange(info->crl, nullptr));
    }
    if (content.certificates.empty() && content.lists.empty()) {
        return Error{codes::certificate_malformed, "no certificate in PEM form"};
    }
    return content;
}

Result<Certificate> read_der(std::string_view der) {
    const auto* at = reinterpret_cast<const unsigned char*>(der.data());
    const auto* end = at + der.size();
    Certificate certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
    ERR_clear_error();
    if (!certificate || at != end) return Error{codes::certificate_malformed, "a certificate that is no DER"};
    set_sm2_id(*certificate);
    return certificate;
}

Result<Key> read_public_key(std::string_view pem) {
    const Bio bio = reading(pem);
    Key key(PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr));
    ERR_clear_error();
    if (!key) return Error{codes::key_unusable, "no public key in PEM form"};
    return key;
}

std::string to_der(const X509& certificate) {
    unsigned char* bytes = nullptr;
    const int length = i2d_X509(&certificate, &bytes);
    std::string der;
    if (length > 0) der.assign(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(length));
    OPENSSL_free(bytes);
    return der;
}

CertificateInfo describe(const X509& certificate) {
    CertificateInfo info;
    info.subject = name_text(X509_get_subject_name(&certificate));
    info.issuer = name_text(X509_get_issuer_name(&certificate));
    info.serial = serial_hex(certificate);
    info.serial.erase(0, std::min(info.serial.find_first_not_of('0'), info.serial.size() - 1));
    info.fingerprint = sha256_hex(to_der(certificate));
    info.not_before = time_text(X509_get0_notBefore(&certificate));
    info.not_after = time_text(X509_get0_notAfter(&certificate));
    return info;
}

std::string serial_digits(const X509& certificate, int digits_min) {
    std::string digits = serial_hex(certificate);
    const auto wanted = static_cast<std::size_t>(std::max(digits_min, 0));
    if (digits.size() < wanted) digits.insert(0, wanted - digits.size(), '0');
    return digits;
}

Result<std::vector<CertificateInfo>> check_chain(const TrustStore& trust, const ChainQuestion& question) {
    const std::unique_ptr<STACK_OF(X509), CertificateListFree> untrusted(sk_X509_new_null());
    for (X509* certificate : question.untrusted) sk_X509_push(untrusted.get(), certificate);
    const std::unique_ptr<X509_STORE_CTX, StoreContextFree> context(X509_STORE_CTX_new());
    if (!context || !untrusted ||
        X509_STORE_CTX_init(context.get(), trust.state().store.get(), question.leaf, untrusted.get()) != 1) {
        throw BrokenPromise("OpenSSL made no verification context");
    }
    X509_VERIFY_PARAM* how = X509_STORE_CTX_get0_param(context.get());
    X509_VERIFY_PARAM_set_time(how, question.at);
    X509_VERIFY_PARAM_set_depth(how, 8);
    X509_VERIFY_PARAM_set_auth_level(how, question.weak_allowed ? 0 : 2);
    if (trust.state().has_lists) {
        X509_VERIFY_PARAM_set_flags(how, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
        X509_STORE_CTX_set_verify_cb(context.get(), tolerate_missing_list);
    }
    const bool good = X509_verify_cert(context.get()) == 1;
    ERR_clear_error();
    if (!good) {
        const int reason = X509_STORE_CTX_get_error(context.get());
        return Error{code_of(reason), X509_verify_cert_error_string(reason)};
    }
    if (auto usage = check_usage(*question.leaf); !usage) return usage.error();
    return describe_chain(*context);
}

Result<CertificateInfo> describe_certificate(std::string_view pem) {
    auto content = read_pem(pem);
    if (!content) return content.error();
    if (content->certificates.empty()) return Error{codes::certificate_malformed, "no certificate in PEM form"};
    return describe(*content->certificates.front());
}

Result<TrustStore> TrustStore::load(const fs::path& folder) {
    std::error_code trouble;
    std::set<fs::path> files;  // in order, so that what is reported does not depend on the file system
    for (fs::directory_iterator at(folder, trouble), end; !trouble && at != end; at.increment(trouble)) {
        if (has_pem_name(at->path())) files.insert(at->path());
    }
    if (trouble) return Error{codes::store_unreadable, folder.string() + ": " + trouble.message()};
    std::vector<PemContent> contents;
    for (const fs::path& file : files) {
        auto text = read_file(file, trust_file_bytes_max);
        if (!text) return Error{codes::store_unreadable, text.error().text()};
        auto content = read_pem(*text);
        if (!content) return Error{codes::store_unreadable, file.filename().string() + ": " + content.error().detail};
        contents.push_back(*std::move(content));
    }
    auto state = make_state(std::move(contents));
    if (!state) return state.error();
    return TrustStore(std::make_shared<const State>(*std::move(state)));
}

Result<TrustStore> TrustStore::from_pem(const std::vector<std::string>& texts) {
    std::vector<PemContent> contents;
    for (const std::string& text : texts) {
        auto content = read_pem(text);
        if (!content) return content.error();
        contents.push_back(*std::move(content));
    }
    auto state = make_state(std::move(contents));
    if (!state) return state.error();
    return TrustStore(std::make_shared<const State>(*std::move(state)));
}

std::size_t TrustStore::size() const {
    return state_->certificates.size();
}

}  // namespace hansa::trust
