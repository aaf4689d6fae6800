// Signing what is canonical already: the digest is over the document's own bytes, and the Signature is put
// in without a second serialisation. The fast way of sign.h, judged by it.
//
// What is the same for every message of a profile and a key is made once: the library's preparations, the
// certificates in base 64, all of SignedInfo but the digest. Equal to trust::sign byte for byte where the
// algorithm is deterministic (RSA, Ed25519).
//
//     auto signer = trust::FastSigner::make(profile, key);              // one a worker, kept
//     if (!signer) return signer.error();
//     auto bytes = signer->sign({.bytes = written, .canonical = {from, to}});
//
// Cost: one digest and one signature operation; a scan more where the profile digests the exclusive form and
// the document declares namespaces where it does not use them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/trust/fast_verify.h"
#include "core/trust/profile.h"
#include "core/trust/sign.h"

namespace hansa::trust {

/// A document that our own writer wrote. Promised by who makes it: `canonical` is Canonical XML 1.0 without
/// comments, one element from its '<' to behind its end tag; before it stands at most an XML declaration, behind it
/// at most white space.
struct CanonicalDocument {
    std::string_view bytes;
    ByteRange canonical;
    /// Where the Signature goes, if the writer knows: before the followers of the profile, else before the
    /// root's end tag. Looked for if not given.
    std::optional<std::size_t> insert_at = {};
};

/// The Signature and where it goes: for who writes the rest himself and copies nothing.
struct Insertion {
    std::size_t at = 0;  ///< into CanonicalDocument::bytes
    std::string element;
};

/// Finds the root's range in bytes of write_tree or of a plan: an XML declaration, the root, white space.
CanonicalDocument canonical_document(std::string_view bytes);

struct FastSignCounts {
    std::uint64_t fast = 0;
    std::uint64_t scanned = 0;  ///< of them: the exclusive form was another, and needed a scan
    std::uint64_t left = 0;     ///< done by the reference
};

/// One profile and one key. Keeps both. One thread at a time.
class FastSigner {
public:
    /// Errors: as sign()
    static Result<FastSigner> make(const Profile& profile, const Signer& signer);
    FastSigner(FastSigner&&) noexcept;
    FastSigner& operator=(FastSigner&&) noexcept;
    ~FastSigner();

    /// As sign(document.bytes, profile, signer, options); containers too.
    /// Errors: as sign()
    Result<std::string> sign(const CanonicalDocument& document, const SignOptions& options = {});

    /// Several documents, whose digests are computed at once in vector lanes. In the documents' order.
    std::vector<Result<std::string>> sign_all(std::span<const CanonicalDocument> documents,
                                              const SignOptions& options = {});

    /// The same without the documents around them. Nothing: sign() must do it.
    std::vector<std::optional<Insertion>> signatures(std::span<const CanonicalDocument> documents);

    const FastSignCounts& counts() const;

private:
    struct State;
    void draft(std::span<const CanonicalDocument> documents);
    explicit FastSigner(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace hansa::trust
