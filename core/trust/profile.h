// How a signature is made, where it stands, and what a verifier accepts: tables, not code.
//
// A Profile is data. The core brings four for formats whose schema has no special wish; an authority's
// own (its algorithm identifiers, the place of its Signature, its SM2 user id) comes from the
// plugin that serves it. A Policy is what a verifier accepts; policy_of() makes the strict one that
// belongs to a profile.
//
// Sources: XML Signature Syntax and Processing 1.1 (W3C REC 2013-04-11), RFC 9231 (identifiers),
//          ETSI EN 319 162-1 (ASiC-E), ETSI EN 319 132-1 (XAdES), GM/T 0009 (SM2).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace hansa::trust {

enum class Form {
    enveloped,  ///< ds:Signature inside the document
    asice,      ///< beside the document's bytes in an ASiC-E container
    within,     ///< beside the document's element in a document that is made to hold both (Holder)
};

/// A document that holds signatures and, behind them, what they cover:
///     <root> <data Id> <ds:Signature/>+ <content Id instance> any element </content> </data> <ds:Signature/>? </root>
/// The Signature behind `data` is the receipt of a third party that has verified the others.
struct Holder {
    std::string ns;                   ///< of root, data and content; empty: the profile has no holder
    std::string root, data, content;  ///< local names
    std::string instance;             ///< attribute of the content that names the document; empty: it has none
    std::string receipt_ns, receipt;  ///< name of the receipt's element; empty: there are no receipts
};

/// An identifier that stands for one of the core's algorithms: an authority's own URI for "sm2-sm3".
struct AlgorithmName {
    std::string uri;
    std::string algorithm;  ///< word of algorithm.h: "rsa-sha256", "sm2-sm3", "sha256", "sm3", ...
};

/// Where ds:Signature stands inside the document.
struct SignaturePlace {
    enum class Where {
        child_of_root,  ///< last of the root's children but for those named in `followers`
        document_root,  ///< the Signature is the document (enveloping)
        anywhere,       ///< the caller reads only what `covered` holds
    };
    Where where = Where::child_of_root;
    std::vector<std::string> followers = {};  ///< local names that may stand after the Signature, in schema order
    bool any_child = false;                   ///< verifying only: any place among the root's children
};

struct Profile {
    std::string name;  ///< "asice.rsa-sha256"
    Form form = Form::asice;
    std::string signature_method;  ///< SignatureMethod/@Algorithm
    std::string digest_method;     ///< DigestMethod/@Algorithm
    std::string canonicalization;  ///< CanonicalizationMethod/@Algorithm
    /// Transform/@Algorithm of the one Reference of an enveloped signature, in order.
    std::vector<std::string> transforms = {};
    /// Other signature and digest methods that a verifier takes: the signers of one holder need not use one algorithm.
    std::vector<std::string> accepted = {};
    /// Identifiers of algorithms that are known and that nobody here can compute; `algorithm` is their name for people.
    std::vector<AlgorithmName> unavailable = {};
    SignaturePlace place = {};
    Holder holder = {};                     ///< of Form::within
    std::string prefix = "ds";              ///< of the Signature's namespace; empty: default namespace
    bool key_name_serial = false;           ///< KeyName = certificate's serial number
    int key_name_digits_min = 0;            ///< hexadecimal digits, filled up with zeros on the left
    bool x509_certificate = true;           ///< X509Data/X509Certificate with the signer's certificate
    bool whole_chain = false;               ///< X509Data holds the intermediates too
    std::vector<AlgorithmName> names = {};  ///< identifiers that only this profile knows
    std::vector<std::string> weak_allowed =
        {};                        ///< words of weak algorithms that this profile must use: "rsa-sha1", "sha1"
    std::string sm2_user_id = {};  ///< empty: none, and then SM2 of others will not verify
    bool sm2_raw = true;           ///< SM2 value as r||s (64 octets), not DER
};

/// What a verifier accepts. Everything that is not named is refused by its own code.
struct Policy {
    std::string name = "standard";
    bool enveloped = true;                       ///< XML documents
    bool asice = true;                           ///< containers
    std::vector<std::string> signature_methods;  ///< identifiers
    std::vector<std::string> digest_methods;
    std::vector<std::string> canonicalizations;  ///< of SignedInfo and as transforms
    std::vector<AlgorithmName> names = {};
    std::vector<AlgorithmName> unavailable = {};  ///< refused by their names
    std::vector<std::string> weak_allowed = {};   ///< words
    SignaturePlace place = {.any_child = true};
    Holder holder = {};          ///< named: documents must be such holders, and no others
    bool whole_document = true;  ///< a Reference must cover the document's root
    int rsa_bits_min = 2048;
    std::string sm2_user_id = {};
    bool sm2_raw = true;
};

/// The core's own: asice.rsa-sha256, asice.ecdsa-p256-sha256, enveloped.rsa-sha256, enveloped.ecdsa-p256-sha256.
std::span<const Profile> core_profiles();

/// One of core_profiles() by name, or nullptr.
const Profile* core_profile(std::string_view name);

/// Are all its algorithms known, is each weak one named in weak_allowed, is the place sensible?
/// Call it where a profile comes from outside (plugin.toml).
/// Errors: trust.profile-invalid
Result<void> check_profile(const Profile& profile);

/// Accepts exactly what the profile makes: its algorithms, its transforms, its place.
Policy policy_of(const Profile& profile);

/// Strong algorithms of XML Signature 1.1 at any place below the root, or a container. What
/// `hansa verify` uses where the document's format names no profile.
const Policy& standard_policy();

}  // namespace hansa::trust
