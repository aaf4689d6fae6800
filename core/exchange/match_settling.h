// What follows from a match, in the journal: deliveries that were held go out or are buried, and the sender of what is
// refused gets an answer in its own format.
//
// Each ending (core/matching/ending.h) is one group of the journal with a key of its own: all of it is recorded, or
// nothing; and when the same ending comes again, because the process was killed before it could be struck off, the
// journal knows the key and nothing happens twice.
//
//     matched     what waits for nothing else goes out, in the order in which it came
//     replaced    what was held for the document waits for the one that stands for it now
//     withdrawn   a document that was still held is buried, and so is the message that withdraws it; one that has gone
//                 out already is withdrawn at its receivers, too
//     refused, expired, unfit
//                 what was held for the document is buried with the code; its sender gets an answer
//
// A received message whose last held delivery is dealt with goes on: to `queued` where something goes out, or went out with
// other documents, else to `refused`, so that its sender may send it anew under the same number. While a document of it waits to
// go out with others (gathering.h), it stays `held`, and who lets that one go moves it.
//
// Internal to the exchange. Threads: one at a time.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/exchange/gateway.h"
#include "core/matching/matcher.h"

namespace hansa::exchange {

class Accounts;  // core/exchange/balance_desk.h

/// The caller's number of a document: its message's place in the journal, and its own in the message.
matching::Number document_number(std::int64_t message_number, std::size_t document);

/// Does a document of a held message wait for something else than a match? Empty: nothing else holds documents here.
using HeldElsewhere = std::function<Result<bool>(const journal::Message&)>;

class MatchSettling {
public:
    /// `table` must outlive it.
    MatchSettling(journal::Journal& journal, std::function<Surroundings()> surroundings, const matching::MatchTable& table, HeldElsewhere held_elsewhere = {})
        : journal_(journal), surroundings_(std::move(surroundings)), table_(table), held_elsewhere_(std::move(held_elsewhere)) {}

    /// A document of the journal. Errors: exchange.question-unknown (it is gone), those of reading it
    Result<pivot::Document> document(matching::Number number) const;

    /// Records all that follows. Errors: those of the journal; the ending is then still open
    Result<void> settle(std::span<const matching::Ending> endings, std::int64_t now_ms);

    /// The same for a received message that is held and cannot be read again: all of its documents are unfit.
    Result<void> settle_unreadable(const journal::Message& message, std::int64_t now_ms);
    /// ... or one of whose documents is no lead of the table any more.
    Result<void> settle_foreign(const journal::Message& message, std::size_t document, std::int64_t now_ms);

private:
    struct Work;
    Result<bool> settle_held(const journal::Message& message, std::size_t document, const Error& why, std::int64_t now_ms);
    void take_back(Accounts& accounts, const std::string& message, std::size_t document) const;
    Result<journal::Message> message_of(matching::Number number) const;
    Result<std::vector<matching::Finding>> findings(const matching::Ending& ending) const;

    journal::Journal& journal_;
    std::function<Surroundings()> surroundings_;
    const matching::MatchTable& table_;
    HeldElsewhere held_elsewhere_;
};

}  // namespace hansa::exchange
