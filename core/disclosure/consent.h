// Consents: who lets whom see which fields of its documents, for what, from when to when.
//
// A consent is a document of its own (schemas/hansa/consent-1.xsd) with an enveloped signature:
//
//     <consent xmlns="urn:hansa:consent:1">
//       <reference>C-2026-0001</reference>
//       <subject place="GoodsShipment/Buyer/AdditionalDocument/ID">000000190001010000</subject>
//       <recipient>bank</recipient> <purpose>payment-check</purpose> <kind>declaration</kind>
//       <field>InvoiceAmount</field> <field>InvoiceAmount/@currencyID</field>
//       <from>2026-11-01T00:00:00Z</from> <to>2027-11-01T00:00:00Z</to>
//       <ds:Signature>...</ds:Signature>
//     </consent>
//
// What is read are the octets that the signature covers. A withdrawal is such a document, too, and names the reference.
// The subject of a document is who stands at `place`: each party that is there must have the identity, so that a document
// of several subjects is nobody's.
//
// Threads: any.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "core/disclosure/projection.h"
#include "core/plugin/registry.h"
#include "core/trust/verify.h"

namespace hansa::disclosure {

inline constexpr std::string_view consent_format = "hansa.consent";
inline constexpr std::string_view withdrawal_format = "hansa.withdrawal";
inline constexpr std::size_t consent_bytes_max = 512 * 1024;
inline constexpr std::int64_t period_ms_max = std::int64_t{10} * 366 * 86'400'000;

struct Subject {
    std::string place;     ///< pivot path of the identity: GoodsShipment/Buyer/ID
    std::string scheme;    ///< schemeID there; empty: none
    std::string identity;  ///< in clear: never kept, never told in an error
};

struct Terms {
    std::string recipient, purpose;
    FieldSet fields;
    std::int64_t from_ms = 0, to_ms = 0;  ///< from <= now < to
};

struct Consent {
    std::string reference;
    Subject subject;
    Terms terms;
};

struct Withdrawal {
    std::string reference;
    Subject subject;
};

struct Opened {
    std::variant<Consent, Withdrawal> document;
    trust::Verification verification;
};

/// Verifies, validates, reads and checks. Every fault goes to `faults` with its line in the bytes; the result is the first.
/// Errors: trust.*, xml.*, schema.*, plugin.format-unknown; disclosure.malformed, -field-*, -subject-place-refused, -bad-period
Result<Opened> open_consent(const plugin::Registry& registry, std::string_view bytes, const trust::VerifyOptions& how, Diagnostics& faults);

/// The document without its signature, as it is signed then.
std::string write_consent(const Consent& consent);
std::string write_withdrawal(const Withdrawal& withdrawal);

/// May the subject's identity stand at this place of the kind? The number of a party, or of a party's identity document.
/// Errors: disclosure.field-*, -subject-place-refused
Result<void> check_subject_place(pivot::Kind kind, std::string_view place);

/// Who asks for what, when.
struct Question {
    std::string_view recipient, purpose;
    std::int64_t now_ms = 0;
};

/// Does the consent hold for the question? `withdrawn`: the subject has taken it back.
/// Errors: disclosure.recipient-differs, -withdrawn, -purpose-differs, -too-early, -expired; in this order
Result<void> judge(const Terms& terms, bool withdrawn, const Question& question);

/// Tells whether a number with its scheme is the subject's; compares in constant time.
using IsSubject = std::function<bool(std::string_view scheme, std::string_view identity)>;

/// Is the document that of the subject whose identity stands at `place`? Errors: disclosure.subject-differs
Result<void> check_subject(const pivot::Document& document, std::string_view place, const IsSubject& is_subject);

}  // namespace hansa::disclosure
