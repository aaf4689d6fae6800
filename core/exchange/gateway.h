// The pipeline: receive -> admit -> unwrap -> read -> verify -> map -> check -> route -> render ->
// sign -> record -> deliver -> receipt. One direction; a stage gives the message to the next.
//
// `accept` returns after the journal is durable: what it answers with a receipt is never lost, and
// the same idempotency key with the same bytes gets the same answer again. Nothing but the state
// "received"/"refused" is recorded before the sender's signature is good.
//
// Thread rule: all functions from any thread. Deliveries run on threads of the Outbox (outbox.h).
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/envelope/frame.h"
#include "core/exchange/directory.h"
#include "core/exchange/engines.h"
#include "core/exchange/keyring.h"
#include "core/journal/journal.h"
#include "core/plugin/registry.h"

namespace hansa::disclosure {
class RegulatorBook;  // core/disclosure/regulator_table.h
}

namespace hansa::consolidation {
class ConsolidationBook;  // core/consolidation/book.h
}

namespace hansa::exchange {

class BalanceDesk;     // core/exchange/balance_desk.h
class DisclosureDesk;  // core/exchange/disclosure_desk.h
class MatchDesk;       // core/exchange/match_desk.h
struct RetentionCounts;  // core/exchange/retention.h
class RuleDesk;        // core/exchange/rule_desk.h
class TraceDesk;       // core/exchange/trace_desk.h
class WaitingCounts;   // core/exchange/waiting_counts.h

/// What a transport hands over: bytes exactly as they came, and who sent them.
struct Submission {
    std::string agency;           ///< authenticated agency id
    std::string bytes;
    std::string idempotency_key;  ///< may be empty: the digest then stands for it
    std::string format;           ///< format the sender names, or empty
    bool test = false;
    std::string transport;        ///< "https", "folder": for the history
};

/// The signed acknowledgement to the sender.
struct Acceptance {
    std::string message_id;
    std::string format;     ///< id of the message's format; empty for an earlier answer
    bool repeated = false;  ///< an earlier answer, given again
    std::string receipt;    ///< signed XML, urn:hansa:receipt:1
    bool receipt_dropped = false;  ///< an earlier answer whose receipt retention has taken: there is none
    std::vector<std::string> sent_ids;  ///< outgoing messages made of it
};

/// Everything the pipeline works with; replaced whole on reload.
struct Surroundings {
    std::shared_ptr<const Directory> directory;
    std::shared_ptr<const plugin::Registry> registry;
    std::shared_ptr<const Keyring> keys;  ///< the gateway's own
    std::shared_ptr<const Engines> engines = nullptr;  ///< nothing: the reference way alone
    std::shared_ptr<const RuleDesk> rules = nullptr;   ///< nothing: no rules are asked
    std::shared_ptr<DisclosureDesk> disclosures = nullptr;                          ///< nothing: no consents are taken
    std::shared_ptr<const disclosure::RegulatorBook> regulators = nullptr;          ///< nothing: no copies for regulators
    std::shared_ptr<const MatchDesk> matches = nullptr;  ///< nothing: no delivery is held
    std::shared_ptr<const TraceDesk> trace = nullptr;  ///< nothing: no timelines are kept
    std::shared_ptr<const BalanceDesk> balances = nullptr;  ///< nothing: nothing is booked
    std::shared_ptr<const consolidation::ConsolidationBook> consolidations = nullptr;  ///< nothing: routes that gather take no document
    std::shared_ptr<RetentionCounts> dropped = nullptr;  ///< nothing: nobody asks what retention has dropped
    std::shared_ptr<WaitingCounts> waiting = nullptr;  ///< nothing: nobody asks how many documents wait
    std::shared_ptr<const std::vector<envelope::Frame>> frames = nullptr;  ///< nothing: the gateway finds those of the registry
    std::shared_ptr<std::mutex> fates = nullptr;  ///< held by who moves received messages (fate.h); nothing: the gateway has one
};

class Gateway {
public:
    Gateway(Surroundings surroundings, journal::Journal& journal);
    ~Gateway();

    /// The whole way up to the durable journal. A refusal is an Error (journalled as refused);
    /// all that was found stands in `faults`.
    Result<Acceptance> accept(const Submission& submission, Diagnostics& faults);

    /// A message that a known agency sent and that was too large to be read: journalled as refused, without
    /// its bytes and their digest.
    void refuse_unread(const Submission& submission, const Error& why);

    /// Later messages use the new surroundings; those under way finish with the old.
    void reload(Surroundings surroundings);
    Surroundings surroundings() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace hansa::exchange
