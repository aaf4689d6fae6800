// A document that holds its signatures, as the Eurasian union's SignedDoc does, and receipts of a third party for it.
#pragma once

#include <string>

#include "core/base/digest.h"
#include "core/trust/algorithm.h"
#include "core/trust/signer.h"
#include "tests/unit/trust/people.h"

namespace hansa::test {

inline trust::Profile holder_profile(bool rsa = false) {
    trust::Profile profile;
    profile.name = "eaeu.signed-doc";
    profile.form = trust::Form::within;
    profile.holder = {"urn:EEC:SignedData:v1.0:EDoc", "SignedDoc", "Data", "SignedContent", "DocInstance",
                      "urn:EEC:TTP:v1.0:receipt",     "Receipt"};
    const std::string ecdsa_method = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256";
    const std::string rsa_method = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
    profile.signature_method = rsa ? rsa_method : ecdsa_method;
    profile.accepted = {rsa ? ecdsa_method : rsa_method};
    profile.digest_method = "http://www.w3.org/2001/04/xmlenc#sha256";
    profile.canonicalization = "http://www.w3.org/2001/10/xml-exc-c14n#";
    profile.transforms = {profile.canonicalization};
    profile.unavailable = {
        {"urn:EAEU:Signature:bign-with-hbelt", "bign (Belarus)"},
        {"urn:EAEU:Digest:belt-hash256", "belt-hash (Belarus)"},
        {"urn:ietf:params:xml:ns:cpxmlsec:algorithms:gostr34102012-gostr34112012-256", "GOST R 34.10-2012"}};
    return profile;
}

/// What stands between two texts, the first of them included and the second too.
inline std::string piece(const std::string& text, const std::string& from, const std::string& to) {
    const auto begin = text.find(from);
    if (begin == std::string::npos) throw std::runtime_error("not in the text: " + from);
    const auto end = text.find(to, begin);
    if (end == std::string::npos) throw std::runtime_error("not in the text: " + to);
    return text.substr(begin, end + to.size() - begin);
}

inline std::string attribute_of(const std::string& text, const std::string& element, const std::string& name) {
    const std::string tag = piece(text, "<" + element + " ", ">");
    const auto begin = tag.find(" " + name + "=\"") + name.size() + 3;
    return tag.substr(begin, tag.find('"', begin) - begin);
}

/// A ds:Signature by a person over one element by its Id; `octets` are its exclusive canonical form, `object` goes
/// inside.
inline std::string signature_by_id(const Person& person, const std::string& method, const std::string& id,
                                   const std::string& octets, const std::string& object = {},
                                   const std::string& signature_id = "extra") {
    const std::string exclusive = "http://www.w3.org/2001/10/xml-exc-c14n#";
    const std::string ds = " xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"";
    const auto info = [&](const std::string& scope) {
        return "<ds:SignedInfo" + scope + "><ds:CanonicalizationMethod Algorithm=\"" + exclusive +
               "\"></ds:CanonicalizationMethod><ds:SignatureMethod Algorithm=\"" + method +
               "\"></ds:SignatureMethod><ds:Reference URI=\"#" + id + "\"><ds:Transforms><ds:Transform Algorithm=\"" +
               exclusive +
               "\"></ds:Transform></ds:Transforms><ds:DigestMethod "
               "Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"></ds:DigestMethod><ds:DigestValue>" +
               to_base64(digest(DigestAlgorithm::sha256, octets)) + "</ds:DigestValue></ds:Reference></ds:SignedInfo>";
    };
    const auto key = must(trust::read_private_key(person.key));
    const auto* algorithm = trust::find_algorithm(method, {});
    const std::string value = to_base64(must(trust::sign_octets(*algorithm, *key, info(ds), {})));
    const std::string certificate = person.certificate.substr(28, person.certificate.find("-----END") - 28);
    return "<ds:Signature" + ds + " Id=\"" + signature_id + "\">" + info("") + "<ds:SignatureValue>" + value +
           "</ds:SignatureValue><ds:KeyInfo><ds:X509Data><ds:X509Certificate>" + certificate +
           "</ds:X509Certificate></ds:X509Data></ds:KeyInfo>" + object + "</ds:Signature>";
}

/// The holder with a receipt that says `report` of the document called `about`, signed by `party`.
inline std::string with_receipt(const std::string& holder, const std::string& about, const std::string& report,
                                const Person& party = people().ec) {
    const std::string receipt =
        "<rcpt:Receipt xmlns:rcpt=\"urn:EEC:TTP:v1.0:receipt\" "
        "Id=\"receipt\"><rcpt:ReceiptId>urn:uuid:1</rcpt:ReceiptId><rcpt:DocId>" +
        about + "</rcpt:DocId><rcpt:Report>" + report + "</rcpt:Report></rcpt:Receipt>";
    return replaced(holder, "</doc:SignedDoc>",
                    signature_by_id(party, holder_profile().signature_method, "receipt", receipt,
                                    "<ds:Object>" + receipt + "</ds:Object>", "ttp") +
                        "</doc:SignedDoc>");
}

}  // namespace hansa::test
