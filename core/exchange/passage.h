// What one message has become so far, on its way through the stages.
//
// Internal to the exchange: gateway.cpp calls the stages in order, each fills its part and none
// reaches back. A Passage lives as long as one accept().
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/exchange/gateway.h"
#include "core/exchange/translation.h"
#include "core/trust/verify.h"

namespace hansa::exchange {

/// One document's bytes inside of the message, and what is read of them.
struct Part {
    std::string bytes;   ///< as received; places are counted in them
    std::string octets;  ///< what a signature covers; the bytes where none is demanded
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
    std::vector<pivot::Document> documents;  ///< that stand in it
    mapping::Ledger ledger;
    std::vector<mapping::Alias> aliases;
    std::vector<journal::Reference> references;  ///< by which the receiver will name it
    std::string plan;
    std::string difference;  ///< between the two engines, in words; empty: none was seen
    std::string other;       ///< then: what the fast way made; `bytes` are the reference's
};

/// The question that an incoming answer speaks of.
struct Question {
    journal::Message sent;      ///< what the answering agency got from us
    journal::Message received;  ///< what that was made of
    pivot::Document document;   ///< of the question
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
    const plugin::Format* format = nullptr;
    std::vector<trust::Verification> verifications = {};
    std::vector<pivot::Document> documents = {};
    std::vector<std::vector<std::string>> references = {};  ///< of each document, as its table names them
    std::vector<std::vector<mapping::SourceLeaf>> leaves = {};  ///< of each document
    mapping::Ledger reading_ledger = {};
    std::vector<Error> warnings = {};
    std::size_t reading_warnings = 0;  ///< how many of them the reading gave
    std::vector<std::optional<Question>> questions = {};  ///< of each document that is an answer
    std::string base_id = {};                             ///< the message that is amended or cancelled
    std::vector<Outgoing> outgoing = {};
};

// The stages, in order. Each returns the refusal, if any.

/// Who sends, how much, how often, what. Errors: exchange.unknown-agency, -message-too-large, -quota
Result<void> admit(Passage& passage);
/// Takes wrappers off, verifies, finds the format. Errors: envelope.*, trust.*, plugin.*,
/// exchange.signature-missing, -wrong-agency, -format-differs, -format-not-allowed
Result<void> open(Passage& passage);
/// Validates and maps to the pivot. Errors: xml.*, schema.*, mapping.*, pivot.*, envelope.empty
Result<void> map(Passage& passage);
/// New, change, cancellation, answer: finds what a document speaks of.
/// Errors: exchange.base-unknown, -question-unknown
Result<void> relate(Passage& passage);
/// Finds receivers, writes, signs. Errors: exchange.no-route, -test-on-production, -no-signer, mapping.*
Result<void> render(Passage& passage);
/// All of it as one group of the journal, and the receipt. Errors: journal.*, exchange.duplicate-*
Result<Acceptance> record(Passage& passage);
/// The answer that the same key with the same bytes got before.
Result<Acceptance> repeat(Passage& passage);
/// A refusal of a known agency's message, for the files.
void record_refusal(Passage& passage, const Error& why);

// Shared between stages.

/// The value of the first field at a pivot path, or empty.
std::string field_of(const pivot::Node& root, std::string_view path);
/// Schemes and values by which others may name a document.
std::vector<std::pair<std::string, std::string>> references_in(const pivot::Document& document);
/// What stands behind an alias that the sender of this message was given in a message of ours; empty: it was given none.
std::string value_behind(Passage& passage, std::string_view alias);
/// Envelope values and settings of an agency for a format; variables ($message-id, ...) filled in.
mapping::Context context_of(const Passage& passage, const Agency& agency, const plugin::Format& format,
                            std::string_view message_id);

}  // namespace hansa::exchange
