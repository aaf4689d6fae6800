// Keys, certificates, profiles and documents for the tests of trust: made at run time, kept nowhere.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "core/trust/keygen.h"
#include "core/trust/profile.h"
#include "core/trust/sign.h"
#include "core/trust/verify.h"

namespace hansa::test {

/// The value, or the end of the test with the error's text.
template <class T>
T must(Result<T> result) {
    if (!result) throw std::runtime_error(result.error().text());
    return *std::move(result);
}

/// A key with a certificate; for an authority also what it signs with.
struct Person {
    std::string key;
    std::string certificate;

    trust::Signer signer() const { return must(trust::Signer::from_pem(key, certificate)); }
};

inline Person make_authority(trust::KeyKind kind, const std::string& name = "Test Authority") {
    Person authority;
    authority.key = must(trust::make_key(kind));
    authority.certificate =
        must(trust::self_signed(authority.key, {.common_name = name, .organization = "Test", .authority = true}));
    return authority;
}

inline Person make_person(trust::KeyKind kind, const Person& authority,
                          const trust::CertificateRequest& request = {.common_name = "Test Agency"}) {
    Person person;
    person.key = must(trust::make_key(kind));
    person.certificate = must(trust::issue(authority.key, authority.certificate, person.key, request));
    return person;
}

/// One authority and one signer of each kind, made once a process: RSA keys are slow to make.
struct People {
    Person authority = make_authority(trust::KeyKind::p256);
    Person rsa = make_person(trust::KeyKind::rsa2048, authority);
    Person ec = make_person(trust::KeyKind::p256, authority);
    Person sm2_authority = make_authority(trust::KeyKind::sm2, "Test SM2 Authority");
    Person sm2 = make_person(trust::KeyKind::sm2, sm2_authority, {.common_name = "Test Firm", .serial = 1});
    Person ed25519 = make_person(trust::KeyKind::ed25519, authority);
    trust::TrustStore store = must(trust::TrustStore::from_pem({authority.certificate, sm2_authority.certificate}));
};

inline const People& people() {
    static const People all;
    return all;
}

/// Profiles as an authority would bring them: facts of formats/china.md section 5.
inline trust::Profile ceb_sm2() {
    trust::Profile profile;
    profile.name = "cn.ceb.sm2";
    profile.form = trust::Form::enveloped;
    profile.signature_method = "http://www.chinaport.gov.cn/2022/04/xmldsig#sm2-sm3";
    profile.digest_method = "http://www.chinaport.gov.cn/2022/04/xmldsig#sm3";
    profile.canonicalization = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";
    profile.transforms = {"http://www.w3.org/2000/09/xmldsig#enveloped-signature"};
    profile.place.followers = {"ExtendMessage"};
    profile.key_name_serial = true;
    profile.key_name_digits_min = 4;
    profile.names = {{profile.signature_method, "sm2-sm3"}, {profile.digest_method, "sm3"}};
    profile.sm2_user_id = "1234567812345678";
    return profile;
}

inline trust::Profile ceb_rsa() {
    trust::Profile profile = ceb_sm2();
    profile.name = "cn.ceb.rsa";
    profile.signature_method = "http://www.w3.org/2000/09/xmldsig#rsa-sha1";
    profile.digest_method = "http://www.w3.org/2000/09/xmldsig#sha1";
    profile.names.clear();
    profile.weak_allowed = {"rsa-sha1", "sha1"};
    profile.prefix.clear();
    return profile;
}

inline const std::string& sample_document() {
    static const std::string document =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n"
        "<!-- made by a test -->\n"
        "<c:Message xmlns:c=\"urn:test:message\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
        "Id=\"M1\" guid='G-1'>\n"
        "  <c:Order Id=\"O1\"><c:goods>tea &amp; \xE8\x8C\xB6</c:goods><c:note/></c:Order>\n"
        "  <c:Order Id=\"O2\"><c:goods><![CDATA[<cups>]]></c:goods></c:Order>\n"
        "  <c:ExtendMessage/>\n"
        "</c:Message>\n";
    return document;
}

inline const trust::Profile& core_profile(std::string_view name) {
    const trust::Profile* profile = trust::core_profile(name);
    if (profile == nullptr) throw std::runtime_error("no such profile: " + std::string(name));
    return *profile;
}

inline trust::Verification verify_all(std::string_view bytes, const trust::Profile& profile) {
    return trust::verify(bytes, profile, {.trust = &people().store});
}

/// The texts of all errors, for the message of a failed expectation.
inline std::string texts(const trust::Verification& found) {
    std::string out;
    for (const Error& error : found.errors) out += error.text() + "\n";
    return out;
}

inline std::string replaced(std::string text, std::string_view from, std::string_view to) {
    const auto at = text.find(from);
    if (at == std::string::npos) throw std::runtime_error("not in the text: " + std::string(from));
    return text.replace(at, from.size(), to);
}

}  // namespace hansa::test
