// The pivot documents of a message in the journal.
//
// A message that the reference way has read has them in its body "pivot". One that took the fast way never had
// them: its body is a recipe, and they are made again from the bytes as received by whoever asks.
//
// Threads: any.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/exchange/gateway.h"
#include "core/pivot/document.h"

namespace hansa::exchange {

struct Recipe {
    std::string message_id;  ///< of the received message that is read
    std::string tables;      ///< digest of its mapping at that time
    std::vector<std::size_t> documents;  ///< which of its documents, from 0
};

/// A time of the journal, in UTC with milliseconds.
DateTime moment_of(std::int64_t milliseconds);

/// A received message by its place in the journal.
/// Errors: exchange.question-unknown
Result<journal::Message> message_numbered(journal::Journal& journal, std::int64_t number);

/// {"read_again": {"message": ..., "tables": ..., "documents": [0]}}
std::string recipe_json(const Recipe& recipe);

/// Cost of a recipe: the reference's reading.
/// Errors: journal.body-dropped (retention took the bytes), exchange.question-unknown (it never had any), base.internal,
/// those of reading the message
Result<std::vector<pivot::Document>> kept_documents(journal::Journal& journal, const Surroundings& with,
                                                    const journal::Message& message);

/// The body's documents as JSON for evidence: itself, or what its recipe makes by the same tables. By other
/// tables it would be another document: then the recipe stands for itself.
std::string evidence_of_pivot(journal::Journal& journal, const Surroundings& with, std::string body);

}  // namespace hansa::exchange
