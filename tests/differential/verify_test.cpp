// The fast verification against the reference: one verdict, one report, the same octets.
//
// HANSA_SEED and HANSA_TAMPERED change the tampered messages; a failure prints seed and message.
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <random>

#include "core/trust/fast_verify.h"
#include "core/xml/fast_canonical.h"
#include "tests/conformance/wrapping/moves.h"
#include "tests/support/results.h"
#include "tests/support/spellings.h"
#include "tests/support/verify_both.h"
#include "tests/unit/trust/people.h"

namespace hansa::trust {
namespace {

using test::must;
using test::people;
using test::replaced;

std::uint64_t number(const char* variable, std::uint64_t otherwise) {
    const char* text = std::getenv(variable);
    return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

struct Way {
    std::string name;
    Profile profile;
    const test::Person* person;
};

Profile with_methods(const std::string& signed_info, const std::string& transform, const std::string& digest) {
    Profile profile = test::core_profile("enveloped.ecdsa-p256-sha256");
    profile.name = "test";
    profile.canonicalization = signed_info;
    profile.transforms = {profile.transforms.front(), transform};
    profile.digest_method = digest;
    return profile;
}

const std::vector<Way>& ways() {
    const std::string c14n11 = "http://www.w3.org/2006/12/xml-c14n11",
                      exclusive = "http://www.w3.org/2001/10/xml-exc-c14n#";
    const std::string c14n10 = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";
    static const std::vector<Way> all{
        {"sm2", test::ceb_sm2(), &people().sm2},
        {"rsa-sha1", test::ceb_rsa(), &people().rsa},
        {"rsa", test::core_profile("enveloped.rsa-sha256"), &people().rsa},
        {"ecdsa", test::core_profile("enveloped.ecdsa-p256-sha256"), &people().ec},
        {"c14n11 sha512", with_methods(c14n11, c14n11, "http://www.w3.org/2001/04/xmlenc#sha512"), &people().ec},
        {"mixed sha384", with_methods(exclusive, c14n10, "http://www.w3.org/2001/04/xmldsig-more#sha384"),
         &people().ec},
        {"comments",
         with_methods(exclusive + "WithComments", c14n10 + "#WithComments", "http://www.w3.org/2001/04/xmlenc#sha256"),
         &people().ec},
    };
    return all;
}

const VerifyOptions& trusting() {
    static const VerifyOptions options{.trust = &people().store};
    return options;
}

std::string signed_by(const Way& way, std::string_view document) {
    return must(sign(document, way.profile, way.person->signer()));
}

TEST(FastVerify, AcceptsWhatWeSignAndReportsWhatTheReferenceReports) {
    FastVerifier verifier({.keep_octets = true});
    for (const Way& way : ways()) {
        for (const std::string& document : {test::sample_document(), std::string("<a/>"),
                                            std::string("<p:a xmlns:p='urn:a' xml:lang='x'><?go on?></p:a>")}) {
            SCOPED_TRACE(way.name + "\n" + document);
            const std::string bytes = signed_by(way, document);
            FastVerification found;
            EXPECT_EQ(test::difference(verifier, bytes, policy_of(way.profile), trusting(), found), "");
            ASSERT_TRUE(found.fast) << name_of(found.left) << test::texts(found.report);
            // The ranges are what the octets are made of.
            const CoveredRange range = found.ranges.front();
            EXPECT_EQ(bytes.substr(range.without.from, 15),
                      way.profile.prefix.empty() ? "<Signature xmln" : "<ds:Signature x");
            EXPECT_EQ(bytes[range.element.to - 1], '>');
            xml::CanonicalPieces pieces;
            const auto method = xml::canonicalization_of(way.profile.transforms.back());
            must(xml::fast_canonical_form(
                bytes,
                {.method = xml::without_comments(method.value_or(xml::Canonicalization::c14n10)),
                 .without = range.without.from},
                pieces));
            EXPECT_EQ(pieces.text(), found.report.covered.front().octets);
            // The first spelling that a reader gets is the whole root.
            EXPECT_EQ(range.element.from, bytes.find(found.report.covered.front().path.substr(1)) - 1);
        }
    }
    EXPECT_EQ(verifier.counts().fast, ways().size() * 3);
    EXPECT_EQ(verifier.counts().read_again, 0u) << "a profile's guess is right at once";
    EXPECT_GT(verifier.counts().signers_known, 0u);
}

TEST(FastVerify, AcceptsRandomSpellings) {
    const std::uint64_t seed = number("HANSA_SEED", 20261125);
    std::mt19937_64 random(seed);
    test::SpelledDocument maker(random);
    FastVerifier verifier({.keep_octets = true});
    std::uint64_t fast = 0, left = 0;
    for (int i = 0; i < 1'200; ++i) {
        const Way& way = ways()[random() % ways().size()];
        const std::string document = maker.make();
        const auto bytes = sign(document, way.profile, way.person->signer());
        if (!bytes) continue;  // it has a Signature by chance
        SCOPED_TRACE("HANSA_SEED=" + std::to_string(seed) + ", " + way.name + ", document " + std::to_string(i) + "\n" +
                     *bytes);
        FastVerification found;
        ASSERT_EQ(test::difference(verifier, *bytes, policy_of(way.profile), trusting(), found), "");
        ++(found.fast ? fast : left);
        ASSERT_TRUE(found.fast || !found.report.valid || found.left == LeftBecause::namespaces) << name_of(found.left);
    }
    std::cout << fast << " fast, " << left << " left\n";
    EXPECT_GT(fast, 1'000u);
    test::SuiteResult result("fast-verify-spellings", seed);
    result.pass("signed, in random spellings", fast + left);
    result.publish();
}

/// 10,000 and more: one byte flipped, taken out or doubled, or elements moved as in wrapping attacks.
TEST(FastVerify, JudgesTamperedMessagesAsTheReferenceDoes) {
    const std::uint64_t seed = number("HANSA_SEED", 20261125), tampered = number("HANSA_TAMPERED", 10'500);
    std::mt19937_64 random(seed);
    std::vector<std::string> originals;
    for (const Way& way : ways()) originals.push_back(signed_by(way, test::sample_document()));
    FastVerifier verifier({.keep_octets = true});
    std::uint64_t accepted = 0, left_valid = 0;
    for (std::uint64_t i = 0; i < tampered; ++i) {
        // SM2 is slow: it takes its turn less often.
        const std::size_t chosen = random() % 8 == 0 ? 0 : 1 + random() % (ways().size() - 1);
        std::string bytes = originals[chosen];
        const std::size_t place = random() % bytes.size();
        switch (random() % 5) {
            case 0:
                bytes[place] = static_cast<char>(bytes[place] ^ (1 << random() % 8));
                break;
            case 1:
                bytes[place] = static_cast<char>(' ' + random() % 95);
                break;
            case 2:
                bytes.erase(place, 1 + random() % 3);
                break;
            case 3:
                bytes.insert(place, bytes.substr(random() % bytes.size(), 1 + random() % 40));
                break;
            default:
                bytes = test::moved(bytes, 1, random);
                break;
        }
        FastVerification found;
        const std::string what =
            test::difference(verifier, bytes, policy_of(ways()[chosen].profile), trusting(), found);
        ASSERT_EQ(what, "") << "HANSA_SEED=" << seed << ", message " << i << ", " << ways()[chosen].name << ":\n"
                            << bytes;
        accepted += found.report.valid;
        left_valid += found.report.valid && !found.fast;
    }
    const FastVerifyCounts counts = verifier.counts();
    std::cout << tampered << " tampered, " << accepted << " harmless and accepted, " << left_valid
              << " of them by the reference alone; left:";
    for (std::size_t i = 1; i < left_reasons; ++i) std::cout << ' ' << name_of(LeftBecause(i)) << ' ' << counts.left[i];
    std::cout << '\n';
    test::SuiteResult result("fast-verify", seed);
    result.pass("tampered", tampered);
    result.publish();
    EXPECT_LT(left_valid, tampered / 200) << "the fast way does not take what it should";
    EXPECT_GT(accepted, tampered / 200) << "comments and white space in tags change nothing";
    for (const LeftBecause why :
         {LeftBecause::digest, LeftBecause::value, LeftBecause::signature, LeftBecause::scanner}) {
        EXPECT_GT(counts.left[static_cast<std::size_t>(why)], 0u) << name_of(why);
    }
}

TEST(FastVerify, SeveralAtOnceGetTheReportsOfOneByOne) {
    for (const std::size_t way : {0u, 3u}) {
        std::vector<std::string> bytes;
        for (int i = 0; i < 37; ++i) {
            std::string document = test::sample_document();
            document.insert(document.find("tea"), std::string(static_cast<std::size_t>(i * 50), 'x'));
            bytes.push_back(signed_by(ways()[way], document));
            if (i % 9 == 4) bytes.back() = replaced(bytes.back(), "tea", "TEA");
        }
        const std::vector<std::string_view> views(bytes.begin(), bytes.end());
        FastVerifier verifier({.keep_octets = true});
        const auto all = verifier.verify_all(views, policy_of(ways()[way].profile), trusting());
        ASSERT_EQ(all.size(), bytes.size());
        for (std::size_t i = 0; i < all.size(); ++i) {
            const auto reference = verify(bytes[i], policy_of(ways()[way].profile), trusting());
            EXPECT_EQ(test::difference(all[i].report, reference), "") << i;
            EXPECT_EQ(all[i].fast, i % 9 != 4);
        }
        EXPECT_EQ(verifier.counts().left[static_cast<std::size_t>(LeftBecause::digest)], 4u);
    }
}

/// What a reader would say of a document, found by the reference's scanner; nothing where the promises do not hold.
std::optional<ReadDocument> read_by_scanner(std::string_view bytes) {
    ReadDocument out{bytes, {}, 0};
    xml::Scanner scanner(bytes);
    std::size_t depth = 0, signatures = 0;
    for (;;) {
        const auto kind = scanner.next();
        if (!kind) return std::nullopt;
        const xml::Token& token = scanner.token();
        if (*kind == xml::TokenKind::end_of_document) break;
        if (*kind == xml::TokenKind::start_element && ++depth == 1) out.root.from = token.offset;
        if (*kind == xml::TokenKind::start_element && depth == 2 && token.local == "Signature" &&
            token.ns == "http://www.w3.org/2000/09/xmldsig#") {
            out.signature = token.offset;
            ++signatures;
        }
        if (*kind == xml::TokenKind::end_element && depth-- == 1) out.root.to = token.end;
    }
    return signatures == 1 ? std::optional(out) : std::nullopt;
}

TEST(FastVerify, OnAReadersWordTheReportIsTheSame) {
    const std::uint64_t seed = number("HANSA_SEED", 20261125);
    std::mt19937_64 random(seed);
    test::SpelledDocument maker(random);
    FastVerifier verifier({.keep_octets = true});
    std::uint64_t tampered = 0;
    for (int i = 0; i < 2'500; ++i) {
        const Way& way = ways()[i % 11 == 0 ? 0 : 1 + random() % (ways().size() - 1)];
        const std::string document = i % 3 == 0 ? maker.make() : test::sample_document();
        const auto signed_bytes = sign(document, way.profile, way.person->signer());
        if (!signed_bytes) continue;
        std::string bytes = *signed_bytes;
        if (i % 2 == 0) {
            const std::size_t place = random() % bytes.size();
            bytes[place] = random() % 2 == 0 ? static_cast<char>(' ' + random() % 95) : bytes[random() % bytes.size()];
        }
        const auto read = read_by_scanner(bytes);
        if (!read) continue;
        SCOPED_TRACE("HANSA_SEED=" + std::to_string(seed) + ", " + way.name + ", message " + std::to_string(i) + ":\n" +
                     bytes);
        const Policy policy = policy_of(way.profile);
        const FastVerification found = verifier.verify_read(*read, policy, trusting());
        ASSERT_EQ(test::difference(found.report, verify(bytes, policy, trusting())), "");
        tampered += !found.report.valid;
        if (!found.fast) continue;
        EXPECT_EQ(found.ranges.front().element, read->root);
        EXPECT_EQ(found.ranges.front().without.from, read->signature);
    }
    const FastVerifyCounts counts = verifier.counts();
    std::cout << counts.fast << " fast, " << counts.unscanned << " judged unscanned, " << tampered << " refused\n";
    EXPECT_GT(counts.unscanned, 600u);
    EXPECT_GT(tampered, 200u);
    EXPECT_EQ(counts.differed, 0u);
}

TEST(FastVerify, AReadersOffsetsThatAreWrongAreNotBelieved) {
    FastVerifier verifier;
    const Policy policy = policy_of(ways()[0].profile);
    const std::string bytes = signed_by(ways()[0], test::sample_document());
    const ReadDocument right = *read_by_scanner(bytes);
    for (const std::size_t signature : {std::size_t{0}, right.root.from, right.signature - 1, right.signature + 1,
                                        bytes.find("<c:Order"), bytes.find("<ds:SignedInfo"), bytes.size() + 5}) {
        ReadDocument wrong = right;
        wrong.signature = signature;
        EXPECT_TRUE(verifier.verify_read(wrong, policy, trusting()).report.valid) << "the scanner's way finds it";
    }
    EXPECT_EQ(verifier.counts().unscanned, 0u);
    EXPECT_TRUE(verifier.verify_read(right, policy, trusting()).fast);
    EXPECT_EQ(verifier.counts().unscanned, 1u);
    const std::string other = replaced(bytes, "UTF-8", "GB18030");
    EXPECT_FALSE(verifier.verify_read(*read_by_scanner(bytes), policy, {}).report.valid);
    EXPECT_EQ(verifier.verify_read({other, right.root, right.signature}, policy, trusting())
                  .report.errors.front()
                  .code.name(),
              "xml.encoding-refused");
}

TEST(FastVerify, AWrongGuessIsReadAgainAndLearned) {
    FastVerifier verifier({.keep_octets = true});
    const std::string bytes = signed_by(ways()[3], test::sample_document());
    for (int i = 0; i < 3; ++i) {
        FastVerification found;
        EXPECT_EQ(test::difference(verifier, bytes, standard_policy(), trusting(), found), "");
        EXPECT_TRUE(found.fast) << name_of(found.left);
    }
    EXPECT_EQ(verifier.counts().read_again, 1u);
}

TEST(FastVerify, ChainsAreJudgedAnewOutsideOfTheirDates) {
    FastVerifier verifier;
    const Way& way = ways()[3];
    const std::string bytes = signed_by(way, test::sample_document());
    const auto at = [&](const char* moment) {
        VerifyOptions options = trusting();
        options.at = must(parse_iso(moment));
        return verifier.verify(bytes, way.profile, options);
    };
    const std::string today = way.person->signer().certificate().not_before;
    EXPECT_TRUE(at(today.c_str()).fast);
    EXPECT_TRUE(at(today.c_str()).fast);
    EXPECT_EQ(verifier.counts().signers_judged, 1u);
    const FastVerification late = at("2100-01-01T00:00:00Z"), early = at("2001-01-01T00:00:00Z");
    EXPECT_EQ(late.left, LeftBecause::signer);
    ASSERT_FALSE(late.report.errors.empty());
    EXPECT_EQ(late.report.errors.front().code.name(), "trust.certificate-expired");
    EXPECT_EQ(early.report.errors.front().code.name(), "trust.certificate-early");
    EXPECT_TRUE(at(today.c_str()).fast);
    EXPECT_EQ(verifier.counts().signers_judged, 4u);
    // Another store is another verdict, also for a signer that is known.
    const TrustStore others = must(TrustStore::from_pem({people().sm2_authority.certificate}));
    const FastVerification unknown = verifier.verify(bytes, way.profile, {.trust = &others});
    EXPECT_FALSE(unknown.report.valid);
    EXPECT_EQ(unknown.report.errors.front().code.name(), "trust.certificate-unknown");
    EXPECT_FALSE(verifier.verify(bytes, way.profile, {}).report.valid) << "nobody is trusted";
}

TEST(FastVerify, KnownSignersAreBounded) {
    FastVerifier verifier({.signers_max = 1});
    for (int round = 0; round < 2; ++round) {
        for (const std::size_t way : {2u, 3u}) {
            EXPECT_TRUE(verifier.verify(signed_by(ways()[way], "<a/>"), ways()[way].profile, trusting()).fast);
        }
    }
    EXPECT_EQ(verifier.counts().signers_judged, 4u);
}

TEST(FastVerify, WhatItDoesNotDoGoesToTheReferenceAndIsCounted) {
    FastVerifier verifier;
    const auto left = [&](std::string_view bytes, const Policy& policy) {
        return verifier.verify(bytes, policy, trusting()).left;
    };
    const std::string good = signed_by(ways()[3], test::sample_document());
    const Policy policy = policy_of(ways()[3].profile);
    EXPECT_EQ(left(must(sign("<a/>", test::core_profile("asice.ecdsa-p256-sha256"), people().ec.signer())),
                   policy_of(test::core_profile("asice.ecdsa-p256-sha256"))),
              LeftBecause::form);
    EXPECT_EQ(left("<a>", policy), LeftBecause::scanner);
    EXPECT_EQ(left("<a/>", policy), LeftBecause::signature);
    EXPECT_EQ(left(replaced(good, "#enveloped-signature", "#other"), policy), LeftBecause::transform);
    EXPECT_EQ(
        left(replaced(good, "Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256\"", "Algorithm=\"urn:x\""),
             policy),
        LeftBecause::algorithm);
    EXPECT_EQ(left(replaced(good, "urn:test:message", "relative"), policy), LeftBecause::namespaces);
    EXPECT_EQ(left(replaced(good, "tea", "tee"), policy), LeftBecause::digest);
    EXPECT_EQ(left(replaced(good, "<ds:Reference ", "<ds:Reference Id=\"x\" "), policy), LeftBecause::value);
    EXPECT_EQ(left(replaced(good, "URI=\"\"", "URI=\"#O1\""), policy), LeftBecause::coverage);
    EXPECT_EQ(verifier.verify(good, policy, {}).left, LeftBecause::signer);
    std::uint64_t counted = 0;
    for (const std::uint64_t count : verifier.counts().left) counted += count;
    EXPECT_EQ(counted, 10u);
    EXPECT_EQ(verifier.counts().differed, 0u);
    EXPECT_EQ(name_of(LeftBecause::coverage), "coverage");
}

}  // namespace
}  // namespace hansa::trust
