#include "tests/conformance/xmldsig/loose_keys.h"

#include <libxml/tree.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <functional>
#include <memory>

#include "core/base/digest.h"
#include "core/xml/canonical.h"
#include "tests/support/corpus.h"

namespace hansa::test {
namespace {

std::string_view local(const xmlNode* node) {
    return reinterpret_cast<const char*>(node->name);
}

std::string content(const xmlNode* node) {
    xmlChar* text = xmlNodeGetContent(node);
    std::string out = text == nullptr ? "" : reinterpret_cast<const char*>(text);
    xmlFree(text);
    return out;
}

std::string octets(const xmlNode* node) {
    auto decoded = from_base64(content(node));
    return decoded ? *decoded : std::string();
}

const xmlNode* find(const xmlNode* top, std::string_view name) {
    for (const xmlNode* at = top->children; at != nullptr; at = at->next) {
        if (at->type != XML_ELEMENT_NODE) continue;
        if (local(at) == name) return at;
        if (const xmlNode* below = find(at, name)) return below;
    }
    return nullptr;
}

std::string attribute(const xmlNode* node, const char* name) {
    xmlChar* value = xmlGetNoNsProp(node, reinterpret_cast<const xmlChar*>(name));
    std::string out = value == nullptr ? "" : reinterpret_cast<const char*>(value);
    xmlFree(value);
    return out;
}

std::string pem_of(EVP_PKEY* key) {
    if (key == nullptr) return {};
    BIO* bio = BIO_new(BIO_s_mem());
    PEM_write_bio_PUBKEY(bio, key);
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    std::string out(data, static_cast<std::size_t>(size));
    BIO_free(bio);
    EVP_PKEY_free(key);
    return out;
}

/// A key from its numbers.
std::string from_params(const char* kind, const std::function<void(OSSL_PARAM_BLD*)>& push) {
    OSSL_PARAM_BLD* builder = OSSL_PARAM_BLD_new();
    push(builder);
    OSSL_PARAM* params = OSSL_PARAM_BLD_to_param(builder);
    EVP_PKEY_CTX* context = EVP_PKEY_CTX_new_from_name(nullptr, kind, nullptr);
    EVP_PKEY* key = nullptr;
    EVP_PKEY_fromdata_init(context);
    EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, params);
    EVP_PKEY_CTX_free(context);
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(builder);
    return pem_of(key);
}

std::string rsa_key(const xmlNode* value) {
    const xmlNode* modulus = find(value, "Modulus");
    const xmlNode* exponent = find(value, "Exponent");
    if (modulus == nullptr || exponent == nullptr) return {};
    const std::string n = octets(modulus), e = octets(exponent);
    const auto number = [](const std::string& bytes) {
        return BN_bin2bn(reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()), nullptr);
    };
    BIGNUM *big_n = number(n), *big_e = number(e);
    std::string out = from_params("RSA", [&](OSSL_PARAM_BLD* builder) {
        OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, big_n);
        OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, big_e);
    });
    BN_free(big_n);
    BN_free(big_e);
    return out;
}

std::string ec_key_of_point(const std::string& urn, const std::string& point) {
    const std::string oid = urn.starts_with("urn:oid:") ? urn.substr(8) : urn;
    const int nid = OBJ_txt2nid(oid.c_str());
    if (nid == NID_undef || point.empty()) return {};
    return from_params("EC", [&](OSSL_PARAM_BLD* builder) {
        OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, OBJ_nid2sn(nid), 0);
        OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size());
    });
}

/// XML Signature 1.1: NamedCurve/@URI and the point.
std::string ec_key(const xmlNode* value) {
    const xmlNode *curve = find(value, "NamedCurve"), *point = find(value, "PublicKey");
    if (curve == nullptr || point == nullptr) return {};
    return ec_key_of_point(attribute(curve, "URI"), octets(point));
}

/// RFC 4050: NamedCurve/@URN, the coordinates as decimal numbers.
std::string old_ec_key(const xmlNode* value) {
    const xmlNode *curve = find(value, "NamedCurve"), *x = find(value, "X"), *y = find(value, "Y");
    if (curve == nullptr || x == nullptr || y == nullptr) return {};
    const std::string urn = attribute(curve, "URN");
    const int nid = OBJ_txt2nid(urn.starts_with("urn:oid:") ? urn.c_str() + 8 : urn.c_str());
    EC_GROUP* group = nid == NID_undef ? nullptr : EC_GROUP_new_by_curve_name(nid);
    if (group == nullptr) return {};
    const auto size = static_cast<std::size_t>((EC_GROUP_get_degree(group) + 7) / 8);
    EC_GROUP_free(group);
    std::string point(1 + 2 * size, '\x04');
    std::size_t at = 1;
    for (const xmlNode* coordinate : {x, y}) {
        BIGNUM* number = nullptr;
        BN_dec2bn(&number, attribute(coordinate, "Value").c_str());
        BN_bn2binpad(number, reinterpret_cast<unsigned char*>(point.data() + at), static_cast<int>(size));
        BN_free(number);
        at += size;
    }
    return ec_key_of_point(urn, point);
}

std::string key_of_der(const std::string& der) {
    const auto* at = reinterpret_cast<const unsigned char*>(der.data());
    return pem_of(d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size())));
}

std::string key_of_certificate(const std::string& der) {
    const auto* at = reinterpret_cast<const unsigned char*>(der.data());
    X509* certificate = d2i_X509(nullptr, &at, static_cast<long>(der.size()));
    if (certificate == nullptr) return {};
    EVP_PKEY* key = X509_get_pubkey(certificate);
    X509_free(certificate);
    return pem_of(key);
}

void collect(const xmlNode* node, std::vector<std::string>& keys) {
    for (; node != nullptr; node = node->next) {
        if (node->type != XML_ELEMENT_NODE) continue;
        const std::string_view name = local(node);
        std::string key;
        if (name == "RSAKeyValue") key = rsa_key(node);
        if (name == "ECKeyValue") key = ec_key(node);
        if (name == "ECDSAKeyValue") key = old_ec_key(node);
        if (name == "DEREncodedKeyValue") key = key_of_der(octets(node));
        if (name == "X509Certificate") key = key_of_certificate(octets(node));
        if (!key.empty()) keys.push_back(key);
        collect(node->children, keys);
    }
}

std::string key_of_pem(const std::string& text) {
    BIO* bio = BIO_new_mem_buf(text.data(), static_cast<int>(text.size()));
    EVP_PKEY* key = PEM_read_bio_PUBKEY(bio, nullptr, nullptr, nullptr);
    BIO_free(bio);
    if (key != nullptr) return pem_of(key);
    bio = BIO_new_mem_buf(text.data(), static_cast<int>(text.size()));
    X509* certificate = PEM_read_bio_X509(bio, nullptr, nullptr, nullptr);
    BIO_free(bio);
    if (certificate == nullptr) return {};
    key = X509_get_pubkey(certificate);
    X509_free(certificate);
    return pem_of(key);
}

}  // namespace

std::vector<std::string> keys_in_document(std::string_view bytes) {
    std::vector<std::string> keys;
    const auto document = xml::ReferenceDocument::parse(bytes);
    if (document) collect(document->root(), keys);
    ERR_clear_error();
    return keys;
}

std::string key_of_file(const std::filesystem::path& path) {
    const std::string bytes = slurp(path);
    std::string key = key_of_pem(bytes);
    if (key.empty()) key = key_of_der(bytes);
    if (key.empty()) key = key_of_certificate(bytes);
    ERR_clear_error();
    return key;
}

}  // namespace hansa::test
