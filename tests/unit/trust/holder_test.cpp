// Documents that hold their signatures: made and verified, receipts, and every way to put another content in.
#include "tests/unit/trust/holder_maker.h"

#include <gtest/gtest.h>

#include "core/xml/canonical.h"

namespace hansa::trust {
namespace {

using test::attribute_of;
using test::holder_profile;
using test::must;
using test::people;
using test::piece;
using test::replaced;
using test::with_receipt;

const std::string document =
    "<?xml version=\"1.0\"?>\n<g:Goods xmlns:g=\"urn:goods\" "
    "xmlns:unused=\"urn:unused\"><g:name>tea</g:name><g:price>100</g:price></g:Goods>\n";

std::string signed_doc() {
    static const std::string made = must(sign(document, holder_profile(), people().ec.signer()));
    return made;
}

Verification verified(const std::string& bytes, const Profile& profile = holder_profile()) {
    return test::verify_all(bytes, profile);
}

std::string refusal(const std::string& bytes) {
    const Verification found = verified(bytes);
    EXPECT_TRUE(found.covered.empty() && found.documents.empty() && !found.receipt) << bytes;
    return found.valid ? "taken" : std::string(found.errors.front().code.name());
}

std::string success(const std::string& about = {}) {
    return "<rcpt:Success" + (about.empty() ? "" : " Reference=\"" + about + "\"") + "></rcpt:Success>";
}

TEST(Holder, CoversTheContentAndGivesWhatIsInIt) {
    const std::string bytes = signed_doc();
    const Verification found = verified(bytes);
    ASSERT_TRUE(found.valid) << test::texts(found) << bytes;
    ASSERT_EQ(found.covered.size(), 1u);
    EXPECT_EQ(found.covered[0].path, "/doc:SignedDoc/doc:Data/doc:SignedContent");
    EXPECT_FALSE(found.covered[0].whole_document);
    ASSERT_EQ(found.documents.size(), 1u);
    EXPECT_EQ(found.documents[0],
              "<g:Goods xmlns:g=\"urn:goods\"><g:name>tea</g:name><g:price>100</g:price></g:Goods>");
    EXPECT_EQ(found.signer.fingerprint, people().ec.signer().certificate().fingerprint);
    EXPECT_FALSE(found.receipt);
    // Octet by octet in the holder, and the same ids whenever the same document is signed.
    EXPECT_NE(bytes.find("<g:Goods xmlns:g=\"urn:goods\" xmlns:unused=\"urn:unused\">"), std::string::npos);
    EXPECT_EQ(attribute_of(bytes, "doc:Data", "Id"),
              attribute_of(must(sign(document, holder_profile(), people().ec.signer())), "doc:Data", "Id"));
    EXPECT_EQ(attribute_of(bytes, "ds:Reference", "URI"), "#" + attribute_of(bytes, "doc:SignedContent", "Id"));
}

TEST(Holder, StandsInAnotherDocumentAndVerifiesTakenOut) {
    // A SOAP envelope that declares the same prefixes otherwise changes nothing.
    const Verification found =
        verified("<?xml version=\"1.0\"?>\n<!-- around -->" + signed_doc() + "<!-- behind -->\n");
    EXPECT_TRUE(found.valid) << test::texts(found);
}

TEST(Holder, SeveralSignersOfSeveralKinds) {
    const std::string bytes = signed_doc();
    const auto tree = must(xml::ReferenceDocument::parse(bytes));
    const Verification first = verified(bytes);
    const std::string id = attribute_of(bytes, "doc:SignedContent", "Id");
    const std::string second =
        test::signature_by_id(people().rsa, holder_profile(true).signature_method, id, first.covered[0].octets);
    const std::string both = replaced(bytes, "<doc:SignedContent", second + "<doc:SignedContent");
    const Verification found = verified(both);
    ASSERT_TRUE(found.valid) << test::texts(found);
    ASSERT_EQ(found.signers.size(), 2u);
    EXPECT_EQ(found.signers[1].fingerprint, people().rsa.signer().certificate().fingerprint);
    EXPECT_EQ(found.documents, first.documents);
    // All of them count.
    const std::string broken =
        replaced(both,
                 "Id=\"extra\"><ds:SignedInfo><ds:CanonicalizationMethod "
                 "Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"></"
                 "ds:CanonicalizationMethod><ds:SignatureMethod Algorithm=\"" +
                     holder_profile(true).signature_method,
                 "Id=\"extra\"><ds:SignedInfo><ds:CanonicalizationMethod "
                 "Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"></"
                 "ds:CanonicalizationMethod><ds:SignatureMethod Algorithm=\"urn:EAEU:Signature:bign-with-hbelt");
    const Verification refused = verified(broken);
    ASSERT_FALSE(refused.valid);
    EXPECT_EQ(refused.errors.front().code.name(), "trust.algorithm-unavailable");
    EXPECT_EQ(refused.errors.front().detail, "signature 2 of 2: bign (Belarus), urn:EAEU:Signature:bign-with-hbelt");
}

TEST(Holder, NationalAlgorithmsAreRefusedByName) {
    for (const auto& [uri, name] :
         {std::pair{"urn:EAEU:Signature:bign-with-hbelt", "Belarus"},
          std::pair{"urn:ietf:params:xml:ns:cpxmlsec:algorithms:gostr34102012-gostr34112012-256",
                    "GOST R 34.10-2012"}}) {
        const Verification found = verified(replaced(signed_doc(), holder_profile().signature_method, uri));
        ASSERT_FALSE(found.valid);
        EXPECT_EQ(found.errors.front().code.name(), "trust.algorithm-unavailable") << uri;
        EXPECT_NE(found.errors.front().detail.find(name), std::string::npos) << found.errors.front().detail;
    }
    // Of a digest too; the signature value fits the text no more, and is told first.
    const Verification digest =
        verified(replaced(signed_doc(), "http://www.w3.org/2001/04/xmlenc#sha256", "urn:EAEU:Digest:belt-hash256"));
    ASSERT_EQ(digest.errors.size(), 2u);
    EXPECT_EQ(digest.errors[1].code.name(), "trust.algorithm-unavailable");
    EXPECT_EQ(refusal(replaced(signed_doc(), holder_profile().signature_method, "urn:nobody")),
              "trust.algorithm-refused");
}

TEST(Holder, NoOtherContentTakesTheSignedOnesPlace) {
    const std::string bytes = signed_doc();
    const std::string content = piece(bytes, "<doc:SignedContent", "</doc:SignedContent>");
    const std::string id = attribute_of(bytes, "doc:SignedContent", "Id");
    const std::string evil = replaced(content, "<g:price>100", "<g:price>1");
    const std::string evil_other_id = replaced(evil, id, "evil");
    // Changed where it stands.
    EXPECT_EQ(refusal(replaced(bytes, content, evil)), "trust.digest-wrong");
    // The signed one moved into the signature's own Object, another in its place.
    const std::string hidden =
        replaced(bytes, "</ds:Signature>", "<ds:Object>" + content + "</ds:Object></ds:Signature>");
    EXPECT_EQ(refusal(replaced(hidden, "</ds:Signature>" + content, "</ds:Signature>" + evil_other_id)),
              "trust.not-covered");
    EXPECT_EQ(refusal(replaced(hidden, "</ds:Signature>" + content, "</ds:Signature>" + evil)), "trust.duplicate-id");
    // Moved into the new content, beside it, behind Data, around the root.
    EXPECT_EQ(refusal(replaced(bytes, content, replaced(evil_other_id, "<g:price>", content + "<g:price>"))),
              "trust.not-covered");
    EXPECT_EQ(refusal(replaced(bytes, content, evil_other_id + content)), "trust.signature-place");
    EXPECT_EQ(refusal(replaced(bytes, content, content + evil_other_id)), "trust.signature-place");
    EXPECT_EQ(refusal(replaced(bytes, content + "</doc:Data>", evil_other_id + "</doc:Data>" + content)),
              "trust.signature-place");
    EXPECT_EQ(
        refusal(replaced(replaced(bytes, "<doc:Data", "<doc:Data Id=\"d2\">" + evil_other_id + "</doc:Data><doc:Data"),
                         "\"d2\"", "\"d3\"")),
        "trust.signature-place");
    EXPECT_EQ(refusal("<wrap>" + bytes + "</wrap>"), "trust.form-refused");
    // The signature behind the content, inside of it, or gone.
    const std::string signature = piece(bytes, "<ds:Signature ", "</ds:Signature>");
    EXPECT_EQ(refusal(replaced(replaced(bytes, signature, ""), content, content + signature)),
              "trust.signature-missing");
    EXPECT_EQ(refusal(replaced(bytes, signature, "")), "trust.signature-missing");
    // Of all that is around the content, nothing is read, and nothing is covered.
    EXPECT_EQ(refusal(replaced(bytes, "URI=\"#" + id, "URI=\"#" + attribute_of(bytes, "doc:Data", "Id"))),
              "trust.signature-wrong");
    EXPECT_EQ(refusal(replaced(bytes, id + "\" DocInstance=\"urn", id + "\" DocInstance=\"evil")),
              "trust.digest-wrong");
    EXPECT_EQ(refusal(test::sample_document()), "trust.form-refused");
}

TEST(Holder, AnEmptyContentIsNoDocument) {
    std::string bytes = signed_doc();
    const std::string content =
        "<doc:SignedContent xmlns:doc=\"urn:EEC:SignedData:v1.0:EDoc\" DocInstance=\"i\" Id=\"c\"></doc:SignedContent>";
    const std::string signature = test::signature_by_id(people().ec, holder_profile().signature_method, "c", content);
    bytes = "<doc:SignedDoc xmlns:doc=\"urn:EEC:SignedData:v1.0:EDoc\"><doc:Data Id=\"d\">" + signature + content +
            "</doc:Data></doc:SignedDoc>";
    EXPECT_EQ(refusal(bytes), "trust.not-covered");
}

TEST(Holder, AReceiptIsReadWhereItBelongsToTheDocumentAndEverySignature) {
    const std::string bytes = signed_doc();
    const std::string about = attribute_of(bytes, "doc:SignedContent", "DocInstance");
    const std::string id = attribute_of(bytes, "ds:Signature", "Id");
    for (const std::string& report : {success(), success("#" + id), success(id)}) {
        const Verification found = verified(with_receipt(bytes, about, report));
        ASSERT_TRUE(found.valid) << test::texts(found);
        ASSERT_TRUE(found.receipt);
        EXPECT_EQ(found.receipt->id, "urn:uuid:1");
        EXPECT_EQ(found.receipt->document, about);
        EXPECT_EQ(found.receipt->signer.fingerprint, people().ec.signer().certificate().fingerprint);
    }
    EXPECT_EQ(refusal(with_receipt(bytes, "urn:uuid:another", success())), "trust.receipt-differs");
    EXPECT_EQ(refusal(with_receipt(bytes, about, success("#another"))), "trust.receipt-differs");
    EXPECT_EQ(refusal(with_receipt(bytes, about, "")), "trust.receipt-differs");
    const std::string negative =
        "<rcpt:Error><rcpt:ReasonCode>Signature.Error</rcpt:ReasonCode><rcpt:ReasonText>no</rcpt:ReasonText></"
        "rcpt:Error>";
    EXPECT_EQ(refusal(with_receipt(bytes, about, success() + negative)), "trust.receipt-negative");
    EXPECT_EQ(refusal(with_receipt(bytes, about, "<rcpt:Maybe></rcpt:Maybe>")), "trust.receipt-malformed");
}

TEST(Holder, AReceiptIsNothingWithoutItsOwnSignature) {
    const std::string bytes = signed_doc();
    const std::string about = attribute_of(bytes, "doc:SignedContent", "DocInstance");
    const std::string good = with_receipt(bytes, about, success());
    EXPECT_EQ(refusal(replaced(good, "<rcpt:ReceiptId>urn:uuid:1", "<rcpt:ReceiptId>urn:uuid:2")),
              "trust.digest-wrong");
    // A stranger's receipt.
    const auto stranger = test::make_person(KeyKind::p256, test::make_authority(KeyKind::p256, "Stranger"));
    EXPECT_EQ(refusal(with_receipt(bytes, about, success(), stranger)), "trust.certificate-unknown");
    // A good receipt beside another that the signature does not cover; one behind the signature; a signature over
    // something else.
    const std::string receipt = piece(good, "<rcpt:Receipt", "</rcpt:Receipt>");
    const std::string forged = replaced(receipt, "Id=\"receipt\"", "Id=\"forged\"");
    EXPECT_EQ(refusal(replaced(good, receipt, forged + receipt)), "trust.receipt-malformed");
    EXPECT_EQ(refusal(replaced(good, receipt + "</ds:Object>",
                               forged + "</ds:Object><ds:Object><w>" + receipt + "</w></ds:Object>")),
              "trust.receipt-malformed");
    EXPECT_EQ(refusal(replaced(good, "</doc:SignedDoc>", receipt + "</doc:SignedDoc>")), "trust.signature-place");
    // A receipt does not stand in for the sender's signature.
    EXPECT_EQ(refusal(replaced(good, "<g:price>100", "<g:price>1")), "trust.digest-wrong");
}

TEST(Holder, ProfilesThatWouldDependOnTheirSurroundingsAreRefused) {
    Profile inclusive = holder_profile();
    inclusive.transforms = {"http://www.w3.org/TR/2001/REC-xml-c14n-20010315"};
    EXPECT_FALSE(check_profile(inclusive));
    Profile nameless = holder_profile();
    nameless.holder = {};
    EXPECT_FALSE(check_profile(nameless));
    Profile lost = test::core_profile("enveloped.ecdsa-p256-sha256");
    lost.holder = holder_profile().holder;
    EXPECT_FALSE(check_profile(lost));
    Profile generous = holder_profile();
    generous.accepted = {"http://www.w3.org/2000/09/xmldsig#rsa-sha1"};
    EXPECT_FALSE(check_profile(generous));
    const auto again = sign(signed_doc(), holder_profile(), people().ec.signer());
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code.name(), "trust.already-signed");
}

}  // namespace
}  // namespace hansa::trust
