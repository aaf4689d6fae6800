#include "core/disclosure/consent.h"

#include "core/disclosure/codes.h"
#include "core/trust/codes.h"
#include "tests/unit/disclosure/consents.h"

namespace hansa::disclosure::test {
namespace {

struct Bad {
    const char* what;
    Draft draft;
    Code code;
    std::uint32_t line;
    const char* named;  ///< what the message must say
};

std::vector<Bad> bad_consents() {
    std::vector<Bad> out;
    const auto add = [&](const char* what, Code code, std::uint32_t line, const char* named, auto&& change) {
        Bad bad{what, {}, code, line, named};
        change(bad.draft);
        out.push_back(std::move(bad));
    };
    add("unknown field", codes::field_unknown, 9, "'InvoiceAmount'", [](Draft& d) { d.fields = "<field>FunctionCode</field>\n  <field>InvoiceAmont</field>"; });
    add("percent", codes::field_not_plain, 8, "'GoodsShipment/Buyer/Name'", [](Draft& d) { d.fields = "<field>GoodsShipment/%42uyer/Name</field>"; });
    add("dots", codes::field_not_plain, 8, "'GoodsShipment/Buyer/Name'", [](Draft& d) { d.fields = "<field>GoodsShipment/Seller/../Buyer/Name</field>"; });
    add("a control character by reference", codes::field_not_plain, 8, "'GoodsShipment/Buyer/Name'", [](Draft& d) { d.fields = "<field>GoodsShipment/Bu&#x9;yer/Name</field>"; });
    add("a look-alike by reference", codes::field_not_plain, 8, "'GoodsShipment/Buyer/Name'", [](Draft& d) { d.fields = "<field>GoodsShipment/Buy&#x435;r/Name</field>"; });
    add("white space around", codes::field_not_plain, 8, "'FunctionCode'", [](Draft& d) { d.fields = "<field> FunctionCode </field>"; });
    add("class", codes::field_is_class, 8, "'GoodsShipment/Buyer'", [](Draft& d) { d.fields = "<field>GoodsShipment/Buyer</field>"; });
    add("twice", codes::field_twice, 9, "'ID'", [](Draft& d) { d.fields = "<field>ID</field>\n  <field>ID</field>"; });
    add("period the wrong way round", codes::bad_period, 11, "from", [](Draft& d) { d.to = "2026-10-01T00:00:00Z"; });
    add("period without a zone", codes::bad_period, 10, "no moment with a zone", [](Draft& d) { d.from = "2026-11-01T00:00:00"; });
    add("period of a hundred years", codes::bad_period, 11, "from", [](Draft& d) { d.to = "2126-11-01T00:00:00Z"; });
    add("unknown kind", codes::malformed, 7, "declaration", [](Draft& d) { d.kind = "declaratoin"; });
    add("a recipient that looks like another", codes::malformed, 5, "b\\xD0\\xB0nk", [](Draft& d) { d.recipient = "b\xD0\xB0nk"; });
    add("a place that is no party's", codes::subject_place_refused, 4, "'FunctionCode'",
        [](Draft& d) { d.subject = R"(<subject place="FunctionCode">9</subject>)"; });
    add("a place that is a party's name", codes::subject_place_refused, 4, "'GoodsShipment/Buyer/Name'",
        [](Draft& d) { d.subject = R"(<subject place="GoodsShipment/Buyer/Name">Anna</subject>)"; });
    add("a place that the pivot does not know", codes::field_unknown, 4, "'Buyer'",
        [](Draft& d) { d.subject = R"(<subject place="GoodsShipment/Byuer/ID">ID-OF-ANNA</subject>)"; });
    return out;
}

TEST(Consent, WhatIsWrongInItIsRefusedWithItsLine) {
    for (const Bad& bad : bad_consents()) {
        Diagnostics faults;
        const auto found = opened(signed_by(people().ec, bad.draft.text()), faults);
        ASSERT_FALSE(found) << bad.what;
        EXPECT_EQ(found.error().code, bad.code) << bad.what << ": " << found.error().text();
        EXPECT_EQ(found.error().place.line, bad.line) << bad.what << ": " << found.error().text();
        EXPECT_NE(found.error().text().find(bad.named), std::string::npos) << found.error().text();
        EXPECT_EQ(found.error().text().find("ID-OF-ANNA"), std::string::npos) << "an error never tells the identity";
        EXPECT_FALSE(faults.empty()) << bad.what;
    }
}

TEST(Consent, AllFaultsAreToldAtOnce) {
    Draft draft;
    draft.fields = "<field>InvoiceAmont</field>\n  <field>GoodsShipment/Buyer</field>";
    draft.purpose = "for all";
    Diagnostics faults;
    EXPECT_FALSE(opened(signed_by(people().ec, draft.text()), faults));
    EXPECT_EQ(faults.count(), 3U);
}

TEST(Consent, WithoutAGoodSignatureItIsNothing) {
    Diagnostics faults;
    const auto code_of = [&](const std::string& bytes) {
        const auto found = opened(bytes, faults);
        return found ? std::string("taken") : std::string(found.error().code.name());
    };
    const std::string good = signed_by(people().ec, Draft().text());
    EXPECT_EQ(code_of(good), "taken");
    EXPECT_EQ(code_of(signed_by(people().rsa, Draft().text(), "enveloped.rsa-sha256")), "taken");
    EXPECT_EQ(code_of(Draft().text()), "trust.signature-missing");
    EXPECT_EQ(code_of(hansa::test::replaced(good, "<recipient>bank<", "<recipient>bonk<")), "trust.digest-wrong");
    EXPECT_EQ(code_of(hansa::test::replaced(good, "<field>InvoiceAmount</field>", "<field>FunctionCode</field>")), "trust.digest-wrong");
    const auto stranger_root = hansa::test::make_authority(trust::KeyKind::p256, "Stranger");
    EXPECT_EQ(code_of(signed_by(hansa::test::make_person(trust::KeyKind::p256, stranger_root), Draft().text())), "trust.certificate-unknown");
}

std::string certificate_in(const std::string& bytes) {
    const std::size_t from = bytes.find("X509Certificate>") + 16;
    return bytes.substr(from, bytes.find('<', from) - from);
}

TEST(Consent, OneSignedWithSm2IsTakenAndNoOther) {
    Diagnostics faults;
    const auto code_of = [&](const std::string& bytes) {
        const auto found = opened(bytes, faults);
        return found ? std::string("taken") : std::string(found.error().code.name());
    };
    const trust::Profile* profile = registry()->profile("hansa.enveloped.sm2-sm3");
    ASSERT_NE(profile, nullptr);
    const auto by = [&](const hansa::test::Person& person, const std::string& text, const trust::Profile& how) { return hansa::test::must(trust::sign(text, how, person.signer())); };
    const std::string good = by(people().sm2, Draft().text(), *profile);
    EXPECT_EQ(code_of(good), "taken");
    EXPECT_EQ(code_of(by(people().sm2, R"(<withdrawal xmlns="urn:hansa:consent:1"><reference>C-1</reference><subject place="GoodsShipment/Buyer/ID">7</subject></withdrawal>)", *profile)), "taken");
    EXPECT_EQ(code_of(hansa::test::replaced(good, "<recipient>bank<", "<recipient>bonk<")), "trust.digest-wrong");
    EXPECT_EQ(code_of(hansa::test::replaced(good, "<field>InvoiceAmount</field>", "<field>FunctionCode</field>")), "trust.digest-wrong");
    // The signature of one firm beside the certificate of another.
    const auto other = hansa::test::make_person(trust::KeyKind::sm2, people().sm2_authority, {.common_name = "Other Firm", .serial = 2});
    const std::string of_other = by(other, Draft().text(), *profile);
    EXPECT_EQ(code_of(of_other), "taken");
    EXPECT_EQ(code_of(hansa::test::replaced(good, certificate_in(good), certificate_in(of_other))), "trust.signature-wrong");
    const auto stranger_root = hansa::test::make_authority(trust::KeyKind::sm2, "Stranger");
    EXPECT_EQ(code_of(by(hansa::test::make_person(trust::KeyKind::sm2, stranger_root), Draft().text(), *profile)), "trust.certificate-unknown");
    trust::Profile without_id = *profile;
    without_id.sm2_user_id.clear();
    EXPECT_EQ(code_of(by(people().sm2, Draft().text(), without_id)), "trust.signature-wrong") << "the user id is signed, too";
    // Names of SM2 over another key, and SM2 by names that the profile does not have.
    trust::Profile renamed = *profile;
    renamed.signature_method = "urn:other#sm2-sm3";
    renamed.names.push_back({renamed.signature_method, "sm2-sm3"});
    EXPECT_EQ(code_of(by(people().sm2, Draft().text(), renamed)), "trust.algorithm-refused");
}

TEST(Consent, WhatIsNoConsentIsRefused) {
    Diagnostics faults;
    const auto batch = opened(signed_by(people().ec, R"(<b:batch xmlns:b="urn:hansa:batch:1" count="1"><b:document><a/></b:document></b:batch>)"), faults);
    EXPECT_EQ(batch.error().code, codes::malformed);
    const auto large = opened(std::string(consent_bytes_max + 1, ' '), faults);
    EXPECT_EQ(large.error().code, codes::malformed);
    Draft no_recipient;
    const auto invalid = opened(signed_by(people().ec, hansa::test::replaced(no_recipient.text(), "<recipient>bank</recipient>", "")), faults);
    ASSERT_FALSE(invalid);
    EXPECT_EQ(invalid.error().code.name().substr(0, 7), "schema.");
}

TEST(Consent, AGoodOneIsReadWhole) {
    Diagnostics faults;
    const auto found = opened(signed_by(people().ec, Draft().text()), faults);
    ASSERT_TRUE(found) << found.error().text();
    const auto& consent = std::get<Consent>(found->document);
    EXPECT_EQ(consent.reference, "C-2026-0001");
    EXPECT_EQ(consent.subject.place, "GoodsShipment/Buyer/AdditionalDocument/ID");
    EXPECT_EQ(consent.subject.identity, "ID-OF-ANNA");
    EXPECT_EQ(consent.terms.recipient, "bank");
    EXPECT_EQ(consent.terms.fields.paths(), (std::vector<std::string>{"InvoiceAmount", "InvoiceAmount/@currencyID"}));
    EXPECT_EQ(consent.terms.from_ms, moment("2026-11-01T00:00:00Z"));
    const auto withdrawal = opened(signed_by(people().ec, R"(<withdrawal xmlns="urn:hansa:consent:1"><reference>C-1</reference><subject place="GoodsShipment/Buyer/ID" scheme="TIN">7</subject></withdrawal>)"), faults);
    ASSERT_TRUE(withdrawal) << withdrawal.error().text();
    EXPECT_EQ(std::get<Withdrawal>(withdrawal->document).subject.scheme, "TIN");
}

TEST(Consent, WhatIsWrittenIsReadAgain) {
    Diagnostics faults;
    const auto first = opened(signed_by(people().ec, Draft().text()), faults);
    ASSERT_TRUE(first);
    const auto again = opened(signed_by(people().ec, write_consent(std::get<Consent>(first->document))), faults);
    ASSERT_TRUE(again) << again.error().text();
    const auto &before = std::get<Consent>(first->document), &after = std::get<Consent>(again->document);
    EXPECT_EQ(after.reference, before.reference);
    EXPECT_EQ(after.subject.identity, before.subject.identity);
    EXPECT_EQ(after.subject.place, before.subject.place);
    EXPECT_EQ(after.terms.fields.paths(), before.terms.fields.paths());
    EXPECT_EQ(std::pair(after.terms.from_ms, after.terms.to_ms), std::pair(before.terms.from_ms, before.terms.to_ms));
    const auto withdrawal = opened(signed_by(people().ec, write_withdrawal({"C-1", {"GoodsShipment/Buyer/ID", "TIN", "7"}})), faults);
    ASSERT_TRUE(withdrawal) << withdrawal.error().text();
    EXPECT_EQ(std::get<Withdrawal>(withdrawal->document).subject.scheme, "TIN");
}

TEST(Consent, HoldsForItsRecipientPurposeAndPeriodAlone) {
    Terms terms;
    terms.recipient = "bank";
    terms.purpose = "payment-check";
    terms.from_ms = 1'000;
    terms.to_ms = 2'000;
    EXPECT_TRUE(judge(terms, false, {"bank", "payment-check", 1'000}));
    EXPECT_TRUE(judge(terms, false, {"bank", "payment-check", 1'999}));
    EXPECT_EQ(judge(terms, false, {"bank", "payment-check", 999}).error().code, codes::too_early);
    EXPECT_EQ(judge(terms, false, {"bank", "payment-check", 2'000}).error().code, codes::expired);
    EXPECT_EQ(judge(terms, true, {"bank", "payment-check", 1'500}).error().code, codes::withdrawn);
    EXPECT_EQ(judge(terms, false, {"bank", "advertising", 1'500}).error().code, codes::purpose_differs);
    EXPECT_EQ(judge(terms, false, {"tax", "payment-check", 1'500}).error().code, codes::recipient_differs);
}

TEST(Subject, EachPartyAtThePlaceMustBeTheSubject) {
    const auto anna = [](std::string_view scheme, std::string_view identity) { return scheme.empty() && identity == "ID-OF-ANNA"; };
    const auto tin = [](std::string_view scheme, std::string_view identity) { return scheme == "TIN" && identity == "7"; };
    const auto good = [](const std::string& lines, std::string_view place, const IsSubject& who) { return check_subject(declaration_of(lines), place, who).has_value(); };
    const std::string place = "GoodsShipment/Buyer/AdditionalDocument/ID";
    EXPECT_TRUE(good("GoodsShipment/Buyer/AdditionalDocument[1]/ID ID-OF-ANNA\n", place, anna));
    EXPECT_TRUE(good("GoodsShipment/Buyer/AdditionalDocument[1]/ID 1\nGoodsShipment/Buyer/AdditionalDocument[2]/ID ID-OF-ANNA\n", place, anna)) << "one of her documents";
    EXPECT_FALSE(good("GoodsShipment/Buyer/AdditionalDocument[1]/ID ID-OF-BERT\n", place, anna));
    EXPECT_FALSE(good("GoodsShipment/Seller/AdditionalDocument[1]/ID ID-OF-ANNA\n", place, anna)) << "she sells";
    EXPECT_FALSE(good("FunctionCode 9\n", place, anna));
    EXPECT_TRUE(good("GoodsShipment/Buyer/ID[1] 7\nGoodsShipment/Buyer/ID[1]/@schemeID TIN\n", "GoodsShipment/Buyer/ID", tin));
    EXPECT_FALSE(good("GoodsShipment/Buyer/ID[1] 7\n", "GoodsShipment/Buyer/ID", tin)) << "a number of another kind";
    const std::string per_item = "GoodsShipment/GovernmentAgencyGoodsItem/Buyer/ID";
    EXPECT_TRUE(good("GoodsShipment/GovernmentAgencyGoodsItem[1]/Buyer/ID[1] ID-OF-ANNA\n", per_item, anna));
    EXPECT_FALSE(good("GoodsShipment/GovernmentAgencyGoodsItem[1]/Buyer/ID[1] ID-OF-ANNA\nGoodsShipment/GovernmentAgencyGoodsItem[2]/Buyer/ID[1] ID-OF-BERT\n", per_item, anna))
        << "a document of two buyers is not hers";
    EXPECT_EQ(check_subject(declaration_of("FunctionCode 9\n"), "FunctionCode", anna).error().code, codes::subject_differs);
}

}  // namespace
}  // namespace hansa::disclosure::test
