#include "core/trust/signature.h"

#include "core/base/digest.h"
#include "core/trust/codes.h"
#include "core/trust/names.h"
#include "core/trust/tree.h"

namespace hansa::trust {
namespace {

constexpr std::size_t transforms_max = 8;

Error malformed(std::string_view what) {
    return {codes::signature_malformed, std::string(what)};
}

bool is_ds(const xmlNode* node, std::string_view local) {
    return tree::is(node, names::dsig, local);
}

Result<std::string> algorithm_of(const xmlNode* node, std::string_view local) {
    if (!is_ds(node, local)) return malformed(std::string(local) + " is missing or not in its place");
    auto uri = tree::attribute(node, "Algorithm");
    if (!uri) return malformed(std::string(local) + " has no Algorithm");
    return *std::move(uri);
}

Result<std::string> octets_of(const xmlNode* node, std::string_view local) {
    if (!is_ds(node, local)) return malformed(std::string(local) + " is missing or not in its place");
    const auto text = tree::text(node);
    if (!text) return malformed(std::string(local) + " holds an element");
    auto octets = from_base64(*text);
    if (!octets || octets->empty()) return malformed(std::string(local) + " is not base 64");
    return *std::move(octets);
}

std::vector<std::string> words(std::string_view list) {
    std::vector<std::string> out;
    std::string word;
    for (const char c : std::string(list) + " ") {
        if (c != ' ' && c != '\t' && c != '\r' && c != '\n') {
            word += c;
        } else if (!word.empty()) {
            out.push_back(std::move(word));
            word.clear();
        }
    }
    return out;
}

/// CanonicalizationMethod or Transform with the one parameter that is known: inclusive prefixes.
ParsedTransform transform_of(const xmlNode* node, std::string uri) {
    ParsedTransform transform{std::move(uri)};
    for (const xmlNode* at = tree::first(node); at != nullptr; at = tree::next(at)) {
        if (at == tree::first(node) && tree::is(at, names::exclusive, "InclusiveNamespaces")) {
            transform.prefixes = words(tree::attribute(at, "PrefixList").value_or(""));
        } else {
            transform.has_other_parameters = true;
        }
    }
    return transform;
}

Result<std::vector<ParsedTransform>> transforms_of(const xmlNode* list) {
    std::vector<ParsedTransform> out;
    for (const xmlNode* at = tree::first(list); at != nullptr; at = tree::next(at)) {
        auto uri = algorithm_of(at, "Transform");
        if (!uri) return uri.error();
        if (out.size() == transforms_max) return malformed("too many transforms");
        out.push_back(transform_of(at, *std::move(uri)));
    }
    return out;
}

Result<ParsedReference> reference_of(const xmlNode* node) {
    ParsedReference reference;
    const auto uri = tree::attribute(node, "URI");
    reference.has_uri = uri.has_value();
    reference.uri = uri.value_or("");
    reference.type = tree::attribute(node, "Type").value_or("");
    reference.id = tree::attribute(node, "Id").value_or("");
    const xmlNode* at = tree::first(node);
    if (is_ds(at, "Transforms")) {
        auto transforms = transforms_of(at);
        if (!transforms) return transforms.error();
        reference.transforms = *std::move(transforms);
        at = tree::next(at);
    }
    auto method = algorithm_of(at, "DigestMethod");
    if (!method) return method.error();
    reference.digest_method = *std::move(method);
    at = tree::next(at);
    auto value = octets_of(at, "DigestValue");
    if (!value) return value.error();
    reference.digest_value = *std::move(value);
    if (tree::next(at) != nullptr) return malformed("Reference holds more than DigestValue");
    return reference;
}

Result<void> read_signed_info(const xmlNode* info, const VerifyLimits& limits, ParsedSignature& out) {
    const xmlNode* at = tree::first(info);
    auto canonicalization = algorithm_of(at, "CanonicalizationMethod");
    if (!canonicalization) return canonicalization.error();
    out.canonicalization = transform_of(at, *std::move(canonicalization));
    at = tree::next(at);
    auto method = algorithm_of(at, "SignatureMethod");
    if (!method) return method.error();
    out.signature_method = *std::move(method);
    out.method_has_parameters = tree::first(at) != nullptr;
    for (at = tree::next(at); at != nullptr; at = tree::next(at)) {
        if (!is_ds(at, "Reference")) return malformed("SignedInfo holds something that is no Reference");
        if (out.references.size() == limits.references_max) {
            return Error{codes::references_too_many, "more than " + std::to_string(limits.references_max)};
        }
        auto reference = reference_of(at);
        if (!reference) return reference.error();
        out.references.push_back(*std::move(reference));
    }
    if (out.references.empty()) return malformed("SignedInfo has no Reference");
    return {};
}

Result<void> read_certificates(const xmlNode* data, const VerifyLimits& limits, ParsedSignature& out) {
    for (const xmlNode* at = tree::first(data); at != nullptr; at = tree::next(at)) {
        if (!is_ds(at, "X509Certificate")) continue;  // hints, which need not be taken
        auto der = octets_of(at, "X509Certificate");
        if (!der) return Error{codes::certificate_malformed, "X509Certificate is not base 64"};
        if (out.certificates.size() == limits.certificates_max) return malformed("too many certificates");
        out.certificates.push_back(*std::move(der));
    }
    return {};
}

/// KeyValue, RetrievalMethod and others are passed over: a key without a certificate counts for nothing.
Result<void> read_key_info(const xmlNode* info, const VerifyLimits& limits, ParsedSignature& out) {
    for (const xmlNode* at = tree::first(info); at != nullptr; at = tree::next(at)) {
        if (is_ds(at, "KeyName") && out.key_names.size() < limits.certificates_max) {
            out.key_names.push_back(tree::text(at).value_or(""));
        }
        if (!is_ds(at, "X509Data")) continue;
        if (auto read = read_certificates(at, limits, out); !read) return read.error();
    }
    return {};
}

}  // namespace

Result<ParsedSignature> parse_signature(const xmlNode& element, const VerifyLimits& limits) {
    ParsedSignature out;
    out.element = &element;
    out.id = tree::attribute(&element, "Id").value_or("");
    const xmlNode* at = tree::first(&element);
    if (!is_ds(at, "SignedInfo")) return malformed("SignedInfo is missing or not first");
    out.signed_info = at;
    if (auto read = read_signed_info(at, limits, out); !read) return read.error();
    at = tree::next(at);
    auto value = octets_of(at, "SignatureValue");
    if (!value) return value.error();
    out.value = *std::move(value);
    at = tree::next(at);
    if (is_ds(at, "KeyInfo")) {
        if (auto read = read_key_info(at, limits, out); !read) return read.error();
        at = tree::next(at);
    }
    for (; at != nullptr; at = tree::next(at)) {
        if (!is_ds(at, "Object")) return malformed("Signature holds an element out of its place");
    }
    return out;
}

}  // namespace hansa::trust
