// What one message has become so far, on its way through the stages.
//
// Internal to the exchange: gateway.cpp calls the stages in order, each fills its part and none
// reaches back. A Passage lives as long as one accept().
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/envelope/frame.h"
#include "core/exchange/facts.h"
#include "core/exchange/gateway.h"
#include "core/exchange/translation.h"
#include "core/trust/verify.h"

namespace hansa::exchange {

/// One document's bytes inside of the message, and what is read of them.
struct Part {
    std::string bytes;                            ///< as received; places are counted in them
    std::optional<std::string> covered = {};      ///< what a signature inside covers
    /// The bytes may be read as they came: a signature inside of them covers all but itself, and that was seen on these
    /// very bytes (trust::FastVerifier).
    bool as_received = true;
    bool verified = false;   ///< it lay in what a signature covers
    FastRead read = {};  ///< by the compiled reader, where the fast way works

    std::string_view octets() const { return covered ? *covered : std::string_view(bytes); }
};

/// A message that is made of the incoming one.
struct Outgoing {
    std::string id;
    const Route* route = nullptr;     ///< nullptr: an answer to its question's sender
    const Agency* receiver = nullptr;
    const plugin::Format* format = nullptr;
    std::string profile;
    Purpose purpose = Purpose::copy;
    std::string bytes;                ///< signed, as they will be sent
    std::vector<std::size_t> documents;  ///< that stand in it: their numbers in the message
    mapping::Ledger ledger;
    std::vector<mapping::Alias> aliases;
    std::vector<journal::Reference> references;  ///< by which the receiver will name it
    std::string plan;
    std::string difference;  ///< between the two engines, in words; empty: none was seen
    std::string other;       ///< then: what the fast way made; `bytes` are the reference's
    std::vector<std::string> waits;  ///< by which it is held: holding.h
};

/// How the journal and receipts call what a regulator gets; it is no format of a plugin.
inline constexpr std::string_view regulator_copy_format = "hansa.fields";

/// Fields of some of the documents for a regulator, as a table of its authority says.
struct RegulatorCopy {
    std::string id;
    const Agency* receiver = nullptr;
    std::string role;
    std::string rows;                    ///< ids, apart by spaces
    std::string bytes;                   ///< as they will be sent
    std::vector<std::size_t> documents;  ///< their numbers in the message
};

/// The question that an incoming answer speaks of.
struct Question {
    journal::Message sent;      ///< what the answering agency got from us
    journal::Message received;  ///< what that was made of
    pivot::Document document;   ///< of the question
};

/// A rule that warns and did not hold, for the receipt.
struct RuleWarning {
    std::string rule;
    std::size_t document = 0;  ///< from 0
    std::string path;          ///< the sender's own element; empty: none fed the place
    std::string text;
};

/// A table of matches that holds deliveries of the message, or one of consolidation by which its documents are gathered.
struct Wait {
    std::string table;
    std::int64_t until_ms = 0;
    bool gathers = false;
};

/// A document that goes out with others: gathering.h.
struct Gathered {
    const Route* route = nullptr;
    std::size_t document = 0;  ///< its number in the message
    std::string other = {};    ///< house_name of the waiting document that it changes or takes out; empty: it is a new one
    bool takes_out = false;
};

struct Passage {
    const Submission& submission;
    Surroundings with;
    journal::Journal& journal;
    Diagnostics& faults;

    std::string id = {};
    std::string digest = {};
    DateTime received = {};
    std::int64_t received_ms = 0;
    const Agency* sender = nullptr;

    std::vector<Part> parts = {};
    const envelope::Frame* frame = nullptr;  ///< the outermost frame that the message came in
    envelope::Headers frame_headers = {};    ///< what it says
    const plugin::Format* format = nullptr;
    std::vector<trust::Verification> verifications = {};
    std::vector<Facts> facts = {};            ///< of each document
    std::vector<std::string> asked = {};      ///< pivot fields that routes ask for: those in Facts::asked
    bool has_documents = false;               ///< the reference has read the message: what follows is filled
    std::optional<Error> unreadable = {};     ///< ... and refused it
    std::vector<pivot::Document> documents = {};
    std::vector<std::vector<mapping::SourceLeaf>> leaves = {};  ///< of each document
    mapping::Ledger reading_ledger = {};
    std::vector<Error> warnings = {};
    std::vector<RuleWarning> rule_warnings = {};
    bool booked = false;  ///< balances were asked: to be settled or undone
    const Engines* fast = nullptr;  ///< nothing: the reference way alone
    bool watched = false;           ///< both ways do the message
    bool compared = false;
    std::string difference = {};    ///< between the two ways, in words
    std::vector<std::optional<Question>> questions = {};  ///< of each document that is an answer
    std::string base_id = {};                             ///< the message that is amended or cancelled
    std::vector<Outgoing> outgoing = {};
    std::vector<RegulatorCopy> copies = {};
    std::vector<Wait> waits = {};
    std::vector<Gathered> gathered = {};
    std::vector<Outgoing> masters = {};       ///< that its documents change (mastering.h)
    journal::Group extra = {};                ///< ... and what is recorded of them with it
    std::unique_lock<std::mutex> fates = {};  ///< held from reading those until all is recorded
    bool scattered = false;  ///< answers to gathered documents: `documents` is what each of those is told (scattering.h)
};

// The stages, in order. Each returns the refusal, if any.

/// Who sends, how much, how often, what. Errors: exchange.unknown-agency, -message-too-large, -quota
Result<void> admit(Passage& passage);
/// Takes wrappers off, verifies, finds the format. Errors: envelope.*, trust.*, plugin.*,
/// exchange.signature-missing, -wrong-agency, -format-differs, -format-not-allowed
Result<void> open(Passage& passage);
/// Validates and maps to the pivot. Errors: xml.*, schema.*, mapping.*, pivot.*, envelope.empty
Result<void> map(Passage& passage);
/// Asks the numbered rules that the sender's configuration switches on. Errors: rules.refused, rules.set-unknown, those of map()
Result<void> check(Passage& passage);
/// New, change, cancellation, answer: finds what a document speaks of.
/// Errors: exchange.base-unknown, -question-unknown
Result<void> relate(Passage& passage);
/// Reserves what the documents take from balances that the sender's configuration switches on; settled or undone by a Reservation.
/// Errors: balances.*, those of map()
Result<void> book(Passage& passage);
/// Finds receivers, writes, signs. Errors: exchange.no-route, -test-on-production, -no-signer, mapping.*
Result<void> render(Passage& passage);
/// Fields for regulators, where the sender's configuration names some. Errors: exchange.no-signer, trust.*, those of map()
Result<void> copy_to_regulators(Passage& passage);
/// Holds deliveries of a document that others must arrive for. Errors: matching.table-unknown
Result<void> hold(Passage& passage);
/// All of it as one group of the journal, and the receipt. Errors: journal.*, exchange.duplicate-*
Result<Acceptance> record(Passage& passage);
/// The answer that the same key with the same bytes got before.
Result<Acceptance> repeat(Passage& passage);
/// A refusal of a known agency's message, for the files.
void record_refusal(Passage& passage, const Error& why);

/// What a message has booked goes when this goes, unless it was kept: the message is in the journal.
class Reservation {
public:
    explicit Reservation(const Passage& passage) : passage_(passage) {}
    ~Reservation();
    Reservation(const Reservation&) = delete;
    Reservation& operator=(const Reservation&) = delete;
    void keep();

private:
    const Passage& passage_;
    bool kept_ = false;
};

// Shared between stages.

/// Makes the pivot documents, for whom facts are not enough; nothing where they are made. Errors: as map()
Result<void> need_documents(Passage& passage);
/// The accepted message of this sender that the document changes or cancels. Errors: exchange.base-unknown
Result<std::string> find_base(Passage& passage, const Facts& document);
/// Renders the answer of the gateway itself that `documents` holds, for the question's sender and in what answers the
/// question's format; the passage's format is then that one. Errors: exchange.format-needed, those of render()
Result<void> render_own_answer(Passage& passage, const Question& question);
/// Routes that take the document, by its number; of an answer: none.
std::vector<const Route*> routes_of(const Passage& passage, std::size_t document);
/// Renders the documents for the route's receiver, the reference way; the passage's format is that of their sources. Errors: those of render()
Result<void> render_for_route(Passage& passage, const Route& route);
/// Adds an outgoing message with its bodies and its delivery to a group, as made of the passage's message.
void add_outgoing(journal::Group& group, const Passage& passage, const Outgoing& outgoing);
/// What the fast way left unseen is looked at before a message is refused: the refusal is the reference's.
Error settled(Passage& passage, const Error& refusal);
/// Where the fast way works: the message is left to the reference, for a reason that a metric tells.
void leave(const Passage& passage, const std::string& why);
/// Both ways have done something of this message.
void note_compared(Passage& passage);
/// ... and differ: counted once a message, logged, kept in the journal.
void note_difference(Passage& passage, const std::string& words);
/// What stands behind an alias that the sender of this message was given in a message of ours; empty: it was given none.
std::string value_behind(Passage& passage, std::string_view alias);
/// Envelope values and settings of an agency for a format; variables ($message-id, ...) filled in.
mapping::Context context_of(const Passage& passage, const Agency& agency, const plugin::Format& format,
                            std::string_view message_id);

}  // namespace hansa::exchange
