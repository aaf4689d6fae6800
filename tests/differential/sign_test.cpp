// Fast signing against the reference: equal bytes where the algorithm is deterministic, else valid ones.
//
// HANSA_SEED and HANSA_DOCUMENTS change the random documents; a failure prints seed and document.
#include <gtest/gtest.h>
#include <libxml/tree.h>

#include <cstdlib>
#include <iostream>
#include <random>

#include "core/trust/fast_sign.h"
#include "core/xml/canonical.h"
#include "tests/support/results.h"
#include "tests/support/spellings.h"
#include "tests/unit/trust/people.h"

namespace hansa::trust {
namespace {

using test::must;
using test::people;

std::uint64_t number(const char* variable, std::uint64_t otherwise) {
    const char* text = std::getenv(variable);
    return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

struct Way {
    std::string name;
    Profile profile;
    const test::Person* person;
    bool deterministic = false;
};

Profile rsa_with(const std::string& signed_info, const std::string& transform) {
    Profile profile = test::core_profile("enveloped.rsa-sha256");
    profile.name = "test";
    profile.canonicalization = signed_info;
    profile.transforms = {profile.transforms.front()};
    if (!transform.empty()) profile.transforms.push_back(transform);
    return profile;
}

const std::vector<Way>& ways() {
    static const std::vector<Way> all = [] {
        const std::string c14n10 = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";
        const std::string c14n11 = "http://www.w3.org/2006/12/xml-c14n11";
        const std::string exclusive = "http://www.w3.org/2001/10/xml-exc-c14n#";
        Profile follower = test::ceb_rsa();
        follower.place.followers = {"a", "Content"};
        follower.prefix = "q";
        Profile odd = rsa_with(c14n10, "");
        odd.digest_method = "urn:authority:digest?a=1&b=\"2\"";
        odd.names = {{odd.digest_method, "sm3"}};
        return std::vector<Way>{
            {"rsa exclusive", test::core_profile("enveloped.rsa-sha256"), &people().rsa, true},
            {"rsa inclusive", rsa_with(c14n10, c14n10), &people().rsa, true},
            {"rsa 1.1", rsa_with(c14n11, exclusive + "WithComments"), &people().rsa, true},
            {"rsa-sha1, default namespace, key name", test::ceb_rsa(), &people().rsa, true},
            {"rsa before followers", follower, &people().rsa, true},
            {"rsa with an odd name", odd, &people().rsa, true},
            {"ecdsa", test::core_profile("enveloped.ecdsa-p256-sha256"), &people().ec},
            {"sm2", test::ceb_sm2(), &people().sm2},
        };
    }();
    return all;
}

FastSigner fast_signer(const Way& way) {
    return must(FastSigner::make(way.profile, way.person->signer()));
}

/// The root's canonical form below an XML declaration, as our writers write.
std::string canonical(const std::string& document) {
    const auto tree = must(xml::ReferenceDocument::parse(document));
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + must(xml::canonical_form(tree, {.apex = tree.root()}));
}

std::string without_value(std::string bytes) {
    const auto from = bytes.find("SignatureValue>"), to = bytes.find("<", from);
    return from == std::string::npos ? bytes : bytes.erase(from, to - from);
}

std::string outcome(const Result<std::string>& result) {
    return result ? *result : result.error().text();
}

void compare(const Way& way, const std::string& document, const std::string& fast) {
    const auto reference = sign(document, way.profile, way.person->signer());
    if (way.deterministic || !reference) {
        ASSERT_EQ(fast, outcome(reference));
    } else {
        ASSERT_EQ(without_value(fast), without_value(*reference));
        const Verification found = test::verify_all(fast, way.profile);
        ASSERT_TRUE(found.valid) << test::texts(found);
    }
}

TEST(FastSign, GivesTheReferencesBytesOnRandomDocuments) {
    const std::uint64_t seed = number("HANSA_SEED", 20261125), documents = number("HANSA_DOCUMENTS", 900);
    std::mt19937_64 random(seed);
    test::SpelledDocument maker(random);
    std::vector<FastSigner> signers;
    for (const Way& way : ways()) signers.push_back(fast_signer(way));
    for (std::uint64_t i = 0; i < documents; ++i) {
        const std::size_t chosen = random() % (i % 9 == 0 ? ways().size() : ways().size() - 1);
        std::string source = maker.make();
        // Documents that declare the signatures' namespace are left to the reference: most shall not.
        const std::string dsig = "http://www.w3.org/2000/09/xmldsig#";
        for (auto at = source.find(dsig); i % 4 != 0 && at != std::string::npos; at = source.find(dsig)) {
            source.replace(at, dsig.size(), "urn:other");
        }
        const std::string document = canonical(source);
        SCOPED_TRACE("HANSA_SEED=" + std::to_string(seed) + " document " + std::to_string(i) + ", " +
                     ways()[chosen].name + "\n" + document);
        compare(ways()[chosen], document, outcome(signers[chosen].sign(canonical_document(document))));
        if (HasFatalFailure()) return;
    }
    FastSignCounts sum;
    for (const FastSigner& signer : signers) {
        sum.fast += signer.counts().fast;
        sum.scanned += signer.counts().scanned;
        sum.left += signer.counts().left;
    }
    std::cout << sum.fast << " fast (" << sum.scanned << " with a scan), " << sum.left << " left\n";
    EXPECT_GT(sum.fast, documents * 2 / 3);
    EXPECT_GT(sum.scanned, documents / 45);
    test::SuiteResult result("fast-sign", seed);
    result.pass("signed", documents);
    result.publish();
}

TEST(FastSign, StandsAtTheProfilesPlace) {
    const std::string document =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<c:M "
        "xmlns:c=\"urn:m\"><c:O>x</c:O><c:ExtendMessage></c:ExtendMessage></c:M>\n";
    for (const Way& way : ways()) {
        SCOPED_TRACE(way.name);
        FastSigner signer = fast_signer(way);
        compare(way, document, must(signer.sign(canonical_document(document))));
        EXPECT_EQ(signer.counts().fast, 1u);
        for (const std::string other :
             {"<a></a>", "<a>text = \"x\"</a>", "<a><?pi?></a>", "<a b=\"xmlns=\"> xmlns=\"y\"</a>"}) {
            compare(way, other, outcome(signer.sign(canonical_document(other))));
        }
        // A place that the writer knows is taken at its word.
        CanonicalDocument known = canonical_document(document);
        known.insert_at = document.find("<c:ExtendMessage>");
        const std::string bytes = must(signer.sign(known));
        EXPECT_EQ(bytes.find("</c:O><" + (way.profile.prefix.empty() ? "" : way.profile.prefix + ":") + "Signature "),
                  document.find("</c:O>"));
    }
}

TEST(FastSign, SeveralAtOnceAreTheSameAsOneByOne) {
    for (const std::size_t way : {0u, 3u, 5u}) {
        FastSigner signer = fast_signer(ways()[way]);
        std::vector<std::string> bytes;
        for (std::size_t i = 0; i < 23; ++i) {
            bytes.push_back(
                canonical("<m:a xmlns:m='urn:m' xmlns:n='urn:n'>" + std::string(i * 77, 'x') + "<m:b/></m:a>"));
            if (i == 7) bytes.back() = "<a><Signature xmlns=\"http://www.w3.org/2000/09/xmldsig#\"></Signature></a>";
        }
        std::vector<CanonicalDocument> documents;
        for (const std::string& one : bytes) documents.push_back(canonical_document(one));
        const auto all = signer.sign_all(documents);
        ASSERT_EQ(all.size(), bytes.size());
        for (std::size_t i = 0; i < all.size(); ++i) compare(ways()[way], bytes[i], outcome(all[i]));
        const auto elements = signer.signatures(documents);
        for (std::size_t i = 0; i < elements.size(); ++i) {
            ASSERT_EQ(elements[i].has_value(), i != 7);
            if (i == 7) continue;
            std::string put = bytes[i];
            put.insert(elements[i]->at, elements[i]->element);
            EXPECT_EQ(without_value(put), without_value(*all[i]));
        }
        EXPECT_EQ(all[7].error().code.name(), "trust.already-signed");
        EXPECT_EQ(signer.counts().left, 2u);
    }
}

TEST(FastSign, ContainersAreTheReferences) {
    const Profile& profile = test::core_profile("asice.rsa-sha256");
    const SignOptions options{.signing_time = must(parse_iso("2026-11-25T08:15:30Z"))};
    FastSigner signer = must(FastSigner::make(profile, people().rsa.signer()));
    const std::string document = canonical(test::sample_document());
    EXPECT_EQ(must(signer.sign(canonical_document(document), options)),
              must(sign(document, profile, people().rsa.signer(), options)));
    EXPECT_EQ(signer.counts().left, 1u);
}

TEST(FastSign, RefusesWhatTheReferenceRefuses) {
    Profile wrong = test::core_profile("enveloped.rsa-sha256");
    EXPECT_EQ(FastSigner::make(wrong, people().ec.signer()).error().code.name(), "trust.key-unfit");
    wrong.transforms.clear();
    EXPECT_EQ(FastSigner::make(wrong, people().rsa.signer()).error().code.name(), "trust.profile-invalid");
    FastSigner signer = fast_signer(ways()[0]);
    EXPECT_EQ(signer.sign(canonical_document("")).error().text(),
              sign("", ways()[0].profile, people().rsa.signer()).error().text());
    EXPECT_EQ(signer.sign(canonical_document("<a>")).error().text(),
              sign("<a>", ways()[0].profile, people().rsa.signer()).error().text());
}

}  // namespace
}  // namespace hansa::trust
