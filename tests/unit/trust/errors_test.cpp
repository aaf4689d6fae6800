// Each code of core/trust/errors.table is provoked by one row; a code without a row fails the test.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <map>

#include "core/base/code.h"
#include "core/trust/container.h"
#include "tests/unit/trust/holder_maker.h"
#include "tests/unit/trust/people.h"
#include "tests/unit/trust/zip_maker.h"

namespace hansa::trust {
namespace {

namespace fs = std::filesystem;
using test::must;
using test::people;
using test::replaced;
using test::sample_document;

const Profile& enveloped() {
    return test::core_profile("enveloped.ecdsa-p256-sha256");
}
const Profile& asice() {
    return test::core_profile("asice.ecdsa-p256-sha256");
}

/// A document signed by one of the people, by the core's ECDSA profile.
std::string signed_by(const test::Person& person, std::string_view document = sample_document()) {
    return must(sign(document, enveloped(), person.signer()));
}
std::string signed_document() {
    return signed_by(people().ec);
}

std::string words(const Verification& found) {
    std::string out;
    for (const Error& error : found.errors) out += std::string(error.code.name()) + " ";
    return out;
}
std::string verified(std::string_view bytes, const Profile& profile = enveloped()) {
    return words(test::verify_all(bytes, profile));
}
template <class T>
std::string word(const Result<T>& result) {
    return result ? std::string("no error") : std::string(result.error().code.name());
}

/// What lies between the tags of an element, tags included.
std::string element(const std::string& text, const std::string& name) {
    const auto from = text.find("<" + name);
    const std::string close = "</" + name + ">";
    return text.substr(from, text.find(close, from) + close.size() - from);
}

fs::path own_folder(const std::string& name) {
    const fs::path folder = fs::temp_directory_path() / ("hansa-trust-" + name + std::to_string(::getpid()));
    fs::remove_all(folder);
    fs::create_directories(folder);
    return folder;
}

std::string with_usage(const CertificateRequest& request, const TrustStore* store = nullptr) {
    const auto person = test::make_person(KeyKind::p256, people().authority, request);
    return words(verify(signed_by(person), enveloped(), {.trust = store == nullptr ? &people().store : store}));
}

std::string with_revocation(int days) {
    const auto& authority = people().authority;
    const auto serial = people().ec.signer().certificate().serial;
    const std::string list = must(revoke(authority.key, authority.certificate, {serial}, days));
    const TrustStore store = must(TrustStore::from_pem({authority.certificate, list}));
    return words(verify(signed_document(), enveloped(), {.trust = &store}));
}

/// A holder whose receipt reports so.
std::string with_report(const std::string& report) {
    const std::string holder = must(sign(sample_document(), test::holder_profile(), people().ec.signer()));
    const std::string about = test::attribute_of(holder, "doc:SignedContent", "DocInstance");
    return verified(test::with_receipt(holder, about, report), test::holder_profile());
}

std::string with_key_mode(mode_t mode) {
    const fs::path folder = own_folder("key");
    EXPECT_TRUE(write_secret(folder / "key.pem", people().ec.key));
    ::chmod((folder / "key.pem").c_str(), mode);
    std::ofstream(folder / "certificate.pem") << people().ec.certificate;
    const auto signer = Signer::load(folder / "key.pem", folder / "certificate.pem");
    fs::remove_all(folder);
    return word(signer);
}

/// A store folder with one file.
std::string with_store_file(const std::string& name, const std::string& text) {
    const fs::path folder = own_folder("store");
    if (!name.empty()) std::ofstream(folder / name) << text;
    const auto store = TrustStore::load(folder);
    fs::remove_all(folder);
    return word(store);
}

std::vector<ContainerFile> opened(std::string_view container) {
    auto files = must(read_container(container));
    files.erase(files.begin());  // "mimetype" is written anew
    return files;
}

std::string container_with_extra_file() {
    auto files = opened(must(sign("<a/>", asice(), people().ec.signer())));
    files.push_back({"extra.xml", "<b/>"});
    return must(write_container(files));
}

/// The certificate is not signed itself: another one for the same key still verifies the value.
std::string container_with_other_certificate() {
    const std::string second = must(issue(people().authority.key, people().authority.certificate, people().ec.key,
                                          {.common_name = "Somebody Else"}));
    const Signer signer = must(Signer::from_pem(people().ec.key, second));
    auto files = opened(must(sign("<a/>", asice(), people().ec.signer())));
    const auto others = opened(must(sign("<a/>", asice(), signer)));
    files.back().bytes = replaced(files.back().bytes, element(files.back().bytes, "ds:X509Certificate"),
                                  element(others.back().bytes, "ds:X509Certificate"));
    return must(write_container(files));
}

std::string with_many_references() {
    const std::string bytes = signed_document();
    const std::string reference = element(bytes, "ds:Reference");
    std::string many;
    for (int i = 0; i < 65; ++i) many += reference;
    return replaced(bytes, reference, many);
}

std::string with_signature_first() {
    const std::string bytes = signed_document();
    const std::string signature = element(bytes, "ds:Signature");
    return replaced(replaced(bytes, signature, ""), "  <c:Order Id=\"O1\">", signature + "<c:Order Id=\"O1\">");
}

std::string key_swapped_for(const test::Person& person, const Profile& profile) {
    const std::string own = signed_document();
    const std::string other = must(sign(sample_document(), profile, person.signer()));
    return replaced(own, element(own, "ds:KeyInfo"), element(other, "ds:KeyInfo"));
}

std::string two_mimetypes() {
    return test::ZipMaker::make({{"mimetype", "application/zip"}, {"a.xml", "<a/>"}});
}

Profile weak_without_leave() {
    Profile profile = test::ceb_rsa();
    profile.weak_allowed.clear();
    return profile;
}

Policy for_long_keys() {
    Policy policy = policy_of(test::core_profile("enveloped.rsa-sha256"));
    policy.rsa_bits_min = 4'096;
    return policy;
}

using Provoke = std::function<std::string()>;

const std::map<std::string, Provoke>& rows() {
    static const std::map<std::string, Provoke> all{
        {"trust.signature-missing", [] { return verified(sample_document()); }},
        {"trust.signature-many",
         [] {
             const std::string bytes = signed_document(), signature = element(bytes, "ds:Signature");
             return verified(replaced(bytes, signature, signature + signature));
         }},
        {"trust.signature-place", [] { return verified(with_signature_first()); }},
        {"trust.signature-malformed",
         [] {
             const std::string bytes = signed_document();
             return verified(replaced(bytes, element(bytes, "ds:SignatureValue"), ""));
         }},
        {"trust.signature-wrong",
         [] {
             const std::string bytes = signed_document();
             return verified(replaced(bytes, element(bytes, "ds:SignatureValue"),
                                      element(signed_by(people().ec, "<other/>"), "ds:SignatureValue")));
         }},
        {"trust.digest-wrong", [] { return verified(replaced(signed_document(), "tea", "tar")); }},
        {"trust.not-covered", [] { return verified(container_with_extra_file(), asice()); }},
        {"trust.reference-refused",
         [] { return verified(replaced(signed_document(), "URI=\"\"", "URI=\"http://localhost/a.xml\"")); }},
        {"trust.reference-unknown",
         [] { return verified(replaced(signed_document(), "URI=\"\"", "URI=\"#nobody\"")); }},
        {"trust.references-too-many", [] { return verified(with_many_references()); }},
        {"trust.duplicate-id",
         [] {
             const std::string bytes = replaced(signed_document(), "URI=\"\"", "URI=\"#O1\"");
             return verified(replaced(bytes, "Id=\"O2\"", "ID=\"O1\""));
         }},
        {"trust.algorithm-refused",
         [] {
             return verified(replaced(signed_document(), "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
                                      "http://www.w3.org/2000/09/xmldsig#hmac-sha1"));
         }},
        {"trust.algorithm-unavailable",
         [] {
             const std::string holder = must(sign(sample_document(), test::holder_profile(), people().ec.signer()));
             return verified(
                 replaced(holder, test::holder_profile().signature_method, "urn:EAEU:Signature:bign-with-hbelt"),
                 test::holder_profile());
         }},
        {"trust.receipt-malformed", [] { return with_report("<rcpt:Maybe></rcpt:Maybe>"); }},
        {"trust.receipt-differs", [] { return with_report(""); }},
        {"trust.receipt-negative", [] { return with_report("<rcpt:Error></rcpt:Error>"); }},
        {"trust.algorithm-weak",
         [] {
             const std::string bytes = must(sign(sample_document(), test::ceb_rsa(), people().rsa.signer()));
             return words(verify(bytes, standard_policy(), {.trust = &people().store}));
         }},
        {"trust.transform-refused",
         [] {
             return verified(replaced(signed_document(), "http://www.w3.org/2000/09/xmldsig#enveloped-signature",
                                      "http://www.w3.org/TR/1999/REC-xpath-19991116"));
         }},
        {"trust.form-refused", [] { return verified(signed_document(), asice()); }},
        {"trust.key-missing",
         [] {
             const std::string bytes = signed_document();
             return verified(replaced(bytes, element(bytes, "ds:KeyInfo"), ""));
         }},
        {"trust.key-weak",
         [] {
             const auto bytes =
                 must(sign(sample_document(), test::core_profile("enveloped.rsa-sha256"), people().rsa.signer()));
             return words(verify(bytes, for_long_keys(), {.trust = &people().store}));
         }},
        {"trust.key-unfit",
         [] { return verified(key_swapped_for(people().rsa, test::core_profile("enveloped.rsa-sha256"))); }},
        {"trust.key-unusable", [] { return word(Signer::from_pem("no key", people().ec.certificate)); }},
        {"trust.key-exposed", [] { return with_key_mode(0644); }},
        {"trust.key-differs", [] { return word(Signer::from_pem(people().rsa.key, people().ec.certificate)); }},
        {"trust.certificate-unknown",
         [] {
             const TrustStore store = must(TrustStore::from_pem({people().sm2_authority.certificate}));
             return words(verify(signed_document(), enveloped(), {.trust = &store}));
         }},
        {"trust.certificate-expired",
         [] { return with_usage({.common_name = "Old", .not_before = must(parse_iso("2020-01-01T00:00:00Z"))}); }},
        {"trust.certificate-early",
         [] { return with_usage({.common_name = "Soon", .not_before = must(parse_iso("2090-01-01T00:00:00Z"))}); }},
        {"trust.certificate-revoked", [] { return with_revocation(30); }},
        {"trust.revocation-stale", [] { return with_revocation(-1); }},
        {"trust.certificate-usage", [] { return with_usage({.common_name = "Mail only", .may_sign = false}); }},
        {"trust.certificate-malformed",
         [] {
             const std::string bytes = signed_document();
             return verified(replaced(bytes, element(bytes, "ds:X509Certificate"),
                                      "<ds:X509Certificate>AAAA</ds:X509Certificate>"));
         }},
        {"trust.certificate-differs", [] { return verified(container_with_other_certificate(), asice()); }},
        {"trust.store-unreadable", [] { return with_store_file("broken.pem", "not PEM"); }},
        {"trust.store-empty", [] { return with_store_file("", ""); }},
        {"trust.already-signed", [] { return word(sign(signed_document(), enveloped(), people().ec.signer())); }},
        {"trust.profile-invalid", [] { return word(check_profile(weak_without_leave())); }},
        {"trust.container-malformed", [] { return word(read_container("PK\x03\x04 and no more")); }},
        {"trust.container-name",
         [] {
             return word(read_container(test::ZipMaker::make({test::ZipMaker::mimetype(), {"../a", "x"}})));
         }},
        {"trust.container-limit",
         [] {
             return word(read_container(must(write_container({{"zeros", std::string(1u << 20, '\0')}}))));
         }},
        {"trust.container-mimetype", [] { return word(read_container(two_mimetypes())); }},
    };
    return all;
}

TEST(TrustErrors, EveryCodeIsProvokedByItsRow) {
    std::size_t count = 0;
    for (const CodeRow& row : catalogue()) {
        if (!row.name.starts_with("trust.")) continue;
        SCOPED_TRACE(row.name);
        const auto provoke = rows().find(std::string(row.name));
        ASSERT_NE(provoke, rows().end()) << "no row provokes it";
        const std::string got = provoke->second();
        EXPECT_NE((" " + got + " ").find(" " + std::string(row.name) + " "), std::string::npos) << got;
        ++count;
    }
    EXPECT_EQ(count, rows().size());
}

TEST(TrustErrors, AKeyFileOfItsOwnerIsRead) {
    EXPECT_EQ(with_key_mode(0600), "no error");
    EXPECT_EQ(with_key_mode(0640), "no error");
}

TEST(TrustErrors, SigningRefusesShortAndUnfitKeys) {
    const auto small = test::make_person(KeyKind::rsa1024, people().authority);
    EXPECT_EQ(word(sign("<a/>", test::core_profile("enveloped.rsa-sha256"), small.signer())), "trust.key-weak");
    EXPECT_EQ(word(sign("<a/>", test::core_profile("enveloped.rsa-sha256"), people().ec.signer())), "trust.key-unfit");
    EXPECT_EQ(word(sign("<a/>", enveloped(), people().sm2.signer())), "trust.key-unfit");
}

TEST(TrustErrors, NoErrorTextHoldsAnyPartOfAKey) {
    std::string body = people().ec.key.substr(28, 40);
    const std::string spoilt = replaced(people().ec.key, body, std::string(40, '*'));
    const auto signer = Signer::from_pem(spoilt, people().ec.certificate);
    ASSERT_FALSE(signer);
    EXPECT_EQ(signer.error().text().find(people().ec.key.substr(80, 16)), std::string::npos);
}

TEST(TrustErrors, ASelfMadeCertificateOfTheSameNameIsNotTrusted) {
    const auto impostor = test::make_authority(KeyKind::p256);  // the same subject as the true one
    const auto person = test::make_person(KeyKind::p256, impostor);
    auto with_root = person;
    with_root.certificate += impostor.certificate;
    EXPECT_EQ(verified(signed_by(person)), "trust.certificate-unknown ");
    EXPECT_EQ(verified(signed_by(with_root)), "trust.certificate-unknown ");
}

TEST(TrustErrors, AKeyValueCountsForNothing) {
    const std::string bytes = signed_document();
    const std::string value =
        "<ds:KeyInfo><ds:KeyValue><ds:RSAKeyValue><ds:Modulus>AQAB</ds:Modulus><ds:Exponent>AQAB</ds:Exponent>"
        "</ds:RSAKeyValue></ds:KeyValue></ds:KeyInfo>";
    EXPECT_EQ(verified(replaced(bytes, element(bytes, "ds:KeyInfo"), value)), "trust.key-missing ");
}

TEST(TrustErrors, AWrongReferenceIsReportedBesideAGoodOne) {
    const std::string bytes = signed_document();
    const std::string reference = element(bytes, "ds:Reference");
    const std::string found =
        verified(replaced(bytes, reference, reference + replaced(reference, "URI=\"\"", "URI=\"#xpointer(/)\"")));
    EXPECT_EQ(found, "trust.signature-wrong trust.reference-refused ");
}

}  // namespace
}  // namespace hansa::trust
