#include "core/trust/fast_signature.h"

#include <algorithm>

#include "core/base/digest.h"
#include "core/trust/names.h"
#include "core/trust/signature_check.h"
#include "core/xml/canonical_slices.h"
#include "core/xml/encoding.h"

namespace hansa::trust {
namespace {

using xml::TokenKind;
using Where = SignaturePlace::Where;

constexpr std::size_t transforms_max = 8;

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

bool contains(const std::vector<std::string>& list, std::string_view value) {
    return std::ranges::find(list, value) != list.end();
}

}  // namespace

CoverPlan SignaturePass::guess(const Policy& policy) {
    CoverPlan plan;
    const auto method = [&](std::size_t index, xml::Canonicalization otherwise) {
        if (index >= policy.canonicalizations.size()) return otherwise;
        return xml::canonicalization_of(policy.canonicalizations[index]).value_or(otherwise);
    };
    plan.signed_info = method(0, plan.signed_info);
    plan.method = xml::without_comments(method(1, plan.method));
    return plan;
}

// --- the pass ----------------------------------------------------------------------------------

LeftBecause SignaturePass::run(std::string_view bytes, const Policy& policy, const VerifyLimits& limits,
                               const CoverPlan& plan) {
    if (policy.place.where == Where::document_root) return LeftBecause::form;
    bytes_ = bytes;
    policy_ = &policy;
    limits_ = &limits;
    plan_ = &plan;
    // The form of a whole document is mostly what stands there already.
    slices_ = plan.id.empty() && plan.prefixes.empty() && policy.whole_document &&
              policy.place.where == Where::child_of_root && plan.enveloped;
    const LeftBecause first = pass();
    if (!slices_ || first != LeftBecause::nothing) return first;
    const xml::SliceRange range{root_.from, root_.to, signature_range_.from, signature_range_.to};
    if (xml::is_bare_outside(bytes, range) && xml::canonical_slices(bytes, range, plan.method, covered_))
        return LeftBecause::nothing;
    slices_ = false;  // that pass writes the form token by token
    return pass();
}

LeftBecause SignaturePass::run_read(std::string_view bytes, ByteRange root, std::size_t signature, const Policy& policy,
                                    const VerifyLimits& limits, const CoverPlan& plan) {
    const bool usual = plan.id.empty() && plan.prefixes.empty() && plan.enveloped && policy.whole_document &&
                       policy.place.where == Where::child_of_root;
    const bool sensible =
        root.to <= bytes.size() && root.from < signature && signature < root.to && bytes.size() <= limits.bytes_max;
    if (!usual || !sensible) return LeftBecause::form;
    const auto encoding = xml::detect_encoding(bytes);
    if (!encoding || (*encoding != "UTF-8" && *encoding != "US-ASCII")) return LeftBecause::form;
    xml::Scanner scanner(bytes.substr(root.from, root.to - root.from), {.document_bytes_max = bytes.size()});
    const auto kind = scanner.next();
    if (!kind || *kind != xml::TokenKind::start_element) return LeftBecause::form;
    const std::size_t tag = scanner.token().end;
    if (signature < root.from + tag) return LeftBecause::form;
    tail_.assign(bytes.substr(root.from, tag));
    tail_ += bytes.substr(signature, root.to - signature);
    bytes_ = tail_;
    policy_ = &policy;
    limits_ = &limits;
    plan_ = &plan;
    slices_ = true;
    if (const LeftBecause why = pass(); why != LeftBecause::nothing) return why;
    if (signature_range_.from != tag) return LeftBecause::form;
    // From here on offsets count in the document itself.
    const std::size_t moved = signature - tag;
    signature_range_ = {signature, signature_range_.to + moved};
    root_name_ = bytes.substr(root.from + 1, root_name_.size());
    root_ = root;
    const xml::SliceRange range{root.from, root.to, signature_range_.from, signature_range_.to};
    const bool good = xml::is_bare_outside(bytes, range) && xml::canonical_slices(bytes, range, plan.method, covered_);
    return good ? LeftBecause::nothing : LeftBecause::form;
}

LeftBecause SignaturePass::pass() {
    scanner_.reset(bytes_, {.document_bytes_max = limits_->bytes_max});
    broken_ = writing_ = begun_ = followed_ = signature_ended_ = signature_read_ = false;
    depth_ = writing_from_depth_ = hidden_depth_ = info_depth_ = 0;
    signatures_ = root_signatures_ = signature_depth_ = ids_ = 0;
    root_ = signature_range_ = covered_range_ = {};
    scope_.reset(bytes_);
    covered_.clear();
    signed_info_.clear();
    parsed_ = {};
    key_info_ = {};
    if (slices_) {
        begun_ = true;
    } else if (plan_->id.empty()) {
        form_.begin(bytes_, scope_, plan_->method, false, plan_->prefixes, covered_);
        writing_ = begun_ = true;
    }
    return walk();
}

LeftBecause SignaturePass::walk() {
    bool good = true;
    while (advance() && kind_ != TokenKind::end_of_document) {
        if (kind_ != TokenKind::start_element) continue;
        if (good && signature_depth_ != 0 && depth_ == signature_depth_ && !signature_ended_) {
            good = signature_read_ = read_signature();
            signature_ended_ = true;
        } else if (slices_ && depth_ == 2 && !skip_content()) {
            break;
        }
    }
    if (broken_) return LeftBecause::scanner;
    const bool at_its_place = signature_depth_ != 0 && root_signatures_ <= 1 && !followed_;
    const bool alone = signatures_ == 1 || policy_->whole_document;
    if (!good || !at_its_place || !alone || !begun_) return LeftBecause::signature;
    if (!info_form_.finish() || scope_.is_doubtful()) return LeftBecause::namespaces;
    if (!slices_ && (!form_.finish() || form_.octets() == 0)) return LeftBecause::namespaces;
    return LeftBecause::nothing;
}

/// Over all of an element of no interest, to its end token.
bool SignaturePass::skip_content() {
    for (std::size_t open = 1; open != 0;) {
        if (!scanner_.advance()) {
            broken_ = true;
            return false;
        }
        kind_ = scanner_.kind();
        if (kind_ == TokenKind::start_element) ++open;
        if (kind_ == TokenKind::end_element) --open;
    }
    end_element();
    return true;
}

/// To the next token; what is in scope and what is written follow. False: the document is broken.
bool SignaturePass::advance() {
    if (broken_) return false;
    if (!scanner_.advance()) {
        broken_ = true;
        return false;
    }
    kind_ = scanner_.kind();
    if (kind_ == TokenKind::start_element) begin_element();
    if (writing_ && hidden_depth_ == 0) form_.token(scanner_.token());
    if (info_depth_ != 0) info_form_.token(scanner_.token());
    if (kind_ == TokenKind::end_element) end_element();
    return true;
}

void SignaturePass::begin_element() {
    const xml::Token& token = scanner_.token();
    scope_.open(token);
    ++depth_;
    if (depth_ == 1) {
        root_.from = token.offset;
        const std::size_t prefix = token.prefix.empty() ? 0 : token.prefix.size() + 1;
        root_name_ = bytes_.substr(token.offset + 1, prefix + token.local.size());
    }
    if (!plan_->id.empty()) {
        const auto names = static_cast<std::size_t>(std::ranges::count_if(
            token.attributes, [this](const auto& one) { return xml::is_id_attribute(one) && one.value == plan_->id; }));
        if (names != 0 && !begun_) {
            form_.begin(bytes_, scope_, plan_->method, true, plan_->prefixes, covered_);
            writing_ = begun_ = true;
            writing_from_depth_ = depth_;
            covered_range_.from = token.offset;
        }
        ids_ += names;
    }
    if (depth_ == 2 && signature_ended_ && policy_->place.where == Where::child_of_root && !policy_->place.any_child &&
        !contains(policy_->place.followers, token.local)) {
        followed_ = true;
    }
    if (!is_signature()) return;
    ++signatures_;
    if (depth_ == 2 && policy_->place.where == Where::child_of_root) ++root_signatures_;
    const bool placed = policy_->place.where == Where::anywhere || depth_ == 2;
    if (!placed || signature_depth_ != 0) return;
    signature_depth_ = depth_;
    signature_range_.from = token.offset;
    if (plan_->enveloped) hidden_depth_ = depth_;
}

void SignaturePass::end_element() {
    const std::size_t end = scanner_.token().end;
    if (depth_ == hidden_depth_) hidden_depth_ = 0;
    if (depth_ == info_depth_) info_depth_ = 0;
    if (depth_ == writing_from_depth_) {
        writing_ = false;
        writing_from_depth_ = 0;
        covered_range_.to = end;
    }
    if (depth_ == signature_depth_ && signature_range_.to == 0) signature_range_.to = end;
    if (depth_ == 1) root_.to = end;
    scope_.close();
    --depth_;
}

bool SignaturePass::is_signature() const {
    const xml::Token& token = scanner_.token();
    return token.local == "Signature" && token.ns == names::dsig;
}

// --- reading -----------------------------------------------------------------------------------
// Each function begins at an element's start token and ends at its end token, if all is as it must be.

bool SignaturePass::at(std::string_view local) const {
    const xml::Token& token = scanner_.token();
    return kind_ == TokenKind::start_element && token.local == local && token.ns == names::dsig;
}

std::optional<std::string> SignaturePass::attribute(std::string_view local) const {
    for (const xml::AttributeToken& one : scanner_.token().attributes) {
        if (one.ns.empty() && one.local == local) return std::string(one.value);
    }
    return std::nullopt;
}

/// To the next child element (true) or the parent's end (false); texts between are passed over.
bool SignaturePass::next_child() {
    while (advance()) {
        if (kind_ == TokenKind::start_element) return true;
        if (kind_ == TokenKind::end_element) return false;
    }
    return false;
}

bool SignaturePass::skip_element() {
    const std::size_t depth = depth_;
    while (depth_ >= depth) {
        if (!advance()) return false;
    }
    return true;
}

/// All character data directly inside; false when there is a child element.
bool SignaturePass::text(std::string& out) {
    out.clear();
    while (advance()) {
        if (kind_ == TokenKind::text) out += scanner_.token().text;
        if (kind_ == TokenKind::start_element) return false;
        if (kind_ == TokenKind::end_element) return true;
    }
    return false;
}

bool SignaturePass::octets(std::string& out) {
    std::string coded;
    if (!text(coded)) return false;
    auto decoded = from_base64(coded);
    if (!decoded || decoded->empty()) return false;
    out = *std::move(decoded);
    return true;
}

bool SignaturePass::read_signature() {
    parsed_.id = attribute("Id").value_or("");
    if (!next_child() || !at("SignedInfo") || !read_signed_info()) return false;
    if (!next_child() || !at("SignatureValue") || !octets(parsed_.value)) return false;
    bool more = next_child();
    if (more && at("KeyInfo")) {
        if (!read_key_info()) return false;
        more = next_child();
    }
    while (more) {
        if (!at("Object") || !skip_element()) return false;
        more = next_child();
    }
    return !broken_;
}

bool SignaturePass::read_signed_info() {
    info_form_.begin(bytes_, scope_, plan_->signed_info, true, plan_->signed_info_prefixes, signed_info_);
    info_form_.token(scanner_.token());
    info_depth_ = depth_;
    if (!next_child() || !at("CanonicalizationMethod") || !read_transform(parsed_.canonicalization)) return false;
    if (!next_child() || !at("SignatureMethod")) return false;
    const auto method = attribute("Algorithm");
    if (!method) return false;
    parsed_.signature_method = *method;
    if (next_child()) return false;  // parameters
    while (next_child()) {
        if (!at("Reference") || !parsed_.references.empty()) return false;
        if (!read_reference(parsed_.references.emplace_back())) return false;
    }
    return parsed_.references.size() == 1;
}

bool SignaturePass::read_reference(ParsedReference& reference) {
    const auto uri = attribute("URI");
    if (!uri) return false;
    reference.has_uri = true;
    reference.uri = *uri;
    if (!next_child()) return false;
    if (at("Transforms")) {
        if (!read_transforms(reference.transforms) || !next_child()) return false;
    }
    if (!at("DigestMethod")) return false;
    const auto method = attribute("Algorithm");
    if (!method) return false;
    reference.digest_method = *method;
    if (!skip_element() || !next_child() || !at("DigestValue") || !octets(reference.digest_value)) return false;
    return !next_child() && !broken_;
}

bool SignaturePass::read_transforms(std::vector<ParsedTransform>& out) {
    while (next_child()) {
        if (!at("Transform") || out.size() == transforms_max) return false;
        if (!read_transform(out.emplace_back())) return false;
    }
    return !broken_;
}

/// CanonicalizationMethod or Transform with the one parameter that is known: inclusive prefixes.
bool SignaturePass::read_transform(ParsedTransform& transform) {
    const auto uri = attribute("Algorithm");
    if (!uri) return false;
    transform.uri = *uri;
    if (!next_child()) return !broken_;
    const xml::Token& token = scanner_.token();
    if (token.local != "InclusiveNamespaces" || token.ns != names::exclusive) return false;
    transform.prefixes = words(attribute("PrefixList").value_or(""));
    return skip_element() && !next_child() && !broken_;
}

bool SignaturePass::read_key_info() {
    while (next_child()) {
        if (at("KeyName")) {
            if (key_info_.key_names.size() == limits_->certificates_max) return false;
            if (!text(key_info_.key_names.emplace_back())) return false;
        } else if (at("X509Data")) {
            if (!read_x509_data()) return false;
        } else if (!skip_element()) {
            return false;
        }
    }
    return !broken_;
}

bool SignaturePass::read_x509_data() {
    while (next_child()) {
        if (!at("X509Certificate")) {
            if (!skip_element()) return false;
            continue;
        }
        if (key_info_.certificates.size() == limits_->certificates_max) return false;
        if (!text(key_info_.certificates.emplace_back())) return false;
    }
    return !broken_;
}

// --- what is asked for -------------------------------------------------------------------------

LeftBecause SignaturePass::wanted(const Policy& policy, CoverPlan& plan) const {
    const auto canonicalization = [&](const ParsedTransform& one, xml::Canonicalization& method) {
        const auto known = xml::canonicalization_of(one.uri);
        if (!known || !contains(policy.canonicalizations, one.uri)) return false;
        method = *known;
        return true;
    };
    plan = {};
    plan.enveloped = false;
    if (!canonicalization(parsed_.canonicalization, plan.signed_info)) return LeftBecause::algorithm;
    plan.signed_info_prefixes = parsed_.canonicalization.prefixes;
    const ParsedReference& reference = parsed_.references.front();
    if (!reference.uri.empty()) {
        if (reference.uri.front() != '#' || !is_plain_id(reference.uri.substr(1))) return LeftBecause::transform;
        plan.id = reference.uri.substr(1);
    }
    bool canonicalized = false;
    for (const ParsedTransform& transform : reference.transforms) {
        if (canonicalized) return LeftBecause::transform;
        if (transform.uri == names::enveloped) {
            if (!transform.prefixes.empty()) return LeftBecause::transform;
            plan.enveloped = true;
            continue;
        }
        if (!canonicalization(transform, plan.method)) return LeftBecause::transform;
        plan.prefixes = transform.prefixes;
        canonicalized = true;
    }
    // A same-document reference is a node set without comments (XML Signature 4.4.3.3).
    plan.method = xml::without_comments(plan.method);
    return LeftBecause::nothing;
}

}  // namespace hansa::trust
