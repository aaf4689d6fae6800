// The answer to a master, as answers to the documents that were gathered into it: each sender is told of its own items.
//
// Internal to the exchange: a part of the stage relate. A message that answers no master stays as it is.
#pragma once

#include "core/exchange/passage.h"

namespace hansa::exchange {

/// Puts in the place of each answer to a master one for each document in it, with that document as its question. The
/// master's own references stay those of the first.
/// Errors: consolidation.*, exchange.question-unknown (a document in it is not kept any more)
Result<void> scatter(Passage& passage);

}  // namespace hansa::exchange
