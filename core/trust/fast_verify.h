// Verification in one pass over the bytes: the fast way of verify.h, judged by it.
//
// The document is walked once; what the signature covers leaves as slices of the input, straight into a
// digest. Keys and chains of signers that were met before are not judged again while their dates hold.
// It accepts only what verify() accepts, by the same policy; everything else (other transforms, several references,
// containers, and whatever does not hold) is left to verify(), whose verdict and errors are then given, and is counted.
//
//     trust::FastVerifier verifier;                                   // one a worker, kept
//     trust::FastVerification found = verifier.verify(bytes, profile, {.trust = &store});
//     if (!found.report.valid) return found.report.errors.front();
//     if (found.fast) read(bytes, found.ranges.front());             // the very bytes that were digested
//     else read(found.report.covered.front().octets);
//
// What is verified is what is read: the digest is over the canonical form of the range's own bytes less `without`,
// made from the same scanner's tokens that a reader of the range gets. Comments are not covered.
//
// Cost: one scan, one digest, one signature operation.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "core/trust/verify.h"

namespace hansa::trust {

/// Why a message was left to the reference; each is a counter.
enum class LeftBecause : std::uint8_t {
    nothing,     ///< it was not left
    form,        ///< a container, or a place that the fast way does not know
    scanner,     ///< not well-formed, or beyond a limit of the scanner
    signature,   ///< none, several, at another place, or not built as usual
    transform,   ///< references or transforms that the fast way does not do
    algorithm,   ///< not known or not accepted
    namespaces,  ///< the canonical form is not certain
    signer,      ///< no certificate whose chain holds
    digest,      ///< another digest than stated
    value,       ///< the signature value does not verify
    coverage,    ///< the document is not covered whole, or an Id does not stand once
};
inline constexpr std::size_t left_reasons = 11;
/// The reason as a label of a metric: "transform".
std::string_view name_of(LeftBecause why);

/// Offsets into the verified bytes, behind the last for `to`.
struct ByteRange {
    std::size_t from = 0, to = 0;
    friend bool operator==(const ByteRange&, const ByteRange&) = default;
};

/// One element that the signature covers, where it stands in the bytes.
struct CoveredRange {
    ByteRange element;
    ByteRange without;  ///< the Signature, which is left out; empty when it is not
};

/// What a reader that found a document valid knows of it. Promised by who makes it: `bytes` are the received ones,
/// UTF-8, well-formed; `root` is the root element's range; `signature` is where the one ds:Signature among the
/// root's children begins (a content model that allows one at one place promises that).
struct ReadDocument {
    std::string_view bytes;
    ByteRange root;
    std::size_t signature = 0;
};

struct FastVerification {
    Verification report;  ///< as verify() gives it; `octets` are empty where `fast`
    bool fast = false;    ///< valid, and found so without the reference
    LeftBecause left = LeftBecause::nothing;
    std::vector<CoveredRange> ranges;  ///< for each of report.covered; empty unless `fast`
    std::string digest;                ///< of what is covered, by report.digest_methods; empty unless `fast`
};

struct FastVerifyCounts {
    std::uint64_t fast = 0;                          ///< accepted without the reference
    std::array<std::uint64_t, left_reasons> left{};  ///< by reason
    std::uint64_t unscanned = 0;                     ///< of them: on a reader's word, by verify_read
    std::uint64_t read_again = 0;                    ///< the first guess at the transforms was wrong
    std::uint64_t differed =
        0;  ///< left for what looked wrong (signer, digest, value, coverage) and yet valid: a fault of ours
    std::uint64_t signers_known = 0, signers_judged = 0;
};

struct FastVerifyOptions {
    bool keep_octets = false;  ///< fill report.covered[].octets, for who reads those
    std::size_t signers_max = 1'024;
};

/// Keeps memory, signers and what it learned from message to message. One thread at a time.
class FastVerifier {
public:
    explicit FastVerifier(const FastVerifyOptions& options = {});
    ~FastVerifier();
    FastVerifier(FastVerifier&&) noexcept;
    FastVerifier& operator=(FastVerifier&&) noexcept;

    /// As verify(bytes, policy, options).
    FastVerification verify(std::string_view bytes, const Policy& policy, const VerifyOptions& options);
    FastVerification verify(std::string_view bytes, const Profile& profile, const VerifyOptions& options);

    /// Several messages of one policy; their digests are computed at once, in vector lanes. Sixteen at a time are
    /// enough. The reports are in the order of the messages.
    std::vector<FastVerification> verify_all(std::span<const std::string_view> messages, const Policy& policy,
                                             const VerifyOptions& options);

    /// The same for documents that the compiled reader has read: they are not scanned again. Where more than spelling
    /// is to be looked at, verify() does it.
    FastVerification verify_read(const ReadDocument& document, const Policy& policy, const VerifyOptions& options);
    std::vector<FastVerification> verify_read_all(std::span<const ReadDocument> documents, const Policy& policy,
                                                  const VerifyOptions& options);

    FastVerifyCounts counts() const;

private:
    struct State;
    std::vector<FastVerification> finish(std::size_t messages, const Policy& policy, const VerifyOptions& options);
    std::unique_ptr<State> state_;
};

}  // namespace hansa::trust
