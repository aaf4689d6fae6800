// The stages admit and open: from bytes of somebody to documents of a known agency and format.
#include <fmt/format.h>

#include <algorithm>
#include <mutex>

#include "core/base/digest.h"
#include "core/envelope/codes.h"
#include "core/envelope/envelope.h"
#include "core/exchange/codes.h"
#include "core/exchange/conversation.h"
#include "core/exchange/passage.h"
#include "core/syntax/syntax.h"
#include "core/trust/codes.h"
#include "core/trust/container.h"
#include "core/xml/scanner.h"

namespace hansa::exchange {
namespace {

/// Messages of each agency in the running minute. One for the process; bounded by the agencies.
class Quotas {
public:
    bool take(const std::string& agency, std::uint32_t max, std::int64_t now_ms) {
        const std::lock_guard lock(mutex_);
        Minute& minute = minutes_[agency];
        const std::int64_t number = now_ms / 60'000;
        if (minute.number != number) minute = {number, 0};
        return ++minute.count <= max;
    }

private:
    struct Minute {
        std::int64_t number = 0;
        std::uint32_t count = 0;
    };
    std::mutex mutex_;
    std::map<std::string, Minute> minutes_;
};

Quotas& quotas() {
    static Quotas instance;
    return instance;
}

trust::VerifyOptions verify_options(const Passage& passage) {
    trust::VerifyOptions options;
    options.trust = passage.with.keys->trust(passage.sender->id);
    options.at = passage.received;
    return options;
}

Result<void> check_signer(const Passage& passage, const trust::Verification& found) {
    const auto& allowed = passage.sender->signer_digests;
    const auto mine = [&](const trust::CertificateInfo& signer) { return std::ranges::find(allowed, signer.fingerprint) != allowed.end(); };
    // Of several signatures, all of which are good, one must be the agency's.
    if (allowed.empty() || mine(found.signer) || std::ranges::any_of(found.signers, mine)) return {};
    return Error{codes::wrong_agency, fmt::format("signed by '{}', which is not a signer of agency '{}'",
                                                  found.signer.subject, passage.sender->id)};
}

/// What is not well-formed, too deep or has a DOCTYPE is refused as that, and no other parser ever sees it.
Result<void> well_formed(const Passage& passage, std::string_view bytes) {
    // What is no XML is checked by the reader of its syntax, which is the first to see it.
    const syntax::Kind kind = syntax::kind_of(bytes);
    if (kind != syntax::Kind::xml && kind != syntax::Kind::unknown) return {};
    const bool fast = passage.fast != nullptr && !passage.watched;
    return fast ? passage.fast->fast().well_formed(bytes) : xml::scan_well_formed(bytes);
}

/// Errors that only say "this is another profile's signature".
bool is_other_profile(const Error& error) {
    return error.code == trust::codes::algorithm_refused || error.code == trust::codes::transform_refused;
}

Result<void> take(Passage& passage, std::string_view octets, bool verified, std::size_t depth);

/// The outermost frame is what an answer goes back in.
void note_frame(Passage& passage, const envelope::Layers& layers) {
    if (passage.frame != nullptr) return;
    const auto layer = std::ranges::find(layers.wrappers, envelope::LayerKind::frame, &envelope::Layer::kind);
    if (layer == layers.wrappers.end()) return;
    const auto& frames = *passage.with.frames;
    const auto frame = std::ranges::find(frames, layer->headers.at("format"), &envelope::Frame::format);
    if (frame == frames.end()) return;
    passage.frame = &*frame;
    passage.frame_headers = layer->headers;
}

/// A frame that is refused still says who is to be told.
void note_faulty_frame(Passage& passage, std::string_view bytes) {
    const envelope::Frame* frame = envelope::frame_of(bytes, *passage.with.frames);
    if (frame == nullptr || !frame->rules.conversation) return;
    auto headers = envelope::headers_of(*frame, bytes);
    if (!headers) return;
    passage.frame = frame;
    passage.frame_headers = *std::move(headers);
}

/// A container: its signature covers every file in it; the documents are those files.
Result<void> take_container(Passage& passage, std::string_view bytes, std::size_t depth) {
    trust::Policy policy = trust::standard_policy();
    policy.enveloped = false;
    auto found = trust::verify(bytes, policy, verify_options(passage));
    if (!found.valid) return found.errors.front();
    if (const auto mine = check_signer(passage, found); !mine) return mine;
    for (const trust::Covered& covered : found.covered) {
        if (const auto taken = take(passage, covered.octets, true, depth + 1); !taken) return taken;
    }
    passage.verifications.push_back(std::move(found));
    return {};
}

/// A document that holds its signatures: what they cover is cut out of the octets that were digested.
Result<void> take_holder(Passage& passage, const envelope::Frame& frame, std::string_view bytes, std::size_t depth) {
    const plugin::Format* format = passage.with.registry->find(frame.format);
    std::optional<Error> first;
    for (const std::string& name : format == nullptr ? std::vector<std::string>{} : format->signatures) {
        const trust::Profile* profile = passage.with.registry->profile(name);
        if (profile == nullptr || profile->form != trust::Form::within) continue;
        auto found = trust::verify(bytes, *profile, verify_options(passage));
        if (!found.valid) {
            if (!first || is_other_profile(*first)) first = found.errors.front();
            continue;
        }
        if (const auto mine = check_signer(passage, found); !mine) return mine;
        for (const std::string& document : found.documents) {
            if (const auto taken = take(passage, document, true, depth + 1); !taken) return taken;
        }
        passage.verifications.push_back(std::move(found));
        return {};
    }
    return first ? *first : Error{codes::no_signer, fmt::format("no profile for {}", frame.format)};
}

/// The documents in some octets: themselves, those of a batch or a frame, those that a signed wrapper covers.
Result<void> take(Passage& passage, std::string_view octets, bool verified, std::size_t depth) {
    envelope::Limits limits;
    const Error too_deep{envelope::codes::too_deep, fmt::format("more than {} wrappers", limits.depth_max)};
    if (depth > limits.depth_max) return too_deep;
    limits.depth_max -= depth;
    limits.sealed_stay = true;
    auto layers = envelope::unwrap(octets, limits, *passage.with.frames);
    if (!layers) {
        if (depth == 0) note_faulty_frame(passage, octets);
        return layers.error().code == envelope::codes::too_deep ? too_deep : layers.error();
    }
    note_frame(passage, *layers);
    depth += layers->wrappers.size();
    for (envelope::Document& document : layers->documents) {
        if (trust::is_container(document.bytes)) {
            if (const auto taken = take_container(passage, document.bytes, depth); !taken) return taken;
            continue;
        }
        if (const auto good = well_formed(passage, document.bytes); !good) return good;
        const envelope::Frame* holder = envelope::frame_of(document.bytes, *passage.with.frames);
        if (holder != nullptr && holder->rules.sealed) {
            if (const auto taken = take_holder(passage, *holder, document.bytes, depth); !taken) return taken;
            continue;
        }
        if (passage.parts.size() == limits.documents_max)
            return Error{envelope::codes::too_many, fmt::format("more than {} documents", limits.documents_max)};
        passage.parts.emplace_back();
        passage.parts.back().bytes = std::move(document.bytes);
        passage.parts.back().verified = verified;
    }
    return {};
}

const std::string& whole_octets(const trust::Verification& found) {
    static const std::string nothing;
    const auto whole = std::ranges::find_if(found.covered, [](const auto& c) { return c.whole_document; });
    return whole == found.covered.end() ? nothing : whole->octets;
}

/// The verdict on a part; `as_received`: the fast way gave it, for these very bytes.
trust::Verification verified(Passage& passage, const Part& part, const trust::Profile& profile, bool& as_received) {
    as_received = passage.fast == nullptr;
    if (passage.fast == nullptr) return trust::verify(part.bytes, profile, verify_options(passage));
    auto found = passage.fast->signatures().verify(part.bytes, profile, verify_options(passage));
    as_received = found.fast;
    if (!found.fast || !passage.watched) return std::move(found.report);
    auto judged = trust::verify(part.bytes, profile, verify_options(passage));
    note_compared(passage);
    if (!judged.valid) {
        note_difference(passage, fmt::format("the fast way takes the signature, the reference does not: {}", judged.errors.front().text()));
    } else if (whole_octets(judged) != whole_octets(found.report) || judged.signer.fingerprint != found.report.signer.fingerprint) {
        note_difference(passage, "the signature covers other octets, or is another signer's, by the fast way");
    } else {
        return judged;
    }
    as_received = false;
    return judged;
}

/// Verifies a document that carries its signature; the octets that it covers are what is read.
Result<void> verify_enveloped(Passage& passage, Part& part) {
    std::vector<std::string> names = passage.format->signatures;
    if (names.empty()) names.push_back(passage.format->signature);
    std::optional<Error> first;
    for (const std::string& name : names) {
        const trust::Profile* profile = passage.with.registry->profile(name);
        if (profile == nullptr) continue;
        auto found = verified(passage, part, *profile, part.as_received);
        if (!found.valid) {
            if (!first || is_other_profile(*first)) first = found.errors.front();
            continue;
        }
        const auto mine = check_signer(passage, found);
        if (!mine) return mine;
        const auto whole = std::ranges::find_if(found.covered, [](const auto& c) { return c.whole_document; });
        if (whole == found.covered.end()) return Error{trust::codes::not_covered, "the signature does not cover the document"};
        part.covered = std::move(whole->octets);
        passage.verifications.push_back(std::move(found));
        return {};
    }
    return first ? *first : Error{codes::no_signer, fmt::format("no profile for {}", passage.format->id)};
}

/// A document that travels in a container for its sender's signature may hold one of somebody else, by a profile that its format names
/// beside the container's: a seller's, in an invoice. It must be good. Whose it is, is not asked: the container's signer answers for the
/// message. What it covers is not what is read: the container's covers the whole.
Result<void> verify_inner(Passage& passage, const Part& part) {
    const trust::Profile* outer = passage.with.registry->profile(passage.format->signature);
    if (outer == nullptr || outer->form != trust::Form::asice) return {};
    std::optional<Error> first;
    for (const std::string& name : passage.format->signatures) {
        const trust::Profile* profile = passage.with.registry->profile(name);
        if (profile == nullptr || profile->form != trust::Form::enveloped) continue;
        auto found = trust::verify(part.bytes, *profile, verify_options(passage));
        if (found.valid) {
            passage.verifications.push_back(std::move(found));
            return {};
        }
        const Error& why = found.errors.front();
        if (why.code == trust::codes::signature_missing) continue;  // that one must be there is the schema's matter
        if (!first || is_other_profile(*first)) first = why;
    }
    return first ? Result<void>(*first) : Result<void>();
}

const std::string& base_of(const plugin::Format& format) {
    return format.base.empty() ? format.id : format.base;
}

/// A base and its profiles look alike: what the sender says decides, then what it may send, then whose agency it is.
const plugin::Format& as_sent(const Passage& passage, const plugin::Format& found) {
    std::vector<std::string> ids = passage.sender->formats;
    if (!passage.submission.format.empty()) ids = {passage.submission.format};
    return passage.with.registry->among(found, ids, passage.sender->authority, format_iso(passage.received));
}

Result<void> find_format(Passage& passage) {
    for (const Part& part : passage.parts) {
        const auto found = passage.with.registry->detect(part.bytes);
        if (!found) return found.error();
        const plugin::Format* format = &as_sent(passage, **found);
        // Of profiles that only a mark told apart, what they have in common.
        if (passage.format != nullptr && format != passage.format && base_of(*format) == base_of(*passage.format)) {
            const plugin::Format* common = passage.with.registry->find(base_of(*format));
            if (common != nullptr) passage.format = format = common;
        }
        if (passage.format != nullptr && format != passage.format) {
            return Error{codes::format_differs, fmt::format("documents of {} and {} in one message", passage.format->id, format->id)};
        }
        passage.format = format;
    }
    if (passage.format == nullptr) return Error{envelope::codes::empty, "no document in it"};
    const std::string& id = passage.format->id;
    if (!passage.submission.format.empty() && passage.submission.format != id) {
        return Error{codes::format_differs, fmt::format("the message is {}, the sender said {}", id, passage.submission.format)};
    }
    // Signals belong to the frame: who may use it may send them.
    const auto& allowed = passage.sender->formats;
    if (!allowed.empty() && !is_signal(passage) && std::ranges::find(allowed, id) == allowed.end()) {
        return Error{codes::format_not_allowed, fmt::format("agency '{}' may not send {}", passage.sender->id, id)};
    }
    return {};
}

Result<void> verify_parts(Passage& passage) {
    for (Part& part : passage.parts) {
        if (part.verified) {
            if (const auto inner = verify_inner(passage, part); !inner) return inner;
            continue;
        }
        if (!trust::looks_signed(part.bytes)) {
            if (passage.sender->unsigned_allowed && passage.submission.test) continue;
            return Error{codes::signature_missing, fmt::format("{} must be signed with {}", passage.format->id, passage.format->signature)};
        }
        const auto verified = verify_enveloped(passage, part);
        if (!verified) return verified;
    }
    return {};
}

/// Who names a signal in the frame brings the signal's document: nothing else comes without a signature.
Result<void> check_signal(const Passage& passage) {
    const auto& rules = passage.frame->rules;
    const std::string_view action = envelope::last_part(passage.frame_headers.at("ActionID"));
    const std::string& wanted = action == envelope::last_part(rules.refused.action) ? rules.refused.format : rules.failed.format;
    if (passage.format->id == wanted) return {};
    return Error{codes::format_differs, fmt::format("'{}' holds {}, not {}", action, passage.format->id, wanted)};
}

}  // namespace

Result<void> admit(Passage& passage) {
    const Submission& submission = passage.submission;
    passage.sender = passage.with.directory->agency(submission.agency);
    if (passage.sender == nullptr) return Error{codes::unknown_agency, fmt::format("'{}'", submission.agency)};
    if (submission.bytes.size() > passage.sender->message_bytes_max) {
        return Error{codes::message_too_large, fmt::format("{} bytes, the limit is {}", submission.bytes.size(), passage.sender->message_bytes_max)};
    }
    const std::uint32_t max = passage.sender->messages_per_minute_max;
    if (max != 0 && !quotas().take(passage.sender->id, max, passage.received_ms)) {
        return Error{codes::quota, fmt::format("more than {} messages a minute", max)};
    }
    return {};
}

Result<void> open(Passage& passage) {
    if (const auto taken = take(passage, passage.submission.bytes, false, 0); !taken) return taken;
    if (const auto known = check_action(passage); !known) return known;
    if (notice_of(passage)) return {};
    if (const auto known = find_format(passage); !known) return known;
    return is_signal(passage) ? check_signal(passage) : verify_parts(passage);
}

}  // namespace hansa::exchange
