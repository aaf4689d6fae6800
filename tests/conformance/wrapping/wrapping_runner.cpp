// A1: signature wrapping. More than 10,000 generated arrangements of signed elements, signatures and
// Ids, and the published ones: none may be accepted with other content than what was signed.
//
// The rule that is tested: if verify() says valid, each covered octet string is one that the signer
// signed, under the same name; and where a policy covers whole documents, those octets are the
// canonical form of the very document that was given. Some arrangements are harmless (a comment, a
// move of nothing) and must stay acceptable, or the test would prove nothing. The fast way (fast_verify.h) is
// asked about each of them too, and must give the same report.
//
//     conformance-wrapping [SEED [CASES]]
#include <iostream>
#include <map>

#include "core/base/digest.h"
#include "core/trust/algorithm.h"
#include "core/trust/container.h"
#include "core/trust/signer.h"
#include "core/trust/tree.h"
#include "core/xml/canonical.h"
#include "tests/conformance/wrapping/moves.h"
#include "tests/support/results.h"
#include "tests/support/verify_both.h"
#include "tests/unit/trust/holder_maker.h"
#include "tests/unit/trust/people.h"

namespace hansa::test {
namespace {

/// A policy as for containers of signed documents: one part is covered, the reader takes only that.
trust::Policy part_policy(trust::SignaturePlace place) {
    trust::Policy policy = trust::standard_policy();
    policy.whole_document = false;
    policy.place = std::move(place);
    return policy;
}

/// A document whose signature refers to one element by its Id, made by hand: no profile of ours does.
std::string signed_by_id() {
    const std::string body =
        "<d:Doc xmlns:d=\"urn:test:doc\"><d:Head Id=\"other\"><d:sender>A</d:sender></d:Head>"
        "<d:Content Id=\"signed\"><d:amount>100</d:amount><d:to>B</d:to></d:Content></d:Doc>";
    const auto tree = must(xml::ReferenceDocument::parse(body));
    const xmlNode* content = trust::tree::child(tree.root(), "urn:test:doc", "Content");
    const std::string octets =
        must(xml::canonical_form(tree, {.method = xml::Canonicalization::exclusive, .apex = content}));
    const std::string exclusive(xml::uri_of(xml::Canonicalization::exclusive));
    const trust::Profile& profile = core_profile("enveloped.ecdsa-p256-sha256");
    // Written as its own exclusive canonical form, so that the text is what is signed.
    const std::string ds = " xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"";
    const auto info = [&](const std::string& scope) {
        return "<ds:SignedInfo" + scope + "><ds:CanonicalizationMethod Algorithm=\"" + exclusive +
               "\"></ds:CanonicalizationMethod><ds:SignatureMethod Algorithm=\"" + profile.signature_method +
               "\"></ds:SignatureMethod><ds:Reference URI=\"#signed\"><ds:Transforms><ds:Transform Algorithm=\"" +
               exclusive + "\"></ds:Transform></ds:Transforms><ds:DigestMethod Algorithm=\"" + profile.digest_method +
               "\"></ds:DigestMethod><ds:DigestValue>" + to_base64(digest(DigestAlgorithm::sha256, octets)) +
               "</ds:DigestValue></ds:Reference></ds:SignedInfo>";
    };
    const auto key = must(trust::read_private_key(people().ec.key));
    const auto* method = trust::find_algorithm(profile.signature_method, {});
    const std::string value = to_base64(must(trust::sign_octets(*method, *key, info(ds), {})));
    std::string certificate = people().ec.certificate;
    certificate = certificate.substr(28, certificate.find("-----END") - 28);
    const std::string signature = "<ds:Signature" + ds + ">" + info("") + "<ds:SignatureValue>" + value +
                                  "</ds:SignatureValue><ds:KeyInfo><ds:X509Data><ds:X509Certificate>" + certificate +
                                  "</ds:X509Certificate></ds:X509Data></ds:KeyInfo></ds:Signature>";
    return replaced(body, "</d:Doc>", signature + "</d:Doc>");
}

struct Target {
    std::string name;
    std::string document;
    trust::Policy policy;
    std::map<std::string, std::string> signed_octets;  ///< by Id or file name
};

trust::Verification verified(std::string_view bytes, const trust::Policy& policy) {
    return trust::verify(bytes, policy, {.trust = &people().store});
}

Target target(const std::string& name, const std::string& document, trust::Policy policy) {
    Target out{name, document, std::move(policy), {}};
    const trust::Verification found = verified(document, out.policy);
    if (!found.valid) throw std::runtime_error(name + " does not verify unmoved: " + texts(found));
    for (const trust::Covered& part : found.covered) out.signed_octets[part.id] = part.octets;
    return out;
}

std::vector<Target> document_targets() {
    using Where = trust::SignaturePlace::Where;
    const std::string order =
        "<c:Message xmlns:c=\"urn:test:message\" guid=\"G\"><c:Order "
        "Id=\"signed\"><c:goods>tea</c:goods><c:amount>100</c:amount>"
        "</c:Order><c:Order Id=\"other\"><c:goods>cups</c:goods></c:Order><c:ExtendMessage/></c:Message>";
    const auto& core = core_profile("enveloped.ecdsa-p256-sha256");
    const std::string whole = must(trust::sign(order, core, people().ec.signer()));
    const std::string part = signed_by_id();
    return {
        target("whole document, its profile", whole, trust::policy_of(core)),
        target("whole document, standard policy", whole, trust::standard_policy()),
        target("SM2 profile", must(trust::sign(order, ceb_sm2(), people().sm2.signer())), trust::policy_of(ceb_sm2())),
        target("content of its holder", must(trust::sign(order, holder_profile(), people().ec.signer())),
               trust::policy_of(holder_profile())),
        target("part by Id, at its place", part, part_policy({})),
        target("part by Id, anywhere", part, part_policy({.where = Where::anywhere}))};
}

class Suite {
public:
    Suite(std::uint64_t seed, std::uint64_t cases) : random_(seed), cases_(cases), result_("wrapping", seed) {}

    int run() {
        const auto targets = document_targets();
        for (const Target& one : targets) {
            for (std::uint64_t i = 0; i < cases_; ++i) {
                judge(one, moved(one.document, static_cast<int>(1 + i % 4), random_), "moves");
            }
            for (const Variant& variant : published_variants(one.document)) judge(one, variant.document, variant.name);
        }
        container_moves();
        // Harmless arrangements must stay acceptable, or refusing everything would pass.
        for (const auto& [name, count] : accepted_)
            std::cout << name << ": " << count << " accepted with exactly what was signed\n";
        for (const Target& one : targets) {
            if (accepted_[one.name] == 0) result_.fail(one.name);
        }
        std::cout << verifier_.counts().fast << " accepted by the fast way\n";
        if (verifier_.counts().fast == 0) result_.fail("fast way");
        result_.publish();
        return result_.failed() == 0 && result_.passed() >= 10'000 ? 0 : 1;
    }

private:
    void judge(const Target& one, const std::string& bytes, const std::string& what) {
        trust::FastVerification fast;
        const std::string difference = test::difference(verifier_, bytes, one.policy, {.trust = &people().store}, fast);
        if (!difference.empty()) std::cout << "the two ways differ: " << difference << '\n';
        const trust::Verification& found = fast.report;
        const bool held = !found.valid ? found.covered.empty() : is_what_was_signed(one, found, bytes);
        const bool good = held && difference.empty();
        if (found.valid && good) ++accepted_[one.name];
        if (!good) std::cout << "FAIL " << one.name << ", " << what << ":\n" << bytes << '\n';
        good ? result_.pass(one.name) : result_.fail(one.name);
    }

    static bool is_what_was_signed(const Target& one, const trust::Verification& found, const std::string& bytes) {
        if (found.covered.empty()) return false;
        for (const trust::Covered& part : found.covered) {
            const auto original = one.signed_octets.find(part.id);
            if (original == one.signed_octets.end() || original->second != part.octets) return false;
        }
        // What is read of a holder is cut out of those octets.
        for (const std::string& document : found.documents) {
            if (found.covered.front().octets.find(document.substr(1, document.find_first_of(" >") - 1)) ==
                std::string::npos)
                return false;
        }
        if (!one.policy.holder.root.empty()) return found.documents.size() == 1;
        if (trust::is_container(bytes)) return found.covered.size() == one.signed_octets.size();
        return !one.policy.whole_document || is_whole(one, found, bytes);
    }

    /// The octets are the given document's, less its one Signature: nothing else was in it to be read.
    static bool is_whole(const Target& one, const trust::Verification& found, const std::string& bytes) {
        const auto tree = must(xml::ReferenceDocument::parse(bytes));
        const bool exclusive = one.document.find("xml-exc-c14n#\"/></ds:Transforms>") != std::string::npos ||
                               one.document.find("xml-exc-c14n#\"></ds:Transform>") != std::string::npos;
        const auto method = exclusive ? xml::Canonicalization::exclusive : xml::Canonicalization::c14n10;
        const xmlNode* signature = trust::tree::child(tree.root(), "http://www.w3.org/2000/09/xmldsig#", "Signature");
        const auto form = must(xml::canonical_form(tree, {.method = method, .without = signature}));
        return found.covered.front().octets == form;
    }

    /// Files of a container exchanged, renamed and doubled, and its signatures.xml moved about.
    void container_moves() {
        const auto& profile = core_profile("asice.ecdsa-p256-sha256");
        const std::string bytes = must(trust::sign_container(
            {{"document.xml", "<a>one</a>"}, {"other.xml", "<a>two</a>"}, {"note.txt", "three", "text/plain"}}, profile,
            people().ec.signer()));
        const Target one = target("container", bytes, trust::policy_of(profile));
        auto files = must(trust::read_container(bytes));
        files.erase(files.begin());
        for (std::uint64_t i = 0; i < cases_; ++i) {
            auto moved_files = files;
            const auto pick = [&] { return &moved_files[random_() % moved_files.size()]; };
            switch (random_() % 5) {
                case 0:
                    std::swap(pick()->bytes, pick()->bytes);
                    break;
                case 1:
                    std::swap(pick()->name, pick()->name);
                    break;
                case 2:
                    pick()->name = "evil" + std::to_string(random_() % 9) + ".xml";
                    break;
                case 3:
                    moved_files.push_back({"evil.xml", "<a>evil</a>"});
                    break;
                default:
                    moved_files.back().bytes = moved(moved_files.back().bytes, static_cast<int>(1 + i % 3), random_);
            }
            const auto packed = trust::write_container(moved_files);
            if (packed)
                judge(one, *packed, "files");
            else
                result_.pass(one.name);  // a name twice: not even written
        }
    }

    Random random_;
    std::uint64_t cases_;
    SuiteResult result_;
    trust::FastVerifier verifier_{{.keep_octets = true}};
    std::map<std::string, std::uint64_t> accepted_;
};

}  // namespace
}  // namespace hansa::test

int main(int argc, char** argv) {
    constexpr std::uint64_t seed = 20261123, cases = 2'500;
    return hansa::test::Suite(argc > 1 ? std::stoull(argv[1]) : seed, argc > 2 ? std::stoull(argv[2]) : cases).run();
}
