// Consents that were lodged, and the evidence of every disclosure and every refusal, on disk.
//
// SQLite, durable before a call returns. Rows are added, never changed (triggers refuse it): a withdrawal is a row, too. Each
// row has a seal; those of the evidence are chained, so that a changed, missing or added row shows. Identities of subjects lie
// here only as keyed digests under the store's own random key.
//
// Threads: any; calls take turns.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/disclosure/consent.h"

namespace hansa::disclosure {

/// A consent as it is kept: without the identity.
struct KeptConsent {
    std::string id;         ///< 26 characters
    std::string agency;     ///< that lodged it: the subject's
    std::string reference;  ///< the subject's own
    std::string place;      ///< of the identity in a document
    std::string subject;    ///< keyed digest of scheme and identity, 16 bytes
    Terms terms;
    std::string digest;     ///< SHA-256 of the bytes as received, hex
    std::string signer;     ///< SHA-256 of the certificate, hex
    std::int64_t lodged_ms = 0;
    std::optional<std::int64_t> withdrawn_ms;  ///< filled by reads
};

struct KeptWithdrawal {
    std::string consent;  ///< id
    std::string digest, signer;
    std::int64_t at_ms = 0;
};

/// What was answered to one question.
struct Evidence {
    std::int64_t number = 0;  ///< filled by reads; from 1
    std::int64_t at_ms = 0;
    std::string recipient;    ///< who asked
    std::string agency;       ///< the subject's; empty: the consent is unknown
    std::string consent;      ///< id as asked
    std::string purpose;
    std::string reference;    ///< of the document, as asked
    std::string subject;      ///< keyed digest; empty: the consent is unknown
    std::vector<std::string> fields;  ///< of the consent
    std::string message;      ///< whose document was disclosed; empty: none
    std::int64_t document = 0;  ///< its number in the message, from 1; 0: none
    std::string digest;       ///< SHA-256 of the bytes that left, hex; empty: a refusal
    std::string code;         ///< of a refusal; empty: disclosed
};

/// Which evidence. Empty fields do not narrow.
struct EvidenceFilter {
    std::string agency, subject, recipient, consent;
    std::int64_t after = 0;  ///< only with greater numbers: the last of the page before
    std::size_t count_max = 100;  ///< at most 1,000
};

class Store {
public:
    /// Errors: journal.cannot-open and the like; disclosure.store-version
    static Result<std::unique_ptr<Store>> open(const std::filesystem::path& path);
    ~Store();

    /// The keyed digest under which a subject is kept.
    std::string subject_key(std::string_view scheme, std::string_view identity);
    /// For check_subject(): compares keyed digests in constant time. The store must outlive it.
    IsSubject is_subject(std::string key);

    /// The same bytes of the same agency again: nothing is added, the id of the first is given.
    /// Errors: disclosure.reference-used
    Result<std::string> lodge(const KeptConsent& consent);
    /// A second one changes nothing. Errors: disclosure.consent-unknown
    Result<void> withdraw(const KeptWithdrawal& withdrawal);
    /// Errors: disclosure.consent-unknown, -store-damaged
    Result<KeptConsent> consent(std::string_view id);
    Result<KeptConsent> consent_of(std::string_view agency, std::string_view reference);
    /// Oldest first, at most 1,000. Empty: of all agencies.
    Result<std::vector<KeptConsent>> consents(std::string_view agency);

    /// Durable when it returns. A disclosure is recorded only while its consent is not withdrawn.
    /// Errors: disclosure.withdrawn, -consent-unknown
    Result<void> record(const Evidence& evidence);
    /// Oldest first. Errors: disclosure.store-damaged
    Result<std::vector<Evidence>> evidence(const EvidenceFilter& filter);

    /// Reads all: seals and their chain. Returns the rows read. Errors: disclosure.store-damaged
    Result<std::uint64_t> verify();

private:
    struct State;
    explicit Store(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace hansa::disclosure
