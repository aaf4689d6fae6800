// Conversations: messages in frames that name each other, and the signals between them.
//
// A frame whose rules say `conversation` (envelope::FrameRules) carries three correlations. An answer names the message
// that it answers and its conversation in the frame, and the document that it answers in its own text: all three must
// lead to the same message that this gateway has sent. What goes back to the sender of a message is addressed by that
// message's own frame: to whom it was from, the same conversation, the action's last part another one.
//
// Signals are messages about a message. `received` and `accepted` are recorded beside what they speak of, and the wait
// for an answer goes on; `refused` and `failed` are answers of their format and end it. Of our own accord we send
// `accepted` with the acceptance of a document, `refused` where a document is not taken, `failed` where the frame is at
// fault; to agencies that have an address. Signals are not signed: who brings them is known by the transport.
//
// Internal to the exchange. Sources: formats page of the Eurasian union, section 3.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/exchange/passage.h"

namespace hansa::exchange {

/// What the outermost frame around recorded bytes says; empty where there is none.
envelope::Headers frame_headers(const Surroundings& with, std::string_view bytes);

/// Headers of what goes out for an order in the receiver's frame. `answered`: the incoming message that it answers.
/// Errors: those of the journal
Result<envelope::Headers> headers_for(const Passage& passage, const envelope::Frame& frame, const Agency& receiver,
                                      const Route* route, std::string_view id, const journal::Message* answered);

/// Is the message one of the frame's signals that nothing is made of (received, accepted)? Its name for people then.
std::optional<std::string> notice_of(const Passage& passage);
/// Errors: exchange.signal-unknown where the frame's action is a signal's by its name, and none of its platform's
Result<void> check_action(const Passage& passage);
/// Is it a signal at all? Such a message needs no signature, and is not answered by another signal.
bool is_signal(const Passage& passage);

/// The message that was sent to this sender and that the frame names. Nothing: the frame names none.
/// Errors: exchange.question-unknown, exchange.correlation-differs (another conversation)
Result<std::optional<journal::Message>> named_by_frame(Passage& passage);
/// Does the answer's document name what the frame names? Errors: exchange.correlation-differs
Result<void> check_document_correlation(Passage& passage, const journal::Message& sent, const Facts& answer);

/// Records a notice beside the message that it speaks of. Errors: as named_by_frame; journal.*
Result<Acceptance> record_notice(Passage& passage, const std::string& what);

/// The same document in a message with another id: its acceptance then, and its sender gets the signal again.
/// Errors: exchange.duplicate-document for another document of that id; journal.*
Result<std::optional<Acceptance>> repeated_document(Passage& passage);
/// Key and digest by which that is known; nothing where the frame has no such rule.
std::optional<journal::IdempotencyKey> document_key(const Passage& passage);

/// The signal that the sender gets; added to a group, with its delivery. `why`: nothing for an acceptance.
void add_signal(Passage& passage, const Error* why, journal::Group& group);

/// The receipt and the outgoing messages of an earlier acceptance.
Result<Acceptance> earlier_answer(journal::Journal& journal, const std::string& id);

}  // namespace hansa::exchange
