#include "core/trust/signature_check.h"

#include <openssl/err.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>

#include "core/base/digest.h"
#include "core/trust/algorithm.h"
#include "core/trust/codes.h"
#include "core/trust/names.h"
#include "core/trust/tree.h"
#include "core/trust/x509.h"

namespace hansa::trust {
namespace {

/// Known to be broken or too weak, and not even built in.
constexpr std::array<std::string_view, 5> weak_and_absent{
    "http://www.w3.org/2001/04/xmldsig-more#md5", "http://www.w3.org/2001/04/xmldsig-more#rsa-md5",
    "http://www.w3.org/2000/09/xmldsig#dsa-sha1", "http://www.w3.org/2001/04/xmlenc#ripemd160",
    "http://www.w3.org/2001/04/xmldsig-more#rsa-ripemd160"};

template <class List, class Value>
bool contains(const List& list, const Value& value) {
    return std::ranges::find(list, value) != std::ranges::end(list);
}

// --- references --------------------------------------------------------------------------------

bool is_id_name(std::string_view local) {
    return local.size() == 2 && (local[0] == 'i' || local[0] == 'I') && (local[1] == 'd' || local[1] == 'D');
}

/// Every element that has this Id, by whatever spelling: Id, ID, id, xml:id, wsu:Id.
std::vector<const xmlNode*> elements_with_id(const xmlNode* root, std::string_view id) {
    std::vector<const xmlNode*> found;
    for (const xmlNode* at = root; at != nullptr; at = tree::next_in_subtree(at, root)) {
        for (const xmlAttr* attribute = at->properties; attribute != nullptr; attribute = attribute->next) {
            if (is_id_name(tree::view(attribute->name)) && tree::value(*attribute) == id) found.push_back(at);
        }
    }
    return found;
}

/// "%20" and its like in a file's name.
std::string without_percent(std::string_view uri) {
    const auto nibble = [](char c) {
        if (c >= '0' && c <= '9') return c - '0';
        if (c >= 'a' && c <= 'f') return c - 'a' + 10;
        return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
    };
    std::string out;
    for (std::size_t i = 0; i < uri.size(); ++i) {
        const bool coded = uri[i] == '%' && i + 2 < uri.size() && nibble(uri[i + 1]) >= 0 && nibble(uri[i + 2]) >= 0;
        out += coded ? static_cast<char>(nibble(uri[i + 1]) * 16 + nibble(uri[i + 2])) : uri[i];
        if (coded) i += 2;
    }
    return out;
}

class References {
public:
    References(const CheckInput& input, const ParsedSignature& signature) : input_(input), signature_(signature) {}

    /// What the reference covers, if its digest is right.
    Result<Held> check(const ParsedReference& reference) const {
        const auto digest = accepted_algorithm(reference.digest_method, input_.policy, true);
        if (!digest) return digest.error();
        auto held = resolve(reference);
        if (!held) return held.error();
        auto value = digest_of(**digest, held->covered.octets);
        if (!value) return value.error();
        if (!equal_in_constant_time(*value, reference.digest_value)) {
            return Error{codes::digest_wrong, "of the reference to '" + reference.uri + "'"};
        }
        return held;
    }

private:
    Result<Held> resolve(const ParsedReference& reference) const {
        if (!reference.has_uri) return Error{codes::reference_refused, "a reference without URI"};
        if (reference.uri.empty()) {
            if (input_.files != nullptr) return Error{codes::reference_refused, "a container's signature of itself"};
            return element(reference, nullptr);
        }
        if (reference.uri.front() == '#') return same_document(reference);
        if (input_.files != nullptr) return file(reference);
        return Error{codes::reference_refused, "an external reference"};
    }

    Result<Held> same_document(const ParsedReference& reference) const {
        const std::string id = reference.uri.substr(1);
        if (!is_plain_id(id)) return Error{codes::reference_refused, "a reference by scheme"};
        const auto found = elements_with_id(input_.document.root(), id);
        if (found.empty()) return Error{codes::reference_unknown, "no element has the Id '" + id + "'"};
        if (found.size() > 1) return Error{codes::duplicate_id, "'" + id + "'"};
        auto held = element(reference, found.front());
        if (held) held->covered.id = id;
        return held;
    }

    /// Canonical form of an element, or of the whole document (nullptr), as the transforms say.
    Result<Held> element(const ParsedReference& reference, const xmlNode* apex) const {
        xml::CanonicalRequest request;
        request.apex = apex;
        bool canonicalized = false;
        for (const ParsedTransform& transform : reference.transforms) {
            if (canonicalized) return Error{codes::transform_refused, "a transform behind the canonicalization"};
            if (transform.uri == names::enveloped) {
                if (transform.has_other_parameters || !transform.prefixes.empty()) {
                    return Error{codes::transform_refused, "enveloped-signature takes no parameters"};
                }
                request.without = signature_.element;
                continue;
            }
            if (auto set = set_canonicalization(transform, request); !set) return set.error();
            canonicalized = true;
        }
        // A same-document reference is a node set without comments (XML Signature 4.4.3.3).
        request.method = xml::without_comments(request.method);
        auto octets = xml::canonical_form(input_.document, request);
        if (!octets) return octets.error();
        const xmlNode* top = apex == nullptr ? input_.document.root() : apex;
        Held held;
        held.covered = {{}, tree::path(top), top == input_.document.root(), *std::move(octets)};
        held.apex = top;
        held.signed_properties = reference.type == names::signed_properties_type;
        return held;
    }

    Result<void> set_canonicalization(const ParsedTransform& transform, xml::CanonicalRequest& request) const {
        const auto method = xml::canonicalization_of(transform.uri);
        if (!method || transform.has_other_parameters || !contains(input_.policy.canonicalizations, transform.uri)) {
            return Error{codes::transform_refused, transform.uri};
        }
        request.method = *method;
        request.inclusive_prefixes = transform.prefixes;
        return {};
    }

    Result<Held> file(const ParsedReference& reference) const {
        if (!reference.transforms.empty()) return Error{codes::transform_refused, "a transform of a file"};
        const std::string name = without_percent(reference.uri);
        for (const ContainerFile& file : *input_.files) {
            if (file.name != name) continue;
            Held held;
            held.covered = {name, name, true, file.bytes};
            held.is_file = true;
            return held;
        }
        return Error{codes::reference_unknown, "no file '" + name + "' in the container"};
    }

    const CheckInput& input_;
    const ParsedSignature& signature_;
};

// --- key ---------------------------------------------------------------------------------------

/// Collects what is wrong with the signature's value and its key.
class KeyCheck {
public:
    KeyCheck(const CheckInput& input, const ParsedSignature& signature, Verification& report, Judged& judged)
        : input_(input), signature_(signature), report_(report), judged_(judged) {}

    void run(const Algorithm& algorithm, std::string_view signed_octets) {
        if (verified_by_pinned_key(algorithm, signed_octets)) return;
        auto certificates = MessageCertificates::read(signature_, input_.options.trust);
        if (!certificates) return add(certificates.error());
        X509* leaf = certificates->leaf();
        check_trust(*certificates);
        const Key key(X509_get_pubkey(leaf));
        ERR_clear_error();
        if (!key) return add({codes::certificate_malformed, "its key cannot be read"});
        if (auto fit = check_key(algorithm, *key, input_.policy.rsa_bits_min); !fit) return add(fit.error());
        if (auto good = verify_octets(algorithm, *key, signed_octets, signature_.value, sm2()); !good) {
            return add(good.error());
        }
        report_.signer = describe(*leaf);
        judged_.certificate_der = to_der(*leaf);
    }

private:
    void add(const Error& error) { report_.errors.push_back(error); }
    Sm2Use sm2() const { return {input_.policy.sm2_user_id, input_.policy.sm2_raw}; }

    bool verified_by_pinned_key(const Algorithm& algorithm, std::string_view octets) const {
        for (const std::string& pem : input_.options.pinned_keys) {
            const auto key = read_public_key(pem);
            if (key && check_key(algorithm, **key, input_.policy.rsa_bits_min) &&
                verify_octets(algorithm, **key, octets, signature_.value, sm2())) {
                return true;
            }
        }
        return false;
    }

    void check_trust(const MessageCertificates& certificates) {
        if (input_.options.trust == nullptr) return add({codes::certificate_unknown, "nobody is trusted"});
        auto chain = check_chain(*input_.options.trust, {.leaf = certificates.leaf(),
                                                         .untrusted = certificates.all(),
                                                         .at = moment_of(input_.options),
                                                         .weak_allowed = !input_.policy.weak_allowed.empty()});
        if (!chain) return add(chain.error());
        report_.chain = *std::move(chain);
    }

    const CheckInput& input_;
    const ParsedSignature& signature_;
    Verification& report_;
    Judged& judged_;
};

/// The octets that the value signs: SignedInfo canonicalised where it stands.
Result<std::string> signed_octets(const CheckInput& input, const ParsedSignature& signature) {
    const auto method = xml::canonicalization_of(signature.canonicalization.uri);
    if (!method || signature.canonicalization.has_other_parameters ||
        !contains(input.policy.canonicalizations, signature.canonicalization.uri)) {
        return Error{codes::algorithm_refused, signature.canonicalization.uri};
    }
    return xml::canonical_form(
        input.document,
        {.method = *method, .apex = signature.signed_info, .inclusive_prefixes = signature.canonicalization.prefixes});
}

}  // namespace

Result<MessageCertificates> MessageCertificates::read(const ParsedSignature& signature, const TrustStore* trust) {
    MessageCertificates out;
    for (const std::string& der : signature.certificates) {
        auto certificate = read_der(der);
        if (!certificate) return certificate.error();
        out.owned_.push_back(*std::move(certificate));
    }
    for (const Certificate& certificate : out.owned_) out.all_.push_back(certificate.get());
    if (out.all_.empty() && trust != nullptr) out.find_by_serial(signature.key_names, *trust);
    out.choose_leaf();
    if (out.leaf_ == nullptr) return Error{codes::key_missing, "KeyInfo holds no certificate that is known"};
    return out;
}

bool MessageCertificates::issued(X509* issuer, X509* subject) {
    return issuer != subject && X509_NAME_cmp(X509_get_subject_name(issuer), X509_get_issuer_name(subject)) == 0;
}

/// KeyName with a serial number points at a certificate of the trust folder.
void MessageCertificates::find_by_serial(const std::vector<std::string>& key_names, const TrustStore& trust) {
    for (const Certificate& certificate : trust.state().certificates) {
        for (std::string name : key_names) {
            std::ranges::transform(name, name.begin(), [](char c) { return c >= 'A' && c <= 'F' ? char(c + 32) : c; });
            if (name == serial_digits(*certificate, static_cast<int>(std::min<std::size_t>(name.size(), 64)))) {
                all_.push_back(certificate.get());
            }
        }
    }
}

void MessageCertificates::choose_leaf() {
    for (X509* candidate : all_) {
        const bool issuer_of_another = std::ranges::any_of(all_, [&](X509* other) { return issued(candidate, other); });
        if (issuer_of_another) continue;
        if (leaf_ != nullptr && X509_cmp(leaf_, candidate) != 0) {
            leaf_ = nullptr;  // two that could be it: not ours to guess
            return;
        }
        leaf_ = candidate;
    }
}

std::time_t moment_of(const VerifyOptions& options) {
    if (!options.at) return std::time(nullptr);
    return static_cast<std::time_t>(milliseconds_since_epoch(*options.at) / 1'000);
}

bool is_plain_id(std::string_view id) {
    return !id.empty() && id.find_first_of("()/#'\"[]@*|<>&%, \t\r\n:") == std::string_view::npos;
}

Result<const Algorithm*> accepted_algorithm(const std::string& uri, const Policy& policy, bool digest) {
    const Algorithm* row = find_algorithm(uri, policy.names);
    if (row == nullptr || (row->key == KeyNeed::none) != digest) {
        const auto known = std::ranges::find(policy.unavailable, uri, &AlgorithmName::uri);
        if (row == nullptr && known != policy.unavailable.end())
            return Error{codes::algorithm_unavailable, known->algorithm + ", " + uri};
        const bool weak = contains(weak_and_absent, uri);
        return Error{weak ? codes::algorithm_weak : codes::algorithm_refused, uri};
    }
    if (row->weak && !contains(policy.weak_allowed, row->word)) return Error{codes::algorithm_weak, uri};
    if (!contains(digest ? policy.digest_methods : policy.signature_methods, uri)) {
        return Error{codes::algorithm_refused, uri};
    }
    return row;
}

Judged judge_signature(const CheckInput& input, const xmlNode& element, Verification& report) {
    Judged judged;
    const auto add = [&](const Error& error) { report.errors.push_back(error); };
    auto signature = parse_signature(element, input.options.limits);
    if (!signature) {
        add(signature.error());
        return judged;
    }
    judged.signature_id = signature->id;
    report.signature_method = signature->signature_method;
    for (const ParsedReference& reference : signature->references) {
        report.digest_methods.push_back(reference.digest_method);
    }
    auto algorithm = accepted_algorithm(signature->signature_method, input.policy, false);
    auto octets = signed_octets(input, *signature);
    if (!algorithm) {
        add(algorithm.error());
    } else if (signature->method_has_parameters) {
        add({codes::algorithm_refused, "SignatureMethod with parameters"});
    } else if (!octets) {
        add(octets.error());
    } else {
        KeyCheck(input, *signature, report, judged).run(**algorithm, *octets);
    }
    const References references(input, *signature);
    for (const ParsedReference& reference : signature->references) {
        auto held = references.check(reference);
        if (held)
            judged.held.push_back(*std::move(held));
        else
            add(held.error());
    }
    return judged;
}

}  // namespace hansa::trust
