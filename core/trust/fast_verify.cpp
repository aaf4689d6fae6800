#include "core/trust/fast_verify.h"

#include <algorithm>

#include "core/base/digest_lanes.h"
#include "core/trust/algorithm.h"
#include "core/trust/container.h"
#include "core/trust/fast_certificates.h"
#include "core/trust/fast_signature.h"
#include "core/trust/signature_check.h"

namespace hansa::trust {
namespace {

constexpr std::array<std::string_view, left_reasons> names_of_reasons{
    "nothing",    "form",   "scanner", "signature", "transform", "algorithm",
    "namespaces", "signer", "digest",  "value",     "coverage"};

/// Reasons that say the message is bad, not that the fast way lacks something.
bool looks_wrong(LeftBecause why) {
    return why == LeftBecause::signer || why == LeftBecause::digest || why == LeftBecause::value ||
           why == LeftBecause::coverage;
}

std::optional<DigestAlgorithm> lane_algorithm(const Algorithm& algorithm) {
    if (algorithm.word == "sha256") return DigestAlgorithm::sha256;
    if (algorithm.word == "sm3") return DigestAlgorithm::sm3;
    return std::nullopt;
}

/// Where an element stands: "/a/b[2]", as trust::tree::path writes it. Two walks, needed for parts of documents only.
class ElementPath {
public:
    ElementPath(std::string_view bytes, std::size_t offset) : bytes_(bytes), offset_(offset) {}

    std::string find() {
        walk([this](const xml::Token& token, std::size_t depth) { return keep_chain(token, depth); });
        walk([this](const xml::Token& token, std::size_t depth) { return count_like(token, depth); });
        std::string out;
        for (const Step& step : chain_) {
            out += "/" + step.name;
            if (step.alike > 1) out += "[" + std::to_string(step.place) + "]";
        }
        return out;
    }

private:
    struct Step {
        std::string ns, local, name;
        std::size_t offset;
        std::size_t alike = 0, place = 0;
    };

    template <class See>
    void walk(See see) {
        xml::Scanner scanner(bytes_, {.document_bytes_max = bytes_.size()});
        std::size_t depth = 0;
        inside_ = 0;
        for (;;) {
            const auto kind = scanner.next();
            if (!kind || *kind == xml::TokenKind::end_of_document) return;
            if (*kind == xml::TokenKind::start_element && !see(scanner.token(), depth++)) return;
            if (*kind == xml::TokenKind::end_element) inside_ = std::min(inside_, --depth);
        }
    }

    bool keep_chain(const xml::Token& token, std::size_t depth) {
        chain_.resize(depth);
        const std::string prefix = token.prefix.empty() ? "" : std::string(token.prefix) + ":";
        chain_.push_back(
            {std::string(token.ns), std::string(token.local), prefix + std::string(token.local), token.offset});
        return token.offset != offset_;
    }

    /// `inside_` elements of the chain are open.
    bool count_like(const xml::Token& token, std::size_t depth) {
        if (depth >= chain_.size() || inside_ != depth) return true;
        Step& step = chain_[depth];
        if (token.local != step.local || token.ns != step.ns) return true;
        ++step.alike;
        if (token.offset == step.offset) {
            step.place = step.alike;
            ++inside_;
        }
        return true;
    }

    std::string_view bytes_;
    std::size_t offset_;
    std::size_t inside_ = 0;
    std::vector<Step> chain_;
};

/// One message on its way: passed over, not yet digested.
struct Candidate {
    std::string_view bytes;
    SignaturePass pass;
    CoverPlan plan;
    LeftBecause left = LeftBecause::nothing;
    const Algorithm* method = nullptr;
    const Algorithm* digest_method = nullptr;
};

}  // namespace

std::string_view name_of(LeftBecause why) {
    return names_of_reasons[static_cast<std::size_t>(why)];
}

struct FastVerifier::State {
    explicit State(const FastVerifyOptions& options_) : options(options_), signers(options_.signers_max) {}

    FastVerifyOptions options;
    SignerCache signers;
    FastVerifyCounts counts;
    std::vector<std::unique_ptr<Candidate>> candidates;
    std::optional<CoverPlan> learned;  ///< for policies that allow much: what the last message asked for

    Candidate& candidate(std::size_t index) {
        while (candidates.size() <= index) candidates.push_back(std::make_unique<Candidate>());
        return *candidates[index];
    }

    /// What can be said without a digest.
    LeftBecause prepare(Candidate& one, std::string_view bytes, const Policy& policy, const VerifyOptions& asked) {
        one.bytes = bytes;
        if (is_container(bytes) || !policy.enveloped || !policy.holder.root.empty()) return LeftBecause::form;
        constexpr std::size_t of_one_profile = 2;
        const bool open = policy.canonicalizations.size() > of_one_profile;
        one.plan = open && learned ? *learned : SignaturePass::guess(policy);
        CoverPlan wanted;
        for (int round = 0;; ++round) {
            const LeftBecause passed = one.pass.run(bytes, policy, asked.limits, one.plan);
            // A wrong Id has nothing to write; the Signature is read all the same.
            const bool read = one.pass.has_signature();
            if (passed != LeftBecause::nothing && !(round == 0 && read)) return passed;
            if (const LeftBecause why = one.pass.wanted(policy, wanted); why != LeftBecause::nothing) return why;
            if (wanted == one.plan) {
                if (passed != LeftBecause::nothing) return passed;
                break;
            }
            if (round != 0) return LeftBecause::transform;
            ++counts.read_again;
            one.plan = wanted;
        }
        if (open) learned = one.plan;
        return check(one, policy);
    }

    /// The same on a reader's word; whatever is not plain there takes the other way.
    LeftBecause prepare(Candidate& one, const ReadDocument& document, const Policy& policy,
                        const VerifyOptions& asked) {
        one.bytes = document.bytes;
        one.plan = SignaturePass::guess(policy);
        CoverPlan wanted;
        const LeftBecause passed =
            one.pass.run_read(document.bytes, document.root, document.signature, policy, asked.limits, one.plan);
        if (passed == LeftBecause::nothing && one.pass.wanted(policy, wanted) == LeftBecause::nothing &&
            wanted == one.plan) {
            ++counts.unscanned;
            return check(one, policy);
        }
        return prepare(one, document.bytes, policy, asked);
    }

    LeftBecause check(Candidate& one, const Policy& policy) {
        if (!one.plan.id.empty() && one.pass.ids() != 1) return LeftBecause::coverage;
        const bool whole = one.plan.id.empty() || one.pass.covered_range() == one.pass.root();
        if (policy.whole_document && !whole) return LeftBecause::coverage;
        const auto method = accepted_algorithm(one.pass.signature().signature_method, policy, false);
        const auto digest = accepted_algorithm(one.pass.signature().references.front().digest_method, policy, true);
        if (!method || !digest) return LeftBecause::algorithm;
        one.method = *method;
        one.digest_method = *digest;
        return LeftBecause::nothing;
    }

    /// Judges digest and value; fills the report when all holds.
    LeftBecause judge(Candidate& one, std::string_view digest, const Policy& policy, const VerifyOptions& asked,
                      FastVerification& out) {
        const ParsedSignature& signature = one.pass.signature();
        const ParsedReference& reference = signature.references.front();
        if (!equal_in_constant_time(digest, reference.digest_value)) return LeftBecause::digest;
        const std::string octets = one.pass.signed_info();
        Verification report;
        if (!signers.pinned_verifies(*one.method, policy, asked, octets, signature.value)) {
            KnownSigner* signer = signers.find(one.pass.key_info(), policy, asked);
            if (signer == nullptr) return LeftBecause::signer;
            if (!signer->verifies(*one.method, policy, octets, signature.value)) return LeftBecause::value;
            report.signer = signer->info();
            report.chain = signer->chain();
        }
        report.policy = policy.name;
        report.signature_method = signature.signature_method;
        report.digest_methods = {reference.digest_method};
        const bool whole = one.plan.id.empty() || one.pass.covered_range() == one.pass.root();
        const ByteRange element = one.plan.id.empty() ? one.pass.root() : one.pass.covered_range();
        const std::string path =
            whole ? "/" + std::string(one.pass.root_name()) : ElementPath(one.bytes, element.from).find();
        report.covered.push_back({one.plan.id, path, whole, options.keep_octets ? one.pass.covered().text() : ""});
        report.valid = true;
        out.report = std::move(report);
        out.fast = true;
        out.ranges = {{element, one.plan.enveloped ? one.pass.signature_range() : ByteRange{}}};
        out.digest = digest;
        return LeftBecause::nothing;
    }

    void leave(LeftBecause why, std::string_view bytes, const Policy& policy, const VerifyOptions& asked,
               FastVerification& out) {
        ++counts.left[static_cast<std::size_t>(why)];
        out = {};
        out.left = why;
        out.report = trust::verify(bytes, policy, asked);
        if (out.report.valid && looks_wrong(why)) ++counts.differed;
    }
};

FastVerifier::FastVerifier(const FastVerifyOptions& options) : state_(std::make_unique<State>(options)) {}
FastVerifier::~FastVerifier() = default;
FastVerifier::FastVerifier(FastVerifier&&) noexcept = default;
FastVerifier& FastVerifier::operator=(FastVerifier&&) noexcept = default;

FastVerification FastVerifier::verify(std::string_view bytes, const Policy& policy, const VerifyOptions& options) {
    return std::move(verify_all(std::span(&bytes, 1), policy, options).front());
}

FastVerification FastVerifier::verify(std::string_view bytes, const Profile& profile, const VerifyOptions& options) {
    return verify(bytes, policy_of(profile), options);
}

std::vector<FastVerification> FastVerifier::verify_all(std::span<const std::string_view> messages, const Policy& policy,
                                                       const VerifyOptions& options) {
    for (std::size_t i = 0; i < messages.size(); ++i) {
        Candidate& one = state_->candidate(i);
        one.left = state_->prepare(one, messages[i], policy, options);
    }
    return finish(messages.size(), policy, options);
}

FastVerification FastVerifier::verify_read(const ReadDocument& document, const Policy& policy,
                                           const VerifyOptions& options) {
    return std::move(verify_read_all(std::span(&document, 1), policy, options).front());
}

std::vector<FastVerification> FastVerifier::verify_read_all(std::span<const ReadDocument> documents,
                                                            const Policy& policy, const VerifyOptions& options) {
    for (std::size_t i = 0; i < documents.size(); ++i) {
        Candidate& one = state_->candidate(i);
        one.left = state_->prepare(one, documents[i], policy, options);
    }
    return finish(documents.size(), policy, options);
}

/// Digests of one algorithm together, then one by one.
std::vector<FastVerification> FastVerifier::finish(std::size_t messages, const Policy& policy,
                                                   const VerifyOptions& options) {
    State& state = *state_;
    std::vector<FastVerification> out(messages);
    std::vector<std::string> digests(messages);
    for (const DigestAlgorithm algorithm : {DigestAlgorithm::sha256, DigestAlgorithm::sm3}) {
        std::vector<std::size_t> order;
        for (std::size_t i = 0; i < messages; ++i) {
            const Candidate& one = state.candidate(i);
            if (one.left == LeftBecause::nothing && lane_algorithm(*one.digest_method) == algorithm) order.push_back(i);
        }
        if (order.size() < 2) continue;
        DigestLanes lanes(algorithm);
        for (const std::size_t i : order) lanes.add(state.candidate(i).pass.covered().pieces());
        const std::vector<DigestValue> values = lanes.finish();
        for (std::size_t i = 0; i < order.size(); ++i) digests[order[i]] = values[i].view();
    }
    for (std::size_t i = 0; i < messages; ++i) {
        Candidate& one = state.candidate(i);
        if (one.left == LeftBecause::nothing && digests[i].empty()) {
            auto value = digest_of(*one.digest_method, one.pass.covered().pieces());
            if (value)
                digests[i] = *std::move(value);
            else
                one.left = LeftBecause::algorithm;
        }
        if (one.left == LeftBecause::nothing) one.left = state.judge(one, digests[i], policy, options, out[i]);
        if (one.left == LeftBecause::nothing)
            ++state.counts.fast;
        else
            state.leave(one.left, one.bytes, policy, options, out[i]);
    }
    return out;
}

FastVerifyCounts FastVerifier::counts() const {
    FastVerifyCounts counts = state_->counts;
    counts.signers_known = state_->signers.counts().found;
    counts.signers_judged = state_->signers.counts().judged;
    return counts;
}

}  // namespace hansa::trust
