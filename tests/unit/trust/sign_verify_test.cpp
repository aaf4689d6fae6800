#include <gtest/gtest.h>

#include <functional>

#include "core/trust/codes.h"
#include "core/trust/container.h"
#include "core/trust/fast_sign.h"
#include "core/trust/names.h"
#include "tests/unit/trust/people.h"

namespace hansa::trust {
namespace {

using test::must;
using test::people;
using test::replaced;
using test::sample_document;
using test::texts;

struct Way {
    std::string name;
    Profile profile;
    const test::Person* person;
};

std::vector<Way> ways() {
    const auto& all = people();
    Profile ed = test::core_profile("asice.rsa-sha256");
    ed.name = "asice.ed25519";
    ed.signature_method = "http://www.w3.org/2021/04/xmldsig-more#eddsa-ed25519";
    Profile inclusive = test::core_profile("enveloped.ecdsa-p256-sha256");
    inclusive.canonicalization = "http://www.w3.org/2006/12/xml-c14n11";
    inclusive.transforms[1] = inclusive.canonicalization;
    return {{"ceb-sm2", test::ceb_sm2(), &all.sm2},
            {"ceb-rsa", test::ceb_rsa(), &all.rsa},
            {"enveloped-rsa", test::core_profile("enveloped.rsa-sha256"), &all.rsa},
            {"enveloped-ecdsa", test::core_profile("enveloped.ecdsa-p256-sha256"), &all.ec},
            {"enveloped-c14n11", inclusive, &all.ec},
            {"asice-rsa", test::core_profile("asice.rsa-sha256"), &all.rsa},
            {"asice-ecdsa", test::core_profile("asice.ecdsa-p256-sha256"), &all.ec},
            {"asice-ed25519", ed, &all.ed25519}};
}

TEST(SignVerify, WhatWeSignWeVerifyAndTheWholeIsCovered) {
    for (const Way& way : ways()) {
        SCOPED_TRACE(way.name);
        const std::string bytes = must(sign(sample_document(), way.profile, way.person->signer()));
        const Verification found = test::verify_all(bytes, way.profile);
        ASSERT_TRUE(found.valid) << texts(found);
        ASSERT_EQ(found.covered.size(), 1u);
        EXPECT_TRUE(found.covered[0].whole_document);
        EXPECT_EQ(found.covered[0].path, way.profile.form == Form::asice ? "document.xml" : "/c:Message");
        EXPECT_EQ(found.signer, way.person->signer().certificate());
        ASSERT_EQ(found.chain.size(), 2u);
        EXPECT_EQ(found.chain[0].issuer, found.chain[1].subject);
    }
}

TEST(SignVerify, TheOctetsAreTheReceivedDocumentInAContainer) {
    const auto& profile = test::core_profile("asice.ecdsa-p256-sha256");
    const std::string bytes = must(sign(sample_document(), profile, people().ec.signer()));
    EXPECT_EQ(test::verify_all(bytes, profile).covered.at(0).octets, sample_document());
}

TEST(SignVerify, AnySingleChangedCharacterOfContentIsFound) {
    for (const Way& way : ways()) {
        if (way.profile.form == Form::asice) continue;
        SCOPED_TRACE(way.name);
        const std::string bytes = must(sign(sample_document(), way.profile, way.person->signer()));
        const std::string changed = replaced(bytes, ">tea ", ">teA ");
        const Verification found = test::verify_all(changed, way.profile);
        EXPECT_FALSE(found.valid);
        EXPECT_TRUE(found.covered.empty());
        ASSERT_EQ(found.errors.size(), 1u) << texts(found);
        EXPECT_EQ(found.errors[0].code.name(), "trust.digest-wrong");
    }
}

TEST(SignVerify, TheSignatureStandsAtItsPlaceWithoutWhiteSpace) {
    const std::string bytes = must(sign(sample_document(), test::ceb_sm2(), people().sm2.signer()));
    EXPECT_NE(bytes.find("</c:Order>\n  <ds:Signature "), std::string::npos);
    EXPECT_NE(bytes.find("</ds:Signature><c:ExtendMessage/>"), std::string::npos);
    EXPECT_NE(bytes.find("<ds:KeyName>0001</ds:KeyName>"), std::string::npos);
    // All else is as it was.
    const auto from = bytes.find("<ds:Signature "), to = bytes.find("</ds:Signature>") + 15;
    EXPECT_EQ(bytes.substr(0, from) + bytes.substr(to), sample_document());
}

TEST(SignVerify, ADefaultNamespaceSignatureAndAnEmptyRoot) {
    const auto profile = test::ceb_rsa();
    for (const std::string document :
         {"<a/>", "<a ></a>", "<a xmlns='urn:x' />", "<b:a xmlns:b='urn:x'/><!-- </b:a> -->"}) {
        SCOPED_TRACE(document);
        const std::string bytes = must(sign(document, profile, people().rsa.signer()));
        EXPECT_NE(bytes.find("<Signature xmlns=\"http://www.w3.org/2000/09/xmldsig#\">"), std::string::npos) << bytes;
        const Verification found = test::verify_all(bytes, profile);
        EXPECT_TRUE(found.valid) << texts(found) << bytes;
    }
}

TEST(SignVerify, EqualInputGivesEqualBytesWithRsa) {
    const SignOptions options{.signing_time = must(parse_iso("2026-11-23T08:15:30Z"))};
    const auto& profile = test::core_profile("asice.rsa-sha256");
    const Signer signer = people().rsa.signer();
    EXPECT_EQ(must(sign("<a/>", profile, signer, options)), must(sign("<a/>", profile, signer, options)));
    EXPECT_EQ(must(sign("<a/>", test::ceb_rsa(), signer)), must(sign("<a/>", test::ceb_rsa(), signer)));
}

TEST(SignVerify, AContainerOfManyFilesIsCoveredWhole) {
    const auto& profile = test::core_profile("asice.ecdsa-p256-sha256");
    const std::vector<ContainerFile> files{{"received.xml", "<a/>"},
                                           {"reports/verification report.json", "{}", "application/json"},
                                           {"\xE8\x8C\xB6.txt", "tea", "text/plain"}};
    const SignOptions options{.signing_time = must(parse_iso("2026-11-23T16:15:30+08:00"))};
    const std::string bytes = must(sign_container(files, profile, people().ec.signer(), options));
    const Verification found = test::verify_all(bytes, profile);
    ASSERT_TRUE(found.valid) << texts(found);
    ASSERT_EQ(found.covered.size(), 3u);
    for (std::size_t i = 0; i < files.size(); ++i) {
        EXPECT_EQ(found.covered[i].id, files[i].name);
        EXPECT_EQ(found.covered[i].octets, files[i].bytes);
    }
    EXPECT_EQ(found.signing_time, "2026-11-23T08:15:30Z");
}

TEST(SignVerify, TheContainerBeginsAsAsicSays) {
    const std::string bytes = must(sign("<a/>", test::core_profile("asice.rsa-sha256"), people().rsa.signer()));
    EXPECT_EQ(bytes.substr(0, 4), "PK\x03\x04");
    EXPECT_EQ(bytes.substr(30, 8 + names::mimetype.size()), "mimetype" + std::string(names::mimetype));
    EXPECT_EQ(must(read_container(bytes)).front().name, "mimetype");
}

TEST(SignVerify, TheStandardPolicyTakesEveryStrongFormAndNoWeakOne) {
    for (const Way& way : ways()) {
        SCOPED_TRACE(way.name);
        const std::string bytes = must(sign(sample_document(), way.profile, way.person->signer()));
        const Verification found = verify(bytes, standard_policy(), {.trust = &people().store});
        EXPECT_EQ(found.valid, !way.name.starts_with("ceb")) << texts(found);
    }
}

TEST(SignVerify, Sm2NeedsTheSameUserId) {
    const std::string bytes = must(sign(sample_document(), test::ceb_sm2(), people().sm2.signer()));
    Profile other = test::ceb_sm2();
    other.sm2_user_id.clear();
    const Verification found = test::verify_all(bytes, other);
    EXPECT_FALSE(found.valid);
    EXPECT_EQ(found.errors.at(0).code.name(), "trust.signature-wrong");
}

TEST(SignVerify, APinnedKeyNeedsNoCertificate) {
    const auto profile = test::core_profile("enveloped.ecdsa-p256-sha256");
    const std::string bytes = must(sign("<a/>", profile, people().ec.signer()));
    const Verification found = verify(bytes, profile, {.pinned_keys = {must(public_half(people().ec.key))}});
    EXPECT_TRUE(found.valid) << texts(found);
    EXPECT_TRUE(found.chain.empty());
    EXPECT_FALSE(verify(bytes, profile, {.pinned_keys = {must(public_half(people().rsa.key))}}).valid);
}

TEST(SignVerify, AKeyNameFindsTheCertificateInTheTrustFolder) {
    Profile profile = test::core_profile("enveloped.ecdsa-p256-sha256");
    profile.x509_certificate = false;
    profile.key_name_serial = true;
    const std::string bytes = must(sign("<a/>", profile, people().ec.signer()));
    EXPECT_EQ(bytes.find("X509"), std::string::npos);
    EXPECT_FALSE(test::verify_all(bytes, profile).valid);
    const TrustStore store = must(TrustStore::from_pem({people().authority.certificate, people().ec.certificate}));
    const Verification found = verify(bytes, profile, {.trust = &store});
    EXPECT_TRUE(found.valid) << texts(found);
}

TEST(SignVerify, ACertificateBetweenMayComeWithTheMessage) {
    const auto between =
        test::make_person(KeyKind::p256, people().authority, {.common_name = "Between", .authority = true});
    auto person = test::make_person(KeyKind::p256, between);
    person.certificate += between.certificate;
    const auto& profile = test::core_profile("enveloped.ecdsa-p256-sha256");
    const Verification found = test::verify_all(must(sign("<a/>", profile, person.signer())), profile);
    ASSERT_TRUE(found.valid) << texts(found);
    EXPECT_EQ(found.chain.size(), 3u);
}

TEST(SignVerify, AnOldMessageVerifiesAtItsOwnTime) {
    const auto start = must(parse_iso("2020-01-01T00:00:00Z"));
    test::Person authority{must(make_key(KeyKind::p256)), {}};
    authority.certificate =
        must(self_signed(authority.key, {.common_name = "Old", .authority = true, .not_before = start, .days = 9'000}));
    const auto person = test::make_person(KeyKind::p256, authority, {.common_name = "Old Agency", .not_before = start});
    const TrustStore store = must(TrustStore::from_pem({authority.certificate}));
    const auto& profile = test::core_profile("enveloped.ecdsa-p256-sha256");
    const std::string bytes = must(sign("<a/>", profile, person.signer()));
    const auto code_at = [&](const char* time) {
        const auto found = verify(bytes, profile, {.trust = &store, .at = must(parse_iso(time))});
        return found.valid ? std::string("valid") : std::string(found.errors.at(0).code.name());
    };
    EXPECT_EQ(code_at("2019-12-31T23:59:59Z"), "trust.certificate-early");
    EXPECT_EQ(code_at("2020-06-01T00:00:00Z"), "valid");
    EXPECT_EQ(code_at("2021-06-01T00:00:00Z"), "trust.certificate-expired");
}

TEST(SignVerify, CommentsAreNotCoveredAndNotInTheOctets) {
    const auto& profile = test::core_profile("enveloped.ecdsa-p256-sha256");
    const std::string bytes = must(sign("<a>one<!-- c -->two</a>", profile, people().ec.signer()));
    const Verification found = test::verify_all(bytes, profile);
    ASSERT_TRUE(found.valid) << texts(found);
    EXPECT_EQ(found.covered[0].octets, "<a>onetwo</a>");
}

TEST(SignVerify, LooksSignedIsOnlyAHint) {
    const std::string bytes = must(sign("<a/>", test::ceb_rsa(), people().rsa.signer()));
    EXPECT_TRUE(looks_signed(bytes));
    EXPECT_TRUE(looks_signed(must(sign("<a/>", test::core_profile("asice.rsa-sha256"), people().rsa.signer()))));
    EXPECT_FALSE(looks_signed(sample_document()));
    EXPECT_FALSE(looks_signed("not xml"));
}

TEST(SignVerify, CoreProfilesAreSound) {
    EXPECT_EQ(core_profiles().size(), 4u);
    for (const Profile& profile : core_profiles()) EXPECT_TRUE(check_profile(profile)) << profile.name;
    EXPECT_TRUE(check_profile(test::ceb_sm2()));
    EXPECT_TRUE(check_profile(test::ceb_rsa()));
}

TEST(SignVerify, WhatMayStandAnywhereIsJudgedByItsPartAndNotMade) {
    Profile profile = test::core_profile("enveloped.rsa-sha256");
    profile.place.where = SignaturePlace::Where::anywhere;
    EXPECT_TRUE(check_profile(profile));
    EXPECT_FALSE(policy_of(profile).whole_document);
    EXPECT_EQ(sign(sample_document(), profile, people().rsa.signer()).error().code, codes::profile_invalid);
    EXPECT_EQ(FastSigner::make(profile, people().rsa.signer()).error().code, codes::profile_invalid);
    profile.place.where = SignaturePlace::Where::document_root;
    EXPECT_EQ(check_profile(profile).error().code, codes::profile_invalid);
}

}  // namespace
}  // namespace hansa::trust
