// A named witness for each algorithm: what we sign another implementation verifies, and the reverse.
//
//   xmlsec1   RSA-SHA256, RSA-SHA1 and ECDSA P-256, enveloped (C14N 1.0, 1.1, exclusive) and beside
//             the files of an opened ASiC-E container; altered ones it refuses as we do
//   openssl   its own command: SM2 with SM3 and Ed25519 over SignedInfo, digests, certificate chains
//   published a value made by an authority's hardware key, as its owner published it
//
// A witness that is not installed is a printed skip, never a pass.
#include <algorithm>
#include <iostream>
#include <set>

#include "core/base/digest.h"
#include "core/trust/algorithm.h"
#include "core/trust/container.h"
#include "core/trust/names.h"
#include "core/trust/signer.h"
#include "core/trust/tree.h"
#include "core/xml/canonical.h"
#include "tests/conformance/crosscheck/tools.h"
#include "tests/support/corpus.h"
#include "tests/support/results.h"
#include "tests/unit/trust/people.h"

namespace hansa::test {
namespace {
namespace fs = std::filesystem;

struct Way {
    trust::Profile profile;
    const Person* person;
    std::string method;  ///< for the count
};

trust::Profile with_forms(std::string_view core, const std::string& canonicalization) {
    trust::Profile profile = core_profile(core);
    profile.canonicalization = canonicalization;
    profile.transforms = {std::string(trust::names::enveloped), canonicalization};
    return profile;
}

std::vector<Way> enveloped_ways() {
    std::vector<Way> ways;
    for (const char* uri :
         {"http://www.w3.org/2001/10/xml-exc-c14n#", "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
          "http://www.w3.org/2006/12/xml-c14n11"}) {
        ways.push_back({with_forms("enveloped.rsa-sha256", uri), &people().rsa, "rsa-sha256"});
        ways.push_back({with_forms("enveloped.ecdsa-p256-sha256", uri), &people().ec, "ecdsa-sha256"});
    }
    ways.push_back({ceb_rsa(), &people().rsa, "rsa-sha1"});
    return ways;
}

/// The documents that are signed: small shapes, and real messages where the corpus has them.
std::vector<std::string> documents(const fs::path& root) {
    std::vector<std::string> all{
        sample_document(), "<a/>", "<a xmlns='urn:x' xml:lang='en'><b xmlns=''>\r\n&#13;</b></a>",
        "<?p i?><p:a xmlns:p='urn:p' xmlns:q='urn:q' q:z='1' a='&#9;&lt;'><!--c--><q:b/></p:a>"};
    constexpr std::size_t of_one_family_max = 3;
    for (const char* family : {"china-ceb", "eaeu-eec", "wco-dms", "am-esad"}) {
        if (!fs::is_directory(root / family)) continue;
        std::set<fs::path> files;  // in order: the same messages on every machine
        for (const auto& entry : fs::recursive_directory_iterator(root / family)) {
            if (entry.path().extension() == ".xml" && entry.file_size() < (1u << 20)) files.insert(entry.path());
        }
        std::size_t taken = 0;
        for (const fs::path& file : files) {
            const std::string bytes = slurp(file);
            if (taken == of_one_family_max || !xml::ReferenceDocument::parse(bytes) || trust::looks_signed(bytes))
                continue;
            all.push_back(bytes);
            ++taken;
        }
    }
    return all;
}

class Check {
public:
    explicit Check(fs::path root)
        : root_(std::move(root)), xmlsec_(find_program("xmlsec1")), openssl_(find_program("openssl")) {}

    int run_all() {
        published();
        if (xmlsec_)
            with_xmlsec();
        else
            skip("no xmlsec1");
        if (openssl_)
            with_openssl();
        else
            skip("no openssl command");
        for (const auto& program : {xmlsec_, openssl_}) {
            if (program)
                std::cout << "witness: "
                          << first_line(
                                 run({*program, program == openssl_ ? "version" : "--version"}, folder_.path()).output)
                          << '\n';
        }
        result_.publish();
        return result_.failed() == 0 && result_.passed() > 0 ? 0 : 1;
    }

private:
    static std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

    void skip(const std::string& reason) {
        std::cout << "skip " << reason << '\n';
        result_.skip(reason);
    }

    void expect(bool good, const std::string& by, const std::string& name, const std::string& said = {}) {
        std::cout << (good ? "pass " : "FAIL ") << by << ": " << name << '\n';
        if (!good) std::cout << said << '\n';
        good ? result_.pass(by) : result_.fail(by);
    }

    // --- xmlsec1 -------------------------------------------------------------------------------

    bool xmlsec_accepts(const std::vector<std::string>& more, std::string& said) const {
        std::vector<std::string> command{*xmlsec_, "--verify", "--trusted-pem", "ca.pem"};
        command.insert(command.end(), more.begin(), more.end());
        const RunResult ran = run(command, folder_.path());
        said = ran.output;
        return ran.exit_code == 0;
    }

    void with_xmlsec() {
        folder_.write("ca.pem", people().authority.certificate);
        const auto all = documents(root_);
        for (const Way& way : enveloped_ways()) {
            for (std::size_t i = 0; i < all.size(); ++i) enveloped_to_xmlsec(way, all[i], i);
            from_xmlsec(way);
        }
        for (const char* name : {"asice.rsa-sha256", "asice.ecdsa-p256-sha256"}) container_to_xmlsec(name);
    }

    void enveloped_to_xmlsec(const Way& way, const std::string& document, std::size_t number) {
        const std::string name = way.profile.canonicalization + " document " + std::to_string(number);
        const std::string bytes = must(trust::sign(document, way.profile, way.person->signer()));
        folder_.write("signed.xml", bytes);
        std::string said;
        expect(xmlsec_accepts({"signed.xml"}, said), "xmlsec1/" + way.method, "accepts ours, " + name, said);
        const trust::Verification own = verify_all(bytes, way.profile);
        expect(own.valid, "xmlsec1/" + way.method, "so do we, " + name, texts(own));
        // One character of a name's last letter, everywhere: both must refuse.
        const auto at = bytes.find("<ds:DigestValue>") == std::string::npos ? bytes.find("<DigestValue>") + 14
                                                                            : bytes.find("<ds:DigestValue>") + 17;
        std::string altered = bytes;
        altered[at] = altered[at] == 'A' ? 'B' : 'A';
        folder_.write("signed.xml", altered);
        expect(!xmlsec_accepts({"signed.xml"}, said), "xmlsec1/" + way.method, "refuses an altered one, " + name, said);
        expect(!verify_all(altered, way.profile).valid, "xmlsec1/" + way.method, "so do we, altered " + name);
    }

    /// xmlsec1 fills in a template; we verify what it made.
    void from_xmlsec(const Way& way) {
        std::string transforms;
        for (const std::string& uri : way.profile.transforms) transforms += "<Transform Algorithm=\"" + uri + "\"/>";
        const std::string document =
            "<m:Message xmlns:m=\"urn:test:message\" xmlns:x=\"urn:unused\" xml:lang=\"en\"><m:Order>tea &amp; "
            "cups</m:Order>"
            "<Signature xmlns=\"http://www.w3.org/2000/09/xmldsig#\"><SignedInfo><CanonicalizationMethod Algorithm=\"" +
            way.profile.canonicalization + "\"/><SignatureMethod Algorithm=\"" + way.profile.signature_method +
            "\"/><Reference URI=\"\"><Transforms>" + transforms + "</Transforms><DigestMethod Algorithm=\"" +
            way.profile.digest_method +
            "\"/><DigestValue/></Reference></SignedInfo><SignatureValue/><KeyInfo><X509Data>"
            "<X509Certificate/></X509Data></KeyInfo></Signature></m:Message>";
        folder_.write("template.xml", document);
        folder_.write("key.pem", way.person->key);
        folder_.write("certificate.pem", way.person->certificate);
        const RunResult made = run(
            {*xmlsec_, "--sign", "--privkey-pem", "key.pem,certificate.pem", "--output", "made.xml", "template.xml"},
            folder_.path());
        expect(made.exit_code == 0, "xmlsec1/" + way.method, "signs, " + way.profile.canonicalization, made.output);
        if (made.exit_code != 0) return;
        const std::string bytes = slurp(folder_.path() / "made.xml");
        const trust::Verification found = verify_all(bytes, way.profile);
        expect(found.valid, "xmlsec1/" + way.method, "we accept its signature, " + way.profile.canonicalization,
               texts(found));
        const trust::Verification altered = verify_all(replaced(bytes, "cups", "cats"), way.profile);
        expect(!altered.valid, "xmlsec1/" + way.method, "we refuse it altered, " + way.profile.canonicalization);
    }

    void container_to_xmlsec(const std::string& name) {
        const auto& profile = core_profile(name);
        const Person& person = name.find("rsa") != std::string::npos ? people().rsa : people().ec;
        const std::string method = name.find("rsa") != std::string::npos ? "rsa-sha256" : "ecdsa-sha256";
        const std::string bytes =
            must(trust::sign_container({{"document.xml", sample_document()}, {"report.json", "{}", "application/json"}},
                                       profile, person.signer()));
        for (const auto& file : must(trust::read_container(bytes)))
            folder_.write(fs::path(file.name).filename().string(), file.bytes);
        const std::vector<std::string> command{"--id-attr:Id", std::string(trust::names::xades) + ":SignedProperties",
                                               "signatures.xml"};
        std::string said;
        expect(xmlsec_accepts(command, said), "xmlsec1/" + method, "accepts the signature of our container", said);
        folder_.write("document.xml", sample_document() + " ");
        const bool refused =
            !xmlsec_accepts(command, said) && said.find("data and digest do not match") != std::string::npos;
        expect(refused, "xmlsec1/" + method, "refuses it with another file", said);
    }

    // --- openssl -------------------------------------------------------------------------------

    /// Canonical SignedInfo and the value of a document that we signed.
    struct Parts {
        std::string signed_info, value;
    };
    static Parts parts(const std::string& bytes, xml::Canonicalization method) {
        const auto document = must(xml::ReferenceDocument::parse(bytes));
        const xmlNode* signature = trust::tree::child(document.root(), trust::names::dsig, "Signature");
        const xmlNode* info = trust::tree::child(signature, trust::names::dsig, "SignedInfo");
        const xmlNode* value = trust::tree::child(signature, trust::names::dsig, "SignatureValue");
        return {must(xml::canonical_form(document, {.method = method, .apex = info})),
                must(from_base64(*trust::tree::text(value)))};
    }

    /// SEQUENCE of two INTEGERs, written here by hand so that the witness does not depend on our own conversion.
    static std::string der_of_raw(const std::string& raw) {
        std::string body;
        for (std::string number : {raw.substr(0, raw.size() / 2), raw.substr(raw.size() / 2)}) {
            number.erase(0, std::min(number.find_first_not_of('\0'), number.size() - 1));
            if ((number[0] & 0x80) != 0) number.insert(number.begin(), '\0');
            body += std::string("\x02") + static_cast<char>(number.size()) + number;
        }
        return std::string("\x30") + static_cast<char>(body.size()) + body;
    }
    static std::string raw_of_der(const std::string& der) {
        std::string raw;
        for (std::size_t at = 2; at + 2 <= der.size();) {
            const auto size = static_cast<std::size_t>(static_cast<unsigned char>(der[at + 1]));
            std::string number = der.substr(at + 2, size);
            number.erase(0, std::min(number.find_first_not_of('\0'), number.size()));
            raw += std::string(32 - number.size(), '\0') + number;
            at += 2 + size;
        }
        return raw;
    }

    bool pkeyutl(std::vector<std::string> more, std::string& said) const {
        std::vector<std::string> command{*openssl_, "pkeyutl"};
        command.insert(command.end(), more.begin(), more.end());
        const RunResult ran = run(command, folder_.path());
        said = ran.output;
        return ran.exit_code == 0;
    }

    void with_openssl() {
        const auto all = documents(root_);
        for (std::size_t i = 0; i < all.size(); ++i) sm2_both_ways(all[i], i);
        digests();
        ed25519();
        chains();
    }

    void sm2_both_ways(const std::string& document, std::size_t number) {
        const trust::Profile profile = ceb_sm2();
        const std::string bytes = must(trust::sign(document, profile, people().sm2.signer()));
        const Parts own = parts(bytes, xml::Canonicalization::c14n10);
        const std::string name = "document " + std::to_string(number);
        expect(own.value.size() == 64, "openssl/sm2-sm3", "the value is r||s, " + name);
        folder_.write("data", own.signed_info);
        folder_.write("value", der_of_raw(own.value));
        folder_.write("key.pem", people().sm2.key);
        folder_.write("public.pem", must(trust::public_half(people().sm2.key)));
        const std::vector<std::string> verify{"-verify",
                                              "-pubin",
                                              "-inkey",
                                              "public.pem",
                                              "-in",
                                              "data",
                                              "-sigfile",
                                              "value",
                                              "-rawin",
                                              "-digest",
                                              "sm3",
                                              "-pkeyopt",
                                              "distid:1234567812345678"};
        std::string said;
        expect(pkeyutl(verify, said), "openssl/sm2-sm3", "accepts ours, " + name, said);
        auto other_id = verify;
        other_id.back() = "distid:other";
        expect(!pkeyutl(other_id, said), "openssl/sm2-sm3", "refuses ours under another id, " + name, said);
        // The reverse: its value in the place of ours.
        const bool made = pkeyutl({"-sign", "-inkey", "key.pem", "-in", "data", "-out", "made", "-rawin", "-digest",
                                   "sm3", "-pkeyopt", "distid:1234567812345678"},
                                  said);
        expect(made, "openssl/sm2-sm3", "signs, " + name, said);
        const std::string value = to_base64(raw_of_der(slurp(folder_.path() / "made")));
        const trust::Verification found = verify_all(replaced(bytes, to_base64(own.value), value), profile);
        expect(found.valid, "openssl/sm2-sm3", "we accept its value, " + name, texts(found));
    }

    void digests() {
        for (const char* word : {"sha1", "sha256", "sha384", "sha512", "sha3-256", "sm3"}) {
            folder_.write("data", sample_document());
            const RunResult ran = run({*openssl_, "dgst", std::string("-") + word, "-r", "data"}, folder_.path());
            const auto row = std::ranges::find(trust::algorithms(), std::string_view(word), &trust::Algorithm::word);
            const std::string own = to_hex(must(trust::digest_of(*row, sample_document())));
            expect(ran.output.starts_with(own), "openssl/digests", word, ran.output);
        }
    }

    void ed25519() {
        trust::Profile profile = core_profile("enveloped.rsa-sha256");
        profile.signature_method = "http://www.w3.org/2021/04/xmldsig-more#eddsa-ed25519";
        const std::string bytes = must(trust::sign(sample_document(), profile, people().ed25519.signer()));
        const Parts own = parts(bytes, xml::Canonicalization::exclusive);
        folder_.write("data", own.signed_info);
        folder_.write("value", own.value);
        folder_.write("public.pem", must(trust::public_half(people().ed25519.key)));
        std::string said;
        expect(
            pkeyutl({"-verify", "-pubin", "-inkey", "public.pem", "-in", "data", "-sigfile", "value", "-rawin"}, said),
            "openssl/ed25519", "accepts ours", said);
    }

    void chains() {
        folder_.write("ca.pem", people().authority.certificate);
        folder_.write("leaf.pem", people().ec.certificate);
        RunResult ran = run({*openssl_, "verify", "-x509_strict", "-CAfile", "ca.pem", "leaf.pem"}, folder_.path());
        expect(ran.exit_code == 0, "openssl/chain", "P-256", ran.output);
        folder_.write("ca.pem", people().sm2_authority.certificate);
        folder_.write("leaf.pem", people().sm2.certificate);
        ran = run({*openssl_, "verify", "-vfyopt", "distid:1234567812345678", "-CAfile", "ca.pem", "leaf.pem"},
                  folder_.path());
        expect(ran.exit_code == 0, "openssl/chain", "SM2", ran.output);
    }

    // --- published -----------------------------------------------------------------------------

    /// Weasley-J/chinaport-data-signature, README.md (commit 012b473e): the answer of a UKey. The
    /// public key is that of the certificate printed there; of its owner nothing else is needed.
    void published() {
        const std::string key =
            "-----BEGIN PUBLIC KEY-----\n"
            "MFkwEwYHKoZIzj0CAQYIKoEcz1UBgi0DQgAE0vOQmplAr9igPZrA8F1msqnFd0U+\n"
            "+6G6NhG5rNuIUWft0BwQn7eSJkt5/fvSSoe7pUg2/awHUWPnzkeeQc7oVg==\n"
            "-----END PUBLIC KEY-----\n";
        const std::string signed_info =
            "<ds:SignedInfo xmlns:ceb=\"http://www.chinaport.gov.cn/ceb\" "
            "xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" "
            "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><ds:CanonicalizationMethod "
            "Algorithm=\"http://www.w3.org/TR/2001/REC-xml-c14n-20010315\"></"
            "ds:CanonicalizationMethod><ds:SignatureMethod "
            "Algorithm=\"http://www.w3.org/2000/09/xmldsig#sm2-sm3\"></ds:SignatureMethod><ds:Reference URI=\"\">"
            "<ds:Transforms><ds:Transform "
            "Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"></ds:Transform>"
            "</ds:Transforms><ds:DigestMethod Algorithm=\"http://www.w3.org/2000/09/xmldsig#sha1\"></ds:DigestMethod>"
            "<ds:DigestValue>b2FtM/jHvW4fnJpMMPWk/177RwA=</ds:DigestValue></ds:Reference></ds:SignedInfo>";
        const std::string value = must(
            from_base64("Pa2Ge3A1iH9e+85jIraVccvf2MB4ykjgC1MjObNd/MbPOSZRWTaizlnfReH3ErRMH5Wc3m60ZM6h56v7t7lIWg=="));
        sm2_value("SignedInfo as printed", key, signed_info, value);
        // The same octets out of a document: ours inherits ceb and xsi from the root, as the key's owner had it.
        const std::string document =
            "<ceb:CEB311Message xmlns:ceb=\"http://www.chinaport.gov.cn/ceb\" "
            "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">"
            "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">" +
            replaced(signed_info,
                     " xmlns:ceb=\"http://www.chinaport.gov.cn/ceb\" xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" "
                     "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"",
                     "") +
            "<ds:SignatureValue>AA==</ds:SignatureValue></ds:Signature></ceb:CEB311Message>";
        const std::string ours = parts(document, xml::Canonicalization::c14n10).signed_info;
        expect(ours == signed_info, "published/sm2-sm3", "our canonical SignedInfo is the one that was signed", ours);
    }

    void sm2_value(const std::string& name, const std::string& pem, const std::string& octets,
                   const std::string& value) {
        const auto row = std::ranges::find(trust::algorithms(), std::string_view("sm2-sm3"), &trust::Algorithm::word);
        const trust::Key key = must(trust::read_public_key(pem));
        expect(bool(trust::verify_octets(*row, *key, octets, value, {"1234567812345678", true})), "published/sm2-sm3",
               name);
        expect(!trust::verify_octets(*row, *key, octets, value, {"", true}), "published/sm2-sm3",
               name + ", refused without the user id");
        expect(!trust::verify_octets(*row, *key, replaced(octets, "b2Ft", "b2Fu"), value, {"1234567812345678", true}),
               "published/sm2-sm3", name + ", refused when altered");
    }

    fs::path root_;
    std::optional<std::string> xmlsec_, openssl_;
    Scratch folder_{"crosscheck"};
    SuiteResult result_{"crosscheck"};
};

}  // namespace
}  // namespace hansa::test

int main() {
    // The corpus gives real messages to sign; without it the small ones are signed.
    return hansa::test::Check(hansa::test::corpus().value_or("")).run_all();
}
