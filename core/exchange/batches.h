// A batch whose documents are messages of their own: what is refused of it does not stop the rest.
//
// An agency is configured so (Agency::batches_apart). A hansa.batch of its then is only a way to hand over many messages
// at once: each document is accepted or refused, journalled, answered and repeated as if it had come alone. Documents
// without a signature of their own are refused like any other.
//
//     if (const auto documents = apart_documents(gateway, submission)) {
//         const auto parts = accept_apart(gateway, submission, *documents);
//         ...
//     }
//
// Threads: any, as Gateway.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/exchange/gateway.h"

namespace hansa::exchange {

/// What became of one document.
struct PartAnswer {
    Result<Acceptance> answer;
    Diagnostics faults;
};

/// The documents of a batch that goes apart, as slices of the submission's bytes. Nothing: it is a message like others,
/// or a batch that cannot be read, which Gateway::accept refuses.
std::optional<std::vector<std::string_view>> apart_documents(const Gateway& gateway, const Submission& submission);

/// Each document by itself, in order. An idempotency key is the batch's: its documents' are made of it and their number.
std::vector<PartAnswer> accept_apart(Gateway& gateway, const Submission& submission, const std::vector<std::string_view>& documents);

/// The trouble of the gateway itself that a document met, if one did: the batch is to be handed over again, and gives the
/// same answer for what was accepted.
std::optional<Error> own_trouble(const std::vector<PartAnswer>& parts);
bool all_accepted(const std::vector<PartAnswer>& parts);
bool any_accepted(const std::vector<PartAnswer>& parts);

/// {"documents": [{"document": 1, "message": ID, "receipt": XML}, {"document": 2, "problem": ...}]}; `repeated` stands
/// with those that were accepted before, `receipt` is missing where retention has dropped it. `problem` gives JSON.
std::string answers_json(const std::vector<PartAnswer>& parts, const std::function<std::string(const PartAnswer&)>& problem);

}  // namespace hansa::exchange
