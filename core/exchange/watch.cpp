// The watch over the fast way: what was compared, what differed, what was left to the reference.
#include <fmt/format.h>

#include "core/base/log.h"
#include "core/exchange/codes.h"
#include "core/exchange/passage.h"

namespace hansa::exchange {

void leave(const Passage& passage, const std::string& why) {
    if (passage.fast != nullptr) passage.fast->fast().left(why);
}

void note_compared(Passage& passage) {
    if (passage.compared) return;
    passage.compared = true;
    ++passage.fast->counts()->compared;
}

void note_difference(Passage& passage, const std::string& words) {
    if (passage.difference.empty()) ++passage.fast->counts()->differed;
    passage.difference += (passage.difference.empty() ? "" : "; ") + words;
    log::error(fmt::format("message {}, {}: {}: {}", passage.id, passage.format == nullptr ? "" : passage.format->id,
                           codes::engines_differ.name(), words));
}

Error settled(Passage& passage, const Error& refusal) {
    if (passage.fast == nullptr || passage.facts.empty() || passage.has_documents) return refusal;
    // A plan that was done has proved nothing of a message that is refused for its routes.
    const auto made = need_documents(passage);
    return made ? refusal : made.error();
}

}  // namespace hansa::exchange
