#include "core/trust/profile.h"

#include <algorithm>

#include "core/trust/algorithm.h"
#include "core/trust/codes.h"
#include "core/trust/names.h"
#include "core/xml/canonical.h"

namespace hansa::trust {
namespace {

Profile strong_profile(std::string name, Form form, const char* method) {
    const std::string exclusive(xml::uri_of(xml::Canonicalization::exclusive));
    Profile profile;
    profile.name = std::move(name);
    profile.form = form;
    profile.signature_method = std::string("http://www.w3.org/2001/04/xmldsig-more#") + method;
    profile.digest_method = "http://www.w3.org/2001/04/xmlenc#sha256";
    profile.canonicalization = exclusive;
    if (form == Form::enveloped) profile.transforms = {std::string(names::enveloped), exclusive};
    profile.whole_chain = true;
    return profile;
}

Policy make_standard_policy() {
    Policy policy;
    for (const Algorithm& row : algorithms()) {
        if (row.weak || row.uri.empty()) continue;
        auto& list = row.key == KeyNeed::none ? policy.digest_methods : policy.signature_methods;
        list.emplace_back(row.uri);
    }
    using enum xml::Canonicalization;
    for (const auto method : {c14n10, c14n10_comments, c14n11, c14n11_comments, exclusive, exclusive_comments}) {
        policy.canonicalizations.emplace_back(xml::uri_of(method));
    }
    return policy;
}

Error invalid(const Profile& profile, std::string_view what) {
    return {codes::profile_invalid, profile.name + ": " + std::string(what)};
}

bool is_allowed(const Algorithm& row, const Profile& profile) {
    return !row.weak || std::ranges::find(profile.weak_allowed, row.word) != profile.weak_allowed.end();
}

Result<void> check_transforms(const Profile& profile) {
    if (profile.form == Form::asice) {
        if (!profile.transforms.empty()) return invalid(profile, "a container's files have no transforms");
        return {};
    }
    if (profile.form == Form::within) {
        // Other forms of what is taken out of its holder would depend on what stood around it.
        const bool alone = profile.transforms.size() == 1 && profile.transforms.front() == names::exclusive;
        if (!alone || profile.canonicalization != names::exclusive)
            return invalid(
                profile,
                "what stands in a holder takes exclusive canonicalization, as method and as its one transform");
        return {};
    }
    if (profile.transforms.empty() || profile.transforms.front() != names::enveloped) {
        return invalid(profile, "the first transform must be enveloped-signature");
    }
    if (profile.transforms.size() > 2 ||
        (profile.transforms.size() == 2 && !xml::canonicalization_of(profile.transforms[1]))) {
        return invalid(profile, "after enveloped-signature only one canonicalization may follow");
    }
    return {};
}

}  // namespace

std::span<const Profile> core_profiles() {
    static const std::vector<Profile> profiles{
        strong_profile("asice.rsa-sha256", Form::asice, "rsa-sha256"),
        strong_profile("asice.ecdsa-p256-sha256", Form::asice, "ecdsa-sha256"),
        strong_profile("enveloped.rsa-sha256", Form::enveloped, "rsa-sha256"),
        strong_profile("enveloped.ecdsa-p256-sha256", Form::enveloped, "ecdsa-sha256"),
    };
    return profiles;
}

const Profile* core_profile(std::string_view name) {
    for (const Profile& profile : core_profiles()) {
        if (profile.name == name) return &profile;
    }
    return nullptr;
}

Result<void> check_profile(const Profile& profile) {
    const Algorithm* method = find_algorithm(profile.signature_method, profile.names);
    const Algorithm* digest = find_algorithm(profile.digest_method, profile.names);
    if (method == nullptr || method->key == KeyNeed::none) {
        return invalid(profile, "no known signature method: " + profile.signature_method);
    }
    if (digest == nullptr || digest->key != KeyNeed::none) {
        return invalid(profile, "no known digest method: " + profile.digest_method);
    }
    for (const std::string& uri : profile.accepted) {
        const Algorithm* row = find_algorithm(uri, profile.names);
        if (row == nullptr || !is_allowed(*row, profile))
            return invalid(profile, "accepts what is not known, or weak: " + uri);
    }
    for (const Algorithm* row : {method, digest}) {
        if (!is_allowed(*row, profile)) {
            return invalid(profile, std::string(row->word) + " is weak and not named in weak_allowed");
        }
    }
    if (!xml::canonicalization_of(profile.canonicalization)) {
        return invalid(profile, "no known canonicalization: " + profile.canonicalization);
    }
    // One that may stand anywhere covers a part by its Id: it can be judged, and sign() refuses to make it.
    if (profile.place.where == SignaturePlace::Where::document_root) {
        return invalid(profile, "a signature that is the document can be neither made nor judged by a profile");
    }
    const bool names_holder =
        !profile.holder.root.empty() && !profile.holder.data.empty() && !profile.holder.content.empty();
    if (names_holder != (profile.form == Form::within)) {
        return invalid(profile, "a holder of three names belongs to the form within, and to no other");
    }
    if (!profile.x509_certificate && !profile.key_name_serial) {
        return invalid(profile, "KeyInfo would name no key");
    }
    return check_transforms(profile);
}

Policy policy_of(const Profile& profile) {
    Policy policy;
    policy.name = profile.name;
    policy.enveloped = profile.form != Form::asice;
    policy.holder = profile.holder;
    policy.asice = profile.form == Form::asice;
    policy.signature_methods = {profile.signature_method};
    policy.digest_methods = {profile.digest_method};
    for (const std::string& uri : profile.accepted) {
        const Algorithm* row = find_algorithm(uri, profile.names);
        if (row != nullptr)
            (row->key == KeyNeed::none ? policy.digest_methods : policy.signature_methods).push_back(uri);
    }
    policy.canonicalizations = {profile.canonicalization};
    for (const std::string& transform : profile.transforms) {
        if (transform != names::enveloped) policy.canonicalizations.push_back(transform);
    }
    policy.names = profile.names;
    policy.unavailable = profile.unavailable;
    policy.weak_allowed = profile.weak_allowed;
    policy.place = profile.place;
    policy.whole_document = profile.place.where != SignaturePlace::Where::anywhere;
    policy.sm2_user_id = profile.sm2_user_id;
    policy.sm2_raw = profile.sm2_raw;
    return policy;
}

const Policy& standard_policy() {
    static const Policy policy = make_standard_policy();
    return policy;
}

}  // namespace hansa::trust
