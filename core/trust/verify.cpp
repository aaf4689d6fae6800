#include "core/trust/verify.h"

#include <algorithm>

#include "core/base/digest.h"
#include "core/trust/algorithm.h"
#include "core/trust/codes.h"
#include "core/trust/container.h"
#include "core/trust/held_content.h"
#include "core/trust/names.h"
#include "core/trust/signature_check.h"
#include "core/trust/tree.h"
#include "core/xml/canonical.h"

namespace hansa::trust {
namespace {

bool is_signature(const xmlNode* node) {
    return tree::is(node, names::dsig, "Signature");
}

std::size_t count_signatures(const xmlNode* root) {
    std::size_t count = 0;
    for (const xmlNode* at = root; at != nullptr; at = tree::next_in_subtree(at, root)) {
        if (is_signature(at)) ++count;
    }
    return count;
}

/// The one ds:Signature among the children of `parent`.
Result<const xmlNode*> only_child_signature(const xmlNode* parent) {
    const xmlNode* found = nullptr;
    for (const xmlNode* at = tree::first(parent); at != nullptr; at = tree::next(at)) {
        if (!is_signature(at)) continue;
        if (found != nullptr) return Error{codes::signature_many, "two in " + tree::path(parent)};
        found = at;
    }
    if (found == nullptr) return Error{codes::signature_missing, "none in " + tree::path(parent)};
    return found;
}

/// Only what the profile lets follow stands behind the Signature.
Result<void> check_followers(const xmlNode* signature, const SignaturePlace& place) {
    if (place.any_child) return {};
    for (const xmlNode* at = tree::next(signature); at != nullptr; at = tree::next(at)) {
        if (std::ranges::find(place.followers, tree::view(at->name)) == place.followers.end()) {
            return Error{codes::signature_place, std::string(tree::view(at->name)) + " stands behind it"};
        }
    }
    return {};
}

/// The one Signature at the place that the policy fixes.
///
/// Where the whole document is covered, a Signature deeper down is content like all other (an
/// answer may quote a signed message); where only a part is covered there must be no second one.
Result<const xmlNode*> find_signature(const xmlNode* root, const Policy& policy) {
    const std::size_t count = count_signatures(root);
    if (count == 0) return Error{codes::signature_missing, "none in the document"};
    if (count > 1 && !policy.whole_document) return Error{codes::signature_many, std::to_string(count) + " of them"};
    using Where = SignaturePlace::Where;
    if (policy.place.where == Where::document_root) {
        if (!is_signature(root)) return Error{codes::signature_place, "it is not the document's root"};
        return root;
    }
    if (policy.place.where == Where::anywhere) {
        for (const xmlNode* at = root; at != nullptr; at = tree::next_in_subtree(at, root)) {
            if (is_signature(at)) return at;
        }
    }
    auto found = only_child_signature(root);
    if (!found && found.error().code == codes::signature_missing) {
        return Error{codes::signature_place, "it is no child of the root"};
    }
    if (!found) return found.error();
    if (auto placed = check_followers(*found, policy.place); !placed) return placed.error();
    return *found;
}

void keep_covered(Judged& judged, Verification& report) {
    for (Held& held : judged.held) report.covered.push_back(std::move(held.covered));
}

void verify_document(std::string_view bytes, const Policy& policy, const VerifyOptions& options, Verification& report) {
    auto document = xml::ReferenceDocument::parse(bytes, {.bytes_max = options.limits.bytes_max});
    if (!document) return report.errors.push_back(document.error());
    if (!policy.holder.root.empty()) return verify_holder(*document, policy, options, report);
    auto signature = find_signature(document->root(), policy);
    if (!signature) return report.errors.push_back(signature.error());
    Judged judged = judge_signature({*document, policy, options}, **signature, report);
    const bool all = std::ranges::any_of(judged.held, [](const Held& held) { return held.covered.whole_document; });
    // A digest that failed already says why nothing is covered.
    if (policy.whole_document && !all && report.errors.empty()) {
        report.errors.push_back({codes::not_covered, "no reference covers " + tree::path(document->root())});
    }
    keep_covered(judged, report);
}

// --- containers --------------------------------------------------------------------------------

bool is_signatures_file(std::string_view name) {
    return name.starts_with("META-INF/") && name.ends_with(".xml") &&
           name.find("signatures", 9) != std::string_view::npos;
}

Result<const ContainerFile*> only_signatures_file(const std::vector<ContainerFile>& files) {
    const ContainerFile* found = nullptr;
    for (const ContainerFile& file : files) {
        if (!is_signatures_file(file.name)) continue;
        if (found != nullptr) return Error{codes::signature_many, found->name + " and " + file.name};
        found = &file;
    }
    if (found == nullptr) return Error{codes::signature_missing, "no META-INF/*signatures*.xml in the container"};
    return found;
}

/// A13: each file but "mimetype" and the signatures themselves must be covered.
void check_all_files(const std::vector<ContainerFile>& files, const ContainerFile& signatures, const Judged& judged,
                     Verification& report) {
    for (const ContainerFile& file : files) {
        if (file.name == names::mimetype_file || &file == &signatures) continue;
        const bool covered = std::ranges::any_of(
            judged.held, [&](const Held& held) { return held.is_file && held.covered.id == file.name; });
        if (!covered) report.errors.push_back({codes::not_covered, "the file " + file.name});
    }
}

/// XAdES: the certificate that the signed properties name must be the one that verified.
Result<void> check_signing_certificate(const xmlNode* properties, const Policy& policy, const Judged& judged) {
    const xmlNode* at = tree::child(properties, names::xades, "SignedSignatureProperties");
    at = at == nullptr ? nullptr : tree::child(at, names::xades, "SigningCertificateV2");
    at = at == nullptr ? nullptr : tree::child(at, names::xades, "Cert");
    at = at == nullptr ? nullptr : tree::child(at, names::xades, "CertDigest");
    const xmlNode* method = at == nullptr ? nullptr : tree::child(at, names::dsig, "DigestMethod");
    const xmlNode* value = at == nullptr ? nullptr : tree::child(at, names::dsig, "DigestValue");
    if (method == nullptr || value == nullptr) {
        return Error{codes::signature_malformed, "the signed properties name no SigningCertificateV2"};
    }
    auto algorithm = accepted_algorithm(tree::attribute(method, "Algorithm").value_or(""), policy, true);
    if (!algorithm) return algorithm.error();
    auto stated = from_base64(tree::text(value).value_or(""));
    auto own = digest_of(**algorithm, judged.certificate_der);
    if (!own) return own.error();
    if (!stated || *stated != *own) return Error{codes::certificate_differs, "SigningCertificateV2"};
    return {};
}

void check_properties(const Policy& policy, const Judged& judged, Verification& report) {
    const auto held = std::ranges::find_if(judged.held, [](const Held& one) { return one.signed_properties; });
    if (held == judged.held.end() || !tree::is(held->apex, names::xades, "SignedProperties")) {
        report.errors.push_back({codes::not_covered, "the signed properties"});
        return;
    }
    const xmlNode* target = held->apex->parent;
    if (!tree::is(target, names::xades, "QualifyingProperties") ||
        tree::attribute(target, "Target") != "#" + judged.signature_id) {
        report.errors.push_back({codes::signature_malformed, "QualifyingProperties is for another signature"});
        return;
    }
    const xmlNode* list = tree::child(held->apex, names::xades, "SignedSignatureProperties");
    const xmlNode* time = list == nullptr ? nullptr : tree::child(list, names::xades, "SigningTime");
    if (time != nullptr) report.signing_time = tree::text(time).value_or("");
    if (judged.certificate_der.empty()) return;
    if (auto same = check_signing_certificate(held->apex, policy, judged); !same) report.errors.push_back(same.error());
}

void verify_container(std::string_view bytes, const Policy& policy, const VerifyOptions& options,
                      Verification& report) {
    auto files = read_container(bytes, options.limits);
    if (!files) return report.errors.push_back(files.error());
    auto signatures = only_signatures_file(*files);
    if (!signatures) return report.errors.push_back(signatures.error());
    auto document = xml::ReferenceDocument::parse((*signatures)->bytes);
    if (!document) return report.errors.push_back(document.error().in_file((*signatures)->name));
    if (!tree::is(document->root(), names::asic, "XAdESSignatures")) {
        return report.errors.push_back({codes::signature_malformed, "the root is not XAdESSignatures"});
    }
    auto signature = only_child_signature(document->root());
    if (!signature) return report.errors.push_back(signature.error());
    Judged judged = judge_signature({*document, policy, options, &*files}, **signature, report);
    if (report.errors.empty()) check_properties(policy, judged, report);
    if (report.errors.empty()) check_all_files(*files, **signatures, judged, report);
    std::erase_if(judged.held, [](const Held& held) { return !held.is_file; });
    keep_covered(judged, report);
}

}  // namespace

Verification verify(std::string_view bytes, const Policy& policy, const VerifyOptions& options) {
    Verification report;
    report.policy = policy.name;
    const bool container = is_container(bytes);
    if (container ? !policy.asice : !policy.enveloped) {
        report.errors.push_back({codes::form_refused, container ? "a container" : "a document without container"});
    } else if (container) {
        verify_container(bytes, policy, options, report);
    } else {
        verify_document(bytes, policy, options, report);
    }
    report.valid = report.errors.empty();
    // What did not verify is not handed out: nobody can read it by mistake.
    if (!report.valid) {
        report.covered.clear();
        report.documents.clear();
        report.receipt.reset();
    }
    return report;
}

Verification verify(std::string_view bytes, const Profile& profile, const VerifyOptions& options) {
    return verify(bytes, policy_of(profile), options);
}

bool looks_signed(std::string_view bytes) {
    if (is_container(bytes)) return true;
    const auto tags = xml::root_tags(bytes);
    return tags &&
           std::ranges::any_of(tags->last_children, [](const auto& child) { return child.local == "Signature"; });
}

}  // namespace hansa::trust
