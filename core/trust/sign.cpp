#include "core/trust/sign.h"

#include <libxml/tree.h>

#include <algorithm>

#include "core/base/digest.h"
#include "core/base/ids.h"
#include "core/trust/algorithm.h"
#include "core/trust/codes.h"
#include "core/trust/container.h"
#include "core/trust/names.h"
#include "core/trust/signer.h"
#include "core/trust/tree.h"
#include "core/xml/canonical.h"
#include "core/xml/element_slice.h"

namespace hansa::trust {
namespace {

constexpr std::string_view sha256_uri = "http://www.w3.org/2001/04/xmlenc#sha256";
constexpr std::string_view signature_id = "S0";

/// Adds elements of one namespace below a node. The tree owns what is made.
class Grow {
public:
    Grow(xmlNode* at, xmlNs* ns) : at_(at), ns_(ns) {}

    Grow child(const char* local) const {
        return {xmlNewChild(at_, ns_, reinterpret_cast<const xmlChar*>(local), nullptr), ns_};
    }
    Grow child(const char* local, const std::string& text) const {
        const Grow made = child(local);
        made.text(text);
        return made;
    }
    /// <local Algorithm="uri"/>
    Grow method(const char* local, const std::string& uri) const { return child(local).set("Algorithm", uri); }

    const Grow& set(const char* local, const std::string& value) const {
        xmlNewProp(at_, reinterpret_cast<const xmlChar*>(local), tree::chars(value));
        return *this;
    }
    void text(const std::string& text) const {
        xmlAddChild(at_, xmlNewTextLen(tree::chars(text), static_cast<int>(text.size())));
    }
    xmlNode* node() const { return at_; }

private:
    xmlNode* at_;
    xmlNs* ns_;
};

/// A new element with its own namespace declaration; an empty prefix is the default namespace.
Grow element_with_namespace(xmlNode* parent, std::string_view ns, const std::string& prefix, const char* local) {
    xmlNode* node = xmlNewChild(parent, nullptr, reinterpret_cast<const xmlChar*>(local), nullptr);
    xmlNs* declared = xmlNewNs(node, tree::chars(std::string(ns)), prefix.empty() ? nullptr : tree::chars(prefix));
    xmlSetNs(node, declared);
    return {node, declared};
}

/// One Reference as it will be written.
struct ReferenceDraft {
    std::string uri;
    std::string id;
    std::string type;
    std::vector<std::string> transforms;
    std::string octets;  ///< what is digested
};

/// Everything that making one signature needs.
struct Making {
    const Profile& profile;
    const Signer::State& signer;
    const Algorithm& method;
    const Algorithm& digest;
};

Result<Making> prepare(const Profile& profile, const Signer& signer) {
    if (auto good = check_profile(profile); !good) return good.error();
    if (profile.place.where != SignaturePlace::Where::child_of_root)
        return Error{codes::profile_invalid, profile.name + ": a signature can be made as a child of the root only"};
    const Algorithm* method = find_algorithm(profile.signature_method, profile.names);
    const Algorithm* digest = find_algorithm(profile.digest_method, profile.names);
    constexpr int rsa_bits_min = 2048;
    if (auto fit = check_key(*method, *signer.state().key, rsa_bits_min); !fit) return fit.error();
    return Making{profile, signer.state(), *method, *digest};
}

Result<void> add_reference(const Grow& info, const Making& making, const ReferenceDraft& draft) {
    auto value = digest_of(making.digest, draft.octets);
    if (!value) return value.error();
    const Grow reference = info.child("Reference");
    if (!draft.id.empty()) reference.set("Id", draft.id);
    if (!draft.type.empty()) reference.set("Type", draft.type);
    reference.set("URI", draft.uri);
    if (!draft.transforms.empty()) {
        const Grow list = reference.child("Transforms");
        for (const std::string& uri : draft.transforms) static_cast<void>(list.method("Transform", uri));
    }
    static_cast<void>(reference.method("DigestMethod", making.profile.digest_method));
    static_cast<void>(reference.child("DigestValue", to_base64(*value)));
    return {};
}

void add_key_info(const Grow& signature, const Making& making) {
    const auto& certificates = making.signer.certificates;
    const Grow info = signature.child("KeyInfo");
    if (making.profile.key_name_serial) {
        static_cast<void>(
            info.child("KeyName", serial_digits(*certificates.front(), making.profile.key_name_digits_min)));
    }
    if (!making.profile.x509_certificate) return;
    const Grow data = info.child("X509Data");
    const std::size_t count = making.profile.whole_chain ? certificates.size() : 1;
    for (std::size_t i = 0; i < count; ++i) {
        static_cast<void>(data.child("X509Certificate", to_base64(to_der(*certificates[i]))));
    }
}

/// SignedInfo, the empty SignatureValue and KeyInfo; the value comes when all stands in its place.
Result<void> fill_signature(const Grow& signature, const Making& making, const std::vector<ReferenceDraft>& drafts) {
    const Grow info = signature.child("SignedInfo");
    static_cast<void>(info.method("CanonicalizationMethod", making.profile.canonicalization));
    static_cast<void>(info.method("SignatureMethod", making.profile.signature_method));
    for (const ReferenceDraft& draft : drafts) {
        if (auto added = add_reference(info, making, draft); !added) return added.error();
    }
    static_cast<void>(signature.child("SignatureValue"));
    add_key_info(signature, making);
    return {};
}

/// SignedInfo is canonicalised where it stands: it inherits the namespaces of its ancestors.
Result<void> sign_value(const xml::ReferenceDocument& document, const Grow& signature, const Making& making) {
    const xmlNode* info = tree::child(signature.node(), names::dsig, "SignedInfo");
    const auto method = xml::canonicalization_of(making.profile.canonicalization);
    auto octets = xml::canonical_form(document, {.method = *method, .apex = info});
    if (!octets) return octets.error();
    auto value =
        sign_octets(making.method, *making.signer.key, *octets, {making.profile.sm2_user_id, making.profile.sm2_raw});
    if (!value) return value.error();
    const xmlNode* place = tree::child(signature.node(), names::dsig, "SignatureValue");
    Grow(const_cast<xmlNode*>(place), nullptr).text(to_base64(*value));
    return {};
}

// --- enveloped ---------------------------------------------------------------------------------

bool is_signed_already(const xml::ReferenceDocument& document) {
    return tree::child(document.root(), names::dsig, "Signature") != nullptr;
}

/// What the one Reference digests: the document as it is, since the Signature that
/// enveloped-signature takes out again leaves nothing behind.
Result<ReferenceDraft> whole_document(const xml::ReferenceDocument& document, const Profile& profile) {
    xml::CanonicalRequest request;
    if (profile.transforms.size() == 2) request.method = *xml::canonicalization_of(profile.transforms[1]);
    request.method = xml::without_comments(request.method);
    auto octets = xml::canonical_form(document, request);
    if (!octets) return octets.error();
    return ReferenceDraft{{}, {}, {}, profile.transforms, *std::move(octets)};
}

/// Puts the element's text among the root's children: before the followers, else last.
std::string insert(std::string_view document, const xml::RootTags& tags, const SignaturePlace& place,
                   std::string_view element) {
    std::string out;
    out.reserve(document.size() + element.size() + tags.root_name.size() + 8);
    if (tags.root_empty) {
        out.append(document.substr(0, tags.end_tag - 2)).append(">").append(element);
        out.append("</").append(tags.root_name).append(">").append(document.substr(tags.end_tag));
        return out;
    }
    std::size_t at = tags.end_tag;
    for (auto child = tags.last_children.rbegin(); child != tags.last_children.rend(); ++child) {
        if (std::ranges::find(place.followers, child->local) == place.followers.end()) break;
        at = child->offset;
    }
    out.append(document.substr(0, at)).append(element).append(document.substr(at));
    return out;
}

Result<std::string> sign_enveloped(std::string_view bytes, const Making& making) {
    auto document = xml::ReferenceDocument::parse(bytes);
    if (!document) return document.error();
    if (is_signed_already(*document)) return Error{codes::already_signed, tree::path(document->root())};
    auto draft = whole_document(*document, making.profile);
    if (!draft) return draft.error();
    const Grow signature = element_with_namespace(document->root(), names::dsig, making.profile.prefix, "Signature");
    if (auto filled = fill_signature(signature, making, {*draft}); !filled) return filled.error();
    if (auto done = sign_value(*document, signature, making); !done) return done.error();
    // Exclusive form of the element: its own namespace and nothing of its ancestors'.
    auto text = xml::canonical_form(*document, {.method = xml::Canonicalization::exclusive, .apex = signature.node()});
    if (!text) return text.error();
    auto tags = xml::root_tags(bytes);
    if (!tags) return tags.error();
    return insert(bytes, *tags, making.profile.place, *text);
}

// --- within a holder ----------------------------------------------------------------------------

/// The holder's text around the document, with ids that repeat when the same document is signed again.
struct Held {
    std::string text, content_id, signature_id;
    std::size_t signature_place = 0;  ///< offset: signatures stand before the content
};

Held hold(std::string_view root, const Holder& holder) {
    const std::string id = uuid5("hansa", sha256_hex(root));
    Held out;
    out.content_id = "c" + id;
    out.signature_id = "s" + id;
    out.text = "<doc:" + holder.root + " xmlns:doc=\"" + holder.ns + "\"><doc:" + holder.data + " Id=\"d" + id + "\">";
    out.signature_place = out.text.size();
    out.text += "<doc:" + holder.content + " Id=\"" + out.content_id + "\"";
    if (!holder.instance.empty()) out.text += " " + holder.instance + "=\"urn:uuid:" + id + "\"";
    out.text.append(">").append(root);
    out.text += "</doc:" + holder.content + "></doc:" + holder.data + "></doc:" + holder.root + ">";
    return out;
}

Result<std::string> sign_within(std::string_view bytes, const Making& making) {
    const auto root = xml::children_at(bytes, {});
    if (!root) return root.error();
    const xml::ElementSlice& slice = root->slices.front();
    const Holder& holder = making.profile.holder;
    if (slice.ns == holder.ns && slice.local == holder.root) return Error{codes::already_signed, "/" + holder.root};
    const Held held = hold(bytes.substr(slice.begin, slice.end - slice.begin), holder);
    auto document = xml::ReferenceDocument::parse(held.text);
    if (!document) return document.error();
    xmlNode* data = xmlFirstElementChild(document->root());
    auto octets =
        xml::canonical_form(*document, {.method = xml::Canonicalization::exclusive, .apex = tree::first(data)});
    if (!octets) return octets.error();
    const Grow signature = element_with_namespace(data, names::dsig, making.profile.prefix, "Signature");
    signature.set("Id", held.signature_id);
    const ReferenceDraft draft{
        "#" + held.content_id, held.signature_id + "-ref0", {}, making.profile.transforms, *std::move(octets)};
    if (auto filled = fill_signature(signature, making, {draft}); !filled) return filled.error();
    if (auto done = sign_value(*document, signature, making); !done) return done.error();
    auto text = xml::canonical_form(*document, {.method = xml::Canonicalization::exclusive, .apex = signature.node()});
    if (!text) return text.error();
    return std::string(held.text).insert(held.signature_place, *text);
}

// --- container ---------------------------------------------------------------------------------

/// A file's name as a URI reference: what RFC 3986 does not leave alone becomes %XX.
std::string percent(std::string_view name) {
    constexpr std::string_view plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
    std::string out;
    for (const char c : name) {
        if (plain.find(c) != std::string_view::npos)
            out += c;
        else
            out += "%" + to_hex(std::string_view(&c, 1));
    }
    return out;
}

std::string file_reference_id(std::size_t place) {
    return std::string(signature_id) + "-R" + std::to_string(place);
}

/// SignedProperties as XAdES baseline B wants them: time, certificate, and each file's media type.
Grow add_properties(const Grow& signature, const Making& making, const std::vector<ContainerFile>& files,
                    const std::string& signing_time) {
    const std::string id(signature_id);
    const Grow object = signature.child("Object");
    const Grow qualifying = element_with_namespace(object.node(), names::xades, "xades", "QualifyingProperties");
    qualifying.set("Target", "#" + id);
    const Grow properties = qualifying.child("SignedProperties").set("Id", id + "-SignedProperties");
    const Grow own = properties.child("SignedSignatureProperties");
    static_cast<void>(own.child("SigningTime", signing_time));
    const Grow cert = own.child("SigningCertificateV2").child("Cert").child("CertDigest");
    const Grow ds(cert.node(), signature.node()->ns);
    static_cast<void>(ds.method("DigestMethod", std::string(sha256_uri)));
    const std::string der = to_der(*making.signer.certificates.front());
    static_cast<void>(ds.child("DigestValue", to_base64(digest(DigestAlgorithm::sha256, der))));
    const Grow data = properties.child("SignedDataObjectProperties");
    for (std::size_t i = 0; i < files.size(); ++i) {
        const Grow format = data.child("DataObjectFormat").set("ObjectReference", "#" + file_reference_id(i));
        static_cast<void>(format.child("MimeType", files[i].media_type));
    }
    return properties;
}

std::vector<ReferenceDraft> file_references(const std::vector<ContainerFile>& files) {
    std::vector<ReferenceDraft> drafts;
    for (std::size_t i = 0; i < files.size(); ++i) {
        drafts.push_back({percent(files[i].name), file_reference_id(i), {}, {}, files[i].bytes});
    }
    return drafts;
}

Result<std::string> utc_seconds(const SignOptions& options) {
    const DateTime time = options.signing_time ? *options.signing_time : now_utc();
    if (!time.has_time || !time.offset_minutes) {
        return Error{codes::profile_invalid, "signing_time needs a time and a zone"};
    }
    return format_time(at_offset(time, 0), "yyyy-MM-dd'T'HH:mm:ss'Z'");
}

/// META-INF/signatures.xml over the files.
Result<std::string> signatures_file(const std::vector<ContainerFile>& files, const Making& making,
                                    const std::string& signing_time) {
    const std::string frame = "<asic:XAdESSignatures xmlns:asic=\"" + std::string(names::asic) + "\"/>";
    auto document = xml::ReferenceDocument::parse(frame);
    if (!document) return document.error();
    const Grow signature = element_with_namespace(document->root(), names::dsig, making.profile.prefix, "Signature");
    signature.set("Id", std::string(signature_id));
    const Grow properties = add_properties(signature, making, files, signing_time);
    auto octets =
        xml::canonical_form(*document, {.method = xml::Canonicalization::exclusive, .apex = properties.node()});
    if (!octets) return octets.error();
    auto drafts = file_references(files);
    drafts.push_back({"#" + std::string(signature_id) + "-SignedProperties",
                      {},
                      std::string(names::signed_properties_type),
                      {std::string(names::exclusive)},
                      *std::move(octets)});
    // The Object was needed first, for its digest, and stands last.
    xmlNode* object = xmlFirstElementChild(signature.node());
    xmlUnlinkNode(object);
    const auto filled = fill_signature(signature, making, drafts);
    xmlAddChild(signature.node(), object);
    if (!filled) return filled.error();
    if (auto done = sign_value(*document, signature, making); !done) return done.error();
    auto text = xml::canonical_form(*document, {.method = xml::Canonicalization::exclusive});
    if (!text) return text.error();
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + *text;
}

}  // namespace

Result<std::string> sign(std::string_view document, const Profile& profile, const Signer& signer,
                         const SignOptions& options) {
    if (profile.form == Form::asice) {
        return sign_container({{options.document_name, std::string(document), options.media_type}}, profile, signer,
                              options);
    }
    auto making = prepare(profile, signer);
    if (!making) return making.error();
    return profile.form == Form::within ? sign_within(document, *making) : sign_enveloped(document, *making);
}

Result<std::string> sign_container(const std::vector<ContainerFile>& files, const Profile& profile,
                                   const Signer& signer, const SignOptions& options) {
    if (profile.form != Form::asice) return Error{codes::profile_invalid, profile.name + " makes no container"};
    auto making = prepare(profile, signer);
    if (!making) return making.error();
    for (const ContainerFile& file : files) {
        if (file.name.starts_with("META-INF/")) return Error{codes::container_name, "META-INF/ is the signature's"};
    }
    if (files.empty()) return Error{codes::container_limit, "no file to sign"};
    auto signing_time = utc_seconds(options);
    if (!signing_time) return signing_time.error();
    auto signatures = signatures_file(files, *making, *signing_time);
    if (!signatures) return signatures.error();
    std::vector<ContainerFile> all = files;
    all.push_back({std::string(names::signatures_file), *std::move(signatures), "text/xml"});
    return write_container(all);
}

}  // namespace hansa::trust
