#include "core/exchange/disclosure_desk.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/digest.h"
#include "core/base/ids.h"
#include "core/base/log.h"
#include "core/disclosure/codes.h"
#include "core/exchange/codes.h"
#include "core/exchange/facts.h"
#include "core/exchange/kept_documents.h"
#include "core/exchange/switched.h"
#include "core/exchange/verification_report.h"

namespace hansa::exchange {
namespace {

using disclosure::Evidence;
using disclosure::KeptConsent;
using disclosure::Opened;
namespace reasons = disclosure::codes;

/// A subject's certificate chains to the folder for subjects; where there is none, the agency signs for them.
Result<Opened> opened(const Surroundings& with, const Agency& agency, std::string_view bytes, Diagnostics& faults) {
    trust::VerifyOptions how;
    how.trust = with.keys->consent_trust(agency.id);
    const bool agency_signs = how.trust == nullptr;
    if (agency_signs) how.trust = with.keys->trust(agency.id);
    auto found = disclosure::open_consent(*with.registry, bytes, how, faults);
    if (!found) return found;
    const auto& allowed = agency.signer_digests;
    const std::string& signer = found->verification.signer.fingerprint;
    if (agency_signs && !allowed.empty() && std::ranges::find(allowed, signer) == allowed.end())
        return Error{codes::wrong_agency, fmt::format("signed by '{}', which is not a signer of agency '{}'", found->verification.signer.subject, agency.id)};
    return found;
}

journal::Group lodged_group(const Agency& agency, const DisclosureDesk::Lodging& lodging, const std::string& id, bool withdrawal) {
    journal::Group out;
    out.at_ms = lodging.now_ms;
    journal::Message message;
    message.id = id;
    message.direction = journal::Direction::in;
    message.agency_from = agency.id;
    message.format = withdrawal ? disclosure::withdrawal_format : disclosure::consent_format;
    message.transport = lodging.transport;
    message.digest = sha256_hex(lodging.bytes);
    message.received_ms = lodging.now_ms;
    out.messages.push_back(std::move(message));
    journal::NewBody body;
    body.message_id = id;
    body.kind = journal::BodyKind::received;
    body.bytes = lodging.bytes;
    out.bodies.push_back(std::move(body));
    return out;
}

/// The journal keeps the document itself; its id is that of the message. Gives the id of the first time.
Result<std::string> keep_document(journal::Journal& journal, const Agency& agency, const DisclosureDesk::Lodging& lodging, const Opened& found) {
    const auto* consent = std::get_if<disclosure::Consent>(&found.document);
    const std::string id = message_id();
    journal::Group group = lodged_group(agency, lodging, id, consent == nullptr);
    group.keys.push_back({agency.id, "consent " + sha256_hex(lodging.bytes), sha256_hex(lodging.bytes), id});
    journal::NewBody report;
    report.message_id = id;
    report.kind = journal::BodyKind::verification;
    report.bytes = verification_json(found.verification);
    group.bodies.push_back(std::move(report));
    group.transitions.push_back({id, journal::State::accepted, {}, {}});
    const auto done = journal.commit(std::move(group));
    if (!done) return done.error();
    return done->earlier_message_id ? *done->earlier_message_id : id;
}

/// For the files; the refusal itself is what the agency hears.
void keep_refusal(journal::Journal& journal, const Agency& agency, const DisclosureDesk::Lodging& lodging, const Error& why) {
    const std::string id = message_id();
    journal::Group group = lodged_group(agency, lodging, id, false);
    // What is over the limit is named by its digest only.
    if (lodging.bytes.size() > disclosure::consent_bytes_max) group.bodies.clear();
    group.transitions.push_back({id, journal::State::refused, std::string(why.code.name()), why.text()});
    const auto done = journal.commit(std::move(group));
    if (!done) log::error(fmt::format("the refusal of a consent of {} could not be recorded: {}", agency.id, done.error().text()));
}

Result<DisclosureDesk::Lodged> lodge_consent(disclosure::Store& store, journal::Journal& journal, const Agency& agency, const DisclosureDesk::Lodging& lodging, const Opened& found) {
    const auto& consent = std::get<disclosure::Consent>(found.document);
    KeptConsent kept;
    kept.agency = agency.id;
    kept.reference = consent.reference;
    kept.place = consent.subject.place;
    kept.subject = store.subject_key(consent.subject.scheme, consent.subject.identity);
    kept.terms = consent.terms;
    kept.digest = sha256_hex(lodging.bytes);
    kept.signer = found.verification.signer.fingerprint;
    kept.lodged_ms = lodging.now_ms;
    const auto before = store.consent_of(agency.id, consent.reference);
    if (before && !equal_in_constant_time(before->digest, kept.digest)) return Error{reasons::reference_used, fmt::format("'{}'", consent.reference)};
    if (!before && before.error().code != reasons::consent_unknown) return before.error();
    auto id = keep_document(journal, agency, lodging, found);
    if (!id) return id.error();
    kept.id = *std::move(id);
    auto done = store.lodge(kept);
    if (!done) return done.error();
    return DisclosureDesk::Lodged{*std::move(done), false};
}

Result<DisclosureDesk::Lodged> lodge_withdrawal(disclosure::Store& store, journal::Journal& journal, const Agency& agency, const DisclosureDesk::Lodging& lodging, const Opened& found) {
    const auto& withdrawal = std::get<disclosure::Withdrawal>(found.document);
    const auto consent = store.consent_of(agency.id, withdrawal.reference);
    if (!consent) return consent.error();
    const std::string subject = store.subject_key(withdrawal.subject.scheme, withdrawal.subject.identity);
    if (withdrawal.subject.place != consent->place || !equal_in_constant_time(subject, consent->subject)) return Error{reasons::subject_differs, {}};
    if (const auto kept = keep_document(journal, agency, lodging, found); !kept) return kept.error();
    const auto done = store.withdraw({consent->id, sha256_hex(lodging.bytes), found.verification.signer.fingerprint, lodging.now_ms});
    if (!done) return done.error();
    return DisclosureDesk::Lodged{consent->id, true};
}

struct FoundDocument {
    std::string message;
    std::size_t number = 0;  ///< in the message, from 0
    pivot::Document document;
};

bool named(const pivot::Document& document, std::string_view reference) {
    const Facts facts = facts_of(document, {}, {});
    return std::ranges::any_of(facts.references, [&](const auto& one) { return one.second == reference; });
}

bool counts(const journal::Message& message, const KeptConsent& consent) {
    const bool sent = message.direction == journal::Direction::in && message.agency_from == consent.agency && !message.test;
    return sent && message.kind == pivot::kind_name(consent.terms.fields.kind()) && message.state != journal::State::refused && message.state != journal::State::received;
}

/// The newest document of the reference that the subject's agency has sent and that is the subject's.
/// Errors: disclosure.document-unknown, -subject-differs, -route-off
Result<FoundDocument> find_document(journal::Journal& journal, const Surroundings& with, const KeptConsent& consent, std::string_view reference, disclosure::Store& store) {
    const auto references = journal.find_reference(consent.agency, "", reference);
    if (!references) return references.error();
    const Switched disclosed(*with.directory, journal, disclosing);
    Error why{reasons::document_unknown, {}};
    std::vector<std::string> seen;
    for (const journal::Reference& one : *references) {
        if (std::ranges::find(seen, one.message_id) != seen.end()) continue;
        seen.push_back(one.message_id);
        const auto message = journal.message(one.message_id);
        if (!message || !counts(*message, consent)) continue;
        auto documents = kept_documents(journal, with, *message);
        if (!documents) continue;  // its bytes are not kept any more
        for (std::size_t i = 0; i < documents->size(); ++i) {
            pivot::Document& document = (*documents)[i];
            if (!named(document, reference)) continue;
            const auto hers = disclosure::check_subject(document, consent.place, store.is_subject(consent.subject));
            const auto on = disclosed.is(*message, document);
            if (!on) return on.error();
            if (hers && *on) return FoundDocument{message->id, i, std::move(document)};
            why = hers ? Error{reasons::route_off, {}} : hers.error();
        }
    }
    return why;
}

/// What the asker hears of a refusal.
Error as_told(const Error& why) {
    if (why.code == reasons::recipient_differs) return Error{reasons::consent_unknown, {}};
    if (why.code == reasons::subject_differs || why.code == reasons::route_off) return Error{reasons::document_unknown, {}};
    return why;
}

}  // namespace

Result<DisclosureDesk::Lodged> DisclosureDesk::lodge(journal::Journal& journal, const Surroundings& with, const Agency& agency, const Lodging& lodging, Diagnostics& faults) {
    const auto done = [&]() -> Result<Lodged> {
        if (!Switched::anywhere(*with.directory, agency, disclosing)) return Error{reasons::not_switched_on, fmt::format("agency '{}' lodges no consents", agency.id)};
        const auto found = opened(with, agency, lodging.bytes, faults);
        if (!found) return found.error();
        const std::lock_guard lock(lodging_);
        const bool consent = std::holds_alternative<disclosure::Consent>(found->document);
        return (consent ? &lodge_consent : &lodge_withdrawal)(*store_, journal, agency, lodging, *found);
    }();
    if (done) log::info(fmt::format("consent {} of {} {}", done->consent, agency.id, done->withdrawal ? "withdrawn" : "lodged"));
    else keep_refusal(journal, agency, lodging, done.error());
    return done;
}

Result<DisclosureDesk::Disclosed> DisclosureDesk::disclose(journal::Journal& journal, const Surroundings& with, const Agency& asker, const Asked& asked) {
    Evidence evidence;
    evidence.at_ms = asked.now_ms;
    evidence.recipient = asker.id;
    evidence.consent = asked.consent;
    evidence.purpose = asked.purpose;
    evidence.reference = asked.reference;
    Disclosed out;
    const auto answered = [&]() -> Result<void> {
        if (!asker.receives_disclosures) return Error{reasons::not_switched_on, fmt::format("agency '{}' gets no disclosures", asker.id)};
        const auto consent = store_->consent(asked.consent);
        if (!consent) return consent.error();
        evidence.agency = consent->agency;
        evidence.subject = consent->subject;
        evidence.fields = consent->terms.fields.paths();
        if (const auto good = disclosure::judge(consent->terms, consent->withdrawn_ms.has_value(), {asker.id, asked.purpose, asked.now_ms}); !good) return good;
        const auto found = find_document(journal, with, *consent, asked.reference, *store_);
        if (!found) return found.error();
        out.bytes = disclosure::project(found->document, consent->terms.fields).json();
        out.digest = sha256_hex(out.bytes);
        evidence.message = found->message;
        evidence.document = static_cast<std::int64_t>(found->number) + 1;
        evidence.digest = out.digest;
        return store_->record(evidence);
    }();
    if (answered) return out;
    evidence.digest.clear();
    evidence.code = answered.error().code.name();
    // A refusal that cannot be recorded is our trouble, and told as such.
    if (const auto kept = store_->record(evidence); !kept) return kept.error();
    log::info(fmt::format("disclosure to {} refused: {}", asker.id, evidence.code));
    return as_told(answered.error());
}

}  // namespace hansa::exchange
