// What an answer need not repeat of its question, and the asker's own format asks for.
//
// The gateway completes the answers that it passes on, and its own; `hansa translate --question` does the same.
//
// Threads: any.
#pragma once

#include <string>
#include <vector>

#include "core/pivot/document.h"

namespace hansa::exchange {

/// The question's document whose reference the answer names; the first one if none does. `documents` is not empty.
pivot::Document question_named(std::vector<pivot::Document> documents, const std::string& reference);

/// Puts the sender's own reference back into an answer and fills in what it need not repeat of its question.
void complete_answer(pivot::Document& answer, const pivot::Document& question);

}  // namespace hansa::exchange
