// Consents are lodged here, and disclosures asked for and answered.
//
// The subject's agency lodges a consent or a withdrawal (core/disclosure/consent.h): the bytes go into the journal as a
// message of it, the terms into the store. A recipient then asks for a document under the consent; the answer holds exactly
// the consented fields of a document that the same agency has sent and whose subject is the consent's. Whatever is answered is
// evidence in the store before it leaves; without evidence nothing leaves.
//
//     DisclosureDesk desk(store);
//     auto lodged = desk.lodge(journal, with, agency, {bytes, "https", now}, faults);
//     auto answer = desk.disclose(journal, with, bank, {"LIST-1", lodged->consent, "payment-check", now});
//
// Threads: any.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "core/base/error.h"
#include "core/disclosure/store.h"
#include "core/exchange/gateway.h"

namespace hansa::exchange {

class DisclosureDesk {
public:
    explicit DisclosureDesk(std::unique_ptr<disclosure::Store> store) : store_(std::move(store)) {}

    struct Lodging {
        std::string_view bytes;
        std::string_view transport;  ///< for the history
        std::int64_t now_ms = 0;
    };
    struct Lodged {
        std::string consent;      ///< id
        bool withdrawal = false;  ///< ... which is now withdrawn
    };
    /// Durable when it returns; a refusal is in the journal, too. The same bytes again give the same id.
    /// Errors: disclosure.not-switched-on, -reference-used, -consent-unknown and -subject-differs (of a withdrawal), those of
    ///         open_consent(); exchange.wrong-agency; journal.*
    Result<Lodged> lodge(journal::Journal& journal, const Surroundings& with, const Agency& agency, const Lodging& lodging, Diagnostics& faults);

    struct Asked {
        std::string reference;  ///< of the document: any name under which the journal knows it
        std::string consent, purpose;
        std::int64_t now_ms = 0;
    };
    struct Disclosed {
        std::string bytes;   ///< Projection::json()
        std::string digest;  ///< their SHA-256, hex
    };
    /// What a stranger may not know is told as less: a consent for another recipient is unknown, a document of another
    /// subject, or of a route that is not disclosed (switched.h), is unknown. The evidence has the true reason.
    /// Errors: disclosure.not-switched-on, -consent-unknown, -withdrawn, -purpose-differs, -too-early, -expired, -document-unknown; journal.*
    Result<Disclosed> disclose(journal::Journal& journal, const Surroundings& with, const Agency& asker, const Asked& asked);

    disclosure::Store& store() { return *store_; }

private:
    std::unique_ptr<disclosure::Store> store_;
    std::mutex lodging_;  ///< a reference is looked up and taken by one at a time
};

}  // namespace hansa::exchange
