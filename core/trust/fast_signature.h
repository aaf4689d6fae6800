// One pass over a signed document: what is signed as pieces of the input, and ds:Signature taken apart.
//
// The pass is made on a guess: which element is covered, by which canonicalization, and which form
// SignedInfo has. The Signature then tells; where the guess was wrong the caller passes again.
//
// Inside of core/trust only. Nothing is judged here but the form, as in signature.h; what is built in another
// way than the standard prescribes, or is none of the usual kinds, is left to the reference.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/trust/fast_certificates.h"
#include "core/trust/fast_verify.h"
#include "core/trust/signature.h"
#include "core/trust/verify.h"
#include "core/xml/fast_canonical.h"
#include "core/xml/fast_scanner.h"

namespace hansa::trust {

/// What is canonicalised, and how.
struct CoverPlan {
    std::string id;         ///< empty: the whole document
    bool enveloped = true;  ///< the Signature is left out
    xml::Canonicalization method = xml::Canonicalization::c14n10;
    std::vector<std::string> prefixes;
    xml::Canonicalization signed_info = xml::Canonicalization::c14n10;
    std::vector<std::string> signed_info_prefixes;

    friend bool operator==(const CoverPlan&, const CoverPlan&) = default;
};

/// Memory is reused from pass to pass. One thread at a time.
class SignaturePass {
public:
    /// The plan of a policy, as far as it tells.
    static CoverPlan guess(const Policy& policy);

    /// nothing: the pass went through, and the rest below says what was found.
    LeftBecause run(std::string_view bytes, const Policy& policy, const VerifyLimits& limits, const CoverPlan& plan);

    /// The same for a document that a reader found valid: only the root's tag and what stands from the
    /// Signature on is walked over; the rest is looked at for its spelling alone. `signature`: of its '<'.
    /// LeftBecause::form: not so, the whole must be walked over.
    LeftBecause run_read(std::string_view bytes, ByteRange root, std::size_t signature, const Policy& policy,
                         const VerifyLimits& limits, const CoverPlan& plan);

    /// What the Signature asks for. LeftBecause::transform where the fast way does not do it.
    LeftBecause wanted(const Policy& policy, CoverPlan& plan) const;

    /// Was a Signature read to its end, whatever else is wrong?
    bool has_signature() const { return signature_read_; }
    const ParsedSignature& signature() const { return parsed_; }  ///< without nodes and certificates
    const KeyInfoText& key_info() const { return key_info_; }
    xml::CanonicalPieces& covered() { return covered_; }
    std::string signed_info() { return signed_info_.text(); }

    ByteRange root() const { return root_; }
    ByteRange signature_range() const { return signature_range_; }
    ByteRange covered_range() const { return covered_range_; }
    std::string_view root_name() const { return root_name_; }
    /// How many attributes name an element by plan.id.
    std::size_t ids() const { return ids_; }

private:
    LeftBecause pass();
    LeftBecause walk();
    bool advance();
    bool skip_content();
    void begin_element();
    void end_element();
    bool is_signature() const;

    bool read_signature();
    bool read_signed_info();
    bool read_reference(ParsedReference& reference);
    bool read_transforms(std::vector<ParsedTransform>& out);
    bool read_transform(ParsedTransform& transform);
    bool read_key_info();
    bool read_x509_data();
    bool next_child();
    bool skip_element();
    bool text(std::string& out);
    bool octets(std::string& out);
    bool at(std::string_view local) const;
    std::optional<std::string> attribute(std::string_view local) const;

    const Policy* policy_ = nullptr;
    const VerifyLimits* limits_ = nullptr;
    const CoverPlan* plan_ = nullptr;
    std::string_view bytes_;
    xml::FastScanner scanner_;
    xml::TokenKind kind_ = xml::TokenKind::end_of_document;
    bool broken_ = false;  ///< the scanner gave an error

    xml::CanonicalScope scope_;
    xml::CanonicalForm form_, info_form_;
    xml::CanonicalPieces covered_, signed_info_;
    std::size_t depth_ = 0;
    std::size_t writing_from_depth_ = 0;  ///< of the covered element; 0: none is being written
    bool writing_ = false, begun_ = false;
    bool slices_ = false;           ///< the covered octets are found behind the walk, by canonical_slices
    std::string tail_;              ///< of run_read: the root's tag, and the document from the Signature on
    std::size_t hidden_depth_ = 0;  ///< of the Signature while it is left out
    std::size_t info_depth_ = 0;    ///< of SignedInfo while it is written

    std::size_t signatures_ = 0, root_signatures_ = 0, signature_depth_ = 0;
    bool followed_ = false;  ///< something stands behind the Signature that must not
    bool signature_ended_ = false, signature_read_ = false;
    std::size_t ids_ = 0;
    ByteRange root_, signature_range_, covered_range_;
    std::string_view root_name_;
    ParsedSignature parsed_;
    KeyInfoText key_info_;
};

}  // namespace hansa::trust
