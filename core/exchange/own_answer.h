// Answers of the gateway itself: what a service has to say of a message, in the format that its sender is answered in.
//
// They take the way of any answer (relations, render): completed from the question, written in what answers the
// question's format or in the sender's `answer-format`, signed with that format's profile, in the sender's frame. They
// are recorded as answers to the message that they speak of.
//
// Internal to the exchange.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/exchange/gateway.h"
#include "core/pivot/document.h"

namespace hansa::exchange {

/// One thing that is wrong with the question.
struct Reason {
    std::string text;
    std::string place = {};  ///< in the question's pivot document; empty: nowhere in it
};

struct OwnAnswer {
    const journal::Message& received;    ///< the question, as its sender sent it
    const pivot::Document& question;     ///< and which of its documents
    std::string_view name;               ///< of this answer among all: the same gives the same references
    std::vector<Reason> reasons;         ///< why it is refused; at least one
    std::string status, status_list;     ///< the authority's own code for it, or empty
    std::int64_t at_ms = 0;
};

/// A refusal (function 03) in the pivot's words.
pivot::Document refusal_document(const OwnAnswer& answer);

/// Adds message, bodies and delivery of the answer to a group; without places where it cannot be written with them. Errors (nothing was added): exchange.format-needed where
/// the sender has no format of answers, exchange.question-unknown where it is gone, those of render()
Result<void> add_own_answer(journal::Journal& journal, const Surroundings& with, const OwnAnswer& answer, journal::Group& into);

}  // namespace hansa::exchange
